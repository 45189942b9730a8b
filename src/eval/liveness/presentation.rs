//! Presentations to the simulated camera, and their reactions to the targets.
//!
//! Every presentation gets the same information as a person, and has a person's reaction time.
//! Attackers know the required movement, and imitate it with their photo as well as they can.

use std::f32::consts::PI;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Scenario;
use super::camera::{EYES, Exposure, Margin, Placement, Scene, shoot};
use super::kind::Kind;
use super::movement::{Habits, Reach, between, share};
use super::surface::{Build, Paper, Portrait, Surface};
use crate::detect::Landmarks;
use crate::geometry::Point;
use crate::image::RgbImage;
use crate::liveness::challenge::FARTHEST;
use crate::liveness::pose::Offset;
use crate::liveness::{Aim, Hint};

/// The people in a presentation.
#[derive(Debug, Clone, Copy)]
pub struct Cast<'a> {
    /// The person who is presented, live or as a photo.
    pub subject: &'a Portrait,
    /// Someone else.
    pub other: &'a Portrait,
}

/// What the check shows, in degrees from the neutral pose.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cue {
    /// The required direction; neutral if no target is shown.
    pub target: Offset,
    /// The measured direction, if it is shown.
    pub pointer: Option<Offset>,
    /// Whether the last target did not count, and the check asks for a slow movement.
    pub again: bool,
}

impl Cue {
    /// Converts what the check shows to degrees.
    pub fn new(target: Option<Aim>, pointer: Option<Aim>, hint: Option<Hint>) -> Self {
        let degrees = |aim: Aim| Offset {
            x: FARTHEST * aim.x,
            y: FARTHEST * aim.y,
        };
        Self {
            target: target.map(degrees).unwrap_or_default(),
            pointer: pointer.map(degrees),
            again: hint == Some(Hint::Again),
        }
    }
}

/// A presentation while it is shown.
pub struct Presentation<'a> {
    scenario: Scenario<'a>,
    habits: Habits,
    head: Surface,
    other_head: Surface,
    paper: Surface,
    /// The recorded movements: the start time of each in milliseconds, and its target.
    recording: Vec<(f64, Offset)>,
    /// The current target.
    target: Offset,
    /// The number of targets shown so far, without the returns to the neutral pose.
    targets_shown: usize,
    reach: Reach,
    /// How far the pointer moves for one degree of the head, as the presenter has seen it so far.
    pointer_gain: f32,
    rng: ChaCha8Rng,
}

impl<'a> Presentation<'a> {
    /// Draws a presentation of this kind. `targets` are the targets that the challenge will show,
    /// in degrees, with the return to the neutral pose last. Only recordings use them.
    pub fn new(scenario: Scenario<'a>, targets: &[Offset], seed: u64) -> Self {
        let Scenario { kind, cast, .. } = scenario;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let habits = Habits::draw(kind, &mut rng);
        let mut build = || Build {
            nose: Build::default().nose * (0.85 + 0.3 * share(&mut rng)),
            ears: Build::default().ears * (0.9 + 0.2 * share(&mut rng)),
        };
        let (head, other_head) = (
            Surface::head(cast.subject, build()),
            Surface::head(cast.other, build()),
        );
        let paper = match kind {
            Kind::Rolled => Paper::Rolled,
            Kind::Folded => Paper::Folded,
            Kind::Creased => Paper::Creased,
            _ => Paper::Flat,
        };
        let recording = match kind {
            Kind::RecordingSameOrder => record(targets, &mut rng),
            Kind::RecordingOtherOrder => {
                let turn = radians(60.0 + 240.0 * share(&mut rng));
                let others: Vec<Offset> = targets.iter().map(|it| rotated(*it, turn)).collect();
                record(&others, &mut rng)
            }
            _ => Vec::new(),
        };
        Self {
            scenario,
            habits,
            head,
            other_head,
            paper: Surface::paper(cast.subject, paper),
            recording,
            target: Offset::default(),
            targets_shown: 0,
            reach: Reach::NONE,
            pointer_gain: 1.0,
            rng,
        }
    }

    /// The time of the frame after the one at `time`, in milliseconds.
    pub fn next_time(&mut self, time: f64) -> f64 {
        time + self.scenario.period * (0.85 + 0.3 * f64::from(share(&mut self.rng)))
    }

