//! The settings of a run. A resumed run may only change its length, its pace and the precision.

use std::collections::BTreeMap;
use std::time::Duration;

use burn::tensor::DType;
use serde::{Deserialize, Serialize};

use super::mining::Mining;
use super::schedule::Schedule;
use crate::net::Preset;

/// The settings of a run; checkpoints contain them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The network.
    pub preset: Preset,
    /// Model id of the initial weights; `None` for random weights.
    pub init: Option<String>,
    /// How triplets are chosen.
    pub mining: Mining,
    /// Margin of the triplet loss, in squared distance.
    pub margin: f32,
    /// Weight of the triplet term.
    pub triplet_weight: f32,
    /// Weight of the pointwise distillation term; without targets, the term is zero.
    pub distillation_weight: f32,
    /// Weight of the relational distillation term; without targets, the term is zero.
    pub relational_weight: f32,
    /// Weight of the contrastive distillation term; without targets, the term is zero.
    #[serde(default)]
    pub contrastive_weight: f32,
    /// Identities in a batch.
    pub identities: usize,
    /// Images of each identity in a batch.
    pub images: usize,
    /// Additional unlabelled images in a batch.
    pub unlabelled: usize,
    /// Whether a teacher embeds the images without a target.
    #[serde(default)]
    pub taught: bool,
    /// Share of the unlabelled images that are mixed, in `[0, 1]`.
    #[serde(default)]
    pub mixed: f64,
    /// Number of devices that train in parallel, each on its own batch.
    #[serde(default = "one")]
    pub devices: usize,
    /// The length of the run.
    pub length: Length,
    /// Peak learning rate of Adam; Muon's is a multiple of Adam's
    /// ([`optimiser`](super::optimiser)).
    pub learning_rate: f64,
    /// Share of the run for the warm-up, in `[0, 1]`.
    pub warm_up: f64,
    /// Share of the run for the cool-down, in `[0, 1]`; absent in older checkpoints.
    #[serde(default = "cool_down")]
    pub cool_down: f64,
    /// Activation precision.
    #[serde(default)]
    pub precision: Precision,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The digest of the training data ([`Record::digest`](crate::data::record::Record::digest));
    /// absent in older checkpoints.
    #[serde(default)]
    pub data: Option<String>,
    /// SHA-256 of the network that refines the alignment of the images; `None` if none does. A
    /// resumed run may begin to use one.
    #[serde(default)]
    pub refiner: Option<String>,
}

impl Settings {
    /// The learning rate over the run.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            peak: self.learning_rate,
            warm_up: self.warm_up,
            cool_down: self.cool_down,
        }
    }

    /// The loss in words.
    pub fn loss(&self) -> String {
        let Self { mining, margin, .. } = self;
        let terms = [
            (
                self.triplet_weight,
                format!("triplet ({mining:?}, margin {margin})"),
            ),
            (self.distillation_weight, "distillation".into()),
            (self.relational_weight, "relational distillation".into()),
            (self.contrastive_weight, "contrastive distillation".into()),
        ];
        let terms = terms.into_iter().filter(|(weight, _)| *weight != 0.0);
        terms
            .map(|(weight, term)| format!("{weight} {term}"))
            .collect::<Vec<_>>()
            .join(" + ")
    }
}

impl Settings {
    /// These settings with what a resumed run may change as in `saved`: its length, its pace and the
    /// precision.
    pub fn at_the_pace_of(&self, saved: &Self) -> Self {
        Self {
            length: saved.length,
            learning_rate: saved.learning_rate,
            cool_down: saved.cool_down,
            precision: saved.precision,
            ..self.clone()
        }
    }

