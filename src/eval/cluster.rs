//! Clustering faces by person (as in FaceNet), and its accuracy.

use std::collections::HashMap;

use petgraph::unionfind::UnionFind;
use serde::Serialize;

use crate::verify::cohort::Cohort;
use crate::verify::embedding::Embedding;

/// Groups embeddings by average linkage: joins two groups if the mean
/// [score](crate::verify::Comparable::score) between their members, with `cohort`, is at most
/// `threshold`.
///
/// Templates also average, so a calibrated threshold keeps about its meaning. Returns the group of
/// each embedding, numbered from 0 in order of first appearance. For `n` embeddings, takes `2 n^2`
/// bytes of memory and time proportional to `n^2`.
pub fn cluster(embeddings: &[Embedding], threshold: f32, cohort: &Cohort) -> Vec<usize> {
    let mut groups = UnionFind::new(embeddings.len());
    let mut distances = condensed(embeddings, cohort);
    let tree = kodama::linkage(&mut distances, embeddings.len(), kodama::Method::Average);
    // A step joins two clusters by number; numbers from n on are the clusters of earlier steps.
    // Average linkage is monotonic, so all steps after one above the threshold are above it too.
    let mut member: Vec<usize> = (0..embeddings.len()).collect();
    for step in tree
        .steps()
        .iter()
        .take_while(|step| step.dissimilarity <= threshold)
    {
        groups.union(member[step.cluster1], member[step.cluster2]);
        member.push(member[step.cluster1]);
    }
    numbered(groups)
}

/// The upper triangle of the matrix of scores, row by row.
fn condensed(embeddings: &[Embedding], cohort: &Cohort) -> Vec<f32> {
    let placed = cohort.prepare_all(embeddings);
    let row = |i: usize| {
        let one = &placed[i];
        placed[i + 1..].iter().map(move |other| one.score(other))
    };
    (0..placed.len()).flat_map(row).collect()
}

/// The group of each element, numbered in order of first appearance.
fn numbered(groups: UnionFind<usize>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    let representatives = groups.into_labeling().into_iter();
    representatives
        .map(|representative| {
            let next = numbers.len();
            *numbers.entry(representative).or_insert(next)
        })
        .collect()
}

/// The agreement between pairs of images in one group and pairs of images of one person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairwiseScores {
    /// Share of the pairs in one group that show one person; 1 if no group has two images.
    pub precision: f64,
    /// Share of the pairs of one person that are in one group; 1 if nobody has two images.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f_score: f64,
}

/// Compares groups with the true identities.
///
/// # Panics
/// If the lists differ in length.
pub fn pairwise_scores(groups: &[usize], identities: &[usize]) -> PairwiseScores {
    assert_eq!(
        groups.len(),
        identities.len(),
        "one identity a grouped image"
    );
    let both = pairs_sharing(groups.iter().zip(identities));
    let share = |all: u64| {
        if all == 0 {
            1.0
        } else {
            both as f64 / all as f64
        }
    };
    let precision = share(pairs_sharing(groups.iter()));
    let recall = share(pairs_sharing(identities.iter()));
    let sum = precision + recall;
    let f_score = if sum == 0.0 {
        0.0
    } else {
        2.0 * precision * recall / sum
    };
    PairwiseScores {
        precision,
        recall,
        f_score,
    }
}

fn pairs_sharing<K: Eq + std::hash::Hash>(keys: impl Iterator<Item = K>) -> u64 {
    let mut counts: HashMap<K, u64> = HashMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts.values().map(|count| count * (count - 1) / 2).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn groups_by_mean_distance() {
        let faces = [0.0, 100.0, 10.0, 20.0, 110.0].map(at_angle);
        assert_eq!(cluster(&faces, 0.2, &Cohort::NONE), [0, 1, 0, 0, 1]);
        assert_eq!(cluster(&faces, 0.0, &Cohort::NONE), [0, 1, 2, 3, 4]);
        assert_eq!(cluster(&faces, 4.0, &Cohort::NONE), [0; 5]);
        assert_eq!(cluster(&[], 1.0, &Cohort::NONE), [0usize; 0]);
        assert_eq!(cluster(&faces[..1], 1.0, &Cohort::NONE), [0]);
    }

    /// Single linkage would chain these three: neighbours are 1.0 apart, ends 3.0, and the third
    /// is 2.0 from the other two on average.
    #[test]
    fn does_not_chain() {
        let faces = [0.0, 59.0, 120.0].map(at_angle);
        assert_eq!(cluster(&faces, 1.5, &Cohort::NONE), [0, 0, 1]);
        assert_eq!(cluster(&faces, 2.1, &Cohort::NONE), [0, 0, 0]);
    }

    /// Groups {a a b} {b}: of 3 grouped pairs 1 is right, of 2 true pairs 1 is found.
    #[test]
    fn scores_worked_by_hand() {
        let scores = pairwise_scores(&[0, 0, 0, 1], &[5, 5, 8, 8]);
        assert_eq!((scores.precision, scores.recall), (1.0 / 3.0, 0.5));
        assert!((scores.f_score - 0.4).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn scores_agree_with_counting_pairs(labels in prop::collection::vec((0usize..4, 0usize..4), 0..30)) {
            let (groups, people): (Vec<_>, Vec<_>) = labels.into_iter().unzip();
            let (mut grouped, mut same, mut both) = (0, 0, 0);
            for i in 0..groups.len() {
                for j in 0..i {
                    let (g, p) = (groups[i] == groups[j], people[i] == people[j]);
                    grouped += u32::from(g);
                    same += u32::from(p);
                    both += u32::from(g && p);
                }
            }
            let scores = pairwise_scores(&groups, &people);
            let share = |all: u32| if all == 0 { 1.0 } else { f64::from(both) / f64::from(all) };
            prop_assert_eq!((scores.precision, scores.recall), (share(grouped), share(same)));
        }
    }
}
