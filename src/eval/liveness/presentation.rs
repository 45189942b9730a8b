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
use crate::liveness::{Hint, Instruction, TURNS};

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
    /// A photo on paper with a fold for a nose, turned in the direction asked for.
    Folded,
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
    /// A recording of the person in another order of turns.
    RecordingOtherOrder,
    /// A recording of the person in the right order that runs at its own pace.
    RecordingSameOrder,
    /// Recordings of the person that are played as each turn is asked for.
    RecordingOnDemand,
}

impl Kind {
    /// All, the bona fide ones first.
    pub const ALL: [Self; 20] = [
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
        Self::Screen,
        Self::TwoPeople,
        Self::StandIn,
        Self::PosePhotos,
        Self::PoseDissolves,
        Self::RecordingOtherOrder,
        Self::RecordingSameOrder,
        Self::RecordingOnDemand,
    ];

    /// Whether it should pass.
    pub fn is_bona_fide(self) -> bool {
        matches!(
            self,
            Self::Person | Self::PersonInDimLight | Self::PersonSlowFrames
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
            Self::Folded => "folded paper, turned as asked",
            Self::Screen => "photo on a screen, tilted as asked",
            Self::TwoPeople => "photos of two people, swapped",
            Self::StandIn => "photo, another person turns",
            Self::PosePhotos => "photos of the poses, swapped",
            Self::PoseDissolves => "photos of the poses, dissolved",
            Self::RecordingOtherOrder => "recording, other order",
            Self::RecordingSameOrder => "recording, same order, own pace",
            Self::RecordingOnDemand => "recordings played on demand",
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

/// A movement: to the person's left (negative: right) and up, 1 for all that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Movement {
    left: f32,
    up: f32,
}

impl Movement {
    fn asked_by(instruction: Instruction) -> Self {
        let (left, up) = match instruction {
            Instruction::Neutral => (0.0, 0.0),
            Instruction::TurnLeft => (1.0, 0.0),
            Instruction::TurnRight => (-1.0, 0.0),
            Instruction::LookUp => (0.0, 1.0),
        };
        Self { left, up }
    }

    fn between(from: Self, to: Self, share: f32) -> Self {
        Self {
            left: from.left + share * (to.left - from.left),
            up: from.up + share * (to.up - from.up),
        }
    }

    fn most(self) -> f32 {
        self.left.abs().max(self.up.abs())
    }
}

/// How this presenter moves, drawn anew for each presentation.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// Distance between the eyes in pixels.
    size: f32,
    /// How far a turn goes, in radians, to a side and up.
    side: f32,
    up: f32,
    /// Milliseconds until a movement begins, and that it takes.
    reaction: f64,
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
            side: radians(28.0 + 14.0 * share(rng)),
            up: radians(25.0 + 12.0 * share(rng)),
            reaction: 300.0 + 500.0 * f64::from(share(rng)),
            duration: 600.0 + 600.0 * f64::from(share(rng)),
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

/// A presentation under way.
pub struct Presentation<'a> {
    kind: Kind,
    cast: Cast<'a>,
    habits: Habits,
    head: Surface,
    other_head: Surface,
    paper: Surface,
    /// What a recording shows, from its beginning: when what was asked.
    recording: Vec<(f64, Instruction)>,
    asked: Instruction,
    followed: bool,
    turns_asked: usize,
    from: Movement,
    to: Movement,
    /// When the movement under way began or will begin.
    start: f64,
    rng: ChaCha8Rng,
}

impl<'a> Presentation<'a> {
    /// Draws a presentation of this kind. `order` is the order of turns that the challenge will instruction
    /// for, which only the recordings are allowed to know.
    pub fn new(kind: Kind, cast: Cast<'a>, order: [Instruction; TURNS], seed: u64) -> Self {
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
            _ => Paper::Flat,
        };
        let recording = match kind {
            Kind::RecordingSameOrder => record(order, &mut rng),
            Kind::RecordingOtherOrder => {
                let mut other = order;
                other.rotate_left(1 + usize::from(rng.random::<bool>()));
                if other == order {
                    other.swap(0, 1);
                }
                record(other, &mut rng)
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
            asked: Instruction::Neutral,
            followed: true,
            turns_asked: 0,
            from: Movement::default(),
            to: Movement::default(),
            start: 0.0,
            rng,
        }
    }

    /// When the next frame is taken.
    pub fn next_time(&mut self, time: f64) -> f64 {
        time + self.kind.period() * (0.85 + 0.3 * f64::from(share(&mut self.rng)))
    }

