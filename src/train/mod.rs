//! Training: batches of P identities with K images each, triplets mined inside the batch.
//!
//! ```text
//! align     photos                                          -> a folder of aligned crops
//! dataset   folder-per-person images, or procedural faces   -> who is there
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
//! average   networks of several runs                       -> one
//! ```
//!
//! Everything random is drawn from a generator seeded by the run's seed and the batch's number, so
//! that a resumed run goes on exactly as an uninterrupted one would.

pub mod align;
pub mod augment;
pub mod average;
pub mod checkpoint;
pub mod corpus;
pub mod dataset;
pub mod embeddings;
pub mod faces;
pub mod loader;
pub mod log;
pub mod loss;
pub mod mining;
pub mod mix;
pub mod observer;
pub mod occlude;
pub mod optimiser;
pub mod replica;
pub mod sampler;
pub mod schedule;
pub mod settings;
pub mod targets;
pub mod teacher;
pub mod trainer;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a stream of random numbers is for; streams of one seed and step are independent.
#[derive(Debug, Clone, Copy)]
pub enum Stream {
    /// The order of identities in an epoch.
    Order,
    /// The images drawn for a batch.
    Images,
    /// Augmentation.
    Augmentation,
    /// Mining.
    Mining,
    /// Which identities are held out.
    HoldOut,
    /// Procedural faces.
    Faces,
    /// The order of unlabelled images in an epoch.
    Unlabelled,
    /// Which unlabelled images are mixed, and how.
    Mixing,
}

/// The generator for `stream` at `index` (a batch, an epoch, a face) of the run with `seed`.
pub fn generator(seed: u64, stream: Stream, index: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&index.to_le_bytes());
    key[16] = stream as u8;
    ChaCha8Rng::from_seed(key)
}

/// At most `most` of `items`, evenly chosen.
pub fn evenly<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    items.iter().step_by(items.len().div_ceil(most).max(1))
}
