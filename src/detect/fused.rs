//! The detector's network on the fused [`kernels`](crate::kernels): what the CPU runs, natively and in
//! the page. Plain Burn computes the same on every other device.

use std::fmt;

use burn::nn::conv::Conv2d;

use super::network::{ANCHORS, BOX_VALUES, BlazeFace, FINE_BLOCK, INPUT_SIZE};
use crate::device::values;
use crate::image::{RgbImage, write_padded};
use crate::kernels::buffers::BufferPool;
use crate::kernels::conv::{Channels, Convolution, Finish, Packed, Taps};
use crate::kernels::depthwise::Depthwise;
use crate::kernels::pool::max_pool;

/// Rows and columns before the image that the stem's first window sees: "SAME" for a 5x5 with stride 2.
const STEM_PADDING: usize = 1;

/// The detector's network, its weights packed for the kernels.
pub struct FusedBlazeFace {
    stem: Pointwise,
    stem_taps: Taps,
    /// Channels of the map that the stem writes, those for the next block's shortcut included.
    stem_width: usize,
    blocks: Vec<Block>,
    heads: [Head; 2],
    buffers: BufferPool<Maps>,
}

/// A convolution whose weights are packed.
struct Pointwise {
    weights: Packed,
    bias: Vec<f32>,
    /// Slopes of negative values: zeros for a ReLU, ones for none.
    slope: Vec<f32>,
}

/// A depthwise 3x3, a pointwise 1x1, and the input added.
struct Block {
    taps: Taps,
    depthwise: Vec<f32>,
    depthwise_bias: Vec<f32>,
    pixels: Taps,
    pointwise: Pointwise,
    /// Windows of the shortcut's 2x2 pooling, where the block halves the size.
    pool: Option<Taps>,
    channels: usize,
    out: usize,
    /// Channels of the maps read and written. A map has as many as the shortcut out of it is wide; those
    /// that the block before did not write stay zero.
    width: usize,
    width_out: usize,
}

/// What one resolution says of its anchors.
struct Head {
    pixels: Taps,
    boxes: Pointwise,
    scores: Pointwise,
}

/// The features of one image.
struct Maps {
    /// The padded image.
    image: Vec<f32>,
    /// What each block reads, and what the last one writes.
    features: Vec<Vec<f32>>,
    /// What each block's depthwise convolution writes.
    depthwise: Vec<Vec<f32>>,
    /// The pooled shortcut of each block that has one.
    pooled: Vec<Vec<f32>>,
}

impl fmt::Debug for FusedBlazeFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FusedBlazeFace").finish_non_exhaustive()
    }
}

impl FusedBlazeFace {
    /// Packs the weights of `network`, which is on the CPU; none where they cannot be read there.
    pub fn new(network: &BlazeFace) -> Option<Self> {
        const STEM: (usize, usize) = (5, 2);
        let (kernel, stride) = STEM;
        let mut side = INPUT_SIZE / stride;
        let out = |index: usize| {
            network
                .blocks
                .get(index)
                .map(|b| b.pointwise.weight.dims()[0])
        };
        let width = |channels: usize, next: Option<usize>| next.unwrap_or(0).max(channels);
        let stem_out = network.stem.weight.dims()[0];
        let stem_width = width(stem_out, out(0));
        let (mut blocks, mut channels, mut wide) = (Vec::new(), stem_out, stem_width);
        let mut fine_side = side;
        for (index, block) in network.blocks.iter().enumerate() {
            let block_out = out(index)?;
            let width_out = width(block_out, out(index + 1));
            blocks.push(Block::new(block, side, channels, (wide, width_out))?);
            side /= block.depthwise.stride[0];
            (channels, wide) = (block_out, width_out);
            if index == FINE_BLOCK {
                fine_side = side;
            }
        }
        let head = |side, boxes, scores| {
            Some(Head {
                pixels: Taps::new(side, 1, 1),
                boxes: Pointwise::new(boxes, 1, false)?,
                scores: Pointwise::new(scores, 1, false)?,
            })
        };
        Some(Self {
            stem: Pointwise::new(&network.stem, kernel, true)?,
            stem_taps: Taps::rows(INPUT_SIZE, kernel, stride),
            stem_width,
            blocks,
            heads: [
                head(fine_side, &network.boxes_16, &network.scores_16)?,
                head(side, &network.boxes_8, &network.scores_8)?,
            ],
            buffers: BufferPool::default(),
        })
    }

