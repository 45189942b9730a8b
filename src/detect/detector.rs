//! Finds faces in an image.
//!
//! One pass over the whole image finds an upright face that fills a good part of it. This is the
//! ordinary case, and the only pass for the frames of a camera. If the result of this pass is
//! uncertain, a photo is searched further: in the other three orientations, again close around each
//! candidate, and in parts.

use burn::tensor::Device;

use super::decode::{SAME_FACE_IOU, decode};
use super::detection::Detection;
use super::fused::FusedBlazeFace;
use super::letterbox::{Letterbox, Rotation};
use super::network::{ANCHORS, BOX_VALUES, BlazeFace};
use super::plausibility::{Candidate, is_face};
use crate::device::{Loaded, read};
use crate::error::Error;
use crate::geometry::Rect;
use crate::image::{RgbImage, to_tensor};

/// Parts of an image that pass through the network at a time.
const BATCH: usize = 8;

/// Side lengths of the parts that are searched, larger parts first, as shares of the image's longer
/// side.
const PARTS: [f32; 2] = [0.5, 0.25];

/// Shortest side of a part, in pixels: the side of the network's input.
const LEAST_PART: f32 = 128.0;

/// Side of the square that is searched again around a face, in multiples of the face's size.
const SURROUNDINGS: f32 = 3.0;

/// The detector's network, loaded on a device.
#[derive(Debug)]
pub struct Detector(Loaded<BlazeFace, FusedBlazeFace>);

impl Detector {
    /// Loads the detector (`blazeface.safetensors`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] if the file is unusable.
    pub fn load(weights: &[u8], device: &Device) -> Result<Self, Error> {
        let network = BlazeFace::load(weights, device).map_err(Error::Detector)?;
        Ok(Self(Loaded::new(network, device, FusedBlazeFace::new)))
    }

    /// The same detector without the CPU's fused kernels.
    pub fn without_kernels(self) -> Self {
        Self(self.0.without_kernels())
    }

    /// The faces in one frame of a camera: a single pass, for upright faces that are not small.
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub async fn detect_in_frame(&self, frame: &RgbImage) -> Result<Vec<Detection>, Error> {
        let candidates = self.pass(&[Letterbox::new(frame)]).await?;
        let detections = candidates.into_iter().map(|candidate| candidate.detection);
        Ok(detections
            .filter(|found| is_face(&found.landmarks, found.bounds.width))
            .collect())
    }

    /// The faces in a photo; also finds faces in photos that lie on their side, and small faces.
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub async fn detect(&self, photo: &RgbImage) -> Result<Vec<Detection>, Error> {
        let whole = Letterbox::new(photo);
        let mut found = self.usable(std::slice::from_ref(&whole)).await?;
        let mut rotation = Rotation::None;
        if !found.iter().any(Candidate::is_certain) {
            (found, rotation) = self.best_orientation(&whole, found).await?;
        }
        found = self.look_closer(photo, found, rotation).await?;
        if found.is_empty() {
            rotation = Rotation::None;
        }
        for share in PARTS {
            if found.iter().any(Candidate::is_large) {
                break;
            }
            let seen = self.search_parts(photo, share, rotation).await?;
            found = distinct([found, seen].concat());
            if !found.is_empty() {
                break;
            }
        }
        let detections = found.into_iter().map(|candidate| candidate.detection);
        Ok(detections.collect())
    }

    /// The candidates in the orientation with the best score. `upright` are the candidates in the
    /// photo's own orientation.
    async fn best_orientation(
        &self,
        whole: &Letterbox,
        upright: Vec<Candidate>,
    ) -> Result<(Vec<Candidate>, Rotation), Error> {
        let mut best = (upright, Rotation::None);
        for rotation in Rotation::OTHERS {
            let mut rotated = self.usable(&[whole.rotated(rotation)]).await?;
            rotated.retain(Candidate::is_certain);
            if best_score(&rotated) > best_score(&best.0) {
                best = (rotated, rotation);
            }
        }
        Ok(best)
    }

    /// The faces in parts of the photo. The side of a part is the share `share` of the photo's
    /// longer side.
    async fn search_parts(
        &self,
        photo: &RgbImage,
        share: f32,
        rotation: Rotation,
    ) -> Result<Vec<Candidate>, Error> {
        let areas = parts(photo, share).into_iter();
        let views = areas.filter_map(|area| Letterbox::part(photo, &area));
        let views: Vec<Letterbox> = views.map(|view| view.rotated(rotation)).collect();
        let seen = distinct(self.usable(&views).await?);
        self.look_closer(photo, seen, rotation).await
    }

