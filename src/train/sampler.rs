//! Draws batches of P identities with K images each (FaceNet, section 3.2: a batch needs enough
//! images of each identity for meaningful positives).

use rand::Rng;
use rand::seq::SliceRandom;

use super::{Stream, generator};

/// Draws batches; batch `n` depends only on the seed and `n`.
pub struct Sampler {
    /// Images of each identity; every identity has at least two.
    images: Vec<Vec<usize>>,
    identities: usize,
    per_identity: usize,
    seed: u64,
}

impl Sampler {
    /// A sampler over `images[identity]`, each a list of at least two image indices, for batches
    /// of `identities` times `per_identity` images.
    ///
    /// # Panics
    /// If `identities` or `per_identity` is below two, or there are fewer identities than a batch
    /// takes.
    pub fn new(images: Vec<Vec<usize>>, identities: usize, per_identity: usize, seed: u64) -> Self {
        assert!(
            identities >= 2 && per_identity >= 2,
            "a triplet needs two identities and two images"
        );
        assert!(
            identities <= images.len(),
            "a batch takes no more identities than there are"
        );
        Self {
            images,
            identities,
            per_identity,
            seed,
        }
    }

    /// Images in a batch.
    pub fn batch_size(&self) -> usize {
        self.identities * self.per_identity
    }

    /// Number of batches in which about every image occurs once.
    pub fn batches_per_epoch(&self) -> usize {
        (self.order(0).len() / self.identities).max(1)
    }

    /// The image indices of batch `step`: K images of the first identity, then of the next.
    pub fn batch(&self, step: usize) -> Vec<usize> {
        let (epoch, at) = (
            step / self.batches_per_epoch(),
            step % self.batches_per_epoch(),
        );
        let order = self.order(epoch);
        let mut rng = generator(self.seed, Stream::Images, step as u64);
        order
            .iter()
            .cycle()
            .skip(at * self.identities)
            .take(self.identities)
            .flat_map(|&identity| self.draw(identity, &mut rng))
            .collect()
    }

    /// The identities of an epoch in random order; each occurs as often as needed for all of its
    /// images.
    fn order(&self, epoch: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.images.len())
            .flat_map(|id| {
                std::iter::repeat_n(id, self.images[id].len().div_ceil(self.per_identity))
            })
            .collect();
        order.shuffle(&mut generator(self.seed, Stream::Order, epoch as u64));
        order
    }

    /// K images of an identity, without repetition if there are enough.
    fn draw(&self, identity: usize, rng: &mut impl Rng) -> Vec<usize> {
        let mut images = self.images[identity].clone();
        images.shuffle(rng);
        images.into_iter().cycle().take(self.per_identity).collect()
    }
}

/// Draws batches of images without regard to identity; each image occurs at most once in an epoch.
/// Batch `n` depends only on the seed and `n`.
pub struct Shuffle {
    images: usize,
    per_batch: usize,
    seed: u64,
}

impl Shuffle {
    /// A shuffle of `images` images for batches of `per_batch`.
    ///
    /// # Panics
    /// If there are fewer images than a batch takes.
    pub fn new(images: usize, per_batch: usize, seed: u64) -> Self {
        assert!(
            per_batch <= images,
            "a batch takes no more images than there are"
        );
        Self {
            images,
            per_batch,
            seed,
        }
    }

    /// The image indices of batch `step`.
    pub fn batch(&self, step: usize) -> Vec<usize> {
        let batches = (self.images / self.per_batch.max(1)).max(1);
        let mut order: Vec<usize> = (0..self.images).collect();
        order.shuffle(&mut generator(
            self.seed,
            Stream::Unlabelled,
            (step / batches) as u64,
        ));
        order[step % batches * self.per_batch..][..self.per_batch].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(seed: u64) -> Sampler {
        let images = vec![
            vec![0, 1],
            vec![2, 3, 4],
            (5..25).collect(),
            vec![25, 26],
            vec![27, 28],
        ];
        Sampler::new(images, 3, 4, seed)
    }

    #[test]
    fn batches_are_reproducible_and_differ() {
        assert_eq!(sampler(1).batch(17), sampler(1).batch(17));
        assert_ne!(sampler(1).batch(17), sampler(1).batch(18));
        assert_ne!(sampler(1).batch(17), sampler(2).batch(17));
        assert_eq!(sampler(1).batch(0).len(), sampler(1).batch_size());
    }

    #[test]
    fn an_epoch_shows_large_identities_more_often() {
        let sampler = sampler(0);
        // One, one, five, one, one draws of four images; three draws make a batch.
        assert_eq!(sampler.batches_per_epoch(), 3);
        let seen: std::collections::BTreeSet<usize> =
            (0..60).flat_map(|step| sampler.batch(step)).collect();
        assert_eq!(seen.len(), 29);
    }

    #[test]
    fn images_of_an_identity_repeat_only_where_they_run_out() {
        for step in 0..20 {
            for images in sampler(5).batch(step).chunks(4) {
                let distinct: std::collections::BTreeSet<_> = images.iter().collect();
                let available = match images[0] {
                    0..=1 | 25..=28 => 2,
                    2..=4 => 3,
                    _ => 4,
                };
                assert_eq!(distinct.len(), available);
            }
        }
    }

    #[test]
    fn a_shuffle_shows_every_image_once_an_epoch() {
        let shuffle = Shuffle::new(12, 4, 7);
        let epoch = |first: usize| (first..first + 3).flat_map(|step| shuffle.batch(step));
        let distinct: std::collections::BTreeSet<_> = epoch(3).collect();
        assert_eq!(distinct.len(), 12);
        assert_ne!(epoch(0).collect::<Vec<_>>(), epoch(3).collect::<Vec<_>>());
        assert!(Shuffle::new(12, 0, 7).batch(5).is_empty());
    }
}
