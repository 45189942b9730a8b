//! The networks and their weights.

#[cfg(feature = "training")]
pub mod backprop;
#[cfg(feature = "training")]
mod balance;
pub mod cost;
#[cfg(feature = "training")]
pub mod debias;
pub mod facenet;
pub mod fused;
pub(crate) mod fused_mesh;
#[cfg(feature = "training")]
mod groups;
pub mod inception;
pub mod mesh;
mod plan;
pub mod presets;
mod quantised;
pub mod refiner;
pub mod residual;
pub(crate) mod separable;
pub(crate) mod stored;
pub(crate) mod tflite;
pub mod weights;

#[cfg(feature = "training")]
pub(crate) use facenet::normalise;

pub use facenet::{CROP_SIZE, FaceNet, FaceNetConfig};
pub use presets::Preset;
pub use tflite::ConvertedWeightsError;
