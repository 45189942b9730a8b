//! Embeddings of a network in training, read back from its device.

use burn::tensor::{Device, Tensor};

use crate::eval::{Scores, verification_scores};
use crate::image::{RgbImage, to_tensor};
use crate::net::FaceNet;
use crate::verify::cohort::Cohort;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// Squared distances between all pairs of `images`, by a network in inference form.
pub fn validation_scores(
    network: &FaceNet,
    images: &[(RgbImage, usize)],
    device: &Device,
) -> Scores {
    let crops: Vec<&RgbImage> = images.iter().map(|(image, _)| image).collect();
    let (embeddings, labels) = labelled(embed_crops(network, &crops, device), images);
    verification_scores(&embeddings, &labels, &Cohort::NONE)
}

/// The embeddings of `images` and their identities. Images without an embedding are left out.
pub fn labelled(
    embeddings: Vec<Option<Embedding>>,
    images: &[(RgbImage, usize)],
) -> (Vec<Embedding>, Vec<usize>) {
    let pairs = embeddings.into_iter().zip(images);
    pairs
        .filter_map(|(embedding, (_, label))| Some((embedding?, *label)))
        .unzip()
}

/// The embedding of each crop; `None` if it is not finite.
pub fn embed_crops(
    network: &FaceNet,
    crops: &[&RgbImage],
    device: &Device,
) -> Vec<Option<Embedding>> {
    const BATCH: usize = 32;
    let device = device.clone().inner();
    crops
        .chunks(BATCH)
        .flat_map(|batch| {
            let rows = read_rows(network.forward(to_tensor(batch, &device)));
            rows.chunks(EMBEDDING_DIM)
                .map(Embedding::new)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The values of `x`, row after row.
pub(super) fn read_rows(x: Tensor<2>) -> Vec<f32> {
    x.into_data().iter::<f32>().collect()
}

/// The value of `x`, of shape `[1]`.
pub(super) fn read_scalar(x: &Tensor<1>) -> f32 {
    x.clone().detach().into_scalar::<f32>()
}
