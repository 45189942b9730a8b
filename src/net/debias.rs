//! What all members of a group have in common, taken out of the embedding.
//!
//! Where the network places the people of one sex and origin together, all strangers of that group look
//! alike to it. The directions in which the groups' means differ are taken out ("hard debiasing",
//! Bolukbasi et al., "Man is to computer programmer as woman is to homemaker?", 2016, section 6; for
//! faces the same is done with a linear classifier's directions by Dhar et al., "PASS", 2021, section 4).
//! A projection of the embedding before its normalisation is a change of the last layer alone, so it
//! costs nothing at run time.

use burn::tensor::{Device, Tensor, TensorData};

use super::facenet::FaceNet;
use crate::image::{RgbImage, to_tensor};
use crate::verify::embedding::EMBEDDING_DIM;

/// What the last layer gives for a face, before it is brought to unit length.
pub type Output = [f64; EMBEDDING_DIM];

/// Lengths below this part of a mean's are rounding.
const SMALLEST: f64 = 1e-6;

/// `network` with the mean of the groups' `means` subtracted from what its last layer gives, and the
/// directions in which they differ taken out.
///
/// Each mean is over the [`outputs`] for a group's faces.
pub fn debias(mut network: FaceNet, means: &[Output]) -> FaceNet {
    let centre = mean(means);
    let directions = directions(means, &centre);
    let linear = &mut network.head.linear;
    linear.weight = linear
        .weight
        .clone()
        .map(|weight| each_row(weight, |row| project(row, &directions)));
    linear.bias = linear.bias.clone().map(|bias| {
        bias.map(|bias| {
            let moved = each_row(bias.unsqueeze::<2>(), |row| {
                row.iter_mut().zip(&centre).for_each(|(x, c)| *x -= c);
                project(row, &directions);
            });
            moved.reshape([EMBEDDING_DIM])
        })
    });
    network
}

/// What the last layer of `network`, which is on `device`, gives for each aligned crop.
pub fn outputs(network: &FaceNet, crops: &[RgbImage], device: &Device) -> Vec<Output> {
    let faces = to_tensor(&crops.iter().collect::<Vec<_>>(), device);
    let values = network.unnormalised(faces).into_data();
    let values: Vec<f32> = values.iter::<f32>().collect();
    let (rows, _) = values.as_chunks::<EMBEDDING_DIM>();
    rows.iter().map(|row| row.map(f64::from)).collect()
}

/// The mean of `rows`.
pub fn mean(rows: &[Output]) -> Output {
    let mut mean = [0.0; EMBEDDING_DIM];
    for row in rows {
        mean.iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += x / rows.len() as f64);
    }
    mean
}

/// Orthogonal directions of unit length that span how `means` differ from their `centre` (Gram and
/// Schmidt): one less than there are means, or fewer.
fn directions(means: &[Output], centre: &Output) -> Vec<Output> {
    let mut directions: Vec<Output> = Vec::new();
    for mean in means {
        let mut rest: Output = std::array::from_fn(|i| mean[i] - centre[i]);
        let whole = length(&rest);
        // Twice, since the first time leaves rounding errors.
        project(&mut rest, &directions);
        project(&mut rest, &directions);
        let left = length(&rest);
        if left > SMALLEST * whole {
            directions.push(rest.map(|x| x / left));
        }
    }
    directions
}

/// Takes `directions` out of `row`.
fn project(row: &mut Output, directions: &[Output]) {
    for direction in directions {
        let along: f64 = row.iter().zip(direction).map(|(x, d)| x * d).sum();
        row.iter_mut()
            .zip(direction)
            .for_each(|(x, d)| *x -= along * d);
    }
}

fn length(row: &Output) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// `[n, 128]` with each row changed.
fn each_row(matrix: Tensor<2>, change: impl Fn(&mut Output)) -> Tensor<2> {
    let (shape, device) = (matrix.dims(), matrix.device());
    let values: Vec<f32> = matrix.into_data().iter::<f32>().collect();
    let (rows, _) = values.as_chunks::<EMBEDDING_DIM>();
    let rows = rows.iter().flat_map(|row| {
        let mut row = row.map(f64::from);
        change(&mut row);
        row.map(|x| x as f32)
    });
    let values: Vec<f32> = rows.collect();
    Tensor::from_data(TensorData::new(values, shape), &device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn;
    use crate::net::{FaceNetConfig, Preset};

    #[test]
    fn groups_have_one_mean_and_people_stay_apart() {
        let device = crate::device::cpu();
        let network = FaceNetConfig::from(Preset::Tiny).init(&device).fold();
        let crops: Vec<_> = (0..12).map(|person| drawn::draw(0, person, 0)).collect();
        let groups = |network: &FaceNet| -> Vec<Vec<Output>> {
            let rows = outputs(network, &crops, &device);
            rows.chunks(4).map(<[_]>::to_vec).collect()
        };
        let means = |groups: &[Vec<Output>]| groups.iter().map(|it| mean(it)).collect::<Vec<_>>();
        let before = groups(&network);
        let after = groups(&debias(network, &means(&before)));
        let spread = length(&after[0][0]);
        for mean in means(&after) {
            assert!(
                length(&mean) < 1e-3 * spread,
                "{} of {spread}",
                length(&mean)
            );
        }
        let apart: Output = std::array::from_fn(|i| after[0][0][i] - after[0][1][i]);
        assert!(length(&apart) > 0.1 * spread);
    }
}
