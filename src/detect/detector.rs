//! Finds faces in an image.

use burn::tensor::Device;

use super::decode::decode;
use super::detection::Detection;
use super::letterbox::Letterbox;
use super::network::BlazeFace;
use crate::device::read;
use crate::error::Error;
use crate::image::{RgbImage, to_tensor};

/// The detector's network, loaded on a device.
#[derive(Debug)]
pub struct Detector {
    network: BlazeFace,
    device: Device,
}

impl Detector {
    /// Loads the detector (`blazeface.safetensors`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] where the file is unusable.
    pub fn load(weights: &[u8], device: &Device) -> Result<Self, Error> {
        Ok(Self {
            network: BlazeFace::load(weights, device).map_err(Error::Detector)?,
            device: device.clone(),
        })
    }

    /// Faces in `image`, the best score first.
    ///
    /// # Errors
    /// [`Error::Backend`] where the device fails.
    pub async fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, Error> {
        let letterbox = Letterbox::new(image);
        let input = to_tensor(&[&letterbox.image], &self.device);
        let (boxes, logits) = self.network.forward(input);
        let (boxes, logits) = (read(boxes).await?, read(logits).await?);
        Ok(decode(&boxes, &logits, &letterbox))
    }
}