    /// Raw boxes, `[896, 16]`, and scores, `[896]`, of a 128x128 image, as
    /// [`BlazeFace::forward`] gives them.
    ///
    /// # Panics
    /// Where the image has another size.
    pub fn forward(&self, image: &RgbImage) -> (Vec<f32>, Vec<f32>) {
        self.buffers
            .lend(|| self.maps(), |maps| self.forward_in(image, maps))
    }

    fn forward_in(&self, image: &RgbImage, maps: &mut Maps) -> (Vec<f32>, Vec<f32>) {
        write_padded(image, &mut maps.image, STEM_PADDING);
        Convolution {
            taps: &self.stem_taps,
            weights: &self.stem.weights,
            input: &maps.image,
            from: Channels {
                width: 3,
                first: 0,
                count: 3 * self.stem_taps.count,
            },
            output: &mut maps.features[0],
            to: Channels {
                width: self.stem_width,
                first: 0,
                count: self.stem.bias.len(),
            },
            finish: self.stem.finish(None),
        }
        .run();
        for (index, block) in self.blocks.iter().enumerate() {
            let (read, written) = maps.features.split_at_mut(index + 1);
            let scratch = (&mut maps.depthwise[index], &mut maps.pooled[index]);
            block.run(&read[index], &mut written[0], scratch);
        }
        let (mut boxes, mut scores) = (Vec::new(), Vec::new());
        for (head, index) in self.heads.iter().zip([FINE_BLOCK, self.blocks.len() - 1]) {
            let block = &self.blocks[index];
            let features = &maps.features[index + 1];
            boxes.extend(head.boxes.apply(&head.pixels, features, block));
            scores.extend(head.scores.apply(&head.pixels, features, block));
        }
        debug_assert_eq!((boxes.len(), scores.len()), (ANCHORS * BOX_VALUES, ANCHORS));
        (boxes, scores)
    }

    fn maps(&self) -> Maps {
        let side = Taps::padded(INPUT_SIZE, self.stem_taps.count, 2);
        let zeros = |size: usize| vec![0.0; size];
        let of_blocks = |size: fn(&Block) -> usize| self.blocks.iter().map(move |b| zeros(size(b)));
        let first = zeros(self.stem_taps.pixels_out * self.stem_width);
        Maps {
            image: zeros(side * side * 3),
            features: std::iter::once(first)
                .chain(of_blocks(|b| b.taps.pixels_out * b.width_out))
                .collect(),
            depthwise: of_blocks(|b| b.taps.pixels_out * b.channels).collect(),
            pooled: of_blocks(|b| b.pool.as_ref().map_or(0, |pool| pool.pixels_out * b.width))
                .collect(),
        }
    }
}

impl Block {
    fn new(
        block: &super::network::Block,
        side: usize,
        channels: usize,
        (width, width_out): (usize, usize),
    ) -> Option<Self> {
        let stride = block.depthwise.stride[0];
        let weight = values(block.depthwise.weight.val().permute([2, 3, 0, 1]))?;
        Some(Self {
            taps: Taps::same(side, 3, stride),
            depthwise: weight,
            depthwise_bias: values(block.depthwise.bias.as_ref()?.val())?,
            pixels: Taps::new(side / stride, 1, 1),
            pointwise: Pointwise::new(&block.pointwise, 1, true)?,
            pool: block.pool.is_some().then(|| Taps::same(side, 2, 2)),
            channels,
            out: block.pointwise.weight.dims()[0],
            width,
            width_out,
        })
    }

