//! `groups`: whether impostors of one group of people pass more often than those of another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::ensure;

use super::calibrate::threshold;
use super::embed::{ModelArgs, images_below};
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
        for (name, faces) in &groups {
            let matches = false_matches(faces, threshold);
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
        Ok(())
    }
}

/// Pairs of different people that a threshold takes for one.
fn false_matches(faces: &[Embedding], threshold: f32) -> Proportion {
    let pairs = faces
        .iter()
        .enumerate()
        .flat_map(|(i, a)| faces[..i].iter().map(move |b| (a, b)));
    let (mut events, mut trials) = (0, 0);
    for (a, b) in pairs {
        trials += 1;
        events += u64::from(a.squared_distance(b) <= threshold);
    }
    Proportion::new(events, trials)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn pairs_within_the_threshold_are_counted() {
        let faces = [at_angle(0.0), at_angle(10.0), at_angle(90.0)];
        assert_eq!(false_matches(&faces, 0.5), Proportion::new(1, 3));
    }
}
