//! The movement check: whether a real head in front of the camera follows the targets that the
//! check shows.
//!
//! The person looks straight ahead (the neutral pose), then points the head at one target after
//! another, in random directions, and looks straight ahead again. A [`Challenge`] gets one
//! [`Observation`] for each frame. Its [`State`] gives the target, the direction of the head, and
//! in the end the outcome. It has no clock, camera or random numbers of its own: the caller passes
//! times and random bytes, so the page and the measurements run the same code.
//!
//! The check relies on:
//!
//! - **Depth.** When a head turns, its surface causes a parallax that paper cannot cause, even if
//!   it is bent. The [`relief`] measures this parallax in the pixels.
//! - **Unpredictable targets.** The directions and the pauses between targets are random, and the
//!   head must move straight from one target to the next, with a person's reaction time. A
//!   recording shows other trajectories, and recorded turns that begin in the neutral pose do not
//!   lead from one target to the next.
//! - **Continuity.** There is exactly one face. It does not disappear, jump, or change its
//!   embedding. The embeddings for the verification ([`Challenge::probes`]) are taken before and
//!   after the turns.
//!
//! The check cannot detect a program that replaces the camera's images, a three-dimensional mask,
//! or an animated model of the person that an attacker controls.

pub mod challenge;
mod check;
mod limits;
pub mod pose;
mod protocol;
pub mod relief;
mod same_face;
mod trajectory;

pub use challenge::{Challenge, PROBES, RANDOM_BYTES, TURNS};
pub use check::MovementCheck;
pub use protocol::{Aim, Failure, Hint, Instruction, Observation, State};
pub use same_face::SameFace;
