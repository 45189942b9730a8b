//! Code that the subcommands share: finding images, progress on standard error, and the names of
//! the library's enums.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::models::ModelArgs;
use super::numbers;
use super::output::{note, print, print_json};
use crate::data::groups::{self, Column, Labels};
use crate::data::people::{self, Layout};
use crate::data::walk;
use crate::engine::Engine;
use crate::eval::groups::Groups;
use crate::net::Preset;
use crate::train::log::Entry;
use crate::train::mining::Mining;
use crate::train::observer::Observer;
use crate::train::settings::{self, Precision};

/// Most skipped files that are named; the others are only counted.
const NAMED: usize = 10;

/// The output format of the figures.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct JsonArgs {
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

impl JsonArgs {
    /// Prints `report` as JSON if `--json` is given, and otherwise its `text`.
    ///
    /// # Errors
    /// If standard output cannot be written.
    pub fn print<R: Serialize>(self, report: &R, text: impl FnOnce(&R) -> String) -> Result<()> {
        match self.json {
            true => print_json(report),
            false => print(&text(report)),
        }
    }
}

/// The false match rate at which a command decides.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct FmrArgs {
    /// Use the threshold for this calibrated false match rate, above 0 and below 1
    #[arg(long, default_value_t = 1e-3, value_parser = numbers::number(numbers::RATE))]
    pub fmr: f64,
}

/// The groups of the people on images.
#[derive(Debug, clap::Args)]
pub struct LabelsArgs {
    /// A table with sex and group of the people on the images, instead of a folder for each group:
    /// tab-separated, with the columns image (a path, relative to the table), sex, and group or age
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Group people by their sex and this column of the table
    #[arg(
        long,
        value_enum,
        value_name = "COLUMN",
        default_value = "group",
        requires = "labels"
    )]
    by: Column,
}

impl LabelsArgs {
    /// The images below `root` by group; images without a group are left out.
    ///
    /// # Errors
    /// If the table or the images cannot be read, or no image has a group.
    pub fn images(&self, root: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
        let read = |path| Labels::read(path, self.by);
        let labels = self.labels.as_deref().map(read).transpose()?;
        let images = match &labels {
            Some(_) => images_below(root)?,
            None => images_by_folder(root, "group")?,
        };
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for path in images {
            if let Some(name) = groups::group(root, &path, labels.as_ref()) {
                groups.entry(name).or_default().push(path);
            }
        }
        ensure!(
            !groups.is_empty(),
            "{} contains no image with a label",
            root.display()
        );
        Ok(groups)
    }

    /// The embeddings of the images below `root` by group; groups with a single embedding are left
    /// out.
    ///
    /// # Errors
    /// As [`images`](Self::images), or if no image gives an embedding.
    pub fn groups(&self, model: &ModelArgs, engine: &Engine, root: &Path) -> Result<Groups> {
        let images = self.images(root)?;
        let paths: Vec<_> = images.values().flatten().cloned().collect();
        let named = images
            .iter()
            .flat_map(|(name, paths)| paths.iter().map(move |path| (path, name)));
        let names: HashMap<_, _> = named.collect();
        let mut groups = Groups::new();
        for face in model.embed(engine, &paths)?.faces {
            let name = names[&face.path].clone();
            groups.entry(name).or_default().push(face.embedding);
        }
        groups.retain(|_, faces| faces.len() > 1);
        Ok(groups)
    }
}

/// The image files below `root`, or `root` itself if it is a file. Prints the skipped files.
///
/// # Errors
/// If it cannot be read, or holds none.
pub fn images_below(root: &Path) -> Result<Vec<PathBuf>> {
    let listing = walk::images(root).with_context(|| format!("cannot read {}", root.display()))?;
    report_skipped(&listing.skipped);
    ensure!(
        !listing.images.is_empty(),
        "{} contains no images ({})",
        root.display(),
        walk::EXTENSIONS.join(", ")
    );
    Ok(listing.images)
}

/// One image of each person below each of `folders`.
///
/// # Errors
/// As [`images_below`].
pub fn one_of_each_below(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut people = Vec::new();
    for folder in folders {
        people.extend(people::one_of_each(folder, images_below(folder)?));
    }
    Ok(people)
}

/// The image files in the folders directly below `root`; `of` says what each folder stands for,
/// such as "person". Prints the skipped files.
///
/// # Errors
/// If it cannot be read, or holds none.
pub fn images_by_folder(root: &Path, of: &str) -> Result<Vec<PathBuf>> {
    let layout = Layout::new(root, images_below(root)?);
    let reason = format!("is not in the folder of a {of}");
    report_skipped(
        &layout
            .loose
            .iter()
            .map(|path| (path, &reason))
            .collect::<Vec<_>>(),
    );
    if let Some((name, folders)) = layout.albums.first() {
        note!(
            "each folder directly below {} is one {of}: the {folders} folders of {} count as one{}",
            root.display(),
            name.display(),
            match layout.albums.len() {
                1 => String::new(),
                several => format!(", and so do those of {} more", several - 1),
            }
        );
    }
    ensure!(
        !layout.images.is_empty(),
        "{} contains no images in a folder for each {of}",
        root.display()
    );
    Ok(layout.images)
}

