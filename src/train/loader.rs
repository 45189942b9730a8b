//! Batches, read and augmented ahead of the step that uses them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rayon::prelude::*;

use super::augment::augment;
use super::dataset::Dataset;
use super::sampler::Sampler;
use super::targets::Targets;
use super::{Stream, generator};
use crate::image::RgbImage;

/// One step's images.
pub struct Batch {
    /// The step it is for.
    pub step: usize,
    /// Augmented crops, 112x112.
    pub images: Vec<RgbImage>,
    /// The identity of each.
    pub labels: Vec<usize>,
    /// Images that have a target, and the targets one after another.
    pub targets: (Vec<usize>, Vec<f32>),
}

/// Images that could not be used, each with its reason; shared with the loading threads.
pub type Skipped = Arc<Mutex<BTreeMap<PathBuf, String>>>;

/// Where batches are made from.
pub struct Loader {
    dataset: Dataset,
    sampler: Sampler,
    targets: Option<Targets>,
    seed: u64,
    skipped: Skipped,
}

impl Loader {
    /// A loader; `seed` drives the augmentation.
    pub fn new(dataset: Dataset, sampler: Sampler, targets: Option<Targets>, seed: u64) -> Self {
        Self {
            dataset,
            sampler,
            targets,
            seed,
            skipped: Skipped::default(),
        }
    }

    /// Images skipped so far.
    pub fn skipped(&self) -> Skipped {
        self.skipped.clone()
    }

    /// Batches from `first` on, made by a thread of their own that stays a few ahead. It ends
    /// when the receiver is dropped.
    pub fn start(self, first: usize) -> Receiver<Batch> {
        const AHEAD: usize = 3;
        let (sender, receiver) = sync_channel(AHEAD);
        thread::spawn(move || {
            for step in first.. {
                if sender.send(self.batch(step)).is_err() {
                    break;
                }
            }
        });
        receiver
    }

    /// The batch of `step`. Unusable images are left out.
    pub fn batch(&self, step: usize) -> Batch {
        let images = self.sampler.batch(step);
        let loaded: Vec<_> = images
            .par_iter()
            .enumerate()
            .filter_map(|(slot, &image)| {
                let index = (step * images.len() + slot) as u64;
                let mut rng = generator(self.seed, Stream::Augmentation, index);
                match self.dataset.crop(image) {
                    Ok(crop) => Some((image, augment(&crop, &mut rng))),
                    Err(reason) => {
                        self.skip(image, reason);
                        None
                    }
                }
            })
            .collect();
        let mut batch = Batch {
            step,
            images: Vec::with_capacity(loaded.len()),
            labels: Vec::with_capacity(loaded.len()),
            targets: Default::default(),
        };
        for (row, (image, augmented)) in loaded.into_iter().enumerate() {
            if let Some(target) = self.target(image, augmented.mirrored) {
                batch.targets.0.push(row);
                batch.targets.1.extend_from_slice(target);
            }
            batch.images.push(augmented.image);
            batch.labels.push(self.dataset.label(image));
        }
        batch
    }

    fn target(&self, image: usize, mirrored: bool) -> Option<&[f32]> {
        self.targets
            .as_ref()?
            .get(self.dataset.path(image)?, mirrored)
    }

    fn skip(&self, image: usize, reason: String) {
        let path = self
            .dataset
            .path(image)
            .map_or_else(PathBuf::new, PathBuf::from);
        self.skipped
            .lock()
            .expect("no holder panics")
            .entry(path)
            .or_insert(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loader() -> Loader {
        let dataset = Dataset::procedural(6, 3, 0);
        let sampler = Sampler::new(dataset.by_identity(), 3, 2, 9);
        Loader::new(dataset, sampler, None, 9)
    }

    #[test]
    fn batches_do_not_depend_on_where_loading_starts() {
        let from_zero: Vec<Batch> = loader().start(0).into_iter().take(4).collect();
        let from_three = loader().start(3).recv().unwrap();
        assert_eq!(from_three.step, 3);
        assert_eq!(from_three.images, from_zero[3].images);
        assert_eq!(from_three.labels, from_zero[3].labels);
    }
}