    /// What the camera sees, `instruction` being on the screen, and `hint` as well.
    pub fn frame(&mut self, time: f64, instruction: Instruction, hint: Option<Hint>) -> RgbImage {
        match self.recorded(time) {
            Some(recorded) => self.react(time, recorded, true),
            None => self.react(time, instruction, hint != Some(Hint::Again)),
        }
        let movement = self.movement(time);
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
                subject(self.turned(time, movement))
            }
            Kind::RecordingOtherOrder | Kind::RecordingSameOrder | Kind::RecordingOnDemand => {
                let recorded = self.as_portrait(subject(self.turned(time, movement)));
                let screen = Surface::paper(&recorded, Paper::Flat);
                draw(
                    &recorded,
                    &screen,
                    Margin::Screen,
                    self.held(time, Movement::default()),
                )
            }
            Kind::PosePhotos => subject(self.turned(
                time,
                Movement::between(self.from, self.to, f32::from(time >= self.start)),
            )),
            Kind::PoseDissolves => {
                let share = self.share(time);
                blend(
                    &subject(self.turned(time, self.from)),
                    &subject(self.turned(time, self.to)),
                    share,
                )
            }
            Kind::StandIn if self.asked != Instruction::Neutral || movement.most() > 0.1 => draw(
                self.cast.other,
                &self.other_head,
                Margin::Paper,
                self.turned(time, movement),
            ),
            Kind::TwoPeople if self.turns_asked % 2 == 1 => draw(
                self.cast.other,
                &self.other_head,
                Margin::Paper,
                self.turned(time, Movement::default()),
            ),
            Kind::Screen => draw(
                self.cast.subject,
                &self.paper,
                Margin::Screen,
                self.held(time, movement),
            ),
            _ => draw(
                self.cast.subject,
                &self.paper,
                Margin::Paper,
                self.held(time, movement),
            ),
        }
    }

    /// What a recording that runs at its own pace shows.
    fn recorded(&self, time: f64) -> Option<Instruction> {
        let begun = |(start, _): &&(f64, Instruction)| *start <= time;
        let last = self.recording.iter().rev().find(begun);
        let shown = last.map_or(Instruction::Neutral, |(_, instruction)| *instruction);
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

    /// Begins another movement where another is asked for; after one that was not `followed`, more
    /// slowly and further.
    fn react(&mut self, time: f64, instruction: Instruction, followed: bool) {
        const SLOWER: f64 = 1.5;
        const FURTHER: f32 = 1.1;
        self.followed &= followed;
        if instruction == self.asked {
            return;
        }
        if instruction != Instruction::Neutral {
            self.turns_asked += 1;
            if !std::mem::replace(&mut self.followed, true) {
                self.habits.duration *= SLOWER;
                self.habits.side *= FURTHER;
                self.habits.up *= FURTHER;
            }
        }
        self.asked = instruction;
        self.from = self.movement(time);
        self.to = Movement::asked_by(instruction);
        self.start = time + self.habits.reaction;
    }

    /// How much of the movement under way is done; slow at both ends.
    fn share(&self, time: f64) -> f32 {
        let t = ((time - self.start) / self.habits.duration).clamp(0.0, 1.0) as f32;
        t * t * t * (10.0 - 15.0 * t + 6.0 * t * t)
    }

    fn movement(&self, time: f64) -> Movement {
        Movement::between(self.from, self.to, self.share(time))
    }

    /// A head's pose.
    fn turned(&self, time: f64, movement: Movement) -> Pose {
        let [a, b, c, d] = self.habits.trembling(time);
        Pose {
            yaw: movement.left * self.habits.side + radians(1.2) * a,
            pitch: movement.up * self.habits.up + radians(1.2) * b,
            roll: radians(1.0) * c,
            shift: (0.05 * c, 0.04 * d),
            distance: Pose::straight(self.habits.size).distance * (1.0 + 0.01 * d),
            ..Pose::straight(self.habits.size)
        }
    }

    /// A photo's pose: what this kind of attack makes of the movement asked for.
    fn held(&self, time: f64, Movement { left, up }: Movement) -> Pose {
        let [a, b, c, d] = self.habits.trembling(time);
        let straight = Pose {
            yaw: radians(2.0) * a,
            pitch: radians(2.0) * b,
            roll: radians(1.5) * c,
            shift: (0.08 * c, 0.06 * d),
            ..Pose::straight(self.habits.size)
        };
        let most = left.abs().max(up);
        match self.kind {
            Kind::Moved => Pose {
                shift: (straight.shift.0 + 1.2 * left, straight.shift.1 - 0.8 * up),
                ..straight
            },
            Kind::Scaled => Pose {
                distance: straight.distance * (1.0 - 0.35 * most),
                ..straight
            },
            Kind::Rotated => Pose {
                roll: straight.roll + radians(30.0) * (left + up),
                ..straight
            },
            Kind::Warped => Pose {
                shear: (0.35 * left, 0.3 * up),
                ..straight
            },
            Kind::Tilted | Kind::TiltedClose | Kind::Rolled | Kind::Folded | Kind::Screen => Pose {
                yaw: straight.yaw + 1.3 * self.habits.side * left,
                pitch: straight.pitch + 1.4 * self.habits.up * up,
                ..straight
            },
            _ => straight,
        }
    }
}

/// When a recording shows which pose: at the pace of a person who was asked.
fn record(order: [Instruction; TURNS], rng: &mut impl Rng) -> Vec<(f64, Instruction)> {
    let mut time = 0.0;
    let mut wait = |time: &mut f64| *time += 1200.0 + 1200.0 * f64::from(share(rng));
    let mut script = Vec::new();
    for instruction in order {
        wait(&mut time);
        script.push((time, instruction));
        wait(&mut time);
        script.push((time, Instruction::Neutral));
    }
    script
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
