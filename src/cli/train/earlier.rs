//! What becomes of an earlier run with the same `--out`: it is gone on from, or kept.

use anyhow::{Result, bail, ensure};

use super::Train;
use crate::cli::output::note;
use crate::data::record::Record;
use crate::train::checkpoint::Checkpoint;
use crate::train::outputs::Outputs;
use crate::train::settings::{Progress, Settings};

impl Train {
    /// Refuses a run that cannot begin, before anything slow.
    ///
    /// # Errors
    /// Where there is no checkpoint to resume, or weights that no checkpoint here belongs to would be
    /// overwritten.
    pub(super) fn check_earlier(&self, outputs: &Outputs, checkpoint: &Checkpoint) -> Result<()> {
        if self.resume {
            checkpoint.state_of::<Settings>()?;
        } else if !self.overwrite && !checkpoint.exists() {
            ensure!(
                !outputs.weights.is_file(),
                "{} exists: give another --out, or --overwrite it",
                outputs.weights.display()
            );
        }
        Ok(())
    }

    /// Makes room for a run on `data` where an earlier one holds the outputs. The same run again is
    /// refused, for it would lose what that one has done. A run on other data is another run, and the
    /// earlier one is kept under another name.
    ///
    /// # Errors
    /// Where the earlier run is on the same data, or cannot be renamed.
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
                "{} holds a run of {step} steps: go on from it with --resume, start again with \
                 --overwrite, or give another --out",
                outputs.checkpoint.display()
            );
        }
        let aside = outputs.set_aside()?;
        note!(
            "{} is of a run on other data, which is kept as {}",
            outputs.weights.display(),
            aside.display()
        );
        Ok(())
    }

    /// `settings` of a run that goes on: it started from what its checkpoint says, and is as long as
    /// that one says where no other length is asked for.
    ///
    /// # Errors
    /// Where the checkpoint cannot be read, or is of a run on other data than `data`.
    pub(super) fn resumed(
        &self,
        settings: Settings,
        checkpoint: &Checkpoint,
        data: &Record,
    ) -> Result<Settings> {
        let (saved, _): (Settings, _) = checkpoint.state_of()?;
        if saved.data.is_some() && saved.data != settings.data {
            let changes = data.changes_since(&checkpoint.data());
            bail!(
                "the checkpoint was made with other data: {}",
                changes.unwrap_or("its list of files is damaged".into())
            );
        }
        let any_length = self.epochs.is_some() || self.crops.is_some() || self.minutes.is_some();
        Ok(Settings {
            init: saved.init,
            preset: self.preset.unwrap_or(saved.preset),
            length: if any_length {
                settings.length
            } else {
                saved.length
            },
            ..settings
        })
    }
}
