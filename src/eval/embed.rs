//! Embeddings of image files: what the commands that read folders have in common.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use thiserror::Error;

use crate::engine::Engine;
use crate::error::Error;
use crate::face::align::is_crop;
use crate::geometry::Rect;
use crate::image::{self, RgbImage};
use crate::net::facenet::CROP_SIZE;
use crate::verify::embedding::Embedding;

/// Images decoded and embedded at a time.
const BATCH: usize = 32;

/// An image file's face.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The file.
    pub path: PathBuf,
    /// Where the face was found, in pixels; `None` for an aligned crop.
    pub bounds: Option<Rect>,
    /// The face.
    pub embedding: Embedding,
}

/// Why a file gave no embedding.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file holds no usable image, or the engine failed on it.
    #[error(transparent)]
    Engine(#[from] Error),
    /// No face was found.
    #[error("no face found")]
    NoFace,
    /// Crops were announced, but this has another size.
    #[error("is {0}x{1} pixels, not an aligned crop of {CROP_SIZE}x{CROP_SIZE}")]
    NotACrop(u32, u32),
}

/// Embeddings of many files, in the order of the files, without those that failed.
#[derive(Debug, Default)]
pub struct Embeddings {
    /// The files with a face.
    pub faces: Vec<Embedded>,
    /// The others, each with its reason.
    pub failures: Vec<(PathBuf, Failure)>,
}

impl Embeddings {
    /// The files with a face, and the embeddings of those.
    pub fn unzip(self) -> (Vec<PathBuf>, Vec<Embedding>) {
        let faces = self.faces.into_iter();
        faces.map(|face| (face.path, face.embedding)).unzip()
    }
}

/// The face of a file, ready for the network.
struct Crop {
    bounds: Option<Rect>,
    image: RgbImage,
}

/// Embeds files: the first face of each (the largest and most central), or with `aligned` the
/// whole image as a crop. Shows progress; a file that fails is recorded and skipped.
///
/// # Errors
/// Where the network itself fails.
pub fn embed_files(engine: &Engine, paths: &[PathBuf], aligned: bool) -> Result<Embeddings, Error> {
    let mut result = Embeddings::default();
    let progress = progress_bar(paths.len());
    for batch in paths.chunks(BATCH) {
        let images: Vec<_> = batch.par_iter().map(|path| read(path)).collect();
        let crops = images
            .into_iter()
            .map(|image| crop(engine, image?, aligned));
        let mut found = Vec::new();
        let mut inputs = Vec::new();
        for (path, crop) in batch.iter().zip(crops) {
            match crop {
                Ok(Crop { bounds, image }) => {
                    found.push((path, bounds));
                    inputs.push(image);
                }
                Err(failure) => result.failures.push((path.clone(), failure)),
            }
        }
        let embeddings = pollster::block_on(engine.embed(&inputs))?;
        let faces = found.into_iter().zip(embeddings);
        result
            .faces
            .extend(faces.map(|((path, bounds), embedding)| Embedded {
                path: path.clone(),
                bounds,
                embedding,
            }));
        progress.inc(batch.len() as u64);
    }
    progress.finish_and_clear();
    Ok(result)
}

/// Reads and decodes an image file.
///
/// # Errors
/// Where it cannot be read or is no image.
pub fn read(path: &Path) -> Result<RgbImage, Failure> {
    Ok(image::decode(&std::fs::read(path)?).map_err(Error::from)?)
}

fn crop(engine: &Engine, image: RgbImage, aligned: bool) -> Result<Crop, Failure> {
    if aligned {
        let (width, height) = (image.width(), image.height());
        return if is_crop(&image) {
            Ok(Crop {
                bounds: None,
                image,
            })
        } else {
            Err(Failure::NotACrop(width, height))
        };
    }
    let faces = pollster::block_on(engine.detect(&image))?;
    let face = faces.first().ok_or(Failure::NoFace)?;
    Ok(Crop {
        bounds: Some(face.bounds),
        image: face.crop(&image)?,
    })
}

fn progress_bar(len: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len} images, {per_sec}, {eta} left");
    ProgressBar::new(len as u64).with_style(style.expect("the template is valid"))
}
