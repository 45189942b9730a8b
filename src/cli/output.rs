//! The program's output on standard output and standard error.
//!
//! If the reader of standard output is gone, the rest of the text is dropped without an error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};
use serde::Serialize;

/// Writes `message` as a line to standard error.
pub fn tell(message: impl Display) {
    // An error is ignored: it cannot be reported anywhere.
    let _ = writeln!(io::stderr(), "{message}");
}

/// Writes a line to standard error, as `eprintln!` does, but does not panic if standard error is
/// closed.
macro_rules! note {
    ($($part:tt)*) => { $crate::cli::output::tell(format_args!($($part)*)) };
}
pub(super) use note;

/// Prints `text` as it is.
///
/// # Errors
/// If standard output cannot be written. A reader that is gone is not an error.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    read_by_somebody(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(())
}

/// Prints `figures` as JSON.
///
/// # Errors
/// As [`print`].
pub fn print_json(figures: &impl Serialize) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(figures)?))
}

/// Whether the output still has a reader, from the result of writing.
///
/// # Errors
/// Any error of writing, except a reader that is gone.
pub fn read_by_somebody(written: io::Result<()>) -> Result<bool> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        written => Ok(written
            .map(|()| true)
            .context("cannot write to standard output")?),
    }
}
