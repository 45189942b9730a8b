//! Receiver operating characteristic: exact counts over all scores, ties included.

use serde::Serialize;

use crate::verify::cohort::Cohort;
use crate::verify::decision::{CalibrationError, accepted, allowed_errors, threshold_accepting};
use crate::verify::embedding::Embedding;
use crate::verify::proportion::Proportion;

/// Scores of comparisons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Scores between images of one person.
    pub genuine: Vec<f32>,
    /// Scores between images of two people.
    pub impostor: Vec<f32>,
}

impl Scores {
    /// Joins several lists.
    pub fn concat<'a>(lists: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.genuine.extend(&list.genuine);
            all.impostor.extend(&list.impostor);
        }
        all
    }
}

/// Compares all pairs of images once; scores are computed with `cohort`.
///
/// `labels[i]` is the identity of `embeddings[i]`.
///
/// # Panics
/// If the two differ in length.
pub fn verification_scores(embeddings: &[Embedding], labels: &[usize], cohort: &Cohort) -> Scores {
    assert_eq!(embeddings.len(), labels.len(), "one label an embedding");
    let placed = cohort.prepare_all(embeddings);
    let mut scores = Scores::default();
    for i in 0..embeddings.len() {
        for j in 0..i {
            let list = if labels[i] == labels[j] {
                &mut scores.genuine
            } else {
                &mut scores.impostor
            };
            list.push(placed[i].score(&placed[j]));
        }
    }
    scores
}

/// A threshold with its error counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// Score up to which a comparison is accepted; infinite if all are accepted.
    pub threshold: f32,
    /// Impostor comparisons accepted: FAR, or FMR.
    pub false_matches: Proportion,
    /// Genuine comparisons refused: FNMR, which is 1 - VAL.
    pub false_non_matches: Proportion,
}

impl OperatingPoint {
    /// Genuine comparisons accepted: VAL, or TAR (FaceNet, section 4).
    pub fn val(&self) -> Proportion {
        let Proportion { events, trials } = self.false_non_matches;
        Proportion::new(trials - events, trials)
    }

    /// Share of all comparisons that are decided correctly, genuine and impostor without
    /// reweighting.
    pub fn accuracy(&self) -> Proportion {
        let (impostor, genuine) = (self.false_matches, self.false_non_matches);
        let trials = impostor.trials + genuine.trials;
        Proportion::new(trials - impostor.events - genuine.events, trials)
    }
}

/// The trade-off between the two errors over all thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    /// Sorted.
    genuine: Vec<f32>,
    /// Sorted.
    impostor: Vec<f32>,
}

impl Roc {
    /// The curve of these scores.
    ///
    /// # Errors
    /// If there are no genuine or no impostor scores, or one is not finite.
    pub fn new(scores: Scores) -> Result<Self, CalibrationError> {
        let Scores {
            mut genuine,
            mut impostor,
        } = scores;
        if genuine.is_empty() || impostor.is_empty() {
            return Err(CalibrationError::NoTrials {
                genuine: genuine.len() as u64,
                impostor: impostor.len() as u64,
            });
        }
        if genuine
            .iter()
            .chain(&impostor)
            .any(|score| !score.is_finite())
        {
            return Err(CalibrationError::NotFinite);
        }
        genuine.sort_unstable_by(f32::total_cmp);
        impostor.sort_unstable_by(f32::total_cmp);
        Ok(Self { genuine, impostor })
    }

    /// Number of genuine comparisons.
    pub fn genuine_trials(&self) -> u64 {
        self.genuine.len() as u64
    }

    /// Number of impostor comparisons.
    pub fn impostor_trials(&self) -> u64 {
        self.impostor.len() as u64
    }

    /// The errors at a threshold.
    pub fn at(&self, threshold: f32) -> OperatingPoint {
        let matches = accepted(&self.genuine, threshold);
        OperatingPoint {
            threshold,
            false_matches: Proportion::new(
                accepted(&self.impostor, threshold),
                self.impostor_trials(),
            ),
            false_non_matches: Proportion::new(
                self.genuine_trials() - matches,
                self.genuine_trials(),
            ),
        }
    }

    /// Area under the curve: the probability that a genuine comparison is closer than an
    /// impostor one, ties counted half (Mann and Whitney's statistic). In `[0, 1]`.
    pub fn auc(&self) -> f64 {
        let (mut farther, mut not_closer) = (0usize, 0usize);
        let mut halves = 0u128;
        for &score in &self.genuine {
            while self
                .impostor
                .get(farther)
                .is_some_and(|&other| other < score)
            {
                farther += 1;
            }
            not_closer = not_closer.max(farther);
            while self
                .impostor
                .get(not_closer)
                .is_some_and(|&other| other <= score)
            {
                not_closer += 1;
            }
            let (wins, ties) = (self.impostor.len() - not_closer, not_closer - farther);
            halves += (2 * wins + ties) as u128;
        }
        halves as f64 / (2.0 * self.genuine.len() as f64 * self.impostor.len() as f64)
    }

