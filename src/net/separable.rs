//! The blocks that MediaPipe's networks are made of: a depthwise 3x3, a pointwise 1x1, the input
//! added, and an activation. [`Separable`] is a block in plain Burn, [`Chain`] runs several blocks on
//! the fused [`kernels`](crate::kernels).

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::Tensor;

use super::tflite::{Converted, ConvertedWeightsError};
use crate::device::values;
use crate::image::{RgbImage, write_padded};
use crate::kernels::conv::{Channels, Convolution, Finish, Operands, Packed, Taps};
use crate::kernels::depthwise::Depthwise;
use crate::kernels::pool::max_pool;

/// A depthwise 3x3 and a pointwise 1x1 convolution with a residual connection, before the activation.
#[derive(Module, Debug)]
pub(crate) struct Separable {
    pub depthwise: Conv2d,
    pub pointwise: Conv2d,
    /// Halves the size of the shortcut, if the block does so.
    pub pool: Option<MaxPool2d>,
}

impl Separable {
    /// The block `name` of a converted file, with these input channels, output channels and stride.
    pub fn load(
        weights: &Converted,
        name: &str,
        (input, output, stride): (usize, usize, usize),
    ) -> Result<Self, ConvertedWeightsError> {
        Self::build((input, output, stride), |part, config, stride| {
            weights.same(&format!("{name}.{part}"), config, stride)
        })
    }

    /// A block whose convolutions come from `conv`, which is given their name, shape and stride.
    pub fn build<E>(
        (input, output, stride): (usize, usize, usize),
        mut conv: impl FnMut(&str, Conv2dConfig, usize) -> Result<Conv2d, E>,
    ) -> Result<Self, E> {
        let depthwise = Conv2dConfig::new([input, input], [3, 3]).with_groups(input);
        let pointwise = Conv2dConfig::new([input, output], [1, 1]);
        Ok(Self {
            depthwise: conv("depthwise", depthwise, stride)?,
            pointwise: conv("pointwise", pointwise, 1)?,
            pool: (stride == 2).then(|| MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init()),
        })
    }

    /// `[n, input channels, h, w]` to `[n, output channels, h / stride, w / stride]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.pointwise.forward(self.depthwise.forward(x.clone()));
        let shortcut = match &self.pool {
            Some(pool) => pool.forward(x),
            None => x,
        };
        widen(shortcut, y.dims()[1]) + y
    }
}

/// Appends channels of zeros until there are `channels`.
fn widen(x: Tensor<4>, channels: usize) -> Tensor<4> {
    let [n, c, h, w] = x.dims();
    if c == channels {
        return x;
    }
    let zeros = Tensor::zeros([n, channels - c, h, w], &x.device());
    Tensor::cat(vec![x, zeros], 1)
}

/// A convolution whose weights are packed.
pub(crate) struct Pointwise {
    weights: Packed,
    bias: Vec<f32>,
    /// Slopes of negative values: zeros for a ReLU, ones for no activation.
    slope: Vec<f32>,
}

impl Pointwise {
    /// Packs `conv`. Returns `None` if it is not on the CPU. `taps` is 1, or the side of the kernel
    /// if a tap is a row of the window ([`Taps::rows`]).
    pub fn new(conv: &Conv2d, taps: usize, slope: Vec<f32>) -> Option<Self> {
        let [out, channels, kernel, _] = conv.weight.dims();
        let weight = values(conv.weight.val().permute([2, 3, 1, 0]))?;
        let inputs = kernel * kernel * channels / taps;
        Some(Self {
            weights: Packed::new([taps, inputs, out], |tap, input, output| {
                weight[(tap * inputs + input) * out + output]
            }),
            bias: values(conv.bias.as_ref()?.val())?,
            slope,
        })
    }

    /// A convolution without an activation.
    pub fn linear(conv: &Conv2d) -> Option<Self> {
        Self::new(conv, 1, vec![1.0; conv.weight.dims()[0]])
    }

