//! Removes from the embedding what all members of a group have in common.
//!
//! If the embeddings of all people of one sex and origin lie close together, strangers of that
//! group have a high false match rate. [`debias`] removes the directions in which the groups' means
//! differ ("hard debiasing", Bolukbasi et al., "Man is to computer programmer as woman is to
//! homemaker?", 2016, section 6; Dhar et al., "PASS", 2021, section 4, remove the directions of a
//! linear classifier from embeddings of faces). A projection of the embedding before its
//! normalisation only changes the last layer, so it costs nothing at run time.

use burn::tensor::{Device, Tensor, TensorData};

use super::facenet::FaceNet;
use crate::image::{RgbImage, to_tensor};
use crate::verify::embedding::EMBEDDING_DIM;

/// The output of the last layer for a face, before the L2 normalisation.
pub type Output = [f64; EMBEDDING_DIM];

/// A direction that is shorter than this share of a mean's distance from the centre is a rounding
/// error.
const SMALLEST: f64 = 1e-6;

/// Returns `network` with a changed last layer: the mean of the groups' `means` is subtracted from
/// its output, and the directions in which the means differ are removed.
///
/// Each of `means` is the mean of the [`outputs`] for the faces of one group.
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

/// The output of the last layer for each aligned 112x112 crop. `network` must be on `device`.
pub fn outputs(network: &FaceNet, crops: &[RgbImage], device: &Device) -> Vec<Output> {
    let faces = to_tensor(&crops.iter().collect::<Vec<_>>(), device);
    let values = network.unnormalised(faces).into_data();
    let values: Vec<f32> = values.iter::<f32>().collect();
    let (rows, _) = values.as_chunks::<EMBEDDING_DIM>();
    rows.iter().map(|row| row.map(f64::from)).collect()
}

/// The mean of `rows`; zero if there are none.
pub fn mean(rows: &[Output]) -> Output {
    let mut mean = [0.0; EMBEDDING_DIM];
    for row in rows {
        mean.iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += x / rows.len() as f64);
    }
    mean
}

/// Orthonormal directions that span the differences of `means` from their `centre` (Gram and
/// Schmidt). At least one fewer than there are means.
fn directions(means: &[Output], centre: &Output) -> Vec<Output> {
    let mut directions: Vec<Output> = Vec::new();
    for mean in means {
        let mut rest: Output = std::array::from_fn(|i| mean[i] - centre[i]);
        let whole = length(&rest);
        // Twice, because the first projection leaves rounding errors.
        project(&mut rest, &directions);
        project(&mut rest, &directions);
        let left = length(&rest);
        if left > SMALLEST * whole {
            directions.push(rest.map(|x| x / left));
        }
    }
    directions
}

/// Removes `directions` from `row`.
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

/// Applies `change` to each row of `[n, 128]`.
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
    fn group_means_become_zero_and_people_stay_distinct() {
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
        let difference: Output = std::array::from_fn(|i| after[0][0][i] - after[0][1][i]);
        assert!(length(&difference) > 0.1 * spread);
    }
}
