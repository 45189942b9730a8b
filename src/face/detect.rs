//! From BlazeFace's raw output to faces: anchors, decoding, weighted non-maximum suppression, as
//! MediaPipe's face detection graph does it (Bazarevsky et al., 2019, sections 3 and 4).

use super::{Landmarks, Point, Rect};
use crate::image::RgbImage;
use crate::net::blazeface::{ANCHORS, BOX_VALUES, INPUT_SIZE};

/// Least score of a detection.
pub const MIN_SCORE: f32 = 0.5;

/// Overlap from which two detections are one face.
const SAME_FACE_IOU: f32 = 0.3;

/// A face as the detector sees it, in pixels of the image.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Where it is.
    pub bounds: Rect,
    /// Confidence in `[0, 1]`.
    pub score: f32,
    /// Key points.
    pub landmarks: Landmarks,
}

/// The image brought to the detector's size, and the way back.
pub struct Letterbox {
    /// 128x128, the image's proportions kept, black around it.
    pub image: RgbImage,
    scale: f32,
    left: f32,
    top: f32,
}

impl Letterbox {
    /// Fits `image` into the detector's input, averaging over what each pixel covers.
    pub fn new(image: &RgbImage) -> Self {
        let (width, height) = (image.width() as f32, image.height() as f32);
        let side = INPUT_SIZE as f32;
        let scale = width.max(height) / side;
        let (left, top) = ((side - width / scale) / 2.0, (side - height / scale) / 2.0);
        let mut pixels = Vec::with_capacity(INPUT_SIZE * INPUT_SIZE * 3);
        for y in 0..INPUT_SIZE {
            let rows = covered(y as f32 - top, scale, image.height());
            for x in 0..INPUT_SIZE {
                let columns = covered(x as f32 - left, scale, image.width());
                pixels.extend(mean(image, columns, rows.clone()));
            }
        }
        let side = INPUT_SIZE as u32;
        let image = RgbImage::new(side, side, pixels).expect("the buffer was made for this size");
        Self {
            image,
            scale,
            left,
            top,
        }
    }

    /// A position in the detector's unit square, in pixels of the image.
    fn locate(&self, x: f32, y: f32) -> Point {
        let side = INPUT_SIZE as f32;
        Point {
            x: (x * side - self.left) * self.scale - 0.5,
            y: (y * side - self.top) * self.scale - 0.5,
        }
    }
}

/// Pixels of the image, along one axis, that the detector's pixel from `start` on covers.
fn covered(start: f32, scale: f32, length: u32) -> std::ops::Range<u32> {
    let (from, to) = (start * scale, (start + 1.0) * scale);
    if to <= 0.0 || from >= length as f32 {
        return 0..0;
    }
    let from = from.max(0.0) as u32;
    from..(to.ceil() as u32).clamp(from + 1, length)
}

fn mean(image: &RgbImage, columns: std::ops::Range<u32>, rows: std::ops::Range<u32>) -> [u8; 3] {
    let count = columns.len() as u32 * rows.len() as u32;
    if count == 0 {
        return [0; 3];
    }
    let mut sum = [0u64; 3];
    for y in rows {
        let row = y as usize * image.width() as usize;
        let from = (row + columns.start as usize) * 3;
        for rgb in image.pixels()[from..][..columns.len() * 3].chunks_exact(3) {
            (0..3).for_each(|c| sum[c] += u64::from(rgb[c]));
        }
    }
    sum.map(|value| ((value + u64::from(count) / 2) / u64::from(count)) as u8)
}

/// Decodes the network's output (896 rows of 16 values, 896 logits) for the image in
/// `letterbox`: one detection a face, best first. Values that are not finite give none.
pub fn decode(boxes: &[f32], logits: &[f32], letterbox: &Letterbox) -> Vec<Detection> {
    let mut candidates: Vec<Candidate> = anchors()
        .zip(boxes.chunks_exact(BOX_VALUES))
        .zip(logits)
        .filter_map(|((anchor, values), &logit)| Candidate::new(anchor, values, logit))
        .collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    suppress(candidates)
        .iter()
        .map(|candidate| candidate.locate(letterbox))
        .collect()
}

/// The anchors' centres in the unit square, in the order of the network's rows.
fn anchors() -> impl Iterator<Item = Point> {
    let grid = |side: usize, each: usize| {
        (0..side * side).flat_map(move |cell| {
            let centre = |i: usize| (i as f32 + 0.5) / side as f32;
            std::iter::repeat_n(
                Point {
                    x: centre(cell % side),
                    y: centre(cell / side),
                },
                each,
            )
        })
    };
    grid(16, 2).chain(grid(8, 6)).take(ANCHORS)
}

/// A decoded row: box as left, top, right, bottom, then key points, in the unit square.
#[derive(Clone)]
struct Candidate {
    score: f32,
    values: [f32; BOX_VALUES],
}

