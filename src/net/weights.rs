//! Weights files: the folded network in 8 bits, with its metadata.
//!
//! A file is a burnpack container. Its metadata entry `facekey` holds [`Metadata`] as JSON: the
//! format's version, the preset, the preprocessing, a summary of the training, the calibration, the
//! embeddings of fixed images ([`golden_inputs`]), and the SHA-256 of the tensors. Files come from
//! a network, so [`load`] checks all of this and never panics.

use burn::module::Module;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Bytes, DType, Device, TensorData};
use burn_pack::{Reader, Tensor as PackedTensor, Writer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::facenet::{CROP_SIZE, FaceNet, FaceNetConfig};
use super::presets::Preset;
use super::quantised;
use super::refiner::Refiner;
use crate::image::{RgbImage, to_tensor};
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};
use crate::verify::reliability::Reliability;

/// The format version that this build writes.
pub const FORMAT_VERSION: u32 = 6;

/// The oldest format version that this build reads. Version 5 had the cohort in f16; version 4 also had
/// no refiner; version 3 also had the weights in f16.
pub const OLDEST_VERSION: u32 = 3;

/// How [`to_tensor`] converts a crop to the network's input.
pub const PREPROCESSING: &str = "rgb 112x112, pixel / 127.5 - 1";

const METADATA_KEY: &str = "facekey";

/// Name of the tensor with the [steps](Cohort::steps) of the calibration's [`Cohort`], `[centres,
/// 128]` in 8 bits. Cohorts of older files stay in f16.
const COHORT: &str = "cohort";
/// Name of the tensor with the values of the [`Reliability`], in f16.
const RELIABILITY: &str = "reliability";
/// Name of the tensor with the values of the [`Refiner`], in f16.
const REFINER: &str = "refiner";

/// Why a weights file cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file is truncated, or is not a weights file.
    #[error("the weights file is cut short or is not a weights file ({why})")]
    Truncated {
        /// The message of the container's reader.
        why: String,
    },
    /// The contents are inconsistent.
    #[error("the weights file is damaged ({why})")]
    Corrupt {
        /// What is inconsistent.
        why: String,
    },
    /// This build does not know the format version.
    #[error(
        "the weights file has format version {found}; this build reads versions {OLDEST_VERSION} to \
         {FORMAT_VERSION}"
    )]
    Version {
        /// The file's version.
        found: u32,
    },
    /// This build does not know the network or its preprocessing.
    #[error("the weights file is for a network that this build does not have ({why})")]
    Preset {
        /// What is unknown.
        why: String,
    },
    /// The tensors do not fit the preset.
    #[error("the weights do not fit the network {preset} ({why})")]
    Shape {
        /// The preset that the file names.
        preset: Preset,
        /// The first tensor that does not fit.
        why: String,
    },
}

impl WeightsError {
    pub(super) fn corrupt(why: impl Into<String>) -> Self {
        Self::Corrupt { why: why.into() }
    }

    /// The error of the container's reader or writer.
    pub(super) fn container(error: burn_pack::Error) -> Self {
        Self::corrupt(error.to_string())
    }
}

/// A summary of the training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// The name of the data's folder, or "procedural faces".
    pub data: String,
    /// People in the training data.
    pub identities: usize,
    /// Optimiser steps.
    pub steps: usize,
    /// Images that the network was trained on, including repetitions.
    pub images: usize,
    /// The losses and their settings, in words.
    pub loss: String,
    /// Area under the ROC curve over all pairs of the validation people, in `[0, 1]`.
    pub validation_auc: f64,
    /// VAL: the share of genuine pairs that are accepted at a false accept rate of 1e-3, over the
    /// same pairs, in `[0, 1]` (Schroff et al., "FaceNet", 2015, section 4).
    pub validation_val_at_far_1e3: f64,
    /// SHA-256 of the names and contents of the training images, in hexadecimal. Absent if it was
    /// not recorded, or if the weights are a mean of runs with different images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
}

