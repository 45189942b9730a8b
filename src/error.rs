//! The crate's one error type for callers across a boundary: the page and the program.

use thiserror::Error as ThisError;

use crate::face::gate::Refusal;
use crate::image::ImageError;
use crate::net::ConvertedWeightsError;
use crate::net::weights::WeightsError;

/// What can go wrong between an image and a decision.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The image could not be used.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The network's weights could not be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The detector's weights could not be used.
    #[error("the detector cannot be used: {0}")]
    Detector(ConvertedWeightsError),
    /// The face mesh's weights could not be used.
    #[error("the face mesh cannot be used: {0}")]
    Mesh(ConvertedWeightsError),
    /// The face mesh is needed and was not loaded.
    #[error("the face mesh has not been loaded")]
    NoMesh,
    /// A crop does not have the network's input size, 112x112.
    #[error("the crop has {width}x{height} pixels, not 112x112")]
    CropSize {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// A face's landmarks coincide or are not numbers.
    #[error("the face's landmarks are unusable")]
    Landmarks,
    /// Something covers so much of a face that its embedding cannot be relied on.
    #[error("something covers the face")]
    Covered,
    /// No face of the picture may be used.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The values are not 128 finite numbers, are all zero, or are missing.
    #[error("an embedding needs 128 finite numbers that are not all zero")]
    Embedding,
    /// The weights carry no calibration, so no false match rate can be stated.
    #[error("these weights carry no calibration, so no false match rate can be stated")]
    NoCalibration,
    /// The system's random number generator failed.
    #[error("no random numbers are available ({0})")]
    Random(String),
    /// There is no usable WebGPU device.
    #[error("WebGPU is not available here ({0})")]
    WebGpuUnavailable(String),
    /// The compute device failed.
    #[error("the computation failed ({0})")]
    Backend(String),
}

impl Error {
    /// A stable code, which stays the same when the message's wording changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Image(ImageError::TooLarge { .. } | ImageError::FileTooLarge(_)) => {
                "image-too-large"
            }
            Self::Image(_) => "image-size",
            Self::Weights(error) => match error {
                WeightsError::Truncated { .. } => "weights-truncated",
                WeightsError::Corrupt { .. } => "weights-corrupt",
                WeightsError::Version { .. } => "weights-version",
                WeightsError::Preset { .. } => "weights-preset",
                WeightsError::Shape { .. } => "weights-shape",
            },
            Self::Detector(_) => "detector-weights",
            Self::Mesh(_) | Self::NoMesh => "mesh-weights",
            Self::CropSize { .. } => "image-size",
            Self::Landmarks => "bad-face",
            Self::Covered => "covered",
            Self::Refused(refusal) => refusal.code(),
            Self::Embedding => "bad-embedding",
            Self::NoCalibration => "no-calibration",
            Self::Random(_) => "no-random",
            Self::WebGpuUnavailable(_) => "webgpu-unavailable",
            Self::Backend(_) => "backend",
        }
    }
}
