//! A face as 468 points, followed from frame to frame. Each mesh predicts the region for the next
//! frame, so only the first frame needs the detector.

use super::Face;
use super::align::{Similarity, cut};
use crate::detect::{Detection, Landmarks};
use crate::device::{Loaded, read};
use crate::error::Error;
use crate::geometry::{Point, Rect};
use crate::image::{RgbImage, to_tensor};
use crate::kernels::sigmoid;
use crate::net::fused_mesh::FusedMeshNet;
use crate::net::mesh::{INPUT_SIZE, MeshNet, POINTS};
use burn::tensor::Device;

/// Indices of named points in MediaPipe's mesh; left and right are as seen in the picture.
pub mod points {
    /// Tip of the nose.
    pub const NOSE: usize = 1;
    /// Corners of the eye on the left of the picture, the outer one first.
    pub const LEFT_EYE: [usize; 2] = [33, 133];
    /// Corners of the eye on the right of the picture, the outer one first.
    pub const RIGHT_EYE: [usize; 2] = [263, 362];
    /// Middle of the upper and the lower lip, where they meet.
    pub const LIPS: [usize; 2] = [13, 14];
    /// Corners of the mouth.
    pub const MOUTH: [usize; 2] = [61, 291];
    /// Points in front of the ears.
    pub const EARS: [usize; 2] = [234, 454];
    /// Upper and lower lid of either eye, in the middle.
    pub const LIDS: [[usize; 2]; 2] = [[159, 145], [386, 374]];
    /// Top of the forehead.
    pub const FOREHEAD: usize = 10;
    /// Lowest point of the chin.
    pub const CHIN: usize = 152;
}

/// The network's logit from which on a face is present: a probability of 0.5.
const PRESENT: f32 = 0.0;

/// Side of the square in which the mesh is searched for, in multiples of the face's size.
const MARGIN: f32 = 1.5;

/// A square of the picture in which a mesh is searched for; it is rotated with the face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region(Similarity);

impl Region {
    /// The region around a face that the detector found; `None` if the eyes coincide.
    pub fn of_face(face: &Face) -> Option<Self> {
        let bounds = &face.bounds;
        let side = MARGIN * bounds.width.max(bounds.height);
        Self::new(
            bounds.centre(),
            side,
            face.landmarks.left_eye,
            face.landmarks.right_eye,
        )
    }

    fn new(centre: Point, side: f32, left_eye: Point, right_eye: Point) -> Option<Self> {
        let scale = INPUT_SIZE as f32 / side;
        let length = left_eye.distance(right_eye);
        let cos = scale * (right_eye.x - left_eye.x) / length;
        let sin = scale * (right_eye.y - left_eye.y) / length;
        let half = (INPUT_SIZE as f32 - 1.0) / 2.0;
        let region = Similarity {
            a: cos,
            b: -sin,
            tx: half - cos * centre.x - sin * centre.y,
            ty: half + sin * centre.x - cos * centre.y,
        };
        let usable = scale > 0.0 && scale.is_finite() && (region.tx + region.ty).is_finite();
        usable.then_some(Self(region))
    }

    /// Whether a point lies in the inner half of the region.
    pub fn is_about(&self, point: Point) -> bool {
        let Point { x, y } = self.0.apply(point);
        let inner = |value: f32| (0.25..0.75).contains(&(value / INPUT_SIZE as f32));
        inner(x) && inner(y)
    }

    /// The network's input.
    fn crop(&self, image: &RgbImage) -> RgbImage {
        cut(image, &self.0, INPUT_SIZE)
    }
}

/// The mesh's network, loaded on a device.
#[derive(Debug)]
pub struct MeshFinder(Loaded<MeshNet, FusedMeshNet>);

impl MeshFinder {
    /// Loads the network (`mesh.safetensors`) on `device`.
    ///
    /// # Errors
    /// [`Error::Mesh`] if the file is unusable.
    pub fn load(weights: &[u8], device: &Device) -> Result<Self, Error> {
        let network = MeshNet::load(weights, device).map_err(Error::Mesh)?;
        Ok(Self(Loaded::new(network, device, FusedMeshNet::new)))
    }

    /// The same finder without the CPU's fused kernels.
    pub fn without_kernels(self) -> Self {
        Self(self.0.without_kernels())
    }

