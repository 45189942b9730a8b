//! RGB images: decoding, resampling, and conversion to tensors.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

/// Brightness of a colour (ITU-R BT.601), in the unit of its channels.
pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Why an image was refused.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// The buffer does not hold `width * height` pixels.
    #[error("an image of {width}x{height} pixels does not have {bytes} bytes")]
    Size {
        /// Claimed width in pixels.
        width: u32,
        /// Claimed height in pixels.
        height: u32,
        /// Bytes found.
        bytes: usize,
    },
    /// More pixels than [`MAX_PIXELS`].
    #[error("the image has {width}x{height} pixels; at most {MAX_PIXELS} are accepted")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The bytes are not an image that can be decoded.
    #[error("the image cannot be read ({0})")]
    Undecodable(String),
    /// The file is larger than [`MAX_FILE`].
    #[error("the image file has {0} bytes; at most {MAX_FILE} are accepted")]
    FileTooLarge(usize),
    /// The end of the file is missing, and with it part of the picture.
    #[error("the image file ends early, so part of the picture is missing")]
    Truncated,
}

/// Most pixels of an image that is decoded; the page has the same limit. With an alpha channel,
/// this is 256 MB.
pub const MAX_PIXELS: u64 = 64_000_000;

/// Size of the largest image file that is read, in bytes; the page has the same limit.
pub const MAX_FILE: usize = 50_000_000;

/// Longest side of a decoded photo in pixels; larger photos are reduced. The page has the same
/// limit.
pub const PHOTO_SIDE: u32 = 1280;

/// The grey level that shows through a transparent pixel: white.
const BACKGROUND: u8 = 255;