    /// Number of output channels.
    pub fn out(&self) -> usize {
        self.bias.len()
    }

    /// Writes the first channels of `output`; a pixel of `output` has `width` channels.
    pub fn run(
        &self,
        taps: &Taps,
        (input, from): (&[f32], Channels),
        (output, width): (&mut [f32], usize),
        residual: Option<(&[f32], Channels)>,
    ) {
        Convolution {
            taps,
            weights: &self.weights,
            operands: Operands {
                input,
                from,
                output,
                to: Channels {
                    width,
                    first: 0,
                    count: self.out(),
                },
                finish: Finish::Activate {
                    bias: &self.bias,
                    slope: &self.slope,
                    residual,
                },
            },
        }
        .run();
    }
}

/// The first convolution of a network, which reads the image.
pub(crate) struct Stem {
    weights: Pointwise,
    /// Each row of a window is one tap.
    taps: Taps,
    /// Rows and columns of padding before the image.
    before: usize,
}

impl Stem {
    /// Packs `conv`, for images of side `size` with a padding of `before` pixels above and to the
    /// left. Returns `None` if `conv` is not on the CPU.
    pub fn new(conv: &Conv2d, size: usize, before: usize, slope: Vec<f32>) -> Option<Self> {
        let (kernel, stride) = (conv.weight.dims()[2], conv.stride[0]);
        Some(Self {
            weights: Pointwise::new(conv, kernel, slope)?,
            taps: Taps::rows(size, kernel, stride),
            before,
        })
    }

    /// Side of the output, in pixels.
    pub fn side(&self) -> usize {
        self.taps.pixels_out.isqrt()
    }

    /// A buffer for the padded image; `padding` is the value of the padding.
    pub fn buffer(&self, padding: f32) -> Vec<f32> {
        vec![padding; self.taps.pixels_in * 3]
    }

    /// Copies `image` to `buffer`, and writes the first channels of `output`. The second part of
    /// `output` is the number of channels of its pixels.
    pub fn run(&self, image: &RgbImage, buffer: &mut [f32], output: (&mut [f32], usize)) {
        write_padded(image, buffer, self.before);
        let rows = Channels {
            width: 3,
            first: 0,
            count: 3 * self.taps.count,
        };
        self.weights.run(&self.taps, (buffer, rows), output, None);
    }
}

/// The layers of a block.
pub(crate) struct Layers<'a> {
    pub convolutions: &'a Separable,
    /// Slopes of negative values.
    pub slope: Vec<f32>,
}

struct Block {
    taps: Taps,
    depthwise: Vec<f32>,
    depthwise_bias: Vec<f32>,
    pixels: Taps,
    pointwise: Pointwise,
    /// Windows of the shortcut's 2x2 pooling, if the block halves the size.
    pool: Option<Taps>,
    /// Channels that the depthwise convolution reads.
    channels: usize,
    /// Channels of the input map. The shortcut reads all of them. Channels that the previous block
    /// does not write stay zero.
    width: usize,
    /// Channels of the output map.
    width_out: usize,
}

impl Block {
    fn new(
        layers: Layers,
        side: usize,
        channels: usize,
        (width, width_out): (usize, usize),
    ) -> Option<Self> {
        let Separable {
            depthwise,
            pointwise,
            pool,
        } = layers.convolutions;
        let stride = depthwise.stride[0];
        Some(Self {
            taps: Taps::same(side, 3, stride),
            depthwise: values(depthwise.weight.val().permute([2, 3, 0, 1]))?,
            depthwise_bias: values(depthwise.bias.as_ref()?.val())?,
            pixels: Taps::new(side / stride, 1, 1),
            pointwise: Pointwise::new(pointwise, 1, layers.slope)?,
            pool: pool.is_some().then(|| Taps::same(side, 2, 2)),
            channels,
            width,
            width_out,
        })
    }

