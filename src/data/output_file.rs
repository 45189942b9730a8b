//! Output files, which are replaced atomically.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::files::appended;

/// Replaces the content of the file at `path` atomically: after an interruption, the file has
/// either the old content or all of `bytes`. Missing folders are created.
///
/// # Errors
/// If it cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    OutputFile::open_with_folder(path)?.write(bytes)
}

/// The file for a result, opened before the work so that errors show early. The file at its path
/// does not change until [`finish`](Self::finish).
pub struct OutputFile {
    path: PathBuf,
    /// The temporary file; `None` for devices and pipes, which are written directly.
    scratch: Option<PathBuf>,
    file: File,
}

impl OutputFile {
    /// Opens the file for `path`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.canonicalize().unwrap_or_else(|_| path.into());
        let name = path.as_os_str().as_encoded_bytes();
        if path.file_name().is_none() || name.ends_with(b"/") {
            bail!("cannot write \"{}\": it is not a file name", path.display());
        }
        let found = fs::metadata(&place);
        if found.as_ref().is_ok_and(|found| found.is_dir()) {
            bail!("cannot write {}: it is a folder", path.display());
        }
        let direct = found.is_ok_and(|found| !found.is_file());
        let scratch = (!direct).then(|| appended(&place, ".new"));
        let file = File::create(scratch.as_ref().unwrap_or(&place));
        Ok(Self {
            file: file.with_context(|| format!("cannot write {}", path.display()))?,
            path: place,
            scratch,
        })
    }

    /// Opens the file for `path`, and creates its folder.
    ///
    /// # Errors
    /// If the folder cannot be created or the file cannot be written.
    pub fn open_with_folder(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Self::open(path)
    }

    /// Replaces the file at the path by everything written so far.
    ///
    /// # Errors
    /// If the file cannot be written; the file at the path is then unchanged.
    pub fn finish(mut self) -> Result<()> {
        let written = self.file.flush().and_then(|()| match &self.scratch {
            Some(scratch) => {
                self.file.sync_all()?;
                fs::rename(scratch, &self.path)
            }
            None => Ok(()),
        });
        written.with_context(|| format!("cannot write {}", self.path.display()))?;
        self.scratch = None;
        Ok(())
    }

    /// Writes `bytes` as the whole file.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn write(mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.finish()
    }

    /// Writes `figures` as JSON.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn write_json(self, figures: &impl Serialize) -> Result<()> {
        self.write(serde_json::to_string_pretty(figures)?.as_bytes())
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Some(scratch) = &self.scratch {
            let _ = fs::remove_file(scratch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_only_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("faces.jsonl");
        fs::write(&path, "before").unwrap();
        let mut output = OutputFile::open(&path).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        OutputFile::open(&path).unwrap().write(b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_refused_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| OutputFile::open(path).err().unwrap().to_string();
        assert!(refused(folder.path()).contains("it is a folder"));
        assert!(refused(&folder.path().join("missing/x")).contains("missing"));
        assert!(refused(Path::new("")).contains("cannot write"));
    }

    #[cfg(unix)]
    #[test]
    fn devices_are_written_and_links_followed() {
        OutputFile::open(Path::new("/dev/null"))
            .unwrap()
            .write(b"x")
            .unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let folder = tempfile::tempdir().unwrap();
        let [real, link] = ["real", "link"].map(|name| folder.path().join(name));
        fs::write(&real, "before").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        OutputFile::open(&link).unwrap().write(b"after").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "after");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/lr0.001");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(replace(&path.join("below-a-file"), b"three").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }
}
