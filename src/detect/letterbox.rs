//! Part of an image, scaled to the detector's square input.

use std::ops::Range;

use super::network::INPUT_SIZE;
use crate::geometry::{Point, Rect};
use crate::image::{RgbImage, covered};

/// Rotations by quarter turns, as photos need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// None.
    None,
    /// A quarter clockwise.
    Clockwise,
    /// Half a turn.
    Half,
    /// A quarter counterclockwise.
    Counterclockwise,
}

impl Rotation {
    /// All rotations except `None`.
    pub(super) const OTHERS: [Self; 3] = [Self::Clockwise, Self::Half, Self::Counterclockwise];

    /// The angle in degrees, clockwise.
    pub(super) fn degrees(self) -> f32 {
        match self {
            Self::None => 0.0,
            Self::Clockwise => 90.0,
            Self::Half => 180.0,
            Self::Counterclockwise => 270.0,
        }
    }

    /// Where the point `(x, y)` of the unit square was before the rotation.
    fn undo(self, x: f32, y: f32) -> (f32, f32) {
        match self {
            Self::None => (x, y),
            Self::Clockwise => (y, 1.0 - x),
            Self::Half => (1.0 - x, 1.0 - y),
            Self::Counterclockwise => (1.0 - y, x),
        }
    }
}

/// Part of an image at the detector's size, and the map from there back to the image.
pub struct Letterbox {
    /// 128x128 pixels: the proportions are kept, and the rest is black.
    pub image: RgbImage,
    pub(super) rotation: Rotation,
    /// Pixels of the original image for one pixel of the detector's input.
    pub(super) scale: f32,
    left: f32,
    top: f32,
    origin: Point,
}

impl Letterbox {
    /// The whole of `image`.
    pub fn new(image: &RgbImage) -> Self {
        Self::of(image, 0..image.width(), 0..image.height())
    }

    /// The part of `image` that lies in `area`; `None` if it is empty.
    pub(super) fn part(image: &RgbImage, area: &Rect) -> Option<Self> {
        let range = |from: f32, length: f32, limit: u32| {
            let to = ((from + length).ceil().max(0.0) as u32).min(limit);
            (from.max(0.0) as u32)..to
        };
        let columns = range(area.x, area.width, image.width());
        let rows = range(area.y, area.height, image.height());
        (!columns.is_empty() && !rows.is_empty()).then(|| Self::of(image, columns, rows))
    }

    /// Each pixel is the mean of the image's pixels that it covers.
    fn of(image: &RgbImage, columns: Range<u32>, rows: Range<u32>) -> Self {
        let (width, height) = (columns.len() as f32, rows.len() as f32);
        let side = INPUT_SIZE as f32;
        let scale = width.max(height) / side;
        let (left, top) = ((side - width / scale) / 2.0, (side - height / scale) / 2.0);
        let covered = |before: f32, within: &Range<u32>| {
            let pixels = (0..INPUT_SIZE).map(|i| covered(i as f32 - before, scale, within));
            pixels.collect::<Vec<_>>()
        };
        Self {
            image: image.averaged(&covered(left, &columns), &covered(top, &rows)),
            rotation: Rotation::None,
            scale,
            left,
            top,
            origin: Point {
                x: columns.start as f32,
                y: rows.start as f32,
            },
        }
    }

    /// The same part, rotated.
    pub(super) fn rotated(&self, rotation: Rotation) -> Self {
        let side = INPUT_SIZE as f32;
        let place = |i: usize| (i as f32 + 0.5) / side;
        let mut pixels = Vec::with_capacity(INPUT_SIZE * INPUT_SIZE * 3);
        for y in 0..INPUT_SIZE {
            for x in 0..INPUT_SIZE {
                let (x, y) = rotation.undo(place(x), place(y));
                let at = (y * side) as usize * INPUT_SIZE + (x * side) as usize;
                pixels.extend_from_slice(&self.image.pixels()[at * 3..][..3]);
            }
        }
        Self {
            image: square(pixels),
            rotation,
            ..*self
        }
    }

    /// Maps a position in the unit square of the detector's input to pixels of the image.
    pub(super) fn locate(&self, x: f32, y: f32) -> Point {
        let side = INPUT_SIZE as f32;
        let (x, y) = self.rotation.undo(x, y);
        Point {
            x: (x * side - self.left) * self.scale - 0.5 + self.origin.x,
            y: (y * side - self.top) * self.scale - 0.5 + self.origin.y,
        }
    }
}

fn square(pixels: Vec<u8>) -> RgbImage {
    let side = INPUT_SIZE as u32;
    RgbImage::new(side, side, pixels).expect("the buffer was made for this size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letterbox_keeps_proportions_and_leads_back() {
        let grey = RgbImage::new(256, 128, vec![99; 256 * 128 * 3]).unwrap();
        let letterbox = Letterbox::new(&grey);
        let row = |y: usize| letterbox.image.pixels()[y * INPUT_SIZE * 3];
        assert_eq!((row(31), row(32), row(95), row(96)), (0, 99, 99, 0));
        let centre = letterbox.locate(0.5, 0.5);
        assert_eq!((centre.x, centre.y), (127.5, 63.5));
    }

    /// A black image with one white pixel is searched for it, in every part and orientation.
    #[test]
    fn what_is_seen_in_a_part_or_rotated_is_located_in_the_image() {
        let mut pixels = vec![0; 300 * 200 * 3];
        pixels[(120 * 300 + 210) * 3..][..3].fill(255);
        let image = RgbImage::new(300, 200, pixels).unwrap();
        let area = Rect {
            x: 150.0,
            y: 72.0,
            width: 128.0,
            height: 128.0,
        };
        let parts = [
            Letterbox::new(&image),
            Letterbox::part(&image, &area).unwrap(),
        ];
        for part in &parts {
            for rotation in [
                Rotation::None,
                Rotation::Clockwise,
                Rotation::Half,
                Rotation::Counterclockwise,
            ] {
                let view = part.rotated(rotation);
                let pixels = view.image.pixels().chunks_exact(3).map(|rgb| rgb[0]);
                let (at, _) = pixels.enumerate().max_by_key(|&(_, value)| value).unwrap();
                let place = |i: usize| (i as f32 + 0.5) / INPUT_SIZE as f32;
                let found = view.locate(place(at % INPUT_SIZE), place(at / INPUT_SIZE));
                let expected = Point { x: 210.0, y: 120.0 };
                let error = found.distance(expected);
                assert!(error <= view.scale, "{rotation:?}: {found:?}");
            }
        }
    }

    #[test]
    fn a_part_beyond_the_image_is_none() {
        let grey = RgbImage::new(20, 20, vec![99; 20 * 20 * 3]).unwrap();
        let beyond = Rect {
            x: 30.0,
            y: -50.0,
            width: 40.0,
            height: 40.0,
        };
        assert!(Letterbox::part(&grey, &beyond).is_none());
    }
}
