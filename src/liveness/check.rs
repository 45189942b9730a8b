//! The challenge together with the tracker that it needs.

use super::challenge::{Challenge, RANDOM_BYTES};
use super::parallax::Tracker;
use super::protocol::{Observation, State};
use super::same_face::SameFace;
use crate::face::Face;
use crate::image::RgbImage;
use crate::verify::embedding::Embedding;

/// A challenge that looks at pictures itself: what the page and the measurements run.
#[derive(Debug, Clone)]
pub struct MovementCheck {
    challenge: Challenge,
    tracker: Tracker,
}

impl MovementCheck {
    /// See [`Challenge::new`].
    pub fn new(random: [u8; RANDOM_BYTES], same_face: SameFace) -> Self {
        Self {
            challenge: Challenge::new(random, same_face),
            tracker: Tracker::default(),
        }
    }

    /// The challenge, for what it tells of itself.
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// Takes in the next frame, its time in milliseconds from any moment on, with the faces in it
    /// and, where it was wanted, the embedding of the only one.
    pub fn observe(
        &mut self,
        time: f64,
        image: &RgbImage,
        faces: &[Face],
        embedding: Option<&Embedding>,
    ) -> State {
        // Each turn is followed from the straight look before it, lest the track's errors add up.
        if !self.challenge.is_turning() {
            self.tracker.lose();
        }
        let track = match faces {
            [face] => self.tracker.follow(image, &face.landmarks),
            _ => {
                self.tracker.lose();
                None
            }
        };
        self.challenge.observe(&Observation {
            time,
            faces,
            side: image.width().max(image.height()) as f32,
            embedding,
            track,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::liveness::challenge::tests::{PERIOD, Person, RANDOM, SAME_FACE, face};
    use crate::liveness::parallax::tests::discs;
    use crate::liveness::pose::tests::HEAD;
    use crate::verify::embedding::tests::at_angle;

    /// What the tracker took for the nose before a turn does not matter in it.
    #[test]
    fn each_turn_is_followed_from_the_look_before_it() {
        let mut check = MovementCheck::new(RANDOM, SAME_FACE);
        let mut person = Person::new();
        let embedding = at_angle(0.0);
        let mut time = 0.0;
        while let State::Asking { instruction, .. } = check.challenge().state() {
            let mut face = face(HEAD, person.held(time, instruction));
            let image = discs(&face.landmarks);
            if time < PERIOD {
                face.landmarks.nose = face.landmarks.left_eye.midpoint(face.landmarks.nose);
            }
            check.observe(time, &image, &[face], Some(&embedding));
            time += PERIOD;
        }
        assert_eq!(check.challenge().state(), State::Passed);
    }
}
