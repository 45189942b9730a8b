//! Whether two frames show the same face.

use super::limits;
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::Embedding;

/// The thresholds on the score for which two frames count as the same face, from the calibration of
/// the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct SameFace {
    /// The cohort of the scores.
    pub(super) cohort: Cohort,
    /// The threshold between a frontal face and the one from the beginning.
    pub(super) frontal: f32,
    /// The threshold between an embedding and the previous one.
    pub(super) moving: f32,
}

impl SameFace {
    /// Takes the thresholds from the calibration, at fixed false match rates. If a rate is below
    /// the lowest supported one, the lowest supported one is used.
    pub fn new(calibrations: &Calibrations) -> Self {
        let calibration = calibrations.single();
        let limit = |fmr: f64| {
            let supported = fmr.max(calibration.lowest_fmr());
            calibration.threshold(supported).unwrap_or(0.0)
        };
        Self {
            cohort: calibrations.cohort().clone(),
            frontal: limit(limits::FRONTAL_FMR),
            moving: limit(limits::MOVING_FMR),
        }
    }

    /// The score of two frames' embeddings; lower means more alike.
    pub fn score(&self, a: &Embedding, b: &Embedding) -> f32 {
        self.cohort.score(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::decision::Calibration;

    #[test]
    fn thresholds_come_from_the_calibration() {
        let impostor: Vec<f32> = (0..100_000).map(|i| 0.5 + i as f32 / 100_000.0).collect();
        let calibration = Calibration::new(&[0.1], &impostor).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![calibration]).unwrap());
        assert!((0.5..0.5002).contains(&same_face.frontal), "{same_face:?}");
        assert!((0.509..0.511).contains(&same_face.moving), "{same_face:?}");
        let few = Calibration::new(&[0.1], &[0.5, 0.6, 0.7, 0.8]).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![few]).unwrap());
        assert!(
            same_face.frontal < 0.8,
            "the threshold of the lowest supported rate"
        );
    }
}
