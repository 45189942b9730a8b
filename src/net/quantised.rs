//! Weights in 8 bits: half the download of f16, without a measurable loss of accuracy.
//!
//! The values of each output channel are stored as integers from -127 to 127 and one scale
//! (Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", 2018, section
//! 3.1). Loading a file multiplies them by the scale, because the network computes in f32.

use std::collections::HashMap;

use burn::tensor::{DType, Shape, TensorData};
use burn_pack::Tensor as PackedTensor;

use super::weights::WeightsError;

/// The suffix that turns a weight's name into the name of its scales.
const SCALE: &str = ".scale";

/// Channels of an image.
const IMAGE_CHANNELS: usize = 3;

/// The largest stored integer.
const MAX_INTEGER: f32 = 127.0;

/// Converts an f32 `tensor` to its stored form: 8 bits with a tensor of scales, or f16 if it has
/// one dimension (a bias or a slope) or belongs to the first convolution. That convolution has 1 %
/// of the values, and its errors pass through the whole network.
///
/// # Errors
/// Returns [`WeightsError::Corrupt`] if a value is not finite.
pub fn stored(tensor: PackedTensor) -> Result<Vec<PackedTensor>, WeightsError> {
    let Values {
        name,
        values,
        shape,
        id,
    } = Values::of(tensor)?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(WeightsError::corrupt(format!("{name} is not finite")));
    }
    let is_first = shape.len() == 4 && shape[1] == IMAGE_CHANNELS;
    if shape.len() == 1 || is_first {
        let data = TensorData::new(values, shape).convert_dtype(DType::F16);
        return Ok(vec![packed(name, data, id)]);
    }
    let rows = values.chunks_exact(values.len() / channels(&shape));
    let (scales, whole): (Vec<f32>, Vec<Vec<i8>>) = rows.map(quantise).unzip();
    let count = scales.len();
    let scale = packed(
        format!("{name}{SCALE}"),
        TensorData::new(scales, [count]),
        None,
    );
    let whole = TensorData::new(whole.concat(), shape);
    Ok(vec![scale, packed(name, whole, id)])
}

/// Converts the stored tensors of a file to f32.
///
/// # Errors
/// Returns [`WeightsError::Corrupt`] if weights and scales do not match, or if the bytes
/// of a tensor do not fit its shape and type.
pub fn restored(tensors: Vec<PackedTensor>) -> Result<Vec<PackedTensor>, WeightsError> {
    let (scales, weights): (Vec<_>, Vec<_>) =
        tensors.into_iter().partition(|it| it.name.ends_with(SCALE));
    let mut scales: HashMap<String, PackedTensor> =
        scales.into_iter().map(|it| (it.name.clone(), it)).collect();
    let mut restored = Vec::with_capacity(weights.len());
    for weight in weights {
        let is_quantised = weight.dtype == DType::I8;
        let mut weight = Values::of(weight)?;
        if is_quantised {
            let scale = scales.remove(&format!("{}{SCALE}", weight.name));
            let missing = || WeightsError::corrupt(format!("{} has no scale", weight.name));
            weight.multiply(&floats(scale.ok_or_else(missing)?)?)?;
        }
        let data = TensorData::new(weight.values, weight.shape);
        restored.push(packed(weight.name, data, weight.id));
    }
    match scales.into_keys().next() {
        Some(name) => Err(WeightsError::corrupt(format!(
            "{name} belongs to no weight"
        ))),
        None => Ok(restored),
    }
}

/// The values of a stored tensor, in f32.
///
/// # Errors
/// Returns [`WeightsError::Corrupt`] if its bytes do not fit its shape and type.
pub fn floats(tensor: PackedTensor) -> Result<Vec<f32>, WeightsError> {
    Ok(Values::of(tensor)?.values)
}

/// A tensor in f32.
struct Values {
    name: String,
    values: Vec<f32>,
    shape: Shape,
    id: Option<u64>,
}

impl Values {
    /// Reads a tensor, which may come from an untrusted file.
    fn of(tensor: PackedTensor) -> Result<Self, WeightsError> {
        let (name, dtype, shape, id, bytes) =
            tensor.into_parts().map_err(WeightsError::container)?;
        let values = TensorData::try_from_bytes(bytes, shape.clone(), dtype)
            .and_then(|data| data.try_cast(DType::F32))
            .and_then(|data| data.try_to_vec())
            .map_err(|error| WeightsError::corrupt(format!("{name}: {error}")))?;
        Ok(Self {
            name,
            values,
            shape,
            id,
        })
    }

    fn multiply(&mut self, scales: &[f32]) -> Result<(), WeightsError> {
        let rows = channels(&self.shape);
        if scales.len() != rows || self.values.is_empty() {
            let name = &self.name;
            return Err(WeightsError::corrupt(format!(
                "the scales of {name} do not fit it"
            )));
        }
        let length = self.values.len() / rows;
        for (row, scale) in self.values.chunks_exact_mut(length).zip(scales) {
            row.iter_mut().for_each(|value| *value *= scale);
        }
        Ok(())
    }
}

