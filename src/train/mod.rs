//! Training: batches of P identities with K images each, triplets mined inside the batch.
//!
//! ```text
//! sampler   which images make up batch n                    -> a function of seed and n alone
//! augment   the changes a camera makes                      -> 112x112 crops
//! occlude   things before the face, a part of them
//! mix       two faces in one picture
//! loader    decodes and augments ahead, on other threads    -> Batch
//! targets   what a teacher makes of the crops              -> embeddings to be drawn to
//! teacher   the same, of the very pictures in a batch
//! mining    which triplets count                            -> indices
//! loss      triplet loss, distillation                      -> scalars to go down from
//! optimiser Muon and Adam                                   -> what moves the weights
//! replica   a batch on one of the devices                   -> its gradients
//! settings  what a run does, saved with its checkpoints
//! corpus    what a run trains on                            -> a loader
//! trainer   the loop: steps, validation, checkpoints, log
//! observer  what the loop tells its caller
//! outputs   where a run writes, one run at a time
//! reliability  which faces are covered, learnt beside a trained network
//! average   networks of several runs                       -> one
//! ```
//!
//! Everything random is drawn from a generator seeded by the run's seed and the batch's number, so
//! that a resumed run goes on exactly as an uninterrupted one would.

pub mod augment;
pub mod average;
pub mod checkpoint;
pub mod corpus;
pub mod embeddings;
pub mod loader;
pub mod log;
pub mod loss;
pub mod mining;
pub mod mix;
pub mod observer;
pub mod occlude;
pub mod optimiser;
pub mod outputs;
pub mod reliability;
pub mod replica;
pub mod sampler;
pub mod schedule;
pub mod settings;
pub mod targets;
pub mod teacher;
pub mod trainer;

pub use crate::data::random::{Stream, generator};

/// At most `most` of `items`, evenly chosen.
pub fn evenly<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    items.iter().step_by(items.len().div_ceil(most).max(1))
}
