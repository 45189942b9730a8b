//! The changes that a page's camera and detector make to a face, applied at random to training
//! crops: mirroring, similarity jitter (detectors disagree by pixels), light, colour, blur, noise.

use rand::Rng;

use crate::image::RgbImage;

/// A crop as the network will see it, and whether it is mirrored (its target is then the
/// mirrored one).
pub struct Augmented {
    /// The changed crop.
    pub image: RgbImage,
    /// Whether left and right are swapped.
    pub mirrored: bool,
}

/// Applies a random change to `crop`.
pub fn augment(crop: &RgbImage, rng: &mut impl Rng) -> Augmented {
    let mirrored = rng.random_bool(0.5);
    let warp = Warp::new(mirrored, rng);
    let colour = Colour::new(rng);
    let noise = if rng.random_bool(0.2) {
        rng.random_range(2.0..10.0)
    } else {
        0.0
    };
    let blur = rng.random_bool(0.15);
    let (width, height) = (crop.width() as usize, crop.height() as usize);
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = warp.source(x as f32, y as f32, width as f32, height as f32);
            let rgb = if blur {
                blurred(crop, u, v)
            } else {
                sample(crop, u, v)
            };
            let noise = if noise > 0.0 {
                noise * rng.random_range(-1.0..1.0f32)
            } else {
                0.0
            };
            pixels.extend(
                colour
                    .apply(rgb)
                    .map(|value| (value + noise).clamp(0.0, 255.0) as u8),
            );
        }
    }
    let image = RgbImage::new(crop.width(), crop.height(), pixels).expect("the size is the crop's");
    Augmented { image, mirrored }
}

/// A small similarity transform from the output back into the crop.
struct Warp {
    a: f32,
    b: f32,
    shift: (f32, f32),
    mirror: bool,
}

impl Warp {
    fn new(mirror: bool, rng: &mut impl Rng) -> Self {
        let scale = rng.random_range(0.93..1.07f32);
        let (sin, cos) = rng.random_range(-0.1..0.1f32).sin_cos();
        let mut shift = || rng.random_range(-4.0..4.0f32);
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

/// Brightness, contrast, a colour cast, and now and then no colour at all.
struct Colour {
    gain: [f32; 3],
    offset: f32,
    grey: bool,
}

impl Colour {
    fn new(rng: &mut impl Rng) -> Self {
        let contrast = rng.random_range(0.7..1.25f32);
        let brightness = rng.random_range(-25.0..25.0f32);
        let gain = std::array::from_fn(|_| contrast * rng.random_range(0.94..1.06f32));
        Self {
            gain,
            offset: brightness + 127.5 * (1.0 - contrast),
            grey: rng.random_bool(0.08),
        }
    }

    fn apply(&self, rgb: [f32; 3]) -> [f32; 3] {
        let rgb = if self.grey {
            [0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; 3]
        } else {
            rgb
        };
        std::array::from_fn(|c| rgb[c] * self.gain[c] + self.offset)
    }
}

/// Bilinear; beyond the border the border's pixels go on.
fn sample(image: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (x, y) = (
        x.clamp(0.0, (width - 1) as f32),
        y.clamp(0.0, (height - 1) as f32),
    );
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let at = |x: usize, y: usize, c: usize| f32::from(image.pixels()[(y * width + x) * 3 + c]);
    std::array::from_fn(|c| {
        let top = at(x0, y0, c) * (1.0 - fx) + at(x1, y0, c) * fx;
        let bottom = at(x0, y1, c) * (1.0 - fx) + at(x1, y1, c) * fx;
        top * (1.0 - fy) + bottom * fy
    })
}

/// The mean of five samples about a point.
fn blurred(image: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    const AROUND: [(f32, f32); 5] = [(0.0, 0.0), (1.3, 0.0), (-1.3, 0.0), (0.0, 1.3), (0.0, -1.3)];
    let sum = AROUND.iter().fold([0.0; 3], |sum: [f32; 3], (dx, dy)| {
        let rgb = sample(image, x + dx, y + dy);
        std::array::from_fn(|c| sum[c] + rgb[c])
    });
    sum.map(|value| value / AROUND.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Stream, faces, generator};

    #[test]
    fn the_same_generator_gives_the_same_picture() {
        let crop = faces::draw(0, 0, 0);
        let picture = |index| augment(&crop, &mut generator(0, Stream::Augmentation, index)).image;
        assert_eq!(picture(4), picture(4));
        assert_ne!(picture(4), picture(5));
    }

    #[test]
    fn changes_stay_small_enough_to_know_the_face() {
        let mean = |image: &RgbImage| {
            image.pixels().iter().map(|&v| f64::from(v)).sum::<f64>() / image.pixels().len() as f64
        };
        let crop = faces::draw(0, 1, 0);
        for index in 0..20 {
            let changed = augment(&crop, &mut generator(0, Stream::Augmentation, index)).image;
            assert!((mean(&changed) - mean(&crop)).abs() < 50.0);
        }
    }

    #[test]
    fn about_half_are_mirrored() {
        let crop = faces::draw(0, 2, 0);
        let mirrored = (0..40)
            .filter(|&i| augment(&crop, &mut generator(1, Stream::Augmentation, i)).mirrored)
            .count();
        assert!((10..=30).contains(&mirrored), "{mirrored}");
    }
}
