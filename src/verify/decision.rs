//! Thresholds for a false match rate, and the decision.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cohort::Cohort;
use super::embedding::Embedding;
use super::proportion::{Interval, Proportion};
use super::template::Template;
use super::worst_group::WorstGroup;

/// Fewest false matches for which a rate is stated. By the rule of three, fewer cannot be
/// distinguished from none.
const FEWEST_FALSE_MATCHES: u64 = 3;

/// Rows of a table for each factor of ten in false matches.
const ROWS_PER_DECADE: f64 = 20.0;

/// Why a calibration cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// One of the two lists is empty.
    #[error(
        "a calibration needs genuine and impostor comparisons; there are {genuine} and {impostor}"
    )]
    NoTrials {
        /// Genuine comparisons.
        genuine: u64,
        /// Impostor comparisons.
        impostor: u64,
    },
    /// A score is not a finite number.
    #[error("a score is not a finite number")]
    NotFinite,
    /// A stored table is out of order or counts more errors than trials.
    #[error("the calibration table is inconsistent")]
    Inconsistent,
}

/// One threshold of the table with the errors counted at it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Row {
    /// The threshold: a score up to this is accepted.
    #[serde(rename = "distance")]
    threshold: f32,
    /// Impostor comparisons accepted.
    false_matches: u64,
    /// Genuine comparisons refused.
    false_non_matches: u64,
}

/// The error rates at each threshold of the [score](super::cohort::Comparable::score), counted on
/// comparisons of faces that the network was not trained on.
///
/// The rows are spaced about logarithmically in the false match rate. Between two rows, the higher
/// rate is stated. No rate is stated below [`lowest_fmr`](Self::lowest_fmr), the lowest that the
/// number of impostor comparisons supports. With a [`WorstGroup`], the stated false match rates are
/// those of impostors from that group; otherwise those of the impostor comparisons counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub struct Calibration(Table);

/// The counts of a [`Calibration`], which is also the stored form; not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Table {
    impostor_trials: u64,
    genuine_trials: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worst_group: Option<WorstGroup>,
    rows: Vec<Row>,
}

/// The false match rate of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FmrEstimate {
    /// The rate; if it is not `supported`, the lowest rate that the trials support.
    pub fmr: f64,
    /// 95 % confidence interval of the rate, under the assumption that the trials are independent.
    pub interval: Interval,
    /// Whether `fmr` was counted; otherwise it is an upper bound.
    pub supported: bool,
}

impl Calibration {
    /// Counts the errors at each threshold, over the scores of genuine (same person) and impostor
    /// comparisons.
    ///
    /// # Errors
    /// If either list is empty or a score is not finite.
    pub fn new(genuine: &[f32], impostor: &[f32]) -> Result<Self, CalibrationError> {
        let genuine = sorted(genuine)?;
        let impostor = sorted(impostor)?;
        let trials = (genuine.len() as u64, impostor.len() as u64);
        if trials.0 == 0 || trials.1 == 0 {
            return Err(CalibrationError::NoTrials {
                genuine: trials.0,
                impostor: trials.1,
            });
        }
        let mut rows: Vec<Row> = steps(trials.1)
            .map(|false_matches| row(&genuine, &impostor, false_matches))
            .collect();
        rows.dedup_by_key(|row| row.threshold);
        Ok(Self(Table {
            impostor_trials: trials.1,
            genuine_trials: trials.0,
            worst_group: None,
            rows,
        }))
    }

    /// The same counts, with the false match rates of `worst_group`.
    pub fn with_worst_group(self, worst_group: Option<WorstGroup>) -> Self {
        Self(Table {
            worst_group,
            ..self.0
        })
    }

    /// The model that gives the false match rates of the worst group; `None` if the counted rates
    /// are stated.
    pub fn worst_group(&self) -> Option<WorstGroup> {
        self.0.worst_group
    }

