//! The wasm-bindgen API: thin and typed, with no logic of its own.
//!
//! Results pass as plain objects whose TypeScript types are generated from the Rust ones; errors
//! as JavaScript `Error`s with the name `FacekeyError` and a stable `code`.

use std::cell::RefCell;

use js_sys::{Float32Array, Reflect};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::face::Face;
use crate::face::gate::{self, Refusal};
use crate::image::RgbImage;
use crate::liveness::{self, MovementCheck, RANDOM_BYTES, SameFace};
use crate::net::weights::TrainingSummary;
use crate::verify::decision::{Calibration, Calibrations, decide};
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};
use crate::verify::template::Template;
use crate::{device, engine};

/// The false match rates that the page offers.
const FMRS: [f64; 4] = [1e-2, 1e-3, 1e-4, 1e-5];

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The loaded models.
#[wasm_bindgen]
pub struct Engine {
    engine: engine::Engine,
    backend: &'static str,
}

/// Metadata of the loaded weights.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    id: String,
    preset: String,
    format_version: u32,
    backend: &'static str,
    training: Training,
    /// The thresholds for comparing two images; templates of several samples have their own.
    thresholds: Vec<Threshold>,
    impostor_trials: u64,
}

/// How the weights were trained.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    data: String,
    identities: usize,
    steps: usize,
    images: usize,
    loss: String,
    validation_auc: f64,
    validation_val_at_far_1e3: f64,
}

/// A false match rate that the calibration supports, and the highest score that is accepted at this
/// rate.
#[derive(Serialize, Tsify)]
pub struct Threshold {
    fmr: f64,
    score: f32,
}

/// Whether a probe matches a template, with the score and the thresholds.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    accepted: bool,
    /// The value that is compared with the threshold: the squared distance plus the cohort
    /// similarities of probe and template, in `[-2, 6]`. A lower score means more similar.
    score: f32,
    /// Cosine of the two embeddings, in `[-1, 1]`.
    similarity: f32,
    /// The highest score that is accepted; absent if the calibration does not support the requested
    /// rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    threshold: Option<f32>,
    /// The thresholds for templates with this template's number of samples.
    thresholds: Vec<Threshold>,
    /// The false match rate if the threshold were this score; absent if the trials support only an
    /// upper bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    fmr: Option<f64>,
    /// The upper end of the 95 % confidence interval of `fmr`.
    fmr_upper: f64,
}

/// The faces in a picture.
#[derive(Serialize, Tsify)]
pub struct Detected {
    /// The largest and most central first.
    faces: Vec<Face>,
    /// Why no face can be enrolled or verified without a choice by the user: `no-face`,
    /// `several-faces` or a `QualityIssue`; absent if there is exactly one good face.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional, type = "'no-face' | 'several-faces' | QualityIssue")]
    problem: Option<&'static str>,
}

/// A face, and its embedding.
#[derive(Serialize, Tsify)]
pub struct Embedded {
    face: Face,
    /// 128 numbers of length one.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array")]
    embedding: Float32Array,
}

/// One movement check: whether the head in front of the camera follows the targets that are shown.
/// [`Engine::challenge`] draws it, and [`Engine::observe`] feeds it.
#[wasm_bindgen]
pub struct Challenge(RefCell<MovementCheck>);

/// The faces in a frame, and the state of the movement check after this frame.
#[derive(Serialize, Tsify)]
pub struct Observed {
    faces: Vec<Face>,
    state: liveness::State,
}

#[wasm_bindgen]
impl Challenge {
    /// Embeddings of the straight face from before and after the turns, 128 numbers each. Empty
    /// unless the challenge is passed.
    pub fn probes(&self) -> Vec<Float32Array> {
        let check = self.0.borrow();
        let probes = check.challenge().probes().iter();
        probes
            .map(|probe| Float32Array::from(&probe.values()[..]))
            .collect()
    }
}

