//! Who or what stands before the simulated camera, and how it reacts to what is asked.
//!
//! Every presentation sees what the person sees and reacts to it in a person's time: attackers know
//! which movement is asked for and make the most of their photo.

use std::f32::consts::PI;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::camera::{EYES, Exposure, Margin, Pose, View, shoot};
use super::surface::{Build, Paper, Portrait, Surface};
use crate::detect::Landmarks;
use crate::geometry::Point;
use crate::image::RgbImage;
use crate::liveness::pose::Offset;
use crate::liveness::targets::Aim;
use crate::liveness::targets::challenge::FARTHEST;
use crate::liveness::{Hint, Instruction};

/// A kind of presentation: bona fide, or the species of an attack instrument (ISO/IEC 30107-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A head that does what is asked.
    Person,
    /// The same in little light.
    PersonInDimLight,
    /// The same before a slow device: five frames a second.
    PersonSlowFrames,
    /// A photo that is held still.
    Still,
    /// A photo moved in the direction asked for.
    Moved,
    /// A photo brought nearer.
    Scaled,
    /// A photo rotated in its plane.
    Rotated,
    /// A photo warped: sheared and squeezed.
    Warped,
    /// A photo tilted in perspective in the direction asked for.
    Tilted,
    /// The same close to the camera, where perspective is strongest.
    TiltedClose,
    /// A photo on paper that is rolled like a head, turned in the direction asked for.
    Rolled,
    /// A photo on paper with a level fold at the nose tip, turned in the direction asked for.
    Folded,
    /// The same with an upright fold.
    Creased,
    /// A photo on paper that is bent towards the direction asked for as it is turned there.
    Bent,
    /// A photo on a screen, tilted in the direction asked for.
    Screen,
    /// Photos of two people that are swapped when a movement is asked for.
    TwoPeople,
    /// A photo, and another person who makes the turns instead.
    StandIn,
    /// Photos of the person in the poses asked for, one after the other.
    PosePhotos,
    /// The same with dissolves between them.
    PoseDissolves,
    /// A recording of the person who goes to other targets.
    RecordingOtherOrder,
    /// A recording of the person who goes to the same targets in the same order, at its own pace.
    RecordingSameOrder,
    /// Recordings of the person who turns from a straight look in each of eight directions: the one
    /// nearest to the target is played until it is nearest to it, and then back.
    RecordingOnDemand,
    /// The same, cut from one recording to the next instead of played back.
    RecordingCut,
}

impl Kind {
    /// All, the bona fide ones first.
    pub const ALL: [Self; 23] = [
        Self::Person,
        Self::PersonInDimLight,
        Self::PersonSlowFrames,
        Self::Still,
        Self::Moved,
        Self::Scaled,
        Self::Rotated,
        Self::Warped,
        Self::Tilted,
        Self::TiltedClose,
        Self::Rolled,
        Self::Folded,
        Self::Creased,
        Self::Bent,
        Self::Screen,
        Self::TwoPeople,
        Self::StandIn,
        Self::PosePhotos,
        Self::PoseDissolves,
        Self::RecordingOtherOrder,
        Self::RecordingSameOrder,
        Self::RecordingOnDemand,
        Self::RecordingCut,
    ];

    /// Whether it should pass.
    pub fn is_bona_fide(self) -> bool {
        matches!(
            self,
            Self::Person | Self::PersonInDimLight | Self::PersonSlowFrames
        )
    }

