//! Drawn faces: parametric drawings with appearance, light and expression. With them, training
//! needs no downloads.
//!
//! An identity is a set of proportions and colours. Its pictures differ in head pose, light,
//! eyelids, mouth and background. Drawn faces teach nothing about real faces; they only show that
//! training learns to separate identity from the rest.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::random::{Stream, generator};
use crate::image::RgbImage;
use crate::net::CROP_SIZE;

type Colour = [f32; 3];

/// The features of a person; the unit of length is half the face's width.
struct Identity {
    skin: Colour,
    hair: Colour,
    iris: Colour,
    lips: Colour,
    face_height: f32,
    jaw: f32,
    eye_spacing: f32,
    eye_size: f32,
    brow_thickness: f32,
    brow_height: f32,
    nose_length: f32,
    nose_width: f32,
    mouth_width: f32,
    lip_height: f32,
    hairline: f32,
    beard: f32,
    mole: (f32, f32),
}

impl Identity {
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let mut between = |low: f32, high: f32| rng.random_range(low..high);
        let tone = between(0.25, 1.0);
        let dark = between(0.05, 0.9);
        Self {
            skin: [
                0.95 * tone,
                (0.62 + between(-0.06, 0.1)) * tone,
                (0.48 + between(-0.1, 0.1)) * tone,
            ],
            hair: [
                dark * between(0.5, 1.0),
                dark * between(0.3, 0.7),
                dark * between(0.1, 0.5),
            ],
            iris: [between(0.05, 0.45), between(0.1, 0.5), between(0.05, 0.7)],
            lips: [between(0.5, 0.9), between(0.15, 0.45), between(0.2, 0.5)],
            face_height: between(1.15, 1.5),
            jaw: between(0.55, 0.95),
            eye_spacing: between(0.34, 0.48),
            eye_size: between(0.11, 0.19),
            brow_thickness: between(0.03, 0.09),
            brow_height: between(0.2, 0.32),
            nose_length: between(0.3, 0.5),
            nose_width: between(0.1, 0.24),
            mouth_width: between(0.24, 0.45),
            lip_height: between(0.04, 0.12),
            hairline: between(0.55, 0.95),
            beard: if between(0.0, 1.0) < 0.3 {
                between(0.3, 0.8)
            } else {
                0.0
            },
            mole: (between(-0.6, 0.6), between(0.1, 0.7)),
        }
    }
}

/// The properties that change between pictures of a person.
struct Appearance {
    yaw: f32,
    roll: f32,
    shift: (f32, f32),
    scale: f32,
    light: f32,
    light_from: f32,
    eyelids: f32,
    mouth_open: f32,
    background: Colour,
    noise: f32,
}

impl Appearance {
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let mut between = |low: f32, high: f32| rng.random_range(low..high);
        Self {
            yaw: between(-0.25, 0.25),
            roll: between(-0.15, 0.15),
            shift: (between(-4.0, 4.0), between(-4.0, 4.0)),
            scale: between(0.9, 1.1),
            light: between(0.55, 1.15),
            light_from: between(-0.5, 0.5),
            eyelids: between(0.35, 1.0),
            mouth_open: between(0.0, 0.1),
            background: [between(0.0, 1.0), between(0.0, 1.0), between(0.0, 1.0)],
            noise: between(0.0, 0.06),
        }
    }
}

/// Draws picture number `picture` of person number `identity`, with `seed`: 112x112 pixels, always
/// the same for the same arguments.
pub fn draw(seed: u64, identity: usize, picture: usize) -> RgbImage {
    let person = Identity::new(&mut generator(seed, Stream::Faces, identity as u64));
    let key = (identity as u64 + 1) << 24 | picture as u64;
    let mut rng = generator(seed, Stream::Faces, key | 1 << 62);
    let appearance = Appearance::new(&mut rng);
    let side = CROP_SIZE as u32;
    let pixels = (0..side * side)
        .flat_map(|i| {
            let colour = shade(&person, &appearance, (i % side) as f32, (i / side) as f32);
            let noise = appearance.noise * rng.random_range(-1.0..1.0);
            colour.map(|value| ((value + noise).clamp(0.0, 1.0) * 255.0) as u8)
        })
        .collect();
    RgbImage::new(side, side, pixels).expect("the buffer was made for this size")
}

