//! What commands leave behind: no result over another or over a user's file, `-` for stdin and stdout, errors as objects.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DATA: &str = include_str!("../../examples/certificate.json");

fn eseal(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eseal"));
    command.current_dir(folder).env("LC_ALL", "C.UTF-8").env_remove("ESEAL_LOG").env_remove("ESEAL_DATA");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let _ = running.stdin.take().unwrap().write_all(input); // a command that reads nothing may have ended
    running.wait_with_output().unwrap()
}

/// A folder with a world, and a sealed PDF in it as `a.pdf`.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(eseal(folder.path(), &["up", "--once"], b"").status.success());
    let issued = eseal(folder.path(), &["issue", "-", "--level", "B-T", "--out", "-"], DATA.as_bytes());
    assert!(issued.stdout.starts_with(b"%PDF-"), "{}", String::from_utf8_lossy(&issued.stderr));
    std::fs::write(folder.path().join("a.pdf"), &issued.stdout).unwrap();
    folder
}

/// The one object on stdout, and nothing on stderr.
#[track_caller]
fn object(output: &Output) -> Value {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_result_takes_the_place_of_a_file_or_of_another_result() {
    let folder = prepared();
    let folder = folder.path();
    std::fs::create_dir(folder.join("b")).unwrap();
    std::fs::copy(folder.join("a.pdf"), folder.join("b/a.pdf")).unwrap();
    for name in ["taken.pdf", "taken.tsr", "taken.toml", "taken.xml"] {
        std::fs::write(folder.join(name), "mine").unwrap();
    }
    let story = ["scenario", "run", "1", "--junit", "taken.xml"];
    for arguments in [
        ["seal", "a.pdf", "--level", "B-B", "--out", "taken.pdf"].as_slice(),
        &["seal", "a.pdf", "--level", "B-B", "--out", "a.pdf"],
        &["seal", "a.pdf", "b/a.pdf", "--level", "B-B", "--out", "sealed"],
        &["timestamp", "a.pdf", "--out", "taken.tsr"],
        &["verify", "a.pdf", "--report", "html=taken.pdf"],
        &["verify", "a.pdf", "b/a.pdf", "--report", "json=report.json"],
        &["verify", "a.pdf", "--report", "json=one.json", "--report", "html=./one.json"],
        &["scenario", "new", "taken"],
        &story,
    ] {
        let before = std::fs::read(folder.join("a.pdf")).unwrap();
        let output = eseal(folder, arguments, b"");
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {output:?}");
        assert_eq!(std::fs::read(folder.join("a.pdf")).unwrap(), before, "{arguments:?}");
    }
    for name in ["taken.pdf", "taken.tsr", "taken.toml", "taken.xml"] {
        assert_eq!(std::fs::read(folder.join(name)).unwrap(), b"mine", "{name}");
    }
    for name in ["sealed", "report.json", "one.json"] {
        assert!(!folder.join(name).exists(), "{name}");
    }
    assert!(eseal(folder, &[&story[..], &["--force"]].concat(), b"").status.success());
    let sealed = eseal(folder, &["seal", "a.pdf", "--level", "B-B", "--out", "taken.pdf", "--force"], b"");
    assert!(sealed.status.success(), "{sealed:?}");
    let drafts = std::fs::read_dir(folder)
        .unwrap()
        .filter(|one| one.as_ref().unwrap().file_name().to_string_lossy().ends_with(".draft"));
    assert_eq!(drafts.count(), 0);
}

#[test]
fn a_pipe_goes_in_at_stdin_and_out_at_stdout() {
    let folder = prepared();
    let folder = folder.path();
    let pdf = std::fs::read(folder.join("a.pdf")).unwrap();
    let sealed = eseal(folder, &["seal", "-", "--level", "B-B"], &pdf);
    assert!(sealed.stdout.starts_with(&pdf), "{}", String::from_utf8_lossy(&sealed.stderr));
    let judged = object(&eseal(folder, &["verify", "-", "--json"], &sealed.stdout));
    assert_eq!(
        (judged["indication"].as_str(), judged["signatures"].as_array().unwrap().len()),
        (Some("TOTAL-PASSED"), 2)
    );
    let stamp = eseal(folder, &["timestamp", "-"], b"words");
    let judged = eseal(folder, &["timestamp", "-", "--verify", "stamp.tsr"], b"words");
    assert_eq!(judged.status.code(), Some(4), "there is no such file yet");
    std::fs::write(folder.join("stamp.tsr"), stamp.stdout).unwrap();
    assert!(eseal(folder, &["timestamp", "-", "--verify", "stamp.tsr"], b"words").status.success());
    assert_eq!(eseal(folder, &["verify", "-", "-"], &pdf).status.code(), Some(4), "stdin can be read once");

    // Two commands over one folder at once: the second waits for the first, and must not hold what the first waits for.
    let pipe = format!("'{0}' seal a.pdf --level B-B --out - | '{0}' verify - --json", env!("CARGO_BIN_EXE_eseal"));
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env_remove("ESEAL_LOG").env_remove("ESEAL_DATA");
    let piped = shell.args(["-c", &pipe]).output().unwrap();
    let judged: Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!(judged["indication"], "TOTAL-PASSED");
}

#[test]
fn errors_are_objects_with_the_input_if_json_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (arguments, error, input) in [
        (["verify", "--json", "no.pdf", "--trust", "no.pem"].as_slice(), "unreadable", Some("no.pdf")),
        (&["verify", "no.pdf", "--lang", "tlh", "--json"], "invalid_arguments", Some("tlh")),
        (&["verify", "--json", "--nonsense"], "invalid_arguments", Some("--nonsense")),
        (&["nonsense", "--json"], "invalid_arguments", Some("nonsense")),
        (&["policy", "show", "nonsense", "--json"], "failed", Some("nonsense")),
        (&["scenario", "run", "nonsense", "--json"], "failed", Some("nonsense")),
        (&["--once", "policy", "list", "--json"], "failed", None),
    ] {
        let output = eseal(folder, arguments, b"");
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let told = object(&output);
        assert_eq!((told["error"].as_str(), told["input"].as_str()), (Some(error), input), "{arguments:?}: {told}");
        assert!(!told["error_description"].as_str().unwrap().contains('\n'), "{told}");
    }
}

#[test]
fn one_broken_story_stops_neither_the_others_nor_the_junit_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("broken.toml"), "title = 1\n").unwrap();
    let output = eseal(folder, &["scenario", "run", "broken.toml", "1", "--junit", "results.xml", "--json"], b"");
    assert_eq!(output.status.code(), Some(4));
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0]["input"].as_str(), lines[1]["result"].as_str()), (Some("broken.toml"), Some("passed")));
    let results = std::fs::read_to_string(folder.join("results.xml")).unwrap();
    assert!(results.contains("tests=\"2\" failures=\"0\" errors=\"1\""), "{results}");
}

#[test]
fn options_of_up_count_before_it_and_are_refused_with_other_commands() {
    let folder = tempfile::tempdir().unwrap();
    let told = object(&eseal(folder.path(), &["--once", "--authority-keys", "p384", "up", "--json"], b""));
    assert_eq!(told["first_certificate"]["verdict"]["indication"], "TOTAL-PASSED");
    let twice = eseal(folder.path(), &["--listen", "127.0.0.1:1", "up", "--listen", "127.0.0.1:2"], b"");
    assert_eq!(twice.status.code(), Some(4));
    let other = eseal(folder.path(), &["--listen", "127.0.0.1:0", "clock", "get"], b"");
    assert_eq!(other.status.code(), Some(4));
}
