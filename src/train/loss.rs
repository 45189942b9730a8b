//! The losses that training minimises.

use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::mining::Triplet;

/// The triplet loss, and the number of active triplets.
pub struct TripletLoss {
    /// Mean of `max(d(a, p) - d(a, n) + margin, 0)` over the active triplets, shape `[1]`; zero,
    /// without gradient, if there are none.
    pub value: Tensor<1>,
    /// Number of active triplets: those with a positive loss.
    pub active: usize,
}

/// Triplet loss on squared Euclidean distances (FaceNet, equation 2).
///
/// `embeddings` is `[n, 128]` with rows of unit length; indices in `triplets` are rows of
/// `embeddings`. The mean is over active triplets only (Hermans et al., 2017, section 4.1), so that
/// the gradient does not vanish as more triplets are satisfied.
pub fn triplet_loss(embeddings: Tensor<2>, triplets: &[Triplet], margin: f32) -> TripletLoss {
    let device = embeddings.device();
    if triplets.is_empty() {
        return TripletLoss {
            value: embeddings.sum().mul_scalar(0.0),
            active: 0,
        };
    }
    let rows = |pick: fn(&Triplet) -> usize| {
        embeddings
            .clone()
            .select(0, indices(triplets.iter().map(pick), &device))
    };
    let (anchor, positive, negative) = (
        rows(|t| t.anchor),
        rows(|t| t.positive),
        rows(|t| t.negative),
    );
    let near = squared_distance(anchor.clone(), positive);
    let far = squared_distance(anchor, negative);
    let hinge = relu(near - far + margin);
    let active = hinge
        .clone()
        .detach()
        .into_data()
        .iter::<f32>()
        .filter(|&loss| loss > 0.0)
        .count();
    TripletLoss {
        value: hinge.sum().div_scalar(active.max(1) as f32),
        active,
    }
}

/// The distillation terms, each of shape `[1]`; zero, without gradient, if no image has a target.
pub struct Distillation {
    /// Mean of `1 - cos` between an embedding and its target, the teacher's embedding (Romero et
    /// al., "FitNets", 2015; on the sphere as in Duong et al., "ShrinkTeaNet", 2019).
    pub pointwise: Tensor<1>,
    /// Mean square of the difference between the student's and the teacher's squared distance of a
    /// pair, because verification compares pairs (distance-wise loss of Park et al., "Relational
    /// knowledge distillation", 2019, section 3.2.1; on the sphere distances need no
    /// normalisation).
    pub relational: Tensor<1>,
    /// The loss of finding an embedding's own target among a memory bank of other faces' targets:
    /// the mean of `ln(1 + sum exp(s (cos_b - cos_t + m)))` over the bank's `b`, a softmax with an
    /// additive margin (as "CosFace", Wang et al., 2018, equation 4) against the teacher's
    /// embeddings of others (Tian et al., "Contrastive representation distillation", 2020, section
    /// 3.1). The nearest others have the largest weight, and they decide at a low FAR. Zero without
    /// a bank.
    pub contrastive: Tensor<1>,
}

/// Compares the chosen rows of `embeddings` with their targets.
///
/// `embeddings` is `[n, 128]` with rows of unit length; `targets` holds unit vectors, one of 128
/// values for each of `rows`; `bank`, `[m, 128]`, holds targets of any faces, also unit vectors.
pub fn distillation(
    embeddings: Tensor<2>,
    rows: &[usize],
    targets: Vec<f32>,
    bank: Option<&Tensor<2>>,
) -> Distillation {
    let device = embeddings.device();
    if rows.is_empty() {
        let zero = embeddings.sum().mul_scalar(0.0);
        return Distillation {
            pointwise: zero.clone(),
            relational: zero.clone(),
            contrastive: zero,
        };
    }
    let shape = [rows.len(), targets.len() / rows.len()];
    let teacher = Tensor::<2>::from_data(TensorData::new(targets, shape), &device);
    let student = embeddings.select(0, indices(rows.iter().copied(), &device));
    let cosines = |x: Tensor<2>| x.clone().matmul(x.transpose());
    // Squared distances are 2 - 2 cos, and those of an image to itself are zero for both.
    let gap = (cosines(student.clone()) - cosines(teacher.clone())).mul_scalar(2.0);
    let pairs = (rows.len() * (rows.len() - 1)).max(1);
    let own = (student.clone() * teacher.clone()).sum_dim(1);
    Distillation {
        pointwise: own.clone().mean().neg().add_scalar(1.0),
        relational: (gap.clone() * gap).sum().div_scalar(pairs as f32),
        contrastive: match bank {
            Some(bank) => contrast(student, teacher, own, bank.clone().transpose()),
            None => own.sum().mul_scalar(0.0),
        },
    }
}

