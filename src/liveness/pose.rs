//! How a head is turned, from the detector's landmarks.
//!
//! The middle of the eyes and of the mouth lie in one plane, and three points determine an affine
//! map of it. So the nose tip is located in the frame which these three span:
//!
//! ```text
//! nose = middle of the eyes + across * (right eye - left eye) + down * (mouth - middle of the eyes)
//! ```
//!
//! The nose stands out from that plane, so it moves towards the side to which the head turns, by its
//! protrusion times the tangent of the turn. Moving, scaling, rotating and shearing the picture
//! change nothing: `across` and `down` are affine invariants.
//!
//! This tells where a head points. It proves no depth: the detector has learnt how faces look, and
//! on a photo that is tilted far it places the nose somewhat as if the face turned. The proof is
//! [`parallax`](super::parallax)'s.
//!
//! Offsets are in distances between the eyes, to the right and downwards as seen in the picture.
//! The picture is the camera's own, not the mirrored preview: a person who turns to their own left
//! moves the nose to the right in it.

use crate::detect::Landmarks;
use crate::geometry::Point;

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

    /// How far it is from `other`.
    pub fn distance(self, other: Self) -> f32 {
        (self - other).length()
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

impl std::ops::Sub for Offset {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }
}

/// Where the nose appears in the frame that eyes and mouth span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Of the nose tip: `across` and `down` as the module's documentation has them.
    nose: Offset,
    /// From the eyes to the mouth, in distances between the eyes.
    height: f32,
    /// The distance between the eyes, in pixels.
    size: f32,
}

impl Pose {
    /// `None` for landmarks that span no frame: they coincide, lie on one line, or are not numbers.
    pub fn new(landmarks: &Landmarks) -> Option<Self> {
        let Landmarks {
            left_eye,
            right_eye,
            nose,
            mouth,
            ..
        } = *landmarks;
        let centre = left_eye.midpoint(right_eye);
        let (across, down) = (between(centre, right_eye), between(centre, mouth));
        let area = 2.0 * cross(across, down);
        let size = 2.0 * across.length();
        // Less than a tenth of the usual height is no face that anything can be measured on.
        if !area.is_finite() || area.abs() < 0.1 * size * size || size <= 0.0 {
            return None;
        }
        let nose = between(centre, nose);
        let pose = Self {
            nose: Offset {
                x: cross(nose, down) / area,
                y: 2.0 * cross(across, nose) / area,
            },
            height: down.length() / size,
            size,
        };
        pose.nose.length().is_finite().then_some(pose)
    }

    /// The mean of several; `None` of none.
    pub fn mean(poses: &[Self]) -> Option<Self> {
        let count = poses.len() as f32;
        let mean = |value: fn(&Self) -> f32| poses.iter().map(value).sum::<f32>() / count;
        (!poses.is_empty()).then(|| Self {
            nose: Offset {
                x: mean(|pose| pose.nose.x),
                y: mean(|pose| pose.nose.y),
            },
            height: mean(|pose| pose.height),
            size: mean(|pose| pose.size),
        })
    }

    /// How far the nose is from the middle between the eyes, in distances between them: about 0
    /// on a face that looks straight at the camera, about 0.5 in profile.
    pub fn off_centre(&self) -> f32 {
        self.nose.x
    }

    /// The distance between the eyes as a share of `side`, the picture's longer side in pixels.
    pub fn eye_share(&self, side: f32) -> f32 {
        self.size / side
    }

    /// How far the nose has moved since `neutral`.
    pub fn since(&self, neutral: &Self) -> Offset {
        Offset {
            x: self.nose.x - neutral.nose.x,
            y: (self.nose.y - neutral.nose.y) * neutral.height,
        }
    }

    /// How many times as large the face is as in `neutral`, at least 1. Foreshortening hides part of
    /// the growth in one of the two lengths, not in both.
    pub fn growth(&self, neutral: &Self) -> f32 {
        (self.size / neutral.size)
            .max(self.size * self.height / (neutral.size * neutral.height))
            .max(1.0)
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

    /// The camera's focal length in pixels: 80 degrees across.
    pub(crate) const FOCAL_LENGTH: f32 = 0.6 * SIDE;

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

    /// What the camera sees.
    pub(crate) fn project(points: Points, held: Held) -> Landmarks {
        let rotate = |a: f32, b: f32, degrees: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            (a * cos - b * sin, a * sin + b * cos)
        };
        let [left_eye, right_eye, nose, mouth, left_ear, right_ear] = points.map(|[x, y, z]| {
            let (z, x) = rotate(z, x, held.yaw);
            let (y, z) = rotate(y, z, held.pitch);
            let (x, y) = rotate(x, y, held.roll);
            let scale = FOCAL_LENGTH / (held.distance - z);
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

    /// How far the nose moves between two views of the same points.
    pub(crate) fn moved(points: Points, from: Held, to: Held) -> Offset {
        let pose = |held| Pose::new(&project(points, held)).unwrap();
        pose(to).since(&pose(from))
    }

    proptest! {
        /// Moving, scaling, rotating and shearing a picture change nothing at all.
        #[test]
        fn affine_maps_leave_the_nose_in_place(
            a in 0.5f32..2.0, b in -0.5f32..0.5, c in -0.5f32..0.5, d in 0.5f32..2.0,
        ) {
            let straight = project(picture(), STRAIGHT);
            let map = |p: Point| Point { x: a * p.x + b * p.y + 7.0, y: c * p.x + d * p.y - 30.0 };
            let mapped = Landmarks {
                left_eye: map(straight.left_eye),
                right_eye: map(straight.right_eye),
                nose: map(straight.nose),
                mouth: map(straight.mouth),
                ..straight
            };
            if let Some(pose) = Pose::new(&mapped) {
                let moved = pose.since(&Pose::new(&straight).unwrap());
                prop_assert!(moved.length() < 1e-3, "{moved:?}");
            }
        }

        /// A head shows the turn it makes and no other, however it leans to a shoulder.
        #[test]
        fn a_head_turns(degrees in 20f32..40.0, roll in -30f32..30.0, distance in 5f32..12.0) {
            let neutral = Held { roll, distance, ..STRAIGHT };
            for (turn, yaw, pitch) in [
                (Turn::Left, degrees, 0.0),
                (Turn::Right, -degrees, 0.0),
                (Turn::Up, 0.0, degrees),
            ] {
                let moved = moved(HEAD, neutral, Held { yaw, pitch, ..neutral });
                prop_assert!(moved.along(turn) > 0.1, "{turn:?}: {moved:?}");
                for other in Turn::ALL.into_iter().filter(|other| *other != turn) {
                    prop_assert!(moved.along(other) < 0.5 * moved.along(turn), "{turn:?}: {moved:?}");
                }
            }
        }

        #[test]
        fn nonsense_has_no_pose(x in prop::num::f32::ANY, y in prop::num::f32::ANY) {
            let point = Point { x, y };
            let mut landmarks = project(HEAD, STRAIGHT);
            landmarks.nose = point;
            if let Some(pose) = Pose::new(&landmarks) {
                prop_assert!(pose.off_centre().is_finite());
            }
            landmarks.left_eye = point;
            landmarks.right_eye = point;
            prop_assert_eq!(Pose::new(&landmarks), None);
        }
    }
}
