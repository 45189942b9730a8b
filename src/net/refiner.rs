//! The network that refines the alignment of a face; see [`face::refine`](crate::face::refine).

use crate::kernels::conv::{Channels, Convolution, Finish, Operands, Packed, Taps};
use crate::kernels::linear::Linear;

/// Side of the network's input, in pixels.
pub const INPUT_SIZE: usize = 40;
/// Channels of the input and after each convolution. All have 3x3 pixels and stride 2.
pub(crate) const CHANNELS: [usize; 4] = [1, 16, 32, 40];
/// Side of the last feature map, in pixels.
pub(crate) const LAST_SIDE: usize = INPUT_SIZE / 8;
/// Outputs of the hidden layer.
pub(crate) const HIDDEN: usize = 24;
/// The numbers of a correction.
pub const OUTPUTS: usize = 4;

/// The network that refines alignments; weights files contain it.
#[derive(Debug, Clone)]
pub struct Refiner {
    values: Vec<f32>,
    convolutions: Vec<Layer>,
    hidden: Linear,
    output: Linear,
}

/// A convolution with ReLU.
#[derive(Debug, Clone)]
struct Layer {
    taps: Taps,
    weights: Packed,
    bias: Vec<f32>,
}

/// The stored values are not a [`Refiner`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the network that refines the alignment is of another form")]
pub struct InvalidRefiner;

impl PartialEq for Refiner {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl Refiner {
    /// A refiner from its stored [`values`](Self::values): weights and biases, layer after layer;
    /// the weights of a convolution as `[out, in, 3, 3]`, those of a linear layer as `[in, out]`.
    ///
    /// # Errors
    /// If the number of values is wrong, or a value is not finite.
    pub fn from_values(values: &[f32]) -> Result<Self, InvalidRefiner> {
        let mut rest = values;
        let mut convolutions = Vec::new();
        for (index, channels) in CHANNELS.windows(2).enumerate() {
            let side = INPUT_SIZE >> index;
            let layer = Layer::take(&mut rest, side, [channels[0], channels[1]]);
            convolutions.push(layer.ok_or(InvalidRefiner)?);
        }
        let features = LAST_SIDE * LAST_SIDE * CHANNELS[3];
        let hidden = Linear::take(&mut rest, features, HIDDEN).ok_or(InvalidRefiner)?;
        let output = Linear::take(&mut rest, HIDDEN, OUTPUTS).ok_or(InvalidRefiner)?;
        let finite = values.iter().all(|value| value.is_finite());
        match finite && rest.is_empty() {
            true => Ok(Self {
                values: values.to_vec(),
                convolutions,
                hidden,
                output,
            }),
            false => Err(InvalidRefiner),
        }
    }

    /// All weights and biases, as in [`from_values`](Self::from_values).
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The correction of the alignment for an input: brightness in `[-1, 1]`, `[40, 40]`.
    pub fn correction(&self, input: Vec<f32>) -> [f32; OUTPUTS] {
        let features = self
            .convolutions
            .iter()
            .fold(input, |features, layer| layer.forward(&features));
        let hidden = self.hidden.forward(&features);
        let hidden: Vec<f32> = hidden.into_iter().map(|value| value.max(0.0)).collect();
        let output = self.output.forward(&hidden);
        std::array::from_fn(|i| output[i])
    }
}

impl Layer {
    /// Takes weights and biases from the start of `values`; `side` is that of the input.
    fn take(values: &mut &[f32], side: usize, [inputs, outputs]: [usize; 2]) -> Option<Self> {
        let (weight, rest) = values.split_at_checked(outputs * inputs * 9)?;
        let (bias, rest) = rest.split_at_checked(outputs)?;
        *values = rest;
        Some(Self {
            taps: Taps::new(side, 3, 2),
            weights: Packed::new([9, inputs, outputs], |tap, input, output| {
                weight[(output * inputs + input) * 9 + tap]
            }),
            bias: bias.to_vec(),
        })
    }

    fn forward(&self, features: &[f32]) -> Vec<f32> {
        let outputs = self.bias.len();
        let mut output = vec![0.0; self.taps.pixels_out * outputs];
        Convolution {
            taps: &self.taps,
            weights: &self.weights,
            operands: Operands {
                input: features,
                from: Channels::all(features.len() / self.taps.pixels_in),
                output: &mut output,
                to: Channels::all(outputs),
                finish: Finish::Activate {
                    bias: &self.bias,
                    slope: &vec![0.0; outputs],
                    residual: None,
                },
            },
        }
        .run();
        output
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The number of values of a refiner.
    fn size() -> usize {
        let convolutions = CHANNELS.windows(2).map(|it| it[1] * (it[0] * 9 + 1));
        let features = LAST_SIDE * LAST_SIDE * CHANNELS[3];
        convolutions.sum::<usize>() + (features + 1) * HIDDEN + (HIDDEN + 1) * OUTPUTS
    }

    /// A refiner that always gives `correction`.
    pub(crate) fn constant(correction: [f32; OUTPUTS]) -> Refiner {
        let mut values = vec![0.0; size() - OUTPUTS];
        values.extend(correction);
        Refiner::from_values(&values).unwrap()
    }

    #[test]
    fn is_kept_by_its_values() {
        let correction = [0.5, -1.0, 0.25, 2.0];
        let refiner = constant(correction);
        let input = vec![0.3; INPUT_SIZE * INPUT_SIZE];
        assert_eq!(refiner.correction(input), correction);
        assert_eq!(Refiner::from_values(refiner.values()), Ok(refiner.clone()));
    }

    #[test]
    fn other_values_are_refused() {
        for values in [
            vec![0.0; size() - 1],
            vec![0.0; size() + 1],
            vec![f32::NAN; size()],
        ] {
            assert_eq!(Refiner::from_values(&values), Err(InvalidRefiner));
        }
    }
}