    /// The mesh of the face in `region`; `None` if there is no face.
    ///
    /// # Errors
    /// [`Error::Backend`] if the device fails.
    pub async fn find(&self, image: &RgbImage, region: &Region) -> Result<Option<Mesh>, Error> {
        let crop = region.crop(image);
        let (points, presence) = match &self.0.fused {
            Some(fused) => fused.forward(&crop),
            None => {
                let input = (to_tensor(&[&crop], &self.0.device) + 1.0) / 2.0;
                let (points, presence) = self.0.network.forward(input);
                (read(points).await?, read(presence).await?[0])
            }
        };
        Ok(Mesh::new(region, &points, presence))
    }
}

/// A face's mesh.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    points: Vec<Point>,
    depths: Vec<f32>,
    /// How sure the network is that a face is there, in `[0, 1]`.
    score: f32,
}

impl Mesh {
    /// Converts the network's output for a region's crop: three values for each point, and the
    /// presence logit. `None` if no face is present, or if a value is missing or not finite.
    pub fn new(region: &Region, values: &[f32], presence: f32) -> Option<Self> {
        let finite = values.iter().all(|value| value.is_finite());
        if values.len() != 3 * POINTS || !finite || presence.is_nan() || presence < PRESENT {
            return None;
        }
        let back = region.0.inverse();
        let scale = back.scale();
        let point = |v: &[f32]| {
            back.apply(Point {
                x: v[0] - 0.5,
                y: v[1] - 0.5,
            })
        };
        Some(Self {
            points: values.chunks_exact(3).map(point).collect(),
            depths: values.chunks_exact(3).map(|v| scale * v[2]).collect(),
            score: sigmoid(presence),
        })
    }

    /// The 468 points, in pixels of the picture.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The depth of each point behind the face's centre, in pixels. It is the network's expectation
    /// of a head: a photo of a face gets such depths too.
    pub fn depths(&self) -> &[f32] {
        &self.depths
    }

    /// The face in the detector's form.
    pub fn detection(&self) -> Detection {
        let (mut low, mut high) = (self.points[0], self.points[0]);
        for point in &self.points {
            low = Point {
                x: low.x.min(point.x),
                y: low.y.min(point.y),
            };
            high = Point {
                x: high.x.max(point.x),
                y: high.y.max(point.y),
            };
        }
        Detection {
            bounds: Rect {
                x: low.x,
                y: low.y,
                width: high.x - low.x,
                height: high.y - low.y,
            },
            score: self.score,
            landmarks: self.landmarks(),
        }
    }

    /// Where to search for the face in the next frame.
    pub fn region(&self) -> Option<Region> {
        let Landmarks {
            left_eye,
            right_eye,
            ..
        } = self.landmarks();
        let length = left_eye.distance(right_eye);
        let (cos, sin) = (
            (right_eye.x - left_eye.x) / length,
            (right_eye.y - left_eye.y) / length,
        );
        // The bounds in the frame in which the eyes are level.
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for Point { x, y } in &self.points {
            let (across, down) = (cos * x + sin * y, cos * y - sin * x);
            low = (low.0.min(across), low.1.min(down));
            high = (high.0.max(across), high.1.max(down));
        }
        let (across, down) = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        let centre = Point {
            x: cos * across - sin * down,
            y: sin * across + cos * down,
        };
        let side = MARGIN * (high.0 - low.0).max(high.1 - low.1);
        Region::new(centre, side, left_eye, right_eye)
    }

    /// The landmarks that the detector gives too.
    pub fn landmarks(&self) -> Landmarks {
        let middle = |[a, b]: [usize; 2]| self.points[a].midpoint(self.points[b]);
        Landmarks {
            left_eye: middle(points::LEFT_EYE),
            right_eye: middle(points::RIGHT_EYE),
            nose: self.points[points::NOSE],
            mouth: middle(points::LIPS),
            left_ear: self.points[points::EARS[0]],
            right_ear: self.points[points::EARS[1]],
        }
    }

    /// How far the eyes are open: the gap between the lids divided by the eye's width, averaged
    /// over both eyes. About 0.3 when open, below 0.15 when closed.
    pub fn eye_opening(&self) -> f32 {
        let opening = |lids, corners| self.ratio(lids, corners);
        let [left, right] = points::LIDS;
        (opening(left, points::LEFT_EYE) + opening(right, points::RIGHT_EYE)) / 2.0
    }

    /// How far the mouth is open: the gap between the lips divided by the mouth's width. About 0
    /// when closed.
    pub fn mouth_opening(&self) -> f32 {
        self.ratio(points::LIPS, points::MOUTH)
    }

