//! What the movement check is shown, and what it says.

use serde::{Deserialize, Serialize};

use super::pose::{Offset, Pose};
use super::relief::Relief;
use crate::face::{Face, QualityIssue};
use crate::verify::embedding::Embedding;

/// What is asked of the person now, for those who cannot see the target.
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
    /// Stay there: the target is reached.
    Hold,
}

impl Instruction {
    /// What leads on along a way of which so much is left: first along its longer axis, and then along
    /// the other one, so that who hears it gets there without seeing the target.
    pub(super) fn towards(way: Offset, left: Offset) -> Self {
        const DONE: f32 = 2.0;
        let longer = way.x.abs() >= way.y.abs();
        let rest = if longer { left.x } else { left.y };
        let across = match rest.abs() > DONE {
            true => longer,
            false => left.x.abs() >= left.y.abs(),
        };
        if across {
            // The picture is the camera's own: the person's left is to the right in it.
            if left.x > 0.0 {
                Self::TurnLeft
            } else {
                Self::TurnRight
            }
        } else if left.y < 0.0 {
            Self::LookUp
        } else {
            Self::LookDown
        }
    }
}

/// Where a head points or should point, from a straight look: to the right and downwards in the
/// camera's picture, which a mirror shows the other way round. The farthest target is 1 away.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Aim {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// What keeps the person from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// There is no face in view.
    NoFace,
    /// There are several.
    SeveralFaces,
    /// Too few pixels.
    TooSmall,
    /// So close that perspective could pass for depth.
    TooClose,
    /// Part of the face is outside the picture.
    CutOff,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Out of focus, or moving.
    Blurred,
    /// Something is in front of the face.
    Covered,
    /// The head is not straight.
    TurnedAway,
    /// The head moves while it should be still.
    HoldStill,
    /// That was not seen well, or the head went another way or too early; there is another target in its
    /// stead.
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
    /// No good picture of one face that looks straight ahead, so that nothing was asked yet.
    NoNeutral,
    /// What was asked was not done in time.
    Timeout,
    /// The face disappeared.
    FaceLost,
    /// Another face came into view.
    SeveralFaces,
    /// The face turned into another one.
    FaceChanged,
    /// The face was somewhere else from one frame to the next.
    Jumped,
    /// The head turned before it was asked to, time and again, or at once when a target was shown.
    MovedEarly,
    /// The head turned otherwise than asked, time and again.
    WrongMovement,
    /// The face does not stand out as a head does.
    Flat,
    /// Frames came too seldom to follow the face.
    Stalled,
}

/// How far a challenge is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum State {
    /// The person is asked to do something.
    Asking {
        /// What to do, in words.
        instruction: Instruction,
        /// Where the head should point; none while it should be held still before the first target.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<Aim>,
        /// Where it points, once that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        pointer: Option<Aim>,
        /// How much of it is done, in `[0, 1]`.
        reach: f32,
        /// How much of the whole challenge is done, in `[0, 1]`.
        progress: f32,
        /// What keeps it from going on, if anything does.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
    /// A head has done all that was asked.
    Passed,
    /// It has not.
    Failed {
        /// Why.
        reason: Failure,
        /// What kept it from going on last, if anything did.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
}

/// What one frame shows.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// When it was taken, in milliseconds from any moment on.
    pub time: f64,
    /// How many faces are in it.
    pub count: usize,
    /// The only face, and how its head is turned; none where its mesh was not found.
    pub face: Option<(&'a Face, Pose)>,
    /// The picture's longer side in pixels.
    pub side: f32,
    /// The face's embedding, where it was computed; see [`Challenge::wants_embedding`](super::Challenge::wants_embedding).
    pub embedding: Option<&'a Embedding>,
    /// How it stands out, where that was measured; see [`Challenge::wants_relief`](super::Challenge::wants_relief).
    pub relief: Option<Relief>,
    /// How sharp it is, where that was measured; see [`Challenge::wants_sharpness`](super::Challenge::wants_sharpness).
    pub sharpness: Option<f32>,
}
