//! Mining: the choice of triplets in a batch.
//!
//! Mining uses only the values of the embeddings, on the host. The loss of the chosen triplets is
//! then computed on the device, so gradients flow only through the loss.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::verify::embedding::EMBEDDING_DIM;

/// How negatives (and for batch-hard, positives) are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mining {
    /// Every anchor-positive pair with a random negative.
    Random,
    /// Every anchor-positive pair with the nearest negative that is farther than the positive; if
    /// there is none, with the farthest negative (FaceNet, section 3.2: the hardest negatives can
    /// collapse the model early in training).
    SemiHard,
    /// Every anchor with its farthest positive and its nearest negative (Hermans et al., "In
    /// Defense of the Triplet Loss", 2017, section 2).
    BatchHard,
}

/// Indices of anchor, positive and negative in the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triplet {
    /// The reference image.
    pub anchor: usize,
    /// Another image of the same identity.
    pub positive: usize,
    /// An image of another identity.
    pub negative: usize,
}

/// Squared Euclidean distances between all rows of `embeddings` (`n * 128` values of unit
/// vectors), row-major `n * n`.
pub fn distances(embeddings: &[f32]) -> Vec<f32> {
    let rows: Vec<&[f32]> = embeddings.chunks_exact(EMBEDDING_DIM).collect();
    let n = rows.len();
    let mut distances = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..i {
            let d: f32 = rows[i]
                .iter()
                .zip(rows[j])
                .map(|(a, b)| (a - b) * (a - b))
                .sum();
            distances[i * n + j] = d;
            distances[j * n + i] = d;
        }
    }
    distances
}

/// Triplets of the batch with the given `distances` (`n * n`) and `labels` (`n`), in order of
/// anchor and positive. Anchors without a positive or a negative give no triplets.
pub fn mine(
    mining: Mining,
    distances: &[f32],
    labels: &[usize],
    rng: &mut impl Rng,
) -> Vec<Triplet> {
    let n = labels.len();
    let mut triplets = Vec::new();
    for anchor in 0..n {
        let row = &distances[anchor * n..][..n];
        let others = (0..n).filter(|&i| i != anchor);
        let (positives, negatives): (Vec<_>, Vec<_>) =
            others.partition(|&i| labels[i] == labels[anchor]);
        if positives.is_empty() || negatives.is_empty() {
            continue;
        }
        let triplet = |positive, negative| Triplet {
            anchor,
            positive,
            negative,
        };
        match mining {
            Mining::Random => triplets.extend(
                positives
                    .iter()
                    .map(|&p| triplet(p, negatives[rng.random_range(0..negatives.len())])),
            ),
            Mining::SemiHard => {
                triplets.extend(
                    positives
                        .iter()
                        .map(|&p| triplet(p, semi_hard(row, row[p], &negatives))),
                );
            }
            Mining::BatchHard => {
                triplets.push(triplet(farthest(row, &positives), nearest(row, &negatives)));
            }
        }
    }
    triplets
}

fn semi_hard(row: &[f32], positive: f32, negatives: &[usize]) -> usize {
    let farther: Vec<usize> = negatives
        .iter()
        .copied()
        .filter(|&i| row[i] > positive)
        .collect();
    if farther.is_empty() {
        farthest(row, negatives)
    } else {
        nearest(row, &farther)
    }
}

fn nearest(row: &[f32], among: &[usize]) -> usize {
    *among
        .iter()
        .min_by(|&&i, &&j| row[i].total_cmp(&row[j]))
        .expect("callers pass candidates")
}

