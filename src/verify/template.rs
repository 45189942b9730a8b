//! The template of an enrolled person: several embeddings.

use serde::{Deserialize, Serialize};

use super::embedding::{EMBEDDING_DIM, Embedding};

/// The enrolled samples of one person; never empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Embedding>", into = "Vec<Embedding>")]
pub struct Template {
    samples: Vec<Embedding>,
}

/// A template cannot be made without samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a template needs at least one sample")]
pub struct EmptyTemplate;

impl Template {
    /// A template of `samples`; `None` if there are none.
    pub fn new(samples: Vec<Embedding>) -> Option<Self> {
        (!samples.is_empty()).then_some(Self { samples })
    }

    /// The samples, at least one.
    pub fn samples(&self) -> &[Embedding] {
        &self.samples
    }

    /// The embedding that a probe is compared with: the samples' mean, normalised to unit length.
    /// `None` if the samples cancel out.
    ///
    /// Of the usual rules, this one refuses the fewest genuine probes at equal false match rates
    /// (`facekey templates` compares the rules). Distances to the centre depend on the number of
    /// samples, so each number has its own [`Calibration`](super::Calibration).
    pub fn centre(&self) -> Option<Embedding> {
        let mut sum = [0.0; EMBEDDING_DIM];
        for sample in &self.samples {
            sum.iter_mut()
                .zip(sample.values())
                .for_each(|(sum, value)| *sum += value);
        }
        Embedding::new(&sum)
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
    fn the_centre_lies_between_the_samples() {
        let template = Template::new(vec![at_angle(0.0), at_angle(90.0)]).unwrap();
        assert!(template.centre().unwrap().cosine(&at_angle(45.0)) > 0.999_999);
    }

    #[test]
    fn samples_that_cancel_out_have_no_centre() {
        let template = Template::new(vec![at_angle(0.0), at_angle(180.0)]).unwrap();
        assert_eq!(template.centre(), None);
    }

    #[test]
    fn needs_a_sample() {
        assert_eq!(Template::new(Vec::new()), None);
        assert!(serde_json::from_str::<Template>("[]").is_err());
    }
}
