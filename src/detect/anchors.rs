//! The anchors: the fixed points that the network's boxes are relative to.

use super::network::ANCHORS;
use crate::geometry::Point;

/// The anchors' centres in the unit square, in the order of the network's rows.
pub(super) fn anchors() -> impl Iterator<Item = Point> {
    let grid = |side: usize, each: usize| {
        (0..side * side).flat_map(move |cell| {
            let centre = |i: usize| (i as f32 + 0.5) / side as f32;
            std::iter::repeat_n(
                Point {
                    x: centre(cell % side),
                    y: centre(cell / side),
                },
                each,
            )
        })
    };
    grid(16, 2).chain(grid(8, 6)).take(ANCHORS)
}
