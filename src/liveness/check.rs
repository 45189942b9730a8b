//! A challenge, together with the measurements of the images that it needs.

use super::challenge::{Challenge, RANDOM_BYTES};
use super::pose::Pose;
use super::protocol::{Observation, State};
use super::relief::FrontalFrame;
use super::same_face::SameFace;
use crate::engine::Followed;
use crate::face::mesh::Region;
use crate::image::RgbImage;

/// A challenge that observes images. The page and `facekey liveness` run it.
#[derive(Debug, Clone)]
pub struct MovementCheck {
    challenge: Challenge,
    /// Where to search for the face's mesh in the next frame.
    region: Option<Region>,
    /// The frame that completed the neutral pose.
    frontal: Option<FrontalFrame>,
}

impl MovementCheck {
    /// Draws a challenge. `random` must be fresh, unpredictable random bytes; `same_face` gives the
    /// thresholds for the identity of the face.
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        Self {
            challenge: Challenge::new(random, same_face),
            region: None,
            frontal: None,
        }
    }

    /// The challenge.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Where to search for the face in the next frame; `None` if the detector must search the whole
    /// image.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Processes the next frame. `time` is in milliseconds since any fixed moment; `followed` is
    /// the result of [`Engine::follow`](crate::Engine::follow) on `image`.
    pub fn observe(&mut self, time: f64, image: &RgbImage, followed: &Followed) -> State {
        let mesh = followed.mesh.as_ref();
        self.region = mesh.and_then(|mesh| mesh.region());
        let pose = mesh.and_then(Pose::new);
        let relief = pose
            .and_then(|pose| self.challenge.wants_relief(pose))
            .zip(self.frontal.as_ref())
            .and_then(|(direction, frontal)| frontal.relief(image, mesh?, direction));
        let sharpness = mesh
            .filter(|_| self.challenge.wants_sharpness())
            .zip(self.frontal.as_ref())
            .and_then(|(mesh, frontal)| frontal.sharpness(image, mesh));
        let state = self.challenge.observe(&Observation {
            time,
            count: followed.faces.len(),
            face: followed.faces.first().zip(pose),
            side: image.width().max(image.height()) as f32,
            embedding: followed.embedding.as_ref(),
            relief,
            sharpness,
        });
        if self.challenge.has_neutral() && self.frontal.is_none() {
            self.frontal = mesh.and_then(|mesh| FrontalFrame::new(image, mesh));
        }
        state
    }
}
