//! Measurement by the field's protocols.
//!
//! Scores are squared distances: small for the same person. Genuine comparisons are of one
//! person, impostor comparisons of two; a threshold accepts what is at most as far.

pub mod cluster;
pub mod embed;
pub mod folder;
pub mod pairs;
pub mod plot;
pub mod roc;
pub mod templates;

pub use roc::{OperatingPoint, Roc, Scores, verification_scores};

use crate::verify::decision::{Calibration, CalibrationError};

/// The calibration table of `scores`, for the metadata of a weights file.
///
/// # Errors
/// Where there are no genuine or no impostor scores, or one is not finite.
pub fn calibrate(scores: &Scores) -> Result<Calibration, CalibrationError> {
    Calibration::new(&scores.genuine, &scores.impostor)
}
