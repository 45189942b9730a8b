//! `average`: averages the weights of several runs, or rewrites one old file in the current format.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Args;

use super::export::{crops_below, packed};
use super::models::open_weights;
use super::output::note;
use crate::data::output_file::OutputFile;
use crate::net::refiner::Refiner;
use crate::net::weights::{self, Metadata, TrainingSummary};
use crate::train::average::average;

/// Average the weights of runs that started from the same ones (train --init)
#[derive(Debug, Args)]
pub struct Average {
    /// Weights files of one preset. A single file is rewritten in the current format, with its
    /// calibration; renew that with `calibrate`
    #[arg(required = true, num_args = 1.., value_name = "FILE")]
    weights: Vec<PathBuf>,
    /// People to calibrate on, one folder each, who were not in the training data; without it, the
    /// weights carry no calibration
    #[arg(long)]
    validation: Option<PathBuf>,
    /// Write the average here
    #[arg(long, default_value = "runs/average.bpk")]
    out: PathBuf,
}

impl Average {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// If a file cannot be read or has another preset than the first, the validation folder cannot
    /// be read, or the average cannot be written.
    pub fn run(self) -> Result<()> {
        let out = OutputFile::open_with_folder(&self.out)?;
        let mut networks = Vec::new();
        let mut runs = Vec::new();
        for path in &self.weights {
            let (network, metadata) = open_weights(path)?;
            networks.push(network);
            runs.push(metadata);
        }
        let preset = runs[0].preset;
        for (path, run) in self.weights.iter().zip(&runs) {
            ensure!(
                run.preset == preset,
                "{} has the preset {}, but {} has {preset}: only networks of one preset can be averaged",
                path.display(),
                run.preset,
                self.weights[0].display()
            );
        }
        let refiner = shared_refiner(&runs).map(Arc::new);
        let validation = crops_below(self.validation.as_deref(), refiner.as_ref())?;
        let data = trained_on(&runs[0]);
        let summary = TrainingSummary {
            steps: runs.iter().map(|run| run.training.steps).sum(),
            images: runs.iter().map(|run| run.training.images).sum(),
            data_sha256: data
                .filter(|data| runs.iter().all(|run| trained_on(run) == Some(*data)))
                .cloned(),
            ..runs[0].training.clone()
        };
        let mut bytes = packed(average(&networks), preset, summary, &validation, refiner)?;
        if let ([only], None) = (&runs[..], &self.validation) {
            bytes = weights::with_findings_of(bytes, only)?;
        }
        out.write(&bytes)?;
        note!("wrote {}", self.out.display());
        Ok(())
    }
}

/// The digest of a run's training data.
fn trained_on(run: &Metadata) -> Option<&String> {
    run.training.data_sha256.as_ref()
}

/// The refiner of the runs, if they all have the same one.
fn shared_refiner(runs: &[Metadata]) -> Option<Refiner> {
    let (first, others) = runs.split_first()?;
    let same = others.iter().all(|run| run.refiner == first.refiner);
    first.refiner.clone().filter(|_| same)
}