    /// Detects again around each face that is small or uncertain, and drops faces that are not
    /// found a second time.
    async fn look_closer(
        &self,
        photo: &RgbImage,
        candidates: Vec<Candidate>,
        rotation: Rotation,
    ) -> Result<Vec<Candidate>, Error> {
        let mut kept = Vec::new();
        for candidate in candidates {
            if candidate.is_certain() && candidate.is_large() {
                kept.push(candidate);
                continue;
            }
            let around = surroundings(&candidate.detection.bounds);
            let view = Letterbox::part(photo, &around).map(|part| part.rotated(rotation));
            let mut closer = self.usable(view.as_slice()).await?;
            closer.retain(|seen| is_same(seen, &candidate));
            // The width stays the one from the view in which the face was found first.
            kept.extend(closer.into_iter().next().map(|seen| Candidate {
                width: candidate.width,
                ..seen
            }));
        }
        Ok(distinct(kept))
    }

    async fn usable(&self, views: &[Letterbox]) -> Result<Vec<Candidate>, Error> {
        let mut candidates = self.pass(views).await?;
        candidates.retain(Candidate::is_usable);
        Ok(candidates)
    }

    async fn pass(&self, views: &[Letterbox]) -> Result<Vec<Candidate>, Error> {
        let mut found = Vec::new();
        for batch in views.chunks(BATCH) {
            let (boxes, logits) = self.forward(batch).await?;
            let boxes = boxes.chunks(ANCHORS * BOX_VALUES);
            for ((view, boxes), logits) in batch.iter().zip(boxes).zip(logits.chunks(ANCHORS)) {
                let detections = decode(boxes, logits, view).into_iter();
                found.extend(detections.map(|detection| Candidate::new(detection, view)));
            }
        }
        Ok(found)
    }

    /// The network's raw output for each view, one after the other.
    async fn forward(&self, views: &[Letterbox]) -> Result<(Vec<f32>, Vec<f32>), Error> {
        if let Some(fused) = &self.0.fused {
            let outputs = views.iter().map(|view| fused.forward(&view.image));
            let (boxes, logits): (Vec<_>, Vec<_>) = outputs.unzip();
            return Ok((boxes.concat(), logits.concat()));
        }
        let images: Vec<&RgbImage> = views.iter().map(|view| &view.image).collect();
        let (boxes, logits) = self.0.network.forward(to_tensor(&images, &self.0.device));
        Ok((read(boxes).await?, read(logits).await?))
    }
}

fn best_score(candidates: &[Candidate]) -> f32 {
    let scores = candidates.iter().map(|candidate| candidate.detection.score);
    scores.fold(0.0, f32::max)
}

/// Whether two candidates are one face: their boxes overlap, or one contains the centre of the
/// other.
fn is_same(a: &Candidate, b: &Candidate) -> bool {
    let (a, b) = (&a.detection.bounds, &b.detection.bounds);
    a.iou(b) > SAME_FACE_IOU || a.contains(b.centre()) || b.contains(a.centre())
}

/// Keeps one candidate for each face: the one with the best score.
fn distinct(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| b.detection.score.total_cmp(&a.detection.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if !kept.iter().any(|other| is_same(other, &candidate)) {
            kept.push(candidate);
        }
    }
    kept
}

/// The square around a face that is searched again.
fn surroundings(bounds: &Rect) -> Rect {
    let side = SURROUNDINGS * bounds.width.max(bounds.height);
    let centre = bounds.centre();
    Rect {
        x: centre.x - side / 2.0,
        y: centre.y - side / 2.0,
        width: side,
        height: side,
    }
}

/// Squares that cover the image, each overlapping its neighbours by half; empty if they would be
/// smaller than [`LEAST_PART`].
fn parts(image: &RgbImage, share: f32) -> Vec<Rect> {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let side = share * width.max(height);
    if side < LEAST_PART {
        return Vec::new();
    }
    let starts = |length: f32| {
        let last = (length - side).max(0.0);
        let steps = (last / (side / 2.0)).ceil();
        (0..=steps as usize).map(move |step| last * step as f32 / steps.max(1.0))
    };
    starts(height)
        .flat_map(|y| {
            starts(width).map(move |x| Rect {
                x,
                y,
                width: side,
                height: side,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_image_and_overlap() {
        let image = RgbImage::new(960, 640, vec![0; 960 * 640 * 3]).unwrap();
        let halves = parts(&image, 0.5);
        assert_eq!(halves.len(), 3 * 2);
        assert_eq!(halves[0].x, 0.0);
        let last = halves.last().unwrap();
        assert_eq!((last.x + last.width, last.y + last.height), (960.0, 640.0));
        assert!(parts(&image, 0.1).is_empty());
    }
}
