//! A folder to run the program in, and helpers to fill it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const DETECTOR: &str = "www/models/blazeface.safetensors";
pub const WEIGHTS: &str = "www/models/facenet.bpk";

/// Options for batches of two people with two images each.
pub const TINY: &str = "--preset tiny --identities 2 --images 2";

/// An empty folder to run the program in.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes `bytes` to the file `name`.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Paints a picture of a crop's size, a different one for each `number`.
    pub fn paint(&self, name: &str, number: u32) {
        let wave = |i: u32| (i * (number + 3) / 7 + number * 29) as u8;
        let picture =
            image::RgbImage::from_fn(112, 112, |x, y| image::Rgb([wave(x), wave(y), wave(x + y)]));
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let format = image::ImageFormat::Png;
        picture.save_with_format(path, format).unwrap();
    }

    /// Paints pictures of two people, two each, into `data`.
    pub fn people(&self, data: &str) {
        for (number, name) in ["a/1", "a/2", "b/1", "b/2"].iter().enumerate() {
            self.paint(&format!("{data}/{name}.png"), number as u32);
        }
    }

    /// The program in the folder, with the words of `line` as arguments.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_facekey"));
        command
            .args(line.split_whitespace())
            .current_dir(self.path())
            .env_remove("FACEKEY_MODELS");
        command
    }

    /// Runs the program.
    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs the program, which must succeed, and returns its standard error.
    pub fn succeeds(&self, line: &str) -> String {
        let output = self.run(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}: {said}");
        said
    }

    /// Runs the program, which must fail with exit code 2 and print each of `words`.
    pub fn fails(&self, line: &str, words: &[&str]) {
        let output = self.run(line);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {error}");
        assert!(!error.contains("panicked"), "{line}: {error}");
        for word in words {
            assert!(error.contains(word), "{line}: no \"{word}\" in: {error}");
        }
    }

    /// The sorted names of the entries of the folder `name`.
    pub fn names(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join(name))
            .into_iter()
            .flatten();
        let names = entries.map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into()).collect();
        names.sort();
        names
    }
}

/// A path below the repository's root. Returns `None`, and prints a line, if it does not exist.
pub fn present(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}
