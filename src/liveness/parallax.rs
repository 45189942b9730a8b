//! Whether the nose stands out from the face: its parallax, followed in the picture itself.
//!
//! Each frame is brought onto the aligned template by the affine map of the eyes' and the mouth's
//! landmarks. In this view a flat picture looks the same however it is held, and a head that turns
//! does not: the nose moves against eyes and mouth, by its protrusion times the tangent of the turn
//! (plane plus parallax: Irani and Anandan, 1996; as a test for liveness: De Marsico et al., "Moving
//! face spoofing detection via 3D projective invariants", 2012). Small patches on both eyes, the
//! mouth and the nose are followed from view to view by normalised correlation, which changes of
//! light leave alone; what eyes and mouth move by, which is the landmarks' error, is taken off the
//! nose.
//!
//! A [`Tracker`] measures what is in the picture, where the landmarks say what the detector expects
//! of a face. It needs frames close to each other: a patch that is not found again ends the track,
//! and what one track says cannot be compared with the next. So a picture that is exchanged for
//! another one starts from nothing. Only one eye may be missed: the far one looks otherwise, or goes
//! out of sight, as the head turns.

use super::pose::{Offset, Turn};
use crate::detect::Landmarks;
use crate::face::align::TEMPLATE;
use crate::geometry::Point;
use crate::image::{RgbImage, bilinear};
use crate::net::CROP_SIZE;

/// Where a patch is looked for from frame to frame, and the correlation at which it is found.
#[derive(Debug, Clone, Copy)]
struct Search {
    /// Pixels of the view along each axis.
    reach: i32,
    least: f32,
}

/// Eyes and mouth move by the landmarks' errors, for the view is laid over them. On a head that turns
/// quickly these are up to a third of the distance between the eyes; what is found so far away must
/// be more alike.
const ERROR: &[Search] = &[
    Search {
        reach: 5,
        least: 0.6,
    },
    Search {
        reach: 14,
        least: 0.8,
    },
];

/// The nose moves by nearly a third of the distance between the eyes, or about 40 degrees.
const TURN: &[Search] = &[Search {
    reach: 11,
    least: 0.6,
}];

/// Half the width and height of the patches, in pixels of the view. The nose's is small: the cheeks
/// around the tip move less than it does.
const EYE: (usize, usize) = (10, 7);
const MOUTH: (usize, usize) = (12, 7);
const NOSE: (usize, usize) = (7, 7);

/// The distance between the eyes in the view, in pixels.
const UNIT: f32 = TEMPLATE[1].x - TEMPLATE[0].x;

/// What a track has measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Track {
    /// Which track: a new one begins where the last one was lost.
    pub number: u32,
    /// How far the nose has moved against eyes and mouth since it began.
    pub nose: Offset,
}

/// Follows the nose of one face from frame to frame.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    followed: Option<Followed>,
    number: u32,
}

/// What is kept from one frame to the next.
#[derive(Debug, Clone)]
struct Followed {
    view: View,
    /// On the left eye, the right eye, the mouth and the nose.
    patches: [Patch; 4],
    /// The weights of the first three at the place of the last: its barycentric coordinates.
    weights: [f32; 3],
}

/// A patch of the view.
#[derive(Debug, Clone, Copy)]
struct Patch {
    start: Point,
    now: Point,
    half: (usize, usize),
    /// One after the other, until it is found.
    searches: &'static [Search],
}

impl Tracker {
    /// Follows the face into the next frame; `None` for landmarks that span nothing.
    pub fn follow(&mut self, image: &RgbImage, landmarks: &Landmarks) -> Option<Track> {
        let last = self.followed.take();
        let map = Affine::to_image(landmarks)?;
        let view = View::new(image, &map);
        let followed = match last.and_then(|last| last.patches_in(&view)) {
            Some((patches, weights)) => Followed {
                view,
                patches,
                weights,
            },
            None => {
                self.number += 1;
                Followed::begin(view, map.back(landmarks.nose)?)
            }
        };
        let track = Track {
            number: self.number,
            nose: followed.parallax(),
        };
        self.followed = Some(followed);
        Some(track)
    }

    /// Ends the track: what follows is another one, whose patches lie on the landmarks again.
    pub fn lose(&mut self) {
        self.followed = None;
    }
}

