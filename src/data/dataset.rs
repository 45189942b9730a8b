//! The source of training images: files of aligned crops, or drawn faces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rand::seq::SliceRandom;
use rayon::prelude::*;

use super::drawn;
use super::files::{self, Failure};
use super::random::{Stream, generator};
use super::record::{self, Record};
use crate::face::refine::realigned;
use crate::image::RgbImage;
use crate::net::refiner::Refiner;

/// Most files of a dataset whose decoded crops are kept in memory, 4.5 GB. Decoding them again
/// would take a fifth of each training step.
const MOST_KEPT: usize = 120_000;

/// Images with identities; an image is read on demand.
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
    Files(Files),
    Procedural { seed: u64, per_identity: usize },
}

#[derive(Debug, Clone)]
struct Files {
    paths: Vec<PathBuf>,
    /// Refines the alignment of the crops.
    refiner: Option<Arc<Refiner>>,
    /// The decoded crops; empty for more than [`MOST_KEPT`] files.
    kept: Arc<[OnceLock<RgbImage>]>,
}

impl Files {
    fn new(paths: Vec<PathBuf>, refiner: Option<Arc<Refiner>>) -> Self {
        let kept = match paths.len() {
            count @ ..=MOST_KEPT => count,
            _ => 0,
        };
        Self {
            paths,
            refiner,
            kept: (0..kept).map(|_| OnceLock::new()).collect(),
        }
    }

    fn crop(&self, image: usize) -> Result<RgbImage, Failure> {
        let kept = self.kept.get(image);
        if let Some(crop) = kept.and_then(OnceLock::get) {
            return Ok(crop.clone());
        }
        let mut crop = files::decode_crop(&std::fs::read(&self.paths[image])?)?;
        if let Some(refiner) = &self.refiner {
            crop = realigned(refiner, &crop);
        }
        Ok(match kept {
            Some(place) => place.get_or_init(|| crop).clone(),
            None => crop,
        })
    }
}

impl Dataset {
    /// Files of aligned crops; `labels[i]` is the identity of `paths[i]`.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn labelled(paths: Vec<PathBuf>, labels: Vec<usize>) -> Self {
        assert_eq!(paths.len(), labels.len(), "one label an image");
        Self::new(Source::Files(Files::new(paths, None)), labels)
    }

    /// Files of aligned crops of unknown people.
    pub fn unlabelled(paths: Vec<PathBuf>) -> Self {
        let labels = (0..paths.len()).collect();
        Self::new(Source::Files(Files::new(paths, None)), labels)
    }

    /// The same images, with their alignment refined by `refiner`, if there is one and they are
    /// files. Drawn faces are aligned exactly.
    pub fn refined_by(mut self, refiner: Option<&Arc<Refiner>>) -> Self {
        if let (Source::Files(files), Some(refiner)) = (&mut self.source, refiner) {
            let paths = std::mem::take(&mut files.paths);
            *files = Files::new(paths, Some(refiner.clone()));
        }
        self
    }

    /// Whether the alignment of the images is refined.
    pub fn is_refined(&self) -> bool {
        matches!(&self.source, Source::Files(files) if files.refiner.is_some())
    }

    /// `identities` drawn people with `per_identity` pictures each; see [`drawn`].
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

    /// Splits off all images of about the share `share` of the identities (at least two, at most
    /// 200), drawn by `seed`. Returns `(training, held out)`.
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
            self.clone().keeping(|image| !held[image]),
            self.keeping(|image| held[image]),
        )
    }

    /// The dataset with only some images to sample from. The others get unique labels, so no batch
    /// uses them.
    fn keeping(mut self, keep: impl Fn(usize) -> bool) -> Self {
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

    /// The number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of identities with a single image; training leaves them out.
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
            Source::Files(files) => Some(&files.paths[image]),
            Source::Procedural { .. } => None,
        }
    }

    /// Reads or draws the aligned crop of `image`, 112x112.
    ///
    /// # Errors
    /// If the file is not a readable aligned crop; the message gives the reason.
    pub fn crop(&self, image: usize) -> Result<RgbImage, String> {
        match &self.source {
            Source::Procedural { seed, per_identity } => Ok(drawn::draw(
                *seed,
                image / per_identity,
                image % per_identity,
            )),
            Source::Files(files) => files.crop(image).map_err(|failure| failure.to_string()),
        }
    }
}

