//! Minimum figures of the shipped weights. The model card has the measured figures; the margin is
//! larger than the differences between machines.

use serde_json::Value;

use crate::support::{DETECTOR, Folder, WEIGHTS, present};

/// The output of the command `line` with `--json`, for the aligned crops in `data` below
/// `../shared/data`.
fn measured(data: &str, line: &str) -> Option<Value> {
    let data = format!("../shared/data/{data}");
    let paths = [&data, DETECTOR, WEIGHTS].map(present);
    let [Some(data), Some(detector), Some(weights)] = paths else {
        return None;
    };
    let [data, detector, weights] = [&data, &detector, &weights].map(|path| path.display());
    let line = line.replace("DATA", &data.to_string());
    let output = Folder::new().run(&format!(
        "{line} --json --aligned --data {data} --detector {detector} --weights {weights}"
    ));
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}: {error}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-view1"]
fn pairs_of_labelled_faces_are_decided_correctly() {
    let Some(report) = measured(
        "lfw-view1",
        "eval --threshold-from DATA/pairsDevTrain.txt --pairs DATA/pairsDevTest.txt",
    ) else {
        return;
    };
    let figure = |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("{report}"));
    assert!(figure("auc") > 0.995, "{report}");
    assert!(figure("equal_error_rate") < 0.03, "{report}");
}

#[test]
#[ignore = "needs photos: ../shared/data/faces/groups"]
fn the_stated_rate_holds_for_each_group_of_people() {
    let Some(report) = measured("faces/groups", "groups --labels DATA/../people.tsv") else {
        return;
    };
    let groups = report["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 10);
    for group in groups {
        let fmr = group["fmr"].as_f64().unwrap();
        assert!(fmr < 1.2e-3, "at a stated rate of 1e-3: {group}");
    }
}
