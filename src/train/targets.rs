//! Embeddings of a teacher for the training images, for the distillation term.
//!
//! The file is a safetensors file with the tensors `embedding` and, optionally,
//! `embedding_flipped` (of the mirrored image), f16 or f32 `[n, 128]`. Beside it lies a text file
//! of the same name with the extension `txt`: the image of each row, relative to the folder that
//! the two files are in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::f16;
use safetensors::{Dtype, SafeTensors};

use crate::verify::embedding::EMBEDDING_DIM;

/// A teacher's embeddings by image.
pub struct Targets {
    rows: HashMap<PathBuf, usize>,
    plain: Vec<f32>,
    mirrored: Option<Vec<f32>>,
}

impl Targets {
    /// Reads `file` and the list of images beside it.
    ///
    /// # Errors
    /// Where either is missing, malformed, or the two do not have the same number of rows.
    pub fn open(file: &Path) -> Result<Self> {
        let list = file.with_extension("txt");
        let text = std::fs::read_to_string(&list)
            .with_context(|| format!("cannot read the list of images {}", list.display()))?;
        let bytes =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let tensors = SafeTensors::deserialize(&bytes)
            .with_context(|| format!("{} is no safetensors file", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let rows: HashMap<_, _> = text
            .lines()
            .enumerate()
            .map(|(row, line)| (folder.join(line), row))
            .collect();
        let plain = matrix(&tensors, "embedding", rows.len())?;
        let mirrored = match tensors.names().contains(&"embedding_flipped") {
            true => Some(matrix(&tensors, "embedding_flipped", rows.len())?),
            false => None,
        };
        Ok(Self {
            rows,
            plain,
            mirrored,
        })
    }

    /// The target for the image at `path`, of unit length as its teacher gave it; `None` where
    /// the teacher has not seen it, or not mirrored.
    pub fn get(&self, path: &Path, mirrored: bool) -> Option<&[f32]> {
        let row = match self.rows.get(path) {
            Some(row) => row,
            None => self.rows.get(&path.canonicalize().ok()?)?,
        };
        let values = if mirrored {
            self.mirrored.as_ref()?
        } else {
            &self.plain
        };
        values.get(row * EMBEDDING_DIM..(row + 1) * EMBEDDING_DIM)
    }
}

fn matrix(tensors: &SafeTensors, name: &str, rows: usize) -> Result<Vec<f32>> {
    let tensor = tensors
        .tensor(name)
        .with_context(|| format!("no tensor {name}"))?;
    ensure!(
        tensor.shape() == [rows, EMBEDDING_DIM],
        "{name} has shape {:?}; the list of images asks for [{rows}, {EMBEDDING_DIM}]",
        tensor.shape()
    );
    Ok(match tensor.dtype() {
        Dtype::F16 => {
            let halves = tensor.data().chunks_exact(2);
            halves
                .map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32())
                .collect()
        }
        Dtype::F32 => {
            let floats = tensor.data().chunks_exact(4);
            floats
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect()
        }
        other => bail!("{name} is {other:?}; f16 or f32 is read"),
    })
}
