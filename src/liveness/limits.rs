//! Thresholds, tuned by `facekey liveness --part tuning` (see `docs/liveness.md`). Angles are in
//! degrees as the mesh has them.

/// How far the targets lie from the straight look: between the least turn that still tells depth and
/// one that is easy to make.
pub(super) const TURN: (f32, f32) = (12.0, 17.0);
/// The angle on the circle between a target and the next: the way from one to the other then passes
/// the middle at a distance, where turns that begin there would lead through it.
pub(super) const APART: (f32, f32) = (50.0, 100.0);
/// How near the head must come to a target, and to straight.
pub(super) const NEAR: f32 = 4.5;
/// How far beside the straight way to a target the head may go.
pub(super) const ASTRAY: f32 = 10.0;
/// The most of its way that a head covers from one frame to the next: it goes through what lies
/// between, where a picture of another pose does not.
pub(super) const STEP: f32 = 0.85;
/// Degrees a second that no head exceeds. The first is for the mesh's noise.
pub(super) const SPEED: (f32, f32) = (5.0, 200.0);
/// How far a head that is held still moves, as the mesh has it.
pub(super) const STILL: f32 = 5.0;
/// How far a straight look may seem to point to a side, and up or down: the shape of the face adds to
/// what the mesh makes of it, up and down above all.
pub(super) const OFF_CENTRE: (f32, f32) = (20.0, 35.0);
/// How far the eyes may be apart, as a share of the picture's longer side.
pub(super) const EYE_SHARE: f32 = 0.24;

/// The relief of a turn for each sine of its angle, on the mean of all turns.
pub(super) const RELIEF: f32 = 0.3;
/// The smaller curvature as a share of the larger one, on the mean of all turns.
pub(super) const ROUNDNESS: f32 = 0.17;
/// How sharp a head on its way to a target must be, as a share of its straight look.
pub(super) const SHARPNESS: f32 = 0.75;
/// How well the turned look must match the straight one.
pub(super) const MATCH: f32 = 0.5;

/// The false match rate at which a straight face is the one of the beginning.
pub(super) const SAME_STRAIGHT: f64 = 1e-4;
/// The false match rate at which a face, turned or not, is that of the embedding before.
pub(super) const SAME_MOVING: f64 = 1e-2;
/// Frames in a row near a target that reach it.
pub(super) const HELD: usize = 2;
/// Embeddings in a row that make a straight face another one: a single one may be of a bad
/// picture, and is then no probe.
pub(super) const MISMATCHES: u32 = 2;
/// How many targets may be missed, or reached otherwise than by turning there; others are drawn in
/// their stead.
pub(super) const SPARE: u32 = 2;
/// Frames that make the straight look, and the milliseconds that they must last.
pub(super) const NEUTRAL: (usize, f64) = (4, 500.0);

// Milliseconds.

/// Until the straight look is found.
pub(super) const FIND: f64 = 20_000.0;
/// For one target, and for coming back.
pub(super) const REACH: f64 = 5_000.0;
/// Shortest time from the showing of a target to a movement: people take 200 and more.
pub(super) const REACTION: f64 = 120.0;
/// From when a target is reached until the next one is shown, at least and at most.
pub(super) const PAUSE: (f64, f64) = (100.0, 300.0);
/// Without a face, or with several.
pub(super) const ABSENCE: f64 = 1_000.0;
/// From one frame to the next.
pub(super) const GAP: f64 = 1_500.0;
/// Between two embeddings of a head that turns, and of one that looks straight.
pub(super) const EMBEDDING: (f64, f64) = (500.0, 200.0);
