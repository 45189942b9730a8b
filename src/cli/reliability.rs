//! `reliability`: measures which faces are refused because something covers them, and the effect on
//! the FNMR.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::common::{FmrArgs, JsonArgs, Progress, images_by_folder, one_of_each_below};
use super::models::{ModelArgs, read};
use super::output::note;
use crate::data::embed::{BATCH, crops_of};
use crate::data::output_file::OutputFile;
use crate::data::people;
use crate::device;
use crate::engine::{Assessed, Engine};
use crate::eval::discard::{Comparison, error_versus_discard};
use crate::image::RgbImage;
use crate::net::{FaceNetConfig, weights};
use crate::train::occlude::Cover;
use crate::train::reliability::{Examples, STEPS};
use crate::train::{Stream, evenly, generator};
use crate::verify;

/// Share of the uncovered faces of --data that may be refused. A larger share would mostly add faces
/// with glasses.
const REFUSED: f64 = 0.004;

/// Most faces that --learn uses.
const FACES: usize = 9000;

/// Measure which faces are refused because something covers them, or learn to detect them
#[derive(Debug, clap::Args)]
pub struct Reliability {
    /// Uncovered faces, a folder for each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Learn to detect covered faces, from uncovered faces in these folders, which are covered
    /// artificially; a few thousand people, disjoint from --data. The sufficient reliability is
    /// then set so that 0.4 % of the faces of --data are refused
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "out")]
    learn: Vec<PathBuf>,
    /// Write the weights with the learnt reliability here
    #[arg(long, value_name = "FILE", requires = "learn")]
    out: Option<PathBuf>,
    #[command(flatten)]
    fmr: FmrArgs,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// The figures.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    faces: usize,
    /// Share of the unchanged faces that are refused.
    uncovered_refused: f64,
    covers: Vec<Covered>,
    fmr: f64,
    curve: Vec<Point>,
}

/// Share of the faces that are refused when one kind of occlusion covers them.
#[derive(Debug, Serialize)]
struct Covered {
    cover: String,
    refused: f64,
}

/// The false non-match rate without the least reliable share of the comparisons.
#[derive(Debug, Serialize)]
struct Point {
    discarded: f64,
    fnmr: f64,
}

impl Reliability {
    /// Runs the command.
    ///
    /// # Errors
    /// In words for a person: what could not be read or written, or weights without a reliability.
    pub fn run(self) -> Result<()> {
        let out = self.out.as_deref().map(OutputFile::open).transpose()?;
        let paths = images_by_folder(&self.data, "person")?;
        let mut engine = self.model.load()?;
        if let Some(out) = out {
            let learnt = self.learnt(&engine)?;
            engine = engine.with_reliability(learnt);
            let sufficient = lowest(&self.assess(&engine, &paths, None)?, REFUSED);
            let learnt = engine.metadata().reliability.clone();
            let learnt = learnt.context("nothing learnt")?.recentred(sufficient);
            let bytes = read(&self.model.weights()?)?;
            out.write(&weights::with_reliability(bytes, learnt.clone())?)?;
            engine = engine.with_reliability(learnt);
        }
        if let Some(out) = &self.out {
            note!("wrote {}", out.display());
        }
        let report = self.measure(&engine, &paths)?;
        self.json.print(&report, Report::text)
    }

    fn learnt(&self, engine: &Engine) -> Result<verify::Reliability> {
        let people = one_of_each_below(&self.learn)?;
        let chosen: Vec<_> = evenly(&people, FACES).cloned().collect();
        let mut examples = Examples::new(0);
        let progress = Progress::new(chosen.len());
        for batch in chosen.chunks(BATCH) {
            let (_, crops) = crops_of(engine, batch, self.model.take());
            examples.add(engine, &crops)?;
            progress.advance()(batch.len());
        }
        drop(progress);
        anyhow::ensure!(!examples.is_empty(), "no face to learn from");
        let map = FaceNetConfig::from(engine.metadata().preset).last_map();
        let progress = Progress::new(STEPS);
        Ok(examples.learn(map, &device::cpu(), &progress.advance()))
    }