/// The colour at pixel `(x, y)`.
fn shade(person: &Identity, appearance: &Appearance, x: f32, y: f32) -> Colour {
    let (dx, dy) = (x - 56.0 - appearance.shift.0, y - 62.0 - appearance.shift.1);
    let (sin, cos) = appearance.roll.sin_cos();
    let half_width = 40.0 * appearance.scale;
    let u = (dx * cos + dy * sin) / half_width;
    let v = (dy * cos - dx * sin) / half_width;
    let inner = u - appearance.yaw * (1.0 - u * u).max(0.0);
    let narrowing = 1.0 - (1.0 - person.jaw) * v.max(0.0);
    let face = (u / narrowing).powi(2) + (v / person.face_height).powi(2);
    if face > 1.0 {
        let hair = (u / 1.12).powi(2) + (v / (person.face_height + 0.15)).powi(2) < 1.0 && v < 0.2;
        return if hair {
            lit(person.hair, appearance, u, 0.3)
        } else {
            appearance.background
        };
    }
    lit(
        feature(person, appearance, inner, v),
        appearance,
        u,
        1.0 - face,
    )
}

/// The unlit colour at `(u, v)` of the face's own coordinates.
fn feature(person: &Identity, appearance: &Appearance, u: f32, v: f32) -> Colour {
    if v < -person.hairline {
        return person.hair;
    }
    let (eye_u, eye_v) = (u.abs() - person.eye_spacing, v + 0.2);
    let eye = ellipse(
        eye_u,
        eye_v,
        person.eye_size,
        person.eye_size * 0.6 * appearance.eyelids,
    );
    if eye < 1.0 {
        return match eye_u.hypot(eye_v) / person.eye_size {
            r if r < 0.2 => [0.02; 3],
            r if r < 0.5 => person.iris,
            _ => [0.93; 3],
        };
    }
    if ellipse(
        eye_u,
        eye_v + person.brow_height,
        person.eye_size * 1.5,
        person.brow_thickness,
    ) < 1.0
    {
        return person.hair.map(|value| value * 0.7);
    }
    let mouth_v = v - 0.2 - person.nose_length;
    if ellipse(
        u,
        mouth_v,
        person.mouth_width,
        person.lip_height + appearance.mouth_open,
    ) < 1.0
    {
        let inside = ellipse(u, mouth_v, person.mouth_width * 0.8, appearance.mouth_open) < 1.0;
        return if inside {
            [0.2, 0.05, 0.05]
        } else {
            person.lips
        };
    }
    if ellipse(u, v - person.nose_length * 0.75, person.nose_width, 0.06) < 1.0 {
        return person.skin.map(|value| value * 0.75);
    }
    if (u - person.mole.0).hypot(v - person.mole.1) < 0.04 {
        return person.skin.map(|value| value * 0.4);
    }
    let beard = if v > 0.35 { person.beard } else { 0.0 };
    std::array::from_fn(|c| person.skin[c] * (1.0 - beard) + person.hair[c] * beard)
}

fn ellipse(u: f32, v: f32, a: f32, b: f32) -> f32 {
    (u / a).powi(2) + (v / b.max(1e-3)).powi(2)
}

fn lit(colour: Colour, appearance: &Appearance, u: f32, depth: f32) -> Colour {
    let light = appearance.light
        * (0.75 + 0.25 * depth.max(0.0).sqrt())
        * (1.0 + appearance.light_from * u);
    colour.map(|value| value * light)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(a: &RgbImage, b: &RgbImage) -> f32 {
        let sum: u32 = a
            .pixels()
            .iter()
            .zip(b.pixels())
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        sum as f32 / a.pixels().len() as f32
    }

    #[test]
    fn drawings_are_reproducible_and_vary() {
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        assert!(difference(&draw(1, 2, 3), &draw(1, 2, 4)) > 2.0);
        assert!(difference(&draw(1, 2, 3), &draw(1, 3, 3)) > 2.0);
        assert_ne!(draw(1, 2, 3), draw(2, 2, 3));
    }
}