    /// The highest threshold whose false accept rate is at most `far`: VAL@FAR and FNMR@FMR.
    ///
    /// With fewer than `1 / far` impostor comparisons, it accepts none of them; the interval of
    /// [`OperatingPoint::false_matches`] then shows the large uncertainty.
    pub fn val_at_far(&self, far: f64) -> OperatingPoint {
        let allowed = allowed_errors(far, self.impostor_trials());
        self.at(threshold_accepting(&self.impostor, allowed))
    }

    /// The threshold with the best accuracy, halfway between two neighbouring scores. The lowest
    /// one if several are equally good.
    pub fn best_accuracy(&self) -> OperatingPoint {
        let mut best = self.at(f32::NEG_INFINITY);
        for threshold in self.thresholds() {
            let point = self.at(threshold);
            if point.accuracy().events > best.accuracy().events {
                best = point;
            }
        }
        if best.threshold.is_finite() {
            let next = self.next_score(best.threshold).unwrap_or(best.threshold);
            let middle = best.threshold + (next - best.threshold) / 2.0;
            // Between neighbouring floats the middle may round up to `next`.
            best.threshold = if middle < next {
                middle
            } else {
                best.threshold
            };
        }
        best
    }

    /// Equal error rate: where FMR and FNMR cross, linear between the two points around it.
    pub fn eer(&self) -> f64 {
        let (mut fmr, mut fnmr) = (0.0, 1.0);
        for threshold in self.thresholds() {
            let point = self.at(threshold);
            let next = (point.false_matches.rate(), point.false_non_matches.rate());
            if next.0 >= next.1 {
                // fmr + t (next.0 - fmr) = fnmr + t (next.1 - fnmr)
                let t = (fnmr - fmr) / ((next.0 - fmr) + (fnmr - next.1));
                return fmr + t * (next.0 - fmr);
            }
            (fmr, fnmr) = next;
        }
        // Not reached: the last threshold accepts everything, where FMR is 1 and FNMR 0.
        fmr
    }

    /// The curve as points (FAR, VAL), from (0, 0) to (1, 1), at most about `points`.
    ///
    /// The points are spaced evenly in the logarithm of the FAR.
    pub fn curve(&self, points: usize) -> Vec<(f64, f64)> {
        let decades = (self.impostor.len() as f64).log10().max(1.0);
        let factor = 10f64.powf(decades / points.max(1) as f64);
        let mut curve = vec![(0.0, 0.0)];
        let mut allowed = 0u64;
        while allowed <= self.impostor_trials() {
            let point = self.at(threshold_accepting(&self.impostor, allowed));
            curve.push((point.false_matches.rate(), point.val().rate()));
            allowed = (allowed + 1).max((allowed as f64 * factor) as u64);
        }
        curve.push((1.0, 1.0));
        curve.dedup();
        curve
    }

    /// Every distinct score, ascending: the thresholds at which anything changes.
    fn thresholds(&self) -> impl Iterator<Item = f32> {
        let first = self.genuine[0].min(self.impostor[0]);
        std::iter::successors(Some(first), |&score| self.next_score(score))
    }

