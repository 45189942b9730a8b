//! Any image in the shape that the detector takes.

use super::network::INPUT_SIZE;
use crate::geometry::Point;
use crate::image::RgbImage;

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
    pub(super) fn locate(&self, x: f32, y: f32) -> Point {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letterbox_keeps_proportions_and_leads_back() {
        let grey = RgbImage::new(256, 128, vec![99; 256 * 128 * 3]).unwrap();
        let letterbox = Letterbox::new(&grey);
        let row = |y: usize| letterbox.image.pixels()[y * INPUT_SIZE * 3];
        assert_eq!((row(31), row(32), row(95), row(96)), (0, 99, 99, 0));
        let centre = letterbox.locate(0.5, 0.5);
        assert_eq!((centre.x, centre.y), (127.5, 63.5));
    }
}
