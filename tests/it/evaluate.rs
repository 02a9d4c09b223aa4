//! `evaluate` and `calibrate` as an office uses them: on its own documents with known values, through to the service that reads by its thresholds.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::instance::{Instance, corpus, program};

/// A folder with two forms written by hand and their true values.
fn verified() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["skjema-hand-nb-g4.tif", "skjema-hand-nb-grey.pdf"] {
        let truth = PathBuf::from(name).with_extension("expected.json");
        std::fs::copy(corpus().join(name), folder.path().join(name)).expect("a sample");
        std::fs::copy(corpus().join(&truth), folder.path().join(&truth)).expect("true values");
    }
    folder
}

fn run(arguments: &[&str], folder: &Path, more: &[&Path]) -> Output {
    Command::new(program())
        .args(arguments)
        .arg(folder)
        .args(["--received", "2026-11-21"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program runs")
}

/// What `evaluate` counts of a group.
fn measured(output: &Output, group: &str) -> Json {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).expect("a JSON line"));
    lines.into_iter().find(|line| line["group"] == group).unwrap_or_else(|| panic!("no group {group}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn thresholds(file: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(file).expect("a file was written")).expect("JSON")
}

#[test]
fn an_office_measures_what_is_accepted_and_a_wrong_value_shows() {
    let folder = verified();
    let all = measured(&run(&["--json", "evaluate"], folder.path(), &[]), "all");
    let truths = || {
        folder
            .path()
            .read_dir()
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
    };
    let fields: usize = truths().map(|path| thresholds(&path)["fields"].as_object().expect("fields").len()).sum();
    assert_eq!((all["fields"].as_u64(), all["wrong_accepted"].as_u64()), (Some(fields as u64), Some(0)), "{all}");
    assert!(all["accepted"].as_u64() > Some(10) && all["wrong_at_most"].as_f64() > Some(0.0));
    // Somebody typed other values: all of what was accepted there is now wrong.
    for path in truths() {
        let mut truth = thresholds(&path);
        for value in truth["fields"].as_object_mut().expect("fields").values_mut() {
            *value = "199912319999".into();
        }
        std::fs::write(&path, truth.to_string()).expect("room");
    }
    let output = run(&["--json", "evaluate"], folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let wrong = measured(&output, "all");
    assert!(wrong["wrong_accepted"].as_u64() >= all["accepted"].as_u64(), "{wrong}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("199912319999"), "a report tells no value");
}

#[test]
fn an_offices_thresholds_are_no_looser_on_few_documents_and_are_what_it_reads_by() {
    let folder = verified();
    let file = folder.path().join("thresholds.calibrated");
    let made = run(&["calibrate"], folder.path(), &[Path::new("--output"), &file]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (own, shipped) = (thresholds(&file), thresholds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/calibration.json")));
    assert_eq!(own["model"], shipped["model"]);
    let of = |found: &Json| found["hand"].as_object().expect("types").clone();
    assert!(of(&own).len() > 4);
    for (kind, threshold) in of(&own) {
        assert!(threshold["least"].as_f64() >= shipped["hand"][&kind]["least"].as_f64(), "{kind}: {threshold}");
    }
    // With a threshold that nothing reaches, nothing written by hand is accepted; with the lowest, more is than is shipped.
    let group = "privatboende: comb, by hand: date";
    let accepted = |least: f64| {
        let mut other = own.clone();
        for threshold in other["hand"].as_object_mut().expect("types").values_mut() {
            threshold["least"] = least.into();
        }
        std::fs::write(&file, other.to_string()).expect("room");
        measured(&run(&["--json", "evaluate"], folder.path(), &[Path::new("--thresholds"), &file]), group)["accepted"].as_u64().expect("a count")
    };
    let [none, some] = [1.0, 0.75].map(accepted);
    assert!(none == 0 && some > 0, "{none}, {some}");

    let instance = Instance::new();
    instance.reconfigure("processes = 2", &format!("processes = 2\nthresholds = \"{}\"", file.display()));
    for (key, value, told) in [
        ("model", Json::from("characters 0"), "calibrate"),
        ("hand", serde_json::json!({"duf": {"least": 0.2, "fields": 1, "accepted": 1, "wrong": 0}}), "0.2"),
    ] {
        let mut other = own.clone();
        other[key] = value;
        std::fs::write(&file, other.to_string()).expect("room");
        let text = instance.refused(&["serve"]);
        assert!(text.contains("threshold") && text.contains(told), "{text}");
    }
}
