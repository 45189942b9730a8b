//! The state machine of the movement check: it shows one target after another, and judges how the
//! head moves to it.

use std::f32::consts::TAU;

use super::limits;
use super::pose::{Offset, Pose};
use super::protocol::{Aim, Failure, Hint, Instruction, Observation, State};
use super::relief::Depth;
use super::same_face::SameFace;
use super::trajectory::{Trajectory, Verdict};
use crate::face::Face;
use crate::geometry::Rect;
use crate::verify::embedding::Embedding;

/// Number of targets that the head must reach.
pub const TURNS: usize = 3;

/// Number of embeddings of the frontal face that a passed challenge gives: one from before the
/// turns, the others from after them.
pub const PROBES: usize = 3;

/// Number of targets that are drawn, including the spare ones.
pub const DRAWN: usize =
    TURNS + (limits::SPARE_TARGETS + limits::SPARE_TARGETS_FOR_SLOW_FRAMES) as usize;

/// Number of random bytes from which a challenge is drawn.
pub const RANDOM_BYTES: usize = 6 * DRAWN;

/// A target of a challenge.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The direction to reach, in degrees, relative to the neutral pose.
    pub at: Offset,
    /// Pause between reaching the previous target and showing this one, in milliseconds.
    pub pause: f64,
}

/// What the challenge waits for.
#[derive(Debug, Clone)]
enum Stage {
    /// A neutral pose. Holds time and pose of the latest consecutive frontal frames.
    Finding(Vec<(f64, Pose)>),
    /// The time to show the next target; until then the head must stay at `at`.
    Waiting {
        /// The pose to hold.
        at: Offset,
        /// Consecutive frames in which the head was away from `at`.
        away: usize,
    },
    /// The head to reach the target.
    Turning(Trajectory),
    /// The head to return to the neutral pose.
    Returning,
    /// Nothing: the challenge is over.
    Over,
}

/// One movement check, from the first frame to its outcome.
#[derive(Debug, Clone)]
pub struct Challenge {
    targets: [Target; DRAWN],
    same_face: SameFace,
    stage: Stage,
    /// When the stage began, in milliseconds.
    began: f64,
    /// The index of the current target.
    next: usize,
    /// Number of targets that were replaced because the frames came too slowly.
    unseen: u32,
    state: State,
    /// The neutral pose, and the embedding taken with it.
    neutral: Option<(Pose, Embedding)>,
    /// The sum of the reliefs at the targets that were reached.
    depth: Depth,
    /// When the last frame was taken.
    last: Option<f64>,
    /// The last frame with a single face: its time, and the face's bounds.
    seen: Option<(f64, Rect)>,
    /// The latest pose, relative to the neutral pose.
    pointed: Option<Offset>,
    /// The last embedding, and the time of its frame.
    embedded: Option<(f64, Embedding)>,
    /// Consecutive embeddings of a frontal face that do not match the one from the beginning.
    mismatches: u32,
    probes: Vec<Embedding>,
}

