//! `groups`: whether impostors of one group of people pass more often than those of another, and
//! what it would cost to hold all groups to what the threshold promises.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::ensure;

use super::calibrate::{carried, threshold};
use super::embed::{ModelArgs, images_below};
use crate::eval::verification_scores;
use crate::verify::cohort::Cohort;
use crate::verify::embedding::Embedding;
use crate::verify::proportion::Proportion;

/// Compare impostor error rates between groups of people, at one threshold
#[derive(Debug, clap::Args)]
pub struct Groups {
    /// Images, a folder for each group, one image of each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The calibrated false match rate whose threshold is taken
    #[arg(long, default_value_t = 1e-3)]
    fmr: f64,
    #[command(flatten)]
    model: ModelArgs,
}

impl Groups {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let paths = images_below(&self.data)?;
        let engine = self.model.load()?;
        let threshold = threshold(&engine, self.fmr)?;
        let mut groups: BTreeMap<String, Vec<Embedding>> = BTreeMap::new();
        for face in self.model.embed(&engine, &paths)?.faces {
            let folder = face.path.parent().and_then(|folder| folder.file_name());
            let name = folder.map_or_else(String::new, |name| name.to_string_lossy().into());
            groups.entry(name).or_default().push(face.embedding);
        }
        groups.retain(|_, faces| faces.len() > 1);
        ensure!(
            groups.len() > 1,
            "{} needs at least two folders of several faces",
            self.data.display()
        );
        println!(
            "threshold {threshold:.4}, calibrated to an FMR of {}",
            self.fmr
        );
        println!("group           people  impostor pairs     FMR (95 %)");
        let mut rates = Vec::new();
        let mut strictest = Some(threshold);
        for (name, faces) in &groups {
            let distances = impostor_distances(faces, engine.cohort());
            strictest = strictest
                .zip(threshold_at(&distances, self.fmr))
                .map(|(least, own)| least.min(own));
            let matches = false_matches(&distances, threshold);
            let interval = matches.interval();
            println!(
                "{name:<14} {:>7} {:>15} {:>8.3} % ({:.3} to {:.3})",
                faces.len(),
                matches.trials,
                100.0 * matches.rate(),
                100.0 * interval.lower,
                100.0 * interval.upper
            );
            rates.push(matches.rate());
        }
        let worst = rates.iter().copied().fold(f64::MIN, f64::max);
        let best = rates.iter().copied().fold(f64::MAX, f64::min);
        println!(
            "the worst group has {:.2} times the FMR of the best",
            worst / best
        );
        let calibration = carried(&engine)?.single();
        let turned_away = |threshold| 100.0 * calibration.fnmr(threshold).rate();
        match strictest {
            Some(strictest) => println!(
                "an FMR of at most {} in every group takes a threshold of {strictest:.4}, at which {:.1} % of \
                 the calibration's genuine comparisons are turned away instead of {:.1} %",
                self.fmr,
                turned_away(strictest),
                turned_away(threshold)
            ),
            None => println!(
                "too few pairs to hold every group to an FMR of {}",
                self.fmr
            ),
        }
        Ok(())
    }
}

/// Distances of all pairs of faces, each of another person, the least first.
fn impostor_distances(faces: &[Embedding], cohort: &Cohort) -> Vec<f32> {
    let people: Vec<_> = (0..faces.len()).collect();
    let mut distances = verification_scores(faces, &people, cohort).impostor;
    distances.sort_by(f32::total_cmp);
    distances
}

/// Pairs of different people that a threshold takes for one.
fn false_matches(distances: &[f32], threshold: f32) -> Proportion {
    let events = distances.partition_point(|&distance| distance <= threshold);
    Proportion::new(events as u64, distances.len() as u64)
}

/// The largest of the distances that keeps the share of false matches to `fmr`; `None` where one
/// false match is too many.
fn threshold_at(distances: &[f32], fmr: f64) -> Option<f32> {
    let matches = (fmr * distances.len() as f64) as usize;
    Some(distances[matches.checked_sub(1)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn pairs_within_the_threshold_are_counted() {
        let distances = impostor_distances(
            &[at_angle(0.0), at_angle(10.0), at_angle(90.0)],
            &Cohort::NONE,
        );
        assert_eq!(false_matches(&distances, 0.5), Proportion::new(1, 3));
    }

    #[test]
    fn a_threshold_keeps_its_promise_and_no_distance_more() {
        let distances = [0.1, 0.2, 0.3, 0.4, 0.5];
        let threshold = threshold_at(&distances, 0.5).unwrap();
        assert_eq!(threshold, 0.2);
        assert_eq!(false_matches(&distances, threshold), Proportion::new(2, 5));
        assert_eq!(threshold_at(&distances, 0.1), None);
    }
}
