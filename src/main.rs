//! The native program; see [`facekey::cli`].

use std::process::ExitCode;

use clap::Parser;
use facekey::cli::Cli;

/// Exit code of errors; 1 is `verify`'s for faces that do not match.
const ERROR: u8 = 2;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(ERROR)
        }
    }
}
