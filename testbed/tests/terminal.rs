//! What reaches a terminal: no byte of a stranger's text that moves the cursor, whatever it is the name of; and the first line.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::path::{Path, PathBuf};
use std::process::Output;

fn eseal(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = place::eseal(folder);
    command.args(arguments).output().unwrap()
}

/// Nothing but text and line ends, on either stream.
#[track_caller]
fn assert_harmless(output: &Output) {
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(stream.clone()).unwrap();
        let hidden = text.chars().find(|one| *one != '\n' && world::text::is_hidden(*one));
        assert_eq!(hidden, None, "{text:?}");
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The folder of a case, beside the repository; without it the test is skipped, and with REQUIRE_CORPORA=1 that is an error.
fn case(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from);
    let folder = corpora.join("../cases").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "{} is not there", folder.display());
    eprintln!("skipped: {} is not there", folder.display());
    None
}

const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\u{202e}\n✔ b.pdf";

#[test]
fn a_file_name_moves_no_cursor_in_any_message() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(HOSTILE), b"%PDF-1.7\nno PDF\n").unwrap();
    let missing = format!("missing {HOSTILE}");
    for file in [HOSTILE, &missing] {
        for arguments in [
            vec!["verify", "--offline", file],
            vec!["verify", "--trust", file, file],
            vec!["verify", "--policy", file, file],
            vec!["verify", "--json", file],
            vec!["policy", "check", file],
            vec!["seal", file],
            vec!["issue", file],
            vec!["timestamp", file, "--verify", file],
            vec!["revoke", file, "--reason", "superseded"],
            vec!["clock", "set", file],
            vec!["verify", &format!("--{file}")],
            vec!["verify", file, "--at", file],
            vec!["verify", file, "--report", file],
        ] {
            let output = eseal(folder.path(), &arguments);
            assert_harmless(&output);
            assert!(!text(&output).contains("\n✔"), "{arguments:?}: {}", text(&output));
        }
    }
    assert_harmless(&eseal(folder.path(), &["timestamp", HOSTILE]));
}

#[test]
fn names_in_a_seal_forge_no_screen() {
    let Some(folder) = case("17-terminal-escapes") else { return };
    let work = tempfile::tempdir().unwrap();
    let file = folder.join("lie.pdf").display().to_string();
    let stranger = pem(&work, &folder.join("lie.pdf"));
    for more in [vec![], vec!["--all-checks"], vec!["--json"], vec!["--lang", "ja"]] {
        let mut arguments = vec!["verify", "--offline", "--trust", &stranger, &file];
        arguments.extend(more);
        let output = eseal(work.path(), &arguments);
        assert_harmless(&output);
        let lines = text(&output).lines().filter(|line| line.starts_with('✔')).count();
        assert_eq!(lines, 0, "{}", text(&output));
    }
    let page = work.path().join("report.html");
    let wanted = format!("html={}", page.display());
    eseal(work.path(), &["verify", "--offline", "--trust", &stranger, "--report", &wanted, &file]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("\\u{1b}[2J") && !page.contains(|one| one != '\n' && world::text::is_hidden(one)));
}

/// Any certificate as an anchor, so that no world is needed.
fn pem(work: &tempfile::TempDir, sealed: &Path) -> String {
    let document = pades::Document::parse(std::fs::read(sealed).unwrap()).unwrap();
    let message = pki::SignedData::from_ber(&document.signatures()[0].contents).unwrap();
    let file = work.path().join("anchor.der");
    std::fs::write(&file, message.certificates()[0].der()).unwrap();
    file.display().to_string()
}

#[test]
fn who_is_not_confirmed_claims_and_what_was_changed_is_said_to_be() {
    let (Some(own), Some(changed)) = (case("18-who-issued"), case("03-any-later-changes-headline")) else { return };
    let work = tempfile::tempdir().unwrap();
    let at = "2026-11-28T22:26:29Z";
    let path = |folder: &Path, name: &str| folder.join(name).display().to_string();
    let (root, file) = (path(&own, "root.pem"), path(&own, "self-made.pdf"));
    let told = text(&eseal(work.path(), &["verify", "--offline", "--trust", &root, "--at", at, &file]));
    assert!(!told.contains("✔ Who") && told.contains("claims to be TESTBED University"), "{told}");
    assert!(!told.contains("Issued by TESTBED"), "{told}");
    let (root, file) = (path(&changed, "root.pem"), path(&changed, "tamper.pdf"));
    let policy = ["verify", "--offline", "--policy", "any-later-changes", "--trust", &root, "--at", at, &file];
    let told = text(&eseal(work.path(), &policy));
    assert!(told.starts_with('✖') && !told.contains("not changed since"), "{told}");
    assert!(told.contains("Changed after it was sealed"), "{told}");
    let only_stamps = ["verify", "--offline", "--trust", &root, "--trust-tsa", &root, "--at", at, &file];
    assert_ne!(eseal(work.path(), &only_stamps).status.code(), Some(4));
}

#[test]
fn a_policy_file_is_read_and_what_is_wrong_with_it_is_told_with_its_place() {
    let work = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(work.path().join(name), text).unwrap();
    let shown = text(&eseal(work.path(), &["policy", "show", "default"]));
    write("mine.toml", &shown.replace("name = \"default\"", "name = \"mine\""));
    let checked = eseal(work.path(), &["policy", "check", "mine.toml"]);
    assert_eq!((checked.status.code(), text(&checked).as_str()), (Some(0), "mine.toml: a policy, named mine\n"));
    write("wrong.toml", "extends = \"default\"\nlater-chances = \"any\"\n");
    write("any.pdf", "%PDF-1.7\n");
    for arguments in [["policy", "check", "wrong.toml"].as_slice(), &["verify", "--policy", "wrong.toml", "any.pdf"]] {
        let output = eseal(work.path(), arguments);
        assert_eq!(output.status.code(), Some(4));
        assert!(
            text(&output).contains("wrong.toml: line 2, column 1: unknown field `later-chances`"),
            "{}",
            text(&output)
        );
    }
    let unknown = text(&eseal(work.path(), &["verify", "--policy", "list", "any.pdf"]));
    assert!(unknown.contains("any-permitted-changes") && unknown.contains("eseal policy show"), "{unknown}");
    assert_eq!(text(&eseal(work.path(), &["policy", "list"])).lines().count(), validation::Policy::NAMES.len());
}
