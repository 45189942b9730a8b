//! Face detection: the detector's network (BlazeFace), its anchors, and the decoding of its output.

mod anchors;
pub mod decode;
mod detection;
mod detector;
mod fused;
pub mod letterbox;
pub mod network;
mod plausibility;

pub use detection::{Detection, Landmarks};
pub use detector::Detector;
