//! A teacher that embeds the same augmented pictures as the student.
//!
//! Stored targets of the unchanged crops ([`targets`](super::targets)) cost nothing, but they
//! ignore the augmentation, and their number is limited. A teacher that embeds each augmented or
//! mixed picture gives new targets at every step. Such consistent teaching gives a good student
//! over long schedules (Beyer et al., "Knowledge distillation: a good teacher is patient and
//! consistent", 2021, section 3).
//!
//! The teacher is a MobileFaceNet (Chen et al., 2018) as `foamliu/MobileFaceNet` publishes it: its
//! state dict as safetensors, f32. It is used in training only; none of its weights are copied into
//! our network.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::module::{Module, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};

use crate::net::inception::padding;
use crate::net::{normalise, stored};

/// Input, expanded and output channels and stride of the inverted residuals.
const BOTTLENECKS: [(usize, usize, usize, usize); 15] = [
    (64, 128, 64, 2),
    (64, 128, 64, 1),
    (64, 128, 64, 1),
    (64, 128, 64, 1),
    (64, 128, 64, 1),
    (64, 256, 128, 2),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
    (128, 512, 128, 2),
    (128, 256, 128, 1),
    (128, 256, 128, 1),
];

/// Mean and standard deviation of the teacher's input channels, for pixels in `[0, 1]`.
const CHANNELS: [(f32, f32); 3] = [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)];

/// The reference network, its normalisations folded into the convolutions.
#[derive(Module, Debug)]
pub struct Teacher {
    stem: Conv2d,
    depthwise: Conv2d,
    pointwise: Conv2d,
    bottlenecks: Vec<Bottleneck>,
    widen: Conv2d,
    gather: Conv2d,
    project: Conv2d,
}

/// An inverted residual block: expansion, depthwise convolution, projection, and a residual
/// connection if input and output have the same shape (Sandler et al., "MobileNetV2", 2018, section
/// 3.3).
#[derive(Module, Debug)]
struct Bottleneck {
    expand: Conv2d,
    depthwise: Conv2d,
    project: Conv2d,
    residual: bool,
}

impl Bottleneck {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let expanded = relu6(self.expand.forward(x.clone()));
        let filtered = relu6(self.depthwise.forward(expanded));
        let projected = self.project.forward(filtered);
        if self.residual {
            x + projected
        } else {
            projected
        }
    }
}

fn relu6(x: Tensor<4>) -> Tensor<4> {
    x.clamp(0.0, 6.0)
}

impl Teacher {
    /// Reads the state dict at `path`.
    ///
    /// # Errors
    /// If the file cannot be read or is not a safetensors file, or a tensor is missing or has the
    /// wrong shape.
    pub fn open(path: &Path, device: &Device) -> Result<Self> {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::load(&bytes, device).with_context(|| format!("{} is no teacher", path.display()))
    }

    fn load(bytes: &[u8], device: &Device) -> Result<Self> {
        let weights = Weights {
            tensors: SafeTensors::deserialize(bytes)?,
            device,
        };
        let dense = |name: &str, norm: &str, channels, kernel, stride| {
            weights.conv(name, norm, Conv2dConfig::new(channels, [kernel; 2]), stride)
        };
        let depthwise = |name: &str, norm: &str, channels: usize, kernel, stride| {
            let config = Conv2dConfig::new([channels; 2], [kernel; 2]).with_groups(channels);
            weights.conv(name, norm, config, stride)
        };
        let bottleneck = |(index, &(input, inner, output, stride)): (usize, &_)| {
            let part = |part| format!("features.{index}.conv.{part}");
            anyhow::Ok(Bottleneck {
                expand: dense(&part("0.0"), &part("0.1"), [input, inner], 1, 1)?,
                depthwise: depthwise(&part("1.0"), &part("1.1"), inner, 3, stride)?,
                project: dense(&part("2"), &part("3"), [inner, output], 1, 1)?,
                residual: stride == 1 && input == output,
            })
        };
        let mut gather = depthwise("gdconv.depthwise", "gdconv.bn", 512, 7, 1)?;
        gather.padding = PaddingConfig2d::Valid;
        Ok(Self {
            stem: dense("conv1.0", "conv1.1", [3, 64], 3, 2)?,
            depthwise: depthwise("dw_conv.depthwise", "dw_conv.bn1", 64, 3, 1)?,
            pointwise: dense("dw_conv.pointwise", "dw_conv.bn2", [64, 64], 1, 1)?,
            bottlenecks: BOTTLENECKS
                .iter()
                .enumerate()
                .map(bottleneck)
                .collect::<Result<_>>()?,
            widen: dense("conv2.0", "conv2.1", [128, 512], 1, 1)?,
            gather,
            project: dense("conv3", "bn", [512, 128], 1, 1)?,
        })
    }

    /// Maps faces `[n, 3, 112, 112]` with values in `[-1, 1]` to embeddings `[n, 128]` of unit
    /// length.
    pub fn forward(&self, faces: Tensor<4>) -> Tensor<2> {
        let x = relu6(self.stem.forward(standardise(faces)));
        let x = relu(self.depthwise.forward(x));
        let x = relu(self.pointwise.forward(x));
        let x = self.bottlenecks.iter().fold(x, |x, block| block.forward(x));
        let x = self.gather.forward(relu6(self.widen.forward(x)));
        normalise(self.project.forward(x).flatten(1, 3))
    }
}

