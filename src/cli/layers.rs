//! `layers`: prints a network's layers and their cost.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::common::JsonArgs;
use crate::net::{FaceNetConfig, Preset};

/// Print a network's layers with shapes, parameters and multiply-adds
#[derive(Debug, Args)]
pub struct Layers {
    /// The network
    #[arg(value_enum, default_value_t = Preset::SHIPPED)]
    preset: Preset,
    #[command(flatten)]
    json: JsonArgs,
}

impl Layers {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn run(self) -> Result<()> {
        let config = FaceNetConfig::from(self.preset);
        let layers = config.layers();
        let layers = layers.iter().map(|layer| {
            json!({
                "name": layer.name,
                "output": layer.output,
                "parameters": layer.parameters,
                "multiply_adds": layer.multiply_adds,
            })
        });
        let report = json!({ "preset": self.preset, "layers": layers.collect::<Vec<_>>() });
        self.json.print(&report, |_| config.table())
    }
}
