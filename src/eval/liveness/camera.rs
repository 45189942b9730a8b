//! The simulated camera: it shows a surface in perspective in front of a wall, with light and
//! noise.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::surface::{Portrait, Position, Surface};
use crate::geometry::Point;
use crate::image::RgbImage;

/// Width and height of the image, in pixels.
pub const SIZE: (usize, usize) = (640, 480);

/// The focal length in pixels: the image is 60 degrees wide.
pub const FOCAL_LENGTH: f32 = 554.0;

/// The position of the middle between the eyes in a frontal pose, in pixels: a little above the
/// image's centre.
pub const EYES: (f32, f32) = (320.0, 210.0);

/// Position and rotation of a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    /// Rotation about the vertical axis, in radians: positive to the right in the image.
    pub yaw: f32,
    /// Rotation about the horizontal axis, in radians: positive upwards.
    pub pitch: f32,
    /// Rotation in the image plane, in radians, clockwise.
    pub roll: f32,
    /// Shift from [`EYES`], in distances between the eyes.
    pub shift: (f32, f32),
    /// Distance from the camera, in distances between the eyes.
    pub distance: f32,
    /// Distortion of the photo: the shear of x by y, and the share by which the height shrinks.
    pub shear: (f32, f32),
}

impl Placement {
    /// A frontal placement in which the distance between the eyes is `pixels`.
    pub fn straight(pixels: f32) -> Self {
        Self {
            yaw: 0.0,
            pitch: 0.0,
            roll: 0.0,
            shift: (0.0, 0.0),
            distance: FOCAL_LENGTH / pixels,
            shear: (0.0, 0.0),
        }
    }

    fn place(&self, [x, y, z]: Position, pivot: Position, follows: f32) -> Position {
        let (x, y) = (x + self.shear.0 * y, y * (1.0 - self.shear.1));
        let (x, y, z) = (x - pivot[0], y - pivot[1], z - pivot[2]);
        let (sin, cos) = (self.yaw * follows).sin_cos();
        let (x, z) = (x * cos + z * sin, z * cos - x * sin);
        let (sin, cos) = (self.pitch * follows).sin_cos();
        let (y, z) = (y * cos - z * sin, z * cos + y * sin);
        let (sin, cos) = self.roll.sin_cos();
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        [
            x + pivot[0] + self.shift.0,
            y + pivot[1] + self.shift.1,
            z + pivot[2],
        ]
    }
}

/// The margin around the photo on a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margin {
    /// White paper.
    Paper,
    /// The black frame of a screen; the screen's pixel grid covers the photo.
    Screen,
}

/// Width of the margin, as a share of the photo's width.
const MARGIN: f32 = 0.05;

/// The scene to draw.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The person's photo.
    pub portrait: &'a Portrait,
    /// The surface's shape.
    pub surface: &'a Surface,
    /// The margin around the photo.
    pub margin: Margin,
    /// The surface's position and rotation.
    pub placement: Placement,
}

/// Light and sensor noise.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    /// Brightness, as a factor on the photo's.
    pub gain: f32,
    /// Standard deviation of the noise, in grey levels (0 to 255).
    pub noise: f32,
    /// The seed of the noise.
    pub seed: u64,
}

/// An image of `scene`, of [`SIZE`].
pub fn shoot(scene: &Scene, exposure: &Exposure) -> RgbImage {
    let mut canvas = Canvas::new();
    let placed: Vec<Projected> = scene
        .surface
        .vertices
        .iter()
        .map(|vertex| {
            let position =
                scene
                    .placement
                    .place(vertex.position, scene.surface.pivot, vertex.follows);
            Projected::new(position, vertex.texture, scene.placement.distance)
        })
        .collect();
    let columns = scene.surface.columns;
    for row in 0..placed.len() / columns - 1 {
        for column in 0..columns - 1 {
            let corner =
                |down: usize, right: usize| &placed[(row + down) * columns + column + right];
            canvas.fill([corner(0, 0), corner(0, 1), corner(1, 0)], scene);
            canvas.fill([corner(1, 1), corner(1, 0), corner(0, 1)], scene);
        }
    }
    canvas.develop(exposure)
}

/// A vertex in the image.
struct Projected {
    x: f32,
    y: f32,
    z: f32,
    texture: Point,
}