    /// The image at `time` (milliseconds) if the face points to `at`. A head turns a little less,
    /// because the mesh overestimates turns. A photo is tilted by a random angle of 26 to 52
    /// degrees.
    pub fn facing(&mut self, time: f64, at: Offset) -> RgbImage {
        let far = match self.scenario.kind.is_photo() {
            true => MAX_TILT * (0.5 + 0.5 * share(&mut self.rng)),
            false => at.length() / 1.15,
        };
        let to = between(Offset::default(), at, far / at.length().max(1e-3));
        self.target = at;
        self.reach = Reach {
            from: to,
            to,
            ..Reach::NONE
        };
        self.picture(time)
    }

    /// The image at `time` (milliseconds), when the check shows `cue`.
    pub fn frame(&mut self, time: f64, cue: Cue) -> RgbImage {
        match self.recorded(time) {
            Some(target) => self.react(
                time,
                Cue {
                    target,
                    ..Cue::default()
                },
            ),
            None => self.react(time, cue),
        }
        self.picture(time)
    }

    fn picture(&mut self, time: f64) -> RgbImage {
        let at = self.reach.at(time);
        let exposure = Exposure {
            gain: self.habits.gain,
            noise: self.habits.noise,
            seed: self.rng.random(),
        };
        let subject = |at| self.subject(self.turned(time, at), &exposure);
        match self.scenario.kind {
            Kind::Person | Kind::PersonInDimLight | Kind::PersonSlowFrames => subject(at),
            Kind::RecordingOtherOrder
            | Kind::RecordingSameOrder
            | Kind::RecordingOnDemand
            | Kind::RecordingCut => {
                let recorded = self.as_portrait(subject(at));
                let screen = Surface::paper(&recorded, Paper::Flat);
                let placement = self.held(time, Offset::default());
                draw(&recorded, &screen, Margin::Screen, placement, &exposure)
            }
            Kind::PosePhotos if time >= self.reach.start => subject(self.reach.to),
            Kind::PosePhotos => subject(self.reach.from),
            Kind::PoseDissolves => blend(
                &subject(self.reach.from),
                &subject(self.reach.to),
                self.reach.share(time),
            ),
            Kind::StandIn if self.target.length() > 0.0 || at.length() > 1.5 => {
                self.other(self.turned(time, at), &exposure)
            }
            Kind::TwoPeople if self.targets_shown % 2 == 1 => {
                self.other(self.turned(time, Offset::default()), &exposure)
            }
            _ => self.photo(time, at, &exposure),
        }
    }

    /// The subject's head.
    fn subject(&self, placement: Placement, exposure: &Exposure) -> RgbImage {
        draw(
            self.scenario.cast.subject,
            &self.head,
            Margin::Paper,
            placement,
            exposure,
        )
    }

    /// Another person's head.
    fn other(&self, placement: Placement, exposure: &Exposure) -> RgbImage {
        draw(
            self.scenario.cast.other,
            &self.other_head,
            Margin::Paper,
            placement,
            exposure,
        )
    }

    /// The subject's photo, on paper or on a screen.
    fn photo(&self, time: f64, at: Offset, exposure: &Exposure) -> RgbImage {
        let photo = self.scenario.cast.subject;
        let placement = self.held(time, at);
        match self.scenario.kind {
            Kind::Bent => {
                let bent = Paper::Bent {
                    direction: at.y.atan2(at.x),
                    curvature: (at.length() / MAX_TILT).min(1.0) / BENT_RADIUS,
                };
                let paper = Surface::paper(photo, bent);
                draw(photo, &paper, Margin::Paper, placement, exposure)
            }
            Kind::Screen => draw(photo, &self.paper, Margin::Screen, placement, exposure),
            _ => draw(photo, &self.paper, Margin::Paper, placement, exposure),
        }
    }

    /// The target of a recording that runs at its own pace; `None` for other kinds.
    fn recorded(&self, time: f64) -> Option<Offset> {
        let begun = |(start, _): &&(f64, Offset)| *start <= time;
        let last = self.recording.iter().rev().find(begun);
        let shown = last.map_or(Offset::default(), |(_, target)| *target);
        (!self.recording.is_empty()).then_some(shown)
    }

