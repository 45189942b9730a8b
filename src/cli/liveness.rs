//! `liveness`: measures the movement check on attacks and people, both simulated from photos.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rayon::prelude::*;
use serde::Serialize;

use super::calibrate;
use super::common::{JsonArgs, Progress, images_by_folder};
use super::models::{self, ModelArgs};
use super::numbers::{self, count, number};
use super::output::note;
use crate::data::files::picture;
use crate::data::people;
use crate::engine::Engine;
use crate::eval::liveness::{Cast, Kind, Outcome, Portrait, Scenario, depth, is_alone, present};
use crate::image::RgbImage;
use crate::liveness::SameFace;
use crate::liveness::relief::Depth;
use crate::verify::proportion::{Interval, Proportion};

/// Measure the movement check on simulated attacks and people: APCER and BPCER by kind
#[derive(Debug, clap::Args)]
pub struct Liveness {
    /// Photos with one face each, a folder for each person
    #[arg(long, value_name = "DIR", required_unless_present = "recordings")]
    data: Option<PathBuf>,
    /// Measure the depth in real recordings instead: a folder of pictures for each recording, in
    /// the order of their names; the first picture must be frontal
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    recordings: Option<PathBuf>,
    /// Measure only the depth, with the face at each target, without regard to the trajectories
    #[arg(long)]
    depth: bool,
    /// Which half of the people to use: one for tuning thresholds, the other for reporting error
    /// rates
    #[arg(long, value_enum, default_value_t = Part::Reporting)]
    part: Part,
    /// Most people to use, from 2 to 100000
    #[arg(long, default_value_t = 60, value_parser = count(2..=100_000))]
    people: usize,
    /// Presentations of each kind by each person, from 1 to 1000
    #[arg(long, default_value_t = 1, value_parser = count(1..=1000))]
    rounds: usize,
    /// Frames a second of every presentation, from 1 to 60 [default: 10, or 5 for
    /// the kind named so]
    #[arg(long, value_name = "RATE", value_parser = number(numbers::FRAME_RATE))]
    frames_per_second: Option<f64>,
    /// Only kinds whose name contains this
    #[arg(long, default_value = "")]
    kind: String,
    /// Also write pictures of the first person's presentations here
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Weights of the face mesh [default: mesh.safetensors among the models]
    #[arg(long, value_name = "FILE")]
    mesh: Option<PathBuf>,
    #[command(flatten)]
    json: JsonArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Half of the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Every other person, from the first on.
    Tuning,
    /// Every other person, from the second on.
    Reporting,
}

/// Largest yaw of a face that serves as a neutral pose, in the unit of [`Quality::yaw`].
///
/// [`Quality::yaw`]: crate::face::Quality::yaw
const STRAIGHT: f32 = 0.2;

/// Smallest distance between the eyes, in pixels. Smaller faces are too blurred when enlarged.
const MIN_SIZE: f32 = 30.0;

