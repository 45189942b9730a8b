//! A network in inference form on the fused [`kernels`](crate::kernels), for the CPU, natively and
//! in the page. Plain Burn computes the same on all other devices.

use std::fmt;

use burn::tensor::Tensor;

use super::facenet::FaceNet;
use super::inception::ConvBlock;
use super::plan::{MapShape, MapSlice, Plan, Planned, PlannedConv, blocks, packed};
use crate::device::values;
use crate::image::{RgbImage, write_padded};
use crate::kernels::buffers::BufferPool;
use crate::kernels::conv::{Convolution, Finish, Operands, Packed, Taps};
use crate::kernels::pool::max_pool;
use crate::kernels::winograd::{Tiles, Winograd, WinogradConvolution};
use crate::verify::embedding::EMBEDDING_DIM;

/// A folded network with its weights packed for the kernels.
pub struct Fused {
    steps: Vec<Step>,
    maps: Vec<MapShape>,
    output: MapSlice,
    head: Head,
    buffers: BufferPool<Features>,
}

/// The features of one face.
struct Features {
    /// Each map, `[pixels, channels]`.
    maps: Vec<Vec<f32>>,
    tiles: Tiles,
}

enum Step {
    Conv(Box<Conv>),
    Pool {
        from: MapSlice,
        to: MapSlice,
        taps: Taps,
    },
}

struct Conv {
    planned: PlannedConv,
    weights: Weights,
    bias: Vec<f32>,
    slope: Vec<f32>,
}

enum Weights {
    Direct(Packed),
    Winograd(Winograd),
}

struct Head {
    /// Weights of the pooling, `[pixels, channels]`.
    pooling: Vec<f32>,
    /// `[channels, 128]`.
    weight: Vec<f32>,
    /// `[128]`.
    bias: Vec<f32>,
}

impl fmt::Debug for Fused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fused")
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}

impl Fused {
    /// Packs the weights of `network`, which must be folded and on the CPU. Returns `None` if it is
    /// not, or if it has a stage that the kernels do not support, such as local response
    /// normalisation.
    pub fn new(network: &FaceNet) -> Option<Self> {
        let plan = Plan::of(network)?;
        let blocks = blocks(network);
        let steps = plan.steps.into_iter().map(|step| match step {
            Planned::Pool { from, to, taps } => Some(Step::Pool { from, to, taps }),
            Planned::Conv(planned) => {
                let block = blocks[planned.block];
                Conv::new(planned, block).map(|conv| Step::Conv(Box::new(conv)))
            }
        });
        Some(Self {
            steps: steps.collect::<Option<Vec<_>>>()?,
            head: Head::new(network, plan.maps[plan.output.map])?,
            maps: plan.maps,
            output: plan.output,
            buffers: BufferPool::default(),
        })
    }

    /// The last feature map of an aligned crop, `[pixels, channels]`.
    ///
    /// # Panics
    /// If the crop is not 112x112 pixels.
    pub fn features(&self, face: &RgbImage) -> Vec<f32> {
        let new = || {
            let sizes = self
                .maps
                .iter()
                .map(|map| map.side * map.side * map.channels);
            Features {
                maps: sizes.map(|size| vec![0.0; size]).collect(),
                tiles: Tiles::default(),
            }
        };
        self.buffers.lend(new, |features| {
            if let Some(Step::Conv(stem)) = self.steps.first() {
                write_padded(face, &mut features.maps[0], stem.planned.shape[2] / 2);
            }
            for step in &self.steps {
                step.run(features);
            }
            features.maps[self.output.map].clone()
        })
    }

    /// The embedding for [`features`](Self::features), before its L2 normalisation.
    pub fn embed(&self, features: &[f32]) -> [f32; EMBEDDING_DIM] {
        self.head.forward(features)
    }
}

impl Step {
    fn run(&self, features: &mut Features) {
        match self {
            Self::Conv(conv) => conv.run(features),
            Self::Pool { from, to, taps } => {
                let maps = &mut features.maps;
                let mut output = std::mem::take(&mut maps[to.map]);
                let input = (&maps[from.map][..], from.channels);
                max_pool(taps, input, (&mut output, to.channels));
                maps[to.map] = output;
            }
        }
    }
}

