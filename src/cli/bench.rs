//! `bench`: the time for a face, and the agreement with the golden embeddings.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;

use super::common::{JsonArgs, Progress, images_below};
use super::models::ModelArgs;
use super::numbers::count;
use crate::data::files::picture;
use crate::engine::Engine;
use crate::image::RgbImage;
use crate::net::weights::golden_inputs;
use crate::net::{FaceNetConfig, Preset};

/// Images in the large batch.
const BATCH: usize = 16;

/// Width and height of the synthetic photo: those of a usual camera.
const PHOTO: (u32, u32) = (640, 480);

/// Time detection, alignment and embedding: medians and quartiles of several runs, as a table
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Photo with a face; without it, alignment is not timed
    #[arg(long, value_name = "FILE")]
    image: Option<PathBuf>,
    /// Aligned 112x112 crops, whose embeddings are also compared with those of plain Burn
    #[arg(long, value_name = "DIR")]
    crops: Option<PathBuf>,
    /// Runs of each step, from 1 to 100000
    #[arg(long, default_value_t = 20, value_parser = count(1..=100_000))]
    runs: usize,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// The times of all steps.
#[derive(Debug, Serialize)]
struct Report {
    preset: Preset,
    model: String,
    threads: usize,
    golden_cosine: f32,
    /// The lowest cosine to the embeddings of plain Burn, over all of the crops.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain_cosine: Option<f32>,
    steps: Vec<Step>,
}

/// The time of a step for each face.
#[derive(Debug, Serialize)]
struct Step {
    step: String,
    /// Lower quartile, median and upper quartile.
    seconds: [f64; 3],
    multiply_adds_per_second: Option<f64>,
}

impl Bench {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or computed.
    pub fn run(self) -> Result<()> {
        let engine = self.model.load()?;
        let photo = match &self.image {
            Some(path) => picture(path).with_context(|| path.display().to_string())?,
            None => gradient(PHOTO.0, PHOTO.1)?,
        };
        let metadata = engine.metadata();
        let report = Report {
            preset: metadata.preset,
            model: metadata.model_id.clone(),
            threads: rayon::current_num_threads(),
            golden_cosine: pollster::block_on(engine.self_test(usize::MAX))?,
            plain_cosine: self
                .crops
                .as_deref()
                .map(|folder| self.plain_cosine(&engine, folder))
                .transpose()?,
            steps: self.steps(engine, &photo)?,
        };
        self.json.print(&report, Report::text)
    }

    /// The lowest cosine between the embeddings of a crop on the fused kernels and by plain Burn.
    fn plain_cosine(&self, engine: &Engine, folder: &Path) -> Result<f32> {
        let plain = self.model.load()?.without_kernels();
        let paths = images_below(folder)?;
        let progress = Progress::new(paths.len());
        let mut lowest = 1.0f32;
        for paths in paths.chunks(BATCH) {
            let crops = paths
                .iter()
                .map(|path| picture(path).with_context(|| path.display().to_string()))
                .collect::<Result<Vec<RgbImage>>>()?;
            let [ours, theirs] =
                [engine, &plain].map(|engine| pollster::block_on(engine.embed(&crops)));
            let cosines = ours?.into_iter().zip(theirs?);
            let cosines = cosines.map(|(ours, theirs)| ours.cosine(&theirs));
            lowest = cosines.fold(lowest, f32::min);
            progress.advance()(crops.len());
        }
        Ok(lowest)
    }

    /// The steps on the fused kernels; then detection and embedding again, by plain Burn.
    fn steps(&self, engine: Engine, photo: &RgbImage) -> Result<Vec<Step>> {
        let layers = FaceNetConfig::from(engine.metadata().preset).layers();
        let multiply_adds = layers.iter().map(|layer| layer.multiply_adds).sum();
        let multiply_adds = Some(multiply_adds);
        let mut steps = vec![
            self.detection("", &engine, photo)?,
            self.time("detection, searched as a photo".into(), 1, None, || {
                Ok(pollster::block_on(engine.detect(photo)).map(drop)?)
            })?,
        ];
        if let Some(face) = pollster::block_on(engine.detect(photo))?.first() {
            steps.push(self.time("alignment".into(), 1, None, || {
                Ok(engine.crop(photo, face).map(drop)?)
            })?);
        }
        let inputs = golden_inputs();
        for faces in [1, BATCH] {
            let crops: Vec<RgbImage> = inputs.iter().cycle().take(faces).cloned().collect();
            steps.push(self.embedding("", &engine, &crops, multiply_adds)?);
        }
        let plain = engine.without_kernels();
        steps.push(self.detection(", plain Burn", &plain, photo)?);
        steps.push(self.embedding(", plain Burn", &plain, &inputs[..1], multiply_adds)?);
        Ok(steps)
    }

    fn detection(&self, how: &str, engine: &Engine, photo: &RgbImage) -> Result<Step> {
        let step = format!("detection, {}x{}{how}", photo.width(), photo.height());
        self.time(step, 1, None, || {
            Ok(pollster::block_on(engine.detect_in_frame(photo)).map(drop)?)
        })
    }

    fn embedding(
        &self,
        how: &str,
        engine: &Engine,
        crops: &[RgbImage],
        multiply_adds: Option<usize>,
    ) -> Result<Step> {
        let step = format!("embedding, batch of {}{how}", crops.len());
        self.time(step, crops.len(), multiply_adds, || {
            Ok(pollster::block_on(engine.embed(crops)).map(drop)?)
        })
    }

    /// Times a step, for each of `faces`, after one run to warm up.
    fn time(
        &self,
        step: String,
        faces: usize,
        multiply_adds: Option<usize>,
        run: impl Fn() -> Result<()>,
    ) -> Result<Step> {
        run()?;
        let mut times = Vec::with_capacity(self.runs);
        for _ in 0..self.runs {
            let start = Instant::now();
            run()?;
            times.push(start.elapsed().as_secs_f64() / faces as f64);
        }
        times.sort_by(f64::total_cmp);
        let seconds = [1, 2, 3].map(|quarter| times[(times.len() - 1) * quarter / 4]);
        Ok(Step {
            step,
            seconds,
            multiply_adds_per_second: multiply_adds.map(|count| count as f64 / seconds[1]),
        })
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = format!(
            "Preset {}, model {}, {} threads; lowest cosine to the golden embeddings {:.7}.\n\n\
             | Step | Milliseconds a face (quartiles) | Multiply-adds a second |\n\
             | --- | --: | --: |\n",
            self.preset, self.model, self.threads, self.golden_cosine
        );
        if let Some(cosine) = self.plain_cosine {
            text = format!("Lowest cosine to the embeddings of plain Burn {cosine:.7}.\n{text}");
        }
        for Step {
            step,
            seconds,
            multiply_adds_per_second,
        } in &self.steps
        {
            let [lower, median, upper] = seconds.map(|seconds| seconds * 1e3);
            let rate = multiply_adds_per_second
                .map_or("–".into(), |rate| format!("{:.1} G", rate / 1e9));
            text += &format!("| {step} | {median:.2} ({lower:.2} to {upper:.2}) | {rate} |\n");
        }
        text
    }
}

/// A picture without a face.
fn gradient(width: u32, height: u32) -> Result<RgbImage> {
    let pixels =
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [x as u8, y as u8, (x ^ y) as u8]));
    Ok(RgbImage::new(width, height, pixels.collect())?)
}