/// A stored tensor.
pub fn packed(name: String, data: TensorData, id: Option<u64>) -> PackedTensor {
    let (bytes, shape, dtype) = data.into_parts();
    PackedTensor::new(name, dtype, shape, id, bytes)
}

/// The number of scales of a weight: the first dimension larger than one. That is the output
/// channels, or, in the last layer, the input channels, which work as well.
fn channels(shape: &[usize]) -> usize {
    shape.iter().copied().find(|&size| size > 1).unwrap_or(1)
}

/// The scale of `row`, and its values as multiples of the scale.
fn quantise(row: &[f32]) -> (f32, Vec<i8>) {
    let most = row.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let scale = rounded_up(most / MAX_INTEGER);
    let whole = |value: &f32| (value / scale).round().clamp(-MAX_INTEGER, MAX_INTEGER) as i8;
    (scale, row.iter().map(whole).collect())
}

/// `scale` rounded up to 16 significant bits. All multiples of it up to 127 are then exact. So a
/// file that is read and written again has the same numbers, and the same model id.
fn rounded_up(scale: f32) -> f32 {
    const REST: u32 = 0xff;
    f32::from_bits((scale.to_bits() + REST) & !REST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Bytes;

    fn tensor(values: Vec<f32>, shape: &[usize]) -> PackedTensor {
        let data = TensorData::new(values, shape.to_vec());
        packed("conv.weight".into(), data, None)
    }

    fn values(tensor: &PackedTensor) -> Vec<f32> {
        floats(tensor.clone()).unwrap()
    }

    /// Rows of very different magnitudes, one of them zero.
    fn weight() -> PackedTensor {
        let sizes = [1.0, 1e-4, 0.0, 300.0];
        let row = |size: f32| (0..9).map(move |i| size * (i as f32 * 1.7).sin());
        tensor(sizes.into_iter().flat_map(row).collect(), &[4, 1, 3, 3])
    }

    #[test]
    fn each_error_is_at_most_half_of_the_channels_scale() {
        let original = values(&weight());
        let restored = restored(stored(weight()).unwrap()).unwrap();
        let found = values(&restored[0]);
        for (row, found) in original.chunks(9).zip(found.chunks(9)) {
            let most = row.iter().fold(0.0f32, |most, value| most.max(value.abs()));
            for (value, found) in row.iter().zip(found) {
                assert!(
                    (value - found).abs() <= 0.501 * most / 127.0,
                    "{value} {found}"
                );
            }
        }
    }

    #[test]
    fn tensors_read_and_written_again_are_identical() {
        let first = stored(weight()).unwrap();
        let second = stored(restored(first.clone()).unwrap().remove(0)).unwrap();
        for (first, second) in first.into_iter().zip(second) {
            let (first, second) = (first.into_parts().unwrap(), second.into_parts().unwrap());
            assert_eq!(first.4[..], second.4[..], "{}", first.0);
        }
    }

    #[test]
    fn biases_and_the_first_convolution_stay_in_f16() {
        for shape in [&[4, 3, 3, 3][..], &[108]] {
            let stored = stored(tensor(vec![0.5; 108], shape)).unwrap();
            assert_eq!((stored.len(), stored[0].dtype), (1, DType::F16));
        }
    }

    #[test]
    fn the_pooling_has_one_scale_for_each_channel() {
        let pooling = stored(tensor(vec![0.5; 2 * 49], &[1, 2, 7, 7])).unwrap();
        assert_eq!(values(&pooling[0]).len(), 2);
    }

    #[test]
    fn inconsistent_tensors_are_refused() {
        assert!(stored(tensor(vec![f32::NAN; 4], &[2, 2])).is_err());
        let [scale, weight] = stored(weight()).unwrap().try_into().unwrap();
        assert!(restored(vec![weight.clone()]).is_err());
        assert!(restored(vec![scale.clone()]).is_err());
        let scale_of = |values: Vec<f32>| {
            let shape = [values.len()];
            packed(scale.name.clone(), TensorData::new(values, shape), None)
        };
        assert!(restored(vec![scale_of(vec![1.0; 3]), weight.clone()]).is_err());
        let nothing = TensorData::new(Vec::<i8>::new(), [0]);
        let nothing = packed(weight.name.clone(), nothing, None);
        assert!(restored(vec![scale_of(vec![1.0]), nothing]).is_err());
        for (kind, length) in [(DType::I8, 35), (DType::I8, 37), (DType::F32, 36)] {
            let bytes = Bytes::from_bytes_vec(vec![0; length]);
            let inconsistent =
                PackedTensor::new(weight.name.clone(), kind, [4, 1, 3, 3], None, bytes);
            assert!(restored(vec![scale.clone(), inconsistent]).is_err());
        }
    }
}
