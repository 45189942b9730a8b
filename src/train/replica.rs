//! The work of one device in a step: the loss of its batch, and the gradients.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Gradients, Tensor};

use super::embeddings::{read_rows, read_scalar};
use super::loader::Batch;
use super::loss::{Distillation, distillation, indices, triplet_loss};
use super::mining::{distances, mine};
use super::settings::{Precision, Settings};
use super::teacher::Teacher;
use super::{Stream, generator};
use crate::image::to_tensor;
use crate::net::FaceNet;
use crate::net::backprop::Backprop;

/// A training device, with the teacher and the targets for distillation.
pub struct Replica {
    /// The device, with autodiff.
    pub device: Device,
    /// The teacher for pictures without a target.
    pub teacher: Option<Teacher>,
    /// The memory bank of the contrastive term: targets of any faces, `[m, 128]`.
    pub bank: Option<Tensor<2>>,
    /// The convolutions' fused forward and backward pass, if the device is the CPU and the network
    /// supports it; otherwise autodiff computes them.
    pub backprop: Option<Mutex<Backprop>>,
}

/// The gradients of a batch, and its losses.
pub struct BatchGradients {
    /// Gradients of the loss with respect to the network's parameters.
    pub gradients: GradientsParams,
    /// The loss and its terms.
    pub losses: Losses,
}

/// The loss of a batch, and the terms of this weighted sum.
#[derive(Debug, Clone, Copy)]
pub struct Losses {
    /// The weighted sum.
    pub total: f32,
    /// The triplet loss.
    pub triplet: f32,
    /// The pointwise distillation term.
    pub pointwise: f32,
    /// The relational distillation term.
    pub relational: f32,
    /// The contrastive distillation term.
    pub contrastive: f32,
    /// Share of the mined triplets that are active, in `[0, 1]`.
    pub active: f32,
}

impl Replica {
    /// A replica that trains `network` on `device` (without autodiff).
    pub fn new(device: &Device, network: &FaceNet, precision: Precision) -> Self {
        let fused = *device == crate::device::cpu() && precision == Precision::F32;
        let backprop = fused.then(|| Backprop::new(network)).flatten();
        Self {
            device: device.clone().autodiff(),
            teacher: None,
            bank: None,
            backprop: backprop.map(Mutex::new),
        }
    }

    /// A copy of `network` on this device. The detour through the inference form gives the copy its
    /// own normalisation statistics; otherwise Burn would share them with the original and move the
    /// original's to this device.
    pub fn copy(&self, network: &FaceNet) -> FaceNet {
        network.valid().to_device(&self.device).train()
    }

    /// Loss and gradients of `batch`.
    ///
    /// # Errors
    /// If the loss is not finite.
    pub fn gradients(
        &self,
        network: &FaceNet,
        batch: &Batch,
        settings: &Settings,
    ) -> Result<BatchGradients> {
        let (rows, targets) = self.targets(batch);
        let mut backprop = self.backprop.as_ref().map(|backprop| {
            let backprop = backprop.lock().unwrap_or_else(PoisonError::into_inner);
            FusedPass::new(backprop, network, batch, &self.device)
        });
        let embeddings = match &backprop {
            Some(pass) => network.embed(pass.features.clone()),
            None => network.forward(self.input(batch).cast(DType::from(settings.precision))),
        };
        let labelled = embeddings.clone().narrow(0, 0, batch.labels.len());
        let values = read_rows(labelled.clone().detach());
        let mut rng = generator(settings.seed, Stream::Mining, batch.number as u64);
        let triplets = mine(
            settings.mining,
            &distances(&values),
            &batch.labels,
            &mut rng,
        );
        let triplet = triplet_loss(labelled, &triplets, settings.margin);
        let Distillation {
            pointwise,
            relational,
            contrastive,
        } = distillation(embeddings, &rows, targets, self.bank.as_ref());
        let active = triplet.active as f32 / triplets.len().max(1) as f32;
        let loss = triplet.value.clone() * settings.triplet_weight
            + pointwise.clone() * settings.distillation_weight
            + relational.clone() * settings.relational_weight
            + contrastive.clone() * settings.contrastive_weight;
        let losses = Losses {
            total: read_scalar(&loss),
            triplet: read_scalar(&triplet.value),
            pointwise: read_scalar(&pointwise),
            relational: read_scalar(&relational),
            contrastive: read_scalar(&contrastive),
            active,
        };
        ensure!(
            losses.total.is_finite(),
            diverged(batch.number / settings.devices)
        );
        // Burn adds up the gradients of all devices; the division makes this the mean.
        let mut all = (loss / settings.devices as f32).backward();
        let mut gradients = GradientsParams::from_module(&mut all, network);
        if let Some(pass) = &mut backprop {
            pass.backward(network, &mut all, &mut gradients);
        }
        Ok(BatchGradients { gradients, losses })
    }

