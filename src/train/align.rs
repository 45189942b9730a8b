//! Photos as people have them, made into the aligned crops that training reads.
//!
//! Detection costs more than a training step's share of an image, so it is done once: the crops
//! are kept in a folder, and a later run finds them there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use crate::engine::{Detector, aligned};
use crate::eval::folder;
use crate::image::{RgbImage, decode};
use crate::net::CROP_SIZE;

/// What became of a folder's images.
#[derive(Debug, Default)]
pub struct Alignment {
    /// Crops that are now in the folder.
    pub crops: usize,
    /// Images that gave none, each with its reason.
    pub failures: Vec<(PathBuf, String)>,
}

/// Whether every readable image below `root` has the size of an aligned crop.
///
/// # Errors
/// Where the folder cannot be read.
pub fn is_aligned(root: &Path) -> Result<bool> {
    const SIDE: u32 = CROP_SIZE as u32;
    let is_crop = |path: &PathBuf| {
        ::image::image_dimensions(path).map_or(true, |size| size == (SIDE, SIDE))
    };
    Ok(images(root)?.iter().all(is_crop))
}

/// Writes the crop of the first face (the largest and most central) of each image below `root`
/// to the same relative path, as PNG, below `crops`. Images of a crop's size are taken as crops;
/// crops that exist are kept.
///
/// # Errors
/// Where a folder cannot be read or written. An image without a usable face is no error.
pub fn align_folder(root: &Path, crops: &Path, detector: &Detector) -> Result<Alignment> {
    let mut result = Alignment::default();
    let images = images(root)?;
    let bar = ProgressBar::new(images.len() as u64);
    for path in images {
        let relative = path.strip_prefix(root).unwrap_or(&path);
        let mut name = relative.as_os_str().to_owned();
        name.push(".png");
        let to = crops.join(name);
        match to.exists().then(|| Ok(())).unwrap_or_else(|| align(&path, &to, detector)) {
            Ok(()) => result.crops += 1,
            Err(failure) => result.failures.push((path, failure.to_string())),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(result)
}

fn images(root: &Path) -> Result<Vec<PathBuf>> {
    folder::images(root).with_context(|| format!("cannot read {}", root.display()))
}

fn align(from: &Path, to: &Path, detector: &Detector) -> Result<()> {
    let image = decode(&std::fs::read(from)?)?;
    let side = CROP_SIZE as u32;
    if (image.width(), image.height()) == (side, side) {
        return write(&image, to);
    }
    let faces = pollster::block_on(detector.faces(&image))?;
    write(&aligned(&image, faces.first().context("no face found")?)?, to)
}

fn write(crop: &RgbImage, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let scratch = to.with_extension("new");
    let format = ::image::ColorType::Rgb8;
    ::image::save_buffer_with_format(
        &scratch,
        crop.pixels(),
        crop.width(),
        crop.height(),
        format,
        ::image::ImageFormat::Png,
    )?;
    Ok(std::fs::rename(scratch, to)?)
}
