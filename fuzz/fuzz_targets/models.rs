//! Loads arbitrary bytes as weights of the detector and of the face mesh. Invalid bytes must give
//! an error, not a panic.
#![no_main]

use facekey::detect::Detector;
use facekey::face::mesh::MeshFinder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let device = facekey::device::cpu();
    let _ = Detector::load(bytes, &device);
    let _ = MeshFinder::load(bytes, &device);
});
