//! How a probe is best compared with a person of whom several samples are enrolled.

use std::collections::BTreeMap;

use super::Scores;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// How the distances to the samples become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Their mean: what [`Template`](crate::verify::Template) does.
    Mean,
    /// The least of them.
    Nearest,
    /// The middle one, the lesser of two middle ones.
    Median,
    /// The distance to the samples' mean, brought back to unit length.
    Centroid,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] = [Self::Mean, Self::Nearest, Self::Median, Self::Centroid];

    /// The squared distance of `probe` to `samples`, in `[0, 4]`.
    ///
    /// # Panics
    /// Where there are no samples.
    pub fn squared_distance(self, samples: &[&Embedding], probe: &Embedding) -> f32 {
        let mut distances: Vec<f32> = samples
            .iter()
            .map(|sample| sample.squared_distance(probe))
            .collect();
        distances.sort_by(f32::total_cmp);
        match self {
            Self::Mean => distances.iter().sum::<f32>() / distances.len() as f32,
            Self::Nearest => distances[0],
            Self::Median => distances[(distances.len() - 1) / 2],
            // Opposite samples have no centre; they say nothing of any probe.
            Self::Centroid => centroid(samples).map_or(4.0, |mean| mean.squared_distance(probe)),
        }
    }
}

fn centroid(samples: &[&Embedding]) -> Option<Embedding> {
    let mut sum = [0.0; EMBEDDING_DIM];
    for sample in samples {
        sum.iter_mut()
            .zip(sample.values())
            .for_each(|(sum, value)| *sum += value);
    }
    Embedding::new(&sum)
}

/// Enrols the first `samples` images of everyone who has more, and compares all other images of
/// these people with everyone's samples.
///
/// `labels[i]` is the identity of `embeddings[i]`.
///
/// # Panics
/// Where the two differ in length, or `samples` is zero.
pub fn template_scores(
    embeddings: &[Embedding],
    labels: &[usize],
    samples: usize,
    rule: Rule,
) -> Scores {
    assert_eq!(embeddings.len(), labels.len(), "one label an embedding");
    assert!(samples > 0, "a template needs a sample");
    let mut people: BTreeMap<usize, Vec<&Embedding>> = BTreeMap::new();
    for (embedding, &label) in embeddings.iter().zip(labels) {
        people.entry(label).or_default().push(embedding);
    }
    people.retain(|_, images| images.len() > samples);
    let mut scores = Scores::default();
    for (claimed, enrolled) in &people {
        for (person, images) in &people {
            let list = match person == claimed {
                true => &mut scores.genuine,
                false => &mut scores.impostor,
            };
            let distance = |probe| rule.squared_distance(&enrolled[..samples], probe);
            list.extend(images[samples..].iter().map(|probe| distance(probe)));
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
        let samples = [at_angle(0.0), at_angle(90.0), at_angle(30.0)];
        let samples: Vec<_> = samples.iter().collect();
        let distance = |rule: Rule| rule.squared_distance(&samples, &at_angle(0.0));
        let of = |degrees: f32| 2.0 - 2.0 * degrees.to_radians().cos();
        assert!((distance(Rule::Mean) - (of(0.0) + of(30.0) + of(90.0)) / 3.0).abs() < 1e-5);
        assert!(distance(Rule::Nearest).abs() < 1e-5);
        assert!((distance(Rule::Median) - of(30.0)).abs() < 1e-5);
        let (x, y) = (
            1.0 + 30f32.to_radians().cos(),
            1.0 + 30f32.to_radians().sin(),
        );
        assert!((distance(Rule::Centroid) - (2.0 - 2.0 * x / x.hypot(y))).abs() < 1e-5);
    }

    #[test]
    fn enrolled_images_are_no_probes() {
        let embeddings: Vec<_> = (0..8).map(|i| at_angle(10.0 * i as f32)).collect();
        // The last person has too few images to enrol two and probe with another.
        let scores = template_scores(&embeddings, &[0, 0, 0, 1, 1, 1, 2, 2], 2, Rule::Mean);
        assert_eq!((scores.genuine.len(), scores.impostor.len()), (2, 2));
        assert!(scores.genuine.iter().all(|&distance| distance > 0.0));
    }
}
