//! Whether a face has the depth of a head. Paper cannot have it.
//!
//! Between a frontal and a turned frame, each point moves by an affine map, plus its depth times
//! the turn (plane plus parallax: Irani and Anandan, "Parallax geometry of pairs of points for 3D
//! scene analysis", 1996). So the second derivatives of the movement, along the direction of the
//! turn, are those of the depth: the curvature of the surface around the nose. **Paper that is
//! flat, bent, rolled or folded is developable: a straight line runs through each of its points, so
//! one of the two principal curvatures is zero** (Gauss). A face has curvatures of the same sign in
//! both. The smaller of the two curvatures is called the relief.
//!
//! Perspective also moves points: the side of a turned surface that is farther away looks smaller.
//! Along the turn, this looks like a curvature. So paper that is rolled about an axis in the
//! direction of the turn would look round. But perspective moves points across the turn as well,
//! which depth does not. This movement gives the strength of perspective, whatever the camera, and
//! its part of the curvature is subtracted.
//!
//! The relief is measured in the pixels: a search fits the affine map and the curvatures so that
//! the turned frame best matches the frontal one (Lucas and Kanade, "An iterative image
//! registration technique", 1981; Baker and Matthews, "Lucas-Kanade 20 years on", 2004). The mesh
//! only gives the start of the search, because it fits a head to a bent photo too. A second search
//! starts from a flat face. The result with the lower roundness counts.
//!
//! The unit of length is the distance between the eyes.

use super::limits;
use super::pose::Offset;
use crate::face::align::{Similarity, cut};
use crate::face::mesh::{Mesh, points};
use crate::geometry::Point;
use crate::image::{RgbImage, bilinear, luma};

/// Number of pixels of a view for each distance between the eyes.
const RESOLUTION: f32 = 28.0;
/// Half the side of the view of the frontal frame, centred on the nose. It reaches from the brows
/// to the chin.
const HALF: f32 = 1.25;
/// Half the side of the view of the turned frame, in which the search runs.
const WIDE_HALF: f32 = 1.9;
/// Radius around the nose in which pixels count.
const RADIUS: f32 = 1.1;
/// Standard deviations of the blur, in pixels of a view: coarse, then fine.
const BLURS: [f32; 2] = [2.0, 1.0];
/// Largest number of steps of the search at each blur.
const STEPS: usize = 12;
/// Largest change of a coefficient in a step.
const MAX_CHANGE: f64 = 0.15;
/// Damping of each step, for the affine part and for the curvatures, in multiples of the residual
/// variance. It keeps the coefficients unchanged if the image has no texture.
const DAMPING: [f64; 2] = [0.03, 6.0];

/// Number of basis functions of a movement: 1, x, y, x²/2, xy, y²/2.
const TERMS: usize = 6;
/// Number of unknowns of a step: the coefficients for both coordinates, and gain and offset of the
/// brightness.
const UNKNOWNS: usize = 2 * TERMS + 2;

/// A symmetric matrix: `xx`, `xy` and `yy`.
type Symmetric = [f32; 3];

/// The depth of a face, measured between the frontal and a turned frame, in reciprocals of the
/// distance between the eyes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relief {
    /// The curvature of the movement along the direction of the turn: its second derivatives,
    /// positive if the centre moves farther than the points around it.
    pub curvature: Symmetric,
    /// The strength of perspective: how much the movement across the turn shrinks along the turn.
    /// Perspective adds twice as much to the curvature along the turn.
    pub perspective: f32,
    /// Correlation of the two frames after the movement is undone, in `[-1, 1]`.
    pub match_quality: f32,
}

/// The reliefs of several turns. Their directions differ, so errors average out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Depth {
    /// Each relief, with the head's direction relative to the neutral pose.
    turns: Vec<(Relief, Offset)>,
}

impl Depth {
    /// Adds a turn's relief, measured at `direction` from the neutral pose. Returns `false`, and
    /// adds nothing, if the frames did not match.
    pub fn add(&mut self, relief: Relief, direction: Offset) -> bool {
        let matches = relief.match_quality >= limits::MIN_MATCH_QUALITY;
        if matches {
            self.turns.push((relief, direction));
        }
        matches
    }

