//! Image in, faces and embeddings out: the one pipeline that the page and the program call.
//!
//! Reading from the device is asynchronous because a page may not block on its GPU. On the CPU
//! every future is ready at once, so a native caller can simply block on it.

use std::sync::OnceLock;

use burn::tensor::Device;

use crate::detect::Detector;
use crate::device::{Loaded, read};
use crate::error::Error;
use crate::face::align::{self, is_crop};
use crate::face::mesh::{Mesh, MeshFinder, Region};
use crate::face::refine::{realigned, refined};
use crate::face::{self, Face, QualityIssue};
use crate::image::{RgbImage, to_tensor};
use crate::net::facenet::FaceNet;
use crate::net::fused::Fused;
use crate::net::weights::{self, Metadata, golden_inputs};
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};
use crate::verify::reliability::Reliability;

/// Crops embedded at a time. A larger batch gains little on a CPU and costs memory.
const BATCH: usize = 32;

/// The faces found in one frame, and the embedding of the only one.
#[derive(Debug, Clone)]
pub struct Observed {
    /// All faces, the largest and most central first.
    pub faces: Vec<Face>,
    /// The embedding, if it was requested, there is exactly one face, and nothing covers that face.
    pub embedding: Option<Embedding>,
}

/// The embedding of a face, and its reliability.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The embedding.
    pub embedding: Embedding,
    /// Its [`Reliability`], in `[0, 1]`; `None` if the weights come without one.
    pub reliability: Option<f32>,
}

impl Assessed {
    /// Whether something covers so much of the face that it should be neither enrolled nor verified.
    pub fn covered(&self) -> bool {
        let reliability = self.reliability;
        reliability.is_some_and(|reliability| reliability < Reliability::SUFFICIENT)
    }
}

/// The network's output for a crop.
struct Output {
    /// The last feature map, `[pixels, channels]`.
    features: Vec<f32>,
    /// 128 values.
    embedding: Vec<f32>,
}

/// The result of following a face into the next frame.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// All faces, the largest and most central first; only the followed face if the detector was
    /// not run.
    pub faces: Vec<Face>,
    /// The mesh of the only face.
    pub mesh: Option<Mesh>,
    /// The embedding of the only face, if it was requested.
    pub embedding: Option<Embedding>,
}

/// The detector and the embedding network, loaded on a device.
#[derive(Debug)]
pub struct Engine {
    detector: Detector,
    /// Loaded by [`Engine::load_mesh`].
    mesh: OnceLock<MeshFinder>,
    embedder: Loaded<FaceNet, Fused>,
    metadata: Metadata,
}

impl Engine {
    /// Loads the detector (`blazeface.safetensors`) and the network (`facenet.bpk`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] or [`Error::Weights`] if a file is unusable.
    pub fn load(detector: Vec<u8>, weights: Vec<u8>, device: Device) -> Result<Self, Error> {
        let detector = Detector::load(&detector, &device)?;
        let (network, metadata) = weights::load(weights, &device)?;
        Ok(Self {
            detector,
            mesh: OnceLock::new(),
            embedder: Loaded::new(network, &device, Fused::new),
            metadata,
        })
    }

    /// The same engine without the CPU's fused kernels: the reference that they are compared with.
    pub fn without_kernels(self) -> Self {
        let mesh = self.mesh.into_inner().map(MeshFinder::without_kernels);
        Self {
            detector: self.detector.without_kernels(),
            mesh: mesh.map_or_else(OnceLock::new, OnceLock::from),
            embedder: self.embedder.without_kernels(),
            ..self
        }
    }

    /// The same engine with another [`Reliability`].
    pub fn with_reliability(mut self, reliability: Reliability) -> Self {
        self.metadata.reliability = Some(reliability);
        self
    }

    /// Loads the face mesh (`mesh.safetensors`), which [`Engine::follow`] needs, if it is not
    /// loaded yet.
    ///
    /// # Errors
    /// [`Error::Mesh`] if the file is unusable.
    pub fn load_mesh(&self, weights: &[u8]) -> Result<(), Error> {
        if self.mesh.get().is_none() {
            let finder = MeshFinder::load(weights, &self.embedder.device)?;
            self.mesh.get_or_init(|| finder);
        }
        Ok(())
    }

    /// The metadata of the weights file.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The embedding network, in inference form.
    pub fn network(&self) -> &FaceNet {
        &self.embedder.network
    }

    /// The cohort that comes with the weights; empty if they carry no calibration.
    pub fn cohort(&self) -> &Cohort {
        let calibration = self.metadata.calibration.as_ref();
        calibration.map_or(const { &Cohort::NONE }, Calibrations::cohort)
    }