/// The metadata of a weights file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Metadata {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The architecture.
    pub preset: Preset,
    /// The first 16 hexadecimal digits of `sha256`. Templates are bound to it.
    pub model_id: String,
    /// SHA-256 of the names, types, shapes and bytes of the network's tensors, in hexadecimal.
    pub sha256: String,
    /// The SHA-256 of the calibration's cohort; absent if it has none. It is not part of the model
    /// id, because embeddings do not depend on it.
    pub cohort_sha256: Option<String>,
    /// The SHA-256 of the reliability; absent if there is none. It is not part of the model id
    /// either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability_sha256: Option<String>,
    /// The SHA-256 of the refiner; absent if there is none. It is not part of the model id either,
    /// because templates stay valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refiner_sha256: Option<String>,
    /// See [`PREPROCESSING`].
    pub preprocessing: String,
    /// A summary of the training.
    pub training: TrainingSummary,
    /// The false match rates of scores; absent if the weights were not calibrated.
    pub calibration: Option<Calibrations>,
    /// Detects covered faces; absent if it was not trained. It is stored in a tensor, not in the
    /// JSON.
    #[serde(skip)]
    pub reliability: Option<Reliability>,
    /// Refines the alignment of faces; absent if it was not trained. It is stored in a tensor too.
    #[serde(skip)]
    pub refiner: Option<Refiner>,
    /// The golden embeddings: those of [`golden_inputs`], `[4, 128]`, computed on the exporting
    /// machine's CPU.
    pub golden: Vec<Vec<f32>>,
}

/// Four 112x112 images for which all devices must compute the same embeddings. They are drawn with
/// integers, so their pixels are the same everywhere.
pub fn golden_inputs() -> Vec<RgbImage> {
    const SIDE: u32 = CROP_SIZE as u32;
    (0..4u32)
        .map(|picture| {
            let pixels = (0..SIDE * SIDE)
                .flat_map(|i| {
                    let (x, y) = (i % SIDE, i / SIDE);
                    (0..3u32).map(move |channel| {
                        let wave = x * (picture + 2) + y * (2 * channel + 3) + picture * 37;
                        let rings = (x.abs_diff(56).pow(2) + y.abs_diff(60).pow(2)) / (picture + 3);
                        ((triangle(wave) + triangle(rings + 40 * channel)) / 2) as u8
                    })
                })
                .collect();
            RgbImage::new(SIDE, SIDE, pixels).expect("the buffer was made for this size")
        })
        .collect()
}

/// A triangle wave between 0 and 255 with period 510.
fn triangle(x: u32) -> u32 {
    255u32.abs_diff(x % 510)
}

/// Folds `network`, rounds it to 8 bits, and returns the bytes of its weights file.
///
/// `calibrate` gets the network as [`load`] will return it, after rounding, and returns its
/// calibration.
///
/// # Errors
/// Returns [`WeightsError::Corrupt`] if a weight or a golden embedding is not finite, which happens
/// after a training run that diverged, or if the container cannot be written.
pub fn export(
    network: FaceNet,
    preset: Preset,
    training: TrainingSummary,
    device: &Device,
    calibrate: impl FnOnce(&FaceNet) -> Option<Calibrations>,
) -> Result<Vec<u8>, WeightsError> {
    let tensors = tensors_of(network.fold())?;
    let network = network_from(tensors.clone(), preset, device)?;
    let golden = embed_golden(&network, device)
        .ok_or_else(|| WeightsError::corrupt("an embedding is not finite"))?;
    let sha256 = digest(&tensors)?;
    let metadata = Metadata {
        format_version: FORMAT_VERSION,
        preset,
        model_id: sha256[..16].into(),
        sha256,
        cohort_sha256: None,
        reliability_sha256: None,
        refiner_sha256: None,
        preprocessing: PREPROCESSING.into(),
        training,
        calibration: calibrate(&network),
        reliability: None,
        refiner: None,
        golden: golden
            .iter()
            .map(|embedding| embedding.values().to_vec())
            .collect(),
    };
    pack(tensors, metadata)
}

/// Returns the weights file `bytes` with another calibration. The network and its model id stay the
/// same.
///
/// # Errors
/// Returns the same [`WeightsError`] as [`load`] if `bytes` is not a valid weights file.
/// The tensors are not compared with the preset.
pub fn recalibrate(bytes: Vec<u8>, calibration: Calibrations) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |metadata| metadata.calibration = Some(calibration))
}

