//! Depthwise convolutions on channels-last features: each channel is convolved separately.

use pulp::{Arch, Simd, WithSimd};

use super::conv::{Channels, OUTSIDE, Taps};

/// `output = bias + depthwise convolution(input)` over as many images as `output` holds.
pub struct Depthwise<'a> {
    /// The input pixels of each window.
    pub taps: &'a Taps,
    /// Weights, `[taps, channels]`.
    pub weights: &'a [f32],
    /// Bias, `[channels]`.
    pub bias: &'a [f32],
    /// Features `[n, pixels in, width]`.
    pub input: &'a [f32],
    /// The channels that are read.
    pub from: Channels,
    /// Features `[n, pixels out, channels]`.
    pub output: &'a mut [f32],
}

impl Depthwise<'_> {
    /// Computes the output.
    ///
    /// # Panics
    /// If the lengths of the slices do not fit the taps and channels.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = self.from.count;
        let (bias, bias_rest) = S::as_simd_f32s(self.bias);
        for (position, output) in self.output.chunks_exact_mut(channels).enumerate() {
            let taps = || {
                let (offsets, image) = self.taps.window(position);
                let taps = offsets.iter().zip(self.weights.chunks_exact(channels));
                taps.filter(|&(&offset, _)| offset != OUTSIDE)
                    .map(move |(&offset, weights)| {
                        (self.from.row(self.input, image + offset as usize), weights)
                    })
            };
            let (output, output_rest) = S::as_mut_simd_f32s(output);
            let (blocks, singles) = output.as_chunks_mut::<BLOCK>();
            let single = blocks.len() * BLOCK;
            for (block, output) in blocks.iter_mut().enumerate() {
                *output = sums(simd, block * BLOCK, bias, taps());
            }
            for (vector, output) in singles.iter_mut().enumerate() {
                [*output] = sums(simd, single + vector, bias, taps());
            }
            if !output_rest.is_empty() {
                let mut sum = simd.partial_load_f32s(bias_rest);
                for (row, weights) in taps() {
                    let row = simd.partial_load_f32s(S::as_simd_f32s(row).1);
                    let weights = simd.partial_load_f32s(S::as_simd_f32s(weights).1);
                    sum = simd.mul_add_e_f32s(row, weights, sum);
                }
                simd.partial_store_f32s(output_rest, sum);
            }
        }
    }
}

/// Number of registers of channels that are summed at a time.
const BLOCK: usize = 3;

/// The sum of `bias` and the products of inputs and weights, for the registers from `first` on.
/// `taps` gives the inputs and the weights of each tap.
#[inline(always)]
fn sums<'a, S: Simd, const COUNT: usize>(
    simd: S,
    first: usize,
    bias: &[S::f32s],
    taps: impl Iterator<Item = (&'a [f32], &'a [f32])>,
) -> [S::f32s; COUNT] {
    let mut sums = std::array::from_fn(|vector| bias[first + vector]);
    for (row, weights) in taps {
        let row = &S::as_simd_f32s(row).0[first..][..COUNT];
        let weights = &S::as_simd_f32s(weights).0[first..][..COUNT];
        for (sum, (&row, &weight)) in sums.iter_mut().zip(row.iter().zip(weights)) {
            *sum = simd.mul_add_e_f32s(row, weight, *sum);
        }
    }
    sums
}
