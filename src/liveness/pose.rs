//! The pose of a head, from its mesh.

use crate::face::mesh::{Mesh, points};

type Vector = [f32; 3];

/// The direction of a head relative to another direction, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Offset {
    /// To the right in the image.
    pub x: f32,
    /// Downwards in the image.
    pub y: f32,
}

impl Offset {
    /// The length, in degrees.
    pub fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// The distance to `other`, in degrees.
    pub fn distance(self, other: Self) -> f32 {
        (self - other).length()
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

/// The pose of a head: three orthogonal unit vectors in the image's coordinates. They point across
/// the head to the right of the image, down through the head, and back through the head.
///
/// The pose relies on the depths of the mesh, which the network estimates as if every face were a
/// head. So it is no evidence that a head is there. The [`relief`](super::relief) gives that
/// evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose([Vector; 3]);

impl Pose {
    /// The pose of a mesh; `None` if its points coincide.
    pub fn new(mesh: &Mesh) -> Option<Self> {
        let at = |i: usize| {
            let point = mesh.points()[i];
            [point.x, point.y, mesh.depths()[i]]
        };
        let from = |a: usize, b: usize| minus(at(b), at(a));
        let eyes = from(points::LEFT_EYE[0], points::RIGHT_EYE[0]);
        let ears = from(points::EARS[0], points::EARS[1]);
        let down = from(points::FOREHEAD, points::CHIN);
        Self::spanned_by(plus(eyes, ears), down)
    }

    fn spanned_by(across: Vector, down: Vector) -> Option<Self> {
        let across = unit(across)?;
        let back = unit(cross(across, down))?;
        Some(Self([across, cross(back, across), back]))
    }

    /// The pose of a head with this [`direction`](Self::direction).
    #[cfg(test)]
    pub(super) fn towards(Offset { x, y }: Offset) -> Self {
        let across = [1.0, 0.0, x.to_radians().tan()];
        let down = [0.0, 1.0, y.to_radians().tan()];
        Self::spanned_by(across, down).expect("the vectors are not parallel")
    }

    /// The mean of `poses`; `None` if there are none.
    pub fn mean(poses: &[Self]) -> Option<Self> {
        let sum = |i: usize| {
            poses
                .iter()
                .fold([0.0; 3], |sum, pose| plus(sum, pose.0[i]))
        };
        Self::spanned_by(sum(0), sum(1))
    }

    /// The direction of the head, in degrees from straight into the camera.
    pub fn direction(&self) -> Offset {
        let [.., [x, y, z]] = self.0;
        Offset {
            x: -x.atan2(z).to_degrees(),
            y: -y.atan2(z).to_degrees(),
        }
    }

    /// The direction of the head relative to the neutral pose, in degrees. This cancels the bias
    /// that the shape of the face causes in the mesh, and the roll of the head.
    pub fn since(&self, neutral: &Self) -> Offset {
        let [.., back] = self.0;
        let [x, y, z] = neutral.0.map(|axis| dot(axis, back));
        Offset {
            x: -x.atan2(z).to_degrees(),
            y: -y.atan2(z).to_degrees(),
        }
    }
}

fn plus(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i] + b[i])
}

fn minus(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i] - b[i])
}

fn dot(a: Vector, b: Vector) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn unit(a: Vector) -> Option<Vector> {
    let length = dot(a, a).sqrt();
    let unit = a.map(|value| value / length);
    unit.iter().all(|value| value.is_finite()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_head_points_where_it_was_turned(x in -40f32..40.0, y in -40f32..40.0) {
            let at = Offset { x, y };
            prop_assert!(Pose::towards(at).direction().distance(at) < 0.01);
            let neutral = Pose::towards(Offset::default());
            prop_assert!(Pose::towards(at).since(&neutral).distance(at) < 0.01);
        }

        /// The mesh of some faces has a pitch in the neutral pose.
        #[test]
        fn the_pitch_of_the_neutral_pose_cancels(pitch in -20f32..20.0, turn in -17f32..17.0) {
            let neutral = Pose::towards(Offset { x: 0.0, y: pitch });
            let moved = Pose::towards(Offset { x: 0.0, y: pitch + turn }).since(&neutral);
            prop_assert!(moved.distance(Offset { x: 0.0, y: turn }) < 0.01, "{moved:?}");
        }
    }

    #[test]
    fn the_mean_lies_in_the_middle() {
        let poses = [10.0, 20.0].map(|x| Pose::towards(Offset { x, y: 0.0 }));
        let mean = Pose::mean(&poses).unwrap().direction();
        assert!((mean.x - 15.0).abs() < 0.1, "{mean:?}");
        assert_eq!(Pose::mean(&[]), None);
    }
}
