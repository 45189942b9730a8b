//! From embeddings to a decision: scores that treat people alike, templates of several samples,
//! and thresholds that stand for a stated false match rate.
//!
//! Nothing here needs the native program: the page decides with the same code.

pub mod cohort;
pub mod decision;
pub mod embedding;
pub mod proportion;
pub mod reliability;
pub mod template;
pub mod worst_group;

pub use cohort::{Cohort, Comparable};
pub use decision::{Calibration, CalibrationError, Calibrations, Decision, FmrEstimate, decide};
pub use embedding::{EMBEDDING_DIM, Embedding};
pub use proportion::{Interval, Proportion};
pub use reliability::Reliability;
pub use template::Template;
pub use worst_group::WorstGroup;
