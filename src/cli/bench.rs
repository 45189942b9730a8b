//! `bench`: how long a face takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::embed::ModelArgs;
use crate::engine::aligned;
use crate::eval::embed::read;
use crate::image::RgbImage;
use crate::net::weights::golden_inputs;

/// Images in the large batch.
const BATCH: usize = 16;

/// Side lengths of the drawn photo, that of a usual camera.
const PHOTO: (u32, u32) = (640, 480);

/// Time detection, alignment and embedding: medians of several runs
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Photo with a face; without it alignment is not timed
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Runs of each step
    #[arg(long, default_value_t = 20)]
    runs: usize,
    #[command(flatten)]
    model: ModelArgs,
}

impl Bench {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        ensure!(self.runs > 0, "--runs must be at least 1");
        let engine = self.model.load()?;
        let photo = match &self.image {
            Some(path) => read(path).with_context(|| path.display().to_string())?,
            None => gradient(PHOTO.0, PHOTO.1)?,
        };
        let (width, height) = (photo.width(), photo.height());
        let detection = self.median(|| Ok(pollster::block_on(engine.faces(&photo)).map(drop)?))?;
        report(&format!("detection, {width}x{height}"), detection, 1);
        if let Some(face) = pollster::block_on(engine.faces(&photo))?.first() {
            let alignment = self.median(|| Ok(aligned(&photo, face).map(drop)?))?;
            report("alignment", alignment, 1);
        }
        let inputs = golden_inputs();
        for batch in [1, BATCH] {
            let crops: Vec<RgbImage> = inputs.iter().cycle().take(batch).cloned().collect();
            let embedding =
                self.median(|| Ok(pollster::block_on(engine.embed(&crops)).map(drop)?))?;
            report(&format!("embedding, batch of {batch}"), embedding, batch);
        }
        Ok(())
    }

    /// Median time of a step, after one run that warms up.
    fn median(&self, step: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
        step()?;
        let mut times = Vec::with_capacity(self.runs);
        for _ in 0..self.runs {
            let start = Instant::now();
            step()?;
            times.push(start.elapsed());
        }
        times.sort();
        Ok(times[times.len() / 2])
    }
}

fn report(step: &str, time: Duration, faces: usize) {
    println!(
        "{step}: {:.2} ms a face",
        time.as_secs_f64() * 1e3 / faces as f64
    );
}

/// A picture without a face.
fn gradient(width: u32, height: u32) -> anyhow::Result<RgbImage> {
    let pixels =
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, (x ^ y) as u8]));
    Ok(RgbImage::new(width, height, pixels.collect())?)
}