fn farthest(row: &[f32], among: &[usize]) -> usize {
    *among
        .iter()
        .max_by(|&&i, &&j| row[i].total_cmp(&row[j]))
        .expect("callers pass candidates")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Stream, generator};

    /// A batch of random unit vectors with the labels given.
    fn batch(labels: &[usize]) -> Vec<f32> {
        let mut rng = generator(7, Stream::Mining, labels.len() as u64);
        let rows = labels.iter().flat_map(|_| {
            let row: Vec<f32> = (0..EMBEDDING_DIM)
                .map(|_| rng.random_range(-1.0..1.0))
                .collect();
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            row.into_iter().map(move |v| v / norm).collect::<Vec<_>>()
        });
        rows.collect()
    }

    /// All triplets of the batch, by a direct search.
    fn all(labels: &[usize]) -> Vec<Triplet> {
        let n = labels.len();
        let mut triplets = Vec::new();
        for anchor in 0..n {
            for positive in 0..n {
                for negative in 0..n {
                    let same = anchor != positive && labels[anchor] == labels[positive];
                    if same && labels[anchor] != labels[negative] {
                        triplets.push(Triplet {
                            anchor,
                            positive,
                            negative,
                        });
                    }
                }
            }
        }
        triplets
    }

    const LABELS: [usize; 12] = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4];

    #[test]
    fn semi_hard_agrees_with_a_search_over_all_triplets() {
        let (d, n) = (distances(&batch(&LABELS)), LABELS.len());
        let at = |i: usize, j: usize| d[i * n + j];
        let mined = mine(
            Mining::SemiHard,
            &d,
            &LABELS,
            &mut generator(0, Stream::Mining, 0),
        );
        let pairs: std::collections::BTreeSet<_> = all(&LABELS)
            .iter()
            .map(|t| (t.anchor, t.positive))
            .collect();
        assert_eq!(mined.len(), pairs.len());
        for t in mined {
            let positive = at(t.anchor, t.positive);
            let rivals: Vec<f32> = all(&LABELS)
                .iter()
                .filter(|r| (r.anchor, r.positive) == (t.anchor, t.positive))
                .map(|r| at(r.anchor, r.negative))
                .collect();
            let beyond = rivals
                .iter()
                .copied()
                .filter(|&x| x > positive)
                .reduce(f32::min);
            let expected = beyond.or(rivals.iter().copied().reduce(f32::max)).unwrap();
            assert_eq!(at(t.anchor, t.negative), expected);
        }
    }

    #[test]
    fn batch_hard_agrees_with_a_search_over_all_triplets() {
        let (d, n) = (distances(&batch(&LABELS)), LABELS.len());
        let gap = |t: &Triplet| d[t.anchor * n + t.positive] - d[t.anchor * n + t.negative];
        let mined = mine(
            Mining::BatchHard,
            &d,
            &LABELS,
            &mut generator(0, Stream::Mining, 0),
        );
        // Identity 3 has one image: no positive, no triplet.
        assert_eq!(mined.len(), LABELS.len() - 1);
        for t in mined {
            let rivals = all(&LABELS);
            let hardest = rivals.iter().filter(|r| r.anchor == t.anchor).map(gap);
            assert_eq!(gap(&t), hardest.reduce(f32::max).unwrap());
        }
    }

    #[test]
    fn random_takes_every_pair_once_and_negatives_from_all_others() {
        let d = distances(&batch(&LABELS));
        let mut seen = std::collections::BTreeSet::new();
        for step in 0..200 {
            let mined = mine(
                Mining::Random,
                &d,
                &LABELS,
                &mut generator(0, Stream::Mining, step),
            );
            let mut pairs: Vec<_> = mined.iter().map(|t| (t.anchor, t.positive)).collect();
            pairs.dedup();
            assert_eq!(pairs.len(), mined.len());
            seen.extend(mined);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), all(&LABELS));
    }

    #[test]
    fn a_batch_of_one_identity_gives_no_triplets() {
        let labels = [5, 5, 5];
        for mining in [Mining::Random, Mining::SemiHard, Mining::BatchHard] {
            let d = distances(&batch(&labels));
            assert!(mine(mining, &d, &labels, &mut generator(0, Stream::Mining, 0)).is_empty());
        }
    }
}
