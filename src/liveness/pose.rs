//! Where a head points, from its mesh.

use crate::face::mesh::{Mesh, points};

type Vector = [f32; 3];

/// Where a head points, from somewhere else, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Offset {
    /// To the right in the picture.
    pub x: f32,
    /// Downwards in the picture.
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

/// How a head is turned: to its right in the picture, down through it, and back through it, each of
/// length 1.
///
/// This uses the mesh's depths, which are what the network expects of a head: it tells where a head
/// points and proves nothing. The proof is the [`relief`](super::relief).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose([Vector; 3]);

impl Pose {
    /// Of the head of a mesh; `None` where its points coincide.
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

    /// Of a head that points there, in degrees from straight into the camera.
    #[cfg(test)]
    pub(super) fn towards(Offset { x, y }: Offset) -> Self {
        let across = [1.0, 0.0, x.to_radians().tan()];
        let down = [0.0, 1.0, y.to_radians().tan()];
        Self::spanned_by(across, down).expect("they are no multiples of each other")
    }

    /// The mean of several; `None` of none.
    pub fn mean(poses: &[Self]) -> Option<Self> {
        let sum = |i: usize| {
            poses
                .iter()
                .fold([0.0; 3], |sum, pose| plus(sum, pose.0[i]))
        };
        Self::spanned_by(sum(0), sum(1))
    }

    /// Where the head points, in degrees from straight into the camera.
    pub fn direction(&self) -> Offset {
        let [.., [x, y, z]] = self.0;
        Offset {
            x: -x.atan2(z).to_degrees(),
            y: -y.atan2(z).to_degrees(),
        }
    }

    /// Where it points, in degrees from where it did in `straight`: what the mesh makes of the shape
    /// of a face, and how the face leans to a shoulder, are then no matter.
    pub fn since(&self, straight: &Self) -> Offset {
        let [.., back] = self.0;
        let [x, y, z] = straight.0.map(|axis| dot(axis, back));
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
            let straight = Pose::towards(Offset::default());
            prop_assert!(Pose::towards(at).since(&straight).distance(at) < 0.01);
        }

        /// Faces whose mesh seems to look down while they look straight.
        #[test]
        fn what_a_straight_look_seems_to_point_to_is_no_matter(nod in -20f32..20.0, turn in -17f32..17.0) {
            let straight = Pose::towards(Offset { x: 0.0, y: nod });
            let moved = Pose::towards(Offset { x: 0.0, y: nod + turn }).since(&straight);
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
