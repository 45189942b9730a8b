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
}

/// Decodes a JPEG, PNG or WebP file, upright as its EXIF orientation asks.
///
/// # Errors
/// [`ImageError::TooLarge`] before any pixel is decoded, [`ImageError::Undecodable`] for
/// anything that is no such file.
#[cfg(feature = "native")]
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
/// (`pixel / 127.5 - 1`), the input range of both networks.
///
/// # Panics
/// Where `images` is empty or the sizes differ: the caller crops to one size first.
pub fn to_tensor(images: &[&RgbImage], device: &Device) -> Tensor<4> {
    let (width, height) = (images[0].width as usize, images[0].height as usize);
    let plane = width * height;
    let mut values = vec![0f32; images.len() * 3 * plane];
    for (image, planes) in images.iter().zip(values.chunks_exact_mut(3 * plane)) {
        assert_eq!(
            (image.width as usize, image.height as usize),
            (width, height)
        );
        for (i, rgb) in image.pixels.chunks_exact(3).enumerate() {
            for c in 0..3 {
                planes[c * plane + i] = f32::from(rgb[c]) / 127.5 - 1.0;
            }
        }
    }
    Tensor::from_data(
        TensorData::new(values, [images.len(), 3, height, width]),
        device,
    )
}
