//! Convolutions on channels-last features.
//!
//! A convolution is a matrix product of patches and weights. Patches are never copied: for each
//! output pixel, [`Taps`] lists the input pixels in its window (Dukhan, "The indirect convolution
//! algorithm", 2019). A tile of the product stays in registers until it is finished.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

/// A view of some channels of features `[n, pixels, width]`: `count` channels from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channels {
    /// Number of all channels of a pixel.
    pub width: usize,
    /// Index of the view's first channel.
    pub first: usize,
    /// Number of channels in the view.
    pub count: usize,
}

impl Channels {
    /// A view of all `count` channels.
    pub const fn all(count: usize) -> Self {
        Self {
            width: count,
            first: 0,
            count,
        }
    }

    #[inline(always)]
    pub(super) fn row<'a>(&self, features: &'a [f32], pixel: usize) -> &'a [f32] {
        &features[pixel * self.width + self.first..][..self.count]
    }

    #[inline(always)]
    pub(super) fn row_mut<'a>(&self, features: &'a mut [f32], pixel: usize) -> &'a mut [f32] {
        &mut features[pixel * self.width + self.first..][..self.count]
    }
}

/// The input pixels of each window, for every output pixel. A tap is one position in the window.
#[derive(Debug, Clone)]
pub struct Taps {
    /// `[pixels out, count]`: the index of the input pixel, or `OUTSIDE`.
    pub(super) offsets: Vec<u32>,
    /// The output pixel of each row of `offsets`.
    order: Vec<u32>,
    /// Number of taps of a window.
    pub count: usize,
    /// Number of pixels of an input image.
    pub pixels_in: usize,
    /// Number of pixels of an output image.
    pub pixels_out: usize,
}

/// The index of a tap outside the image.
pub(super) const OUTSIDE: u32 = u32::MAX;
/// The values of a tap outside the image.
pub(super) const ZEROS: [f32; MOST_INPUTS] = [0.0; MOST_INPUTS];
/// Most input channels of a convolution.
pub const MOST_INPUTS: usize = 2048;

impl Taps {
    /// The taps of a `kernel`x`kernel` window on an image of `size`x`size` pixels, padded by half a
    /// kernel.
    pub fn new(size: usize, kernel: usize, stride: usize) -> Self {
        Self::padded_by(kernel / 2, size, kernel, stride)
    }

    /// The same as [`new`](Self::new) with TensorFlow's "SAME" padding: as little as possible, and
    /// the larger half after the image.
    pub fn same(size: usize, kernel: usize, stride: usize) -> Self {
        let padding = Self::padded(size, kernel, stride).saturating_sub(size);
        Self::padded_by(padding / 2, size, kernel, stride)
    }

    fn padded_by(before: usize, size: usize, kernel: usize, stride: usize) -> Self {
        let out = size.div_ceil(stride);
        let inside = |at: usize, tap: usize| (at * stride + tap).checked_sub(before);
        let mut offsets = Vec::with_capacity(out * out * kernel * kernel);
        for (y, x) in square(out) {
            offsets.extend(
                square(kernel).map(|(ky, kx)| match (inside(y, ky), inside(x, kx)) {
                    (Some(v), Some(u)) if v < size && u < size => (v * size + u) as u32,
                    _ => OUTSIDE,
                }),
            );
        }
        Self {
            offsets,
            order: (0..(out * out) as u32).collect(),
            count: kernel * kernel,
            pixels_in: size * size,
            pixels_out: out * out,
        }
    }

    /// The transpose of [`new`](Self::new), for the backward pass: for each input pixel of the
    /// forward pass and each tap, the output pixel whose window contains it at this tap.
    pub fn transposed(size: usize, kernel: usize, stride: usize) -> Self {
        let out = size.div_ceil(stride);
        let window = |at: usize, tap: usize| {
            let at = (at + kernel / 2).checked_sub(tap)?;
            (at % stride == 0 && at / stride < out).then_some(at / stride)
        };
        // In this order, neighbours have the same taps inside the output, so the product skips the
        // other taps.
        let mut order: Vec<_> = square(size).collect();
        order.sort_by_key(|(y, x)| (y % stride, x % stride));
        let mut offsets = Vec::with_capacity(order.len() * kernel * kernel);
        for &(y, x) in &order {
            offsets.extend(
                square(kernel).map(|(ky, kx)| match (window(y, ky), window(x, kx)) {
                    (Some(v), Some(u)) => (v * out + u) as u32,
                    _ => OUTSIDE,
                }),
            );
        }
        Self {
            offsets,
            order: order.iter().map(|(y, x)| (y * size + x) as u32).collect(),
            count: kernel * kernel,
            pixels_in: out * out,
            pixels_out: size * size,
        }
    }

