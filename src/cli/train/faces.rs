//! Finds and checks the faces for a run, before it starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::Train;
use crate::cli::common::{self, Progress, images_below, images_by_folder};
use crate::cli::output::note;
use crate::data::align::{Aligner, Alignment, are_aligned};
use crate::data::dataset::{Dataset, usable};
use crate::data::people;
use crate::data::record::{self, Record};
use crate::net::refiner::Refiner;
use crate::train::corpus::Corpus;
use crate::train::outputs::Outputs;
use crate::train::targets::Targets;

/// Share of the people of --data that are held out for validation, without --validation.
const HELD_OUT: f64 = 0.1;

/// The faces for a run.
pub(super) struct Faces {
    /// The training data.
    pub corpus: Corpus,
    /// Faces of other people, for validation.
    pub held_out: Dataset,
    /// The record of the training data.
    pub record: Record,
}

impl Faces {
    /// The same faces, with their alignment refined if there is a `refiner`.
    pub(super) fn refined_by(self, refiner: Option<&Arc<Refiner>>) -> Self {
        let refined = |faces: Dataset| faces.refined_by(refiner);
        Self {
            corpus: Corpus {
                labelled: refined(self.corpus.labelled),
                unlabelled: self.corpus.unlabelled.map(refined),
                ..self.corpus
            },
            held_out: refined(self.held_out),
            ..self
        }
    }
}

/// Crops below a folder.
struct Crops {
    root: PathBuf,
    paths: Vec<PathBuf>,
    record: Record,
}

impl Train {
    /// Finds the faces for training and validation. Files whose hash is in `known` are not checked
    /// again.
    pub(super) fn faces(&self, outputs: &Outputs, known: &Record) -> Result<Faces> {
        let mut record = Record::default();
        let (labelled, held_out) = self.labelled(outputs, known, &mut record)?;
        let identities = labelled.by_identity().len();
        ensure!(
            identities >= self.identities,
            "a batch takes {} identities, but only {identities} are usable for training: lower --identities",
            self.identities
        );
        note!(
            "{identities} identities, {} images to train on; {} people have one image and are left out",
            labelled.by_identity().concat().len(),
            labelled.singles()
        );
        let unlabelled = self.unlabelled(outputs, known, &mut record)?;
        let targets = self.targets.as_deref().map(Targets::open).transpose()?;
        ensure!(
            unlabelled.is_none() || targets.is_some() || self.teacher.is_some(),
            "--unlabelled faces are for distillation: give --targets or --teacher as well"
        );
        for (name, file) in [("targets", &self.targets), ("teacher", &self.teacher)] {
            if let Some(path) = file {
                let bytes = std::fs::read(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                record.insert(name.into(), record::hash(&bytes));
            }
        }
        let corpus = Corpus {
            labelled,
            unlabelled,
            targets: targets.map(Arc::new),
        };
        Ok(Faces {
            corpus,
            held_out,
            record,
        })
    }

    /// Faces of known people, for training and for validation.
    fn labelled(
        &self,
        outputs: &Outputs,
        known: &Record,
        record: &mut Record,
    ) -> Result<(Dataset, Dataset)> {
        const DRAWN_IDENTITIES: usize = 400;
        const DRAWN_IMAGES: usize = 12;
        let Some(data) = &self.data else {
            let kind = format!("{DRAWN_IDENTITIES} people, {DRAWN_IMAGES} images each");
            record.insert("drawn faces".into(), record::hash(kind.as_bytes()));
            let faces = Dataset::procedural(DRAWN_IDENTITIES, DRAWN_IMAGES, self.seed);
            return Ok(faces.hold_out(HELD_OUT, self.seed));
        };
        let train = self.people(data, "train", outputs, known, record)?;
        Ok(match &self.validation {
            None => train.hold_out(HELD_OUT, self.seed),
            Some(people) => {
                let mut unused = Record::default();
                let validation = self.people(people, "validation", outputs, known, &mut unused)?;
                (train, validation)
            }
        })
    }

    /// The people of the folder `root`.
    fn people(
        &self,
        root: &Path,
        name: &str,
        outputs: &Outputs,
        known: &Record,
        record: &mut Record,
    ) -> Result<Dataset> {
        let images = images_by_folder(root, "person")?;
        let crops = self.crops_of(root, images, name, outputs, known)?;
        let labels = people::identities(&crops.root, &crops.paths);
        record.extend(name, crops.record);
        let dataset = Dataset::labelled(crops.paths, labels);
        let found = dataset.by_identity().len();
        ensure!(
            found >= 2,
            "{} has {found} people with at least two usable images; training needs 2, in a folder \
             for each person",
            root.display()
        );
        Ok(dataset)
    }

    /// Faces of unknown people, if --unlabelled is given.
    fn unlabelled(
        &self,
        outputs: &Outputs,
        known: &Record,
        record: &mut Record,
    ) -> Result<Option<Dataset>> {
        if self.unlabelled.is_empty() {
            return Ok(None);
        }
        let mut paths = Vec::new();
        for (index, root) in self.unlabelled.iter().enumerate() {
            let name = format!("unlabelled-{index}");
            let crops = self.crops_of(root, images_below(root)?, &name, outputs, known)?;
            paths.extend(crops.paths);
            record.extend(&name, crops.record);
        }
        let (count, batch) = (paths.len(), self.unlabelled_images);
        ensure!(
            batch <= count,
            "a batch takes {batch} unlabelled images, but there are only {count}: lower --unlabelled-images"
        );
        note!("{count} unlabelled images");
        Ok(Some(Dataset::unlabelled(paths)))
    }

    /// The usable aligned crops among the `images` below `root`. Photos are aligned first, into a
    /// folder beside --out.
    fn crops_of(
        &self,
        root: &Path,
        images: Vec<PathBuf>,
        name: &str,
        outputs: &Outputs,
        known: &Record,
    ) -> Result<Crops> {
        let (root, images) = match self.aligned || are_aligned(&images) {
            true => (root.to_path_buf(), images),
            false => {
                let folder = outputs.crops.join(name);
                let crops = self.align(root, &images, &folder)?;
                (folder, crops)
            }
        };
        let progress = Progress::new(images.len());
        let found = usable(&root, &images, &known.below(name), &progress.advance());
        drop(progress);
        common::report_failures(&found.failures, images.len());
        Ok(Crops {
            root,
            paths: found.paths,
            record: found.record,
        })
    }

    /// Aligns `photos` below `root` into `folder`, and returns the crops.
    fn align(&self, root: &Path, photos: &[PathBuf], folder: &Path) -> Result<Vec<PathBuf>> {
        let (detector, detector_hash) = self.detector.load()?;
        note!(
            "aligning the photos of {} into {}",
            root.display(),
            folder.display()
        );
        let aligner = Aligner {
            detector: &detector,
            detector_hash,
            root,
            crops: folder,
        };
        let progress = Progress::new(photos.len());
        let Alignment {
            crops,
            failures,
            several_faces,
        } = aligner.align(photos, &progress.advance())?;
        drop(progress);
        common::report_skipped(&failures);
        if several_faces > 0 {
            note!(
                "{several_faces} photos show several faces; of each the largest and most central is used"
            );
        }
        note!("{} images aligned, {} skipped", crops.len(), failures.len());
        Ok(crops)
    }
}