    /// The number of turns added.
    pub fn turns(&self) -> usize {
        self.turns.len()
    }

    /// The smaller curvature, divided by the sine of the angle: about 0.6 on a head.
    pub fn relief(&self) -> f32 {
        self.principal()[0] / self.sines().max(1e-6)
    }

    /// The smaller curvature as a share of the larger one: about 0.27 on a head.
    pub fn roundness(&self) -> f32 {
        let [smaller, larger] = self.principal();
        smaller / larger.max(1e-6)
    }

    /// Whether the depth is that of a head.
    pub fn is_of_a_head(&self) -> bool {
        self.relief() >= limits::MIN_RELIEF && self.roundness() >= limits::MIN_ROUNDNESS
    }

    /// Whether the depth is so clearly that of a head that no further turn is needed.
    pub fn is_clearly_of_a_head(&self) -> bool {
        self.is_of_a_head() && self.roundness() >= limits::CLEAR_ROUNDNESS
    }

    /// The sum of the principal curvatures of all turns, without the part of perspective. All turns
    /// have the same perspective, in proportion to their sines, so that the mean is subtracted.
    fn principal(&self) -> [f32; 2] {
        let perspectives = self.turns.iter().map(|(relief, _)| relief.perspective);
        let perspective = 2.0 * perspectives.sum::<f32>() / self.sines().max(1e-6);
        let mut sum = [0.0; 2];
        for (relief, direction) in &self.turns {
            let [xx, xy, yy] = relief.curvature;
            let part = perspective * sine(*direction);
            let [x, y] = unit(*direction);
            let rest = [xx - part * x * x, xy - part * x * y, yy - part * y * y];
            for (sum, curvature) in sum.iter_mut().zip(principal(rest)) {
                *sum += curvature;
            }
        }
        sum
    }

    fn sines(&self) -> f32 {
        self.turns.iter().map(|(_, at)| sine(*at)).sum()
    }
}

/// The sine of the angle between a direction and the neutral pose.
fn sine(direction: Offset) -> f32 {
    direction.length().to_radians().sin()
}

/// The unit vector in a direction.
fn unit(direction: Offset) -> [f32; 2] {
    let length = direction.length().max(1e-6);
    [direction.x / length, direction.y / length]
}

/// The eigenvalues of a matrix, the smaller one first.
fn principal([xx, xy, yy]: Symmetric) -> [f32; 2] {
    let middle = (xx + yy) / 2.0;
    let apart = ((xx - yy) / 2.0).hypot(xy);
    [middle - apart, middle + apart]
}

/// The frontal frame, with which turned frames are compared.
#[derive(Debug, Clone)]
pub struct FrontalFrame {
    mesh: Vec<Point>,
    nose: Point,
    /// The pixels that count, for each of the blurs.
    pixels: [Vec<Pixel>; 2],
    /// The weight of each pixel of a view.
    weights: Vec<f32>,
    /// The weighted energy of the slopes in the fine view.
    energy: f32,
}

impl FrontalFrame {
    /// Prepares the frontal frame. Returns `None` if the eyes coincide.
    pub fn new(image: &RgbImage, mesh: &Mesh) -> Option<Self> {
        let axes = Axes::new(mesh)?;
        let mesh: Vec<Point> = mesh.points().iter().map(|&p| axes.apply(p)).collect();
        let nose = mesh[points::NOSE];
        let Views([coarse, fine]) = Views::new(image, &axes, nose, HALF);
        let weights = places(HALF).map(|at| (-(at.x.hypot(at.y) / RADIUS).powi(4)).exp());
        let weights: Vec<f32> = weights.collect();
        Some(Self {
            pixels: [pixels(&coarse, &weights, 2), pixels(&fine, &weights, 1)],
            energy: energy(&fine, &weights),
            weights,
            mesh,
            nose,
        })
    }

