//! The state machine that asks for one turn after another and judges them.

use super::limits::{self, depth_needed, pose_needed};
use super::parallax::Track;
use super::pose::{Offset, Pose, Turn};
use super::protocol::{Failure, Hint, Instruction, Observation, State};
use super::same_face::SameFace;
use super::trajectory::Trajectory;
use crate::face::Face;
use crate::geometry::Rect;
use crate::verify::embedding::Embedding;

/// Turns of the head that are asked for.
pub const TURNS: usize = 3;

/// Random bytes that a challenge is drawn from.
pub const RANDOM_BYTES: usize = 4 + 2 * TURNS;

/// What the challenge waits for.
#[derive(Debug, Clone)]
enum Stage {
    /// A straight face to measure from: the frames that show one, in a row.
    Finding(Vec<(f64, Pose)>),
    /// A straight face for the length of a pause, before turn number `turn` or, after the last
    /// turn, the end.
    Straight {
        turn: usize,
        /// Since when the head has been straight; none before it has come back from a turn.
        since: Option<f64>,
        /// Frames in a row in which it was as far away as by a whole turn.
        away: u32,
    },
    /// Turn number `turn`.
    Turning {
        turn: usize,
        /// How the head came to where it is.
        trajectory: Trajectory,
        /// Frames in a row in which the landmarks show all of the turn.
        held: u32,
        /// Frames in a row that show another one.
        wrong: u32,
    },
    /// Nothing any more.
    Over,
}

/// One movement check, from the first frame to its outcome.
#[derive(Debug, Clone)]
pub struct Challenge {
    turns: [Turn; TURNS],
    same_face: SameFace,
    /// Lengths of the straight looks before each turn, in milliseconds.
    pauses: [f64; TURNS],
    stage: Stage,
    /// When the stage began.
    began: f64,
    /// How often the turn in question was made in failed_tries.
    failed_tries: u32,
    state: State,
    /// The neutral pose and its face.
    neutral: Option<(Pose, Embedding)>,
    /// The nose's track when the head was straight last.
    straight: Option<Track>,
    /// When the last frame was taken.
    last: Option<f64>,
    /// The last frame with a single face: when, and where.
    seen: Option<(f64, Rect)>,
    /// The last embedding, and when it was taken.
    embedded: Option<(f64, Embedding)>,
    /// Embeddings of a straight face in a row that are not of the face at the beginning.
    mismatches: u32,
    /// How much of the turn in question the last frame showed.
    reached: f32,
    probes: Vec<Embedding>,
}

