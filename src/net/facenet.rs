//! The embedding network: stem, stack of Inception blocks, 128-D head with a true L2
//! normalisation (Schroff et al., "FaceNet", 2015, section 3.3 and table 2).

use std::fmt;

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::pool::MaxPool2d;
use burn::nn::{
    BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, LocalResponseNorm,
    LocalResponseNormConfig,
};
use burn::tensor::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::inception::{
    Activation, Branch, ConvBlock, Inception, InceptionConfig, PoolBranch, Pooling, affine,
    max_pool,
};
#[cfg(feature = "training")]
use super::inception::{Scaled, root_mean_square};
use super::residual::{Residual, ResidualConfig};
use crate::verify::embedding::EMBEDDING_DIM;

/// Side of the aligned crop that goes in, in pixels.
pub const CROP_SIZE: usize = 112;

/// The networks that have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Lean stem, factorised 5x5, weighted pooling in the head: quick to train.
    Slim,
    /// The one that the page loads: twice [`Preset::Slim`]'s multiply-adds, none of them at more
    /// than a quarter of the crop's resolution, to which the stem takes it in one stride.
    Wide,
    /// OpenFace's nn4.small2 (Amos et al., 2016), here at 112x112.
    Nn4Small2,
    /// The full stack of FaceNet's NN2 (table 2), here at 112x112.
    Nn2,
    /// Residual Inception blocks (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of
    /// residual connections on learning", 2016) with learned slopes.
    Residual,
    /// A few thousand parameters, for tests and for trying a training set-up.
    Tiny,
}

impl Preset {
    /// The one that the page loads.
    pub const SHIPPED: Self = Self::Wide;
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slim => "slim",
            Self::Wide => "wide",
            Self::Nn4Small2 => "nn4-small2",
            Self::Nn2 => "nn2",
            Self::Residual => "residual",
            Self::Tiny => "tiny",
        })
    }
}

/// One stage of the network before the head.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum StageConfig {
    /// A convolution with BatchNorm and ReLU.
    Conv {
        /// Channels out.
        out: usize,
        /// Side of the kernel.
        kernel: usize,
        /// Stride.
        stride: usize,
    },
    /// A 3x3 max pooling with stride 2.
    MaxPool,
    /// Local response normalisation over five channels.
    Lrn,
    /// An Inception block.
    Inception(InceptionConfig),
    /// A residual Inception block.
    Residual(ResidualConfig),
}

/// How the last feature map becomes a vector.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum HeadPooling {
    /// The mean over all positions.
    Average,
    /// A learned weight for every position and channel ("global depthwise convolution", Chen et
    /// al., "MobileFaceNets", 2018, section 3.2): a face's corner is worth less than its centre.
    Weighted,
}

/// The network's architecture.
#[derive(Config, Debug, PartialEq, Eq)]
pub struct FaceNetConfig {
    /// The stages, in order, on `[n, 3, 112, 112]`.
    pub stages: Vec<StageConfig>,
    /// What follows each convolution.
    pub activation: Activation,
    /// The pooling before the 128-D linear layer.
    pub pooling: HeadPooling,
}

const fn conv(out: usize, kernel: usize, stride: usize) -> StageConfig {
    StageConfig::Conv {
        out,
        kernel,
        stride,
    }
}

/// A block as table 2 of FaceNet lists it: 1x1, 3x3 (reduce, out), 5x5 (reduce, out), pooling;
/// zero stands for a branch that is not there.
const fn block(
    conv1x1: usize,
    (reduce3, out3): (usize, usize),
    (reduce5, out5): (usize, usize),
    (pooling, project): (Pooling, usize),
) -> InceptionConfig {
    InceptionConfig {
        conv1x1: if conv1x1 == 0 { None } else { Some(conv1x1) },
        conv3x3: Branch {
            reduce: reduce3,
            out: out3,
        },
        conv5x5: if out5 == 0 {
            None
        } else {
            Some(Branch {
                reduce: reduce5,
                out: out5,
            })
        },
        pool: PoolBranch {
            pooling,
            project: if project == 0 { None } else { Some(project) },
        },
        stride: 1,
        factorised: false,
    }
}

const fn plain(config: InceptionConfig) -> StageConfig {
    StageConfig::Inception(config)
}

const fn halving(config: InceptionConfig) -> StageConfig {
    StageConfig::Inception(InceptionConfig {
        stride: 2,
        ..config
    })
}

