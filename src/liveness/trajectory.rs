//! How a head came to where it is.

use super::limits;

/// The way of a head from its last straight look until it has shown its depth: whether a head can
/// have gone it. Lengths are in turns that count, in the lesser of what landmarks and parallax show:
/// where only one of the two jumps, it errs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trajectory {
    /// Where it is now.
    at: f32,
    /// How far it has been.
    furthest: f32,
    /// The longest step from one frame to the next.
    longest: f32,
    /// Frames in a row that showed the parallax of a whole turn, until they are enough.
    deep: u32,
    /// Since when the landmarks have shown a whole turn.
    arrived: Option<f64>,
    /// Whether a step was too quick, or the nose out of sight.
    broken: bool,
}

impl Trajectory {
    /// The beginning of one.
    pub(super) fn at(at: f32) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// The way on to where landmarks and parallax, if the nose was followed, show it `now`, some
    /// milliseconds after the frame before.
    pub(super) fn onwards(self, posed: f32, depth: Option<f32>, now: f64, elapsed: f64) -> Self {
        let arrived = (posed >= 1.0).then(|| self.arrived.unwrap_or(now));
        if self.is_deep() {
            return Self { arrived, ..self };
        }
        let at = posed.min(depth.unwrap_or(posed));
        let step = (at - self.at).abs();
        let (noise, speed) = limits::SPEED;
        let quick = step > noise + speed * (elapsed / 1e3) as f32;
        Self {
            at,
            furthest: self.furthest.max(at),
            longest: self.longest.max(step),
            deep: match depth {
                Some(depth) if depth >= 1.0 => self.deep + 1,
                _ => 0,
            },
            arrived,
            broken: self.broken || quick || depth.is_none(),
        }
    }

    /// Whether it has shown the parallax of a whole turn. The nose may then go out of sight as the
    /// head turns on.
    pub(super) fn is_deep(&self) -> bool {
        self.deep >= limits::HELD
    }

    /// Whether it has led to a whole turn without showing its depth, and will not do so any more.
    pub(super) fn is_lost(&self, now: f64) -> bool {
        self.arrived
            .is_some_and(|since| self.broken || now - since > limits::LAG)
    }

    /// Whether it has led through what lies between its ends.
    pub(super) fn is_smooth(&self) -> bool {
        !self.broken && self.longest <= limits::STEP * self.furthest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_goes_through_what_lies_between() {
        let trajectory = |period: f64, stops: &[f32]| {
            let onwards =
                |trajectory: Trajectory, &at: &f32| trajectory.onwards(at, Some(at), 0.0, period);
            stops.iter().fold(Trajectory::default(), onwards)
        };
        assert!(trajectory(100.0, &[0.2, 0.7, 1.3, 1.6]).is_smooth());
        assert!(
            trajectory(200.0, &[0.4, 1.6, 2.0]).is_smooth(),
            "few frames"
        );
        assert!(
            !trajectory(100.0, &[0.1, 1.6, 1.7]).is_smooth(),
            "a picture"
        );
        assert!(
            !trajectory(30.0, &[0.2, 0.9, 1.6]).is_smooth(),
            "quick pictures"
        );
        let unseen = Trajectory::default().onwards(0.5, None, 0.0, 100.0);
        assert!(!unseen.onwards(1.0, Some(1.0), 0.0, 100.0).is_smooth());
    }

    #[test]
    fn a_jump_of_the_landmarks_alone_is_an_error_of_theirs() {
        let trajectory = |stops: &[(f32, f32)]| {
            let onwards = |trajectory: Trajectory, &(posed, depth): &_| {
                trajectory.onwards(posed, Some(depth), 0.0, 100.0)
            };
            stops.iter().fold(Trajectory::default(), onwards)
        };
        let jump = trajectory(&[(0.4, 0.3), (1.8, 0.8), (3.3, 1.2), (3.4, 1.3)]);
        assert!(jump.is_deep() && jump.is_smooth());
        assert!(
            !trajectory(&[(0.4, 0.3), (1.8, 1.7), (1.8, 1.7)]).is_smooth(),
            "both"
        );
    }
}
