//! `templates`: compares the rules for several enrolled samples.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use super::common::{FmrArgs, JsonArgs, images_by_folder};
use super::models::ModelArgs;
use super::numbers::count;
use crate::data::people;
use crate::eval::Roc;
use crate::eval::templates::{Rule, template_scores};

/// Compare the rules for people with several enrolled samples
#[derive(Debug, clap::Args)]
pub struct Templates {
    /// Images, a folder for each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Numbers of enrolled samples, each from 1 to 100
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,4,5", value_parser = count(1..=100))]
    samples: Vec<usize>,
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
    fmr: f64,
    rules: Vec<Row>,
}

/// The result of a rule.
#[derive(Debug, Serialize)]
struct Row {
    samples: usize,
    rule: String,
    genuine: u64,
    impostor: u64,
    tar: f64,
}

impl Templates {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: files that cannot be read, or too few images.
    pub fn run(self) -> Result<()> {
        let paths = images_by_folder(&self.data, "person")?;
        let engine = self.model.load()?;
        let (paths, embeddings) = self.model.embed(&engine, &paths)?.unzip();
        let people = people::identities(&self.data, &paths);
        let mut rows = Vec::new();
        for &samples in &self.samples {
            for rule in Rule::ALL {
                let scores = template_scores(&embeddings, &people, samples, rule, engine.cohort());
                let roc = Roc::new(scores).with_context(|| {
                    format!(
                        "too few people of {} have more than {samples} images",
                        self.data.display()
                    )
                })?;
                rows.push(Row {
                    samples,
                    rule: format!("{rule:?}").to_lowercase(),
                    genuine: roc.genuine_trials(),
                    impostor: roc.impostor_trials(),
                    tar: roc.val_at_far(self.fmr.fmr).val().rate(),
                });
            }
        }
        let FmrArgs { fmr } = self.fmr;
        self.json.print(&Report { fmr, rules: rows }, Report::text)
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "samples  rule      genuine  impostor  TAR at FMR {:.0e}\n",
            self.fmr
        );
        for row in &self.rules {
            text += &format!(
                "{:>7}  {:<8} {:>8} {:>9} {:>15.2} %\n",
                row.samples,
                row.rule,
                row.genuine,
                row.impostor,
                100.0 * row.tar,
            );
        }
        text
    }
}
