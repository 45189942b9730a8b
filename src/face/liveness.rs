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
//! - **Depth.** A turn counts where the nose shows the [`parallax`](super::parallax) of a head and
//!   not of a flat picture, and the detector's landmarks the [`pose`](super::pose).
//! - **Order and time.** Each turn is asked for after a pause of random length. A head that moves
//!   before that, too soon to be a reaction, or otherwise than asked, fails.
//! - **Continuity.** One face, which never disappears, jumps, or changes its embedding. The
//!   embeddings to be compared later ([`Challenge::probes`]) are taken between the turns, so
//!   that the face that turned is the face that is verified.
//!
//! What it cannot tell from a person: a program that feeds pictures instead of the camera, a mask
//! with a face's depth, and recordings of the person that are played as each turn is asked for.

use serde::{Deserialize, Serialize};

use super::parallax::{Track, Tracker, flat_limit};
use super::pose::{Offset, Pose, Turn};
use super::{Face, QualityIssue, Rect};
use crate::image::RgbImage;
use crate::verify::cohort::Cohort;
use crate::verify::decision::Calibrations;
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
    /// The turn could not be followed; look straight and turn again, more slowly and further.
    Again,
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
    /// The turn could not be followed, time and again.
    NotFollowed,
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
    /// Its nose's parallax, where there is one face.
    pub track: Option<Track>,
}

/// Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`). Lengths are in
/// distances between the eyes.
mod limits {
    /// How far the landmarks' nose moves in a turn that counts, sideways and up: about 20 degrees.
    pub const POSE: (f32, f32) = (0.14, 0.12);
    /// How much more parallax than a flat picture a turn shows, sideways and up.
    pub const DEPTH: (f32, f32) = (0.12, 0.11);
    /// Departures from the neutral pose that count as none, in whole turns.
    pub const STILL: f32 = 0.45;
    /// The most of its way that a head covers from one frame to the next: it goes through what
    /// lies between, where a picture of another pose does not.
    pub const STEP: f32 = 0.7;
    /// Whole turns in a second: quicker than heads are. The first is for the detector's noise.
    pub const SPEED: (f32, f32) = (0.25, 8.0);
    /// How far from the middle between the eyes the nose may be on a straight face.
    pub const ASIDE: f32 = 0.2;
    /// How far the eyes may be apart, as a share of the picture's longer side.
    pub const SHARE: f32 = 0.24;
    /// The false match rate at which a straight face is the one of the beginning.
    pub const SAME_STRAIGHT: f64 = 1e-4;
    /// The false match rate at which a face, turned or not, is that of the embedding before.
    pub const SAME_MOVING: f64 = 1e-2;
    /// Frames in a row that a turn must last.
    pub const HELD: u32 = 2;
    /// Embeddings in a row that make a straight face another one: a single one may be of a bad
    /// picture, and is then no probe.
    pub const STRANGE: u32 = 2;
    /// How often a turn is asked for that cannot be followed.
    pub const TRIES: u32 = 3;
    /// Frames that make the neutral pose, and the milliseconds that they must last.
    pub const NEUTRAL: (usize, f64) = (4, 600.0);

    // Milliseconds.

    /// Until the neutral pose is found.
    pub const FIND: f64 = 20_000.0;
    /// For a turn, and for coming back from it.
    pub const TURN: f64 = 8_000.0;
    /// From when the landmarks show all of a turn until its parallax does.
    pub const LAG: f64 = 1_000.0;
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
        way: Way,
        /// Frames in a row in which the landmarks show all of the turn.
        held: u32,
        /// Frames in a row that show another one.
        wrong: u32,
    },
    /// Nothing any more.
    Over,
}

/// The way of a head from its last straight look until it has shown its depth: whether a head can
/// have gone it. Lengths are in turns that count, in the lesser of what landmarks and parallax show:
/// where only one of the two jumps, it errs.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
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