    /// The settings that differ from the `saved` ones, in words such as "margin was 0.2 and is 0.3
    /// now". The length, and data and a refiner that `saved` does not know, are left out.
    pub fn differences(&self, saved: &Self) -> Vec<String> {
        let comparable = Self {
            length: saved.length,
            data: saved.data.as_ref().and(self.data.clone()),
            refiner: saved.refiner.as_ref().and(self.refiner.clone()),
            ..self.clone()
        };
        // Compares by JSON text, in which each number has the shortest digits.
        let fields = |settings: &Self| -> BTreeMap<String, serde_json::Value> {
            let text = serde_json::to_string(settings).expect("settings are plain values");
            serde_json::from_str(&text).expect("settings are a struct")
        };
        let (now, then) = (fields(&comparable), fields(saved));
        let differing = now.iter().filter(|&(name, value)| then[name] != *value);
        differing
            .map(|(name, value)| {
                let then = &then[name];
                format!("{} was {then} and is {value} now", name.replace('_', "-"))
            })
            .collect()
    }
}

/// The share of a run for the cool-down unless another one is given.
pub fn cool_down() -> f64 {
    0.3
}

fn one() -> usize {
    1
}

/// Activation precision, of features and their gradients. Weights and the optimiser's state are
/// `f32`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// bfloat16: 16 bits, eight of them for the exponent. Faster if the processor or GPU supports
    /// it natively (`docs/experiments.md`).
    Bf16,
}

impl From<Precision> for DType {
    fn from(precision: Precision) -> Self {
        match precision {
            Precision::F32 => Self::F32,
            Precision::Bf16 => Self::BF16,
        }
    }
}

/// The length of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// After this many steps.
    Steps(usize),
    /// After this many crops, labelled and unlabelled, on all devices together.
    Crops(usize),
    /// After this much training time.
    Time(Duration),
}

impl Length {
    /// The share of the run that is done: from 0 to 1, or above 1 if a step ends past the length.
    pub fn done(&self, progress: &Progress) -> f64 {
        match self {
            Self::Steps(steps) => progress.step as f64 / *steps as f64,
            Self::Crops(crops) => progress.images as f64 / *crops as f64,
            Self::Time(time) => progress.elapsed.as_secs_f64() / time.as_secs_f64(),
        }
    }
}

/// The progress of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps taken.
    pub step: usize,
    /// Images seen.
    pub images: usize,
    /// Time spent training.
    pub elapsed: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings of an old checkpoint, without the length in crops and the digest of the data.
    const EARLIER: &str = r#"{
        "preset": "slim", "init": null, "mining": "semi-hard", "margin": 0.2,
        "triplet_weight": 1.0, "distillation_weight": 0.0, "relational_weight": 0.0,
        "identities": 16, "images": 4, "unlabelled": 0, "length": { "steps": 100 },
        "learning_rate": 0.001, "warm_up": 0.05, "seed": 0
    }"#;

    #[test]
    fn earlier_checkpoints_still_load() {
        let earlier: Settings = serde_json::from_str(EARLIER).unwrap();
        assert_eq!(earlier.length, Length::Steps(100));
        let now = Settings {
            data: Some("abc".into()),
            ..earlier.clone()
        };
        assert!(now.differences(&earlier).is_empty());
        let other = Settings {
            margin: 0.5,
            length: Length::Crops(9),
            ..now.clone()
        };
        assert_eq!(other.differences(&now), ["margin was 0.2 and is 0.5 now"]);
    }

    #[test]
    fn a_resumed_run_may_change_its_pace_only() {
        let saved: Settings = serde_json::from_str(EARLIER).unwrap();
        let slower = Settings {
            learning_rate: 5e-4,
            cool_down: 0.5,
            ..saved.clone()
        };
        assert_eq!(slower.differences(&saved).len(), 2);
        assert!(slower.at_the_pace_of(&saved).differences(&saved).is_empty());
        let doubled = Settings {
            devices: 2,
            ..saved.clone()
        };
        assert_eq!(doubled.at_the_pace_of(&saved).differences(&saved).len(), 1);
    }

    #[test]
    fn a_run_ends_after_its_crops() {
        let length = Length::Crops(200);
        let after = |images| Progress {
            images,
            ..Progress::default()
        };
        assert_eq!(length.done(&after(50)), 0.25);
        assert_eq!(length.done(&after(200)), 1.0);
    }
}
