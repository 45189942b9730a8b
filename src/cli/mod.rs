//! The program's subcommands, one file each. Only this module prints.

mod average;
mod bench;
mod calibrate;
mod cluster;
mod common;
mod curves;
mod debias;
mod embed;
mod eval;
mod export;
mod groups;
mod layers;
mod liveness;
mod models;
mod numbers;
mod output;
mod refiner;
mod reliability;
mod roc_plot;
mod templates;
mod train;
mod verify;

use clap::{Parser, Subcommand};

/// The end of every command's help.
const AFTER_HELP: &str = "\
Exit codes:
  0  done; of verify: the faces match
  1  of verify: the faces do not match
  2  an error; the message is on standard error

Models:
  Weights and detector that no option names are searched for in the folder that FACEKEY_MODELS names,
  beside the program (also in models/ there, and in ../share/facekey), in facekey/ among the data
  folders of the user and the system (such as ~/.local/share/facekey), and in www/models of a
  checkout around the working folder.";

const HELP_TEMPLATE: &str = "\
{about}

{usage-heading} {usage}

Train:
  train        Train the network on a folder of faces, or on drawn ones
  average      Average the weights of runs that started from the same ones
  debias       Remove the differences between groups of people from the embeddings
  export       Write a checkpoint's weights in the format that the page loads
  calibrate    Calibrate the weights: count the error rates at each score
  refiner      Learn to refine the alignment of faces in photos

Measure:
  eval         Measure verification on labelled faces
  groups       Compare false match rates between groups of people
  reliability  Measure which faces are refused because something covers them
  templates    Compare the rules for people with several enrolled samples
  liveness     Measure the movement check on simulated attacks and people
  bench        Time detection, alignment and embedding
  layers       Print a network's layers with shapes, parameters and multiply-adds

Use:
  verify       Tell whether two images show one person
  embed        Print the embedding of every face
  cluster      Group the faces of a folder by person

Options:
{options}

{after-help}
";

/// Train, measure and use the face verifier that runs in a web page
#[derive(Debug, Parser)]
#[command(
    name = "facekey",
    version,
    help_template = HELP_TEMPLATE,
    after_help = AFTER_HELP
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(Box<train::Train>),
    Average(average::Average),
    Debias(debias::Debias),
    Export(export::Export),
    Calibrate(calibrate::Calibrate),
    Eval(eval::Eval),
    Groups(groups::Groups),
    Refiner(refiner::Refiner),
    Reliability(reliability::Reliability),
    Templates(templates::Templates),
    Liveness(liveness::Liveness),
    Bench(bench::Bench),
    Layers(layers::Layers),
    Verify(verify::Verify),
    Embed(embed::Embed),
    Cluster(cluster::Cluster),
}

/// The outcome of a command that ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The command is done.
    Done,
    /// Two faces were compared and do not match.
    NoMatch,
}

impl Cli {
    /// Runs the chosen subcommand.
    ///
    /// # Errors
    /// In words for a person.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Verify(command) => return command.run(),
            Command::Train(command) => command.run(),
            Command::Average(command) => command.run(),
            Command::Debias(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Calibrate(command) => command.run(),
            Command::Eval(command) => command.run(),
            Command::Groups(command) => command.run(),
            Command::Refiner(command) => command.run(),
            Command::Reliability(command) => command.run(),
            Command::Templates(command) => command.run(),
            Command::Liveness(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Layers(command) => command.run(),
            Command::Embed(command) => command.run(),
            Command::Cluster(command) => command.run(),
        }?;
        Ok(Outcome::Done)
    }
}

/// Prints the error to standard error.
pub fn report(error: &anyhow::Error) {
    output::tell(format_args!("error: {error:#}"));
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_help_lists_every_command_in_the_words_of_its_own() {
        let mut command = Cli::command();
        command.build();
        let help = command.render_help().to_string();
        let own = |name: &str| name != "help";
        for subcommand in command.get_subcommands().filter(|it| own(it.get_name())) {
            let name = subcommand.get_name();
            let line = help
                .lines()
                .find(|line| line.trim_start().starts_with(&format!("{name} ")));
            let (_, short) = line.unwrap().trim().split_once(' ').unwrap();
            let own = subcommand.get_about().unwrap().to_string();
            assert!(own.starts_with(short.trim()), "{name}: {own}");
        }
    }
}