    /// The relief of a frame in which the head is turned towards `direction`, relative to the
    /// neutral pose. `None` if the two frames cannot be compared.
    pub fn relief(&self, image: &RgbImage, mesh: &Mesh, direction: Offset) -> Option<Relief> {
        let axes = Axes::new(mesh)?;
        let turned: Vec<Point> = mesh.points().iter().map(|&p| axes.apply(p)).collect();
        let Views(views) = Views::new(image, &axes, self.nose, WIDE_HALF);
        let [coarse, fine] = views.map(|view| Turned::new(&view));
        let along = unit(direction);
        // One start with the mesh's depth, and one without depth, because a search can end in a
        // local optimum.
        let mut starts = [
            Movement::between::<TERMS>(&self.mesh, &turned, self.nose)?,
            Movement::between::<3>(&self.mesh, &turned, self.nose)?,
        ];
        for start in &mut starts {
            self.refine(start, &self.pixels[0], &coarse)?;
        }
        let [of_a_head, flat] = starts;
        let mut movement = match of_a_head.roundness(along) < flat.roundness(along) {
            true => of_a_head,
            false => flat,
        };
        self.refine(&mut movement, &self.pixels[1], &fine)?;
        let match_quality = self.correlation(&movement, &self.pixels[1], &fine);
        let curvature = movement.curvature(along);
        let perspective = movement.perspective(along);
        let mut figures = curvature.into_iter().chain([perspective, match_quality]);
        figures.all(f32::is_finite).then_some(Relief {
            curvature,
            perspective,
            match_quality,
        })
    }

    /// The sharpness of the face, relative to the frontal frame: about 0.95 on a moving head, and
    /// less in a dissolve, which blends two images. `None` if the eyes coincide.
    pub fn sharpness(&self, image: &RgbImage, mesh: &Mesh) -> Option<f32> {
        let axes = Axes::new(mesh)?;
        let [.., blur] = BLURS;
        let now = View::new(image, &axes, self.nose, HALF).blurred(blur);
        Some(energy(&now, &self.weights) / self.energy.max(1e-6))
    }

    /// Changes `movement` so that the frames match best. Returns `None` if there is no unique
    /// solution.
    fn refine(&self, movement: &mut Movement, pixels: &[Pixel], turned: &Turned) -> Option<()> {
        for _ in 0..STEPS {
            let samples: Vec<[f32; 3]> = pixels
                .iter()
                .map(|pixel| self.sample(movement, pixel, turned))
                .collect();
            let (gain, offset) = light(pixels, &samples)?;
            let errors: Vec<f32> = pixels
                .iter()
                .zip(&samples)
                .map(|(pixel, [now, ..])| pixel.value - gain * now - offset)
                .collect();
            let scale = 1.5 * median(pixels, &errors) + 1e-3;
            let mut system = Normal::<UNKNOWNS>::default();
            for ((pixel, error), [now, dx, dy]) in pixels.iter().zip(&errors).zip(&samples) {
                let weight = pixel.weight / (1.0 + (error / (2.0 * scale)).powi(2));
                let terms = terms(pixel.at);
                let mut row = [0.0; UNKNOWNS];
                for (k, term) in terms.into_iter().enumerate() {
                    row[k] = f64::from(gain * dx) * term;
                    row[TERMS + k] = f64::from(gain * dy) * term;
                }
                row[2 * TERMS] = f64::from(*now);
                row[2 * TERMS + 1] = 1.0;
                system.add(&row, f64::from(*error), f64::from(weight));
            }
            for k in 0..2 * TERMS {
                let damping = DAMPING[usize::from(k % TERMS >= 3)];
                system.damp(k, damping * f64::from(scale).powi(2));
            }
            let step = system.solve()?;
            let mut largest = 0.0f64;
            for (k, change) in step.into_iter().take(2 * TERMS).enumerate() {
                movement.0[k / TERMS][k % TERMS] += change.clamp(-MAX_CHANGE, MAX_CHANGE);
                largest = largest.max(change.abs());
            }
            if largest < 1e-3 {
                break;
            }
        }
        Some(())
    }

