//! `bench`: how long a face takes, and whether it comes out right.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, ensure};

use super::embed::ModelArgs;
use crate::eval::embed::read;
use crate::image::RgbImage;
use crate::net::FaceNetConfig;
use crate::net::weights::golden_inputs;

/// Images in the large batch.
const BATCH: usize = 16;

/// Side lengths of the drawn photo, that of a usual camera.
const PHOTO: (u32, u32) = (640, 480);

/// Time detection, alignment and embedding: medians and quartiles of several runs, as a table
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
        let metadata = engine.metadata();
        let layers = FaceNetConfig::from(metadata.preset).layers();
        let multiply_adds: usize = layers.iter().map(|layer| layer.multiply_adds).sum();
        println!(
            "Preset {}, model {}, {} threads; lowest cosine to the golden embeddings {:.7}.\n",
            metadata.preset,
            metadata.model_id,
            rayon::current_num_threads(),
            pollster::block_on(engine.self_test())?
        );
        println!("| Step | Milliseconds a face (quartiles) | Multiply-adds a second |");
        println!("| --- | --: | --: |");
        self.time(
            &format!("detection, {}x{}", photo.width(), photo.height()),
            1,
            None,
            || Ok(pollster::block_on(engine.detect(&photo)).map(drop)?),
        )?;
        if let Some(face) = pollster::block_on(engine.detect(&photo))?.first() {
            self.time("alignment", 1, None, || Ok(face.crop(&photo).map(drop)?))?;
        }
        let inputs = golden_inputs();
        for faces in [1, BATCH] {
            let crops: Vec<RgbImage> = inputs.iter().cycle().take(faces).cloned().collect();
            self.time(
                &format!("embedding, batch of {faces}"),
                faces,
                Some(multiply_adds),
                || Ok(pollster::block_on(engine.embed(&crops)).map(drop)?),
            )?;
        }
        Ok(())
    }

    /// Prints how long a step takes for each of `faces`, after one run that warms up.
    fn time(
        &self,
        step: &str,
        faces: usize,
        multiply_adds: Option<usize>,
        run: impl Fn() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        run()?;
        let mut times = Vec::with_capacity(self.runs);
        for _ in 0..self.runs {
            let start = Instant::now();
            run()?;
            times.push(start.elapsed().as_secs_f64() / faces as f64);
        }
        times.sort_by(f64::total_cmp);
        let [lower, median, upper] =
            [1, 2, 3].map(|quarter| times[(times.len() - 1) * quarter / 4]);
        let rate = multiply_adds.map_or("–".into(), |count| {
            format!("{:.1} G", count as f64 / median / 1e9)
        });
        println!(
            "| {step} | {:.2} ({:.2} to {:.2}) | {rate} |",
            median * 1e3,
            lower * 1e3,
            upper * 1e3
        );
        Ok(())
    }
}

/// A picture without a face.
fn gradient(width: u32, height: u32) -> anyhow::Result<RgbImage> {
    let pixels =
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, (x ^ y) as u8]));
    Ok(RgbImage::new(width, height, pixels.collect())?)
}
