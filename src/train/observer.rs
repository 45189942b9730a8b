//! Callbacks from a run to its caller.

use std::path::Path;

use super::log::Entry;
use super::settings::Progress;

/// Observes a run. By default, the methods do nothing.
pub trait Observer {
    /// A step was taken. `done` is the share of the run that is done: in `[0, 1]`, or above 1 if
    /// the last step ends past the run's length.
    fn step(&mut self, _entry: &Entry, _progress: &Progress, _done: f64) {}

    /// The network was validated.
    fn validation(&mut self, _entry: &Entry) {}

    /// An image could not be used.
    fn skipped(&mut self, _path: &Path, _reason: &str) {}

    /// An error occurred that does not end the run.
    fn warning(&mut self, _message: &str) {}
}

/// Observes nothing.
impl Observer for () {}
