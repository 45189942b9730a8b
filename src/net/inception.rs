//! The Inception block: several receptive fields side by side over the same input.
//!
//! Each branch first reduces the channels with a cheap 1x1 convolution, and then convolves at its
//! own scale. The outputs are concatenated along the channels (Szegedy et al., "Going Deeper with
//! Convolutions", 2014, section 4; with strides and L2 pooling: Schroff et al., "FaceNet", 2015,
//! table 2). A 5x5 convolution can be factorised into two 3x3 convolutions (Szegedy et al.,
//! "Rethinking the Inception Architecture", 2015, section 3.1), which costs 28 % less and adds a
//! non-linearity.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::module::{conv2d, linear};
use burn::tensor::ops::{ConvOptions, PadMode};
use burn::tensor::{DType, Device, Tensor};

/// The activation after a convolution and its normalisation.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Negative values become zero.
    Relu,
    /// Negative values are multiplied by a learned slope, one for each channel (He et al., "Delving
    /// deep into rectifiers", 2015, section 2.1).
    Prelu,
}

/// A convolution, its normalisation and its activation.
///
/// In training form, the convolution has no bias, and a BatchNorm follows. [`ConvBlock::fold`]
/// returns the inference form, in which the BatchNorm is part of weight and bias.
#[derive(Module, Debug)]
pub struct ConvBlock {
    pub(super) conv: Conv2d,
    pub(super) norm: Option<BatchNorm>,
    /// Slope of negative values, `[channels_out]`; `None` for a ReLU.
    pub(super) slope: Option<Param<Tensor<1>>>,
}

impl ConvBlock {
    /// A `kernel`x`kernel` convolution from `channels[0]` to `channels[1]` channels, with random
    /// weights. The padding keeps the size at stride 1.
    ///
    /// # Panics
    /// If a channel count is zero.
    pub fn new(
        channels: [usize; 2],
        kernel: usize,
        stride: usize,
        activation: Activation,
        device: &Device,
    ) -> Self {
        /// The initial slope (He et al., 2015, section 2.1).
        const SLOPE: f64 = 0.25;
        let conv = Conv2dConfig::new(channels, [kernel; 2])
            .with_stride([stride; 2])
            .with_padding(padding(kernel))
            .with_bias(false)
            .with_initializer(Initializer::KaimingNormal {
                gain: std::f64::consts::SQRT_2,
                fan_out_only: false,
            })
            .init(device);
        let slope = Initializer::Constant { value: SLOPE };
        Self {
            conv,
            norm: Some(BatchNormConfig::new(channels[1]).init(device)),
            slope: (activation == Activation::Prelu).then(|| slope.init([channels[1]], device)),
        }
    }

    /// The block with its normalisation's scale set to `scale`.
    pub(super) fn with_norm_scale(mut self, scale: f64) -> Self {
        let scale = Initializer::Constant { value: scale };
        self.norm = self.norm.map(|norm| BatchNorm {
            gamma: scale.init(norm.gamma.dims(), &norm.gamma.val().device()),
            ..norm
        });
        self
    }