impl Challenge {
    /// Draws a challenge. `random` must be fresh, unpredictable random bytes.
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        Self {
            targets: draw(random),
            same_face,
            stage: Stage::Finding(Vec::new()),
            began: 0.0,
            next: 0,
            unseen: 0,
            state: State::Asking {
                instruction: Instruction::Neutral,
                target: None,
                pointer: None,
                reach: 0.0,
                progress: 0.0,
                hint: None,
            },
            neutral: None,
            depth: Depth::default(),
            last: None,
            seen: None,
            pointed: None,
            embedded: None,
            mismatches: 0,
            probes: Vec::new(),
        }
    }

    /// The state after the last frame.
    pub fn state(&self) -> State {
        self.state
    }

    /// The targets, the spare ones last. Only for measurements: the person must not know the
    /// targets in advance.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Whether the frame at `time` (milliseconds) needs the face's embedding. An embedding costs
    /// more than following the face, so not every frame needs one.
    pub fn wants_embedding(&self, time: f64) -> bool {
        let interval = match self.stage {
            Stage::Waiting { .. } | Stage::Turning(_) => limits::TURNING_EMBEDDING_MS,
            _ => limits::FRONTAL_EMBEDDING_MS,
        };
        let due = |(then, _): &(f64, Embedding)| time - then >= interval;
        !matches!(self.stage, Stage::Over) && self.embedded.as_ref().is_none_or(due)
    }

    /// The direction of a head in `pose`, in degrees relative to the neutral pose, if the relief of
    /// the face must be measured; `None` if not.
    pub fn wants_relief(&self, pose: Pose) -> Option<Offset> {
        let (neutral, _) = self.neutral.as_ref()?;
        let pointed = pose.since(neutral);
        let turning = matches!(self.stage, Stage::Turning(_));
        (turning && pointed.distance(self.target()) <= limits::TARGET_RADIUS_DEGREES)
            .then_some(pointed)
    }

    /// Whether the sharpness of the face must be measured: the head moves to a target.
    pub fn wants_sharpness(&self) -> bool {
        matches!(self.stage, Stage::Turning(_))
    }

    /// Whether the neutral pose is known.
    pub fn has_neutral(&self) -> bool {
        self.neutral.is_some()
    }

    /// The depth measured in the turns so far.
    pub fn depth(&self) -> &Depth {
        &self.depth
    }

    /// The [`PROBES`] embeddings of the frontal face; empty unless the challenge is passed.
    pub fn probes(&self) -> &[Embedding] {
        match self.state {
            State::Passed => &self.probes,
            _ => &[],
        }
    }

    /// Processes the next frame. Frames that are not later than the previous one are ignored, and
    /// so are all frames after the end.
    pub fn observe(&mut self, observation: &Observation) -> State {
        let now = observation.time;
        let advances = now.is_finite() && self.last.is_none_or(|last| now > last);
        if matches!(self.stage, Stage::Over) || !advances {
            return self.state;
        }
        if self.last.is_none() {
            self.began = now;
        }
        let step = self.step(observation);
        self.last = Some(now);
        self.state = match step {
            Ok(hint) if now - self.began > self.time_limit() => {
                self.fail(self.timeout_failure(), hint)
            }
            Ok(_) if matches!(self.stage, Stage::Over) => State::Passed,
            Ok(hint) => self.asking(hint),
            Err(reason) => self.fail(reason, None),
        };
        self.state
    }

    fn step(&mut self, observation: &Observation) -> Result<Option<Hint>, Failure> {
        let now = observation.time;
        if self
            .last
            .is_some_and(|last| now - last > limits::MAX_FRAME_GAP_MS)
        {
            self.lose(Failure::Stalled)?;
        }
        let (face, pose) = match (observation.count, observation.face) {
            (2.., _) => return self.miss(now, Hint::SeveralFaces),
            (1, Some((face, pose))) => (face, pose),
            _ => return self.miss(now, Hint::NoFace),
        };
        self.follow(now, face, observation.embedding)?;
        let Some((neutral, first)) = &self.neutral else {
            return Ok(self.find(now, face, pose, observation.side));
        };
        let pointed = pose.since(neutral);
        if pointed.length() <= limits::TARGET_RADIUS_DEGREES
            && let Some(embedding) = observation.embedding
        {
            let same = self.same_face.score(embedding, first) <= self.same_face.frontal;
            self.mismatches = if same { 0 } else { self.mismatches + 1 };
            if self.mismatches >= limits::MISMATCHES {
                return Err(Failure::FaceChanged);
            }
        }
        let elapsed = self.last.map_or(0.0, |last| now - last);
        self.pointed = Some(pointed);
        match &mut self.stage {
            Stage::Waiting { .. } => self.wait(now, pointed),
            Stage::Turning(_) => self.turn(pointed, elapsed, observation),
            Stage::Returning => self.return_to_neutral(now, pointed, face, observation.embedding),
            Stage::Finding(_) | Stage::Over => Ok(None),
        }
    }

    /// Handles a face that can no longer be followed: starts again if the neutral pose is not known
    /// yet, and fails otherwise.
    fn lose(&mut self, reason: Failure) -> Result<(), Failure> {
        if self.neutral.is_some() {
            return Err(reason);
        }
        self.stage = Stage::Finding(Vec::new());
        (self.seen, self.embedded) = (None, None);
        Ok(())
    }

    /// Handles a frame without a face or with several. Short absences are tolerated.
    fn miss(&mut self, now: f64, hint: Hint) -> Result<Option<Hint>, Failure> {
        let since = self.seen.map_or(now, |(then, _)| then);
        if self.neutral.is_none() || now - since > limits::MAX_ABSENCE_MS {
            self.lose(match hint {
                Hint::SeveralFaces => Failure::SeveralFaces,
                _ => Failure::FaceLost,
            })?;
        }
        Ok(Some(hint))
    }

    /// Checks that the face is the one in the previous frames.
    fn follow(
        &mut self,
        now: f64,
        face: &Face,
        embedding: Option<&Embedding>,
    ) -> Result<(), Failure> {
        if let Some((then, bounds)) = &self.seen
            && jumped(bounds, &face.bounds, (now - then) / 1e3)
        {
            self.lose(Failure::Jumped)?;
        }
        self.seen = Some((now, face.bounds));
        if let Some(embedding) = embedding {
            if let Some((_, before)) = &self.embedded
                && self.same_face.score(embedding, before) > self.same_face.moving
            {
                self.lose(Failure::FaceChanged)?;
            }
            self.embedded = Some((now, embedding.clone()));
        }
        Ok(())
    }

    /// Collects frontal frames until they give a neutral pose.
    fn find(&mut self, now: f64, face: &Face, pose: Pose, side: f32) -> Option<Hint> {
        let Stage::Finding(frames) = &mut self.stage else {
            return None;
        };
        if let Some(hint) = obstacle(face, pose, side) {
            frames.clear();
            return Some(hint);
        }
        let (count, time) = (limits::NEUTRAL_FRAMES, limits::NEUTRAL_MS);
        frames.push((now, pose));
        while frames.len() > count && now - frames[1].0 >= time {
            frames.remove(0);
        }
        let poses: Vec<Pose> = frames.iter().map(|(_, pose)| *pose).collect();
        let mean = Pose::mean(&poses)?;
        let moved = |pose: &Pose| pose.since(&mean).length();
        if poses
            .iter()
            .any(|pose| moved(pose) > limits::MAX_STILL_DEVIATION_DEGREES)
        {
            return Some(Hint::HoldStill);
        }
        if frames.len() >= count && now - frames[0].0 >= time {
            let (_, embedding) = self.embedded.as_ref()?;
            self.probes.push(embedding.clone());
            self.neutral = Some((mean, embedding.clone()));
            self.pointed = Some(pose.since(&mean));
            let at = Offset::default();
            self.enter(now, Stage::Waiting { at, away: 0 });
        }
        None
    }

    /// Waits until it is time to show the next target.
    fn wait(&mut self, now: f64, pointed: Offset) -> Result<Option<Hint>, Failure> {
        let Stage::Waiting { at, away } = &mut self.stage else {
            return Ok(None);
        };
        let moved = pointed.distance(*at);
        *away = if moved > limits::MAX_DEVIATION_DEGREES {
            *away + 1
        } else {
            0
        };
        if *away >= limits::CONFIRMING_FRAMES {
            let at = pointed;
            self.enter(now, Stage::Waiting { at, away: 0 });
            return self.miss_target(Failure::MovedEarly);
        }
        if *away == 0 && now - self.began >= self.targets[self.next].pause {
            self.enter(now, Stage::Turning(Trajectory::from(pointed)));
        }
        Ok(None)
    }

    /// Follows the head to a target.
    fn turn(
        &mut self,
        pointed: Offset,
        elapsed: f64,
        observation: &Observation,
    ) -> Result<Option<Hint>, Failure> {
        let target = self.target();
        let Stage::Turning(trajectory) = &mut self.stage else {
            return Ok(None);
        };
        let now = observation.time;
        trajectory.advance(pointed, target, elapsed, observation);
        if now - self.began < limits::MIN_REACTION_MS
            && pointed.distance(trajectory.from) > limits::MAX_DEVIATION_DEGREES
        {
            return Err(Failure::MovedEarly);
        }
        if !trajectory.has_arrived() {
            return Ok(None);
        }
        let (verdict, relief) = (trajectory.verdict(), trajectory.relief());
        self.enter(
            now,
            Stage::Waiting {
                at: target,
                away: 0,
            },
        );
        match verdict {
            Verdict::Plausible => {}
            Verdict::Unseen if self.unseen < limits::SPARE_TARGETS_FOR_SLOW_FRAMES => {
                self.unseen += 1;
                self.next += 1;
                return Ok(Some(Hint::Again));
            }
            _ => return self.miss_target(Failure::WrongMovement),
        }
        if !relief.is_some_and(|relief| self.depth.add(relief, pointed)) {
            return self.miss_target(Failure::Flat);
        }
        self.next += 1;
        if self.depth.turns() < TURNS {
            return Ok(None);
        }
        // Whoever is in doubt gets all spare targets before the decision. If the lower limit were tried
        // after every turn, paper would pass it by chance more often.
        if !self.depth.is_clearly_of_a_head() {
            match self.take_spare(Failure::Flat) {
                Err(_) if self.depth.is_of_a_head() => {}
                again_or_flat => return again_or_flat,
            }
        }
        self.enter(now, Stage::Returning);
        Ok(None)
    }

    /// Replaces the current target by a spare one; fails with `reason` if none is left.
    fn miss_target(&mut self, reason: Failure) -> Result<Option<Hint>, Failure> {
        self.next += 1;
        self.take_spare(reason)
    }

    /// Goes on with one more target than planned; fails with `reason` if no spare one is left.
    fn take_spare(&self, reason: Failure) -> Result<Option<Hint>, Failure> {
        let planned = TURNS.min(self.depth.turns() + 1) + self.unseen as usize;
        let spare = self.next + 1 - planned;
        match spare > limits::SPARE_TARGETS as usize {
            true => Err(reason),
            false => Ok(Some(Hint::Again)),
        }
    }

    /// Waits until the head is back in the neutral pose, and takes the probes.
    fn return_to_neutral(
        &mut self,
        now: f64,
        pointed: Offset,
        face: &Face,
        embedding: Option<&Embedding>,
    ) -> Result<Option<Hint>, Failure> {
        if pointed.length() > limits::TARGET_RADIUS_DEGREES {
            return Ok(None);
        }
        if let Some(issue) = face.quality.issue {
            return Ok(Some(issue.into()));
        }
        if let Some(embedding) = embedding
            && self.mismatches == 0
        {
            self.probes.push(embedding.clone());
        }
        if self.probes.len() >= PROBES {
            self.enter(now, Stage::Over);
        }
        Ok(None)
    }

    fn enter(&mut self, now: f64, stage: Stage) {
        self.stage = stage;
        self.began = now;
    }

    /// The pose that the head should have, relative to the neutral pose.
    fn target(&self) -> Offset {
        match &self.stage {
            Stage::Waiting { at, .. } => *at,
            Stage::Turning(_) => self.targets[self.next].at,
            _ => Offset::default(),
        }
    }

    fn time_limit(&self) -> f64 {
        match self.stage {
            Stage::Finding(_) => limits::NEUTRAL_TIMEOUT_MS,
            Stage::Waiting { .. } | Stage::Turning(_) | Stage::Returning => {
                limits::TARGET_TIMEOUT_MS
            }
            Stage::Over => f64::INFINITY,
        }
    }

    fn timeout_failure(&self) -> Failure {
        match self.stage {
            Stage::Finding(_) => Failure::NoNeutral,
            _ => Failure::Timeout,
        }
    }

    fn fail(&mut self, reason: Failure, hint: Option<Hint>) -> State {
        self.stage = Stage::Over;
        State::Failed { reason, hint }
    }

    fn asking(&self, hint: Option<Hint>) -> State {
        let target = self.target();
        let pointed = self.pointed.unwrap_or_default();
        let (instruction, reach) = match &self.stage {
            Stage::Turning(trajectory) => {
                let left = (pointed.distance(target) - limits::TARGET_RADIUS_DEGREES).max(0.0);
                let all =
                    (trajectory.from.distance(target) - limits::TARGET_RADIUS_DEGREES).max(1.0);
                let instruction = match left > 0.0 {
                    true => Instruction::towards(target - trajectory.from, target - pointed),
                    false => Instruction::Hold,
                };
                (instruction, 1.0 - left / all)
            }
            Stage::Waiting { .. } if self.next > 0 => (Instruction::Hold, 1.0),
            _ => (Instruction::Neutral, 0.0),
        };
        let reach = reach.clamp(0.0, 1.0);
        let turning = if matches!(self.stage, Stage::Turning(_)) {
            reach
        } else {
            0.0
        };
        State::Asking {
            instruction,
            target: self.neutral.is_some().then(|| aim(target)),
            pointer: self.neutral.as_ref().and(self.pointed).map(aim),
            reach,
            progress: (self.depth.turns() as f32 + turning).min(TURNS as f32)
                / (TURNS as f32 + 1.0),
            hint,
        }
    }
}

