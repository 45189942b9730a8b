//! Random numbers that depend only on a seed, a purpose and an index.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The purpose of random numbers. Numbers with the same seed and index, but different purposes, are
/// independent.
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
    /// Drawn faces.
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
