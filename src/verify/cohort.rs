//! Cohort-based score normalisation, so that one threshold gives similar false match rates across
//! groups of people.
//!
//! A network places faces of groups that are rare in its training data close together. Two people
//! of such a group are nearer to each other than other impostors, and pass a threshold more often.
//! The **cohort similarity** of an embedding measures this density: its mean cosine to the nearest
//! members of a cohort, which are embeddings of many other people, times a weight. The score of a
//! comparison is the squared distance plus the cohort similarity of both sides: the adaptive score
//! normalisation of speaker verification (Matejka et al., "Analysis of score normalization in
//! multilingual speaker recognition", 2017), in the form of Conneau et al., "Word translation without
//! parallel data", 2018, section 2.3. Terhörst et al., "Post-comparison mitigation of demographic bias in face
//! recognition using fair score normalization", 2020, show that such a normalisation makes the
//! error rates of groups more equal without group labels. The weight limits the effect on strangers
//! unlike the cohort, who pass more often because of it (`docs/experiments.md`, "Other cohorts").

use super::embedding::{EMBEDDING_DIM, Embedding};

/// How many of the nearest centres are averaged (Conneau et al., 2018: 10).
pub(crate) const NEAREST: usize = 10;

/// Steps of a centre's coordinates for each unit. A coordinate is at most 127 steps, so a weights file
/// stores it in 8 bits. Coordinates of centres are seldom above 0.3, and errors of half a step move
/// a cohort similarity by about a thousandth.
const STEPS: f32 = 256.0;
/// Most steps of a coordinate.
const MOST_STEPS: f32 = 127.0;

/// The centres of clusters of other people's embeddings; no centre is one person's face. With an
/// empty cohort, a score is the squared distance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cohort {
    centres: Vec<[f32; EMBEDDING_DIM]>,
}

/// The stored values are not a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cohort must be rows of {EMBEDDING_DIM} numbers between -1 and 1")]
pub struct InvalidCohort;

impl Cohort {
    /// No cohort.
    pub const NONE: Self = Self {
        centres: Vec::new(),
    };

    /// The largest score: opposite embeddings with a cohort similarity of 1 each.
    pub const MAX_SCORE: f32 = 6.0;

    /// A cohort of these centres, which counts with this weight, in `[0, 1]`: each centre gets the
    /// weight as its length. Coordinates are rounded to steps of 1/256 and limited to 127 of them.
    pub fn new(centres: &[Embedding], weight: f32) -> Self {
        let steps = |value: f32| {
            let steps = value * weight * STEPS;
            steps.round().clamp(-MOST_STEPS, MOST_STEPS)
        };
        let rounded = |centre: &Embedding| centre.values().map(|value| steps(value) / STEPS);
        Self {
            centres: centres.iter().map(rounded).collect(),
        }
    }

    /// A cohort from its stored [`steps`](Self::steps).
    ///
    /// # Errors
    /// If the steps are not rows of 128.
    pub fn from_steps(steps: &[i8]) -> Result<Self, InvalidCohort> {
        let values: Vec<f32> = steps.iter().map(|&step| f32::from(step) / STEPS).collect();
        Self::from_values(&values)
    }

    /// The coordinates of all centres in steps of 1/256; `None` if some are not whole steps, as in
    /// cohorts of older files.
    pub fn steps(&self) -> Option<Vec<i8>> {
        let steps = self.values().iter().map(|value| value * STEPS);
        let whole =
            |step: f32| (step.fract() == 0.0 && step.abs() <= MOST_STEPS).then_some(step as i8);
        steps.map(whole).collect()
    }

    /// A cohort from its stored [`values`](Self::values).
    ///
    /// # Errors
    /// If the values are not rows of 128 numbers in `[-1, 1]`.
    pub fn from_values(values: &[f32]) -> Result<Self, InvalidCohort> {
        let (centres, rest) = values.as_chunks::<EMBEDDING_DIM>();
        let usable = values.iter().all(|value| (-1.0..=1.0).contains(value));
        match rest.is_empty() && usable {
            true => Ok(Self {
                centres: centres.to_vec(),
            }),
            false => Err(InvalidCohort),
        }
    }

    /// The coordinates of all centres, one after another.
    pub fn values(&self) -> &[f32] {
        self.centres.as_flattened()
    }

    /// The number of centres.
    pub fn len(&self) -> usize {
        self.centres.len()
    }

    /// Whether there are no centres.
    pub fn is_empty(&self) -> bool {
        self.centres.is_empty()
    }

    /// Computes the cohort similarity of an embedding, for comparisons.
    pub fn prepare(&self, embedding: Embedding) -> Comparable {
        Comparable {
            cohort_similarity: self.cohort_similarity(&embedding),
            embedding,
        }
    }

    /// [`prepare`](Self::prepare)s each embedding.
    pub fn prepare_all(&self, embeddings: &[Embedding]) -> Vec<Comparable> {
        let embeddings = embeddings.iter().cloned();
        embeddings
            .map(|embedding| self.prepare(embedding))
            .collect()
    }

    /// The [score](Comparable::score) of two embeddings.
    pub fn score(&self, a: &Embedding, b: &Embedding) -> f32 {
        a.distance(b) + self.cohort_similarity(a) + self.cohort_similarity(b)
    }

