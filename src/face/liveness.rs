//! The movement check: whether a head that does what it is asked to is in front of the camera.
//!
//! The person looks straight ahead, then turns the head three times, left, right or up, in an order
//! drawn at random, and looks straight ahead again after each turn. A [`Challenge`] is fed one
//! [`Observation`] a frame and says in its [`State`] what is asked for now, and in the end whether
//! it was done. It knows no clock, camera or random numbers of its own: times and random bytes come
//! from outside, so that the page and the measurements run the same code.
//!
//! What it relies on:
//!
//! - **Depth.** A turn counts where nose and ears show the parallax of a head and not of a flat
//!   picture; see [`parallax`](super::parallax).
//! - **Order and time.** Each turn is asked for after a pause of random length. A head that moves
//!   before that, too soon to be a reaction, or otherwise than asked, fails.
//! - **Continuity.** One face, which never disappears, jumps, or changes its embedding. The
//!   embeddings to be compared later ([`Challenge::probes`]) are taken between the turns, so that
//!   the face that turned is the face that is verified.
//!
//! What it cannot tell from a person: a program that feeds pictures instead of the camera, a mask
//! with a face's depth, and recordings of the person that are played as each turn is asked for.

use serde::{Deserialize, Serialize};

use super::parallax::{Needs, Parallax, Shape, Turn};
use super::{Face, QualityIssue, Rect};
use crate::verify::embedding::Embedding;

/// Turns of the head that are asked for.
pub const TURNS: usize = 3;

/// Random bytes that a challenge is drawn from.
pub const RANDOM_BYTES: usize = 4 + 2 * TURNS;

/// What is asked of the person now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// Look straight at the camera.
    Neutral,
    /// Turn the head to one's own left.
    TurnLeft,
    /// Turn the head to one's own right.
    TurnRight,
    /// Lift the chin.
    LookUp,
}

impl From<Turn> for Ask {
    fn from(turn: Turn) -> Self {
        match turn {
            Turn::Left => Self::TurnLeft,
            Turn::Right => Self::TurnRight,
            Turn::Up => Self::LookUp,
        }
    }
}

/// What keeps the person from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// There is no face in view.
    NoFace,
    /// There are several.
    SeveralFaces,
    /// Too few pixels.
    TooSmall,
    /// So close that perspective could pass for depth.
    TooClose,
    /// Part of the face is outside the picture.
    CutOff,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Out of focus, or moving.
    Blurred,
    /// The head is not straight.
    TurnedAway,
    /// The head moves while it should be still.
    HoldStill,
    /// The head turned too quickly to be followed; look straight and turn again.
    Slower,
}

impl From<QualityIssue> for Hint {
    fn from(issue: QualityIssue) -> Self {
        match issue {
            QualityIssue::TooSmall => Self::TooSmall,
            QualityIssue::CutOff => Self::CutOff,
            QualityIssue::TooDark => Self::TooDark,
            QualityIssue::TooBright => Self::TooBright,
            QualityIssue::TurnedAway => Self::TurnedAway,
            QualityIssue::Blurred => Self::Blurred,
        }
    }
}

/// Why a challenge failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No good picture of one face that looks straight ahead, so that nothing was asked yet.
    NoNeutral,
    /// What was asked was not done in time.
    Timeout,
    /// The face disappeared.
    FaceLost,
    /// Another face came into view.
    SeveralFaces,
    /// The face turned into another one.
    FaceChanged,
    /// The face was somewhere else from one frame to the next.
    Jumped,
    /// The head turned before it was asked to.
    MovedEarly,
    /// The head turned otherwise than asked.
    WrongMovement,
    /// Frames came too seldom to follow the face.
    Stalled,
}

