//! Max pooling and its way back, on channels-last features.

use pulp::Arch;

use super::conv::{Channels, OUTSIDE, Taps};

/// Writes the largest value that each window sees, and by which tap, `[pixels out, channels]`.
pub fn max_pool(
    taps: &Taps,
    (input, from): (&[f32], Channels),
    (output, to): (&mut [f32], Channels),
    winners: &mut [u8],
) {
    Arch::new().dispatch(|| {
        for (position, winners) in winners.chunks_exact_mut(from.count).enumerate() {
            let (offsets, image) = taps.window(position);
            let output = to.row_mut(output, position);
            output.fill(f32::NEG_INFINITY);
            for (tap, &offset) in offsets.iter().enumerate() {
                if offset == OUTSIDE {
                    continue;
                }
                let row = from.row(input, image + offset as usize);
                for ((out, winner), &value) in output.iter_mut().zip(winners.iter_mut()).zip(row) {
                    let larger = value > *out;
                    *out = if larger { value } else { *out };
                    *winner = if larger { tap as u8 } else { *winner };
                }
            }
        }
    });
}

/// Adds the gradient of the pooled values, in the channels `from` of `given`, to that of the values
/// that won, in the channels `to` of `gradient`.
pub fn max_pool_back(
    taps: &Taps,
    winners: &[u8],
    (given, from): (&[f32], Channels),
    (gradient, to): (&mut [f32], Channels),
) {
    for (position, winners) in winners.chunks_exact(from.count).enumerate() {
        let (offsets, image) = taps.window(position);
        let given = from.row(given, position);
        for (channel, (&winner, &value)) in winners.iter().zip(given).enumerate() {
            let pixel = image + offsets[winner as usize] as usize;
            gradient[pixel * to.width + to.first + channel] += value;
        }
    }
}
