//! `cluster`: groups the faces of a folder by person.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use super::calibrate;
use super::common::{FmrArgs, JsonArgs, images_below};
use super::models::ModelArgs;
use super::numbers;
use crate::data::embed::Embedded;
use crate::data::output_file::OutputFile;
use crate::data::people;
use crate::engine::Engine;
use crate::eval::cluster::{PairwiseScores, cluster, pairwise_scores};
use crate::verify::embedding::Embedding;

/// Most faces grouped at once: the matrix of their scores takes 800 MB.
const MOST_FACES: usize = 20_000;

/// Group the faces of a folder by person
#[derive(Debug, clap::Args)]
pub struct Cluster {
    /// Folder of images; if it has a folder for each person, the groups are compared with these
    /// folders
    dir: PathBuf,
    /// Greatest mean score within a group, from -2 to 6
    #[arg(long, conflicts_with = "fmr", allow_negative_numbers = true, value_parser = numbers::single(numbers::SCORE))]
    threshold: Option<f32>,
    #[command(flatten)]
    fmr: FmrArgs,
    /// Write the groups here as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// The groups, the largest first.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    threshold: f32,
    images: usize,
    skipped_images: usize,
    faces: usize,
    groups: Vec<Vec<Member>>,
    /// The agreement of the groups with the folders; absent without a folder for each person.
    pairwise: Option<PairwiseScores>,
}

/// A face of a group.
#[derive(Debug, Serialize)]
struct Member {
    /// The image's path, relative to the folder.
    path: String,
    /// The face's index in the image, from 0; the largest and most central face is first.
    face: usize,
    /// Number of faces grouped from the same image.
    of: usize,
}

impl Cluster {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or written, or is too much.
    pub fn run(self) -> Result<()> {
        let out = self.out.as_deref().map(OutputFile::open).transpose()?;
        let paths = images_below(&self.dir)?;
        check(paths.len(), "images")?;
        let engine = self.model.load()?;
        let threshold = self.threshold(&engine)?;
        let embedded = self.model.embed_all(&engine, &paths)?;
        check(embedded.faces.len(), "faces")?;
        let embeddings: Vec<Embedding> = embedded
            .faces
            .iter()
            .map(|face| face.embedding.clone())
            .collect();
        let labels = cluster(&embeddings, threshold, engine.cohort());
        let report = Report {
            model: engine.metadata().model_id.clone(),
            threshold,
            images: paths.len(),
            skipped_images: embedded.failures.len(),
            faces: labels.len(),
            groups: groups(&embedded.faces, &labels, &self.dir),
            pairwise: scores(&embedded.faces, &labels, &self.dir),
        };
        if let Some(out) = out {
            out.write_json(&report)?;
        }
        self.json.print(&report, Report::text)
    }

    fn threshold(&self, engine: &Engine) -> Result<f32> {
        self.threshold
            .map_or_else(|| calibrate::threshold(engine, self.fmr.fmr), Ok)
    }
}

fn check(count: usize, what: &str) -> Result<()> {
    if count > MOST_FACES {
        bail!("{count} {what} are too many to group at once; at most {MOST_FACES}");
    }
    Ok(())
}

/// The members of each group, the largest group first.
fn groups(faces: &[Embedded], labels: &[usize], root: &Path) -> Vec<Vec<Member>> {
    let by_image = faces_by_image(faces);
    let mut groups: Vec<Vec<Member>> = Vec::new();
    groups.resize_with(labels.iter().max().map_or(0, |last| last + 1), Vec::new);
    for (face, &label) in faces.iter().zip(labels) {
        let path = face.path.strip_prefix(root).ok();
        let path = path.filter(|path| !path.as_os_str().is_empty());
        groups[label].push(Member {
            path: path.unwrap_or(&face.path).to_string_lossy().into(),
            face: face.face,
            of: by_image[face.path.as_path()],
        });
    }
    groups.sort_by_key(|group| Reverse(group.len()));
    groups
}

fn faces_by_image(faces: &[Embedded]) -> HashMap<&Path, usize> {
    let mut counts = HashMap::new();
    for face in faces {
        *counts.entry(face.path.as_path()).or_default() += 1;
    }
    counts
}

/// Compares the groups with the folders, if there are several. Only images with one face in a
/// person's folder count.
fn scores(faces: &[Embedded], labels: &[usize], root: &Path) -> Option<PairwiseScores> {
    let by_image = faces_by_image(faces);
    let known = faces.iter().zip(labels).filter(|(face, _)| {
        by_image[face.path.as_path()] == 1 && people::person(root, &face.path).is_some()
    });
    let (paths, labels): (Vec<_>, Vec<_>) = known
        .map(|(face, &label)| (face.path.clone(), label))
        .unzip();
    let people = people::identities(root, &paths);
    people
        .iter()
        .any(|&person| person > 0)
        .then(|| pairwise_scores(&labels, &people))
}

impl Report {
    fn text(&self) -> String {
        let mut lines = Vec::new();
        for (i, group) in self.groups.iter().enumerate() {
            lines.push(format!("group {} ({})", i + 1, group.len()));
            lines.extend(group.iter().map(Member::text));
        }
        lines.push(format!(
            "{} faces in {} groups at threshold {:.4}",
            self.faces,
            self.groups.len(),
            self.threshold
        ));
        if let Some(scores) = &self.pairwise {
            lines.push(format!(
                "against the folders: precision {:.4}, recall {:.4}, F {:.4}",
                scores.precision, scores.recall, scores.f_score
            ));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

impl Member {
    fn text(&self) -> String {
        match self.of {
            1 => format!("  {}", self.path),
            of => format!("  {}, face {} of {of}", self.path, self.face + 1),
        }
    }
}