    /// The taps of a window on images that the caller has padded to a side of
    /// [`padded`](Self::padded). A whole row of a window is one tap with `kernel` times as many
    /// input channels.
    pub fn rows(size: usize, kernel: usize, stride: usize) -> Self {
        let (out, side) = (size.div_ceil(stride), Self::padded(size, kernel, stride));
        let mut offsets = Vec::with_capacity(out * out * kernel);
        for (y, x) in square(out) {
            offsets.extend((0..kernel).map(|tap| ((y * stride + tap) * side + x * stride) as u32));
        }
        Self {
            offsets,
            order: (0..(out * out) as u32).collect(),
            count: kernel,
            pixels_in: side * side,
            pixels_out: out * out,
        }
    }

    /// Side of an image of side `size` after padding for a `kernel`x`kernel` window.
    pub fn padded(size: usize, kernel: usize, stride: usize) -> usize {
        (size.div_ceil(stride) - 1) * stride + kernel
    }

    /// The taps of the window at `position`, counted over all images, and the index of its image's
    /// first pixel.
    #[inline(always)]
    pub(super) fn window(&self, position: usize) -> (&[u32], usize) {
        let (image, position) = self.place(position);
        (
            &self.offsets[position * self.count..][..self.count],
            image * self.pixels_in,
        )
    }

    /// The output pixel of `position`, both counted over all images.
    #[inline(always)]
    fn pixel(&self, position: usize) -> usize {
        let (image, position) = self.place(position);
        image * self.pixels_out + self.order[position] as usize
    }

    /// The image of `position`, counted over all images, and the position in it.
    #[inline(always)]
    fn place(&self, position: usize) -> (usize, usize) {
        // Usually there is one image, and a division takes as long as several multiplications.
        match position < self.pixels_out {
            true => (0, position),
            false => (position / self.pixels_out, position % self.pixels_out),
        }
    }
}

/// Rows and columns of a square, row by row.
fn square(side: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..side).flat_map(move |y| (0..side).map(move |x| (y, x)))
}

/// Weights in the order in which the product reads them: panels of up to 3 registers of outputs.
#[derive(Debug, Clone)]
pub struct Packed {
    /// Panels one after another, each `[taps * inputs, vectors * lanes]`.
    values: Vec<f32>,
    /// Number of taps of a window.
    taps: usize,
    inputs: usize,
    outputs: usize,
}

/// Number of values in a register.
pub(super) fn lanes() -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    Arch::new().dispatch(Lanes)
}

/// The panels for `outputs` outputs: the first output and the number of registers of each.
pub(super) fn panels(outputs: usize, lanes: usize) -> impl Iterator<Item = (usize, usize)> {
    let vectors = outputs.div_ceil(lanes);
    let mut next = 0;
    std::iter::from_fn(move || {
        let left = vectors - next;
        let take = match left {
            0 => return None,
            1..=3 => left,
            4 => 2,
            _ => 3,
        };
        let first = next;
        next += take;
        Some((first * lanes, take))
    })
}

impl Packed {
    /// Packs the weights `at(tap, input, output)` of shape `[taps, inputs, outputs]`.
    ///
    /// # Panics
    /// If there are more than [`MOST_INPUTS`] inputs.
    pub fn new(
        [taps, inputs, outputs]: [usize; 3],
        at: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        assert!(inputs <= MOST_INPUTS, "{inputs} inputs");
        let lanes = lanes();
        let mut values = Vec::with_capacity(taps * inputs * outputs.next_multiple_of(lanes));
        for (first, vectors) in panels(outputs, lanes) {
            for tap in 0..taps {
                for input in 0..inputs {
                    for output in first..first + vectors * lanes {
                        values.push(if output < outputs {
                            at(tap, input, output)
                        } else {
                            0.0
                        });
                    }
                }
            }
        }
        Self {
            values,
            taps,
            inputs,
            outputs,
        }
    }

