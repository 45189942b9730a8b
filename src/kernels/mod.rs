//! Fused CPU kernels for the networks' layers: convolutions, normalisation, activation and pooling
//! on channels-last features. The SIMD instruction set is chosen at run time.
//!
//! Plain Burn computes the same on every backend; the tests compare the kernels with it.

pub mod buffers;
pub mod conv;
pub mod depthwise;
#[cfg(feature = "training")]
pub mod gradient;
pub mod linear;
#[cfg(feature = "training")]
pub mod norm;
pub mod pool;
pub mod winograd;

/// The logistic function: a logit to a share in `[0, 1]`.
pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
