//! The face detector's network: BlazeFace, short range (Bazarevsky et al., "BlazeFace: Sub-
//! millisecond Neural Face Detection on Mobile GPUs", 2019), as MediaPipe ships it.
//!
//! Weights are read from a safetensors file that `scripts/models.mjs` converts from MediaPipe's own
//! TFLite file; the outputs are raw, and [`decode`](super::decode) decodes them.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::net::separable::Separable;
use crate::net::tflite::{Converted, ConvertedWeightsError};

/// Side of the square input, in pixels.
pub const INPUT_SIZE: usize = 128;

/// Anchors, which are also the rows of the output: 2 at each of 16x16 positions, 6 at each of 8x8.
pub const ANCHORS: usize = 16 * 16 * 2 + 8 * 8 * 6;

/// Values of a box row: centre, size, and six landmarks.
pub const BOX_VALUES: usize = 16;

/// Input channels, output channels and stride of the sixteen blocks.
const BLOCKS: [(usize, usize, usize); 16] = [
    (24, 24, 1),
    (24, 28, 1),
    (28, 32, 2),
    (32, 36, 1),
    (36, 42, 1),
    (42, 48, 2),
    (48, 56, 1),
    (56, 64, 1),
    (64, 72, 1),
    (72, 80, 1),
    (80, 88, 1),
    (88, 96, 2),
    (96, 96, 1),
    (96, 96, 1),
    (96, 96, 1),
    (96, 96, 1),
];

/// The index of the block whose output the 16x16 heads read.
pub(super) const FINE_BLOCK: usize = 10;

/// The detector's network.
#[derive(Module, Debug)]
pub struct BlazeFace {
    pub(super) stem: Conv2d,
    pub(super) blocks: Vec<Separable>,
    pub(super) scores_16: Conv2d,
    pub(super) scores_8: Conv2d,
    pub(super) boxes_16: Conv2d,
    pub(super) boxes_8: Conv2d,
}

impl BlazeFace {
    /// Reads the weights that `scripts/models.mjs` wrote.
    ///
    /// # Errors
    /// If the bytes are not a safetensors file, or a tensor is missing or has the wrong shape.
    pub fn load(bytes: &[u8], device: &Device) -> Result<Self, ConvertedWeightsError> {
        let weights = Converted::new(bytes, device)?;
        let head =
            |name, input, output| weights.same(name, Conv2dConfig::new([input, output], [1, 1]), 1);
        let blocks = BLOCKS.iter().enumerate();
        Ok(Self {
            stem: weights.same("stem", Conv2dConfig::new([3, 24], [5, 5]), 2)?,
            blocks: blocks
                .map(|(i, &widths)| Separable::load(&weights, &format!("blocks.{i}"), widths))
                .collect::<Result<_, _>>()?,
            scores_16: head("scores_16", 88, 2)?,
            scores_8: head("scores_8", 96, 6)?,
            boxes_16: head("boxes_16", 88, 2 * BOX_VALUES)?,
            boxes_8: head("boxes_8", 96, 6 * BOX_VALUES)?,
        })
    }

    /// Maps images `[n, 3, 128, 128]` with values in `[-1, 1]` to boxes `[n, 896, 16]`, in pixels
    /// relative to the anchors, and scores `[n, 896, 1]`, as logits.
    pub fn forward(&self, images: Tensor<4>) -> (Tensor<3>, Tensor<3>) {
        let mut x = relu(self.stem.forward(images));
        let mut fine = x.clone();
        for (index, block) in self.blocks.iter().enumerate() {
            x = relu(block.forward(x));
            if index == FINE_BLOCK {
                fine = x.clone();
            }
        }
        let boxes = [
            self.boxes_16.forward(fine.clone()),
            self.boxes_8.forward(x.clone()),
        ];
        let scores = [self.scores_16.forward(fine), self.scores_8.forward(x)];
        (
            Tensor::cat(boxes.map(|t| rows(t, BOX_VALUES)).to_vec(), 1),
            Tensor::cat(scores.map(|t| rows(t, 1)).to_vec(), 1),
        )
    }
}

/// Reshapes `[n, anchors * values, h, w]` to `[n, h * w * anchors, values]`, position by position.
fn rows(x: Tensor<4>, values: usize) -> Tensor<3> {
    let [n, c, h, w] = x.dims();
    x.permute([0, 2, 3, 1])
        .reshape([n, h * w * c / values, values])
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::convert::Infallible;

    use burn::nn::{Initializer, PaddingConfig2d};
    use proptest::prelude::*;

    /// The network with random weights and biases.
    pub fn random(device: &Device) -> BlazeFace {
        let conv = |config: Conv2dConfig, stride: usize| {
            let total = config.kernel_size[0] - stride.min(config.kernel_size[0]);
            let (before, after) = (total / 2, total - total / 2);
            let padding = PaddingConfig2d::Explicit(before, before, after, after);
            let mut conv = config
                .with_stride([stride; 2])
                .with_padding(padding)
                .init(device);
            let out = conv.weight.dims()[0];
            let bias = Initializer::Normal {
                mean: 0.0,
                std: 0.3,
            };
            conv.bias = Some(bias.init([out], device));
            conv
        };
        let head = |input, output| conv(Conv2dConfig::new([input, output], [1, 1]), 1);
        let block = |widths| {
            let new = |_: &str, config, stride| Ok::<_, Infallible>(conv(config, stride));
            Separable::build(widths, new).unwrap()
        };
        BlazeFace {
            stem: conv(Conv2dConfig::new([3, 24], [5, 5]), 2),
            blocks: BLOCKS.into_iter().map(block).collect(),
            scores_16: head(88, 2),
            scores_8: head(96, 6),
            boxes_16: head(88, 2 * BOX_VALUES),
            boxes_8: head(96, 6 * BOX_VALUES),
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(BlazeFace::load(&bytes, &crate::device::cpu()).is_err());
        }
    }

    #[test]
    fn a_file_without_the_tensors_is_refused() {
        let header = br#"{"stem.weight":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(&[0, 0]);
        let error = BlazeFace::load(&bytes, &crate::device::cpu()).unwrap_err();
        assert!(matches!(error, ConvertedWeightsError::Misfit(_)), "{error}");
    }
}
