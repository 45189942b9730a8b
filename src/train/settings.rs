//! What a run does: everything that a resumed run must do in the same way.

use std::collections::BTreeMap;
use std::time::Duration;

use burn::tensor::DType;
use serde::{Deserialize, Serialize};

use super::mining::Mining;
use crate::net::Preset;

/// What a run does; saved with its checkpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The network.
    pub preset: Preset,
    /// Model id of the weights that the run starts from; random weights without it.
    pub init: Option<String>,
    /// How triplets are chosen.
    pub mining: Mining,
    /// Margin of the triplet loss, in squared distance.
    pub margin: f32,
    /// Weight of the triplet term.
    pub triplet_weight: f32,
    /// Weight of the pointwise distillation term; without targets it is nothing.
    pub distillation_weight: f32,
    /// Weight of the relational distillation term; without targets it is nothing.
    pub relational_weight: f32,
    /// Weight of the contrastive distillation term; without targets it is nothing.
    #[serde(default)]
    pub contrastive_weight: f32,
    /// Identities in a batch.
    pub identities: usize,
    /// Images of each.
    pub images: usize,
    /// Unlabelled images in a batch, besides.
    pub unlabelled: usize,
    /// Whether a teacher embeds the images that come without a target.
    #[serde(default)]
    pub taught: bool,
    /// Part of the unlabelled images that are mixed, in `[0, 1]`.
    #[serde(default)]
    pub mixed: f64,
    /// Devices that train at once, each on a batch of its own.
    #[serde(default = "one")]
    pub devices: usize,
    /// When the run ends.
    pub length: Length,
    /// Peak learning rate of Adam; Muon's is a multiple of it ([`optimiser`](super::optimiser)).
    pub learning_rate: f64,
    /// Part of the run spent warming up, in `[0, 1)`.
    pub warm_up: f64,
    /// Activation precision.
    #[serde(default)]
    pub precision: Precision,
    /// Drives everything random.
    pub seed: u64,
    /// The digest of what the run trains on ([`Record::digest`](crate::data::record::Record::digest));
    /// absent in checkpoints from before it was kept.
    #[serde(default)]
    pub data: Option<String>,
}

impl Settings {
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
    /// The settings, other than the length, that differ from those of the run that was `saved`: name,
    /// then and now.
    pub fn differences(&self, saved: &Self) -> Vec<(String, String, String)> {
        let comparable = Self {
            length: self.length,
            data: saved.data.as_ref().and(self.data.clone()),
            ..self.clone()
        };
        let saved = Self {
            length: self.length,
            ..saved.clone()
        };
        // By way of text, which has the shortest digits of each number.
        let fields = |settings: &Self| -> BTreeMap<String, serde_json::Value> {
            let text = serde_json::to_string(settings).expect("settings are plain values");
            serde_json::from_str(&text).expect("settings are a struct")
        };
        let (now, then) = (fields(&comparable), fields(&saved));
        let differing = now.into_iter().filter(|(name, value)| then[name] != *value);
        differing
            .map(|(name, value)| (name.clone(), then[&name].to_string(), value.to_string()))
            .collect()
    }
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
    /// 16 bits, eight of them for the exponent: faster where processor or GPU multiplies such
    /// numbers itself (`docs/experiments.md`).
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

/// When a run ends.
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
    /// The part of the run that is done: from 0 to 1, and beyond 1 where a step ends past the length.
    pub fn done(&self, progress: &Progress) -> f64 {
        match self {
            Self::Steps(steps) => progress.step as f64 / *steps as f64,
            Self::Crops(crops) => progress.images as f64 / *crops as f64,
            Self::Time(time) => progress.elapsed.as_secs_f64() / time.as_secs_f64(),
        }
    }
}

/// How far a run is.
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

    /// The settings of a checkpoint from before crops could end a run, and data was recorded.
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
        assert_eq!(now.differences(&earlier), []);
        let other = Settings {
            margin: 0.5,
            length: Length::Crops(9),
            ..now.clone()
        };
        let difference = ["margin", "0.2", "0.5"].map(String::from);
        let [name, then, given] = difference;
        assert_eq!(other.differences(&now), [(name, then, given)]);
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
