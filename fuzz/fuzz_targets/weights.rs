//! Weights files come from a network. A file with changed bytes or a missing end must load or give an
//! error, but not panic. The checksum refuses changed tensors, so this mainly tests how the container
//! and the metadata are read.
#![no_main]

use std::sync::LazyLock;

use facekey::net::weights::{TrainingSummary, export, load};
use facekey::net::{FaceNetConfig, Preset};
use facekey::verify::{Calibration, Calibrations};
use libfuzzer_sys::fuzz_target;

static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let device = facekey::device::cpu();
    let network = FaceNetConfig::from(Preset::Tiny).init(&device);
    let table = Calibration::new(&[0.2, 0.4], &[1.0, 1.2, 1.4, 1.6]).expect("finite scores");
    let calibrations = Calibrations::try_from(vec![table]).ok();
    export(network, Preset::Tiny, TrainingSummary::default(), &device, |_| calibrations)
        .expect("a network that was just made")
});

// Positions and length are 32 bits wide, so that they reach every byte of a file of any size.
fuzz_target!(|input: (Vec<(u32, u8)>, u32)| {
    let (edits, cut) = input;
    let mut file = VALID.clone();
    for (at, byte) in edits {
        let at = at as usize % file.len();
        file[at] = byte;
    }
    file.truncate(file.len() - cut as usize % file.len());
    let _ = load(file, &facekey::device::cpu());
});
