//! Image in, faces and embeddings out: the one pipeline that page and program call.
//!
//! Reading from the device is asynchronous, since a page may not block on its GPU. On the CPU
//! every future is ready at once, so that a native caller may simply block on it.

use burn::tensor::{Device, Tensor};

use crate::error::Error;
use crate::face::align::{crop, is_crop, to_template};
use crate::face::detect::{Letterbox, decode};
use crate::face::{Face, quality};
use crate::image::{RgbImage, to_tensor};
use crate::net::blazeface::BlazeFace;
use crate::net::facenet::FaceNet;
use crate::net::weights::{self, Metadata, golden_inputs};
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// Crops embedded at a time: more gain little on a CPU and cost memory.
const BATCH: usize = 32;

/// Finds faces, and nothing more: what preparing photos for training asks for.
#[derive(Debug)]
pub struct Detector {
    network: BlazeFace,
    device: Device,
}

impl Detector {
    /// Loads the detector (`blazeface.safetensors`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] where the file is unusable.
    pub fn load(weights: &[u8], device: &Device) -> Result<Self, Error> {
        Ok(Self {
            network: BlazeFace::load(weights, device)?,
            device: device.clone(),
        })
    }

    /// Faces in `image`, the largest and most central first.
    ///
    /// # Errors
    /// [`Error::Backend`] where the device fails.
    pub async fn faces(&self, image: &RgbImage) -> Result<Vec<Face>, Error> {
        let letterbox = Letterbox::new(image);
        let (boxes, logits) = self
            .network
            .forward(to_tensor(&[&letterbox.image], &self.device));
        let (boxes, logits) = (read(boxes).await?, read(logits).await?);
        let mut faces: Vec<Face> = decode(&boxes, &logits, &letterbox)
            .into_iter()
            .filter_map(|detection| {
                let quality = quality::measure(image, &detection)?;
                let (bounds, score, landmarks) =
                    (detection.bounds, detection.score, detection.landmarks);
                Some(Face {
                    bounds,
                    score,
                    landmarks,
                    quality,
                })
            })
            .collect();
        faces.sort_by(|a, b| prominence(b, image).total_cmp(&prominence(a, image)));
        Ok(faces)
    }
}

/// What one frame shows.
#[derive(Debug, Clone)]
pub struct Sight {
    /// All faces, the largest and most central first.
    pub faces: Vec<Face>,
    /// The only face's embedding, where it was asked for.
    pub embedding: Option<Embedding>,
}

/// The detector and the embedding network, loaded on a device.
#[derive(Debug)]
pub struct Engine {
    detector: Detector,
    network: FaceNet,
    metadata: Metadata,
    device: Device,
}

impl Engine {
    /// Loads the detector (`blazeface.safetensors`) and the network (`facenet.bpk`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] or [`Error::Weights`] where a file is unusable.
    pub fn load(detector: Vec<u8>, weights: Vec<u8>, device: Device) -> Result<Self, Error> {
        let detector = Detector::load(&detector, &device)?;
        let (network, metadata) = weights::load(weights, &device)?;
        Ok(Self {
            detector,
            network,
            metadata,
            device,
        })
    }

    /// What the weights file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What the weights measure distances by; none where they carry no calibration.
    pub fn cohort(&self) -> &Cohort {
        let calibration = self.metadata.calibration.as_ref();
        calibration.map_or(const { &Cohort::NONE }, Calibrations::cohort)
    }

    /// See [`Detector::faces`].
    ///
    /// # Errors
    /// [`Error::Backend`] where the device fails.
    pub async fn faces(&self, image: &RgbImage) -> Result<Vec<Face>, Error> {
        self.detector.faces(image).await
    }

    /// What a frame shows: its faces and, where `embed` is set and there is just one, that one's
    /// embedding.
    ///
    /// # Errors
    /// As [`Engine::embed`], and [`Error::Landmarks`] where the face cannot be aligned.
    pub async fn look(&self, image: &RgbImage, embed: bool) -> Result<Sight, Error> {
        let faces = self.faces(image).await?;
        let embedding = match &faces[..] {
            [face] if embed => self.embed(&[aligned(image, face)?]).await?.pop(),
            _ => None,
        };
        Ok(Sight { faces, embedding })
    }

    /// The embedding of each aligned crop.
    ///
    /// # Errors
    /// [`Error::CropSize`] where one is not 112x112, [`Error::Backend`] where the device fails.
    pub async fn embed(&self, crops: &[RgbImage]) -> Result<Vec<Embedding>, Error> {
        if let Some(odd) = crops.iter().find(|crop| !is_crop(crop)) {
            return Err(Error::CropSize {
                width: odd.width(),
                height: odd.height(),
            });
        }
        let mut embeddings = Vec::with_capacity(crops.len());
        for batch in crops.chunks(BATCH) {
            let input = to_tensor(&batch.iter().collect::<Vec<_>>(), &self.device);
            for row in read(self.network.forward(input))
                .await?
                .chunks(EMBEDDING_DIM)
            {
                let embedding = Embedding::new(row)
                    .ok_or_else(|| Error::Backend("an embedding is not finite".into()))?;
                embeddings.push(embedding);
            }
        }
        Ok(embeddings)
    }

    /// The lowest cosine between the golden embeddings stored with the weights and those that
    /// this device computes: close to 1 on a device that computes right.
    ///
    /// # Errors
    /// As [`Engine::embed`].
    pub async fn self_test(&self) -> Result<f32, Error> {
        let computed = self.embed(&golden_inputs()).await?;
        let stored = self
            .metadata
            .golden
            .iter()
            .filter_map(|values| Embedding::new(values));
        Ok(computed
            .iter()
            .zip(stored)
            .map(|(a, b)| a.cosine(&b))
            .fold(1.0, f32::min))
    }
}

/// The aligned 112x112 crop of `face`, which lies in `image`.
///
/// # Errors
/// [`Error::Landmarks`] where the face's landmarks coincide or are not numbers.
pub fn aligned(image: &RgbImage, face: &Face) -> Result<RgbImage, Error> {
    let transform = to_template(&face.landmarks).ok_or(Error::Landmarks)?;
    Ok(crop(image, &transform))
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::Backend(format!("{error:?}")))?;
    Ok(data.iter::<f32>().collect())
}

/// Large and near the middle first.
fn prominence(face: &Face, image: &RgbImage) -> f32 {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let dx = (face.bounds.x + face.bounds.width / 2.0) / width - 0.5;
    let dy = (face.bounds.y + face.bounds.height / 2.0) / height - 0.5;
    face.bounds.area() * (1.0 - dx.hypot(dy).min(0.9))
}
