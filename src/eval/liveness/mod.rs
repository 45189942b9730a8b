//! Measures the movement check: simulated presentations before a simulated camera, seen by the
//! real detector and network, judged by the same code as in the page.
//!
//! Attacks are made from photos, as attackers make them. No videos of people who follow the
//! instructions were at hand, so bona fide presentations are synthesised as well: the photo is laid
//! over a head's depth and turned. Their error rates say whether such a head passes, and nothing of
//! how well people understand what they are asked.

pub mod camera;
pub mod presentation;
pub mod surface;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::engine::Engine;
use crate::error::Error;
use crate::face::Face;
use crate::face::liveness::{Ask, Challenge, Failure, Observation, State};
use crate::face::parallax::{Shape, Turn};
use crate::image::RgbImage;
use crate::verify::embedding::Embedding;

use camera::SIZE;
pub use presentation::{Cast, Kind, Presentation};
pub use surface::Portrait;

/// What became of one presentation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Of which kind it was.
    pub kind: Kind,
    /// Why it failed; `None` where it passed.
    pub failure: Option<Failure>,
    /// Milliseconds until then.
    pub time: f64,
    /// What the thresholds are tuned on.
    pub figures: Figures,
}

/// What a presentation showed at most, in the measures that have thresholds.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// For each direction that was asked for, how far the nose moved there at most, and the ears
    /// the other way in that frame, in distances between the eyes.
    pub turns: Vec<(Turn, f32, f32)>,
    /// The largest squared distance of a straight face's embedding to the first one.
    pub straight: f32,
    /// The largest squared distance of an embedding to the one before.
    pub successive: f32,
}

/// Shows one presentation to a fresh challenge until that is over, and every frame to `watch`.
///
/// # Errors
/// Where the engine fails.
pub fn present(
    engine: &Engine,
    kind: Kind,
    cast: Cast,
    seed: u64,
    mut watch: impl FnMut(&RgbImage, &State),
) -> Result<Outcome, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut challenge = Challenge::new(rng.random());
    let mut presentation = Presentation::new(kind, cast, challenge.order(), rng.random());
    let mut gauge = Gauge::default();
    let mut time = 0.0;
    loop {
        let ask = match challenge.state() {
            State::Asking { ask, .. } => ask,
            State::Passed => return Ok(gauge.outcome(kind, None, time)),
            State::Failed { reason, .. } => return Ok(gauge.outcome(kind, Some(reason), time)),
        };
        time = presentation.next_time(time);
        let picture = presentation.frame(time, ask);
        let embed = challenge.wants_embedding(time);
        let sight = pollster::block_on(engine.look(&picture, embed))?;
        let state = challenge.observe(&Observation {
            time,
            faces: &sight.faces,
            side: SIZE.0 as f32,
            embedding: sight.embedding.as_ref(),
        });
        gauge.read(ask, &sight.faces, sight.embedding);
        watch(&picture, &state);
    }
}

/// Reads the figures off the frames.
#[derive(Debug, Default)]
struct Gauge {
    /// Of the first frames with one face.
    shapes: Vec<Shape>,
    first: Option<Embedding>,
    last: Option<Embedding>,
    figures: Figures,
}

impl Gauge {
    /// Frames that make the neutral pose.
    const NEUTRAL: usize = 5;
    /// A nose that has moved less than this is straight, in distances between the eyes.
    const STRAIGHT: f32 = 0.06;

    fn read(&mut self, ask: Ask, faces: &[Face], embedding: Option<Embedding>) {
        let [face] = faces else { return };
        let Some(shape) = Shape::new(&face.landmarks) else {
            return;
        };
        if self.shapes.len() < Self::NEUTRAL {
            self.shapes.push(shape);
            return;
        }
        let Some(neutral) = Shape::mean(&self.shapes) else {
            return;
        };
        let parallax = shape.since(&neutral, SIZE.0 as f32);
        if let Some(turn) = Turn::ALL.into_iter().find(|&turn| Ask::from(turn) == ask) {
            let (nose, ears) = (parallax.nose.along(turn), -parallax.ears.along(turn));
            match self.figures.turns.iter_mut().find(|(known, ..)| *known == turn) {
                Some((_, most, with)) if nose > *most => (*most, *with) = (nose, ears),
                Some(_) => {}
                None => self.figures.turns.push((turn, nose, ears)),
            }
        }
        if let Some(embedding) = embedding {
            let distance = |other: &Option<Embedding>| {
                other.as_ref().map_or(0.0, |other| other.squared_distance(&embedding))
            };
            let figures = &mut self.figures;
            figures.successive = figures.successive.max(distance(&self.last));
            if parallax.nose.length() < Self::STRAIGHT {
                figures.straight = figures.straight.max(distance(&self.first));
                self.first.get_or_insert_with(|| embedding.clone());
            }
            self.last = Some(embedding);
        }
    }

    fn outcome(self, kind: Kind, failure: Option<Failure>, time: f64) -> Outcome {
        Outcome {
            kind,
            failure,
            time,
            figures: self.figures,
        }
    }
}
