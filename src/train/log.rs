//! The run's log, one JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::data::output_file;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// A training step.
    Step {
        /// The number of the step, from 0.
        step: usize,
        /// The total loss.
        loss: f32,
        /// The triplet term.
        triplet: f32,
        /// The pointwise distillation term.
        pointwise: f32,
        /// The relational distillation term.
        relational: f32,
        /// The contrastive distillation term.
        #[serde(default)]
        contrastive: f32,
        /// Share of the mined triplets that are active, in `[0, 1]`.
        active: f32,
        /// Learning rate.
        learning_rate: f64,
    },
    /// A validation on identities that are not in the training data.
    Validation {
        /// Steps taken before it.
        step: usize,
        /// Area under the ROC curve.
        auc: f64,
        /// Share of genuine pairs accepted at a false accept rate of 1e-3, in `[0, 1]`.
        val_at_far_1e3: f64,
    },
}

impl Entry {
    fn step(&self) -> usize {
        match self {
            Self::Step { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}

/// A log file being written.
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log at `path` and keeps the entries of the first `steps` steps. The later entries
    /// are removed, because a resumed run repeats those steps.
    ///
    /// # Errors
    /// If the file cannot be written; it is then unchanged.
    pub fn open(path: &Path, steps: usize) -> Result<Self> {
        let kept = read(path).unwrap_or_default().into_iter();
        let kept = kept.filter(|entry| entry.step() < steps);
        let lines = kept.map(|entry| line(&entry)).collect::<Result<String>>()?;
        output_file::replace(path, lines.as_bytes())?;
        let file = OpenOptions::new().append(true).open(path)?;
        Ok(Self {
            path: path.into(),
            file,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, entry: &Entry) -> Result<()> {
        // One write for the whole line, so that an interruption seldom leaves an incomplete line.
        self.file
            .write_all(line(entry)?.as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn line(entry: &Entry) -> Result<String> {
    Ok(serde_json::to_string(entry)? + "\n")
}

/// The entries of the log at `path`. Damaged lines are left out, such as an incomplete line after a
/// power failure.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path) -> Result<Vec<Entry>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.split(|&byte| byte == b'\n');
    Ok(lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: usize) -> Entry {
        Entry::Validation {
            step,
            auc: 0.5 + step as f64 / 100.0,
            val_at_far_1e3: 0.1,
        }
    }

    #[test]
    fn resuming_cuts_off_what_will_be_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = Log::open(&path, 0).unwrap();
        (0..9).for_each(|step| log.write(&entry(step)).unwrap());
        let mut log = Log::open(&path, 5).unwrap();
        log.write(&entry(5)).unwrap();
        assert_eq!(read(&path).unwrap(), (0..6).map(entry).collect::<Vec<_>>());
    }

    #[test]
    fn what_can_be_read_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = Log::open(&path, 3).unwrap();
        (0..3).for_each(|step| log.write(&entry(step)).unwrap());
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        let mut log = Log::open(&path, 3).unwrap();
        log.write(&entry(3)).unwrap();
        let kept: Vec<_> = read(&path).unwrap().iter().map(Entry::step).collect();
        assert_eq!(kept, [0, 1, 3]);
    }
}
