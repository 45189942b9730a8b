//! Whom an embedding resembles anyway, so that one threshold treats people alike.
//!
//! A network crowds the faces that it saw few of: strangers of such a group lie nearer to each
//! other than strangers elsewhere, and pass a threshold more often. How crowded the sphere is at an
//! embedding shows in its cosines to a **cohort**, embeddings of many other people, and is added to
//! its distances: speaker verification's adaptive score normalisation (Matejka et al., "Analysis of
//! score normalization in multilingual speaker recognition", 2017), in the form of Conneau et al.,
//! "Word translation without parallel data", 2018, section 2.3. That it evens out the error rates
//! of groups without knowing them is from Terhörst et al., "Post-comparison mitigation of
//! demographic bias in face recognition using fair score normalization", 2020.

use super::embedding::{EMBEDDING_DIM, Embedding};

/// Centres that tell how crowded a place is (Conneau et al., 2018: 10).
pub(crate) const NEAREST: usize = 10;

/// Steps between the coordinates that a centre may have: eleven bits, which a weights file holds
/// exactly.
const GRID: f32 = 2048.0;

/// The centres of clusters of other people's embeddings; no centre is one person's face. May be
/// empty, and then distances are squared distances as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cohort {
    centres: Vec<[f32; EMBEDDING_DIM]>,
}

/// A list of numbers that is no cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cohort is rows of {EMBEDDING_DIM} numbers between -1 and 1")]
pub struct InvalidCohort;

impl Cohort {
    /// No cohort.
    pub const NONE: Self = Self {
        centres: Vec::new(),
    };

    /// The largest distance that there is: opposite embeddings, both amid the cohort.
    pub const FARTHEST: f32 = 6.0;

    /// A cohort of these centres, their coordinates rounded to multiples of 1/2048.
    pub fn new(centres: &[Embedding]) -> Self {
        let rounded = |centre: &Embedding| centre.values().map(|v| (v * GRID).round() / GRID);
        Self {
            centres: centres.iter().map(rounded).collect(),
        }
    }

    /// A cohort from its stored [`values`](Self::values).
    ///
    /// # Errors
    /// Where they are no rows of 128 numbers in `[-1, 1]`.
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

    /// How many centres there are.
    pub fn len(&self) -> usize {
        self.centres.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.centres.is_empty()
    }

    /// An embedding ready to be compared.
    pub fn place(&self, embedding: Embedding) -> Placed {
        Placed {
            crowding: self.crowding(&embedding),
            embedding,
        }
    }

    /// Embeddings ready to be compared.
    pub fn place_all(&self, embeddings: &[Embedding]) -> Vec<Placed> {
        let embeddings = embeddings.iter().cloned();
        embeddings.map(|embedding| self.place(embedding)).collect()
    }

    /// See [`Placed::distance`].
    pub fn distance(&self, a: &Embedding, b: &Embedding) -> f32 {
        a.squared_distance(b) + self.crowding(a) + self.crowding(b)
    }

    /// The mean of the ten largest cosines between `embedding` and the centres, in `[-1, 1]`; zero
    /// without a cohort.
    fn crowding(&self, embedding: &Embedding) -> f32 {
        let cosine = |centre: &[f32; EMBEDDING_DIM]| -> f32 {
            centre
                .iter()
                .zip(embedding.values())
                .map(|(a, b)| a * b)
                .sum()
        };
        let mut cosines: Vec<f32> = self.centres.iter().map(cosine).collect();
        let nearest = NEAREST.min(cosines.len());
        if nearest == 0 {
            return 0.0;
        }
        cosines.select_nth_unstable_by(nearest - 1, |a, b| b.total_cmp(a));
        cosines[..nearest].iter().sum::<f32>() / nearest as f32
    }
}

/// An embedding, and how crowded the sphere is around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    embedding: Embedding,
    crowding: f32,
}

impl Placed {
    /// The embedding itself.
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// What a comparison is judged by: the squared distance and how crowded either place is, in
    /// `[-2, 6]`. Both must have been placed by one cohort.
    pub fn distance(&self, other: &Self) -> f32 {
        self.embedding.squared_distance(&other.embedding) + self.crowding + other.crowding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn without_a_cohort_distances_are_squared_distances() {
        let (a, b) = (at_angle(0.0), at_angle(60.0));
        assert_eq!(Cohort::NONE.distance(&a, &b), a.squared_distance(&b));
    }

    #[test]
    fn strangers_are_further_apart_where_many_look_alike() {
        let cohort = Cohort::new(&[0.0, 5.0, 10.0, 15.0].map(at_angle));
        let crowded = cohort.distance(&at_angle(0.0), &at_angle(20.0));
        let lonely = cohort.distance(&at_angle(180.0), &at_angle(200.0));
        assert!(crowded > lonely + 2.0, "{crowded} and {lonely}");
    }

    #[test]
    fn only_the_nearest_count() {
        let near = [(); NEAREST].map(|()| at_angle(90.0));
        let cohort = Cohort::new(&near);
        let larger = Cohort::new(&[&near[..], &[at_angle(270.0), at_angle(200.0)]].concat());
        assert_eq!(larger.len(), NEAREST + 2);
        let probe = at_angle(45.0);
        assert_eq!(cohort.place(probe.clone()), larger.place(probe.clone()));
        let expected = 2.0 * 45f32.to_radians().cos();
        assert!((cohort.distance(&probe, &probe) - expected).abs() < 1e-3);
    }

    #[test]
    fn placing_beforehand_changes_nothing() {
        let cohort = Cohort::new(&[at_angle(30.0), at_angle(70.0)]);
        let (a, b) = (at_angle(10.0), at_angle(50.0));
        let placed = cohort.place(a.clone()).distance(&cohort.place(b.clone()));
        assert!((placed - cohort.distance(&a, &b)).abs() < 1e-6);
    }

    #[test]
    fn stored_values_come_back_and_others_are_refused() {
        let cohort = Cohort::new(&[at_angle(33.0), at_angle(71.0)]);
        assert_eq!(Cohort::from_values(cohort.values()), Ok(cohort.clone()));
        assert_eq!(Cohort::from_values(&[]), Ok(Cohort::NONE));
        assert_eq!(Cohort::from_values(&[0.1; 129]), Err(InvalidCohort));
        assert_eq!(Cohort::from_values(&[f32::NAN; 128]), Err(InvalidCohort));
        assert_eq!(Cohort::from_values(&[1.5; 128]), Err(InvalidCohort));
    }
}