    /// The faces in a photo; see [`face::find`].
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub async fn detect(&self, photo: &RgbImage) -> Result<Vec<Face>, Error> {
        face::find(&self.detector, photo).await
    }

    /// The faces in one frame of a camera; see [`face::find_in_frame`].
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub async fn detect_in_frame(&self, frame: &RgbImage) -> Result<Vec<Face>, Error> {
        face::find_in_frame(&self.detector, frame).await
    }

    /// The faces in a frame and, if `embed` is set and there is exactly one face, its embedding. A
    /// covered face gets no embedding, but the quality issue [`QualityIssue::Covered`].
    ///
    /// # Errors
    /// As [`Engine::embed`], and [`Error::Landmarks`] if the face cannot be aligned.
    pub async fn detect_and_embed(&self, image: &RgbImage, embed: bool) -> Result<Observed, Error> {
        let faces = self.detect_in_frame(image).await?;
        self.embed_only(image, faces, embed).await
    }

    /// Adds the embedding to `faces`, if `embed` is set and there is exactly one face.
    async fn embed_only(
        &self,
        image: &RgbImage,
        faces: Vec<Face>,
        embed: bool,
    ) -> Result<Observed, Error> {
        let mut observed = Observed {
            faces,
            embedding: None,
        };
        if embed && let [face] = &mut observed.faces[..] {
            match self.embed_face(image, face).await {
                Ok(embedding) => observed.embedding = Some(embedding),
                Err(Error::Covered) => face.quality.issue = Some(QualityIssue::Covered),
                Err(error) => return Err(error),
            }
        }
        Ok(observed)
    }

    /// The aligned 112x112 crop of a face in `image`. If the weights come with a
    /// [`Refiner`](crate::net::refiner::Refiner), it refines the alignment.
    ///
    /// # Errors
    /// [`Error::Landmarks`] if the face cannot be aligned.
    pub fn crop(&self, image: &RgbImage, face: &Face) -> Result<RgbImage, Error> {
        let to_crop = face.to_crop()?;
        let to_crop = match &self.metadata.refiner {
            Some(refiner) => refined(refiner, image, &to_crop),
            None => to_crop,
        };
        Ok(align::crop(image, &to_crop))
    }

    /// An aligned crop of another source, with its alignment refined as in [`Engine::crop`]: each
    /// source aligns a little differently.
    pub fn realigned(&self, crop: RgbImage) -> RgbImage {
        match &self.metadata.refiner {
            Some(refiner) => realigned(refiner, &crop),
            None => crop,
        }
    }

    /// The embedding of a face in `image`, for enrolment or verification.
    ///
    /// # Errors
    /// As [`Engine::embed`], [`Error::Landmarks`] if the face cannot be aligned, and
    /// [`Error::Covered`] if something covers it.
    pub async fn embed_face(&self, image: &RgbImage, face: &Face) -> Result<Embedding, Error> {
        let assessed = self
            .embed_and_assess(&[self.crop(image, face)?])
            .await?
            .pop();
        match assessed {
            Some(face) if face.covered() => Err(Error::Covered),
            Some(face) => Ok(face.embedding),
            None => Err(Error::Backend(
                "the network gave no embedding for a crop".into(),
            )),
        }
    }

    /// Follows a face. Searches for its mesh in `region`, which the mesh of the previous frame
    /// predicts. The detector runs if there is no `region` or `embed` is set; then the mesh is also
    /// searched for at the only face that it finds. For an embedding, the detector's landmarks
    /// align the crop, as everywhere else. Faces with less than a quarter of the first face's area
    /// are ignored.
    ///
    /// # Errors
    /// As [`Engine::detect_and_embed`], and [`Error::NoMesh`] before [`Engine::load_mesh`].
    pub async fn follow(
        &self,
        image: &RgbImage,
        region: Option<Region>,
        embed: bool,
    ) -> Result<Followed, Error> {
        let finder = self.mesh.get().ok_or(Error::NoMesh)?;
        let mut regions: Vec<Region> = region.into_iter().collect();
        let (mut embedding, mut covered) = (None, None);
        if embed || region.is_none() {
            let mut faces = self.detect_in_frame(image).await?;
            face::drop_bystanders(&mut faces);
            let found = self.embed_only(image, faces, embed).await?;
            let [face] = &found.faces[..] else {
                let faces = found.faces;
                return Ok(Followed {
                    faces,
                    ..Followed::default()
                });
            };
            embedding = found.embedding;
            let is_covered = |issue: &QualityIssue| *issue == QualityIssue::Covered;
            covered = face.quality.issue.filter(is_covered);
            // If the detector finds the face elsewhere, the region belongs to another face.
            regions.retain(|region| region.is_about(face.landmarks.nose));
            regions.extend(Region::of_face(face));
        }
        for region in regions {
            if let Some(mesh) = finder.find(image, &region).await?
                && let Some(mut face) = Face::measure(image, mesh.detection())
            {
                face.quality.issue = covered.or(face.quality.issue);
                let (faces, mesh) = (vec![face], Some(mesh));
                return Ok(Followed {
                    faces,
                    mesh,
                    embedding,
                });
            }
        }
        Ok(Followed::default())
    }

