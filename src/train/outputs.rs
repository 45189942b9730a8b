//! The output files of a run. Their names derive from the weights' name; only one run at a time may
//! write them.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use same_file::Handle;

use crate::data::files::appended;
use crate::data::walk;

/// The output paths of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// The weights.
    pub weights: PathBuf,
    /// The checkpoint's folder.
    pub checkpoint: PathBuf,
    /// The log.
    pub log: PathBuf,
    /// The curves.
    pub curves: PathBuf,
    /// The folder of aligned crops.
    pub crops: PathBuf,
    /// The path of the weights without `.bpk`; the other paths begin with it.
    stem: PathBuf,
}

impl Outputs {
    /// The outputs of the run that writes `weights`: in the same folder, under the same name
    /// (without `.bpk`) with a suffix.
    pub fn beside(weights: &Path) -> Self {
        let bare = weights
            .extension()
            .is_some_and(|extension| extension == "bpk");
        let stem = match bare {
            true => weights.with_extension(""),
            false => weights.into(),
        };
        Self {
            weights: weights.into(),
            checkpoint: appended(&stem, ".checkpoint"),
            log: appended(&stem, ".log.jsonl"),
            curves: appended(&stem, ".svg"),
            crops: appended(&stem, &format!(".{}", walk::CROPS)),
            stem,
        }
    }

    /// Locks the outputs for this run until the lock is dropped. Missing folders are created.
    ///
    /// # Errors
    /// If another run holds the lock, or the outputs cannot be written.
    pub fn lock(&self) -> Result<Lock> {
        ensure!(
            self.weights.file_name().is_some() && !self.weights.is_dir(),
            "cannot write {}: it is a folder",
            self.weights.display()
        );
        if let Some(folder) = self.weights.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Lock::take(appended(&self.stem, ".lock"), &self.weights)
    }

    /// Renames the outputs of an earlier run, so that they are not overwritten: `name.bpk` becomes
    /// `name.1.bpk` and so on, with the first free number. Returns the new path of the weights.
    /// Crops keep their name, because they are checked before use.
    ///
    /// # Errors
    /// If a file cannot be renamed.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let aside = (1u32..)
            .map(|number| {
                let mut weights = appended(&self.stem, &format!(".{number}"));
                if self.weights != self.stem {
                    weights = appended(&weights, ".bpk");
                }
                Self::beside(&weights)
            })
            .find(|aside| !aside.any_exists())
            .expect("one of all numbers is free");
        for (from, to) in self.paths().into_iter().zip(aside.paths()) {
            if from.exists() {
                fs::rename(from, to)
                    .with_context(|| format!("cannot rename {}", from.display()))?;
            }
        }
        Ok(aside.weights)
    }

    fn paths(&self) -> [&Path; 4] {
        [&self.weights, &self.checkpoint, &self.log, &self.curves]
    }

    fn any_exists(&self) -> bool {
        self.paths().iter().any(|path| path.exists())
    }
}

/// Prevents other runs from writing a run's outputs. The system releases the lock when the program
/// ends, even after a crash.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(path: PathBuf, weights: &Path) -> Result<Self> {
        loop {
            let file = File::create(&path)
                .with_context(|| format!("cannot write {}", weights.display()))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => bail!(
                    "another run is writing {}: give this one another --out",
                    weights.display()
                ),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
            // The previous run may have removed the file after this one opened it and before this
            // one locked it.
            let locked = Handle::from_file(file.try_clone()?)?;
            if Handle::from_path(&path).is_ok_and(|current| current == locked) {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_whose_names_differ_after_a_dot_have_files_of_their_own() {
        let one = Outputs::beside(Path::new("o/lr0.001"));
        assert_eq!(one.checkpoint, Path::new("o/lr0.001.checkpoint"));
        assert_eq!(one.log, Path::new("o/lr0.001.log.jsonl"));
        assert_ne!(one.curves, Outputs::beside(Path::new("o/lr0.002")).curves);
        let plain = Outputs::beside(Path::new("x.bpk"));
        assert_eq!(plain.checkpoint, Path::new("x.checkpoint"));
        assert_eq!(plain.crops, Path::new("x.crops"));
    }

    #[test]
    fn outputs_are_of_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::beside(&folder.path().join("runs/x.bpk"));
        let lock = outputs.lock().unwrap();
        let refused = outputs.lock().unwrap_err().to_string();
        assert!(refused.contains("another run"), "{refused}");
        drop(lock);
        drop(outputs.lock().unwrap());
        assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 0);
        let folder = Outputs::beside(folder.path()).lock().unwrap_err();
        assert!(folder.to_string().contains("it is a folder"), "{folder}");
    }

    #[test]
    fn an_earlier_run_is_set_aside_whole() {
        let folder = tempfile::tempdir().unwrap();
        let outputs = Outputs::beside(&folder.path().join("x.bpk"));
        for number in 1..=2 {
            fs::create_dir(&outputs.checkpoint).unwrap();
            fs::write(outputs.checkpoint.join("state.json"), number.to_string()).unwrap();
            fs::write(&outputs.log, "").unwrap();
            let aside = outputs.set_aside().unwrap();
            assert_eq!(aside, folder.path().join(format!("x.{number}.bpk")));
            let aside = Outputs::beside(&aside);
            let state = fs::read_to_string(aside.checkpoint.join("state.json"));
            assert_eq!(state.unwrap(), number.to_string());
            assert!(aside.log.exists() && !outputs.any_exists());
        }
    }
}