/// Largest angle between a target and the neutral pose, in degrees: the unit of an [`Aim`].
pub const FARTHEST: f32 = limits::TURN_DEGREES.1;

/// Smallest angle between the neutral pose and a pose that reaches a target, in degrees.
pub const LEAST: f32 = limits::TURN_DEGREES.0 - limits::TARGET_RADIUS_DEGREES;

/// Converts degrees to the unit of an [`Aim`].
fn aim(Offset { x, y }: Offset) -> Aim {
    Aim {
        x: x / FARTHEST,
        y: y / FARTHEST,
    }
}

/// Draws targets in unpredictable directions. The directions of two consecutive targets differ by
/// an angle within `limits::DIRECTION_CHANGE_DEGREES`.
pub fn draw(random: [u8; RANDOM_BYTES]) -> [Target; DRAWN] {
    let share =
        |i: usize| f32::from(u16::from_le_bytes([random[2 * i], random[2 * i + 1]])) / 65535.0;
    let within = |(low, high): (f32, f32), share: f32| low + share * (high - low);
    let mut direction = 0.0;
    std::array::from_fn(|i| {
        let [around, far, pause] = [3 * i, 3 * i + 1, 3 * i + 2].map(share);
        direction += match (i, around < 0.5) {
            (0, _) => TAU * around,
            (_, true) => within(limits::DIRECTION_CHANGE_DEGREES, 2.0 * around).to_radians(),
            (_, false) => {
                -within(limits::DIRECTION_CHANGE_DEGREES, 2.0 * around - 1.0).to_radians()
            }
        };
        let (sin, cos) = direction.sin_cos();
        let far = within(limits::TURN_DEGREES, far);
        let (least, most) = limits::PAUSE_MS;
        Target {
            at: Offset {
                x: far * cos,
                y: far * sin,
            },
            pause: least + f64::from(pause) * (most - least),
        }
    })
}

