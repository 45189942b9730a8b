//! Faces in an image: alignment, quality and mesh.

pub mod align;
pub mod gate;
pub mod mesh;
pub mod quality;
pub mod refine;

use serde::{Deserialize, Serialize};

use align::Similarity;

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
    /// The bounding box, in pixels of the image.
    pub bounds: Rect,
    /// The detector's confidence, in `[0, 1]`.
    pub score: f32,
    /// The landmarks, in pixels of the image.
    pub landmarks: Landmarks,
    /// The quality of the face's picture.
    pub quality: Quality,
}

impl Face {
    /// The face that `detection` found in `image`; `None` if its landmarks coincide.
    pub fn measure(image: &RgbImage, detection: Detection) -> Option<Self> {
        let quality = quality::measure(image, &detection)?;
        Some(Self {
            bounds: detection.bounds,
            score: detection.score,
            landmarks: detection.landmarks,
            quality,
        })
    }

    /// The transform from the image to the face's aligned crop.
    ///
    /// # Errors
    /// [`Error::Landmarks`] if the landmarks coincide or are not finite.
    pub fn to_crop(&self) -> Result<Similarity, Error> {
        align::to_template(&self.landmarks).ok_or(Error::Landmarks)
    }

    /// The aligned 112x112 crop of the face. `image` must be the one in which it was found.
    ///
    /// # Errors
    /// As [`Face::to_crop`].
    pub fn crop(&self, image: &RgbImage) -> Result<RgbImage, Error> {
        Ok(align::crop(image, &self.to_crop()?))
    }
}

/// The faces in a photo, the largest and most central first.
///
/// # Errors
/// [`Error::Backend`] if the device fails.
pub async fn find(detector: &Detector, photo: &RgbImage) -> Result<Vec<Face>, Error> {
    Ok(measured(photo, detector.detect(photo).await?))
}

/// The faces in one frame of a camera, the largest and most central first. Faster than [`find`],
/// but finds only upright faces that are not small.
///
/// # Errors
/// [`Error::Backend`] if the device fails.
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

/// Drops faces that are much smaller than the first one: they are people in the background.
pub(crate) fn drop_bystanders(faces: &mut Vec<Face>) {
    /// Smallest area of a face that is kept, as a share of the first face's area.
    const LEAST: f32 = 0.25;
    let least = faces.first().map_or(0.0, |face| LEAST * face.bounds.area());
    faces.retain(|face| face.bounds.area() >= least);
}

/// The key for sorting faces: large and central faces have the highest value.
fn prominence(face: &Face, image: &RgbImage) -> f32 {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let centre = face.bounds.centre();
    let (dx, dy) = (centre.x / width - 0.5, centre.y / height - 0.5);
    face.bounds.area() * (1.0 - dx.hypot(dy).min(0.9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_much_smaller_faces_are_of_bystanders() {
        let of_size = |share: f32| {
            let mut face = mesh::tests::face(0.0);
            face.bounds.width *= share;
            face.bounds.height *= share;
            face
        };
        let mut faces = [1.0, 0.6, 0.4].map(of_size).to_vec();
        drop_bystanders(&mut faces);
        assert_eq!(faces, [1.0, 0.6].map(of_size));
        drop_bystanders(&mut Vec::new());
    }
}
