//! What the subcommands share: progress on standard error, and names of the library's choices.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::train::log::Entry;
use crate::train::mining::Mining;
use crate::train::observer::Observer;
use crate::train::settings::{Precision, Progress};

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
            Self::Bf16 => PossibleValue::new("bf16").help("16 bits, eight of them the exponent"),
        })
    }
}

/// Shows a run's progress, and prints its validations and the images that it skipped.
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
            true => eprintln!("{message}"),
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
    fn step(&mut self, entry: &Entry, progress: &Progress, done: f64) {
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
}
