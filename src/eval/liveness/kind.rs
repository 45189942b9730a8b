//! What is presented to the simulated camera: people, and attacks on the movement check.

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
    pub(super) fn period(self) -> f64 {
        match self {
            Self::PersonSlowFrames => 200.0,
            _ => 100.0,
        }
    }
}
