//! The embedding network: stem, Inception blocks, and a 128-D head with L2 normalisation
//! (Schroff et al., "FaceNet", 2015, section 3.3 and table 2).

use super::inception::{Activation, ConvBlock, Inception, InceptionConfig, affine, max_pool};
use super::residual::{Residual, ResidualConfig};
use crate::verify::embedding::EMBEDDING_DIM;
use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::pool::MaxPool2d;
use burn::nn::{
    BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig, LocalResponseNorm,
    LocalResponseNormConfig,
};
use burn::tensor::{DType, Device, Tensor};

/// Side of the aligned crop that the network reads, in pixels.
pub const CROP_SIZE: usize = 112;

/// One stage of the network before the head.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum StageConfig {
    /// A convolution with BatchNorm and the activation.
    Conv {
        /// Output channels.
        out: usize,
        /// Side of the kernel, in pixels.
        kernel: usize,
        /// Stride, in pixels.
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

/// How the head pools the last feature map to one value for each channel.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum HeadPooling {
    /// The mean over all positions.
    Average,
    /// A learned weight for every position and channel, because a corner of the crop tells less
    /// than its centre ("global depthwise convolution", Chen et al., "MobileFaceNets", 2018,
    /// section 3.2).
    Weighted,
}

/// The network's architecture.
#[derive(Config, Debug, PartialEq, Eq)]
pub struct FaceNetConfig {
    /// The stages, in order, on `[n, 3, 112, 112]`.
    pub stages: Vec<StageConfig>,
    /// The activation after each convolution.
    pub activation: Activation,
    /// The pooling before the 128-D linear layer.
    pub pooling: HeadPooling,
}

impl FaceNetConfig {
    /// Number of positions and of channels of the last feature map.
    pub fn last_map(&self) -> [usize; 2] {
        let start = (CROP_SIZE, 3);
        let (side, channels) = self.stages.iter().fold(start, |(side, channels), stage| {
            stage.output(side, channels)
        });
        [side * side, channels]
    }

    /// A network with random weights, in training form.
    pub fn init(&self, device: &Device) -> FaceNet {
        let (mut side, mut channels) = (CROP_SIZE, 3);
        let mut stages = Vec::with_capacity(self.stages.len());
        for stage in &self.stages {
            stages.push(stage.init(channels, self.activation, device));
            (side, channels) = stage.output(side, channels);
        }
        FaceNet {
            stages,
            head: Head::new(self.pooling, channels, side, device),
        }
    }

    /// A network in inference form, before its weights are loaded. It draws no random weights,
    /// because that takes longer than reading a weights file.
    pub(super) fn unloaded(&self, device: &Device) -> FaceNet {
        let FaceNet { stages, head } = self.init(device);
        let unloaded = |block: ConvBlock| block.unloaded(device);
        let stages = stages.into_iter();
        FaceNet {
            stages: stages.map(|stage| stage.map_blocks(&unloaded)).collect(),
            head: Head { norm: None, ..head },
        }
    }
}

impl StageConfig {
    fn init(&self, channels: usize, activation: Activation, device: &Device) -> Stage {
        match *self {
            Self::Conv {
                out,
                kernel,
                stride,
            } => Stage::Conv(ConvBlock::new(
                [channels, out],
                kernel,
                stride,
                activation,
                device,
            )),
            Self::MaxPool => Stage::MaxPool(max_pool(2)),
            Self::Lrn => Stage::Lrn(LocalResponseNormConfig::new(5).init()),
            Self::Inception(config) => Stage::Inception(config.init(channels, activation, device)),
            Self::Residual(config) => Stage::Residual(config.init(channels, activation, device)),
        }
    }

    /// Side and channels of the stage's output, for an input of this `side` and these `channels`.
    fn output(&self, side: usize, channels: usize) -> (usize, usize) {
        match *self {
            Self::Conv { out, stride, .. } => (side.div_ceil(stride), out),
            Self::MaxPool => (side.div_ceil(2), channels),
            Self::Inception(config) => {
                (side.div_ceil(config.stride), config.channels_out(channels))
            }
            Self::Lrn | Self::Residual(_) => (side, channels),
        }
    }
}

