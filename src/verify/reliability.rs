//! The reliability of an embedding: low if something covers the face.
//!
//! A covered face still gets an embedding, and two people behind the same mask get similar ones. So
//! a small network reads the last feature map of the embedding network, before pooling, and detects
//! whether a mask, a bar over the eyes, a hand or a scarf hides much of the face. "Probabilistic
//! face embeddings" (Shi and Jain, 2019) and "CR-FIQA" (Boutros et al., 2023) also predict such a
//! value beside the embedding. If the reliability is too low, the face is neither enrolled nor
//! verified.

use crate::kernels::linear::Linear;
use crate::kernels::sigmoid;

/// Features of each position after the first layer.
pub(crate) const REDUCED: usize = 24;
/// Outputs of the hidden layer.
pub(crate) const HIDDEN: usize = 24;

/// The network that gives the reliability of embeddings; weights files contain it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Reduces the channels of a position; every position has the same weights.
    reduce: Linear,
    /// Combines all positions.
    hidden: Linear,
    output: Linear,
}

/// The stored values are not a [`Reliability`] for the network's feature maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reliability was not made for this network")]
pub struct InvalidReliability;

impl Reliability {
    /// The lowest sufficient reliability; [`recentred`](Self::recentred) shifts the values to this.
    pub const SUFFICIENT: f32 = 0.5;

    /// A reliability from its stored [`values`](Self::values), for feature maps `[pixels,
    /// channels]`.
    ///
    /// # Errors
    /// If the number of values is wrong, or a value is not finite.
    pub fn from_values(
        values: &[f32],
        [pixels, channels]: [usize; 2],
    ) -> Result<Self, InvalidReliability> {
        let finite = values.iter().all(|value| value.is_finite());
        let mut rest = values;
        let mut layer = |inputs, outputs| Linear::take(&mut rest, inputs, outputs);
        let layers = [
            layer(channels, REDUCED),
            layer(pixels * REDUCED, HIDDEN),
            layer(HIDDEN, 1),
        ];
        match layers {
            [Some(reduce), Some(hidden), Some(output)] if finite && rest.is_empty() => Ok(Self {
                reduce,
                hidden,
                output,
            }),
            _ => Err(InvalidReliability),
        }
    }

    /// All weights and biases, layer after layer, `[inputs, outputs]` each.
    pub fn values(&self) -> Vec<f32> {
        [&self.reduce, &self.hidden, &self.output]
            .map(Linear::values)
            .concat()
    }

    /// The reliability, in `[0, 1]`, of the embedding of a face. `features` is the face's last
    /// feature map, `[pixels, channels]`. A reliability of at least
    /// [`SUFFICIENT`](Self::SUFFICIENT) is sufficient.
    pub fn of(&self, features: &[f32]) -> f32 {
        sigmoid(self.logit(features))
    }

    /// Shifts the logit so that the value `sufficient` becomes [`SUFFICIENT`](Self::SUFFICIENT).
    pub fn recentred(mut self, sufficient: f32) -> Self {
        let sufficient = sufficient.clamp(1e-6, 1.0 - 1e-6);
        self.output.bias_mut()[0] -= (sufficient / (1.0 - sufficient)).ln();
        self
    }

    fn logit(&self, features: &[f32]) -> f32 {
        let channels = self.reduce.inputs();
        let positive = |values: Vec<f32>| values.into_iter().map(|value| value.max(0.0));
        let positions = features.chunks_exact(channels);
        let reduced: Vec<f32> = positions
            .flat_map(|position| positive(self.reduce.forward(position)))
            .collect();
        let hidden: Vec<f32> = positive(self.hidden.forward(&reduced)).collect();
        self.output.forward(&hidden)[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reliability for maps `[2, 3]`: its logit is the first feature of the second position.
    fn reliability() -> Reliability {
        let mut values =
            vec![0.0; 3 * REDUCED + REDUCED + 2 * REDUCED * HIDDEN + HIDDEN + HIDDEN + 1];
        values[0] = 1.0;
        let hidden = 4 * REDUCED;
        values[hidden + REDUCED * HIDDEN] = 1.0;
        let output = hidden + 2 * REDUCED * HIDDEN + HIDDEN;
        values[output] = 1.0;
        Reliability::from_values(&values, [2, 3]).unwrap()
    }

    #[test]
    fn reads_the_map_by_position_and_channel() {
        let reliability = reliability();
        assert_eq!(reliability.of(&[9.0, 9.0, 9.0, 0.0, 9.0, 9.0]), 0.5);
        let found = reliability.of(&[9.0, 9.0, 9.0, 1.0, 9.0, 9.0]);
        assert!((found - 0.731_058_6).abs() < 1e-6, "{found}");
    }

    #[test]
    fn is_moved_to_where_it_suffices() {
        let features = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        let before = reliability().of(&features);
        let moved = reliability().recentred(before);
        assert!((moved.of(&features) - Reliability::SUFFICIENT).abs() < 1e-6);
    }

    #[test]
    fn is_kept_by_its_values() {
        let reliability = reliability();
        let values = reliability.values();
        assert_eq!(Reliability::from_values(&values, [2, 3]), Ok(reliability));
        assert!(Reliability::from_values(&values[1..], [2, 3]).is_err());
        assert!(Reliability::from_values(&values, [2, 4]).is_err());
        assert!(Reliability::from_values(&vec![f32::NAN; values.len()], [2, 3]).is_err());
    }
}
