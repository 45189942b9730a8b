//! `verify`: whether two images show one person.

use std::path::PathBuf;

use anyhow::anyhow;

use super::calibrate;
use super::embed::ModelArgs;
use crate::eval::embed::embed_files;
use crate::verify::decision::{Decision, FmrEstimate, decide};
use crate::verify::embedding::Embedding;
use crate::verify::template::Template;

/// Exit code where the faces do not match; errors have another.
const NO_MATCH: i32 = 1;

/// Tell whether two images show one person; exits with 0 for a match, 1 for none, 2 for an error
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The enrolled image
    template: PathBuf,
    /// The image in question
    probe: PathBuf,
    /// Accept at most this share of impostors
    #[arg(long, default_value_t = 1e-3)]
    fmr: f64,
    #[command(flatten)]
    model: ModelArgs,
}

impl Verify {
    /// Runs the command; leaves the process with 1 where the faces do not match.
    pub fn run(self) -> anyhow::Result<()> {
        let decision = self.decide()?;
        println!("{}", describe(&decision));
        if !decision.accepted {
            std::process::exit(NO_MATCH);
        }
        Ok(())
    }

    fn decide(&self) -> anyhow::Result<Decision> {
        let engine = self.model.load()?;
        calibrate::threshold(&engine, self.fmr)?;
        let calibrations = calibrate::carried(&engine)?;
        let embed = |path: &PathBuf| -> anyhow::Result<Embedding> {
            let mut result = embed_files(&engine, std::slice::from_ref(path), self.model.aligned)?;
            match (result.faces.pop(), result.failures.pop()) {
                (Some(face), _) => Ok(face.embedding),
                (None, Some((path, failure))) => Err(anyhow!("{}: {failure}", path.display())),
                (None, None) => Err(anyhow!("{}: no face found", path.display())),
            }
        };
        let template = Template::from(embed(&self.template)?);
        Ok(decide(
            &template,
            &embed(&self.probe)?,
            calibrations,
            self.fmr,
        ))
    }
}

fn describe(decision: &Decision) -> String {
    let Decision {
        accepted,
        score,
        similarity,
        threshold,
        fmr,
    } = decision;
    let verdict = if *accepted { "match" } else { "no match" };
    let threshold = threshold.map_or(String::new(), |t| format!(" (threshold {t:.4})"));
    format!(
        "{verdict}\nscore {score:.4}{threshold}, cosine {similarity:.4}\n{}",
        describe_fmr(fmr)
    )
}

fn describe_fmr(estimate: &FmrEstimate) -> String {
    let FmrEstimate {
        fmr,
        interval,
        supported,
    } = estimate;
    if *supported {
        format!(
            "FMR at this score {fmr:.2e}, 95 % interval {:.2e} to {:.2e}",
            interval.lower, interval.upper
        )
    } else {
        format!(
            "FMR at this score at most {:.2e}: the lowest that was measured",
            fmr.max(interval.upper)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::decision::Calibration;

    #[test]
    fn tells_counted_rates_from_bounds() {
        let impostor: Vec<f32> = (0..1000).map(|i| 1.0 + i as f32 / 1000.0).collect();
        let calibration = Calibration::new(&[0.5], &impostor).unwrap();
        let counted = describe_fmr(&calibration.fmr(1.0495));
        assert!(
            counted.contains("5.") && counted.contains("95 % interval"),
            "{counted}"
        );
        let bound = describe_fmr(&calibration.fmr(0.2));
        assert!(bound.contains("at most 3.00e-3"), "{bound}");
    }
}
