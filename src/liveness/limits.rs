//! Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`). Angles are in
//! degrees, as measured by the mesh.

/// Smallest and largest angle between a target and the neutral pose. A smaller turn does not show
/// depth; a larger one is uncomfortable.
pub(super) const TURN_DEGREES: (f32, f32) = (12.0, 17.0);
/// Smallest and largest angle between the directions of two consecutive targets. The line between
/// the targets then stays away from the neutral pose. Recorded turns that begin and end in the
/// neutral pose do not follow it.
pub(super) const DIRECTION_CHANGE_DEGREES: (f32, f32) = (50.0, 100.0);
/// Largest angle between the head and a target, or the neutral pose, that counts as reached.
pub(super) const TARGET_RADIUS_DEGREES: f32 = 4.5;
/// Largest distance of the head from the straight line to a target, or from the pose to hold.
pub(super) const MAX_DEVIATION_DEGREES: f32 = 10.0;
/// Largest step between two frames, as a share of the whole movement. A head passes through the
/// poses in between; a photo of another pose does not.
pub(super) const MAX_STEP_SHARE: f32 = 0.85;
/// Shortest time in which a head can make a whole movement at its highest speed, in milliseconds: a
/// smooth movement of 410 ms is as fast in its middle.
pub(super) const SHORTEST_MOVEMENT_MS: f64 = 220.0;
/// Noise of the mesh in a step between two frames.
pub(super) const STEP_NOISE_DEGREES: f32 = 2.5;
/// Highest speed of a head.
pub(super) const MAX_DEGREES_PER_SECOND: f32 = 200.0;
/// Largest deviation of a still head from its mean pose, including the mesh's noise.
pub(super) const MAX_STILL_DEVIATION_DEGREES: f32 = 5.0;
/// Largest measured yaw of a neutral pose. The shape of the face biases the mesh's pose.
pub(super) const MAX_NEUTRAL_YAW_DEGREES: f32 = 20.0;
/// Largest measured pitch of a neutral pose. The bias mainly affects the pitch.
pub(super) const MAX_NEUTRAL_PITCH_DEGREES: f32 = 35.0;
/// Largest distance between the eyes, as a share of the image's longer side.
pub(super) const MAX_EYE_DISTANCE_SHARE: f32 = 0.24;

/// Lowest [`relief`](super::relief::Depth::relief) of a head, over all turns.
pub(super) const MIN_RELIEF: f32 = 0.15;
/// Lowest [`roundness`](super::relief::Depth::roundness) of a head, over all turns.
pub(super) const MIN_ROUNDNESS: f32 = 0.12;
/// Roundness from which on no further turn is needed. After three turns, 8 of 403 checks of people of
/// the tuning half had less; 81 folded papers had at most 0.1.
pub(super) const CLEAR_ROUNDNESS: f32 = 0.15;
/// Lowest sharpness of a head that moves to a target, relative to that at both ends of the movement.
pub(super) const MIN_SHARPNESS: f32 = 0.8;
/// Lowest correlation between a turned frame and the frontal one.
pub(super) const MIN_MATCH_QUALITY: f32 = 0.5;

/// The false match rate at which a frontal face is compared with the one from the beginning.
pub(super) const FRONTAL_FMR: f64 = 1e-4;
/// The false match rate at which a face, turned or not, is compared with the previous embedding.
pub(super) const MOVING_FMR: f64 = 1e-2;
/// Consecutive frames that are needed to count as at a target, or as away from the pose to hold.
pub(super) const CONFIRMING_FRAMES: usize = 2;
/// Consecutive mismatching embeddings after which a frontal face is another one. A single mismatch
/// may come from a bad image; that image gives no probe.
pub(super) const MISMATCHES: u32 = 2;
/// How many targets may be missed, or reached by an implausible movement. Spare targets replace
/// them.
pub(super) const SPARE_TARGETS: u32 = 2;
/// How many more targets may be replaced because the frames came too slowly to follow the movement.
pub(super) const SPARE_TARGETS_FOR_SLOW_FRAMES: u32 = 2;
/// Fewest frames of the neutral pose.
pub(super) const NEUTRAL_FRAMES: usize = 4;

// Times, in milliseconds.

/// Shortest time that the frames of the neutral pose must span.
pub(super) const NEUTRAL_MS: f64 = 500.0;
/// Longest time until the neutral pose is found.
pub(super) const NEUTRAL_TIMEOUT_MS: f64 = 20_000.0;
/// Longest time for one target, and for the return to the neutral pose.
pub(super) const TARGET_TIMEOUT_MS: f64 = 5_000.0;
/// Shortest time between showing a target and a movement. People need 200 or more.
pub(super) const MIN_REACTION_MS: f64 = 120.0;
/// Shortest and longest time between reaching a target and showing the next one.
pub(super) const PAUSE_MS: (f64, f64) = (100.0, 300.0);
/// Longest time without a face, or with several.
pub(super) const MAX_ABSENCE_MS: f64 = 1_000.0;
/// Time between two frames from which on a quick head can make most of a movement in one step.
pub(super) const SLOW_FRAMES_MS: f64 = 150.0;
/// Longest time between two frames.
pub(super) const MAX_FRAME_GAP_MS: f64 = 1_500.0;
/// Time between two embeddings while the targets are shown.
pub(super) const TURNING_EMBEDDING_MS: f64 = 500.0;
/// Time between two embeddings before and after the targets.
pub(super) const FRONTAL_EMBEDDING_MS: f64 = 200.0;