impl Liveness {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        if let Some(folder) = &self.pictures {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let engine = self.model.load()?;
        engine.load_mesh(&models::mesh(self.mesh.as_deref())?)?;
        if let Some(recordings) = &self.recordings {
            return self
                .json
                .print(&judge(&engine, recordings)?, Recordings::text);
        }
        let people = self.portraits(&engine)?;
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| kind.name().contains(&self.kind))
            .filter(|kind| !self.depth || kind.is_photo() || kind.is_bona_fide())
            .collect();
        ensure!(
            !kinds.is_empty(),
            "no kind has a name with \"{}\"",
            self.kind
        );
        note!("{} people", people.len());
        let progress = Progress::of(people.len() * self.rounds * kinds.len(), "presentations");
        let mut reports = Vec::new();
        for kind in kinds {
            let outcomes = self.outcomes(&engine, &people, kind, &progress)?;
            let report = KindReport::new(kind, &outcomes);
            progress.note(report.row().trim_end());
            reports.push(report);
        }
        let report = Report {
            model: engine.metadata().model_id.clone(),
            people: people.len(),
            kinds: reports,
        };
        self.json.print(&report, Report::text)
    }

    /// The outcomes of all presentations of one kind.
    fn outcomes(
        &self,
        engine: &Engine,
        people: &[Portrait],
        kind: Kind,
        progress: &Progress,
    ) -> anyhow::Result<Vec<Outcome>> {
        let same_face = SameFace::new(calibrate::carried(engine)?);
        let presentations: Vec<(usize, usize)> = (0..people.len())
            .flat_map(|person| (0..self.rounds).map(move |round| (person, round)))
            .collect();
        let show = |&(person, round): &(usize, usize)| -> anyhow::Result<Outcome> {
            let scenario = Scenario {
                kind,
                cast: Cast {
                    subject: &people[person],
                    other: &people[(person + 1) % people.len()],
                },
                period: self
                    .frames_per_second
                    .map_or(kind.period(), |rate| 1e3 / rate),
                seed: (person as u64) << 32 | (round as u64) << 8 | kind as u64,
            };
            let pictures = self.pictures.as_ref();
            let mut recorder = Recorder::new(pictures.filter(|_| person == 0 && round == 0), kind)?;
            let watch = |picture: &RgbImage| recorder.add(picture);
            let outcome = match self.depth {
                true => depth::of_presentation(engine, scenario, watch),
                false => present(engine, &same_face, scenario, watch),
            };
            progress.advance()(1);
            Ok(outcome?)
        };
        presentations.par_iter().map(show).collect()
    }

    /// One photo of each person with a neutral pose.
    fn portraits(&self, engine: &Engine) -> anyhow::Result<Vec<Portrait>> {
        let data = self.data.as_deref().context("--data is missing")?;
        let paths = images_by_folder(data, "person")?;
        let numbers = people::identities(data, &paths);
        let mut people: BTreeMap<usize, Option<Portrait>> = BTreeMap::new();
        let wanted = |number: usize| number.is_multiple_of(2) == (self.part == Part::Tuning);
        for (path, number) in paths.iter().zip(numbers) {
            if !wanted(number) || people.get(&number).is_some_and(Option::is_some) {
                continue;
            }
            if people.values().flatten().count() == self.people {
                break;
            }
            let image = picture(path).with_context(|| path.display().to_string())?;
            people.insert(number, portrait(engine, image)?);
        }
        let people: Vec<Portrait> = people.into_values().flatten().collect();
        ensure!(
            people.len() > 1,
            "{} has fewer than two people with a usable photo",
            data.display()
        );
        Ok(people)
    }
}

/// The depth of real recordings.
#[derive(Debug, Serialize)]
struct Recordings(Vec<RecordingReport>);

/// The depth of one recording.
#[derive(Debug, Serialize)]
struct RecordingReport {
    recording: String,
    /// Number of frames in which the head is turned far enough from the first one.
    turned: usize,
    relief: f32,
    roundness: f32,
    is_of_a_head: bool,
}

impl Recordings {
    fn text(&self) -> String {
        let mut text =
            "| Recording | Turned frames | Relief | Roundness | A head |\n|---|---|---|---|---|\n"
                .to_string();
        for it in &self.0 {
            text += &format!(
                "| {} | {} | {:.2} | {:.2} | {} |\n",
                it.recording, it.turned, it.relief, it.roundness, it.is_of_a_head
            );
        }
        text
    }
}

fn judge(engine: &Engine, recordings: &Path) -> anyhow::Result<Recordings> {
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for path in images_by_folder(recordings, "recording")? {
        let folder = path.parent().unwrap_or(recordings).to_path_buf();
        folders.entry(folder).or_default().push(path);
    }
    let mut reports = Vec::new();
    for (folder, mut frames) in folders {
        frames.sort();
        let pictures = frames
            .iter()
            .map(|path| picture(path).with_context(|| path.display().to_string()))
            .collect::<anyhow::Result<Vec<RgbImage>>>()?;
        let depth = depth::of_recording(engine, pictures)?;
        let name = folder.strip_prefix(recordings).unwrap_or(&folder);
        reports.push(RecordingReport {
            recording: name.display().to_string(),
            turned: depth.turns(),
            relief: depth.relief(),
            roundness: depth.roundness(),
            is_of_a_head: depth.is_of_a_head(),
        });
    }
    Ok(Recordings(reports))
}

fn portrait(engine: &Engine, image: RgbImage) -> anyhow::Result<Option<Portrait>> {
    let faces = pollster::block_on(engine.detect(&image))?;
    let [face] = &faces[..] else { return Ok(None) };
    let quality = &face.quality;
    let usable =
        quality.issue.is_none() && quality.yaw.abs() <= STRAIGHT && quality.size >= MIN_SIZE;
    let landmarks = face.landmarks;
    let portrait = Portrait { image, landmarks };
    Ok((usable && is_alone(engine, &portrait)?).then_some(portrait))
}

/// The figures.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    people: usize,
    kinds: Vec<KindReport>,
}

/// The error rate of one kind of presentation, and the quantiles for tuning thresholds.
#[derive(Debug, Serialize)]
struct KindReport {
    kind: String,
    /// APCER for an attack, BPCER for a person.
    measure: &'static str,
    presentations: u64,
    passed: u64,
    error_rate: f64,
    interval: Interval,
    /// The reasons of failures with their counts, the most frequent first.
    failures: Vec<(String, usize)>,
    /// Quantiles over presentations: 5, 50 and 95 %.
    quantiles: Vec<(String, [f32; 3])>,
}