/// What makes a frame unusable as a frontal frame, if anything. `side` is the image's longer side
/// in pixels.
fn obstacle(face: &Face, pose: Pose, side: f32) -> Option<Hint> {
    if let Some(issue) = face.quality.issue {
        return Some(issue.into());
    }
    if face.quality.size > limits::MAX_EYE_DISTANCE_SHARE * side {
        return Some(Hint::TooClose);
    }
    let Offset { x, y } = pose.direction();
    let is_turned =
        x.abs() > limits::MAX_NEUTRAL_YAW_DEGREES || y.abs() > limits::MAX_NEUTRAL_PITCH_DEGREES;
    is_turned.then_some(Hint::TurnedAway)
}

/// Whether a face jumped from `before` to `now` within `seconds`. A jump is a movement of more than
/// two face widths a second, or a change of size by more than a factor of two a second. Both have a
/// margin for the mesh's noise.
fn jumped(before: &Rect, now: &Rect, seconds: f64) -> bool {
    let seconds = seconds as f32;
    let moved = now.centre().distance(before.centre()) / before.width.max(1.0);
    let grown = (now.width.max(1.0) / before.width.max(1.0)).log2().abs();
    !(moved <= 0.25 + 2.0 * seconds && grown <= 0.25 + seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::mesh::tests::face;
    use crate::liveness::relief::Relief;
    use crate::verify::cohort::Cohort;
    use crate::verify::embedding::tests::at_angle;

    /// Milliseconds from one frame to the next.
    const PERIOD: f64 = 100.0;

    const SAME_FACE: SameFace = SameFace {
        cohort: Cohort::NONE,
        frontal: 0.6,
        moving: 0.8,
    };

    const RANDOM: [u8; RANDOM_BYTES] = [37; RANDOM_BYTES];

    /// The relief of a head.
    const HEAD_RELIEF: Relief = Relief {
        curvature: [0.6, 0.0, 0.2],
        perspective: 0.0,
        match_quality: 0.9,
    };

    /// What one frame of a test shows.
    #[derive(Clone)]
    struct Shown {
        at: Offset,
        count: usize,
        /// The embedding's angle, in degrees.
        angle: f32,
        relief: Relief,
        sharpness: f32,
    }

    impl Shown {
        fn head(at: Offset) -> Self {
            Self {
                at,
                count: 1,
                angle: 0.0,
                relief: HEAD_RELIEF,
                sharpness: 0.95,
            }
        }
    }

    /// A person who reacts to a new target after 300 ms and turns there at a given speed.
    struct Person {
        at: Offset,
        target: Offset,
        since: f64,
        speed: f32,
    }

    impl Person {
        fn new() -> Self {
            Self {
                at: Offset::default(),
                target: Offset::default(),
                since: 0.0,
                speed: 40.0,
            }
        }

        fn advance(&mut self, time: f64, target: Offset) -> Offset {
            if target.distance(self.target) > 0.1 {
                (self.target, self.since) = (target, time);
            }
            let step = self.speed * (PERIOD / 1e3) as f32;
            if time - self.since >= 300.0 {
                let far = self.at.distance(target);
                let share = if far > step { step / far } else { 1.0 };
                self.at.x += share * (target.x - self.at.x);
                self.at.y += share * (target.y - self.at.y);
            }
            self.at
        }
    }

    /// Runs a challenge to its end. `show` gives each frame, from the time and the target.
    fn run(random: [u8; RANDOM_BYTES], mut show: impl FnMut(f64, Offset) -> Shown) -> Challenge {
        run_by(PERIOD, random, |time, _, target| show(time, target))
    }

    /// The same with another period, and `show` also gets the instruction.
    fn run_by(
        period: f64,
        random: [u8; RANDOM_BYTES],
        mut show: impl FnMut(f64, Instruction, Offset) -> Shown,
    ) -> Challenge {
        let mut challenge = Challenge::new(random, SAME_FACE);
        let mut time = 0.0;
        while let State::Asking {
            instruction,
            target,
            reach,
            progress,
            ..
        } = challenge.state()
        {
            assert!((0.0..=1.0).contains(&reach) && (0.0..=1.0).contains(&progress));
            assert!(time < 120_000.0, "every stage has a time limit");
            time += period;
            let target = target.map_or(Offset::default(), |Aim { x, y }| Offset {
                x: FARTHEST * x,
                y: FARTHEST * y,
            });
            let shown = show(time, instruction, target);
            let pose = Pose::towards(shown.at);
            let face = face(0.0);
            let embedding = challenge
                .wants_embedding(time)
                .then(|| at_angle(shown.angle));
            let relief = challenge.wants_relief(pose).map(|_| shown.relief);
            let sharpness = challenge.wants_sharpness().then_some(shown.sharpness);
            challenge.observe(&Observation {
                time,
                count: shown.count,
                face: (shown.count > 0).then_some((&face, pose)),
                side: 640.0,
                embedding: embedding.as_ref(),
                relief,
                sharpness,
            });
        }
        challenge
    }

    fn failure(challenge: &Challenge) -> Option<Failure> {
        match challenge.state() {
            State::Failed { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// The failure of a person's challenge, if `change` alters the frames after the first target is
    /// shown. `change` gets the milliseconds since then.
    fn disturbed(change: impl Fn(f64, &mut Shown)) -> Option<Failure> {
        let mut person = Person::new();
        let mut since = None;
        let challenge = run(RANDOM, |time, target| {
            let mut shown = Shown::head(person.advance(time, target));
            if target.length() > 0.0 {
                since.get_or_insert(time);
            }
            if let Some(since) = since {
                change(time - since, &mut shown);
            }
            shown
        });
        failure(&challenge)
    }

    proptest! {
        #[test]
        fn targets_are_far_from_the_neutral_pose_and_each_other(random: [u8; RANDOM_BYTES]) {
            let (nearest, farthest) = limits::TURN_DEGREES;
            let (shortest, longest) = limits::PAUSE_MS;
            let targets = draw(random);
            for target in &targets {
                let far = target.at.length();
                prop_assert!(far >= nearest - 0.01 && far <= farthest + 0.01);
                prop_assert!((shortest..=longest).contains(&target.pause));
            }
            for pair in targets.windows(2) {
                prop_assert!(pair[0].at.distance(pair[1].at) > 2.0 * limits::TARGET_RADIUS_DEGREES);
            }
        }

        #[test]
        fn a_person_passes_every_challenge(random: [u8; RANDOM_BYTES]) {
            let mut person = Person::new();
            let challenge = run(random, |time, target| Shown::head(person.advance(time, target)));
            prop_assert_eq!(challenge.state(), State::Passed);
            prop_assert_eq!(challenge.probes().len(), PROBES);
        }

        /// Like a bent photo, whose mesh may show any movement.
        #[test]
        fn the_relief_of_paper_never_passes(
            random: [u8; RANDOM_BYTES], smaller in -0.2f32..0.03, larger in 0f32..1.0,
        ) {
            let mut person = Person::new();
            let challenge = run(random, |time, target| Shown {
                relief: Relief { curvature: [larger, 0.0, smaller], ..HEAD_RELIEF },
                ..Shown::head(person.advance(time, target))
            });
            prop_assert_eq!(failure(&challenge), Some(Failure::Flat));
            prop_assert!(challenge.probes().is_empty());
        }

        /// Like a recording of turns to other targets.
        #[test]
        fn movements_to_other_targets_never_pass(
            random: [u8; RANDOM_BYTES], around in 90f32..270.0,
        ) {
            let mut person = Person::new();
            let (sin, cos) = around.to_radians().sin_cos();
            let challenge = run(random, |time, target| {
                let Offset { x, y } = target;
                let other = Offset { x: x * cos - y * sin, y: x * sin + y * cos };
                Shown::head(person.advance(time, other))
            });
            prop_assert!(failure(&challenge).is_some());
        }
    }

    /// A person who hears the instructions and does not see the target.
    #[test]
    fn instructions_alone_lead_to_the_targets() {
        let mut at = Offset::default();
        let challenge = run_by(PERIOD, RANDOM, |_, instruction, _| {
            let step = 2.0;
            match instruction {
                Instruction::Neutral => {
                    at = Offset {
                        x: 0.8 * at.x,
                        y: 0.8 * at.y,
                    }
                }
                Instruction::TurnLeft => at.x += step,
                Instruction::TurnRight => at.x -= step,
                Instruction::LookUp => at.y -= step,
                Instruction::LookDown => at.y += step,
                Instruction::Hold => {}
            }
            Shown::head(at)
        });
        assert_eq!(challenge.state(), State::Passed);
    }

    #[test]
    fn frames_that_do_not_match_do_not_count() {
        let mismatch = disturbed(|_, shown| shown.relief.match_quality = 0.2);
        assert_eq!(mismatch, Some(Failure::Flat));
    }

    /// The state after a challenge, and how many turns it took, if the relief at the first turns is
    /// not measured as at the others.
    fn measured(first: [f32; 2], turns: usize, then: [f32; 2]) -> (State, usize) {
        let mut person = Person::new();
        let (mut last, mut targets) = (Offset::default(), 0);
        let challenge = run(RANDOM, |time, target| {
            if target.distance(last) > 0.1 {
                (last, targets) = (target, targets + 1);
            }
            let [smaller, larger] = if targets <= turns { first } else { then };
            Shown {
                relief: Relief {
                    curvature: [larger, 0.0, smaller],
                    ..HEAD_RELIEF
                },
                ..Shown::head(person.advance(time, target))
            }
        });
        (challenge.state(), challenge.depth().turns())
    }

    const FLAT: State = State::Failed {
        reason: Failure::Flat,
        hint: None,
    };

    #[test]
    fn a_head_that_looks_flat_at_first_gets_more_targets() {
        let (state, _) = measured([-0.2, 0.6], 1, [0.2, 0.6]);
        assert_eq!(state, State::Passed);
        let (state, _) = measured([-0.2, 0.6], 3, [0.2, 0.6]);
        assert_eq!(state, FLAT);
    }

    #[test]
    fn a_roundness_in_doubt_needs_further_turns() {
        let (head, doubtful, paper) = ([0.12, 0.6], [0.08, 0.6], [0.02, 0.6]);
        let all = TURNS + limits::SPARE_TARGETS as usize;
        assert_eq!(measured(head, all, head), (State::Passed, TURNS));
        let round = [0.2, 0.6];
        assert_eq!(measured(doubtful, TURNS, round), (State::Passed, TURNS + 1));
        assert_eq!(measured(doubtful, all, doubtful), (State::Passed, all));
        assert_eq!(measured(doubtful, TURNS, paper), (FLAT, all));
    }

    #[test]
    fn a_still_face_runs_out_of_time() {
        let still = run(RANDOM, |_, _| Shown::head(Offset::default()));
        assert_eq!(failure(&still), Some(Failure::Timeout));
    }

    #[test]
    fn no_target_is_shown_without_a_face() {
        let nobody = run(RANDOM, |_, target| {
            assert_eq!(target, Offset::default());
            Shown {
                count: 0,
                ..Shown::head(target)
            }
        });
        let expected = State::Failed {
            reason: Failure::NoNeutral,
            hint: Some(Hint::NoFace),
        };
        assert_eq!(nobody.state(), expected);
    }

    /// Photos of a person in the right poses, shown at the right moments.
    #[test]
    fn jumps_between_poses_do_not_count() {
        let mut person = Person::new();
        person.speed = 1e4;
        let photos = run(RANDOM, |time, target| {
            Shown::head(person.advance(time, target))
        });
        assert_eq!(failure(&photos), Some(Failure::WrongMovement));
    }

    /// The same photos, but each drifts a quarter of the way before the next one is shown, as in a
    /// hand.
    #[test]
    fn jumps_between_poses_after_a_drift_do_not_count() {
        let (mut from, mut last, mut since) = (Offset::default(), Offset::default(), 0.0);
        let photos = run(RANDOM, |time, target| {
            if target.distance(last) > 0.1 {
                (from, last, since) = (last, target, time);
            }
            let drift = ((time - since) / 2e3).min(0.25) as f32;
            Shown::head(match time - since < 500.0 {
                true => Offset {
                    x: from.x + drift * (target.x - from.x),
                    y: from.y + drift * (target.y - from.y),
                },
                false => target,
            })
        });
        assert_eq!(failure(&photos), Some(Failure::WrongMovement));
    }

    /// A person who needs 400 ms for a turn of 16 degrees.
    #[test]
    fn a_swift_head_passes_at_usual_frame_rates() {
        for rate in [8.0, 10.0, 15.0, 30.0] {
            let mut person = Person::new();
            let period = 1e3 / rate;
            let challenge = run_by(period, RANDOM, |time, _, target| {
                person.speed = (40.0 * period / PERIOD) as f32;
                Shown::head(person.advance(time, target))
            });
            assert_eq!(challenge.state(), State::Passed, "{rate} frames a second");
        }
    }

    /// Runs a challenge at five frames a second with a person who jumps to the first targets, as a
    /// quick head seems to do, and turns slowly to the others.
    fn quick_at_first(jumps: usize) -> Challenge {
        let mut person = Person::new();
        let (mut last, mut targets) = (Offset::default(), 0);
        run_by(200.0, RANDOM, |time, _, target| {
            if target.distance(last) > 0.1 {
                (last, targets) = (target, targets + 1);
            }
            person.speed = if targets <= jumps { 1e4 } else { 40.0 };
            Shown::head(person.advance(time, target))
        })
    }

    #[test]
    fn quick_movements_between_slow_frames_are_asked_for_again() {
        let forgiven = limits::SPARE_TARGETS + limits::SPARE_TARGETS_FOR_SLOW_FRAMES;
        for jumps in 0..=forgiven as usize {
            assert_eq!(
                quick_at_first(jumps).state(),
                State::Passed,
                "{jumps} jumps"
            );
        }
        let photos = quick_at_first(usize::MAX);
        assert_eq!(failure(&photos), Some(Failure::WrongMovement));
    }

    #[test]
    fn dissolves_between_poses_do_not_count() {
        assert_eq!(failure(&blurred_between(0.6)), Some(Failure::WrongMovement));
    }

    /// Runs a challenge with a person whose face looks less sharp in each turned pose, and whose
    /// picture is blurred by this factor between two poses.
    fn blurred_between(blur: f32) -> Challenge {
        let mut person = Person::new();
        run(RANDOM, |time, target| {
            let before = person.at;
            let at = person.advance(time, target);
            let moves = at.distance(before) > 0.0 && at.distance(target) > 0.0;
            let blur = if moves { blur } else { 1.0 };
            Shown {
                sharpness: blur * (1.0 - 0.02 * at.length()),
                ..Shown::head(at)
            }
        })
    }

    #[test]
    fn a_face_may_look_less_sharp_in_a_turned_pose() {
        assert_eq!(blurred_between(0.95).state(), State::Passed);
    }

    /// Recordings of turns that begin and end with the neutral pose.
    #[test]
    fn movements_through_the_neutral_pose_do_not_count() {
        let mut person = Person::new();
        let (mut last, mut returns) = (Offset::default(), false);
        let library = run(RANDOM, |time, target| {
            if target.distance(last) > 0.1 {
                (last, returns) = (target, true);
            }
            returns &= person.at.length() > 1.0;
            let next = if returns { Offset::default() } else { target };
            Shown::head(person.advance(time, next))
        });
        assert_eq!(failure(&library), Some(Failure::WrongMovement));
    }

    /// Runs a challenge with a person who turns by this angle to the right and to the left,
    /// alternately for two frames each.
    fn restless(far: f32) -> Challenge {
        run(RANDOM, |time, _| {
            let turns = (time / (2.0 * PERIOD)) as i32;
            let x = match time > 700.0 {
                true if turns % 2 == 0 => far,
                true => -far,
                false => 0.0,
            };
            Shown::head(Offset { x, y: 0.0 })
        })
    }

    #[test]
    fn repeated_movements_before_a_target_fail() {
        assert_eq!(failure(&restless(14.0)), Some(Failure::MovedEarly));
        assert_eq!(failure(&restless(1.0)), Some(Failure::Timeout));
    }

    /// A person who moves before the first target is shown, and then follows the targets.
    #[test]
    fn one_early_movement_only_costs_a_spare_target() {
        let (mut person, mut moved) = (Person::new(), 0);
        let challenge = run(RANDOM, |time, target| {
            let mut shown = Shown::head(person.advance(time, target));
            if time > 600.0 && moved < limits::CONFIRMING_FRAMES {
                moved += 1;
                shown.at.x += 12.0;
            }
            shown
        });
        assert_eq!(moved, limits::CONFIRMING_FRAMES);
        assert_eq!(challenge.state(), State::Passed);
    }

    #[test]
    fn exactly_one_face_must_stay_in_view() {
        assert_eq!(disturbed(|_, _| ()), None);
        assert_eq!(
            disturbed(|_, shown| shown.count = 0),
            Some(Failure::FaceLost)
        );
        assert_eq!(
            disturbed(|_, shown| shown.count = 2),
            Some(Failure::SeveralFaces)
        );
        let missed = disturbed(|time, shown| shown.count = usize::from(time > 300.0));
        assert_eq!(missed, None, "a short absence is tolerated");
    }

    #[test]
    fn another_face_may_not_replace_the_first() {
        let other = disturbed(|time, shown| shown.angle = if time > 300.0 { 90.0 } else { 0.0 });
        assert_eq!(other, Some(Failure::FaceChanged));
    }
}
