//! The training loop.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{iter, thread};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::{ModuleOptimizer, MultiGradientsParams};
use burn::tensor::{DType, Device, Tensor, TensorData};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, Progress};
use super::dataset::Dataset;
use super::evenly;
use super::loader::{Batch, Loader, Unlabelled};
use super::log::{Entry, Log};
use super::mining::Mining;
use super::optimiser::optimiser;
use super::replica::{Replica, Share, Terms};
use super::sampler::{Sampler, Shuffle};
use super::schedule::learning_rate;
use super::targets::Targets;
use super::teacher::Teacher;
use crate::eval::{Roc, Scores, verification_scores};
use crate::image::{RgbImage, to_tensor};
use crate::net::{FaceNet, FaceNetConfig, Preset};
use crate::verify::cohort::Cohort;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// What a run does; saved with its checkpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The network.
    pub preset: Preset,
    /// Model id of the weights that the run starts from; random weights without it.
    pub init: Option<String>,
    /// How triplets are chosen.
    pub mining: Mining,
    /// Margin of the triplet loss, in squared distance.
    pub margin: f32,
    /// Weight of the triplet term.
    pub triplet_weight: f32,
    /// Weight of the pointwise distillation term; without targets it is nothing.
    pub distillation_weight: f32,
    /// Weight of the relational distillation term; without targets it is nothing.
    pub relational_weight: f32,
    /// Weight of the contrastive distillation term; without targets it is nothing.
    #[serde(default)]
    pub contrastive_weight: f32,
    /// Identities in a batch.
    pub identities: usize,
    /// Images of each.
    pub images: usize,
    /// Unlabelled images in a batch, besides.
    pub unlabelled: usize,
    /// Whether a teacher looks at the pictures that come without a target.
    #[serde(default)]
    pub taught: bool,
    /// Share of the unlabelled images that are mixed.
    #[serde(default)]
    pub mixed: f64,
    /// Devices that train at once, each on a batch of its own.
    #[serde(default = "one")]
    pub devices: usize,
    /// When the run ends.
    pub length: Length,
    /// Peak learning rate of Adam; Muon's is a multiple of it ([`optimiser`](super::optimiser)).
    pub learning_rate: f64,
    /// Share of the run spent warming up.
    pub warm_up: f64,
    /// What features and their gradients are held in.
    #[serde(default)]
    pub precision: Precision,
    /// Drives everything random.
    pub seed: u64,
}

impl Settings {
    /// The loss in words.
    pub fn loss(&self) -> String {
        let Self { mining, margin, .. } = self;
        let terms = [
            (
                self.triplet_weight,
                format!("triplet ({mining:?}, margin {margin})"),
            ),
            (self.distillation_weight, "distillation".into()),
            (self.relational_weight, "relational distillation".into()),
            (self.contrastive_weight, "contrastive distillation".into()),
        ];
        let terms = terms.into_iter().filter(|(weight, _)| *weight != 0.0);
        terms
            .map(|(weight, term)| format!("{weight} {term}"))
            .collect::<Vec<_>>()
            .join(" + ")
    }
}

fn one() -> usize {
    1
}

/// What features and their gradients are held in. Weights and the optimiser's state are `f32`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits, eight of them for the exponent: faster where processor or GPU multiplies such
    /// numbers itself (`docs/training.md`).
    Bf16,
}

impl From<Precision> for DType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::BF16,
        }
    }
}

/// When a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// After this many steps.
    Steps(usize),
    /// After this much training time.
    Time(Duration),
}

impl Length {
    /// The share of the run that is done.
    fn progress(&self, progress: &Progress) -> f64 {
        match self {
            Self::Steps(steps) => progress.step as f64 / *steps as f64,
            Self::Time(time) => progress.elapsed.as_secs_f64() / time.as_secs_f64(),
        }
    }
}

/// Where a run writes.
#[derive(Debug, Clone)]
pub struct Outputs {
    /// The checkpoint's folder.
    pub checkpoint: PathBuf,
    /// The log.
    pub log: PathBuf,
}

