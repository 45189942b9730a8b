//! Embeddings of a teacher for the training images, for the distillation term.
//!
//! The file is a safetensors file with the tensors `embedding` and, optionally, `embedding_flipped`
//! (of the mirrored image), f16 or f32 `[n, 128]`, rows of unit length. A text file in the same
//! folder, with the same name and the extension `txt`, lists the image of each row, relative to
//! that folder.
//!
//! If the file has both tensors, the target is the normalised mean of the two embeddings. A face
//! and its mirror image show one person, so their difference is an error of the teacher. Without
//! this error, the teacher verifies better, and its student has less to learn
//! (`docs/experiments.md`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use safetensors::SafeTensors;

use crate::data::files;
use crate::net::stored;
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// A teacher's embeddings by image.
pub struct Targets(HashMap<PathBuf, Embedding>);

impl Targets {
    /// Reads `file` and the list of images beside it.
    ///
    /// # Errors
    /// If a file is missing or malformed, the numbers of rows differ, or a row's mean cannot be
    /// normalised.
    pub fn open(file: &Path) -> Result<Self> {
        let list = file.with_extension("txt");
        let text = files::text(&list).context("the list of images is missing")?;
        let bytes =
            std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let tensors = SafeTensors::deserialize(&bytes)
            .with_context(|| format!("{} is no safetensors file", file.display()))?;
        let images: Vec<_> = text.lines().collect();
        let mut values = matrix(&tensors, "embedding", images.len())?;
        if tensors.names().contains(&"embedding_flipped") {
            let mirrored = matrix(&tensors, "embedding_flipped", images.len())?;
            values.iter_mut().zip(mirrored).for_each(|(a, b)| *a += b);
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
        let targets = images.iter().zip(values.chunks_exact(EMBEDDING_DIM));
        let targets = targets.map(|(image, values)| {
            let target = Embedding::new(values)
                .with_context(|| format!("{}: no target for {image}", file.display()))?;
            Ok((folder.join(image), target))
        });
        Ok(Self(targets.collect::<Result<_>>()?))
    }

    /// The target for the image at `path`, mirrored or not; `None` if the file has none.
    pub fn get(&self, path: &Path) -> Option<&Embedding> {
        self.0
            .get(path)
            .or_else(|| self.0.get(&path.canonicalize().ok()?))
    }
}

fn matrix(tensors: &SafeTensors, name: &str, rows: usize) -> Result<Vec<f32>> {
    let tensor = tensors
        .tensor(name)
        .with_context(|| format!("no tensor {name}"))?;
    ensure!(
        tensor.shape() == [rows, EMBEDDING_DIM],
        "{name} has shape {:?}; the list of images requires [{rows}, {EMBEDDING_DIM}]",
        tensor.shape()
    );
    stored::values(&tensor)
        .with_context(|| format!("{name} is {:?}; f16 or f32 is read", tensor.dtype()))
}

#[cfg(test)]
pub(crate) mod tests {
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;

    use super::*;

    /// Writes a file of targets for `images`, with the f32 values of each tensor as bytes.
    pub(crate) fn write(file: &Path, images: &[&str], tensors: &[(&str, Vec<u8>)]) {
        std::fs::write(file.with_extension("txt"), images.join("\n")).unwrap();
        let shape = vec![images.len(), EMBEDDING_DIM];
        let rows = |rows| TensorView::new(Dtype::F32, shape.clone(), rows).unwrap();
        let tensors = tensors.iter().map(|(name, values)| (*name, rows(values)));
        safetensors::serialize_to_file(tensors, None, file).unwrap();
    }

    fn axis(i: usize) -> Vec<u8> {
        let values = (0..EMBEDDING_DIM).map(|j| f32::from(i == j));
        values.flat_map(f32::to_le_bytes).collect()
    }

    #[test]
    fn a_face_and_its_mirror_image_have_one_target_half_way_between_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("teacher.safetensors");
        let tensors = [
            ("embedding", [axis(0), axis(3)].concat()),
            ("embedding_flipped", [axis(1), axis(3)].concat()),
        ];
        write(&file, &["a/1.jpg", "a/2.jpg"], &tensors);
        let targets = Targets::open(&file).unwrap();
        let target = |image| targets.get(&folder.path().join(image)).unwrap().values();
        assert!((target("a/1.jpg")[0] - 0.5f32.sqrt()).abs() < 1e-6);
        assert_eq!(target("a/1.jpg")[0], target("a/1.jpg")[1]);
        assert_eq!(target("a/2.jpg")[3], 1.0);
        assert_eq!(targets.get(&folder.path().join("a/3.jpg")), None);
    }
}
