//! Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`). Lengths are in
//! distances between the eyes.

use super::parallax::flat_limit;
use super::pose::Turn;

/// How far the landmarks' nose moves in a turn that counts, sideways and up: about 20 degrees.
pub(super) const POSE: (f32, f32) = (0.14, 0.12);
/// How much more parallax than a flat picture a turn shows, sideways and up.
pub(super) const DEPTH: (f32, f32) = (0.12, 0.11);
/// Departures from the neutral pose that count as none, in whole turns.
pub(super) const STILL: f32 = 0.45;
/// The most of its way that a head covers from one frame to the next: it goes through what
/// lies between, where a picture of another pose does not.
pub(super) const STEP: f32 = 0.7;
/// Whole turns in a second: quicker than heads are. The first is for the detector's noise.
pub(super) const SPEED: (f32, f32) = (0.25, 8.0);
/// How far from the middle between the eyes the nose may be on a straight face.
pub(super) const OFF_CENTRE: f32 = 0.2;
/// How far the eyes may be apart, as a share of the picture's longer side.
pub(super) const EYE_SHARE: f32 = 0.24;
/// The false match rate at which a straight face is the one of the beginning.
pub(super) const SAME_STRAIGHT: f64 = 1e-4;
/// The false match rate at which a face, turned or not, is that of the embedding before.
pub(super) const SAME_MOVING: f64 = 1e-2;
/// Frames in a row that a turn must last.
pub(super) const HELD: u32 = 2;
/// Embeddings in a row that make a straight face another one: a single one may be of a bad
/// picture, and is then no probe.
pub(super) const MISMATCHES: u32 = 2;
/// How often a turn is asked for that cannot be followed.
pub(super) const TRIES: u32 = 3;
/// Frames that make the neutral pose, and the milliseconds that they must last.
pub(super) const NEUTRAL: (usize, f64) = (4, 600.0);

// Milliseconds.

/// Until the neutral pose is found.
pub(super) const FIND: f64 = 20_000.0;
/// For a turn, and for coming back from it.
pub(super) const TURN: f64 = 8_000.0;
/// From when the landmarks show all of a turn until its parallax does.
pub(super) const LAG: f64 = 1_000.0;
/// Shortest time from the asking to a movement: people take 200 and more.
pub(super) const REACTION: f64 = 120.0;
/// Straight looks last this long at least, and up to twice that.
pub(super) const PAUSE: f64 = 500.0;
/// Without a face, or with several.
pub(super) const ABSENCE: f64 = 1_000.0;
/// From one frame to the next.
pub(super) const GAP: f64 = 1_500.0;
/// Between two embeddings.
pub(super) const EMBEDDING: f64 = 200.0;

/// How far the landmarks' nose moves in such a turn.
pub(super) fn pose_needed(turn: Turn) -> f32 {
    match turn {
        Turn::Left | Turn::Right => POSE.0,
        Turn::Up => POSE.1,
    }
}

/// How much parallax such a turn shows.
pub(super) fn depth_needed(turn: Turn, share: f32) -> f32 {
    let beyond = match turn {
        Turn::Left | Turn::Right => DEPTH.0,
        Turn::Up => DEPTH.1,
    };
    flat_limit(turn, share) + beyond
}
