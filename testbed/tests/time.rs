//! `eseal clock` and `eseal audit`, as a script sees them: exit codes and JSON.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::path::Path;

use serde_json::Value;

/// Exit code, and what `--json` tells.
fn eseal(folder: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let mut command = place::eseal(folder);
    let output = command.args(arguments).arg("--json").output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn clock(folder: &Path, arguments: &[&str]) -> Value {
    let (code, told) = eseal(folder, &[&["clock"], arguments].concat());
    assert_eq!(code, Some(0), "{arguments:?}: {told}");
    told
}

fn names(told: &Value) -> Vec<&str> {
    told["out_of_time"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn a_clock_at_the_end_of_all_times_bricks_no_world() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(eseal(folder, &["up", "--once"]).0, Some(0));
    for time in ["9999-12-31T23:59:59Z", "1950-01-01", "2090-01-01"] {
        let told = clock(folder, &["set", time]);
        assert!(names(&told).contains(&"root"), "{told}");
        assert!(told["not_renewed"].as_str().unwrap().contains("eseal clock reset"), "{told}");
        let (code, told) = eseal(folder, &["up", "--once"]);
        assert_eq!(code, Some(0), "{time}: {told}");
        assert!(told["warnings"][0].as_str().unwrap().contains("the CA root"), "{told}");
    }
    assert_eq!(clock(folder, &["set", "9999-12-31"])["time"], "9999-12-30T22:00:00Z");
    let told = clock(folder, &["reset"]);
    assert_eq!((&told["offset_seconds"], &told["out_of_time"]), (&Value::from(0), &Value::from(Vec::<Value>::new())));
    std::fs::write(folder.join("data.txt"), "letter").unwrap();
    assert_eq!(eseal(folder, &["timestamp", "data.txt"]).0, Some(0));
}

#[test]
fn without_renewal_a_script_meets_the_end_until_it_wants_renewal_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(eseal(folder, &["up", "--once"]).0, Some(0));
    assert_eq!(clock(folder, &["get"])["renew"], true);
    let told = clock(folder, &["advance", "2y", "--no-renew"]);
    assert_eq!((names(&told), &told["renew"]), (vec!["default"], &Value::from(false)));
    std::fs::write(folder.join("data.txt"), "letter").unwrap();
    assert_ne!(eseal(folder, &["timestamp", "data.txt"]).0, Some(0));
    assert_eq!(clock(folder, &["get"])["renew"], false, "the world keeps it");
    assert_eq!(clock(folder, &["run", "--renew"])["renewed"], Value::from(vec!["default"]));
    assert_eq!(eseal(folder, &["timestamp", "data.txt"]).0, Some(0));
    assert_eq!(eseal(folder, &["clock", "run", "--renew", "--no-renew"]).0, Some(4));
}

#[test]
fn an_export_is_verified_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(eseal(folder, &["up", "--once"]).0, Some(0));
    let (code, verdict) = eseal(folder, &["audit", "verify"]);
    assert_eq!((code, &verdict["intact"]), (Some(0), &Value::from(true)));
    let head = verdict["head"].as_str().unwrap();
    assert_eq!(eseal(folder, &["audit", "verify", "--since", head]).0, Some(0));
    let other = head.replace(['a', 'b', 'c'], "0");
    assert_eq!(eseal(folder, &["audit", "verify", "--since", &other]).1["fault"], "rewritten");
    assert_eq!(eseal(folder, &["audit", "export", "--out", "audit.jsonl"]).0, Some(0));
    assert_eq!(eseal(folder, &["audit", "export", "--out", "audit.jsonl"]).0, Some(4), "it is not replaced");
    let key = ["--key", "eseal-data/worlds/default/trust/audit.pem"];
    let judged = |file: &str| eseal(folder, &[&["audit", "verify", file], &key[..]].concat());
    assert_eq!(judged("audit.jsonl").0, Some(0));
    let text = std::fs::read_to_string(folder.join("audit.jsonl")).unwrap();
    std::fs::write(folder.join("changed.jsonl"), text.replacen("key-created", "token-issued", 1)).unwrap();
    let (code, told) = judged("changed.jsonl");
    assert_eq!((code, &told["sequence"], &told["fault"]), (Some(1), &Value::from(1), &Value::from("hash-differs")));
    std::fs::write(folder.join("no.jsonl"), "{}").unwrap();
    assert_eq!((judged("no.jsonl").0, judged("missing.jsonl").0), (Some(4), Some(4)));
}
