//! The input and the output of the movement check.

use serde::{Deserialize, Serialize};

use super::pose::{Offset, Pose};
use super::relief::Relief;
use crate::face::{Face, QualityIssue};
use crate::verify::embedding::Embedding;

/// The current instruction, for people who cannot see the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Instruction {
    /// Look straight at the camera.
    Neutral,
    /// Turn the head to one's own left.
    TurnLeft,
    /// Turn the head to one's own right.
    TurnRight,
    /// Lift the chin.
    LookUp,
    /// Lower the chin.
    LookDown,
    /// Hold the pose: the target is reached.
    Hold,
}

impl Instruction {
    /// The instruction for a `movement`, of which `remaining` is left: first along the longer axis,
    /// then along the other one. So a person who only hears the instructions can reach the target.
    pub(super) fn towards(movement: Offset, remaining: Offset) -> Self {
        /// Largest rest of the longer axis, in degrees, that counts as done.
        const DONE_DEGREES: f32 = 2.0;
        let is_wide = movement.x.abs() >= movement.y.abs();
        let rest = if is_wide { remaining.x } else { remaining.y };
        let sideways = match rest.abs() > DONE_DEGREES {
            true => is_wide,
            false => remaining.x.abs() >= remaining.y.abs(),
        };
        if sideways {
            // The image is not mirrored: the person's left is on the right of the image.
            if remaining.x > 0.0 {
                Self::TurnLeft
            } else {
                Self::TurnRight
            }
        } else if remaining.y < 0.0 {
            Self::LookUp
        } else {
            Self::LookDown
        }
    }
}

/// The actual or required direction of the head relative to the neutral pose, in the camera's
/// image, which is not mirrored. The farthest possible target has the length 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Aim {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// What prevents progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// There is no face in the image.
    NoFace,
    /// There are several faces.
    SeveralFaces,
    /// The face has too few pixels.
    TooSmall,
    /// The face is so close that perspective could look like depth.
    TooClose,
    /// Part of the face is outside the image.
    CutOff,
    /// There is too little light.
    TooDark,
    /// There is too much light.
    TooBright,
    /// The face is out of focus, or moves too fast.
    Blurred,
    /// Something covers the face.
    Covered,
    /// The head does not point at the camera.
    TurnedAway,
    /// The head moves while it should be still.
    HoldStill,
    /// The target did not count: the face was not seen well, the movement was wrong, or it began
    /// too early. Or all targets were reached, but the depth of the face is in doubt. One more
    /// target follows.
    Again,
}

impl From<QualityIssue> for Hint {
    fn from(issue: QualityIssue) -> Self {
        match issue {
            QualityIssue::TooSmall => Self::TooSmall,
            QualityIssue::CutOff => Self::CutOff,
            QualityIssue::TooDark => Self::TooDark,
            QualityIssue::TooBright => Self::TooBright,
            QualityIssue::TurnedAway => Self::TurnedAway,
            QualityIssue::Blurred => Self::Blurred,
            QualityIssue::Covered => Self::Covered,
        }
    }
}

/// Why a challenge failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No neutral pose was found: there was no usable image of exactly one face that looks straight
    /// ahead. No target was shown.
    NoNeutral,
    /// The instruction was not followed in time.
    Timeout,
    /// The face disappeared.
    FaceLost,
    /// A second face appeared.
    SeveralFaces,
    /// The embedding changed: another face replaced the first one.
    FaceChanged,
    /// The face's position jumped from one frame to the next.
    Jumped,
    /// The head repeatedly moved before a target was shown, or it moved sooner after a target was
    /// shown than a person can react.
    MovedEarly,
    /// Repeatedly, the movement to a target was not that of a head.
    WrongMovement,
    /// The face does not have the depth of a head.
    Flat,
    /// The time between two frames was too long to track the face.
    Stalled,
}

/// The progress of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum State {
    /// The challenge is running.
    Asking {
        /// The instruction in words.
        instruction: Instruction,
        /// The required direction; absent before the neutral pose is found.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<Aim>,
        /// The actual direction; absent before the neutral pose is found.
        #[serde(skip_serializing_if = "Option::is_none")]
        pointer: Option<Aim>,
        /// The share of the movement to the current target that is done, in `[0, 1]`.
        reach: f32,
        /// The share of the whole challenge that is done, in `[0, 1]`.
        progress: f32,
        /// What prevents progress, if anything.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
    /// The head has followed all targets.
    Passed,
    /// The challenge has failed.
    Failed {
        /// The reason.
        reason: Failure,
        /// What prevented progress at the end, if anything.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
}

/// The measurements of one frame.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The time of the frame, in milliseconds since any fixed moment.
    pub time: f64,
    /// The number of faces.
    pub count: usize,
    /// The first face and its pose; `None` if its mesh was not found.
    pub face: Option<(&'a Face, Pose)>,
    /// The image's longer side in pixels.
    pub side: f32,
    /// The face's embedding, if it was computed; see
    /// [`Challenge::wants_embedding`](super::Challenge::wants_embedding).
    pub embedding: Option<&'a Embedding>,
    /// The face's relief, if it was measured; see
    /// [`Challenge::wants_relief`](super::Challenge::wants_relief).
    pub relief: Option<Relief>,
    /// The face's sharpness relative to the frontal frame, if it was measured; see
    /// [`Challenge::wants_sharpness`](super::Challenge::wants_sharpness).
    pub sharpness: Option<f32>,
}
