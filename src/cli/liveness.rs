//! `liveness`: the movement check measured on attacks and on people, both simulated from photos.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use indicatif::ProgressBar;

use super::calibrate;
use super::embed::{ModelArgs, images_below};
use crate::engine::Engine;
use crate::eval::embed::read;
use crate::eval::folder;
use crate::eval::liveness::{Cast, Kind, Outcome, Portrait, is_alone, present};
use crate::image::RgbImage;
use crate::liveness::pose::Turn;
use crate::liveness::{Failure, SameFace};
use crate::verify::proportion::Proportion;

/// Measure the movement check on simulated attacks and people: APCER and BPCER by kind
#[derive(Debug, clap::Args)]
pub struct Liveness {
    /// Photos with one face each, a folder for each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Which half of the people: thresholds are tuned on one, error rates reported on the other
    #[arg(long, value_enum, default_value_t = Part::Reporting)]
    part: Part,
    /// At most so many people
    #[arg(long, default_value_t = 60)]
    people: usize,
    /// Presentations of each kind by each person
    #[arg(long, default_value_t = 1)]
    rounds: u64,
    /// Only kinds whose name contains this
    #[arg(long, default_value = "")]
    kind: String,
    /// Also write pictures of the first person's presentations here
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

/// Half of the people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Every other person, from the first on.
    Tuning,
    /// The others.
    Reporting,
}

/// How far a photo's face may look aside to serve as a neutral pose, as [`Quality::yaw`] has it.
///
/// [`Quality::yaw`]: crate::face::Quality::yaw
const STRAIGHT: f32 = 0.2;

/// Least distance between the eyes in pixels: less makes no picture that is worth enlarging.
const MIN_SIZE: f32 = 30.0;

impl Liveness {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let engine = self.model.load()?;
        let same_face = SameFace::new(calibrate::carried(&engine)?);
        let people = self.portraits(&engine)?;
        let kinds: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| kind.name().contains(&self.kind))
            .collect();
        ensure!(!kinds.is_empty(), "no kind is called \"{}\"", self.kind);
        eprintln!("{} people", people.len());
        let count = people.len() as u64 * self.rounds * kinds.len() as u64;
        let progress = ProgressBar::new(count);
        let mut outcomes = Vec::new();
        for (index, subject) in people.iter().enumerate() {
            let other = &people[(index + 1) % people.len()];
            let cast = Cast { subject, other };
            for (round, &kind) in
                (0..self.rounds).flat_map(|round| kinds.iter().map(move |kind| (round, kind)))
            {
                let seed = (index as u64) << 32 | round << 8 | kind as u64;
                let mut album = Album::new(
                    self.pictures.as_ref().filter(|_| index == 0 && round == 0),
                    kind,
                )?;
                let outcome = present(&engine, &same_face, kind, cast, seed, |picture, _| {
                    album.add(picture)
                })?;
                outcomes.push(outcome);
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        print_table(&kinds, &outcomes);
        print_figures(&kinds, &outcomes);
        Ok(())
    }

    /// One photo of each person that can stand for the person looking straight ahead.
    fn portraits(&self, engine: &Engine) -> anyhow::Result<Vec<Portrait>> {
        let paths = images_below(&self.data)?;
        let numbers = folder::identities(paths.iter().map(PathBuf::as_path));
        let mut people: BTreeMap<usize, Option<Portrait>> = BTreeMap::new();
        let wanted = |number: usize| number.is_multiple_of(2) == (self.part == Part::Tuning);
        for (path, number) in paths.iter().zip(numbers) {
            if !wanted(number) || people.get(&number).is_some_and(Option::is_some) {
                continue;
            }
            if people.values().flatten().count() == self.people {
                break;
            }
            let image = read(path).with_context(|| path.display().to_string())?;
            people.insert(number, portrait(engine, image)?);
        }
        let people: Vec<Portrait> = people.into_values().flatten().collect();
        ensure!(
            people.len() > 1,
            "{} has fewer than two people with a usable photo",
            self.data.display()
        );
        Ok(people)
    }
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

/// Error rates by kind, as a table in Markdown.
fn print_table(kinds: &[Kind], outcomes: &[Outcome]) {
    println!("| Presentation | Passed | of | Rate | 95 % interval | Why the others failed |");
    println!("|---|---|---|---|---|---|");
    for &kind in kinds {
        let of_kind: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.kind == kind)
            .collect();
        let passed = of_kind
            .iter()
            .filter(|outcome| outcome.failure.is_none())
            .count() as u64;
        let trials = of_kind.len() as u64;
        let (rate, events) = match kind.is_bona_fide() {
            true => ("BPCER", trials - passed),
            false => ("APCER", passed),
        };
        let errors = Proportion::new(events, trials);
        let interval = errors.interval();
        println!(
            "| {} | {passed} | {trials} | {rate} {:.1} % | {:.1} to {:.1} % | {} |",
            kind.name(),
            100.0 * errors.rate(),
            100.0 * interval.lower,
            100.0 * interval.upper,
            reasons(&of_kind),
        );
    }
}

/// How often each reason, the most frequent first.
fn reasons(outcomes: &[&Outcome]) -> String {
    let mut counts: BTreeMap<Failure, usize> = BTreeMap::new();
    for failure in outcomes.iter().filter_map(|outcome| outcome.failure) {
        *counts.entry(failure).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let names = counts
        .iter()
        .map(|(failure, count)| format!("{failure:?} {count}"));
    names.collect::<Vec<_>>().join(", ")
}

/// What the thresholds are tuned on: quantiles over presentations.
fn print_figures(kinds: &[Kind], outcomes: &[Outcome]) {
    println!("\n                                  5 %   50 %   95 %  (of presentations)");
    for &kind in kinds {
        let of_kind = || outcomes.iter().filter(move |outcome| outcome.kind == kind);
        println!("{}", kind.name());
        let print = |name: String, values: Vec<f32>| {
            if !values.is_empty() {
                let [low, middle, high] = [0.05, 0.5, 0.95].map(|share| quantile(&values, share));
                println!("  {name:<28} {low:>6.3} {middle:>6.3} {high:>6.3}");
            }
        };
        for turn in Turn::ALL {
            let turns = of_kind().flat_map(|outcome| &outcome.figures.turns);
            let asked = turns.filter(|(asked, ..)| *asked == turn);
            let (pose, depth) = asked.map(|&(_, pose, depth)| (pose, depth)).unzip();
            print(format!("pose, {turn:?}"), pose);
            print(format!("depth, {turn:?}"), depth);
        }
        print(
            "embedding, straight".into(),
            of_kind().map(|outcome| outcome.figures.straight).collect(),
        );
        print(
            "embedding, successive".into(),
            of_kind()
                .map(|outcome| outcome.figures.successive)
                .collect(),
        );
        print(
            "seconds".into(),
            of_kind().map(|outcome| outcome.time as f32 / 1e3).collect(),
        );
    }
}

fn quantile(values: &[f32], share: f32) -> f32 {
    let mut values = values.to_vec();
    values.sort_unstable_by(f32::total_cmp);
    values[(share * (values.len() - 1) as f32).round() as usize]
}

/// Pictures of one presentation, every few frames.
struct Album {
    folder: Option<PathBuf>,
    frames: usize,
}

impl Album {
    /// Frames from one picture to the next.
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
                eprintln!("{}: {error}", path.display());
            }
        }
        self.frames += 1;
    }
}