    /// Whether it shows one photo, on something flat or bent.
    pub fn is_photo(self) -> bool {
        matches!(
            self,
            Self::Still
                | Self::Moved
                | Self::Scaled
                | Self::Rotated
                | Self::Warped
                | Self::Tilted
                | Self::TiltedClose
                | Self::Rolled
                | Self::Folded
                | Self::Creased
                | Self::Bent
                | Self::Screen
        )
    }

    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::PersonInDimLight => "person, dim light",
            Self::PersonSlowFrames => "person, 5 frames a second",
            Self::Still => "photo held still",
            Self::Moved => "photo moved",
            Self::Scaled => "photo brought nearer",
            Self::Rotated => "photo rotated in its plane",
            Self::Warped => "photo warped (sheared, squeezed)",
            Self::Tilted => "photo tilted as asked",
            Self::TiltedClose => "photo tilted as asked, close",
            Self::Rolled => "rolled paper, turned as asked",
            Self::Folded => "paper with a level fold, turned as asked",
            Self::Creased => "paper with an upright fold, turned as asked",
            Self::Bent => "paper bent as it is turned",
            Self::Screen => "photo on a screen, tilted as asked",
            Self::TwoPeople => "photos of two people, swapped",
            Self::StandIn => "photo, another person turns",
            Self::PosePhotos => "photos of the poses, swapped",
            Self::PoseDissolves => "photos of the poses, dissolved",
            Self::RecordingOtherOrder => "recording, other targets",
            Self::RecordingSameOrder => "recording, same targets, own pace",
            Self::RecordingOnDemand => "recordings played on demand",
            Self::RecordingCut => "recordings cut on demand",
        }
    }

    /// Milliseconds from one frame to the next.
    fn period(self) -> f64 {
        match self {
            Self::PersonSlowFrames => 200.0,
            _ => 100.0,
        }
    }
}

/// How this presenter moves, drawn anew for each presentation.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// Distance between the eyes in pixels.
    size: f32,
    /// Milliseconds until a movement to a new target begins, and until one that corrects it does.
    reaction: f64,
    correction: f64,
    /// Milliseconds that a movement of 15 degrees takes.
    duration: f64,
    /// For the trembling of head and hands.
    phases: [f32; 4],
    gain: f32,
    noise: f32,
}

impl Habits {
    fn draw(kind: Kind, rng: &mut impl Rng) -> Self {
        let close = kind == Kind::TiltedClose;
        let dim = kind == Kind::PersonInDimLight;
        Self {
            size: if close {
                130.0 + 20.0 * share(rng)
            } else {
                65.0 + 45.0 * share(rng)
            },
            reaction: 300.0 + 500.0 * f64::from(share(rng)),
            correction: 200.0 + 150.0 * f64::from(share(rng)),
            duration: 450.0 + 450.0 * f64::from(share(rng)),
            phases: std::array::from_fn(|_| 2.0 * PI * share(rng)),
            gain: if dim {
                0.3 + 0.15 * share(rng)
            } else {
                0.75 + 0.4 * share(rng)
            },
            noise: if dim { 7.0 } else { 2.5 },
        }
    }

    /// Slow, small waves, each different: numbers about -1 to 1.
    fn trembling(&self, time: f64) -> [f32; 4] {
        let seconds = (time / 1e3) as f32;
        std::array::from_fn(|i| {
            let phase = self.phases[i];
            let rate = 2.0 + 0.7 * i as f32;
            (rate * seconds + phase).sin() * 0.7 + (2.7 * rate * seconds + 2.0 * phase).sin() * 0.3
        })
    }
}

/// The sources of the pictures.
#[derive(Debug, Clone, Copy)]
pub struct Cast<'a> {
    /// The person who presents, or whose photo is presented.
    pub subject: &'a Portrait,
    /// Someone else.
    pub other: &'a Portrait,
}

/// What is on the screen, in degrees from a straight look to the right and downwards in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cue {
    /// Where the head should point; straight where nothing is asked.
    pub target: Offset,
    /// Where the check has it pointing, if it shows that.
    pub pointer: Option<Offset>,
    /// Whether the last movement was too quick or too small.
    pub again: bool,
}

