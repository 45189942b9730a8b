//! Where training images come from: a folder per person, or the procedural faces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::seq::SliceRandom;
use thiserror::Error;

use super::faces;
use super::{Stream, generator};
use crate::eval::folder;
use crate::face::align::is_crop;
use crate::image::{RgbImage, decode};
use crate::net::CROP_SIZE;

/// Why a folder cannot be trained on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// There are no images below it.
    #[error("{} holds no images (looked for jpg, png and webp in one folder per person)", .0.display())]
    Empty(PathBuf),
    /// Too few people have two images.
    #[error(
        "{} has {found} people with at least two images; training needs {needed} (one folder per person)",
        path.display()
    )]
    TooFewIdentities {
        /// The folder.
        path: PathBuf,
        /// People with two images or more.
        found: usize,
        /// People needed.
        needed: usize,
    },
}

/// Images with identities; an image is read when it is asked for.
#[derive(Debug, Clone)]
pub struct Dataset {
    source: Source,
    /// The identity of each image.
    labels: Vec<usize>,
    /// Identities with a single image, which no triplet can use.
    singles: usize,
}

#[derive(Debug, Clone)]
enum Source {
    Files(Vec<PathBuf>),
    Procedural { seed: u64, per_identity: usize },
}

impl Dataset {
    /// All images below `root`, labelled by the folder they are in.
    ///
    /// # Errors
    /// Where the folder cannot be read or fewer than two people have two images.
    pub fn folder(root: &Path) -> Result<Self, DatasetError> {
        let paths = files(root)?;
        let labels = folder::identities(paths.iter().map(PathBuf::as_path));
        let dataset = Self::new(Source::Files(paths), labels);
        match dataset.by_identity().len() {
            found @ 0..2 => Err(DatasetError::TooFewIdentities {
                path: root.into(),
                found,
                needed: 2,
            }),
            _ => Ok(dataset),
        }
    }

    /// All images below `roots`, whoever is on them.
    ///
    /// # Errors
    /// Where a folder cannot be read or holds no images.
    pub fn unlabelled(roots: &[PathBuf]) -> Result<Self, DatasetError> {
        let paths: Vec<_> = roots
            .iter()
            .map(|root| files(root))
            .collect::<Result<_, _>>()?;
        let paths = paths.concat();
        let labels = (0..paths.len()).collect();
        Ok(Self::new(Source::Files(paths), labels))
    }

    /// `identities` drawn people with `per_identity` pictures each; see [`faces`].
    pub fn procedural(identities: usize, per_identity: usize, seed: u64) -> Self {
        let labels = (0..identities * per_identity)
            .map(|i| i / per_identity)
            .collect();
        Self::new(Source::Procedural { seed, per_identity }, labels)
    }

    fn new(source: Source, labels: Vec<usize>) -> Self {
        let mut dataset = Self {
            source,
            labels,
            singles: 0,
        };
        let identities = dataset.labels.iter().max().map_or(0, |last| last + 1);
        dataset.singles = identities - dataset.by_identity().len();
        dataset
    }

    /// Splits off every image of about `share` of the identities (at least two, at most 200),
    /// drawn by `seed`: `(training, held out)`.
    pub fn hold_out(self, share: f64, seed: u64) -> (Self, Self) {
        let mut identities: Vec<usize> = (0..self.by_identity().len()).collect();
        identities.shuffle(&mut generator(seed, Stream::HoldOut, 0));
        let count = ((identities.len() as f64 * share) as usize).clamp(2, 200);
        let groups: Vec<_> = self.by_identity();
        let mut held = vec![false; self.labels.len()];
        for &identity in identities
            .iter()
            .take(count.min(identities.len().saturating_sub(2)))
        {
            groups[identity]
                .iter()
                .for_each(|&image| held[image] = true);
        }
        (
            self.clone().labelled(|image| !held[image]),
            self.labelled(|image| held[image]),
        )
    }

