//! Alignment: the similarity transform that maps a face's landmarks onto the usual 112x112
//! template, and the crop.
//!
//! The template is ArcFace's (Deng et al., 2019), on which public training sets are aligned. Of
//! BlazeFace's landmarks, the two eyes and the mouth's centre are used. The nose tip is not,
//! because it shifts when the head turns.

use std::ops::Range;

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
    /// The transform that changes nothing.
    pub const IDENTITY: Self = Self {
        a: 1.0,
        b: 0.0,
        tx: 0.0,
        ty: 0.0,
    };

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

    /// This transform, followed by `next`.
    pub fn then(&self, next: &Self) -> Self {
        let shift = next.apply(Point {
            x: self.tx,
            y: self.ty,
        });
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            tx: shift.x,
            ty: shift.y,
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
/// Interpolates bilinearly. If the transform reduces to less than 0.6 of the size, the part of the
/// image that the square shows is first reduced by a whole factor, to avoid aliasing.
pub fn cut(image: &RgbImage, transform: &Similarity, side: usize) -> RgbImage {
    const AREA_BELOW: f32 = 0.6;
    let from_square = transform.inverse();
    let reduced = (transform.scale() < AREA_BELOW)
        .then(|| reduced(image, &from_square, side))
        .flatten();
    match reduced {
        Some((part, from_square)) => sampled(&part, &from_square, side),
        None => sampled(image, &from_square, side),
    }
}

/// The square of `side` pixels that `from_square` maps to `image`.
fn sampled(image: &RgbImage, from_square: &Similarity, side: usize) -> RgbImage {
    let (right, bottom) = ((image.width() - 1) as f32, (image.height() - 1) as f32);
    let inside = |at: &Point| (0.0..=right).contains(&at.x) && (0.0..=bottom).contains(&at.y);
    let has_neighbours = right >= 1.0 && bottom >= 1.0;
    match has_neighbours && corners(from_square, side).iter().all(inside) {
        true => sampled_inside(image, from_square, side),
        false => drawn(from_square, side, |at| colour(image, at)),
    }
}

/// The same for a square inside the image, in whole numbers: WebAssembly converts slowly from and to
/// them.
fn sampled_inside(image: &RgbImage, from_square: &Similarity, side: usize) -> RgbImage {
    let fixed = |value: f32| (value * 65536.0).round() as i64;
    let (right, down) = (fixed(from_square.a), fixed(from_square.b));
    let mut pixels = vec![0; side * side * 3];
    let (rgb, _) = pixels.as_chunks_mut();
    for (y, row) in rgb.chunks_exact_mut(side).enumerate() {
        let start = from_square.apply(Point {
            x: 0.0,
            y: y as f32,
        });
        let (mut x, mut y) = (fixed(start.x), fixed(start.y));
        for rgb in row {
            *rgb = image.sample_fixed(x, y);
            (x, y) = (x + right, y + down);
        }
    }
    square(side, pixels)
}

/// A square of `side` pixels. `colour` gives the colour at the position to which `from_square` maps
/// a pixel.
#[inline(always)]
pub(super) fn drawn(
    from_square: &Similarity,
    side: usize,
    colour: impl Fn(Point) -> [f32; 3],
) -> RgbImage {
    let mut pixels = vec![0; side * side * 3];
    let (rgb, _) = pixels.as_chunks_mut();
    for (y, row) in rgb.chunks_exact_mut(side).enumerate() {
        for (x, rgb) in row.iter_mut().enumerate() {
            let at = from_square.apply(Point {
                x: x as f32,
                y: y as f32,
            });
            *rgb = colour(at).map(|value| (value + 0.5) as u8);
        }
    }
    square(side, pixels)
}

fn square(side: usize, pixels: Vec<u8>) -> RgbImage {
    RgbImage::new(side as u32, side as u32, pixels).expect("the buffer was made for this size")
}

/// The positions to which `from_square` maps the corner pixels of a square of `side` pixels.
fn corners(from_square: &Similarity, side: usize) -> [Point; 4] {
    let far = (side - 1) as f32;
    [(0.0, 0.0), (far, 0.0), (0.0, far), (far, far)].map(|(x, y)| from_square.apply(Point { x, y }))
}

/// The part of `image` that a square of `side` pixels shows, reduced by a whole factor, and the
/// transform from the square to this part; `from_square` maps the square to `image`. `None` if the
/// square lies outside.
fn reduced(
    image: &RgbImage,
    from_square: &Similarity,
    side: usize,
) -> Option<(RgbImage, Similarity)> {
    let corners = corners(from_square, side);
    let factor = (from_square.scale().round() as u32).max(1);
    let columns = blocks(corners.map(|corner| corner.x), factor, image.width());
    let rows = blocks(corners.map(|corner| corner.y), factor, image.height());
    let (left, top) = (columns.first()?.start, rows.first()?.start);
    let by = factor as f32;
    // Coordinates count from the centre of the first pixel.
    let shrink = |value: f32, first: u32| (value - first as f32 + 0.5) / by - 0.5;
    let from_square = Similarity {
        a: from_square.a / by,
        b: from_square.b / by,
        tx: shrink(from_square.tx, left),
        ty: shrink(from_square.ty, top),
    };
    Some((image.averaged(&columns, &rows), from_square))
}

/// Along one axis: ranges of `factor` pixels that cover all of `ends` and a margin, as far as an
/// image of `length` pixels reaches; only the last range may be shorter.
fn blocks(ends: [f32; 4], factor: u32, length: u32) -> Vec<Range<u32>> {
    let margin = 2.0 * factor as f32;
    let least = ends.into_iter().fold(f32::INFINITY, f32::min) - margin;
    let most = ends.into_iter().fold(f32::NEG_INFINITY, f32::max) + margin;
    let (from, to) = (least.max(0.0) as u32, (most.max(0.0) as u32).min(length));
    (from..to)
        .step_by(factor as usize)
        .map(|start| start..(start + factor).min(length))
        .collect()
}

/// The colour at `point`; black outside the image.
fn colour(image: &RgbImage, point: Point) -> [f32; 3] {
    let (x0, y0) = (point.x.floor(), point.y.floor());
    let (width, height) = (image.width() as i64, image.height() as i64);
    let at = |right: usize, down: usize| {
        let next = |from: f32, by: usize| (from as i64).saturating_add(by as i64);
        let (x, y) = (next(x0, right), next(y0, down));
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
    fn a_line_of_pixels_can_be_cut() {
        let line = RgbImage::new(1, 9, (0..27).collect()).unwrap();
        let part = cut(&line, &Similarity::IDENTITY, 1);
        assert_eq!(part.pixels(), [0, 1, 2]);
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

    /// A black border brings all of the square inside, which must not change what is seen.
    #[test]
    fn a_square_that_reaches_outside_is_sampled_as_on_a_black_border() {
        const BORDER: usize = 40;
        let pixels: Vec<u8> = (0..80 * 70 * 3).map(|i| (i * 7 % 251) as u8).collect();
        let image = RgbImage::new(80, 70, pixels.clone()).unwrap();
        let width = 80 + 2 * BORDER;
        let mut bordered = vec![0; width * (70 + 2 * BORDER) * 3];
        for (row, pixels) in pixels.chunks_exact(80 * 3).enumerate() {
            let first = ((row + BORDER) * width + BORDER) * 3;
            bordered[first..][..80 * 3].copy_from_slice(pixels);
        }
        let bordered = RgbImage::new(width as u32, 70 + 2 * BORDER as u32, bordered).unwrap();
        let from_square = Similarity {
            a: 0.75,
            b: 0.25,
            tx: 5.0,
            ty: -20.0,
        };
        let shifted = Similarity {
            tx: from_square.tx + BORDER as f32,
            ty: from_square.ty + BORDER as f32,
            ..from_square
        };
        assert_eq!(
            sampled(&image, &from_square, CROP_SIZE),
            sampled(&bordered, &shifted, CROP_SIZE)
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

    /// A ramp looks the same however it is reduced, turned and cut, as long as no edge is near.
    #[test]
    fn reduction_keeps_the_place() {
        let ramp = |x: f32, y: f32| 20.0 + 0.2 * x + 0.15 * y;
        let pixels =
            (0..600 * 500).flat_map(|i| [ramp((i % 600) as f32, (i / 600) as f32) as u8; 3]);
        let image = RgbImage::new(600, 500, pixels.collect()).unwrap();
        for (scale, angle) in [(0.59f32, 0.0f32), (0.45, 0.3), (0.3, -0.7), (0.21, 2.0)] {
            let (sin, cos) = angle.sin_cos();
            let (a, b) = (scale * cos, scale * sin);
            let transform = Similarity {
                a,
                b,
                tx: 56.0 - (a * 300.0 - b * 250.0),
                ty: 56.0 - (b * 300.0 + a * 250.0),
            };
            let crop = crop(&image, &transform);
            for (x, y) in [(56, 56), (40, 60), (70, 50)] {
                let at = transform.inverse().apply(Point {
                    x: x as f32,
                    y: y as f32,
                });
                let found = f32::from(crop.pixels()[(y * CROP_SIZE + x) * 3]);
                let expected = ramp(at.x, at.y) - 0.5;
                assert!(
                    (found - expected).abs() < 1.1,
                    "{scale}: {found} and {expected}"
                );
            }
        }
    }

    #[test]
    fn a_square_outside_the_image_is_black() {
        let image = RgbImage::new(8, 8, vec![200; 8 * 8 * 3]).unwrap();
        for (tx, ty) in [(1e3, 0.0), (-1e3, 1e3), (f32::MAX, 0.0)] {
            let transform = Similarity {
                a: 0.2,
                b: 0.1,
                tx,
                ty,
            };
            assert!(
                crop(&image, &transform)
                    .pixels()
                    .iter()
                    .all(|&value| value == 0)
            );
        }
    }
}
