//! The embedding and the distances between embeddings.

/// Length of an embedding (FaceNet, section 3: 128 is as good as any, and compact).
pub const EMBEDDING_DIM: usize = 128;

/// A face as a point on the 128-dimensional unit sphere.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding([f32; EMBEDDING_DIM]);

impl Embedding {
    /// Normalises `values` onto the unit sphere; `None` for a vector that is not of length 128,
    /// not finite, or zero.
    pub fn new(values: &[f32]) -> Option<Self> {
        let values: [f32; EMBEDDING_DIM] = values.try_into().ok()?;
        let norm = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        (norm.is_finite() && norm > 1e-6)
            .then(|| Self(values.map(|v| (f64::from(v) / norm) as f32)))
    }

    /// The 128 coordinates.
    pub fn values(&self) -> &[f32; EMBEDDING_DIM] {
        &self.0
    }

    /// Cosine of the angle to `other`, in `[-1, 1]`.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum::<f32>().clamp(-1.0, 1.0)
    }

    /// Squared Euclidean distance to `other`, in `[0, 4]` (FaceNet, section 3.1).
    pub fn squared_distance(&self, other: &Self) -> f32 {
        (2.0 - 2.0 * self.cosine(other)).max(0.0)
    }
}