impl Projected {
    fn new([x, y, z]: Position, texture: Point, distance: f32) -> Self {
        let scale = FOCAL_LENGTH / (distance - z).max(0.1);
        Self {
            x: EYES.0 + scale * x,
            y: EYES.1 + scale * y,
            z,
            texture,
        }
    }
}

struct Canvas {
    colours: Vec<[f32; 3]>,
    depths: Vec<f32>,
}

impl Canvas {
    /// An empty image: a wall that is lighter on one side.
    fn new() -> Self {
        let (width, height) = SIZE;
        let colours = (0..height).flat_map(|y| {
            (0..width).map(move |x| {
                let light =
                    150.0 + 30.0 * x as f32 / width as f32 - 20.0 * y as f32 / height as f32;
                [light, light * 1.01, light * 0.98]
            })
        });
        Self {
            colours: colours.collect(),
            depths: vec![f32::NEG_INFINITY; width * height],
        }
    }

    /// Draws a triangle, except where a nearer one was drawn before.
    fn fill(&mut self, [a, b, c]: [&Projected; 3], scene: &Scene) {
        let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if area.abs() < 1e-6 {
            return;
        }
        let share = 1.0 / area;
        let range = |values: [f32; 3], end: usize| {
            let low = values.into_iter().fold(f32::MAX, f32::min).ceil().max(0.0) as usize;
            let high = values.into_iter().fold(f32::MIN, f32::max).floor();
            low..((high + 1.0).max(0.0) as usize).min(end)
        };
        for y in range([a.y, b.y, c.y], SIZE.1) {
            for x in range([a.x, b.x, c.x], SIZE.0) {
                let (px, py) = (x as f32, y as f32);
                let u = ((px - a.x) * (c.y - a.y) - (py - a.y) * (c.x - a.x)) * share;
                let v = ((b.x - a.x) * (py - a.y) - (b.y - a.y) * (px - a.x)) * share;
                let w = 1.0 - u - v;
                if u < 0.0 || v < 0.0 || w < 0.0 {
                    continue;
                }
                let z = w * a.z + u * b.z + v * c.z;
                let at = y * SIZE.0 + x;
                if z <= self.depths[at] {
                    continue;
                }
                let texture = Point {
                    x: w * a.texture.x + u * b.texture.x + v * c.texture.x,
                    y: w * a.texture.y + u * b.texture.y + v * c.texture.y,
                };
                if let Some(colour) = colour(scene, texture, (x, y)) {
                    self.colours[at] = colour;
                    self.depths[at] = z;
                }
            }
        }
    }

    fn develop(self, exposure: &Exposure) -> RgbImage {
        let mut rng = ChaCha8Rng::seed_from_u64(exposure.seed);
        let mut pixels = Vec::with_capacity(3 * self.colours.len());
        for colour in self.colours {
            // The sum of three uniform numbers approximates a normal one.
            let [a, b, c, _] = rng.random::<u32>().to_le_bytes().map(f32::from);
            let noise = exposure.noise * (a + b + c - 382.5) / 128.0;
            pixels.extend(colour.map(|value| (value * exposure.gain + noise + 0.5) as u8));
        }
        RgbImage::new(SIZE.0 as u32, SIZE.1 as u32, pixels)
            .expect("the buffer was made for this size")
    }
}

/// The colour of the surface at the photo's pixel `at`; `None` beyond the margin.
fn colour(scene: &Scene, at: Point, pixel: (usize, usize)) -> Option<[f32; 3]> {
    let image = &scene.portrait.image;
    let (width, height) = (image.width() as f32, image.height() as f32);
    let margin = MARGIN * width;
    let within =
        |value: f32, end: f32, margin: f32| value >= -margin && value <= end - 1.0 + margin;
    if !within(at.x, width, margin) || !within(at.y, height, margin) {
        return None;
    }
    let on_photo = within(at.x, width, 0.0) && within(at.y, height, 0.0);
    Some(match (scene.margin, on_photo) {
        (Margin::Paper, true) => image.sample(at.x, at.y),
        (Margin::Paper, false) => [235.0; 3],
        (Margin::Screen, true) => {
            // Moiré of the screen's and the sensor's pixel grids.
            let (x, y) = (pixel.0 as f32, pixel.1 as f32);
            let grid = (at.x * 6.1 + x * 0.9).sin() * (at.y * 5.7 + y * 1.1).sin();
            image
                .sample(at.x, at.y)
                .map(|value| 1.15 * value + 8.0 + 10.0 * grid)
        }
        (Margin::Screen, false) => [12.0; 3],
    })
}