impl Challenge {
    /// Draws a challenge. `random` must be fresh random bytes that nobody can predict.
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        let [a, b, c, d, rest @ ..] = random;
        let orders = orders();
        let number = u32::from_le_bytes([a, b, c, d]) as usize;
        let share = |i: usize| f64::from(u16::from_le_bytes([rest[2 * i], rest[2 * i + 1]]));
        Self {
            turns: orders[number % orders.len()],
            same_face,
            pauses: std::array::from_fn(|i| limits::PAUSE * (1.0 + share(i) / f64::from(u16::MAX))),
            stage: Stage::Finding(Vec::new()),
            began: 0.0,
            failed_tries: 0,
            state: State::Asking {
                instruction: Instruction::Neutral,
                reach: 0.0,
                progress: 0.0,
                hint: None,
            },
            neutral: None,
            straight: None,
            last: None,
            seen: None,
            embedded: None,
            mismatches: 0,
            reached: 0.0,
            probes: Vec::new(),
        }
    }

    /// How far it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// What is asked for, turn by turn: for measurements, and not to be shown beforehand.
    pub fn order(&self) -> [Instruction; TURNS] {
        self.turns.map(Instruction::from)
    }

    /// Whether a turn is asked for now.
    pub(super) fn is_turning(&self) -> bool {
        matches!(self.stage, Stage::Turning { .. })
    }

    /// Whether the embedding of the face in a frame of this time is wanted. It costs more than
    /// finding the face, so it is not computed for every frame.
    pub fn wants_embedding(&self, time: f64) -> bool {
        !matches!(self.stage, Stage::Over)
            && self
                .embedded
                .as_ref()
                .is_none_or(|(then, _)| time - then >= limits::EMBEDDING)
    }

    /// Embeddings of the straight face, one taken after each turn; none unless it has passed.
    pub fn probes(&self) -> &[Embedding] {
        match self.state {
            State::Passed => &self.probes,
            _ => &[],
        }
    }

    /// Takes in the next frame. Frames that are not later than the one before are ignored, and so
    /// is everything after the end.
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
            Ok(hint) if now - self.began > self.time_limit() => self.fail(self.lateness(), hint),
            Ok(_) if matches!(self.stage, Stage::Over) => State::Passed,
            Ok(hint) => self.asking(now, hint),
            Err(reason) => self.fail(reason, None),
        };
        self.state
    }

    fn step(&mut self, observation: &Observation) -> Result<Option<Hint>, Failure> {
        let now = observation.time;
        if self.last.is_some_and(|last| now - last > limits::GAP) {
            self.lose(Failure::Stalled)?;
        }
        let (face, pose) = match observation.faces {
            [face] => match Pose::new(&face.landmarks) {
                Some(pose) => (face, pose),
                None => return self.miss(now, Hint::NoFace),
            },
            [] => return self.miss(now, Hint::NoFace),
            _ => return self.miss(now, Hint::SeveralFaces),
        };
        self.follow(now, face, observation.embedding)?;
        let Some((neutral, first)) = &self.neutral else {
            return Ok(self.find(now, face, pose, observation.side));
        };
        let moved = pose.since(neutral);
        let limit = self.same_face.straight;
        if departure(moved) <= limits::STILL
            && let Some(embedding) = observation.embedding
        {
            let same = self.same_face.score(embedding, first) <= limit;
            self.mismatches = if same { 0 } else { self.mismatches + 1 };
            if self.mismatches >= limits::MISMATCHES {
                return Err(Failure::FaceChanged);
            }
        }
        let share = pose.growth(neutral) * neutral.eye_share(observation.side);
        match self.stage {
            Stage::Straight { .. } => self.wait(moved, face, observation),
            Stage::Turning { .. } => self.turn(moved, share, observation),
            Stage::Finding(_) | Stage::Over => Ok(None),
        }
    }

    /// The face cannot be followed any longer: fails, or starts again where nothing was asked yet.
    fn lose(&mut self, reason: Failure) -> Result<(), Failure> {
        if self.neutral.is_some() {
            return Err(reason);
        }
        self.stage = Stage::Finding(Vec::new());
        (self.seen, self.embedded) = (None, None);
        Ok(())
    }

    /// A frame without a face to go by.
    fn miss(&mut self, now: f64, hint: Hint) -> Result<Option<Hint>, Failure> {
        let since = self.seen.map_or(now, |(then, _)| then);
        if self.neutral.is_none() || now - since > limits::ABSENCE {
            self.lose(match hint {
                Hint::SeveralFaces => Failure::SeveralFaces,
                _ => Failure::FaceLost,
            })?;
        }
        match &mut self.stage {
            Stage::Turning { held, wrong, .. } => (*held, *wrong) = (0, 0),
            Stage::Straight { since, .. } => *since = since.and(Some(now)),
            Stage::Finding(_) | Stage::Over => {}
        }
        Ok(Some(hint))
    }

    /// Checks that the face is the one of the frames before.
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

    /// Collects straight looks until they make a neutral pose.
    fn find(&mut self, now: f64, face: &Face, pose: Pose, side: f32) -> Option<Hint> {
        let Stage::Finding(frames) = &mut self.stage else {
            return None;
        };
        if let Some(hint) = obstacle(face, &pose, side) {
            frames.clear();
            return Some(hint);
        }
        let (count, time) = limits::NEUTRAL;
        frames.push((now, pose));
        while frames.len() > count && now - frames[1].0 >= time {
            frames.remove(0);
        }
        let poses: Vec<Pose> = frames.iter().map(|(_, pose)| *pose).collect();
        let mean = Pose::mean(&poses)?;
        let moving = poses
            .iter()
            .any(|pose| departure(pose.since(&mean)) > limits::STILL / 2.0);
        if moving {
            return Some(Hint::HoldStill);
        }
        if frames.len() >= count && now - frames[0].0 >= time {
            let (_, embedding) = self.embedded.as_ref()?;
            self.neutral = Some((mean, embedding.clone()));
            self.enter(
                now,
                Stage::Straight {
                    turn: 0,
                    since: Some(now),
                    away: 0,
                },
            );
        }
        None
    }

    /// Waits for the head to be straight, and then for the pause to be over.
    fn wait(
        &mut self,
        moved: Offset,
        face: &Face,
        observation: &Observation,
    ) -> Result<Option<Hint>, Failure> {
        let Stage::Straight { turn, since, away } = &mut self.stage else {
            return Ok(None);
        };
        let (turn, now) = (*turn, observation.time);
        if departure(moved) > limits::STILL {
            let settled = since.is_some();
            *away = if departure(moved) >= 1.0 {
                *away + 1
            } else {
                0
            };
            if settled && *away >= limits::HELD {
                return Err(Failure::MovedEarly);
            }
            *since = since.and(Some(now));
            return Ok(if settled {
                Some(Hint::HoldStill)
            } else {
                (self.failed_tries > 0).then_some(Hint::Again)
            });
        }
        *away = 0;
        let straight_for = now - *since.get_or_insert(now);
        self.straight = observation.track;
        let issue = face.quality.issue.map(Hint::from);
        if self.probes.len() < turn
            && issue.is_none()
            && self.mismatches == 0
            && let Some(embedding) = observation.embedding
        {
            self.probes.push(embedding.clone());
        }
        if self.probes.len() < turn {
            return Ok(issue);
        }
        if straight_for >= self.pause(turn) {
            self.reached = 0.0;
            let next = Stage::Turning {
                turn,
                trajectory: Trajectory::default(),
                held: 0,
                wrong: 0,
            };
            self.enter(now, if turn < TURNS { next } else { Stage::Over });
        }
        Ok(None)
    }

    /// Follows a turn that was asked for, in a picture where the eyes are `share` of its longer
    /// side apart.
    fn turn(
        &mut self,
        moved: Offset,
        share: f32,
        observation: &Observation,
    ) -> Result<Option<Hint>, Failure> {
        let now = observation.time;
        let elapsed = self.last.map_or(0.0, |last| now - last);
        let Stage::Turning {
            turn,
            trajectory,
            held,
            wrong,
        } = &mut self.stage
        else {
            return Ok(None);
        };
        let direction = self.turns[*turn];
        let straight = departure(moved) <= limits::STILL;
        if !straight && now - self.began < limits::REACTION {
            return Err(Failure::MovedEarly);
        }
        let same =
            |a: Option<Track>, b: Option<Track>| a.zip(b).filter(|(a, b)| a.number == b.number);
        if straight && same(observation.track, self.straight).is_none() {
            self.straight = observation.track;
        }
        let depth = same(observation.track, self.straight).map(|(now, then)| {
            (now.nose - then.nose).along(direction) / depth_needed(direction, share)
        });
        let posed = moved.along(direction) / pose_needed(direction);
        *held = if posed >= 1.0 { *held + 1 } else { 0 };
        let otherwise = departure(moved) >= 1.0 && posed < departure(moved) / 2.0;
        *wrong = if otherwise { *wrong + 1 } else { 0 };
        if *wrong > limits::HELD {
            return Err(Failure::WrongMovement);
        }
        *trajectory = if straight {
            Trajectory::at(posed)
        } else {
            trajectory.onwards(posed, depth, now, elapsed)
        };
        self.reached = match trajectory.is_deep() {
            true => posed,
            false => posed.min(depth.unwrap_or(0.0)),
        };
        let shown = trajectory.is_deep() && *held >= limits::HELD;
        if !shown && !trajectory.is_lost(now) {
            return Ok(None);
        }
        let (turn, failed_tries) = if shown && trajectory.is_smooth() {
            (*turn + 1, 0)
        } else {
            (*turn, self.failed_tries + 1)
        };
        if failed_tries == limits::TRIES {
            return Err(Failure::NotFollowed);
        }
        self.failed_tries = failed_tries;
        let next = Stage::Straight {
            turn,
            since: None,
            away: 0,
        };
        self.enter(now, next);
        Ok((failed_tries > 0).then_some(Hint::Again))
    }

    fn enter(&mut self, now: f64, stage: Stage) {
        self.stage = stage;
        self.began = now;
    }

    fn pause(&self, turn: usize) -> f64 {
        self.pauses.get(turn).copied().unwrap_or(limits::PAUSE)
    }

    fn time_limit(&self) -> f64 {
        match self.stage {
            Stage::Finding(_) => limits::FIND,
            Stage::Straight { .. } | Stage::Turning { .. } => limits::TURN,
            Stage::Over => f64::INFINITY,
        }
    }

    fn lateness(&self) -> Failure {
        match self.stage {
            Stage::Finding(_) => Failure::NoNeutral,
            _ => Failure::Timeout,
        }
    }

    fn fail(&mut self, reason: Failure, hint: Option<Hint>) -> State {
        self.stage = Stage::Over;
        State::Failed { reason, hint }
    }

    fn asking(&self, now: f64, hint: Option<Hint>) -> State {
        let (instruction, done, reach) = match &self.stage {
            Stage::Turning { turn, .. } => {
                (Instruction::from(self.turns[*turn]), *turn, self.reached)
            }
            Stage::Straight { turn, since, .. } => {
                let waited = since.map_or(0.0, |since| now - since);
                (
                    Instruction::Neutral,
                    *turn,
                    (waited / self.pause(*turn)) as f32,
                )
            }
            Stage::Finding(_) | Stage::Over => (Instruction::Neutral, 0, 0.0),
        };
        let reach = reach.clamp(0.0, 1.0);
        let turning = if instruction == Instruction::Neutral {
            0.0
        } else {
            reach
        };
        State::Asking {
            instruction,
            reach,
            progress: (done as f32 + turning) / TURNS as f32,
            hint,
        }
    }
}

