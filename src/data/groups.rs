//! The group of people that a face belongs to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::files;
use super::people::person;

/// The column of a table of labels by which people are grouped, besides their sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `group`: any label, such as their origin.
    Group,
    /// `age`: their age in years; people of the same decade are a group.
    Age,
}

impl Column {
    /// The column's name in the first line of the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Age => "age",
        }
    }

    /// The label of people with this `cell`; `None` if it is empty, or an age that is not a whole
    /// number.
    fn label(self, cell: &str) -> Option<String> {
        match self {
            Self::Group => (!cell.is_empty()).then(|| cell.into()),
            Self::Age => {
                let decade = cell.parse::<u32>().ok()? / 10 * 10;
                Some(format!("{decade} to {}", decade + 9))
            }
        }
    }
}

/// The group of the people on images: their sex, and their label in one [`Column`].
#[derive(Debug, Clone, Default)]
pub struct Labels(HashMap<PathBuf, String>);

impl Labels {
    /// Reads a table of tab-separated values whose first line names the columns `image` (a path,
    /// relative to the table's folder), `sex`, and that of `by`. Other columns are ignored, and so are
    /// images for which one of these three is empty, or the age is not a whole number.
    ///
    /// # Errors
    /// If the file cannot be read, a column is missing, or no image has labels.
    pub fn read(path: &Path, by: Column) -> Result<Self> {
        let text = files::text(path)?;
        let mut lines = text
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let names = lines.next().unwrap_or_default();
        let column = |column: &str| {
            let found = names.iter().position(|&name| name == column);
            found.with_context(|| {
                format!(
                    "{} has no column \"{column}\": its first line names the columns, separated by \
                     tabs",
                    path.display()
                )
            })
        };
        let columns = [column("image")?, column("sex")?, column(by.name())?];
        let folder = real(path)
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        let labels = lines.filter_map(|line| {
            let [image, sex, cell] = columns.map(|column| line.get(column).copied().unwrap_or(""));
            let label = by.label(cell)?;
            let complete = ![image, sex].contains(&"");
            complete.then(|| (folder.join(image), format!("{label} {sex}")))
        });
        let labels = Self(labels.collect());
        ensure!(!labels.0.is_empty(), "{} labels no image", path.display());
        Ok(labels)
    }

    /// The group and sex of the person on the image at `path`.
    pub fn of(&self, path: &Path) -> Option<&str> {
        self.0.get(&real(path)).map(String::as_str)
    }
}

/// The canonical path, so that different paths to one file are equal.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.into())
}

/// The group of the person on the image at `path`: from `labels`, or without labels, the name of
/// the folder directly below `root`.
pub fn group(root: &Path, path: &Path, labels: Option<&Labels>) -> Option<String> {
    match labels {
        Some(labels) => labels.of(path).map(Into::into),
        None => person(root, path).map(|name| name.to_string_lossy().into()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn table(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.tsv");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn labels_are_found_by_image() {
        let rows = "image\tage\tsex\tgroup\na/1.jpg\t30\tf\tblack\na/2.jpg\t30\tf\t\n";
        let (folder, path) = table(rows);
        let root = folder.path().canonicalize().unwrap();
        let labels = Labels::read(&path, Column::Group).unwrap();
        let of = |image, labels| group(&root, &root.join(image), labels);
        assert_eq!(of("a/1.jpg", Some(&labels)), Some("black f".into()));
        assert_eq!(of("a/2.jpg", Some(&labels)), None);
        assert_eq!(of("a/2.jpg", None), Some("a".into()));
        let ages = Labels::read(&path, Column::Age).unwrap();
        assert_eq!(of("a/1.jpg", Some(&ages)), Some("30 to 39 f".into()));
    }

    #[test]
    fn what_a_table_lacks_is_named() {
        let refused = |text| {
            let (_folder, path) = table(text);
            Labels::read(&path, Column::Group).unwrap_err().to_string()
        };
        let missing = refused("image\tage\na/1.jpg\t30\n");
        assert!(missing.contains("no column \"sex\""), "{missing}");
        let empty = refused("image\tsex\tgroup\n");
        assert!(empty.contains("labels no image"), "{empty}");
    }
}
