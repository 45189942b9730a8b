//! Lists of image pairs in the formats of Labeled Faces in the Wild, and accuracy over folds.
//!
//! `pairs.txt` begins with the number of folds and of pairs, `pairsDevTrain.txt` and
//! `pairsDevTest.txt` with the number of pairs alone. Then follow, for each fold, that many lines
//! `name n1 n2` of one person, and as many lines `name1 n1 name2 n2` of two.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use super::roc::{Roc, Scores};
use crate::verify::decision::CalibrationError;

/// Why a list of pairs was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PairsError {
    /// The first line is not one or two positive numbers.
    #[error("line 1: expected the number of pairs, or of folds and pairs, but found \"{text}\"")]
    Header {
        /// The line.
        text: String,
    },
    /// A line is not a pair of the expected kind.
    #[error("line {line}: expected {expected} but found \"{text}\"")]
    Pair {
        /// Line number from 1.
        line: usize,
        /// The expected form of the line.
        expected: &'static str,
        /// The line.
        text: String,
    },
    /// A name that could point outside the data folder.
    #[error("line {line}: \"{name}\" is not a valid name of a person's folder")]
    Name {
        /// Line number from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// The list ends early.
    #[error("line {line}: the list ends, but {missing} more pairs were announced")]
    TooShort {
        /// Line number after the last, from 1.
        line: usize,
        /// Pairs not found.
        missing: usize,
    },
    /// The list is longer than announced.
    #[error("line {line}: more pairs than the first line announced")]
    TooLong {
        /// Line number of the first surplus line, from 1.
        line: usize,
    },
}

/// The `number`th image of a person, in LFW's naming `Name/Name_0001.jpg`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    /// The person's name, which is the folder's name.
    pub person: String,
    /// The number of the image, from 1.
    pub number: u32,
}

impl ImageName {
    /// The image name for the file at `path`; `None` if the file is not named like this.
    fn of(path: &Path) -> Option<Self> {
        let person = path.parent()?.file_name()?.to_str()?;
        let (name, number) = path.file_stem()?.to_str()?.rsplit_once('_')?;
        let number = number.parse().ok()?;
        let person = (name == person).then(|| person.to_string())?;
        Some(Self { person, number })
    }
}

/// The files of images.
#[derive(Debug, Clone, Default)]
pub struct ImageFiles(HashMap<ImageName, PathBuf>);

impl ImageFiles {
    /// The files among `paths` that are named like this. If there are several files for one image,
    /// the first counts.
    pub fn new(paths: &[PathBuf]) -> Self {
        let mut files = HashMap::new();
        for path in paths {
            if let Some(name) = ImageName::of(path) {
                files.entry(name).or_insert_with(|| path.clone());
            }
        }
        Self(files)
    }

    /// The file of `image`.
    pub fn get(&self, image: &ImageName) -> Option<&Path> {
        self.0.get(image).map(PathBuf::as_path)
    }
}

/// Two images to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// One image.
    pub left: ImageName,
    /// The other.
    pub right: ImageName,
    /// Whether both are of one person.
    pub same: bool,
}

/// A list of pairs in folds; a development list is one fold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// At least one fold, none empty.
    pub folds: Vec<Vec<Pair>>,
}

impl Pairs {
    /// Reads a list.
    ///
    /// # Errors
    /// [`PairsError`], with the number of the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, PairsError> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(i, text)| (i + 1, text.trim()));
        let (folds, pairs) = header(lines.next().map_or("", |(_, text)| text))?;
        let mut lines = lines.filter(|(_, text)| !text.is_empty());
        let end = text.lines().count() + 1;
        let mut parsed = Vec::new();
        for fold in 0..folds {
            let mut list = Vec::new();
            for i in 0..2 * pairs {
                let missing = 2 * pairs * (folds - fold) - i;
                let (line, text) = lines
                    .next()
                    .ok_or(PairsError::TooShort { line: end, missing })?;
                list.push(pair(line, text, i < pairs)?);
            }
            parsed.push(list);
        }
        match lines.next() {
            Some((line, _)) => Err(PairsError::TooLong { line }),
            None => Ok(Self { folds: parsed }),
        }
    }

    /// All pairs, fold after fold.
    pub fn iter(&self) -> impl Iterator<Item = &Pair> {
        self.folds.iter().flatten()
    }
}

/// The numbers of folds, and of pairs of each kind in a fold. They are limited, so that their
/// product cannot overflow.
fn header(text: &str) -> Result<(usize, usize), PairsError> {
    let numbers: Option<Vec<u32>> = text.split_whitespace().map(|n| n.parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[pairs]) if pairs > 0 => Ok((1, pairs as usize)),
        Some(&[folds, pairs]) if (1..=1000).contains(&folds) && pairs > 0 => {
            Ok((folds as usize, pairs as usize))
        }
        _ => Err(PairsError::Header { text: text.into() }),
    }
}

