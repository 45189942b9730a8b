//! What each device does in a step: the loss of a batch of its own, and its gradients.

use anyhow::{Result, ensure};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};

use super::loader::Batch;
use super::loss::{Distillation, distillation, triplet_loss};
use super::mining::{distances, mine};
use super::teacher::Teacher;
use super::trainer::{Settings, read_rows};
use super::{Stream, generator};
use crate::image::to_tensor;
use crate::net::FaceNet;

/// A device that trains, and the teacher on it.
pub struct Replica {
    /// The device, with autodiff.
    pub device: Device,
    /// The teacher, where one looks at every batch.
    pub teacher: Option<Teacher>,
}

/// What a batch comes to.
pub struct Share {
    /// Gradients of the loss by the network's parameters.
    pub gradients: GradientsParams,
    /// The loss and its terms, as numbers.
    pub terms: Terms,
}

/// The loss of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The weighted sum of the others.
    pub loss: f32,
    /// The triplet loss.
    pub triplet: f32,
    /// Distance to the targets.
    pub pointwise: f32,
    /// Difference between distances in the batch and between their targets.
    pub relational: f32,
    /// Share of the triplets that violate the margin, 0 to 1.
    pub active: f32,
}

impl Replica {
    /// A copy of `network` to train here, with statistics of its own: Burn's would be shared with
    /// the original's, and moved to this device with them.
    pub fn copy(&self, network: &FaceNet) -> FaceNet {
        network.valid().to_device(&self.device).train()
    }

    /// Loss and gradients of `batch`.
    ///
    /// # Errors
    /// Where the loss is not finite.
    pub fn gradients(
        &self,
        network: &FaceNet,
        batch: &Batch,
        settings: &Settings,
    ) -> Result<Share> {
        let input = to_tensor(&batch.images.iter().collect::<Vec<_>>(), &self.device);
        let (rows, targets) = self.targets(batch, &input);
        let embeddings = network.forward(input.cast(DType::from(settings.precision)));
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
        } = distillation(embeddings, &rows, targets);
        let active = triplet.active as f32 / triplets.len().max(1) as f32;
        let scalars = [&triplet.value, &pointwise, &relational].map(read_scalar);
        let loss = triplet.value * settings.triplet_weight
            + pointwise * settings.distillation_weight
            + relational * settings.relational_weight;
        let terms = Terms {
            loss: read_scalar(&loss),
            triplet: scalars[0],
            pointwise: scalars[1],
            relational: scalars[2],
            active,
        };
        ensure!(
            terms.loss.is_finite(),
            "the loss is {} at batch {}: lower --learning-rate",
            terms.loss,
            batch.number
        );
        // Burn adds up the gradients of all devices; their mean is wanted.
        let gradients = (loss / settings.devices as f32).backward();
        let gradients = GradientsParams::from_grads(gradients, network);
        Ok(Share { gradients, terms })
    }

    /// Rows of the batch that have a target, and the targets one after another.
    fn targets(&self, batch: &Batch, input: &Tensor<4>) -> (Vec<usize>, Vec<f32>) {
        match &self.teacher {
            Some(teacher) => {
                let rows = (0..batch.images.len()).collect();
                (rows, read_rows(teacher.forward(input.clone().inner())))
            }
            None => batch.targets.clone(),
        }
    }
}

fn read_scalar(x: &Tensor<1>) -> f32 {
    x.clone().detach().into_scalar::<f32>()
}
