//! Finds the images below a folder; all commands share this code.
//!
//! Links are followed, but no image is listed twice, and circular links are skipped. Hidden files
//! and system folders are skipped. Everything that a user could miss is listed as skipped.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

/// File extensions of the supported image formats; upper and lower case are equal.
pub const EXTENSIONS: [&str; 6] = ["jpg", "png", "jpeg", "webp", "jfif", "jpe"];

/// File extensions of unsupported image formats.
const OTHER_PICTURES: [&str; 12] = [
    "heic", "heif", "avif", "gif", "tif", "tiff", "bmp", "jxl", "jp2", "dng", "cr2", "nef",
];

/// Folders of systems and programs, which contain no original photos. Folders whose names begin
/// with a dot are skipped too.
const SYSTEM_FOLDERS: [&str; 7] = [
    "__MACOSX",
    "@eaDir",
    "#recycle",
    "#snapshot",
    "$RECYCLE.BIN",
    "System Volume Information",
    "lost+found",
];

/// The extension of the folders of crops that training makes beside its weights.
pub const CROPS: &str = "crops";

/// Why something below a folder was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The name begins with a dot.
    Hidden,
    /// A folder of a system or program.
    System,
    /// A folder of crops from training.
    Crops,
    /// A link to nothing.
    BrokenLink,
    /// A link to a folder that contains the link.
    CircularLink,
    /// A link to a file or folder that is listed under its own name.
    Twice,
    /// A picture in an unsupported format.
    Format,
    /// A special file: a device, a pipe or a socket.
    Special,
    /// It cannot be read.
    Unreadable(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden => f.write_str("hidden"),
            Self::System => f.write_str("a system folder"),
            Self::Crops => f.write_str("crops that a training made"),
            Self::BrokenLink => f.write_str("a broken link"),
            Self::CircularLink => f.write_str("a link to a folder that it lies in"),
            Self::Twice => f.write_str("a link to what is read under its own name"),
            Self::Format => write!(f, "its format is not read ({})", EXTENSIONS.join(", ")),
            Self::Special => f.write_str("not an ordinary file"),
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
        }
    }
}

/// The content of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Image files, sorted by path.
    pub images: Vec<PathBuf>,
    /// Skipped files and folders, sorted by path. Files that are not pictures are not listed.
    pub skipped: Vec<(PathBuf, Reason)>,
}

/// The image files below the folder `root`, or `root` itself if it is a file.
///
/// # Errors
/// If `root` cannot be read. Unreadable files and folders below `root` are skipped.
pub fn images(root: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    if !fs::metadata(root)?.is_dir() {
        listing.images.push(root.into());
        return Ok(listing);
    }
    fs::read_dir(root)?;
    let mut walk = Walk {
        listing,
        ..Walk::default()
    };
    walk.folder(root.into(), root.canonicalize()?);
    walk.follow_links();
    walk.listing.images.sort();
    walk.listing.skipped.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(walk.listing)
}

/// A walk in progress. Links wait until everything that is not a link has been seen, so that a
/// file found both ways keeps its own name.
#[derive(Default)]
struct Walk {
    listing: Listing,
    /// Real paths of the folders seen.
    folders: HashSet<PathBuf>,
    /// Real paths of the files that links lead to.
    linked: HashSet<PathBuf>,
    links: VecDeque<PathBuf>,
}

impl Walk {
    /// Lists the folder at `path`, whose real path is `real`, with everything below it.
    fn folder(&mut self, path: PathBuf, real: PathBuf) {
        let mut waiting = vec![(path, real)];
        while let Some((path, real)) = waiting.pop() {
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) => {
                    self.skip(path, Reason::Unreadable(error.to_string()));
                    continue;
                }
            };
            for entry in entries {
                let entry = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)));
                match entry {
                    Ok((path, kind)) => waiting.extend(self.entry(path, kind, &real)),
                    Err(error) => self.skip(path.clone(), Reason::Unreadable(error.to_string())),
                }
            }
            self.folders.insert(real);
        }
    }

    /// Handles one entry of the folder `real`; returns a subfolder that must be listed.
    fn entry(&mut self, path: PathBuf, kind: FileType, real: &Path) -> Option<(PathBuf, PathBuf)> {
        let name = path.file_name()?;
        let text = name.to_string_lossy();
        if SYSTEM_FOLDERS
            .iter()
            .any(|it| text.eq_ignore_ascii_case(it))
        {
            self.skip(path, Reason::System);
        } else if text.starts_with('.') {
            if kind.is_dir() || kind.is_symlink() || is_image(&path) {
                self.skip(path, Reason::Hidden);
            }
        } else if kind.is_symlink() {
            self.links.push_back(path);
        } else if kind.is_dir() && path.extension().is_some_and(|it| it == CROPS) {
            self.skip(path, Reason::Crops);
        } else if kind.is_dir() {
            let real = real.join(name);
            return (!self.folders.contains(&real)).then_some((path, real));
        } else {
            self.file(path, kind.is_file());
        }
        None
    }

    fn file(&mut self, path: PathBuf, ordinary: bool) {
        match (is_image(&path), ordinary) {
            (true, true) => self.listing.images.push(path),
            (true, false) => self.skip(path, Reason::Special),
            (false, _) if has_extension(&path, &OTHER_PICTURES) => self.skip(path, Reason::Format),
            (false, _) => {}
        }
    }

    /// Follows links, folders first, so that a file in a linked folder is not listed again by a
    /// link to the file.
    fn follow_links(&mut self) {
        let mut files = BTreeSet::new();
        loop {
            // Sorted, so that of two links to one place the same one is used on every system.
            let links: BTreeSet<PathBuf> = self.links.drain(..).collect();
            if links.is_empty() {
                break;
            }
            for path in links {
                match path
                    .canonicalize()
                    .and_then(|real| Ok((fs::metadata(&real)?, real)))
                {
                    Ok((kind, real)) if kind.is_dir() => self.linked_folder(path, real),
                    Ok((kind, real)) => {
                        files.insert((path, real, kind.is_file()));
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.skip(path, Reason::BrokenLink);
                    }
                    Err(_) if fs::read_link(&path).is_ok() && !path.exists() => {
                        self.skip(path, Reason::CircularLink);
                    }
                    Err(error) => self.skip(path, Reason::Unreadable(error.to_string())),
                }
            }
        }
        for (path, real, ordinary) in files {
            let listed =
                is_listed(&real) && real.parent().is_some_and(|it| self.folders.contains(it));
            if is_image(&path) && (listed || !self.linked.insert(real)) {
                self.skip(path, Reason::Twice);
            } else {
                self.file(path, ordinary);
            }
        }
    }

    fn linked_folder(&mut self, path: PathBuf, real: PathBuf) {
        let own = path.parent().and_then(|parent| parent.canonicalize().ok());
        if own.is_some_and(|own| own.starts_with(&real)) {
            self.skip(path, Reason::CircularLink);
        } else if self.folders.contains(&real) {
            self.skip(path, Reason::Twice);
        } else {
            self.folder(path, real);
        }
    }

    fn skip(&mut self, path: PathBuf, reason: Reason) {
        self.listing.skipped.push((path, reason));
    }
}

