//! Loads and augments batches ahead of the step that uses them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rand::Rng;
use rayon::prelude::*;

use super::augment::{Aligned, augment};
use super::mix::mix;
use super::sampler::{Sampler, Shuffle};
use super::targets::Targets;
use super::{Stream, generator};
use crate::data::dataset::Dataset;
use crate::image::RgbImage;
use crate::verify::embedding::Embedding;

/// The images for one device in one step.
pub struct Batch {
    /// The number of the batch, from 0.
    pub number: usize,
    /// Augmented crops, 112x112.
    pub images: Vec<RgbImage>,
    /// The identity of each of the first images; the rest are unlabelled.
    pub labels: Vec<usize>,
    /// The rows of the images that have a target, and the targets, 128 values each, one after
    /// another.
    pub targets: (Vec<usize>, Vec<f32>),
}

/// Images that could not be used, each with its reason; shared with the loading threads.
pub type Skipped = Arc<Mutex<BTreeMap<PathBuf, String>>>;

/// Faces of unknown people, for distillation only.
pub struct Unlabelled {
    /// The images; their labels have no meaning.
    pub images: Dataset,
    /// Chooses the images of each batch.
    pub shuffle: Shuffle,
    /// Share of the images that are mixed with another one, in `[0, 1]`. A mixed image has no
    /// stored target; only a teacher that embeds the image itself gives one.
    pub mixed: f64,
}

/// Makes batches.
pub struct Loader {
    dataset: Dataset,
    sampler: Sampler,
    unlabelled: Option<Unlabelled>,
    targets: Option<Arc<Targets>>,
    seed: u64,
    skipped: Skipped,
}

/// A loaded and augmented image.
struct Loaded<'a> {
    crop: RgbImage,
    label: Option<usize>,
    target: Option<&'a Embedding>,
}

impl Loader {
    /// A loader; `seed` drives the augmentation.
    pub fn new(
        dataset: Dataset,
        sampler: Sampler,
        targets: Option<Arc<Targets>>,
        seed: u64,
    ) -> Self {
        Self {
            dataset,
            sampler,
            unlabelled: None,
            targets,
            seed,
            skipped: Skipped::default(),
        }
    }

    /// The loader with `unlabelled` faces added to every batch.
    pub fn with_unlabelled(self, unlabelled: Option<Unlabelled>) -> Self {
        Self { unlabelled, ..self }
    }

    /// Images skipped so far.
    pub fn skipped(&self) -> Skipped {
        self.skipped.clone()
    }

    /// Starts a thread that makes batches from number `first` on, a few ahead. The thread ends when
    /// the receiver is dropped.
    pub fn start(self, first: usize) -> Receiver<Batch> {
        const AHEAD: usize = 3;
        let (sender, receiver) = sync_channel(AHEAD);
        thread::spawn(move || {
            for number in first.. {
                if sender.send(self.batch(number)).is_err() {
                    break;
                }
            }
        });
        receiver
    }

    /// The batch with this number. Unusable images are left out.
    pub fn batch(&self, number: usize) -> Batch {
        let labelled = self.sampler.batch(number).into_iter();
        let mut slots: Vec<_> = labelled
            .map(|image| (&self.dataset, image, Some(self.dataset.label(image))))
            .collect();
        if let Some(Unlabelled {
            images, shuffle, ..
        }) = &self.unlabelled
        {
            slots.extend(
                shuffle
                    .batch(number)
                    .into_iter()
                    .map(|image| (images, image, None)),
            );
        }
        let mut loaded: Vec<_> = slots
            .par_iter()
            .enumerate()
            .filter_map(|(slot, &(dataset, image, label))| {
                let index = (number * slots.len() + slot) as u64;
                let mut rng = generator(self.seed, Stream::Augmentation, index);
                self.load(dataset, image, label, &mut rng)
            })
            .collect();
        if let Some(Unlabelled { mixed, .. }) = self.unlabelled {
            let first = loaded.partition_point(|loaded| loaded.label.is_some());
            let mut rng = generator(self.seed, Stream::Mixing, number as u64);
            mix_some(&mut loaded[first..], mixed, &mut rng);
        }
        let mut batch = Batch {
            number,
            images: Vec::with_capacity(loaded.len()),
            labels: Vec::with_capacity(loaded.len()),
            targets: Default::default(),
        };
        for (row, loaded) in loaded.into_iter().enumerate() {
            if let Some(target) = loaded.target {
                batch.targets.0.push(row);
                batch.targets.1.extend(target.values());
            }
            batch.images.push(loaded.crop);
            batch.labels.extend(loaded.label);
        }
        batch
    }

    fn load(
        &self,
        dataset: &Dataset,
        image: usize,
        label: Option<usize>,
        rng: &mut impl Rng,
    ) -> Option<Loaded<'_>> {
        let path = dataset.path(image);
        match dataset.crop(image) {
            Ok(crop) => {
                let targets = self.targets.as_ref();
                let aligned = match dataset.is_refined() {
                    true => Aligned::Finely,
                    false => Aligned::Roughly,
                };
                Some(Loaded {
                    crop: augment(&crop, aligned, rng),
                    label,
                    target: targets.and_then(|targets| targets.get(path?)),
                })
            }
            Err(reason) => {
                let path = path.map_or_else(PathBuf::new, PathBuf::from);
                self.skipped
                    .lock()
                    .expect("no holder panics")
                    .entry(path)
                    .or_insert(reason);
                None
            }
        }
    }
}

/// Mixes about the share `share` of the images with the next image each, and removes their targets.
fn mix_some(loaded: &mut [Loaded], share: f64, rng: &mut impl Rng) {
    for index in 1..loaded.len() {
        if !rng.random_bool(share) {
            continue;
        }
        let [image, next] = [&loaded[index - 1], &loaded[index]].map(|l| &l.crop);
        loaded[index - 1].crop = mix(image, next, rng);
        loaded[index - 1].target = None;
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

    fn unlabelled(mixed: f64) -> Unlabelled {
        Unlabelled {
            images: Dataset::procedural(5, 1, 1),
            shuffle: Shuffle::new(5, 3, 9),
            mixed,
        }
    }

    #[test]
    fn batches_do_not_depend_on_where_loading_starts() {
        let from_zero: Vec<Batch> = loader().start(0).into_iter().take(4).collect();
        let from_three = loader().start(3).recv().unwrap();
        assert_eq!(from_three.number, 3);
        assert_eq!(from_three.images, from_zero[3].images);
        assert_eq!(from_three.labels, from_zero[3].labels);
    }

    #[test]
    fn unlabelled_faces_follow_the_labelled() {
        let batch = loader().with_unlabelled(Some(unlabelled(0.0))).batch(0);
        assert_eq!((batch.labels.len(), batch.images.len()), (6, 9));
        assert_eq!(batch.labels, loader().batch(0).labels);
    }

    #[test]
    fn only_unlabelled_faces_are_mixed() {
        let plain = loader().with_unlabelled(Some(unlabelled(0.0))).batch(0);
        let mixed = loader().with_unlabelled(Some(unlabelled(1.0))).batch(0);
        let changed = |row: &usize| plain.images[*row] != mixed.images[*row];
        // The last image has no next one.
        assert_eq!((0..9).filter(changed).collect::<Vec<_>>(), [6, 7]);
    }
}
