//! `facekey average`: one weights file from those of several runs.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use super::embed::open_weights;
use super::export::{crops_below, write_weights};
use crate::net::weights::TrainingSummary;
use crate::train::average::average;

/// Average the weights of runs that started from the same ones (train --init)
#[derive(Debug, Args)]
pub struct Average {
    /// Weights files of one preset
    #[arg(required = true, num_args = 2.., value_name = "FILE")]
    weights: Vec<PathBuf>,
    /// People to calibrate on, never trained on, one folder each; without it the weights carry
    /// no calibration
    #[arg(long)]
    validation: Option<PathBuf>,
    /// Where the average goes
    #[arg(long, default_value = "runs/average.bpk")]
    out: PathBuf,
}

impl Average {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// Where a file cannot be read or is of another preset than the first, or the validation
    /// folder cannot be read, or the average not be written.
    pub fn run(self) -> Result<()> {
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
                "{} is of the preset {}, but {} of {preset}: only networks alike can be averaged",
                path.display(),
                run.preset,
                self.weights[0].display()
            );
        }
        let validation = crops_below(self.validation.as_deref())?;
        let summary = TrainingSummary {
            steps: runs.iter().map(|run| run.training.steps).sum(),
            images: runs.iter().map(|run| run.training.images).sum(),
            ..runs[0].training.clone()
        };
        write_weights(average(&networks), preset, summary, &validation, &self.out)?;
        eprintln!("wrote {}", self.out.display());
        Ok(())
    }
}