/// An 8-bit RGB image, row-major, three bytes a pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RgbImage {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl RgbImage {
    /// Wraps `pixels` (`width * height * 3` bytes, row-major RGB).
    ///
    /// # Errors
    /// [`ImageError::Size`] if the buffer's length does not fit, or a side is zero.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, ImageError> {
        let expected = width as u64 * height as u64 * 3;
        if expected == 0 || pixels.len() as u64 != expected {
            return Err(ImageError::Size {
                width,
                height,
                bytes: pixels.len(),
            });
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Converts `rgba` (`width * height * 4` bytes, row-major, alpha not multiplied in), as read
    /// from a canvas. Transparent pixels are blended with white.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] beyond [`MAX_PIXELS`]; [`ImageError::Size`] if the buffer's
    /// length does not fit, or a side is zero.
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Self, ImageError> {
        let count = u64::from(width) * u64::from(height);
        if count > MAX_PIXELS {
            return Err(ImageError::TooLarge { width, height });
        }
        if rgba.len() as u64 != count * 4 {
            return Err(ImageError::Size {
                width,
                height,
                bytes: rgba.len(),
            });
        }
        let (rgba, _) = rgba.as_chunks::<4>();
        let mut pixels = vec![0; rgba.len() * 3];
        let opaque = rgba.iter().fold(u8::MAX, |all, [.., alpha]| all & alpha) == u8::MAX;
        match opaque {
            true => drop_alpha(rgba, &mut pixels),
            false => {
                let (rgb, _) = pixels.as_chunks_mut();
                for (to, &[r, g, b, alpha]) in rgb.iter_mut().zip(rgba) {
                    *to = [r, g, b].map(|value| on_background(value, alpha));
                }
            }
        }
        Self::new(width, height, pixels)
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The bytes, row-major RGB.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// An image of the same size with other `pixels`.
    ///
    /// # Panics
    /// If the number of bytes differs from before.
    pub fn with_pixels(&self, pixels: Vec<u8>) -> Self {
        Self::new(self.width, self.height, pixels).expect("as many pixels as before")
    }

    /// An image of the same size. `colour` gives each new colour from the pixel's column, row and
    /// old colour (each channel in `[0, 255]`).
    #[cfg(feature = "training")]
    pub fn redrawn(&self, mut colour: impl FnMut(f32, f32, [f32; 3]) -> [f32; 3]) -> Self {
        let mut pixels = self.pixels.clone();
        let rows = pixels.chunks_exact_mut(self.width as usize * 3);
        for (y, row) in rows.enumerate() {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let before = [pixel[0], pixel[1], pixel[2]].map(f32::from);
                let [r, g, b] = colour(x as f32, y as f32, before);
                // Rounds; the conversion clamps to `[0, 255]`.
                let bytes = [(r + 0.5) as u8, (g + 0.5) as u8, (b + 0.5) as u8];
                pixel.copy_from_slice(&bytes);
            }
        }
        self.with_pixels(pixels)
    }

    /// The same image, reduced so that its longer side has at most `longest` pixels. Each new pixel
    /// is the mean of the pixels that it covers.
    pub fn reduced(self, longest: u32) -> Self {
        let side = self.width.max(self.height);
        if side <= longest {
            return self;
        }
        self.reduced_by(side as f32 / longest as f32)
    }

    /// The same image with each side divided by `scale`, which is at least 1. Each new pixel is the
    /// mean of the pixels that it covers.
    pub fn reduced_by(&self, scale: f32) -> Self {
        let reduce = |length: u32| ((length as f32 / scale).round() as u32).max(1);
        let covered = |length: u32| {
            let pixels = (0..reduce(length)).map(move |i| covered(i as f32, scale, &(0..length)));
            pixels.collect::<Vec<_>>()
        };
        self.averaged(&covered(self.width), &covered(self.height))
    }

    /// An image with a pixel for each of `columns` and `rows`: the mean colour of these columns and
    /// rows, or black if the range is empty.
    pub(crate) fn averaged(&self, columns: &[Range<u32>], rows: &[Range<u32>]) -> Self {
        /// As many rows as fit into a sum of 16 bits: vectors hold twice as many as of 32 bits.
        const STRIP: usize = 257;
        let width = self.width as usize * 3;
        // Only what lies between the first and the last column is summed.
        let first = columns.iter().map(|range| range.start as usize * 3).min();
        let last = columns.iter().map(|range| range.end as usize * 3).max();
        let within = first.unwrap_or(0)..last.unwrap_or(0);
        let mut sums = vec![0u16; width];
        let mut totals = vec![[0u32; 3]; columns.len()];
        let mut mean = Mean::of(1);
        let mut pixels = Vec::with_capacity(columns.len() * rows.len() * 3);
        for rows in rows {
            totals.fill([0; 3]);
            let covered = &self.pixels[rows.start as usize * width..rows.end as usize * width];
            for strip in covered.chunks(STRIP * width) {
                sums[within.clone()].fill(0);
                for row in strip.chunks_exact(width) {
                    let sums = sums[within.clone()].iter_mut();
                    for (sum, &value) in sums.zip(&row[within.clone()]) {
                        *sum += u16::from(value);
                    }
                }
                for (total, columns) in totals.iter_mut().zip(columns) {
                    let covered = &sums[columns.start as usize * 3..columns.end as usize * 3];
                    for rgb in covered.as_chunks::<3>().0 {
                        (0..3).for_each(|c| total[c] += u32::from(rgb[c]));
                    }
                }
            }
            for (total, columns) in totals.iter().zip(columns) {
                let count = (rows.len() * columns.len()) as u32;
                if mean.count != count {
                    mean = Mean::of(count);
                }
                pixels.extend(total.map(|sum| mean.apply(sum)));
            }
        }
        Self {
            width: columns.len() as u32,
            height: rows.len() as u32,
            pixels,
        }
    }

    /// The colour at `(x, y)`, in pixels from the centre of the first pixel: bilinear
    /// interpolation. Beyond the border, the border's pixels are repeated.
    #[inline]
    pub fn sample(&self, x: f32, y: f32) -> [f32; 3] {
        let (width, height) = (self.width as usize, self.height as usize);
        let (x, y) = (
            x.clamp(0.0, (width - 1) as f32),
            y.clamp(0.0, (height - 1) as f32),
        );
        bilinear(x, y, |x, y| {
            let at = (y.min(height - 1) * width + x.min(width - 1)) * 3;
            let rgb = &self.pixels[at..at + 3];
            [f32::from(rgb[0]), f32::from(rgb[1]), f32::from(rgb[2])]
        })
    }

    /// The colour at `(x, y)`, in units of 2^-16 pixels from the centre of the first pixel, as
    /// [`sample`](Self::sample) gives it, but with weights of 8 bits. Positions beyond the border are
    /// moved to the border.
    ///
    /// # Panics
    /// If the image has only one column or row.
    #[inline]
    pub(crate) fn sample_fixed(&self, x: i64, y: i64) -> [u8; 3] {
        let (width, height) = (self.width as usize, self.height as usize);
        let last = |length: usize| ((length as i64 - 1) << 16) - 1;
        let (x, y) = (x.clamp(0, last(width)), y.clamp(0, last(height)));
        let (right, down) = ((x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
        let first = ((y >> 16) as usize * width + (x >> 16) as usize) * 3;
        let [top, bottom] = [first, first + width * 3].map(|at| &self.pixels[at..][..6]);
        let across = |row: &[u8], c: usize| {
            u32::from(row[c]) * (256 - right) + u32::from(row[c + 3]) * right
        };
        let mut colour = [0; 3];
        for (c, value) in colour.iter_mut().enumerate() {
            let sum = across(top, c) * (256 - down) + across(bottom, c) * down;
            *value = ((sum + (1 << 15)) >> 16) as u8;
        }
        colour
    }
}

/// Along one axis: the pixels in `within` that the interval `[start, start + 1)` of an image
/// reduced by the factor `scale` covers.
pub(crate) fn covered(start: f32, scale: f32, within: &Range<u32>) -> Range<u32> {
    let length = within.len() as u32;
    let (from, to) = (start * scale, (start + 1.0) * scale);
    if to <= 0.0 || from >= length as f32 {
        return 0..0;
    }
    let from = from.max(0.0) as u32;
    let to = (to.ceil() as u32).clamp(from + 1, length);
    within.start + from..within.start + to
}

/// Divides sums by a number of values, in whole numbers: WebAssembly converts slowly from and to them.
struct Mean {
    count: u32,
    /// The reciprocal of the count, in units of 2^-24.
    reciprocal: u64,
}

impl Mean {
    fn of(count: u32) -> Self {
        let divisor = u64::from(count.max(1));
        Self {
            count,
            reciprocal: ((1 << 24) + divisor / 2) / divisor,
        }
    }

    /// The mean, rounded, of values whose sum is `sum`.
    fn apply(&self, sum: u32) -> u8 {
        ((u64::from(sum) * self.reciprocal + (1 << 23)) >> 24) as u8
    }
}

/// Copies red, green and blue of each pixel: four pixels at a time, as three words of 32 bits.
fn drop_alpha(rgba: &[[u8; 4]], rgb: &mut [u8]) {
    let (fours, rest) = rgba.as_chunks::<4>();
    let (words, last) = rgb.split_at_mut(fours.len() * 12);
    for (to, four) in words.as_chunks_mut::<12>().0.iter_mut().zip(fours) {
        let [a, b, c, d] = four.map(|pixel| u32::from_le_bytes(pixel) & 0x00ff_ffff);
        let words = [a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8];
        for (to, word) in to.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *to = word.to_le_bytes();
        }
    }
    for (to, [r, g, b, _]) in last.as_chunks_mut::<3>().0.iter_mut().zip(rest) {
        *to = [*r, *g, *b];
    }
}

fn on_background(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    let mixed = value * alpha + u32::from(BACKGROUND) * (255 - alpha);
    ((mixed + 127) / 255) as u8
}

/// Bilinear interpolation between the four values around `(x, y)`; both must not be negative.
#[inline]
pub(crate) fn bilinear<const N: usize>(
    x: f32,
    y: f32,
    at: impl Fn(usize, usize) -> [f32; N],
) -> [f32; N] {
    let (x0, y0) = (x as usize, y as usize);
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let [a, b] = [at(x0, y0), at(x0 + 1, y0)];
    let [c, d] = [at(x0, y0 + 1), at(x0 + 1, y0 + 1)];
    // This is the hottest loop of loading images. `array::from_fn` is not inlined here, so it is a
    // plain loop.
    let mut values = [0.0; N];
    for (i, value) in values.iter_mut().enumerate() {
        let top = a[i] * (1.0 - fx) + b[i] * fx;
        let bottom = c[i] * (1.0 - fx) + d[i] * fx;
        *value = top * (1.0 - fy) + bottom * fy;
    }
    values
}

/// Decodes a JPEG, PNG or WebP file as the page does: rotates by the EXIF orientation, blends
/// transparent pixels with white, and reduces to [`PHOTO_SIDE`]. Unreadable metadata is ignored.
///
/// # Errors
/// [`ImageError::FileTooLarge`] and [`ImageError::TooLarge`] before any pixel is decoded,
/// [`ImageError::Truncated`] if part of a JPEG is missing, and [`ImageError::Undecodable`] for any
/// other file that cannot be decoded.
#[cfg(feature = "decode")]
pub fn decode(bytes: &[u8]) -> Result<RgbImage, ImageError> {
    use ::image::metadata::Orientation;
    use ::image::{DynamicImage, ImageDecoder, ImageReader};
    if bytes.len() > MAX_FILE {
        return Err(ImageError::FileTooLarge(bytes.len()));
    }
    let undecodable = |error: ::image::ImageError| ImageError::Undecodable(error.to_string());
    let mut decoder = ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| ImageError::Undecodable(error.to_string()))?
        .into_decoder()
        .map_err(undecodable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooLarge { width, height });
    }
    if is_truncated_jpeg(bytes) {
        return Err(ImageError::Truncated);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
    image.apply_orientation(orientation);
    let (width, height) = (image.width(), image.height());
    let rgb = match image.color().has_alpha() {
        true => RgbImage::from_rgba(width, height, &image.into_rgba8())?,
        false => RgbImage::new(width, height, image.into_rgb8().into_raw())?,
    };
    Ok(rgb.reduced(PHOTO_SIDE))
}

