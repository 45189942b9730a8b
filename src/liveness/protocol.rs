//! What the movement check is shown, and what it says.

use serde::{Deserialize, Serialize};

use super::parallax::Track;
use super::pose::Turn;
use crate::face::{Face, QualityIssue};
use crate::verify::embedding::Embedding;

/// What is asked of the person now.
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
}

impl From<Turn> for Instruction {
    fn from(turn: Turn) -> Self {
        match turn {
            Turn::Left => Self::TurnLeft,
            Turn::Right => Self::TurnRight,
            Turn::Up => Self::LookUp,
        }
    }
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
    /// The turn could not be followed; look straight and turn again, more slowly and further.
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
    /// The head turned before it was asked to.
    MovedEarly,
    /// The head turned otherwise than asked.
    WrongMovement,
    /// The turn could not be followed, time and again.
    NotFollowed,
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
        /// What to do.
        instruction: Instruction,
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
    /// Every face in it.
    pub faces: &'a [Face],
    /// The picture's longer side in pixels.
    pub side: f32,
    /// The face's embedding, where it was computed; see [`Challenge::wants_embedding`](super::Challenge::wants_embedding).
    pub embedding: Option<&'a Embedding>,
    /// Its nose's parallax, where there is one face.
    pub track: Option<Track>,
}
