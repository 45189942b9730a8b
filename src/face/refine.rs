//! Refines the alignment of a face.
//!
//! The detector's landmarks are coarse: it sees the whole picture at 128x128 pixels. An error of a
//! few pixels in the crop changes the embedding. So a small network looks at the aligned face again,
//! and estimates the similarity transform that is left to the exact alignment, as spatial
//! transformers do (Jaderberg et al., "Spatial transformer networks", 2015). It learns from aligned
//! crops that are moved on purpose, so it needs no labels.

use super::align::{Similarity, cut, drawn};
use crate::geometry::Point;
use crate::image::{RgbImage, luma};
use crate::net::CROP_SIZE;
use crate::net::refiner::{INPUT_SIZE, OUTPUTS, Refiner};

/// Pixels of the crop for one pixel of the input, along each side.
const STRIDE: f32 = 2.0;
/// The middle of the input in the crop: between eyes and mouth.
const CENTRE: Point = Point { x: 56.0, y: 68.0 };
/// Root mean square distance of the alignment template's points from [`CENTRE`], in pixels: a
/// rotation or scaling by `1 / SPREAD` moves them by a pixel.
const SPREAD: f32 = 23.6;
/// Crop pixels for one unit of a correction.
const UNIT: f32 = 4.0;

/// Largest absolute value of a [`Correction`].
pub const LARGEST: f32 = 1.8;

/// A similarity transform of the crop, as the network gives it: scaling, rotation, shift to the
/// right and shift downwards, in units of four pixels at the template's points.
pub type Correction = [f32; OUTPUTS];

/// The transform of the crop that `correction` means.
pub fn transform([scaling, rotation, right, down]: Correction) -> Similarity {
    let (a, b) = (1.0 + UNIT * scaling / SPREAD, UNIT * rotation / SPREAD);
    Similarity {
        a,
        b,
        tx: CENTRE.x - (a * CENTRE.x - b * CENTRE.y) + UNIT * right,
        ty: CENTRE.y - (b * CENTRE.x + a * CENTRE.y) + UNIT * down,
    }
}

/// The network's input for the face that `to_crop` aligns: brightness in `[-1, 1]`.
pub fn input(image: &RgbImage, to_crop: &Similarity) -> Vec<f32> {
    let middle = (INPUT_SIZE as f32 - 1.0) / 2.0;
    let to_input = Similarity {
        a: 1.0 / STRIDE,
        b: 0.0,
        tx: middle - CENTRE.x / STRIDE,
        ty: middle - CENTRE.y / STRIDE,
    };
    let part = cut(image, &to_crop.then(&to_input), INPUT_SIZE);
    let (pixels, _) = part.pixels().as_chunks::<3>();
    let brightness = |rgb: &[u8; 3]| luma(rgb.map(f32::from)) / 127.5 - 1.0;
    pixels.iter().map(brightness).collect()
}

/// The exact alignment of the face in `image` that `to_crop` aligns roughly.
pub fn refined(refiner: &Refiner, image: &RgbImage, to_crop: &Similarity) -> Similarity {
    let correction = refiner.correction(input(image, to_crop));
    let correction = correction.map(|value| value.clamp(-LARGEST, LARGEST));
    to_crop.then(&transform(correction))
}

/// An aligned 112x112 `crop` with a refined alignment. Beyond its border, the border's pixels are
/// repeated.
pub fn realigned(refiner: &Refiner, crop: &RgbImage) -> RgbImage {
    let from = refined(refiner, crop, &Similarity::IDENTITY).inverse();
    drawn(&from, CROP_SIZE, |at| crop.sample(at.x, at.y))
}

#[cfg(all(test, feature = "training"))]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::net::refiner::tests::constant;

    /// The mean difference of two crops around the middle, in grey levels.
    fn difference(a: &RgbImage, b: &RgbImage) -> f32 {
        let rows = 30..90;
        let values = |image: &RgbImage| -> Vec<f32> {
            let row = |y: usize| &image.pixels()[(y * 112 + 30) * 3..(y * 112 + 80) * 3];
            let values = rows.clone().flat_map(row);
            values.map(|&value| f32::from(value)).collect()
        };
        let (a, b) = (values(a), values(b));
        let sum: f32 = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum();
        sum / a.len() as f32
    }

    #[test]
    fn a_correction_undoes_a_movement() {
        let face = faces::draw(0, 2, 0);
        let correction = [0.8, -0.7, 1.0, -0.6];
        let back = transform(correction);
        let moved = face.redrawn(|x, y, _| {
            let from = back.apply(Point { x, y });
            face.sample(from.x, from.y)
        });
        let realigned = realigned(&constant(correction), &moved);
        let (before, after) = (difference(&moved, &face), difference(&realigned, &face));
        assert!(after < 0.4 * before, "{before} and {after}");
    }

    #[test]
    fn a_correction_is_limited() {
        let face = faces::draw(0, 2, 0);
        let refined = refined(
            &constant([-1e9, 1e9, 1e9, -1e9]),
            &face,
            &Similarity::IDENTITY,
        );
        assert_eq!(refined, transform([-LARGEST, LARGEST, LARGEST, -LARGEST]));
        assert!(refined.scale() > 0.5);
    }

    #[test]
    fn the_input_is_what_lies_between_brows_and_chin() {
        let mut pixels = vec![0; 112 * 112 * 3];
        // The first pixel of the input shows the crop's pixels 16 and 17, 28 and 29.
        for (x, y) in [(16, 28), (17, 28), (16, 29), (17, 29)] {
            pixels[(y * 112 + x) * 3..][..3].fill(255);
        }
        let image = RgbImage::new(112, 112, pixels).unwrap();
        let input = input(&image, &Similarity::IDENTITY);
        assert_eq!(input.len(), INPUT_SIZE * INPUT_SIZE);
        let brightest = input.iter().copied().fold(f32::MIN, f32::max);
        assert_eq!(input[0], brightest);
    }
}
