//! Measures the movement check: simulated presentations before a simulated camera, seen by the
//! real detector, mesh and network, judged by the same code as in the page.
//!
//! Attacks are made from photos, as attackers make them. No videos of people who follow the
//! instructions were at hand, so bona fide presentations are synthesised as well: the photo is laid
//! over a head's depth and turned. Their error rates say whether such a head passes, and nothing of
//! how well people understand what they are asked.

pub mod camera;
pub mod depth;
pub mod kind;
mod movement;
pub mod presentation;
pub mod surface;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::engine::Engine;
use crate::error::Error;
use crate::image::RgbImage;
use crate::liveness::challenge::FARTHEST;
use crate::liveness::pose::Offset;
use crate::liveness::relief::Depth;
use crate::liveness::{MovementCheck, SameFace, State, TURNS};

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
    /// What the turns showed, which thresholds are tuned on.
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
    let ways: Vec<Offset> = check.challenge().targets()[..TURNS]
        .iter()
        .map(|target| target.at)
        .chain([Offset::default()])
        .collect();
    let mut presentation = Presentation::new(kind, cast, &ways, rng.random());
    let mut time = 0.0;
    let failure = loop {
        let cue = match check.challenge().state() {
            State::Asking {
                target, pointer, ..
            } => Cue::new(target, pointer),
            State::Passed => break None,
            State::Failed { reason, .. } => break Some(format!("{reason:?}")),
        };
        time = presentation.next_time(time);
        let picture = presentation.frame(time, cue);
        let embed = check.challenge().wants_embedding(time);
        let followed = pollster::block_on(engine.follow(&picture, check.region(), embed))?;
        check.observe(time, &picture, &followed);
        watch(&picture);
    };
    Ok(Outcome {
        kind,
        failure,
        time,
        depth: check.challenge().depth(),
    })
}

/// Whether the simulated camera sees one face where nobody but this person is before it, straight or
/// turned: photos may have others in the background.
///
/// # Errors
/// Where the engine fails.
pub fn is_alone(engine: &Engine, person: &Portrait) -> Result<bool, Error> {
    let cast = Cast {
        subject: person,
        other: person,
    };
    let (right, down) = (FARTHEST, 0.7 * FARTHEST);
    let looks = [
        (0.0, 0.0),
        (right, 0.0),
        (0.0, down),
        (-right, 0.0),
        (0.0, -down),
    ];
    for (seed, (x, y)) in (0..).zip(looks) {
        let mut presentation = Presentation::new(Kind::Person, cast, &[], seed);
        let picture = presentation.facing(0.0, Offset { x, y });
        let followed = pollster::block_on(engine.follow(&picture, None, false))?;
        if followed.faces.len() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}
