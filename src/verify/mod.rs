//! From embeddings to a decision.

pub mod embedding;