/// How far a challenge is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum State {
    /// The person is asked for something.
    Asking {
        /// For what.
        ask: Ask,
        /// How much of it is done, in `[0, 1]`.
        reach: f32,
        /// How much of the whole challenge is done, in `[0, 1]`.
        progress: f32,
        /// What keeps it from going on, if anything does.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
    /// A head has done all that was asked.
    Passed,
    /// It has not.
    Failed {
        /// Why.
        reason: Failure,
        /// What kept it from going on last, if anything did.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<Hint>,
    },
}

/// What one frame shows.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// When it was taken, in milliseconds from any moment on.
    pub time: f64,
    /// Every face in it.
    pub faces: &'a [Face],
    /// The picture's longer side in pixels.
    pub side: f32,
    /// The face's embedding, where it was computed; see [`Challenge::wants_embedding`].
    pub embedding: Option<&'a Embedding>,
}

/// Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`).
mod limits {
    use super::Needs;

    /// What a turn has to show: a turn of about 20 degrees.
    pub const NEEDS: Needs = Needs {
        sideways: 0.12,
        up: 0.09,
        ears: 1.0,
    };
    /// Departures from the neutral pose that count as none, in whole turns.
    pub const STILL: f32 = 0.45;
    /// The most of a turn from one frame to the next: a head goes through what lies between.
    pub const STEP: f32 = 0.65;
    /// How far from the middle between the eyes the nose may be on a straight face.
    pub const ASIDE: f32 = 0.2;
    /// How far the eyes may be apart, as a share of the picture's longer side.
    pub const SHARE: f32 = 0.24;
    /// Squared distance up to which a straight face is the one of the beginning.
    pub const SAME_FACE: f32 = 0.6;
    /// Squared distance up to which a face is that of the embedding before.
    pub const SAME_FACE_TURNING: f32 = 0.8;
    /// Frames in a row that a turn must last.
    pub const HELD: u32 = 2;
    /// Frames that make the neutral pose, and the milliseconds that they must last.
    pub const NEUTRAL: (usize, f64) = (4, 600.0);

    // Milliseconds.

    /// Until the neutral pose is found.
    pub const FIND: f64 = 20_000.0;
    /// For a turn, and for coming back from it.
    pub const TURN: f64 = 8_000.0;
    /// Shortest time from the asking to a movement: people take 200 and more.
    pub const REACTION: f64 = 120.0;
    /// Straight looks last this long at least, and up to twice that.
    pub const PAUSE: f64 = 500.0;
    /// Without a face, or with several.
    pub const ABSENCE: f64 = 1_000.0;
    /// From one frame to the next.
    pub const GAP: f64 = 1_500.0;
    /// Between two embeddings.
    pub const EMBEDDING: f64 = 200.0;
}

/// What the challenge waits for.
#[derive(Debug, Clone)]
enum Stage {
    /// A straight face to measure from: the frames that show one, in a row.
    Finding(Vec<(f64, Shape)>),
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
        /// Whether the head went in steps from frame to frame that a head can make.
        smooth: bool,
        /// Frames in a row that show all of the turn.
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
    /// Lengths of the straight looks before each turn, in milliseconds.
    pauses: [f64; TURNS],
    stage: Stage,
    /// When the stage began.
    began: f64,
    state: State,
    /// The neutral pose and its face.
    neutral: Option<(Shape, Embedding)>,
    /// When the last frame was taken.
    last: Option<f64>,
    /// The last frame with a single face: when, and where.
    seen: Option<(f64, Rect)>,
    /// The last embedding, and when it was taken.
    embedded: Option<(f64, Embedding)>,
    /// How much of the turn in question the nose showed in the last frame.
    reached: f32,
    probes: Vec<Embedding>,
}

