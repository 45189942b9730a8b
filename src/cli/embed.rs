//! `embed`: embeddings of images, a JSON object a line.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::device;
use crate::engine::Engine;
use crate::eval::embed::{Embeddings, embed_files};
use crate::eval::folder;
use crate::net::FaceNet;
use crate::net::weights::{self, Metadata};
use crate::verify::embedding::Embedding;

/// Failures named one by one; the rest is counted.
const NAMED_FAILURES: usize = 10;

/// Where scripts/setup puts the detector.
pub(super) const DETECTOR: &str = "www/models/blazeface.safetensors";

/// Which networks to use, and on what kind of images.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    /// Weights of the embedding network
    #[arg(long, value_name = "FILE", default_value = "www/models/facenet.bpk")]
    pub weights: PathBuf,
    /// Weights of the face detector
    #[arg(long, value_name = "FILE", default_value = DETECTOR)]
    pub detector: PathBuf,
    /// Images are aligned 112x112 crops already: skip detection
    #[arg(long)]
    pub aligned: bool,
}

impl ModelArgs {
    /// Loads both networks.
    pub fn load(&self) -> anyhow::Result<Engine> {
        let weights = read(
            &self.weights,
            "give it with --weights, or make it with `train`",
        )?;
        let detector = read(&self.detector, DETECTOR_REMEDY)?;
        Engine::load(detector, weights, device::cpu())
            .with_context(|| format!("cannot load {}", self.weights.display()))
    }

    /// Embeds files and tells on standard error which failed.
    ///
    /// # Errors
    /// Where there are no files, or none holds a face.
    pub fn embed(&self, engine: &Engine, paths: &[PathBuf]) -> anyhow::Result<Embeddings> {
        let embeddings = embed_files(engine, paths, self.aligned)?;
        let failures = &embeddings.failures;
        for (path, failure) in failures.iter().take(NAMED_FAILURES) {
            eprintln!("skipped {}: {failure}", path.display());
        }
        if failures.len() > NAMED_FAILURES {
            eprintln!("... and {} more", failures.len() - NAMED_FAILURES);
        }
        if !failures.is_empty() {
            eprintln!("{} of {} images skipped", failures.len(), paths.len());
        }
        if embeddings.faces.is_empty() {
            bail!("none of {} images gave an embedding", paths.len());
        }
        Ok(embeddings)
    }
}

/// What to do where the detector is missing.
pub(super) const DETECTOR_REMEDY: &str = "give it with --detector, or make it with scripts/setup";

/// The bytes of a model file.
///
/// # Errors
/// Where it cannot be read; `remedy` tells how to get it.
pub(super) fn read(path: &Path, remedy: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {} ({remedy})", path.display()))
}

/// The network of a weights file, to go on with.
///
/// # Errors
/// Where the file cannot be read, or holds no weights.
pub(super) fn open_weights(path: &Path) -> anyhow::Result<(FaceNet, Metadata)> {
    let bytes = read(path, "a weights file is wanted")?;
    weights::load(bytes, &device::cpu()).with_context(|| format!("cannot load {}", path.display()))
}

/// The image files below `root`.
///
/// # Errors
/// Where it cannot be read, or holds none.
pub fn images_below(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let paths = folder::images(root)
        .with_context(|| format!("cannot list images in {}", root.display()))?;
    if paths.is_empty() {
        bail!(
            "{} holds no images ({})",
            root.display(),
            folder::EXTENSIONS.join(", ")
        );
    }
    Ok(paths)
}

/// Print the embedding of each image's face as JSON lines: path, box, embedding
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

/// One image's line.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a Path,
    /// Left, top, width and height in pixels; null for an aligned crop.
    #[serde(rename = "box")]
    bounds: Option<[f32; 4]>,
    embedding: &'a Embedding,
}

impl Embed {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let mut paths = Vec::new();
        for path in &self.paths {
            paths.extend(images_below(path)?);
        }
        let engine = self.model.load()?;
        let embeddings = self.model.embed(&engine, &paths)?;
        let mut out: Box<dyn Write> = match &self.out {
            Some(path) => Box::new(BufWriter::new(
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
            )),
            None => Box::new(std::io::stdout().lock()),
        };
        for face in &embeddings.faces {
            let bounds = face.bounds.as_ref().map(|b| [b.x, b.y, b.width, b.height]);
            let line = Line {
                path: &face.path,
                bounds,
                embedding: &face.embedding,
            };
            writeln!(out, "{}", serde_json::to_string(&line)?)?;
        }
        Ok(out.flush()?)
    }
}