/// Prints the first skipped files, each with the reason, and the number of the others.
pub fn report_skipped(skipped: &[(impl AsRef<Path>, impl Display)]) {
    for (path, reason) in skipped.iter().take(NAMED) {
        note!("skipped {}: {reason}", path.as_ref().display());
    }
    if skipped.len() > NAMED {
        note!("... and {} more", skipped.len() - NAMED);
    }
}

/// Prints the failed images, and their number out of `all`.
pub fn report_failures(failures: &[(PathBuf, impl Display)], all: usize) {
    report_skipped(failures);
    if !failures.is_empty() {
        note!("{} of {all} images skipped", failures.len());
    }
}

/// Shows a progress bar.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar for `images` images.
    pub fn new(images: usize) -> Self {
        Self::of(images, "images")
    }

    /// A bar for `count` units, whose name is `unit`.
    pub fn of(count: usize, unit: &str) -> Self {
        let template = format!("{{bar:32}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left");
        let style = ProgressStyle::with_template(&template);
        let style = style.expect("the template is well-formed");
        Self(ProgressBar::new(count as u64).with_style(style))
    }

    /// A function that moves the bar forward by a number of units.
    pub fn advance(&self) -> impl Fn(usize) {
        |done| self.0.inc(done as u64)
    }

    /// Prints a line above the bar.
    pub fn note(&self, line: &str) {
        self.0.suspend(|| note!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl ValueEnum for Preset {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Slim,
            Self::Wide,
            Self::Residual,
            Self::Nn4Small2,
            Self::Nn2,
            Self::Tiny,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Slim => (
                "slim",
                "Lean stem, factorised 5x5, weighted pooling: quick to train",
            ),
            Self::Wide => (
                "wide",
                "Twice slim's multiply-adds, at most a quarter of the size",
            ),
            Self::Residual => ("residual", "Residual Inception blocks with learned slopes"),
            Self::Nn4Small2 => ("nn4-small2", "OpenFace's nn4.small2, here at 112x112"),
            Self::Nn2 => ("nn2", "The full stack of FaceNet's NN2, here at 112x112"),
            Self::Tiny => (
                "tiny",
                "A few thousand parameters, for tests and first tries",
            ),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

impl ValueEnum for Column {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Group, Self::Age]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Group => "Any label, such as origin",
            Self::Age => "Age in years, grouped by decade",
        };
        Some(PossibleValue::new(self.name()).help(help))
    }
}

impl ValueEnum for Mining {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Random, Self::SemiHard, Self::BatchHard]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Random => PossibleValue::new("random")
                .help("Every anchor-positive pair with a random negative"),
            Self::SemiHard => PossibleValue::new("semi-hard")
                .help("Every anchor-positive pair with the nearest negative beyond the positive"),
            Self::BatchHard => PossibleValue::new("batch-hard")
                .help("Every anchor with its farthest positive and its nearest negative"),
        })
    }
}

impl ValueEnum for Precision {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::F32, Self::Bf16]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::F32 => PossibleValue::new("f32").help("32 bits"),
            Self::Bf16 => {
                PossibleValue::new("bf16").help("16 bits, eight of them for the exponent")
            }
        })
    }
}

/// Shows a run's progress, and prints validations, skipped images and warnings.
pub struct TrainingBar(ProgressBar);

impl TrainingBar {
    const LENGTH: u64 = 1000;

    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:24} {percent:>3} % {msg}")
            .expect("the template is well-formed");
        Self(ProgressBar::new(Self::LENGTH).with_style(style))
    }

    fn print(&self, message: String) {
        match self.0.is_hidden() {
            true => note!("{message}"),
            false => self.0.println(message),
        }
    }
}

impl Drop for TrainingBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Observer for TrainingBar {
    fn step(&mut self, entry: &Entry, progress: &settings::Progress, done: f64) {
        let Entry::Step { loss, active, .. } = entry else {
            return;
        };
        let done = done.min(1.0);
        let elapsed = progress.elapsed.as_secs_f64();
        let left = Duration::try_from_secs_f64(elapsed * (1.0 - done) / done.max(1e-6));
        self.0.set_position((done * Self::LENGTH as f64) as u64);
        self.0.set_message(format!(
            "step {} · loss {loss:.4} · {:.0} % active · {:.1} images/s · {} left",
            progress.step,
            active * 100.0,
            progress.images as f64 / elapsed,
            HumanDuration(left.unwrap_or(Duration::MAX)),
        ));
    }

    fn validation(&mut self, entry: &Entry) {
        if let Entry::Validation {
            step,
            auc,
            val_at_far_1e3,
        } = entry
        {
            self.print(format!(
                "step {step}: validation AUC {auc:.4}, VAL@FAR=1e-3 {val_at_far_1e3:.4}"
            ));
        }
    }

    fn skipped(&mut self, path: &Path, reason: &str) {
        self.print(format!("skipped {}: {reason}", path.display()));
    }

    fn warning(&mut self, message: &str) {
        self.print(format!("warning: {message}"));
    }
}