impl Way {
    /// The beginning of one.
    fn at(at: f32) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// The way on to where landmarks and parallax, if the nose was followed, show it `now`, some
    /// milliseconds after the frame before.
    fn onwards(self, posed: f32, depth: Option<f32>, now: f64, elapsed: f64) -> Self {
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
    fn is_deep(&self) -> bool {
        self.deep >= limits::HELD
    }

    /// Whether it has led to a whole turn without showing its depth, and will not do so any more.
    fn is_lost(&self, now: f64) -> bool {
        self.arrived
            .is_some_and(|since| self.broken || now - since > limits::LAG)
    }

    /// Whether it has led through what lies between its ends.
    fn is_smooth(&self) -> bool {
        !self.broken && self.longest <= limits::STEP * self.furthest
    }
}

/// Distances up to which two frames show one face, from the calibration of the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct SameFace {
    /// What distances are measured by.
    cohort: Cohort,
    /// Of a straight face to the one at the beginning.
    straight: f32,
    /// Of an embedding to the one before.
    moving: f32,
}

impl SameFace {
    /// From the calibration's threshold at a fixed false match rate, or at the lowest one that it
    /// supports.
    pub fn new(calibrations: &Calibrations) -> Self {
        let calibration = calibrations.single();
        let limit = |fmr: f64| {
            let supported = fmr.max(calibration.lowest_fmr());
            calibration.threshold(supported).unwrap_or(0.0)
        };
        Self {
            cohort: calibrations.cohort().clone(),
            straight: limit(limits::SAME_STRAIGHT),
            moving: limit(limits::SAME_MOVING),
        }
    }

    /// The distance that the limits are about.
    pub fn distance(&self, a: &Embedding, b: &Embedding) -> f32 {
        self.cohort.distance(a, b)
    }
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
    /// How often the turn in question was made in vain.
    vain: u32,
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
    strange: u32,
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
            vain: 0,
            state: State::Asking {
                ask: Ask::Neutral,
                reach: 0.0,
                progress: 0.0,
                hint: None,
            },
            neutral: None,
            straight: None,
            last: None,
            seen: None,
            embedded: None,
            strange: 0,
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

    /// Whether a turn is asked for now.
    fn is_turning(&self) -> bool {
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
            let same = self.same_face.distance(embedding, first) <= limit;
            self.strange = if same { 0 } else { self.strange + 1 };
            if self.strange >= limits::STRANGE {
                return Err(Failure::FaceChanged);
            }
        }
        let share = pose.growth(neutral) * neutral.share_of(observation.side);
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
                && self.same_face.distance(embedding, before) > self.same_face.moving
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
                (self.vain > 0).then_some(Hint::Again)
            });
        }
        *away = 0;
        let straight_for = now - *since.get_or_insert(now);
        self.straight = observation.track;
        let issue = face.quality.issue.map(Hint::from);
        if self.probes.len() < turn
            && issue.is_none()
            && self.strange == 0
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
                way: Way::default(),
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
            way,
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
        *way = if straight {
            Way::at(posed)
        } else {
            way.onwards(posed, depth, now, elapsed)
        };
        self.reached = match way.is_deep() {
            true => posed,
            false => posed.min(depth.unwrap_or(0.0)),
        };
        let shown = way.is_deep() && *held >= limits::HELD;
        if !shown && !way.is_lost(now) {
            return Ok(None);
        }
        let (turn, vain) = if shown && way.is_smooth() {
            (*turn + 1, 0)
        } else {
            (*turn, self.vain + 1)
        };
        if vain == limits::TRIES {
            return Err(Failure::NotFollowed);
        }
        self.vain = vain;
        let next = Stage::Straight {
            turn,
            since: None,
            away: 0,
        };
        self.enter(now, next);
        Ok((vain > 0).then_some(Hint::Again))
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

/// A challenge that looks at pictures itself: what the page and the measurements run.
#[derive(Debug, Clone)]
pub struct MovementCheck {
    challenge: Challenge,
    tracker: Tracker,
}

