//! The movement of a head to a target, and whether a head can have moved like that.

use super::limits;
use super::pose::Offset;
use super::protocol::Observation;
use super::relief::Relief;

/// How the head came to a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As a head moves: along the line, through poses between both ends, and without a dissolve.
    Plausible,
    /// No frame shows the poses in between, but the frames came so slowly that a quick head can
    /// have passed through them.
    Unseen,
    /// As no head moves.
    Implausible,
}

/// The trajectory of a head to a target; rejects trajectories that a head cannot follow. All poses
/// are relative to the neutral pose, and all angles are in degrees.
#[derive(Debug, Clone)]
pub(super) struct Trajectory {
    /// Where the movement began.
    pub from: Offset,
    /// The latest pose.
    at: Offset,
    /// The longest step from one frame to the next, and its duration in milliseconds.
    longest: (f32, f64),
    /// Whether a step was faster than a head can move.
    too_fast: bool,
    /// Whether the head left the straight line to the target.
    deviates: bool,
    /// The pose and the sharpness of the face in each frame.
    sharpness: Vec<(Offset, f32)>,
    /// Consecutive frames near the target.
    near: usize,
    /// The reliefs measured in these frames.
    reliefs: Vec<Relief>,
}

impl Trajectory {
    /// A movement that begins at `from`.
    pub fn from(from: Offset) -> Self {
        Self {
            from,
            at: from,
            longest: (0.0, 0.0),
            too_fast: false,
            deviates: false,
            sharpness: Vec::new(),
            near: 0,
            reliefs: Vec::new(),
        }
    }

    /// Adds the head's pose `now`, `elapsed` milliseconds after the previous frame.
    pub fn advance(
        &mut self,
        now: Offset,
        target: Offset,
        elapsed: f64,
        observation: &Observation,
    ) {
        let step = now.distance(self.at);
        self.at = now;
        if step > self.longest.0 {
            self.longest = (step, elapsed);
        }
        let reachable = limits::MAX_DEGREES_PER_SECOND * (elapsed / 1e3) as f32;
        self.too_fast |= step > limits::STEP_NOISE_DEGREES + reachable;
        self.deviates |= distance_to_path(now, self.from, target) > limits::MAX_DEVIATION_DEGREES;
        let sharpness = observation.sharpness;
        self.sharpness
            .extend(sharpness.map(|sharpness| (now, sharpness)));
        if now.distance(target) <= limits::TARGET_RADIUS_DEGREES {
            self.near += 1;
            self.reliefs.extend(observation.relief);
        } else {
            self.near = 0;
            self.reliefs.clear();
        }
    }

    /// Whether the head has stayed near the target for long enough.
    pub fn has_arrived(&self) -> bool {
        self.near >= limits::CONFIRMING_FRAMES
    }

    /// Judges the movement to the target.
    pub fn verdict(&self) -> Verdict {
        let whole = self.at.distance(self.from);
        let (step, elapsed) = self.longest;
        let share = (elapsed / limits::SHORTEST_MOVEMENT_MS) as f32;
        let reachable = limits::STEP_NOISE_DEGREES + share * whole;
        if self.too_fast || self.deviates || self.dissolves() {
            Verdict::Implausible
        } else if step <= reachable.min(limits::MAX_STEP_SHARE * whole) {
            Verdict::Plausible
        } else if elapsed >= limits::SLOW_FRAMES_MS {
            Verdict::Unseen
        } else {
            Verdict::Implausible
        }
    }

    /// Whether a frame was as blurred as a dissolve of the two images at the ends of the movement.
    /// Some faces look less sharp in one pose than in another, so each frame is compared with both
    /// ends, in proportion to its distance from them.
    fn dissolves(&self) -> bool {
        let near = self.sharpness.len().saturating_sub(self.near);
        let (Some((_, first)), arrived) = (self.sharpness.first(), &self.sharpness[near..]) else {
            return false;
        };
        let last = arrived.iter().map(|(_, it)| it).sum::<f32>() / arrived.len() as f32;
        let whole = self.at.distance(self.from).max(1e-3);
        self.sharpness.iter().any(|(at, sharpness)| {
            let share = (at.distance(self.from) / whole).min(1.0);
            *sharpness < limits::MIN_SHARPNESS * (first + share * (last - first))
        })
    }

    /// The mean relief near the target; `None` if none was measured.
    pub fn relief(&self) -> Option<Relief> {
        let count = self.reliefs.len() as f32;
        let mean =
            |value: &dyn Fn(&Relief) -> f32| self.reliefs.iter().map(value).sum::<f32>() / count;
        (count > 0.0).then(|| Relief {
            curvature: std::array::from_fn(|i| mean(&|relief| relief.curvature[i])),
            perspective: mean(&|relief| relief.perspective),
            match_quality: mean(&|relief| relief.match_quality),
        })
    }
}

/// Distance of `point` from the ray that starts at `from` and passes through `to`, in degrees.
fn distance_to_path(point: Offset, from: Offset, to: Offset) -> f32 {
    let (path, moved) = (to - from, point - from);
    let length = (path.x * path.x + path.y * path.y).max(1e-6);
    let share = ((moved.x * path.x + moved.y * path.y) / length).max(0.0);
    moved.distance(Offset {
        x: share * path.x,
        y: share * path.y,
    })
}
