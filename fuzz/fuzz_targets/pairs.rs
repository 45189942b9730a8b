//! Parses arbitrary text as a list of pairs. Invalid text must give an error, not a panic.
#![no_main]

use facekey::eval::pairs::Pairs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Pairs::parse(text);
});
