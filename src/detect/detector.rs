//! Finds faces in an image.

use burn::tensor::Device;

use super::decode::decode;
use super::detection::Detection;
use super::fused::FusedBlazeFace;
use super::letterbox::Letterbox;
use super::network::BlazeFace;
use crate::device::read;
use crate::error::Error;
use crate::image::{RgbImage, to_tensor};

/// The detector's network, loaded on a device.
#[derive(Debug)]
pub struct Detector {
    network: BlazeFace,
    /// The same network, where the device is the CPU.
    fused: Option<FusedBlazeFace>,
    device: Device,
}

impl Detector {
    /// Loads the detector (`blazeface.safetensors`) on `device`.
    ///
    /// # Errors
    /// [`Error::Detector`] where the file is unusable.
    pub fn load(weights: &[u8], device: &Device) -> Result<Self, Error> {
        let network = BlazeFace::load(weights, device).map_err(Error::Detector)?;
        let on_cpu = *device == crate::device::cpu();
        Ok(Self {
            fused: on_cpu.then(|| FusedBlazeFace::new(&network)).flatten(),
            network,
            device: device.clone(),
        })
    }

    /// The same detector without the CPU's fused kernels.
    pub fn without_kernels(self) -> Self {
        Self {
            fused: None,
            ..self
        }
    }

    /// Faces in `image`, the best score first.
    ///
    /// # Errors
    /// [`Error::Backend`] where the device fails.
    pub async fn detect(&self, image: &RgbImage) -> Result<Vec<Detection>, Error> {
        let letterbox = Letterbox::new(image);
        let (boxes, logits) = match &self.fused {
            Some(fused) => fused.forward(&letterbox.image),
            None => {
                let input = to_tensor(&[&letterbox.image], &self.device);
                let (boxes, logits) = self.network.forward(input);
                (read(boxes).await?, read(logits).await?)
            }
        };
        Ok(decode(&boxes, &logits, &letterbox))
    }
}
