//! Trains [`Reliability`] on faces that are covered artificially.
//!
//! Each face is used unchanged, augmented, and with each cover that hides much of the face. A small
//! network learns to classify them from the embedding network's last feature map. The embedding
//! network itself does not change.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::{log_sigmoid, relu};
use burn::tensor::{Device, Tensor, TensorData, f16};
use rand::Rng;

use super::augment::augment_behind;
use super::occlude::Cover;
use super::schedule::Schedule;
use super::{Stream, generator};
use crate::engine::Engine;
use crate::error::Error;
use crate::image::RgbImage;
use crate::verify::reliability::{HIDDEN, REDUCED, Reliability};

/// Feature maps of faces, and which of them are covered.
#[derive(Debug)]
pub struct Examples {
    seed: u64,
    faces: u64,
    /// `[n, pixels * channels]`.
    features: Vec<f16>,
    covered: Vec<bool>,
}

impl Examples {
    /// No examples yet; `seed` determines the covers.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            faces: 0,
            features: Vec::new(),
            covered: Vec::new(),
        }
    }

    /// Adds aligned crops of uncovered faces: each unchanged, augmented, and with each cover that
    /// hides much of the face.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn add(&mut self, engine: &Engine, crops: &[RgbImage]) -> Result<(), Error> {
        for crop in crops {
            let mut rng = generator(self.seed, Stream::Augmentation, self.faces);
            self.faces += 1;
            let mut pictures = vec![crop.clone(), augment_behind(crop, None, &mut rng)];
            pictures.extend(Cover::HIDING.map(|cover| match rng.random_bool(0.5) {
                true => augment_behind(crop, Some(cover), &mut rng),
                false => cover.draw(crop.clone(), &mut rng),
            }));
            self.covered.extend([false, false, true, true, true]);
            for features in pollster::block_on(engine.features(&pictures))? {
                self.features
                    .extend(features.into_iter().map(f16::from_f32));
            }
        }
        Ok(())
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.covered.len()
    }

    /// Whether there are no pictures.
    pub fn is_empty(&self) -> bool {
        self.covered.is_empty()
    }

    /// Trains the network that detects covered faces, for feature maps `[pixels, channels]`.
    /// `progress` gets the number of steps done since its last call, of [`STEPS`].
    pub fn learn(&self, map: [usize; 2], device: &Device, progress: &dyn Fn(usize)) -> Reliability {
        const SCHEDULE: Schedule = Schedule {
            peak: 2e-3,
            warm_up: 0.1,
            cool_down: 0.9,
        };
        let device = device.clone().autodiff();
        let scale = self.scale();
        let mut network = Network::new(map, &device);
        let mut optimiser = AdamWConfig::new().with_weight_decay(1e-3).init();
        for step in 0..STEPS {
            let (features, sign, weight) = self.batch(step, map, scale, &device);
            // The cross entropy of a logit: minus the logarithm of the correct class's probability.
            let loss = -(log_sigmoid(network.forward(features) * sign) * weight).mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            let rate = SCHEDULE.rate(step as f64 / STEPS as f64);
            network = optimiser.step(rate, network, gradients);
            progress(1);
        }
        network.reliability(map, scale)
    }

    /// Root mean square of the features, to scale them to size 1 for training.
    fn scale(&self) -> f32 {
        let some = self
            .features
            .iter()
            .step_by(self.features.len().div_ceil(1 << 20).max(1));
        let squares = some.clone().map(|value| f64::from(value.to_f32()).powi(2));
        let mean = squares.sum::<f64>() / some.count().max(1) as f64;
        mean.sqrt().max(1e-12) as f32
    }

    /// A random batch: features `[n, pixels, channels]`, the correct sign of each logit, and
    /// weights that balance uncovered and covered faces.
    fn batch(
        &self,
        step: usize,
        [pixels, channels]: [usize; 2],
        scale: f32,
        device: &Device,
    ) -> (Tensor<3>, Tensor<1>, Tensor<1>) {
        const SIZE: usize = 256;
        let size = pixels * channels;
        let part =
            self.covered.iter().filter(|covered| **covered).count() as f32 / self.len() as f32;
        let mut rng = generator(self.seed, Stream::Order, step as u64);
        let chosen: Vec<_> = (0..SIZE).map(|_| rng.random_range(0..self.len())).collect();
        let features = chosen
            .iter()
            .flat_map(|&row| &self.features[row * size..][..size]);
        let features: Vec<f32> = features.map(|value| value.to_f32() / scale).collect();
        let each = |of: &dyn Fn(bool) -> f32| {
            let values: Vec<f32> = chosen.iter().map(|&row| of(self.covered[row])).collect();
            Tensor::<1>::from_data(TensorData::new(values, [SIZE]), device)
        };
        let sign = each(&|covered| if covered { -1.0 } else { 1.0 });
        let weight = each(&|covered| 0.5 / if covered { part } else { 1.0 - part });
        let shape = [SIZE, pixels, channels];
        let features = Tensor::from_data(TensorData::new(features, shape), device);
        (features, sign, weight)
    }
}