/// Whether `bytes` are a JPEG without an end-of-image marker after the start of its first scan. The
/// decoder would fill the missing part with grey. Thumbnails in the metadata have end-of-image
/// markers of their own, so the metadata is skipped.
#[cfg(feature = "decode")]
fn is_truncated_jpeg(bytes: &[u8]) -> bool {
    const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];
    const START_OF_SCAN: u8 = 0xda;
    let Some(mut rest) = bytes.strip_prefix(&[0xff, 0xd8]) else {
        return false;
    };
    while let [0xff, marker, after @ ..] = rest {
        rest = match (*marker, after) {
            (START_OF_SCAN, _) => return !after.windows(2).any(|pair| pair == END_OF_IMAGE),
            // A filling byte, or a marker without a segment.
            (0xff, _) => &rest[1..],
            (0x01 | 0xd0..=0xd7, _) => after,
            (_, [high, low, ..]) => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                after.get(length.max(2)..).unwrap_or_default()
            }
            _ => return true,
        };
    }
    rest.is_empty()
}

/// Stacks images of one size into a `[n, 3, height, width]` tensor with values in `[-1, 1]` (`pixel
/// / 127.5 - 1`), the input range of the detector and the embedding network. In memory the channels
/// come last, as in the images: LibTorch trains 1.2 times as fast with this layout, and preserves
/// it.
///
/// # Panics
/// If `images` is empty or the sizes differ.
pub fn to_tensor(images: &[&RgbImage], device: &Device) -> Tensor<4> {
    let (width, height) = (images[0].width as usize, images[0].height as usize);
    let mut values = Vec::with_capacity(images.len() * 3 * width * height);
    for image in images {
        assert_eq!(
            (image.width as usize, image.height as usize),
            (width, height)
        );
        values.extend(image.pixels.iter().map(|&value| network_value(value)));
    }
    Tensor::<4>::from_data(
        TensorData::new(values, [images.len(), height, width, 3]),
        device,
    )
    .permute([0, 3, 1, 2])
}

