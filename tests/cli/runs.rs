//! Training runs: their output files, resuming, and the files that they must not overwrite.

use facekey::net::weights::load;

use crate::support::{DETECTOR, Folder, TINY, WEIGHTS, present};

fn train(options: &str) -> String {
    format!("train {TINY} {options}")
}

/// A file's bytes.
fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn a_run_is_not_overwritten_unasked() {
    let folder = Folder::new();
    folder.people("d");
    folder.succeeds(&train("--data d --epochs 3 --out x.bpk"));
    let state = bytes(&folder, "x.checkpoint/state.json");
    let again = train("--data d --epochs 1 --out x.bpk");
    folder.fails(&again, &["x.checkpoint", "--resume", "--overwrite"]);
    assert_eq!(bytes(&folder, "x.checkpoint/state.json"), state);
    folder.succeeds(&format!("{again} --overwrite"));
    assert_ne!(bytes(&folder, "x.checkpoint/state.json"), state);
    folder.write("shipped.bpk", "weights without a run");
    folder.fails(
        &train("--data d --epochs 1 --out shipped.bpk"),
        &["--overwrite"],
    );
}

#[test]
fn a_run_on_other_data_leaves_the_earlier_one_under_another_name() {
    let folder = Folder::new();
    folder.people("d");
    folder.people("e");
    folder.paint("e/b/2.png", 9);
    folder.succeeds(&train("--data d --epochs 2 --out x.bpk"));
    let [weights, state] = ["x.bpk", "x.checkpoint/state.json"].map(|name| bytes(&folder, name));
    let said = folder.succeeds(&train("--data e --epochs 1 --out x.bpk"));
    assert!(said.contains("x.1.bpk"), "{said}");
    assert_eq!(bytes(&folder, "x.1.bpk"), weights);
    assert_eq!(bytes(&folder, "x.1.checkpoint/state.json"), state);
}

#[test]
fn only_a_run_on_the_same_data_is_resumed() {
    let folder = Folder::new();
    folder.people("d");
    let first = train("--data d --epochs 2 --out x.bpk");
    folder.succeeds(&first);
    let resume = train("--data d --epochs 3 --out x.bpk --resume");
    folder.paint("d/b/2.png", 9);
    folder.fails(&resume, &["other data", "1 changed (train/b/2.png)"]);
    folder.people("d");
    folder.fails(
        &format!("{resume} --margin 0.5"),
        &["margin was 0.2", "0.5"],
    );
    std::fs::rename(folder.path().join("d"), folder.path().join("moved")).unwrap();
    folder.succeeds(&train("--data moved --epochs 3 --out x.bpk --resume"));
    folder.fails(
        &train("--data moved --out y.bpk --resume"),
        &["no checkpoint"],
    );
}

#[test]
fn a_resumed_run_may_go_on_at_another_pace() {
    let folder = Folder::new();
    folder.people("d");
    let first = "--data d --epochs 2 --cool-down 0 --learning-rate 5e-4 --out x.bpk";
    folder.succeeds(&train(first));
    let resumed = |options: &str| {
        let said = folder.succeeds(&train(&format!("--data d --out x.bpk --resume {options}")));
        let log = String::from_utf8(bytes(&folder, "x.log.jsonl")).unwrap();
        let mut rates = log.lines().filter_map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            entry["learning_rate"].as_f64()
        });
        (said, rates.next_back().unwrap())
    };
    let (said, rate) = resumed("--epochs 4");
    assert!(!said.contains("other settings"), "{said}");
    assert_eq!(rate, 5e-4);
    let (said, rate) = resumed("--epochs 8 --cool-down 0.5 --learning-rate 1e-3");
    for words in [
        "cool-down was 0.0 and is 0.5 now",
        "learning-rate was 0.0005 and is 0.001 now",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(rate < 5e-4, "{rate}");
    folder.fails(
        &train("--data d --out x.bpk --resume --devices 2"),
        &["devices was 1"],
    );
}

#[test]
fn a_run_with_a_refiner_passes_it_on() {
    let Some(weights) = present(WEIGHTS) else {
        return;
    };
    let folder = Folder::new();
    folder.people("d");
    let refiner = format!("--refiner {}", weights.display());
    folder.succeeds(&train("--data d --epochs 2 --out x.bpk"));
    let shipped = std::fs::read(&weights).unwrap();
    let refiner_of = |bytes| load(bytes, &facekey::device::cpu()).unwrap().1.refiner;
    assert_eq!(refiner_of(bytes(&folder, "x.bpk")), None);
    // A resumed run may begin to refine, but not stop.
    folder.succeeds(&train(&format!(
        "--data d --epochs 3 --out x.bpk --resume {refiner}"
    )));
    assert_eq!(refiner_of(bytes(&folder, "x.bpk")), refiner_of(shipped));
    folder.fails(
        &train("--data d --epochs 4 --out x.bpk --resume"),
        &["refiner was"],
    );
    folder.succeeds(&train("--data d --epochs 1 --init x.bpk --out kept.bpk"));
    assert_eq!(
        refiner_of(bytes(&folder, "kept.bpk")),
        refiner_of(bytes(&folder, "x.bpk"))
    );
    folder.fails("export x.checkpoint --out y.bpk", &["--refiner"]);
    folder.succeeds(&format!("export x.checkpoint --out y.bpk {refiner}"));
    assert_eq!(bytes(&folder, "y.bpk").len(), bytes(&folder, "x.bpk").len());
    folder.fails(
        &train("--data d --epochs 1 --out z.bpk --refiner y.bpk.missing"),
        &["y.bpk.missing"],
    );
}

