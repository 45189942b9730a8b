//! False matches within groups of people.

use std::collections::BTreeMap;

use super::verification_scores;
use crate::verify::cohort::Cohort;
use crate::verify::decision::{accepted, allowed_errors, threshold_accepting};
use crate::verify::embedding::Embedding;
use crate::verify::worst_group::WorstGroup;

/// False match rates among all people at which the groups' rates are counted.
const RATES: [f64; 5] = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4];

/// Fewest false matches for which a group's rate is used.
const FEWEST_FALSE_MATCHES: u64 = 10;

/// One face of each person, by the name of their group.
pub type Groups = BTreeMap<String, Vec<Embedding>>;

/// Scores of all pairs of `faces`, in ascending order. Each face must be of a different person.
pub fn impostor_scores(faces: &[Embedding], cohort: &Cohort) -> Vec<f32> {
    let people: Vec<_> = (0..faces.len()).collect();
    let mut scores = verification_scores(faces, &people, cohort).impostor;
    scores.sort_by(f32::total_cmp);
    scores
}

/// Fits the false match rates within the worst of `groups` to those among all people in
/// `embeddings`, whose identities are `labels`. Scores are computed with `cohort`. `None` if the
/// groups have too few pairs.
///
/// The pictures of the groups must come from another source than those of the cohort. A cohort
/// equalises groups best for pictures from its own source, but users bring other pictures, so the
/// rates would be too low.
///
/// # Panics
/// If embeddings and labels differ in length.
pub fn worst_group(
    embeddings: &[Embedding],
    labels: &[usize],
    groups: &Groups,
    cohort: &Cohort,
) -> Option<WorstGroup> {
    let mut all = verification_scores(embeddings, labels, cohort).impostor;
    all.sort_by(f32::total_cmp);
    let groups: Vec<_> = groups
        .values()
        .map(|faces| impostor_scores(faces, cohort))
        .collect();
    let worst = |rate| {
        let threshold = threshold_accepting(&all, allowed_errors(rate, all.len() as u64));
        let counted = groups
            .iter()
            .map(|scores| (accepted(scores, threshold), scores.len()));
        let enough = counted.filter(|&(matches, _)| matches >= FEWEST_FALSE_MATCHES);
        let rates = enough.map(|(matches, pairs)| matches as f64 / pairs as f64);
        Some((rate, rates.max_by(f64::total_cmp)?))
    };
    WorstGroup::fit(&RATES.into_iter().filter_map(worst).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::data::random::{Stream, generator};
    use crate::verify::embedding::tests::at_angle;

    /// Faces of `count` people, somewhere on an arc of `degrees`.
    fn people(count: usize, degrees: f32) -> Vec<Embedding> {
        let mut random = generator(0, Stream::Augmentation, count as u64);
        let face = |_| at_angle(degrees * random.random::<f32>());
        (0..count).map(face).collect()
    }

    #[test]
    fn a_group_that_lies_closer_is_the_worst() {
        let everybody = people(360, 180.0);
        let labels: Vec<_> = (0..360).collect();
        let groups = |degrees| {
            Groups::from([
                ("wide".into(), people(400, 170.0)),
                ("close".into(), people(400, degrees)),
            ])
        };
        let worst = worst_group(&everybody, &labels, &groups(45.0), &Cohort::NONE).unwrap();
        // A quarter of the angle, so about four times as many pairs within a distance.
        let ratio = worst.rate(3e-3) / 3e-3;
        assert!((3.0..5.0).contains(&ratio), "{ratio}");
        let even = worst_group(&everybody, &labels, &groups(170.0), &Cohort::NONE).unwrap();
        assert!(even.rate(3e-3) / 3e-3 < 1.5);
    }

    #[test]
    fn small_groups_tell_nothing() {
        let groups = Groups::from([("few".into(), people(3, 10.0))]);
        let labels: Vec<_> = (0..100).collect();
        assert_eq!(
            worst_group(&people(100, 180.0), &labels, &groups, &Cohort::NONE),
            None
        );
    }
}