/// Converts a colour value from `[0, 255]` to `[-1, 1]`.
fn network_value(value: u8) -> f32 {
    f32::from(value) / 127.5 - 1.0
}

/// Writes `image` with values in `[-1, 1]` into the larger square `padded`, `[side, side, 3]`, from row
/// and column `before` on.
///
/// # Panics
/// If the image does not fit into `padded`.
pub(crate) fn write_padded(image: &RgbImage, padded: &mut [f32], before: usize) {
    let side = (padded.len() / 3).isqrt();
    let width = image.width() as usize * 3;
    for (y, from) in image.pixels().chunks_exact(width).enumerate() {
        let at = ((y + before) * side + before) * 3;
        for (to, &value) in padded[at..][..width].iter_mut().zip(from) {
            *to = network_value(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_that_do_not_fit_are_refused() {
        assert!(matches!(
            RgbImage::new(2, 2, vec![0; 11]),
            Err(ImageError::Size { .. })
        ));
        assert!(matches!(
            RgbImage::new(0, 2, vec![]),
            Err(ImageError::Size { .. })
        ));
        assert!(matches!(
            RgbImage::from_rgba(2, 2, &[0; 12]),
            Err(ImageError::Size { .. })
        ));
        let huge = RgbImage::from_rgba(u32::MAX, u32::MAX, &[]);
        assert!(matches!(huge, Err(ImageError::TooLarge { .. })));
    }

    #[test]
    fn positions_in_whole_numbers_give_the_same_colours() {
        let pixels = (0..9 * 7 * 3u32)
            .map(|i| (i * i * 31 % 251) as u8)
            .collect();
        let image = RgbImage::new(9, 7, pixels).unwrap();
        for i in -3..40 {
            let (x, y) = (0.31 * i as f32, 0.23 * i as f32);
            let fixed = |value: f32| (value * 65536.0) as i64;
            let found = image.sample_fixed(fixed(x), fixed(y)).map(f32::from);
            for (found, expected) in found.into_iter().zip(image.sample(x, y)) {
                assert!(
                    (found - expected).abs() <= 2.0,
                    "{found}, {expected} at {x}"
                );
            }
        }
    }

    #[test]
    fn opaque_pictures_only_lose_their_alpha() {
        for width in 1..10 {
            let pixel = |i: u32| [i, 2 * i, 255 - i, 255].map(|value| value as u8);
            let rgba: Vec<_> = (0..3 * width).flat_map(pixel).collect();
            let image = RgbImage::from_rgba(width, 3, &rgba).unwrap();
            let expected = (0..3 * width).flat_map(|i| pixel(i)[..3].to_vec());
            assert_eq!(image.pixels(), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let rgba = [1, 2, 3, 255, 4, 5, 6, 0, 0, 100, 255, 51];
        let image = RgbImage::from_rgba(3, 1, &rgba).unwrap();
        assert_eq!(image.pixels(), [1, 2, 3, 255, 255, 255, 204, 224, 255]);
    }

    #[test]
    fn a_large_image_is_reduced_to_the_mean_of_its_pixels() {
        let stripes = (0..400 * 200).flat_map(|i| [(i % 2 * 200) as u8; 3]);
        let image = RgbImage::new(400, 200, stripes.collect()).unwrap();
        assert_eq!(image.clone().reduced(400), image);
        let reduced = image.reduced(100);
        assert_eq!((reduced.width(), reduced.height()), (100, 50));
        assert!(reduced.pixels().iter().all(|&value| value == 100));
    }

    #[test]
    fn tensors_are_planes_between_minus_one_and_one() {
        let image = RgbImage::new(2, 1, vec![0, 51, 255, 255, 102, 0]).unwrap();
        let tensor = to_tensor(&[&image], &crate::device::cpu());
        assert_eq!(tensor.dims(), [1, 3, 1, 2]);
        let values = tensor.into_data().try_to_vec::<f32>().unwrap();
        for (value, expected) in values.iter().zip([-1.0, 1.0, -0.6, -0.2, 1.0, -1.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
    }

    /// A 16x8 JPEG, red on the left and blue on the right, with an EXIF orientation.
    #[cfg(feature = "decode")]
    fn jpeg(orientation: u8) -> Vec<u8> {
        let mut plain = Vec::new();
        let pixels = (0..128).flat_map(|i| if i % 16 < 8 { [255, 0, 0] } else { [0, 0, 255] });
        let pixels: Vec<u8> = pixels.collect();
        ::image::codecs::jpeg::JpegEncoder::new_with_quality(&mut plain, 95)
            .encode(&pixels, 16, 8, ::image::ExtendedColorType::Rgb8)
            .unwrap();
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        let mut bytes = plain[..2].to_vec();
        bytes.extend([0xff, 0xe1]);
        bytes.extend((exif.len() as u16 + 2).to_be_bytes());
        bytes.extend(exif);
        bytes.extend_from_slice(&plain[2..]);
        bytes
    }

    #[test]
    #[cfg(feature = "decode")]
    fn exif_orientation_is_honoured() {
        let upright = decode(&jpeg(1)).unwrap();
        assert_eq!((upright.width(), upright.height()), (16, 8));
        assert!(upright.pixels()[0] > 200);
        let turned = decode(&jpeg(3)).unwrap();
        assert!(
            turned.pixels()[2] > 200,
            "blue comes first after half a turn"
        );
        let portrait = decode(&jpeg(6)).unwrap();
        assert_eq!((portrait.width(), portrait.height()), (8, 16));
    }

    #[test]
    #[cfg(feature = "decode")]
    fn a_file_that_ends_early_is_refused() {
        let whole = jpeg(1);
        assert!(decode(&whole[..60]).is_err(), "within the header");
        for length in [whole.len() - 3, whole.len() - 1] {
            let cut = decode(&whole[..length]);
            assert_eq!(cut, Err(ImageError::Truncated), "{length} bytes");
        }
        let with_a_trailer = [&whole[..], b"more"].concat();
        assert_eq!(decode(&with_a_trailer), decode(&whole));
        for format in [::image::ImageFormat::Png, ::image::ImageFormat::WebP] {
            let pixels: Vec<u8> = (0..64 * 64 * 3).map(|i| (i * i % 251) as u8).collect();
            let mut file = std::io::Cursor::new(Vec::new());
            let colour = ::image::ExtendedColorType::Rgb8;
            ::image::write_buffer_with_format(&mut file, &pixels, 64, 64, colour, format).unwrap();
            let file = file.into_inner();
            assert!(decode(&file).is_ok());
            assert!(decode(&file[..file.len() / 2]).is_err(), "{format:?}");
        }
    }

    #[test]
    #[cfg(feature = "decode")]
    fn metadata_that_cannot_be_read_is_no_reason_to_refuse() {
        let mut damaged = jpeg(6);
        // The offset of the first directory: far beyond the segment.
        let at = damaged
            .windows(4)
            .position(|four| four == b"II*\0")
            .unwrap()
            + 4;
        damaged[at..at + 4].copy_from_slice(&[0xff; 4]);
        let image = decode(&damaged).unwrap();
        assert_eq!((image.width(), image.height()), (16, 8));
    }

    #[test]
    #[cfg(feature = "decode")]
    fn files_that_are_no_image_or_too_large_are_refused() {
        assert!(matches!(decode(b"hello"), Err(ImageError::Undecodable(_))));
        assert_eq!(
            decode(&vec![0; MAX_FILE + 1]),
            Err(ImageError::FileTooLarge(MAX_FILE + 1))
        );
        let mut png = Vec::new();
        ::image::write_buffer_with_format(
            &mut std::io::Cursor::new(&mut png),
            &[0; 3],
            1,
            1,
            ::image::ExtendedColorType::Rgb8,
            ::image::ImageFormat::Png,
        )
        .unwrap();
        // The header's width and height, and its checksum, say 20000x20000.
        png[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        let crc = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(
            decode(&png),
            Err(ImageError::TooLarge { width: 20000, .. })
        ));
    }

    #[cfg(feature = "decode")]
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 {
                    (crc >> 1) ^ 0xedb8_8320
                } else {
                    crc >> 1
                }
            })
        })
    }
}
