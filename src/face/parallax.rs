//! How far a head has turned from its neutral pose, measured so that no flat picture can show it.
//!
//! The centres of the eyes and the mouth lie in one plane, and three points determine an affine
//! map of it. So the nose and the ears are located in the frame which these three span:
//!
//! ```text
//! point = middle of the eyes + across * (right eye - left eye) + down * (mouth - middle of the eyes)
//! ```
//!
//! On a flat picture `across` and `down` stay the same however it is moved, scaled, rotated,
//! sheared or tilted (they are affine invariants); perspective alone changes them a little, by a
//! bound that is known. On a head they do not: the nose tip lies before that plane, so it moves
//! towards the side to which the head turns, by its protrusion times the tangent of the turn; and
//! the ears lie far behind it, so that they move to the other side. Both are asked for: paper that
//! is folded or rolled can give depth to the one or to the other, but not to both.
//!
//! Offsets are in distances between the eyes, to the right and downwards as seen in the picture.
//! The picture is the camera's own, not the mirrored preview: a person who turns to their own left
//! moves the nose to the right in it.

use super::{Landmarks, Point};

/// A turn of the head as the person knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// To the person's left: to the right in the camera's picture, to the left in a mirror.
    Left,
    /// To the person's right.
    Right,
    /// Chin up.
    Up,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Left, Self::Right, Self::Up];
}

/// A displacement in distances between the eyes: to the right and downwards in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Offset {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Offset {
    /// Its length.
    pub fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// How far it reaches in the direction in which the nose moves when the head turns so.
    pub fn along(self, turn: Turn) -> f32 {
        match turn {
            Turn::Left => self.x,
            Turn::Right => -self.x,
            Turn::Up => -self.y,
        }
    }
}

/// Where the nose and the ears appear in the frame that eyes and mouth span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Of the nose tip: `across` and `down` as the module's documentation has them.
    nose: Offset,
    /// Of the point between the ears.
    ears: Offset,
    /// From the eyes to the mouth, in distances between the eyes.
    height: f32,
    /// The distance between the eyes, in pixels.
    size: f32,
}

impl Shape {
    /// `None` for landmarks that span no frame: they coincide, lie on one line, or are not numbers.
    pub fn new(landmarks: &Landmarks) -> Option<Self> {
        let Landmarks {
            left_eye,
            right_eye,
            nose,
            mouth,
            left_ear,
            right_ear,
        } = *landmarks;
        let centre = left_eye.midpoint(right_eye);
        let (across, down) = (between(left_eye, right_eye), between(centre, mouth));
        let area = cross(across, down);
        let size = across.length();
        // Less than a tenth of the usual height is no face that anything can be measured on.
        if !area.is_finite() || area.abs() < 0.1 * size * size || size <= 0.0 {
            return None;
        }
        let locate = |point: Point| {
            let offset = between(centre, point);
            Offset {
                x: cross(offset, down) / area,
                y: cross(across, offset) / area,
            }
        };
        let shape = Self {
            nose: locate(nose),
            ears: locate(left_ear.midpoint(right_ear)),
            height: down.length() / size,
            size,
        };
        (shape.nose.length() + shape.ears.length())
            .is_finite()
            .then_some(shape)
    }

    /// The mean of several; `None` of none.
    pub fn mean(shapes: &[Self]) -> Option<Self> {
        let count = shapes.len() as f32;
        let mean = |value: fn(&Self) -> f32| shapes.iter().map(value).sum::<f32>() / count;
        (!shapes.is_empty()).then(|| Self {
            nose: Offset {
                x: mean(|shape| shape.nose.x),
                y: mean(|shape| shape.nose.y),
            },
            ears: Offset {
                x: mean(|shape| shape.ears.x),
                y: mean(|shape| shape.ears.y),
            },
            height: mean(|shape| shape.height),
            size: mean(|shape| shape.size),
        })
    }

    /// How far the nose is from the middle between the eyes, in distances between them: about 0
    /// on a face that looks straight at the camera, about 0.5 in profile.
    pub fn aside(&self) -> f32 {
        self.nose.x
    }

    /// The distance between the eyes as a share of `side`, the picture's longer side in pixels.
    pub fn share_of(&self, side: f32) -> f32 {
        self.size / side
    }

    /// How nose and ears have moved since `neutral`, in a picture whose longer side has `side`
    /// pixels.
    pub fn since(&self, neutral: &Self, side: f32) -> Parallax {
        let moved = |now: Offset, then: Offset| Offset {
            x: now.x - then.x,
            y: (now.y - then.y) * neutral.height,
        };
        // A face that came closer shows stronger perspective; foreshortening hides part of that in
        // one of the two lengths, not in both.
        let growth = (self.size / neutral.size)
            .max(self.size * self.height / (neutral.size * neutral.height))
            .max(1.0);
        Parallax {
            nose: moved(self.nose, neutral.nose),
            ears: moved(self.ears, neutral.ears),
            perspective: growth * neutral.size / (FOCAL_LENGTH * side),
        }
    }
}

