//! A face as 468 points, followed from frame to frame: each mesh says where the next one is to be
//! looked for, so that the detector is needed for the first frame only.

use super::Face;
use super::align::{Similarity, cut};
use crate::detect::Landmarks;
use crate::geometry::Point;
use crate::image::RgbImage;
use crate::net::mesh::{INPUT_SIZE, POINTS};

/// Numbers of points of MediaPipe's mesh that have a name; left and right as seen in the picture.
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
    /// Before the ears.
    pub const EARS: [usize; 2] = [234, 454];
    /// Upper and lower lid of either eye, in the middle.
    pub const LIDS: [[usize; 2]; 2] = [[159, 145], [386, 374]];
    /// Top of the forehead, and chin.
    pub const FOREHEAD: usize = 10;
    /// Lowest point of the chin.
    pub const CHIN: usize = 152;
}

/// A logit of the network above which a face is there: a probability of 0.5.
const PRESENT: f32 = 0.0;

/// How much larger than the face the square is in which its mesh is looked for.
const MARGIN: f32 = 1.5;

/// A square of the picture, turned with the face, in which a mesh is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region(Similarity);

impl Region {
    /// About a face that the detector found; `None` for eyes that coincide.
    pub fn of_face(face: &Face) -> Option<Self> {
        let bounds = &face.bounds;
        let centre = Point {
            x: bounds.x + bounds.width / 2.0,
            y: bounds.y + bounds.height / 2.0,
        };
        let side = MARGIN * bounds.width.max(bounds.height);
        Self::new(
            centre,
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

    /// The crop that the network is shown.
    pub fn crop(&self, image: &RgbImage) -> RgbImage {
        cut(image, &self.0, INPUT_SIZE)
    }
}

/// A face's mesh.
#[derive(Debug, Clone, PartialEq)]
pub struct Mesh {
    points: Vec<Point>,
    depths: Vec<f32>,
}

impl Mesh {
    /// What the network makes of a region's crop: three values a point, and a logit. `None` where it
    /// sees no face there, or values are not finite.
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
        })
    }

    /// Its 468 points, in pixels of the picture.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// How far each point lies behind the face's middle, in pixels: what the network expects of a
    /// head, on a photo as well.
    pub fn depths(&self) -> &[f32] {
        &self.depths
    }

    /// Where the face is to be looked for in the next frame.
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

    /// The points that the detector finds as well.
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

    /// How far the eyes are open: the gap between the lids over the eye's width, the mean of both
    /// eyes; about 0.3 when open, below 0.15 when closed.
    pub fn eye_opening(&self) -> f32 {
        let opening = |lids, corners| self.ratio(lids, corners);
        let [left, right] = points::LIDS;
        (opening(left, points::LEFT_EYE) + opening(right, points::RIGHT_EYE)) / 2.0
    }

    /// How far the mouth is open: the gap between the lips over the mouth's width; about 0 when closed.
    pub fn mouth_opening(&self) -> f32 {
        self.ratio(points::LIPS, points::MOUTH)
    }

    fn ratio(&self, gap: [usize; 2], width: [usize; 2]) -> f32 {
        let length = |[a, b]: [usize; 2]| self.points[a].distance(self.points[b]);
        length(gap) / length(width).max(1e-6)
    }
}
