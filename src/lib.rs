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
//!
//! # Comparing two photos
//!
//! Feature `decode` reads photos. On the CPU, the engine's futures are ready at once, so any
//! executor works; this example uses the crate `pollster`. `scripts/setup` creates the detector's
//! file.
//!
//! ```
//! # #[cfg(feature = "training")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use facekey::verify::decision::decide;
//! use facekey::verify::template::Template;
//! use facekey::{Engine, device, image};
//!
//! let detector = std::fs::read("www/models/blazeface.safetensors")?;
//! let weights = std::fs::read("www/models/facenet.bpk")?;
//! let engine = Engine::load(detector, weights, device::cpu())?;
//!
//! let embed = |file: &str| -> Result<_, Box<dyn std::error::Error>> {
//!     let photo = image::decode(&std::fs::read(file)?)?;
//!     let observed = pollster::block_on(engine.detect_and_embed(&photo, true))?;
//!     observed.embedding.ok_or_else(|| "not exactly one face".into())
//! };
//! let reference = embed("tests/fixtures/astronaut.jpg")?;
//! let probe = embed("tests/fixtures/astronaut.jpg")?;
//!
//! let calibrations = engine.metadata().calibration.as_ref().ok_or("not calibrated")?;
//! let decision = decide(&Template::from(reference), &probe, calibrations, 1e-3);
//! assert!(decision.accepted);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "training"))]
//! # fn main() {}
//! ```

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