    /// Maps `[n, channels_in, h, w]` to `[n, channels_out, h / stride, w / stride]` (rounded up).
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.activate(self.sums(input))
    }

    /// [`forward`](Self::forward) without the activation.
    pub(super) fn sums(&self, input: Tensor<4>) -> Tensor<4> {
        if input.device().is_autodiff() {
            return self.sums_to_train(input);
        }
        let output = self.conv.forward(input);
        match &self.norm {
            Some(norm) => norm.forward(output),
            None => output,
        }
    }

    /// Applies the activation to `sums`, `[n, channels_out, h, w]`.
    pub(super) fn activate(&self, sums: Tensor<4>) -> Tensor<4> {
        let training = sums.device().is_autodiff();
        let slope = self.slope.as_ref().map(|slope| {
            let [channels] = slope.dims();
            slope.val().reshape([1, channels, 1, 1]).cast(sums.dtype())
        });
        match (slope, training) {
            (None, false) => relu(sums),
            (None, true) => rectify_to_train(sums),
            (Some(slope), false) => relu(sums.clone()) - relu(sums.neg()) * slope,
            (Some(slope), true) => {
                let positive = rectify_to_train(sums.clone());
                positive.clone() + (sums - positive) * slope
            }
        }
    }

    /// [`sums`](Self::sums) in a form with a cheap gradient. Pixels are the rows of a matrix, so
    /// the statistics are those of its columns. Features keep the precision of `input`; the
    /// normalisation is computed in f32. [`to_tensor`](crate::image::to_tensor) returns crops
    /// channels-last. If the backend keeps this layout, the conversion to rows copies nothing.
    fn sums_to_train(&self, input: Tensor<4>) -> Tensor<4> {
        let precision = input.dtype();
        let (pixels, size) = self.convolve_to_train(input);
        let pixels = match &self.norm {
            Some(norm) => norm.forward(pixels.cast(DType::F32)).cast(precision),
            None => pixels,
        };
        from_pixels(pixels, size)
    }

    /// The convolution as rows, `[n * h * w, channels_out]`, and their `[n, h, w]`. A 1x1
    /// convolution and its gradient are matrix products. A convolution with a stride becomes a
    /// product of patches and weights, because Burn computes the gradient of its weights by a
    /// dilated convolution, which is several times as slow.
    fn convolve_to_train(&self, input: Tensor<4>) -> (Tensor<2>, [usize; 3]) {
        let precision = input.dtype();
        let weight = self.conv.weight.val().cast(precision);
        let bias = self.conv.bias.as_ref();
        let bias = bias.map(|bias| bias.val().cast(precision));
        let [out, channels, ..] = weight.dims();
        let ([kernel, _], [stride, _]) = (self.conv.kernel_size, self.conv.stride);
        if kernel > 1 && stride == 1 {
            let options = ConvOptions::new([1; 2], [kernel / 2; 2], [1; 2], 1);
            return to_pixels(conv2d(input, weight, bias, options));
        }
        let (patches, size) = to_patches(input, kernel, stride);
        let weight = weight.permute([2, 3, 1, 0]);
        let weight = weight.reshape([kernel * kernel * channels, out]);
        (linear(patches, weight, bias), size)
    }

    /// The block in inference form, before its weights are loaded.
    pub(super) fn unloaded(mut self, device: &Device) -> Self {
        let [out, ..]: [usize; 4] = self.conv.weight.lazy_shape().dims();
        self.conv.bias = Some(Initializer::Zeros.init([out], device));
        self.norm = None;
        self
    }

    /// The inference form: the same function, with the BatchNorm folded into the convolution. It
    /// uses the running statistics.
    pub fn fold(self) -> Self {
        let Self {
            mut conv,
            norm: Some(norm),
            slope,
        } = self
        else {
            return self;
        };
        let (scale, shift) = affine(&norm);
        let [out, ..] = conv.weight.dims();
        conv.weight = conv
            .weight
            .map(|weight| weight * scale.reshape([out, 1, 1, 1]));
        conv.bias = Some(Param::from_tensor(shift));
        Self {
            conv,
            norm: None,
            slope,
        }
    }
}

/// A ReLU with a faster gradient. Burn's own gradient is a masked fill, which LibTorch computes
/// value by value.
fn rectify_to_train(x: Tensor<4>) -> Tensor<4> {
    let positive = x.clone().detach().greater_elem(0).float().cast(x.dtype());
    x * positive
}

/// Converts `[n, channels, h, w]` to rows, `[n * h * w, channels]`, and their `[n, h, w]`.
fn to_pixels(x: Tensor<4>) -> (Tensor<2>, [usize; 3]) {
    let [n, channels, h, w] = x.dims();
    (
        x.permute([0, 2, 3, 1]).reshape([n * h * w, channels]),
        [n, h, w],
    )
}

