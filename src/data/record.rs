//! Records the inputs of a result: the names of files and the hashes of their contents.
//!
//! A record is stored with crops and checkpoints, in the format of `sha256sum`. It shows whether a
//! file has changed since.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::{files, output_file};

/// Most files that a message names; the others are only counted.
const NAMED: usize = 3;

/// Content hashes by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record(BTreeMap<String, String>);

impl Record {
    /// Reads the record at `path`: empty if there is no file. Damaged lines are ignored, so the
    /// results for those files are made again.
    pub fn read(path: &Path) -> Self {
        let text = files::text(path).unwrap_or_default();
        let entries = text.lines().filter_map(|line| line.split_once("  "));
        let whole = entries.filter(|(hash, _)| hash.len() == 64);
        Self(
            whole
                .map(|(hash, name)| (name.into(), hash.into()))
                .collect(),
        )
    }

    /// Writes the record to `path`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        output_file::replace(path, self.text().as_bytes())
    }

    /// The hash recorded for `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Records `hash` for `name`.
    pub fn insert(&mut self, name: String, hash: String) {
        self.0.insert(name, hash);
    }

    /// Names and hashes, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, hash)| (name.as_str(), hash.as_str()))
    }

    /// Adds the entries of `other`, with `name/` before each name.
    pub fn extend(&mut self, name: &str, other: Self) {
        let entries = other.0.into_iter();
        self.0
            .extend(entries.map(|(file, hash)| (format!("{name}/{file}"), hash)));
    }

    /// The entries that [`extend`](Self::extend) added with `name`.
    pub fn below(&self, name: &str) -> Self {
        let prefix = format!("{name}/");
        let entries = self.0.range(prefix.clone()..);
        let entries = entries.map_while(|(file, hash)| {
            let file = file.strip_prefix(&prefix)?;
            Some((file.to_string(), hash.clone()))
        });
        Self(entries.collect())
    }

    /// One hash for the whole record.
    pub fn digest(&self) -> String {
        hash(self.text().as_bytes())
    }

    /// Describes the changes since `before`; `None` if the records are equal.
    pub fn changes_since(&self, before: &Self) -> Option<String> {
        let added = self.0.keys().filter(|name| !before.0.contains_key(*name));
        let removed = before.0.keys().filter(|name| !self.0.contains_key(*name));
        let changed = self.0.iter().filter(|(name, hash)| {
            let earlier = before.0.get(*name);
            earlier.is_some_and(|earlier| earlier != *hash)
        });
        let kinds = [
            ("added", added.collect::<Vec<_>>()),
            ("removed", removed.collect()),
            ("changed", changed.map(|(name, _)| name).collect()),
        ];
        let kinds = kinds.iter().filter(|(_, names)| !names.is_empty());
        let words: Vec<_> = kinds
            .map(|(kind, names)| {
                let some: Vec<_> = names.iter().take(NAMED).map(|it| it.as_str()).collect();
                let more = if names.len() > NAMED { ", ..." } else { "" };
                format!("{} {kind} ({}{more})", names.len(), some.join(", "))
            })
            .collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    fn text(&self) -> String {
        self.0.iter().map(|(name, hash)| line(name, hash)).collect()
    }
}

/// A record that is written entry by entry, so that finished work survives an interruption.
pub struct Growing {
    record: Record,
    path: PathBuf,
    file: File,
}

impl Growing {
    /// Starts with the entries of `record`. Until the record is finished, the file at `path` also
    /// has the entries of `known`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn start(record: Record, mut known: Record, path: &Path) -> Result<Self> {
        known.0.extend(record.0.clone());
        known.write(path)?;
        let file = OpenOptions::new().append(true).open(path);
        Ok(Self {
            record,
            path: path.into(),
            file: file.with_context(|| format!("cannot write {}", path.display()))?,
        })
    }

    /// Records `hash` for `name`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn insert(&mut self, name: String, hash: String) -> Result<()> {
        self.file.write_all(line(&name, &hash).as_bytes())?;
        self.record.insert(name, hash);
        Ok(())
    }

    /// Finishes the record: the file then has only the record's own entries.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<Record> {
        self.record.write(&self.path)?;
        Ok(self.record)
    }
}

fn line(name: &str, hash: &str) -> String {
    format!("{hash}  {name}\n")
}

/// The SHA-256 of `bytes`, 64 hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of the file at `path` in a record: relative to `root`, with slashes on every system.
/// Parts that are not UTF-8 or contain a line break are escaped.
pub fn name(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts = relative.components().map(|part| {
        let part = Path::new(part.as_os_str());
        match part.to_str().filter(|text| !text.contains(['\n', '\r'])) {
            Some(text) => text.to_string(),
            None => format!("{part:?}"),
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(entries: &[(&str, &str)]) -> Record {
        let mut record = Record::default();
        for (name, content) in entries {
            record.insert(name.to_string(), hash(content.as_bytes()));
        }
        record
    }

    #[test]
    fn hashes_are_those_of_sha256sum() {
        assert!(hash(b"abc").starts_with("ba7816bf8f01cfea"));
    }

    #[test]
    fn a_record_is_read_back_and_damaged_lines_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.sha256");
        let whole = record(&[("ann/1.png", "x"), ("bob/two  words.png", "y")]);
        let known = record(&[("cid/1.png", "z")]);
        let mut growing = Growing::start(Record::default(), known, &path).unwrap();
        for (name, hash) in whole.iter() {
            growing.insert(name.into(), hash.into()).unwrap();
        }
        assert!(Record::read(&path).get("cid/1.png").is_some());
        assert_eq!(growing.finish().unwrap(), whole);
        assert_eq!(Record::read(&path), whole);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}abcd")).unwrap();
        assert_eq!(Record::read(&path), whole);
        assert_eq!(Record::read(&folder.path().join("none")), Record::default());
    }

    #[test]
    fn changes_are_told_in_words() {
        let before = record(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "1")]);
        let after = record(&[("a", "2"), ("f", "1")]);
        assert_eq!(after.changes_since(&after), None);
        let changes = after.changes_since(&before).unwrap();
        assert_eq!(
            changes,
            "1 added (f), 4 removed (b, c, d, ...), 1 changed (a)"
        );
        assert_ne!(before.digest(), after.digest());
    }
}
