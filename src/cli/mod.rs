//! The program's subcommands, one file each.

mod average;
mod bench;
mod calibrate;
mod cluster;
mod common;
mod embed;
mod eval;
mod export;
mod groups;
mod layers;
mod liveness;
mod templates;
mod train;
mod verify;

use clap::{Parser, Subcommand};

/// Train, measure and use the face verifier that runs in a web page
#[derive(Debug, Parser)]
#[command(name = "facekey", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(train::Train),
    Average(average::Average),
    Export(export::Export),
    Calibrate(calibrate::Calibrate),
    Eval(eval::Eval),
    Groups(groups::Groups),
    Templates(templates::Templates),
    Liveness(liveness::Liveness),
    Verify(verify::Verify),
    Embed(embed::Embed),
    Cluster(cluster::Cluster),
    Bench(bench::Bench),
    Layers(layers::Layers),
}

impl Cli {
    /// Runs the chosen subcommand.
    ///
    /// # Errors
    /// In words for a person.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Train(command) => command.run(),
            Command::Average(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Calibrate(command) => command.run(),
            Command::Eval(command) => command.run(),
            Command::Groups(command) => command.run(),
            Command::Templates(command) => command.run(),
            Command::Liveness(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Embed(command) => command.run(),
            Command::Cluster(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Layers(command) => command.run(),
        }
    }
}
