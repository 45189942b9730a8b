//! Averages several networks to one.
//!
//! Networks that were fine-tuned independently from the same weights lie around the same optimum,
//! and their mean is nearer to it than each of them (Wortsman et al., "Model soups", 2022, section
//! 3). This costs nothing at run time, and the machines that train need no connection.

use std::vec::IntoIter;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::net::FaceNet;

/// The network whose every parameter is the mean of that parameter in `networks`.
///
/// # Panics
/// If there is no network, or the presets differ.
pub fn average(networks: &[FaceNet]) -> FaceNet {
    let mut sums = parameters(&networks[0]);
    for network in &networks[1..] {
        for (sum, other) in sums.iter_mut().zip(parameters(network)) {
            assert_eq!(sum.len(), other.len(), "networks of one preset");
            sum.iter_mut()
                .zip(other)
                .for_each(|(sum, value)| *sum += value);
        }
    }
    let count = networks.len() as f32;
    for value in sums.iter_mut().flatten() {
        *value /= count;
    }
    networks[0].clone().map(&mut Replace(sums.into_iter()))
}

/// The values of each parameter, in the order in which a mapper visits them.
fn parameters(network: &FaceNet) -> Vec<Vec<f32>> {
    let mut values = Values(Vec::new());
    network.visit(&mut values);
    values.0
}

struct Values(Vec<Vec<f32>>);

impl ModuleVisitor for Values {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        self.0
            .push(parameter.val().into_data().iter::<f32>().collect());
    }
}

struct Replace(IntoIter<Vec<f32>>);

impl ModuleMapper for Replace {
    fn map_float<const D: usize>(&mut self, parameter: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let values = self.0.next().expect("values for every parameter");
        parameter.map(|tensor| {
            Tensor::from_data(TensorData::new(values, tensor.dims()), &tensor.device())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{FaceNetConfig, Preset};

    #[test]
    fn every_parameter_is_the_mean() {
        let device = crate::device::cpu();
        let network = || FaceNetConfig::from(Preset::Tiny).init(&device).fold();
        let [a, b] = [network(), network()];
        let mean = average(&[a.clone(), b.clone()]);
        let [mean, a, b] = [&mean, &a, &b].map(|network| parameters(network).concat());
        assert_ne!(a, b);
        for ((mean, a), b) in mean.iter().zip(a).zip(b) {
            assert!((mean - (a + b) / 2.0).abs() < 1e-6);
        }
    }
}
