//! `facekey export`: the weights that the page loads, from a checkpoint.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use clap::Args;
use rayon::prelude::*;

use crate::device;
use crate::eval::{Roc, calibrate, verification_scores};
use crate::image::RgbImage;
use crate::net::weights::{self, TrainingSummary};
use crate::net::{FaceNet, Preset};
use crate::train::checkpoint::Checkpoint;
use crate::train::dataset::Dataset;
use crate::train::embeddings::{embed_crops, labelled};
use crate::train::settings::Settings;
use crate::train::trainer::Trainer;
use crate::verify::cohort::Cohort;
use crate::verify::embedding::Embedding;

/// Write a checkpoint's weights in the form that the page loads
#[derive(Debug, Args)]
pub struct Export {
    /// The checkpoint's folder
    checkpoint: PathBuf,
    /// People to calibrate on, never trained on, one folder each; without it the weights carry
    /// no calibration
    #[arg(long)]
    validation: Option<PathBuf>,
    /// What the weights' metadata says of the training data
    #[arg(long, default_value = "a folder")]
    data_name: String,
    /// Where the weights go
    #[arg(long, default_value = "runs/facenet.bpk")]
    out: PathBuf,
}

impl Export {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// Where the checkpoint or the validation folder cannot be read, or the file not be written.
    pub fn run(self) -> Result<()> {
        let checkpoint = Checkpoint::new(self.checkpoint);
        let (settings, _): (Settings, _) = checkpoint.state_of()?;
        let device = device::cpu();
        let trainer =
            Trainer::resume(settings.clone(), &checkpoint, std::slice::from_ref(&device))?;
        let validation = crops_below(self.validation.as_deref())?;
        let summary = TrainingSummary {
            data: self.data_name,
            steps: trainer.progress().step,
            images: trainer.progress().images,
            loss: settings.loss(),
            ..TrainingSummary::default()
        };
        let network = trainer.network();
        write_weights(network, settings.preset, summary, &validation, &self.out)?;
        eprintln!("wrote {}", self.out.display());
        Ok(())
    }
}

/// Writes `network` to `out`, with its calibration and figures on the `validation` images, and tells
/// how far folding and rounding moved their embeddings.
pub(super) fn write_weights(
    network: FaceNet,
    preset: Preset,
    mut summary: TrainingSummary,
    validation: &[(RgbImage, usize)],
    out: &Path,
) -> Result<()> {
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
    write(&bytes, out)
}

/// Writes a weights file, whole or not at all.
pub(super) fn write(bytes: &[u8], out: &Path) -> Result<()> {
    let scratch = out.with_extension("bpk.new");
    std::fs::write(&scratch, bytes)
        .and_then(|()| std::fs::rename(&scratch, out))
        .with_context(|| format!("cannot write {}", out.display()))
}

fn report_agreement(trained: &[Option<Embedding>], exported: &[Option<Embedding>]) {
    let pairs = trained.iter().zip(exported);
    let cosines = pairs.filter_map(|(a, b)| Some(a.as_ref()?.cosine(b.as_ref()?)));
    if let Some(least) = cosines.reduce(f32::min) {
        let count = exported.len();
        eprintln!(
            "folded f16 weights against the trained ones on {count} images: cosine at least {least:.6}"
        );
    }
}

/// The usable crops below `folder` with their identities; none without a folder.
pub(super) fn crops_below(folder: Option<&Path>) -> Result<Vec<(RgbImage, usize)>> {
    Ok(match folder {
        Some(folder) => crops(&Dataset::folder(folder)?),
        None => Vec::new(),
    })
}

/// The usable crops of a dataset with their identities; the others are named.
pub(super) fn crops(dataset: &Dataset) -> Vec<(RgbImage, usize)> {
    let images = dataset.by_identity().concat();
    let read: Vec<_> = images
        .par_iter()
        .map(|&image| (image, dataset.crop(image)))
        .collect();
    read.into_iter()
        .filter_map(|(image, crop)| match crop {
            Ok(crop) => Some((crop, dataset.label(image))),
            Err(reason) => {
                let path = dataset.path(image).unwrap_or(Path::new("a drawn face"));
                eprintln!("skipped {}: {reason}", path.display());
                None
            }
        })
        .collect()
}
