//! From embeddings to a decision: normalised scores, templates of several samples, and thresholds
//! for a stated false match rate.
//!
//! The page and the native program decide with this same code.

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