/// Returns the weights file `bytes` with another [`Reliability`]. The network and its model id stay
/// the same.
///
/// # Errors
/// Returns the same [`WeightsError`] as [`load`] if `bytes` is not a valid weights file.
/// The tensors are not compared with the preset.
pub fn with_reliability(bytes: Vec<u8>, reliability: Reliability) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |metadata| metadata.reliability = Some(reliability))
}

/// Returns the weights file `bytes` with another [`Refiner`]. The network and its model id stay the
/// same.
///
/// # Errors
/// Returns the same [`WeightsError`] as [`load`] if `bytes` is not a valid weights file.
/// The tensors are not compared with the preset.
pub fn with_refiner(bytes: Vec<u8>, refiner: Refiner) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |metadata| metadata.refiner = Some(refiner))
}

/// Returns the weights file `bytes` with the calibration, the reliability and the refiner of
/// `metadata`, which must belong to the same network.
///
/// # Errors
/// Returns the same [`WeightsError`] as [`load`] if `bytes` is not a valid weights file.
/// The tensors are not compared with the preset.
pub fn with_findings_of(bytes: Vec<u8>, metadata: &Metadata) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |new| {
        new.calibration.clone_from(&metadata.calibration);
        new.reliability.clone_from(&metadata.reliability);
        new.refiner.clone_from(&metadata.refiner);
    })
}

/// Returns the weights file `bytes` with changed metadata, in the current format: what an older
/// format holds, the current one holds in the same form.
fn with(bytes: Vec<u8>, change: impl FnOnce(&mut Metadata)) -> Result<Vec<u8>, WeightsError> {
    let (tensors, mut metadata) = unpack(bytes)?;
    metadata.format_version = FORMAT_VERSION;
    change(&mut metadata);
    pack(tensors, metadata)
}

/// Writes the network's `tensors`, the calibration's cohort, the reliability and the refiner to a
/// file.
fn pack(mut tensors: Vec<PackedTensor>, metadata: Metadata) -> Result<Vec<u8>, WeightsError> {
    let calibration = metadata.calibration.as_ref();
    let cohort = calibration.and_then(|it| packed_cohort(it.cohort()));
    let reliability = metadata.reliability.as_ref();
    let reliability = reliability.map(|it| packed_values(RELIABILITY, it.values()));
    let refiner = metadata.refiner.as_ref();
    let refiner = refiner.map(|it| packed_values(REFINER, it.values().to_vec()));
    let metadata = Metadata {
        cohort_sha256: digest_of(&cohort)?,
        reliability_sha256: digest_of(&reliability)?,
        refiner_sha256: digest_of(&refiner)?,
        ..metadata
    };
    tensors.extend(cohort);
    tensors.extend(reliability);
    tensors.extend(refiner);
    let json = serde_json::to_string(&metadata)
        .map_err(|error| WeightsError::corrupt(error.to_string()))?;
    let bytes = Writer::new(tensors)
        .with_metadata(METADATA_KEY, &json)
        .into_bytes()
        .map_err(WeightsError::container)?;
    Ok(bytes.to_vec())
}

/// Reads a weights file. Returns the network in inference form, in f32 on `device`.
///
/// # Errors
/// Returns
/// - [`WeightsError::Truncated`] if `bytes` is not a complete burnpack container,
/// - [`WeightsError::Corrupt`] if the metadata is missing or invalid, or a checksum does not match,
/// - [`WeightsError::Version`] if this build does not read the file's format version,
/// - [`WeightsError::Preset`] if this build does not know the preset or the preprocessing,
/// - [`WeightsError::Shape`] if the tensors do not fit the preset.
pub fn load(bytes: Vec<u8>, device: &Device) -> Result<(FaceNet, Metadata), WeightsError> {
    let (tensors, metadata) = unpack(bytes)?;
    let network = network_from(tensors, metadata.preset, device)?;
    Ok((network, metadata))
}

