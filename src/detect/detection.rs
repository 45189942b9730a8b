//! What the detector tells of a face.

use serde::{Deserialize, Serialize};

use crate::geometry::{Point, Rect};

/// BlazeFace's six key points; left and right as seen in the picture.
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

/// A face as the detector sees it, in pixels of the image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Where it is.
    pub bounds: Rect,
    /// Confidence in `[0, 1]`.
    pub score: f32,
    /// Key points.
    pub landmarks: Landmarks,
}
