//! Measurement by the field's protocols.
//!
//! A lower score means more similar. Genuine comparisons are of one person, impostor comparisons of
//! two people. A threshold accepts the scores up to it.

pub mod cluster;
pub mod cohort;
pub mod discard;
pub mod groups;
pub mod liveness;
pub mod pairs;
pub mod roc;
pub mod templates;

pub use roc::{OperatingPoint, Roc, Scores, verification_scores};

use crate::verify::cohort::Cohort;
use crate::verify::decision::{Calibration, CalibrationError, Calibrations};
use crate::verify::embedding::Embedding;
use templates::{Rule, template_scores};

/// False match rates at which results are stated, if enough comparisons support them.
pub const RATES: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// Calibrates a network, for the metadata of its weights. `embeddings` are the network's, and
/// `labels` their identities; scores are computed with `cohort`. Gives a calibration for single
/// images, and for templates up to the largest number of samples for which people have enough
/// images.
///
/// # Errors
/// If there are no genuine or no impostor comparisons of single images.
///
/// # Panics
/// If the two differ in length.
pub fn calibrate(
    embeddings: &[Embedding],
    labels: &[usize],
    cohort: Cohort,
) -> Result<Calibrations, CalibrationError> {
    let table = |scores: Scores| Calibration::new(&scores.genuine, &scores.impostor);
    let mut all = vec![table(verification_scores(embeddings, labels, &cohort))?];
    let templates = (2..=Calibrations::MOST_SAMPLES).map(|samples| {
        table(template_scores(
            embeddings,
            labels,
            samples,
            Rule::Centre,
            &cohort,
        ))
    });
    all.extend(templates.map_while(Result::ok));
    Ok(Calibrations::try_from(all)?.with_cohort(cohort))
}