impl Followed {
    fn begin(view: View, nose: Point) -> Self {
        let [left, right, mouth] = corners();
        let centre = left.midpoint(right);
        let down = (nose.y - centre.y) / (mouth.y - centre.y);
        let across = (nose.x - centre.x - down * (mouth.x - centre.x)) / UNIT;
        let half = (1.0 - down) / 2.0;
        let patch = |start, half, searches| Patch {
            start,
            now: start,
            half,
            searches,
        };
        Self {
            view,
            patches: [
                patch(left, EYE, ERROR),
                patch(right, EYE, ERROR),
                patch(mouth, MOUTH, ERROR),
                patch(nose, NOSE, TURN),
            ],
            weights: [half - across, half + across, down],
        }
    }

    /// The patches in the next view, where they are found, and the weights. One of the eyes may be
    /// out of sight, as the far one is on a head that is turned far: it is then where the landmarks
    /// have it.
    fn patches_in(self, view: &View) -> Option<([Patch; 4], [f32; 3])> {
        let [left, right, mouth, nose] = self.patches;
        let follow = |patch: Patch| {
            let mut searches = patch.searches.iter();
            let now = searches.find_map(|search| find(&self.view, view, &patch, search))?;
            Some(Patch { now, ..patch })
        };
        let (left_eye, right_eye) = (follow(left), follow(right));
        if left_eye.is_none() && right_eye.is_none() {
            return None;
        }
        let patches = [
            left_eye.unwrap_or(left.laid()),
            right_eye.unwrap_or(right.laid()),
            follow(mouth)?,
            follow(nose)?,
        ];
        Some((patches, self.weights))
    }

    /// How far the nose has moved, less what eyes and mouth have.
    fn parallax(&self) -> Offset {
        let [.., nose] = &self.patches;
        let mut moved = nose.moved();
        for (patch, weight) in self.patches.iter().zip(self.weights) {
            let with = patch.moved();
            moved.x -= weight * with.x;
            moved.y -= weight * with.y;
        }
        moved
    }
}

impl Patch {
    /// As it was laid.
    fn laid(self) -> Self {
        Self {
            now: self.start,
            ..self
        }
    }

    /// Since the track began, in distances between the eyes.
    fn moved(&self) -> Offset {
        Offset {
            x: (self.now.x - self.start.x) / UNIT,
            y: (self.now.y - self.start.y) / UNIT,
        }
    }
}

/// Where the template has the eyes and the mouth, the eyes level.
fn corners() -> [Point; 3] {
    let [left, right, _, mouth_left, mouth_right] = TEMPLATE;
    let level = left.midpoint(right).y;
    let mouth = mouth_left.midpoint(mouth_right);
    [
        Point { y: level, ..left },
        Point { y: level, ..right },
        mouth,
    ]
}

/// An affine map from the view to the image.
#[derive(Debug, Clone, Copy)]
struct Affine {
    origin: Point,
    /// What one pixel of the view to the right and one downwards are in the image.
    right: Point,
    down: Point,
}

impl Affine {
    fn to_image(landmarks: &Landmarks) -> Option<Self> {
        let [left, right, mouth] = corners();
        let (left_eye, right_eye) = (landmarks.left_eye, landmarks.right_eye);
        let step = |from: Point, to: Point, length: f32| Point {
            x: (to.x - from.x) / length,
            y: (to.y - from.y) / length,
        };
        let across = step(left_eye, right_eye, right.x - left.x);
        // Where the mouth would be if it were below the left eye.
        let aside = mouth.x - left.x;
        let below = Point {
            x: landmarks.mouth.x - across.x * aside,
            y: landmarks.mouth.y - across.y * aside,
        };
        let down = step(left_eye, below, mouth.y - left.y);
        let map = Self {
            origin: Point {
                x: left_eye.x - across.x * left.x - down.x * left.y,
                y: left_eye.y - across.y * left.x - down.y * left.y,
            },
            right: across,
            down,
        };
        let area = map.area();
        (area.is_finite() && area.abs() > 1e-4).then_some(map)
    }

    /// What one square pixel of the view covers in the image.
    fn area(&self) -> f32 {
        self.right.x * self.down.y - self.right.y * self.down.x
    }

    fn apply(&self, x: f32, y: f32) -> Point {
        Point {
            x: self.origin.x + self.right.x * x + self.down.x * y,
            y: self.origin.y + self.right.y * x + self.down.y * y,
        }
    }

