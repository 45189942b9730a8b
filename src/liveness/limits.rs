//! Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`). Angles are in
//! degrees, as measured by the mesh.

/// Smallest and largest angle between a target and the neutral pose. A smaller turn does not show
/// depth; a larger one is uncomfortable.
pub(super) const TURN: (f32, f32) = (12.0, 17.0);
/// Smallest and largest angle between the directions of two consecutive targets. The line between
/// them then stays away from the neutral pose, but recorded turns that begin and end there pass
/// through it.
pub(super) const APART: (f32, f32) = (50.0, 100.0);
/// Largest angle between the head and the target, or the neutral pose, that it reaches.
pub(super) const NEAR: f32 = 4.5;
/// Largest distance of the head from the straight line to a target.
pub(super) const MAX_DEVIATION: f32 = 10.0;
/// Largest step between two frames, as a share of the whole movement. A head passes through the
/// poses between; a photo of another pose does not.
pub(super) const STEP: f32 = 0.85;
/// The mesh's noise in degrees, and the highest speed of a head in degrees a second.
pub(super) const SPEED: (f32, f32) = (5.0, 200.0);
/// Largest deviation of a head that is held still, including the mesh's noise.
pub(super) const STILL: f32 = 5.0;
/// Largest measured yaw and pitch of a neutral pose. The shape of the face biases the mesh's pose,
/// mainly the pitch.
pub(super) const OFF_CENTRE: (f32, f32) = (20.0, 35.0);
/// Largest distance between the eyes, as a share of the picture's longer side.
pub(super) const EYE_SHARE: f32 = 0.24;

/// Lowest [`relief`](super::relief::Depth::relief) of a head, over all turns.
pub(super) const RELIEF: f32 = 0.3;
/// Lowest [`roundness`](super::relief::Depth::roundness) of a head, over all turns.
pub(super) const ROUNDNESS: f32 = 0.17;
/// Lowest sharpness of a head that moves to a target, relative to the frontal frame.
pub(super) const SHARPNESS: f32 = 0.75;
/// Lowest correlation between a turned frame and the frontal one.
pub(super) const MATCH: f32 = 0.5;

/// The false match rate at which a frontal face is compared with the one from the beginning.
pub(super) const SAME_STRAIGHT: f64 = 1e-4;
/// The false match rate at which a face, turned or not, is compared with the previous embedding.
pub(super) const SAME_MOVING: f64 = 1e-2;
/// Consecutive frames near a target that are needed to reach it.
pub(super) const HELD: usize = 2;
/// Consecutive mismatching embeddings after which a frontal face is another one. A single mismatch
/// may come from a bad picture; it gives no probe.
pub(super) const MISMATCHES: u32 = 2;
/// How many targets may be missed, or reached by an implausible movement. Spare targets replace
/// them.
pub(super) const SPARE: u32 = 2;
/// Fewest frames of the neutral pose, and the milliseconds that they must span.
pub(super) const NEUTRAL: (usize, f64) = (4, 500.0);

// Times, in milliseconds.

/// Longest time until the neutral pose is found.
pub(super) const FIND: f64 = 20_000.0;
/// Longest time for one target, and for the return to the neutral pose.
pub(super) const REACH: f64 = 5_000.0;
/// Shortest time between showing a target and a movement. People need 200 or more.
pub(super) const REACTION: f64 = 120.0;
/// Shortest and longest time between reaching a target and showing the next one.
pub(super) const PAUSE: (f64, f64) = (100.0, 300.0);
/// Longest time without a face, or with several.
pub(super) const ABSENCE: f64 = 1_000.0;
/// Longest time between two frames.
pub(super) const GAP: f64 = 1_500.0;
/// Time between two embeddings while the targets are shown, and before and after them.
pub(super) const EMBEDDING: (f64, f64) = (500.0, 200.0);
