//! `eseal timestamp --verify`: a token is judged as one in a PDF is, and the exit code says how.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::path::Path;

/// Exit code, and what `--json` tells.
fn eseal(folder: &Path, arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let mut command = place::eseal(folder);
    let output = command.args(arguments).arg("--json").output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// A folder with `data.txt`, its time-stamp, and another file.
fn stamped() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.txt"), "a certificate of completion").unwrap();
    std::fs::write(folder.path().join("other.txt"), "another one").unwrap();
    assert_eq!(eseal(folder.path(), &["up", "--once"]).0, Some(0));
    assert_eq!(eseal(folder.path(), &["timestamp", "data.txt"]).0, Some(0));
    folder
}

#[test]
fn the_exit_code_tells_passed_failed_and_undecided() {
    let folder = stamped();
    let folder = folder.path();
    for (arguments, code, indication, sub_indication) in [
        (vec!["data.txt"], 0, "PASSED", None),
        (vec!["other.txt"], 1, "FAILED", Some("HASH_FAILURE")),
        (vec!["data.txt", "--offline"], 2, "INDETERMINATE", Some("CERTIFICATE_CHAIN_GENERAL_FAILURE")),
    ] {
        let all = [&["timestamp", "--verify", "data.txt.tsr"], &arguments[..]].concat();
        let (found, told) = eseal(folder, &all);
        assert_eq!((found, told["indication"].as_str()), (Some(code), Some(indication)), "{arguments:?}: {told}");
        assert_eq!(told["sub_indication"].as_str(), sub_indication);
        assert_eq!(told["valid"], code == 0);
        assert_eq!(told["fault"].is_null(), code == 0);
        assert!(told["checks"].as_array().is_some_and(|checks| checks.len() > 5));
    }
    let (code, told) = eseal(folder, &["timestamp", "data.txt", "--verify", "other.txt"]);
    assert_eq!(code, Some(4), "what is no token has no verdict");
    assert_eq!(told["input"], "other.txt", "{told}");
}

#[test]
fn a_person_reads_the_words_for_time_stamps() {
    let folder = stamped();
    let folder = folder.path();
    for (arguments, beginning) in [
        (vec!["data.txt"], "valid: data.txt existed at "),
        (vec!["other.txt"], "not valid: FAILED/HASH_FAILURE: "),
        (vec!["data.txt", "--offline"], "undecided: INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE: "),
    ] {
        let mut command = place::eseal(folder);
        let output = command.args(["timestamp", "--verify", "data.txt.tsr"]).args(&arguments).output().unwrap();
        let screen = String::from_utf8(output.stdout).unwrap();
        assert!(screen.starts_with(beginning), "{arguments:?}: {screen}");
    }
}

#[test]
fn a_time_stamp_that_is_refused_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("data.txt"), "a certificate of completion").unwrap();
    assert_eq!(eseal(folder, &["up", "--once"]).0, Some(0));
    assert_eq!(eseal(folder, &["clock", "advance", "40y", "--no-renew"]).0, Some(0));
    let (code, told) = eseal(folder, &["timestamp", "data.txt"]);
    assert_eq!((code, told["error"].as_str(), told["input"].as_str()), (Some(1), Some("conflict"), Some("data.txt")));
    assert!(told["error_description"].as_str().unwrap().contains("could stamp until"), "{told}");
    assert!(!folder.join("data.txt.tsr").exists());
}