/// Reads and checks the contents of a weights file.
fn unpack(bytes: Vec<u8>) -> Result<(Vec<PackedTensor>, Metadata), WeightsError> {
    let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| {
        WeightsError::Truncated {
            why: error.to_string(),
        }
    })?;
    let json = reader
        .metadata()
        .get(METADATA_KEY)
        .ok_or_else(|| WeightsError::corrupt("it carries no facekey metadata"))?;
    let mut metadata = parse_metadata(json)?;
    let tensors = reader.into_tensors().map_err(WeightsError::container)?;
    let (mut cohort, mut reliability, mut refiner) = (None, None, None);
    let mut weights = Vec::new();
    for tensor in tensors {
        match tensor.name.as_str() {
            COHORT => cohort = Some(tensor),
            RELIABILITY => reliability = Some(tensor),
            REFINER => refiner = Some(tensor),
            _ => weights.push(tensor),
        }
    }
    let intact = digest(&weights)? == metadata.sha256
        && digest_of(&cohort)? == metadata.cohort_sha256
        && digest_of(&reliability)? == metadata.reliability_sha256
        && digest_of(&refiner)? == metadata.refiner_sha256;
    if !intact {
        return Err(WeightsError::corrupt("its checksum does not match"));
    }
    if let Some(tensor) = cohort {
        let cohort = unpacked_cohort(tensor)?;
        metadata.calibration = metadata.calibration.map(|it| it.with_cohort(cohort));
    }
    if let Some(tensor) = reliability {
        metadata.reliability = Some(unpacked_reliability(tensor, metadata.preset)?);
    }
    if let Some(tensor) = refiner {
        metadata.refiner = Some(unpacked_refiner(tensor)?);
    }
    Ok((weights, metadata))
}

fn packed_cohort(cohort: &Cohort) -> Option<PackedTensor> {
    let shape = [cohort.len(), EMBEDDING_DIM];
    (!cohort.is_empty()).then(|| match cohort.steps() {
        Some(steps) => quantised::packed(COHORT.into(), TensorData::new(steps, shape), None),
        None => packed(COHORT, TensorData::new(cohort.values().to_vec(), shape)),
    })
}

fn unpacked_cohort(tensor: PackedTensor) -> Result<Cohort, WeightsError> {
    let in_steps = tensor.dtype == DType::I8;
    let values = quantised::floats(tensor)?;
    let cohort = match in_steps {
        true => Cohort::from_steps(&values.iter().map(|step| *step as i8).collect::<Vec<_>>()),
        false => Cohort::from_values(&values),
    };
    cohort.map_err(|error| WeightsError::corrupt(error.to_string()))
}

fn unpacked_reliability(tensor: PackedTensor, preset: Preset) -> Result<Reliability, WeightsError> {
    let map = FaceNetConfig::from(preset).last_map();
    Reliability::from_values(&quantised::floats(tensor)?, map)
        .map_err(|error| WeightsError::corrupt(error.to_string()))
}

fn unpacked_refiner(tensor: PackedTensor) -> Result<Refiner, WeightsError> {
    Refiner::from_values(&quantised::floats(tensor)?)
        .map_err(|error| WeightsError::corrupt(error.to_string()))
}

/// A tensor of the `values` of a small network, stored in f16.
fn packed_values(name: &str, values: Vec<f32>) -> PackedTensor {
    let shape = [values.len()];
    packed(name, TensorData::new(values, shape))
}

/// A tensor of `data`, stored in f16.
fn packed(name: &str, data: TensorData) -> PackedTensor {
    quantised::packed(name.into(), data.convert_dtype(DType::F16), None)
}

fn parse_metadata(json: &str) -> Result<Metadata, WeightsError> {
    #[derive(Deserialize)]
    struct Head {
        format_version: u32,
        preset: serde_json::Value,
        preprocessing: String,
    }
    let corrupt = |error: serde_json::Error| WeightsError::corrupt(error.to_string());
    let head: Head = serde_json::from_str(json).map_err(corrupt)?;
    if !(OLDEST_VERSION..=FORMAT_VERSION).contains(&head.format_version) {
        return Err(WeightsError::Version {
            found: head.format_version,
        });
    }
    if serde_json::from_value::<Preset>(head.preset.clone()).is_err() {
        return Err(WeightsError::Preset {
            why: format!("preset {}", head.preset),
        });
    }
    if head.preprocessing != PREPROCESSING {
        return Err(WeightsError::Preset {
            why: format!("input {}", head.preprocessing),
        });
    }
    let metadata: Metadata = serde_json::from_str(json).map_err(corrupt)?;
    let golden_fits = metadata.golden.len() == golden_inputs().len()
        && metadata
            .golden
            .iter()
            .all(|values| Embedding::new(values).is_some());
    if !golden_fits {
        return Err(WeightsError::corrupt("its golden embeddings are unusable"));
    }
    if metadata.sha256.get(..16) != Some(metadata.model_id.as_str()) {
        return Err(WeightsError::corrupt("its model id does not match"));
    }
    Ok(metadata)
}