/// The orders that one is drawn from: no turn twice in a row, since the second would instruction for
/// nothing new, and looking up among them, since paper bends one way at a time.
fn orders() -> Vec<[Turn; TURNS]> {
    let all = Turn::ALL;
    let triples = all
        .into_iter()
        .flat_map(|a| all.into_iter().flat_map(move |b| all.map(|c| [a, b, c])));
    triples
        .filter(|order| order.windows(2).all(|pair| pair[0] != pair[1]))
        .filter(|order| order.contains(&Turn::Up))
        .collect()
}

/// How far the head is from its neutral pose in any direction, where 1 is a whole turn.
fn departure(moved: Offset) -> f32 {
    (moved.x / limits::POSE.0).hypot(moved.y / limits::POSE.1)
}

/// What keeps a face from being a neutral pose.
fn obstacle(face: &Face, pose: &Pose, side: f32) -> Option<Hint> {
    if let Some(issue) = face.quality.issue {
        return Some(issue.into());
    }
    if pose.eye_share(side) > limits::EYE_SHARE {
        return Some(Hint::TooClose);
    }
    (pose.off_centre().abs() > limits::OFF_CENTRE).then_some(Hint::TurnedAway)
}

/// Whether a face cannot have come from `before` to `now` within `seconds`: faster than two face
/// widths a second, or grown or shrunk at more than twofold a second, beyond the detector's noise.
fn jumped(before: &Rect, now: &Rect, seconds: f64) -> bool {
    let seconds = seconds as f32;
    let centre = |rect: &Rect| (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
    let ((x0, y0), (x1, y1)) = (centre(before), centre(now));
    let moved = (x1 - x0).hypot(y1 - y0) / before.width.max(1.0);
    let grown = (now.width.max(1.0) / before.width.max(1.0)).log2().abs();
    !(moved <= 0.25 + 2.0 * seconds && grown <= 0.25 + seconds)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::Quality;
    use crate::liveness::pose::tests::{HEAD, Held, SIDE, STRAIGHT, picture, project};
    use crate::verify::cohort::Cohort;
    use crate::verify::embedding::tests::at_angle;

    pub(crate) const PERIOD: f64 = 100.0;

    pub(crate) const SAME_FACE: SameFace = SameFace {
        cohort: Cohort::NONE,
        straight: 0.6,
        moving: 0.8,
    };

    pub(crate) fn face(points: [[f32; 3]; 6], held: Held) -> Face {
        let landmarks = project(points, held);
        let size = 2.2 * SIDE * 0.6 / held.distance;
        Face {
            bounds: Rect {
                x: landmarks.left_eye.midpoint(landmarks.right_eye).x - size / 2.0,
                y: landmarks.left_eye.midpoint(landmarks.right_eye).y - size / 2.0,
                width: size,
                height: size,
            },
            score: 0.9,
            landmarks,
            quality: Quality {
                size: size / 2.2,
                brightness: 0.5,
                contrast: 0.2,
                sharpness: 0.3,
                yaw: 0.0,
                pitch: 0.0,
                roll: 0.0,
                issue: None,
            },
        }
    }

    /// Someone who reacts to what is asked after 300 ms and takes 600 ms for a movement.
    pub(crate) struct Person {
        degrees: f32,
        asked: Instruction,
        since: f64,
        from: (f32, f32),
        duration: f64,
    }

    impl Person {
        pub(crate) fn new() -> Self {
            Self {
                degrees: 32.0,
                asked: Instruction::Neutral,
                since: -1e9,
                from: (0.0, 0.0),
                duration: 600.0,
            }
        }

        /// The pose of this moment, `instruction` being on the screen.
        pub(crate) fn held(&mut self, time: f64, instruction: Instruction) -> Held {
            if instruction != self.asked {
                self.from = self.pose(time);
                self.asked = instruction;
                self.since = time;
            }
            let (yaw, pitch) = self.pose(time);
            Held {
                yaw,
                pitch,
                ..STRAIGHT
            }
        }

        fn pose(&self, time: f64) -> (f32, f32) {
            let share = ((time - self.since - 300.0) / self.duration).clamp(0.0, 1.0) as f32;
            let (yaw, pitch) = match self.asked {
                Instruction::Neutral => (0.0, 0.0),
                Instruction::TurnLeft => (self.degrees, 0.0),
                Instruction::TurnRight => (-self.degrees, 0.0),
                Instruction::LookUp => (0.0, self.degrees),
            };
            let (x, y) = self.from;
            (x + share * (yaw - x), y + share * (pitch - y))
        }
    }

    /// What one frame of a test shows.
    struct Shown {
        faces: Vec<Face>,
        /// Of the embedding, in degrees.
        angle: f32,
        /// The nose's parallax, as a multiple of what the landmarks show.
        depth: f32,
        /// Whether the nose was followed here.
        followed: bool,
    }

    impl From<Vec<Face>> for Shown {
        fn from(faces: Vec<Face>) -> Self {
            Self {
                faces,
                angle: 0.0,
                depth: 1.0,
                followed: true,
            }
        }
    }

    impl From<Face> for Shown {
        fn from(face: Face) -> Self {
            vec![face].into()
        }
    }

    /// Runs a challenge to its end on what `show` makes of the time and what is asked for.
    fn run<S: Into<Shown>>(
        random: [u8; RANDOM_BYTES],
        mut show: impl FnMut(f64, Instruction) -> S,
    ) -> Challenge {
        let mut challenge = Challenge::new(random, SAME_FACE);
        let mut time = 0.0;
        let mut first = None;
        while let State::Asking {
            instruction,
            reach,
            progress,
            ..
        } = challenge.state()
        {
            assert!((0.0..=1.0).contains(&reach) && (0.0..=1.0).contains(&progress));
            assert!(time < 120_000.0, "every step has a time limit");
            time += PERIOD;
            let Shown {
                faces,
                angle,
                depth,
                followed,
            } = show(time, instruction).into();
            let embedding = challenge.wants_embedding(time).then(|| at_angle(angle));
            let pose = faces.first().and_then(|face| Pose::new(&face.landmarks));
            let track = pose.filter(|_| followed).map(|pose| {
                let moved = pose.since(first.get_or_insert(pose));
                Track {
                    number: 1,
                    nose: Offset {
                        x: depth * moved.x,
                        y: depth * moved.y,
                    },
                }
            });
            challenge.observe(&Observation {
                time,
                faces: &faces,
                side: SIDE,
                embedding: embedding.as_ref(),
                track,
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

    pub(crate) const RANDOM: [u8; RANDOM_BYTES] = [7; RANDOM_BYTES];

    #[test]
    fn orders_ask_for_something_new_each_time_and_for_looking_up() {
        let orders = orders();
        assert_eq!(orders.len(), 10);
        for order in &orders {
            assert!(order.contains(&Turn::Up), "{order:?}");
            assert!(order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
        }
    }

    proptest! {
        #[test]
        fn a_person_passes_every_challenge(random: [u8; RANDOM_BYTES]) {
            let mut person = Person::new();
            let challenge = run(random, |time, instruction| face(HEAD, person.held(time, instruction)));
            prop_assert_eq!(challenge.state(), State::Passed);
            prop_assert_eq!(challenge.probes().len(), TURNS);
        }

        /// The same movements by someone who holds a picture, at any distance.
        #[test]
        fn a_picture_passes_none(random: [u8; RANDOM_BYTES], degrees in 0f32..50.0, distance in 2.6f32..10.0) {
            let mut person = Person::new();
            person.degrees = degrees;
            let challenge = run(random, |time, instruction| {
                face(picture(), Held { distance, ..person.held(time, instruction) })
            });
            prop_assert!(failure(&challenge).is_some());
            prop_assert!(challenge.probes().is_empty());
        }

        /// A detector that takes a tilted photo for a face that turns is not enough, nor is what
        /// perspective adds to it.
        #[test]
        fn landmarks_without_depth_pass_none(random: [u8; RANDOM_BYTES], depth in -1f32..0.2) {
            let mut person = Person::new();
            let challenge = run(random, |time, instruction| Shown {
                depth,
                ..face(HEAD, person.held(time, instruction)).into()
            });
            prop_assert_eq!(failure(&challenge), Some(Failure::NotFollowed));
        }

        /// Whatever is fed to it, a challenge does not panic and never passes without turns.
        #[test]
        fn nonsense_passes_nothing(
            frames in prop::collection::vec((prop::num::f64::ANY, prop::num::f32::ANY, 0usize..3), 1..60),
        ) {
            let mut challenge = Challenge::new(RANDOM, SAME_FACE);
            for (time, value, count) in frames {
                let mut odd = face(HEAD, STRAIGHT);
                odd.landmarks.nose.x = value;
                odd.bounds.width = value;
                let faces = vec![odd; count];
                let embedding = at_angle(0.0);
                let state = challenge.observe(&Observation {
                    time, faces: &faces, side: value, embedding: Some(&embedding),
                    track: Some(Track { number: 1, nose: Offset { x: value, y: value } }),
                });
                prop_assert_ne!(state, State::Passed);
            }
        }
    }

    #[test]
    fn a_still_face_runs_out_of_time() {
        let still = run(RANDOM, |_, _| face(HEAD, STRAIGHT));
        assert_eq!(failure(&still), Some(Failure::Timeout));
    }

    #[test]
    fn without_a_straight_face_nothing_is_asked() {
        let nobody = run(RANDOM, |_, instruction| {
            assert_eq!(instruction, Instruction::Neutral);
            Vec::new()
        });
        let expected = State::Failed {
            reason: Failure::NoNeutral,
            hint: Some(Hint::NoFace),
        };
        assert_eq!(nobody.state(), expected);
        let close = Held {
            distance: 2.0,
            ..STRAIGHT
        };
        let close = run(RANDOM, |_, _| face(HEAD, close));
        let expected = State::Failed {
            reason: Failure::NoNeutral,
            hint: Some(Hint::TooClose),
        };
        assert_eq!(close.state(), expected);
    }

    /// What a person who follows the instructions shows, changed by `change` once the first turn is
    /// asked for.
    fn disturbed(change: impl Fn(f64, &mut Shown)) -> Option<Failure> {
        let mut person = Person::new();
        let mut since = None;
        let challenge = run(RANDOM, |time, instruction| {
            let mut shown = Shown::from(face(HEAD, person.held(time, instruction)));
            if instruction != Instruction::Neutral {
                since.get_or_insert(time);
            }
            if let Some(since) = since {
                change(time - since, &mut shown);
            }
            shown
        });
        failure(&challenge)
    }

    #[test]
    fn the_face_must_stay_in_view() {
        let gone = |_, shown: &mut Shown| shown.faces.clear();
        assert_eq!(disturbed(gone), Some(Failure::FaceLost));
        let missed = |time, shown: &mut Shown| {
            if time < 300.0 {
                shown.faces.clear();
            }
        };
        assert_eq!(disturbed(missed), None, "a moment is too short");
    }

    #[test]
    fn nobody_else_may_come_into_view() {
        let two = |_, shown: &mut Shown| shown.faces.extend(shown.faces.first().cloned());
        assert_eq!(disturbed(two), Some(Failure::SeveralFaces));
    }

    #[test]
    fn the_face_may_not_become_another_one() {
        let other = |time, shown: &mut Shown| shown.angle = if time > 300.0 { 90.0 } else { 0.0 };
        assert_eq!(disturbed(other), Some(Failure::FaceChanged));
        // Little by little, so that no two embeddings in a row differ much.
        let drifting = |time, shown: &mut Shown| shown.angle = (time / 50.0) as f32;
        assert_eq!(disturbed(drifting), Some(Failure::FaceChanged));
    }

    #[test]
    fn one_bad_picture_of_a_straight_face_is_no_other_face() {
        let angle = 50.0f32; // too far from the first embedding, not from the one before
        assert!(
            (SAME_FACE.straight..SAME_FACE.moving)
                .contains(&(2.0 - 2.0 * angle.to_radians().cos()))
        );
        let blurred = |from: f64, until: f64| {
            move |time: f64, shown: &mut Shown| {
                shown.angle = if (from..until).contains(&time) {
                    angle
                } else {
                    0.0
                };
            }
        };
        assert_eq!(disturbed(blurred(0.0, 200.0)), None);
        assert_eq!(disturbed(blurred(0.0, 400.0)), Some(Failure::FaceChanged));
    }

    #[test]
    fn the_face_may_not_jump() {
        let aside = |_, shown: &mut Shown| shown.faces[0].bounds.x += 200.0;
        assert_eq!(disturbed(aside), Some(Failure::Jumped));
    }

    #[test]
    fn frames_must_come_often_enough() {
        let mut challenge = Challenge::new(RANDOM, SAME_FACE);
        let embedding = at_angle(0.0);
        let faces = [face(HEAD, STRAIGHT)];
        for time in [0.0, 300.0, 600.0, 900.0, 1200.0, 4000.0] {
            challenge.observe(&Observation {
                time,
                faces: &faces,
                side: SIDE,
                embedding: Some(&embedding),
                track: None,
            });
        }
        assert_eq!(failure(&challenge), Some(Failure::Stalled));
    }

    #[test]
    fn another_movement_than_the_one_asked_for_fails() {
        let mut person = Person::new();
        let swapped = run(RANDOM, |time, instruction| {
            let instruction = match instruction {
                Instruction::TurnLeft => Instruction::TurnRight,
                Instruction::TurnRight | Instruction::LookUp => Instruction::TurnLeft,
                Instruction::Neutral => Instruction::Neutral,
            };
            face(HEAD, person.held(time, instruction))
        });
        assert_eq!(failure(&swapped), Some(Failure::WrongMovement));
    }

    #[test]
    fn a_movement_may_not_begin_before_it_is_asked_for() {
        let order = Challenge::new(RANDOM, SAME_FACE).order();
        let mut person = Person::new();
        let eager = run(RANDOM, |time, _| {
            let instruction = if time > 700.0 {
                order[0]
            } else {
                Instruction::Neutral
            };
            face(HEAD, person.held(time, instruction))
        });
        assert_eq!(failure(&eager), Some(Failure::MovedEarly));
    }

    /// Photos of a person in the right poses, shown at the right moments.
    #[test]
    fn poses_without_a_movement_between_them_do_not_count() {
        let mut person = Person::new();
        person.duration = 1.0;
        let cards = run(RANDOM, |time, instruction| {
            face(HEAD, person.held(time, instruction))
        });
        assert_eq!(failure(&cards), Some(Failure::NotFollowed));
    }

    #[test]
    fn a_turn_that_was_too_quick_is_asked_for_again() {
        let mut person = Person::new();
        person.duration = 1.0;
        let mut asked = vec![Instruction::Neutral];
        let challenge = run(RANDOM, |time, instruction| {
            if asked.last() != Some(&instruction) {
                asked.push(instruction);
            }
            if instruction == Instruction::Neutral && asked.len() > 1 {
                person.duration = 600.0;
            }
            face(HEAD, person.held(time, instruction))
        });
        assert_eq!(challenge.state(), State::Passed);
        let [a, b, c] = challenge.order();
        let turns: Vec<Instruction> = asked
            .into_iter()
            .filter(|instruction| *instruction != Instruction::Neutral)
            .collect();
        assert_eq!(turns, [a, a, b, c]);
    }

    /// A picture of a person whose nose is followed as long as it is not turned so far.
    fn followed_until(degrees: f32) -> Option<Failure> {
        let mut person = Person::new();
        let challenge = run(RANDOM, |time, instruction| {
            let held = person.held(time, instruction);
            let mut shown = Shown::from(face(HEAD, held));
            shown.followed = held.yaw.abs().max(held.pitch) < degrees;
            shown
        });
        failure(&challenge)
    }

    #[test]
    fn a_nose_may_go_out_of_sight_once_its_depth_was_seen() {
        assert_eq!(followed_until(30.0), None);
        assert_eq!(followed_until(12.0), Some(Failure::NotFollowed));
    }

    #[test]
    fn frames_out_of_order_are_ignored() {
        let mut challenge = Challenge::new(RANDOM, SAME_FACE);
        let observe = |challenge: &mut Challenge, time| {
            challenge.observe(&Observation {
                time,
                faces: &[],
                side: SIDE,
                embedding: None,
                track: None,
            })
        };
        observe(&mut challenge, 1000.0);
        observe(&mut challenge, f64::NAN);
        observe(&mut challenge, 10.0);
        let state = observe(&mut challenge, 1.0 + limits::FIND);
        assert!(matches!(state, State::Asking { .. }));
    }
}
