//! What is kept of an enrolled person: several embeddings.

use serde::{Deserialize, Serialize};

use super::embedding::Embedding;

/// The enrolled samples of one person; never empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Embedding>", into = "Vec<Embedding>")]
pub struct Template {
    samples: Vec<Embedding>,
}

/// A template was to be made of no samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a template needs at least one sample")]
pub struct EmptyTemplate;

impl Template {
    /// A template of `samples`; `None` where there are none.
    pub fn new(samples: Vec<Embedding>) -> Option<Self> {
        (!samples.is_empty()).then_some(Self { samples })
    }

    /// The samples, at least one.
    pub fn samples(&self) -> &[Embedding] {
        &self.samples
    }

    /// The mean squared distance of `probe` to the samples, in `[0, 4]`.
    ///
    /// The mean, because a [`Calibration`](super::Calibration) is measured on single pairs:
    /// averaging leaves an impostor's expected distance as it was and narrows its spread, so the
    /// calibrated FMR stays an upper bound. The least distance, the other usual rule, gives an
    /// impostor one chance a sample, and the FMR grows with the number of samples.
    pub fn squared_distance(&self, probe: &Embedding) -> f32 {
        let sum: f32 = self
            .samples
            .iter()
            .map(|sample| sample.squared_distance(probe))
            .sum();
        sum / self.samples.len() as f32
    }
}

impl From<Embedding> for Template {
    fn from(sample: Embedding) -> Self {
        Self {
            samples: vec![sample],
        }
    }
}

impl TryFrom<Vec<Embedding>> for Template {
    type Error = EmptyTemplate;

    fn try_from(samples: Vec<Embedding>) -> Result<Self, EmptyTemplate> {
        Self::new(samples).ok_or(EmptyTemplate)
    }
}

impl From<Template> for Vec<Embedding> {
    fn from(template: Template) -> Self {
        template.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    #[test]
    fn distance_is_the_mean_over_the_samples() {
        let template = Template::new(vec![at_angle(0.0), at_angle(90.0)]).unwrap();
        // To 60 degrees: 1 from the first; 2 - 2 cos 30 = 0.26795 from the second.
        assert!((template.squared_distance(&at_angle(60.0)) - 0.633_975).abs() < 1e-5);
    }

    #[test]
    fn needs_a_sample() {
        assert_eq!(Template::new(Vec::new()), None);
        assert!(serde_json::from_str::<Template>("[]").is_err());
    }
}