impl MovementCheck {
    /// See [`Challenge::new`].
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        Self {
            challenge: Challenge::new(random, same_face),
            tracker: Tracker::default(),
        }
    }

    /// The challenge, for what it tells of itself.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Takes in the next frame, its time in milliseconds from any moment on, with the faces in it
    /// and, where it was wanted, the embedding of the only one.
    pub fn observe(
        &mut self,
        time: f64,
        image: &RgbImage,
        faces: &[Face],
        embedding: Option<&Embedding>,
    ) -> State {
        // Each turn is followed from the straight look before it, lest the track's errors add up.
        if !self.challenge.is_turning() {
            self.tracker.lose();
        }
        let track = match faces {
            [face] => self.tracker.follow(image, &face.landmarks),
            _ => {
                self.tracker.lose();
                None
            }
        };
        self.challenge.observe(&Observation {
            time,
            faces,
            side: image.width().max(image.height()) as f32,
            embedding,
            track,
        })
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

/// How far the landmarks' nose moves in such a turn.
fn pose_needed(turn: Turn) -> f32 {
    match turn {
        Turn::Left | Turn::Right => limits::POSE.0,
        Turn::Up => limits::POSE.1,
    }
}

/// How much parallax such a turn shows.
fn depth_needed(turn: Turn, share: f32) -> f32 {
    let beyond = match turn {
        Turn::Left | Turn::Right => limits::DEPTH.0,
        Turn::Up => limits::DEPTH.1,
    };
    flat_limit(turn, share) + beyond
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
    if pose.share_of(side) > limits::SHARE {
        return Some(Hint::TooClose);
    }
    (pose.aside().abs() > limits::ASIDE).then_some(Hint::TurnedAway)
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
    use crate::face::parallax::tests::discs;
    use crate::face::pose::tests::{HEAD, Held, SIDE, STRAIGHT, picture, project};
    use crate::verify::decision::Calibration;
    use crate::verify::embedding::tests::at_angle;

    const PERIOD: f64 = 100.0;

    const SAME_FACE: SameFace = SameFace {
        cohort: Cohort::NONE,
        straight: 0.6,
        moving: 0.8,
    };

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
        mut show: impl FnMut(f64, Ask) -> S,
    ) -> Challenge {
        let mut challenge = Challenge::new(random, SAME_FACE);
        let mut time = 0.0;
        let mut first = None;
        while let State::Asking {
            ask,
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
            } = show(time, ask).into();
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
            let challenge = run(random, |time, ask| face(HEAD, person.held(time, ask)));
            prop_assert_eq!(challenge.state(), State::Passed);
            prop_assert_eq!(challenge.probes().len(), TURNS);
        }

        /// The same movements by someone who holds a picture, at any distance.
        #[test]
        fn a_picture_passes_none(random: [u8; RANDOM_BYTES], degrees in 0f32..50.0, distance in 2.6f32..10.0) {
            let mut person = Person::new();
            person.degrees = degrees;
            let challenge = run(random, |time, ask| {
                face(picture(), Held { distance, ..person.held(time, ask) })
            });
            prop_assert!(failure(&challenge).is_some());
            prop_assert!(challenge.probes().is_empty());
        }

        /// A detector that takes a tilted photo for a face that turns is not enough, nor is what
        /// perspective adds to it.
        #[test]
        fn landmarks_without_depth_pass_none(random: [u8; RANDOM_BYTES], depth in -1f32..0.2) {
            let mut person = Person::new();
            let challenge = run(random, |time, ask| Shown {
                depth,
                ..face(HEAD, person.held(time, ask)).into()
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
        let nobody = run(RANDOM, |_, ask| {
            assert_eq!(ask, Ask::Neutral);
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
        let challenge = run(RANDOM, |time, ask| {
            let mut shown = Shown::from(face(HEAD, person.held(time, ask)));
            if ask != Ask::Neutral {
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
        let swapped = run(RANDOM, |time, ask| {
            let ask = match ask {
                Ask::TurnLeft => Ask::TurnRight,
                Ask::TurnRight | Ask::LookUp => Ask::TurnLeft,
                Ask::Neutral => Ask::Neutral,
            };
            face(HEAD, person.held(time, ask))
        });
        assert_eq!(failure(&swapped), Some(Failure::WrongMovement));
    }

    #[test]
    fn a_movement_may_not_begin_before_it_is_asked_for() {
        let order = Challenge::new(RANDOM, SAME_FACE).order();
        let mut person = Person::new();
        let eager = run(RANDOM, |time, _| {
            let ask = if time > 700.0 { order[0] } else { Ask::Neutral };
            face(HEAD, person.held(time, ask))
        });
        assert_eq!(failure(&eager), Some(Failure::MovedEarly));
    }

    /// Photos of a person in the right poses, shown at the right moments.
    #[test]
    fn poses_without_a_movement_between_them_do_not_count() {
        let mut person = Person::new();
        person.duration = 1.0;
        let cards = run(RANDOM, |time, ask| face(HEAD, person.held(time, ask)));
        assert_eq!(failure(&cards), Some(Failure::NotFollowed));
    }

    #[test]
    fn a_turn_that_was_too_quick_is_asked_for_again() {
        let mut person = Person::new();
        person.duration = 1.0;
        let mut asked = vec![Ask::Neutral];
        let challenge = run(RANDOM, |time, ask| {
            if asked.last() != Some(&ask) {
                asked.push(ask);
            }
            if ask == Ask::Neutral && asked.len() > 1 {
                person.duration = 600.0;
            }
            face(HEAD, person.held(time, ask))
        });
        assert_eq!(challenge.state(), State::Passed);
        let [a, b, c] = challenge.order();
        let turns: Vec<Ask> = asked
            .into_iter()
            .filter(|ask| *ask != Ask::Neutral)
            .collect();
        assert_eq!(turns, [a, a, b, c]);
    }

    #[test]
    fn a_head_goes_through_what_lies_between() {
        let way = |period: f64, stops: &[f32]| {
            let onwards = |way: Way, &at: &f32| way.onwards(at, Some(at), 0.0, period);
            stops.iter().fold(Way::default(), onwards)
        };
        assert!(way(100.0, &[0.2, 0.7, 1.3, 1.6]).is_smooth());
        assert!(way(200.0, &[0.4, 1.6, 2.0]).is_smooth(), "few frames");
        assert!(!way(100.0, &[0.1, 1.6, 1.7]).is_smooth(), "a picture");
        assert!(!way(30.0, &[0.2, 0.9, 1.6]).is_smooth(), "quick pictures");
        let unseen = Way::default().onwards(0.5, None, 0.0, 100.0);
        assert!(!unseen.onwards(1.0, Some(1.0), 0.0, 100.0).is_smooth());
    }

    #[test]
    fn a_jump_of_the_landmarks_alone_is_an_error_of_theirs() {
        let way = |stops: &[(f32, f32)]| {
            let onwards =
                |way: Way, &(posed, depth): &_| way.onwards(posed, Some(depth), 0.0, 100.0);
            stops.iter().fold(Way::default(), onwards)
        };
        let jump = way(&[(0.4, 0.3), (1.8, 0.8), (3.3, 1.2), (3.4, 1.3)]);
        assert!(jump.is_deep() && jump.is_smooth());
        assert!(
            !way(&[(0.4, 0.3), (1.8, 1.7), (1.8, 1.7)]).is_smooth(),
            "both"
        );
    }

    /// A picture of a person whose nose is followed as long as it is not turned so far.
    fn followed_until(degrees: f32) -> Option<Failure> {
        let mut person = Person::new();
        let challenge = run(RANDOM, |time, ask| {
            let held = person.held(time, ask);
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

    /// What the tracker took for the nose before a turn does not matter in it.
    #[test]
    fn each_turn_is_followed_from_the_look_before_it() {
        let mut check = MovementCheck::new(RANDOM, SAME_FACE);
        let mut person = Person::new();
        let embedding = at_angle(0.0);
        let mut time = 0.0;
        while let State::Asking { ask, .. } = check.challenge().state() {
            let mut face = face(HEAD, person.held(time, ask));
            let image = discs(&face.landmarks);
            if time < PERIOD {
                face.landmarks.nose = face.landmarks.left_eye.midpoint(face.landmarks.nose);
            }
            check.observe(time, &image, &[face], Some(&embedding));
            time += PERIOD;
        }
        assert_eq!(check.challenge().state(), State::Passed);
    }

    #[test]
    fn one_face_is_what_the_calibration_says() {
        let impostor: Vec<f32> = (0..100_000).map(|i| 0.5 + i as f32 / 100_000.0).collect();
        let calibration = Calibration::new(&[0.1], &impostor).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![calibration]).unwrap());
        assert!((0.5..0.5002).contains(&same_face.straight), "{same_face:?}");
        assert!((0.509..0.511).contains(&same_face.moving), "{same_face:?}");
        let few = Calibration::new(&[0.1], &[0.5, 0.6, 0.7, 0.8]).unwrap();
        let same_face = SameFace::new(&Calibrations::try_from(vec![few]).unwrap());
        assert!(
            same_face.straight < 0.8,
            "the lowest rate that is supported"
        );
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
