//! The depth that the movement check sees, without the rest of it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Cast, Kind, Outcome, Presentation};
use crate::engine::Engine;
use crate::error::Error;
use crate::face::mesh::Mesh;
use crate::image::RgbImage;
use crate::liveness::TURNS;
use crate::liveness::challenge::{LEAST, draw};
use crate::liveness::pose::{Offset, Pose};
use crate::liveness::relief::{Depth, StraightLook};

/// What the check makes of the depth of a recording's frames: of all that point far enough away from
/// the first one, which should look straight.
///
/// # Errors
/// Where the engine fails.
pub fn judge(engine: &Engine, frames: impl IntoIterator<Item = RgbImage>) -> Result<Depth, Error> {
    let (mut straight, mut depth, mut region) = (None, Depth::default(), None);
    for picture in frames {
        let followed = pollster::block_on(engine.follow(&picture, region, false))?;
        region = followed.mesh.as_ref().and_then(Mesh::region);
        let mesh = followed.mesh;
        let Some((pose, mesh)) = mesh.and_then(|mesh| Some((Pose::new(&mesh)?, mesh))) else {
            continue;
        };
        let Some((look, before)) = &straight else {
            straight = StraightLook::new(&picture, &mesh).map(|look| (look, pose));
            continue;
        };
        let turned = pose.since(before);
        if turned.length() >= LEAST
            && let Some(relief) = look.relief(&picture, &mesh, turned)
        {
            depth.add(relief, turned.length());
        }
    }
    Ok(depth)
}

/// What the check makes of the depth that a presentation shows if its face points to every target,
/// whatever the way there: one straight look and a turned one for each target, by a photo as far as
/// photos are tilted, all of them shown to `watch`.
///
/// # Errors
/// Where the engine fails.
pub fn look(
    engine: &Engine,
    kind: Kind,
    cast: Cast,
    seed: u64,
    mut watch: impl FnMut(&RgbImage),
) -> Result<Outcome, Error> {
    const BETWEEN: f64 = 1000.0;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let ways = draw(rng.random()).map(|target| target.at);
    let mut presentation = Presentation::new(kind, cast, &[], rng.random());
    let (mut straight, mut depth) = (None, Depth::default());
    for (number, at) in [Offset::default()].iter().chain(&ways[..TURNS]).enumerate() {
        let picture = presentation.facing(BETWEEN * number as f64, *at);
        watch(&picture);
        let followed = pollster::block_on(engine.follow(&picture, None, false))?;
        let mesh = followed.mesh;
        let Some((pose, mesh)) = mesh.and_then(|mesh| Some((Pose::new(&mesh)?, mesh))) else {
            break;
        };
        match &straight {
            None => straight = StraightLook::new(&picture, &mesh).map(|look| (look, pose)),
            Some((look, before)) => {
                // The check asks for no less.
                let angle = pose.since(before).length().max(LEAST);
                if let Some(relief) = look.relief(&picture, &mesh, *at) {
                    depth.add(relief, angle);
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
        kind,
        failure: failure.map(String::from),
        time: 0.0,
        depth,
    })
}
