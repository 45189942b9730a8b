//! `facekey train`: faces in, the weights that the page loads out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use burn::tensor::{DType, Tensor};
use clap::Args;

use super::common::TrainingBar;
use super::embed::{DETECTOR, DETECTOR_REMEDY, open_weights, read};
use super::export::{crops, write_weights};
use crate::detect::Detector;
use crate::device;
use crate::image::to_tensor;
use crate::net::weights::{Metadata, TrainingSummary};
use crate::net::{FaceNet, Preset};
use crate::train::align::{Alignment, align_folder, is_aligned};
use crate::train::checkpoint::Checkpoint;
use crate::train::corpus::Corpus;
use crate::train::dataset::Dataset;
use crate::train::evenly;
use crate::train::log;
use crate::train::mining::Mining;
use crate::train::settings::{Length, Precision, Settings};
use crate::train::targets::Targets;
use crate::train::teacher::Teacher;
use crate::train::trainer::{Intervals, Outputs, RunContext, Trainer};

/// Train the network on a folder of faces, or on drawn ones
#[derive(Debug, Args)]
pub struct Train {
    /// One folder per person, photos or aligned 112x112 crops; without it, faces are drawn
    #[arg(long)]
    data: Option<PathBuf>,
    /// People to validate on, in the same layout; without it, some of --data are held out
    #[arg(long)]
    validation: Option<PathBuf>,
    /// Take every image for an aligned crop: never detect, skip images of another size
    #[arg(long)]
    aligned: bool,
    /// Weights of the face detector, needed only for photos
    #[arg(long, value_name = "FILE", default_value = DETECTOR)]
    detector: PathBuf,
    /// Start from the weights in this file, of the same preset; a lower --learning-rate suits them
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    init: Option<PathBuf>,
    /// Where the weights go; checkpoint, log and curves go beside them
    #[arg(long, default_value = "runs/facenet.bpk")]
    out: PathBuf,
    /// The network [default: slim, or tiny for drawn faces]
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// How triplets are chosen
    #[arg(long, value_enum, default_value = "semi-hard")]
    mining: Mining,
    /// Margin of the triplet loss, in squared distance
    #[arg(long, default_value_t = 0.2)]
    margin: f32,
    /// Identities in a batch
    #[arg(long, default_value_t = 16)]
    identities: usize,
    /// Images of each identity in a batch
    #[arg(long, default_value_t = 4)]
    images: usize,
    /// Length of the run in passes over the images
    #[arg(long, group = "length")]
    epochs: Option<f64>,
    /// Length of the run in crops seen, those of --unlabelled included
    #[arg(long, group = "length")]
    crops: Option<usize>,
    /// Length of the run in minutes of training [default: 3 for drawn faces, else 60]
    #[arg(long, group = "length")]
    minutes: Option<f64>,
    /// Peak learning rate of Adam; Muon's, which moves the convolutions, is a multiple of it
    #[arg(long, default_value_t = 1e-3)]
    learning_rate: f64,
    /// Embeddings of a teacher (safetensors, with a list of images beside it) to be drawn towards
    #[arg(long)]
    targets: Option<PathBuf>,
    /// A MobileFaceNet (safetensors) that looks at the pictures themselves, augmented and mixed:
    /// with --targets at those that have none there, without at all of them
    #[arg(long, value_name = "FILE")]
    teacher: Option<PathBuf>,
    /// Weight of the triplet loss
    #[arg(long, default_value_t = 1.0)]
    triplet_weight: f32,
    /// Weight of the pull towards the targets
    #[arg(long, default_value_t = 1.0)]
    distillation_weight: f32,
    /// Weight of the pull towards the distances between the targets in a batch
    #[arg(long, default_value_t = 1.0)]
    relational_weight: f32,
    /// Weight of telling each face's target from those of the other faces in --targets
    #[arg(long, default_value_t = 0.3)]
    contrastive_weight: f32,
    /// Folders of faces of anyone; they are drawn towards their targets and make no triplets
    #[arg(long, value_name = "DIR", num_args = 1..)]
    unlabelled: Vec<PathBuf>,
    /// Unlabelled images in a batch
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 32,
        requires = "unlabelled"
    )]
    unlabelled_images: usize,
    /// Share of the unlabelled images that are mixed with another one, for a teacher to see
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, requires_all = ["unlabelled", "teacher"])]
    mixup: f64,
    /// Devices to train on at once: GPUs, or shares of the CPU. Each takes a batch of its own in
    /// every step, and their gradients are averaged
    #[arg(long, value_name = "COUNT", default_value = "1")]
    devices: NonZeroUsize,
    /// Activation precision; bf16 is faster on processors and GPUs that multiply it
    #[arg(long, value_enum, default_value = "f32")]
    precision: Precision,
    /// Drives everything random
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Go on from the checkpoint beside --out
    #[arg(long)]
    resume: bool,
}

