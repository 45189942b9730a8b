//! facekey: a face verifier that runs wholly inside a web page, and the program that trains it.
//!
//! ```text
//! photo or camera frame          image    decode, orientation, limits, RGB8 -> tensor
//!   -> face found                detect   BlazeFace: bounds and landmarks
//!   -> 112x112 aligned crop      face     similarity transform onto the usual template, quality
//!   -> 128-D embedding           net      Inception network, L2-normalised output, weights
//!   -> compared with a template  verify   distance, threshold, false match rate
//! ```
//!
//! [`engine`] is that pipeline, the same for the page (`web`, compiled to WebAssembly) and for
//! the program (`cli`, feature `native`), so that what is measured natively is what runs in the
//! page. The program also trains the network (`train`) and measures it (`eval`).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod detect;
pub mod device;
pub mod engine;
pub mod error;
pub mod face;
pub mod geometry;
pub mod image;
pub mod kernels;
pub mod liveness;
pub mod net;
pub mod verify;

#[cfg(feature = "native")]
pub mod cli;
#[cfg(feature = "training")]
pub mod data;
#[cfg(feature = "training")]
pub mod eval;
#[cfg(feature = "training")]
pub mod train;

#[cfg(target_arch = "wasm32")]
pub mod web;

pub use engine::Engine;
pub use error::Error;