    /// The least score above `score`.
    fn next_score(&self, score: f32) -> Option<f32> {
        let next = |sorted: &[f32]| sorted.get(accepted(sorted, score) as usize).copied();
        match (next(&self.genuine), next(&self.impostor)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verify::embedding::tests::at_angle;

    fn roc(genuine: &[f32], impostor: &[f32]) -> Roc {
        Roc::new(Scores {
            genuine: genuine.to_vec(),
            impostor: impostor.to_vec(),
        })
        .unwrap()
    }

    #[test]
    fn all_pairs_are_compared_once() {
        let embeddings = [0.0, 60.0, 90.0].map(at_angle);
        let scores = verification_scores(&embeddings, &[7, 7, 2], &Cohort::NONE);
        assert_eq!((scores.genuine.len(), scores.impostor.len()), (1, 2));
        assert!((scores.genuine[0] - 1.0).abs() < 1e-6);
        assert!((scores.impostor.iter().sum::<f32>() - 2.267_949).abs() < 1e-5);
    }

    /// Genuine 1 3 5, impostor 3 4 6 7: of twelve pairs 4 + 3 + 2 = 9 are won and one is tied.
    #[test]
    fn figures_worked_by_hand() {
        let roc = roc(&[5.0, 1.0, 3.0], &[6.0, 3.0, 7.0, 4.0]);
        assert_eq!(roc.auc(), 9.5 / 12.0);
        // One of four false accepts is FAR 0.25, reached just below 4: accepts 1 and 3.
        let point = roc.val_at_far(0.25);
        assert_eq!(point.threshold, 4f32.next_down());
        assert_eq!(point.val(), Proportion::new(2, 3));
        assert_eq!(roc.val_at_far(0.2).val(), Proportion::new(1, 3));
        assert_eq!(roc.val_at_far(1.0).val().rate(), 1.0);
        // Between 1 and 3: no impostor in, two genuine out: 5 of 7. Between 5 and 6: 5 of 7 too.
        // At 3: one in, one out, 5 of 7: the strictest of equals is 2, the middle of 1 and 3.
        assert_eq!(roc.best_accuracy().threshold, 2.0);
        assert_eq!(roc.best_accuracy().accuracy(), Proportion::new(5, 7));
        // From (0, 2/3) at 1 to (1/4, 1/3) at 3 to (2/4, 1/3) at 4: crossed at 1/3.
        assert!((roc.eer() - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn separated_and_indistinguishable_scores() {
        let separated = roc(&[0.1, 0.2], &[1.0, 1.2]);
        assert_eq!((separated.auc(), separated.eer()), (1.0, 0.0));
        assert_eq!(separated.best_accuracy().accuracy().rate(), 1.0);
        assert_eq!(separated.best_accuracy().threshold, 0.6);
        let equal = roc(&[1.0, 1.0], &[1.0, 1.0, 1.0]);
        assert_eq!((equal.auc(), equal.eer()), (0.5, 0.5));
        assert_eq!(equal.val_at_far(0.5).val().rate(), 0.0);
    }

    #[test]
    fn refuses_scores_without_a_curve() {
        assert!(
            Roc::new(Scores {
                genuine: vec![1.0],
                impostor: vec![]
            })
            .is_err()
        );
        assert!(
            Roc::new(Scores {
                genuine: vec![1.0],
                impostor: vec![f32::NAN]
            })
            .is_err()
        );
    }

    /// Few distinct values, so that ties are the rule.
    fn scores() -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec((0u8..12).prop_map(|v| f32::from(v) / 4.0), 1..40)
    }

    proptest! {
        #[test]
        fn agrees_with_counting_pairs(genuine in scores(), impostor in scores(), far in 0.0f64..1.0) {
            let roc = roc(&genuine, &impostor);
            let share = |list: &[f32], t: f32| list.iter().filter(|&&d| d <= t).count() as f64 / list.len() as f64;

            let mut wins = 0.0;
            for g in &genuine {
                for i in &impostor {
                    wins += if g < i { 1.0 } else if g == i { 0.5 } else { 0.0 };
                }
            }
            prop_assert!((roc.auc() - wins / (genuine.len() * impostor.len()) as f64).abs() < 1e-12);

            // Thresholds between and beyond all values that occur.
            let all: Vec<f32> = (-1..13).map(|v| v as f32 / 4.0 + 0.125).collect();
            let val = all.iter().filter(|&&t| share(&impostor, t) <= far).map(|&t| share(&genuine, t)).fold(0.0, f64::max);
            prop_assert_eq!(roc.val_at_far(far).val().rate(), val);

            let accuracy = |t: f32| {
                let right = share(&genuine, t) * genuine.len() as f64 + (1.0 - share(&impostor, t)) * impostor.len() as f64;
                right / (genuine.len() + impostor.len()) as f64
            };
            let best = all.iter().map(|&t| accuracy(t)).fold(0.0, f64::max);
            let found = roc.best_accuracy();
            prop_assert!((found.accuracy().rate() - best).abs() < 1e-12);
            prop_assert!((accuracy(found.threshold) - best).abs() < 1e-12);

            // The equal error rate lies between the two errors' best worst case on either side.
            let worst = |t: f32| share(&impostor, t).max(1.0 - share(&genuine, t));
            let least = |t: f32| share(&impostor, t).min(1.0 - share(&genuine, t));
            let upper = all.iter().map(|&t| worst(t)).fold(1.0, f64::min);
            let lower = all.iter().map(|&t| least(t)).fold(0.0, f64::max);
            prop_assert!((lower - 1e-12..=upper + 1e-12).contains(&roc.eer()), "{} not in {lower}..{upper}", roc.eer());
        }

        #[test]
        fn the_curve_rises_from_corner_to_corner(genuine in scores(), impostor in scores()) {
            let curve = roc(&genuine, &impostor).curve(20);
            prop_assert_eq!(curve.first(), Some(&(0.0, 0.0)));
            prop_assert_eq!(curve.last(), Some(&(1.0, 1.0)));
            prop_assert!(curve.windows(2).all(|p| p[0].0 <= p[1].0 && p[0].1 <= p[1].1));
        }
    }
}
