//! `calibrate`: counts the error rate at each score, on faces of people who are not in the training
//! data.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::common::{JsonArgs, LabelsArgs, images_by_folder, one_of_each_below};
use super::models::{ModelArgs, read};
use super::numbers::{self, single};
use super::output::note;
use crate::data::output_file::OutputFile;
use crate::data::people;
use crate::engine::Engine;
use crate::eval::cohort::cohort;
use crate::eval::groups::worst_group;
use crate::eval::{RATES, calibrate};
use crate::net::weights;
use crate::verify::cohort::Cohort;
use crate::verify::decision::{Calibration, Calibrations};
use crate::verify::proportion::Interval;

/// Calibrate the weights: count the error rates at each score, on people not in the training data
#[derive(Debug, clap::Args)]
#[command(mut_arg("labels", |labels| labels.requires("groups")))]
pub struct Calibrate {
    /// Images, a folder for each person; without it, the weights' existing calibration is printed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Cohort images for score normalisation: several thousand people, disjoint from --data; one
    /// image of each person, or a folder for each person, of which the first image is taken.
    /// Default: the cohort in the weights
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "data")]
    cohort: Vec<PathBuf>,
    /// Weight of --cohort in the score, from 0.1 to 1. With a higher weight, the groups' rates are more
    /// equal on images like the cohort's, but strangers on other images may pass more often
    #[arg(
        long,
        value_name = "WEIGHT",
        default_value_t = 0.5,
        requires = "cohort",
        value_parser = single(numbers::COHORT_WEIGHT)
    )]
    cohort_weight: f32,
    /// Groups of people with the same sex and origin: a folder for each group (or --labels), with
    /// one image of each person; disjoint from --data, and from another source than the cohort and
    /// the training data. The stated false match rates are then those within the worst group
    #[arg(long, value_name = "DIR", requires = "data")]
    groups: Option<PathBuf>,
    #[command(flatten)]
    labels: LabelsArgs,
    /// Write the weights with this calibration here
    #[arg(long, value_name = "FILE", requires = "data")]
    out: Option<PathBuf>,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

impl Calibrate {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read, counted or written.
    pub fn run(self) -> Result<()> {
        let out = self.out.as_deref().map(OutputFile::open).transpose()?;
        let engine = self.model.load()?;
        let calibration = match &self.data {
            Some(data) => self.count(&engine, data)?,
            None => carried(&engine)?.clone(),
        };
        if let Some(out) = out {
            let bytes = read(&self.model.weights()?)?;
            out.write(&weights::recalibrate(bytes, calibration.clone())?)?;
        }
        if let Some(out) = &self.out {
            note!("wrote {}", out.display());
        }
        let report = Report::new(&engine, &calibration);
        self.json.print(&report, Report::text)
    }

    fn count(&self, engine: &Engine, data: &Path) -> Result<Calibrations> {
        let paths = images_by_folder(data, "person")?;
        let (paths, embeddings) = self.model.embed(engine, &paths)?.unzip();
        let people = people::identities(data, &paths);
        let calibration = calibrate(&embeddings, &people, self.cohort(engine)?)
            .with_context(|| format!("{} cannot be calibrated on", data.display()))?;
        let Some(root) = &self.groups else {
            return Ok(calibration);
        };
        let groups = self.labels.groups(&self.model, engine, root)?;
        let worst = worst_group(&embeddings, &people, &groups, calibration.cohort()).with_context(
            || {
                let count = groups.len();
                format!(
                    "the {count} groups are too small for --groups: each should have several hundred people"
                )
            },
        )?;
        Ok(calibration.with_worst_group(Some(worst)))
    }

    fn cohort(&self, engine: &Engine) -> Result<Cohort> {
        if self.cohort.is_empty() {
            return Ok(engine.cohort().clone());
        }
        let people = one_of_each_below(&self.cohort)?;
        let (_, embeddings) = self.model.embed(engine, &people)?.unzip();
        cohort(&embeddings, self.cohort_weight).with_context(|| {
            let count = embeddings.len();
            format!("{count} people are too few for --cohort: several thousand are recommended, 200 required")
        })
    }
}

