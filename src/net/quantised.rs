//! Weights in 8 bits: half the download of f16, at no loss of accuracy that could be measured.
//!
//! The values of each output channel become whole numbers from -127 to 127 and one scale (Krishnamoorthi,
//! "Quantizing deep convolutional networks for efficient inference", 2018, section 3.1). They are
//! multiplied out when a file is loaded: the network computes in f32.

use std::collections::HashMap;

use burn::tensor::{DType, TensorData};
use burn_pack::Tensor as PackedTensor;

use super::weights::WeightsError;

/// What the name of a weight's scales adds to its own.
const SCALE: &str = ".scale";

/// Channels of the picture.
const PICTURE: usize = 3;

/// The largest whole number.
const MOST: f32 = 127.0;

/// `tensor`, in f32, as it is stored: in 8 bits with its scales, or in f16 where it has one dimension (a
/// bias or a slope) or is of the convolution that reads the picture. That one has 1 % of the values, and
/// every error in it goes through the whole network.
///
/// # Errors
/// [`WeightsError::Corrupt`] where a value is not finite.
pub fn stored(tensor: PackedTensor) -> Result<Vec<PackedTensor>, WeightsError> {
    let (name, dtype, shape, id, bytes) = tensor.into_parts().map_err(WeightsError::container)?;
    let data = TensorData::from_bytes(bytes, shape, dtype);
    let reads_picture = data.shape().rank() == 4 && data.shape()[1] == PICTURE;
    if data.shape().rank() == 1 || reads_picture {
        let (bytes, shape, dtype) = data.convert_dtype(DType::F16).into_parts();
        return Ok(vec![PackedTensor::new(name, dtype, shape, id, bytes)]);
    }
    let shape = data.shape().clone();
    let values = floats(data)?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(WeightsError::corrupt(format!("{name} is not finite")));
    }
    let rows = values.chunks_exact(values.len() / channels(&shape));
    let (scales, whole): (Vec<f32>, Vec<Vec<i8>>) = rows.map(quantise).unzip();
    let count = scales.len();
    let pack = |name, data: TensorData, id| {
        let (bytes, shape, dtype) = data.into_parts();
        PackedTensor::new(name, dtype, shape, id, bytes)
    };
    Ok(vec![
        pack(
            format!("{name}{SCALE}"),
            TensorData::new(scales, [count]),
            None,
        ),
        pack(name, TensorData::new(whole.concat(), shape), id),
    ])
}

/// The tensors of a file in f32, those in 8 bits multiplied out.
///
/// # Errors
/// [`WeightsError::Corrupt`] where weights and scales do not belong together.
pub fn restored(tensors: Vec<PackedTensor>) -> Result<Vec<PackedTensor>, WeightsError> {
    let (scales, weights): (Vec<_>, Vec<_>) =
        tensors.into_iter().partition(|it| it.name.ends_with(SCALE));
    let mut scales: HashMap<String, PackedTensor> =
        scales.into_iter().map(|it| (it.name.clone(), it)).collect();
    let weights = weights
        .into_iter()
        .map(|weight| match weight.dtype {
            DType::I8 => {
                let scale = scales.remove(&format!("{}{SCALE}", weight.name));
                let missing = || WeightsError::corrupt(format!("{} has no scale", weight.name));
                multiplied(weight.clone(), scale.ok_or_else(missing)?)
            }
            _ => widened(weight),
        })
        .collect::<Result<_, _>>()?;
    match scales.into_keys().next() {
        Some(name) => Err(WeightsError::corrupt(format!("{name} scales no weight"))),
        None => Ok(weights),
    }
}

fn widened(tensor: PackedTensor) -> Result<PackedTensor, WeightsError> {
    let (name, dtype, shape, id, bytes) = tensor.into_parts().map_err(WeightsError::container)?;
    let data = TensorData::from_bytes(bytes, shape, dtype).convert_dtype(DType::F32);
    let (bytes, shape, dtype) = data.into_parts();
    Ok(PackedTensor::new(name, dtype, shape, id, bytes))
}

