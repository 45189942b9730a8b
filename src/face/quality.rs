//! Whether a face can be relied upon, and if not, what the person can do about it.
//!
//! Measured on the aligned crop, so that the figures do not depend on how large the face is in
//! the picture. They gate enrolment and verification; they are no part of the match.

use serde::{Deserialize, Serialize};

use super::align::{crop, to_template};
use crate::detect::{Detection, Landmarks};
use crate::image::RgbImage;
use crate::net::CROP_SIZE;

/// What stands in the way of a reliable match, the most important first.
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
    /// Something is in front of it. Only embedding the face tells
    /// ([`Engine::embed_and_assess`](crate::Engine::embed_and_assess)).
    Covered,
}

impl QualityIssue {
    /// Its name in the page: the serialised form.
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
    /// Distance of the eyes in pixels of the picture (35 in the crop).
    pub size: f32,
    /// Mean luma of the crop's middle, in `[0, 1]`.
    pub brightness: f32,
    /// Standard deviation of that luma, in `[0, 0.5]`.
    pub contrast: f32,
    /// Mean absolute Laplacian of the luma over its contrast: how much of it is fine detail.
    pub sharpness: f32,
    /// Turn to a side: the nose's place between the eyes, 0 in the middle, about 1 in profile;
    /// positive towards the right of the picture.
    pub yaw: f32,
    /// Nod: the nose's place between eyes and mouth less its usual place; positive downwards.
    pub pitch: f32,
    /// Tilt of the line between the eyes, in radians, clockwise.
    pub roll: f32,
    /// What stands in the way, if anything does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<QualityIssue>,
}

/// Eyes closer than this, in pixels, leave an enlarged crop: a third of its own 35.
const MIN_SIZE: f32 = 12.0;
/// Darker crops lose their dark half to the camera's noise.
const MIN_BRIGHTNESS: f32 = 0.12;
/// Brighter crops lose their bright half to white.
const MAX_BRIGHTNESS: f32 = 0.92;
/// 60 LFW photos lie at 0.13 and above; the same under a 9x9 box blur at 0.095 and below.
const MIN_SHARPNESS: f32 = 0.1;
/// About 45 degrees.
const MAX_YAW: f32 = 0.75;
/// Share of the crop outside the picture.
const MAX_OUTSIDE: f32 = 0.2;

/// Measures the face of `detection` in `image`; `None` where its landmarks coincide.
pub fn measure(image: &RgbImage, detection: &Detection) -> Option<Quality> {
    let transform = to_template(&detection.landmarks)?;
    let luma = middle(&crop(image, &transform));
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

/// Side of the crop's middle, which hair and background seldom reach.
const SIDE: usize = 64;

/// Luma of the crop's middle, row by row, in `[0, 1]`.
fn middle(crop: &RgbImage) -> [[f32; SIDE]; SIDE] {
    const LEFT: usize = (CROP_SIZE - SIDE) / 2;
    const TOP: usize = 40;
    std::array::from_fn(|y| {
        std::array::from_fn(|x| {
            let at = ((y + TOP) * CROP_SIZE + x + LEFT) * 3;
            let [r, g, b] = [0, 1, 2].map(|c| f32::from(crop.pixels()[at + c]) / 255.0);
            0.299 * r + 0.587 * g + 0.114 * b
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

/// Yaw, pitch and roll as [`Quality`] has them.
fn pose(landmarks: &Landmarks) -> (f32, f32, f32) {
    /// The nose tip's usual place between eyes (0) and mouth (1).
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
