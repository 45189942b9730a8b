//! Trains the [`Refiner`] of alignments on aligned crops that are moved on purpose: scaled, rotated
//! and shifted by random amounts, about as far as a detector errs. The network learns to find the
//! transform that undoes the movement.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand::seq::IndexedRandom;
use rayon::prelude::*;

use super::augment::seen;
use super::occlude::Cover;
use super::schedule::Schedule;
use super::{Stream, generator};
use crate::face::align::Similarity;
use crate::face::refine::{Correction, LARGEST, input, transform};
use crate::geometry::Point;
use crate::image::RgbImage;
use crate::net::refiner::{CHANNELS, HIDDEN, INPUT_SIZE, LAST_SIDE, OUTPUTS, Refiner};

/// Steps of the training.
pub const STEPS: usize = 4000;

/// Moved crops in a step.
const BATCH: usize = 128;

/// Trains a refiner on aligned 112x112 `crops`, at least one. `progress` gets the number of steps
/// done since its last call, of [`STEPS`].
pub fn learn(crops: &[RgbImage], seed: u64, device: &Device, progress: &dyn Fn(usize)) -> Refiner {
    trained(crops, STEPS, seed, device, progress).refiner()
}

/// The network after so many steps.
fn trained(
    crops: &[RgbImage],
    steps: usize,
    seed: u64,
    device: &Device,
    progress: &dyn Fn(usize),
) -> Network {
    const SCHEDULE: Schedule = Schedule {
        peak: 2e-3,
        warm_up: 0.05,
        cool_down: 0.9,
    };
    let device = device.clone().autodiff();
    let mut network = Network::new(&device);
    let mut optimiser = AdamWConfig::new().with_weight_decay(1e-3).init();
    for step in 0..steps {
        let (inputs, corrections) = batch(crops, seed, step, &device);
        let error = network.forward(inputs) - corrections;
        // The pseudo-Huber loss: some crops are not aligned exactly themselves.
        let loss = ((error.square() + 0.01).sqrt()).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let rate = SCHEDULE.rate(step as f64 / steps as f64);
        network = optimiser.step(rate, network, gradients);
        progress(1);
    }
    network
}

/// Moved crops, `[n, 1, side, side]`, and the corrections that undo the movements, `[n, 4]`.
fn batch(crops: &[RgbImage], seed: u64, step: usize, device: &Device) -> (Tensor<4>, Tensor<2>) {
    let moved: Vec<(Vec<f32>, Correction)> = (0..BATCH)
        .into_par_iter()
        .map(|slot| {
            let mut rng = generator(seed, Stream::Augmentation, (step * BATCH + slot) as u64);
            let crop = crops.choose(&mut rng).expect("there is a crop");
            moved(crop, &mut rng)
        })
        .collect();
    let (inputs, corrections): (Vec<_>, Vec<_>) = moved.into_iter().unzip();
    let shape = [BATCH, 1, INPUT_SIZE, INPUT_SIZE];
    let corrections = TensorData::new(corrections.concat(), [BATCH, OUTPUTS]);
    (
        Tensor::from_data(TensorData::new(inputs.concat(), shape), device),
        Tensor::from_data(corrections, device),
    )
}

/// The input for a crop that is moved, and changed as by a camera; and the correction that undoes
/// the movement.
fn moved(crop: &RgbImage, rng: &mut impl Rng) -> (Vec<f32>, Correction) {
    /// Share of the crops that something covers.
    const COVERED: f64 = 0.15;
    let correction = any_correction(rng);
    let back = transform(correction);
    let covered = rng
        .random_bool(COVERED)
        .then(|| Cover::any(rng).draw(crop.clone(), rng));
    let crop = covered.as_ref().unwrap_or(crop);
    let moved = crop.redrawn(|x, y, _| {
        let from = back.apply(Point { x, y });
        crop.sample(from.x, from.y)
    });
    (input(&seen(moved, rng), &Similarity::IDENTITY), correction)
}

/// A random correction; most are small.
fn any_correction(rng: &mut impl Rng) -> Correction {
    // The mean of three uniform numbers is nearly normal, here with a standard deviation of 0.6.
    let mut any = || rng.random_range(-LARGEST..LARGEST);
    std::array::from_fn(|_| (any() + any() + any()) / 3.0)
}

/// [`Refiner`] as it is trained.
#[derive(Module, Debug)]
struct Network {
    convolutions: Vec<Conv2d>,
    hidden: Linear,
    output: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        let convolution = |channels: &[usize]| {
            Conv2dConfig::new([channels[0], channels[1]], [3, 3])
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device)
        };
        let features = LAST_SIDE * LAST_SIDE * CHANNELS[3];
        Self {
            convolutions: CHANNELS.windows(2).map(convolution).collect(),
            hidden: LinearConfig::new(features, HIDDEN).init(device),
            output: LinearConfig::new(HIDDEN, OUTPUTS).init(device),
        }
    }

    /// Corrections `[n, 4]` for inputs `[n, 1, side, side]`.
    fn forward(&self, inputs: Tensor<4>) -> Tensor<2> {
        let [n, ..] = inputs.dims();
        let features = self
            .convolutions
            .iter()
            .fold(inputs, |features, layer| relu(layer.forward(features)));
        let features = features.permute([0, 2, 3, 1]).reshape([n as i32, -1]);
        self.output.forward(relu(self.hidden.forward(features)))
    }

    fn refiner(self) -> Refiner {
        let mut values = Vec::new();
        let mut add = |data: TensorData| values.extend(data.iter::<f32>());
        for layer in self.convolutions {
            add(layer.weight.val().into_data());
            add(layer.bias.expect("has a bias").val().into_data());
        }
        for layer in [self.hidden, self.output] {
            add(layer.weight.val().into_data());
            add(layer.bias.expect("has a bias").val().into_data());
        }
        Refiner::from_values(&values).expect("the network has this form")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;

    #[test]
    fn the_kernels_compute_what_was_trained() {
        let device = crate::device::cpu();
        let network = Network::new(&device);
        let (inputs, _) = batch(&[faces::draw(0, 1, 0)], 3, 0, &device);
        let expected: Vec<f32> = network.forward(inputs.clone()).into_data().iter().collect();
        let refiner = network.refiner();
        let inputs: Vec<f32> = inputs.into_data().iter().collect();
        let (expected, _) = expected.as_chunks::<OUTPUTS>();
        for (input, expected) in inputs.chunks(INPUT_SIZE * INPUT_SIZE).zip(expected) {
            let found = refiner.correction(input.to_vec());
            let error = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
            assert!(error.fold(0.0, f32::max) < 1e-4);
        }
    }

    #[test]
    fn learns_to_undo_movements() {
        let device = crate::device::cpu();
        let crop = faces::draw(0, 1, 0);
        let refiner = trained(std::slice::from_ref(&crop), 120, 1, &device, &|_| ()).refiner();
        let mut rng = generator(2, Stream::Augmentation, 0);
        let (mut left, mut before) = (0.0, 0.0);
        for _ in 0..80 {
            let (input, correction) = moved(&crop, &mut rng);
            let found = refiner.correction(input);
            for (found, correction) in found.into_iter().zip(correction) {
                left += (found - correction).abs();
                before += correction.abs();
            }
        }
        assert!(left < 0.6 * before, "{left} of {before} are left");
    }
}
