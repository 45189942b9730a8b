//! Embeddings of image files.

use std::path::PathBuf;
use std::slice;

use rayon::prelude::*;

use super::files::{Failure, picture};
use crate::engine::Engine;
use crate::error::Error;
use crate::face::QualityIssue;
use crate::face::align::is_crop;
use crate::face::gate::{self, Refusal};
use crate::geometry::Rect;
use crate::image::RgbImage;
use crate::verify::embedding::Embedding;

/// Images decoded and embedded at a time.
pub const BATCH: usize = 32;

/// Which part of an image is embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The whole image, an aligned crop. Its alignment is refined.
    Crop,
    /// The only face, if [`gate::only`] accepts it.
    OnlyFace,
    /// The first face: the largest and most central.
    FirstFace,
    /// Every face.
    EveryFace,
}

/// An embedded face of an image file.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The file.
    pub path: PathBuf,
    /// The face's index in the image, from 0; the largest and most central face is first.
    pub face: usize,
    /// The face's bounding box in pixels; `None` for an aligned crop.
    pub bounds: Option<Rect>,
    /// The quality issue, if any. For an aligned crop, only `Covered` is checked.
    pub issue: Option<QualityIssue>,
    /// The embedding's reliability, in `[0, 1]`; `None` if the weights have none.
    pub reliability: Option<f32>,
    /// The embedding.
    pub embedding: Embedding,
}

/// Embeddings of many files, in the order of the files.
#[derive(Debug, Default)]
pub struct Embeddings {
    /// The faces.
    pub faces: Vec<Embedded>,
    /// Files without a usable face, each with the reason.
    pub failures: Vec<(PathBuf, Failure)>,
    /// Files with more faces than were embedded.
    pub several_faces: Vec<PathBuf>,
}

impl Embeddings {
    /// The files of the faces, and their embeddings.
    pub fn unzip(self) -> (Vec<PathBuf>, Vec<Embedding>) {
        let faces = self.faces.into_iter();
        faces.map(|face| (face.path, face.embedding)).unzip()
    }
}

/// A face of a file, ready for the network.
struct Crop {
    bounds: Option<Rect>,
    issue: Option<QualityIssue>,
    image: RgbImage,
}

/// Embeds the part `take` of each file. A file that fails is recorded and skipped. `progress` gets
/// the number of files done since its last call.
///
/// # Errors
/// If the network fails.
pub fn embed_files(
    engine: &Engine,
    paths: &[PathBuf],
    take: Take,
    progress: &dyn Fn(usize),
) -> Result<Embeddings, Error> {
    let mut result = Embeddings::default();
    for batch in paths.chunks(BATCH) {
        let images: Vec<_> = batch.par_iter().map(|path| picture(path)).collect();
        let mut found = Vec::new();
        let mut inputs = Vec::new();
        for (path, image) in batch.iter().zip(images) {
            match image.and_then(|image| crops(engine, image, take)) {
                Ok((crops, all)) => {
                    if crops.len() < all {
                        result.several_faces.push(path.clone());
                    }
                    for (face, crop) in crops.into_iter().enumerate() {
                        found.push((path, face, crop.bounds, crop.issue));
                        inputs.push(crop.image);
                    }
                }
                Err(failure) => result.failures.push((path.clone(), failure)),
            }
        }
        let assessed = pollster::block_on(engine.embed_and_assess(&inputs))?;
        for ((path, face, bounds, issue), assessed) in found.into_iter().zip(assessed) {
            let covered = assessed.covered().then_some(QualityIssue::Covered);
            let issue = issue.or(covered);
            if let (Take::OnlyFace, Some(issue)) = (take, issue) {
                let refusal = Refusal::Quality(issue).into();
                result.failures.push((path.clone(), refusal));
                continue;
            }
            result.faces.push(Embedded {
                path: path.clone(),
                face,
                bounds,
                issue,
                reliability: assessed.reliability,
                embedding: assessed.embedding,
            });
        }
        progress(batch.len());
    }
    Ok(result)
}

/// The crops of the part `take` of each file, and the file of each crop. Files that fail are left
/// out.
pub fn crops_of(engine: &Engine, paths: &[PathBuf], take: Take) -> (Vec<PathBuf>, Vec<RgbImage>) {
    let images: Vec<_> = paths.par_iter().map(|path| picture(path)).collect();
    let taken = paths.iter().zip(images).flat_map(|(path, image)| {
        let taken = image.and_then(|image| crops(engine, image, take));
        let crops = taken.map_or_else(|_| Vec::new(), |(crops, _)| crops);
        crops.into_iter().map(|crop| (path.clone(), crop.image))
    });
    taken.unzip()
}

/// The crops of the part `take` of `image`, and the number of faces in the image.
fn crops(engine: &Engine, image: RgbImage, take: Take) -> Result<(Vec<Crop>, usize), Failure> {
    if take == Take::Crop {
        return match is_crop(&image) {
            true => Ok((
                vec![Crop {
                    bounds: None,
                    issue: None,
                    image: engine.realigned(image),
                }],
                1,
            )),
            false => Err(Failure::NotACrop(image.width(), image.height())),
        };
    }
    let faces = pollster::block_on(engine.detect(&image))?;
    let taken = match take {
        Take::OnlyFace => slice::from_ref(gate::only(&faces)?),
        Take::EveryFace => &faces,
        _ => &faces[..faces.len().min(1)],
    };
    if taken.is_empty() {
        return Err(Refusal::NoFace.into());
    }
    let crops = taken.iter().map(|face| {
        Ok(Crop {
            bounds: Some(face.bounds),
            issue: face.quality.issue,
            image: engine.crop(&image, face)?,
        })
    });
    Ok((crops.collect::<Result<_, Failure>>()?, faces.len()))
}
