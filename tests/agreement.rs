//! The shipped weights give the same embeddings on every CPU backend that the crate can be built
//! with.
#![cfg(feature = "native")]

use std::path::Path;

use facekey::device;
use facekey::engine::Engine;

#[test]
fn this_backend_computes_the_golden_embeddings() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models");
    let detector = std::fs::read(models.join("blazeface.safetensors")).expect("run scripts/setup");
    let weights = std::fs::read(models.join("facenet.bpk")).unwrap();
    let engine = Engine::load(detector, weights, device::cpu()).unwrap();
    let cosine = pollster::block_on(engine.self_test(4)).unwrap();
    assert!(cosine >= 0.9999, "lowest golden cosine {cosine}");
}