    fn measure(&self, engine: &Engine, paths: &[PathBuf]) -> Result<Report> {
        engine.metadata().reliability.as_ref().context(
            "these weights cannot detect covered faces: add this with `reliability --learn`",
        )?;
        let threshold = super::calibrate::threshold(engine, self.fmr.fmr)?;
        let plain = self.assess(engine, paths, None)?;
        let mut covers = Vec::new();
        for cover in Cover::ALL {
            covers.push(Covered {
                cover: format!("{cover:?}").to_lowercase(),
                refused: refused(&self.assess(engine, paths, Some(cover))?),
            });
        }
        Ok(Report {
            model: engine.metadata().model_id.clone(),
            faces: plain.len(),
            uncovered_refused: refused(&plain),
            covers,
            fmr: self.fmr.fmr,
            curve: curve(engine, &self.data, &plain, threshold),
        })
    }

    /// The assessed faces of `paths`, unchanged or with a `cover`, each with its file.
    fn assess(
        &self,
        engine: &Engine,
        paths: &[PathBuf],
        cover: Option<Cover>,
    ) -> Result<Vec<(PathBuf, Assessed)>> {
        let mut faces = Vec::new();
        let progress = Progress::new(paths.len());
        for batch in paths.chunks(BATCH) {
            let (paths, mut crops) = crops_of(engine, batch, self.model.take());
            if let Some(cover) = cover {
                crops = behind(cover, crops, faces.len());
            }
            let assessed = pollster::block_on(engine.embed_and_assess(&crops))?;
            faces.extend(paths.into_iter().zip(assessed));
            progress.advance()(batch.len());
        }
        Ok(faces)
    }
}

/// `crops` with a cover. `first` is the index of the first crop: the cover of a face depends only
/// on its index.
fn behind(cover: Cover, crops: Vec<RgbImage>, first: usize) -> Vec<RgbImage> {
    let crops = crops.into_iter().enumerate();
    crops
        .map(|(index, crop)| {
            let mut rng = generator(1, Stream::Augmentation, (first + index) as u64);
            cover.draw(crop, &mut rng)
        })
        .collect()
}

/// Share of `faces` that is refused.
fn refused(faces: &[(PathBuf, Assessed)]) -> f64 {
    let refused = faces.iter().filter(|(_, face)| face.covered()).count();
    refused as f64 / faces.len().max(1) as f64
}

/// The reliability below which the share `part` of `faces` lies.
fn lowest(faces: &[(PathBuf, Assessed)], part: f64) -> f32 {
    let reliabilities = faces.iter().filter_map(|(_, face)| face.reliability);
    let mut reliabilities: Vec<f32> = reliabilities.collect();
    reliabilities.sort_by(f32::total_cmp);
    let below = (part * reliabilities.len() as f64) as usize;
    reliabilities.get(below).copied().unwrap_or_default()
}

/// The false non-match rates at `threshold`, as more of the least reliable comparisons are
/// excluded.
fn curve(
    engine: &Engine,
    data: &Path,
    faces: &[(PathBuf, Assessed)],
    threshold: f32,
) -> Vec<Point> {
    const DISCARDED: [f64; 6] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2];
    let paths: Vec<_> = faces.iter().map(|(path, _)| path.clone()).collect();
    let people = people::identities(data, &paths);
    let embeddings: Vec<_> = faces
        .iter()
        .map(|(_, face)| face.embedding.clone())
        .collect();
    let comparable = engine.cohort().prepare_all(&embeddings);
    let mut comparisons = Vec::new();
    for second in 0..faces.len() {
        for first in (0..second).filter(|&first| people[first] == people[second]) {
            let reliability = [first, second].map(|face| faces[face].1.reliability.unwrap_or(0.0));
            comparisons.push(Comparison {
                reliability: reliability[0].min(reliability[1]),
                refused: comparable[first].score(&comparable[second]) > threshold,
            });
        }
    }
    let rates = error_versus_discard(comparisons, &DISCARDED);
    let points = DISCARDED.into_iter().zip(rates);
    points
        .map(|(discarded, fnmr)| Point { discarded, fnmr })
        .collect()
}

impl Report {
    fn text(&self) -> String {
        let percent = |part: f64| 100.0 * part;
        let mut text = format!(
            "{} faces: {:.2} % refused without a cover\n",
            self.faces,
            percent(self.uncovered_refused)
        );
        for Covered { cover, refused } in &self.covers {
            text += &format!("behind {cover:<8} {:>6.2} % refused\n", percent(*refused));
        }
        text += &format!(
            "\nleast reliable comparisons left out   FNMR at FMR {:.0e}\n",
            self.fmr
        );
        for &Point { discarded, fnmr } in &self.curve {
            text += &format!("{:>35.0} % {:>18.2} %\n", percent(discarded), percent(fnmr));
        }
        text
    }
}
