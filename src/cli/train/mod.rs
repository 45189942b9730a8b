//! `train`: trains a network, and writes the weights that the page loads.

mod earlier;
mod faces;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use burn::tensor::{DType, Device, Tensor};
use clap::Args;

use super::common::TrainingBar;
use super::curves::curves_svg;
use super::export::{crops, packed};
use super::models::{DetectorArgs, find_refiner, open_refiner, open_weights};
use super::numbers::{self, count, number, single};
use super::output::note;
use crate::data::dataset::Dataset;
use crate::data::output_file;
use crate::data::output_file::OutputFile;
use crate::data::record::Record;
use crate::device;
use crate::image::to_tensor;
use crate::net::refiner::Refiner;
use crate::net::weights::{Metadata, TrainingSummary};
use crate::net::{FaceNet, Preset};
use crate::train::checkpoint::Checkpoint;
use crate::train::evenly;
use crate::train::log;
use crate::train::mining::Mining;
use crate::train::outputs::Outputs;
use crate::train::settings::{Length, Precision, Settings, cool_down};
use crate::train::teacher::Teacher;
use crate::train::trainer::{Intervals, RunContext, Trainer};
use faces::Faces;

/// Train the network on a folder of faces, or on drawn ones
#[derive(Debug, Args)]
pub struct Train {
    /// Photos or aligned 112x112 crops, a folder for each person; without it, faces are drawn
    #[arg(long)]
    data: Option<PathBuf>,
    /// People to validate on, in the same layout; without it, some of --data are held out
    #[arg(long)]
    validation: Option<PathBuf>,
    /// Treat the images as aligned 112x112 crops; skip detection, and skip images of another size
    #[arg(long)]
    aligned: bool,
    #[command(flatten)]
    detector: DetectorArgs,
    /// Start from the weights in this file, of the same preset; use a lower --learning-rate
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    init: Option<PathBuf>,
    /// Refine the alignment of every face with the refiner of the weights in this file, in training
    /// and, because the new weights contain it, in use [default: the weights of --init]
    #[arg(long, value_name = "FILE", requires = "data")]
    refiner: Option<PathBuf>,
    /// Write the weights here, and checkpoint, log, curves and crops beside them
    #[arg(long, default_value = "runs/facenet.bpk")]
    out: PathBuf,
    /// The network [default: the one that the page loads, or tiny for drawn faces]
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// How triplets are chosen
    #[arg(long, value_enum, default_value = "semi-hard")]
    mining: Mining,
    /// Margin of the triplet loss, in squared distance, from 0 to 4
    #[arg(long, default_value_t = 0.2, value_parser = single(numbers::MARGIN))]
    margin: f32,
    /// Identities in a batch, from 2 to 4096
    #[arg(long, default_value_t = 16, value_parser = count(2..=4096))]
    identities: usize,
    /// Images of each identity in a batch, from 2 to 256
    #[arg(long, default_value_t = 4, value_parser = count(2..=256))]
    images: usize,
    /// Length of the run in passes over the images, above 0 and below 1000000
    #[arg(long, group = "length", value_parser = number(numbers::EPOCHS))]
    epochs: Option<f64>,
    /// Length of the run in crops seen, those of --unlabelled included, from 1 to 1000000000000
    #[arg(long, group = "length", value_parser = count(1..=1_000_000_000_000))]
    crops: Option<usize>,
    /// Length of the run in minutes of training, above 0 and below 5000000 [default: 3 for drawn
    /// faces, else 60; with --resume as before]
    #[arg(long, group = "length", value_parser = number(numbers::MINUTES))]
    minutes: Option<f64>,
    /// Peak learning rate of Adam, above 0 and below 1e31; Muon's, for the convolutions, is a multiple
    /// of it [default: 0.001; with --resume as before]
    #[arg(long, value_parser = number(numbers::LEARNING_RATE))]
    learning_rate: Option<f64>,
    /// Share of the run at its end, from 0 to 1, in which the learning rate falls to a hundredth. 0
    /// keeps the rate constant, so that the run can be made longer later [default: 0.3; with --resume
    /// as before]
    #[arg(long, value_name = "PART", value_parser = number(numbers::PART))]
    cool_down: Option<f64>,
    /// Embeddings of a teacher for distillation (safetensors, with a list of images beside it)
    #[arg(long)]
    targets: Option<PathBuf>,
    /// A MobileFaceNet (safetensors) that embeds the augmented and mixed images: those without an
    /// embedding in --targets, or all without --targets
    #[arg(long, value_name = "FILE")]
    teacher: Option<PathBuf>,
    /// Weight of the triplet loss, from 0 to 1000
    #[arg(long, default_value_t = 1.0, value_parser = single(numbers::WEIGHT))]
    triplet_weight: f32,
    /// Weight of the distance to the teacher's embedding, from 0 to 1000
    #[arg(long, default_value_t = 1.0, value_parser = single(numbers::WEIGHT))]
    distillation_weight: f32,
    /// Weight of the difference to the teacher's distances in a batch, from 0 to 1000
    #[arg(long, default_value_t = 1.0, value_parser = single(numbers::WEIGHT))]
    relational_weight: f32,
    /// Weight of distinguishing each face's target from those of other faces in --targets, from 0
    /// to 1000
    #[arg(long, default_value_t = 0.3, value_parser = single(numbers::WEIGHT))]
    contrastive_weight: f32,
    /// Folders of faces of unknown people, for distillation only; they form no triplets
    #[arg(long, value_name = "DIR", num_args = 1..)]
    unlabelled: Vec<PathBuf>,
    /// Unlabelled images in a batch, from 1 to 65536
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 32,
        requires = "unlabelled",
        value_parser = count(1..=65_536)
    )]
    unlabelled_images: usize,
    /// Share of the unlabelled images that are mixed with another one, from 0 to 1
    #[arg(long, value_name = "PART", default_value_t = 0.0, requires_all = ["unlabelled", "teacher"], value_parser = number(numbers::PART))]
    mixup: f64,
    /// Number of devices to train on, from 1 to 256: GPUs, or parts of the CPU. Each has its own
    /// batch in every step; the gradients are averaged
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = count(1..=256))]
    devices: usize,
    /// Activation precision; bf16 is faster on processors and GPUs that support it [default: f32; with
    /// --resume as before]
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// Seed of all random numbers: any whole number
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Continue from the checkpoint beside --out
    #[arg(long)]
    resume: bool,
    /// Start again even if --out already has a run
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
}

