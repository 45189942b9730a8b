//! Alignment: the similarity transform that maps a face's landmarks onto the usual 112x112
//! template, and the crop.
//!
//! The template is ArcFace's (Deng et al., 2019), on which public training sets are aligned. Of
//! BlazeFace's landmarks, the two eyes and the mouth's centre are used. The nose tip is not,
//! because it shifts when the head turns.

use crate::detect::Landmarks;
use crate::geometry::Point;
use crate::image::{RgbImage, bilinear};
use crate::net::CROP_SIZE;

/// The positions of eyes, nose tip and mouth corners in the crop, in pixels. The eye and the mouth
/// corner on the left of the picture come first.
pub const TEMPLATE: [Point; 5] = [
    Point {
        x: 38.2946,
        y: 51.6963,
    },
    Point {
        x: 73.5318,
        y: 51.5014,
    },
    Point {
        x: 56.0252,
        y: 71.7366,
    },
    Point {
        x: 41.5493,
        y: 92.3655,
    },
    Point {
        x: 70.7299,
        y: 92.2041,
    },
];

/// A rotation, a uniform scale and a shift: `(x, y)` maps to `(a x - b y + tx, b x + a y + ty)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Scale times cosine.
    pub a: f32,
    /// Scale times sine.
    pub b: f32,
    /// Shift to the right, in pixels.
    pub tx: f32,
    /// Shift downwards, in pixels.
    pub ty: f32,
}

impl Similarity {
    /// The transform that maps `from` onto `to` with the least sum of squared distances (Umeyama,
    /// 1991; in the plane, without reflection, the solution is one complex division). `None` if
    /// there are fewer than two pairs, the lengths differ, all points of `from` or of `to`
    /// coincide, or a point is not finite.
    pub fn fit(from: &[Point], to: &[Point]) -> Option<Self> {
        if from.len() != to.len() || from.len() < 2 {
            return None;
        }
        let (cf, ct) = (centroid(from), centroid(to));
        let (mut dot, mut cross, mut spread) = (0.0f64, 0.0f64, 0.0f64);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (f64::from(p.x) - cf.0, f64::from(p.y) - cf.1);
            let (qx, qy) = (f64::from(q.x) - ct.0, f64::from(q.y) - ct.1);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let (a, b) = (dot / spread, cross / spread);
        let solvable = a.is_finite() && b.is_finite() && a.hypot(b) > 1e-6;
        solvable.then_some(Self {
            a: a as f32,
            b: b as f32,
            tx: (ct.0 - a * cf.0 + b * cf.1) as f32,
            ty: (ct.1 - b * cf.0 - a * cf.1) as f32,
        })
    }

    /// Maps `point`.
    pub fn apply(&self, point: Point) -> Point {
        Point {
            x: self.a * point.x - self.b * point.y + self.tx,
            y: self.b * point.x + self.a * point.y + self.ty,
        }
    }

    /// The factor by which lengths change.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The transform that undoes this one.
    pub fn inverse(&self) -> Self {
        let norm = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / norm, -self.b / norm);
        Self {
            a,
            b,
            tx: -(a * self.tx - b * self.ty),
            ty: -(b * self.tx + a * self.ty),
        }
    }
}

fn centroid(points: &[Point]) -> (f64, f64) {
    let n = points.len() as f64;
    let sum = |value: fn(&Point) -> f32| points.iter().map(|p| f64::from(value(p))).sum::<f64>();
    (sum(|p| p.x) / n, sum(|p| p.y) / n)
}

/// The transform from the image to the crop for a face with these landmarks; `None` if the
/// landmarks coincide.
pub fn to_template(landmarks: &Landmarks) -> Option<Similarity> {
    let mouth = TEMPLATE[3].midpoint(TEMPLATE[4]);
    Similarity::fit(
        &[landmarks.left_eye, landmarks.right_eye, landmarks.mouth],
        &[TEMPLATE[0], TEMPLATE[1], mouth],
    )
}

/// Whether `image` has the size of an aligned crop.
pub fn is_crop(image: &RgbImage) -> bool {
    (image.width() as usize, image.height() as usize) == (CROP_SIZE, CROP_SIZE)
}

/// Cuts out the 112x112 crop that `transform` maps to; see [`cut`].
pub fn crop(image: &RgbImage, transform: &Similarity) -> RgbImage {
    cut(image, transform, CROP_SIZE)
}

