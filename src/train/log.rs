//! The run's log, one JSON object a line, and its curves.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use plotters::prelude::*;
use serde::{Deserialize, Serialize};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// A training step.
    Step {
        /// Its number, from zero.
        step: usize,
        /// The whole loss.
        loss: f32,
        /// The triplet term.
        triplet: f32,
        /// The pointwise distillation term.
        pointwise: f32,
        /// The relational distillation term.
        relational: f32,
        /// The contrastive distillation term.
        #[serde(default)]
        contrastive: f32,
        /// Share of the mined triplets that are active, in `[0, 1]`.
        active: f32,
        /// Learning rate.
        learning_rate: f64,
    },
    /// A validation on identities never trained on.
    Validation {
        /// Steps taken before it.
        step: usize,
        /// Area under the ROC curve.
        auc: f64,
        /// Genuine pairs accepted at a false accept rate of 1e-3.
        val_at_far_1e3: f64,
    },
}

impl Entry {
    fn step(&self) -> usize {
        match self {
            Self::Step { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}

/// A log file being written.
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the log at `path` and keeps what it says of the first `steps` steps: what a resumed
    /// run will do again is cut off.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(path: &Path, steps: usize) -> Result<Self> {
        let kept: Vec<Entry> = match steps {
            0 => Vec::new(),
            _ => read(path)?
                .into_iter()
                .filter(|entry| entry.step() < steps)
                .collect(),
        };
        std::fs::write(path, "").with_context(|| format!("cannot write {}", path.display()))?;
        let file = OpenOptions::new().append(true).open(path)?;
        let mut log = Self {
            path: path.into(),
            file,
        };
        kept.iter().try_for_each(|entry| log.write(entry))?;
        Ok(log)
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where the disk is full or gone.
    pub fn write(&mut self, entry: &Entry) -> Result<()> {
        writeln!(self.file, "{}", serde_json::to_string(entry)?)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// All entries of the log at `path`.
///
/// # Errors
/// Where it cannot be read or a line is no entry.
pub fn read(path: &Path) -> Result<Vec<Entry>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    BufReader::new(file)
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<_>>()
        .with_context(|| format!("{} is damaged", path.display()))
}

/// Draws the curves of the log at `log`: the loss above, the validation below.
///
/// # Errors
/// Where the log cannot be read or the picture not be written.
pub fn plot(log: &Path, svg: &Path) -> Result<()> {
    let entries = read(log)?;
    let mut losses = Vec::new();
    let (mut auc, mut val) = (Vec::new(), Vec::new());
    for entry in &entries {
        match *entry {
            Entry::Step { step, loss, .. } => losses.push((step as f64, f64::from(loss))),
            Entry::Validation {
                step,
                auc: area,
                val_at_far_1e3,
            } => {
                auc.push((step as f64, area));
                val.push((step as f64, val_at_far_1e3));
            }
        }
    }
    let root = SVGBackend::new(svg, (900, 700)).into_drawing_area();
    root.fill(&WHITE)?;
    let (above, below) = root.split_vertically(350);
    curves(
        &above,
        "training loss (mean of 20 steps)",
        &[("loss", &smooth(&losses, 20), BLUE)],
    )?;
    let validation = [("AUC", &auc[..], GREEN), ("VAL@FAR=1e-3", &val[..], RED)];
    curves(
        &below,
        "validation on identities never trained on",
        &validation,
    )?;
    root.present()?;
    Ok(())
}

fn smooth(points: &[(f64, f64)], window: usize) -> Vec<(f64, f64)> {
    let mean = |group: &[(f64, f64)]| {
        let n = group.len() as f64;
        (
            group.iter().map(|p| p.0).sum::<f64>() / n,
            group.iter().map(|p| p.1).sum::<f64>() / n,
        )
    };
    points.chunks(window).map(mean).collect()
}

/// Name, points and colour.
type Curve<'a> = (&'a str, &'a [(f64, f64)], RGBColor);

fn curves(
    area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    title: &str,
    series: &[Curve],
) -> Result<()> {
    let points = || series.iter().flat_map(|(_, points, _)| points.iter());
    let last = points().map(|p| p.0).fold(1.0, f64::max);
    let top = points().map(|p| p.1).fold(1e-6, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..last, 0.0..top * 1.05)?;
    chart.configure_mesh().x_desc("step").draw()?;
    for (name, points, colour) in series {
        chart
            .draw_series(LineSeries::new(
                points.iter().copied(),
                colour.stroke_width(2),
            ))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: usize) -> Entry {
        Entry::Validation {
            step,
            auc: 0.5 + step as f64 / 100.0,
            val_at_far_1e3: 0.1,
        }
    }

    #[test]
    fn resuming_cuts_off_what_will_be_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = Log::open(&path, 0).unwrap();
        (0..9).for_each(|step| log.write(&entry(step)).unwrap());
        let mut log = Log::open(&path, 5).unwrap();
        log.write(&entry(5)).unwrap();
        assert_eq!(read(&path).unwrap(), (0..6).map(entry).collect::<Vec<_>>());
    }

    #[test]
    fn curves_are_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let (path, svg) = (
            folder.path().join("log.jsonl"),
            folder.path().join("curves.svg"),
        );
        let mut log = Log::open(&path, 0).unwrap();
        log.write(&entry(0)).unwrap();
        plot(&path, &svg).unwrap();
        assert!(
            std::fs::read_to_string(&svg)
                .unwrap()
                .contains("VAL@FAR=1e-3")
        );
    }
}
