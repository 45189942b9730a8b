//! The named architectures, stage by stage.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::facenet::{FaceNetConfig, HeadPooling, StageConfig};
use super::inception::{Activation, Branch, InceptionConfig, PoolBranch, Pooling};
use super::residual::ResidualConfig;
use Pooling::{L2, Max};
use StageConfig::{Lrn, MaxPool};

/// A named network. `facekey layers NAME` lists the layers and the cost of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Narrow stem, factorised 5x5, and weighted pooling in the head: fast to train.
    Slim,
    /// The network of the shipped weights, with twice the multiply-adds of [`Preset::Slim`]. Its
    /// stem has stride 4, so no other layer computes at more than a quarter of the crop's
    /// resolution.
    Wide,
    /// OpenFace's nn4.small2 (Amos et al., "OpenFace", 2016), here at 112x112.
    Nn4Small2,
    /// FaceNet's NN2 (Schroff et al., "FaceNet", 2015, table 2), here at 112x112.
    Nn2,
    /// Residual Inception blocks (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of
    /// residual connections on learning", 2016) with learned slopes.
    Residual,
    /// A very small network, for tests and for trials of training.
    Tiny,
}

impl Preset {
    /// The network of the shipped weights.
    pub const SHIPPED: Self = Self::Residual;
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slim => "slim",
            Self::Wide => "wide",
            Self::Nn4Small2 => "nn4-small2",
            Self::Nn2 => "nn2",
            Self::Residual => "residual",
            Self::Tiny => "tiny",
        })
    }
}

impl From<Preset> for FaceNetConfig {
    fn from(preset: Preset) -> Self {
        let (stages, activation, pooling) = match preset {
            Preset::Slim => (SLIM, Activation::Relu, HeadPooling::Weighted),
            Preset::Wide => (WIDE, Activation::Relu, HeadPooling::Weighted),
            Preset::Nn4Small2 => (NN4_SMALL2, Activation::Relu, HeadPooling::Average),
            Preset::Nn2 => (NN2, Activation::Relu, HeadPooling::Average),
            Preset::Residual => (RESIDUAL, Activation::Prelu, HeadPooling::Weighted),
            Preset::Tiny => (TINY, Activation::Relu, HeadPooling::Weighted),
        };
        Self {
            stages: stages.to_vec(),
            activation,
            pooling,
        }
    }
}

const SLIM: &[StageConfig] = &[
    conv(16, 3, 2),
    conv(40, 3, 2),
    factorised(plain(block(12, (16, 24), (8, 8), (Max, 8)))),
    factorised(halving(block(0, (24, 64), (8, 16), (Max, 0)))),
    factorised(plain(block(48, (40, 64), (12, 16), (Max, 16)))),
    factorised(plain(block(48, (40, 64), (12, 16), (Max, 16)))),
    factorised(halving(block(0, (64, 128), (16, 32), (Max, 0)))),
    factorised(plain(block(128, (64, 112), (24, 32), (Max, 32)))),
    factorised(plain(block(128, (64, 112), (24, 32), (Max, 32)))),
];

const WIDE: &[StageConfig] = &[
    conv(64, 7, 4),
    factorised(plain(block(24, (24, 40), (8, 16), (Max, 8)))),
    factorised(halving(block(0, (40, 96), (12, 24), (Max, 0)))),
    factorised(plain(block(64, (56, 96), (16, 32), (Max, 32)))),
    factorised(plain(block(64, (56, 96), (16, 32), (Max, 32)))),
    factorised(halving(block(0, (80, 176), (24, 48), (Max, 0)))),
    factorised(plain(block(160, (80, 160), (32, 48), (Max, 48)))),
    factorised(plain(block(160, (80, 160), (32, 48), (Max, 48)))),
];

const NN4_SMALL2: &[StageConfig] = &[
    conv(64, 7, 2),
    MaxPool,
    Lrn,
    conv(64, 1, 1),
    conv(192, 3, 1),
    Lrn,
    MaxPool,
    plain(block(64, (96, 128), (16, 32), (Max, 32))),
    plain(block(64, (96, 128), (32, 64), (L2, 64))),
    halving(block(0, (128, 256), (32, 64), (Max, 0))),
    plain(block(256, (96, 192), (32, 64), (L2, 128))),
    halving(block(0, (160, 256), (64, 128), (Max, 0))),
    plain(block(256, (96, 384), (0, 0), (L2, 96))),
    plain(block(256, (96, 384), (0, 0), (Max, 96))),
];

