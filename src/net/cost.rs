//! The cost of a network: its layers with their shapes, parameters and multiply-adds.

use super::facenet::{CROP_SIZE, FaceNetConfig, HeadPooling, StageConfig};
use super::inception::Activation;
use crate::verify::embedding::EMBEDDING_DIM;

/// One row of the table that [`FaceNetConfig::layers`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The kind of layer, and the index of its stage.
    pub name: String,
    /// Channels, height and width of the output.
    pub output: [usize; 3],
    /// Parameters in inference form: weights, biases and slopes, with BatchNorm folded in.
    pub parameters: usize,
    /// Multiply-adds for one face.
    pub multiply_adds: usize,
}

impl FaceNetConfig {
    /// All layers, in order. As usual, a pooling or normalisation without parameters has no
    /// multiply-adds.
    pub fn layers(&self) -> Vec<Layer> {
        let mut layers = Vec::new();
        let (mut channels, mut size) = (3, CROP_SIZE);
        for (index, stage) in self.stages.iter().enumerate() {
            match stage {
                StageConfig::Conv {
                    out,
                    kernel,
                    stride,
                } => {
                    let name = format!("{index} conv {kernel}x{kernel}/{stride}");
                    size = size.div_ceil(*stride);
                    layers.push(self.conv_layer(name, [channels, *out], *kernel, size));
                    channels = *out;
                }
                StageConfig::MaxPool => {
                    size = size.div_ceil(2);
                    layers.push(free_layer(
                        format!("{index} max pool"),
                        [channels, size, size],
                    ));
                }
                StageConfig::Lrn => {
                    layers.push(free_layer(format!("{index} lrn"), [channels, size, size]));
                }
                StageConfig::Inception(config) => {
                    for (name, channels, kernel, stride) in config.convolutions(channels) {
                        let name = format!("{index} inception {name}");
                        layers.push(self.conv_layer(name, channels, kernel, size.div_ceil(stride)));
                    }
                    channels = config.channels_out(channels);
                    size = size.div_ceil(config.stride);
                }
                StageConfig::Residual(config) => {
                    for (name, channels, kernel) in config.convolutions(channels) {
                        let name = format!("{index} residual {name}");
                        layers.push(self.conv_layer(name, channels, kernel, size));
                    }
                }
            }
        }
        let positions = channels * size * size;
        let weighted = if self.pooling == HeadPooling::Weighted {
            positions
        } else {
            0
        };
        layers.push(Layer {
            name: "head pooling".into(),
            output: [channels, 1, 1],
            parameters: weighted,
            multiply_adds: weighted,
        });
        layers.push(Layer {
            name: "head linear".into(),
            output: [EMBEDDING_DIM, 1, 1],
            parameters: (channels + 1) * EMBEDDING_DIM,
            multiply_adds: channels * EMBEDDING_DIM,
        });
        layers
    }

    fn conv_layer(
        &self,
        name: String,
        [input, out]: [usize; 2],
        kernel: usize,
        size: usize,
    ) -> Layer {
        let weights = input * out * kernel * kernel;
        let slopes = match self.activation {
            Activation::Relu => 0,
            Activation::Prelu => out,
        };
        Layer {
            name,
            output: [out, size, size],
            parameters: weights + out + slopes,
            multiply_adds: weights * size * size,
        }
    }

    /// The layers as a table for printing; the last row is the total.
    pub fn table(&self) -> String {
        let layers = self.layers();
        let total = |value: fn(&Layer) -> usize| layers.iter().map(value).sum::<usize>();
        let mut rows: Vec<[String; 4]> = layers
            .iter()
            .map(|layer| {
                let [c, h, w] = layer.output;
                [
                    layer.name.clone(),
                    format!("{c}x{h}x{w}"),
                    layer.parameters.to_string(),
                    layer.multiply_adds.to_string(),
                ]
            })
            .collect();
        rows.insert(
            0,
            ["layer", "output", "parameters", "multiply-adds"].map(String::from),
        );
        rows.push([
            "total".into(),
            String::new(),
            total(|layer| layer.parameters).to_string(),
            total(|layer| layer.multiply_adds).to_string(),
        ]);
        rows.iter()
            .map(|[name, output, parameters, multiply_adds]| {
                format!("{name:<32}{output:>12}{parameters:>12}{multiply_adds:>16}\n")
            })
            .collect()
    }
}

fn free_layer(name: String, output: [usize; 3]) -> Layer {
    Layer {
        name,
        output,
        parameters: 0,
        multiply_adds: 0,
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Module;

    use super::*;
    use crate::net::presets::Preset;

    fn totals(preset: Preset) -> (usize, usize) {
        let layers = FaceNetConfig::from(preset).layers();
        (
            layers.iter().map(|l| l.parameters).sum(),
            layers.iter().map(|l| l.multiply_adds).sum(),
        )
    }

    #[test]
    fn layers_have_the_costs_computed_by_hand() {
        let layers = FaceNetConfig::from(Preset::Nn4Small2).layers();
        // 7x7 from 3 to 64 channels over 56x56 positions.
        assert_eq!(layers[0].output, [64, 56, 56]);
        assert_eq!(layers[0].parameters, 7 * 7 * 3 * 64 + 64);
        assert_eq!(layers[0].multiply_adds, 7 * 7 * 3 * 64 * 56 * 56);
        // The 3x3 from 64 to 192 at 28x28 alone costs 87 M.
        let conv3 = layers.iter().find(|l| l.name == "4 conv 3x3/1").unwrap();
        assert_eq!(conv3.multiply_adds, 86_704_128);
        // OpenFace counts 3,733,968 parameters for nn4.small2. Each channel of a convolution has a
        // bias, a scale and a shift there; in the folded form it only has a bias.
        let (parameters, multiply_adds) = totals(Preset::Nn4Small2);
        let channels_of_convolutions: usize = layers
            .iter()
            .filter(|l| l.multiply_adds > 0 && l.name != "head linear")
            .map(|l| l.output[0])
            .sum();
        assert_eq!(parameters + 2 * channels_of_convolutions, 3_733_968);
        assert_eq!(multiply_adds / 1_000_000, 289);
    }

    #[test]
    fn slim_stays_within_its_budget() {
        let (parameters, multiply_adds) = totals(Preset::Slim);
        assert!(parameters * 2 <= 5_000_000, "{parameters} parameters");
        assert!(
            multiply_adds <= 120_000_000,
            "{multiply_adds} multiply-adds"
        );
    }

    #[test]
    fn folded_network_has_the_parameters_of_the_table() {
        let device = crate::device::cpu();
        for preset in [
            Preset::Slim,
            Preset::Residual,
            Preset::Nn4Small2,
            Preset::Nn2,
            Preset::Tiny,
        ] {
            let network = FaceNetConfig::from(preset).init(&device).fold();
            assert_eq!(network.num_params(), totals(preset).0, "{preset}");
        }
    }
}