impl Train {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// In words for a person: what could not be read, written or trained.
    pub fn run(self) -> Result<()> {
        let (train, held_out) = self.datasets()?;
        let identities = train.by_identity().len();
        ensure!(
            identities >= self.identities,
            "a batch takes {} identities but only {identities} can be trained on: lower --identities",
            self.identities
        );
        eprintln!(
            "{identities} identities, {} images to train on; {} people have one image and are left out",
            train.by_identity().concat().len(),
            train.singles()
        );
        let validation = crops(&held_out);
        let unlabelled = self.unlabelled()?;
        let targets = self.targets.as_deref().map(Targets::open).transpose()?;
        ensure!(
            unlabelled.is_none() || targets.is_some() || self.teacher.is_some(),
            "--unlabelled faces are for distillation: give --targets or --teacher as well"
        );
        let initial = self.initial(&train)?;
        let settings = self.settings(&train, initial.as_ref().map(|(_, metadata)| metadata));
        if let Some(folder) = self.out.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let outputs = Outputs {
            checkpoint: self.out.with_extension("checkpoint"),
            log: self.out.with_extension("log.jsonl"),
        };
        let devices = device::fastest(self.devices.get())?;
        ensure!(
            devices[0].supports_dtype(DType::from(self.precision)),
            "the device cannot hold features in {:?}: leave --precision out",
            self.precision
        );
        let teacher = self.teacher.as_deref();
        let teacher = teacher
            .map(|path| Teacher::open(path, &devices[0]))
            .transpose()?;
        let checkpoint = Checkpoint::new(outputs.checkpoint.clone());
        let trainer = match self.resume {
            true => Trainer::resume(self.resumed(settings, &checkpoint)?, &checkpoint, &devices)?,
            false => {
                let initial = initial.map(|(network, _)| network);
                Trainer::new(settings, initial, &devices)
            }
        };
        let mut trainer = trainer.with_teacher(teacher);
        let preset = trainer.settings().preset;
        let interrupted = stop_on_interrupt()?;
        let corpus = Corpus {
            labelled: train,
            unlabelled,
            targets: targets.map(Arc::new),
        };
        let context = RunContext {
            corpus: &corpus,
            validation: &validation,
            outputs: &outputs,
            intervals: Intervals::default(),
            interrupted: &interrupted,
        };
        trainer.run(&context, &mut TrainingBar::new())?;
        let summary = self.summary(&trainer, identities);
        write_weights(trainer.network(), preset, summary, &validation, &self.out)?;
        let curves = self.out.with_extension("svg");
        log::plot(&outputs.log, &curves)?;
        eprintln!("wrote {} and {}", self.out.display(), curves.display());
        if interrupted.load(Ordering::Relaxed) {
            eprintln!("stopped early; the same command with --resume goes on from here");
        }
        Ok(())
    }

    fn datasets(&self) -> Result<(Dataset, Dataset)> {
        const DRAWN_IDENTITIES: usize = 400;
        const DRAWN_IMAGES: usize = 12;
        const HELD_OUT: f64 = 0.1;
        let Some(data) = &self.data else {
            return Ok(
                Dataset::procedural(DRAWN_IDENTITIES, DRAWN_IMAGES, self.seed)
                    .hold_out(HELD_OUT, self.seed),
            );
        };
        let train = Dataset::folder(&self.crops_of(data, "train")?)?;
        Ok(match &self.validation {
            None => train.hold_out(HELD_OUT, self.seed),
            Some(people) => (
                train,
                Dataset::folder(&self.crops_of(people, "validation")?)?,
            ),
        })
    }

    fn unlabelled(&self) -> Result<Option<Dataset>> {
        if self.unlabelled.is_empty() {
            return Ok(None);
        }
        let roots = self.unlabelled.iter().enumerate();
        let roots: Vec<_> = roots
            .map(|(index, root)| self.crops_of(root, &format!("unlabelled-{index}")))
            .collect::<Result<_>>()?;
        let faces = Dataset::unlabelled(&roots)?;
        let (count, batch) = (faces.len(), self.unlabelled_images);
        ensure!(
            batch <= count,
            "a batch takes {batch} unlabelled images but there are {count}"
        );
        eprintln!("{count} unlabelled images");
        Ok(Some(faces))
    }