#[wasm_bindgen]
impl Engine {
    /// Loads the detector (`blazeface.safetensors`) and the weights (`facenet.bpk`).
    pub async fn load(
        detector: Vec<u8>,
        weights: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "'cpu' | 'webgpu'")] backend: &str,
    ) -> Result<Engine, JsValue> {
        let (device, backend) = match backend {
            "webgpu" => (device::webgpu().await.map_err(js_error)?, "webgpu"),
            _ => (device::cpu(), "cpu"),
        };
        let engine = engine::Engine::load(detector, weights, device).map_err(js_error)?;
        Ok(Self { engine, backend })
    }

    /// Metadata of the loaded weights.
    #[wasm_bindgen(getter, unchecked_return_type = "ModelInfo")]
    pub fn model(&self) -> Result<JsValue, JsValue> {
        let metadata = self.engine.metadata();
        let calibration = metadata.calibration.as_ref().map(Calibrations::single);
        to_js(&ModelInfo {
            id: metadata.model_id.clone(),
            preset: metadata.preset.to_string(),
            format_version: metadata.format_version,
            backend: self.backend,
            training: Training::from(&metadata.training),
            thresholds: calibration.map_or_else(Vec::new, thresholds),
            impostor_trials: calibration.map_or(0, Calibration::impostor_trials),
        })
    }

    /// Checks the device on the first `pictures` of the four golden inputs. Returns the lowest
    /// cosine between an embedding stored with the weights and the one that this device computes.
    #[wasm_bindgen(js_name = selfTest)]
    pub async fn self_test(&self, pictures: usize) -> Result<f32, JsValue> {
        self.engine.self_test(pictures).await.map_err(js_error)
    }

    /// The faces in an RGBA picture. With `live`, the picture is one frame of a camera: a faster
    /// search, which finds only upright faces that are not small.
    #[wasm_bindgen(unchecked_return_type = "Detected")]
    pub async fn detect(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8ClampedArray | Uint8Array")] rgba: Vec<u8>,
        width: u32,
        height: u32,
        live: Option<bool>,
    ) -> Result<JsValue, JsValue> {
        let faces = self.find(&image(&rgba, width, height)?, live).await?;
        let problem = gate::only(&faces).err().map(Refusal::code);
        to_js(&Detected { faces, problem })
    }

    /// Draws a movement check from the browser's random numbers. The first call loads the face mesh
    /// (`mesh.safetensors`) from `mesh`.
    pub fn challenge(&self, mesh: &[u8]) -> Result<Challenge, JsValue> {
        self.engine.load_mesh(mesh).map_err(js_error)?;
        let same_face = SameFace::new(self.calibrations()?);
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(|error| js_error(Error::Random(error.to_string())))?;
        Ok(Challenge(RefCell::new(MovementCheck::new(
            random, same_face,
        ))))
    }

    /// Shows a challenge the next frame, taken at `time` (milliseconds since any fixed moment).
    #[wasm_bindgen(unchecked_return_type = "Observed")]
    pub async fn observe(
        &self,
        challenge: &Challenge,
        #[wasm_bindgen(unchecked_param_type = "Uint8ClampedArray | Uint8Array")] rgba: Vec<u8>,
        width: u32,
        height: u32,
        time: f64,
    ) -> Result<JsValue, JsValue> {
        let image = image(&rgba, width, height)?;
        let (region, embed) = {
            let check = challenge.0.borrow();
            (check.region(), check.challenge().wants_embedding(time))
        };
        let followed = self.engine.follow(&image, region, embed).await;
        let followed = followed.map_err(js_error)?;
        let state = challenge.0.borrow_mut().observe(time, &image, &followed);
        let faces = followed.faces;
        to_js(&Observed { faces, state })
    }

    /// The embedding of a face: of the `only` one, if its quality is good enough, of the `largest`
    /// and most central of good quality, or of one that `detect` found in the same picture. `live`
    /// as in `detect`. Throws the code of the problem if there is no such face, and `covered` if
    /// something covers it.
    #[wasm_bindgen(unchecked_return_type = "Embedded")]
    pub async fn embed(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8ClampedArray | Uint8Array")] rgba: Vec<u8>,
        width: u32,
        height: u32,
        #[wasm_bindgen(unchecked_param_type = "'only' | 'largest' | Face")] choice: JsValue,
        live: Option<bool>,
    ) -> Result<JsValue, JsValue> {
        let image = image(&rgba, width, height)?;
        let face = self.choose(&image, choice, live).await?;
        let embedding = self.engine.embed_face(&image, &face).await;
        let embedding = embedding.map_err(js_error)?;
        to_js(&Embedded {
            face,
            embedding: Float32Array::from(&embedding.values()[..]),
        })
    }

    /// Compares a probe (128 numbers) with a template's samples (128 numbers each, one after
    /// another). The threshold accepts at most the share `fmr` of impostors.
    #[wasm_bindgen(unchecked_return_type = "Decision")]
    pub fn decide(&self, samples: &[f32], probe: &[f32], fmr: f64) -> Result<JsValue, JsValue> {
        let calibrations = self.calibrations()?;
        let template = template(samples).ok_or_else(|| js_error(Error::Embedding))?;
        let probe = Embedding::new(probe).ok_or_else(|| js_error(Error::Embedding))?;
        let decision = decide(&template, &probe, calibrations, fmr);
        to_js(&Decision {
            accepted: decision.accepted,
            score: decision.score,
            similarity: decision.similarity,
            threshold: decision.threshold,
            thresholds: thresholds(calibrations.of(template.samples().len())),
            fmr: decision.fmr.supported.then_some(decision.fmr.fmr),
            fmr_upper: decision.fmr.interval.upper,
        })
    }
}

