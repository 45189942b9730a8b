//! Random augmentation of training crops, as variation by cameras and detectors: mirroring,
//! similarity jitter (detectors differ by pixels), light, colour, blur, noise, compression, and
//! occlusion.
//!
//! Blur, noise, compression and occlusion each affect only a minority of crops. A teacher's target
//! is of the unchanged crop, so the student learns to ignore the changes.

use ::image::codecs::jpeg::JpegEncoder;
use rand::Rng;

use super::occlude::Cover;
use crate::image::{RgbImage, decode, luma};

/// How exactly crops are aligned, which decides how far augmentation moves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aligned {
    /// As by a detector.
    Roughly,
    /// As by a [refiner](crate::face::refine), which errs about half as far.
    Finely,
}

/// A random augmentation of `crop`.
pub fn augment(crop: &RgbImage, aligned: Aligned, rng: &mut impl Rng) -> RgbImage {
    const OCCLUDED: f64 = 0.2;
    let mut image = resample(crop, &Warp::new(aligned, rng), Sharpness::new(rng));
    if rng.random_bool(OCCLUDED) {
        image = Cover::any(rng).draw(image, rng);
    }
    seen(image, rng)
}

/// The same with `cover` over the face, or without occlusion.
pub fn augment_behind(crop: &RgbImage, cover: Option<Cover>, rng: &mut impl Rng) -> RgbImage {
    let warp = Warp::new(Aligned::Roughly, rng);
    let mut image = resample(crop, &warp, Sharpness::new(rng));
    if let Some(cover) = cover {
        image = cover.draw(image, rng);
    }
    seen(image, rng)
}

/// Changes the light and adds the effects of a camera and a file: noise and compression.
pub(super) fn seen(mut image: RgbImage, rng: &mut impl Rng) -> RgbImage {
    const NOISY: f64 = 0.15;
    const COMPRESSED: f64 = 0.1;
    let colour = Colour::new(rng);
    let noise = rng.random_bool(NOISY).then(|| rng.random_range(2.0..10.0));
    image = recolour(&image, &colour, noise, rng);
    if rng.random_bool(COMPRESSED) {
        image = compress(image, rng.random_range(25..80));
    }
    image
}

/// How pixels are resampled.
#[derive(Clone, Copy)]
enum Sharpness {
    Sharp,
    /// Blurred: the mean of samples at this distance, in pixels.
    Blurred(f32),
    /// Reduced by this factor along each side and enlarged again.
    Enlarged(f32),
}

impl Sharpness {
    fn new(rng: &mut impl Rng) -> Self {
        match rng.random_range(0..100) {
            0..8 => Self::Blurred(rng.random_range(0.8..2.0)),
            8..16 => Self::Enlarged(rng.random_range(1.5..3.5)),
            _ => Self::Sharp,
        }
    }
}

fn resample(crop: &RgbImage, warp: &Warp, sharpness: Sharpness) -> RgbImage {
    match sharpness {
        Sharpness::Sharp => warped(crop, warp, |u, v| crop.sample(u, v)),
        Sharpness::Blurred(radius) => warped(crop, warp, |u, v| blurred(crop, u, v, radius)),
        Sharpness::Enlarged(factor) => {
            let small = crop.reduced_by(factor);
            let at = |u: f32| (u + 0.5) / factor - 0.5;
            warped(crop, warp, |u, v| small.sample(at(u), at(v)))
        }
    }
}

/// A picture of the crop's size. `sample` gives the colour at a position in the crop.
fn warped(crop: &RgbImage, warp: &Warp, sample: impl Fn(f32, f32) -> [f32; 3]) -> RgbImage {
    let (width, height) = (crop.width() as f32, crop.height() as f32);
    crop.redrawn(|x, y, _| {
        let (u, v) = warp.source(x, y, width, height);
        sample(u, v)
    })
}

fn recolour(image: &RgbImage, colour: &Colour, noise: Option<f32>, rng: &mut impl Rng) -> RgbImage {
    image.redrawn(|_, _, before| {
        let noise = noise.map_or(0.0, |noise| noise * rng.random_range(-1.0..1.0f32));
        colour.apply(before).map(|value| value + noise)
    })
}

/// Compresses as JPEG and decodes.
fn compress(image: RgbImage, quality: u8) -> RgbImage {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, quality);
    let (width, height) = (image.width(), image.height());
    let colour = ::image::ExtendedColorType::Rgb8;
    ::image::ImageEncoder::write_image(encoder, image.pixels(), width, height, colour)
        .ok()
        .and_then(|()| decode(&file).ok())
        .unwrap_or(image)
}

/// A small similarity transform from the output back into the crop, mirrored half of the time.
struct Warp {
    a: f32,
    b: f32,
    shift: (f32, f32),
    mirror: bool,
}

impl Warp {
    fn new(aligned: Aligned, rng: &mut impl Rng) -> Self {
        let share = match aligned {
            Aligned::Roughly => 1.0,
            Aligned::Finely => 0.5,
        };
        let mirror = rng.random_bool(0.5);
        let mut any = |limit: f32| share * rng.random_range(-limit..limit);
        let scale = 1.0 + any(0.06);
        let (sin, cos) = any(0.07).sin_cos();
        let mut shift = || any(2.5);
        Self {
            a: scale * cos,
            b: scale * sin,
            shift: (shift(), shift()),
            mirror,
        }
    }