    /// Impostor comparisons counted.
    pub fn impostor_trials(&self) -> u64 {
        self.0.impostor_trials
    }

    /// Genuine comparisons counted.
    pub fn genuine_trials(&self) -> u64 {
        self.0.genuine_trials
    }

    /// The lowest false match rate that the trials support: the one of three false matches.
    pub fn lowest_fmr(&self) -> f64 {
        self.stated((FEWEST_FALSE_MATCHES as f64 / self.0.impostor_trials as f64).min(1.0))
    }

    /// The rate to state for the counted `rate`.
    fn stated(&self, rate: f64) -> f64 {
        self.0.worst_group.map_or(rate, |group| group.rate(rate))
    }

    /// The counted rate for which `rate` is stated.
    fn counted(&self, rate: f64) -> f64 {
        self.0
            .worst_group
            .map_or(rate, |group| group.among_everybody(rate))
    }

    /// The false match rate at `threshold`.
    pub fn fmr(&self, threshold: f32) -> FmrEstimate {
        let index = self.0.rows.partition_point(|row| row.threshold < threshold);
        let events = self
            .0
            .rows
            .get(index)
            .map_or(self.0.impostor_trials, |row| row.false_matches);
        let observed = Proportion::new(events, self.0.impostor_trials);
        let Interval { lower, upper } = observed.interval();
        FmrEstimate {
            fmr: self.stated(observed.rate()).max(self.lowest_fmr()),
            interval: Interval {
                lower: self.stated(lower),
                upper: self.stated(upper),
            },
            supported: events >= FEWEST_FALSE_MATCHES,
        }
    }

    /// The false non-match rate at `threshold`; between two rows, the higher rate.
    pub fn fnmr(&self, threshold: f32) -> Proportion {
        let index = self
            .0
            .rows
            .partition_point(|row| row.threshold <= threshold);
        let events = match index.checked_sub(1) {
            Some(stricter) => self.0.rows[stricter].false_non_matches,
            None => self.0.genuine_trials,
        };
        Proportion::new(events, self.0.genuine_trials)
    }

    /// The highest threshold of the table with at most this false match rate; `None` if the trials
    /// do not support the rate, or it is NaN.
    pub fn threshold(&self, fmr: f64) -> Option<f32> {
        if fmr.is_nan() || fmr < self.lowest_fmr() {
            return None;
        }
        let allowed = allowed_errors(self.counted(fmr), self.0.impostor_trials);
        let index = self
            .0
            .rows
            .partition_point(|row| row.false_matches <= allowed);
        index.checked_sub(1).map(|i| self.0.rows[i].threshold)
    }
}

/// The most errors in `trials` with a rate of at most `rate`. A small margin protects a product
/// that should be whole from rounding below it.
pub(crate) fn allowed_errors(rate: f64, trials: u64) -> u64 {
    let allowed = rate.max(0.0) * trials as f64;
    ((allowed * (1.0 + 1e-12)).floor() as u64).min(trials)
}

/// The highest threshold that accepts at most `allowed` of the sorted `scores`; infinite if all may
/// be accepted.
pub(crate) fn threshold_accepting(scores: &[f32], allowed: u64) -> f32 {
    usize::try_from(allowed)
        .ok()
        .and_then(|index| scores.get(index))
        .map_or(f32::INFINITY, |next| next.next_down())
}

/// How many of the sorted `scores` a threshold accepts.
pub(crate) fn accepted(scores: &[f32], threshold: f32) -> u64 {
    scores.partition_point(|&score| score <= threshold) as u64
}

fn sorted(scores: &[f32]) -> Result<Vec<f32>, CalibrationError> {
    if scores.iter().any(|score| !score.is_finite()) {
        return Err(CalibrationError::NotFinite);
    }
    let mut scores = scores.to_vec();
    scores.sort_unstable_by(f32::total_cmp);
    Ok(scores)
}

