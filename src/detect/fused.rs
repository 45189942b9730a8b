//! The detector's network on the fused [`kernels`](crate::kernels). The CPU runs this, natively and
//! in the page; plain Burn computes the same on every other device.

use std::fmt;

use burn::nn::conv::Conv2d;

use super::network::{ANCHORS, BOX_VALUES, BlazeFace, FINE_BLOCK, INPUT_SIZE};
use crate::image::RgbImage;
use crate::kernels::buffers::BufferPool;
use crate::kernels::conv::{Channels, Taps};
use crate::net::separable::{Chain, ChainMaps, Layers, Pointwise, Separable, Stem};

/// Padding before the image, in pixels: TensorFlow's "SAME" for a 5x5 kernel with stride 2.
const STEM_PADDING: usize = 1;

/// The detector's network, its weights packed for the kernels.
pub struct FusedBlazeFace {
    stem: Stem,
    chain: Chain,
    heads: [Head; 2],
    buffers: BufferPool<Maps>,
}

/// The output layers for the anchors of one resolution.
struct Head {
    /// The index of the block whose output it reads.
    block: usize,
    pixels: Taps,
    boxes: Pointwise,
    scores: Pointwise,
}

/// The features of one image.
struct Maps {
    /// The padded image.
    image: Vec<f32>,
    chain: ChainMaps,
}

impl fmt::Debug for FusedBlazeFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FusedBlazeFace").finish_non_exhaustive()
    }
}

/// The slopes for negative values of a ReLU after `conv`: zeros, one a channel.
fn rectified(conv: &Conv2d) -> Vec<f32> {
    vec![0.0; conv.weight.dims()[0]]
}

fn layers(block: &Separable) -> Layers<'_> {
    Layers {
        convolutions: block,
        slope: rectified(&block.pointwise),
    }
}

impl FusedBlazeFace {
    /// Packs the weights of `network`, which must be on the CPU; `None` if they cannot be read.
    pub fn new(network: &BlazeFace) -> Option<Self> {
        let slope = rectified(&network.stem);
        let channels = slope.len();
        let stem = Stem::new(&network.stem, INPUT_SIZE, STEM_PADDING, slope)?;
        let blocks = network.blocks.iter().map(layers).collect();
        let chain = Chain::new(blocks, stem.side(), channels)?;
        let head = |block, boxes, scores| {
            Some(Head {
                block,
                pixels: Taps::new(chain.side(block), 1, 1),
                boxes: Pointwise::linear(boxes)?,
                scores: Pointwise::linear(scores)?,
            })
        };
        let last = network.blocks.len() - 1;
        Some(Self {
            stem,
            heads: [
                head(FINE_BLOCK, &network.boxes_16, &network.scores_16)?,
                head(last, &network.boxes_8, &network.scores_8)?,
            ],
            chain,
            buffers: BufferPool::default(),
        })
    }

    /// Raw boxes, `[896, 16]`, and scores, `[896]`, of a 128x128 image, as
    /// [`BlazeFace::forward`] gives them.
    ///
    /// # Panics
    /// If the image has another size.
    pub fn forward(&self, image: &RgbImage) -> (Vec<f32>, Vec<f32>) {
        self.buffers
            .lend(|| self.maps(), |maps| self.forward_in(image, maps))
    }

    fn forward_in(&self, image: &RgbImage, maps: &mut Maps) -> (Vec<f32>, Vec<f32>) {
        let input = self.chain.input(&mut maps.chain);
        self.stem.run(image, &mut maps.image, input);
        self.chain.run(&mut maps.chain);
        let (mut boxes, mut scores) = (Vec::new(), Vec::new());
        for head in &self.heads {
            let features = self.chain.output(&maps.chain, head.block);
            boxes.extend(head.apply(&head.boxes, features));
            scores.extend(head.apply(&head.scores, features));
        }
        debug_assert_eq!((boxes.len(), scores.len()), (ANCHORS * BOX_VALUES, ANCHORS));
        (boxes, scores)
    }

    fn maps(&self) -> Maps {
        Maps {
            image: self.stem.buffer(0.0),
            chain: self.chain.maps(),
        }
    }
}

impl Head {
    /// The layer's outputs, pixel by pixel.
    fn apply(&self, layer: &Pointwise, features: (&[f32], Channels)) -> Vec<f32> {
        let mut output = vec![0.0; self.pixels.pixels_out * layer.out()];
        layer.run(&self.pixels, features, (&mut output, layer.out()), None);
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::network::tests::random;
    use crate::device::values;
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
