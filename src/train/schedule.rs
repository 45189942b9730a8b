//! The learning rate over a run: linear warm-up (Goyal et al., 2017, section 2.2), a constant rate, and
//! a cool-down at the end.
//!
//! Between warm-up and cool-down, the rate does not depend on the length of the run. So a run without a
//! cool-down can be made longer at any time, and a copy of its checkpoint can be cooled down whenever
//! good weights are needed. For language models, the result is as good as that of a cosine of the same
//! length (Hägele et al., "Scaling laws and compute-optimal training beyond fixed training durations",
//! 2024, which also gives the form of the cool-down).

/// A learning rate never falls below this part of the peak.
const FLOOR: f64 = 0.01;

/// A learning rate that depends on the progress of a run.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// The rate between warm-up and cool-down.
    pub peak: f64,
    /// The share of the run at its start in which the rate rises, in `[0, 1]`.
    pub warm_up: f64,
    /// The share of the run at its end in which the rate falls, in `[0, 1]`.
    pub cool_down: f64,
}

impl Schedule {
    /// The learning rate after a share of the run, `progress` in `[0, 1]`.
    pub fn rate(&self, progress: f64) -> f64 {
        let progress = progress.clamp(0.0, 1.0);
        let to_end = 1.0 - progress;
        let rising = match progress < self.warm_up {
            true => progress / self.warm_up,
            false => 1.0,
        };
        let falling = match to_end < self.cool_down {
            true => 1.0 - (1.0 - to_end / self.cool_down).sqrt(),
            false => 1.0,
        };
        self.peak * rising.min(falling).max(FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(warm_up: f64, cool_down: f64) -> Schedule {
        Schedule {
            peak: 2.0,
            warm_up,
            cool_down,
        }
    }

    #[test]
    fn rises_to_the_peak_stays_there_and_falls_to_the_floor() {
        let schedule = schedule(0.1, 0.4);
        for (progress, rate) in [
            (0.0, 2.0 * FLOOR),
            (0.05, 1.0),
            (0.1, 2.0),
            (0.6, 2.0),
            (0.7, 1.0),
            (1.0, 2.0 * FLOOR),
            (1.1, 2.0 * FLOOR),
        ] {
            assert!((schedule.rate(progress) - rate).abs() < 1e-12, "{progress}");
        }
    }

    #[test]
    fn warm_up_and_cool_down_may_be_left_out() {
        for progress in [0.0, 0.5, 1.0] {
            assert_eq!(schedule(0.0, 0.0).rate(progress), 2.0);
        }
        assert_eq!(schedule(0.0, 1.0).rate(0.25), 1.0);
    }
}
