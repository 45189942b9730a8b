//! Loads layers from the safetensors files that `scripts/models.mjs` converts from TFLite.

use burn::module::Param;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use thiserror::Error;

use super::stored;

/// Why converted weights cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertedWeightsError {
    /// The file is not a complete safetensors file.
    #[error("the file is damaged or cut short ({0})")]
    Damaged(String),
    /// A tensor is missing, or has another shape or type.
    #[error("the weights do not fit: {0}")]
    Misfit(String),
}

/// A file of converted weights.
pub(crate) struct Converted<'a> {
    tensors: SafeTensors<'a>,
    device: &'a Device,
}

impl<'a> Converted<'a> {
    pub(crate) fn new(bytes: &'a [u8], device: &'a Device) -> Result<Self, ConvertedWeightsError> {
        let tensors = SafeTensors::deserialize(bytes)
            .map_err(|error| ConvertedWeightsError::Damaged(error.to_string()))?;
        Ok(Self { tensors, device })
    }

    /// A convolution with TensorFlow's "SAME" padding: the larger half is on the right and at the
    /// bottom.
    pub(crate) fn same(
        &self,
        name: &str,
        config: Conv2dConfig,
        stride: usize,
    ) -> Result<Conv2d, ConvertedWeightsError> {
        let [height, _] = config.kernel_size;
        let total = height - stride.min(height);
        let (before, after) = (total / 2, total - total / 2);
        let padding = PaddingConfig2d::Explicit(before, before, after, after);
        self.conv(name, config.with_stride([stride; 2]).with_padding(padding))
    }

    /// A convolution with this `config`.
    pub(crate) fn conv(
        &self,
        name: &str,
        config: Conv2dConfig,
    ) -> Result<Conv2d, ConvertedWeightsError> {
        let [input, output] = config.channels;
        let [height, width] = config.kernel_size;
        let shape = [output, input / config.groups, height, width];
        let mut conv = config.init(self.device);
        conv.weight = self.param(&format!("{name}.weight"), shape)?;
        conv.bias = Some(self.param(&format!("{name}.bias"), [output])?);
        Ok(conv)
    }

    /// The tensor of this name and shape, stored as f16.
    pub(crate) fn param<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
    ) -> Result<Param<Tensor<D>>, ConvertedWeightsError> {
        let misfit = |found: String| ConvertedWeightsError::Misfit(format!("{name}: {found}"));
        let view = self.tensors.tensor(name);
        let view = view.map_err(|error| misfit(error.to_string()))?;
        if view.shape() != shape || view.dtype() != Dtype::F16 {
            let (kind, found) = (view.dtype(), view.shape());
            return Err(misfit(format!("{kind:?} {found:?}, not F16 {shape:?}")));
        }
        let values =
            stored::values(&view).ok_or_else(|| misfit("not a tensor of numbers".into()))?;
        Ok(Param::from_data(
            TensorData::new(values, shape),
            self.device,
        ))
    }
}
