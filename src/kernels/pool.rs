//! Max pooling and its way back, on channels-last features.

use pulp::Arch;

use super::conv::{Channels, OUTSIDE, Taps};

/// Writes the largest value that each window sees, and by which tap, `[pixels out, channels]`, to
/// `winners` if there are any.
pub fn max_pool(
    taps: &Taps,
    (input, from): (&[f32], Channels),
    (output, to): (&mut [f32], Channels),
    mut winners: Option<&mut [u8]>,
) {
    let count = from.count;
    Arch::new().dispatch(|| {
        for position in 0..output.len() / to.width {
            let (offsets, image) = taps.window(position);
            let output = to.row_mut(output, position);
            output.fill(f32::NEG_INFINITY);
            for (tap, &offset) in offsets.iter().enumerate() {
                if offset == OUTSIDE {
                    continue;
                }
                let row = from.row(input, image + offset as usize);
                if let Some(winners) = &mut winners {
                    let winners = &mut winners[position * count..][..count];
                    for ((winner, out), value) in winners.iter_mut().zip(&*output).zip(row) {
                        *winner = if value > out { tap as u8 } else { *winner };
                    }
                }
                // Not `f32::max`, which is a call of a function in WebAssembly.
                for (out, &value) in output.iter_mut().zip(row) {
                    *out = if value > *out { value } else { *out };
                }
            }
        }
    });
}

/// Adds the gradient of the pooled values, in the channels `from` of `given`, to that of the values
/// that won, in the channels `to` of `gradient`.
#[cfg(feature = "training")]
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
