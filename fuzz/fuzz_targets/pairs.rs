//! Lists of pairs: any text is a list or is refused.
#![no_main]

use facekey::eval::pairs::Pairs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Pairs::parse(text);
});