fn pair(line: usize, text: &str, same: bool) -> Result<Pair, PairsError> {
    let expected = if same {
        "\"name n1 n2\""
    } else {
        "\"name1 n1 name2 n2\""
    };
    let wrong = || PairsError::Pair {
        line,
        expected,
        text: text.into(),
    };
    let fields: Vec<&str> = match text.contains('\t') {
        true => text.split('\t').map(str::trim).collect(),
        false => text.split_whitespace().collect(),
    };
    let (left, right) = match (same, fields.as_slice()) {
        (true, &[person, first, second]) => ((person, first), (person, second)),
        (false, &[one, first, other, second]) => ((one, first), (other, second)),
        _ => return Err(wrong()),
    };
    let image = |(person, number): (&str, &str)| {
        if person.is_empty() || person.contains(['/', '\\']) || person == "." || person == ".." {
            return Err(PairsError::Name {
                line,
                name: person.into(),
            });
        }
        let number = number.parse().map_err(|_| wrong())?;
        Ok(ImageName {
            person: person.into(),
            number,
        })
    };
    Ok(Pair {
        left: image(left)?,
        right: image(right)?,
        same,
    })
}

/// Accuracy by LFW's protocol (View 2): the threshold for each fold is the best one for the other
/// folds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldAccuracy {
    /// Mean over the folds, in `[0, 1]`.
    pub mean: f64,
    /// Standard error of the mean: the folds' standard deviation, divided by the square root of
    /// their number.
    pub standard_error: f64,
    /// Each fold's accuracy.
    pub folds: Vec<f64>,
}

/// Accuracy over `folds`; `None` for fewer than two folds, because the threshold comes from the
/// others.
///
/// # Errors
/// If a fold, or all other folds together, have no genuine or no impostor scores.
pub fn fold_accuracy(folds: &[Scores]) -> Result<Option<FoldAccuracy>, CalibrationError> {
    if folds.len() < 2 {
        return Ok(None);
    }
    let accuracies = (0..folds.len())
        .map(|held_out| {
            let others = folds.iter().enumerate().filter(|(i, _)| *i != held_out);
            let others = Scores::concat(others.map(|(_, fold)| fold));
            let threshold = Roc::new(others)?.best_accuracy().threshold;
            Ok(Roc::new(folds[held_out].clone())?
                .at(threshold)
                .accuracy()
                .rate())
        })
        .collect::<Result<Vec<f64>, CalibrationError>>()?;
    let n = accuracies.len() as f64;
    let mean = accuracies.iter().sum::<f64>() / n;
    let variance = accuracies.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok(Some(FoldAccuracy {
        mean,
        standard_error: (variance / n).sqrt(),
        folds: accuracies,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO_FOLDS: &str = "2\t1\nA\t1\t2\nA\t1\tB\t3\nC C\t4\t5\nC C\t1\tB\t12\n";

    #[test]
    fn reads_folds_and_development_lists() {
        let pairs = Pairs::parse(TWO_FOLDS).unwrap();
        assert_eq!(pairs.folds.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        let last = &pairs.folds[1][1];
        assert!(!last.same && pairs.folds[1][0].same);
        assert_eq!(last.left.person, "C C");
        let names = ["lfw/B/B_0012.JPG", "lfw/B/A_0012.jpg", "lfw/B/notes.txt"];
        let files = ImageFiles::new(&names.map(PathBuf::from));
        assert_eq!(files.get(&last.right), Some(Path::new(names[0])));
        assert_eq!(files.get(&last.left), None);
        assert_eq!(
            Pairs::parse("1\r\nA 1 2\r\nA 1 B 1\r\n")
                .unwrap()
                .folds
                .len(),
            1
        );
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let error = |text: &str| Pairs::parse(text).unwrap_err().to_string();
        assert!(error("").starts_with("line 1: "));
        assert!(error("ten\nA 1 2").starts_with("line 1: "));
        assert!(error("1\nA 1 2\nA 1 2\n").starts_with("line 3: expected \"name1 n1 name2 n2\""));
        assert!(error("1\nA 1 x\nA 1 B 2\n").starts_with("line 2: "));
        assert!(error("1\nA 1 2\n../etc 1 B 2\n").contains("\"../etc\""));
        assert_eq!(
            error("2 1\nA 1 2\n"),
            "line 3: the list ends, but 3 more pairs were announced"
        );
        assert!(error("1\nA 1 2\nA 1 B 1\n\nA 2 B 2").starts_with("line 5: more pairs"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9A-C\t \n./]{0,60}") {
            let _ = Pairs::parse(&text);
        }
    }

    #[test]
    fn thresholds_come_from_the_other_folds() {
        // Best on the first fold is 1.5, on the second 2.5. Each applied to the other:
        // 1.5 refuses the genuine 2; 2.5 accepts the impostor 2. Both folds are half right.
        let fold = |genuine, impostor| Scores {
            genuine: vec![genuine],
            impostor: vec![impostor],
        };
        let result = fold_accuracy(&[fold(1.0, 2.0), fold(2.0, 3.0)])
            .unwrap()
            .unwrap();
        assert_eq!((result.mean, result.standard_error), (0.5, 0.0));
        // One fold all right, one half: mean 0.75; deviation 0.25 * sqrt 2, error 0.25.
        let result = fold_accuracy(&[fold(1.0, 2.0), fold(0.0, 1.8)])
            .unwrap()
            .unwrap();
        assert_eq!(result.folds, [0.5, 1.0]);
        assert!((result.standard_error - 0.25).abs() < 1e-12);
        assert_eq!(fold_accuracy(&[fold(1.0, 2.0)]), Ok(None));
    }
}
