//! The networks and their weights.

#[cfg(feature = "training")]
pub mod backprop;
pub mod facenet;
pub mod fused;
pub mod inception;
pub mod mesh;
mod plan;
pub mod residual;
pub(crate) mod stored;
pub(crate) mod tflite;
pub mod weights;

#[cfg(feature = "training")]
pub(crate) use facenet::normalise;

pub use facenet::{CROP_SIZE, FaceNet, FaceNetConfig, Preset};
pub use tflite::ConvertedWeightsError;