impl KindReport {
    fn new(kind: Kind, outcomes: &[Outcome]) -> Self {
        let passed = outcomes.iter().filter(|outcome| outcome.failure.is_none());
        let (passed, presentations) = (passed.count() as u64, outcomes.len() as u64);
        let (measure, errors) = match kind.is_bona_fide() {
            true => ("BPCER", presentations - passed),
            false => ("APCER", passed),
        };
        let errors = Proportion::new(errors, presentations);
        Self {
            kind: kind.name().to_string(),
            measure,
            presentations,
            passed,
            error_rate: errors.rate(),
            interval: errors.interval(),
            failures: failures(outcomes),
            quantiles: quantiles(outcomes),
        }
    }

    fn row(&self) -> String {
        let failures: Vec<_> = self
            .failures
            .iter()
            .map(|(failure, count)| format!("{failure} {count}"))
            .collect();
        format!(
            "| {} | {} | {} | {} {:.1} % | {:.1} to {:.1} % | {} |\n",
            self.kind,
            self.passed,
            self.presentations,
            self.measure,
            100.0 * self.error_rate,
            100.0 * self.interval.lower,
            100.0 * self.interval.upper,
            failures.join(", "),
        )
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text =
            "| Presentation | Passed | of | Rate | 95 % interval | Why the others failed |\n\
                        |---|---|---|---|---|---|\n"
                .to_string();
        text.extend(self.kinds.iter().map(KindReport::row));
        text += "\n                                  5 %   50 %   95 %  (of presentations)\n";
        for kind in &self.kinds {
            text += &format!("{}\n", kind.kind);
            for (name, [low, median, high]) in &kind.quantiles {
                text += &format!("  {name:<28} {low:>6.3} {median:>6.3} {high:>6.3}\n");
            }
        }
        text
    }
}

/// The reasons of failures with their counts, the most frequent first.
fn failures(outcomes: &[Outcome]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for failure in outcomes
        .iter()
        .filter_map(|outcome| outcome.failure.as_deref())
    {
        *counts.entry(failure).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let named = counts
        .into_iter()
        .map(|(failure, count)| (failure.to_string(), count));
    named.collect()
}

/// Quantiles of the measures that the thresholds are tuned on.
fn quantiles(outcomes: &[Outcome]) -> Vec<(String, [f32; 3])> {
    let depths = outcomes.iter().map(|outcome| &outcome.depth);
    let turned: Vec<&Depth> = depths.filter(|depth| depth.turns() > 0).collect();
    let of_turned = |figure: fn(&Depth) -> f32| turned.iter().map(|depth| figure(depth)).collect();
    let passed = outcomes.iter().filter(|outcome| outcome.failure.is_none());
    let seconds = passed.map(|outcome| outcome.time as f32 / 1e3);
    let rows = [
        ("relief", of_turned(Depth::relief)),
        ("roundness", of_turned(Depth::roundness)),
        ("seconds of those who passed", seconds.collect()),
    ];
    rows.into_iter()
        .filter(|(_, values): &(&str, Vec<f32>)| !values.is_empty())
        .map(|(name, values)| {
            (
                name.to_string(),
                [0.05, 0.5, 0.95].map(|part| quantile(&values, part)),
            )
        })
        .collect()
}

fn quantile(values: &[f32], part: f32) -> f32 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f32::total_cmp);
    values[(part * (values.len() - 1) as f32).round() as usize]
}

/// Writes some frames of one presentation as pictures.
struct Recorder {
    folder: Option<PathBuf>,
    frames: usize,
}

impl Recorder {
    /// One in so many frames is written.
    const EVERY: usize = 4;

    fn new(root: Option<&PathBuf>, kind: Kind) -> anyhow::Result<Self> {
        let folder = root.map(|root| root.join(format!("{kind:?}")));
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        Ok(Self { folder, frames: 0 })
    }

    fn add(&mut self, picture: &RgbImage) {
        if let Some(folder) = &self.folder
            && self.frames.is_multiple_of(Self::EVERY)
        {
            let path = folder.join(format!("{:03}.png", self.frames));
            let (width, height) = (picture.width(), picture.height());
            let kind = image::ExtendedColorType::Rgb8;
            if let Err(error) = image::save_buffer(&path, picture.pixels(), width, height, kind) {
                note!("{}: {error}", path.display());
            }
        }
        self.frames += 1;
    }
}
