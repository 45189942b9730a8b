//! The crate's one error type for callers across a boundary: the page and the program.

use thiserror::Error as ThisError;

use crate::image::ImageError;
use crate::net::weights::WeightsError;

/// What can go wrong between an image and a decision.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The image could not be used.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A weights file could not be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
}
