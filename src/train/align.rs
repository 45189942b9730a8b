//! Photos as people have them, made into the aligned crops that training reads.
//!
//! Detection costs more than a training step's share of an image, so it is done once: the crops
//! are kept in a folder, and a later run finds them there.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use crate::detect::Detector;
use crate::eval::embed::{Failure, read};
use crate::eval::folder;
use crate::face;
use crate::face::align::is_crop;
use crate::image::RgbImage;
use crate::net::CROP_SIZE;

/// What became of a folder's images.
#[derive(Debug, Default)]
pub struct Alignment {
    /// Crops that are now in the folder.
    pub crops: usize,
    /// Images that gave none, each with its reason.
    pub failures: Vec<(PathBuf, Failure)>,
}

/// Whether every readable image below `root` has the size of an aligned crop.
///
/// # Errors
/// Where the folder cannot be read.
pub fn is_aligned(root: &Path) -> Result<bool> {
    const SIZE: (u32, u32) = (CROP_SIZE as u32, CROP_SIZE as u32);
    let fits = |path: &PathBuf| ::image::image_dimensions(path).map_or(true, |size| size == SIZE);
    Ok(images(root)?.iter().all(fits))
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
    for path in bar.wrap_iter(images.into_iter()) {
        let mut name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .as_os_str()
            .to_owned();
        name.push(".png");
        let to = crops.join(name);
        if !to.exists() {
            match crop(&path, detector) {
                Ok(crop) => write(&crop, &to)?,
                Err(failure) => {
                    result.failures.push((path, failure));
                    continue;
                }
            }
        }
        result.crops += 1;
    }
    bar.finish_and_clear();
    Ok(result)
}

fn images(root: &Path) -> Result<Vec<PathBuf>> {
    folder::images(root).with_context(|| format!("cannot read {}", root.display()))
}

fn crop(path: &Path, detector: &Detector) -> Result<RgbImage, Failure> {
    let image = read(path)?;
    if is_crop(&image) {
        return Ok(image);
    }
    let faces = pollster::block_on(face::find(detector, &image))?;
    Ok(faces.first().ok_or(Failure::NoFace)?.crop(&image)?)
}

fn write(crop: &RgbImage, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let scratch = to.with_extension("new");
    ::image::save_buffer_with_format(
        &scratch,
        crop.pixels(),
        crop.width(),
        crop.height(),
        ::image::ColorType::Rgb8,
        ::image::ImageFormat::Png,
    )?;
    Ok(std::fs::rename(scratch, to)?)
}