const NN2: &[StageConfig] = &[
    conv(64, 7, 2),
    MaxPool,
    Lrn,
    conv(64, 1, 1),
    conv(192, 3, 1),
    Lrn,
    MaxPool,
    plain(block(64, (96, 128), (16, 32), (Max, 32))),
    plain(block(64, (96, 128), (32, 64), (L2, 64))),
    halving(block(0, (128, 256), (32, 64), (Max, 0))),
    plain(block(256, (96, 192), (32, 64), (L2, 128))),
    plain(block(224, (112, 224), (32, 64), (L2, 128))),
    plain(block(192, (128, 256), (32, 64), (L2, 128))),
    plain(block(160, (144, 288), (32, 64), (L2, 128))),
    halving(block(0, (160, 256), (64, 128), (Max, 0))),
    plain(block(384, (192, 384), (48, 128), (L2, 128))),
    plain(block(384, (192, 384), (48, 128), (Max, 128))),
];

const RESIDUAL: &[StageConfig] = &[
    conv(24, 3, 2),
    conv(64, 3, 2),
    residual(16, [24, 24], [8, 16, 16]),
    residual(16, [24, 24], [8, 16, 16]),
    factorised(halving(block(0, (32, 64), (16, 32), (Max, 0)))),
    residual(40, [40, 56], [24, 24, 24]),
    residual(40, [40, 56], [24, 24, 24]),
    residual(40, [40, 56], [24, 24, 24]),
    factorised(halving(block(0, (72, 144), (24, 48), (Max, 0)))),
    residual(112, [64, 112], [32, 40, 56]),
    residual(112, [64, 112], [32, 40, 56]),
];

const TINY: &[StageConfig] = &[
    conv(8, 3, 2),
    conv(16, 3, 2),
    factorised(halving(block(0, (8, 24), (4, 8), (Max, 0)))),
    factorised(plain(block(16, (12, 24), (4, 8), (Max, 8)))),
    factorised(halving(block(0, (16, 32), (8, 16), (Max, 0)))),
];

const fn conv(out: usize, kernel: usize, stride: usize) -> StageConfig {
    StageConfig::Conv {
        out,
        kernel,
        stride,
    }
}

/// A block, in the order of FaceNet's table 2: 1x1, 3x3 (reduce, out), 5x5 (reduce, out), pooling.
/// Zero means that the branch is absent.
const fn block(
    conv1x1: usize,
    (reduce3, out3): (usize, usize),
    (reduce5, out5): (usize, usize),
    (pooling, project): (Pooling, usize),
) -> InceptionConfig {
    InceptionConfig {
        conv1x1: if conv1x1 == 0 { None } else { Some(conv1x1) },
        conv3x3: Branch {
            reduce: reduce3,
            out: out3,
        },
        conv5x5: if out5 == 0 {
            None
        } else {
            Some(Branch {
                reduce: reduce5,
                out: out5,
            })
        },
        pool: PoolBranch {
            pooling,
            project: if project == 0 { None } else { Some(project) },
        },
        stride: 1,
        factorised: false,
    }
}

const fn plain(config: InceptionConfig) -> StageConfig {
    StageConfig::Inception(config)
}

const fn halving(config: InceptionConfig) -> StageConfig {
    StageConfig::Inception(InceptionConfig {
        stride: 2,
        ..config
    })
}

const fn factorised(stage: StageConfig) -> StageConfig {
    match stage {
        StageConfig::Inception(config) => StageConfig::Inception(InceptionConfig {
            factorised: true,
            ..config
        }),
        other => other,
    }
}

const fn residual(narrow: usize, middle: [usize; 2], wide: [usize; 3]) -> StageConfig {
    StageConfig::Residual(ResidualConfig {
        narrow,
        middle,
        wide,
    })
}