    /// The embedding of each aligned crop, even if something covers the face.
    ///
    /// # Errors
    /// [`Error::CropSize`] if a crop is not 112x112, [`Error::Backend`] if the device fails.
    pub async fn embed(&self, crops: &[RgbImage]) -> Result<Vec<Embedding>, Error> {
        let assessed = self.embed_and_assess(crops).await?.into_iter();
        Ok(assessed.map(|face| face.embedding).collect())
    }

    /// The embedding of each aligned crop, and its reliability.
    ///
    /// # Errors
    /// As [`Engine::embed`].
    pub async fn embed_and_assess(&self, crops: &[RgbImage]) -> Result<Vec<Assessed>, Error> {
        let reliability = self.metadata.reliability.as_ref();
        let assess = |output: Output| {
            let embedding = Embedding::new(&output.embedding)
                .ok_or_else(|| Error::Backend("an embedding is not finite".into()))?;
            Ok(Assessed {
                embedding,
                reliability: reliability.map(|reliability| reliability.of(&output.features)),
            })
        };
        let outputs = self.outputs(crops).await?.into_iter();
        outputs.map(assess).collect()
    }

    /// The last feature map of each aligned crop, `[pixels, channels]`.
    ///
    /// # Errors
    /// As [`Engine::embed`].
    pub async fn features(&self, crops: &[RgbImage]) -> Result<Vec<Vec<f32>>, Error> {
        let outputs = self.outputs(crops).await?.into_iter();
        Ok(outputs.map(|output| output.features).collect())
    }

    async fn outputs(&self, crops: &[RgbImage]) -> Result<Vec<Output>, Error> {
        if let Some(odd) = crops.iter().find(|crop| !is_crop(crop)) {
            return Err(Error::CropSize {
                width: odd.width(),
                height: odd.height(),
            });
        }
        let mut outputs = Vec::with_capacity(crops.len());
        for batch in crops.chunks(BATCH) {
            match &self.embedder.fused {
                Some(fused) => outputs.extend(fused_outputs(fused, batch)),
                None => outputs.extend(self.burn_outputs(batch).await?),
            }
        }
        Ok(outputs)
    }

    /// The outputs by Burn, on any device.
    async fn burn_outputs(&self, crops: &[RgbImage]) -> Result<Vec<Output>, Error> {
        let Loaded {
            network, device, ..
        } = &self.embedder;
        let input = to_tensor(&crops.iter().collect::<Vec<_>>(), device);
        let features = network.features(input);
        let embeddings = read(network.embed(features.clone())).await?;
        let features = read(features.permute([0, 2, 3, 1])).await?;
        let maps = features.chunks(features.len() / crops.len());
        let rows = embeddings.chunks(EMBEDDING_DIM).zip(maps);
        let outputs = rows.map(|(embedding, features)| Output {
            features: features.to_vec(),
            embedding: embedding.to_vec(),
        });
        Ok(outputs.collect())
    }

    /// Checks the device on the first `pictures` of the four golden inputs. Returns the lowest
    /// cosine between an embedding stored with the weights and the one that this device computes:
    /// close to 1 if the device computes correctly.
    ///
    /// # Errors
    /// As [`Engine::embed`].
    pub async fn self_test(&self, pictures: usize) -> Result<f32, Error> {
        let inputs = golden_inputs();
        let computed = self.embed(&inputs[..pictures.min(inputs.len())]).await?;
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

/// The outputs by the fused kernels; the native program uses all cores.
fn fused_outputs(fused: &Fused, crops: &[RgbImage]) -> Vec<Output> {
    let output = |crop: &RgbImage| {
        let features = fused.features(crop);
        Output {
            embedding: fused.embed(&features).to_vec(),
            features,
        }
    };
    #[cfg(feature = "training")]
    return {
        use rayon::prelude::*;
        crops.par_iter().map(output).collect()
    };
    #[cfg(not(feature = "training"))]
    crops.iter().map(output).collect()
}