const fn factorised(stage: StageConfig) -> StageConfig {
    match stage {
        StageConfig::Inception(config) => StageConfig::Inception(InceptionConfig {
            factorised: true,
            ..config
        }),
        other => other,
    }
}

const fn residual(narrow: usize, middle: [usize; 2], wide: [usize; 3]) -> StageConfig {
    StageConfig::Residual(ResidualConfig {
        narrow,
        middle,
        wide,
    })
}

impl From<Preset> for FaceNetConfig {
    fn from(preset: Preset) -> Self {
        use Pooling::{L2, Max};
        use StageConfig::{Lrn, MaxPool};
        let (stages, pooling) = match preset {
            Preset::Slim => (
                vec![
                    conv(16, 3, 2),
                    conv(40, 3, 2),
                    factorised(plain(block(12, (16, 24), (8, 8), (Max, 8)))),
                    factorised(halving(block(0, (24, 64), (8, 16), (Max, 0)))),
                    factorised(plain(block(48, (40, 64), (12, 16), (Max, 16)))),
                    factorised(plain(block(48, (40, 64), (12, 16), (Max, 16)))),
                    factorised(halving(block(0, (64, 128), (16, 32), (Max, 0)))),
                    factorised(plain(block(128, (64, 112), (24, 32), (Max, 32)))),
                    factorised(plain(block(128, (64, 112), (24, 32), (Max, 32)))),
                ],
                HeadPooling::Weighted,
            ),
            Preset::Wide => (
                vec![
                    conv(64, 7, 4),
                    factorised(plain(block(24, (24, 40), (8, 16), (Max, 8)))),
                    factorised(halving(block(0, (40, 96), (12, 24), (Max, 0)))),
                    factorised(plain(block(64, (56, 96), (16, 32), (Max, 32)))),
                    factorised(plain(block(64, (56, 96), (16, 32), (Max, 32)))),
                    factorised(halving(block(0, (80, 176), (24, 48), (Max, 0)))),
                    factorised(plain(block(160, (80, 160), (32, 48), (Max, 48)))),
                    factorised(plain(block(160, (80, 160), (32, 48), (Max, 48)))),
                ],
                HeadPooling::Weighted,
            ),
            Preset::Nn4Small2 => (
                vec![
                    conv(64, 7, 2),
                    MaxPool,
                    Lrn,
                    conv(64, 1, 1),
                    conv(192, 3, 1),
                    Lrn,
                    MaxPool,
                    plain(block(64, (96, 128), (16, 32), (Max, 32))),
                    plain(block(64, (96, 128), (32, 64), (L2, 64))),
                    halving(block(0, (128, 256), (32, 64), (Max, 0))),
                    plain(block(256, (96, 192), (32, 64), (L2, 128))),
                    halving(block(0, (160, 256), (64, 128), (Max, 0))),
                    plain(block(256, (96, 384), (0, 0), (L2, 96))),
                    plain(block(256, (96, 384), (0, 0), (Max, 96))),
                ],
                HeadPooling::Average,
            ),
            Preset::Nn2 => (
                vec![
                    conv(64, 7, 2),
                    MaxPool,
                    Lrn,
                    conv(64, 1, 1),
                    conv(192, 3, 1),
                    Lrn,
                    MaxPool,
                    plain(block(64, (96, 128), (16, 32), (Max, 32))),
                    plain(block(64, (96, 128), (32, 64), (L2, 64))),
                    halving(block(0, (128, 256), (32, 64), (Max, 0))),
                    plain(block(256, (96, 192), (32, 64), (L2, 128))),
                    plain(block(224, (112, 224), (32, 64), (L2, 128))),
                    plain(block(192, (128, 256), (32, 64), (L2, 128))),
                    plain(block(160, (144, 288), (32, 64), (L2, 128))),
                    halving(block(0, (160, 256), (64, 128), (Max, 0))),
                    plain(block(384, (192, 384), (48, 128), (L2, 128))),
                    plain(block(384, (192, 384), (48, 128), (Max, 128))),
                ],
                HeadPooling::Average,
            ),
            Preset::Residual => (
                vec![
                    conv(24, 3, 2),
                    conv(64, 3, 2),
                    residual(16, [24, 24], [8, 16, 16]),
                    residual(16, [24, 24], [8, 16, 16]),
                    factorised(halving(block(0, (32, 64), (16, 32), (Max, 0)))),
                    residual(40, [40, 56], [24, 24, 24]),
                    residual(40, [40, 56], [24, 24, 24]),
                    residual(40, [40, 56], [24, 24, 24]),
                    factorised(halving(block(0, (72, 144), (24, 48), (Max, 0)))),
                    residual(112, [64, 112], [32, 40, 56]),
                    residual(112, [64, 112], [32, 40, 56]),
                ],
                HeadPooling::Weighted,
            ),
            Preset::Tiny => (
                vec![
                    conv(8, 3, 2),
                    conv(16, 3, 2),
                    factorised(halving(block(0, (8, 24), (4, 8), (Max, 0)))),
                    factorised(plain(block(16, (12, 24), (4, 8), (Max, 8)))),
                    factorised(halving(block(0, (16, 32), (8, 16), (Max, 0)))),
                ],
                HeadPooling::Weighted,
            ),
        };
        let activation = match preset {
            Preset::Residual => Activation::Prelu,
            _ => Activation::Relu,
        };
        Self {
            stages,
            activation,
            pooling,
        }
    }
}

