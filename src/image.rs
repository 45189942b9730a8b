//! RGB images and their way into tensors.

use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

/// Why an image was refused.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImageError {
    /// The buffer does not hold `width * height` pixels.
    #[error("the image says {width}x{height} pixels but holds {bytes} bytes")]
    Size {
        /// Claimed width in pixels.
        width: u32,
        /// Claimed height in pixels.
        height: u32,
        /// Bytes found.
        bytes: usize,
    },
    /// More pixels than [`MAX_PIXELS`].
    #[error("the image has {width}x{height} pixels; at most {MAX_PIXELS} are taken")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The bytes are no image that can be read.
    #[error("the image cannot be read ({0})")]
    Undecodable(String),
}

/// Pixels that an image may have before it is decoded: four times a 4K frame, more than any
/// camera's photo needs for a face, and little enough for any device's memory.
pub const MAX_PIXELS: u64 = 40_000_000;

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
    /// [`ImageError::Size`] where the buffer's length does not fit, or a side is zero.
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

    /// Takes the colours of `rgba` (`width * height * 4` bytes, row-major), as a canvas gives them.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] beyond [`MAX_PIXELS`]; [`ImageError::Size`] where the buffer's
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
        let pixels = rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
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
    /// Where they are not as many bytes: the caller makes one pixel of each.
    pub fn with_pixels(&self, pixels: Vec<u8>) -> Self {
        Self::new(self.width, self.height, pixels).expect("as many pixels as before")
    }

    /// An image of the same size whose colours are what `colour` makes of each place, in pixels from
    /// the centre of the first one, and of what is there.
    #[cfg(feature = "training")]
    pub fn redrawn(&self, mut colour: impl FnMut(f32, f32, [f32; 3]) -> [f32; 3]) -> Self {
        let mut pixels = self.pixels.clone();
        let rows = pixels.chunks_exact_mut(self.width as usize * 3);
        for (y, row) in rows.enumerate() {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let before = [pixel[0], pixel[1], pixel[2]].map(f32::from);
                let [r, g, b] = colour(x as f32, y as f32, before);
                // Rounded, and held to a byte by the conversion.
                let bytes = [(r + 0.5) as u8, (g + 0.5) as u8, (b + 0.5) as u8];
                pixel.copy_from_slice(&bytes);
            }
        }
        self.with_pixels(pixels)
    }

    /// The colour at a place, in pixels from the centre of the first one: bilinear, and beyond the
    /// border the border's pixels go on.
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
}

/// Between the four values around a place that is not negative.
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
    // A loop, for `array::from_fn` stays a call for each value here, in the hottest one of loading.
    let mut values = [0.0; N];
    for (i, value) in values.iter_mut().enumerate() {
        let top = a[i] * (1.0 - fx) + b[i] * fx;
        let bottom = c[i] * (1.0 - fx) + d[i] * fx;
        *value = top * (1.0 - fy) + bottom * fy;
    }
    values
}

/// Decodes a JPEG, PNG or WebP file, upright as its EXIF orientation asks.
///
/// # Errors
/// [`ImageError::TooLarge`] before any pixel is decoded, [`ImageError::Undecodable`] for
/// anything that is no such file.
#[cfg(feature = "decode")]
pub fn decode(bytes: &[u8]) -> Result<RgbImage, ImageError> {
    use ::image::{DynamicImage, ImageDecoder, ImageReader};
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
    let orientation = decoder.orientation().map_err(undecodable)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
    image.apply_orientation(orientation);
    let rgb = image.into_rgb8();
    RgbImage::new(rgb.width(), rgb.height(), rgb.into_raw())
}

/// Stacks images of one size into a `[n, 3, height, width]` tensor with values in `[-1, 1]`
/// (`pixel / 127.5 - 1`), the input range of both networks. In memory the channels come last, as in
/// the images: LibTorch trains 1.2 times as fast on that layout, and keeps it.
///
/// # Panics
/// Where `images` is empty or the sizes differ: the caller crops to one size first.
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

/// A colour value as the networks read it: in `[-1, 1]`.
fn network_value(value: u8) -> f32 {
    f32::from(value) / 127.5 - 1.0
}

/// Writes `image` with values in `[-1, 1]` into the larger square `padded`, `[side, side, 3]`, from row
/// and column `before` on.
///
/// # Panics
/// Where it does not fit there.
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
    fn rgba_loses_its_alpha() {
        let image = RgbImage::from_rgba(2, 1, &[1, 2, 3, 255, 4, 5, 6, 0]).unwrap();
        assert_eq!(image.pixels(), [1, 2, 3, 4, 5, 6]);
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
    fn files_that_are_no_image_or_too_large_are_refused() {
        assert!(matches!(decode(b"hello"), Err(ImageError::Undecodable(_))));
        assert!(matches!(
            decode(&jpeg(1)[..60]),
            Err(ImageError::Undecodable(_))
        ));
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
