//! The rule for which face of a photo may be enrolled or verified; the page and the program share
//! it.

use thiserror::Error;

use super::{Face, QualityIssue};

/// Why no face of a photo may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The photo has no face.
    #[error("no face found")]
    NoFace,
    /// The photo has several faces, and none was chosen.
    #[error("{0} faces found; a photo of one person alone is needed")]
    SeveralFaces(usize),
    /// The quality of the only face is too low.
    #[error("{0}")]
    Quality(QualityIssue),
}

impl Refusal {
    /// A stable code, which stays the same when the message's wording changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoFace => "no-face",
            Self::SeveralFaces(_) => "several-faces",
            Self::Quality(issue) => issue.code(),
        }
    }
}

/// The only face, if it is good enough.
///
/// # Errors
/// A [`Refusal`] if there is no face, several faces, or a face of low quality.
pub fn only(faces: &[Face]) -> Result<&Face, Refusal> {
    match faces {
        [] => Err(Refusal::NoFace),
        [face] => match face.quality.issue {
            Some(issue) => Err(Refusal::Quality(issue)),
            None => Ok(face),
        },
        _ => Err(Refusal::SeveralFaces(faces.len())),
    }
}

/// The largest and most central of the faces that are good enough.
///
/// # Errors
/// A [`Refusal`] if there is no face, or none that is good enough.
pub fn largest(faces: &[Face]) -> Result<&Face, Refusal> {
    let good = faces.iter().find(|face| face.quality.issue.is_none());
    good.ok_or_else(|| {
        let issue = faces.first().and_then(|face| face.quality.issue);
        issue.map_or(Refusal::NoFace, Refusal::Quality)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::mesh::tests::face;

    #[test]
    fn one_good_face_may_be_used_and_nothing_else() {
        let good = face(0.0);
        assert_eq!(only(&[]), Err(Refusal::NoFace));
        assert_eq!(only(std::slice::from_ref(&good)), Ok(&good));
        let two = [good.clone(), good.clone()];
        assert_eq!(only(&two), Err(Refusal::SeveralFaces(2)));
        let mut dark = good.clone();
        dark.quality.issue = Some(QualityIssue::TooDark);
        let refusal = only(std::slice::from_ref(&dark)).unwrap_err();
        assert_eq!(largest(&[]), Err(Refusal::NoFace));
        assert_eq!(largest(std::slice::from_ref(&dark)), Err(refusal));
        assert_eq!(largest(&[dark, good.clone()]), Ok(&good));
        assert_eq!(refusal, Refusal::Quality(QualityIssue::TooDark));
        assert_eq!(refusal.code(), "too-dark");
        assert_eq!(refusal.to_string(), "the face is too dark");
    }
}
