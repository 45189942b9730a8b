//! The kinds of presentations to the simulated camera: people, and attacks on the movement check.

/// A kind of presentation: bona fide, or the species of an attack instrument (ISO/IEC 30107-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A head that follows the targets.
    Person,
    /// A person in dim light.
    PersonInDimLight,
    /// A person with a slow device: five frames a second.
    PersonSlowFrames,
    /// A photo that is held still.
    Still,
    /// A photo that is shifted in the required direction.
    Moved,
    /// A photo that is brought nearer.
    Scaled,
    /// A photo that is rotated in its plane.
    Rotated,
    /// A photo that is warped: sheared and squeezed.
    Warped,
    /// A photo that is tilted in the required direction.
    Tilted,
    /// A photo that is tilted close to the camera, where perspective is strongest.
    TiltedClose,
    /// A photo on paper that is rolled to a head's radius, turned in the required direction.
    Rolled,
    /// A photo on paper with a horizontal fold at the nose tip, turned in the required direction.
    Folded,
    /// A photo on paper with a vertical fold at the nose tip, turned in the required direction.
    Creased,
    /// A photo on paper that is bent along the required direction while it is turned.
    Bent,
    /// A photo on a screen that is tilted in the required direction.
    Screen,
    /// Photos of two people that are swapped at each new target.
    TwoPeople,
    /// A photo, and another person who makes the turns.
    StandIn,
    /// Photos of the person in the required poses, one after the other.
    PosePhotos,
    /// Photos of the person in the required poses, with dissolves between them.
    PoseDissolves,
    /// A recording of the person turning to other targets.
    RecordingOtherOrder,
    /// A recording of the person turning to the same targets in the same order, at the recording's
    /// own pace.
    RecordingSameOrder,
    /// Recordings of the person turning from the neutral pose in each of eight directions. The one
    /// whose direction is nearest to the target's is played up to the nearest pose, and then
    /// backwards.
    RecordingOnDemand,
    /// The same recordings as in [`Kind::RecordingOnDemand`], with a cut to the next one instead of
    /// playing backwards.
    RecordingCut,
}

impl Kind {
    /// All kinds, the bona fide ones first.
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

    /// Whether the presentation is bona fide and should pass.
    pub fn is_bona_fide(self) -> bool {
        matches!(
            self,
            Self::Person | Self::PersonInDimLight | Self::PersonSlowFrames
        )
    }

    /// Whether one photo is presented, on a flat or bent surface.
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

    /// The name in tables.
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

    /// The usual mean time from one frame to the next, in milliseconds.
    pub fn period(self) -> f64 {
        match self {
            Self::PersonSlowFrames => 200.0,
            _ => 100.0,
        }
    }
}
