//! The networks and their weights.

pub mod weights;
