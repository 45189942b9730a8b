//! The surfaces in front of the simulated camera: a head with a photo as its texture, or the photo
//! on flat, rolled, folded or bent paper.
//!
//! The unit of length is the distance between the eyes. The origin is the middle between the eyes;
//! x points to the right in the image, y downwards, z towards the camera.

use crate::detect::Landmarks;
use crate::geometry::Point;
use crate::image::RgbImage;

/// A photo with the landmarks of its face.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// The photo.
    pub image: RgbImage,
    /// The landmarks of the face in the photo.
    pub landmarks: Landmarks,
}

/// A position in space, `[x, y, z]`.
pub type Position = [f32; 3];

/// A point of a surface.
#[derive(Debug, Clone, Copy)]
pub struct Vertex {
    /// The position in space.
    pub position: Position,
    /// The texture coordinates, in pixels of the photo. Positions outside the photo are on the
    /// margin.
    pub texture: Point,
    /// The share of the surface's rotation that this vertex follows, in `[0, 1]`.
    pub follows: f32,
}

/// A grid of vertices, row by row.
#[derive(Debug, Clone)]
pub struct Surface {
    /// Number of vertices in a row.
    pub columns: usize,
    /// All vertices.
    pub vertices: Vec<Vertex>,
    /// The point about which the surface turns.
    pub pivot: Position,
}

/// The shape of paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paper {
    /// Flat.
    Flat,
    /// Rolled about a vertical axis, with the radius of a head.
    Rolled,
    /// Folded along a horizontal line through the nose tip, like a roof.
    Folded,
    /// Folded along a vertical line through the nose tip.
    Creased,
    /// Bent backwards on both sides of the nose tip, to a cylinder.
    Bent {
        /// The direction of the bend in the image, in radians, clockwise from the right.
        direction: f32,
        /// The reciprocal of the cylinder's radius; 0 for flat paper.
        curvature: f32,
    },
}

/// Proportions that differ between people and that a frontal photo does not show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Build {
    /// Distance of the nose tip in front of the cheeks.
    pub nose: f32,
    /// Distance of the ears behind the eyes.
    pub ears: f32,
}

impl Default for Build {
    /// Means of adults, from cephalometric tables: the nose tip is 30 mm in front of the eyes, the
    /// tragion 75 mm behind the eyes, and the eyes are 63 mm apart.
    fn default() -> Self {
        Self {
            nose: 0.40,
            ears: 1.2,
        }
    }
}

/// Half the side of the square that a surface covers.
const EXTENT: f32 = 3.4;
/// Number of vertices along one side of the square.
const VERTICES: usize = 120;
/// The radius of rolled paper: 8 cm.
const ROLL_RADIUS: f32 = 1.3;
/// Slope of folded paper on both sides of the fold.
const FOLD_SLOPE: f32 = 0.7;
/// The point about which a head turns: below and behind the eyes.
const NECK: Position = [0.0, 1.2, -1.4];

impl Surface {
    /// A head: a rounded box with a nose and lips. It is as wide as the distance between the ears
    /// in the photo. The background does not move when the head turns.
    pub fn head(portrait: &Portrait, build: Build) -> Self {
        let frame = Frame::new(&portrait.landmarks);
        let head = Head::new(&located(&portrait.landmarks), build);
        Self::new(NECK, |x, y| Vertex {
            position: [x, y, head.depth(x, y)],
            texture: inside(&portrait.image, frame.back(x, y)),
            follows: head.follows(x, y),
        })
    }

    /// The photo on paper.
    pub fn paper(portrait: &Portrait, paper: Paper) -> Self {
        let frame = Frame::new(&portrait.landmarks);
        let Point { x: crease, y: fold } = portrait.landmarks.locate(portrait.landmarks.nose);
        Self::new([0.0, fold, 0.0], |x, y| Vertex {
            position: match paper {
                Paper::Flat => [x, y, 0.0],
                Paper::Rolled => {
                    let angle = (x / ROLL_RADIUS).clamp(-1.5, 1.5);
                    let z = ROLL_RADIUS * (angle.cos() - 1.0);
                    [ROLL_RADIUS * angle.sin(), y, z]
                }
                Paper::Folded => [x, y, -FOLD_SLOPE * (y - fold).abs()],
                Paper::Creased => [x, y, -FOLD_SLOPE * (x - crease).abs()],
                Paper::Bent {
                    direction,
                    curvature,
                } => {
                    let (sin, cos) = direction.sin_cos();
                    let (across, along) = (x * cos + (y - fold) * sin, (y - fold) * cos - x * sin);
                    let radius = 1.0 / curvature.max(1e-3);
                    let angle = (across / radius).clamp(-1.5, 1.5);
                    let across = radius * angle.sin();
                    let z = radius * (angle.cos() - 1.0);
                    [
                        across * cos - along * sin,
                        fold + across * sin + along * cos,
                        z,
                    ]
                }
            },
            texture: frame.back(x, y),
            follows: 1.0,
        })
    }

