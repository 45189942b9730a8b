//! `debias`: removes the differences between groups of people from the embeddings.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Device;

use super::common::{LabelsArgs, Progress};
use super::models::ModelArgs;
use super::output::note;
use crate::data::embed::{BATCH, crops_of};
use crate::data::output_file::OutputFile;
use crate::device;
use crate::engine::Engine;
use crate::net::weights::Metadata;
use crate::net::{FaceNet, debias, weights};
use crate::train::evenly;

/// Most faces of a group that are used.
const FACES: usize = 500;
/// Fewest faces of a group: the mean of fewer depends too much on these people.
const FEWEST: usize = 50;

/// Remove the differences between groups of people from the embeddings
#[derive(Debug, clap::Args)]
pub struct Debias {
    /// Images, one of each person: a folder for each group of people of one sex and origin, or
    /// --labels
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    labels: LabelsArgs,
    /// Write the weights here, without a calibration; add one with `calibrate --data`
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
}

impl Debias {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or written, or groups that are too small.
    pub fn run(self) -> Result<()> {
        let out = OutputFile::open(&self.out)?;
        let mut groups = self.labels.images(&self.data)?;
        groups.retain(|_, images| images.len() >= FEWEST);
        ensure!(
            groups.len() > 1,
            "{} needs at least two groups of {FEWEST} people",
            self.data.display()
        );
        let engine = self.model.load()?;
        let (network, metadata) = (engine.network().clone(), engine.metadata().clone());
        let device = device::cpu();
        let mut means = Vec::new();
        for (name, images) in &groups {
            let chosen: Vec<_> = evenly(images, FACES).cloned().collect();
            note!("{name}: {} of {} faces", chosen.len(), images.len());
            means.push(debias::mean(
                &self.outputs(&engine, &network, &chosen, &device)?,
            ));
        }
        let network = debias::debias(network, &means);
        let bytes = weights::export(
            network,
            metadata.preset,
            metadata.training.clone(),
            &device,
            |_| None,
        )?;
        // Neither the reliability nor the refiner depends on the last layer; the calibration does.
        let kept = Metadata {
            calibration: None,
            ..metadata
        };
        let bytes = weights::with_findings_of(bytes, &kept)?;
        out.write(&bytes)?;
        note!("wrote {}", self.out.display());
        Ok(())
    }

    /// The output of the last layer of `network` for the face on each image.
    fn outputs(
        &self,
        engine: &Engine,
        network: &FaceNet,
        images: &[PathBuf],
        device: &Device,
    ) -> Result<Vec<debias::Output>> {
        let mut outputs = Vec::new();
        let progress = Progress::new(images.len());
        for batch in images.chunks(BATCH) {
            let (_, crops) = crops_of(engine, batch, self.model.take());
            if !crops.is_empty() {
                outputs.extend(debias::outputs(network, &crops, device));
            }
            progress.advance()(batch.len());
        }
        ensure!(!outputs.is_empty(), "no face among {} images", images.len());
        Ok(outputs)
    }
}
