//! Weights files: the folded network in 8 bits and everything that must travel with it.
//!
//! A file is a burnpack container whose metadata entry `facekey` holds [`Metadata`] as JSON. It
//! carries what a page needs to trust the weights: the format's version, the preset, how pixels
//! become numbers, how the network was trained, what its distances mean, the embeddings that the
//! exporting machine computed for fixed pictures, and a SHA-256 of the tensors. Files come over
//! a network, so [`load`] checks all of it and never panics.

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
use crate::image::{RgbImage, to_tensor};
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};
use crate::verify::reliability::Reliability;

/// The format version that this build writes.
pub const FORMAT_VERSION: u32 = 4;

/// The oldest one that it reads: the same, with the weights in f16.
pub const OLDEST_VERSION: u32 = 3;

/// How a crop becomes the network's input; [`to_tensor`] does it.
pub const PREPROCESSING: &str = "rgb 112x112, pixel / 127.5 - 1";

const METADATA_KEY: &str = "facekey";

/// Two tensors are no weights of the network: the calibration's [`Cohort`], `[centres, 128]` in f16,
const COHORT: &str = "cohort";
/// and the values of the [`Reliability`], in f16.
const RELIABILITY: &str = "reliability";

/// Why a weights file was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file ends early or is no weights file at all.
    #[error("the weights file is cut short or is not a weights file ({why})")]
    Truncated {
        /// What the container's reader said.
        why: String,
    },
    /// The contents do not fit together.
    #[error("the weights file is damaged ({why})")]
    Corrupt {
        /// What does not fit.
        why: String,
    },
    /// A version that this build does not know.
    #[error(
        "the weights file has format version {found}; this build reads versions {OLDEST_VERSION} to \
         {FORMAT_VERSION}"
    )]
    Version {
        /// The file's version.
        found: u32,
    },
    /// A network that this build does not know, or one fed differently.
    #[error("the weights file is for a network that this build does not have ({why})")]
    Preset {
        /// What is unknown.
        why: String,
    },
    /// The tensors are not those of the preset.
    #[error("the weights do not fit the network {preset} ({why})")]
    Shape {
        /// The preset that the file names.
        preset: Preset,
        /// The first misfit.
        why: String,
    },
}

impl WeightsError {
    pub(super) fn corrupt(why: impl Into<String>) -> Self {
        Self::Corrupt { why: why.into() }
    }

    /// What the container's reader or writer says.
    pub(super) fn container(error: burn_pack::Error) -> Self {
        Self::corrupt(error.to_string())
    }
}

/// How the weights came about, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// The folder's name, or "procedural faces".
    pub data: String,
    /// Identities trained on.
    pub identities: usize,
    /// Optimiser steps.
    pub steps: usize,
    /// Images seen, repetitions included.
    pub images: usize,
    /// The losses and their settings, in words.
    pub loss: String,
    /// Area under the ROC curve over all pairs of the validation identities.
    pub validation_auc: f64,
    /// Genuine pairs accepted at a false accept rate of 1e-3 on the same pairs.
    pub validation_val_at_far_1e3: f64,
    /// Digest of the names and contents of the images trained on, in hexadecimal; absent where it was
    /// not kept, or several runs differ in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sha256: Option<String>,
}

/// What a weights file says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Metadata {
    /// See [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The architecture.
    pub preset: Preset,
    /// The first 16 hexadecimal digits of `sha256`: what templates are bound to.
    pub model_id: String,
    /// SHA-256 over names, shapes and bytes of the network's tensors, in hexadecimal.
    pub sha256: String,
    /// The same of the calibration's cohort; absent where it has none. It is not part of the model
    /// id, for embeddings do not depend on it.
    pub cohort_sha256: Option<String>,
    /// The same of the reliability, which is no part of the model id either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability_sha256: Option<String>,
    /// See [`PREPROCESSING`].
    pub preprocessing: String,
    /// How the weights came about.
    pub training: TrainingSummary,
    /// What a distance means; absent where no validation data was at hand.
    pub calibration: Option<Calibrations>,
    /// Tells covered faces; absent where that was not learnt. It is kept in a tensor.
    #[serde(skip)]
    pub reliability: Option<Reliability>,
    /// The embeddings of [`golden_inputs`], as the exporting machine computed them on the CPU.
    pub golden: Vec<Vec<f32>>,
}