    fn run(
        &self,
        input: &[f32],
        output: &mut [f32],
        (depthwise, pooled): (&mut [f32], &mut [f32]),
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
                max_pool(taps, (input, all), (pooled, all));
                &*pooled
            }
            None => input,
        };
        let added = Channels {
            count: self.pointwise.out(),
            ..all
        };
        self.pointwise.run(
            &self.pixels,
            (depthwise, Channels::all(self.channels)),
            (output, self.width_out),
            Some((shortcut, added)),
        );
    }
}

/// Blocks, one after the other.
pub(crate) struct Chain(Vec<Block>);

/// The features of one image.
pub(crate) struct ChainMaps {
    /// The input of each block, and the output of the last one.
    features: Vec<Vec<f32>>,
    /// The output of each block's depthwise convolution.
    depthwise: Vec<Vec<f32>>,
    /// The pooled shortcut of each block; empty if the block does not pool.
    pooled: Vec<Vec<f32>>,
}

impl Chain {
    /// Packs `blocks`, for an input of this `side` and these `channels`. Returns `None` if their
    /// weights are not on the CPU.
    pub fn new(blocks: Vec<Layers>, mut side: usize, mut channels: usize) -> Option<Self> {
        let outs: Vec<usize> = blocks
            .iter()
            .map(|layers| layers.convolutions.pointwise.weight.dims()[0])
            .collect();
        let after = |index: usize| outs.get(index).copied().unwrap_or(0);
        let mut width = channels.max(after(0));
        let mut chain = Vec::with_capacity(blocks.len());
        for (index, layers) in blocks.into_iter().enumerate() {
            let stride = layers.convolutions.depthwise.stride[0];
            let width_out = after(index).max(after(index + 1));
            chain.push(Block::new(layers, side, channels, (width, width_out))?);
            side /= stride;
            (channels, width) = (after(index), width_out);
        }
        Some(Self(chain))
    }

    /// New feature maps, filled with zeros.
    pub fn maps(&self) -> ChainMaps {
        let of_blocks = |size: fn(&Block) -> usize| self.0.iter().map(move |b| vec![0.0; size(b)]);
        let first = self.0.first().map(|b| b.taps.pixels_in * b.width);
        ChainMaps {
            features: first
                .map(|size| vec![0.0; size])
                .into_iter()
                .chain(of_blocks(|b| b.taps.pixels_out * b.width_out))
                .collect(),
            depthwise: of_blocks(|b| b.taps.pixels_out * b.channels).collect(),
            pooled: of_blocks(|b| b.pool.as_ref().map_or(0, |pool| pool.pixels_out * b.width))
                .collect(),
        }
    }

    /// The input map of the first block, and the number of its channels.
    pub fn input<'a>(&self, maps: &'a mut ChainMaps) -> (&'a mut [f32], usize) {
        (&mut maps.features[0], self.0[0].width)
    }

    /// Computes the output of all blocks.
    pub fn run(&self, maps: &mut ChainMaps) {
        for (index, block) in self.0.iter().enumerate() {
            let (read, written) = maps.features.split_at_mut(index + 1);
            let scratch = (&mut maps.depthwise[index][..], &mut maps.pooled[index][..]);
            block.run(&read[index], &mut written[0], scratch);
        }
    }

    /// The output of the block with this index.
    pub fn output<'a>(&self, maps: &'a ChainMaps, index: usize) -> (&'a [f32], Channels) {
        let block = &self.0[index];
        let channels = Channels {
            width: block.width_out,
            first: 0,
            count: block.pointwise.out(),
        };
        (&maps.features[index + 1], channels)
    }

    /// The output of the last block.
    pub fn last<'a>(&self, maps: &'a ChainMaps) -> (&'a [f32], Channels) {
        self.output(maps, self.0.len() - 1)
    }

    /// Side of the output of the block with this index, in pixels.
    pub fn side(&self, index: usize) -> usize {
        self.0[index].taps.pixels_out.isqrt()
    }
}
