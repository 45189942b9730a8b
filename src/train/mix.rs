//! Synthetic faces for distillation: mixtures of two faces, and warped faces. They give the teacher
//! an unlimited number of pictures to embed for its student.

use std::f32::consts::TAU;

use rand::Rng;

use crate::image::RgbImage;

/// The weight of the first of two pictures: a linear function of the position, clamped to `[0, 1]`.
///
/// Without a slope, both pictures are blended everywhere ("mixup", Zhang et al., 2018). With a
/// steep slope, each picture is on one side of a line with a soft edge and looks natural there (as
/// in "CutMix", Yun et al., 2019, with a line instead of a rectangle).
struct Mixture {
    /// The weight in the centre of the picture, before clamping.
    middle: f32,
    /// The increase of the weight for each pixel to the right, and for each pixel downwards.
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

    /// A soft edge along a line at the angle `angle`, in radians, `distance` pixels from the
    /// centre.
    fn splice(angle: f32, distance: f32) -> Self {
        const STEEPNESS: f32 = 0.1;
        let (sin, cos) = angle.sin_cos();
        Self {
            middle: 0.5 + STEEPNESS * distance,
            slope: (STEEPNESS * cos, STEEPNESS * sin),
        }
    }

    /// The weight at `x` and `y`, in pixels from the centre.
    fn share(&self, x: f32, y: f32) -> f32 {
        (self.middle + self.slope.0 * x + self.slope.1 * y).clamp(0.0, 1.0)
    }

    fn of(&self, first: &RgbImage, second: &RgbImage) -> RgbImage {
        let (middle_x, middle_y) = (first.width() as f32 / 2.0, first.height() as f32 / 2.0);
        first.redrawn(|x, y, one| {
            let share = self.share(x - middle_x, y - middle_y);
            let other = second.sample(x, y);
            std::array::from_fn(|c| one[c] * share + other[c] * (1.0 - share))
        })
    }
}

/// A smooth warp: the displacements to the right and downwards are sums of two waves each.
///
/// The waves are too long and too low to fold the picture. The warp changes a face's proportions,
/// so the result shows another person.
struct Bend([[Wave; 2]; 2]);

struct Wave {
    /// The amplitude, in pixels.
    height: f32,
    /// The phase change for each pixel to the right, and for each pixel downwards, in radians.
    pace: (f32, f32),
    phase: f32,
}

impl Bend {
    fn new(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| {
            std::array::from_fn(|_| Wave::new(rng))
        }))
    }

    fn of(&self, image: &RgbImage) -> RgbImage {
        let [across, down] = &self.0;
        let at = |waves: &[Wave; 2], x, y| waves[0].at(x, y) + waves[1].at(x, y);
        image.redrawn(|x, y, _| image.sample(x + at(across, x, y), y + at(down, x, y)))
    }
}

impl Wave {
    fn new(rng: &mut impl Rng) -> Self {
        let (sin, cos) = rng.random_range(0.0..TAU).sin_cos();
        let pace = TAU / rng.random_range(50.0..150.0f32);
        Self {
            height: rng.random_range(0.0..3.5),
            pace: (pace * cos, pace * sin),
            phase: rng.random_range(0.0..TAU),
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        self.height * (self.pace.0 * x + self.pace.1 * y + self.phase).sin()
    }
}

/// A synthetic face: a blend or splice of two crops, half of the time also warped.
pub fn mix(first: &RgbImage, second: &RgbImage, rng: &mut impl Rng) -> RgbImage {
    let mixed = Mixture::new(rng).of(first, second);
    match rng.random_bool(0.5) {
        true => Bend::new(rng).of(&mixed),
        false => mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::train::{Stream, generator};

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

    #[test]
    fn a_bend_moves_a_feature_by_its_waves() {
        let dot =
            faces::draw(0, 0, 0).redrawn(|x, y, _| [255.0 * f32::from(x == 40.0 && y == 50.0); 3]);
        let even = |height| Wave {
            height,
            pace: (0.0, 0.0),
            phase: TAU / 4.0,
        };
        let bend = Bend([[even(2.0), even(1.0)], [even(-5.0), even(0.0)]]);
        let bent = bend.of(&dot);
        assert_eq!(bent.sample(37.0, 55.0), [255.0; 3]);
        assert_eq!(bent.sample(40.0, 50.0), [0.0; 3]);
    }

    #[test]
    fn no_bend_folds_the_picture() {
        for index in 0..50 {
            let bend = Bend::new(&mut generator(0, Stream::Mixing, index));
            let [across, down] = &bend.0;
            let place = |x: f32, y: f32| {
                let moved = |waves: &[Wave; 2]| waves.iter().map(|wave| wave.at(x, y)).sum::<f32>();
                (x + moved(across), y + moved(down))
            };
            for at in 0..111 {
                let (here, line) = (at as f32, 3.0 * index as f32);
                assert!(place(here + 1.0, line).0 > place(here, line).0);
                assert!(place(line, here + 1.0).1 > place(line, here).1);
            }
        }
    }
}