/// Crops that are usable for training.
#[derive(Debug, Default)]
pub struct Usable {
    /// The files of the crops, in the given order.
    pub paths: Vec<PathBuf>,
    /// The files' names relative to the root, with the hashes of their contents.
    pub record: Record,
    /// The unusable files, each with the reason.
    pub failures: Vec<(PathBuf, Failure)>,
}

/// Reads each of `paths`, all below `root`, and checks that it is an aligned crop. Files whose hash
/// is in `known` are not decoded again. `progress` gets the number of files read since its last
/// call.
pub fn usable(root: &Path, paths: &[PathBuf], known: &Record, progress: &dyn Fn(usize)) -> Usable {
    const BATCH: usize = 1024;
    let mut usable = Usable::default();
    for batch in paths.chunks(BATCH) {
        let read: Vec<_> = batch
            .par_iter()
            .map(|path| check(root, path, known))
            .collect();
        for (path, checked) in batch.iter().zip(read) {
            match checked {
                Ok((name, hash)) => {
                    usable.paths.push(path.clone());
                    usable.record.insert(name, hash);
                }
                Err(failure) => usable.failures.push((path.clone(), failure)),
            }
        }
        progress(batch.len());
    }
    usable
}

/// The name and hash of the crop at `path`.
fn check(root: &Path, path: &Path, known: &Record) -> Result<(String, String), Failure> {
    let bytes = std::fs::read(path)?;
    let (name, hash) = (record::name(root, path), record::hash(&bytes));
    if known.get(&name) != Some(&hash) {
        files::decode_crop(&bytes)?;
    }
    Ok((name, hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::refiner::tests::constant;

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
    fn a_crop_is_decoded_once() {
        let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
        ::image::RgbImage::from_pixel(112, 112, ::image::Rgb([90, 60, 30]))
            .save(file.path())
            .unwrap();
        let dataset = Dataset::unlabelled(vec![file.path().into()]);
        let first = dataset.clone().crop(0).unwrap();
        drop(file);
        assert_eq!(dataset.crop(0), Ok(first));
    }

    #[test]
    fn crops_are_refined_when_they_are_read() {
        let file = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
        let face = drawn::draw(0, 1, 0);
        ::image::save_buffer(
            file.path(),
            face.pixels(),
            112,
            112,
            ::image::ColorType::Rgb8,
        )
        .unwrap();
        let refiner = constant([0.0, 0.0, 0.5, -0.5]);
        let dataset = Dataset::unlabelled(vec![file.path().into()]);
        let refined = dataset.clone().refined_by(Some(&Arc::new(refiner.clone())));
        assert!(refined.is_refined() && !dataset.is_refined());
        assert_eq!(refined.crop(0), Ok(realigned(&refiner, &face)));
        assert_eq!(dataset.crop(0), Ok(face));
    }

    #[test]
    fn what_is_no_crop_is_left_out_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let save = |name: &str, side: u32| {
            let image = ::image::RgbImage::from_pixel(side, side, ::image::Rgb([90, 60, 30]));
            image.save(root.join(name)).unwrap();
        };
        save("crop.png", 112);
        save("photo.png", 113);
        std::fs::write(root.join("junk.jpg"), "junk").unwrap();
        let whole = std::fs::read(root.join("crop.png")).unwrap();
        std::fs::write(root.join("short.png"), &whole[..whole.len() / 2]).unwrap();
        let names = ["crop.png", "gone.png", "junk.jpg", "photo.png", "short.png"];
        let paths = names.map(|name| root.join(name));
        let usable = usable(root, &paths, &Record::default(), &|_| {});
        assert_eq!(usable.paths, [root.join("crop.png")]);
        assert_eq!(usable.record.get("crop.png"), Some(&*record::hash(&whole)));
        let failed: Vec<_> = usable.failures.iter().map(|(path, _)| path).collect();
        assert_eq!(failed, paths[1..].iter().collect::<Vec<_>>());
        let reason = usable.failures[2].1.to_string();
        assert!(reason.contains("113x113"), "{reason}");
    }
}