    /// Weights of a 1x1 convolution that are already in packed order.
    pub(super) fn pointwise(values: Vec<f32>, inputs: usize, outputs: usize) -> Self {
        assert!(inputs <= MOST_INPUTS, "{inputs} inputs");
        Self {
            values,
            taps: 1,
            inputs,
            outputs,
        }
    }
}

/// How to compute the output from a sum of products.
#[derive(Debug, Clone, Copy)]
pub enum Finish<'a> {
    /// The sum is the output.
    Store,
    /// The sum is added to the output.
    Add,
    /// `bias` and `residual` are added to the sum, and then negative values are multiplied by
    /// `slope`.
    Activate {
        /// Added to each output channel, `[outputs]`.
        bias: &'a [f32],
        /// Slope of negative values, `[outputs]`.
        slope: &'a [f32],
        /// Features `[n, pixels out, width]`, and the channels that are added.
        residual: Option<(&'a [f32], Channels)>,
    },
}

/// What a convolution reads and writes.
pub struct Operands<'a> {
    /// Features `[n, pixels in, width]`.
    pub input: &'a [f32],
    /// The channels that are read.
    pub from: Channels,
    /// Features `[n, pixels out, width]`.
    pub output: &'a mut [f32],
    /// The channels that are written.
    pub to: Channels,
    /// How to compute the output from a sum of products.
    pub finish: Finish<'a>,
}

/// `output = finish(convolution(input))` over as many images as `output` holds.
pub struct Convolution<'a> {
    /// The input pixels of each window.
    pub taps: &'a Taps,
    /// The weights.
    pub weights: &'a Packed,
    /// Input and output.
    pub operands: Operands<'a>,
}

impl Convolution<'_> {
    /// Computes the output.
    ///
    /// # Panics
    /// If the lengths of the slices do not fit the taps and channels.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }

    #[inline(always)]
    fn panel<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        first: usize,
        weights: &[S::f32s],
    ) {
        let pixels = self.operands.output.len() / self.operands.to.width;
        let mut pixel = 0;
        while pixel < pixels {
            let mut rows = [0; ROWS];
            for (row, at) in rows.iter_mut().enumerate() {
                *at = (pixel + row).min(pixels - 1);
            }
            let sums = self.tile::<S, ROWS, VECTORS>(simd, rows, weights);
            for (row, sums) in sums.iter().enumerate().take(pixels - pixel) {
                self.store(simd, self.taps.pixel(pixel + row), first, sums);
            }
            pixel += ROWS;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        pixels: [usize; ROWS],
        weights: &[S::f32s],
    ) -> [[S::f32s; VECTORS]; ROWS] {
        let inputs = self.weights.inputs;
        let Operands { input, from, .. } = &self.operands;
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
        let mut windows = [(&[][..], 0); ROWS];
        for row in 0..ROWS {
            windows[row] = self.taps.window(pixels[row]);
        }
        for tap in 0..self.weights.taps {
            if windows.iter().all(|(offsets, _)| offsets[tap] == OUTSIDE) {
                continue;
            }
            let mut rows = [&ZEROS[..inputs]; ROWS];
            for (row, (offsets, image)) in rows.iter_mut().zip(windows) {
                if offsets[tap] != OUTSIDE {
                    *row = &from.row(input, image + offsets[tap] as usize)[..inputs];
                }
            }
            let (weights, _) =
                weights[tap * inputs * VECTORS..][..inputs * VECTORS].as_chunks::<VECTORS>();
            multiply(simd, rows, weights, &mut sums);
        }
        sums
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, simd: S, pixel: usize, first: usize, sums: &[S::f32s]) {
        let Operands {
            output, to, finish, ..
        } = &mut self.operands;
        let finish = *finish;
        let row = &mut to.row_mut(output, pixel)[first..];
        let (whole, rest) = S::as_mut_simd_f32s(row);
        for (vector, &sum) in sums.iter().enumerate() {
            let at = first + vector * S::F32_LANES;
            if let Some(out) = whole.get_mut(vector) {
                *out = finished(simd, finish, pixel, at..at + S::F32_LANES, sum, *out);
            } else if vector == whole.len() {
                let before = simd.partial_load_f32s(rest);
                let value = finished(simd, finish, pixel, at..at + rest.len(), sum, before);
                simd.partial_store_f32s(rest, value);
            }
        }
    }
}

