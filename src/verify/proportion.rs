//! Observed rates and their confidence intervals.

use serde::{Deserialize, Serialize};

/// Normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// A count of events in a number of trials, such as false matches among impostor comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proportion {
    /// Trials in which the event happened; at most `trials`.
    pub events: u64,
    /// All trials.
    pub trials: u64,
}

/// A range of rates, both ends in `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Proportion {
    /// `events` of `trials`.
    pub fn new(events: u64, trials: u64) -> Self {
        debug_assert!(events <= trials);
        Self { events, trials }
    }

    /// The observed rate in `[0, 1]`; NaN without trials.
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.trials as f64
    }

    /// 95 % confidence interval of the true rate; `[0, 1]` without trials.
    ///
    /// Wilson's score interval. If no trial or every trial is an event, the end away from the
    /// observed rate is the exact one-sided bound, for no event `1 - 0.05^(1/n)`, which the rule of
    /// three approximates as `3 / n`.
    ///
    /// The interval assumes independent trials. Comparisons that share a photo are not independent,
    /// so for all pairs of a data set the true interval is wider.
    pub fn interval(&self) -> Interval {
        let n = self.trials as f64;
        if self.trials == 0 {
            return Interval {
                lower: 0.0,
                upper: 1.0,
            };
        }
        if self.events == 0 {
            return Interval {
                lower: 0.0,
                upper: upper_without_events(n),
            };
        }
        if self.events >= self.trials {
            return Interval {
                lower: 1.0 - upper_without_events(n),
                upper: 1.0,
            };
        }
        let rate = self.rate();
        let scale = 1.0 + Z * Z / n;
        let centre = (rate + Z * Z / (2.0 * n)) / scale;
        let half = Z * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
        Interval {
            lower: (centre - half).max(0.0),
            upper: (centre + half).min(1.0),
        }
    }
}

/// `1 - 0.05^(1/n)`, without the cancellation that large `n` would bring.
fn upper_without_events(n: f64) -> f64 {
    -(0.05f64.ln() / n).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I.
    #[test]
    fn wilson_agrees_with_published_intervals() {
        for (events, trials, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = Proportion::new(events, trials).interval();
            assert!(
                (interval.lower - lower).abs() < 5e-5,
                "{events}/{trials}: {interval:?}"
            );
            assert!(
                (interval.upper - upper).abs() < 5e-5,
                "{events}/{trials}: {interval:?}"
            );
        }
    }

    #[test]
    fn no_events_follow_the_rule_of_three() {
        let interval = Proportion::new(0, 100_000).interval();
        assert_eq!(interval.lower, 0.0);
        assert!((interval.upper / 3e-5 - 1.0).abs() < 2e-3);
        // Ten trials: 1 - 0.05^0.1 = 0.2589, by hand.
        assert!((Proportion::new(0, 10).interval().upper - 0.2589).abs() < 1e-4);
        assert!((Proportion::new(10, 10).interval().lower - 0.7411).abs() < 1e-4);
        assert_eq!(
            Proportion::new(0, 0).interval(),
            Interval {
                lower: 0.0,
                upper: 1.0
            }
        );
    }
}