/// Steps of the training.
pub const STEPS: usize = 4000;

/// [`Reliability`] as it is trained.
#[derive(Module, Debug)]
struct Network {
    reduce: Linear,
    hidden: Linear,
    output: Linear,
}

impl Network {
    fn new([pixels, channels]: [usize; 2], device: &Device) -> Self {
        Self {
            reduce: LinearConfig::new(channels, REDUCED).init(device),
            hidden: LinearConfig::new(pixels * REDUCED, HIDDEN).init(device),
            output: LinearConfig::new(HIDDEN, 1).init(device),
        }
    }

    /// Logits `[n]` of maps `[n, pixels, channels]`.
    fn forward(&self, features: Tensor<3>) -> Tensor<1> {
        let [n, ..] = features.dims();
        let reduced = relu(self.reduce.forward(features)).reshape([n as i32, -1]);
        let hidden = relu(self.hidden.forward(reduced));
        self.output.forward(hidden).reshape([n])
    }

    /// The trained network for features that are not divided by `scale`.
    fn reliability(self, map: [usize; 2], scale: f32) -> Reliability {
        let mut values = Vec::new();
        for (layer, scale) in [(self.reduce, scale), (self.hidden, 1.0), (self.output, 1.0)] {
            let weight = layer.weight.val().into_data();
            values.extend(weight.iter::<f32>().map(|value| value / scale));
            let bias = layer.bias.map(|bias| bias.val().into_data());
            values.extend(bias.iter().flat_map(|bias| bias.iter::<f32>()));
        }
        Reliability::from_values(&values, map).expect("the network was made for these maps")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_what_tells_covered_faces() {
        let map = [4, 3];
        let mut rng = generator(1, Stream::Augmentation, 0);
        let mut examples = Examples::new(0);
        let draw = |covered: bool, rng: &mut dyn rand::RngCore| -> Vec<f32> {
            let mut features: Vec<f32> = (0..12).map(|_| rng.random_range(0.0..100.0)).collect();
            // A cover sets the second channel to zero at two positions.
            if covered {
                features[1] = 0.0;
                features[4] = 0.0;
            }
            features
        };
        for index in 0..600 {
            let covered = index % 3 > 0;
            let features = draw(covered, &mut rng);
            examples
                .features
                .extend(features.into_iter().map(f16::from_f32));
            examples.covered.push(covered);
        }
        let reliability = examples.learn(map, &crate::device::cpu(), &|_| ());
        let wrong = (0..200).filter(|index| {
            let covered = index % 2 == 0;
            (reliability.of(&draw(covered, &mut rng)) < 0.5) != covered
        });
        let wrong = wrong.count();
        assert!(wrong < 10, "{wrong} of 200");
    }
}
