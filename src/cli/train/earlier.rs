//! Handles an earlier run with the same `--out`: resumes it, or keeps it under another name.

use anyhow::{Result, bail, ensure};

use super::Train;
use crate::cli::output::note;
use crate::data::record::Record;
use crate::train::checkpoint::Checkpoint;
use crate::train::outputs::Outputs;
use crate::train::settings::{Progress, Settings};

impl Train {
    /// Refuses a run that cannot begin, before the slow part.
    ///
    /// # Errors
    /// If there is no checkpoint to resume, or weights without a checkpoint would be overwritten.
    pub(super) fn check_earlier(&self, outputs: &Outputs, checkpoint: &Checkpoint) -> Result<()> {
        if self.resume {
            checkpoint.state_of::<Settings>()?;
        } else if !self.overwrite && !checkpoint.exists() {
            ensure!(
                !outputs.weights.is_file(),
                "{} exists: give another --out, or overwrite it with --overwrite",
                outputs.weights.display()
            );
        }
        Ok(())
    }

    /// Handles a new run on `data` if the outputs of an earlier run exist. If the earlier run has
    /// the same data, the new run is refused, because it would lose the earlier one's progress. If
    /// the earlier run has other data, it is renamed and kept.
    ///
    /// # Errors
    /// If the earlier run has the same data, or cannot be renamed.
    pub(super) fn give_way(
        &self,
        outputs: &Outputs,
        checkpoint: &Checkpoint,
        data: &Record,
    ) -> Result<()> {
        if self.resume || self.overwrite || !checkpoint.exists() {
            return Ok(());
        }
        let saved = checkpoint.state_of::<Settings>();
        let (earlier, step) = match saved {
            Ok((settings, Progress { step, .. })) => (settings.data, step),
            Err(_) => (None, 0),
        };
        if earlier.is_none_or(|earlier| earlier == data.digest()) {
            bail!(
                "{} contains a run of {step} steps: continue it with --resume, start again with \
                 --overwrite, or give another --out",
                outputs.checkpoint.display()
            );
        }
        let aside = outputs.set_aside()?;
        note!(
            "{} belongs to an earlier run on other data, which is kept as {}",
            outputs.weights.display(),
            aside.display()
        );
        Ok(())
    }

    /// The settings of a resumed run: `settings`, with the initial weights of the checkpoint, and with
    /// its preset, length, pace and precision where no others are given. And what differs from the
    /// checkpoint, in words.
    ///
    /// # Errors
    /// If the checkpoint cannot be read, or belongs to a run on other data than `data`.
    pub(super) fn resumed(
        &self,
        settings: Settings,
        checkpoint: &Checkpoint,
        data: &Record,
    ) -> Result<(Settings, Vec<String>)> {
        let (saved, _): (Settings, _) = checkpoint.state_of()?;
        if saved.data.is_some() && saved.data != settings.data {
            let changes = data.changes_since(&checkpoint.data());
            bail!(
                "the checkpoint was made with other data: {}",
                changes.unwrap_or("its list of files is damaged".into())
            );
        }
        let any_length = self.epochs.is_some() || self.crops.is_some() || self.minutes.is_some();
        let resumed = Settings {
            init: saved.init.clone(),
            preset: self.preset.unwrap_or(saved.preset),
            length: if any_length {
                settings.length
            } else {
                saved.length
            },
            learning_rate: self.learning_rate.unwrap_or(saved.learning_rate),
            cool_down: self.cool_down.unwrap_or(saved.cool_down),
            precision: self.precision.unwrap_or(saved.precision),
            ..settings
        };
        let differences = resumed.differences(&saved);
        Ok((resumed, differences))
    }
}
