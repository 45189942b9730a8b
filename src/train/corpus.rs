//! A run's training data: labelled faces, unlabelled faces, and a teacher's embeddings of both.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evenly;
use super::loader::{Loader, Unlabelled};
use super::sampler::{Sampler, Shuffle};
use super::settings::Settings;
use super::targets::Targets;
use crate::data::dataset::Dataset;

/// The training data of a run.
pub struct Corpus {
    /// Faces of known people.
    pub labelled: Dataset,
    /// Faces of unknown people, for distillation only.
    pub unlabelled: Option<Dataset>,
    /// The teacher's embeddings of the labelled and unlabelled faces.
    pub targets: Option<Arc<Targets>>,
}

impl Corpus {
    /// The memory bank of the contrastive term: the teacher's embeddings of these faces, one after
    /// another. If there are more than a device can compare with at every step, an evenly spaced
    /// selection.
    pub fn bank(&self) -> Vec<f32> {
        const MOST: usize = 1 << 14;
        let labelled = self.labelled.by_identity().concat().into_iter();
        let labelled = labelled.filter_map(|image| self.labelled.path(image));
        let unlabelled = self.unlabelled.iter();
        let unlabelled =
            unlabelled.flat_map(|images| (0..images.len()).filter_map(|image| images.path(image)));
        let paths: BTreeSet<_> = labelled.chain(unlabelled).collect();
        let targets = self.targets.iter();
        let known: Vec<_> = targets
            .flat_map(|targets| paths.iter().filter_map(|path| targets.get(path)))
            .collect();
        evenly(&known, MOST)
            .flat_map(|target| *target.values())
            .collect()
    }

    /// The loader of batches of these faces, according to `settings`.
    pub fn loader(&self, settings: &Settings) -> Loader {
        let Settings {
            identities,
            images,
            unlabelled,
            mixed,
            seed,
            ..
        } = *settings;
        let sampler = Sampler::new(self.labelled.by_identity(), identities, images, seed);
        let unlabelled = self.unlabelled.as_ref().map(|images| Unlabelled {
            images: images.clone(),
            shuffle: Shuffle::new(images.len(), unlabelled, seed),
            mixed,
        });
        Loader::new(self.labelled.clone(), sampler, self.targets.clone(), seed)
            .with_unlabelled(unlabelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::targets;
    use crate::verify::embedding::EMBEDDING_DIM;

    #[test]
    fn the_bank_holds_each_trained_face_once() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..10).map(|i| format!("{i}.jpg")).collect();
        let paths: Vec<_> = names.iter().map(|name| folder.path().join(name)).collect();
        let file = folder.path().join("targets.safetensors");
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let rows = 1f32.to_le_bytes().repeat(10 * EMBEDDING_DIM);
        targets::tests::write(&file, &names, &[("embedding", rows)]);
        let labels = (0..10).map(|i| i / 2).collect();
        let (labelled, _) = Dataset::labelled(paths.clone(), labels).hold_out(0.4, 0);
        let mut faces = Corpus {
            labelled,
            unlabelled: None,
            targets: Some(Arc::new(Targets::open(&file).unwrap())),
        };
        assert_eq!(faces.bank().len(), 6 * EMBEDDING_DIM);
        faces.unlabelled = Some(Dataset::unlabelled(paths[..4].to_vec()));
        let known = faces.labelled.by_identity().concat();
        let new = (0..4).filter(|image| !known.contains(image)).count();
        assert_eq!(faces.bank().len(), (6 + new) * EMBEDDING_DIM);
    }
}