/// The shortest focal length that is reckoned with, as a share of the picture's longer side:
/// 80 degrees across it, wider than the cameras of laptops and the front cameras of phones.
const FOCAL_LENGTH: f32 = 0.6;

/// How far perspective alone moves the nose of a flat picture sideways and up or down, times the
/// distance between the eyes over the distance to the camera, times the sine of the tilt.
///
/// A point with barycentric weights `b` over the corners `P` of the triangle of eyes and mouth
/// moves by `b k t (P - nose)` in each weight, `k` being that ratio and `t` the tilt. For a nose in
/// the middle between the eyes and 0.55 of the way to the mouth that is `0.45 / 4` across and
/// `0.55 * 0.45 * height` down.
const FLAT: Offset = Offset { x: 0.12, y: 0.28 };

/// The sum of the two sines, where a picture is shown with one tilt as neutral and with the
/// opposite one as turned: 30 and 50 degrees, beyond which the picture looks too narrow to be found.
const FLAT_TILT: f32 = 1.25;

/// How nose and ears have moved since the neutral pose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parallax {
    /// Of the nose tip.
    pub nose: Offset,
    /// Of the point between the ears.
    pub ears: Offset,
    /// The distance between the eyes over the distance to the camera, at most.
    pub perspective: f32,
}

/// What a turn has to show: see [`Parallax::reach`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// Least movement of the nose to a side beyond what a flat picture can show, in distances
    /// between the eyes.
    pub sideways: f32,
    /// The same for looking up.
    pub up: f32,
    /// Least movement of the ears the other way, as a multiple of what the nose needs.
    pub ears: f32,
}

impl Parallax {
    /// How much of a whole `turn` the nose shows: 0 in the neutral pose, 1 for enough. Negative
    /// the other way.
    pub fn nose_reach(&self, turn: Turn, needs: &Needs) -> f32 {
        self.nose.along(turn) / self.needed(turn, needs)
    }

    /// How much of a whole `turn` nose and ears show, whichever shows less: 1 is enough.
    pub fn reach(&self, turn: Turn, needs: &Needs) -> f32 {
        let ears = -self.ears.along(turn) / (needs.ears * self.needed(turn, needs));
        self.nose_reach(turn, needs).min(ears)
    }

    /// How far the nose is from its neutral place in any direction, where 1 is a whole turn.
    pub fn departure(&self, needs: &Needs) -> f32 {
        let x = self.nose.x / self.needed(Turn::Left, needs);
        x.hypot(self.nose.y / self.needed(Turn::Up, needs))
    }

    /// How far the nose must move: more than a flat picture can show at this distance.
    fn needed(&self, turn: Turn, needs: &Needs) -> f32 {
        let flat = self.perspective * FLAT_TILT;
        match turn {
            Turn::Left | Turn::Right => needs.sideways + FLAT.x * flat,
            Turn::Up => needs.up + FLAT.y * flat,
        }
    }
}

fn between(from: Point, to: Point) -> Offset {
    Offset {
        x: to.x - from.x,
        y: to.y - from.y,
    }
}