/// The counts of false matches that have a row: 0, 1, 2, ... at first, then in logarithmic steps.
fn steps(impostor_trials: u64) -> impl Iterator<Item = u64> {
    let factor = 10f64.powf(1.0 / ROWS_PER_DECADE);
    std::iter::successors(Some(0u64), move |&count| {
        Some((count + 1).max((count as f64 * factor) as u64))
    })
    .take_while(move |&count| count < impostor_trials)
}

fn row(genuine: &[f32], impostor: &[f32], allowed: u64) -> Row {
    let threshold = threshold_accepting(impostor, allowed);
    Row {
        threshold,
        false_matches: accepted(impostor, threshold),
        false_non_matches: genuine.len() as u64 - accepted(genuine, threshold),
    }
}

impl TryFrom<Table> for Calibration {
    type Error = CalibrationError;

    fn try_from(table: Table) -> Result<Self, CalibrationError> {
        let ordered = table.rows.windows(2).all(|pair| {
            pair[0].threshold < pair[1].threshold
                && pair[0].false_matches <= pair[1].false_matches
                && pair[0].false_non_matches >= pair[1].false_non_matches
        });
        let counted = table.rows.iter().all(|row| {
            row.threshold.is_finite()
                && row.false_matches <= table.impostor_trials
                && row.false_non_matches <= table.genuine_trials
        });
        let empty =
            table.rows.is_empty() || table.impostor_trials == 0 || table.genuine_trials == 0;
        match ordered && counted && !empty {
            true => Ok(Self(table)),
            false => Err(CalibrationError::Inconsistent),
        }
    }
}

impl From<Calibration> for Table {
    fn from(calibration: Calibration) -> Self {
        calibration.0
    }
}

/// One [`Calibration`] for each number of enrolled samples, from one on, and the cohort of their
/// scores.
///
/// The serialised form has no cohort; weights files store the cohort as a tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Calibration>", into = "Vec<Calibration>")]
pub struct Calibrations {
    /// Never empty.
    tables: Vec<Calibration>,
    cohort: Cohort,
}

impl Calibrations {
    /// The largest number of samples with a calibration.
    pub const MOST_SAMPLES: usize = 5;

    /// These tables, for scores computed with `cohort`.
    pub fn with_cohort(self, cohort: Cohort) -> Self {
        Self { cohort, ..self }
    }

    /// The same counts, with the false match rates of `worst_group`.
    pub fn with_worst_group(self, worst_group: Option<WorstGroup>) -> Self {
        let tables = self.tables.into_iter();
        Self {
            tables: tables.map(|it| it.with_worst_group(worst_group)).collect(),
            ..self
        }
    }

    /// The cohort that scores are computed with.
    pub fn cohort(&self) -> &Cohort {
        &self.cohort
    }

    /// The calibration for two images compared.
    pub fn single(&self) -> &Calibration {
        &self.tables[0]
    }

    /// The calibration for templates of `samples` samples, or for the largest number that has a
    /// calibration.
    pub fn of(&self, samples: usize) -> &Calibration {
        &self.tables[samples.clamp(1, self.tables.len()) - 1]
    }

    /// All calibrations, from one sample on.
    pub fn all(&self) -> &[Calibration] {
        &self.tables
    }
}

impl TryFrom<Vec<Calibration>> for Calibrations {
    type Error = CalibrationError;

    fn try_from(tables: Vec<Calibration>) -> Result<Self, CalibrationError> {
        match tables.is_empty() {
            true => Err(CalibrationError::Inconsistent),
            false => Ok(Self {
                tables,
                cohort: Cohort::NONE,
            }),
        }
    }
}

impl From<Calibrations> for Vec<Calibration> {
    fn from(calibrations: Calibrations) -> Self {
        calibrations.tables
    }
}