    /// `root`, or where it holds photos, a folder beside --out with their aligned crops.
    fn crops_of(&self, root: &Path, name: &str) -> Result<PathBuf> {
        if self.aligned || is_aligned(root)? {
            return Ok(root.into());
        }
        let detector = Detector::load(&read(&self.detector, DETECTOR_REMEDY)?, &device::cpu())?;
        let crops = self.out.with_extension("crops").join(name);
        eprintln!(
            "aligning the photos of {} into {}",
            root.display(),
            crops.display()
        );
        let Alignment {
            crops: count,
            failures,
        } = align_folder(root, &crops, &detector)?;
        for (path, reason) in &failures {
            eprintln!("skipped {}: {reason}", path.display());
        }
        eprintln!("{count} images aligned, {} skipped", failures.len());
        Ok(crops)
    }

    /// What --init names, balanced on some of the faces to train on.
    fn initial(&self, faces: &Dataset) -> Result<Option<(FaceNet, Metadata)>> {
        let Some(path) = &self.init else {
            return Ok(None);
        };
        let (network, metadata) = open_weights(path)?;
        let found = metadata.preset;
        ensure!(
            self.preset.is_none_or(|preset| preset == found),
            "{} is of the preset {found}: leave --preset out",
            path.display()
        );
        Ok(Some((network.balance(sample(faces)?), metadata)))
    }

    /// `settings` of a run that goes on: it started from what its checkpoint says.
    fn resumed(&self, settings: Settings, checkpoint: &Checkpoint) -> Result<Settings> {
        let (saved, _): (Settings, _) = checkpoint.state_of()?;
        let preset = self.preset.unwrap_or(saved.preset);
        Ok(Settings {
            init: saved.init,
            preset,
            ..settings
        })
    }

    fn settings(&self, train: &Dataset, initial: Option<&Metadata>) -> Settings {
        let drawn = self.data.is_none();
        let images = train.by_identity().concat().len();
        let devices = self.devices.get();
        let batch = self.identities * self.images * devices;
        let default = if drawn { Preset::Tiny } else { Preset::Slim };
        let minutes = self.minutes.unwrap_or(if drawn { 3.0 } else { 60.0 });
        let taught = |weight| match self.targets.is_some() || self.teacher.is_some() {
            true => weight,
            false => 0.0,
        };
        Settings {
            preset: initial
                .map(|metadata| metadata.preset)
                .or(self.preset)
                .unwrap_or(default),
            init: initial.map(|metadata| metadata.model_id.clone()),
            mining: self.mining,
            margin: self.margin,
            triplet_weight: self.triplet_weight,
            distillation_weight: taught(self.distillation_weight),
            relational_weight: taught(self.relational_weight),
            contrastive_weight: match self.targets.is_some() {
                true => self.contrastive_weight,
                false => 0.0,
            },
            identities: self.identities,
            images: self.images,
            unlabelled: match self.unlabelled.is_empty() {
                true => 0,
                false => self.unlabelled_images,
            },
            taught: self.teacher.is_some(),
            mixed: self.mixup,
            devices,
            length: match (self.epochs, self.crops) {
                (Some(epochs), _) => {
                    Length::Steps((epochs * images as f64 / batch as f64).ceil() as usize)
                }
                (None, Some(crops)) => Length::Crops(crops),
                (None, None) => Length::Time(Duration::from_secs_f64(minutes * 60.0)),
            },
            learning_rate: self.learning_rate,
            warm_up: 0.05,
            precision: self.precision,
            seed: self.seed,
        }
    }

    fn summary(&self, trainer: &Trainer, identities: usize) -> TrainingSummary {
        let name = |path: &Path| {
            path.file_name()
                .map_or_else(|| "a folder".into(), |name| name.to_string_lossy().into())
        };
        TrainingSummary {
            data: self
                .data
                .as_deref()
                .map_or_else(|| "procedural faces".into(), name),
            identities,
            steps: trainer.progress().step,
            images: trainer.progress().images,
            loss: trainer.settings().loss(),
            ..TrainingSummary::default()
        }
    }
}

/// Some hundred faces of `dataset`, evenly chosen, as a network takes them.
fn sample(dataset: &Dataset) -> Result<Tensor<4>> {
    const FACES: usize = 128;
    let images = dataset.by_identity().concat();
    let crops: Vec<_> = evenly(&images, FACES)
        .filter_map(|&image| dataset.crop(image).ok())
        .collect();
    ensure!(!crops.is_empty(), "no image of --data can be read");
    let crops: Vec<_> = crops.iter().collect();
    Ok(to_tensor(&crops, &device::cpu()))
}

fn stop_on_interrupt() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let setter = flag.clone();
    ctrlc::set_handler(move || setter.store(true, Ordering::Relaxed))
        .context("cannot watch for Ctrl-C")?;
    Ok(flag)
}
