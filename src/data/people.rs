//! The person on an image, from the field's usual layout: a folder for each person.
//!
//! Each folder directly below the root is one person, including all of its subfolders (albums).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Images, divided into those in a person's folder and others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Images in a person's folder.
    pub images: Vec<PathBuf>,
    /// Images outside of any person's folder.
    pub loose: Vec<PathBuf>,
    /// People whose images are in several folders, with the number of folders.
    pub albums: Vec<(OsString, usize)>,
}

impl Layout {
    /// The layout of `images`, all below `root`.
    pub fn new(root: &Path, images: Vec<PathBuf>) -> Self {
        let (images, loose) = images
            .into_iter()
            .partition(|path| person(root, path).is_some());
        let mut layout = Self {
            images,
            loose,
            albums: Vec::new(),
        };
        let mut folders: BTreeMap<&OsStr, BTreeSet<Option<&Path>>> = BTreeMap::new();
        for path in &layout.images {
            let person = person(root, path).unwrap_or_default();
            folders.entry(person).or_default().insert(path.parent());
        }
        let several = folders.into_iter().filter(|(_, folders)| folders.len() > 1);
        let albums = several.map(|(person, folders)| (person.to_os_string(), folders.len()));
        layout.albums = albums.collect();
        layout
    }
}

/// The name of the person on the image at `path`: the folder directly below `root`. `None` for an
/// image in `root` itself, or outside of it.
pub fn person<'a>(root: &Path, path: &'a Path) -> Option<&'a OsStr> {
    let mut components = path.strip_prefix(root).ok()?.components();
    match (components.next()?, components.next()) {
        (Component::Normal(name), Some(_)) => Some(name),
        _ => None,
    }
}

/// The number of the person on each image, from 0 in order of first appearance. Images outside of
/// any person's folder count as one additional person.
pub fn identities(root: &Path, images: &[PathBuf]) -> Vec<usize> {
    let mut numbers = HashMap::new();
    images
        .iter()
        .map(|path| {
            let next = numbers.len();
            *numbers.entry(person(root, path)).or_insert(next)
        })
        .collect()
}

/// One image for each person: all images in `root` itself, each of a different person, and the
/// first image of every folder directly below `root`.
pub fn one_of_each(root: &Path, images: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let mut first = |path: &PathBuf| match person(root, path) {
        Some(person) => seen.insert(person.to_os_string()),
        None => true,
    };
    images.into_iter().filter(|path| first(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn albums_are_of_the_person_in_whose_folder_they_lie() {
        let images = paths(&[
            "d/ann/2020/1.png",
            "d/ann/2021/1.png",
            "d/bob/1.png",
            "d/2.png",
        ]);
        let layout = Layout::new(Path::new("d"), images);
        assert_eq!(layout.images.len(), 3);
        assert_eq!(layout.loose, paths(&["d/2.png"]));
        assert_eq!(layout.albums, [(OsString::from("ann"), 2)]);
        assert_eq!(identities(Path::new("d"), &layout.images), [0, 0, 1]);
    }

    #[test]
    fn takes_one_image_of_each_person() {
        let images = [
            "d/1.jpg",
            "d/2.jpg",
            "d/a/1.jpg",
            "d/a/2.jpg",
            "d/b/c/3.jpg",
        ];
        let chosen = one_of_each(Path::new("d"), paths(&images));
        assert_eq!(
            chosen,
            paths(&["d/1.jpg", "d/2.jpg", "d/a/1.jpg", "d/b/c/3.jpg"])
        );
    }
}