/// One row of the table that [`FaceNetConfig::layers`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// What it is and where.
    pub name: String,
    /// Channels, height and width that come out.
    pub output: [usize; 3],
    /// Learned values in inference form: weights and biases, BatchNorm folded in.
    pub parameters: usize,
    /// Multiply-adds for one face.
    pub multiply_adds: usize,
}

impl FaceNetConfig {
    /// Every layer with its shape and cost. Poolings and normalisations without learned values
    /// count no multiply-adds, as is usual.
    pub fn layers(&self) -> Vec<Layer> {
        let mut layers = Vec::new();
        let (mut channels, mut size) = (3, CROP_SIZE);
        for (index, stage) in self.stages.iter().enumerate() {
            match stage {
                StageConfig::Conv {
                    out,
                    kernel,
                    stride,
                } => {
                    let name = format!("{index} conv {kernel}x{kernel}/{stride}");
                    size = size.div_ceil(*stride);
                    layers.push(self.conv_layer(name, [channels, *out], *kernel, size));
                    channels = *out;
                }
                StageConfig::MaxPool => {
                    size = size.div_ceil(2);
                    layers.push(free_layer(
                        format!("{index} max pool"),
                        [channels, size, size],
                    ));
                }
                StageConfig::Lrn => {
                    layers.push(free_layer(format!("{index} lrn"), [channels, size, size]));
                }
                StageConfig::Inception(config) => {
                    for (name, channels, kernel, stride) in config.convolutions(channels) {
                        let name = format!("{index} inception {name}");
                        layers.push(self.conv_layer(name, channels, kernel, size.div_ceil(stride)));
                    }
                    channels = config.channels_out(channels);
                    size = size.div_ceil(config.stride);
                }
                StageConfig::Residual(config) => {
                    for (name, channels, kernel) in config.convolutions(channels) {
                        let name = format!("{index} residual {name}");
                        layers.push(self.conv_layer(name, channels, kernel, size));
                    }
                }
            }
        }
        let positions = channels * size * size;
        let weighted = if self.pooling == HeadPooling::Weighted {
            positions
        } else {
            0
        };
        layers.push(Layer {
            name: "head pooling".into(),
            output: [channels, 1, 1],
            parameters: weighted,
            multiply_adds: weighted,
        });
        layers.push(Layer {
            name: "head linear".into(),
            output: [EMBEDDING_DIM, 1, 1],
            parameters: (channels + 1) * EMBEDDING_DIM,
            multiply_adds: channels * EMBEDDING_DIM,
        });
        layers
    }

    fn conv_layer(
        &self,
        name: String,
        [input, out]: [usize; 2],
        kernel: usize,
        size: usize,
    ) -> Layer {
        let weights = input * out * kernel * kernel;
        let slopes = match self.activation {
            Activation::Relu => 0,
            Activation::Prelu => out,
        };
        Layer {
            name,
            output: [out, size, size],
            parameters: weights + out + slopes,
            multiply_adds: weights * size * size,
        }
    }