/// The inputs of each `kernel`x`kernel` window, as rows, `[n * h * w, kernel * kernel * channels]`,
/// and their `[n, h, w]`. Windows are `stride` apart and padded as in [`ConvBlock::new`].
fn to_patches(x: Tensor<4>, kernel: usize, stride: usize) -> (Tensor<2>, [usize; 3]) {
    if kernel == 1 && stride == 1 {
        return to_pixels(x);
    }
    let [n, channels, height, width] = x.dims();
    let (h, w) = (height.div_ceil(stride), width.div_ceil(stride));
    // Padding to whole strides lets each tap be a slice of a view.
    let strides = |size: usize| size + (kernel - 1) / stride;
    let padding = |size: usize, out: usize| {
        let before = kernel / 2;
        (before, strides(out) * stride - size - before)
    };
    let pixels = x.permute([0, 2, 3, 1]).pad(
        [padding(height, h), padding(width, w), (0, 0)],
        PadMode::Constant(0.0),
    );
    let phases = pixels.reshape([n, strides(h), stride, strides(w), stride, channels]);
    let taps = (0..kernel * kernel).map(|tap| {
        let (y, x) = (tap / kernel, tap % kernel);
        let (rows, columns) = (y / stride, x / stride);
        phases
            .clone()
            .slice([
                0..n,
                rows..rows + h,
                y % stride..y % stride + 1,
                columns..columns + w,
                x % stride..x % stride + 1,
                0..channels,
            ])
            .reshape([n, h, w, channels])
    });
    let patches = Tensor::cat(taps.collect(), 3);
    (
        patches.reshape([n * h * w, kernel * kernel * channels]),
        [n, h, w],
    )
}

/// The inverse of [`to_pixels`].
fn from_pixels(pixels: Tensor<2>, [n, h, w]: [usize; 3]) -> Tensor<4> {
    let [_, channels] = pixels.dims();
    pixels.reshape([n, h, w, channels]).permute([0, 3, 1, 2])
}

/// Scale and shift, `[channels]`, of a BatchNorm in inference: `scale * x + shift`.
pub(super) fn affine(norm: &BatchNorm) -> (Tensor<1>, Tensor<1>) {
    let scale = norm.gamma.val() / (norm.running_var.value() + norm.epsilon).sqrt();
    let shift = norm.beta.val() - norm.running_mean.value() * scale.clone();
    (scale, shift)
}

/// The padding that keeps the size at stride 1.
pub(crate) fn padding(kernel: usize) -> PaddingConfig2d {
    let side = kernel / 2;
    PaddingConfig2d::Explicit(side, side, side, side)
}

/// How the pooling branch pools its 3x3 window.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The largest value.
    Max,
    /// The root mean square ("L2" in FaceNet, table 2).
    L2,
}

/// The operation of the pooling branch, 3x3 with padding 1.
#[derive(Module, Debug)]
pub(super) enum Pool {
    Max(MaxPool2d),
    L2(AvgPool2d),
}

impl Pool {
    fn new(pooling: Pooling, stride: usize) -> Self {
        match pooling {
            Pooling::Max => Self::Max(max_pool(stride)),
            Pooling::L2 => Self::L2(
                AvgPool2dConfig::new([3, 3])
                    .with_strides([stride; 2])
                    .with_padding(padding(3))
                    .init(),
            ),
        }
    }

    pub(super) fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        // Keeps the root differentiable if a whole window is zero after a ReLU.
        const EPSILON: f32 = 1e-6;
        match self {
            Self::Max(pool) => pool.forward(input),
            Self::L2(pool) => (pool.forward(input.clone() * input) + EPSILON).sqrt(),
        }
    }
}

/// A 3x3 max pooling with padding 1.
pub(super) fn max_pool(stride: usize) -> MaxPool2d {
    MaxPool2dConfig::new([3, 3])
        .with_strides([stride; 2])
        .with_padding(padding(3))
        .init()
}

/// A branch of two convolutions: a 1x1 to `reduce` channels, then the kernel to `out` channels.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct Branch {
    /// Channels after the 1x1 reduction.
    pub reduce: usize,
    /// Output channels of the branch.
    pub out: usize,
}

/// The pooling branch.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct PoolBranch {
    /// How the window is pooled.
    pub pooling: Pooling,
    /// Output channels of the 1x1 projection after the pooling; `None` for no projection.
    pub project: Option<usize>,
}

