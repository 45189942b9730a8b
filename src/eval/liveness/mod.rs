//! Measures the movement check. Presentations and camera are simulated; the detector, the mesh, the
//! network and the check are the same as in the page.
//!
//! Attacks are made from photos, as real attackers make them. No videos of people who follow the
//! instructions were available, so bona fide presentations are synthesised too: a photo is the
//! texture of a head model that turns. Their error rates show how often such a head passes. They do
//! not show how well people understand the instructions.

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

/// The outcome of one presentation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The name of the failure, with what prevented progress at the end in parentheses, if
    /// anything; `None` if the presentation passed.
    pub failure: Option<String>,
    /// The time until the outcome, in milliseconds; 0 if only the depth was measured.
    pub time: f64,
    /// The measured depth, for tuning the thresholds.
    pub depth: Depth,
}

/// What is presented.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'a> {
    /// The kind of the presentation.
    pub kind: Kind,
    /// The people in it.
    pub cast: Cast<'a>,
    /// The mean time from one frame to the next, in milliseconds.
    pub period: f64,
    /// The seed of all random numbers.
    pub seed: u64,
}

/// Shows one presentation to a new movement check, until the check ends. `watch` gets every frame.
///
/// # Errors
/// Returns [`Error::NoMesh`] if the engine has no face mesh, and the error of
/// [`Engine::follow`] if it fails otherwise.
pub fn present(
    engine: &Engine,
    same_face: &SameFace,
    scenario: Scenario,
    mut watch: impl FnMut(&RgbImage),
) -> Result<Outcome, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
    let mut check = MovementCheck::new(rng.random(), same_face.clone());
    let targets: Vec<Offset> = check.challenge().targets()[..TURNS]
        .iter()
        .map(|target| target.at)
        .chain([Offset::default()])
        .collect();
    let mut presentation = Presentation::new(scenario, &targets, rng.random());
    let mut time = 0.0;
    let failure = loop {
        let cue = match check.challenge().state() {
            State::Asking {
                target,
                pointer,
                hint,
                ..
            } => Cue::new(target, pointer, hint),
            State::Passed => break None,
            State::Failed {
                reason,
                hint: Some(hint),
            } => break Some(format!("{reason:?} ({hint:?})")),
            State::Failed { reason, hint: None } => break Some(format!("{reason:?}")),
        };
        time = presentation.next_time(time);
        let picture = presentation.frame(time, cue);
        let embed = check.challenge().wants_embedding(time);
        let followed = pollster::block_on(engine.follow(&picture, check.region(), embed))?;
        check.observe(time, &picture, &followed);
        watch(&picture);
    };
    Ok(Outcome {
        failure,
        time,
        depth: check.challenge().depth().clone(),
    })
}

/// Whether the detector finds exactly one face in the simulated images of this person, frontal and
/// turned. It finds more if the photo shows other people in the background.
///
/// # Errors
/// Returns [`Error::NoMesh`] if the engine has no face mesh, and the error of
/// [`Engine::follow`] if it fails otherwise.
pub fn is_alone(engine: &Engine, person: &Portrait) -> Result<bool, Error> {
    let cast = Cast {
        subject: person,
        other: person,
    };
    let (right, down) = (FARTHEST, 0.7 * FARTHEST);
    let directions = [
        (0.0, 0.0),
        (right, 0.0),
        (0.0, down),
        (-right, 0.0),
        (0.0, -down),
    ];
    for (seed, (x, y)) in (0..).zip(directions) {
        let scenario = Scenario {
            kind: Kind::Person,
            cast,
            period: Kind::Person.period(),
            seed,
        };
        let mut presentation = Presentation::new(scenario, &[], seed);
        let picture = presentation.facing(0.0, Offset { x, y });
        let followed = pollster::block_on(engine.follow(&picture, None, false))?;
        if followed.faces.len() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}
