//! `refiner`: trains the network that refines the alignment of faces.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use rayon::prelude::*;

use super::common::{Progress, one_of_each_below};
use super::models::{ModelArgs, read};
use super::output::note;
use crate::data::files::picture;
use crate::data::output_file::OutputFile;
use crate::device;
use crate::face::align::is_crop;
use crate::image::RgbImage;
use crate::net::weights;
use crate::train::evenly;
use crate::train::refiner::{STEPS, learn};

/// Most crops that are used.
const CROPS: usize = 20_000;

/// Learn to refine the alignment of faces in photos, from crops that are aligned well
#[derive(Debug, clap::Args)]
pub struct Refiner {
    /// Aligned 112x112 crops of several thousand people, a folder for each person
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    learn: Vec<PathBuf>,
    /// Write the weights with the refiner here
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
}

impl Refiner {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or written, or no crop to learn from.
    pub fn run(self) -> Result<()> {
        let out = OutputFile::open(&self.out)?;
        let images = one_of_each_below(&self.learn)?;
        let chosen: Vec<_> = evenly(&images, CROPS).collect();
        let crops = chosen.par_iter().filter_map(|path| picture(path).ok());
        let crops: Vec<RgbImage> = crops.filter(is_crop).collect();
        ensure!(!crops.is_empty(), "no aligned 112x112 crop to learn from");
        let progress = Progress::new(STEPS);
        let refiner = learn(&crops, 0, &device::cpu(), &progress.advance());
        drop(progress);
        let bytes = read(&self.model.weights()?)?;
        out.write(&weights::with_refiner(bytes, refiner)?)?;
        note!("wrote {}", self.out.display());
        Ok(())
    }
}
