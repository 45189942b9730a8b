//! The program's output, and the arguments that it refuses before it starts.

use std::process::Stdio;

use crate::support::{DETECTOR, Folder, TINY, WEIGHTS, present};

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    let folder = Folder::new();
    folder.people("d");
    for (option, range) in [
        ("--minutes=nan", "above 0 and below 5000000"),
        ("--epochs=-3", "above 0"),
        ("--identities=1", "2..=4096"),
        ("--images=1000000000000", "2..=256"),
        ("--learning-rate=0", "above 0"),
        ("--margin=inf", "from 0 to 4"),
        ("--crops=0", "1..="),
    ] {
        let (name, _) = option.split_once('=').unwrap();
        folder.fails(&format!("train --data d {option}"), &[name, range]);
    }
    folder.fails(
        "verify a.png b.png --fmr 2",
        &["--fmr", "above 0 and below 1"],
    );
    folder.fails(
        "cluster d --threshold nan",
        &["--threshold", "from -2 to 6"],
    );
    assert_eq!(folder.names(""), ["d"]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_work() {
    let folder = Folder::new();
    folder.people("d");
    folder.fails(
        &format!("train --data d {TINY} --out d"),
        &["it is a folder"],
    );
    assert_eq!(folder.names(""), ["d"]);
    let missing = "missing/x: No such file";
    for line in [
        "embed d --out missing/x",
        "cluster d --out missing/x",
        "eval --data d --json missing/x",
        "eval --data d --plot missing/x",
        "calibrate --data d --out missing/x",
    ] {
        folder.fails(line, &[missing]);
    }
    folder.fails("average a.bpk b.bpk --out d", &["it is a folder"]);
}

#[test]
fn figures_are_printed_as_json() {
    let folder = Folder::new();
    let output = folder.run("layers tiny --json");
    let layers: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(layers["preset"], "tiny");
    let first = &layers["layers"][0];
    assert!(first["multiply_adds"].as_u64().unwrap() > 0, "{first}");
    let [Some(detector), Some(weights)] = [DETECTOR, WEIGHTS].map(present) else {
        return;
    };
    for number in 0..8 {
        folder.paint(&format!("d/p{}/{number}.png", number / 4), number);
    }
    let models = format!(
        "--aligned --json --weights {} --detector {}",
        weights.display(),
        detector.display()
    );
    let json = |line: &str| {
        let output = folder.run(&format!("{line} {models}"));
        serde_json::from_slice::<serde_json::Value>(&output.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}: {output:?}"))
    };
    assert_eq!(
        json("cluster d --threshold 6")["groups"][0]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    assert_eq!(
        json("templates --data d --samples 1")["rules"][0]["impostor"],
        32
    );
    assert_eq!(json("groups --data d")["groups"][1]["people"], 4);
    assert_eq!(json("calibrate")["templates"][0]["samples"], 1);
    assert_eq!(
        json("bench --runs 1")["steps"][0]["seconds"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(json("verify d/p0/0.png d/p0/0.png")["accepted"], true);
}

#[test]
fn a_reader_that_has_gone_ends_the_program_quietly() {
    let folder = Folder::new();
    let mut command = folder.command("layers nn2");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn();
    let output = child.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    // The reader of standard error may be gone too.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = folder.command("embed nowhere").stderr(writer).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

#[test]
fn the_verdict_outlives_its_reader() {
    let [Some(detector), Some(weights)] = [DETECTOR, WEIGHTS].map(present) else {
        return;
    };
    let folder = Folder::new();
    folder.people("d");
    let models = format!(
        "--aligned --weights {} --detector {}",
        weights.display(),
        detector.display()
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = folder.command(&format!("verify {models} d/a/1.png d/a/1.png"));
    let output = command.stdout(writer).stderr(Stdio::piped()).spawn();
    let output = output.unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn models_are_found_in_the_folder_that_the_environment_names() {
    let [Some(detector), Some(_)] = [DETECTOR, WEIGHTS].map(present) else {
        return;
    };
    let folder = Folder::new();
    let mut command = folder.command("calibrate");
    let output = command
        .env("FACEKEY_MODELS", detector.parent().unwrap())
        .output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    folder.fails("calibrate", &["FACEKEY_MODELS", "--weights"]);
}