/// Pictures that every device must embed alike: 112x112, made by integer arithmetic so that they
/// are the same to the bit everywhere.
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

/// Folds `network`, rounds it to 8 bits and writes it with its metadata.
///
/// `calibrate` is given the network as a reader of the file will have it, rounding included, and
/// says what its distances mean.
///
/// # Errors
/// Where the container cannot be written, or an embedding of the golden inputs is not finite: a
/// training run that diverged.
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
        preprocessing: PREPROCESSING.into(),
        training,
        calibration: calibrate(&network),
        reliability: None,
        golden: golden
            .iter()
            .map(|embedding| embedding.values().to_vec())
            .collect(),
    };
    pack(tensors, metadata)
}

/// The weights file `bytes` with another calibration; its tensors, and so its model id, stay.
///
/// # Errors
/// As [`load`].
pub fn recalibrate(bytes: Vec<u8>, calibration: Calibrations) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |metadata| metadata.calibration = Some(calibration))
}

/// The weights file `bytes` with another [`Reliability`]; its model id stays as well.
///
/// # Errors
/// As [`load`].
pub fn with_reliability(bytes: Vec<u8>, reliability: Reliability) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |metadata| metadata.reliability = Some(reliability))
}

/// The weights file `bytes` with the calibration and the reliability of the file that `metadata` comes from,
/// whose network is the same.
///
/// # Errors
/// As [`load`].
pub fn with_findings_of(bytes: Vec<u8>, metadata: &Metadata) -> Result<Vec<u8>, WeightsError> {
    with(bytes, |new| {
        new.calibration.clone_from(&metadata.calibration);
        new.reliability.clone_from(&metadata.reliability);
    })
}

fn with(bytes: Vec<u8>, change: impl FnOnce(&mut Metadata)) -> Result<Vec<u8>, WeightsError> {
    let (tensors, mut metadata) = unpack(bytes)?;
    change(&mut metadata);
    pack(tensors, metadata)
}

/// A file of the network's `tensors`, the calibration's cohort and the reliability.
fn pack(mut tensors: Vec<PackedTensor>, metadata: Metadata) -> Result<Vec<u8>, WeightsError> {
    let calibration = metadata.calibration.as_ref();
    let cohort = calibration.and_then(|it| packed_cohort(it.cohort()));
    let reliability = metadata.reliability.as_ref().map(packed_reliability);
    let metadata = Metadata {
        cohort_sha256: digest_of(&cohort)?,
        reliability_sha256: digest_of(&reliability)?,
        ..metadata
    };
    tensors.extend(cohort);
    tensors.extend(reliability);
    let json = serde_json::to_string(&metadata)
        .map_err(|error| WeightsError::corrupt(error.to_string()))?;
    let bytes = Writer::new(tensors)
        .with_metadata(METADATA_KEY, &json)
        .into_bytes()
        .map_err(WeightsError::container)?;
    Ok(bytes.to_vec())
}

/// Reads a weights file into the network's inference form, in f32 on `device`.
///
/// # Errors
/// One [`WeightsError`] for each way in which the file can be unusable.
pub fn load(bytes: Vec<u8>, device: &Device) -> Result<(FaceNet, Metadata), WeightsError> {
    let (tensors, metadata) = unpack(bytes)?;
    let network = network_from(tensors, metadata.preset, device)?;
    Ok((network, metadata))
}

/// The checked contents of a weights file.
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
    let (mut cohort, mut reliability, mut weights) = (None, None, Vec::new());
    for tensor in tensors {
        match tensor.name.as_str() {
            COHORT => cohort = Some(tensor),
            RELIABILITY => reliability = Some(tensor),
            _ => weights.push(tensor),
        }
    }
    let intact = digest(&weights)? == metadata.sha256
        && digest_of(&cohort)? == metadata.cohort_sha256
        && digest_of(&reliability)? == metadata.reliability_sha256;
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
    Ok((weights, metadata))
}

fn packed_cohort(cohort: &Cohort) -> Option<PackedTensor> {
    let data = TensorData::new(cohort.values().to_vec(), [cohort.len(), EMBEDDING_DIM]);
    (!cohort.is_empty()).then(|| packed(COHORT, data))
}

fn unpacked_cohort(tensor: PackedTensor) -> Result<Cohort, WeightsError> {
    Cohort::from_values(&quantised::floats(tensor)?)
        .map_err(|error| WeightsError::corrupt(error.to_string()))
}

