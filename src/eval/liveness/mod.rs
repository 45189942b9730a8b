//! Measures the movement check: simulated presentations before a simulated camera, seen by the
//! real detector and network, judged by the same code as in the page.
//!
//! Attacks are made from photos, as attackers make them. No videos of people who follow the
//! instructions were at hand, so bona fide presentations are synthesised as well: the photo is laid
//! over a head's depth and turned. Their error rates say whether such a head passes, and nothing of
//! how well people understand what they are asked.

pub mod camera;
pub mod kind;
mod movement;
pub mod presentation;
pub mod surface;
pub mod targets;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::engine::Engine;
use crate::error::Error;
use crate::face::Face;
use crate::image::RgbImage;
use crate::liveness::parallax::Tracker;
use crate::liveness::pose::{Offset, Pose, Turn};
use crate::liveness::targets::relief::Depth;
use crate::liveness::{Failure, Instruction, MovementCheck, SameFace, State};
use crate::verify::embedding::Embedding;

pub use kind::Kind;
pub use presentation::{Cast, Cue, Presentation};
pub use surface::Portrait;

/// What became of one presentation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Of which kind it was.
    pub kind: Kind,
    /// The check's name for why it failed; `None` where it passed.
    pub failure: Option<String>,
    /// Milliseconds until then.
    pub time: f64,
    /// What the thresholds are tuned on.
    pub figures: Figures,
}

/// What a presentation showed at most, in the measures that have thresholds.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// For each direction that was asked for, how far the landmarks' nose moved there at most, and
    /// the largest parallax there, in distances between the eyes.
    pub turns: Vec<(Turn, f32, f32)>,
    /// The highest score of a straight face against the first one.
    pub straight: f32,
    /// The highest score of an embedding against the one before.
    pub successive: f32,
    /// What the turns of a check by targets showed.
    pub depth: Depth,
}

/// Shows one presentation to a fresh movement check until that is over, and every frame to `watch`.
///
/// # Errors
/// Where the engine fails.
pub fn present(
    engine: &Engine,
    same_face: &SameFace,
    kind: Kind,
    cast: Cast,
    seed: u64,
    mut watch: impl FnMut(&RgbImage),
) -> Result<Outcome, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut check = MovementCheck::new(rng.random(), same_face.clone());
    let turns = check
        .challenge()
        .order()
        .map(|turn| Cue::of_turn(turn, None).target);
    let ways: Vec<Offset> = turns
        .into_iter()
        .flat_map(|turn| [turn, Offset::default()])
        .collect();
    let mut presentation = Presentation::new(kind, cast, &ways, rng.random());
    let mut recorder = Recorder::new(same_face);
    let mut time = 0.0;
    loop {
        let (instruction, hint) = match check.challenge().state() {
            State::Asking {
                instruction, hint, ..
            } => (instruction, hint),
            State::Passed => return Ok(recorder.outcome(kind, None, time)),
            State::Failed { reason, .. } => return Ok(recorder.outcome(kind, Some(reason), time)),
        };
        time = presentation.next_time(time);
        let picture = presentation.frame(time, Cue::of_turn(instruction, hint));
        let embed = check.challenge().wants_embedding(time);
        let seen = pollster::block_on(engine.detect_and_embed(&picture, embed))?;
        check.observe(time, &picture, &seen.faces, seen.embedding.as_ref());
        recorder.read(instruction, &picture, &seen.faces, seen.embedding);
        watch(&picture);
    }
}

/// Whether the simulated camera sees one face where nobody but this person is before it: photos may
/// have others in the background.
///
/// # Errors
/// Where the engine fails.
pub fn is_alone(engine: &Engine, person: &Portrait) -> Result<bool, Error> {
    const LOOKS: u64 = 4;
    let cast = Cast {
        subject: person,
        other: person,
    };
    for seed in 0..LOOKS {
        let mut presentation = Presentation::new(Kind::Person, cast, &[], seed);
        let picture = presentation.frame(0.0, Cue::default());
        if pollster::block_on(engine.detect(&picture))?.len() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Measures the figures frame by frame.
#[derive(Debug)]
struct Recorder<'a> {
    same_face: &'a SameFace,
    /// Of the first frames with one face.
    poses: Vec<Pose>,
    tracker: Tracker,
    /// The parallax of a straight face, and in which track.
    zero: Option<(u32, Offset)>,
    first: Option<Embedding>,
    last: Option<Embedding>,
    figures: Figures,
}

impl<'a> Recorder<'a> {
    /// Frames that make the neutral pose.
    const NEUTRAL: usize = 5;
    /// A nose that has moved less than this is straight, in distances between the eyes.
    const STRAIGHT: f32 = 0.06;

    fn new(same_face: &'a SameFace) -> Self {
        Self {
            same_face,
            poses: Vec::new(),
            tracker: Tracker::default(),
            zero: None,
            first: None,
            last: None,
            figures: Figures::default(),
        }
    }

    fn read(
        &mut self,
        instruction: Instruction,
        picture: &RgbImage,
        faces: &[Face],
        embedding: Option<Embedding>,
    ) {
        let [face] = faces else { return };
        let Some(pose) = Pose::new(&face.landmarks) else {
            return;
        };
        // As the check does: a turn is followed from the straight look before it.
        if instruction == Instruction::Neutral {
            self.tracker.lose();
        }
        let track = self.tracker.follow(picture, &face.landmarks);
        if self.poses.len() < Self::NEUTRAL {
            self.poses.push(pose);
        }
        let Some(neutral) = Pose::mean(&self.poses) else {
            return;
        };
        let moved = pose.since(&neutral);
        let straight = moved.length() < Self::STRAIGHT;
        if let Some(track) = track
            && straight
        {
            self.zero = Some((track.number, track.nose));
        }
        if let Some(turn) = Turn::ALL
            .into_iter()
            .find(|&turn| Instruction::from(turn) == instruction)
        {
            let depth = match (track, self.zero) {
                (Some(track), Some((number, zero))) if track.number == number => {
                    (track.nose - zero).along(turn)
                }
                _ => 0.0,
            };
            self.read_turn(turn, moved.along(turn), depth);
        }
        if let Some(embedding) = embedding {
            self.read_embedding(embedding, straight);
        }
    }

    fn read_turn(&mut self, turn: Turn, posed: f32, depth: f32) {
        let turns = &mut self.figures.turns;
        match turns.iter_mut().find(|(known, ..)| *known == turn) {
            Some((_, most, deepest)) => {
                (*most, *deepest) = (most.max(posed), deepest.max(depth));
            }
            None => turns.push((turn, posed, depth)),
        }
    }

    fn read_embedding(&mut self, embedding: Embedding, straight: bool) {
        let score = |other: &Option<Embedding>| {
            let other = other.as_ref();
            other.map_or(0.0, |other| self.same_face.score(other, &embedding))
        };
        let figures = &mut self.figures;
        figures.successive = figures.successive.max(score(&self.last));
        if straight {
            figures.straight = figures.straight.max(score(&self.first));
            self.first.get_or_insert_with(|| embedding.clone());
        }
        self.last = Some(embedding);
    }

    fn outcome(self, kind: Kind, failure: Option<Failure>, time: f64) -> Outcome {
        Outcome {
            kind,
            failure: failure.map(|reason| format!("{reason:?}")),
            time,
            figures: self.figures,
        }
    }
}
