//! Tests of the built program: exit codes, error messages, and the files that runs leave.
#![cfg(feature = "native")]

mod docs;
mod floor;
mod folders;
mod output;
mod runs;
mod support;

use std::path::Path;

use facekey::net::weights::load;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use support::{DETECTOR, Folder, WEIGHTS, present};

/// A folder of files that are not valid weights, images or pairs.
fn unusable() -> Folder {
    let folder = Folder::new();
    for (name, text) in [
        ("junk.bpk", "no weights"),
        ("junk.safetensors", "no weights either"),
        ("Ann/Ann_0001.jpg", "no image"),
        ("bad-pairs.txt", "1\nAnn\t1\t2\nAnn\tone\tBob\t1\n"),
        ("other-pairs.txt", "1\nEve\t1\t2\nEve\t1\tBob\t1\n"),
        ("empty/notes.txt", "no images here"),
    ] {
        folder.write(name, text);
    }
    folder
}

#[test]
fn missing_things_are_named_with_a_remedy() {
    let folder = unusable();
    folder.fails("verify a.jpg b.jpg", &["www/models/facenet.bpk", "train"]);
    folder.fails(
        "verify a.jpg b.jpg --weights junk.bpk",
        &["blazeface.safetensors", "scripts/setup"],
    );
    folder.fails("embed nowhere", &["nowhere"]);
    folder.fails("cluster empty", &["empty", "no images"]);
    folder.fails("eval --data empty", &["empty", "no images"]);
}

#[test]
fn broken_weights_are_refused() {
    let folder = unusable();
    let models = "--weights junk.bpk --detector junk.safetensors";
    folder.fails(&format!("bench {models}"), &["cannot load"]);
    folder.fails(&format!("embed Ann {models}"), &["cannot load"]);
}

#[test]
fn pairs_are_checked_before_anything_slow() {
    let folder = unusable();
    folder.fails(
        "eval --data . --pairs bad-pairs.txt",
        &["bad-pairs.txt", "line 3"],
    );
    folder.fails(
        "eval --data . --pairs other-pairs.txt",
        &["none of the images"],
    );
    folder.fails("eval --data . --pairs missing.txt", &["missing.txt"]);
    folder.fails("eval --data . --threshold-from bad-pairs.txt", &["--pairs"]);
}

