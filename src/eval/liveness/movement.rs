//! The movements of presenters: smooth, and with a person's reaction time.

use std::f32::consts::PI;

use rand::Rng;

use super::kind::Kind;
use crate::liveness::pose::Offset;

/// The random parameters of a presentation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// Distance between the eyes, in pixels.
    pub size: f32,
    /// Milliseconds from a new target to the movement.
    pub reaction: f64,
    /// Milliseconds from the end of a movement to a correction.
    pub correction: f64,
    /// Milliseconds that a movement of 15 degrees takes.
    pub duration: f64,
    /// Phases of the tremor of head and hands, in radians.
    phases: [f32; 4],
    /// Brightness, as a factor on the photo's.
    pub gain: f32,
    /// Standard deviation of the noise, in grey levels.
    pub noise: f32,
}

impl Habits {
    pub fn draw(kind: Kind, rng: &mut impl Rng) -> Self {
        let close = kind == Kind::TiltedClose;
        let dim = kind == Kind::PersonInDimLight;
        Self {
            size: if close {
                130.0 + 20.0 * share(rng)
            } else {
                65.0 + 45.0 * share(rng)
            },
            reaction: 300.0 + 500.0 * f64::from(share(rng)),
            correction: 200.0 + 150.0 * f64::from(share(rng)),
            duration: 450.0 + 450.0 * f64::from(share(rng)),
            phases: std::array::from_fn(|_| 2.0 * PI * share(rng)),
            gain: if dim {
                0.3 + 0.15 * share(rng)
            } else {
                0.75 + 0.4 * share(rng)
            },
            noise: if dim { 7.0 } else { 2.5 },
        }
    }

    /// Moves more slowly from now on.
    pub fn slow_down(&mut self) {
        self.duration = (1.4 * self.duration).min(1300.0);
    }

    /// The tremor at `time`: four slow waves with values between about -1 and 1.
    pub fn tremor(&self, time: f64) -> [f32; 4] {
        let seconds = (time / 1e3) as f32;
        std::array::from_fn(|i| {
            let phase = self.phases[i];
            let rate = 2.0 + 0.7 * i as f32;
            (rate * seconds + phase).sin() * 0.7 + (2.7 * rate * seconds + 2.0 * phase).sin() * 0.3
        })
    }
}

/// A smooth movement from one pose to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub from: Offset,
    pub to: Offset,
    /// The time at which it begins, in milliseconds.
    pub start: f64,
    /// Its duration, in milliseconds.
    pub duration: f64,
}

impl Reach {
    pub const NONE: Self = Self {
        from: Offset { x: 0.0, y: 0.0 },
        to: Offset { x: 0.0, y: 0.0 },
        start: 0.0,
        duration: 1.0,
    };

    pub fn end(&self) -> f64 {
        self.start + self.duration
    }

    /// The share of the movement that is done at `time`, in `[0, 1]`; slow at both ends.
    pub fn share(&self, time: f64) -> f32 {
        let t = ((time - self.start) / self.duration).clamp(0.0, 1.0) as f32;
        t * t * t * (10.0 - 15.0 * t + 6.0 * t * t)
    }

    pub fn at(&self, time: f64) -> Offset {
        between(self.from, self.to, self.share(time))
    }
}

pub(super) fn between(from: Offset, to: Offset, share: f32) -> Offset {
    Offset {
        x: from.x + share * (to.x - from.x),
        y: from.y + share * (to.y - from.y),
    }
}

/// A random number in `[0, 1)`.
pub(super) fn share(rng: &mut impl Rng) -> f32 {
    rng.random()
}
