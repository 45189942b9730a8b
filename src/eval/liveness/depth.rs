//! Measures only the depth, without the other parts of the movement check.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::movement::between;
use super::{Outcome, Presentation, Scenario};
use crate::engine::Engine;
use crate::error::Error;
use crate::face::mesh::Mesh;
use crate::image::RgbImage;
use crate::liveness::TURNS;
use crate::liveness::challenge::{LEAST, draw};
use crate::liveness::pose::{Offset, Pose};
use crate::liveness::relief::{Depth, FrontalFrame};

/// The depth that the check measures in the frames of a recording. The first frame must be frontal.
/// All frames in which the head is turned by at least [`LEAST`] degrees count.
///
/// # Errors
/// Returns [`Error::NoMesh`] if the engine has no face mesh, and the error of
/// [`Engine::follow`] if it fails otherwise.
pub fn of_recording(
    engine: &Engine,
    frames: impl IntoIterator<Item = RgbImage>,
) -> Result<Depth, Error> {
    let (mut neutral, mut depth, mut region) = (None, Depth::default(), None);
    for picture in frames {
        let followed = pollster::block_on(engine.follow(&picture, region, false))?;
        region = followed.mesh.as_ref().and_then(Mesh::region);
        let mesh = followed.mesh;
        let Some((pose, mesh)) = mesh.and_then(|mesh| Some((Pose::new(&mesh)?, mesh))) else {
            continue;
        };
        let Some((frontal, before)) = &neutral else {
            neutral = FrontalFrame::new(&picture, &mesh).map(|frontal| (frontal, pose));
            continue;
        };
        let turned = pose.since(before);
        if turned.length() >= LEAST
            && let Some(relief) = frontal.relief(&picture, &mesh, turned)
        {
            depth.add(relief, turned);
        }
    }
    Ok(depth)
}

/// The depth that the check measures in a presentation: one frontal frame, and one turned frame for
/// each target, without a trajectory between them. See [`Presentation::facing`] for the angle of a
/// photo. `watch` gets every frame.
///
/// # Errors
/// Returns [`Error::NoMesh`] if the engine has no face mesh, and the error of
/// [`Engine::follow`] if it fails otherwise.
pub fn of_presentation(
    engine: &Engine,
    scenario: Scenario,
    mut watch: impl FnMut(&RgbImage),
) -> Result<Outcome, Error> {
    /// Milliseconds from one frame to the next.
    const PERIOD: f64 = 1000.0;
    let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
    let targets = draw(rng.random()).map(|target| target.at);
    let mut presentation = Presentation::new(scenario, &[], rng.random());
    let (mut neutral, mut depth) = (None, Depth::default());
    for (number, at) in [Offset::default()]
        .iter()
        .chain(&targets[..TURNS])
        .enumerate()
    {
        let picture = presentation.facing(PERIOD * number as f64, *at);
        watch(&picture);
        let followed = pollster::block_on(engine.follow(&picture, None, false))?;
        let mesh = followed.mesh;
        let Some((pose, mesh)) = mesh.and_then(|mesh| Some((Pose::new(&mesh)?, mesh))) else {
            break;
        };
        match &neutral {
            None => neutral = FrontalFrame::new(&picture, &mesh).map(|frontal| (frontal, pose)),
            Some((frontal, before)) => {
                // In the check, the angle at a target is at least `LEAST`.
                let angle = pose.since(before).length().max(LEAST);
                let direction = between(Offset::default(), *at, angle / at.length());
                if let Some(relief) = frontal.relief(&picture, &mesh, *at) {
                    depth.add(relief, direction);
                }
            }
        }
    }
    let failure = match depth.turns() {
        TURNS if depth.is_of_a_head() => None,
        TURNS => Some("Flat"),
        _ => Some("NotSeen"),
    };
    Ok(Outcome {
        failure: failure.map(String::from),
        time: 0.0,
        depth,
    })
}
