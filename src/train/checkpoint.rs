//! Where a run stands, on disk, so that it can go on exactly.
//!
//! A checkpoint is a folder: `state.json` names the two burnpack files (weights in training form,
//! optimiser state) of one step. They are written first, under a name of their own, and
//! `state.json` is replaced last in one move: a run that is cut off at any moment leaves the
//! previous checkpoint or the new one, never a mixture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::settings::Progress;
use crate::net::FaceNet;

#[derive(Serialize, Deserialize)]
struct State<S> {
    settings: S,
    progress: Progress,
}

/// A checkpoint folder.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    folder: PathBuf,
}

impl Checkpoint {
    /// The checkpoint in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Whether a checkpoint has been saved here.
    pub fn exists(&self) -> bool {
        self.state().exists()
    }

    /// Saves a run's state, replacing the one before.
    ///
    /// # Errors
    /// Where the folder cannot be written; the checkpoint before is then still whole.
    pub fn save<S: Serialize>(
        &self,
        settings: &S,
        progress: &Progress,
        network: &FaceNet,
        optimiser: &ModuleOptimizer,
    ) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        network
            .clone()
            .into_record()
            .save(self.weights(progress.step))?;
        optimiser.save(self.optimiser(progress.step))?;
        let state = State {
            settings,
            progress: progress.clone(),
        };
        let scratch = self.folder.join("state.json.new");
        fs::write(&scratch, serde_json::to_vec_pretty(&state)?)?;
        fs::rename(&scratch, self.state())
            .with_context(|| format!("cannot write {}", self.state().display()))?;
        self.remove_others(progress.step)
    }

    /// The settings and progress of the saved run.
    ///
    /// # Errors
    /// Where there is no checkpoint, or its state cannot be read.
    pub fn state_of<S: DeserializeOwned>(&self) -> Result<(S, Progress)> {
        let path = self.state();
        let bytes = fs::read(&path)
            .with_context(|| format!("no checkpoint to resume at {}", self.folder.display()))?;
        let State { settings, progress } = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is damaged", path.display()))?;
        Ok((settings, progress))
    }

    /// `network` and `optimiser` as they were at `step`.
    ///
    /// # Errors
    /// Where a file is missing or does not fit.
    pub fn restore(
        &self,
        step: usize,
        network: FaceNet,
        optimiser: ModuleOptimizer,
    ) -> Result<(FaceNet, ModuleOptimizer)> {
        let weights = self.weights(step);
        let record = ModuleRecord::load(&weights)
            .with_context(|| format!("cannot read {}", weights.display()))?;
        let network = network
            .try_load_record(record)
            .with_context(|| format!("{} does not fit the preset", weights.display()))?;
        let path = self.optimiser(step);
        let optimiser = optimiser
            .load(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok((network, optimiser))
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn weights(&self, step: usize) -> PathBuf {
        self.folder.join(format!("{step}.weights.bpk"))
    }

    fn optimiser(&self, step: usize) -> PathBuf {
        self.folder.join(format!("{step}.optimiser.bpk"))
    }

    fn remove_others(&self, step: usize) -> Result<()> {
        let keep = [self.weights(step), self.optimiser(step)];
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "bpk") && !keep.contains(&path)
            {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}
