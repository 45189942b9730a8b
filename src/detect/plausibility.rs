//! Rejects detections that cannot be a face.
//!
//! The network was trained on upright faces that fill a good part of its input. For other faces it
//! still gives detections, but with a lower score, a displaced box, or landmarks that no face has.

use super::detection::{Detection, Landmarks};
use super::letterbox::Letterbox;

/// Lowest score of a certain face. Of upright LFW photos, 95 % score above 0.89. Of the same photos
/// rotated by 90 degrees, 95 % score below 0.87; rotated by 180 degrees, 95 % below 0.78.
const CERTAIN_SCORE: f32 = 0.85;

/// Lowest score of a usable face. The third quartile of faces upside down is 0.66; backgrounds
/// seldom score above 0.6.
const USABLE_SCORE: f32 = 0.7;

/// Smallest width of a certain face, in pixels of the detector's input. Boxes and landmarks of
/// narrower faces are inaccurate.
const CERTAIN_WIDTH: f32 = 20.0;

/// Smallest width of a large face, in pixels of the detector's input. If the found face is
/// narrower, other faces of half its size may be missed.
const LARGE_WIDTH: f32 = 24.0;

/// Largest angle between a face and upright, in degrees. Beyond it, another orientation is nearer.
const MAX_ROLL: f32 = 45.0;

/// A face found in a [`Letterbox`].
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub detection: Detection,
    /// Width of the face, in pixels of the detector's input.
    pub width: f32,
    /// Angle between the face and upright in the letterbox, in degrees, without sign.
    pub roll: f32,
}

impl Candidate {
    pub fn new(detection: Detection, seen_in: &Letterbox) -> Self {
        let Landmarks {
            left_eye,
            right_eye,
            ..
        } = detection.landmarks;
        let roll = (right_eye.y - left_eye.y).atan2(right_eye.x - left_eye.x);
        let roll =
            (roll.to_degrees() + seen_in.rotation.degrees() + 180.0).rem_euclid(360.0) - 180.0;
        Self {
            width: detection.bounds.width / seen_in.scale,
            roll: roll.abs(),
            detection,
        }
    }

    /// Whether the face may be used if nothing better is found.
    pub fn is_usable(&self) -> bool {
        let Detection {
            score,
            bounds,
            landmarks,
        } = &self.detection;
        *score >= USABLE_SCORE && self.roll <= MAX_ROLL && is_face(landmarks, bounds.width)
    }

    /// Whether the face needs no second search, around it or in another orientation.
    pub fn is_certain(&self) -> bool {
        self.is_usable() && self.detection.score >= CERTAIN_SCORE && self.width >= CERTAIN_WIDTH
    }

    /// Whether the face is so large that other faces of similar size would have been found too.
    pub fn is_large(&self) -> bool {
        self.width >= LARGE_WIDTH
    }
}

/// Whether the landmarks have a face's proportions, for a face `width` pixels wide, in any
/// orientation and also for a head that is turned away.
pub(super) fn is_face(landmarks: &Landmarks, width: f32) -> bool {
    let eyes = landmarks.left_eye.distance(landmarks.right_eye);
    if !(eyes >= 0.15 * width && eyes <= 0.8 * width) {
        return false;
    }
    let nose = landmarks.locate(landmarks.nose);
    let mouth = landmarks.locate(landmarks.mouth);
    // On the template the mouth is at (0, 1.15) and the nose at (0, 0.57).
    (0.5..=3.0).contains(&mouth.y)
        && mouth.x.abs() <= 1.0
        && (-0.2..=mouth.y).contains(&nose.y)
        && nose.x.abs() <= 1.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Point;

    fn landmarks(points: [(f32, f32); 4]) -> Landmarks {
        let [left_eye, right_eye, nose, mouth] = points.map(|(x, y)| Point { x, y });
        Landmarks {
            left_eye,
            right_eye,
            nose,
            mouth,
            left_ear: left_eye,
            right_ear: right_eye,
        }
    }

    #[test]
    fn a_face_is_one_in_any_orientation() {
        let points = [(-20.0, -10.0), (20.0, -10.0), (0.0, 13.0), (0.0, 36.0)];
        for turned in [
            points,
            points.map(|(x, y)| (-y, x)),
            points.map(|(x, y)| (-x, -y)),
        ] {
            assert!(is_face(&landmarks(turned), 100.0));
        }
        let turned_away = [(-10.0, -10.0), (10.0, -10.0), (18.0, 13.0), (6.0, 36.0)];
        assert!(is_face(&landmarks(turned_away), 100.0));
    }

    #[test]
    fn landmarks_that_fit_no_face_are_refused() {
        let mirrored = [(-20.0, 10.0), (20.0, 10.0), (0.0, -13.0), (0.0, -36.0)];
        let coinciding = [(1.0, 1.0); 4];
        let nose_below_the_mouth = [(-20.0, -10.0), (20.0, -10.0), (0.0, 50.0), (0.0, 36.0)];
        let eyes_too_close = [(-4.0, -10.0), (4.0, -10.0), (0.0, 1.0), (0.0, 6.0)];
        let not_numbers = [(f32::NAN, 1.0); 4];
        for points in [
            mirrored,
            coinciding,
            nose_below_the_mouth,
            eyes_too_close,
            not_numbers,
        ] {
            assert!(!is_face(&landmarks(points), 100.0), "{points:?}");
        }
    }
}