impl Conv {
    fn new(planned: PlannedConv, block: &ConvBlock) -> Option<Self> {
        if block.norm.is_some() {
            return None;
        }
        let [out, ..] = planned.shape;
        let vector = |tensor: Option<Tensor<1>>| match tensor {
            Some(tensor) => values(tensor),
            None => Some(vec![0.0; out]),
        };
        let weight = values(block.conv.weight.val())?;
        Some(Self {
            weights: match planned.winograd(&weight) {
                Some(transformed) => Weights::Winograd(transformed),
                None => Weights::Direct(packed(&weight, planned.shape, planned.taps.count)),
            },
            bias: vector(block.conv.bias.as_ref().map(|bias| bias.val()))?,
            slope: vector(block.slope.as_ref().map(|slope| slope.val()))?,
            planned,
        })
    }

    fn run(&self, Features { maps, tiles }: &mut Features) {
        let PlannedConv { from, to, taps, .. } = &self.planned;
        let mut output = std::mem::take(&mut maps[to.map]);
        let residual = self.planned.residual;
        let finish = Finish::Activate {
            bias: &self.bias,
            slope: &self.slope,
            residual: residual.map(|view| (&maps[view.map][..], view.channels)),
        };
        let operands = Operands {
            input: &maps[from.map],
            from: from.channels,
            output: &mut output,
            to: to.channels,
            finish,
        };
        match &self.weights {
            Weights::Direct(weights) => Convolution {
                taps,
                weights,
                operands,
            }
            .run(),
            Weights::Winograd(weights) => WinogradConvolution {
                weights,
                operands,
                tiles,
            }
            .run(),
        }
        maps[to.map] = output;
    }
}

impl Head {
    fn new(network: &FaceNet, map: MapShape) -> Option<Self> {
        let head = &network.head;
        if head.norm.is_some() {
            return None;
        }
        let pixels = map.side * map.side;
        let pooling = match &head.pool {
            Some(pool) => values(pool.val().permute([0, 2, 3, 1]))?,
            None => vec![1.0 / pixels as f32; pixels * map.channels],
        };
        Some(Self {
            pooling,
            weight: values(head.linear.weight.val())?,
            bias: values(head.linear.bias.as_ref()?.val())?,
        })
    }

    fn forward(&self, features: &[f32]) -> [f32; EMBEDDING_DIM] {
        let channels = self.weight.len() / EMBEDDING_DIM;
        let mut pooled = vec![0.0; channels];
        let pixels = features.chunks_exact(channels);
        for (features, weights) in pixels.zip(self.pooling.chunks_exact(channels)) {
            for ((pooled, feature), weight) in pooled.iter_mut().zip(features).zip(weights) {
                *pooled += feature * weight;
            }
        }
        let mut embedding = [0.0; EMBEDDING_DIM];
        embedding.copy_from_slice(&self.bias);
        for (pooled, weights) in pooled.iter().zip(self.weight.chunks_exact(EMBEDDING_DIM)) {
            for (value, weight) in embedding.iter_mut().zip(weights) {
                *value += pooled * weight;
            }
        }
        embedding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::to_tensor;
    use crate::net::weights::golden_inputs;
    use crate::net::{FaceNetConfig, Preset};
    use crate::verify::embedding::Embedding;

    #[test]
    fn embeddings_equal_those_of_burn() {
        let device = crate::device::cpu();
        let faces = golden_inputs();
        for preset in [Preset::Tiny, Preset::Slim, Preset::Wide, Preset::Residual] {
            let network = FaceNetConfig::from(preset).init(&device).fold();
            let fused = Fused::new(&network).unwrap();
            let expected = network.forward(to_tensor(&faces.iter().collect::<Vec<_>>(), &device));
            let expected = values(expected).unwrap();
            // The first face twice, because feature maps are reused.
            for face in [0, 1, 2, 3, 0] {
                let found = Embedding::new(&fused.embed(&fused.features(&faces[face]))).unwrap();
                let expected = &expected[face * EMBEDDING_DIM..][..EMBEDDING_DIM];
                let cosine = found.cosine(&Embedding::new(expected).unwrap());
                assert!(cosine > 0.999_999, "{preset}: {cosine}");
            }
        }
    }

    #[test]
    fn new_returns_none_for_unsupported_or_unfolded_networks() {
        let device = crate::device::cpu();
        let network = FaceNetConfig::from(Preset::Nn4Small2).init(&device).fold();
        assert!(Fused::new(&network).is_none());
        let training = FaceNetConfig::from(Preset::Tiny).init(&device);
        assert!(Fused::new(&training).is_none());
    }
}