/// Copies the photos of a few people into `photos`, a folder for each person. Returns false, and
/// prints a line, if there are none.
fn copy_photos(folder: &Folder) -> bool {
    let Some(source) = present("../shared/data/lfw-photos") else {
        return false;
    };
    let files = |person: &Path| -> Vec<_> {
        std::fs::read_dir(person)
            .into_iter()
            .flatten()
            .map(|file| file.unwrap().path())
            .collect()
    };
    let people = std::fs::read_dir(source).unwrap();
    let people = people
        .map(|person| person.unwrap().path())
        .filter(|path| files(path).len() > 1);
    for person in people.take(6) {
        let to = folder
            .path()
            .join("photos")
            .join(person.file_name().unwrap());
        std::fs::create_dir_all(&to).unwrap();
        for file in files(&person) {
            std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
    true
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-photos"]
fn trains_on_photos_and_goes_on_from_the_weights() {
    let folder = Folder::new();
    let Some(detector) = present(DETECTOR) else {
        return;
    };
    if !copy_photos(&folder) {
        return;
    }
    folder.write("photos/AJ_Lamas/broken.jpg", "no image");
    folder.write("junk.bpk", "no weights");
    let batches = "--identities 2 --images 2 --epochs 2";
    let said = folder.succeeds(&format!(
        "train --data photos --preset tiny {batches} --detector {} --out a.bpk",
        detector.display()
    ));
    assert!(
        said.contains("images aligned, 1 skipped") && said.contains("broken.jpg"),
        "{said}"
    );
    folder.succeeds(&format!(
        "train --data a.crops/train --init a.bpk {batches} --out b.bpk"
    ));
    folder.succeeds(
        "train --data a.crops/train --resume --identities 2 --images 2 --epochs 3 --out b.bpk",
    );
    if let Some(other) = present(WEIGHTS) {
        folder.fails(
            &format!("average a.bpk {}", other.display()),
            &["preset", "tiny"],
        );
    }
    folder.fails(
        &format!("train --data a.crops/train --init a.bpk --preset slim {batches} --out c.bpk"),
        &["preset tiny"],
    );
    folder.fails(
        &format!("train --data a.crops/train --init junk.bpk {batches}"),
        &["junk.bpk"],
    );
}

#[test]
fn the_default_network_is_that_of_the_weights_that_ship() {
    let Some(weights) = present(WEIGHTS) else {
        return;
    };
    let bytes = std::fs::read(weights).unwrap();
    let (_, metadata) = load(bytes, &facekey::device::cpu()).unwrap();
    assert_eq!(metadata.preset, facekey::net::Preset::SHIPPED);
}

#[test]
fn weights_averaged_with_themselves_stay_as_they_are() {
    let Some(weights) = present(WEIGHTS) else {
        return;
    };
    let folder = unusable();
    let path = weights.display();
    folder.succeeds(&format!("average {path} {path} --out mean.bpk"));
    let metadata = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        load(bytes, &facekey::device::cpu()).unwrap().1
    };
    let (before, after) = (
        metadata(&weights),
        metadata(&folder.path().join("mean.bpk")),
    );
    assert_eq!(after.model_id, before.model_id);
    assert_eq!(after.training.steps, 2 * before.training.steps);
    folder.succeeds(&format!("average {path} --out same.bpk"));
    let same = metadata(&folder.path().join("same.bpk"));
    assert_eq!(same.model_id, before.model_id);
    assert_eq!(same.calibration, before.calibration);
    assert_eq!(same.reliability, before.reliability);
    folder.fails("average", &["FILE"]);
    folder.fails(&format!("average {path} junk.bpk"), &["junk.bpk"]);
}

#[test]
fn a_cohort_is_clustered_and_stays_with_the_weights() {
    let Some(detector) = present(DETECTOR) else {
        return;
    };
    let folder = Folder::new();
    let root = folder.path();
    (0..300).for_each(|number| folder.paint(&format!("crowd/{number}.png"), number));
    (0..7).for_each(|number| folder.paint(&format!("people/{}/{number}.png", number / 3), number));
    folder.succeeds("train --preset tiny --identities 2 --images 2 --minutes 0.001 --out a.bpk");
    let calibrate = format!(
        "calibrate --aligned --data people --detector {}",
        detector.display()
    );
    let cohort = |file: &str| {
        let bytes = std::fs::read(root.join(file)).unwrap();
        let (_, metadata) = load(bytes, &facekey::device::cpu()).unwrap();
        metadata.calibration.unwrap().cohort().clone()
    };
    folder.succeeds(&format!(
        "{calibrate} --cohort crowd --weights a.bpk --out b.bpk"
    ));
    assert!((5..=15).contains(&cohort("b.bpk").len()));
    folder.succeeds(&format!("{calibrate} --weights b.bpk --out c.bpk"));
    assert_eq!(cohort("c.bpk"), cohort("b.bpk"));
    folder.fails(
        &format!("{calibrate} --cohort people --weights a.bpk"),
        &["3 people are too few"],
    );
    folder.fails(
        &format!("{calibrate} --labels people.tsv --weights a.bpk"),
        &["--groups"],
    );
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-view1"]
fn measures_labelled_faces_with_the_shipped_weights() {
    let paths = ["../shared/data/lfw-view1", DETECTOR, WEIGHTS].map(present);
    let [Some(data), Some(detector), Some(weights)] = paths else {
        return;
    };
    let folder = Folder::new();
    let line = |people: &[&str]| {
        let (first, second) = (people[0], people[1]);
        format!(
            "verify --aligned --weights {} --detector {} {}/{first} {}/{second}",
            weights.display(),
            detector.display(),
            data.display(),
            data.display()
        )
    };
    let same = ["0013", "0014"].map(|number| format!("Abdullah_Gul/Abdullah_Gul_{number}.jpg"));
    let same = same.each_ref().map(String::as_str);
    assert_eq!(folder.run(&line(&same)).status.code(), Some(0));
    let output = folder.run(&line(&[same[0], "AJ_Cook/AJ_Cook_0001.jpg"]));
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("no match\n") && said.contains("FMR at this score"),
        "{said}"
    );
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-photos"]
fn a_teacher_is_measured_beside_its_student() {
    let [Some(detector), Some(weights)] = [DETECTOR, WEIGHTS].map(present) else {
        return;
    };
    let folder = Folder::new();
    if !copy_photos(&folder) {
        return;
    }
    let models = format!(
        "--weights {} --detector {}",
        weights.display(),
        detector.display()
    );
    // The student's own embeddings serve as a teacher with the same embeddings.
    let output = folder.run(&format!("embed photos {models}"));
    let faces = String::from_utf8(output.stdout).unwrap();
    let faces: Vec<serde_json::Value> = faces
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|face: &serde_json::Value| face["face"] == 0)
        .collect();
    let teach = |faces: &[serde_json::Value]| {
        let paths: Vec<_> = faces.iter().map(|f| f["path"].as_str().unwrap()).collect();
        let values = faces
            .iter()
            .flat_map(|f| f["embedding"].as_array().unwrap());
        let bytes: Vec<u8> = values
            .flat_map(|v| (v.as_f64().unwrap() as f32).to_le_bytes())
            .collect();
        let shape = vec![faces.len(), 128];
        let view = TensorView::new(Dtype::F32, shape, &bytes).unwrap();
        let file = folder.path().join("targets.safetensors");
        safetensors::serialize_to_file([("embedding", view)], None, &file).unwrap();
        std::fs::write(file.with_extension("txt"), paths.join("\n")).unwrap();
    };
    let line = format!("eval --data photos --targets targets.safetensors {models}");
    teach(&faces);
    let said = String::from_utf8(folder.run(&line).stdout).unwrap();
    assert!(
        said.contains("the teacher, at a mean distance (1 - cos) of 0.000"),
        "{said}"
    );
    let (student, teacher) = said.split_once("the teacher").unwrap();
    let val = |text: &str| text[text.find("VAL@FAR").unwrap()..].trim().to_string();
    assert_eq!(val(student), val(teacher));
    teach(&faces[1..]);
    let first = faces[0]["path"].as_str().unwrap();
    folder.fails(&line, &[first, "no target"]);
}