impl Candidate {
    fn new(anchor: Point, raw: &[f32], logit: f32) -> Option<Self> {
        let score = 1.0 / (1.0 + (-logit).exp());
        if score.is_nan() || score < MIN_SCORE || raw.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let side = INPUT_SIZE as f32;
        let mut values: [f32; BOX_VALUES] = std::array::from_fn(|i| {
            let origin = if i % 2 == 0 { anchor.x } else { anchor.y };
            raw[i] / side + origin
        });
        let (x, y) = (values[0], values[1]);
        let (half_width, half_height) = (raw[2] / side / 2.0, raw[3] / side / 2.0);
        values[..4].copy_from_slice(&[
            x - half_width,
            y - half_height,
            x + half_width,
            y + half_height,
        ]);
        Some(Self { score, values })
    }

    fn bounds(&self) -> Rect {
        let [left, top, right, bottom, ..] = self.values;
        Rect {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
        }
    }

    fn locate(&self, letterbox: &Letterbox) -> Detection {
        let point = |i: usize| letterbox.locate(self.values[2 * i], self.values[2 * i + 1]);
        let (from, to) = (point(0), point(1));
        Detection {
            bounds: Rect {
                x: from.x,
                y: from.y,
                width: to.x - from.x,
                height: to.y - from.y,
            },
            score: self.score,
            landmarks: Landmarks {
                left_eye: point(2),
                right_eye: point(3),
                nose: point(4),
                mouth: point(5),
                left_ear: point(6),
                right_ear: point(7),
            },
        }
    }
}

/// Blends what overlaps instead of dropping it, weighted by score, which steadies boxes and
/// points from frame to frame (section 4 of the paper). `candidates` are best first.
fn suppress(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut faces = Vec::new();
    while let Some(best) = candidates.first().cloned() {
        let bounds = best.bounds();
        let (same, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|other| bounds.iou(&other.bounds()) > SAME_FACE_IOU);
        candidates = others;
        if same.is_empty() {
            // A box without area overlaps nothing, not even itself.
            candidates.remove(0);
            continue;
        }
        let total: f32 = same.iter().map(|candidate| candidate.score).sum();
        let values = std::array::from_fn(|i| {
            same.iter()
                .map(|candidate| candidate.values[i] * candidate.score)
                .sum::<f32>()
                / total
        });
        faces.push(Candidate {
            score: best.score,
            values,
        });
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: u32, height: u32) -> RgbImage {
        RgbImage::new(width, height, vec![99; (width * height * 3) as usize]).unwrap()
    }

    /// Raw output in which the given rows have boxes of 32x32 pixels about their anchors.
    fn output(rows: &[(usize, f32)]) -> (Vec<f32>, Vec<f32>) {
        let mut boxes = vec![0.0; ANCHORS * BOX_VALUES];
        let mut logits = vec![-100.0; ANCHORS];
        for &(row, logit) in rows {
            boxes[row * BOX_VALUES + 2] = 32.0;
            boxes[row * BOX_VALUES + 3] = 32.0;
            logits[row] = logit;
        }
        (boxes, logits)
    }

    #[test]
    fn letterbox_keeps_proportions_and_leads_back() {
        let letterbox = Letterbox::new(&grey(256, 128));
        let row = |y: usize| letterbox.image.pixels()[y * INPUT_SIZE * 3];
        assert_eq!((row(31), row(32), row(95), row(96)), (0, 99, 99, 0));
        let centre = letterbox.locate(0.5, 0.5);
        assert_eq!((centre.x, centre.y), (127.5, 63.5));
    }

    #[test]
    fn overlapping_boxes_become_one_face() {
        // Rows 0 and 1 share the first anchor; row 511 is the last of the 16x16 grid.
        let (boxes, logits) = output(&[(0, 1.0), (1, 2.0), (511, 3.0)]);
        let found = decode(&boxes, &logits, &Letterbox::new(&grey(128, 128)));
        assert_eq!(found.len(), 2);
        assert!(found[0].score > found[1].score);
        let Rect {
            x,
            y,
            width,
            height,
        } = found[0].bounds;
        assert_eq!(
            (x, y, width, height),
            (124.0 - 16.5, 124.0 - 16.5, 32.0, 32.0)
        );
    }

    #[test]
    fn nonsense_gives_no_faces() {
        let letterbox = Letterbox::new(&grey(64, 64));
        let (mut boxes, logits) = output(&[(7, 9.0)]);
        boxes[7 * BOX_VALUES] = f32::NAN;
        assert!(decode(&boxes, &logits, &letterbox).is_empty());
        let (mut boxes, logits) = output(&[(7, 9.0)]);
        boxes[7 * BOX_VALUES + 2] = -32.0;
        assert!(decode(&boxes, &logits, &letterbox).is_empty());
        assert!(decode(&[], &[], &letterbox).is_empty());
    }
}