#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "about a dozen, never moved in the forward pass; a Box would not be a Module"
)]
pub(super) enum Stage {
    Conv(ConvBlock),
    MaxPool(MaxPool2d),
    Lrn(LocalResponseNorm),
    Inception(Inception),
    Residual(Residual),
}

impl Stage {
    pub(super) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(block) => block.forward(input),
            Self::MaxPool(pool) => pool.forward(input),
            Self::Lrn(norm) => norm.forward(input),
            Self::Inception(block) => block.forward(input),
            Self::Residual(block) => block.forward(input),
        }
    }

    fn map_blocks(self, change: &impl Fn(ConvBlock) -> ConvBlock) -> Self {
        match self {
            Self::Conv(block) => Self::Conv(change(block)),
            Self::Inception(block) => Self::Inception(block.map_blocks(change)),
            Self::Residual(block) => Self::Residual(block.map_blocks(change)),
            other => other,
        }
    }
}

/// The layers from the last feature map to the embedding.
#[derive(Module, Debug)]
pub(super) struct Head {
    /// Weights of the pooling, `[1, channels, size, size]`; `None` for the mean.
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

    /// The pooled features, `[n, channels]`.
    pub(super) fn pooled(&self, features: Tensor<4>) -> Tensor<2> {
        let [n, channels, height, width] = features.dims();
        let flat = |x: Tensor<4>| x.reshape([n, channels, height * width]);
        let pooled = match &self.pool {
            Some(weights) => flat(features * weights.val()).sum_dim(2),
            None => flat(features).mean_dim(2),
        };
        pooled.reshape([n, channels])
    }

    /// Folds the normalisation: its scale into the pooling weights, and its shift, through the
    /// linear layer, into the bias.
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
}

/// The embedding network; made by [`FaceNetConfig::init`] or loaded by
/// [`weights::load`](super::weights::load).
#[derive(Module, Debug)]
pub struct FaceNet {
    pub(super) stages: Vec<Stage>,
    pub(super) head: Head,
}

impl FaceNet {
    /// Maps faces, `[n, 3, 112, 112]` with values in `[-1, 1]`, to embeddings, `[n, 128]`, of unit
    /// length.
    ///
    /// With autodiff, features keep the precision of `faces`, so that a network can be trained in
    /// `bf16` ("Mixed precision training", Micikevicius et al., 2018). Weights, their gradients and
    /// embeddings are always `f32`.
    pub fn forward(&self, faces: Tensor<4>) -> Tensor<2> {
        self.embed(self.features(faces))
    }

    /// The last feature map, `[n, channels, h, w]`, of `faces`.
    pub(crate) fn features(&self, faces: Tensor<4>) -> Tensor<4> {
        self.stages.iter().fold(faces, |x, stage| stage.forward(x))
    }

    /// The embeddings, `[n, 128]`, for the last feature map, `[n, channels, h, w]`.
    pub(crate) fn embed(&self, features: Tensor<4>) -> Tensor<2> {
        normalise(self.head.forward(features.cast(DType::F32)))
    }

    /// The embeddings of `faces` before the L2 normalisation, `[n, 128]`.
    #[cfg(feature = "training")]
    pub(crate) fn unnormalised(&self, faces: Tensor<4>) -> Tensor<2> {
        self.head.forward(self.features(faces))
    }

    /// The inference form: the same function, with each BatchNorm folded into the layer before it.
    pub fn fold(self) -> Self {
        let stages = self.stages.into_iter();
        Self {
            stages: stages
                .map(|stage| stage.map_blocks(&ConvBlock::fold))
                .collect(),
            head: self.head.fold(),
        }
    }
}

/// Projects each row of `[n, 128]` onto the unit sphere.
pub(crate) fn normalise(x: Tensor<2>) -> Tensor<2> {
    // Keeps the gradient of the square root finite, and is far smaller than any real norm.
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
    use crate::net::Preset;
    #[cfg(feature = "training")]
    use burn::optim::GradientsParams;
    use burn::tensor::Distribution;

    fn faces(n: usize, device: &Device) -> Tensor<4> {
        Tensor::random(
            [n, 3, CROP_SIZE, CROP_SIZE],
            Distribution::Uniform(-1.0, 1.0),
            device,
        )
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
    fn training_computes_the_same_embeddings_in_f32_and_bf16() {
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
            // So that the running statistics differ from the initial ones.
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
