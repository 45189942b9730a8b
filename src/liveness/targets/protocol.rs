//! What the movement check is shown, and what it says.

use super::pose::Pose;
use super::relief::Relief;
use crate::face::Face;
use crate::liveness::Hint;
use crate::liveness::pose::Offset;
use crate::verify::embedding::Embedding;

/// What is asked of the person now, for those who cannot see the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Stay there until the next target.
    Hold,
}

impl Instruction {
    /// The movement that leads this way, mostly.
    pub(super) fn towards(way: Offset) -> Self {
        if way.x.abs() >= way.y.abs() {
            // The picture is the camera's own: the person's left is to the right in it.
            if way.x > 0.0 {
                Self::TurnLeft
            } else {
                Self::TurnRight
            }
        } else if way.y < 0.0 {
            Self::LookUp
        } else {
            Self::LookDown
        }
    }
}

/// Where a head points or should point, from a straight look: to the right and downwards in the
/// camera's picture, which a mirror shows the other way round. The farthest target is 1 away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aim {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// Why a challenge failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
    /// The head turned otherwise than asked, time and again.
    WrongMovement,
    /// The face does not stand out as a head does.
    Flat,
    /// Frames came too seldom to follow the face.
    Stalled,
}

/// How far a challenge is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    /// The person is asked to do something.
    Asking {
        /// What to do, in words.
        instruction: Instruction,
        /// Where the head should point; none while it should be held still before the first target.
        target: Option<Aim>,
        /// Where it points, once that is known.
        pointer: Option<Aim>,
        /// How much of it is done, in `[0, 1]`.
        reach: f32,
        /// How much of the whole challenge is done, in `[0, 1]`.
        progress: f32,
        /// What keeps it from going on, if anything does.
        hint: Option<Hint>,
    },
    /// A head has done all that was asked.
    Passed,
    /// It has not.
    Failed {
        /// Why.
        reason: Failure,
        /// What kept it from going on last, if anything did.
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
}