/// Whether a file's extension is that of a supported image format.
pub fn is_image(path: &Path) -> bool {
    has_extension(path, &EXTENSIONS)
}

/// Whether a file in a listed folder is listed itself.
fn is_listed(path: &Path) -> bool {
    let hidden = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b".");
    is_image(path) && path.file_name().is_some_and(|name| !hidden(name))
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|found| known.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        root
    }

    fn names(root: &Path, paths: &[PathBuf]) -> Vec<String> {
        let relative = paths.iter().map(|path| path.strip_prefix(root).unwrap());
        relative.map(|path| path.to_string_lossy().into()).collect()
    }

    fn reasons(root: &Path, listing: &Listing) -> Vec<(String, Reason)> {
        let (paths, reasons): (Vec<_>, Vec<_>) = listing.skipped.iter().cloned().unzip();
        names(root, &paths).into_iter().zip(reasons).collect()
    }

    #[test]
    fn images_are_found_in_any_case_and_sorted() {
        let root = folder(&["b/2.JPG", "a/1.png", "a/3.WebP", "a/notes.txt", "a/4.jpeg"]);
        let listing = images(root.path()).unwrap();
        assert_eq!(
            names(root.path(), &listing.images),
            ["a/1.png", "a/3.WebP", "a/4.jpeg", "b/2.JPG"]
        );
        assert_eq!(listing.skipped, []);
        assert!(images(&root.path().join("missing")).is_err());
        let file = root.path().join("a/notes.txt");
        assert_eq!(images(&file).unwrap().images, [file]);
    }

    #[test]
    fn what_a_user_may_miss_is_named() {
        let root = folder(&[
            "ann/1.png",
            "ann/._1.png",
            "ann/.DS_Store",
            "ann/@eaDir/1.png/thumb.png",
            "ann/2.HEIC",
            "__MACOSX/ann/1.png",
            ".trash/x.png",
            "run.crops/train/ann/1.png.png",
        ]);
        let listing = images(root.path()).unwrap();
        assert_eq!(names(root.path(), &listing.images), ["ann/1.png"]);
        let expected = [
            (".trash", Reason::Hidden),
            ("__MACOSX", Reason::System),
            ("ann/._1.png", Reason::Hidden),
            ("ann/2.HEIC", Reason::Format),
            ("ann/@eaDir", Reason::System),
            ("run.crops", Reason::Crops),
        ];
        let expected = expected.map(|(path, reason)| (path.to_string(), reason));
        assert_eq!(reasons(root.path(), &listing), expected);
        let hidden = root.path().join(".trash");
        assert_eq!(
            images(&hidden).unwrap().images.len(),
            1,
            "asked for by name"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_neither_in_circles_nor_to_an_image_twice() {
        use std::os::unix::fs::symlink;
        let root = folder(&[
            "data/ann/1.png",
            "data/bob/1.png",
            "else/cid/1.png",
            "else/2.png",
        ]);
        let data = root.path().join("data");
        for (target, link) in [
            ("/nonexistent", "gone.jpg"),
            ("..", "up"),
            (".", "here"),
            ("itself.png", "itself.png"),
            ("ann", "also-ann"),
            ("../ann/1.png", "bob/ann.png"),
            ("../else/cid", "cid"),
            ("../else/cid", "cid-again"),
            ("../../else/2.png", "bob/2.png"),
        ] {
            symlink(target, data.join(link)).unwrap();
        }
        let listing = images(&data).unwrap();
        assert_eq!(
            names(&data, &listing.images),
            ["ann/1.png", "bob/1.png", "bob/2.png", "cid/1.png"]
        );
        let expected = [
            ("also-ann", Reason::Twice),
            ("bob/ann.png", Reason::Twice),
            ("cid-again", Reason::Twice),
            ("gone.jpg", Reason::BrokenLink),
            ("here", Reason::CircularLink),
            ("itself.png", Reason::CircularLink),
            ("up", Reason::CircularLink),
        ];
        let expected = expected.map(|(path, reason)| (path.to_string(), reason));
        assert_eq!(reasons(&data, &listing), expected);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_need_not_be_text() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        let path = root
            .path()
            .join(std::ffi::OsStr::from_bytes(b"\xff\xfe.PNG"));
        fs::write(&path, "").unwrap();
        assert_eq!(images(root.path()).unwrap().images, [path]);
    }
}
