//! The movement check: whether a head that goes where it is asked to is in front of the camera.
//!
//! The person looks straight ahead and then points the head at one target after another, drawn at
//! random all around, and looks straight ahead again. A [`Challenge`] is fed one [`Observation`] a
//! frame and says in its [`State`] where the target is, where the head points, and in the end whether
//! all were reached. It knows no clock, camera or random numbers of its own: times and random bytes
//! come from outside, so that the page and the measurements run the same code.
//!
//! What it relies on:
//!
//! - **Depth.** In the turned looks the face stands out from the straight one as a head does, and
//!   paper, however bent, does not: the [`relief`], measured in the picture itself.
//! - **Targets that nobody foresees.** They lie in any direction, each is shown after a pause of random
//!   length, and the head must go straight from one to the next, in a person's time: a recording
//!   shows other ways, and turns that begin from a straight look lead past them.
//! - **Continuity.** One face, which never disappears, jumps, or changes its embedding. The
//!   embeddings to be compared later ([`Challenge::probes`]) are taken before and after the turns.
//!
//! What it cannot tell from a person: a program that feeds pictures instead of the camera, a mask
//! with a face's depth, and an animated likeness of the person that is steered like a head.

pub mod challenge;
mod check;
mod limits;
pub mod pose;
mod protocol;
pub mod relief;
mod same_face;

pub use challenge::{Challenge, PROBES, RANDOM_BYTES, TURNS};
pub use check::MovementCheck;
pub use protocol::{Aim, Failure, Hint, Instruction, Observation, State};
pub use same_face::SameFace;