    /// Value and slopes of the turned frame at the position to which `movement` maps a pixel of the
    /// frontal frame.
    fn sample(&self, movement: &Movement, pixel: &Pixel, turned: &Turned) -> [f32; 3] {
        let to = movement.apply(pixel.at);
        turned.at(Point {
            x: to.x - self.nose.x,
            y: to.y - self.nose.y,
        })
    }

    /// Pearson's correlation of the two frames.
    fn correlation(&self, movement: &Movement, pixels: &[Pixel], turned: &Turned) -> f32 {
        let (mut sums, mut total) = ([0.0f64; 5], 0.0f64);
        for pixel in pixels {
            let [now, ..] = self.sample(movement, pixel, turned);
            let (a, b, w) = (
                f64::from(pixel.value),
                f64::from(now),
                f64::from(pixel.weight),
            );
            total += w;
            for (sum, value) in sums.iter_mut().zip([a, b, a * a, b * b, a * b]) {
                *sum += w * value;
            }
        }
        let [a, b, aa, bb, ab] = sums.map(|sum| sum / total);
        let norm = ((aa - a * a) * (bb - b * b)).sqrt();
        if norm > 1e-6 {
            ((ab - a * b) / norm) as f32
        } else {
            0.0
        }
    }
}

/// The weighted energy of the slopes of a view.
fn energy(view: &View, weights: &[f32]) -> f32 {
    let slopes = Turned::new(view).values;
    let weighted = slopes.iter().zip(weights);
    weighted
        .map(|([_, dx, dy], weight)| weight * (dx * dx + dy * dy))
        .sum()
}

/// The pixels of the frontal frame that count, from one in `every` rows and columns.
fn pixels(frontal: &View, weights: &[f32], every: usize) -> Vec<Pixel> {
    /// Lowest weight of a pixel that counts; the pixels in the corners have less.
    const MIN_WEIGHT: f32 = 0.01;
    let side = side(HALF);
    let share = (every * every) as f32;
    let all = places(HALF).zip(frontal.0.iter().zip(weights));
    all.enumerate()
        .filter(|(i, (_, (_, weight)))| {
            (i % side).is_multiple_of(every)
                && (i / side).is_multiple_of(every)
                && **weight >= MIN_WEIGHT
        })
        .map(|(_, (at, (&value, weight)))| Pixel {
            at,
            value,
            weight: share * weight,
            is_central: *weight > 0.3,
        })
        .collect()
}

/// A pixel of the frontal frame.
#[derive(Debug, Clone)]
struct Pixel {
    /// The position, relative to the nose.
    at: Point,
    value: f32,
    weight: f32,
    /// Whether the pixel is in the centre of the face, where the errors are measured.
    is_central: bool,
}

/// Gain and offset of the brightness between the frames.
fn light(pixels: &[Pixel], samples: &[[f32; 3]]) -> Option<(f32, f32)> {
    let mut system = Normal::<2>::default();
    for (pixel, [now, ..]) in pixels.iter().zip(samples) {
        let weight = f64::from(pixel.weight);
        system.add(&[f64::from(*now), 1.0], f64::from(pixel.value), weight);
    }
    system.damp(0, 1e-6);
    let [gain, offset] = system.solve()?;
    Some((gain as f32, offset as f32))
}

