//! The embedding and the distances between embeddings.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Length of an embedding. FaceNet ("Embedding Dimensionality") finds no significant gain in more dimensions.
pub const EMBEDDING_DIM: usize = 128;

/// The vector is not an embedding: it does not have 128 values, is not finite, or is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an embedding must be {EMBEDDING_DIM} finite numbers that are not all zero")]
pub struct InvalidEmbedding;

/// A face as a point on the 128-dimensional unit sphere.
///
/// Serialised as a list of 128 numbers. Reading checks the numbers and normalises them again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub struct Embedding([f32; EMBEDDING_DIM]);

impl Embedding {
    /// Normalises `values` onto the unit sphere; `None` for a vector that is not of length 128,
    /// not finite, or zero.
    pub fn new(values: &[f32]) -> Option<Self> {
        let values: [f32; EMBEDDING_DIM] = values.try_into().ok()?;
        let norm = values
            .iter()
            .map(|v| f64::from(*v).powi(2))
            .sum::<f64>()
            .sqrt();
        (norm.is_finite() && norm > 1e-6)
            .then(|| Self(values.map(|v| (f64::from(v) / norm) as f32)))
    }

    /// The 128 coordinates.
    pub fn values(&self) -> &[f32; EMBEDDING_DIM] {
        &self.0
    }

    /// Cosine of the angle to `other`, in `[-1, 1]`.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| a * b)
            .sum::<f32>()
            .clamp(-1.0, 1.0)
    }

    /// Squared Euclidean distance to `other`, in `[0, 4]` (FaceNet, section 3.1); up to rounding,
    /// `2 - 2 * cosine`.
    pub fn distance(&self, other: &Self) -> f32 {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f32>()
            .min(4.0)
    }
}

impl TryFrom<Vec<f32>> for Embedding {
    type Error = InvalidEmbedding;

    fn try_from(values: Vec<f32>) -> Result<Self, InvalidEmbedding> {
        Self::new(&values).ok_or(InvalidEmbedding)
    }
}

impl From<Embedding> for Vec<f32> {
    fn from(embedding: Embedding) -> Self {
        embedding.0.to_vec()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A unit vector in a plane, `degrees` from the plane's first axis. No coordinate is large, as in
    /// embeddings of faces.
    pub(crate) fn at_angle(degrees: f32) -> Embedding {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let values: [f32; EMBEDDING_DIM] =
            std::array::from_fn(|i| if i % 2 == 0 { cos } else { sin });
        Embedding::new(&values).unwrap()
    }

    #[test]
    fn distances_of_known_angles() {
        for (degrees, squared) in [(0.0, 0.0), (60.0, 1.0), (90.0, 2.0), (180.0, 4.0)] {
            let distance = at_angle(0.0).distance(&at_angle(degrees));
            assert!(
                (distance - squared).abs() < 1e-6,
                "{degrees} degrees: {distance}"
            );
            let cosine = at_angle(0.0).cosine(&at_angle(degrees));
            assert!(
                (cosine - (1.0 - squared / 2.0)).abs() < 1e-6,
                "{degrees} degrees: {cosine}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_embedding() {
        assert_eq!(Embedding::new(&[1.0; 127]), None);
        assert_eq!(Embedding::new(&[0.0; 128]), None);
        assert_eq!(Embedding::new(&[f32::NAN; 128]), None);
        assert_eq!(Embedding::new(&[f32::INFINITY; 128]), None);
    }

    #[test]
    fn json_round_trip_checks_what_it_reads() {
        let embedding = at_angle(33.0);
        let json = serde_json::to_string(&embedding).unwrap();
        let read: Embedding = serde_json::from_str(&json).unwrap();
        assert!(read.distance(&embedding) < 1e-12);
        assert!(serde_json::from_str::<Embedding>("[1, 2, 3]").is_err());
    }
}