/// Channels of an [`Inception`] block. A branch that is `None` is absent: blocks with stride 2 have
/// no 1x1 branch and no pool projection, and the last blocks of NN4 have no 5x5 branch.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct InceptionConfig {
    /// Output channels of the 1x1 branch.
    pub conv1x1: Option<usize>,
    /// The 3x3 branch.
    pub conv3x3: Branch,
    /// The 5x5 branch.
    pub conv5x5: Option<Branch>,
    /// The pooling branch.
    pub pool: PoolBranch,
    /// Stride of the last layer of every branch, 1 or 2.
    pub stride: usize,
    /// Whether the 5x5 is factorised into two 3x3.
    pub factorised: bool,
}

impl InceptionConfig {
    /// Output channels of the block, for `channels_in` input channels.
    pub fn channels_out(&self, channels_in: usize) -> usize {
        self.conv1x1.unwrap_or(0)
            + self.conv3x3.out
            + self.conv5x5.map_or(0, |branch| branch.out)
            + self.pool.project.unwrap_or(channels_in)
    }

    /// The convolutions as `(name, [channels in, channels out], kernel, stride)`, branch by branch.
    pub(super) fn convolutions(
        &self,
        channels_in: usize,
    ) -> Vec<(&'static str, [usize; 2], usize, usize)> {
        let mut list = Vec::new();
        if let Some(out) = self.conv1x1 {
            list.push(("1x1", [channels_in, out], 1, 1));
        }
        list.push(("3x3 reduce", [channels_in, self.conv3x3.reduce], 1, 1));
        list.push((
            "3x3",
            [self.conv3x3.reduce, self.conv3x3.out],
            3,
            self.stride,
        ));
        if let Some(Branch { reduce, out }) = self.conv5x5 {
            list.push(("5x5 reduce", [channels_in, reduce], 1, 1));
            if self.factorised {
                list.push(("5x5 as 3x3 (a)", [reduce, out], 3, 1));
                list.push(("5x5 as 3x3 (b)", [out, out], 3, self.stride));
            } else {
                list.push(("5x5", [reduce, out], 5, self.stride));
            }
        }
        if let Some(out) = self.pool.project {
            list.push(("pool projection", [channels_in, out], 1, 1));
        }
        list
    }

    /// A block with random weights, in training form, for `channels_in` input channels.
    ///
    /// # Panics
    /// If a channel count is zero, or if the stride is not 1 and there is a 1x1 branch or a pool
    /// projection.
    pub fn init(&self, channels_in: usize, activation: Activation, device: &Device) -> Inception {
        assert!(
            self.stride == 1 || (self.conv1x1.is_none() && self.pool.project.is_none()),
            "a block with stride 2 has no 1x1 branch and no pool projection"
        );
        let branch = |prefix: &str| -> Vec<ConvBlock> {
            self.convolutions(channels_in)
                .into_iter()
                .filter(|(name, ..)| name.starts_with(prefix))
                .map(|(_, channels, kernel, stride)| {
                    ConvBlock::new(channels, kernel, stride, activation, device)
                })
                .collect()
        };
        Inception {
            conv1x1: branch("1x1"),
            conv3x3: branch("3x3"),
            conv5x5: branch("5x5"),
            pool: Pool::new(self.pool.pooling, self.stride),
            project: branch("pool"),
        }
    }
}

/// An Inception block; made by [`InceptionConfig::init`]. An absent branch has no convolutions.
#[derive(Module, Debug)]
pub struct Inception {
    pub(super) conv1x1: Vec<ConvBlock>,
    pub(super) conv3x3: Vec<ConvBlock>,
    pub(super) conv5x5: Vec<ConvBlock>,
    pub(super) pool: Pool,
    pub(super) project: Vec<ConvBlock>,
}