impl Challenge {
    /// Draws a challenge. `random` must be fresh random bytes that nobody can predict.
    pub fn new(random: [u8; RANDOM_BYTES]) -> Self {
        let [a, b, c, d, rest @ ..] = random;
        let orders = orders();
        let number = u32::from_le_bytes([a, b, c, d]) as usize;
        let share = |i: usize| f64::from(u16::from_le_bytes([rest[2 * i], rest[2 * i + 1]]));
        Self {
            turns: orders[number % orders.len()],
            pauses: std::array::from_fn(|i| {
                limits::PAUSE * (1.0 + share(i) / f64::from(u16::MAX))
            }),
            stage: Stage::Finding(Vec::new()),
            began: 0.0,
            state: State::Asking {
                ask: Ask::Neutral,
                reach: 0.0,
                progress: 0.0,
                hint: None,
            },
            neutral: None,
            last: None,
            seen: None,
            embedded: None,
            reached: 0.0,
            probes: Vec::new(),
        }
    }

    /// How far it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// What is asked for, turn by turn: for measurements, and not to be shown beforehand.
    pub fn order(&self) -> [Ask; TURNS] {
        self.turns.map(Ask::from)
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
        let (face, shape) = match observation.faces {
            [face] => match Shape::new(&face.landmarks) {
                Some(shape) => (face, shape),
                None => return self.miss(now, Hint::NoFace),
            },
            [] => return self.miss(now, Hint::NoFace),
            _ => return self.miss(now, Hint::SeveralFaces),
        };
        self.follow(now, face, observation.embedding)?;
        let Some((neutral, first)) = &self.neutral else {
            return Ok(self.find(now, face, shape, observation.side));
        };
        let parallax = shape.since(neutral, observation.side);
        let straight = parallax.departure(&limits::NEEDS) <= limits::STILL;
        let other = |embedding: &Embedding| embedding.squared_distance(first) > limits::SAME_FACE;
        if straight && observation.embedding.is_some_and(other) {
            return Err(Failure::FaceChanged);
        }
        match self.stage {
            Stage::Straight { .. } => self.wait(now, face, &parallax, observation.embedding),
            Stage::Turning { .. } => self.turn(now, &parallax),
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
                && embedding.squared_distance(before) > limits::SAME_FACE_TURNING
            {
                self.lose(Failure::FaceChanged)?;
            }
            self.embedded = Some((now, embedding.clone()));
        }
        Ok(())
    }

