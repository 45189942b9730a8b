//! `calibrate`: what the weights' distances mean, counted on faces of people never trained on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::embed::{ModelArgs, images_below, read};
use super::export::write;
use crate::engine::Engine;
use crate::eval::cohort::cohort;
use crate::eval::{calibrate, folder};
use crate::net::weights;
use crate::verify::cohort::Cohort;
use crate::verify::decision::{Calibration, Calibrations};

/// False match rates that are printed where they are supported.
const RATES: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// Count what distances mean on people never trained on, and keep it with the weights
#[derive(Debug, clap::Args)]
pub struct Calibrate {
    /// Images, a folder for each person; without it, what the weights already carry is printed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folders of yet other people, some thousand of all kinds, by whom distances are evened out
    /// between groups: one image of each is taken, every one of a folder of images, the first in
    /// each folder of a folder of folders. Without them, as the weights carry it
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "data")]
    cohort: Vec<PathBuf>,
    /// Write the weights with this calibration here
    #[arg(long, value_name = "FILE", requires = "data")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

impl Calibrate {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read, counted or written.
    pub fn run(self) -> Result<()> {
        let engine = self.model.load()?;
        let calibration = match &self.data {
            Some(data) => self.count(&engine, data)?,
            None => carried(&engine)?.clone(),
        };
        println!("cohort of {} centres", calibration.cohort().len());
        for (index, calibration) in calibration.all().iter().enumerate() {
            println!(
                "\nTemplates of {} samples: {}",
                index + 1,
                table(calibration)
            );
        }
        if let Some(out) = &self.out {
            let bytes = read(&self.model.weights, "--weights names it")?;
            write(&weights::recalibrate(bytes, calibration)?, out)?;
            eprintln!("wrote {}", out.display());
        }
        Ok(())
    }

    fn count(&self, engine: &Engine, data: &Path) -> Result<Calibrations> {
        let (paths, embeddings) = self.model.embed(engine, &images_below(data)?)?.unzip();
        let people = folder::identities(paths.iter().map(PathBuf::as_path));
        calibrate(&embeddings, &people, self.cohort(engine)?)
            .with_context(|| format!("{} cannot be calibrated on", data.display()))
    }

    fn cohort(&self, engine: &Engine) -> Result<Cohort> {
        if self.cohort.is_empty() {
            return Ok(engine.cohort().clone());
        }
        let mut people = Vec::new();
        for folder in &self.cohort {
            people.extend(folder::one_of_each(folder, images_below(folder)?));
        }
        let (_, embeddings) = self.model.embed(engine, &people)?.unzip();
        cohort(&embeddings).with_context(|| {
            let count = embeddings.len();
            format!("{count} people are too few for --cohort: some thousand are wanted, 200 needed")
        })
    }
}

/// The calibrated threshold of `engine` for a false match rate of `fmr` between two images.
///
/// # Errors
/// Where the weights carry no calibration, or it does not support the rate.
pub(super) fn threshold(engine: &Engine, fmr: f64) -> Result<f32> {
    let calibration = carried(engine)?.single();
    calibration.threshold(fmr).with_context(|| {
        let lowest = calibration.lowest_fmr();
        format!(
            "an FMR of {fmr} is not supported: these weights are calibrated down to {lowest:.1e}"
        )
    })
}

/// The calibrations that the weights of `engine` carry.
///
/// # Errors
/// Where they carry none.
pub(super) fn carried(engine: &Engine) -> Result<&Calibrations> {
    let calibration = engine.metadata().calibration.as_ref();
    calibration.context("these weights carry no calibration: make one with `calibrate --data`")
}

fn table(calibration: &Calibration) -> String {
    let mut text = format!(
        "{} genuine and {} impostor comparisons; no FMR below {:.1e} is stated\n",
        calibration.genuine_trials(),
        calibration.impostor_trials(),
        calibration.lowest_fmr()
    );
    text += "FMR at most   distance  FMR 95 %              FNMR (95 %)\n";
    for rate in RATES {
        let Some(distance) = calibration.threshold(rate) else {
            continue;
        };
        let (fmr, fnmr) = (
            calibration.fmr(distance).interval,
            calibration.fnmr(distance),
        );
        text += &format!(
            "{rate:<12.0e} {distance:>9.4}  {:.2e} to {:.2e}  {:>6.2} % ({:.2} to {:.2})\n",
            fmr.lower,
            fmr.upper,
            100.0 * fnmr.rate(),
            100.0 * fnmr.interval().lower,
            100.0 * fnmr.interval().upper
        );
    }
    text
}
