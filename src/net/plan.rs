//! The order in which the fused [`kernels`](crate::kernels) compute a network's convolutions and
//! poolings, and the feature maps that each of them reads and writes. Branches write side by side
//! into one map, so that nothing is concatenated.

use super::facenet::{CROP_SIZE, FaceNet, Stage};
use super::inception::{ConvBlock, Pool};
use crate::kernels::conv::{Channels, Packed, Taps};
use crate::kernels::winograd::Winograd;

/// Fewest input channels for Winograd's algorithm. With fewer, the transforms cost more than the
/// products that they save. WebAssembly multiplies and adds in two instructions, so a product costs
/// more there.
const WINOGRAD_INPUTS: usize = if cfg!(target_arch = "wasm32") { 16 } else { 48 };

/// Some of the channels of a feature map.
#[derive(Debug, Clone, Copy)]
pub struct MapSlice {
    /// Index of the map.
    pub map: usize,
    /// Channels of the map.
    pub channels: Channels,
}

/// Shape of a feature map.
#[derive(Debug, Clone, Copy)]
pub struct MapShape {
    /// Height and width, in pixels.
    pub side: usize,
    /// Channels.
    pub channels: usize,
}

/// A step from one map to another.
pub enum Planned {
    /// A convolution with its normalisation and activation.
    Conv(PlannedConv),
    /// A max pooling.
    Pool {
        /// The input.
        from: MapSlice,
        /// The output.
        to: MapSlice,
        /// The input pixels of each window.
        taps: Taps,
    },
}

/// A convolution with its normalisation and activation.
pub struct PlannedConv {
    /// Its index in [`blocks`].
    pub block: usize,
    /// The input.
    pub from: MapSlice,
    /// The output.
    pub to: MapSlice,
    /// What the residual connection adds before the activation.
    pub residual: Option<MapSlice>,
    /// The input pixels of each window.
    pub taps: Taps,
    /// Shape of the weights, `[out, in, kernel, kernel]`.
    pub shape: [usize; 4],
    /// Side of the input, in pixels.
    side: usize,
    stride: usize,
}

impl PlannedConv {
    /// Transforms `weight`, `[out, in, kernel, kernel]`. Returns `None` if Winograd's algorithm
    /// does not apply, or would be slower.
    pub fn winograd(&self, weight: &[f32]) -> Option<Winograd> {
        let [out, channels, kernel, _] = self.shape;
        let is_faster = kernel == 3 && self.stride == 1 && channels >= WINOGRAD_INPUTS;
        is_faster.then(|| Winograd::new(self.side, [channels, out], weight))?
    }

    /// The taps of the backward pass.
    #[cfg(feature = "training")]
    pub fn back(&self) -> Taps {
        Taps::transposed(self.side, self.shape[2], self.stride)
    }
}

/// The steps of a network and the maps between them; the first map is the padded image.
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Planned>,
    /// The maps that the steps read and write.
    pub maps: Vec<MapShape>,
    /// The last feature map.
    pub output: MapSlice,
}

impl Plan {
    /// Plans `network`. Returns `None` if it has a stage that the kernels do not support.
    pub fn of(network: &FaceNet) -> Option<Self> {
        let mut planner = Planner {
            steps: Vec::new(),
            maps: Vec::new(),
            blocks: 0,
            side: CROP_SIZE,
        };
        let output = planner.network(network)?;
        Some(Self {
            steps: planner.steps,
            maps: planner.maps,
            output,
        })
    }
}

/// An unfinished plan.
struct Planner {
    steps: Vec<Planned>,
    maps: Vec<MapShape>,
    /// Convolutions so far.
    blocks: usize,
    /// Side of the map that the next stage reads.
    side: usize,
}

impl Planner {
    /// Plans all stages. Returns the output of the last one.
    fn network(&mut self, network: &FaceNet) -> Option<MapSlice> {
        let [Stage::Conv(stem), stages @ ..] = network.stages.as_slice() else {
            return None;
        };
        let mut at = self.stem(stem)?;
        for stage in stages {
            at = match stage {
                Stage::Conv(block) => self.chain(std::slice::from_ref(block), at)?,
                Stage::MaxPool(_) => self.max_pool(at, 2),
                Stage::Inception(block) => {
                    let Pool::Max(pool) = &block.pool else {
                        return None;
                    };
                    let branches = [&block.conv1x1, &block.conv3x3, &block.conv5x5];
                    self.inception(branches, &block.project, pool.stride[0], at)?
                }
                Stage::Residual(block) => {
                    let narrow = std::slice::from_ref(&block.narrow);
                    let branches = [narrow, block.middle.as_slice(), block.wide.as_slice()];
                    let joined = self.branches(&branches, at, 1, 0)?;
                    let to = self.map(self.side, at.channels.count);
                    self.convolve(&block.join, joined, to, Some(at));
                    to
                }
                Stage::Lrn(_) => return None,
            };
        }
        Some(at)
    }