    /// The mean of the ten largest cosines between `embedding` and the centres, times the cohort's
    /// weight, in `[-1, 1]`; zero without a cohort.
    fn cohort_similarity(&self, embedding: &Embedding) -> f32 {
        let weighted_cosine = |centre: &[f32; EMBEDDING_DIM]| -> f32 {
            centre
                .iter()
                .zip(embedding.values())
                .map(|(a, b)| a * b)
                .sum()
        };
        let mut cosines: Vec<f32> = self.centres.iter().map(weighted_cosine).collect();
        let nearest = NEAREST.min(cosines.len());
        if nearest == 0 {
            return 0.0;
        }
        cosines.select_nth_unstable_by(nearest - 1, |a, b| b.total_cmp(a));
        cosines[..nearest].iter().sum::<f32>() / nearest as f32
    }
}

/// An embedding with its cohort similarity, ready to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparable {
    embedding: Embedding,
    cohort_similarity: f32,
}

impl Comparable {
    /// The embedding itself.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// The score, which is compared with a threshold: the squared distance plus both cohort
    /// similarities, in `[-2, 6]`. A lower score means more similar. The same cohort must have
    /// prepared both sides.
    pub fn score(&self, other: &Self) -> f32 {
        let distance = self.embedding.distance(&other.embedding);
        distance + self.cohort_similarity + other.cohort_similarity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn without_a_cohort_a_score_is_the_squared_distance() {
        let (a, b) = (at_angle(0.0), at_angle(60.0));
        assert_eq!(Cohort::NONE.score(&a, &b), a.distance(&b));
    }

    #[test]
    fn a_high_cohort_similarity_raises_the_score() {
        let cohort = Cohort::new(&[0.0, 5.0, 10.0, 15.0].map(at_angle), 1.0);
        let inside = cohort.score(&at_angle(0.0), &at_angle(20.0));
        let outside = cohort.score(&at_angle(180.0), &at_angle(200.0));
        assert!(inside > outside + 2.0, "{inside} and {outside}");
    }

    #[test]
    fn a_cohort_counts_with_its_weight() {
        let (a, b) = (at_angle(10.0), at_angle(50.0));
        let above_distance = |weight| {
            let cohort = Cohort::new(&[0.0, 20.0].map(at_angle), weight);
            cohort.score(&a, &b) - a.distance(&b)
        };
        let (whole, half) = (above_distance(1.0), above_distance(0.5));
        assert!((whole - 2.0 * half).abs() < 2e-2, "{whole} and {half}");
        assert_eq!(above_distance(0.0), 0.0);
    }

    #[test]
    fn only_the_nearest_count() {
        let near = [(); NEAREST].map(|()| at_angle(90.0));
        let cohort = Cohort::new(&near, 1.0);
        let others = [at_angle(270.0), at_angle(200.0)];
        let larger = Cohort::new(&[&near[..], &others].concat(), 1.0);
        assert_eq!(larger.len(), NEAREST + 2);
        let probe = at_angle(45.0);
        assert_eq!(cohort.prepare(probe.clone()), larger.prepare(probe.clone()));
        let expected = 2.0 * 45f32.to_radians().cos();
        assert!((cohort.score(&probe, &probe) - expected).abs() < 1e-3);
    }

    #[test]
    fn preparing_beforehand_changes_nothing() {
        let cohort = Cohort::new(&[at_angle(30.0), at_angle(70.0)], 1.0);
        let (a, b) = (at_angle(10.0), at_angle(50.0));
        let prepared = cohort.prepare(a.clone()).score(&cohort.prepare(b.clone()));
        assert!((prepared - cohort.score(&a, &b)).abs() < 1e-6);
    }

    #[test]
    fn centres_are_stored_in_whole_steps() {
        let centre =
            Embedding::new(&std::array::from_fn::<_, 128, _>(|i| (i as f32).sin())).unwrap();
        let cohort = Cohort::new(&[centre.clone(), at_angle(33.0)], 1.0);
        let steps = cohort.steps().unwrap();
        assert_eq!(Cohort::from_steps(&steps), Ok(cohort.clone()));
        let exact = Cohort::from_values(centre.values()).unwrap();
        assert_eq!(exact.steps(), None);
        assert!(Cohort::from_steps(&[1; 129]).is_err());
        let alone = Cohort::new(std::slice::from_ref(&centre), 1.0);
        let difference = exact.score(&centre, &centre) - alone.score(&centre, &centre);
        assert!(difference.abs() < 2e-3, "{difference}");
    }

    #[test]
    fn stored_values_come_back_and_others_are_refused() {
        let cohort = Cohort::new(&[at_angle(33.0), at_angle(71.0)], 0.3);
        assert_eq!(Cohort::from_values(cohort.values()), Ok(cohort.clone()));
        assert_eq!(Cohort::from_values(&[]), Ok(Cohort::NONE));
        assert_eq!(Cohort::from_values(&[0.1; 129]), Err(InvalidCohort));
        assert_eq!(Cohort::from_values(&[f32::NAN; 128]), Err(InvalidCohort));
        assert_eq!(Cohort::from_values(&[1.5; 128]), Err(InvalidCohort));
    }
}
