//! `templates`: which rule compares a probe best with several enrolled samples.

use std::path::PathBuf;

use anyhow::Context;

use super::embed::{ModelArgs, images_below};
use crate::eval::templates::{Rule, template_scores};
use crate::eval::{Roc, folder};

/// Compare the rules for people with several enrolled samples
#[derive(Debug, clap::Args)]
pub struct Templates {
    /// Images, a folder for each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Numbers of samples to enrol
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,4,5", value_parser = clap::value_parser!(u16).range(1..))]
    samples: Vec<u16>,
    /// The false match rate to compare at
    #[arg(long, default_value_t = 1e-3)]
    fmr: f64,
    #[command(flatten)]
    model: ModelArgs,
}

impl Templates {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let paths = images_below(&self.data)?;
        let engine = self.model.load()?;
        let (paths, embeddings) = self.model.embed(&engine, &paths)?.unzip();
        let people = folder::identities(paths.iter().map(PathBuf::as_path));
        println!(
            "samples  rule      genuine  impostor  VAL@FAR={:.0e}",
            self.fmr
        );
        for &samples in &self.samples {
            for rule in Rule::ALL {
                let scores =
                    template_scores(&embeddings, &people, samples.into(), rule, engine.cohort());
                let roc = Roc::new(scores).with_context(|| {
                    format!(
                        "too few people of {} have more than {samples} images",
                        self.data.display()
                    )
                })?;
                let name = format!("{rule:?}").to_lowercase();
                println!(
                    "{samples:>7}  {name:<8} {:>8} {:>9} {:>11.2} %",
                    roc.genuine_trials(),
                    roc.impostor_trials(),
                    100.0 * roc.val_at_far(self.fmr).val().rate(),
                );
            }
        }
        Ok(())
    }
}
