//! In which order a network's convolutions and poolings are computed on the fused
//! [`kernels`](crate::kernels), and which channels of which feature map each reads and writes: branches
//! write side by side into one map, so that nothing is concatenated.

use super::facenet::{CROP_SIZE, FaceNet, Stage};
use super::inception::{ConvBlock, Pool};
use crate::kernels::conv::{Channels, Packed, Taps};
use crate::kernels::winograd::Winograd;

/// With fewer channels, transforming takes longer than the products that it saves. A product is dearer
/// in WebAssembly, which multiplies and adds in two instructions.
const WINOGRAD_INPUTS: usize = if cfg!(target_arch = "wasm32") { 16 } else { 48 };

/// Some of the channels of a feature map.
#[derive(Debug, Clone, Copy)]
pub struct MapSlice {
    /// Which map.
    pub map: usize,
    /// Which of its channels.
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
    /// A convolution with what follows it.
    Conv(PlannedConv),
    /// A max pooling.
    Pool {
        /// What is read.
        from: MapSlice,
        /// What is written.
        to: MapSlice,
        /// What each window sees.
        taps: Taps,
    },
}

/// A convolution with its normalisation and activation.
pub struct PlannedConv {
    /// Its place in [`blocks`].
    pub block: usize,
    /// What is read.
    pub from: MapSlice,
    /// What is written.
    pub to: MapSlice,
    /// What is added before the activation.
    pub residual: Option<MapSlice>,
    /// What each window sees.
    pub taps: Taps,
    /// Out, in, and sides of the kernel.
    pub shape: [usize; 4],
    side: usize,
    stride: usize,
}

impl PlannedConv {
    /// `weight`, `[out, in, kernel, kernel]`, transformed, where that saves products.
    pub fn winograd(&self, weight: &[f32]) -> Option<Winograd> {
        let [out, channels, kernel, _] = self.shape;
        let worth_it = kernel == 3 && self.stride == 1 && channels >= WINOGRAD_INPUTS;
        worth_it.then(|| Winograd::new(self.side, [channels, out], weight))?
    }

    /// The taps of the backward pass.
    #[cfg(feature = "training")]
    pub fn back(&self) -> Taps {
        Taps::transposed(self.side, self.shape[2], self.stride)
    }
}

/// The steps of a network and the maps between them; the first map is the padded image.
pub struct Plan {
    /// In order.
    pub steps: Vec<Planned>,
    /// What they read and write.
    pub maps: Vec<MapShape>,
    /// The last feature map.
    pub output: MapSlice,
}

impl Plan {
    /// The plan of `network`; `None` if it has a block that only Burn can compute.
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

/// A plan that is being put together.
struct Planner {
    steps: Vec<Planned>,
    maps: Vec<MapShape>,
    /// Convolutions so far.
    blocks: usize,
    /// Side of the map that the next stage reads.
    side: usize,
}

impl Planner {
    /// Plans all stages; gives what the last one writes.
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

    /// The first convolution, on padded images.
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

    /// Convolutions in a row, the last one into `to`.
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

    /// Chains side by side into one map, with `more` channels to come.
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

/// The convolutions in the order in which they are computed.
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

/// `weight`, `[out, in, kernel, kernel]`, packed for windows of `taps` taps: of pixels, or of rows of
/// them ([`Taps::rows`]).
pub fn packed(weight: &[f32], [out, channels, kernel, _]: [usize; 4], taps: usize) -> Packed {
    let inputs = channels * kernel * kernel / taps;
    Packed::new([taps, inputs, out], |tap, input, output| {
        let at = tap * inputs + input;
        let (position, channel) = (at / channels, at % channels);
        weight[(output * channels + channel) * kernel * kernel + position]
    })
}
