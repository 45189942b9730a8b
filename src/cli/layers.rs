//! `facekey layers`: what a network is made of, and what it costs.

use anyhow::Result;
use clap::Args;

use crate::net::{FaceNetConfig, Preset};

/// Print a network's layers with shapes, parameters and multiply-adds
#[derive(Debug, Args)]
pub struct Layers {
    /// The network
    #[arg(value_enum, default_value = "slim")]
    preset: Preset,
}

impl Layers {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// None; the signature is that of all subcommands.
    pub fn run(self) -> Result<()> {
        print!("{}", FaceNetConfig::from(self.preset).table());
        Ok(())
    }
}
