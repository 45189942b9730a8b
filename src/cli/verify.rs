//! `verify`: decides whether two images show one person.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::Outcome;
use super::calibrate;
use super::common::{FmrArgs, JsonArgs};
use super::models::ModelArgs;
use crate::data::embed::{Take, embed_files};
use crate::engine::Engine;
use crate::face::gate::Refusal;
use crate::verify::decision::{Decision, FmrEstimate, decide};
use crate::verify::embedding::Embedding;
use crate::verify::template::Template;

/// Tell whether two images show one person; exits with 0 for a match, 1 for none, 2 for an error
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The enrolled image
    template: PathBuf,
    /// The image to compare with the enrolled one
    probe: PathBuf,
    #[command(flatten)]
    fmr: FmrArgs,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: an image that cannot be read, or has no usable face.
    pub fn run(self) -> Result<Outcome> {
        let decision = self.decide()?;
        self.json.print(&decision, describe)?;
        Ok(match decision.accepted {
            true => Outcome::Done,
            false => Outcome::NoMatch,
        })
    }

    fn decide(&self) -> Result<Decision> {
        let engine = self.model.load()?;
        calibrate::threshold(&engine, self.fmr.fmr)?;
        let calibrations = calibrate::carried(&engine)?;
        let template = Template::from(self.embed(&engine, &self.template)?);
        let probe = self.embed(&engine, &self.probe)?;
        Ok(decide(&template, &probe, calibrations, self.fmr.fmr))
    }

    /// The only face of the image at `path`.
    fn embed(&self, engine: &Engine, path: &Path) -> Result<Embedding> {
        let take = match self.model.aligned {
            true => Take::Crop,
            false => Take::OnlyFace,
        };
        let mut result = embed_files(engine, &[path.into()], take, &|_| {})?;
        match (result.faces.pop(), result.failures.pop()) {
            (Some(face), None) => Ok(face.embedding),
            (_, Some((path, failure))) => bail!("{}: {failure}", path.display()),
            (None, None) => bail!("{}: {}", path.display(), Refusal::NoFace),
        }
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
        "{verdict}\nscore {score:.4}{threshold}, cosine {similarity:.4}\n{}\n",
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
            "FMR at this score at most {:.2e}: the calibration cannot state a lower rate",
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
