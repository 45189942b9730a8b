//! The training loop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{iter, thread};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::{ModuleOptimizer, MultiGradientsParams};
use burn::tensor::{Device, Tensor, TensorData};

use super::checkpoint::Checkpoint;
use super::corpus::Corpus;
use super::embeddings::{embed_crops, validation_scores};
use super::loader::Batch;
use super::log::{Entry, Log};
use super::observer::Observer;
use super::optimiser::optimiser;
use super::replica::{BatchGradients, Losses, Replica, diverged};
use super::settings::{Progress, Settings};
use super::teacher::Teacher;
use crate::data::drawn;
use crate::eval::Roc;
use crate::image::RgbImage;
use crate::net::{FaceNet, FaceNetConfig};
use crate::verify::embedding::EMBEDDING_DIM;

/// How often a run validates and saves.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// Time between validations.
    pub validate: Duration,
    /// Time between checkpoints.
    pub save: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            validate: Duration::from_secs(300),
            save: Duration::from_secs(120),
        }
    }
}

/// The inputs and outputs of a run, and the flag that ends it early.
pub struct RunContext<'a> {
    /// The training data.
    pub corpus: &'a Corpus,
    /// Crops of people who are not in the training data, with their identities.
    pub validation: &'a [(RgbImage, usize)],
    /// The run's checkpoint.
    pub checkpoint: &'a Checkpoint,
    /// The path of the log.
    pub log: &'a Path,
    /// How often the run validates and saves.
    pub intervals: Intervals,
    /// Set to true by another thread to end the run after the step in progress.
    pub interrupted: &'a AtomicBool,
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
    /// A new run, on the first [`Settings::devices`] of `devices` (without autodiff).
    ///
    /// It starts from random weights, or from `initial`, a network in inference form. Such a
    /// network stays in inference form: without normalisation, steps are faster and as effective
    /// (`docs/experiments.md`).
    ///
    /// # Panics
    /// If there is no device.
    pub fn new(settings: Settings, initial: Option<FaceNet>, devices: &[Device]) -> Self {
        let device = devices[0].clone().autodiff();
        device.seed(settings.seed);
        let network = match initial {
            Some(network) => network.to_device(&device).train(),
            None => FaceNetConfig::from(settings.preset).init(&device),
        };
        let replicas = devices.iter().take(settings.devices);
        let replicas = replicas.map(|device| Replica::new(device, &network, settings.precision));
        Self {
            replicas: replicas.collect(),
            settings,
            network,
            optimiser: optimiser(),
            progress: Progress::default(),
        }
    }

    /// The run with a `teacher` for the pictures without a target.
    pub fn with_teacher(mut self, teacher: Option<Teacher>) -> Self {
        for replica in &mut self.replicas {
            let here = replica.device.clone().inner();
            replica.teacher = teacher.clone().map(|teacher| teacher.to_device(&here));
        }
        self
    }

    /// Copies the memory bank to every device, if it is not empty. `bank` holds targets, one after
    /// another.
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

    /// The run saved in `checkpoint`; with the same settings, it continues exactly from there.
    ///
    /// # Errors
    /// If the checkpoint is missing or damaged, or has other settings than
    /// [a resumed run may change](Settings::at_the_pace_of).
    pub fn resume(settings: Settings, checkpoint: &Checkpoint, devices: &[Device]) -> Result<Self> {
        let (saved, progress): (Settings, _) = checkpoint.state_of()?;
        let differences = settings.at_the_pace_of(&saved).differences(&saved);
        ensure!(
            differences.is_empty(),
            "the checkpoint was made with other settings: {}",
            differences.join(", ")
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

    /// The settings of the run.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The progress of the run.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The network in inference mode.
    pub fn network(&self) -> FaceNet {
        self.network.valid()
    }

    /// Trains until the run's length is reached or the run is interrupted, and then saves a
    /// checkpoint.
    ///
    /// # Errors
    /// If training diverges, or the last checkpoint cannot be written. A failure to write an
    /// earlier checkpoint or the log does not end the run.
    pub fn run(&mut self, context: &RunContext, observer: &mut dyn Observer) -> Result<()> {
        if self.settings.contrastive_weight > 0.0 {
            self.remember(context.corpus.bank());
        }
        let loader = context.corpus.loader(&self.settings);
        let skipped = loader.skipped();
        let devices = self.settings.devices;
        let batches = loader.start(self.progress.step * devices);
        let mut log = OptionalLog::open(context.log, self.progress.step, observer);
        if self.progress.step == 0 {
            self.validate(context.validation, &mut log, observer);
        }
        let started = Instant::now() - self.progress.elapsed;
        let mut paused = Duration::ZERO;
        let (mut validated, mut saved) = (Instant::now(), Instant::now());
        while self.settings.length.done(&self.progress) < 1.0 {
            let batches: Vec<Batch> = batches.iter().take(devices).collect();
            check(&batches, devices)?;
            let entry = self.step(&batches)?;
            log.write(&entry, observer);
            self.progress.elapsed = started.elapsed() - paused;
            let done = self.settings.length.done(&self.progress);
            observer.step(&entry, &self.progress, done);
            if context.interrupted.load(Ordering::Relaxed) {
                break;
            }
            if saved.elapsed() >= context.intervals.save {
                self.check_weights()?;
                if let Err(error) = self.save(context.checkpoint) {
                    observer.warning(&format!(
                        "the checkpoint could not be saved; training continues: {error:#}"
                    ));
                }
                saved = Instant::now();
            }
            if validated.elapsed() >= context.intervals.validate {
                let pause = Instant::now();
                self.validate(context.validation, &mut log, observer);
                paused += pause.elapsed();
                validated = Instant::now();
            }
        }
        for (path, reason) in skipped.lock().expect("no holder panics").iter() {
            observer.skipped(path, reason);
        }
        self.check_weights()?;
        self.save(context.checkpoint)?;
        self.validate(context.validation, &mut log, observer);
        Ok(())
    }

    /// Saves the current state of the run.
    ///
    /// # Errors
    /// If the checkpoint's folder cannot be written.
    pub fn save(&self, checkpoint: &Checkpoint) -> Result<()> {
        checkpoint.save(
            &self.settings,
            &self.progress,
            &self.network,
            &self.optimiser,
        )
    }

    /// Checks that the network still gives finite embeddings.
    ///
    /// # Errors
    /// If training has diverged: the embedding of a drawn face is not finite.
    fn check_weights(&self) -> Result<()> {
        let face = drawn::draw(self.settings.seed, 0, 0);
        let embedding = embed_crops(&self.network().fold(), &[&face], &self.replicas[0].device);
        ensure!(
            embedding.iter().all(Option::is_some),
            diverged(self.progress.step)
        );
        Ok(())
    }

    /// One step on the mean loss of `batches`, one for each device.
    ///
    /// # Errors
    /// If the loss is not finite.
    pub fn step(&mut self, batches: &[Batch]) -> Result<Entry> {
        let gradients = self.gradients(batches)?;
        let mean = |loss: fn(&Losses) -> f32| {
            let losses = gradients.iter().map(|it| loss(&it.losses));
            losses.sum::<f32>() / gradients.len() as f32
        };
        let done = self.settings.length.done(&self.progress);
        let rate = self.settings.schedule().rate(done);
        let entry = Entry::Step {
            step: self.progress.step,
            loss: mean(|losses| losses.total),
            triplet: mean(|losses| losses.triplet),
            pointwise: mean(|losses| losses.pointwise),
            relational: mean(|losses| losses.relational),
            contrastive: mean(|losses| losses.contrastive),
            active: mean(|losses| losses.active),
            learning_rate: rate,
        };
        let by_device = gradients.into_iter().zip(&self.replicas);
        let gradients = MultiGradientsParams {
            grads: by_device
                .map(|(it, replica)| (it.gradients, replica.device.clone()))
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

    /// The gradients of each device's batch, computed in parallel. The first device trains the
    /// network itself, so the network's normalisation statistics come from its batches; the others
    /// train copies.
    fn gradients(&self, batches: &[Batch]) -> Result<Vec<BatchGradients>> {
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
                .chain(others.map(|it| it.join().expect("a panic here is a bug")))
                .collect()
        })
    }

    fn validate(
        &self,
        images: &[(RgbImage, usize)],
        log: &mut OptionalLog,
        observer: &mut dyn Observer,
    ) {
        let scores = validation_scores(&self.network().fold(), images, &self.replicas[0].device);
        let Ok(roc) = Roc::new(scores) else {
            return;
        };
        let entry = Entry::Validation {
            step: self.progress.step,
            auc: roc.auc(),
            val_at_far_1e3: roc.val_at_far(1e-3).val().rate(),
        };
        observer.validation(&entry);
        log.write(&entry, observer);
    }
}

/// A log that may fail without ending the run.
struct OptionalLog(Option<Log>);

impl OptionalLog {
    fn open(path: &Path, steps: usize, observer: &mut dyn Observer) -> Self {
        let log = Log::open(path, steps);
        Self(
            log.inspect_err(|error| {
                observer.warning(&format!("training continues without a log: {error:#}"))
            })
            .ok(),
        )
    }

    fn write(&mut self, entry: &Entry, observer: &mut dyn Observer) {
        if let Some(log) = &mut self.0
            && let Err(error) = log.write(entry)
        {
            observer.warning(&format!(
                "the log could not be written and ends here: {error:#}"
            ));
            self.0 = None;
        }
    }
}

/// Checks that there is a batch with labelled images for each of `devices`.
fn check(batches: &[Batch], devices: usize) -> Result<()> {
    ensure!(
        batches.len() == devices,
        "the thread that loads images has ended"
    );
    for batch in batches {
        ensure!(
            !batch.labels.is_empty(),
            "none of the images of batch {} can be read any more",
            batch.number
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::data::dataset::Dataset;
    use crate::image::to_tensor;
    use crate::net::Preset;
    use crate::train::embeddings::read_rows;
    use crate::train::loader::Loader;
    use crate::train::mining::Mining;
    use crate::train::sampler::Sampler;
    use crate::train::settings::{Length, Precision};

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
            cool_down: 0.3,
            precision: Precision::F32,
            seed: 11,
            data: None,
            refiner: None,
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
        trainer.save(&checkpoint).unwrap();
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
        let crop = crate::data::drawn::draw(0, 0, 0);
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
        trainer.save(&checkpoint).unwrap();
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
        // Without normalisation, so that only the weights matter, not the statistics.
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

    /// Interrupts a run after a step.
    struct Interrupt<'a>(usize, &'a AtomicBool);

    impl Observer for Interrupt<'_> {
        fn step(&mut self, _: &Entry, progress: &Progress, _: f64) {
            self.1.store(progress.step == self.0, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_run_of_so_many_crops_is_the_same_when_it_is_interrupted() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        // Fixed weights, because random ones depend on other draws in this process.
        let given = FaceNetConfig::from(Preset::Tiny).init(&device).fold();
        let settings = Settings {
            init: Some("given".into()),
            length: Length::Crops(48),
            ..settings(0)
        };
        let corpus = Corpus {
            labelled: Dataset::procedural(8, 4, 0),
            unlabelled: None,
            targets: None,
        };
        let run = |name: &str, resume: bool, end: usize| {
            let checkpoint = Checkpoint::new(folder.path().join(name));
            let settings = settings.clone();
            let mut trainer = match resume {
                false => Trainer::new(settings, Some(given.clone()), from_ref(&device)),
                true => Trainer::resume(settings, &checkpoint, from_ref(&device)).unwrap(),
            };
            let interrupted = AtomicBool::new(false);
            let context = RunContext {
                corpus: &corpus,
                validation: &[],
                checkpoint: &checkpoint,
                log: &folder.path().join(format!("{name}.jsonl")),
                intervals: Intervals::default(),
                interrupted: &interrupted,
            };
            let mut observer = Interrupt(end, &interrupted);
            trainer.run(&context, &mut observer).unwrap();
            assert_eq!(trainer.progress().step, end);
        };
        run("whole", false, 6);
        run("parts", false, 2);
        run("parts", true, 6);
        let log = |name| crate::train::log::read(&folder.path().join(name)).unwrap();
        assert_eq!(log("whole.jsonl").len(), 6);
        assert_eq!(log("whole.jsonl"), log("parts.jsonl"));
    }

    #[test]
    fn other_settings_do_not_resume() {
        let device = crate::device::cpu();
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path().into());
        let trainer = Trainer::new(settings(8), None, from_ref(&device));
        trainer.save(&checkpoint).unwrap();
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
        let checkpoint = Checkpoint::new(folder.path().join("checkpoint"));
        let never = AtomicBool::new(false);
        let corpus = Corpus {
            labelled: train,
            unlabelled: None,
            targets: None,
        };
        let context = RunContext {
            corpus: &corpus,
            validation: &validation,
            checkpoint: &checkpoint,
            log: &folder.path().join("log.jsonl"),
            intervals: Intervals::default(),
            interrupted: &never,
        };
        trainer.run(&context, &mut ()).unwrap();
        let after = auc(&trainer);
        assert!(after > before + 0.02, "AUC {before} before, {after} after");
    }
}