    /// The dataset with only the images kept in play; the others lose their label's meaning by
    /// becoming single images.
    fn labelled(mut self, keep: impl Fn(usize) -> bool) -> Self {
        let mut next = self.labels.iter().max().map_or(0, |last| last + 1);
        for image in 0..self.labels.len() {
            if !keep(image) {
                self.labels[image] = next;
                next += 1;
            }
        }
        self
    }

    /// Images of each identity that has at least two.
    pub fn by_identity(&self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (image, &label) in self.labels.iter().enumerate() {
            groups.entry(label).or_default().push(image);
        }
        groups
            .into_values()
            .filter(|images| images.len() >= 2)
            .collect()
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Identities left out because they have one image.
    pub fn singles(&self) -> usize {
        self.singles
    }

    /// The identity of `image`.
    pub fn label(&self, image: usize) -> usize {
        self.labels[image]
    }

    /// The file of `image`; `None` for drawn faces.
    pub fn path(&self, image: usize) -> Option<&Path> {
        match &self.source {
            Source::Files(paths) => Some(&paths[image]),
            Source::Procedural { .. } => None,
        }
    }

    /// Reads or draws the aligned crop of `image`, 112x112.
    ///
    /// # Errors
    /// What is wrong with the file, in words.
    pub fn crop(&self, image: usize) -> Result<RgbImage, String> {
        match &self.source {
            Source::Procedural { seed, per_identity } => Ok(faces::draw(
                *seed,
                image / per_identity,
                image % per_identity,
            )),
            Source::Files(paths) => {
                let bytes = std::fs::read(&paths[image]).map_err(|error| error.to_string())?;
                let crop = decode(&bytes).map_err(|error| error.to_string())?;
                if is_crop(&crop) {
                    return Ok(crop);
                }
                Err(format!(
                    "it is {}x{} pixels, not an aligned {CROP_SIZE}x{CROP_SIZE} crop",
                    crop.width(),
                    crop.height()
                ))
            }
        }
    }
}

fn files(root: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let paths = folder::images(root).map_err(|source| DatasetError::Unreadable {
        path: root.into(),
        source,
    })?;
    match paths.is_empty() {
        true => Err(DatasetError::Empty(root.into())),
        false => Ok(paths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_out_identities_are_never_trained_on() {
        let dataset = Dataset::procedural(40, 5, 0);
        let (train, held) = dataset.hold_out(0.2, 1);
        assert_eq!(train.by_identity().len(), 32);
        assert_eq!(held.by_identity().len(), 8);
        let trained: Vec<usize> = train.by_identity().concat();
        assert!(
            held.by_identity()
                .concat()
                .iter()
                .all(|image| !trained.contains(image))
        );
    }

    #[test]
    fn folders_that_cannot_be_trained_on_are_told_apart() {
        let root = tempfile::tempdir().unwrap();
        let error = Dataset::folder(root.path()).unwrap_err();
        assert!(matches!(error, DatasetError::Empty(_)), "{error}");
        for person in ["ann", "bob"] {
            std::fs::create_dir(root.path().join(person)).unwrap();
            std::fs::write(root.path().join(person).join("1.jpg"), "").unwrap();
        }
        let error = Dataset::folder(root.path()).unwrap_err();
        assert!(
            matches!(error, DatasetError::TooFewIdentities { found: 0, .. }),
            "{error}"
        );
        let error = Dataset::folder(&root.path().join("nowhere")).unwrap_err();
        assert!(matches!(error, DatasetError::Unreadable { .. }), "{error}");
    }

    #[test]
    fn a_broken_image_is_an_error_in_words() {
        let root = tempfile::tempdir().unwrap();
        for (person, file) in [
            ("a", "1.jpg"),
            ("a", "2.jpg"),
            ("b", "1.jpg"),
            ("b", "2.jpg"),
        ] {
            std::fs::create_dir_all(root.path().join(person)).unwrap();
            std::fs::write(root.path().join(person).join(file), "not a picture").unwrap();
        }
        let dataset = Dataset::folder(root.path()).unwrap();
        assert!(!dataset.crop(0).unwrap_err().is_empty());
    }
}