    /// Makes an image the photo for a screen, at its own size.
    fn as_portrait(&self, image: RgbImage) -> Portrait {
        let half = self.habits.size / 2.0;
        let point = |x, y| Point {
            x: EYES.0 + x * half,
            y: EYES.1 + y * half,
        };
        Portrait {
            image,
            landmarks: Landmarks {
                left_eye: point(-1.0, 0.0),
                right_eye: point(1.0, 0.0),
                nose: point(0.0, 1.2),
                mouth: point(0.0, 2.1),
                left_ear: point(-2.3, 0.5),
                right_ear: point(2.3, 0.5),
            },
        }
    }

    /// Begins a movement if a new target is shown, or if the last movement missed the target.
    fn react(&mut self, time: f64, cue: Cue) {
        /// Errors up to this, in degrees, are not corrected.
        const TOLERANCE: f32 = 2.5;
        let is_new = cue.target.distance(self.target) > 0.1;
        if is_new {
            self.target = cue.target;
            self.targets_shown += usize::from(cue.target.length() > 0.0);
        }
        if cue.again {
            self.habits.slow_down();
        }
        let at = self.reach.at(time);
        let settled = time >= self.reach.end() + self.habits.correction;
        if self.is_library() {
            return self.play(time, at, is_new, settled, cue.pointer);
        }
        if settled && let Some(pointer) = cue.pointer {
            self.learn_gain(at, pointer);
        }
        let error = cue.target - cue.pointer.unwrap_or(at);
        let missed = settled && cue.pointer.is_some() && error.length() > TOLERANCE;
        if !is_new && !missed {
            return;
        }
        let mut gain = (0.8 + 0.3 * share(&mut self.rng)) / self.pointer_gain;
        let mut wait = if is_new { self.habits.reaction } else { 0.0 };
        if !self.recording.is_empty() {
            (gain, wait) = (1.0, 0.0);
        }
        let to = if cue.target.length() > 0.0 || cue.pointer.is_some() {
            Offset {
                x: at.x + gain * error.x,
                y: at.y + gain * error.y,
            }
        } else {
            cue.target
        };
        self.move_to(time + wait, at, to);
    }

    /// People learn within a few movements how far a pointer moves (Krakauer et al., "Learning of
    /// visuomotor transformations for vectorial planning of reaching trajectories", 2000).
    fn learn_gain(&mut self, at: Offset, pointer: Offset) {
        /// A smaller turn, in degrees, tells little about the gain.
        const LEAST: f32 = 5.0;
        if at.length() > LEAST {
            self.pointer_gain = (pointer.length() / at.length()).clamp(1.0, 2.0);
        }
    }

    fn move_to(&mut self, start: f64, from: Offset, to: Offset) {
        let far = to.length();
        let to = if far > MAX_TILT {
            between(Offset::default(), to, MAX_TILT / far)
        } else {
            to
        };
        let share = 0.6 + 0.4 * f64::from(to.distance(from) / 15.0);
        self.reach = Reach {
            from,
            to,
            start,
            duration: self.habits.duration * share,
        };
    }

    fn is_library(&self) -> bool {
        matches!(
            self.scenario.kind,
            Kind::RecordingOnDemand | Kind::RecordingCut | Kind::PosePhotos | Kind::PoseDissolves
        )
    }

    /// Plays a library of turns from the neutral pose in eight directions: the turn whose direction
    /// is nearest to the target's, up to the pose that is nearest to the target.
    fn play(
        &mut self,
        time: f64,
        at: Offset,
        is_new: bool,
        settled: bool,
        pointer: Option<Offset>,
    ) {
        const DIRECTIONS: f32 = 8.0;
        let target = self.target;
        let step = 2.0 * PI / DIRECTIONS;
        let direction = (target.y.atan2(target.x) / step).round() * step;
        let (sin, cos) = direction.sin_cos();
        // The measured direction is a little farther than the head's.
        let ahead = pointer.map_or(1.0, |it| (it.length() / at.length()).clamp(1.0, 1.4));
        let far = (target.x * cos + target.y * sin) / ahead;
        let nearest = Offset {
            x: far * cos,
            y: far * sin,
        };
        let cut = self.scenario.kind == Kind::RecordingCut;
        let photos = matches!(self.scenario.kind, Kind::PosePhotos | Kind::PoseDissolves);
        if is_new {
            if at.length() < 1.0 || photos || cut {
                self.move_to(time + self.habits.reaction, at, nearest);
                if cut && at.length() >= 1.0 {
                    self.reach.duration = 1.0;
                }
            } else {
                self.move_to(time + self.habits.reaction / 2.0, at, Offset::default());
            }
        } else if settled && !photos && at.distance(nearest) > 1.0 {
            self.move_to(time, at, nearest);
        }
    }