    /// From the image to the view; `None` for what is not a number, or so far outside that no patch
    /// around it is in the view.
    fn back(&self, point: Point) -> Option<Point> {
        let (x, y) = (point.x - self.origin.x, point.y - self.origin.y);
        let back = Point {
            x: (x * self.down.y - y * self.down.x) / self.area(),
            y: (y * self.right.x - x * self.right.y) / self.area(),
        };
        let inside = |value: f32| (0.0..CROP_SIZE as f32).contains(&value);
        (inside(back.x) && inside(back.y)).then_some(back)
    }
}

/// The face's luma on the template: 112x112, row by row.
#[derive(Debug, Clone)]
struct View(Vec<f32>);

impl View {
    /// Averages over what each pixel covers, at up to 4x4 places.
    fn new(image: &RgbImage, map: &Affine) -> Self {
        let samples = map.area().abs().sqrt().ceil().clamp(1.0, 4.0) as usize;
        let offsets: Vec<f32> = (0..samples)
            .map(|i| (i as f32 + 0.5) / samples as f32 - 0.5)
            .collect();
        let luma: Vec<u8> = image
            .pixels()
            .chunks_exact(3)
            .map(|p| {
                ((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8) as u8
            })
            .collect();
        let (width, height) = (image.width() as usize, image.height() as usize);
        let at = |point: Point| {
            let (x, y) = (
                point.x.clamp(0.0, width as f32 - 1.0),
                point.y.clamp(0.0, height as f32 - 1.0),
            );
            let [value] = bilinear(x, y, |x, y| {
                [f32::from(
                    luma[y.min(height - 1) * width + x.min(width - 1)],
                )]
            });
            value
        };
        let mut values = Vec::with_capacity(CROP_SIZE * CROP_SIZE);
        for y in 0..CROP_SIZE {
            for x in 0..CROP_SIZE {
                let mut sum = 0.0;
                for dy in &offsets {
                    for dx in &offsets {
                        sum += at(map.apply(x as f32 + dx, y as f32 + dy));
                    }
                }
                values.push(sum / (samples * samples) as f32);
            }
        }
        Self(values)
    }

    /// `width` by `height` values around `centre`, row by row.
    fn cut(&self, centre: Point, (half_width, half_height): (usize, usize)) -> Vec<f32> {
        const LAST: f32 = CROP_SIZE as f32 - 1.0;
        let mut values = Vec::with_capacity((2 * half_width + 1) * (2 * half_height + 1));
        for row in 0..=2 * half_height {
            let y = (centre.y + row as f32 - half_height as f32).clamp(0.0, LAST);
            for column in 0..=2 * half_width {
                let x = (centre.x + column as f32 - half_width as f32).clamp(0.0, LAST);
                values.extend(bilinear(x, y, |x, y| {
                    [self.0[y.min(CROP_SIZE - 1) * CROP_SIZE + x.min(CROP_SIZE - 1)]]
                }));
            }
        }
        values
    }
}

/// Where a patch of `before` is in `now`, to a fraction of a pixel; `None` where nothing near looks
/// like it.
fn find(before: &View, now: &View, patch: &Patch, search: &Search) -> Option<Point> {
    let (half_width, half_height) = patch.half;
    let (width, height) = (2 * half_width + 1, 2 * half_height + 1);
    // Wide enough for the neighbours of the furthest place as well.
    let margin = search.reach as usize + 2;
    let pattern = before.cut(patch.now, patch.half);
    let around = now.cut(patch.now, (half_width + margin, half_height + margin));
    let stride = width + 2 * margin;
    let score = |(x, y): (i32, i32)| {
        let (left, top) = ((x + margin as i32) as usize, (y + margin as i32) as usize);
        let rows = (0..height).map(|row| &around[(top + row) * stride + left..][..width]);
        correlation(&pattern, rows.flatten())
    };
    let best = |centre: (i32, i32), reach: i32, step: usize| {
        let places = || (-reach..=reach).step_by(step);
        let places = places().flat_map(|y| places().map(move |x| (centre.0 + x, centre.1 + y)));
        let scored = places.map(|place| (score(place), place));
        scored.max_by(|(a, _), (b, _)| a.total_cmp(b))
    };
    // Patches are smooth enough for every other place to lead to the best one.
    let (_, near) = best((0, 0), search.reach, 2)?;
    let (found, (x, y)) = best(near, 1, 1)?;
    if found < search.least {
        return None;
    }
    let across = vertex(score((x - 1, y)), found, score((x + 1, y)));
    let down = vertex(score((x, y - 1)), found, score((x, y + 1)));
    Some(Point {
        x: patch.now.x + x as f32 + across,
        y: patch.now.y + y as f32 + down,
    })
}

/// Where a parabola through three neighbouring values is highest, the middle one being the highest
/// of them: between -0.5 and 0.5.
fn vertex(before: f32, middle: f32, after: f32) -> f32 {
    let curvature = before - 2.0 * middle + after;
    if curvature.abs() < 1e-9 {
        return 0.0;
    }
    (0.5 * (before - after) / curvature).clamp(-0.5, 0.5)
}

/// Pearson's correlation, in `[-1, 1]`; 0 where one of the two is constant.
fn correlation<'a>(a: &[f32], b: impl Iterator<Item = &'a f32> + Clone) -> f32 {
    let n = a.len() as f32;
    let (mean_a, mean_b) = (a.iter().sum::<f32>() / n, b.clone().sum::<f32>() / n);
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        both += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    let norm = (of_a * of_b).sqrt();
    if norm > 1e-3 { both / norm } else { 0.0 }
}