fn packed_reliability(reliability: &Reliability) -> PackedTensor {
    let values = reliability.values();
    let shape = [values.len()];
    packed(RELIABILITY, TensorData::new(values, shape))
}

fn unpacked_reliability(tensor: PackedTensor, preset: Preset) -> Result<Reliability, WeightsError> {
    let map = FaceNetConfig::from(preset).last_map();
    Reliability::from_values(&quantised::floats(tensor)?, map)
        .map_err(|error| WeightsError::corrupt(error.to_string()))
}

/// `data` in f16.
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
    // Without a cast to the module's type, which would draw the random weights to ask for it.
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

/// Bytes that [`digest`] gives to the hash at a time.
const HASHED_AT_ONCE: usize = 4096;

/// SHA-256 over names, shapes and bytes, in order of the names.
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
        // In parts, since a browser compiles a long call again, and better, only when it has ended.
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

    /// The file with its metadata changed and its tensors as they are.
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

    fn refusal(bytes: Vec<u8>) -> WeightsError {
        load(bytes, &crate::device::cpu()).expect_err("the file must be refused")
    }

    #[test]
    fn what_is_exported_is_loaded_and_embeds_alike() {
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
    fn eight_bits_stay_close_to_the_trained_network() {
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
    fn the_version_before_is_read_too() {
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
        let (network, _) = load(pack(tensors, metadata).unwrap(), &device).unwrap();
        let golden = embed_golden(&network, &device).unwrap();
        for (a, b) in golden.iter().zip(&embed_golden_of_the_file()) {
            assert!(a.cosine(b) > 0.999_999);
        }
    }

    #[test]
    fn another_calibration_leaves_the_model_as_it_is() {
        let device = crate::device::cpu();
        let calibration = Calibration::new(&[0.2, 0.4], &[1.0, 1.2, 1.4, 1.6]).unwrap();
        let cohort = Cohort::new(&embed_golden_of_the_file());
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

    /// One for the network of the file, whose values f16 holds exactly.
    fn reliability(value: f32) -> Reliability {
        let [pixels, channels] = FaceNetConfig::from(Preset::Tiny).last_map();
        let size = channels * REDUCED + REDUCED + pixels * REDUCED * HIDDEN + 2 * HIDDEN + 1;
        Reliability::from_values(&vec![value; size], [pixels, channels]).unwrap()
    }

    #[test]
    fn another_reliability_leaves_the_model_as_it_is() {
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
    fn a_file_without_its_cohort_or_reliability_is_refused() {
        let cohort = Cohort::new(&embed_golden_of_the_file());
        let calibration = Calibration::new(&[0.2], &[1.0, 1.2, 1.4]).unwrap();
        let calibration = Calibrations::try_from(vec![calibration]).unwrap();
        let bytes = recalibrate(file().to_vec(), calibration.with_cohort(cohort)).unwrap();
        let bytes = with_reliability(bytes, reliability(0.25)).unwrap();
        assert!(load(bytes.clone(), &crate::device::cpu()).is_ok());
        for name in [COHORT, RELIABILITY] {
            let refused = refusal(without(name, bytes.clone()));
            assert!(matches!(refused, WeightsError::Corrupt { .. }), "{name}");
        }
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        assert!(matches!(
            refusal(Vec::new()),
            WeightsError::Truncated { .. }
        ));
        assert!(matches!(
            refusal(b"not a weights file".to_vec()),
            WeightsError::Truncated { .. }
        ));
        let bytes = with_metadata(|json| json["format_version"] = 99.into());
        assert!(matches!(
            refusal(bytes),
            WeightsError::Version { found: 99 }
        ));
        let bytes = with_metadata(|json| json["preset"] = "nn9".into());
        assert!(matches!(refusal(bytes), WeightsError::Preset { .. }));
        let bytes = with_metadata(|json| json["preset"] = "slim".into());
        assert!(matches!(
            refusal(bytes),
            WeightsError::Shape {
                preset: Preset::Slim,
                ..
            }
        ));
        let bytes = with_metadata(|json| json["sha256"] = "00".into());
        assert!(matches!(refusal(bytes), WeightsError::Corrupt { .. }));
        let mut flipped = file().to_vec();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(refusal(flipped), WeightsError::Corrupt { .. }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_truncated_file_is_refused(length in 0..file().len()) {
            refusal(file()[..length].to_vec());
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
