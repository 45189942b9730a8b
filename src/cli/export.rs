//! `export`: writes a checkpoint's weights in the format that the page loads.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, ensure};
use burn::module::Module;
use clap::Args;
use rayon::prelude::*;

use super::common::{self, Progress, images_by_folder};
use super::models::open_refiner;
use super::output::note;
use crate::data::dataset::{Dataset, usable};
use crate::data::output_file::OutputFile;
use crate::data::people;
use crate::data::record::Record;
use crate::device;
use crate::eval::{Roc, calibrate, verification_scores};
use crate::image::RgbImage;
use crate::net::refiner::Refiner;
use crate::net::weights::{self, TrainingSummary};
use crate::net::{FaceNet, Preset};
use crate::train::checkpoint::Checkpoint;
use crate::train::embeddings::{embed_crops, labelled};
use crate::train::settings::Settings;
use crate::train::trainer::Trainer;
use crate::verify::cohort::Cohort;
use crate::verify::embedding::Embedding;

/// Write a checkpoint's weights in the format that the page loads
#[derive(Debug, Args)]
pub struct Export {
    /// The checkpoint's folder
    checkpoint: PathBuf,
    /// People to calibrate on, one folder each, who were not in the training data; without it, the
    /// weights carry no calibration
    #[arg(long)]
    validation: Option<PathBuf>,
    /// The weights whose refiner the run used: the file of its --refiner or --init
    #[arg(long, value_name = "FILE")]
    refiner: Option<PathBuf>,
    /// Name of the training data in the weights' metadata
    #[arg(long, default_value = "a folder")]
    data_name: String,
    /// Write the weights here
    #[arg(long, default_value = "runs/facenet.bpk")]
    out: PathBuf,
}

impl Export {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// If the checkpoint or the validation folder cannot be read, or the weights cannot be written.
    pub fn run(self) -> Result<()> {
        let out = OutputFile::open_with_folder(&self.out)?;
        let checkpoint = Checkpoint::new(self.checkpoint);
        let (settings, _): (Settings, _) = checkpoint.state_of()?;
        let refiner = self.refiner.as_deref().map(open_refiner).transpose()?;
        let (refiner, sha256) = refiner.unzip();
        ensure!(
            sha256 == settings.refiner,
            "the run was started {}",
            match settings.refiner {
                Some(_) =>
                    "with another refiner: give --refiner with the file of its --refiner or --init",
                None => "without a refiner: omit --refiner",
            }
        );
        let device = device::cpu();
        let trainer =
            Trainer::resume(settings.clone(), &checkpoint, std::slice::from_ref(&device))?;
        let validation = crops_below(self.validation.as_deref(), refiner.as_ref())?;
        let summary = TrainingSummary {
            data: self.data_name,
            steps: trainer.progress().step,
            images: trainer.progress().images,
            loss: settings.loss(),
            data_sha256: settings.data.clone(),
            ..TrainingSummary::default()
        };
        let network = trainer.network();
        let bytes = packed(network, settings.preset, summary, &validation, refiner)?;
        out.write(&bytes)?;
        note!("wrote {}", self.out.display());
        Ok(())
    }
}

/// The weights file of `network`, with its calibration and validation figures on the `validation`
/// images, and with the `refiner` of these images. Prints how much folding and rounding change the
/// embeddings.
pub(super) fn packed(
    network: FaceNet,
    preset: Preset,
    mut summary: TrainingSummary,
    validation: &[(RgbImage, usize)],
    refiner: Option<Arc<Refiner>>,
) -> Result<Vec<u8>> {
    let device = device::cpu();
    let network = network.to_device(&device);
    let images: Vec<&RgbImage> = validation.iter().map(|(image, _)| image).collect();
    let trained = embed_crops(&network, &images, &device);
    let (embeddings, labels) = labelled(trained.clone(), validation);
    if let Ok(roc) = Roc::new(verification_scores(&embeddings, &labels, &Cohort::NONE)) {
        summary.validation_auc = roc.auc();
        summary.validation_val_at_far_1e3 = roc.val_at_far(1e-3).val().rate();
    }
    let bytes = weights::export(network, preset, summary, &device, |network| {
        let embeddings = embed_crops(network, &images, &device);
        report_agreement(&trained, &embeddings);
        let (embeddings, labels) = labelled(embeddings, validation);
        calibrate(&embeddings, &labels, Cohort::NONE).ok()
    })?;
    Ok(match refiner {
        Some(refiner) => weights::with_refiner(bytes, Refiner::clone(&refiner))?,
        None => bytes,
    })
}

fn report_agreement(trained: &[Option<Embedding>], exported: &[Option<Embedding>]) {
    let pairs = trained.iter().zip(exported);
    let cosines = pairs.filter_map(|(a, b)| Some(a.as_ref()?.cosine(b.as_ref()?)));
    if let Some(least) = cosines.reduce(f32::min) {
        let count = exported.len();
        note!(
            "embeddings of the folded 8-bit weights and of the trained ones on {count} images: cosine at least {least:.6}"
        );
    }
}

/// The usable crops below `folder`, of people with at least two crops, refined if there is a
/// `refiner`, with their identities; empty without a folder. Prints the unusable ones.
pub(super) fn crops_below(
    folder: Option<&Path>,
    refiner: Option<&Arc<Refiner>>,
) -> Result<Vec<(RgbImage, usize)>> {
    let Some(root) = folder else {
        return Ok(Vec::new());
    };
    let paths = images_by_folder(root, "person")?;
    let progress = Progress::new(paths.len());
    let found = usable(root, &paths, &Record::default(), &progress.advance());
    drop(progress);
    common::report_failures(&found.failures, paths.len());
    let people = people::identities(root, &found.paths);
    let faces = Dataset::labelled(found.paths, people);
    Ok(crops(&faces.refined_by(refiner)))
}

/// The crops of people with at least two images in the dataset, with their identities.
pub(super) fn crops(dataset: &Dataset) -> Vec<(RgbImage, usize)> {
    let images = dataset.by_identity().concat();
    let crops = images.par_iter().filter_map(|&image| {
        let crop = dataset.crop(image).ok()?;
        Some((crop, dataset.label(image)))
    });
    crops.collect()
}