    fn run(
        &self,
        input: &[f32],
        output: &mut [f32],
        (depthwise, pooled): (&mut Vec<f32>, &mut Vec<f32>),
    ) {
        Depthwise {
            taps: &self.taps,
            weights: &self.depthwise,
            bias: &self.depthwise_bias,
            input,
            from: Channels {
                width: self.width,
                first: 0,
                count: self.channels,
            },
            output: depthwise,
        }
        .run();
        let all = Channels::all(self.width);
        let shortcut = match &self.pool {
            Some(taps) => {
                max_pool(taps, (input, all), (pooled, all), None);
                &pooled[..]
            }
            None => input,
        };
        let shortcut_channels = Channels {
            count: self.out,
            ..all
        };
        Convolution {
            taps: &self.pixels,
            weights: &self.pointwise.weights,
            input: depthwise,
            from: Channels::all(self.channels),
            output,
            to: Channels {
                width: self.width_out,
                first: 0,
                count: self.out,
            },
            finish: self.pointwise.finish(Some((shortcut, shortcut_channels))),
        }
        .run();
    }
}

impl Pointwise {
    /// `taps` is 1, or a kernel's side where windows are taken row by row.
    fn new(conv: &Conv2d, taps: usize, rectified: bool) -> Option<Self> {
        let [out, channels, kernel, _] = conv.weight.dims();
        let weight = values(conv.weight.val().permute([2, 3, 1, 0]))?;
        let inputs = kernel * kernel * channels / taps;
        Some(Self {
            weights: Packed::new([taps, inputs, out], |tap, input, output| {
                weight[(tap * inputs + input) * out + output]
            }),
            bias: values(conv.bias.as_ref()?.val())?,
            slope: vec![if rectified { 0.0 } else { 1.0 }; out],
        })
    }

    fn finish<'a>(&'a self, residual: Option<(&'a [f32], Channels)>) -> Finish<'a> {
        Finish::Activate {
            bias: &self.bias,
            slope: &self.slope,
            residual,
        }
    }

    /// The values at each pixel of the map that `block` wrote.
    fn apply(&self, pixels: &Taps, features: &[f32], block: &Block) -> Vec<f32> {
        let out = self.bias.len();
        let mut output = vec![0.0; pixels.pixels_out * out];
        Convolution {
            taps: pixels,
            weights: &self.weights,
            input: features,
            from: Channels {
                width: block.width_out,
                first: 0,
                count: block.out,
            },
            output: &mut output,
            to: Channels::all(out),
            finish: self.finish(None),
        }
        .run();
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::network::tests::random;
    use crate::image::to_tensor;
    use crate::net::weights::golden_inputs;

    /// A golden input in the middle of a grey square of the detector's size.
    fn picture(index: usize) -> RgbImage {
        let (face, side) = (&golden_inputs()[index], INPUT_SIZE as u32);
        let pixels = (0..side * side).flat_map(|at| {
            let (x, y) = ((at % side).min(111), (at / side).min(111));
            let at = ((y * 112 + x) * 3) as usize;
            [0, 1, 2].map(|channel| face.pixels()[at + channel])
        });
        RgbImage::new(side, side, pixels.collect()).unwrap()
    }

    #[test]
    fn boxes_and_scores_are_those_of_burn() {
        let device = crate::device::cpu();
        let network = random(&device);
        let fused = FusedBlazeFace::new(&network).unwrap();
        // The first one twice, since feature maps are used again.
        for index in [0, 1, 0] {
            let image = picture(index);
            let (boxes, scores) = network.forward(to_tensor(&[&image], &device));
            let (found_boxes, found_scores) = fused.forward(&image);
            for (found, expected) in [
                (found_boxes, values(boxes).unwrap()),
                (found_scores, values(scores).unwrap()),
            ] {
                assert_eq!(found.len(), expected.len());
                let size = expected.iter().fold(0.0f32, |size, x| size.max(x.abs()));
                for (a, b) in found.iter().zip(&expected) {
                    assert!((a - b).abs() < 1e-4 * size.max(1.0), "{a} and {b}");
                }
            }
        }
    }
}