impl Cue {
    /// What a check by turns shows: a turn as far as people turn who are not told how far.
    pub fn of_turn(instruction: Instruction, hint: Option<Hint>) -> Self {
        let (x, y) = match instruction {
            Instruction::Neutral => (0.0, 0.0),
            Instruction::TurnLeft => (37.0, 0.0),
            Instruction::TurnRight => (-37.0, 0.0),
            Instruction::LookUp => (0.0, -33.0),
        };
        Self {
            target: Offset { x, y },
            pointer: None,
            again: hint == Some(Hint::Again),
        }
    }

    /// What a check by targets shows.
    pub fn of_target(target: Option<Aim>, pointer: Option<Aim>) -> Self {
        let degrees = |aim: Aim| Offset {
            x: FARTHEST * aim.x,
            y: FARTHEST * aim.y,
        };
        Self {
            target: target.map(degrees).unwrap_or_default(),
            pointer: pointer.map(degrees),
            again: false,
        }
    }
}

/// A smooth movement from one pose to another.
#[derive(Debug, Clone, Copy)]
struct Reach {
    from: Offset,
    to: Offset,
    /// When it begins, and how long it takes.
    start: f64,
    duration: f64,
}

impl Reach {
    const NONE: Self = Self {
        from: Offset { x: 0.0, y: 0.0 },
        to: Offset { x: 0.0, y: 0.0 },
        start: 0.0,
        duration: 1.0,
    };

    fn end(&self) -> f64 {
        self.start + self.duration
    }

    /// How much of it is done; slow at both ends.
    fn share(&self, time: f64) -> f32 {
        let t = ((time - self.start) / self.duration).clamp(0.0, 1.0) as f32;
        t * t * t * (10.0 - 15.0 * t + 6.0 * t * t)
    }

    fn at(&self, time: f64) -> Offset {
        between(self.from, self.to, self.share(time))
    }
}

fn between(from: Offset, to: Offset, share: f32) -> Offset {
    Offset {
        x: from.x + share * (to.x - from.x),
        y: from.y + share * (to.y - from.y),
    }
}

/// A presentation under way.
pub struct Presentation<'a> {
    kind: Kind,
    cast: Cast<'a>,
    habits: Habits,
    head: Surface,
    other_head: Surface,
    paper: Surface,
    /// What a recording shows, from its beginning: when which target was gone to.
    recording: Vec<(f64, Offset)>,
    /// The target that is gone to.
    target: Offset,
    turns_asked: usize,
    /// Whether a movement was not followed since the last target.
    again: bool,
    reach: Reach,
    rng: ChaCha8Rng,
}

