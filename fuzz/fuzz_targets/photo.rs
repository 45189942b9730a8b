//! Decodes arbitrary bytes as a photo. Invalid bytes must give an error, not a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = facekey::image::decode(bytes);
});