/// Cuts out the square of `side` pixels that `transform` maps to; what lies outside the image is black.
///
/// Interpolates bilinearly. If the transform reduces to less than 0.6 of the size, each pixel is
/// the mean of a grid of samples, to avoid aliasing.
pub fn cut(image: &RgbImage, transform: &Similarity, side: usize) -> RgbImage {
    const AREA_BELOW: f32 = 0.6;
    const MOST_SAMPLES: f32 = 8.0;
    let inverse = transform.inverse();
    let scale = transform.scale();
    let samples = if scale < AREA_BELOW {
        (1.0 / scale).ceil().min(MOST_SAMPLES) as usize
    } else {
        1
    };
    let offsets: Vec<f32> = (0..samples)
        .map(|i| (i as f32 + 0.5) / samples as f32 - 0.5)
        .collect();
    let mut pixels = Vec::with_capacity(side * side * 3);
    for y in 0..side {
        for x in 0..side {
            let mut sum = [0.0f32; 3];
            for dy in &offsets {
                for dx in &offsets {
                    let at = inverse.apply(Point {
                        x: x as f32 + dx,
                        y: y as f32 + dy,
                    });
                    let rgb = colour(image, at);
                    (0..3).for_each(|c| sum[c] += rgb[c]);
                }
            }
            let n = (samples * samples) as f32;
            pixels.extend(sum.map(|value| (value / n).round().clamp(0.0, 255.0) as u8));
        }
    }
    RgbImage::new(side as u32, side as u32, pixels).expect("the buffer was made for this size")
}

/// The colour at `point`; black outside the image.
fn colour(image: &RgbImage, point: Point) -> [f32; 3] {
    let (x0, y0) = (point.x.floor(), point.y.floor());
    let (width, height) = (image.width() as i64, image.height() as i64);
    let at = |right: usize, down: usize| {
        let (x, y) = (x0 as i64 + right as i64, y0 as i64 + down as i64);
        if x < 0 || y < 0 || x >= width || y >= height {
            return [0.0; 3];
        }
        let first = (y * width + x) as usize * 3;
        let rgb = &image.pixels()[first..first + 3];
        [f32::from(rgb[0]), f32::from(rgb[1]), f32::from(rgb[2])]
    };
    bilinear(point.x - x0, point.y - y0, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn fit_recovers_a_similarity(
            angle in -3.0f32..3.0, scale in 0.1f32..5.0, tx in -99f32..99.0, ty in -99f32..99.0,
        ) {
            let known = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), tx, ty };
            let moved = TEMPLATE.map(|point| known.apply(point));
            let found = Similarity::fit(&TEMPLATE, &moved).unwrap();
            for point in TEMPLATE {
                prop_assert!(found.apply(point).distance(known.apply(point)) < 1e-2);
                prop_assert!(found.inverse().apply(found.apply(point)).distance(point) < 1e-2);
            }
        }
    }

    #[test]
    fn points_that_coincide_cannot_be_fitted() {
        let point = Point { x: 3.0, y: 4.0 };
        assert_eq!(Similarity::fit(&[point; 3], &TEMPLATE[..3]), None);
        assert_eq!(
            Similarity::fit(
                &[Point {
                    x: f32::NAN,
                    y: 0.0
                }; 3],
                &TEMPLATE[..3]
            ),
            None
        );
        assert_eq!(Similarity::fit(&TEMPLATE[..1], &TEMPLATE[..1]), None);
    }

    #[test]
    fn what_lies_outside_is_black() {
        let image = RgbImage::new(8, 8, vec![200; 8 * 8 * 3]).unwrap();
        let crop = crop(
            &image,
            &Similarity {
                a: 1.0,
                b: 0.0,
                tx: 20.0,
                ty: 30.0,
            },
        );
        let pixel = |x: usize, y: usize| crop.pixels()[(y * CROP_SIZE + x) * 3];
        assert_eq!(
            (pixel(20, 30), pixel(27, 37), pixel(19, 30), pixel(28, 37)),
            (200, 200, 0, 0)
        );
    }

    #[test]
    fn reduction_averages_what_it_reduces() {
        let stripes = (0..400 * 400)
            .flat_map(|i| [if i % 2 == 0 { 0 } else { 255 }; 3])
            .collect();
        let image = RgbImage::new(400, 400, stripes).unwrap();
        let crop = crop(
            &image,
            &Similarity {
                a: 0.28,
                b: 0.0,
                tx: 0.0,
                ty: 0.0,
            },
        );
        let middle = crop.pixels()[(50 * CROP_SIZE + 50) * 3];
        assert!((100..=155).contains(&middle), "{middle}");
    }
}