impl<'a> Presentation<'a> {
    /// Draws a presentation of this kind. `targets` are those that the challenge will show, to the
    /// way back, which only the recordings are allowed to know.
    pub fn new(kind: Kind, cast: Cast<'a>, targets: &[Offset], seed: u64) -> Self {
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
            kind,
            cast,
            habits,
            head,
            other_head,
            paper: Surface::paper(cast.subject, paper),
            recording,
            target: Offset::default(),
            turns_asked: 0,
            again: false,
            reach: Reach::NONE,
            rng,
        }
    }

    /// When the next frame is taken.
    pub fn next_time(&mut self, time: f64) -> f64 {
        time + self.kind.period() * (0.85 + 0.3 * f64::from(share(&mut self.rng)))
    }

    /// What the camera sees where the face is held so as to point to `at` at once: a head a little less
    /// far, since the mesh makes more of it, and a photo as far as photos are tilted.
    pub fn look(&mut self, time: f64, at: Offset) -> RgbImage {
        let far = match self.kind.is_photo() {
            true => MOST_TILT * (0.5 + 0.5 * share(&mut self.rng)),
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

    /// What the camera sees, `cue` being on the screen.
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
        let draw = |portrait: &Portrait, surface: &Surface, margin, pose| {
            let view = View {
                portrait,
                surface,
                margin,
                pose,
            };
            shoot(&view, &exposure)
        };
        let subject = |pose| draw(self.cast.subject, &self.head, Margin::Paper, pose);
        match self.kind {
            Kind::Person | Kind::PersonInDimLight | Kind::PersonSlowFrames => {
                subject(self.turned(time, at))
            }
            Kind::RecordingOtherOrder
            | Kind::RecordingSameOrder
            | Kind::RecordingOnDemand
            | Kind::RecordingCut => {
                let recorded = self.as_portrait(subject(self.turned(time, at)));
                let screen = Surface::paper(&recorded, Paper::Flat);
                let pose = self.held(time, Offset::default());
                draw(&recorded, &screen, Margin::Screen, pose)
            }
            Kind::PosePhotos => {
                let shown = if time >= self.reach.start {
                    self.reach.to
                } else {
                    self.reach.from
                };
                subject(self.turned(time, shown))
            }
            Kind::PoseDissolves => blend(
                &subject(self.turned(time, self.reach.from)),
                &subject(self.turned(time, self.reach.to)),
                self.reach.share(time),
            ),
            Kind::StandIn if self.target.length() > 0.0 || at.length() > 1.5 => draw(
                self.cast.other,
                &self.other_head,
                Margin::Paper,
                self.turned(time, at),
            ),
            Kind::TwoPeople if self.turns_asked % 2 == 1 => draw(
                self.cast.other,
                &self.other_head,
                Margin::Paper,
                self.turned(time, Offset::default()),
            ),
            Kind::Bent => {
                let bent = Paper::Bent {
                    direction: at.y.atan2(at.x),
                    curvature: (at.length() / MOST_TILT).min(1.0) / BENT_RADIUS,
                };
                let paper = Surface::paper(self.cast.subject, bent);
                draw(
                    self.cast.subject,
                    &paper,
                    Margin::Paper,
                    self.held(time, at),
                )
            }
            Kind::Screen => draw(
                self.cast.subject,
                &self.paper,
                Margin::Screen,
                self.held(time, at),
            ),
            _ => draw(
                self.cast.subject,
                &self.paper,
                Margin::Paper,
                self.held(time, at),
            ),
        }
    }

    /// Where a recording that runs at its own pace goes.
    fn recorded(&self, time: f64) -> Option<Offset> {
        let begun = |(start, _): &&(f64, Offset)| *start <= time;
        let last = self.recording.iter().rev().find(begun);
        let shown = last.map_or(Offset::default(), |(_, target)| *target);
        (!self.recording.is_empty()).then_some(shown)
    }

    /// A picture as something to be shown on a screen at its own size.
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

    /// Begins another movement where another target is shown, or where the last one ended beside it;
    /// after one that was not followed, more slowly and further.
    fn react(&mut self, time: f64, cue: Cue) {
        const SLOWER: f64 = 1.5;
        const FURTHER: f32 = 1.1;
        /// Photos are tilted further than heads are turned, where nothing shows how far.
        const TILTED: f32 = 1.35;
        /// Pointers nearer to the target than this are left where they are.
        const CONTENT: f32 = 2.5;
        self.again |= cue.again;
        let is_new = cue.target.distance(self.target) > 0.1;
        if is_new {
            self.target = cue.target;
            self.turns_asked += usize::from(cue.target.length() > 0.0);
        }
        let at = self.reach.at(time);
        let settled = time >= self.reach.end() + self.habits.correction;
        if self.is_library() {
            return self.play(time, at, is_new, settled, cue.pointer);
        }
        let error = cue.target - cue.pointer.unwrap_or(at);
        let beside = settled && cue.pointer.is_some() && error.length() > CONTENT;
        if !is_new && !beside {
            return;
        }
        let mut gain = 0.8 + 0.3 * share(&mut self.rng);
        let mut wait = if is_new { self.habits.reaction } else { 0.0 };
        if !self.recording.is_empty() {
            (gain, wait) = (1.0, 0.0);
        } else if cue.pointer.is_none() && self.kind.is_photo() {
            gain *= TILTED;
        }
        if is_new && cue.target.length() > 0.0 && std::mem::take(&mut self.again) {
            self.habits.duration *= SLOWER;
            gain *= FURTHER;
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

    fn move_to(&mut self, start: f64, from: Offset, to: Offset) {
        let far = to.length();
        let to = if far > MOST_TILT {
            between(Offset::default(), to, MOST_TILT / far)
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
            self.kind,
            Kind::RecordingOnDemand | Kind::RecordingCut | Kind::PosePhotos | Kind::PoseDissolves
        )
    }

    /// Shows what a library of turns from a straight look has: of eight directions, the one nearest
    /// to the target, as far as is nearest.
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
        // The pointer moves a little further than the head.
        let ahead = pointer.map_or(1.0, |it| (it.length() / at.length()).clamp(1.0, 1.4));
        let far = (target.x * cos + target.y * sin) / ahead;
        let nearest = Offset {
            x: far * cos,
            y: far * sin,
        };
        let cut = self.kind == Kind::RecordingCut;
        let photos = matches!(self.kind, Kind::PosePhotos | Kind::PoseDissolves);
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

    /// A head's pose.
    fn turned(&self, time: f64, at: Offset) -> Pose {
        let [a, b, c, d] = self.habits.trembling(time);
        Pose {
            yaw: radians(at.x + 1.2 * a),
            pitch: radians(1.2 * b - at.y),
            roll: radians(1.0) * c,
            shift: (0.05 * c, 0.04 * d),
            distance: Pose::straight(self.habits.size).distance * (1.0 + 0.01 * d),
            ..Pose::straight(self.habits.size)
        }
    }

    /// A photo's pose: what this kind of attack makes of the movement asked for.
    fn held(&self, time: f64, at: Offset) -> Pose {
        let [a, b, c, d] = self.habits.trembling(time);
        let straight = Pose {
            yaw: radians(2.0) * a,
            pitch: radians(2.0) * b,
            roll: radians(1.5) * c,
            shift: (0.08 * c, 0.06 * d),
            ..Pose::straight(self.habits.size)
        };
        let (right, down) = (at.x / MOST_TILT, at.y / MOST_TILT);
        let most = right.hypot(down);
        match self.kind {
            Kind::Moved => Pose {
                shift: (
                    straight.shift.0 + 1.8 * right,
                    straight.shift.1 + 1.2 * down,
                ),
                ..straight
            },
            Kind::Scaled => Pose {
                distance: straight.distance * (1.0 - 0.35 * most),
                ..straight
            },
            Kind::Rotated => Pose {
                roll: straight.roll + radians(40.0) * (right + down),
                ..straight
            },
            Kind::Warped => Pose {
                shear: (0.5 * right, -0.4 * down),
                ..straight
            },
            Kind::Tilted
            | Kind::TiltedClose
            | Kind::Rolled
            | Kind::Folded
            | Kind::Creased
            | Kind::Bent
            | Kind::Screen => Pose {
                yaw: straight.yaw + radians(at.x),
                pitch: straight.pitch - radians(at.y),
                ..straight
            },
            _ => straight,
        }
    }
}

/// The most that photos are tilted, in degrees: beyond that they look too narrow for a face.
const MOST_TILT: f32 = 52.0;

/// The radius of paper that is bent as far as can be, in distances between the eyes.
const BENT_RADIUS: f32 = 1.3;

/// When a recording goes to which target: at the pace of a person who was asked.
fn record(targets: &[Offset], rng: &mut impl Rng) -> Vec<(f64, Offset)> {
    let mut time = 0.0;
    let when = |target: &Offset| {
        time += 1100.0 + 1100.0 * f64::from(share(rng));
        (time, *target)
    };
    targets.iter().map(when).collect()
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

/// A random number from 0 to 1.
fn share(rng: &mut impl Rng) -> f32 {
    rng.random()
}
