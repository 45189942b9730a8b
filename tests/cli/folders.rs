//! Ordinary folders of photos: which images are found, and to which person they belong.

use crate::support::{DETECTOR, Folder, TINY, WEIGHTS, present};

/// The messages of a short training on the folder `data`.
fn train(folder: &Folder, data: &str) -> String {
    folder.succeeds(&format!(
        "train --data {data} {TINY} --epochs 1 --overwrite --out x.bpk"
    ))
}

const TWO_PEOPLE: &str = "2 identities, 4 images to train on";

#[test]
fn a_person_is_a_folder_with_all_its_albums() {
    let folder = Folder::new();
    for (number, name) in ["ann/2020/1.png", "ann/2021/2.PNG", "bob/1.png", "bob/2.png"]
        .iter()
        .enumerate()
    {
        folder.paint(&format!("d/{name}"), number as u32);
    }
    let passed_over = [
        ".trash/x.png",
        ".trash/y.png",
        "ann/2020/@eaDir/1.png/THUMB.png",
        "loose.png",
        "bob/.hidden.png",
    ];
    for (number, name) in passed_over.iter().enumerate() {
        folder.paint(&format!("d/{name}"), 10 + number as u32);
    }
    folder.write("d/__MACOSX/bob/._1.png", [0, 5, 22, 7]);
    let said = train(&folder, "d");
    assert!(said.contains(TWO_PEOPLE), "{said}");
    for name in [".trash", "@eaDir", "__MACOSX", "loose.png", ".hidden.png"] {
        assert!(said.contains(name), "{name} is not named: {said}");
    }
    assert!(said.contains("the 2 folders of ann count as one"), "{said}");
}

#[test]
fn unreadable_images_are_left_out_before_people_are_counted() {
    let folder = Folder::new();
    folder.people("d");
    for person in 0..30 {
        for image in ["1.jpg", "2.jpg"] {
            folder.write(&format!("d/p{person}/{image}"), "junk");
        }
    }
    let whole = std::fs::read(folder.path().join("d/a/1.png")).unwrap();
    folder.write("d/a/cut.png", &whole[..whole.len() / 2]);
    let said = train(&folder, "d");
    assert!(said.contains(TWO_PEOPLE), "{said}");
    assert!(said.contains("61 of 65 images skipped"), "{said}");
    std::fs::remove_dir_all(folder.path().join("d/b")).unwrap();
    let line = format!("train --data d {TINY} --epochs 1 --out y.bpk");
    folder.fails(&line, &["1 people with at least two usable images"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.people("d");
    for (target, link) in [
        ("/nonexistent", "gone.jpg"),
        ("..", "up"),
        ("../../d/b", "a/again"),
    ] {
        symlink(target, folder.path().join("d").join(link)).unwrap();
    }
    let said = train(&folder, "d");
    assert!(said.contains(TWO_PEOPLE), "{said}");
    for name in ["gone.jpg: a broken link", "up: a link", "again: a link"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    symlink(folder.path().join("d"), folder.path().join("link")).unwrap();
    assert!(train(&folder, "link").contains(TWO_PEOPLE));
}

#[test]
fn pairs_are_found_in_lists_and_files_of_any_system() {
    let [Some(detector), Some(weights)] = [DETECTOR, WEIGHTS].map(present) else {
        return;
    };
    let folder = Folder::new();
    for (number, name) in ["A/A_0001.PNG", "A/A_0002.png", "B/B_0001.Jpg"]
        .iter()
        .enumerate()
    {
        folder.paint(&format!("lfw/{name}"), number as u32);
    }
    folder.write("bom.txt", b"\xef\xbb\xbf1\r\nA\t1\t2\r\nA\t1\tB\t1\r\n");
    let output = folder.run(&format!(
        "eval --aligned --weights {} --detector {} --data lfw --pairs bom.txt --json",
        weights.display(),
        detector.display()
    ));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["genuine"], &report["impostor"]),
        (&1.into(), &1.into())
    );
    assert_eq!(report["skipped_pairs"], 0);
}
