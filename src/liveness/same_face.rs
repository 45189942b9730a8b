//! Whether two frames show one face.

use super::limits;
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
use crate::verify::embedding::Embedding;

/// The scores up to which two frames count as one face, from the calibration of the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct SameFace {
    /// The cohort for the scores.
    pub(super) cohort: Cohort,
    /// The threshold for a frontal face and the one from the beginning.
    pub(super) straight: f32,
    /// The threshold for an embedding and the previous one.
    pub(super) moving: f32,
}

impl SameFace {
    /// Takes the thresholds from the calibration, at fixed false match rates, or at the lowest
    /// supported rate if that is higher.
    pub fn new(calibrations: &Calibrations) -> Self {
        let calibration = calibrations.single();
        let limit = |fmr: f64| {
            let supported = fmr.max(calibration.lowest_fmr());
            calibration.threshold(supported).unwrap_or(0.0)
        };
        Self {
            cohort: calibrations.cohort().clone(),
            straight: limit(limits::SAME_STRAIGHT),
            moving: limit(limits::SAME_MOVING),
        }
    }

    /// The score of two frames' embeddings.
    pub fn score(&self, a: &Embedding, b: &Embedding) -> f32 {
        self.cohort.score(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::decision::Calibration;

    #[test]
    fn one_face_is_what_the_calibration_says() {
        let impostor: Vec<f32> = (0..100_000).map(|i| 0.5 + i as f32 / 100_000.0).collect();
        let calibration = Calibration::new(&[0.1], &impostor).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![calibration]).unwrap());
        assert!((0.5..0.5002).contains(&same_face.straight), "{same_face:?}");
        assert!((0.509..0.511).contains(&same_face.moving), "{same_face:?}");
        let few = Calibration::new(&[0.1], &[0.5, 0.6, 0.7, 0.8]).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![few]).unwrap());
        assert!(
            same_face.straight < 0.8,
            "the lowest rate that is supported"
        );
    }
}