    fn new(pivot: Position, vertex: impl Fn(f32, f32) -> Vertex) -> Self {
        let place = |i: usize| EXTENT * (2.0 * i as f32 / (VERTICES - 1) as f32 - 1.0);
        let vertices = (0..VERTICES).flat_map(|row| {
            let vertex = &vertex;
            (0..VERTICES).map(move |column| vertex(place(column), place(row) + 0.5))
        });
        Self {
            columns: VERTICES,
            vertices: vertices.collect(),
            pivot,
        }
    }
}

/// The map from a surface's coordinates to the photo's pixels.
struct Frame {
    centre: Point,
    /// The vector from one eye to the other, in pixels.
    across: (f32, f32),
}

impl Frame {
    fn new(landmarks: &Landmarks) -> Self {
        let (left, right) = (landmarks.left_eye, landmarks.right_eye);
        Self {
            centre: left.midpoint(right),
            across: (right.x - left.x, right.y - left.y),
        }
    }

    fn back(&self, x: f32, y: f32) -> Point {
        let (a, b) = self.across;
        Point {
            x: self.centre.x + a * x - b * y,
            y: self.centre.y + b * x + a * y,
        }
    }
}

/// All landmarks, relative to the middle between the eyes.
fn located(landmarks: &Landmarks) -> Landmarks {
    let Landmarks {
        left_eye,
        right_eye,
        nose,
        mouth,
        left_ear,
        right_ear,
    } = *landmarks;
    Landmarks {
        left_eye: landmarks.locate(left_eye),
        right_eye: landmarks.locate(right_eye),
        nose: landmarks.locate(nose),
        mouth: landmarks.locate(mouth),
        left_ear: landmarks.locate(left_ear),
        right_ear: landmarks.locate(right_ear),
    }
}

/// The depth of a head, as a function of the position in a frontal view.
struct Head {
    marks: Landmarks,
    build: Build,
    /// Distance of the head's left side from the middle.
    left: f32,
    /// Distance of the head's right side from the middle.
    right: f32,
    /// The depth of the rounded box at the eyes, where z is zero.
    eyes: f32,
}

impl Head {
    /// The vertical position of the head's centre.
    const MIDDLE: f32 = 0.3;
    /// Half the height of the head.
    const HALF_HEIGHT: f32 = 2.1;

    fn new(marks: &Landmarks, build: Build) -> Self {
        // The tragion lies a little inside the outline.
        let half = |ear: f32| (1.04 * ear.abs()).clamp(1.0, 1.5);
        let mut head = Self {
            marks: *marks,
            build,
            left: half(marks.left_ear.x),
            right: half(marks.right_ear.x),
            eyes: 0.0,
        };
        head.eyes = (head.vault(-0.5, 0.0) + head.vault(0.5, 0.0)) / 2.0;
        head
    }

    /// The normalised distance from the centre, to the power `power`: 0 in the centre, 1 on the
    /// outline.
    fn radius(&self, x: f32, y: f32, power: f32) -> f32 {
        let half = if x < 0.0 { self.left } else { self.right };
        let across = (x.abs() / half).powf(power);
        let down = ((y - Self::MIDDLE).abs() / Self::HALF_HEIGHT).powf(power);
        across + down
    }

    /// The height of the rounded box; 0 at the outline.
    fn vault(&self, x: f32, y: f32) -> f32 {
        const POWER: f32 = 2.5;
        /// The share of the box's depth that lies between eyes and ears.
        const SHARE: f32 = 0.56;
        let inside = (1.0 - self.radius(x, y, POWER)).max(0.0);
        self.build.ears / SHARE * inside.powf(1.0 / POWER)
    }

    fn depth(&self, x: f32, y: f32) -> f32 {
        self.vault(x, y) - self.eyes + self.nose(x, y) + self.lips(x, y)
    }

    /// The height of the nose: a ridge that rises from between the eyes to the tip and falls
    /// steeply below it.
    fn nose(&self, x: f32, y: f32) -> f32 {
        const BRIDGE: f32 = -0.15;
        let tip = self.marks.nose;
        let along = (y - BRIDGE) / (tip.y - BRIDGE).max(0.2);
        let height = if along < 0.0 {
            0.0
        } else if along < 1.0 {
            along.powf(1.2)
        } else {
            (-((y - tip.y) / 0.14).powi(2)).exp()
        };
        let middle = tip.x * along.clamp(0.0, 1.0);
        let width = 0.13 + 0.07 * along.clamp(0.0, 1.0);
        self.build.nose * height * (-((x - middle) / width).powi(2)).exp()
    }

    fn lips(&self, x: f32, y: f32) -> f32 {
        let Point { x: mx, y: my } = self.marks.mouth;
        0.15 * (-((x - mx) / 0.4).powi(2) - ((y - my) / 0.25).powi(2)).exp()
    }

    /// 1 on the head, falling to 0 around it.
    fn follows(&self, x: f32, y: f32) -> f32 {
        let out = self.radius(x, y, 2.0).sqrt();
        let share = ((1.6 - out) / 0.45).clamp(0.0, 1.0);
        share * share * (3.0 - 2.0 * share)
    }
}

/// The nearest point inside the image.
fn inside(image: &RgbImage, point: Point) -> Point {
    Point {
        x: point.x.clamp(0.0, image.width() as f32 - 1.0),
        y: point.y.clamp(0.0, image.height() as f32 - 1.0),
    }
}
