//! The face mesh's network, MediaPipe's `face_landmark`: 468 points of a face in a square crop
//! (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs",
//! 2019).
//!
//! `scripts/models.mjs` converts the weights from MediaPipe's TFLite file to a safetensors file.
//! The network has 604,685 parameters and 35.0 million multiply-adds for a crop.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::prelu;
use burn::tensor::{Device, Tensor};

use super::separable::Separable;
use super::tflite::{Converted, ConvertedWeightsError};

/// Side of the square input, in pixels.
pub const INPUT_SIZE: usize = 192;

/// Number of points of the mesh.
pub const POINTS: usize = 468;

/// Input channels, output channels and stride of the blocks that both heads share.
const BLOCKS: [(usize, usize, usize); 14] = [
    (16, 16, 1),
    (16, 16, 1),
    (16, 32, 2),
    (32, 32, 1),
    (32, 32, 1),
    (32, 64, 2),
    (64, 64, 1),
    (64, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 128, 1),
    (128, 128, 2),
    (128, 128, 1),
    (128, 128, 1),
];

/// The same for the blocks of each head. The first block halves the feature map.
const POINTS_BLOCKS: [(usize, usize, usize); 3] = [(128, 128, 2), (128, 128, 1), (128, 128, 1)];
const PRESENCE_BLOCKS: [(usize, usize, usize); 1] = [(128, 128, 2)];

/// Channels before the last block of a head.
const NARROW: usize = 32;

/// Multiplies negative values by the channel's slope.
#[derive(Module, Debug)]
pub(super) struct PRelu {
    pub(super) slope: Param<Tensor<1>>,
}

impl PRelu {
    fn load(
        weights: &Converted,
        name: &str,
        channels: usize,
    ) -> Result<Self, ConvertedWeightsError> {
        let slope = weights.param(&format!("{name}.slope"), [channels])?;
        Ok(Self { slope })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        prelu(x, self.slope.val())
    }
}

/// A separable block and its PReLU.
#[derive(Module, Debug)]
pub(super) struct Block {
    pub(super) convolutions: Separable,
    pub(super) activation: PRelu,
}

impl Block {
    fn load(
        weights: &Converted,
        name: &str,
        widths: (usize, usize, usize),
    ) -> Result<Self, ConvertedWeightsError> {
        Ok(Self {
            convolutions: Separable::load(weights, name, widths)?,
            activation: PRelu::load(weights, name, widths.1)?,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.activation.forward(self.convolutions.forward(x))
    }
}

/// The layers that compute one output from the shared features.
#[derive(Module, Debug)]
pub(super) struct Head {
    pub(super) blocks: Vec<Block>,
    pub(super) narrow: Conv2d,
    pub(super) activation: PRelu,
    pub(super) last: Block,
    pub(super) head: Conv2d,
}

impl Head {
    fn load(
        weights: &Converted,
        name: &str,
        blocks: &[(usize, usize, usize)],
        values: usize,
    ) -> Result<Self, ConvertedWeightsError> {
        let part = |part: &str| format!("{name}.{part}");
        let narrow = Conv2dConfig::new([128, NARROW], [1, 1]);
        let block = (NARROW, NARROW, 1);
        Ok(Self {
            blocks: load_blocks(weights, &part("blocks"), blocks)?,
            narrow: weights.same(&part("narrow"), narrow, 1)?,
            activation: PRelu::load(weights, &part("narrow"), NARROW)?,
            last: Block::load(weights, &part("last"), block)?,
            head: weights.conv(&part("head"), Conv2dConfig::new([NARROW, values], [3, 3]))?,
        })
    }

    /// Maps shared features, `[n, 128, 6, 6]`, to `[n, values]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let x = self.activation.forward(self.narrow.forward(x));
        self.head.forward(self.last.forward(x)).flatten(1, 3)
    }
}

fn load_blocks(
    weights: &Converted,
    name: &str,
    blocks: &[(usize, usize, usize)],
) -> Result<Vec<Block>, ConvertedWeightsError> {
    let named = blocks.iter().enumerate();
    named
        .map(|(i, &widths)| Block::load(weights, &format!("{name}.{i}"), widths))
        .collect()
}

/// The face mesh's network; made by [`MeshNet::load`].
#[derive(Module, Debug)]
pub struct MeshNet {
    pub(super) stem: Conv2d,
    pub(super) activation: PRelu,
    pub(super) blocks: Vec<Block>,
    pub(super) points: Head,
    pub(super) presence: Head,
}

impl MeshNet {
    /// Loads the weights that `scripts/models.mjs` wrote.
    ///
    /// # Errors
    /// Returns [`ConvertedWeightsError::Damaged`] if `bytes` is not a complete safetensors
    /// file, and [`ConvertedWeightsError::Misfit`] if a tensor is missing or has another shape or
    /// type.
    pub fn load(bytes: &[u8], device: &Device) -> Result<Self, ConvertedWeightsError> {
        let weights = Converted::new(bytes, device)?;
        let stem = Conv2dConfig::new([3, 16], [3, 3]);
        Ok(Self {
            stem: weights.same("stem", stem, 2)?,
            activation: PRelu::load(&weights, "stem", 16)?,
            blocks: load_blocks(&weights, "blocks", &BLOCKS)?,
            points: Head::load(&weights, "points", &POINTS_BLOCKS, 3 * POINTS)?,
            presence: Head::load(&weights, "presence", &PRESENCE_BLOCKS, 1)?,
        })
    }

    /// Maps crops, `[n, 3, 192, 192]` with values in `[0, 1]`, to points and presence.
    /// Points, `[n, 468 * 3]`, are x to the right, y down and z away from the camera, in pixels of
    /// the crop.
    /// Presence, `[n, 1]`, is the logit of the probability that the crop shows a face.
    pub fn forward(&self, crops: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let x = self.activation.forward(self.stem.forward(crops));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        (self.points.forward(x.clone()), self.presence.forward(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(MeshNet::load(&bytes, &crate::device::cpu()).is_err());
        }
    }
}