    /// The layers as a printed table, with the totals below.
    pub fn table(&self) -> String {
        let layers = self.layers();
        let total = |value: fn(&Layer) -> usize| layers.iter().map(value).sum::<usize>();
        let mut rows: Vec<[String; 4]> = layers
            .iter()
            .map(|layer| {
                let [c, h, w] = layer.output;
                [
                    layer.name.clone(),
                    format!("{c}x{h}x{w}"),
                    layer.parameters.to_string(),
                    layer.multiply_adds.to_string(),
                ]
            })
            .collect();
        rows.insert(
            0,
            ["layer", "output", "parameters", "multiply-adds"].map(String::from),
        );
        rows.push([
            "total".into(),
            String::new(),
            total(|layer| layer.parameters).to_string(),
            total(|layer| layer.multiply_adds).to_string(),
        ]);
        rows.iter()
            .map(|[name, output, parameters, multiply_adds]| {
                format!("{name:<32}{output:>12}{parameters:>12}{multiply_adds:>16}\n")
            })
            .collect()
    }

    /// A network with random weights, in training form.
    pub fn init(&self, device: &Device) -> FaceNet {
        let mut channels = 3;
        let mut size = CROP_SIZE;
        let stages = self
            .stages
            .iter()
            .map(|stage| match *stage {
                StageConfig::Conv {
                    out,
                    kernel,
                    stride,
                } => {
                    let block =
                        ConvBlock::new([channels, out], kernel, stride, self.activation, device);
                    channels = out;
                    size = size.div_ceil(stride);
                    Stage::Conv(block)
                }
                StageConfig::MaxPool => {
                    size = size.div_ceil(2);
                    Stage::MaxPool(max_pool(2))
                }
                StageConfig::Lrn => Stage::Lrn(LocalResponseNormConfig::new(5).init()),
                StageConfig::Inception(config) => {
                    let block = config.init(channels, self.activation, device);
                    channels = config.channels_out(channels);
                    size = size.div_ceil(config.stride);
                    Stage::Inception(block)
                }
                StageConfig::Residual(config) => {
                    Stage::Residual(config.init(channels, self.activation, device))
                }
            })
            .collect();
        FaceNet {
            stages,
            head: Head::new(self.pooling, channels, size, device),
        }
    }
}

fn free_layer(name: String, output: [usize; 3]) -> Layer {
    Layer {
        name,
        output,
        parameters: 0,
        multiply_adds: 0,
    }
}

#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a dozen of them, never moved in the forward pass; a Box would not be a Module"
)]
pub(super) enum Stage {
    Conv(ConvBlock),
    MaxPool(MaxPool2d),
    Lrn(LocalResponseNorm),
    Inception(Inception),
    Residual(Residual),
}

impl Stage {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(block) => block.forward(input),
            Self::MaxPool(pool) => pool.forward(input),
            Self::Lrn(norm) => norm.forward(input),
            Self::Inception(block) => block.forward(input),
            Self::Residual(block) => block.forward(input),
        }
    }

    fn fold(self) -> Self {
        match self {
            Self::Conv(block) => Self::Conv(block.fold()),
            Self::Inception(block) => Self::Inception(block.fold()),
            Self::Residual(block) => Self::Residual(block.fold()),
            other => other,
        }
    }

    #[cfg(feature = "training")]
    fn balance(&mut self, input: Scaled) -> Scaled {
        match self {
            Self::Conv(block) => block.balance(input),
            Self::Inception(block) => block.balance(input),
            other => Scaled {
                features: other.forward(input.features),
                ..input
            },
        }
    }
}

/// From the last feature map to the embedding.
#[derive(Module, Debug)]
pub(super) struct Head {
    /// `[1, channels, size, size]`; the mean where there is none.
    pub(super) pool: Option<Param<Tensor<4>>>,
    pub(super) norm: Option<BatchNorm>,
    pub(super) linear: Linear,
}

impl Head {
    fn new(pooling: HeadPooling, channels: usize, size: usize, device: &Device) -> Self {
        let weighted = pooling == HeadPooling::Weighted;
        let mean = Initializer::Constant {
            value: 1.0 / (size * size) as f64,
        };
        Self {
            pool: weighted.then(|| mean.init([1, channels, size, size], device)),
            norm: weighted.then(|| BatchNormConfig::new(channels).init(device)),
            linear: LinearConfig::new(channels, EMBEDDING_DIM).init(device),
        }
    }

    fn forward(&self, features: Tensor<4>) -> Tensor<2> {
        let pooled = self.pooled(features);
        let pooled = match &self.norm {
            Some(norm) => norm.forward(pooled),
            None => pooled,
        };
        self.linear.forward(pooled)
    }