fn tensors_of(network: FaceNet) -> Result<Vec<PackedTensor>, WeightsError> {
    let record = network.into_record().into_bytes();
    let bytes = record.map_err(|error| WeightsError::corrupt(error.to_string()))?;
    let tensors = Reader::from_bytes(bytes)
        .and_then(Reader::into_tensors)
        .map_err(WeightsError::container)?;
    let stored = tensors.into_iter().map(quantised::stored);
    Ok(stored.collect::<Result<Vec<_>, _>>()?.concat())
}

fn network_from(
    tensors: Vec<PackedTensor>,
    preset: Preset,
    device: &Device,
) -> Result<FaceNet, WeightsError> {
    let misfit = |error: RecordError| WeightsError::Shape {
        preset,
        why: error.to_string(),
    };
    let tensors = quantised::restored(tensors)?;
    let bytes = Writer::new(tensors)
        .into_bytes()
        .map_err(WeightsError::container)?;
    // Without a cast to the module's type, because the cast would draw random weights first.
    let record = ModuleRecord::from_bytes(bytes).map_err(misfit)?;
    FaceNetConfig::from(preset)
        .unloaded(device)
        .try_load_record(record)
        .map_err(misfit)
}

/// The [`digest`] of a tensor that may be absent.
fn digest_of(tensor: &Option<PackedTensor>) -> Result<Option<String>, WeightsError> {
    let tensor = tensor.as_ref();
    tensor
        .map(|tensor| digest(std::slice::from_ref(tensor)))
        .transpose()
}

/// Bytes that [`digest`] hashes in one call.
const HASHED_AT_ONCE: usize = 4096;

