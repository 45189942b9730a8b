//! `eval`: measures verification by the field's protocols.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use super::common::{images_below, images_by_folder, report_skipped};
use super::models::ModelArgs;
use super::output::{print, print_json};
use super::roc_plot::roc_svg;
use crate::data::output_file::OutputFile;
use crate::data::{files, people};
use crate::engine::Engine;
use crate::eval::pairs::{FoldAccuracy, ImageFiles, ImageName, Pair, Pairs, fold_accuracy};
use crate::eval::{OperatingPoint, RATES, Roc, Scores, verification_scores};
use crate::train::targets::Targets;
use crate::verify::cohort::{Cohort, Comparable};
use crate::verify::embedding::Embedding;
use crate::verify::proportion::Proportion;

/// The value of `--json` without a file name.
const STANDARD_OUTPUT: &str = "-";

/// Measure verification on labelled faces
#[derive(Debug, clap::Args)]
pub struct Eval {
    /// Images, a folder for each person
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Compare these pairs (LFW's pairs.txt or pairsDev formats) instead of all
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Choose the threshold on these pairs and report accuracy on --pairs
    #[arg(long, value_name = "FILE", requires = "pairs")]
    threshold_from: Option<PathBuf>,
    /// Also measure a teacher's embeddings (in the format of `train --targets`) on the same pairs,
    /// and the distance to ours
    #[arg(long, value_name = "FILE", conflicts_with = "pairs")]
    targets: Option<PathBuf>,
    /// Draw the ROC here as SVG
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print the figures as JSON, or write them to FILE as JSON
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = STANDARD_OUTPUT)]
    json: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

/// The figures.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    images: usize,
    skipped_images: usize,
    skipped_pairs: usize,
    genuine: u64,
    impostor: u64,
    auc: f64,
    equal_error_rate: f64,
    val_at_far: Vec<ValAtFar>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<Accuracy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teacher: Option<TeacherReport>,
}

/// The figures of a teacher.
#[derive(Debug, Serialize)]
struct TeacherReport {
    /// Mean of `1 - cos` between an image's two embeddings.
    apart: f64,
    val_at_far: Vec<ValAtFar>,
}

#[derive(Debug, Serialize)]
struct ValAtFar {
    far: f64,
    #[serde(flatten)]
    point: OperatingPoint,
}

/// Accuracy on pairs, by the source of the threshold.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "threshold_from")]
enum Accuracy {
    /// The threshold for each fold is the best one for the other folds.
    OtherFolds(FoldAccuracy),
    /// The threshold is the best one for another list.
    OtherList { threshold: f32, correct: Proportion },
    /// The threshold is the best one for the same pairs, so the accuracy is too optimistic.
    SamePairs { accuracy: f64 },
}

/// The scores of a list of pairs, fold by fold.
struct PairScores {
    folds: Vec<Scores>,
    /// Pairs with an image that gave no embedding.
    skipped: usize,
}

/// Embeddings by file.
struct Gallery {
    files: ImageFiles,
    by_path: HashMap<PathBuf, Comparable>,
    skipped: usize,
}

