//! The optimiser: Muon for the convolutions, Adam for everything else.
//!
//! Adam scales each weight's gradient separately. Muon (Jordan et al., "Muon: An optimizer for
//! hidden layers in neural networks", 2024) treats a layer's gradient as a matrix and sets all
//! singular values to about 1, so rare directions are learnt as fast as frequent ones. A
//! convolution's weights are reshaped to a matrix `[out, inputs]`. `docs/experiments.md` gives the
//! gain.

use burn::module::ParamGroup;
use burn::optim::{AdamConfig, ModuleOptimizer, Muon, MuonConfig, MuonState, Optimizer};
use burn::tensor::{Device, Tensor};

/// Muon's learning rate as a multiple of Adam's.
const RATIO: f64 = 13.0;

/// A fresh optimiser for a [`FaceNet`](crate::net::FaceNet) in training form.
pub fn optimiser() -> ModuleOptimizer {
    let kernels = ParamGroup::from_predicate("conv.weight");
    AdamConfig::new()
        .init()
        .with_group(kernels, KernelMuon(MuonConfig::new().build()), None)
}

/// Burn's Muon, which takes matrices, for weights of any rank: `[out, ...]` is reshaped to `[out,
/// inputs]`.
#[derive(Clone)]
struct KernelMuon(Muon);

impl Optimizer for KernelMuon {
    type State<const D: usize> = MuonState<2>;

    fn step<const D: usize>(
        &self,
        rate: f64,
        weight: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<MuonState<2>>,
    ) -> (Tensor<D>, Option<MuonState<2>>) {
        let shape = weight.dims();
        let inputs = shape[1..].iter().product();
        let matrix = |x: Tensor<D>| x.reshape([shape[0], inputs]);
        let (weight, gradient) = (matrix(weight), matrix(gradient));
        let (weight, state) = self.0.step(rate * RATIO, weight, gradient, state);
        (weight.reshape(shape), state)
    }

    fn to_device<const D: usize>(state: MuonState<2>, device: &Device) -> MuonState<2> {
        Muon::to_device::<2>(state, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_direction_is_learnt_as_fast_as_a_frequent_one() {
        let device = crate::device::cpu();
        let weight = Tensor::<4>::zeros([2, 1, 1, 2], &device);
        let gradient = Tensor::<4>::from_data([[[[100.0, 0.0]]], [[[0.0, 1.0]]]], &device);
        let muon = KernelMuon(MuonConfig::new().build());
        let (moved, _) = muon.step(1.0 / RATIO, weight, gradient, None);
        let moved: Vec<f32> = moved.into_data().iter::<f32>().collect();
        for (value, expected) in moved.iter().zip([-1.0, 0.0, 0.0, -1.0]) {
            assert!((value - expected).abs() < 0.35, "{moved:?}");
        }
    }
}
