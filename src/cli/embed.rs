//! `embed`: prints embeddings of images, one JSON object on each line.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Serialize;

use super::common::images_below;
use super::models::ModelArgs;
use super::output::read_by_somebody;
use crate::data::embed::Embedded;
use crate::data::output_file::OutputFile;
use crate::face::QualityIssue;
use crate::verify::embedding::Embedding;

/// Print the embedding of every face as JSON lines: path, face, box, issue, embedding
#[derive(Debug, clap::Args)]
pub struct Embed {
    /// Images, or folders of images
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

/// One face's line.
#[derive(Serialize)]
struct Line<'a> {
    /// The image's path; bytes that are not UTF-8 are replaced.
    path: String,
    /// The face's index in the image, from 0; the largest and most central face is first.
    face: usize,
    /// Left, top, width and height in pixels; null for an aligned crop.
    #[serde(rename = "box")]
    bounds: Option<[f32; 4]>,
    /// The quality issue for which `verify` would refuse the face, if any.
    issue: Option<QualityIssue>,
    embedding: &'a Embedding,
}

impl<'a> From<&'a Embedded> for Line<'a> {
    fn from(face: &'a Embedded) -> Self {
        Self {
            path: face.path.to_string_lossy().into(),
            face: face.face,
            bounds: face.bounds.as_ref().map(|b| [b.x, b.y, b.width, b.height]),
            issue: face.issue,
            embedding: &face.embedding,
        }
    }
}

impl Embed {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or written.
    pub fn run(self) -> Result<()> {
        let out = self.out.as_deref().map(OutputFile::open).transpose()?;
        let mut paths = Vec::new();
        for path in &self.paths {
            paths.extend(images_below(path)?);
        }
        let engine = self.model.load()?;
        let embeddings = self.model.embed_all(&engine, &paths)?;
        let lines = embeddings.faces.iter().map(|face| {
            let mut line = serde_json::to_string(&Line::from(face))?;
            line.push('\n');
            anyhow::Ok(line)
        });
        match out {
            Some(mut out) => {
                for line in lines {
                    out.write_all(line?.as_bytes())
                        .context("cannot write the embeddings")?;
                }
                out.finish()
            }
            None => {
                let mut out = std::io::stdout().lock();
                for line in lines {
                    if !read_by_somebody(out.write_all(line?.as_bytes()))? {
                        return Ok(());
                    }
                }
                read_by_somebody(out.flush()).map(drop)
            }
        }
    }
}
