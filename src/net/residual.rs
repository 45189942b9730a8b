//! The residual Inception block: what the branches see is added to what the block was given, so that
//! depth does not get in the way of learning (Szegedy et al., "Inception-v4, Inception-ResNet and the
//! impact of residual connections on learning", 2016, section 3.2).

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::inception::{Activation, ConvBlock, chain};

/// Channels inside a [`Residual`] block; as many come out as go in.
#[derive(Config, Debug, Copy, PartialEq, Eq)]
pub struct ResidualConfig {
    /// Of the 1x1 branch.
    pub narrow: usize,
    /// Of the 1x1 and the 3x3 of the second branch.
    pub middle: [usize; 2],
    /// Of the 1x1 and the two 3x3 of the third branch.
    pub wide: [usize; 3],
}

impl ResidualConfig {
    /// The convolutions as `(name, channels, kernel)`, branch by branch.
    pub(super) fn convolutions(&self, channels: usize) -> [(&'static str, [usize; 2], usize); 7] {
        let Self {
            narrow,
            middle: [reduced, seen],
            wide: [start, middle, end],
        } = *self;
        [
            ("1x1", [channels, narrow], 1),
            ("3x3 reduce", [channels, reduced], 1),
            ("3x3", [reduced, seen], 3),
            ("5x5 reduce", [channels, start], 1),
            ("5x5 as 3x3 (a)", [start, middle], 3),
            ("5x5 as 3x3 (b)", [middle, end], 3),
            ("join", [narrow + seen + end, channels], 1),
        ]
    }

    /// A block with random weights for `channels` channels.
    ///
    /// # Panics
    /// Where a width is zero.
    pub fn init(&self, channels: usize, activation: Activation, device: &Device) -> Residual {
        /// What a block adds is small at first (Szegedy et al., 2016, section 3.3).
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
    /// `[n, channels, h, w]` to the same shape.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let branches = vec![
            self.narrow.forward(input.clone()),
            chain(&self.middle, input.clone()),
            chain(&self.wide, input.clone()),
        ];
        let seen = self.join.sums(Tensor::cat(branches, 1));
        self.join.activate(input + seen)
    }

    /// The block with what `change` makes of each of its convolutions.
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
