//! The state of a run on disk, from which it resumes exactly.
//!
//! A checkpoint is a folder: `state.json` names the two burnpack files (weights in training form,
//! optimiser state) of one step, and `data.sha256` lists the files that the run trains on. The
//! other files are written first, under the step's own names. `state.json` is replaced last, by a
//! rename. So an interruption at any moment leaves the previous checkpoint or the new one, never a
//! mixture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::settings::Progress;
use crate::data::output_file;
use crate::data::record::Record;
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
    /// The record of the training files, which is saved with the checkpoint.
    data: Option<Record>,
}

impl Checkpoint {
    /// The checkpoint in `folder`, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, data: None }
    }

    /// The checkpoint of a run that trains on the files of `data`.
    pub fn of(self, data: Record) -> Self {
        let data = Some(data);
        Self { data, ..self }
    }

    /// The record of the files that the saved run trained on; empty if the checkpoint has none.
    pub fn data(&self) -> Record {
        Record::read(&self.data_list())
    }

    /// Whether a checkpoint has been saved here.
    pub fn exists(&self) -> bool {
        self.state().exists()
    }

    /// Saves a run's state and replaces the previous one.
    ///
    /// # Errors
    /// If the folder cannot be written; the previous checkpoint then remains complete.
    pub fn save<S: Serialize>(
        &self,
        settings: &S,
        progress: &Progress,
        network: &FaceNet,
        optimiser: &ModuleOptimizer,
    ) -> Result<()> {
        let state = State {
            settings,
            progress: progress.clone(),
        };
        let saved = self
            .save_step(progress.step, network, optimiser)
            .and_then(|()| {
                output_file::replace(&self.state(), &serde_json::to_vec_pretty(&state)?)
            });
        if saved.is_err() {
            self.remove_unfinished();
        }
        saved?;
        self.remove_others(progress.step)
    }

    /// Writes all files except `state.json`.
    fn save_step(&self, step: usize, network: &FaceNet, optimiser: &ModuleOptimizer) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        if let Some(data) = &self.data
            && self.data() != *data
        {
            data.write(&self.data_list())?;
        }
        let weights = self.weights(step);
        let record = network.clone().into_record();
        record
            .save(&weights)
            .with_context(|| format!("cannot write {}", weights.display()))?;
        let path = self.optimiser(step);
        optimiser
            .save(&path)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the files of a step that could not be saved completely, so that they do not fill the
    /// disk.
    fn remove_unfinished(&self) {
        if let Ok((_, progress)) = self.state_of::<serde_json::Value>() {
            let _ = self.remove_others(progress.step);
        }
    }

    /// The settings and progress of the saved run.
    ///
    /// # Errors
    /// If there is no checkpoint, or its state cannot be read.
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
    /// If a file is missing or does not fit the network.
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

    fn data_list(&self) -> PathBuf {
        self.folder.join("data.sha256")
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
            // Includes the remains of unfinished writes.
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_step = [".weights.bpk", ".optimiser.bpk"]
                .iter()
                .any(|it| name.contains(it));
            if of_step && !keep.contains(&path) {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}
