//! False match rates among people who look alike.
//!
//! An impostor usually has the same sex and origin as the claimed person. Such impostors pass far
//! more often than impostors drawn from all people (Grother et al., "Face Recognition Vendor Test,
//! part 3: demographic effects", NISTIR 8280, 2019, section 5). The ratio depends on the group, and
//! grows as the threshold gets stricter.

use serde::{Deserialize, Serialize};

/// Fewest rates that a [`WorstGroup`] can be fitted to.
const FEWEST_POINTS: usize = 2;

/// The false match rate within the worst group, as a function of the rate among all people: about
/// `factor * rate^exponent`. The worst group is the one with the highest rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct WorstGroup {
    factor: f64,
    exponent: f64,
}

/// The stored form, not yet checked.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Stored {
    factor: f64,
    exponent: f64,
}

impl WorstGroup {
    /// Fits the model to rates that were counted at the same thresholds, `(among all people, in the
    /// worst group)`, by least squares of their logarithms. `None` for fewer than two different
    /// rates, or if the rates of the group do not grow with those of all people.
    pub fn fit(rates: &[(f64, f64)]) -> Option<Self> {
        if rates.len() < FEWEST_POINTS {
            return None;
        }
        let points = rates.iter().map(|(all, group)| (all.ln(), group.ln()));
        let count = rates.len() as f64;
        let (x, y) = points
            .clone()
            .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (x, y) = (x / count, y / count);
        let (over, under) = points.fold((0.0, 0.0), |(over, under), point| {
            let away = point.0 - x;
            (over + away * (point.1 - y), under + away * away)
        });
        let exponent = over / under;
        Self::try_from(Stored {
            factor: (y - exponent * x).exp(),
            exponent,
        })
        .ok()
    }

    /// The rate in the worst group for the rate `rate` among all people; never below `rate`.
    pub fn rate(self, rate: f64) -> f64 {
        let group = self.factor * rate.powf(self.exponent);
        group.clamp(rate, rate.max(1.0))
    }

    /// The highest rate among all people for which the rate in the worst group is at most `rate`.
    pub fn among_everybody(self, rate: f64) -> f64 {
        let all = (rate / self.factor).powf(self.exponent.recip());
        all.min(rate)
    }
}

impl TryFrom<Stored> for WorstGroup {
    type Error = &'static str;

    fn try_from(Stored { factor, exponent }: Stored) -> Result<Self, Self::Error> {
        let usable = |value: f64| value.is_finite() && value > 0.0;
        match usable(factor) && usable(exponent) {
            true => Ok(Self { factor, exponent }),
            false => Err("the rates of the worst group are inconsistent"),
        }
    }
}

impl From<WorstGroup> for Stored {
    fn from(WorstGroup { factor, exponent }: WorstGroup) -> Self {
        Self { factor, exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_through_the_rates_that_it_was_fitted_to() {
        let rates = [(1e-2, 3.16e-2), (1e-3, 5.62e-3), (1e-4, 1e-3)];
        let group = WorstGroup::fit(&rates).unwrap();
        for (all, worst) in rates {
            assert!((group.rate(all) / worst - 1.0).abs() < 0.01, "{all}");
            assert!(
                (group.among_everybody(worst) / all - 1.0).abs() < 0.02,
                "{worst}"
            );
        }
    }

    #[test]
    fn no_group_is_better_than_everybody() {
        let group = WorstGroup::fit(&[(1e-2, 2e-3), (1e-4, 2e-5)]).unwrap();
        assert_eq!(group.rate(1e-3), 1e-3);
        assert_eq!(group.among_everybody(1e-3), 1e-3);
        assert_eq!(group.rate(1.0), 1.0);
    }

    #[test]
    fn few_or_falling_rates_are_no_fit() {
        assert_eq!(WorstGroup::fit(&[(1e-2, 3e-2)]), None);
        assert_eq!(WorstGroup::fit(&[(1e-2, 3e-2), (1e-2, 4e-2)]), None);
        assert_eq!(WorstGroup::fit(&[(1e-2, 1e-3), (1e-3, 1e-2)]), None);
    }
}
