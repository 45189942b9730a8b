//! The face mesh's network on the fused [`kernels`](crate::kernels), for the CPU, natively and in
//! the page. Plain Burn computes the same on all other devices.

use std::fmt;

use burn::module::Param;
use burn::nn::conv::Conv2d;

use super::mesh::{Block, Head, INPUT_SIZE, MeshNet};
use super::separable::{Chain, ChainMaps, Layers, Pointwise, Stem};
use crate::device::values;
use crate::image::RgbImage;
use crate::kernels::buffers::BufferPool;
use crate::kernels::conv::{Channels, Taps};

/// The face mesh's network with its weights packed for the kernels.
pub struct FusedMeshNet {
    stem: Stem,
    chain: Chain,
    points: FusedHead,
    presence: FusedHead,
    buffers: BufferPool<Maps>,
}

/// The layers that compute one output from the shared features.
struct FusedHead {
    chain: Chain,
    narrow: Pointwise,
    pixels: Taps,
    last: Chain,
    /// The last convolution. Its window covers the whole feature map, so it is computed as a 1x1
    /// convolution of one pixel.
    head: Pointwise,
    whole: Taps,
}

/// The features of one image.
struct Maps {
    /// The padded image.
    image: Vec<f32>,
    chain: ChainMaps,
    points: HeadMaps,
    presence: HeadMaps,
}

struct HeadMaps {
    chain: ChainMaps,
    last: ChainMaps,
}

impl fmt::Debug for FusedMeshNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FusedMeshNet").finish_non_exhaustive()
    }
}

/// Changes a convolution of values in `[0, 1]` to one of values in `[-1, 1]`, which `write_padded`
/// writes.
fn centred(conv: &Conv2d) -> Conv2d {
    let mut centred = conv.clone();
    let weight = conv.weight.val() / 2.0;
    let [out, ..] = weight.dims();
    let sums = weight.clone().reshape([out as i32, -1]).sum_dim(1);
    let bias = conv
        .bias
        .as_ref()
        .map(|bias| bias.val() + sums.reshape([out]));
    centred.weight = Param::from_tensor(weight);
    centred.bias = bias.map(Param::from_tensor);
    centred
}

fn layers(block: &Block) -> Option<Layers<'_>> {
    Some(Layers {
        convolutions: &block.convolutions,
        slope: values(block.activation.slope.val())?,
    })
}

fn chain(blocks: &[Block], side: usize, channels: usize) -> Option<Chain> {
    let blocks: Option<Vec<_>> = blocks.iter().map(layers).collect();
    Chain::new(blocks?, side, channels)
}

impl FusedMeshNet {
    /// Packs the weights of `network`. Returns `None` if they are not on the CPU.
    pub fn new(network: &MeshNet) -> Option<Self> {
        let slope = values(network.activation.slope.val())?;
        let channels = slope.len();
        let stem = Stem::new(&centred(&network.stem), INPUT_SIZE, 0, slope)?;
        let trunk = chain(&network.blocks, stem.side(), channels)?;
        let last = network.blocks.len() - 1;
        let features = (
            trunk.side(last),
            network.blocks[last].convolutions.pointwise.weight.dims()[0],
        );
        Some(Self {
            stem,
            points: FusedHead::new(&network.points, features)?,
            presence: FusedHead::new(&network.presence, features)?,
            chain: trunk,
            buffers: BufferPool::default(),
        })
    }

    /// Points, `[468 * 3]`, and the presence logit of a 192x192 crop, as in [`MeshNet::forward`].
    ///
    /// # Panics
    /// If the crop is not 192x192 pixels.
    pub fn forward(&self, crop: &RgbImage) -> (Vec<f32>, f32) {
        self.buffers
            .lend(|| self.maps(), |maps| self.forward_in(crop, maps))
    }

    fn forward_in(&self, crop: &RgbImage, maps: &mut Maps) -> (Vec<f32>, f32) {
        let input = self.chain.input(&mut maps.chain);
        self.stem.run(crop, &mut maps.image, input);
        self.chain.run(&mut maps.chain);
        let features = self.chain.last(&maps.chain);
        let points = self.points.apply(features, &mut maps.points);
        let presence = self.presence.apply(features, &mut maps.presence);
        (points, presence[0])
    }

    fn maps(&self) -> Maps {
        /// The value of pixels beyond the crop.
        const BLACK: f32 = -1.0;
        Maps {
            image: self.stem.buffer(BLACK),
            chain: self.chain.maps(),
            points: self.points.maps(),
            presence: self.presence.maps(),
        }
    }
}

impl FusedHead {
    fn new(head: &Head, (side, channels): (usize, usize)) -> Option<Self> {
        let first = chain(&head.blocks, side, channels)?;
        let side = first.side(head.blocks.len() - 1);
        let slope = values(head.activation.slope.val())?;
        let narrow = Pointwise::new(&head.narrow, 1, slope)?;
        Some(Self {
            last: chain(std::slice::from_ref(&head.last), side, narrow.out())?,
            chain: first,
            narrow,
            pixels: Taps::new(side, 1, 1),
            head: Pointwise::linear(&head.head)?,
            whole: Taps::new(1, 1, 1),
        })
    }

    fn maps(&self) -> HeadMaps {
        HeadMaps {
            chain: self.chain.maps(),
            last: self.last.maps(),
        }
    }

    /// The output for these features. A pixel must have as many channels as the first block reads.
    fn apply(&self, (features, _): (&[f32], Channels), maps: &mut HeadMaps) -> Vec<f32> {
        self.chain
            .input(&mut maps.chain)
            .0
            .copy_from_slice(features);
        self.chain.run(&mut maps.chain);
        let narrowed = self.last.input(&mut maps.last);
        let features = self.chain.last(&maps.chain);
        self.narrow.run(&self.pixels, features, narrowed, None);
        self.last.run(&mut maps.last);
        let (window, _) = self.last.last(&maps.last);
        let mut output = vec![0.0; self.head.out()];
        let (all, out) = (Channels::all(window.len()), self.head.out());
        self.head
            .run(&self.whole, (window, all), (&mut output, out), None);
        output
    }
}