    /// Rows of the batch that have a target, and the targets one after another. The teacher, if
    /// there is one, embeds the pictures without a target.
    fn targets(&self, batch: &Batch) -> (Vec<usize>, Vec<f32>) {
        let (mut rows, mut targets) = batch.targets.clone();
        let without: Vec<_> = (0..batch.images.len())
            .filter(|row| !rows.contains(row))
            .collect();
        if let Some(teacher) = &self.teacher
            && !without.is_empty()
        {
            let pictures = self.input(batch).inner();
            let chosen = indices(without.iter().copied(), &pictures.device());
            targets.extend(read_rows(teacher.forward(pictures.select(0, chosen))));
            rows.extend(without);
        }
        (rows, targets)
    }

    fn input(&self, batch: &Batch) -> Tensor<4> {
        to_tensor(&batch.images.iter().collect::<Vec<_>>(), &self.device)
    }
}

/// A batch between the fused forward and backward pass.
struct FusedPass<'a> {
    backprop: MutexGuard<'a, Backprop>,
    /// The last feature map, from which autodiff takes over.
    features: Tensor<4>,
}

impl<'a> FusedPass<'a> {
    fn new(
        mut backprop: MutexGuard<'a, Backprop>,
        network: &FaceNet,
        batch: &Batch,
        device: &Device,
    ) -> Self {
        let features = backprop.forward(network, &batch.images, device);
        Self {
            backprop,
            features: features.require_grad(),
        }
    }

    /// Adds the gradients of the convolutions to `gradients`; `all` holds the gradients from
    /// autodiff.
    fn backward(
        &mut self,
        network: &FaceNet,
        all: &mut Gradients,
        gradients: &mut GradientsParams,
    ) {
        if let Some(gradient) = self.features.grad_remove(all) {
            self.backprop.backward(network, gradient, gradients);
        }
    }
}

/// What to do about a loss or an embedding that is not finite.
pub(super) fn diverged(step: usize) -> String {
    format!("training diverged at step {step}: lower --learning-rate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::train::teacher::tests::reference;

    #[test]
    #[ignore = "needs a teacher: ../shared/models"]
    fn a_teacher_looks_at_what_has_no_target() {
        let device = crate::device::cpu();
        let teacher = reference(&device);
        let images: Vec<_> = (0..3).map(|person| faces::draw(0, person, 0)).collect();
        let input = to_tensor(&images.iter().collect::<Vec<_>>(), &device);
        let seen = read_rows(teacher.forward(input.clone()));
        let (dim, given) = (seen.len() / 3, vec![0.5; seen.len() / 3]);
        let replica = |teacher| Replica {
            device: device.clone().autodiff(),
            teacher,
            bank: None,
            backprop: None,
        };
        let batch = Batch {
            number: 0,
            labels: vec![0, 1, 2],
            targets: (vec![1], given.clone()),
            images,
        };
        assert_eq!(replica(None).targets(&batch), batch.targets);
        let (rows, targets) = replica(Some(teacher)).targets(&batch);
        assert_eq!(rows, [1, 0, 2]);
        assert_eq!(targets[..dim], given);
        for (a, b) in targets[dim..]
            .iter()
            .zip(seen[..dim].iter().chain(&seen[2 * dim..]))
        {
            assert!((a - b).abs() < 1e-4, "{a} and {b}");
        }
    }
}