/// The contrastive term. `student` and `teacher` are `[n, 128]`; `own`, `[n, 1]`, holds their
/// cosines; `bank` is `[128, m]`.
fn contrast(student: Tensor<2>, teacher: Tensor<2>, own: Tensor<2>, bank: Tensor<2>) -> Tensor<1> {
    const SCALE: f32 = 16.0;
    const MARGIN: f32 = 0.1;
    /// A teacher's cosine above this may be the same person, which is not a negative.
    const SAME: f32 = 0.3;
    let same = teacher.matmul(bank.clone()).greater_elem(SAME);
    let exceeding = student.matmul(bank) - own + MARGIN;
    let others = exceeding.mul_scalar(SCALE).exp().mask_fill(same, 0.0);
    others.sum_dim(1).add_scalar(1.0).log().mean()
}

fn squared_distance(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    let difference = a - b;
    (difference.clone() * difference).sum_dim(1)
}

/// A tensor of row indices.
pub(super) fn indices(values: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let values: Vec<i64> = values.map(|i| i as i64).collect();
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::mining::{Mining, distances, mine};
    use crate::train::{Stream, generator};
    use rand::Rng;

    const DIM: usize = 128;
    const LABELS: [usize; 7] = [0, 0, 0, 1, 1, 2, 2];

    fn embeddings() -> Vec<f32> {
        let mut rng = generator(3, Stream::Mining, 0);
        let rows = LABELS.iter().flat_map(|_| {
            let row: Vec<f32> = (0..DIM).map(|_| rng.random_range(-1.0..1.0)).collect();
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            row.into_iter().map(move |v| v / norm).collect::<Vec<_>>()
        });
        rows.collect()
    }

    /// Loss and gradient by their definitions, in f64.
    fn reference(x: &[f32], triplets: &[Triplet], margin: f64) -> (f64, Vec<f64>) {
        let at = |row: usize, k: usize| f64::from(x[row * DIM + k]);
        let distance = |i, j| (0..DIM).map(|k| (at(i, k) - at(j, k)).powi(2)).sum::<f64>();
        let gap =
            |t: &Triplet| distance(t.anchor, t.positive) - distance(t.anchor, t.negative) + margin;
        let active: Vec<_> = triplets.iter().filter(|t| gap(t) > 0.0).collect();
        let n = active.len() as f64;
        let mut gradient = vec![0.0; x.len()];
        for t in &active {
            for k in 0..DIM {
                let (a, p, m) = (at(t.anchor, k), at(t.positive, k), at(t.negative, k));
                gradient[t.anchor * DIM + k] += 2.0 * (m - p) / n;
                gradient[t.positive * DIM + k] += 2.0 * (p - a) / n;
                gradient[t.negative * DIM + k] += 2.0 * (a - m) / n;
            }
        }
        (active.iter().map(|t| gap(t)).sum::<f64>() / n, gradient)
    }

    #[test]
    fn loss_and_gradient_agree_with_their_definitions_for_every_mining() {
        let device = crate::device::cpu().autodiff();
        let x = embeddings();
        for mining in [Mining::Random, Mining::SemiHard, Mining::BatchHard] {
            let mut rng = generator(1, Stream::Mining, 0);
            let triplets = mine(mining, &distances(&x), &LABELS, &mut rng);
            let data = TensorData::new(x.clone(), [LABELS.len(), DIM]);
            let leaf = Tensor::<2>::from_data(data, &device).require_grad();
            let loss = triplet_loss(leaf.clone(), &triplets, 0.2);
            let gradients = loss.value.backward();
            let gradient = leaf
                .grad(&gradients)
                .unwrap()
                .into_data()
                .try_to_vec::<f32>()
                .unwrap();

            let (expected, expected_gradient) = reference(&x, &triplets, 0.2);
            let value = f64::from(loss.value.into_scalar::<f32>());
            assert!(
                (value - expected).abs() < 1e-5,
                "{mining:?}: {value} and {expected}"
            );
            for (a, b) in gradient.iter().zip(expected_gradient) {
                assert!((f64::from(*a) - b).abs() < 1e-5, "{mining:?}: {a} and {b}");
            }
        }
    }

    #[test]
    fn satisfied_triplets_are_not_active() {
        let device = crate::device::cpu().autodiff();
        let x = Tensor::<2>::from_data([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], &device);
        let triplet = Triplet {
            anchor: 0,
            positive: 1,
            negative: 2,
        };
        let loss = triplet_loss(x.clone(), &[triplet], 0.2);
        assert_eq!((loss.active, loss.value.into_scalar::<f32>()), (0, 0.0));
        let none = triplet_loss(x, &[], 0.2);
        assert_eq!((none.active, none.value.into_scalar::<f32>()), (0, 0.0));
    }

    #[test]
    fn distillation_is_one_minus_the_cosine() {
        let device = crate::device::cpu().autodiff();
        let x = Tensor::<2>::from_data([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], &device);
        let loss = distillation(x, &[1, 2], vec![1.0, 0.0, 0.0, 1.0], None).pointwise;
        assert!((loss.into_scalar::<f32>() - (0.4 + 0.0) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn the_relational_loss_is_of_distances_alone() {
        let device = crate::device::cpu().autodiff();
        let x = || Tensor::<2>::from_data([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], &device);
        let relational = |targets: Vec<f32>| {
            distillation(x(), &[0, 1, 2], targets, None)
                .relational
                .into_scalar::<f32>()
        };
        // A rotation by 90 degrees changes no distance.
        assert!(relational(vec![0.0, 1.0, -0.8, 0.6, -1.0, 0.0]).abs() < 1e-6);
        // The teacher's last two embeddings are equal. Its distances are 2, 2, 0; the student's are
        // 0.8, 2, 0.4.
        let expected = (1.2f32.powi(2) + 0.4f32.powi(2)) / 3.0;
        assert!((relational(vec![1.0, 0.0, 0.0, 1.0, 0.0, 1.0]) - expected).abs() < 1e-6);
    }

    #[test]
    fn the_contrastive_loss_is_a_softmax_over_others() {
        let device = crate::device::cpu().autodiff();
        let x = Tensor::<2>::from_data([[0.6, 0.8]], &device).require_grad();
        // The first row of the bank is near the target, and so the same person.
        let bank = Tensor::<2>::from_data([[0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]], &device);
        let loss = distillation(x.clone(), &[0], vec![1.0, 0.0], Some(&bank)).contrastive;
        let term = |cosine: f32| (16.0 * (cosine - 0.6 + 0.1)).exp();
        let expected = (1.0 + term(0.8) + term(-0.6)).ln();
        let gradient = x.grad(&loss.backward()).unwrap().into_data();
        assert!((loss.into_scalar::<f32>() - expected).abs() < 1e-4);
        // Gradient descent moves the embedding towards its target and away from the other one.
        let gradient: Vec<f32> = gradient.iter::<f32>().collect();
        assert!(gradient[0] < 0.0 && gradient[1] > 0.0, "{gradient:?}");
    }

    #[test]
    fn images_without_targets_are_not_distilled() {
        let device = crate::device::cpu().autodiff();
        let x = Tensor::<2>::from_data([[1.0, 0.0], [0.6, 0.8]], &device);
        let nothing = distillation(x.clone(), &[], Vec::new(), Some(&x));
        for term in [nothing.pointwise, nothing.relational, nothing.contrastive] {
            assert_eq!(term.into_scalar::<f32>(), 0.0);
        }
    }
}
