//! The gradient of a convolution with respect to its weights.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::conv::{Channels, OUTSIDE, STEP, Taps, panels};

/// Adds the gradient with respect to the weights to `gradient`, `[taps, inputs, outputs]`.
pub struct WeightGradient<'a> {
    /// The input pixels of each window.
    pub taps: &'a Taps,
    /// The input features of the forward pass, `[n, pixels in, width]`.
    pub input: &'a [f32],
    /// The channels that were read.
    pub from: Channels,
    /// The gradient with respect to the output, `[n, pixels out, outputs]`.
    pub output_gradient: &'a [f32],
    /// Number of output channels.
    pub outputs: usize,
    /// The gradient to which the result is added, `[taps, inputs, outputs]`.
    pub gradient: &'a mut [f32],
}

impl WeightGradient<'_> {
    /// Computes and adds the gradient.
    ///
    /// # Panics
    /// If the lengths of the slices do not fit the taps and channels.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }

    /// Adds the products over all pixels of `images`; `panel` holds their output gradients.
    #[inline(always)]
    fn panel<S: Simd, const INPUTS: usize, const VECTORS: usize>(
        &mut self,
        simd: S,
        first: usize,
        images: &Range<usize>,
        panel: &[S::f32s],
    ) {
        let inputs = self.from.count;
        for tap in 0..self.taps.count {
            let mut input = 0;
            while input < inputs {
                let start = input.min(inputs - INPUTS);
                let sums = self.block::<S, INPUTS, VECTORS>(simd, tap, start, images, panel);
                // The last block overlaps the previous one; its first rows were added already.
                for (i, sums) in sums.iter().enumerate().skip(input - start) {
                    let row = (tap * inputs + start + i) * self.outputs;
                    let gradient = &mut self.gradient[row..][..self.outputs][first..];
                    add(simd, gradient, sums);
                }
                input = start + INPUTS;
            }
        }
    }

    /// The gradient with respect to the weights of `tap`, for `INPUTS` inputs from `start` on.
    #[inline(always)]
    fn block<S: Simd, const INPUTS: usize, const VECTORS: usize>(
        &self,
        simd: S,
        tap: usize,
        start: usize,
        images: &Range<usize>,
        panel: &[S::f32s],
    ) -> [[S::f32s; VECTORS]; INPUTS] {
        let (taps, width) = (self.taps.count, self.from.width);
        let mut sums = [[simd.splat_f32s(0.0); VECTORS]; INPUTS];
        let (mut panel, _) = panel.as_chunks::<VECTORS>();
        for image in images.clone() {
            let (gradients, after) = panel.split_at(self.taps.pixels_out);
            panel = after;
            let input =
                &self.input[image * self.taps.pixels_in * width + self.from.first + start..];
            let (steps, rest) = gradients.as_chunks::<STEP>();
            for (step, gradients) in steps.iter().enumerate() {
                let mut values = [&[0.0; INPUTS]; STEP];
                for (i, value) in values.iter_mut().enumerate() {
                    let offset = self.taps.offsets[(step * STEP + i) * taps + tap];
                    if offset != OUTSIDE {
                        *value = input[offset as usize * width..]
                            .first_chunk()
                            .expect("inside");
                    }
                }
                sums = outer(simd, values, gradients, sums);
            }
            for (i, gradients) in rest.iter().enumerate() {
                let offset = self.taps.offsets[(steps.len() * STEP + i) * taps + tap];
                if offset != OUTSIDE {
                    let values = input[offset as usize * width..]
                        .first_chunk()
                        .expect("inside");
                    sums = outer(simd, [values], &[*gradients], sums);
                }
            }
        }
        sums
    }
}

/// `sums` plus the outer products of values and gradients, over all pixels.
#[inline(always)]
fn outer<S: Simd, const PIXELS: usize, const INPUTS: usize, const VECTORS: usize>(
    simd: S,
    values: [&[f32; INPUTS]; PIXELS],
    gradients: &[[S::f32s; VECTORS]; PIXELS],
    mut sums: [[S::f32s; VECTORS]; INPUTS],
) -> [[S::f32s; VECTORS]; INPUTS] {
    for pixel in 0..PIXELS {
        for i in 0..INPUTS {
            let value = simd.splat_f32s(values[pixel][i]);
            for v in 0..VECTORS {
                sums[i][v] = simd.mul_add_e_f32s(value, gradients[pixel][v], sums[i][v]);
            }
        }
    }
    sums
}

/// Adds registers to `row`; the last register may be partly used.
#[inline(always)]
fn add<S: Simd, const VECTORS: usize>(simd: S, row: &mut [f32], sums: &[S::f32s; VECTORS]) {
    let (whole, rest) = S::as_mut_simd_f32s(row);
    for (v, &sum) in sums.iter().enumerate() {
        if let Some(out) = whole.get_mut(v) {
            *out = simd.add_f32s(*out, sum);
        } else if v == whole.len() {
            let sum = simd.add_f32s(simd.partial_load_f32s(rest), sum);
            simd.partial_store_f32s(rest, sum);
        }
    }
}

impl WithSimd for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        /// Fewest pixels that are summed before the sum is added to the gradient. Small images are
        /// summed together.
        const PIXELS: usize = 400;
        let (pixels, outputs) = (self.taps.pixels_out, self.outputs);
        let images = self.output_gradient.len() / (pixels * outputs);
        let group = PIXELS.div_ceil(pixels);
        let mut laid_out = Vec::new();
        for start in (0..images).step_by(group) {
            let images = start..images.min(start + group);
            let count = images.len() * pixels;
            lay_out(
                &self.output_gradient[start * pixels * outputs..][..count * outputs],
                outputs,
                S::F32_LANES,
                &mut laid_out,
            );
            let (mut rest, _) = S::as_simd_f32s(&laid_out);
            for (first, vectors) in panels(outputs, S::F32_LANES) {
                let (panel, after) = rest.split_at(count * vectors);
                rest = after;
                match (self.from.count, vectors) {
                    (1..4, 1) => self.panel::<S, 1, 1>(simd, first, &images, panel),
                    (1..4, 2) => self.panel::<S, 1, 2>(simd, first, &images, panel),
                    (1..4, _) => self.panel::<S, 1, 3>(simd, first, &images, panel),
                    (4..8, 1) => self.panel::<S, 4, 1>(simd, first, &images, panel),
                    (_, 1) => self.panel::<S, 8, 1>(simd, first, &images, panel),
                    (_, 2) => self.panel::<S, 4, 2>(simd, first, &images, panel),
                    _ => self.panel::<S, 4, 3>(simd, first, &images, panel),
                }
            }
        }
    }
}

/// Copies `[pixels, outputs]` into panels, one after another, in the layout of packed weights.
#[inline(always)]
fn lay_out(gradients: &[f32], outputs: usize, lanes: usize, to: &mut Vec<f32>) {
    to.clear();
    for (first, vectors) in panels(outputs, lanes) {
        let covered = (vectors * lanes).min(outputs - first);
        for row in gradients.chunks_exact(outputs) {
            to.extend_from_slice(&row[first..first + covered]);
            to.resize(to.len() + vectors * lanes - covered, 0.0);
        }
    }
}