/// The outcome of comparing a probe with a template.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the score is at most the threshold.
    pub accepted: bool,
    /// [Score](super::cohort::Comparable::score) of probe and template, in `[-2, 6]`. A lower score
    /// means more similar.
    pub score: f32,
    /// Cosine of the angle between the two, in `[-1, 1]`.
    pub similarity: f32,
    /// The highest score that is accepted. `None` if the calibration does not support the target
    /// false match rate; then no score is accepted.
    pub threshold: Option<f32>,
    /// The false match rate if the threshold were this score.
    pub fmr: FmrEstimate,
}

/// Compares `probe` with `template` at the highest threshold whose false match rate is at most
/// `target_fmr`.
///
/// Fails closed: no probe is accepted if the calibration does not support the rate, or if the
/// template's samples cancel out.
pub fn decide(
    template: &Template,
    probe: &Embedding,
    calibrations: &Calibrations,
    target_fmr: f64,
) -> Decision {
    let calibration = calibrations.of(template.samples().len());
    let (score, similarity) = match template.centre() {
        Some(centre) => (
            calibrations.cohort.score(&centre, probe),
            centre.cosine(probe),
        ),
        None => (Cohort::MAX_SCORE, -1.0),
    };
    let threshold = calibration.threshold(target_fmr);
    Decision {
        accepted: threshold.is_some_and(|threshold| score <= threshold),
        score,
        similarity,
        threshold,
        fmr: calibration.fmr(score),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verify::embedding::tests::at_angle;

    /// Impostors at 1.000, 1.001, ..., 1.999; genuine at 0.5 and 1.0495.
    fn calibration() -> Calibration {
        let impostor: Vec<f32> = (0..1000).map(|i| 1.0 + i as f32 / 1000.0).collect();
        Calibration::new(&[0.5, 1.0495], &impostor).unwrap()
    }

    #[test]
    fn thresholds_of_known_rates() {
        let calibration = calibration();
        let threshold = calibration.threshold(0.01).unwrap();
        // Ten of the thousand are at most 1.009.
        assert!((1.009..1.010).contains(&threshold), "{threshold}");
        assert_eq!(calibration.fmr(threshold).fmr, 0.01);
        assert_eq!(calibration.fnmr(threshold), Proportion::new(1, 2));
    }

    #[test]
    fn no_rate_is_claimed_below_what_the_trials_support() {
        let calibration = calibration();
        assert_eq!(calibration.threshold(0.002), None);
        assert!(calibration.threshold(0.003).is_some());
        let far_below = calibration.fmr(0.1);
        assert_eq!((far_below.fmr, far_below.supported), (0.003, false));
        assert!((far_below.interval.upper - 0.003).abs() < 1e-5);
        assert_eq!(calibration.fmr(3.9).fmr, 1.0);
    }

    #[test]
    fn the_rates_are_those_of_the_worst_group() {
        let worst = WorstGroup::fit(&[(1e-1, 2e-1), (1e-2, 4e-2)]);
        let (all, group) = (calibration(), calibration().with_worst_group(worst));
        let threshold = group.threshold(0.04).unwrap();
        assert_eq!(Some(threshold), all.threshold(0.01));
        let stated = group.fmr(threshold);
        assert!((stated.fmr - 0.04).abs() < 1e-9 && stated.interval.upper > 0.04);
        assert_eq!(group.fnmr(threshold), all.fnmr(threshold));
        assert_eq!(group.threshold(0.01), None, "{}", group.lowest_fmr());
        let json = serde_json::to_string(&group).unwrap();
        assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), group);
        let unusable = json.replace("\"exponent\":", "\"exponent\":-");
        assert!(serde_json::from_str::<Calibration>(&unusable).is_err());
    }

    #[test]
    fn decides_by_the_threshold_and_fails_closed() {
        let template = Template::new(vec![at_angle(0.0)]).unwrap();
        let calibrations = Calibrations::try_from(vec![calibration()]).unwrap();
        assert!(decide(&template, &at_angle(20.0), &calibrations, 0.01).accepted);
        assert!(!decide(&template, &at_angle(80.0), &calibrations, 0.01).accepted);
        let unsupported = decide(&template, &at_angle(0.0), &calibrations, 1e-6);
        assert_eq!((unsupported.accepted, unsupported.threshold), (false, None));
        let cancelling = Template::new(vec![at_angle(0.0), at_angle(180.0)]).unwrap();
        assert!(!decide(&cancelling, &at_angle(0.0), &calibrations, 0.01).accepted);
    }

    #[test]
    fn decides_by_the_cohort() {
        let calibrations = Calibrations::try_from(vec![calibration()]).unwrap();
        let cohort = Cohort::new(&[at_angle(20.0)], 1.0);
        let template = Template::new(vec![at_angle(0.0)]).unwrap();
        let alone = decide(&template, &at_angle(40.0), &calibrations, 0.01);
        let crowded = decide(
            &template,
            &at_angle(40.0),
            &calibrations.with_cohort(cohort),
            0.01,
        );
        assert!(alone.accepted && !crowded.accepted);
        assert_eq!(alone.similarity, crowded.similarity);
        assert!(crowded.score > alone.score + 1.8);
    }

    #[test]
    fn each_number_of_samples_has_its_threshold() {
        let near = Calibration::new(&[0.1], &[0.2, 0.3, 0.4, 0.5]).unwrap();
        let calibrations = Calibrations::try_from(vec![calibration(), near.clone()]).unwrap();
        assert_eq!(calibrations.of(1), calibrations.single());
        assert_eq!((calibrations.of(2), calibrations.of(9)), (&near, &near));
        let threshold = |samples: usize| {
            let template = Template::new(vec![at_angle(0.0); samples]).unwrap();
            decide(&template, &at_angle(0.0), &calibrations, 0.75).threshold
        };
        assert_eq!(threshold(2), near.threshold(0.75));
        assert_ne!(threshold(1), threshold(2));
        assert!(Calibrations::try_from(Vec::new()).is_err());
    }

    #[test]
    fn refuses_scores_that_calibrate_nothing() {
        assert!(matches!(
            Calibration::new(&[], &[1.0]),
            Err(CalibrationError::NoTrials { .. })
        ));
        assert_eq!(
            Calibration::new(&[f32::NAN], &[1.0]),
            Err(CalibrationError::NotFinite)
        );
    }

    #[test]
    fn refuses_inconsistent_tables() {
        let calibration = calibration();
        let mut table = serde_json::to_value(&calibration).unwrap();
        assert_eq!(
            serde_json::from_value::<Calibration>(table.clone()).unwrap(),
            calibration
        );
        table["rows"][3]["false_matches"] = 5000.into();
        assert!(serde_json::from_value::<Calibration>(table).is_err());
    }

    proptest! {
        /// Ties included: few distinct values, many trials.
        #[test]
        fn never_states_a_rate_too_low(
            genuine in prop::collection::vec(0u8..40, 1..50),
            impostor in prop::collection::vec(0u8..40, 1..300),
            threshold in 0u8..45,
            target in 0.0f64..1.0,
        ) {
            let scale = |values: &[u8]| values.iter().map(|&v| f32::from(v) / 10.0).collect::<Vec<_>>();
            let (genuine, impostor) = (scale(&genuine), scale(&impostor));
            let threshold = f32::from(threshold) / 10.0;
            let calibration = Calibration::new(&genuine, &impostor).unwrap();
            let rate = |t: f32| impostor.iter().filter(|&&d| d <= t).count() as f64 / impostor.len() as f64;
            prop_assert!(calibration.fmr(threshold).fmr >= rate(threshold));
            let refused = genuine.iter().filter(|&&d| d > threshold).count() as u64;
            prop_assert!(calibration.fnmr(threshold).events >= refused);
            if let Some(found) = calibration.threshold(target) {
                prop_assert!(rate(found) <= target);
            }
        }
    }
}