impl Eval {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let lists = self.lists()?;
        let plot = self.plot.as_deref().map(OutputFile::open).transpose()?;
        let json = self
            .json
            .as_deref()
            .filter(|path| *path != Path::new(STANDARD_OUTPUT));
        let json = json.map(OutputFile::open).transpose()?;
        let (report, roc) = match &lists {
            Some((pairs, threshold_pairs)) => self.on_pairs(pairs, threshold_pairs.as_ref())?,
            None => self.on_all_pairs()?,
        };
        if let Some(plot) = plot {
            let title = format!("ROC on {}", self.data.display());
            let svg = roc_svg(&roc, &title).map_err(|error| anyhow!("cannot draw: {error}"))?;
            plot.write(svg.as_bytes())?;
        }
        match (&self.json, json) {
            (Some(_), None) => return print_json(&report),
            (_, Some(json)) => json.write_json(&report)?,
            (None, None) => {}
        }
        print(&report.text())
    }

    /// Reads the given lists of pairs, before the slow part begins.
    fn lists(&self) -> anyhow::Result<Option<(Pairs, Option<Pairs>)>> {
        let Some(pairs) = &self.pairs else {
            return Ok(None);
        };
        let threshold_pairs = self.threshold_from.as_deref().map(read_pairs).transpose()?;
        Ok(Some((read_pairs(pairs)?, threshold_pairs)))
    }

    fn on_all_pairs(&self) -> anyhow::Result<(Report, Roc)> {
        let paths = images_by_folder(&self.data, "person")?;
        // Before the slow part begins.
        let targets = self.targets.as_deref().map(Targets::open).transpose()?;
        let engine = self.model.load()?;
        let embedded = self.model.embed(&engine, &paths)?;
        let skipped = embedded.failures.len();
        let (paths, embeddings) = embedded.unzip();
        let people = people::identities(&self.data, &paths);
        let roc = Roc::new(verification_scores(&embeddings, &people, engine.cohort()))
            .with_context(|| format!("{} needs a folder for each person", self.data.display()))?;
        let mut report = Report::new(&engine, &roc);
        report.images = embeddings.len();
        report.skipped_images = skipped;
        if let Some(targets) = targets {
            let target = |path: &PathBuf| {
                let target = targets.get(path).cloned();
                target.with_context(|| format!("{} has no target", path.display()))
            };
            let teacher: Vec<_> = paths.iter().map(target).collect::<Result<_, _>>()?;
            report.teacher = Some(TeacherReport::new(&embeddings, &teacher, &people)?);
        }
        Ok((report, roc))
    }

    fn on_pairs(
        &self,
        pairs: &Pairs,
        threshold_pairs: Option<&Pairs>,
    ) -> anyhow::Result<(Report, Roc)> {
        let all = pairs
            .iter()
            .chain(threshold_pairs.into_iter().flat_map(Pairs::iter));
        let files = ImageFiles::new(&images_below(&self.data)?);
        let paths = self.named(all, &files)?;
        let engine = self.model.load()?;
        let gallery = self.gallery(&engine, files, &paths)?;
        let scores = gallery.scores(pairs);
        let threshold_scores = threshold_pairs.map(|pairs| gallery.scores(pairs).folds);
        let roc = Roc::new(Scores::concat(&scores.folds))?;
        let mut report = Report::new(&engine, &roc);
        report.images = gallery.by_path.len();
        report.skipped_images = gallery.skipped;
        report.skipped_pairs = scores.skipped;
        report.accuracy = Some(accuracy(&roc, &scores.folds, threshold_scores.as_deref())?);
        Ok((report, roc))
    }

    /// The files of the pairs' images, each once. Prints the images without a file.
    fn named<'a>(
        &self,
        pairs: impl Iterator<Item = &'a Pair>,
        files: &ImageFiles,
    ) -> anyhow::Result<Vec<PathBuf>> {
        let images: BTreeSet<&ImageName> =
            pairs.flat_map(|pair| [&pair.left, &pair.right]).collect();
        let (found, missing): (Vec<_>, Vec<_>) = images
            .into_iter()
            .partition(|image| files.get(image).is_some());
        if found.is_empty() {
            bail!(
                "{} contains none of the images that the pairs name",
                self.data.display()
            );
        }
        let missing: Vec<_> = missing
            .iter()
            .map(|image| {
                (
                    self.data.join(&image.person),
                    format!("no image {}", image.number),
                )
            })
            .collect();
        report_skipped(&missing);
        Ok(found
            .into_iter()
            .filter_map(|image| files.get(image).map(Path::to_path_buf))
            .collect())
    }

    fn gallery(
        &self,
        engine: &Engine,
        files: ImageFiles,
        paths: &[PathBuf],
    ) -> anyhow::Result<Gallery> {
        let embedded = self.model.embed(engine, paths)?;
        let skipped = embedded.failures.len();
        let by_path = embedded
            .faces
            .into_iter()
            .map(|face| (face.path, engine.cohort().prepare(face.embedding)))
            .collect();
        Ok(Gallery {
            files,
            by_path,
            skipped,
        })
    }
}

fn read_pairs(path: &Path) -> anyhow::Result<Pairs> {
    let text = files::text(path)?;
    Pairs::parse(&text).with_context(|| format!("{} is not a list of pairs", path.display()))
}

impl Gallery {
    fn scores(&self, pairs: &Pairs) -> PairScores {
        let mut skipped = 0;
        let folds = pairs.folds.iter().map(|fold| {
            let mut scores = Scores::default();
            for pair in fold {
                let face = |image: &ImageName| self.by_path.get(self.files.get(image)?);
                match (face(&pair.left), face(&pair.right)) {
                    (Some(left), Some(right)) => {
                        let list = if pair.same {
                            &mut scores.genuine
                        } else {
                            &mut scores.impostor
                        };
                        list.push(left.score(right));
                    }
                    _ => skipped += 1,
                }
            }
            scores
        });
        let folds = folds.collect();
        PairScores { folds, skipped }
    }
}