impl Train {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// In words for a person: what could not be read, written or trained.
    pub fn run(self) -> Result<()> {
        let outputs = Outputs::beside(&self.out);
        let _lock = outputs.lock()?;
        let weights = OutputFile::open(&outputs.weights)?;
        let checkpoint = Checkpoint::new(outputs.checkpoint.clone());
        self.check_earlier(&outputs, &checkpoint)?;
        let devices = device::fastest(self.devices)?;
        let (refiner, refiner_sha256) = self.refiner()?.unzip();
        let refined = refiner.is_some();
        let faces = self.faces(&outputs, &checkpoint.data())?;
        let faces = faces.refined_by(refiner.as_ref());
        let Faces {
            corpus,
            held_out,
            record,
        } = faces;
        self.give_way(&outputs, &checkpoint, &record)?;
        let initial = self.initial(&corpus.labelled)?;
        let settings = Settings {
            refiner: refiner_sha256,
            ..self.settings(&corpus.labelled, initial.as_ref(), &record)
        };
        let mut trainer = self.trainer(settings, initial, &checkpoint, &record, &devices)?;
        let checkpoint = checkpoint.of(record);
        let validation = crops(&held_out);
        let interrupted = stop_on_interrupt()?;
        let context = RunContext {
            corpus: &corpus,
            validation: &validation,
            checkpoint: &checkpoint,
            log: &outputs.log,
            intervals: Intervals::default(),
            interrupted: &interrupted,
        };
        trainer.run(&context, &mut TrainingBar::new())?;
        let identities = corpus.labelled.by_identity().len();
        let summary = self.summary(&trainer, identities);
        let preset = trainer.settings().preset;
        let bytes = packed(trainer.network(), preset, summary, &validation, refiner)?;
        weights.write(&bytes)?;
        note!("wrote {}", outputs.weights.display());
        draw_curves(&outputs);
        if interrupted.load(Ordering::Relaxed) {
            note!(
                "stopped early; continue with {}",
                self.continuation(refined)
            );
        }
        Ok(())
    }

