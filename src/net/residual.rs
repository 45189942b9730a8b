//! The residual Inception block: it adds the output of its branches to its input, so that deep
//! networks can be trained (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of
//! residual connections on learning", 2016, section 3.2).

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::inception::{Activation, ConvBlock, chain};

/// Output channels of the convolutions in a [`Residual`] block. The block itself has as many output
/// as input channels.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct ResidualConfig {
    /// The 1x1 branch.
    pub narrow: usize,
    /// The 1x1 and the 3x3 of the second branch.
    pub middle: [usize; 2],
    /// The 1x1 and the two 3x3 of the third branch.
    pub wide: [usize; 3],
}

impl ResidualConfig {
    /// The convolutions as `(name, [channels in, channels out], kernel)`, branch by branch.
    pub(super) fn convolutions(&self, channels: usize) -> [(&'static str, [usize; 2], usize); 7] {
        let Self {
            narrow,
            middle: [reduced, second],
            wide: [start, middle, end],
        } = *self;
        [
            ("1x1", [channels, narrow], 1),
            ("3x3 reduce", [channels, reduced], 1),
            ("3x3", [reduced, second], 3),
            ("5x5 reduce", [channels, start], 1),
            ("5x5 as 3x3 (a)", [start, middle], 3),
            ("5x5 as 3x3 (b)", [middle, end], 3),
            ("join", [narrow + second + end, channels], 1),
        ]
    }

    /// A block with random weights, in training form, for `channels` channels.
    ///
    /// # Panics
    /// If a channel count is zero.
    pub fn init(&self, channels: usize, activation: Activation, device: &Device) -> Residual {
        /// The initial factor of what a block adds (Szegedy et al., 2016, section 3.3).
        const START: f64 = 0.2;
        let [narrow, a, b, c, d, e, join] = self
            .convolutions(channels)
            .map(|(_, channels, kernel)| ConvBlock::new(channels, kernel, 1, activation, device));
        Residual {
            narrow,
            middle: vec![a, b],
            wide: vec![c, d, e],
            join: join.with_norm_scale(START),
        }
    }
}

/// A residual Inception block; made by [`ResidualConfig::init`].
#[derive(Module, Debug)]
pub struct Residual {
    pub(super) narrow: ConvBlock,
    pub(super) middle: Vec<ConvBlock>,
    pub(super) wide: Vec<ConvBlock>,
    pub(super) join: ConvBlock,
}

impl Residual {
    /// Maps `[n, channels, h, w]` to the same shape.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let branches = vec![
            self.narrow.forward(input.clone()),
            chain(&self.middle, input.clone()),
            chain(&self.wide, input.clone()),
        ];
        let sums = self.join.sums(Tensor::cat(branches, 1));
        self.join.activate(input + sums)
    }

    /// Applies `change` to each convolution of the block.
    pub(super) fn map_blocks(self, change: &impl Fn(ConvBlock) -> ConvBlock) -> Self {
        let each = |branch: Vec<ConvBlock>| branch.into_iter().map(change).collect();
        Self {
            narrow: change(self.narrow),
            middle: each(self.middle),
            wide: each(self.wide),
            join: change(self.join),
        }
    }
}
