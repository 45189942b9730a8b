//! Rules for comparing a probe with several enrolled samples of a person.

use std::collections::BTreeMap;

use super::Scores;
use crate::verify::cohort::{Cohort, Comparable};
use crate::verify::embedding::Embedding;
use crate::verify::template::Template;

/// How to combine the samples to one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The score with the samples' centre, as in [`decide`](crate::verify::decide).
    Centre,
    /// The mean of the scores.
    Mean,
    /// The median of the scores; for an even number, the lower of the two middle ones.
    Median,
    /// The lowest of the scores.
    Nearest,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Centre, Self::Mean, Self::Median, Self::Nearest];

    /// The references that a probe is compared with if `samples` are enrolled. Empty if samples
    /// cancel out and so have no centre.
    fn references(self, samples: &[Embedding], cohort: &Cohort) -> Vec<Comparable> {
        match self {
            Self::Centre => {
                let centre = Template::new(samples.to_vec()).and_then(|it| it.centre());
                centre.map(|it| cohort.prepare(it)).into_iter().collect()
            }
            _ => cohort.prepare_all(samples),
        }
    }

    /// Combines the scores with all references; [`Cohort::MAX_SCORE`] if there are none.
    fn distance(self, references: &[Comparable], probe: &Comparable) -> f32 {
        let distances = references.iter().map(|it| it.score(probe));
        let mut distances: Vec<f32> = distances.collect();
        distances.sort_by(f32::total_cmp);
        match (self, &distances[..]) {
            (_, []) => Cohort::MAX_SCORE,
            (Self::Mean, all) => all.iter().sum::<f32>() / all.len() as f32,
            (Self::Median, all) => all[(all.len() - 1) / 2],
            (Self::Centre | Self::Nearest, all) => all[0],
        }
    }
}

/// Divides each person's images into disjoint templates of `samples` images, and compares every
/// image with every template that does not contain it. Scores are computed with `cohort`.
///
/// `labels[i]` is the identity of `embeddings[i]`.
///
/// # Panics
/// If the two differ in length, or `samples` is zero.
pub fn template_scores(
    embeddings: &[Embedding],
    labels: &[usize],
    samples: usize,
    rule: Rule,
    cohort: &Cohort,
) -> Scores {
    assert_eq!(embeddings.len(), labels.len(), "one label an embedding");
    let mut people: BTreeMap<usize, Vec<Comparable>> = BTreeMap::new();
    for (placed, &label) in cohort.prepare_all(embeddings).into_iter().zip(labels) {
        people.entry(label).or_default().push(placed);
    }
    let mut scores = Scores::default();
    for (claimed, images) in &people {
        for (index, enrolled) in images.chunks_exact(samples).enumerate() {
            let enrolled: Vec<_> = enrolled.iter().map(|it| it.embedding().clone()).collect();
            let references = rule.references(&enrolled, cohort);
            let distance = |probe: &Comparable| rule.distance(&references, probe);
            let (before, rest) = images.split_at(index * samples);
            let genuine = before.iter().chain(&rest[samples..]);
            scores.genuine.extend(genuine.map(distance));
            let others = people.iter().filter(|(person, _)| *person != claimed);
            scores
                .impostor
                .extend(others.flat_map(|(_, images)| images).map(distance));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn rules_are_what_their_names_say() {
        let samples = vec![at_angle(0.0), at_angle(90.0), at_angle(30.0)];
        let cohort = Cohort::NONE;
        let probe = cohort.prepare(at_angle(0.0));
        let distance = |rule: Rule| rule.distance(&rule.references(&samples, &cohort), &probe);
        let of = |degrees: f32| 2.0 - 2.0 * degrees.to_radians().cos();
        assert!((distance(Rule::Mean) - (of(0.0) + of(30.0) + of(90.0)) / 3.0).abs() < 1e-5);
        assert!(distance(Rule::Nearest).abs() < 1e-5);
        assert!((distance(Rule::Median) - of(30.0)).abs() < 1e-5);
        let centre = Template::new(samples.clone()).unwrap().centre().unwrap();
        assert_eq!(distance(Rule::Centre), centre.distance(&at_angle(0.0)));
    }

    #[test]
    fn no_image_is_compared_with_its_own_template() {
        let embeddings: Vec<_> = (0..8).map(|i| at_angle(10.0 * i as f32)).collect();
        let labels = [0, 0, 0, 0, 0, 1, 1, 1];
        let scores = template_scores(&embeddings, &labels, 2, Rule::Centre, &Cohort::NONE);
        // Two templates of the first person, one of the second: 2 * 3 + 1 genuine probes, and
        // 2 * 3 + 5 impostors.
        assert_eq!((scores.genuine.len(), scores.impostor.len()), (7, 11));
        assert!(scores.genuine.iter().all(|&distance| distance > 0.0));
    }
}
