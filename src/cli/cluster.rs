//! `cluster`: the faces of a folder grouped by person.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;

use super::calibrate;
use super::embed::{ModelArgs, images_below};
use crate::engine::Engine;
use crate::eval::cluster::{PairwiseScores, cluster, pairwise_scores};
use crate::eval::folder;

/// Most images grouped at once: their distance matrix takes 800 MB.
const MOST_IMAGES: usize = 20_000;

/// Group the faces of a folder by person
#[derive(Debug, clap::Args)]
pub struct Cluster {
    /// Folder of images; where it has a folder for each person, the groups are scored
    dir: PathBuf,
    /// Greatest mean distance within a group (-2 to 6)
    #[arg(long, conflicts_with = "fmr")]
    threshold: Option<f32>,
    /// Take the threshold with this calibrated false match rate
    #[arg(long, default_value_t = 1e-3)]
    fmr: f64,
    /// Write the groups here as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

impl Cluster {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let paths = images_below(&self.dir)?;
        if paths.len() > MOST_IMAGES {
            bail!(
                "{} images are too many to group at once; at most {MOST_IMAGES}",
                paths.len()
            );
        }
        let engine = self.model.load()?;
        let threshold = self.threshold(&engine)?;
        let (paths, embeddings) = self.model.embed(&engine, &paths)?.unzip();
        let labels = cluster(&embeddings, threshold, engine.cohort());
        let groups = by_group(&paths, &labels);
        let scores = self.scores(&paths, &labels);
        print_groups(&groups, &self.dir);
        println!(
            "{} faces in {} groups at threshold {threshold:.4}",
            paths.len(),
            groups.len()
        );
        if let Some(PairwiseScores {
            precision,
            recall,
            f_score,
        }) = &scores
        {
            println!(
                "against the folders: precision {precision:.4}, recall {recall:.4}, F {f_score:.4}"
            );
        }
        if let Some(out) = &self.out {
            let report = json!({ "threshold": threshold, "groups": groups, "pairwise": scores });
            std::fs::write(out, serde_json::to_string_pretty(&report)?)
                .with_context(|| format!("cannot write {}", out.display()))?;
        }
        Ok(())
    }

    fn threshold(&self, engine: &Engine) -> anyhow::Result<f32> {
        self.threshold
            .map_or_else(|| calibrate::threshold(engine, self.fmr), Ok)
    }

    /// Scores against the folders, where there are several.
    fn scores(&self, paths: &[PathBuf], labels: &[usize]) -> Option<PairwiseScores> {
        let people = folder::identities(paths.iter().map(PathBuf::as_path));
        people
            .iter()
            .any(|&person| person > 0)
            .then(|| pairwise_scores(labels, &people))
    }
}

/// The members of each group, the largest group first.
fn by_group<'a>(paths: &'a [PathBuf], labels: &[usize]) -> Vec<Vec<&'a Path>> {
    let mut groups = vec![Vec::new(); labels.iter().max().map_or(0, |last| last + 1)];
    for (path, &label) in paths.iter().zip(labels) {
        groups[label].push(path.as_path());
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

fn print_groups(groups: &[Vec<&Path>], root: &Path) {
    for (i, group) in groups.iter().enumerate() {
        println!("group {} ({})", i + 1, group.len());
        for path in group {
            println!("  {}", path.strip_prefix(root).unwrap_or(path).display());
        }
    }
}