/// The median of the absolute errors in the centre of the face.
fn median(pixels: &[Pixel], errors: &[f32]) -> f32 {
    let counted = pixels.iter().zip(errors);
    let counted = counted.filter(|(pixel, _)| pixel.is_central);
    let mut sizes: Vec<f32> = counted.map(|(_, error)| error.abs()).collect();
    let middle = sizes.len() / 2;
    *sizes.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// A face's own coordinates: the origin is the middle between the eyes, the eyes are level, and
/// their distance is 1.
struct Axes {
    centre: Point,
    /// The vector from one eye to the other, divided by its squared length.
    across: Point,
}

impl Axes {
    fn new(mesh: &Mesh) -> Option<Self> {
        let landmarks = mesh.landmarks();
        let (left, right) = (landmarks.left_eye, landmarks.right_eye);
        let (x, y) = (right.x - left.x, right.y - left.y);
        let norm = x * x + y * y;
        (norm > 1.0).then(|| Self {
            centre: left.midpoint(right),
            across: Point {
                x: x / norm,
                y: y / norm,
            },
        })
    }

    fn apply(&self, point: Point) -> Point {
        let (x, y) = (point.x - self.centre.x, point.y - self.centre.y);
        Point {
            x: self.across.x * x + self.across.y * y,
            y: self.across.x * y - self.across.y * x,
        }
    }

    /// The transform from the image to a view centred on `nose`.
    fn to_view(&self, nose: Point, half: f32) -> Similarity {
        let (a, b) = (RESOLUTION * self.across.x, -RESOLUTION * self.across.y);
        Similarity {
            a,
            b,
            tx: RESOLUTION * (half - nose.x) - a * self.centre.x + b * self.centre.y,
            ty: RESOLUTION * (half - nose.y) - b * self.centre.x - a * self.centre.y,
        }
    }
}

/// A square of brightness values, centred on the nose, row by row.
#[derive(Debug, Clone)]
struct View(Vec<f32>);

fn side(half: f32) -> usize {
    (2.0 * half * RESOLUTION) as usize + 1
}

/// The positions of a view's pixels, relative to the nose.
fn places(half: f32) -> impl Iterator<Item = Point> {
    let side = side(half);
    let place = move |i: usize| i as f32 / RESOLUTION - half;
    (0..side * side).map(move |i| Point {
        x: place(i % side),
        y: place(i / side),
    })
}

/// The same view at each blur.
struct Views([View; 2]);

impl Views {
    fn new(image: &RgbImage, axes: &Axes, nose: Point, half: f32) -> Self {
        let sharp = View::new(image, axes, nose, half);
        Self(BLURS.map(|blur| sharp.blurred(blur)))
    }
}

impl View {
    fn new(image: &RgbImage, axes: &Axes, nose: Point, half: f32) -> Self {
        let crop = cut(image, &axes.to_view(nose, half), side(half));
        let pixels = crop.pixels().chunks_exact(3);
        Self(
            pixels
                .map(|rgb| luma([0, 1, 2].map(|c| f32::from(rgb[c]))))
                .collect(),
        )
    }

    fn side(&self) -> usize {
        self.0.len().isqrt()
    }

    /// Blurs with a Gaussian of this standard deviation, in pixels.
    fn blurred(&self, deviation: f32) -> Self {
        let reach = (3.0 * deviation).ceil() as isize;
        let kernel: Vec<f32> = (-reach..=reach)
            .map(|i| (-(i * i) as f32 / (2.0 * deviation * deviation)).exp())
            .collect();
        let total: f32 = kernel.iter().sum();
        let side = self.side() as isize;
        let pass = |values: &[f32], dx: isize, dy: isize| -> Vec<f32> {
            let at = |x: isize, y: isize| {
                values[(y.clamp(0, side - 1) * side + x.clamp(0, side - 1)) as usize]
            };
            let taps = || (-reach..=reach).zip(&kernel);
            (0..side * side)
                .map(|i| {
                    let (x, y) = (i % side, i / side);
                    let sum: f32 = taps().map(|(k, w)| w * at(x + k * dx, y + k * dy)).sum();
                    sum / total
                })
                .collect()
        };
        Self(pass(&pass(&self.0, 1, 0), 0, 1))
    }
}

/// A view of the turned frame: each value, with its slopes to the right and downwards per distance
/// between the eyes.
struct Turned {
    side: usize,
    values: Vec<[f32; 3]>,
}

impl Turned {
    fn new(view: &View) -> Self {
        let side = view.side();
        let slope = |x: usize, y: usize, dx: usize, dy: usize| {
            let (x0, y0) = (x.saturating_sub(dx), y.saturating_sub(dy));
            let (x1, y1) = ((x + dx).min(side - 1), (y + dy).min(side - 1));
            let length = (x1 - x0 + y1 - y0) as f32 / RESOLUTION;
            (view.0[y1 * side + x1] - view.0[y0 * side + x0]) / length
        };
        let values = view.0.iter().enumerate().map(|(i, &value)| {
            let (x, y) = (i % side, i / side);
            [value, slope(x, y, 1, 0), slope(x, y, 0, 1)]
        });
        Self {
            side,
            values: values.collect(),
        }
    }

    /// Value and slopes at a position relative to the nose. Beyond the border, the border's values
    /// are repeated.
    fn at(&self, place: Point) -> [f32; 3] {
        let middle = (self.side - 1) as f32 / 2.0;
        let last = self.side as f32 - 1.001;
        let x = (place.x * RESOLUTION + middle).clamp(0.0, last);
        let y = (place.y * RESOLUTION + middle).clamp(0.0, last);
        bilinear(x, y, |x, y| self.values[y * self.side + x])
    }
}

fn terms(at: Point) -> [f64; TERMS] {
    let (x, y) = (f64::from(at.x), f64::from(at.y));
    [1.0, x, y, x * x / 2.0, x * y, y * y / 2.0]
}

/// The map from the frontal to the turned frame around the nose: the coefficients of the basis
/// functions, for both coordinates.
#[derive(Debug, Clone)]
struct Movement([[f64; TERMS]; 2]);

impl Movement {
    /// Fits the movement between two meshes with the first `N` basis functions.
    fn between<const N: usize>(frontal: &[Point], turned: &[Point], nose: Point) -> Option<Self> {
        let mut systems = [Normal::<N>::default(), Normal::<N>::default()];
        for (from, to) in frontal.iter().zip(turned) {
            let at = Point {
                x: from.x - nose.x,
                y: from.y - nose.y,
            };
            if at.x.hypot(at.y) < RADIUS {
                let terms = terms(at).first_chunk().copied()?;
                systems[0].add(&terms, f64::from(to.x), 1.0);
                systems[1].add(&terms, f64::from(to.y), 1.0);
            }
        }
        let mut movement = Self([[0.0; TERMS]; 2]);
        for (row, system) in movement.0.iter_mut().zip(systems) {
            row[..N].copy_from_slice(&system.solve()?);
        }
        Some(movement)
    }

    fn apply(&self, at: Point) -> Point {
        let terms = terms(at);
        let [x, y] = self
            .0
            .map(|row| row.iter().zip(terms).map(|(a, b)| a * b).sum::<f64>());
        Point {
            x: x as f32,
            y: y as f32,
        }
    }

    /// The smaller principal curvature along a direction as a share of the larger one.
    fn roundness(&self, along: [f32; 2]) -> f32 {
        let [smaller, larger] = principal(self.curvature(along));
        smaller / larger.abs().max(1e-6)
    }

    /// The curvature along a direction, positive if the centre moves farther than the points around
    /// it.
    fn curvature(&self, [ex, ey]: [f32; 2]) -> Symmetric {
        [3, 4, 5].map(|k| -(ex * self.0[0][k] as f32 + ey * self.0[1][k] as f32))
    }

    /// How much the movement across a direction shrinks along it. It is negative only because of
    /// errors, and then counts as zero.
    fn perspective(&self, [ex, ey]: [f32; 2]) -> f32 {
        let [xx, xy, yy] = self.curvature([-ey, ex]);
        (ex * ey * (yy - xx) + (ex * ex - ey * ey) * xy).max(0.0)
    }
}

/// The normal equations of a weighted least-squares problem.
struct Normal<const N: usize> {
    products: [[f64; N]; N],
    right: [f64; N],
}

impl<const N: usize> Default for Normal<N> {
    fn default() -> Self {
        Self {
            products: [[0.0; N]; N],
            right: [0.0; N],
        }
    }
}

impl<const N: usize> Normal<N> {
    fn add(&mut self, row: &[f64; N], value: f64, weight: f64) {
        for i in 0..N {
            let scaled = weight * row[i];
            self.right[i] += scaled * value;
            for (product, other) in self.products[i].iter_mut().zip(&row[..=i]) {
                *product += scaled * other;
            }
        }
    }

    fn damp(&mut self, unknown: usize, by: f64) {
        self.products[unknown][unknown] += by;
    }

    /// Solves by Cholesky's decomposition. Returns `None` if there is no unique solution.
    fn solve(mut self) -> Option<[f64; N]> {
        let a = &mut self.products;
        for i in 0..N {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
                let rest = a[i][j] - sum;
                a[i][j] = if i == j {
                    if rest.is_nan() || rest <= 1e-12 {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / a[j][j]
                };
            }
        }
        let mut x = self.right;
        for i in 0..N {
            let sum: f64 = (0..i).map(|k| a[i][k] * x[k]).sum();
            x[i] = (x[i] - sum) / a[i][i];
        }
        for i in (0..N).rev() {
            let sum: f64 = (i + 1..N).map(|k| a[k][i] * x[k]).sum();
            x[i] = (x[i] - sum) / a[i][i];
        }
        Some(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::mesh::tests::mesh;

    const SIDE: u32 = 320;
    /// The distance between the eyes in pixels, and their middle.
    const UNIT: f32 = 70.0;
    const EYES: (f32, f32) = (160.0, 110.0);
    const NOSE: f32 = 0.55;

    /// Depth as a function of the position on the frontal face.
    type Surface = fn(f32, f32) -> f32;

    fn head(x: f32, y: f32) -> f32 {
        let bump = (-(x * x + (y - NOSE) * (y - NOSE)) / 0.3).exp();
        0.4 * bump - 0.1 * (x * x + (y - NOSE) * (y - NOSE))
    }

    fn flat(_: f32, _: f32) -> f32 {
        0.0
    }

    fn rolled(x: f32, _: f32) -> f32 {
        -0.4 * x * x
    }

    /// Rolled about an axis in the direction of the turn.
    fn rolled_along(_: f32, y: f32) -> f32 {
        -0.4 * (y - NOSE) * (y - NOSE)
    }

    fn creased(x: f32, y: f32) -> f32 {
        -0.5 * (0.8 * x + 0.6 * (y - NOSE)).abs()
    }

    /// The factor by which perspective enlarges a surface's point after the surface is turned to
    /// the right.
    fn enlargement(surface: Surface, degrees: f32, x: f32, y: f32) -> f32 {
        /// Distance from the camera, in distances between the eyes.
        const DISTANCE: f32 = 6.0;
        let (sin, cos) = degrees.to_radians().sin_cos();
        DISTANCE / (DISTANCE - surface(x, y) * cos + x * sin)
    }

    /// The position of a surface's point in the image, after the surface is turned to the right.
    fn projected(surface: Surface, degrees: f32, x: f32, y: f32) -> (f32, f32) {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let scale = enlargement(surface, degrees, x, y);
        (scale * (x * cos + surface(x, y) * sin), scale * y)
    }

    /// A texture with detail everywhere, on a turned surface.
    fn picture(surface: Surface, degrees: f32) -> RgbImage {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let grey = |column: u32, row: u32| {
            let (sx, sy) = (
                (column as f32 - EYES.0) / UNIT,
                (row as f32 - EYES.1) / UNIT,
            );
            let (mut x, mut y) = (sx, sy);
            for _ in 0..30 {
                let scale = enlargement(surface, degrees, x, y);
                (x, y) = ((sx / scale - surface(x, y) * sin) / cos, sy / scale);
            }
            let waves =
                (7.0 * x + 2.0 * y).sin() + (3.0 * x - 8.0 * y).cos() + (11.0 * x * y).sin();
            (128.0 + 30.0 * waves) as u8
        };
        let pixels = (0..SIDE * SIDE).flat_map(|i| [grey(i % SIDE, i / SIDE); 3]);
        RgbImage::new(SIDE, SIDE, pixels.collect()).unwrap()
    }

    /// The mesh that the network would give: a head's, for any surface.
    fn drawn(degrees: f32) -> Mesh {
        mesh(|i| {
            let (x, y) = match i {
                33 => (-0.65, 0.0),
                133 => (-0.35, 0.0),
                362 => (0.35, 0.0),
                263 => (0.65, 0.0),
                points::NOSE => (0.0, NOSE),
                _ => {
                    let (angle, far) = (2.4 * i as f32, (i as f32 / 468.0).sqrt());
                    (far * angle.cos(), NOSE + far * angle.sin())
                }
            };
            let (x, y) = projected(head, degrees, x, y);
            Point {
                x: EYES.0 + UNIT * x,
                y: EYES.1 + UNIT * y,
            }
        })
    }

    fn relief(surface: Surface, degrees: f32) -> Relief {
        let frontal = FrontalFrame::new(&picture(surface, 0.0), &drawn(0.0)).unwrap();
        let right = Offset { x: 1.0, y: 0.0 };
        let turned = picture(surface, degrees);
        frontal.relief(&turned, &drawn(degrees), right).unwrap()
    }

    fn depth(relief: Relief, degrees: f32) -> Depth {
        let mut depth = Depth::default();
        let right = Offset { x: degrees, y: 0.0 };
        assert!(depth.add(relief, right), "{relief:?}");
        depth
    }

    #[test]
    fn a_turned_head_counts_as_a_head() {
        let depth = depth(relief(head, 14.0), 14.0);
        assert!(depth.is_of_a_head(), "{depth:?}");
    }

    /// The mesh is that of a head for all of these surfaces.
    #[test]
    fn bent_paper_does_not_count_as_a_head() {
        for surface in [flat, rolled, rolled_along, creased] as [Surface; 4] {
            let depth = depth(relief(surface, 25.0), 14.0);
            assert!(!depth.is_of_a_head(), "{depth:?}");
            assert!(depth.roundness() < 0.6 * limits::MIN_ROUNDNESS, "{depth:?}");
        }
    }

    #[test]
    fn a_dissolve_is_less_sharp_than_a_moving_head() {
        let frontal = FrontalFrame::new(&picture(head, 0.0), &drawn(0.0)).unwrap();
        // Each feature appears at two positions, as in a dissolve of two poses.
        let shift = 3 * (28 * SIDE as usize + 21);
        let face = picture(head, 0.0);
        let both = face
            .pixels()
            .iter()
            .zip(face.pixels().iter().cycle().skip(shift));
        let mixed = both.map(|(&a, &b)| a.midpoint(b)).collect();
        let dissolve = face.with_pixels(mixed);
        let sharpness = |image, mesh| frontal.sharpness(image, &mesh).unwrap();
        assert!(sharpness(&dissolve, drawn(0.0)) < limits::MIN_SHARPNESS);
        assert!(sharpness(&picture(head, 7.0), drawn(7.0)) > limits::MIN_SHARPNESS);
    }

    #[test]
    fn an_inverted_image_does_not_match() {
        let frontal = FrontalFrame::new(&picture(head, 0.0), &drawn(0.0)).unwrap();
        let pixels = picture(head, 14.0)
            .pixels()
            .iter()
            .map(|value| 255 - value)
            .collect();
        let inverted = RgbImage::new(SIDE, SIDE, pixels).unwrap();
        let relief = frontal.relief(&inverted, &drawn(14.0), Offset { x: 1.0, y: 0.0 });
        let mut depth = Depth::default();
        assert!(
            relief.is_none_or(|relief| !depth.add(relief, Offset { x: 14.0, y: 0.0 })),
            "{relief:?}"
        );
    }

    #[test]
    fn a_grey_wall_has_no_relief() {
        let grey = RgbImage::new(SIDE, SIDE, vec![99; 3 * (SIDE * SIDE) as usize]).unwrap();
        let frontal = FrontalFrame::new(&grey, &drawn(0.0)).unwrap();
        let relief = frontal.relief(&grey, &drawn(14.0), Offset { x: 1.0, y: 0.0 });
        let mut depth = Depth::default();
        assert!(
            relief.is_none_or(|relief| !depth.add(relief, Offset { x: 14.0, y: 0.0 })),
            "{relief:?}"
        );
    }
}