    /// The placement of a head that points to `at`.
    fn turned(&self, time: f64, at: Offset) -> Placement {
        let [a, b, c, d] = self.habits.tremor(time);
        Placement {
            yaw: radians(at.x + 1.2 * a),
            pitch: radians(1.2 * b - at.y),
            roll: radians(1.0) * c,
            shift: (0.05 * c, 0.04 * d),
            distance: Placement::straight(self.habits.size).distance * (1.0 + 0.01 * d),
            ..Placement::straight(self.habits.size)
        }
    }

    /// The placement of a photo with which this kind of attack imitates a turn to `at`.
    fn held(&self, time: f64, at: Offset) -> Placement {
        let [a, b, c, d] = self.habits.tremor(time);
        let frontal = Placement {
            yaw: radians(2.0) * a,
            pitch: radians(2.0) * b,
            roll: radians(1.5) * c,
            shift: (0.08 * c, 0.06 * d),
            ..Placement::straight(self.habits.size)
        };
        let (right, down) = (at.x / MAX_TILT, at.y / MAX_TILT);
        let most = right.hypot(down);
        match self.scenario.kind {
            Kind::Moved => Placement {
                shift: (frontal.shift.0 + 1.8 * right, frontal.shift.1 + 1.2 * down),
                ..frontal
            },
            Kind::Scaled => Placement {
                distance: frontal.distance * (1.0 - 0.35 * most),
                ..frontal
            },
            Kind::Rotated => Placement {
                roll: frontal.roll + radians(40.0) * (right + down),
                ..frontal
            },
            Kind::Warped => Placement {
                shear: (0.5 * right, -0.4 * down),
                ..frontal
            },
            Kind::Tilted
            | Kind::TiltedClose
            | Kind::Rolled
            | Kind::Folded
            | Kind::Creased
            | Kind::Bent
            | Kind::Screen => Placement {
                yaw: frontal.yaw + radians(at.x),
                pitch: frontal.pitch - radians(at.y),
                ..frontal
            },
            _ => frontal,
        }
    }
}

/// Largest tilt of a photo, in degrees. Beyond it, the face appears too narrow.
const MAX_TILT: f32 = 52.0;

/// Smallest radius of bent paper, in distances between the eyes.
const BENT_RADIUS: f32 = 1.3;

/// Draws the time at which a recording turns to each target, at a person's pace.
fn record(targets: &[Offset], rng: &mut impl Rng) -> Vec<(f64, Offset)> {
    let mut time = 0.0;
    let when = |target: &Offset| {
        time += 1100.0 + 1100.0 * f64::from(share(rng));
        (time, *target)
    };
    targets.iter().map(when).collect()
}

fn draw(
    portrait: &Portrait,
    surface: &Surface,
    margin: Margin,
    placement: Placement,
    exposure: &Exposure,
) -> RgbImage {
    let scene = Scene {
        portrait,
        surface,
        margin,
        placement,
    };
    shoot(&scene, exposure)
}

fn rotated(Offset { x, y }: Offset, angle: f32) -> Offset {
    let (sin, cos) = angle.sin_cos();
    Offset {
        x: x * cos - y * sin,
        y: x * sin + y * cos,
    }
}

fn blend(from: &RgbImage, to: &RgbImage, share: f32) -> RgbImage {
    let pixels = from.pixels().iter().zip(to.pixels());
    let pixels = pixels.map(|(&a, &b)| (f32::from(a) * (1.0 - share) + f32::from(b) * share) as u8);
    from.with_pixels(pixels.collect())
}

fn radians(degrees: f32) -> f32 {
    degrees.to_radians()
}