    /// How to continue a run that was stopped; `refined`: whether it has a refiner.
    fn continuation(&self, refined: bool) -> String {
        match &self.init {
            Some(init) if refined && self.refiner.is_none() => {
                format!("--resume --refiner {} instead of --init", init.display())
            }
            Some(_) => "--resume instead of --init".into(),
            None => "the same command and --resume".into(),
        }
    }

    /// The refiner of --refiner, or else of --init, and its SHA-256. Drawn faces need none.
    fn refiner(&self) -> Result<Option<(Arc<Refiner>, String)>> {
        match (&self.refiner, &self.init) {
            (Some(path), _) => open_refiner(path).map(Some),
            (None, Some(path)) if self.data.is_some() => find_refiner(path),
            _ => Ok(None),
        }
    }

    /// A new run, or the one in the checkpoint.
    fn trainer(
        &self,
        settings: Settings,
        initial: Option<(FaceNet, Metadata)>,
        checkpoint: &Checkpoint,
        data: &Record,
        devices: &[Device],
    ) -> Result<Trainer> {
        let teacher = self.teacher.as_deref();
        let teacher = teacher
            .map(|path| Teacher::open(path, &devices[0]))
            .transpose()?;
        let (settings, differences) = match self.resume {
            true => self.resumed(settings, checkpoint, data)?,
            false => (settings, Vec::new()),
        };
        let precision = settings.precision;
        ensure!(
            devices[0].supports_dtype(DType::from(precision)),
            "the device does not support activations in {precision:?}: give another --precision"
        );
        let trainer = match self.resume {
            true => Trainer::resume(settings, checkpoint, devices)?,
            false => Trainer::new(settings, initial.map(|(network, _)| network), devices),
        };
        if !differences.is_empty() {
            let differences = differences.join(", ");
            note!("the run continues with other settings: {differences}");
        }
        Ok(trainer.with_teacher(teacher))
    }

    /// The weights of --init, balanced on some of the training faces.
    fn initial(&self, faces: &Dataset) -> Result<Option<(FaceNet, Metadata)>> {
        let Some(path) = &self.init else {
            return Ok(None);
        };
        let (network, metadata) = open_weights(path)?;
        let found = metadata.preset;
        ensure!(
            self.preset.is_none_or(|preset| preset == found),
            "{} has the preset {found}: omit --preset",
            path.display()
        );
        Ok(Some((network.balance(sample(faces)?), metadata)))
    }

    fn settings(
        &self,
        train: &Dataset,
        initial: Option<&(FaceNet, Metadata)>,
        data: &Record,
    ) -> Settings {
        let initial = initial.map(|(_, metadata)| metadata);
        let default = match self.data {
            None => Preset::Tiny,
            Some(_) => Preset::SHIPPED,
        };
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
            devices: self.devices,
            length: self
                .length(train)
                .unwrap_or_else(|| minutes(if self.data.is_some() { 60.0 } else { 3.0 })),
            learning_rate: self.learning_rate.unwrap_or(1e-3),
            warm_up: 0.05,
            cool_down: self.cool_down.unwrap_or_else(cool_down),
            precision: self.precision.unwrap_or_default(),
            seed: self.seed,
            data: Some(data.digest()),
            refiner: None,
        }
    }

    /// The given length of the run.
    fn length(&self, train: &Dataset) -> Option<Length> {
        let images = train.by_identity().concat().len();
        let batch = self.identities * self.images * self.devices;
        let steps = |epochs: f64| (epochs * images as f64 / batch as f64).ceil() as usize;
        let epochs = self.epochs.map(|epochs| Length::Steps(steps(epochs)));
        let crops = self.crops.map(Length::Crops);
        epochs.or(crops).or(self.minutes.map(minutes))
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
            data_sha256: trainer.settings().data.clone(),
            ..TrainingSummary::default()
        }
    }
}

fn minutes(minutes: f64) -> Length {
    Length::Time(Duration::from_secs_f64(minutes * 60.0))
}

/// Draws the curves of a run. A failure is only a warning.
fn draw_curves(outputs: &Outputs) {
    let draw = || {
        let svg = curves_svg(&log::read(&outputs.log)?)?;
        output_file::replace(&outputs.curves, svg.as_bytes())
    };
    match draw() {
        Ok(()) => note!("wrote {}", outputs.curves.display()),
        Err(error) => note!("warning: the curves could not be drawn: {error:#}"),
    }
}

/// About a hundred faces of `dataset`, evenly spaced, as a network's input.
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
