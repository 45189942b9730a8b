//! Faces in an image: brought onto a template, and measured.

pub mod align;
pub mod gate;
pub mod mesh;
pub mod quality;

use serde::{Deserialize, Serialize};

use crate::detect::{Detection, Detector, Landmarks};
use crate::error::Error;
use crate::geometry::Rect;
use crate::image::RgbImage;
pub use quality::{Quality, QualityIssue};

/// A face that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Face {
    /// Where it is.
    pub bounds: Rect,
    /// How sure the detector is, in `[0, 1]`.
    pub score: f32,
    /// Its key points.
    pub landmarks: Landmarks,
    /// Whether it can be relied upon.
    pub quality: Quality,
}

impl Face {
    /// The face that `detection` found in `image`; `None` where its landmarks coincide.
    pub fn measure(image: &RgbImage, detection: Detection) -> Option<Self> {
        let quality = quality::measure(image, &detection)?;
        Some(Self {
            bounds: detection.bounds,
            score: detection.score,
            landmarks: detection.landmarks,
            quality,
        })
    }

    /// Its aligned 112x112 crop, cut out of the `image` in which it was found.
    ///
    /// # Errors
    /// [`Error::Landmarks`] where its landmarks coincide or are not numbers.
    pub fn crop(&self, image: &RgbImage) -> Result<RgbImage, Error> {
        let transform = align::to_template(&self.landmarks).ok_or(Error::Landmarks)?;
        Ok(align::crop(image, &transform))
    }
}

/// The faces in a photo, the largest and most central first.
///
/// # Errors
/// [`Error::Backend`] where the device fails.
pub async fn find(detector: &Detector, photo: &RgbImage) -> Result<Vec<Face>, Error> {
    Ok(measured(photo, detector.detect(photo).await?))
}

/// The faces in one frame of a camera, the largest and most central first: quicker than [`find`], and
/// for upright faces that are not small.
///
/// # Errors
/// [`Error::Backend`] where the device fails.
pub async fn find_in_frame(detector: &Detector, frame: &RgbImage) -> Result<Vec<Face>, Error> {
    Ok(measured(frame, detector.detect_in_frame(frame).await?))
}

fn measured(image: &RgbImage, detections: Vec<Detection>) -> Vec<Face> {
    let detections = detections.into_iter();
    let mut faces: Vec<Face> = detections
        .filter_map(|detection| Face::measure(image, detection))
        .collect();
    faces.sort_by(|a, b| prominence(b, image).total_cmp(&prominence(a, image)));
    faces
}

/// Large and near the middle first.
fn prominence(face: &Face, image: &RgbImage) -> f32 {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let dx = (face.bounds.x + face.bounds.width / 2.0) / width - 0.5;
    let dy = (face.bounds.y + face.bounds.height / 2.0) / height - 0.5;
    face.bounds.area() * (1.0 - dx.hypot(dy).min(0.9))
}