    /// Collects straight looks until they make a neutral pose.
    fn find(&mut self, now: f64, face: &Face, shape: Shape, side: f32) -> Option<Hint> {
        let Stage::Finding(frames) = &mut self.stage else {
            return None;
        };
        if let Some(hint) = obstacle(face, &shape, side) {
            frames.clear();
            return Some(hint);
        }
        let (count, time) = limits::NEUTRAL;
        frames.push((now, shape));
        while frames.len() > count && now - frames[1].0 >= time {
            frames.remove(0);
        }
        let shapes: Vec<Shape> = frames.iter().map(|(_, shape)| *shape).collect();
        let mean = Shape::mean(&shapes)?;
        let moving = shapes
            .iter()
            .any(|shape| shape.since(&mean, side).departure(&limits::NEEDS) > limits::STILL / 2.0);
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
        now: f64,
        face: &Face,
        parallax: &Parallax,
        embedding: Option<&Embedding>,
    ) -> Result<Option<Hint>, Failure> {
        let Stage::Straight { turn, since, away } = &mut self.stage else {
            return Ok(None);
        };
        let departure = parallax.departure(&limits::NEEDS);
        if departure > limits::STILL {
            let settled = since.is_some();
            *away = if departure >= 1.0 { *away + 1 } else { 0 };
            if settled && *away >= limits::HELD {
                return Err(Failure::MovedEarly);
            }
            *since = since.and(Some(now));
            return Ok(settled.then_some(Hint::HoldStill));
        }
        *away = 0;
        let straight_for = now - *since.get_or_insert(now);
        let turn = *turn;
        let issue = face.quality.issue.map(Hint::from);
        if self.probes.len() < turn
            && issue.is_none()
            && let Some(embedding) = embedding
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
                smooth: true,
                held: 0,
                wrong: 0,
            };
            self.enter(now, if turn < TURNS { next } else { Stage::Over });
        }
        Ok(None)
    }

    /// Follows a turn that was asked for.
    fn turn(&mut self, now: f64, parallax: &Parallax) -> Result<Option<Hint>, Failure> {
        let (began, before) = (self.began, self.reached);
        let Stage::Turning {
            turn,
            smooth,
            held,
            wrong,
        } = &mut self.stage
        else {
            return Ok(None);
        };
        let asked = self.turns[*turn];
        let departure = parallax.departure(&limits::NEEDS);
        let nose = parallax.nose_reach(asked, &limits::NEEDS);
        let reach = parallax.reach(asked, &limits::NEEDS);
        self.reached = nose;
        if departure > limits::STILL && now - began < limits::REACTION {
            return Err(Failure::MovedEarly);
        }
        *smooth = departure <= limits::STILL || (*smooth && (nose - before).abs() <= limits::STEP);
        *held = if *smooth && reach >= 1.0 { *held + 1 } else { 0 };
        *wrong = if departure >= 1.0 && nose < departure / 2.0 { *wrong + 1 } else { 0 };
        if *wrong > limits::HELD {
            return Err(Failure::WrongMovement);
        }
        let hint = (!*smooth).then_some(Hint::Slower);
        if *held >= limits::HELD {
            let turn = *turn + 1;
            self.enter(
                now,
                Stage::Straight {
                    turn,
                    since: None,
                    away: 0,
                },
            );
        }
        Ok(hint)
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
        let (ask, done, reach) = match &self.stage {
            Stage::Turning { turn, .. } => (Ask::from(self.turns[*turn]), *turn, self.reached),
            Stage::Straight { turn, since, .. } => {
                let waited = since.map_or(0.0, |since| now - since);
                (Ask::Neutral, *turn, (waited / self.pause(*turn)) as f32)
            }
            Stage::Finding(_) | Stage::Over => (Ask::Neutral, 0, 0.0),
        };
        let reach = reach.clamp(0.0, 1.0);
        let turning = if ask == Ask::Neutral { 0.0 } else { reach };
        State::Asking {
            ask,
            reach,
            progress: (done as f32 + turning) / TURNS as f32,
            hint,
        }
    }
}

/// The orders that one is drawn from: no turn twice in a row, since the second would ask for
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