impl Engine {
    async fn find(&self, image: &RgbImage, live: Option<bool>) -> Result<Vec<Face>, JsValue> {
        let faces = match live {
            Some(true) => self.engine.detect_in_frame(image).await,
            _ => self.engine.detect(image).await,
        };
        faces.map_err(js_error)
    }

    /// The face that a page has chosen: by a rule, or one that was found before.
    async fn choose(
        &self,
        image: &RgbImage,
        choice: JsValue,
        live: Option<bool>,
    ) -> Result<Face, JsValue> {
        let rule = match choice.as_string().as_deref() {
            Some("only") => gate::only,
            Some("largest") => gate::largest,
            _ => {
                let face = serde_wasm_bindgen::from_value(choice);
                return face.map_err(|_| js_error(Error::Landmarks));
            }
        };
        let faces = self.find(image, live).await?;
        rule(&faces)
            .cloned()
            .map_err(|refusal| js_error(refusal.into()))
    }

    fn calibrations(&self) -> Result<&Calibrations, JsValue> {
        let carried = self.engine.metadata().calibration.as_ref();
        carried.ok_or_else(|| js_error(Error::NoCalibration))
    }
}

impl From<&TrainingSummary> for Training {
    fn from(summary: &TrainingSummary) -> Self {
        Self {
            data: summary.data.clone(),
            identities: summary.identities,
            steps: summary.steps,
            images: summary.images,
            loss: summary.loss.clone(),
            validation_auc: summary.validation_auc,
            validation_val_at_far_1e3: summary.validation_val_at_far_1e3,
        }
    }
}

fn thresholds(calibration: &Calibration) -> Vec<Threshold> {
    let threshold = |fmr| {
        let score = calibration.threshold(fmr)?;
        Some(Threshold { fmr, score })
    };
    FMRS.into_iter().filter_map(threshold).collect()
}

fn image(rgba: &[u8], width: u32, height: u32) -> Result<RgbImage, JsValue> {
    RgbImage::from_rgba(width, height, rgba).map_err(|error| js_error(error.into()))
}

fn template(samples: &[f32]) -> Option<Template> {
    let samples = samples.chunks(EMBEDDING_DIM).map(Embedding::new);
    Template::new(samples.collect::<Option<_>>()?)
}

fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    // Integers become JavaScript numbers: no count here comes near 2^53.
    let serializer =
        serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(false);
    value
        .serialize(&serializer)
        .map_err(|error| js_error(Error::Backend(error.to_string())))
}

fn js_error(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    object.set_name("FacekeyError");
    // A property set on a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &error.code().into());
    object.into()
}
