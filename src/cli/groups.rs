//! `groups`: compares the false match rates within groups of people, and gives the cost of a
//! threshold that keeps every group at the nominal rate.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::Serialize;

use super::calibrate::{carried, threshold};
use super::common::{FmrArgs, JsonArgs, LabelsArgs};
use super::models::ModelArgs;
use crate::engine::Engine;
use crate::eval::groups::{self, impostor_scores};
use crate::verify::decision::{accepted, allowed_errors, threshold_accepting};
use crate::verify::proportion::{Interval, Proportion};

/// Compare false match rates between groups of people, at one threshold
#[derive(Debug, clap::Args)]
pub struct Groups {
    /// Images, a folder for each group, one image of each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    labels: LabelsArgs,
    #[command(flatten)]
    fmr: FmrArgs,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// The figures.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    fmr: f64,
    threshold: f32,
    groups: Vec<Group>,
    /// The highest FMR of a group, divided by the lowest; absent if the lowest is zero.
    worst_over_best: Option<f64>,
    /// Absent if there are too few pairs for such a threshold.
    every_group: Option<EveryGroup>,
    /// FNMR of the calibration at the threshold.
    fnmr: f64,
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    people: usize,
    impostor: u64,
    fmr: f64,
    interval: Interval,
}

/// The threshold at which every group has at most the nominal FMR.
#[derive(Debug, Serialize)]
struct EveryGroup {
    threshold: f32,
    /// FNMR of the calibration at that threshold.
    fnmr: f64,
}

impl Groups {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: files that cannot be read, or too few images.
    pub fn run(self) -> Result<()> {
        let engine = self.model.load()?;
        let FmrArgs { fmr } = self.fmr;
        let threshold = threshold(&engine, fmr)?;
        let groups = self.labels.groups(&self.model, &engine, &self.data)?;
        ensure!(
            groups.len() > 1,
            "{} needs at least two groups of several faces",
            self.data.display()
        );
        let report = Report::new(&engine, &groups, fmr, threshold)?;
        self.json.print(&report, Report::text)
    }
}

impl Report {
    fn new(engine: &Engine, groups: &groups::Groups, fmr: f64, threshold: f32) -> Result<Self> {
        let mut rows = Vec::new();
        let mut strictest = Some(threshold);
        for (name, faces) in groups {
            let distances = impostor_scores(faces, engine.cohort());
            strictest = strictest
                .zip(threshold_at(&distances, fmr))
                .map(|(least, own)| least.min(own));
            let matches = false_matches(&distances, threshold);
            rows.push(Group {
                name: name.clone(),
                people: faces.len(),
                impostor: matches.trials,
                fmr: matches.rate(),
                interval: matches.interval(),
            });
        }
        let rates = || rows.iter().map(|row| row.fmr);
        let (worst, best) = (
            rates().fold(f64::MIN, f64::max),
            rates().fold(f64::MAX, f64::min),
        );
        let calibration = carried(engine)?.single();
        let fnmr = |threshold| calibration.fnmr(threshold).rate();
        Ok(Self {
            model: engine.metadata().model_id.clone(),
            fmr,
            threshold,
            worst_over_best: (best > 0.0).then(|| worst / best),
            every_group: strictest.map(|threshold| EveryGroup {
                threshold,
                fnmr: fnmr(threshold),
            }),
            fnmr: fnmr(threshold),
            groups: rows,
        })
    }

    fn text(&self) -> String {
        let Self { fmr, threshold, .. } = self;
        let mut text = format!(
            "threshold {threshold:.4}, calibrated to an FMR of {fmr}\n\
             group           people  impostor pairs     FMR (95 %)\n"
        );
        for group in &self.groups {
            text += &format!(
                "{:<14} {:>7} {:>15} {:>8.3} % ({:.3} to {:.3})\n",
                group.name,
                group.people,
                group.impostor,
                100.0 * group.fmr,
                100.0 * group.interval.lower,
                100.0 * group.interval.upper
            );
        }
        text += &match self.worst_over_best {
            Some(ratio) => format!("the worst group has {ratio:.2} times the FMR of the best\n"),
            None => "the best group has no false match, so no ratio is stated\n".into(),
        };
        text += &match &self.every_group {
            Some(every) => format!(
                "an FMR of at most {fmr} in every group needs a threshold of {:.4}, with an FNMR of \
                 {:.1} % instead of {:.1} % on the calibration's genuine comparisons\n",
                every.threshold,
                100.0 * every.fnmr,
                100.0 * self.fnmr
            ),
            None => format!(
                "too few pairs for a threshold with an FMR of at most {fmr} in every group\n"
            ),
        };
        text
    }
}

/// The share of impostor pairs that a threshold accepts.
fn false_matches(distances: &[f32], threshold: f32) -> Proportion {
    Proportion::new(accepted(distances, threshold), distances.len() as u64)
}

/// The highest threshold that keeps the share of false matches to `fmr`; `None` if one false match
/// is too many.
fn threshold_at(distances: &[f32], fmr: f64) -> Option<f32> {
    let allowed = allowed_errors(fmr, distances.len() as u64);
    (allowed > 0).then(|| threshold_accepting(distances, allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::cohort::Cohort;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn pairs_within_the_threshold_are_counted() {
        let distances = impostor_scores(
            &[at_angle(0.0), at_angle(10.0), at_angle(90.0)],
            &Cohort::NONE,
        );
        assert_eq!(false_matches(&distances, 0.5), Proportion::new(1, 3));
    }

    #[test]
    fn a_threshold_accepts_no_more_than_its_share() {
        let distances = [0.1, 0.2, 0.3, 0.4, 0.5];
        let threshold = threshold_at(&distances, 0.5).unwrap();
        assert_eq!(
            threshold,
            0.3_f32.next_down(),
            "the highest one below the third distance"
        );
        assert_eq!(false_matches(&distances, threshold), Proportion::new(2, 5));
        assert_eq!(threshold_at(&distances, 0.1), None);

        let tied = [0.1, 0.2, 0.2, 0.2, 0.5];
        let threshold = threshold_at(&tied, 0.5).unwrap();
        assert_eq!(false_matches(&tied, threshold), Proportion::new(1, 5));
    }
}
