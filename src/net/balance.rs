//! Balancing: scales every channel of a folded network to the same size, and lets the next layer
//! scale it back, so that training can continue without normalisation.

use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::facenet::{FaceNet, Head, Stage};
use super::inception::{ConvBlock, Inception};

/// Features inside a network that [`FaceNet::balance`] is changing.
#[derive(Clone)]
struct Scaled {
    /// `[n, channels, h, w]`, each channel divided by its scale.
    features: Tensor<4>,
    /// `[channels]`, all greater than zero.
    scale: Tensor<1>,
}

impl Scaled {
    /// `features` with a scale of 1.
    fn plain(features: Tensor<4>) -> Self {
        let scale = Tensor::ones([features.dims()[1]], &features.device());
        Self { features, scale }
    }

    fn cat(parts: Vec<Self>) -> Self {
        let (features, scales) = parts.into_iter().map(|it| (it.features, it.scale)).unzip();
        Self {
            features: Tensor::cat(features, 1),
            scale: Tensor::cat(scales, 0),
        }
    }
}

/// The root mean square of each channel of `[n, channels, h, w]`; 1 for a channel of zeros, which
/// cannot be scaled.
fn root_mean_square(x: Tensor<4>) -> Tensor<1> {
    let [n, channels, h, w] = x.dims();
    let channel = x.swap_dims(0, 1).reshape([channels, n * h * w]);
    let mean = (channel.clone() * channel).mean_dim(1);
    let zero = mean.clone().lower_elem(1e-24);
    mean.sqrt().mask_fill(zero, 1.0).reshape([channels])
}

impl FaceNet {
    /// The inference form, balanced: over `faces`, `[n, 3, 112, 112]` with values in `[-1, 1]`,
    /// each channel has a root mean square of 1 before its ReLU. The next layer scales it back, so
    /// embeddings stay the same, except for the epsilon of an L2 pooling (Nagel et al., "Data-free
    /// quantization through weight equalization and bias correction", 2019, section 4.1; here from
    /// data).
    ///
    /// Two kinds of stages cannot be scaled: a local response normalisation, because it depends on
    /// the size of its features, and a residual block, because it adds its input to its output. The
    /// last of these stages, and all stages before it, stay unchanged.
    ///
    /// Without normalisation, nothing limits the size of features. In long training, features grew
    /// to ten million, and the weights grew too. Then a bias of 1 had no effect, the learning rate
    /// changed the weights less and less, and values left the range of f16.
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

impl Stage {
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

impl Head {
    /// The folded head for balanced features. The embedding before its normalisation has a root
    /// mean square of 1, and so do the pooled channels if the pooling has weights.
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

impl ConvBlock {
    /// Scales each channel of a folded block so that its root mean square before the ReLU is 1.
    /// Returns the output of the changed block.
    fn balance(&mut self, input: Scaled) -> Scaled {
        let [out, channels, ..] = self.conv.weight.dims();
        let incoming = input.scale.reshape([1, channels, 1, 1]);
        self.conv.weight = self.conv.weight.clone().map(|weight| weight * incoming);
        let sums = self.conv.forward(input.features);
        let scale = root_mean_square(sums.clone());
        let outgoing = |shape| scale.clone().reshape(shape);
        let Conv2d { weight, bias, .. } = &mut self.conv;
        *weight = weight
            .clone()
            .map(|weight| weight / outgoing([out, 1, 1, 1]));
        *bias = bias
            .take()
            .map(|bias| bias.map(|bias| bias / scale.clone()));
        let features = self.activate(sums / outgoing([1, out, 1, 1]));
        Scaled { features, scale }
    }
}

impl Inception {
    /// Balances the channels of a folded block. Returns the output of the changed block.
    fn balance(&mut self, input: Scaled) -> Scaled {
        let mut branches: Vec<Scaled> = [&mut self.conv1x1, &mut self.conv3x3, &mut self.conv5x5]
            .into_iter()
            .filter(|branch| !branch.is_empty())
            .map(|branch| balance_chain(branch, input.clone()))
            .collect();
        let features = self.pool.forward(input.features);
        branches.push(balance_chain(
            &mut self.project,
            Scaled { features, ..input },
        ));
        Scaled::cat(branches)
    }
}

fn balance_chain(blocks: &mut [ConvBlock], input: Scaled) -> Scaled {
    blocks.iter_mut().fold(input, |x, block| block.balance(x))
}

#[cfg(test)]
mod tests {
    use burn::module::{Module, Param};
    use burn::tensor::Distribution;

    use super::*;
    use crate::net::facenet::FaceNetConfig;
    use crate::net::inception::Activation;
    use crate::net::inception::tests::FULL;
    use crate::net::{CROP_SIZE, Preset};

    fn faces(n: usize, device: &burn::tensor::Device) -> Tensor<4> {
        let shape = [n, 3, CROP_SIZE, CROP_SIZE];
        Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), device)
    }

    /// Multiplies the weights of convolutions by four, because long training without normalisation
    /// also makes them grow.
    struct Strengthen;

    impl burn::module::ModuleMapper for Strengthen {
        fn map_float<const D: usize>(&mut self, weight: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match D {
                4 => weight.map(|weight| weight * 4.0),
                _ => weight,
            }
        }
    }

    #[test]
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
    fn balancing_restores_the_effect_of_biases() {
        let device = crate::device::cpu();
        let faces = faces(4, &device);
        let strong = FaceNetConfig::from(Preset::Slim).init(&device).fold();
        let strong = strong.map(&mut Strengthen);
        let balanced = strong.clone().balance(faces.clone());
        let effect_of_bias = |mut network: FaceNet| {
            let before = network.forward(faces.clone());
            let bias = network.head.linear.bias;
            network.head.linear.bias = bias.map(|bias| bias.map(|bias| bias + 0.1));
            let difference = network.forward(faces.clone()) - before;
            difference.abs().max().into_scalar::<f32>()
        };
        assert!(effect_of_bias(strong) < 1e-4);
        assert!(effect_of_bias(balanced) > 1e-3);
    }

    #[test]
    fn balanced_channels_have_a_root_mean_square_of_one() {
        let device = crate::device::cpu();
        let input = Tensor::random([2, 8, 9, 9], Distribution::Default, &device);
        let block = FULL.init(8, Activation::Relu, &device);
        let mut block = block.map_blocks(&ConvBlock::fold);
        let expected = block.forward(input.clone());
        let output = block.balance(Scaled::plain(input.clone()));
        let restored = output.features * output.scale.reshape([1, 22, 1, 1]);
        let difference = (restored - expected).abs().max();
        assert!(difference.into_scalar::<f32>() < 1e-4);
        let again = block.balance(Scaled::plain(input));
        let difference = (again.scale - 1.0).abs().max().into_scalar::<f32>();
        assert!(difference < 1e-4, "off by {difference}");
    }

    #[test]
    fn a_channel_of_zeros_stays_unchanged() {
        let device = crate::device::cpu();
        let block = FULL.init(8, Activation::Relu, &device);
        let mut block = block.map_blocks(&ConvBlock::fold);
        let zeros = Tensor::zeros([2, 8, 9, 9], &device);
        let output = block.balance(Scaled::plain(zeros));
        let difference = (output.scale - 1.0).abs().max();
        assert_eq!(difference.into_scalar::<f32>(), 0.0);
    }
}