fn multiplied(weight: PackedTensor, scale: PackedTensor) -> Result<PackedTensor, WeightsError> {
    let (_, dtype, shape, _, bytes) = scale.into_parts().map_err(WeightsError::container)?;
    let scales = floats(TensorData::from_bytes(bytes, shape, dtype))?;
    let (name, _, shape, id, bytes) = weight.into_parts().map_err(WeightsError::container)?;
    let rows = channels(&shape);
    if scales.len() != rows || rows == 0 || bytes.len() % rows != 0 {
        return Err(WeightsError::corrupt(format!(
            "the scales of {name} do not fit it"
        )));
    }
    let whole = bytes.chunks_exact(bytes.len() / rows);
    let values = whole
        .zip(scales)
        .flat_map(|(row, scale)| row.iter().map(move |&value| f32::from(value as i8) * scale));
    let data = TensorData::new(values.collect::<Vec<f32>>(), shape);
    let (bytes, shape, dtype) = data.into_parts();
    Ok(PackedTensor::new(name, dtype, shape, id, bytes))
}

/// How many scales a weight has: the first dimension larger than one is that of the output channels.
/// (Of the last layer it is that of the input, which does as well.)
fn channels(shape: &[usize]) -> usize {
    shape.iter().copied().find(|&size| size > 1).unwrap_or(1)
}

/// The scale of `row` and its values as multiples of it.
fn quantise(row: &[f32]) -> (f32, Vec<i8>) {
    let most = row.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let scale = short(most / MOST);
    let whole = |value: &f32| (value / scale).round().clamp(-MOST, MOST) as i8;
    (scale, row.iter().map(whole).collect())
}

/// `scale` rounded up to 16 significant bits. Multiples of it up to 127 are exact then, so that a file
/// which is read and written again has the same numbers, and the same model id.
fn short(scale: f32) -> f32 {
    const REST: u32 = 0xff;
    f32::from_bits((scale.to_bits() + REST) & !REST)
}

/// The values of a tensor, in f32.
pub fn floats(data: TensorData) -> Result<Vec<f32>, WeightsError> {
    let values = data.convert_dtype(DType::F32).try_to_vec();
    values.map_err(|error| WeightsError::corrupt(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(values: Vec<f32>, shape: &[usize]) -> PackedTensor {
        let (bytes, shape, dtype) = TensorData::new(values, shape.to_vec()).into_parts();
        PackedTensor::new("conv.weight".into(), dtype, shape, None, bytes)
    }

    fn values(tensor: &PackedTensor) -> Vec<f32> {
        let (_, dtype, shape, _, bytes) = tensor.clone().into_parts().unwrap();
        floats(TensorData::from_bytes(bytes, shape, dtype)).unwrap()
    }

    /// Rows of very different sizes, one of them zero.
    fn weight() -> PackedTensor {
        let sizes = [1.0, 1e-4, 0.0, 300.0];
        let row = |size: f32| (0..9).map(move |i| size * (i as f32 * 1.7).sin());
        tensor(sizes.into_iter().flat_map(row).collect(), &[4, 1, 3, 3])
    }

    #[test]
    fn each_value_is_within_half_a_step_of_its_channel() {
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
    fn what_was_read_is_written_as_it_was() {
        let first = stored(weight()).unwrap();
        let second = stored(restored(first.clone()).unwrap().remove(0)).unwrap();
        for (first, second) in first.into_iter().zip(second) {
            let (first, second) = (first.into_parts().unwrap(), second.into_parts().unwrap());
            assert_eq!(first.4[..], second.4[..], "{}", first.0);
        }
    }

    #[test]
    fn what_reads_the_picture_and_biases_stay_in_f16() {
        for shape in [&[4, 3, 3, 3][..], &[108]] {
            let stored = stored(tensor(vec![0.5; 108], shape)).unwrap();
            assert_eq!((stored.len(), stored[0].dtype), (1, DType::F16));
        }
    }

    #[test]
    fn the_pooling_has_a_scale_for_each_channel() {
        let pooling = stored(tensor(vec![0.5; 2 * 49], &[1, 2, 7, 7])).unwrap();
        assert_eq!(values(&pooling[0]).len(), 2);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(stored(tensor(vec![f32::NAN; 4], &[2, 2])).is_err());
        let [scale, weight] = stored(weight()).unwrap().try_into().unwrap();
        assert!(restored(vec![weight.clone()]).is_err());
        assert!(restored(vec![scale.clone()]).is_err());
        let mut short = tensor(vec![1.0; 3], &[3]);
        short.name = scale.name;
        assert!(restored(vec![short, weight]).is_err());
    }
}