    fn source(&self, x: f32, y: f32, width: f32, height: f32) -> (f32, f32) {
        let x = if self.mirror { width - 1.0 - x } else { x };
        let (cx, cy) = ((width - 1.0) / 2.0, (height - 1.0) / 2.0);
        let (dx, dy) = (x - cx, y - cy);
        (
            cx + self.a * dx - self.b * dy + self.shift.0,
            cy + self.b * dx + self.a * dy + self.shift.1,
        )
    }
}

/// Brightness, contrast and a colour cast; sometimes dim light, or no colour.
struct Colour {
    gain: [f32; 3],
    offset: f32,
    grey: bool,
}

impl Colour {
    fn new(rng: &mut impl Rng) -> Self {
        const DIM: f64 = 0.05;
        const CAST: f64 = 0.1;
        let contrast = rng.random_range(0.75..1.2f32);
        let brightness = rng.random_range(-20.0..20.0f32);
        let light = if rng.random_bool(DIM) {
            rng.random_range(0.2..0.6)
        } else {
            1.0
        };
        let cast = if rng.random_bool(CAST) { 0.2 } else { 0.05 };
        let gain =
            std::array::from_fn(|_| light * contrast * rng.random_range(1.0 - cast..1.0 + cast));
        Self {
            gain,
            offset: light * (brightness + 127.5 * (1.0 - contrast)),
            grey: rng.random_bool(0.06),
        }
    }

    fn apply(&self, rgb: [f32; 3]) -> [f32; 3] {
        let rgb = if self.grey { [luma(rgb); 3] } else { rgb };
        std::array::from_fn(|c| rgb[c] * self.gain[c] + self.offset)
    }
}

/// The mean of five samples around a point.
fn blurred(image: &RgbImage, x: f32, y: f32, radius: f32) -> [f32; 3] {
    const AROUND: [(f32, f32); 5] = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
    let sum = AROUND.iter().fold([0.0; 3], |sum: [f32; 3], (dx, dy)| {
        let rgb = image.sample(x + dx * radius, y + dy * radius);
        std::array::from_fn(|c| sum[c] + rgb[c])
    });
    sum.map(|value| value / AROUND.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::train::{Stream, generator};

    fn mean(image: &RgbImage) -> f64 {
        image.pixels().iter().map(|&v| f64::from(v)).sum::<f64>() / image.pixels().len() as f64
    }

    /// Mean difference between a pixel and its right neighbour: how sharp an image is.
    fn sharpness(image: &RgbImage) -> f64 {
        let pairs = image.pixels().windows(4);
        let count = pairs.len() as f64;
        pairs.map(|p| f64::from(p[0].abs_diff(p[3]))).sum::<f64>() / count
    }

    #[test]
    fn the_same_generator_gives_the_same_picture() {
        let crop = faces::draw(0, 0, 0);
        let picture = |index| {
            augment(
                &crop,
                Aligned::Roughly,
                &mut generator(0, Stream::Augmentation, index),
            )
        };
        assert_eq!(picture(4), picture(4));
        assert_ne!(picture(4), picture(5));
    }

    #[test]
    fn most_changes_stay_small() {
        let crop = faces::draw(0, 1, 0);
        let far = (0..60)
            .map(|index| {
                augment(
                    &crop,
                    Aligned::Roughly,
                    &mut generator(0, Stream::Augmentation, index),
                )
            })
            .filter(|changed| (mean(changed) - mean(&crop)).abs() > 50.0)
            .count();
        assert!(far <= 9, "{far} of 60 far brighter or darker");
    }

    #[test]
    fn about_half_are_mirrored() {
        let mirrored = (0..40)
            .filter(|&index| {
                Warp::new(
                    Aligned::Roughly,
                    &mut generator(1, Stream::Augmentation, index),
                )
                .mirror
            })
            .count();
        assert!((10..=30).contains(&mirrored), "{mirrored}");
    }

    #[test]
    fn finely_aligned_crops_are_moved_half_as_far() {
        let warp = |aligned| Warp::new(aligned, &mut generator(1, Stream::Augmentation, 5));
        let [rough, fine] = [Aligned::Roughly, Aligned::Finely].map(warp);
        assert!(rough.shift.0.abs() > 0.1);
        assert_eq!(fine.shift, (rough.shift.0 / 2.0, rough.shift.1 / 2.0));
    }

    #[test]
    fn blur_and_enlarging_take_detail_and_keep_the_place() {
        let crop = faces::draw(0, 3, 0);
        let still = Warp {
            a: 1.0,
            b: 0.0,
            shift: (0.0, 0.0),
            mirror: false,
        };
        assert_eq!(resample(&crop, &still, Sharpness::Sharp), crop);
        for soft in [Sharpness::Blurred(2.0), Sharpness::Enlarged(3.0)] {
            let changed = resample(&crop, &still, soft);
            assert!(sharpness(&changed) < 0.9 * sharpness(&crop));
            assert!((mean(&changed) - mean(&crop)).abs() < 3.0);
        }
    }

    #[test]
    fn compression_loses_little() {
        let crop = faces::draw(0, 4, 0);
        let changed = compress(crop.clone(), 30);
        assert_ne!(changed, crop);
        assert!((mean(&changed) - mean(&crop)).abs() < 3.0);
    }
}
