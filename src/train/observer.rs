//! What a run tells its caller while it trains.

use std::path::Path;

use super::log::Entry;
use super::settings::Progress;

/// Follows a run. Every method does nothing unless it is given a body.
pub trait Observer {
    /// A step was taken: its losses, how far the run is, and the part of it that is done, in
    /// `[0, 1]` but for a last step that ends past the run's length.
    fn step(&mut self, _entry: &Entry, _progress: &Progress, _done: f64) {}

    /// The network was validated.
    fn validation(&mut self, _entry: &Entry) {}

    /// An image could not be used.
    fn skipped(&mut self, _path: &Path, _reason: &str) {}

    /// Something went wrong that does not end the run.
    fn warning(&mut self, _message: &str) {}
}

/// Follows nothing.
impl Observer for () {}