/// The calibrated threshold of `engine` for a false match rate of `fmr` between two images.
///
/// # Errors
/// If the weights carry no calibration, or it does not support the rate.
pub(super) fn threshold(engine: &Engine, fmr: f64) -> Result<f32> {
    let calibration = carried(engine)?.single();
    calibration.threshold(fmr).with_context(|| {
        let lowest = calibration.lowest_fmr();
        format!(
            "the calibration of these weights does not support an FMR of {fmr}: the lowest is {lowest:.1e}"
        )
    })
}

/// The calibrations that the weights of `engine` carry.
///
/// # Errors
/// If the weights carry no calibration.
pub(super) fn carried(engine: &Engine) -> Result<&Calibrations> {
    let calibration = engine.metadata().calibration.as_ref();
    calibration.context("these weights carry no calibration: make one with `calibrate --data`")
}

/// The calibration as a report.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    cohort_centres: usize,
    /// One table for each number of enrolled samples, from one on.
    templates: Vec<Table>,
}

#[derive(Debug, Serialize)]
struct Table {
    samples: usize,
    genuine: u64,
    impostor: u64,
    /// Whether the false match rates are those within the worst group.
    worst_group: bool,
    lowest_fmr: f64,
    points: Vec<Point>,
}

/// The threshold for a false match rate, and the errors counted at it.
#[derive(Debug, Serialize)]
struct Point {
    fmr_at_most: f64,
    threshold: f32,
    fmr_interval: Interval,
    fnmr: f64,
    fnmr_interval: Interval,
}

impl Report {
    fn new(engine: &Engine, calibration: &Calibrations) -> Self {
        let tables = calibration.all().iter().enumerate();
        Self {
            model: engine.metadata().model_id.clone(),
            cohort_centres: calibration.cohort().len(),
            templates: tables
                .map(|(index, it)| Table::new(index + 1, it))
                .collect(),
        }
    }

    fn text(&self) -> String {
        let tables: String = self.templates.iter().map(Table::text).collect();
        format!("cohort of {} centres\n{tables}", self.cohort_centres)
    }
}

impl Table {
    fn new(samples: usize, calibration: &Calibration) -> Self {
        let point = |fmr| {
            let threshold = calibration.threshold(fmr)?;
            let fnmr = calibration.fnmr(threshold);
            Some(Point {
                fmr_at_most: fmr,
                threshold,
                fmr_interval: calibration.fmr(threshold).interval,
                fnmr: fnmr.rate(),
                fnmr_interval: fnmr.interval(),
            })
        };
        Self {
            samples,
            genuine: calibration.genuine_trials(),
            impostor: calibration.impostor_trials(),
            worst_group: calibration.worst_group().is_some(),
            lowest_fmr: calibration.lowest_fmr(),
            points: RATES.into_iter().filter_map(point).collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "\nTemplates of {} samples: {} genuine and {} impostor comparisons; no FMR below {:.1e} is \
             stated\nFMR {:<8}  threshold  FMR 95 %              FNMR (95 %)\n",
            self.samples,
            self.genuine,
            self.impostor,
            self.lowest_fmr,
            if self.worst_group {
                "in worst"
            } else {
                "at most"
            }
        );
        for point in &self.points {
            text += &format!(
                "{:<12.0e} {:>10.4}  {:.2e} to {:.2e}  {:>6.2} % ({:.2} to {:.2})\n",
                point.fmr_at_most,
                point.threshold,
                point.fmr_interval.lower,
                point.fmr_interval.upper,
                100.0 * point.fnmr,
                100.0 * point.fnmr_interval.lower,
                100.0 * point.fnmr_interval.upper
            );
        }
        text
    }
}
