//! Two faces made into a picture of nobody, so that a teacher never runs out of pictures to tell
//! its student about.

use std::f32::consts::TAU;

use rand::Rng;

use crate::image::RgbImage;

/// How much of the first of two pictures is seen: a plane over the places in the picture.
///
/// Flat, both are seen everywhere ("mixup", Zhang et al., 2018). Steep, each is seen on one side of
/// a line with a soft edge, so that what is seen of either is as a camera would see it (as in
/// "CutMix", Yun et al., 2019, with a line in the place of a rectangle).
struct Mixture {
    /// In the middle of the picture; from 0, none, to 1, it alone.
    middle: f32,
    /// More of it for each pixel to the right and down.
    slope: (f32, f32),
}

impl Mixture {
    fn new(rng: &mut impl Rng) -> Self {
        match rng.random_bool(0.5) {
            true => Self::blend(rng.random()),
            false => Self::splice(rng.random_range(0.0..TAU), rng.random_range(-20.0..20.0)),
        }
    }

    fn blend(share: f32) -> Self {
        Self {
            middle: share,
            slope: (0.0, 0.0),
        }
    }

    /// Along a line turned by `angle`, `distance` pixels from the middle.
    fn splice(angle: f32, distance: f32) -> Self {
        const STEEPNESS: f32 = 0.1;
        let (sin, cos) = angle.sin_cos();
        Self {
            middle: 0.5 + STEEPNESS * distance,
            slope: (STEEPNESS * cos, STEEPNESS * sin),
        }
    }

    /// `x` and `y` are pixels from the middle.
    fn share(&self, x: f32, y: f32) -> f32 {
        (self.middle + self.slope.0 * x + self.slope.1 * y).clamp(0.0, 1.0)
    }

    fn of(&self, first: &RgbImage, second: &RgbImage) -> RgbImage {
        let (width, height) = (first.width() as usize, first.height() as usize);
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        let mut pixels = first.pixels().to_vec();
        let others = second.pixels().chunks_exact(3);
        for (index, (pixel, other)) in pixels.chunks_exact_mut(3).zip(others).enumerate() {
            let (x, y) = (index % width, index / width);
            let share = self.share(x as f32 - middle_x, y as f32 - middle_y);
            for (value, &other) in pixel.iter_mut().zip(other) {
                let mixed = f32::from(*value) * share + f32::from(other) * (1.0 - share);
                *value = mixed.round() as u8;
            }
        }
        first.with_pixels(pixels)
    }
}

/// `first` and `second`, two crops, in one picture: blended or spliced.
pub fn mix(first: &RgbImage, second: &RgbImage, rng: &mut impl Rng) -> RgbImage {
    Mixture::new(rng).of(first, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::faces;

    fn apart(a: &RgbImage, b: &RgbImage, columns: std::ops::Range<usize>) -> u32 {
        let pairs = a.pixels().iter().zip(b.pixels()).enumerate();
        let inside = pairs.filter(|(index, _)| columns.contains(&(index / 3 % 112)));
        inside
            .map(|(_, (&a, &b))| u32::from(a.abs_diff(b)))
            .max()
            .unwrap()
    }

    #[test]
    fn a_blend_lies_between_its_pictures() {
        let (first, second) = (faces::draw(0, 0, 0), faces::draw(0, 1, 0));
        assert_eq!(Mixture::blend(1.0).of(&first, &second), first);
        assert_eq!(Mixture::blend(0.0).of(&first, &second), second);
        let even = Mixture::blend(0.5).of(&first, &second);
        let half = apart(&first, &second, 0..112).div_ceil(2);
        assert!(apart(&first, &even, 0..112) <= half && apart(&second, &even, 0..112) <= half);
    }

    #[test]
    fn a_splice_shows_a_picture_on_each_side() {
        let (first, second) = (faces::draw(0, 0, 0), faces::draw(0, 1, 0));
        let spliced = Mixture::splice(0.0, 0.0).of(&first, &second);
        assert_eq!(apart(&spliced, &second, 0..50), 0);
        assert_eq!(apart(&spliced, &first, 62..112), 0);
        assert!(apart(&spliced, &first, 0..50) > 50);
    }
}