    /// `[n, channels]`.
    fn pooled(&self, features: Tensor<4>) -> Tensor<2> {
        let [n, channels, height, width] = features.dims();
        let flat = |x: Tensor<4>| x.reshape([n, channels, height * width]);
        let pooled = match &self.pool {
            Some(weights) => flat(features * weights.val()).sum_dim(2),
            None => flat(features).mean_dim(2),
        };
        pooled.reshape([n, channels])
    }

    /// The norm's scale goes into the pooling weights, its shift through the linear layer into
    /// the bias.
    fn fold(self) -> Self {
        let Self {
            pool: Some(pool),
            norm: Some(norm),
            mut linear,
        } = self
        else {
            return self;
        };
        let (scale, shift) = affine(&norm);
        let channels = shift.dims()[0];
        let bias = shift.reshape([1, channels]).matmul(linear.weight.val());
        linear.bias = linear
            .bias
            .map(|old| old.map(|b| b + bias.reshape([EMBEDDING_DIM])));
        Self {
            pool: Some(pool.map(|weights| weights * scale.reshape([1, channels, 1, 1]))),
            norm: None,
            linear,
        }
    }

    /// The folded head for balanced features: pooled channels and the embedding's values before
    /// they are normalised have a root mean square of 1, where there are weights to scale.
    #[cfg(feature = "training")]
    fn balance(mut self, Scaled { features, scale }: Scaled) -> Self {
        let [n, channels, ..] = features.dims();
        let pooled = self.pooled(features).reshape([n, channels, 1, 1]);
        let magnitude = match self.pool {
            Some(_) => root_mean_square(pooled.clone()),
            None => Tensor::ones([channels], &pooled.device()),
        };
        let row = |x: &Tensor<1>| x.clone().reshape([1, channels, 1, 1]);
        self.pool = self
            .pool
            .map(|pool| pool.map(|weights| weights / row(&magnitude)));
        let incoming = (magnitude.clone() * scale).reshape([channels, 1]);
        self.linear.weight = self.linear.weight.map(|weight| weight * incoming);
        let output: Tensor<2> = self
            .linear
            .forward((pooled / row(&magnitude)).flatten(1, 3));
        let magnitude = (output.clone() * output).mean().sqrt();
        let scaled = |x: Tensor<2>| x / magnitude.clone().reshape([1, 1]);
        self.linear.weight = self.linear.weight.map(scaled);
        let bias = self.linear.bias;
        self.linear.bias = bias.map(|bias| bias.map(|bias| bias / magnitude.clone()));
        self
    }
}

/// The embedding network; made by [`FaceNetConfig::init`] or loaded by
/// [`weights::load`](super::weights::load).
#[derive(Module, Debug)]
pub struct FaceNet {
    pub(super) stages: Vec<Stage>,
    pub(super) head: Head,
}

impl FaceNet {
    /// Faces `[n, 3, 112, 112]` with values in `[-1, 1]` to embeddings `[n, 128]` of unit length.
    ///
    /// With autodiff the features have the precision of `faces`, so that of `bf16` a network can be
    /// trained ("Mixed precision training", Micikevicius et al., 2018); weights, their gradients and
    /// embeddings are `f32` all the same.
    pub fn forward(&self, faces: Tensor<4>) -> Tensor<2> {
        let features = self.stages.iter().fold(faces, |x, stage| stage.forward(x));
        self.embed(features)
    }

    /// What the head makes of the last feature map, `[n, channels, h, w]`: embeddings.
    pub(crate) fn embed(&self, features: Tensor<4>) -> Tensor<2> {
        normalise(self.head.forward(features.cast(DType::F32)))
    }

    /// The inference form: the same function with every BatchNorm folded into the layer before
    /// it.
    pub fn fold(self) -> Self {
        Self {
            stages: self.stages.into_iter().map(Stage::fold).collect(),
            head: self.head.fold(),
        }
    }