/// The shortest focal length that is reckoned with, as a share of the picture's longer side:
/// 80 degrees across it, wider than the cameras of laptops and the front cameras of phones.
const FOCAL_LENGTH: f32 = 0.6;

/// How far perspective alone moves the nose of a flat picture sideways and up or down, times the
/// distance between the eyes over the distance to the camera, times the sine of the tilt.
///
/// Of a point with barycentric weights `b` over the corners `P` of the triangle of eyes and mouth,
/// each weight changes by `b k (P - point)`, with `k` the product of the two. For a nose in the
/// middle between the eyes and 0.55 of the way to the mouth, 1.1 distances below, that is
/// `0.45 / 4` across and `0.55 * 0.45 * 1.1` down.
const FLAT: Offset = Offset { x: 0.12, y: 0.28 };

/// The sum of the two sines where a picture is shown with one tilt as neutral and with the opposite
/// one as turned: 30 and 50 degrees. Beyond that it looks too narrow for a face.
const FLAT_TILT: f32 = 1.25;

/// The most parallax that a flat picture can show by perspective, where the eyes are `share` of the
/// picture's longer side apart; in distances between the eyes.
pub fn flat_limit(turn: Turn, share: f32) -> f32 {
    let perspective = FLAT_TILT * share / FOCAL_LENGTH;
    match turn {
        Turn::Left | Turn::Right => FLAT.x * perspective,
        Turn::Up => FLAT.y * perspective,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::liveness::pose::tests::{HEAD, Held, SIDE, STRAIGHT, moved, picture, project};

    proptest! {
        /// From a picture that looks about frontal to the same one held in any other way.
        #[test]
        fn perspective_stays_within_its_limit(
            neutral in -30f32..30.0, tilt in -50f32..50.0, upright: bool, roll in -180f32..180.0,
            distance in 2.6f32..12.0,
        ) {
            let held = |degrees, roll| match upright {
                true => Held { yaw: degrees, roll, distance, ..STRAIGHT },
                false => Held { pitch: degrees, roll, distance, ..STRAIGHT },
            };
            let moved = moved(picture(), held(neutral, 0.0), held(tilt, roll));
            let share = 0.6 / distance;
            for turn in Turn::ALL {
                // A picture that comes nearer as it tilts is larger than its neutral pose.
                let limit = 1.15 * flat_limit(turn, share) + 1e-3;
                prop_assert!(moved.along(turn) <= limit, "{turn:?}: {moved:?}, {limit}");
            }
        }

        #[test]
        fn nonsense_is_not_followed(x in prop::num::f32::ANY, y in prop::num::f32::ANY) {
            let mut tracker = Tracker::default();
            let grey = RgbImage::new(64, 64, vec![99; 64 * 64 * 3]).unwrap();
            let mut landmarks = project(HEAD, STRAIGHT);
            landmarks.nose = Point { x, y };
            let _ = tracker.follow(&grey, &landmarks);
            landmarks.mouth = Point { x, y };
            if let Some(track) = tracker.follow(&grey, &landmarks) {
                prop_assert!(track.nose.length().is_finite());
            }
        }
    }

    /// A picture of bright and dark discs about the face's landmarks, as far as each shows.
    pub(crate) fn discs(landmarks: &Landmarks) -> RgbImage {
        let side = SIDE as usize;
        let places = [
            (landmarks.left_eye, 9.0),
            (landmarks.right_eye, 11.0),
            (landmarks.mouth, 13.0),
            (landmarks.nose, 7.0),
        ];
        let mut pixels = Vec::with_capacity(side * side * 3);
        for y in 0..side {
            for x in 0..side {
                let here = Point {
                    x: x as f32,
                    y: y as f32,
                };
                let dark = places
                    .iter()
                    .map(|&(place, radius)| {
                        120.0 * (-(place.distance(here) / radius).powi(2)).exp()
                    })
                    .sum::<f32>();
                pixels.extend([(200.0 - dark) as u8; 3]);
            }
        }
        RgbImage::new(side as u32, side as u32, pixels).unwrap()
    }

    /// The parallax after a movement in steps, as the picture shows it, and the true one. `disturb`
    /// is given each step, what is seen, and what the landmarks say.
    fn followed(
        points: [[f32; 3]; 6],
        degrees: f32,
        steps: usize,
        disturb: impl Fn(usize, &mut Landmarks, &mut Landmarks),
    ) -> (f32, f32) {
        let mut tracker = Tracker::default();
        let mut last = None;
        for step in 0..=steps {
            let yaw = degrees * step as f32 / steps as f32;
            let mut seen = project(points, Held { yaw, ..STRAIGHT });
            let mut told = seen;
            disturb(step, &mut seen, &mut told);
            last = tracker.follow(&discs(&seen), &told);
            assert_eq!(last.unwrap().number, 1, "step {step}");
        }
        let turned = Held {
            yaw: degrees,
            ..STRAIGHT
        };
        (last.unwrap().nose.x, moved(points, STRAIGHT, turned).x)
    }

    #[test]
    fn a_nose_is_followed_as_it_moves_against_the_face() {
        let (seen, true_one) = followed(HEAD, 30.0, 6, |_, _, _| ());
        assert!(
            true_one > 0.15 && (seen - true_one).abs() < 0.03,
            "{seen}, {true_one}"
        );
        let (flat, _) = followed(picture(), 45.0, 6, |_, _, _| ());
        assert!(flat.abs() < 0.03, "{flat}");
    }

    #[test]
    fn a_quick_nose_is_followed_at_a_few_frames_a_second() {
        let (seen, true_one) = followed(HEAD, 40.0, 2, |_, _, _| ());
        assert!((seen - true_one).abs() < 0.05, "{seen}, {true_one}");
    }

    /// What the detector makes of a tilted photo: a nose further and further aside.
    #[test]
    fn the_picture_counts_and_not_the_landmarks() {
        let (seen, _) = followed(picture(), 45.0, 6, |step, _, told| {
            told.nose.x += 3.0 * step as f32;
            told.left_eye.y += step as f32;
        });
        assert!(seen.abs() < 0.04, "{seen}");
    }

    #[test]
    fn a_misplaced_mouth_is_found_again() {
        let (seen, true_one) = followed(HEAD, 30.0, 6, |step, _, told| {
            if step > 3 {
                told.mouth.x += 0.3 * told.left_eye.distance(told.right_eye);
            }
        });
        assert!((seen - true_one).abs() < 0.05, "{seen}, {true_one}");
    }

    /// As the far eye does behind the bridge of the nose.
    #[test]
    fn an_eye_may_go_out_of_sight() {
        let (seen, true_one) = followed(HEAD, 30.0, 6, |step, seen, _| {
            if step > 3 {
                seen.right_eye = Point { x: -99.0, y: -99.0 };
            }
        });
        assert!((seen - true_one).abs() < 0.04, "{seen}, {true_one}");
    }

    #[test]
    fn another_picture_begins_another_track() {
        let landmarks = project(HEAD, STRAIGHT);
        let image = discs(&landmarks);
        let inverted = image.pixels().iter().map(|value| 255 - value).collect();
        let inverted = RgbImage::new(image.width(), image.height(), inverted).unwrap();
        let mut tracker = Tracker::default();
        let numbers = [&image, &image, &inverted, &inverted]
            .map(|image| tracker.follow(image, &landmarks).unwrap().number);
        assert_eq!(numbers, [1, 1, 2, 2]);
        tracker.lose();
        assert_eq!(tracker.follow(&inverted, &landmarks).unwrap().number, 3);
    }
}