impl Inception {
    /// Maps `[n, channels_in, h, w]` to `[n, channels_out, h / stride, w / stride]` (rounded up).
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let mut branches: Vec<Tensor<4>> = [&self.conv1x1, &self.conv3x3, &self.conv5x5]
            .into_iter()
            .filter(|branch| !branch.is_empty())
            .map(|branch| chain(branch, input.clone()))
            .collect();
        branches.push(chain(&self.project, self.pool.forward(input)));
        Tensor::cat(branches, 1)
    }

    /// Applies `change` to each convolution of the block.
    pub(super) fn map_blocks(self, change: &impl Fn(ConvBlock) -> ConvBlock) -> Self {
        let each = |branch: Vec<ConvBlock>| branch.into_iter().map(change).collect();
        Self {
            conv1x1: each(self.conv1x1),
            conv3x3: each(self.conv3x3),
            conv5x5: each(self.conv5x5),
            pool: self.pool,
            project: each(self.project),
        }
    }
}

pub(super) fn chain(blocks: &[ConvBlock], input: Tensor<4>) -> Tensor<4> {
    blocks.iter().fold(input, |x, block| block.forward(x))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use burn::tensor::Distribution;

    /// A block with every branch.
    pub const FULL: InceptionConfig = InceptionConfig {
        conv1x1: Some(5),
        conv3x3: Branch { reduce: 3, out: 7 },
        conv5x5: Some(Branch { reduce: 2, out: 4 }),
        pool: PoolBranch {
            pooling: Pooling::Max,
            project: Some(6),
        },
        stride: 1,
        factorised: false,
    };

    fn output_shape(config: InceptionConfig, size: usize) -> [usize; 4] {
        let device = crate::device::cpu();
        let input = Tensor::random([2, 8, size, size], Distribution::Default, &device);
        config
            .init(8, Activation::Relu, &device)
            .forward(input)
            .dims()
    }

    #[test]
    fn branches_are_concatenated_along_the_channels() {
        assert_eq!(output_shape(FULL, 9), [2, 22, 9, 9]);
        assert_eq!(FULL.channels_out(8), 22);
        assert_eq!(
            output_shape(
                InceptionConfig {
                    factorised: true,
                    ..FULL
                },
                9
            ),
            [2, 22, 9, 9]
        );
    }

    #[test]
    fn a_block_with_stride_2_halves_the_size_and_keeps_the_pooled_input() {
        let reduced = InceptionConfig {
            conv1x1: None,
            pool: PoolBranch {
                pooling: Pooling::Max,
                project: None,
            },
            stride: 2,
            ..FULL
        };
        assert_eq!(output_shape(reduced, 7), [2, 7 + 4 + 8, 4, 4]);
        assert_eq!(
            output_shape(
                InceptionConfig {
                    conv5x5: None,
                    ..reduced
                },
                8
            ),
            [2, 15, 4, 4]
        );
    }

    #[test]
    fn patches_times_weights_equal_the_convolution() {
        let device = crate::device::cpu();
        for (kernel, stride, size) in [(1, 1, 5), (3, 2, 8), (3, 2, 7), (7, 4, 16), (7, 2, 9)] {
            let input = Tensor::random([2, 3, size, size], Distribution::Default, &device);
            let block = ConvBlock::new([3, 4], kernel, stride, Activation::Relu, &device);
            let weight = block.conv.weight.val().permute([2, 3, 1, 0]);
            let (patches, size) = to_patches(input.clone(), kernel, stride);
            let product = patches.matmul(weight.reshape([kernel * kernel * 3, 4]));
            let difference = from_pixels(product, size) - block.conv.forward(input);
            let largest = difference.abs().max().into_scalar::<f32>();
            assert!(
                largest < 1e-5,
                "{kernel}x{kernel} by {stride}: off by {largest}"
            );
        }
    }

    #[test]
    fn l2_pooling_is_the_root_mean_square() {
        let device = crate::device::cpu();
        let input = Tensor::<4>::from_data([[[[3.0, 4.0], [0.0, 5.0]]]], &device);
        let pooled = Pool::new(Pooling::L2, 1)
            .forward(input)
            .to_data()
            .try_to_vec::<f32>()
            .unwrap();
        // Every window is 3x3, and values beyond the input are zero.
        let expected = ((9.0f32 + 16.0 + 25.0) / 9.0).sqrt();
        assert!(
            pooled.len() == 4 && pooled.iter().all(|v| (v - expected).abs() < 1e-4),
            "{pooled:?}, not {expected}"
        );
    }
}
