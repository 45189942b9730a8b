//! Occlusion: a mask, glasses, a bar over the eyes, a plain patch or area (as a hand, hair or a
//! scarf), or the picture's edge.
//!
//! They are drawn at the positions of mouth and eyes in the alignment template, which are close
//! enough to the face's own.

use rand::Rng;

use crate::face::align::TEMPLATE;
use crate::geometry::Point;
use crate::image::RgbImage;

/// A kind of occlusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Everything below the eyes, as by a surgical mask.
    Mask,
    /// Two lenses: dark, or clear with a rim.
    Glasses,
    /// A rectangle at a random position.
    Patch,
    /// A bar over the eyes.
    Bar,
    /// Up to half of the face, from one side.
    Half,
    /// Black along one side, as beyond the edge of a photo.
    Edge,
}

impl Cover {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Mask,
        Self::Glasses,
        Self::Patch,
        Self::Bar,
        Self::Half,
        Self::Edge,
    ];

    /// The kinds that hide so much of the face that the embedding becomes unreliable.
    pub const HIDING: [Self; 3] = [Self::Mask, Self::Bar, Self::Half];

    /// A random kind; all have the same probability.
    pub fn any(rng: &mut impl Rng) -> Self {
        Self::ALL[rng.random_range(0..Self::ALL.len())]
    }

    /// `crop` with an occlusion of this kind; size, position and colour are random.
    pub fn draw(self, crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
        match self {
            Self::Mask => mask(crop, rng),
            Self::Glasses => glasses(crop, rng),
            Self::Patch => patch(crop, rng),
            Self::Bar => bar(crop, rng),
            Self::Half => half(crop, rng),
            Self::Edge => edge(crop, rng),
        }
    }
}

/// Covers everything below the eyes, wider at the top, as a surgical mask.
fn mask(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let top = rng.random_range(60.0..74.0f32);
    let (colour, sag) = (any_colour(rng), rng.random_range(0.0..8.0f32));
    let middle = crop.width() as f32 / 2.0;
    paint(crop, |x, y| {
        let aside = (x - middle).abs() / middle;
        let chin = aside < 1.0 - 0.5 * ((y - top) / (112.0 - top)).clamp(0.0, 1.0);
        (y > top + sag * aside && chin).then_some(colour)
    })
}

/// Two lenses, dark or clear with a rim, and the bridge between.
fn glasses(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let [left, right, ..] = TEMPLATE;
    let (rx, ry) = (
        rng.random_range(11.0..16.0f32),
        rng.random_range(7.0..12.0f32),
    );
    let rim = rng.random_range(0.12..0.3f32);
    let dark = rng.random_bool(0.5);
    let colour = any_colour(rng).map(|v| v / 3);
    paint(crop, |x, y| {
        let from = |eye: Point| (((x - eye.x) / rx).powi(2) + ((y - eye.y) / ry).powi(2)).sqrt();
        let lens = from(left).min(from(right));
        let bridge = x > left.x + rx && x < right.x - rx && (y - left.y).abs() < 1.5;
        let painted = bridge || (lens < 1.0 && (dark || lens > 1.0 - rim));
        painted.then_some(colour)
    })
}

/// A bar over the eyes, across the whole crop, often black.
fn bar(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let [left, right, ..] = TEMPLATE;
    let height = rng.random_range(6.0..16.0f32);
    let slope = rng.random_range(-0.12..0.12f32);
    let colour = plain_colour(rng);
    paint(crop, |x, y| {
        let eyes = (left.y + right.y) / 2.0 + slope * (x - (left.x + right.x) / 2.0);
        ((y - eyes).abs() < height).then_some(colour)
    })
}

/// A hand, hair or a scarf, as a plain area that covers up to half of the face from one side.
fn half(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let angle = rng.random_range(0.0..std::f32::consts::TAU);
    let (sin, cos) = angle.sin_cos();
    let (x0, y0) = (crop.width() as f32 / 2.0, crop.height() as f32 / 2.0);
    let uncovered = rng.random_range(0.0..26.0f32);
    let colour = plain_colour(rng);
    paint(crop, |x, y| {
        ((x - x0) * cos + (y - y0) * sin > uncovered).then_some(colour)
    })
}

/// Black half of the time, otherwise a random colour.
fn plain_colour(rng: &mut impl Rng) -> [u8; 3] {
    match rng.random_bool(0.5) {
        true => [0; 3],
        false => any_colour(rng),
    }
}

/// A rectangle at a random position, at most a ninth of the crop.
fn patch(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let (width, height) = (crop.width() as f32, crop.height() as f32);
    let (w, h) = (
        rng.random_range(0.12..0.33) * width,
        rng.random_range(0.12..0.33) * height,
    );
    let (x0, y0) = (
        rng.random_range(0.0..width - w),
        rng.random_range(0.0..height - h),
    );
    let colour = any_colour(rng);
    paint(crop, |x, y| {
        let inside = x >= x0 && x < x0 + w && y >= y0 && y < y0 + h;
        inside.then_some(colour)
    })
}

/// Black along one side, as for a face at the edge of the photo.
fn edge(crop: RgbImage, rng: &mut impl Rng) -> RgbImage {
    let depth = rng.random_range(4.0..26.0f32);
    let side = rng.random_range(0..4);
    let (right, bottom) = (crop.width() as f32 - 1.0, crop.height() as f32 - 1.0);
    paint(crop, |x, y| {
        let from_side = [x, right - x, y, bottom - y][side];
        (from_side < depth).then_some([0; 3])
    })
}

fn any_colour(rng: &mut impl Rng) -> [u8; 3] {
    std::array::from_fn(|_| rng.random())
}

/// `crop` with new colours at the positions for which `at` gives a colour.
fn paint(crop: RgbImage, at: impl Fn(f32, f32) -> Option<[u8; 3]>) -> RgbImage {
    crop.redrawn(|x, y, before| at(x, y).map_or(before, |colour| colour.map(f32::from)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::train::{Stream, generator};

    /// The share of pixels that a change touches.
    fn changed(before: &RgbImage, after: &RgbImage) -> f64 {
        let pairs = before.pixels().chunks(3).zip(after.pixels().chunks(3));
        let count = pairs.len() as f64;
        pairs.filter(|(a, b)| a != b).count() as f64 / count
    }

    #[test]
    fn each_thing_covers_a_part_of_the_face() {
        let crop = faces::draw(0, 0, 0);
        for index in 0..40 {
            let mut rng = generator(0, Stream::Augmentation, index);
            for cover in Cover::ALL {
                let share = changed(&crop, &cover.draw(crop.clone(), &mut rng));
                assert!((0.005..0.6).contains(&share), "{share}");
            }
        }
    }

    #[test]
    fn a_mask_leaves_the_eyes_and_glasses_the_mouth() {
        let crop = faces::draw(0, 1, 0);
        let mut rng = generator(0, Stream::Augmentation, 0);
        let rows = |image: &RgbImage, rows: std::ops::Range<usize>| {
            image.pixels()[rows.start * 112 * 3..rows.end * 112 * 3].to_vec()
        };
        let masked = mask(crop.clone(), &mut rng);
        assert_eq!(rows(&masked, 0..60), rows(&crop, 0..60));
        let spectacled = glasses(crop.clone(), &mut rng);
        assert_eq!(rows(&spectacled, 70..112), rows(&crop, 70..112));
    }
}
