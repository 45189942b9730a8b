//! Training: batches of P identities with K images each, triplets mined inside the batch.
//!
//! ```text
//! sampler     the images of batch n                         -> depends only on the seed and n
//! augment     variation as by cameras and detectors         -> 112x112 crops
//! occlude     occlusion, a part of the augmentation
//! mix         synthetic faces, from two faces each
//! loader      decodes and augments ahead, on other threads  -> Batch
//! targets     a teacher's stored embeddings of the crops    -> targets for distillation
//! teacher     a teacher's embeddings of augmented pictures  -> targets for distillation
//! mining      the choice of triplets                        -> indices
//! loss        triplet loss, distillation                    -> scalars to minimise
//! optimiser   Muon and Adam                                 -> updates of the weights
//! replica     a batch on one of the devices                 -> its gradients
//! settings    the settings of a run, saved with its checkpoints
//! checkpoint  the state of a run on disk
//! corpus      the training data                             -> a loader
//! schedule    the learning rate over a run
//! trainer     the loop: steps, validation, checkpoints, log
//! log         the run's log, one JSON object a line
//! observer    callbacks from the loop to its caller
//! outputs     the output files, locked for one run at a time
//! embeddings  embeddings of a network in training           -> validation scores
//! refiner     training of the refinement of alignments
//! reliability training of the detection of covered faces
//! average     networks of several runs                      -> one network
//! ```
//!
//! All random numbers depend only on the run's seed and the batch's number, so a resumed run
//! continues exactly like an uninterrupted one.

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
pub mod refiner;
pub mod reliability;
pub mod replica;
pub mod sampler;
pub mod schedule;
pub mod settings;
pub mod targets;
pub mod teacher;
pub mod trainer;

pub use crate::data::random::{Stream, generator};

/// An evenly spaced selection of at most `most` of `items`.
pub fn evenly<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    items.iter().step_by(items.len().div_ceil(most).max(1))
}
