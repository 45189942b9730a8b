//! From BlazeFace's raw output to faces: decoding relative to the anchors and weighted non-maximum
//! suppression, as in MediaPipe's face detection graph (Bazarevsky et al., 2019, sections 3 and 4).

use super::anchors::anchors;
use super::detection::{Detection, Landmarks};
use super::letterbox::Letterbox;
use super::network::{BOX_VALUES, INPUT_SIZE};
use crate::geometry::{Point, Rect};
use crate::kernels::sigmoid;

/// Lowest score of a detection.
pub const MIN_SCORE: f32 = 0.5;

/// Intersection over union above which two detections are one face.
pub(super) const SAME_FACE_IOU: f32 = 0.3;

/// Decodes the network's output (896 rows of 16 values, 896 logits) for the image in `letterbox`:
/// one detection for each face, best first. Rows with values that are not finite are dropped.
pub fn decode(boxes: &[f32], logits: &[f32], letterbox: &Letterbox) -> Vec<Detection> {
    let mut rows: Vec<Row> = anchors()
        .zip(boxes.chunks_exact(BOX_VALUES))
        .zip(logits)
        .filter_map(|((anchor, values), &logit)| Row::new(anchor, values, logit))
        .collect();
    rows.sort_by(|a, b| b.score.total_cmp(&a.score));
    suppress(rows)
        .iter()
        .map(|row| row.locate(letterbox))
        .collect()
}

/// A decoded row: the box as left, top, right, bottom, then the landmarks, in the unit square.
#[derive(Clone)]
struct Row {
    score: f32,
    values: [f32; BOX_VALUES],
}

impl Row {
    fn new(anchor: Point, raw: &[f32], logit: f32) -> Option<Self> {
        let score = sigmoid(logit);
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
            // Minimum and maximum, because a rotated letterbox swaps the corners.
            bounds: Rect {
                x: from.x.min(to.x),
                y: from.y.min(to.y),
                width: (to.x - from.x).abs(),
                height: (to.y - from.y).abs(),
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

/// Weighted non-maximum suppression: averages overlapping rows, weighted by score, instead of
/// dropping all but the best. Boxes and landmarks then move less from frame to frame (section 4 of
/// the paper). `rows` are sorted, best first.
fn suppress(mut rows: Vec<Row>) -> Vec<Row> {
    let mut faces = Vec::new();
    while let Some(best) = rows.first().cloned() {
        let bounds = best.bounds();
        let (same, others): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|other| bounds.iou(&other.bounds()) > SAME_FACE_IOU);
        rows = others;
        if same.is_empty() {
            // A box without area overlaps nothing, not even itself.
            rows.remove(0);
            continue;
        }
        let total: f32 = same.iter().map(|row| row.score).sum();
        let values = std::array::from_fn(|i| {
            same.iter()
                .map(|row| row.values[i] * row.score)
                .sum::<f32>()
                / total
        });
        faces.push(Row {
            score: best.score,
            values,
        });
    }
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::network::ANCHORS;
    use crate::image::RgbImage;

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