/// How often a run looks up from its work.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Between validations.
    pub validate: Duration,
    /// Between checkpoints.
    pub save: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            validate: Duration::from_secs(300),
            save: Duration::from_secs(120),
        }
    }
}

/// What a run trains on.
pub struct Faces {
    /// Faces of known people.
    pub labelled: Dataset,
    /// Faces of unknown people, for distillation alone.
    pub unlabelled: Option<Dataset>,
    /// The teacher's embeddings of both.
    pub targets: Option<Arc<Targets>>,
}

impl Faces {
    /// The teacher's embeddings of these faces, one after another: of all of them, or of as many
    /// evenly chosen ones as a device can compare a batch with at every step.
    fn bank(&self) -> Vec<f32> {
        const MOST: usize = 1 << 15;
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

    fn loader(&self, settings: &Settings) -> Loader {
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

/// A network in training.
pub struct Trainer {
    settings: Settings,
    replicas: Vec<Replica>,
    network: FaceNet,
    optimiser: ModuleOptimizer,
    progress: Progress,
}

impl Trainer {
    /// A run from the beginning, on as many of `devices` (without autodiff) as the settings say.
    ///
    /// It starts from random weights, or from `initial`, a network in inference form. That one stays
    /// in this form: its normalisation has done its work, and without it steps are shorter and no
    /// worse (`docs/training.md`).
    ///
    /// # Panics
    /// Where there is no device.
    pub fn new(settings: Settings, initial: Option<FaceNet>, devices: &[Device]) -> Self {
        let device = devices[0].clone().autodiff();
        device.seed(settings.seed);
        let network = match initial {
            Some(network) => network.to_device(&device).train(),
            None => FaceNetConfig::from(settings.preset).init(&device),
        };
        let replicas = devices.iter().take(settings.devices).map(|device| Replica {
            device: device.clone().autodiff(),
            teacher: None,
            bank: None,
        });
        Self {
            replicas: replicas.collect(),
            settings,
            network,
            optimiser: optimiser(),
            progress: Progress::default(),
        }
    }

    /// The run with `teacher` to look at the pictures that come without a target.
    pub fn with_teacher(mut self, teacher: Option<Teacher>) -> Self {
        for replica in &mut self.replicas {
            let here = replica.device.clone().inner();
            replica.teacher = teacher.clone().map(|teacher| teacher.to_device(&here));
        }
        self
    }

    /// Gives every device `bank`, targets one after another, if there are any.
    fn remember(&mut self, bank: Vec<f32>) {
        if bank.is_empty() {
            return;
        }
        let shape = [bank.len() / EMBEDDING_DIM, EMBEDDING_DIM];
        for replica in &mut self.replicas {
            let bank = TensorData::new(bank.clone(), shape);
            replica.bank = Some(Tensor::from_data(bank, &replica.device));
        }
    }

    /// The run that `checkpoint` holds, to go on exactly where it stood.
    ///
    /// # Errors
    /// Where the checkpoint is missing, damaged or of other settings.
    pub fn resume(settings: Settings, checkpoint: &Checkpoint, devices: &[Device]) -> Result<Self> {
        let (saved, progress): (Settings, _) = checkpoint.state_of()?;
        let comparable = Settings {
            length: settings.length,
            ..saved
        };
        ensure!(
            comparable == settings,
            "the checkpoint was made with other settings: {comparable:?}, not {settings:?}"
        );
        let form = FaceNetConfig::from(settings.preset).init(&devices[0]);
        let initial = settings.init.is_some().then(|| form.fold());
        let fresh = Self::new(settings, initial, devices);
        let (network, optimiser) =
            checkpoint.restore(progress.step, fresh.network, fresh.optimiser)?;
        Ok(Self {
            network,
            optimiser,
            progress,
            ..fresh
        })
    }

    /// What the run does.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How far the run is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The network, ready to embed.
    pub fn network(&self) -> FaceNet {
        self.network.valid()
    }

    /// Trains until the run's length is reached or `interrupted` becomes true; then the
    /// checkpoint holds the run's end.
    ///
    /// # Errors
    /// Where a checkpoint or the log cannot be written, or the loss stops being a number.
    pub fn run(
        &mut self,
        data: &Faces,
        validation: &[(RgbImage, usize)],
        outputs: &Outputs,
        rhythm: Rhythm,
        interrupted: &AtomicBool,
    ) -> Result<()> {
        if self.settings.contrastive_weight > 0.0 {
            self.remember(data.bank());
        }
        let loader = data.loader(&self.settings);
        let skipped = loader.skipped();
        let devices = self.settings.devices;
        let batches = loader.start(self.progress.step * devices);
        let checkpoint = Checkpoint::new(outputs.checkpoint.clone());
        let mut log = Log::open(&outputs.log, self.progress.step)?;
        let bar = progress_bar();
        if self.progress.step == 0 {
            self.validate(validation, &mut log, &bar)?;
        }
        let started = Instant::now() - self.progress.elapsed;
        let mut paused = Duration::ZERO;
        let (mut validated, mut saved) = (Instant::now(), Instant::now());
        while self.settings.length.progress(&self.progress) < 1.0 {
            let batches: Vec<Batch> = batches.iter().take(devices).collect();
            ensure!(
                batches.len() == devices,
                "the thread that loads images has ended"
            );
            let entry = self.step(&batches)?;
            log.write(&entry)?;
            self.progress.elapsed = started.elapsed() - paused;
            self.show(&bar, &entry);
            let stop = interrupted.load(Ordering::Relaxed);
            if stop || saved.elapsed() >= rhythm.save {
                checkpoint.save(
                    &self.settings,
                    &self.progress,
                    &self.network,
                    &self.optimiser,
                )?;
                saved = Instant::now();
            }
            if stop {
                break;
            }
            if validated.elapsed() >= rhythm.validate {
                let pause = Instant::now();
                self.validate(validation, &mut log, &bar)?;
                paused += pause.elapsed();
                validated = Instant::now();
            }
        }
        bar.finish_and_clear();
        checkpoint.save(
            &self.settings,
            &self.progress,
            &self.network,
            &self.optimiser,
        )?;
        for (path, reason) in skipped.lock().expect("no holder panics").iter() {
            eprintln!("skipped {}: {reason}", path.display());
        }
        self.validate(validation, &mut log, &bar)
    }

    /// One step on the mean loss of `batches`, one for each device.
    ///
    /// # Errors
    /// Where the loss is not finite.
    pub fn step(&mut self, batches: &[Batch]) -> Result<Entry> {
        let shares = self.shares(batches)?;
        let mean = |term: fn(&Terms) -> f32| {
            shares.iter().map(|share| term(&share.terms)).sum::<f32>() / shares.len() as f32
        };
        let progress = self.settings.length.progress(&self.progress);
        let rate = learning_rate(self.settings.learning_rate, self.settings.warm_up, progress);
        let entry = Entry::Step {
            step: self.progress.step,
            loss: mean(|terms| terms.loss),
            triplet: mean(|terms| terms.triplet),
            pointwise: mean(|terms| terms.pointwise),
            relational: mean(|terms| terms.relational),
            contrastive: mean(|terms| terms.contrastive),
            active: mean(|terms| terms.active),
            learning_rate: rate,
        };
        let gradients = shares.into_iter().zip(&self.replicas);
        let gradients = MultiGradientsParams {
            grads: gradients
                .map(|(share, replica)| (share.gradients, replica.device.clone()))
                .collect(),
        };
        self.network = self
            .optimiser
            .step_multi(rate, self.network.clone(), gradients);
        self.progress.step += 1;
        self.progress.images += batches
            .iter()
            .map(|batch| batch.images.len())
            .sum::<usize>();
        Ok(entry)
    }

    /// What each device makes of its batch, all at the same time. The first one has the network
    /// itself, whose normalisation follows its batches; the others have copies.
    fn shares(&self, batches: &[Batch]) -> Result<Vec<Share>> {
        let (network, settings) = (&self.network, &self.settings);
        thread::scope(|scope| {
            let mut pairs = self.replicas.iter().zip(batches);
            let (first, batch) = pairs.next().expect("there is a device and a batch");
            let others: Vec<_> = pairs
                .map(|(replica, batch)| {
                    let network = replica.copy(network);
                    scope.spawn(move || replica.gradients(&network, batch, settings))
                })
                .collect();
            let first = first.gradients(network, batch, settings);
            let others = others.into_iter();
            iter::once(first)
                .chain(others.map(|share| share.join().expect("a panic here is a bug")))
                .collect()
        })
    }

    fn validate(
        &self,
        images: &[(RgbImage, usize)],
        log: &mut Log,
        bar: &ProgressBar,
    ) -> Result<()> {
        let scores = validation_scores(&self.network().fold(), images, &self.replicas[0].device);
        let Ok(roc) = Roc::new(scores) else {
            return Ok(());
        };
        let (auc, val_at_far_1e3) = (roc.auc(), roc.val_at_far(1e-3).val().rate());
        let message = format!(
            "step {}: validation AUC {auc:.4}, VAL@FAR=1e-3 {val_at_far_1e3:.4}",
            self.progress.step
        );
        if bar.is_hidden() {
            eprintln!("{message}")
        } else {
            bar.println(message)
        }
        log.write(&Entry::Validation {
            step: self.progress.step,
            auc,
            val_at_far_1e3,
        })
    }

    fn show(&self, bar: &ProgressBar, entry: &Entry) {
        let Entry::Step { loss, active, .. } = entry else {
            return;
        };
        let done = self.settings.length.progress(&self.progress).min(1.0);
        let elapsed = self.progress.elapsed.as_secs_f64();
        let left = Duration::from_secs_f64(elapsed * (1.0 - done) / done.max(1e-6));
        bar.set_position((done * 1000.0) as u64);
        bar.set_message(format!(
            "step {} · loss {loss:.4} · {:.0} % active · {:.1} images/s · {} left",
            self.progress.step,
            active * 100.0,
            self.progress.images as f64 / elapsed,
            indicatif::HumanDuration(left),
        ));
    }
}

/// Squared distances between all pairs of `images`, by a network in inference form.
pub fn validation_scores(
    network: &FaceNet,
    images: &[(RgbImage, usize)],
    device: &Device,
) -> Scores {
    let crops: Vec<&RgbImage> = images.iter().map(|(image, _)| image).collect();
    let (embeddings, labels) = labelled(embed_crops(network, &crops, device), images);
    verification_scores(&embeddings, &labels, &Cohort::NONE)
}

/// The embeddings of `images` with their identities, those without one left out.
pub fn labelled(
    embeddings: Vec<Option<Embedding>>,
    images: &[(RgbImage, usize)],
) -> (Vec<Embedding>, Vec<usize>) {
    let pairs = embeddings.into_iter().zip(images);
    pairs
        .filter_map(|(embedding, (_, label))| Some((embedding?, *label)))
        .unzip()
}

/// The embedding of each crop; `None` where the network gives no finite one.
pub fn embed_crops(
    network: &FaceNet,
    crops: &[&RgbImage],
    device: &Device,
) -> Vec<Option<Embedding>> {
    const BATCH: usize = 32;
    let device = device.clone().inner();
    crops
        .chunks(BATCH)
        .flat_map(|batch| {
            let rows = read_rows(network.forward(to_tensor(batch, &device)));
            rows.chunks(EMBEDDING_DIM)
                .map(Embedding::new)
                .collect::<Vec<_>>()
        })
        .collect()
}

pub(super) fn read_rows(x: Tensor<2>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {percent:>3} % {msg}")
        .expect("the template is well-formed");
    ProgressBar::new(1000).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::targets;
    use std::slice::from_ref;

    fn settings(steps: usize) -> Settings {
        Settings {
            preset: Preset::Tiny,
            init: None,
            mining: Mining::SemiHard,
            margin: 0.2,
            triplet_weight: 1.0,
            distillation_weight: 0.0,
            relational_weight: 0.0,
            contrastive_weight: 0.0,
            identities: 4,
            images: 2,
            unlabelled: 0,
            taught: false,
            mixed: 0.0,
            devices: 1,
            length: Length::Steps(steps),
            learning_rate: 1e-3,
            warm_up: 0.1,
            precision: Precision::F32,
            seed: 11,
        }
    }

    #[test]
    fn features_of_half_the_bits_train_alike() {
        let device = crate::device::cpu();
        let given = FaceNetConfig::from(Preset::Tiny).init(&device).fold();
        let [full, half] = [Precision::F32, Precision::Bf16].map(|precision| {
            let settings = Settings {
                precision,
                ..settings(8)
            };
            let mut trainer = Trainer::new(settings, Some(given.clone()), from_ref(&device));
            losses(&mut trainer, 0..8)
        });
        assert_ne!(full, half);
        for (full, half) in full.iter().zip(&half) {
            assert!((full - half).abs() < 0.05, "{full} and {half}");
        }
    }

    #[test]
    fn the_bank_holds_each_trained_face_once() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..10).map(|i| format!("{}/{i}.jpg", i / 2)).collect();
        for name in &names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let file = folder.path().join("targets.safetensors");
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let rows = 1f32.to_le_bytes().repeat(10 * EMBEDDING_DIM);
        targets::tests::write(&file, &names, &[("embedding", rows)]);
        let (labelled, _) = Dataset::folder(folder.path()).unwrap().hold_out(0.4, 0);
        let mut faces = Faces {
            labelled,
            unlabelled: None,
            targets: Some(Arc::new(Targets::open(&file).unwrap())),
        };
        assert_eq!(faces.bank().len(), 6 * EMBEDDING_DIM);
        let two_people = ["0", "1"].map(|person| folder.path().join(person));
        faces.unlabelled = Some(Dataset::unlabelled(&two_people).unwrap());
        let known = faces.labelled.by_identity().concat();
        let new = (0..4).filter(|image| !known.contains(image)).count();
        assert_eq!(faces.bank().len(), (6 + new) * EMBEDDING_DIM);
    }

    fn losses(trainer: &mut Trainer, steps: std::ops::Range<usize>) -> Vec<f32> {
        let data = Dataset::procedural(8, 4, 0);
        let sampler = Sampler::new(data.by_identity(), 4, 2, 11);
        let loader = Loader::new(data, sampler, None, 11);
        steps
            .map(|step| match trainer.step(&[loader.batch(step)]).unwrap() {
                Entry::Step { loss, .. } => loss,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_resumed_run_has_the_losses_of_an_uninterrupted_one() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path().join("checkpoint"));
        let mut trainer = Trainer::new(settings(8), None, from_ref(&device));
        let before = losses(&mut trainer, 0..4);
        checkpoint
            .save(
                &trainer.settings,
                &trainer.progress,
                &trainer.network,
                &trainer.optimiser,
            )
            .unwrap();
        let uninterrupted = losses(&mut trainer, 4..8);
        let mut resumed = Trainer::resume(settings(8), &checkpoint, from_ref(&device)).unwrap();
        assert_eq!(resumed.progress().step, 4);
        assert_eq!(losses(&mut resumed, 4..8), uninterrupted);
        assert!(before.iter().all(|loss| loss.is_finite()));
    }

    #[test]
    fn a_run_goes_on_from_given_weights_and_resumes() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path().join("checkpoint"));
        let given = FaceNetConfig::from(Preset::Tiny).init(&device).fold();
        let crop = crate::train::faces::draw(0, 0, 0);
        let embed = |network: FaceNet| read_rows(network.forward(to_tensor(&[&crop], &device)));
        let settings = Settings {
            init: Some("given".into()),
            ..settings(8)
        };
        let mut trainer = Trainer::new(settings.clone(), Some(given.clone()), from_ref(&device));
        let moved = |trainer: &Trainer| {
            let (now, then) = (embed(trainer.network()), embed(given.clone()));
            now.iter()
                .zip(then)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max)
        };
        assert!(moved(&trainer) < 1e-6);
        losses(&mut trainer, 0..4);
        assert!(moved(&trainer) > 1e-3);
        checkpoint
            .save(
                &trainer.settings,
                &trainer.progress,
                &trainer.network,
                &trainer.optimiser,
            )
            .unwrap();
        let uninterrupted = losses(&mut trainer, 4..6);
        let mut resumed = Trainer::resume(settings, &checkpoint, from_ref(&device)).unwrap();
        assert_eq!(losses(&mut resumed, 4..6), uninterrupted);
    }

    #[test]
    fn every_device_has_an_equal_part_in_a_step() {
        let cpu = crate::device::cpu();
        let data = Dataset::procedural(8, 4, 0);
        let sampler = Sampler::new(data.by_identity(), 4, 2, 11);
        let loader = Loader::new(data, sampler, None, 11);
        let probe = to_tensor(&loader.batch(2).images.iter().collect::<Vec<_>>(), &cpu);
        let network = FaceNetConfig::from(Preset::Tiny).init(&cpu).fold();
        // Without normalisation, so that only the weights matter and not whose statistics were kept.
        let embeddings_after = |batches: [usize; 2]| {
            let settings = Settings {
                devices: 2,
                ..settings(8)
            };
            let devices = [cpu.clone(), cpu.clone()];
            let mut trainer = Trainer::new(settings, Some(network.clone()), &devices);
            for _ in 0..3 {
                trainer
                    .step(&batches.map(|number| loader.batch(number)))
                    .unwrap();
            }
            read_rows(trainer.network().forward(probe.clone()))
        };
        let apart = |a: &[f32], b: &[f32]| {
            let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
            differences.fold(0.0, f32::max)
        };
        let both = embeddings_after([0, 1]);
        assert!(apart(&both, &embeddings_after([1, 0])) < 1e-5);
        assert!(apart(&both, &embeddings_after([0, 0])) > 1e-3);
    }

    #[test]
    fn other_settings_do_not_resume() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path().into());
        let trainer = Trainer::new(settings(8), None, from_ref(&device));
        checkpoint
            .save(
                &trainer.settings,
                &trainer.progress,
                &trainer.network,
                &trainer.optimiser,
            )
            .unwrap();
        let other = Settings {
            margin: 0.3,
            ..settings(8)
        };
        let error = Trainer::resume(other, &checkpoint, from_ref(&device))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("other settings"), "{error}");
    }

    #[test]
    fn a_short_run_learns_to_tell_drawn_faces_apart() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        let (train, held) = Dataset::procedural(60, 6, 0).hold_out(0.2, 0);
        let validation: Vec<_> = held
            .by_identity()
            .concat()
            .into_iter()
            .map(|image| (held.crop(image).unwrap(), held.label(image)))
            .collect();
        let settings = Settings {
            identities: 8,
            images: 4,
            ..settings(40)
        };
        let mut trainer = Trainer::new(settings, None, from_ref(&device));
        let auc = |trainer: &Trainer| {
            Roc::new(validation_scores(
                &trainer.network(),
                &validation,
                &trainer.replicas[0].device,
            ))
            .unwrap()
            .auc()
        };
        let before = auc(&trainer);
        let outputs = Outputs {
            checkpoint: folder.path().join("checkpoint"),
            log: folder.path().join("log.jsonl"),
        };
        let never = AtomicBool::new(false);
        let faces = Faces {
            labelled: train,
            unlabelled: None,
            targets: None,
        };
        trainer
            .run(&faces, &validation, &outputs, Rhythm::default(), &never)
            .unwrap();
        let after = auc(&trainer);
        assert!(after > before + 0.02, "AUC {before} before, {after} after");
    }
}
