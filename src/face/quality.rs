//! The quality of a face's picture, and the issue that the person can fix.
//!
//! Brightness, contrast and sharpness are measured on the aligned crop, so they do not depend on
//! the size of the face in the picture. Enrolment and verification refuse a face with an issue; the
//! score does not depend on the quality.

use serde::{Deserialize, Serialize};

use super::align::{Similarity, cut, to_template};
use crate::detect::{Detection, Landmarks};
use crate::image::{RgbImage, luma};
use crate::net::CROP_SIZE;

/// What prevents a reliable match. The first variant that applies is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum QualityIssue {
    /// Too few pixels.
    TooSmall,
    /// Part of the face is outside the picture.
    CutOff,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// The head is turned away.
    TurnedAway,
    /// Out of focus, or moving.
    Blurred,
    /// Something is in front of the face. Only embedding the face reveals this
    /// ([`Engine::embed_and_assess`](crate::Engine::embed_and_assess)).
    Covered,
}

impl QualityIssue {
    /// The name in the page, which is also the serialised form.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSmall => "too-small",
            Self::CutOff => "cut-off",
            Self::TooDark => "too-dark",
            Self::TooBright => "too-bright",
            Self::TurnedAway => "turned-away",
            Self::Blurred => "blurred",
            Self::Covered => "covered",
        }
    }
}

impl std::fmt::Display for QualityIssue {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooSmall => "the face is too small",
            Self::CutOff => "the face is cut off by the edge of the picture",
            Self::TooDark => "the face is too dark",
            Self::TooBright => "the face is too bright",
            Self::TurnedAway => "the head is turned away",
            Self::Blurred => "the face is blurred",
            Self::Covered => "something covers the face",
        })
    }
}

/// Measures of a face's picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Quality {
    /// Distance between the eyes, in pixels of the picture (35 in the crop).
    pub size: f32,
    /// Mean luma of the crop's centre, in `[0, 1]`.
    pub brightness: f32,
    /// Standard deviation of the luma of the crop's centre, in `[0, 0.5]`.
    pub contrast: f32,
    /// Mean absolute Laplacian of the luma, divided by the contrast: the share of fine detail.
    pub sharpness: f32,
    /// Yaw, as the nose's position between the eyes: 0 in the middle, about 1 in profile, positive
    /// towards the right of the picture. Not an angle.
    pub yaw: f32,
    /// Pitch, as the nose's position between eyes (0) and mouth (1), minus its usual position;
    /// positive downwards. Not an angle.
    pub pitch: f32,
    /// Roll: the angle of the line between the eyes, in radians, clockwise.
    pub roll: f32,
    /// What prevents a reliable match, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<QualityIssue>,
}

/// Smallest distance between the eyes, in pixels: a third of the 35 in the crop. Smaller faces
/// would be enlarged too much.
const MIN_SIZE: f32 = 12.0;
/// Noise hides the features of darker faces. At this brightness, with the noise of a dim room, 17.5 %
/// of genuine comparisons are refused at 1 in 100 instead of 15.6 % (`docs/experiments.md`).
const MIN_BRIGHTNESS: f32 = 0.1;
/// In brighter crops, the bright half is saturated.
const MAX_BRIGHTNESS: f32 = 0.92;
/// 60 LFW photos have 0.13 and above; the same photos after a 9x9 box blur have 0.095 and below.
const MIN_SHARPNESS: f32 = 0.1;
/// About 45 degrees.
const MAX_YAW: f32 = 0.75;
/// Share of the crop outside the picture.
const MAX_OUTSIDE: f32 = 0.2;

/// Measures the face of `detection` in `image`; `None` if its landmarks coincide.
pub fn measure(image: &RgbImage, detection: &Detection) -> Option<Quality> {
    let transform = to_template(&detection.landmarks)?;
    let luma = middle(image, &transform);
    let brightness = luma.iter().flatten().sum::<f32>() / (SIDE * SIDE) as f32;
    let variance = luma
        .iter()
        .flatten()
        .map(|v| (v - brightness).powi(2))
        .sum::<f32>();
    let contrast = (variance / (SIDE * SIDE) as f32).sqrt();
    let (yaw, pitch, roll) = pose(&detection.landmarks);
    let mut quality = Quality {
        size: detection
            .landmarks
            .left_eye
            .distance(detection.landmarks.right_eye),
        brightness,
        contrast,
        sharpness: detail(&luma) / contrast.max(1e-3),
        yaw,
        pitch,
        roll,
        issue: None,
    };
    quality.issue = issue(&quality, outside(image, detection));
    Some(quality)
}

fn issue(quality: &Quality, outside: f32) -> Option<QualityIssue> {
    let checks = [
        (quality.size < MIN_SIZE, QualityIssue::TooSmall),
        (outside > MAX_OUTSIDE, QualityIssue::CutOff),
        (quality.brightness < MIN_BRIGHTNESS, QualityIssue::TooDark),
        (quality.brightness > MAX_BRIGHTNESS, QualityIssue::TooBright),
        (quality.yaw.abs() > MAX_YAW, QualityIssue::TurnedAway),
        (quality.sharpness < MIN_SHARPNESS, QualityIssue::Blurred),
    ];
    checks
        .into_iter()
        .find_map(|(found, issue)| found.then_some(issue))
}

/// Side of the crop's centre, in pixels; it seldom contains hair or background.
const SIDE: usize = 64;

/// Luma of the crop's centre, row by row, in `[0, 1]`; `transform` maps the image to the crop.
fn middle(image: &RgbImage, transform: &Similarity) -> [[f32; SIDE]; SIDE] {
    const LEFT: usize = (CROP_SIZE - SIDE) / 2;
    const TOP: usize = 40;
    let to_middle = Similarity {
        tx: transform.tx - LEFT as f32,
        ty: transform.ty - TOP as f32,
        ..*transform
    };
    let middle = cut(image, &to_middle, SIDE);
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let at = (y * SIDE + x) * 3;
            luma([0, 1, 2].map(|c| f32::from(middle.pixels()[at + c]) / 255.0))
        })
    })
}

/// Mean absolute Laplacian.
fn detail(luma: &[[f32; SIDE]; SIDE]) -> f32 {
    let mut sum = 0.0;
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let around = luma[y - 1][x] + luma[y + 1][x] + luma[y][x - 1] + luma[y][x + 1];
            sum += (4.0 * luma[y][x] - around).abs();
        }
    }
    sum / ((SIDE - 2) * (SIDE - 2)) as f32
}

/// Yaw, pitch and roll, as defined in [`Quality`].
fn pose(landmarks: &Landmarks) -> (f32, f32, f32) {
    /// The nose tip's usual position between eyes (0) and mouth (1).
    const NOSE: f32 = 0.55;
    let nose = landmarks.locate(landmarks.nose);
    let mouth = landmarks.locate(landmarks.mouth);
    let (left, right) = (landmarks.left_eye, landmarks.right_eye);
    (
        2.0 * nose.x,
        nose.y / mouth.y.max(1e-3) - NOSE,
        (right.y - left.y).atan2(right.x - left.x),
    )
}

/// The share of the face's box that lies outside the image.
fn outside(image: &RgbImage, detection: &Detection) -> f32 {
    let bounds = detection.bounds;
    let width = (bounds.x + bounds.width).min(image.width() as f32) - bounds.x.max(0.0);
    let height = (bounds.y + bounds.height).min(image.height() as f32) - bounds.y.max(0.0);
    1.0 - width.max(0.0) * height.max(0.0) / bounds.area().max(1e-3)
}