fn accuracy(
    roc: &Roc,
    folds: &[Scores],
    threshold_folds: Option<&[Scores]>,
) -> anyhow::Result<Accuracy> {
    if let Some(threshold_folds) = threshold_folds {
        let threshold = Roc::new(Scores::concat(threshold_folds))?
            .best_accuracy()
            .threshold;
        return Ok(Accuracy::OtherList {
            threshold,
            correct: roc.at(threshold).accuracy(),
        });
    }
    Ok(match fold_accuracy(folds)? {
        Some(accuracy) => Accuracy::OtherFolds(accuracy),
        None => Accuracy::SamePairs {
            accuracy: roc.best_accuracy().accuracy().rate(),
        },
    })
}

impl Report {
    fn new(engine: &Engine, roc: &Roc) -> Self {
        Self {
            model: engine.metadata().model_id.clone(),
            images: 0,
            skipped_images: 0,
            skipped_pairs: 0,
            genuine: roc.genuine_trials(),
            impostor: roc.impostor_trials(),
            auc: roc.auc(),
            equal_error_rate: roc.eer(),
            val_at_far: ValAtFar::all(roc),
            accuracy: None,
            teacher: None,
        }
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!("model {}", self.model),
            format!("{} images, {} skipped", self.images, self.skipped_images),
            format!(
                "{} genuine and {} impostor pairs, {} skipped",
                self.genuine, self.impostor, self.skipped_pairs
            ),
            format!(
                "AUC {:.5}, EER {:.2} %",
                self.auc,
                100.0 * self.equal_error_rate
            ),
        ];
        lines.extend(self.val_at_far.iter().map(|at| at.text(self.impostor)));
        lines.extend(self.accuracy.as_ref().map(Accuracy::text));
        if let Some(teacher) = &self.teacher {
            lines.push(format!(
                "the teacher, at a mean distance (1 - cos) of {:.3}:",
                teacher.apart
            ));
            let points = teacher.val_at_far.iter();
            lines.extend(points.map(|at| at.text(self.impostor)));
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

impl TeacherReport {
    fn new(student: &[Embedding], teacher: &[Embedding], people: &[usize]) -> anyhow::Result<Self> {
        let cosines = student
            .iter()
            .zip(teacher)
            .map(|(a, b)| f64::from(a.cosine(b)));
        Ok(Self {
            apart: 1.0 - cosines.sum::<f64>() / student.len() as f64,
            val_at_far: ValAtFar::all(&Roc::new(verification_scores(
                teacher,
                people,
                &Cohort::NONE,
            ))?),
        })
    }
}

impl ValAtFar {
    fn all(roc: &Roc) -> Vec<Self> {
        let at = |far| Self {
            far,
            point: roc.val_at_far(far),
        };
        RATES[1..=3].iter().copied().map(at).collect()
    }

    /// Gives no figure if fewer than three false accepts would make up this FAR.
    fn text(&self, impostor: u64) -> String {
        if self.far * (impostor as f64) < 3.0 {
            return format!(
                "VAL@FAR={:.0e}: {impostor} impostor pairs are too few",
                self.far
            );
        }
        let (val, interval) = (self.point.val().rate(), self.point.val().interval());
        format!(
            "VAL@FAR={:.0e}: {:.2} % (95 %: {:.2} to {:.2}), threshold {:.4}",
            self.far,
            100.0 * val,
            100.0 * interval.lower,
            100.0 * interval.upper,
            self.point.threshold
        )
    }
}

impl Accuracy {
    fn text(&self) -> String {
        match self {
            Self::OtherFolds(accuracy) => format!(
                "accuracy {:.2} % +- {:.2} (mean and standard error of {} folds, threshold from the others)",
                100.0 * accuracy.mean,
                100.0 * accuracy.standard_error,
                accuracy.folds.len()
            ),
            Self::OtherList { threshold, correct } => {
                let interval = correct.interval();
                format!(
                    "accuracy {:.2} % (95 %: {:.2} to {:.2}), threshold {threshold:.4} from the other list",
                    100.0 * correct.rate(),
                    100.0 * interval.lower,
                    100.0 * interval.upper
                )
            }
            Self::SamePairs { accuracy } => format!(
                "accuracy {:.2} %, too optimistic: the threshold is the best one for these same pairs (see --threshold-from)",
                100.0 * accuracy
            ),
        }
    }
}