    /// The inference form, balanced: before its ReLU each channel has a root mean square of 1 over
    /// `faces`, `[n, 3, 112, 112]` with values in `[-1, 1]`. What comes next is scaled back, so that
    /// embeddings stay the same, but for the epsilon of an L2 pooling (Nagel et al., "Data-free
    /// quantization through weight equalization and bias correction", 2019, section 4.1; here by
    /// data). Stages up to the last local response normalisation, which is of another function for
    /// features of another size, or residual block, which adds to what it was given, stay as they
    /// are.
    ///
    /// Nothing holds the size of features where no normalisation is left. Trained on for long, they
    /// grew to ten millions, and the weights with them: a bias of 1 was nothing there, a learning
    /// rate moved weights ever less, and 16 bits with 5 for the exponent end at 65,504.
    #[cfg(feature = "training")]
    pub fn balance(self, faces: Tensor<4>) -> Self {
        let Self { mut stages, head } = self.fold();
        let last = stages
            .iter()
            .rposition(|stage| matches!(stage, Stage::Lrn(_) | Stage::Residual(_)));
        let (fixed, rest) = stages.split_at_mut(last.map_or(0, |last| last + 1));
        let features = fixed.iter().fold(faces, |x, stage| stage.forward(x));
        let start = Scaled::plain(features);
        let features = rest.iter_mut().fold(start, |x, stage| stage.balance(x));
        let head = head.balance(features);
        Self { stages, head }
    }
}

