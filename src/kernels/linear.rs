//! Linear layers of small networks, which weights files store as plain values.

/// A linear layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// `[inputs, outputs]`.
    weight: Vec<f32>,
    /// `[outputs]`.
    bias: Vec<f32>,
}

impl Linear {
    /// Takes the layer's weights, `[inputs, outputs]`, and biases from the start of `values`; `None`
    /// if there are too few.
    pub fn take(values: &mut &[f32], inputs: usize, outputs: usize) -> Option<Self> {
        let (weight, rest) = values.split_at_checked(inputs * outputs)?;
        let (bias, rest) = rest.split_at_checked(outputs)?;
        *values = rest;
        let (weight, bias) = (weight.to_vec(), bias.to_vec());
        Some(Self { weight, bias })
    }

    /// Weights and biases, one after another.
    pub fn values(&self) -> Vec<f32> {
        [&self.weight[..], &self.bias].concat()
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    /// The biases.
    pub fn bias_mut(&mut self) -> &mut [f32] {
        &mut self.bias
    }

    /// The outputs for `inputs`.
    pub fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        let mut outputs = self.bias.clone();
        let rows = self.weight.chunks_exact(self.bias.len());
        for (input, row) in inputs.iter().zip(rows) {
            for (output, weight) in outputs.iter_mut().zip(row) {
                *output += input * weight;
            }
        }
        outputs
    }
}