fn cross(a: Offset, b: Offset) -> f32 {
    a.x * b.y - a.y * b.x
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The longer side of the picture that the points are projected into, in pixels.
    pub(crate) const SIDE: f32 = 640.0;

    /// Points in space: x to the right, y down, z towards the camera, in distances between the eyes.
    type Points = [[f32; 3]; 6];

    /// Both eyes, nose, mouth, both ears of a head.
    pub(crate) const HEAD: Points = [
        [-0.5, 0.0, 0.0],
        [0.5, 0.0, 0.0],
        [0.0, 0.6, 0.45],
        [0.0, 1.05, 0.15],
        [-1.15, 0.25, -1.2],
        [1.15, 0.25, -1.2],
    ];

    /// The same on a flat picture of it.
    pub(crate) fn picture() -> Points {
        HEAD.map(|[x, y, _]| [x, y, 0.0])
    }

    /// How something is held: yaw to the right in the picture, pitch upwards and roll in degrees,
    /// distance and shift in distances between the eyes.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Held {
        pub yaw: f32,
        pub pitch: f32,
        pub roll: f32,
        pub distance: f32,
        pub shift: (f32, f32),
    }

    pub(crate) const STRAIGHT: Held = Held {
        yaw: 0.0,
        pitch: 0.0,
        roll: 0.0,
        distance: 6.0,
        shift: (0.0, 0.0),
    };

    /// What a camera 80 degrees wide sees.
    pub(crate) fn project(points: Points, held: Held) -> Landmarks {
        let rotate = |a: f32, b: f32, degrees: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            (a * cos - b * sin, a * sin + b * cos)
        };
        let [left_eye, right_eye, nose, mouth, left_ear, right_ear] = points.map(|[x, y, z]| {
            let (z, x) = rotate(z, x, held.yaw);
            let (y, z) = rotate(y, z, held.pitch);
            let (x, y) = rotate(x, y, held.roll);
            let scale = FOCAL_LENGTH * SIDE / (held.distance - z);
            Point {
                x: SIDE / 2.0 + scale * (x + held.shift.0),
                y: SIDE / 2.0 + scale * (y + held.shift.1),
            }
        });
        Landmarks {
            left_eye,
            right_eye,
            nose,
            mouth,
            left_ear,
            right_ear,
        }
    }

    fn seen(points: Points, held: Held) -> Shape {
        Shape::new(&project(points, held)).unwrap()
    }

    const NEEDS: Needs = Needs {
        sideways: 0.06,
        up: 0.05,
        ears: 1.0,
    };

    fn held() -> impl Strategy<Value = Held> {
        (-50f32..50.0, -50f32..50.0, -180f32..180.0, 2.6f32..12.0, -1f32..1.0, -1f32..1.0).prop_map(
            |(yaw, pitch, roll, distance, x, y)| Held { yaw, pitch, roll, distance, shift: (x, y) },
        )
    }

    proptest! {
        /// From a picture that looks about frontal to the same picture held in any other way: never
        /// a whole turn, whatever the perspective.
        #[test]
        fn no_flat_picture_turns(yaw in -25f32..25.0, pitch in -25f32..25.0, then in held()) {
            let neutral = Held { yaw, pitch, distance: then.distance, ..STRAIGHT };
            let parallax = seen(picture(), then).since(&seen(picture(), neutral), SIDE);
            for turn in Turn::ALL {
                let reach = parallax.nose_reach(turn, &NEEDS);
                prop_assert!(reach < 1.0, "{turn:?}: {reach}, {parallax:?}");
            }
        }

        /// Moving, scaling, rotating and shearing a picture change nothing at all.
        #[test]
        fn affine_maps_leave_everything_in_place(
            a in 0.5f32..2.0, b in -0.5f32..0.5, c in -0.5f32..0.5, d in 0.5f32..2.0,
        ) {
            let straight = project(picture(), STRAIGHT);
            let map = |p: Point| Point { x: a * p.x + b * p.y + 7.0, y: c * p.x + d * p.y - 30.0 };
            let Landmarks { left_eye, right_eye, nose, mouth, left_ear, right_ear } = straight;
            let mapped = Landmarks {
                left_eye: map(left_eye), right_eye: map(right_eye), nose: map(nose),
                mouth: map(mouth), left_ear: map(left_ear), right_ear: map(right_ear),
            };
            if let Some(shape) = Shape::new(&mapped) {
                let parallax = shape.since(&Shape::new(&straight).unwrap(), SIDE);
                prop_assert!(parallax.nose.length() < 1e-3 && parallax.ears.length() < 1e-3);
            }
        }

        /// A head shows the turn it makes and no other, however it is tilted to the shoulder.
        #[test]
        fn a_head_turns(degrees in 25f32..40.0, roll in -30f32..30.0, distance in 5f32..12.0) {
            let neutral = seen(HEAD, Held { roll, distance, ..STRAIGHT });
            for (turn, yaw, pitch) in [
                (Turn::Left, degrees, 0.0),
                (Turn::Right, -degrees, 0.0),
                (Turn::Up, 0.0, degrees),
            ] {
                let held = Held { yaw, pitch, roll, distance, ..STRAIGHT };
                let parallax = seen(HEAD, held).since(&neutral, SIDE);
                prop_assert!(parallax.reach(turn, &NEEDS) > 1.0, "{turn:?}: {parallax:?}");
                for other in Turn::ALL.into_iter().filter(|other| *other != turn) {
                    prop_assert!(parallax.nose_reach(other, &NEEDS) < 0.5, "{turn:?} as {other:?}");
                }
            }
        }

        #[test]
        fn nonsense_has_no_shape(x in prop::num::f32::ANY, y in prop::num::f32::ANY) {
            let point = Point { x, y };
            let mut landmarks = project(HEAD, STRAIGHT);
            landmarks.nose = point;
            if let Some(shape) = Shape::new(&landmarks) {
                prop_assert!(shape.aside().is_finite());
            }
            landmarks.left_eye = point;
            landmarks.right_eye = point;
            prop_assert_eq!(Shape::new(&landmarks), None);
        }
    }

    /// Folded like a roof, paper gives the nose parallax, but takes the ears along with it; rolled,
    /// it gives the ears parallax and the nose next to none.
    #[test]
    fn bent_paper_does_not_turn() {
        let folded = HEAD.map(|[x, y, _]| [x, y, -0.8 * (y - 0.6f32).abs()]);
        let rolled = HEAD.map(|[x, y, _]| {
            let angle = x / 1.3;
            [1.3 * angle.sin(), y, 1.3 * (angle.cos() - 1.0)]
        });
        for (paper, points) in [("folded", folded), ("rolled", rolled)] {
            let held = Held { yaw: 40.0, ..STRAIGHT };
            let parallax = seen(points, held).since(&seen(points, STRAIGHT), SIDE);
            let reach = parallax.reach(Turn::Left, &NEEDS);
            assert!(reach < 1.0, "{paper}: {reach}");
        }
    }
}
