//! The native program; see [`facekey::cli`].

use std::process::ExitCode;

use clap::Parser;
use facekey::cli::{Cli, Outcome, report};

/// Exit code of `verify` for faces that do not match.
const NO_MATCH: u8 = 1;

/// Exit code of errors.
const ERROR: u8 = 2;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NoMatch) => ExitCode::from(NO_MATCH),
        Err(error) => {
            report(&error);
            ExitCode::from(ERROR)
        }
    }
}