/// Projects each row of `[n, 128]` onto the unit sphere.
pub(crate) fn normalise(x: Tensor<2>) -> Tensor<2> {
    // Large enough for its square root's gradient, small beside any real norm.
    const EPSILON: f32 = 1e-12;
    let norm = (x.clone() * x.clone())
        .sum_dim(1)
        .add_scalar(EPSILON)
        .sqrt();
    x / norm
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "training")]
    use burn::optim::GradientsParams;
    use burn::tensor::Distribution;

    fn totals(preset: Preset) -> (usize, usize) {
        let layers = FaceNetConfig::from(preset).layers();
        (
            layers.iter().map(|l| l.parameters).sum(),
            layers.iter().map(|l| l.multiply_adds).sum(),
        )
    }

    fn faces(n: usize, device: &Device) -> Tensor<4> {
        Tensor::random(
            [n, 3, CROP_SIZE, CROP_SIZE],
            Distribution::Uniform(-1.0, 1.0),
            device,
        )
    }

    #[test]
    fn table_agrees_with_numbers_worked_out_by_hand() {
        let layers = FaceNetConfig::from(Preset::Nn4Small2).layers();
        // 7x7 from 3 to 64 channels over 56x56 positions.
        assert_eq!(layers[0].output, [64, 56, 56]);
        assert_eq!(layers[0].parameters, 7 * 7 * 3 * 64 + 64);
        assert_eq!(layers[0].multiply_adds, 7 * 7 * 3 * 64 * 56 * 56);
        // The 3x3 from 64 to 192 at 28x28 alone costs 87 M.
        let conv3 = layers.iter().find(|l| l.name == "4 conv 3x3/1").unwrap();
        assert_eq!(conv3.multiply_adds, 86_704_128);
        // OpenFace counts 3,733,968 for nn4.small2: biases of the convolutions beside
        // BatchNorm's scale and shift, where the folded form has one bias.
        let (parameters, multiply_adds) = totals(Preset::Nn4Small2);
        let channels_of_convolutions: usize = layers
            .iter()
            .filter(|l| l.multiply_adds > 0 && l.name != "head linear")
            .map(|l| l.output[0])
            .sum();
        assert_eq!(parameters + 2 * channels_of_convolutions, 3_733_968);
        assert_eq!(multiply_adds / 1_000_000, 289);
    }

    #[test]
    fn slim_keeps_its_budget() {
        let (parameters, multiply_adds) = totals(Preset::Slim);
        assert!(parameters * 2 <= 5_000_000, "{parameters} parameters");
        assert!(
            multiply_adds <= 120_000_000,
            "{multiply_adds} multiply-adds"
        );
    }

    #[test]
    fn folded_network_has_the_parameters_of_the_table() {
        let device = crate::device::cpu();
        for preset in [
            Preset::Slim,
            Preset::Residual,
            Preset::Nn4Small2,
            Preset::Nn2,
            Preset::Tiny,
        ] {
            let network = FaceNetConfig::from(preset).init(&device).fold();
            assert_eq!(network.num_params(), totals(preset).0, "{preset}");
        }
    }

    #[test]
    fn embeddings_have_unit_length() {
        let device = crate::device::cpu();
        for preset in [Preset::Slim, Preset::Nn4Small2] {
            let network = FaceNetConfig::from(preset).init(&device);
            let embeddings = network.forward(faces(2, &device));
            assert_eq!(embeddings.dims(), [2, EMBEDDING_DIM]);
            for row in embeddings
                .to_data()
                .try_to_vec::<f32>()
                .unwrap()
                .chunks(EMBEDDING_DIM)
            {
                let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
                assert!((norm - 1.0).abs() < 1e-4, "{preset}: {norm}");
            }
        }
    }

    #[test]
    #[cfg(feature = "training")]
    fn training_is_of_the_same_function_in_either_precision() {
        let device = crate::device::cpu();
        let training = device.clone().autodiff();
        let values = |x: Tensor<2>| x.to_data().try_to_vec::<f32>().unwrap();
        for preset in [Preset::Tiny, Preset::Wide, Preset::Residual] {
            let faces = faces(2, &device);
            let network = FaceNetConfig::from(preset).init(&device).fold();
            let expected = values(network.forward(faces.clone()));
            let network = network.to_device(&training).train();
            let faces = Tensor::<4>::from_data(faces.to_data(), &training);
            for (precision, tolerance) in [(DType::F32, 1e-4), (DType::BF16, 0.03)] {
                let embeddings = network.forward(faces.clone().cast(precision));
                for (a, b) in values(embeddings.clone()).iter().zip(&expected) {
                    assert!(
                        (a - b).abs() < tolerance,
                        "{preset}, {precision:?}: {a} and {b}"
                    );
                }
                let gradients = embeddings.sum().backward();
                let gradients = GradientsParams::from_grads(gradients, &network);
                assert!(gradients.len() > 10, "{preset}");
            }
        }
    }

    /// Makes convolutions four times as strong, as long training without normalisation does.
    #[cfg(feature = "training")]
    struct Strengthen;

    #[cfg(feature = "training")]
    impl burn::module::ModuleMapper for Strengthen {
        fn map_float<const D: usize>(&mut self, weight: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match D {
                4 => weight.map(|weight| weight * 4.0),
                _ => weight,
            }
        }
    }

    #[test]
    #[cfg(feature = "training")]
    fn balancing_keeps_the_function() {
        let device = crate::device::cpu();
        let faces = faces(4, &device);
        for preset in [
            Preset::Tiny,
            Preset::Slim,
            Preset::Residual,
            Preset::Nn4Small2,
        ] {
            let network = FaceNetConfig::from(preset).init(&device).fold();
            let balanced = network.clone().balance(faces.clone());
            let difference = network.forward(faces.clone()) - balanced.forward(faces.clone());
            let largest = difference.abs().max().into_scalar::<f32>();
            assert!(largest < 2e-3, "{preset}: off by {largest}");
        }
    }

    #[test]
    #[cfg(feature = "training")]
    fn biases_count_again_in_a_balanced_network() {
        let device = crate::device::cpu();
        let faces = faces(4, &device);
        let strong = FaceNetConfig::from(Preset::Slim).init(&device).fold();
        let strong = strong.map(&mut Strengthen);
        let balanced = strong.clone().balance(faces.clone());
        let moved_by_its_bias = |mut network: FaceNet| {
            let before = network.forward(faces.clone());
            let bias = network.head.linear.bias;
            network.head.linear.bias = bias.map(|bias| bias.map(|bias| bias + 0.1));
            let difference = network.forward(faces.clone()) - before;
            difference.abs().max().into_scalar::<f32>()
        };
        assert!(moved_by_its_bias(strong) < 1e-4);
        assert!(moved_by_its_bias(balanced) > 1e-3);
    }

    #[test]
    #[cfg(feature = "training")]
    fn folding_keeps_the_function() {
        let device = crate::device::cpu();
        for preset in [
            Preset::Tiny,
            Preset::Slim,
            Preset::Residual,
            Preset::Nn4Small2,
        ] {
            let training = device.clone().autodiff();
            let network = FaceNetConfig::from(preset).init(&training);
            // Running statistics other than the initial mean 0, variance 1.
            for _ in 0..3 {
                let _ = network.forward(faces(4, &training) * 0.5 + 0.2);
            }
            let network = network.valid();
            let input = faces(3, &device);
            let unfolded = network
                .forward(input.clone())
                .to_data()
                .try_to_vec::<f32>()
                .unwrap();
            let folded = network
                .fold()
                .forward(input)
                .to_data()
                .try_to_vec::<f32>()
                .unwrap();
            for (a, b) in unfolded.iter().zip(&folded) {
                assert!((a - b).abs() < 1e-4, "{preset}: {a} and {b}");
            }
        }
    }
}
