//! The movement check: whether a head that does what it is asked to is in front of the camera.
//!
//! The person looks straight ahead, then turns the head three times, left, right or up, in an order
//! drawn at random, and looks straight ahead again after each turn. A [`Challenge`] is fed one
//! [`Observation`] a frame and says in its [`State`] what is asked for now, and in the end whether
//! it was done. It knows no clock, camera or random numbers of its own: times and random bytes come
//! from outside, so that the page and the measurements run the same code.
//!
//! What it relies on:
//!
//! - **Depth.** A turn counts where the nose shows the [`parallax`] of a head and
//!   not of a flat picture, and the detector's landmarks the [`pose`].
//! - **Order and time.** Each turn is asked for after a pause of random length. A head that moves
//!   before that, too soon to be a reaction, or otherwise than asked, fails.
//! - **Continuity.** One face, which never disappears, jumps, or changes its embedding. The
//!   embeddings to be compared later ([`Challenge::probes`]) are taken between the turns, so
//!   that the face that turned is the face that is verified.
//!
//! What it cannot tell from a person: a program that feeds pictures instead of the camera, a mask
//! with a face's depth, and recordings of the person that are played as each turn is asked for.

pub mod challenge;
mod check;
mod limits;
pub mod parallax;
pub mod pose;
mod protocol;
mod same_face;
pub mod targets;
mod trajectory;

pub use challenge::{Challenge, RANDOM_BYTES, TURNS};
pub use check::MovementCheck;
pub use protocol::{Failure, Hint, Instruction, Observation, State};
pub use same_face::SameFace;