    fn next_block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks - 1
    }

    fn map(&mut self, side: usize, channels: usize) -> MapSlice {
        self.maps.push(MapShape { side, channels });
        MapSlice {
            map: self.maps.len() - 1,
            channels: Channels::all(channels),
        }
    }

    /// Plans the first convolution, which reads padded images.
    fn stem(&mut self, block: &ConvBlock) -> Option<MapSlice> {
        let [out, channels, kernel, _] = block.conv.weight.dims();
        let stride = block.conv.stride[0];
        let side = Taps::padded(CROP_SIZE, kernel, stride);
        if side < kernel / 2 + CROP_SIZE {
            return None;
        }
        let image = self.map(side, channels);
        self.side = CROP_SIZE.div_ceil(stride);
        let to = self.map(self.side, out);
        let row = Channels {
            width: channels,
            first: 0,
            count: kernel * channels,
        };
        let from = MapSlice {
            channels: row,
            ..image
        };
        let block = self.next_block();
        self.steps.push(Planned::Conv(PlannedConv {
            block,
            from,
            to,
            residual: None,
            taps: Taps::rows(CROP_SIZE, kernel, stride),
            shape: [out, channels, kernel, kernel],
            side: CROP_SIZE,
            stride,
        }));
        Some(to)
    }

    /// Plans convolutions one after another; the last one writes to `to`.
    fn chain_into(
        &mut self,
        blocks: &[ConvBlock],
        from: MapSlice,
        side: usize,
        to: MapSlice,
    ) -> Option<()> {
        let (last, first) = blocks.split_last()?;
        let mut at = from;
        for block in first {
            let [out, ..] = block.conv.weight.dims();
            let next = self.map(side, out);
            self.convolve(block, at, next, None);
            at = next;
        }
        self.convolve(last, at, to, None);
        Some(())
    }

    fn chain(&mut self, blocks: &[ConvBlock], from: MapSlice) -> Option<MapSlice> {
        let last = blocks.last()?;
        let side = self.side;
        self.side = side.div_ceil(last.conv.stride[0]);
        let to = self.map(self.side, last.conv.weight.dims()[0]);
        let after = std::mem::replace(&mut self.side, side);
        self.chain_into(blocks, from, side, to)?;
        self.side = after;
        Some(to)
    }

    fn convolve(
        &mut self,
        block: &ConvBlock,
        from: MapSlice,
        to: MapSlice,
        residual: Option<MapSlice>,
    ) {
        let shape = block.conv.weight.dims();
        let side = self.maps[from.map].side;
        let ([_, _, kernel, _], stride) = (shape, block.conv.stride[0]);
        let block = self.next_block();
        self.steps.push(Planned::Conv(PlannedConv {
            block,
            from,
            to,
            residual,
            taps: Taps::new(side, kernel, stride),
            shape,
            side,
            stride,
        }));
    }

    /// Plans branches that write side by side into a new map, which keeps `more` channels free at
    /// its end.
    fn branches(
        &mut self,
        branches: &[&[ConvBlock]],
        from: MapSlice,
        stride: usize,
        more: usize,
    ) -> Option<MapSlice> {
        let width =
            |branch: &[ConvBlock]| branch.last().map_or(0, |last| last.conv.weight.dims()[0]);
        let total = branches.iter().map(|branch| width(branch)).sum::<usize>() + more;
        let joined = self.map(self.side.div_ceil(stride), total);
        let mut first = 0;
        for branch in branches.iter().filter(|branch| !branch.is_empty()) {
            let channels = Channels {
                width: total,
                first,
                count: width(branch),
            };
            self.chain_into(branch, from, self.side, MapSlice { channels, ..joined })?;
            first += width(branch);
        }
        Some(joined)
    }

    fn inception(
        &mut self,
        branches: [&Vec<ConvBlock>; 3],
        project: &[ConvBlock],
        stride: usize,
        from: MapSlice,
    ) -> Option<MapSlice> {
        let pooled = project
            .last()
            .map_or(from.channels.count, |last| last.conv.weight.dims()[0]);
        let branches = branches.map(Vec::as_slice);
        let joined = self.branches(&branches, from, stride, pooled)?;
        let width = self.maps[joined.map].channels;
        let channels = Channels {
            width,
            first: width - pooled,
            count: pooled,
        };
        let to = MapSlice { channels, ..joined };
        if project.is_empty() {
            self.pool(from, to, stride);
        } else {
            let between = self.map(self.side, from.channels.count);
            self.pool(from, between, stride);
            self.chain_into(project, between, self.side, to)?;
        }
        self.side = self.side.div_ceil(stride);
        Some(joined)
    }

    fn max_pool(&mut self, from: MapSlice, stride: usize) -> MapSlice {
        let to = self.map(self.side.div_ceil(stride), from.channels.count);
        self.pool(from, to, stride);
        self.side = self.side.div_ceil(stride);
        to
    }

    fn pool(&mut self, from: MapSlice, to: MapSlice, stride: usize) {
        self.steps.push(Planned::Pool {
            from,
            to,
            taps: Taps::new(self.side, 3, stride),
        });
    }
}

/// The convolutions of `network`, in the order of its [`Plan`].
pub fn blocks(network: &FaceNet) -> Vec<&ConvBlock> {
    fn of(stage: &Stage) -> Vec<&ConvBlock> {
        match stage {
            Stage::Conv(block) => vec![block],
            Stage::Inception(block) => {
                let branches = [
                    &block.conv1x1,
                    &block.conv3x3,
                    &block.conv5x5,
                    &block.project,
                ];
                branches.into_iter().flatten().collect()
            }
            Stage::Residual(block) => {
                let branches = block.middle.iter().chain(&block.wide);
                std::iter::once(&block.narrow)
                    .chain(branches)
                    .chain([&block.join])
                    .collect()
            }
            Stage::MaxPool(_) | Stage::Lrn(_) => Vec::new(),
        }
    }
    network.stages.iter().flat_map(of).collect()
}

/// Packs `weight`, `[out, in, kernel, kernel]`, for windows of `taps` taps. A tap is a pixel, or a
/// row of pixels ([`Taps::rows`]).
pub fn packed(weight: &[f32], [out, channels, kernel, _]: [usize; 4], taps: usize) -> Packed {
    let inputs = channels * kernel * kernel / taps;
    Packed::new([taps, inputs, out], |tap, input, output| {
        let at = tap * inputs + input;
        let (position, channel) = (at / channels, at % channels);
        weight[(output * channels + channel) * kernel * kernel + position]
    })
}