#[test]
fn a_damaged_or_missing_log_does_not_keep_a_run_from_going_on() {
    let folder = Folder::new();
    folder.people("d");
    folder.succeeds(&train("--data d --epochs 4 --out x.bpk"));
    let resume = |epochs: u32| train(&format!("--data d --epochs {epochs} --out x.bpk --resume"));
    let lines = || {
        let log = String::from_utf8(bytes(&folder, "x.log.jsonl")).unwrap();
        log.lines().filter(|line| line.contains("\"step\"")).count()
    };
    let log = bytes(&folder, "x.log.jsonl");
    folder.write("x.log.jsonl", &log[..log.len() - 25]);
    folder.succeeds(&resume(6));
    assert_eq!(lines(), 5, "the torn line is lost");
    std::fs::remove_file(folder.path().join("x.log.jsonl")).unwrap();
    folder.succeeds(&resume(8));
    assert_eq!(lines(), 2);
    // If the log cannot be written, the run continues, with a warning.
    std::fs::remove_file(folder.path().join("x.log.jsonl")).unwrap();
    folder.write("x.log.jsonl/in-the-way", "");
    let said = folder.succeeds(&resume(9));
    assert!(
        said.contains("without a log") && said.contains("curves could not be drawn"),
        "{said}"
    );
}

#[test]
fn a_run_that_diverges_says_so_and_leaves_no_ruined_checkpoint() {
    let folder = Folder::new();
    folder.people("d");
    // With this margin, the first step has a loss for any pictures.
    let diverging = train("--data d --learning-rate 1e30 --margin 4 --out x.bpk");
    let words = ["training diverged at step ", "--learning-rate"];
    // The first step may find no triplet to learn from.
    folder.fails(&format!("{diverging} --epochs 4"), &words);
    folder.fails(&format!("{diverging} --epochs 6"), &words);
    assert_eq!(folder.names("x.checkpoint"), [""; 0]);
    assert!(!folder.path().join("x.bpk").exists());
    folder.succeeds(&train("--data d --epochs 1 --out x.bpk"));
}

#[test]
fn names_that_differ_after_a_dot_are_runs_of_their_own() {
    let folder = Folder::new();
    folder.people("d");
    for rate in ["0.001", "0.002"] {
        let line = train(&format!(
            "--data d --epochs 1 --learning-rate {rate} --out lr{rate}"
        ));
        folder.succeeds(&line);
    }
    let names = folder.names("");
    for name in [
        "lr0.001.checkpoint",
        "lr0.002.checkpoint",
        "lr0.002.log.jsonl",
    ] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
}

#[test]
#[ignore = "needs photos: ../shared/data/golden"]
fn crops_follow_their_photos() {
    let Some(detector) = present(DETECTOR) else {
        return;
    };
    let Some(golden) = present("../shared/data/golden") else {
        return;
    };
    let folder = Folder::new();
    let put = |photo: u32, name: &str| {
        let photo = std::fs::read(golden.join(format!("photo_{photo}.png"))).unwrap();
        folder.write(name, photo);
    };
    put(1, "d/cid/1.png");
    put(3, "d/cid/2.png");
    put(2, "d/dan/1.png");
    put(1, "d/dan/2.png");
    let line = |options: &str| {
        let detector = detector.display();
        train(&format!(
            "--data d --epochs 1 --out x.bpk --detector {detector} {options}"
        ))
    };
    folder.succeeds(&line(""));
    let crop = bytes(&folder, "x.crops/train/dan/1.png.png");
    let kept = bytes(&folder, "x.crops/train/dan/2.png.png");
    put(3, "d/dan/1.png");
    std::fs::rename(folder.path().join("d/cid"), folder.path().join("d/eve")).unwrap();
    let said = folder.succeeds(&line(""));
    assert!(said.contains("2 identities, 4 images"), "{said}");
    assert_eq!(folder.names("x.crops/train"), ["dan", "eve"]);
    assert_ne!(bytes(&folder, "x.crops/train/dan/1.png.png"), crop);
    assert_eq!(bytes(&folder, "x.crops/train/dan/2.png.png"), kept);
    // A crop that was changed is made again from its photo.
    folder.paint("x.crops/train/dan/2.png.png", 1);
    folder.succeeds(&line("--overwrite"));
    assert_eq!(bytes(&folder, "x.crops/train/dan/2.png.png"), kept);
}
