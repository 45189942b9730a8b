//! Images below a folder, and who is on them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// File extensions of the image formats that are read.
pub const EXTENSIONS: [&str; 4] = ["jpg", "png", "jpeg", "webp"];

/// All image files below `root` (or `root` itself), sorted by path.
///
/// # Errors
/// Where a folder cannot be read.
pub fn images(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(root).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_file() && is_image(entry.path()) {
            paths.push(entry.into_path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|found| {
        EXTENSIONS
            .iter()
            .any(|known| found.eq_ignore_ascii_case(known))
    })
}

/// One of the `images` below `root` for each person: all that lie in it, for those are of one
/// person each, and the first in every folder further down.
pub fn one_of_each(root: &Path, images: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let mut first = |path: &PathBuf| {
        let folder = path.parent();
        folder == Some(root) || seen.insert(folder.map(Path::to_path_buf))
    };
    images.into_iter().filter(|path| first(path)).collect()
}

/// The identity of each path by the field's folder-per-person layout: equal numbers for images in
/// the same folder.
pub fn identities<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<usize> {
    let mut numbers = HashMap::new();
    paths
        .into_iter()
        .map(|path| {
            let next = numbers.len();
            *numbers.entry(path.parent()).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_images_and_their_people() {
        let root = tempfile::tempdir().unwrap();
        for file in ["b/2.JPG", "a/1.png", "a/3.webp", "a/notes.txt"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let paths = images(root.path()).unwrap();
        let names: Vec<_> = paths
            .iter()
            .map(|path| path.strip_prefix(root.path()).unwrap())
            .collect();
        assert_eq!(names, ["a/1.png", "a/3.webp", "b/2.JPG"].map(Path::new));
        assert_eq!(identities(paths.iter().map(PathBuf::as_path)), [0, 0, 1]);
        assert!(images(&root.path().join("missing")).is_err());
    }

    #[test]
    fn takes_one_image_of_each_person() {
        let paths = ["d/1.jpg", "d/2.jpg", "d/a/1.jpg", "d/a/2.jpg", "d/b/3.jpg"];
        let chosen = one_of_each(Path::new("d"), paths.map(PathBuf::from).to_vec());
        let expected = ["d/1.jpg", "d/2.jpg", "d/a/1.jpg", "d/b/3.jpg"];
        assert_eq!(chosen, expected.map(PathBuf::from));
    }
}
