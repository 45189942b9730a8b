//! What the network is made of, fused and written out for the CPU: convolutions, normalisation,
//! activation and pooling on channels-last features, by SIMD that is chosen at run time.
//!
//! Plain Burn computes the same on every backend, and is what the tests compare with.

pub mod buffers;
pub mod conv;
pub mod depthwise;
#[cfg(feature = "training")]
pub mod gradient;
#[cfg(feature = "training")]
pub mod norm;
pub mod pool;
pub mod winograd;