/// Converts values in `[-1, 1]` to the teacher's input normalisation.
fn standardise(faces: Tensor<4>) -> Tensor<4> {
    let device = faces.device();
    let row = |value: fn((f32, f32)) -> f32| {
        let values = CHANNELS.map(value).to_vec();
        Tensor::<4>::from_data(TensorData::new(values, [1, 3, 1, 1]), &device)
    };
    faces * row(|(_, deviation)| 0.5 / deviation)
        + row(|(mean, deviation)| (0.5 - mean) / deviation)
}

struct Weights<'a> {
    tensors: SafeTensors<'a>,
    device: &'a Device,
}

impl Weights<'_> {
    /// The convolution `name`, padded to keep its size at stride 1, with the BatchNorm `norm`
    /// folded in.
    fn conv(&self, name: &str, norm: &str, config: Conv2dConfig, stride: usize) -> Result<Conv2d> {
        const EPSILON: f32 = 1e-5;
        let [input, output] = config.channels;
        let [kernel, _] = config.kernel_size;
        let shape = [output, input / config.groups, kernel, kernel];
        let weight = self.values(&format!("{name}.weight"), &shape)?;
        let part = |part: &str| self.values(&format!("{norm}.{part}"), &[output]);
        let (gamma, beta) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let bias = match self.tensors.tensor(&format!("{name}.bias")) {
            Ok(_) => self.values(&format!("{name}.bias"), &[output])?,
            Err(_) => vec![0.0; output],
        };
        let scale: Vec<f32> = gamma
            .iter()
            .zip(&variance)
            .map(|(gamma, variance)| gamma / (variance + EPSILON).sqrt())
            .collect();
        let of_channel = weight.len() / output;
        let weight = weight.chunks(of_channel).zip(&scale);
        let weight = weight.flat_map(|(values, scale)| values.iter().map(move |v| v * scale));
        let bias = (0..output).map(|c| (bias[c] - mean[c]) * scale[c] + beta[c]);
        let mut conv = config
            .with_stride([stride; 2])
            .with_padding(padding(kernel))
            .init(self.device);
        let data = TensorData::new(weight.collect::<Vec<_>>(), shape);
        conv.weight = Param::from_data(data, self.device);
        let data = TensorData::new(bias.collect::<Vec<_>>(), [output]);
        conv.bias = Some(Param::from_data(data, self.device));
        Ok(conv)
    }

    fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let view = self.tensors.tensor(name).context(name.to_string())?;
        ensure!(
            view.shape() == shape && view.dtype() == Dtype::F32,
            "{name} is {:?} {:?}, not F32 {shape:?}",
            view.dtype(),
            view.shape()
        );
        stored::values(&view).context(name.to_string())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::image::{decode, to_tensor};
    use crate::verify::embedding::EMBEDDING_DIM;

    const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");

    /// The reference MobileFaceNet.
    pub fn reference(device: &Device) -> Teacher {
        let path = Path::new(SHARED).join("models/mobilefacenet_foamliu.safetensors");
        Teacher::open(&path, device).unwrap()
    }

    /// Pictures in `folder` with the reference's embeddings.
    fn golden(folder: &Path) -> Vec<(String, Vec<f32>)> {
        let text = std::fs::read_to_string(folder.join("embeddings.json")).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let images = file["images"].as_array().unwrap().iter();
        let values = |list: &serde_json::Value| {
            let list = list.as_array().unwrap().iter();
            list.map(|v| v.as_f64().unwrap() as f32).collect()
        };
        let named = images.map(|image| {
            let name = image["file"].as_str().unwrap().to_string();
            (name, values(&image["embedding"]))
        });
        named.collect()
    }

    #[test]
    #[ignore = "needs a teacher: ../shared/models"]
    fn agrees_with_the_reference_on_the_golden_pictures() {
        let device = crate::device::cpu();
        let teacher = reference(&device);
        let folder = Path::new(SHARED).join("data/golden");
        for (name, expected) in golden(&folder) {
            let picture = decode(&std::fs::read(folder.join(&name)).unwrap()).unwrap();
            let embedding = teacher.forward(to_tensor(&[&picture], &device));
            let embedding = embedding.to_data().try_to_vec::<f32>().unwrap();
            assert_eq!(embedding.len(), EMBEDDING_DIM);
            let cosine: f32 = embedding.iter().zip(&expected).map(|(a, b)| a * b).sum();
            assert!(cosine > 0.9999, "{name}: cosine {cosine}");
        }
    }

    #[test]
    fn other_files_are_refused_in_words() {
        let header = br#"{"conv1.0.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(&[0; 4]);
        let device = crate::device::cpu();
        let error = Teacher::load(&bytes, &device).unwrap_err().to_string();
        assert!(error.contains("gdconv.depthwise.weight"), "{error}");
        assert!(Teacher::load(b"nothing", &device).is_err());
    }
}
