//! Reads pictures and text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use thiserror::Error;

use crate::error::Error;
use crate::face::align::is_crop;
use crate::face::gate::Refusal;
use crate::image::{self, RgbImage};
use crate::net::CROP_SIZE;

/// Why a file gave no crop or embedding.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The file holds no usable image, or the engine failed on it.
    #[error(transparent)]
    Engine(#[from] Error),
    /// The image has no face that may be used.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The image should be an aligned crop, but has another size.
    #[error("is {0}x{1} pixels, not an aligned crop of {CROP_SIZE}x{CROP_SIZE}")]
    NotACrop(u32, u32),
}

/// Reads and decodes an image file.
///
/// # Errors
/// If the file cannot be read or is not an image.
pub fn picture(path: &Path) -> Result<RgbImage, Failure> {
    decode(&fs::read(path)?)
}

/// Decodes the bytes of an image file.
///
/// # Errors
/// If the bytes are not an image.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, Failure> {
    Ok(image::decode(bytes).map_err(Error::from)?)
}

/// Decodes the bytes of an aligned crop's file.
///
/// # Errors
/// If the bytes are not an image, or the image has another size.
pub fn decode_crop(bytes: &[u8]) -> Result<RgbImage, Failure> {
    let image = decode(bytes)?;
    match is_crop(&image) {
        true => Ok(image),
        false => Err(Failure::NotACrop(image.width(), image.height())),
    }
}

/// Reads a list or another text file: UTF-8, or UTF-16 with a byte order mark.
///
/// # Errors
/// If the file cannot be read, or has another encoding.
pub fn text(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let decoded = match &bytes[..] {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec()).ok(),
    };
    decoded.with_context(|| format!("{} is not text in UTF-8", path.display()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).ok()
}

/// `path` with `suffix` appended to its name.
pub fn appended(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_with_and_without_a_byte_order_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            text(&path)
        };
        for bytes in [
            b"1\nA\t1\t2".as_slice(),
            b"\xef\xbb\xbf1\nA\t1\t2",
            b"\xff\xfe1\0\n\0A\0\t\x001\0\t\x002\0",
            b"\xfe\xff\x001\0\n\0A\0\t\x001\0\t\x002",
        ] {
            assert_eq!(read(bytes).unwrap(), "1\nA\t1\t2");
        }
        let latin1 = read(b"Ren\xe9\t1\t2").unwrap_err().to_string();
        assert!(latin1.contains("UTF-8"), "{latin1}");
    }
}