/// SHA-256 of names, types, shapes and bytes, in order of the names.
fn digest(tensors: &[PackedTensor]) -> Result<String, WeightsError> {
    let mut parts = tensors
        .iter()
        .map(|tensor| tensor.clone().into_parts())
        .collect::<Result<Vec<_>, _>>()
        .map_err(WeightsError::container)?;
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    let mut hash = Sha256::new();
    for (name, dtype, shape, _, bytes) in parts {
        hash.update(format!("{name} {dtype:?} {shape:?}\n"));
        // In parts, because a browser replaces slow code with optimised code only between calls.
        bytes
            .chunks(HASHED_AT_ONCE)
            .for_each(|part| hash.update(part));
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn embed_golden(network: &FaceNet, device: &Device) -> Option<Vec<Embedding>> {
    let inputs = golden_inputs();
    let output = network.forward(to_tensor(&inputs.iter().collect::<Vec<_>>(), device));
    let values = output.into_data().try_to_vec::<f32>().ok()?;
    values.chunks(EMBEDDING_DIM).map(Embedding::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::refiner::OUTPUTS;
    use crate::net::refiner::tests::constant;
    use crate::verify::decision::Calibration;
    use crate::verify::reliability::{HIDDEN, REDUCED};
    use proptest::prelude::*;
    use std::sync::OnceLock;

    fn file() -> &'static [u8] {
        static FILE: OnceLock<Vec<u8>> = OnceLock::new();
        FILE.get_or_init(|| {
            let device = crate::device::cpu();
            let network = FaceNetConfig::from(Preset::Tiny).init(&device);
            export(
                network,
                Preset::Tiny,
                TrainingSummary::default(),
                &device,
                |_| None,
            )
            .unwrap()
        })
    }

    /// The file with changed metadata and the same tensors.
    fn with_metadata(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(file().to_vec())).unwrap();
        let mut json = serde_json::from_str(&reader.metadata()[METADATA_KEY]).unwrap();
        change(&mut json);
        Writer::new(reader.into_tensors().unwrap())
            .with_metadata(METADATA_KEY, &json.to_string())
            .into_bytes()
            .unwrap()
            .to_vec()
    }

    fn embed_golden_of_the_file() -> Vec<Embedding> {
        let device = crate::device::cpu();
        let (network, _) = load(file().to_vec(), &device).unwrap();
        embed_golden(&network, &device).unwrap()
    }

    fn load_error(bytes: Vec<u8>) -> WeightsError {
        load(bytes, &crate::device::cpu()).expect_err("the file must be refused")
    }

    #[test]
    fn an_exported_file_loads_and_gives_the_same_embeddings() {
        let device = crate::device::cpu();
        let (network, metadata) = load(file().to_vec(), &device).unwrap();
        assert_eq!(metadata.preset, Preset::Tiny);
        for (embedding, stored) in embed_golden(&network, &device)
            .unwrap()
            .iter()
            .zip(&metadata.golden)
        {
            assert!(embedding.cosine(&Embedding::new(stored).unwrap()) > 0.99999);
        }
    }

    #[test]
    fn embeddings_in_8_bits_stay_close_to_those_of_the_trained_network() {
        let device = crate::device::cpu();
        let network = FaceNetConfig::from(Preset::Slim).init(&device);
        let trained = embed_golden(&network, &device).unwrap();
        let bytes = export(
            network,
            Preset::Slim,
            TrainingSummary::default(),
            &device,
            |_| None,
        )
        .unwrap();
        let (network, _) = load(bytes, &device).unwrap();
        for (a, b) in trained.iter().zip(embed_golden(&network, &device).unwrap()) {
            assert!(a.cosine(&b) > 0.9995, "{}", a.cosine(&b));
        }
    }

    #[test]
    fn the_oldest_format_version_loads_and_is_rewritten_in_the_current_one() {
        let device = crate::device::cpu();
        let (tensors, metadata) = unpack(file().to_vec()).unwrap();
        let in_f16 = |tensor: PackedTensor| {
            let (name, dtype, shape, id, bytes) = tensor.into_parts().unwrap();
            let data = TensorData::from_bytes(bytes, shape, dtype).convert_dtype(DType::F16);
            quantised::packed(name, data, id)
        };
        let restored = quantised::restored(tensors).unwrap();
        let tensors: Vec<_> = restored.into_iter().map(in_f16).collect();
        let sha256 = digest(&tensors).unwrap();
        let metadata = Metadata {
            format_version: OLDEST_VERSION,
            model_id: sha256[..16].into(),
            sha256,
            ..metadata
        };
        let old = pack(tensors, metadata).unwrap();
        let new = with_refiner(old.clone(), constant([0.5; OUTPUTS])).unwrap();
        for (bytes, version) in [(old, OLDEST_VERSION), (new, FORMAT_VERSION)] {
            let (network, metadata) = load(bytes, &device).unwrap();
            assert_eq!(metadata.format_version, version);
            let golden = embed_golden(&network, &device).unwrap();
            for (a, b) in golden.iter().zip(&embed_golden_of_the_file()) {
                assert!(a.cosine(b) > 0.999_999);
            }
        }
    }

    #[test]
    fn recalibration_keeps_the_model() {
        let device = crate::device::cpu();
        let calibration = Calibration::new(&[0.2, 0.4], &[1.0, 1.2, 1.4, 1.6]).unwrap();
        let cohort = Cohort::new(&embed_golden_of_the_file(), 1.0);
        let calibration = Calibrations::try_from(vec![calibration]).unwrap();
        let with_cohort = calibration.clone().with_cohort(cohort);
        let (_, before) = load(file().to_vec(), &device).unwrap();
        let mut bytes = file().to_vec();
        for calibration in [with_cohort, calibration] {
            bytes = recalibrate(bytes, calibration.clone()).unwrap();
            let (_, after) = load(bytes.clone(), &device).unwrap();
            assert_eq!(after.calibration, Some(calibration));
            assert_eq!(
                (after.model_id, after.golden),
                (before.model_id.clone(), before.golden.clone())
            );
        }
    }

    /// A reliability for the network of the file; f16 stores `value` exactly.
    fn reliability(value: f32) -> Reliability {
        let [pixels, channels] = FaceNetConfig::from(Preset::Tiny).last_map();
        let size = channels * REDUCED + REDUCED + pixels * REDUCED * HIDDEN + 2 * HIDDEN + 1;
        Reliability::from_values(&vec![value; size], [pixels, channels]).unwrap()
    }

    #[test]
    fn a_new_reliability_keeps_the_model() {
        let device = crate::device::cpu();
        let (_, before) = load(file().to_vec(), &device).unwrap();
        assert_eq!(before.reliability, None);
        let mut bytes = file().to_vec();
        for value in [0.25, -0.5] {
            bytes = with_reliability(bytes, reliability(value)).unwrap();
            let (_, after) = load(bytes.clone(), &device).unwrap();
            assert_eq!(after.reliability, Some(reliability(value)));
            assert_eq!(after.model_id, before.model_id);
        }
    }

    #[test]
    fn a_new_refiner_keeps_the_model() {
        let device = crate::device::cpu();
        let (_, before) = load(file().to_vec(), &device).unwrap();
        assert_eq!(before.refiner, None);
        let mut bytes = file().to_vec();
        for value in [0.25, -0.5] {
            let refiner = constant([value; OUTPUTS]);
            bytes = with_refiner(bytes, refiner.clone()).unwrap();
            let (_, after) = load(bytes.clone(), &device).unwrap();
            assert_eq!(after.refiner, Some(refiner));
            assert_eq!(after.model_id, before.model_id);
        }
    }

    /// `bytes` without one of its tensors.
    fn without(name: &str, bytes: Vec<u8>) -> Vec<u8> {
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes)).unwrap();
        let json = reader.metadata()[METADATA_KEY].clone();
        let mut tensors = reader.into_tensors().unwrap();
        tensors.retain(|tensor| tensor.name != name);
        let writer = Writer::new(tensors).with_metadata(METADATA_KEY, &json);
        writer.into_bytes().unwrap().to_vec()
    }

    #[test]
    fn a_file_without_its_cohort_reliability_or_refiner_is_refused() {
        let cohort = Cohort::new(&embed_golden_of_the_file(), 1.0);
        let calibration = Calibration::new(&[0.2], &[1.0, 1.2, 1.4]).unwrap();
        let calibration = Calibrations::try_from(vec![calibration]).unwrap();
        let bytes = recalibrate(file().to_vec(), calibration.with_cohort(cohort)).unwrap();
        let bytes = with_reliability(bytes, reliability(0.25)).unwrap();
        let bytes = with_refiner(bytes, constant([0.5; OUTPUTS])).unwrap();
        assert!(load(bytes.clone(), &crate::device::cpu()).is_ok());
        for name in [COHORT, RELIABILITY, REFINER] {
            let refused = load_error(without(name, bytes.clone()));
            assert!(matches!(refused, WeightsError::Corrupt { .. }), "{name}");
        }
    }

    #[test]
    fn each_error_names_its_cause() {
        assert!(matches!(
            load_error(Vec::new()),
            WeightsError::Truncated { .. }
        ));
        assert!(matches!(
            load_error(b"not a weights file".to_vec()),
            WeightsError::Truncated { .. }
        ));
        let bytes = with_metadata(|json| json["format_version"] = 99.into());
        assert!(matches!(
            load_error(bytes),
            WeightsError::Version { found: 99 }
        ));
        let bytes = with_metadata(|json| json["preset"] = "nn9".into());
        assert!(matches!(load_error(bytes), WeightsError::Preset { .. }));
        let bytes = with_metadata(|json| json["preset"] = "slim".into());
        assert!(matches!(
            load_error(bytes),
            WeightsError::Shape {
                preset: Preset::Slim,
                ..
            }
        ));
        let bytes = with_metadata(|json| json["sha256"] = "00".into());
        assert!(matches!(load_error(bytes), WeightsError::Corrupt { .. }));
        let mut flipped = file().to_vec();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(load_error(flipped), WeightsError::Corrupt { .. }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_truncated_file_is_refused(length in 0..file().len()) {
            load_error(file()[..length].to_vec());
        }

        #[test]
        fn damage_never_panics(
            at in prop::collection::vec((0..file().len(), any::<u8>()), 1..20),
        ) {
            let mut bytes = file().to_vec();
            for (position, value) in at {
                bytes[position] = value;
            }
            let _ = load(bytes, &crate::device::cpu());
        }
    }
}
