//! The detector's result for a face.

use serde::{Deserialize, Serialize};

use crate::geometry::{Point, Rect};

/// BlazeFace's six landmarks; left and right are as seen in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Landmarks {
    /// Centre of the eye on the left of the picture.
    pub left_eye: Point,
    /// Centre of the eye on the right of the picture.
    pub right_eye: Point,
    /// Tip of the nose.
    pub nose: Point,
    /// Centre of the mouth.
    pub mouth: Point,
    /// Tragion (before the ear) on the left of the picture.
    pub left_ear: Point,
    /// Tragion on the right of the picture.
    pub right_ear: Point,
}

impl Landmarks {
    /// The coordinates of `point` in the face's frame: the origin is the middle between the eyes, x
    /// goes along the line between the eyes, y downwards from this line; the unit is the distance
    /// between the eyes. NaN if the eyes coincide.
    pub fn locate(&self, point: Point) -> Point {
        let centre = self.left_eye.midpoint(self.right_eye);
        let (a, b) = (
            self.right_eye.x - self.left_eye.x,
            self.right_eye.y - self.left_eye.y,
        );
        let (x, y) = (point.x - centre.x, point.y - centre.y);
        let norm = a * a + b * b;
        Point {
            x: (a * x + b * y) / norm,
            y: (a * y - b * x) / norm,
        }
    }
}

/// A detected face, in pixels of the image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// The face's bounding box.
    pub bounds: Rect,
    /// Confidence in `[0, 1]`.
    pub score: f32,
    /// The landmarks.
    pub landmarks: Landmarks,
}