    fn ratio(&self, gap: [usize; 2], width: [usize; 2]) -> f32 {
        let length = |[a, b]: [usize; 2]| self.points[a].distance(self.points[b]);
        length(gap) / length(width).max(1e-6)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::face::Quality;

    /// Eyes at (90, 100) and (130, 100), turned about the first.
    pub(crate) fn face(angle: f32) -> Face {
        let (sin, cos) = angle.sin_cos();
        let place = |x: f32, y: f32| Point {
            x: 90.0 + 40.0 * (x * cos - y * sin),
            y: 100.0 + 40.0 * (x * sin + y * cos),
        };
        let nose = place(0.5, 0.6);
        Face {
            bounds: Rect {
                x: nose.x - 45.0,
                y: nose.y - 45.0,
                width: 90.0,
                height: 90.0,
            },
            score: 0.9,
            landmarks: Landmarks {
                left_eye: place(0.0, 0.0),
                right_eye: place(1.0, 0.0),
                nose,
                mouth: place(0.5, 1.0),
                left_ear: place(-0.5, 0.2),
                right_ear: place(1.5, 0.2),
            },
            quality: Quality {
                size: 40.0,
                brightness: 0.5,
                contrast: 0.2,
                sharpness: 0.3,
                yaw: 0.0,
                pitch: 0.0,
                roll: angle,
                issue: None,
            },
        }
    }

    /// A mesh whose points are where `place` puts them, in pixels of the picture.
    pub(crate) fn mesh(place: impl Fn(usize) -> Point) -> Mesh {
        Mesh {
            points: (0..POINTS).map(place).collect(),
            depths: vec![0.0; POINTS],
            score: 1.0,
        }
    }

    /// What the network would give for points spread over the crop.
    fn values(place: impl Fn(usize) -> (f32, f32)) -> Vec<f32> {
        let points = (0..POINTS).map(place);
        points.flat_map(|(x, y)| [x, y, 0.0]).collect()
    }

    #[test]
    fn a_region_lies_about_the_face_and_leans_with_it() {
        for angle in [0.0, 0.4, -0.8] {
            let face = face(angle);
            let region = Region::of_face(&face).unwrap();
            assert!(region.is_about(face.landmarks.nose));
            assert!(!region.is_about(Point { x: 400.0, y: 100.0 }));
            let middle = INPUT_SIZE as f32 / 2.0;
            let mesh = Mesh::new(&region, &values(|_| (middle, middle)), 9.0).unwrap();
            let centre = mesh.points()[0];
            assert!(centre.distance(face.landmarks.nose) < 0.01, "{centre:?}");
            // One pixel of the crop further down is down the face.
            let below = Mesh::new(&region, &values(|_| (middle, middle + 1.0)), 9.0).unwrap();
            let down = below.points()[0];
            assert!((down.x - centre.x) * angle <= 0.0 && down.y > centre.y);
        }
    }

    #[test]
    fn the_next_region_is_about_the_mesh() {
        let region = Region::of_face(&face(0.3)).unwrap();
        let at = |i: usize| match i {
            33 | 133 => (60.0, 80.0),
            263 | 362 => (120.0, 80.0),
            _ => ((40 + i % 100) as f32, (40 + i / 5) as f32),
        };
        let mesh = Mesh::new(&region, &values(at), 9.0).unwrap();
        let next = mesh.region().unwrap();
        assert!(mesh.points().iter().all(|&point| {
            let Point { x, y } = next.0.apply(point);
            let inside = |value: f32| (0.0..INPUT_SIZE as f32).contains(&value);
            inside(x) && inside(y)
        }));
        assert!((next.0.scale() / region.0.scale() - 192.0 / (1.5 * 99.0)).abs() < 0.1);
    }

    #[test]
    fn no_face_and_nonsense_give_no_mesh() {
        let region = Region::of_face(&face(0.0)).unwrap();
        let good = values(|i| (i as f32 / 3.0, 50.0));
        assert!(Mesh::new(&region, &good, 9.0).is_some());
        assert!(Mesh::new(&region, &good, -1.0).is_none());
        assert!(Mesh::new(&region, &good, f32::NAN).is_none());
        assert!(Mesh::new(&region, &good[1..], 9.0).is_none());
        let mut odd = good;
        odd[7] = f32::INFINITY;
        assert!(Mesh::new(&region, &odd, 9.0).is_none());
        let mut blind = face(0.0);
        blind.landmarks.right_eye = blind.landmarks.left_eye;
        assert_eq!(Region::of_face(&blind), None);
    }
}
