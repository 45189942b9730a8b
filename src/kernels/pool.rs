//! Max pooling, forward and backward, on channels-last features.

use pulp::Arch;

use super::conv::{Channels, OUTSIDE, Taps};

/// Writes the largest value of each window to the channels `to` of `output`, for as many images as
/// `output` holds.
pub fn max_pool(
    taps: &Taps,
    (input, from): (&[f32], Channels),
    (output, to): (&mut [f32], Channels),
) {
    Arch::new().dispatch(|| {
        let mut rows: Vec<&[f32]> = Vec::with_capacity(taps.count);
        for position in 0..output.len() / to.width {
            let (offsets, image) = taps.window(position);
            let inside = offsets.iter().filter(|&&offset| offset != OUTSIDE);
            rows.clear();
            rows.extend(inside.map(|&offset| from.row(input, image + offset as usize)));
            let (blocks, rest) = to.row_mut(output, position).as_chunks_mut::<BLOCK>();
            let first = BLOCK * blocks.len();
            for (block, output) in blocks.iter_mut().enumerate() {
                *output = largest(&rows, BLOCK * block);
            }
            for (channel, output) in rest.iter_mut().enumerate() {
                [*output] = largest(&rows, first + channel);
            }
        }
    });
}

/// Number of channels that are compared at a time, so that they stay in registers.
const BLOCK: usize = 8;

/// The largest value of each of `COUNT` channels, from the channel `first` on.
#[inline(always)]
fn largest<const COUNT: usize>(rows: &[&[f32]], first: usize) -> [f32; COUNT] {
    rows.iter()
        .fold([f32::NEG_INFINITY; COUNT], |largest, row| {
            let row: &[f32; COUNT] = row[first..].first_chunk().expect("within the channels");
            // Not `f32::max`: in WebAssembly, it compiles to a function call.
            std::array::from_fn(|i| {
                if row[i] > largest[i] {
                    row[i]
                } else {
                    largest[i]
                }
            })
        })
}

/// Writes the tap that each value of [`max_pool`] came from, `[pixels out, channels]`, to
/// `winners`.
#[cfg(feature = "training")]
pub fn max_pool_winners(
    taps: &Taps,
    (input, from): (&[f32], Channels),
    (output, to): (&[f32], Channels),
    winners: &mut [u8],
) {
    Arch::new().dispatch(|| {
        for (position, winners) in winners.chunks_exact_mut(from.count).enumerate() {
            let (offsets, image) = taps.window(position);
            let output = to.row(output, position);
            for (tap, &offset) in offsets.iter().enumerate().rev() {
                if offset != OUTSIDE {
                    let row = from.row(input, image + offset as usize);
                    for ((winner, out), value) in winners.iter_mut().zip(output).zip(row) {
                        *winner = if value == out { tap as u8 } else { *winner };
                    }
                }
            }
        }
    });
}

/// Adds the gradient with respect to the pooled values, in the channels `from` of `given`, to the
/// gradient of the winning inputs, in the channels `to` of `gradient`.
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
