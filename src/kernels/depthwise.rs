//! Depthwise convolutions on channels-last features: each channel by itself.

use pulp::{Arch, Simd, WithSimd};

use super::conv::{Channels, OUTSIDE, Taps};

/// `output = bias + depthwise convolution(input)` over as many images as `output` holds.
pub struct Depthwise<'a> {
    /// What the windows see.
    pub taps: &'a Taps,
    /// `[taps, channels]`.
    pub weights: &'a [f32],
    /// `[channels]`.
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
    /// Where sizes do not agree.
    pub fn run(self) {
        Arch::new().dispatch(self);
    }
}

impl WithSimd for Depthwise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let channels = self.from.count;
        for (position, output) in self.output.chunks_exact_mut(channels).enumerate() {
            output.copy_from_slice(self.bias);
            let (offsets, image) = self.taps.window(position);
            for (&offset, weights) in offsets.iter().zip(self.weights.chunks_exact(channels)) {
                if offset != OUTSIDE {
                    let row = self.from.row(self.input, image + offset as usize);
                    multiply_add(simd, output, row, weights);
                }
            }
        }
    }
}

/// `output += row * weights`, value by value.
#[inline(always)]
fn multiply_add<S: Simd>(simd: S, output: &mut [f32], row: &[f32], weights: &[f32]) {
    let (output, output_rest) = S::as_mut_simd_f32s(output);
    let (row, row_rest) = S::as_simd_f32s(row);
    let (weights, weights_rest) = S::as_simd_f32s(weights);
    for ((output, &row), &weight) in output.iter_mut().zip(row).zip(weights) {
        *output = simd.mul_add_e_f32s(row, weight, *output);
    }
    for ((output, row), weight) in output_rest.iter_mut().zip(row_rest).zip(weights_rest) {
        *output += row * weight;
    }
}