/// What keeps a face from being a neutral pose.
fn obstacle(face: &Face, shape: &Shape, side: f32) -> Option<Hint> {
    if let Some(issue) = face.quality.issue {
        return Some(issue.into());
    }
    if shape.share_of(side) > limits::SHARE {
        return Some(Hint::TooClose);
    }
    (shape.aside().abs() > limits::ASIDE).then_some(Hint::TurnedAway)
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::Quality;
    use crate::face::parallax::tests::{HEAD, Held, SIDE, STRAIGHT, picture, project};
    use crate::verify::embedding::tests::at_angle;

    const PERIOD: f64 = 100.0;

    fn face(points: [[f32; 3]; 6], held: Held) -> Face {
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
    struct Person {
        degrees: f32,
        asked: Ask,
        since: f64,
        from: (f32, f32),
        duration: f64,
    }

    impl Person {
        fn new() -> Self {
            Self {
                degrees: 32.0,
                asked: Ask::Neutral,
                since: -1e9,
                from: (0.0, 0.0),
                duration: 600.0,
            }
        }

        /// The pose of this moment, `ask` being on the screen.
        fn held(&mut self, time: f64, ask: Ask) -> Held {
            if ask != self.asked {
                self.from = self.pose(time);
                self.asked = ask;
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
                Ask::Neutral => (0.0, 0.0),
                Ask::TurnLeft => (self.degrees, 0.0),
                Ask::TurnRight => (-self.degrees, 0.0),
                Ask::LookUp => (0.0, self.degrees),
            };
            let (x, y) = self.from;
            (x + share * (yaw - x), y + share * (pitch - y))
        }
    }

    /// Runs a challenge to its end on what `show` makes of the time and what is asked for: the
    /// faces in the picture, and the angle of the embedding.
    fn run(
        random: [u8; RANDOM_BYTES],
        mut show: impl FnMut(f64, Ask) -> (Vec<Face>, f32),
    ) -> Challenge {
        let mut challenge = Challenge::new(random);
        let mut time = 0.0;
        while let State::Asking { ask, reach, progress, .. } = challenge.state() {
            assert!((0.0..=1.0).contains(&reach) && (0.0..=1.0).contains(&progress));
            assert!(time < 120_000.0, "every step has a time limit");
            time += PERIOD;
            let (faces, angle) = show(time, ask);
            let embedding = challenge.wants_embedding(time).then(|| at_angle(angle));
            challenge.observe(&Observation {
                time,
                faces: &faces,
                side: SIDE,
                embedding: embedding.as_ref(),
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

    const RANDOM: [u8; RANDOM_BYTES] = [7; RANDOM_BYTES];

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
            let challenge = run(random, |time, ask| (vec![face(HEAD, person.held(time, ask))], 0.0));
            prop_assert_eq!(challenge.state(), State::Passed);
            prop_assert_eq!(challenge.probes().len(), TURNS);
        }

        /// The same movements by someone who holds a picture, at any distance.
        #[test]
        fn a_picture_passes_none(random: [u8; RANDOM_BYTES], degrees in 0f32..50.0, distance in 2.6f32..10.0) {
            let mut person = Person::new();
            person.degrees = degrees;
            let challenge = run(random, |time, ask| {
                (vec![face(picture(), Held { distance, ..person.held(time, ask) })], 0.0)
            });
            prop_assert!(failure(&challenge).is_some());
            prop_assert!(challenge.probes().is_empty());
        }

        /// Whatever is fed to it, a challenge does not panic and never passes without turns.
        #[test]
        fn nonsense_passes_nothing(
            frames in prop::collection::vec((prop::num::f64::ANY, prop::num::f32::ANY, 0usize..3), 1..60),
        ) {
            let mut challenge = Challenge::new(RANDOM);
            for (time, value, count) in frames {
                let mut odd = face(HEAD, STRAIGHT);
                odd.landmarks.nose.x = value;
                odd.bounds.width = value;
                let faces = vec![odd; count];
                let embedding = at_angle(0.0);
                let state = challenge.observe(&Observation {
                    time, faces: &faces, side: value, embedding: Some(&embedding),
                });
                prop_assert_ne!(state, State::Passed);
            }
        }
    }

    #[test]
    fn a_still_face_runs_out_of_time() {
        let still = run(RANDOM, |_, _| (vec![face(HEAD, STRAIGHT)], 0.0));
        assert_eq!(failure(&still), Some(Failure::Timeout));
    }

    #[test]
    fn without_a_straight_face_nothing_is_asked() {
        let nobody = run(RANDOM, |_, ask| {
            assert_eq!(ask, Ask::Neutral);
            (Vec::new(), 0.0)
        });
        let expected = State::Failed {
            reason: Failure::NoNeutral,
            hint: Some(Hint::NoFace),
        };
        assert_eq!(nobody.state(), expected);
        let close = Held { distance: 2.0, ..STRAIGHT };
        let close = run(RANDOM, |_, _| (vec![face(HEAD, close)], 0.0));
        let expected = State::Failed {
            reason: Failure::NoNeutral,
            hint: Some(Hint::TooClose),
        };
        assert_eq!(close.state(), expected);
    }

    /// What a person who follows the instructions shows, changed by `change` once the first turn is
    /// asked for.
    fn disturbed(change: impl Fn(f64, Vec<Face>) -> (Vec<Face>, f32)) -> Option<Failure> {
        let mut person = Person::new();
        let mut since = None;
        let challenge = run(RANDOM, |time, ask| {
            let faces = vec![face(HEAD, person.held(time, ask))];
            if ask != Ask::Neutral {
                since.get_or_insert(time);
            }
            match since {
                Some(since) => change(time - since, faces),
                None => (faces, 0.0),
            }
        });
        failure(&challenge)
    }

    #[test]
    fn the_face_must_stay_in_view() {
        assert_eq!(disturbed(|_, _| (Vec::new(), 0.0)), Some(Failure::FaceLost));
        let blink = |time: f64, faces| (if (500.0..900.0).contains(&time) { Vec::new() } else { faces }, 0.0);
        assert_eq!(disturbed(blink), None, "a turned head may be missed for a moment");
    }

    #[test]
    fn nobody_else_may_come_into_view() {
        let two = |_, faces: Vec<Face>| (vec![faces[0].clone(), faces[0].clone()], 0.0);
        assert_eq!(disturbed(two), Some(Failure::SeveralFaces));
    }

    #[test]
    fn the_face_may_not_become_another_one() {
        let other = |time, faces| (faces, if time > 300.0 { 90.0 } else { 0.0 });
        assert_eq!(disturbed(other), Some(Failure::FaceChanged));
        // Little by little, so that no two embeddings in a row differ much.
        let drifting = |time: f64, faces| (faces, (time / 50.0) as f32);
        assert_eq!(disturbed(drifting), Some(Failure::FaceChanged));
    }

    #[test]
    fn the_face_may_not_jump() {
        let aside = |_, mut faces: Vec<Face>| {
            faces[0].bounds.x += 200.0;
            (faces, 0.0)
        };
        assert_eq!(disturbed(aside), Some(Failure::Jumped));
    }

    #[test]
    fn frames_must_come_often_enough() {
        let mut challenge = Challenge::new(RANDOM);
        let embedding = at_angle(0.0);
        let faces = [face(HEAD, STRAIGHT)];
        for time in [0.0, 300.0, 600.0, 900.0, 1200.0, 4000.0] {
            challenge.observe(&Observation {
                time,
                faces: &faces,
                side: SIDE,
                embedding: Some(&embedding),
            });
        }
        assert_eq!(failure(&challenge), Some(Failure::Stalled));
    }

    #[test]
    fn another_movement_than_the_one_asked_for_fails() {
        let mut person = Person::new();
        let swapped = run(RANDOM, |time, ask| {
            let ask = match ask {
                Ask::TurnLeft => Ask::TurnRight,
                Ask::TurnRight | Ask::LookUp => Ask::TurnLeft,
                Ask::Neutral => Ask::Neutral,
            };
            (vec![face(HEAD, person.held(time, ask))], 0.0)
        });
        assert_eq!(failure(&swapped), Some(Failure::WrongMovement));
    }

    #[test]
    fn a_movement_may_not_begin_before_it_is_asked_for() {
        let order = Challenge::new(RANDOM).order();
        let mut person = Person::new();
        let eager = run(RANDOM, |time, _| {
            let ask = if time > 700.0 { order[0] } else { Ask::Neutral };
            (vec![face(HEAD, person.held(time, ask))], 0.0)
        });
        assert_eq!(failure(&eager), Some(Failure::MovedEarly));
    }

    /// Photos of a person in the right poses, shown at the right moments.
    #[test]
    fn poses_without_a_movement_between_them_do_not_count() {
        let mut person = Person::new();
        person.duration = 1.0;
        let cards = run(RANDOM, |time, ask| (vec![face(HEAD, person.held(time, ask))], 0.0));
        assert_eq!(failure(&cards), Some(Failure::Timeout));
    }

    #[test]
    fn frames_out_of_order_are_ignored() {
        let mut challenge = Challenge::new(RANDOM);
        let observe = |challenge: &mut Challenge, time| {
            challenge.observe(&Observation {
                time,
                faces: &[],
                side: SIDE,
                embedding: None,
            })
        };
        observe(&mut challenge, 1000.0);
        observe(&mut challenge, f64::NAN);
        observe(&mut challenge, 10.0);
        let state = observe(&mut challenge, 1.0 + limits::FIND);
        assert!(matches!(state, State::Asking { .. }));
    }
}
