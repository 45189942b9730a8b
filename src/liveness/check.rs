//! The challenge together with what it needs of the pictures.

use super::challenge::{Challenge, RANDOM_BYTES};
use super::pose::Pose;
use super::protocol::{Observation, State};
use super::relief::StraightLook;
use super::same_face::SameFace;
use crate::engine::Followed;
use crate::face::mesh::Region;
use crate::image::RgbImage;

/// A challenge that is shown pictures: what the page and the measurements run.
#[derive(Debug, Clone)]
pub struct MovementCheck {
    challenge: Challenge,
    /// Where the face's mesh is to be looked for in the next frame.
    region: Option<Region>,
    /// The last straight look before anything was asked.
    straight: Option<StraightLook>,
}

impl MovementCheck {
    /// See [`Challenge::new`].
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        Self {
            challenge: Challenge::new(random, same_face),
            region: None,
            straight: None,
        }
    }

    /// The challenge, for what it tells of itself.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Where the face is to be looked for in the next frame; none where the detector has to find it.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Takes in the next frame, its time in milliseconds from any moment on, with what
    /// [`Engine::follow`](crate::Engine::follow) made of it.
    pub fn observe(&mut self, time: f64, image: &RgbImage, followed: &Followed) -> State {
        let mesh = followed.mesh.as_ref();
        self.region = mesh.and_then(|mesh| mesh.region());
        let pose = mesh.and_then(Pose::new);
        let relief = pose
            .and_then(|pose| self.challenge.wants_relief(pose))
            .zip(self.straight.as_ref())
            .and_then(|(direction, straight)| straight.relief(image, mesh?, direction));
        let sharpness = pose
            .filter(|pose| self.challenge.wants_sharpness(*pose))
            .and(self.straight.as_ref())
            .and_then(|straight| straight.sharpness(image, mesh?));
        let state = self.challenge.observe(&Observation {
            time,
            count: followed.faces.len(),
            face: followed.faces.first().zip(pose),
            side: image.width().max(image.height()) as f32,
            embedding: followed.embedding.as_ref(),
            relief,
            sharpness,
        });
        if self.challenge.has_neutral() && self.straight.is_none() {
            self.straight = mesh.and_then(|mesh| StraightLook::new(image, mesh));
        }
        state
    }
}