/// Applies `finish` to the sum for the outputs `at` of a pixel; `before` is the old output.
#[inline(always)]
pub(super) fn finished<S: Simd>(
    simd: S,
    finish: Finish<'_>,
    pixel: usize,
    at: Range<usize>,
    sum: S::f32s,
    before: S::f32s,
) -> S::f32s {
    match finish {
        Finish::Store => sum,
        Finish::Add => simd.add_f32s(before, sum),
        Finish::Activate {
            bias,
            slope,
            residual,
        } => {
            let mut x = simd.add_f32s(sum, load(simd, &bias[at.clone()]));
            if let Some((features, channels)) = residual {
                let residual = &channels.row(features, pixel)[at.clone()];
                x = simd.add_f32s(x, load(simd, residual));
            }
            let slope = load(simd, &slope[at]);
            let zero = simd.splat_f32s(0.0);
            let negative = simd.min_f32s(x, zero);
            simd.mul_add_e_f32s(negative, slope, simd.max_f32s(x, zero))
        }
    }
}

/// A register with `values`, filled up with zeros.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, values: &[f32]) -> S::f32s {
    match S::as_simd_f32s(values) {
        ([value], _) => *value,
        _ => simd.partial_load_f32s(values),
    }
}

/// Inputs that are multiplied between two bounds checks. A check in the innermost loop would force
/// the sums out of the registers.
pub(super) const STEP: usize = 4;

/// Adds to `sums` the product of `rows` and `weights`.
///
/// Loops fill the arrays here and in [`Convolution::tile`], because `map` and `from_fn` are not
/// always inlined.
#[inline(always)]
fn multiply<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    rows: [&[f32]; ROWS],
    weights: &[[S::f32s; VECTORS]],
    sums: &mut [[S::f32s; VECTORS]; ROWS],
) {
    let mut local = *sums;
    let mut steps = [(&[][..], &[][..]); ROWS];
    for row in 0..ROWS {
        steps[row] = rows[row].as_chunks::<STEP>();
    }
    let (weight_steps, weight_rest) = weights.as_chunks::<STEP>();
    let count = steps.iter().fold(weight_steps.len(), |count, (steps, _)| {
        count.min(steps.len())
    });
    let mut steps_of = [&[][..]; ROWS];
    for row in 0..ROWS {
        steps_of[row] = &steps[row].0[..count];
    }
    for step in 0..count {
        let values: [&[f32; STEP]; ROWS] = steps_of.map(|steps| &steps[step]);
        let weights = &weight_steps[step];
        for k in 0..STEP {
            for row in 0..ROWS {
                let value = simd.splat_f32s(values[row][k]);
                for v in 0..VECTORS {
                    local[row][v] = simd.mul_add_e_f32s(value, weights[k][v], local[row][v]);
                }
            }
        }
    }
    for (k, weights) in weight_rest.iter().enumerate() {
        for row in 0..ROWS {
            let value = simd.splat_f32s(steps[row].1.get(k).copied().unwrap_or(0.0));
            for v in 0..VECTORS {
                local[row][v] = simd.mul_add_e_f32s(value, weights[v], local[row][v]);
            }
        }
    }
    *sums = local;
}

impl WithSimd for Convolution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let packed = self.weights;
        let (mut weights, _) = S::as_simd_f32s(&packed.values);
        for (first, vectors) in panels(packed.outputs, S::F32_LANES) {
            let (panel, rest) = weights.split_at(packed.taps * packed.inputs * vectors);
            weights = rest;
            match vectors {
                1 => self.panel::<S, 12, 1>(simd, first, panel),
                2 => self.panel::<S, 6, 2>(simd, first, panel),
                _ => self.panel::<S, 4, 3>(simd, first, panel),
            }
        }
    }
}
