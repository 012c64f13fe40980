//! What commands are given: nothing is ignored, an error names what is wrong, advice can be followed.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::path::Path;
use std::process::Output;

use serde_json::Value;

const DATA: &str = include_str!("../../examples/certificate.json");
const REPORT: &[u8] = include_bytes!("../../examples/report.pdf");

fn eseal_in(folder: &Path, locale: &str, arguments: &[&str]) -> Output {
    place::eseal(folder).env("LC_ALL", locale).args(arguments).output().unwrap()
}

/// Exit code, and everything that was said.
fn eseal(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = eseal_in(folder, "C.UTF-8", arguments);
    (status.code().unwrap(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// Exit code, and the one object.
#[track_caller]
fn told(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, said) = eseal(folder, &[arguments, &["--json"]].concat());
    (code, serde_json::from_str(&said).unwrap_or_else(|_| panic!("{arguments:?}: {said}")))
}

/// A folder with a world.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = eseal(folder.path(), &["up", "--once"]);
    assert_eq!(code, 0, "{said}");
    for name in ["a.pdf", "b.pdf"] {
        std::fs::write(folder.path().join(name), REPORT).unwrap();
    }
    std::fs::write(folder.path().join("data.json"), DATA).unwrap();
    folder
}

#[test]
fn completion_data_by_position_are_refused_with_the_member_and_its_place() {
    let folder = prepared();
    let folder = folder.path();
    let by_position = r#""recipient": ["N", "id@x.jp", "ROMAN"],"#;
    let (before, rest) = DATA.split_once("\"recipient\"").unwrap();
    let (_, after) = rest.split_once("},").unwrap();
    std::fs::write(folder.join("array.json"), format!("{before}{by_position}{after}")).unwrap();
    std::fs::write(folder.join("whole.json"), format!("[{DATA}]")).unwrap();
    std::fs::write(folder.join("mark.json"), format!("\u{feff}{DATA}")).unwrap();
    for (file, path) in [("array.json", "at recipient: "), ("whole.json", "at .: ")] {
        let (code, told) = told(folder, &["issue", file, "--out", "cert.pdf"]);
        let description = told["error_description"].as_str().unwrap();
        assert_eq!((code, told["input"].as_str()), (4, Some(file)));
        assert!(description.contains(path) && description.contains("expected an object at line "), "{description}");
    }
    assert_eq!(told(folder, &["issue", "mark.json", "--level", "B-B", "--out", "."]).1["recipient"], "髙橋 花子");
}

#[test]
fn an_error_names_the_argument_that_is_wrong() {
    let folder = prepared();
    let folder = folder.path();
    std::fs::write(folder.join("broken.toml"), "x=").unwrap();
    std::fs::write(folder.join("file"), "").unwrap();
    std::fs::write(folder.join("data.pdf"), DATA).unwrap();
    std::fs::write(folder.join("story.toml"), b"id = '\x8e\x52'").unwrap();
    for (arguments, input, error) in [
        (["verify", "a.pdf", "--policy", "broken.toml"].as_slice(), "broken.toml", "failed"),
        (&["verify", "a.pdf", "b.pdf", "--policy", "broken.toml"], "broken.toml", "failed"),
        (&["verify", "a.pdf", "--report", "json=-"], "-", "invalid_arguments"),
        (&["scenario", "run", "1", "--junit", "-"], "-", "invalid_arguments"),
        (&["scenario", "run", "story.toml"], "story.toml", "unreadable"),
        (&["verify", "file"], "file", "unprocessable"),
        (&["clock", "advance", "1d", "--data", "file"], "file", "invalid_arguments"),
        (&["timestamp", "a.pdf", "--verify", "file"], "file", "unprocessable"),
        (&["up", "--url", "http://127.0.0.1:1"], "http://127.0.0.1:1", "invalid_arguments"),
        (&["seal", "a.pdf", "--reason", &"x".repeat(66_000)], "--reason", "invalid_arguments"),
        (&["seal", "a.pdf", "--reason", "a\u{202e}b"], "--reason", "invalid_arguments"),
        (&["seal", "a.pdf", "--field", &"x".repeat(66_000)], "--field", "invalid_arguments"),
        (&["seal", "a.pdf", "b.pdf", "--out", "one.pdf"], "one.pdf", "invalid_arguments"),
        (&["issue", "data.pdf", "--out", "data.pdf", "--force"], "data.pdf", "same_result"),
        (&["issue", "data.json", "data.json", "--out", "one.pdf"], "one.pdf", "invalid_arguments"),
    ] {
        let (code, told) = told(folder, arguments);
        assert_eq!((code, told["input"].as_str(), told["error"].as_str()), (4, Some(input), Some(error)), "{told}");
        assert!(told.to_string().len() < 400 && !told.to_string().contains("stream"), "{told}");
    }
    assert!(!folder.join("one.pdf").exists());
    let (_, said) = eseal(folder, &["clock", "advance", "1d", "--data", "file/deeper"]);
    assert!(!said.contains("1d: "), "{said}");
}

#[test]
fn one_certificate_goes_into_the_file_that_is_named() {
    let folder = prepared();
    let issue = ["issue", "data.json", "--level", "B-B", "--out", "cert.pdf"];
    assert_eq!(told(folder.path(), &issue).1["file"], "cert.pdf");
    assert!(std::fs::read(folder.path().join("cert.pdf")).unwrap().starts_with(b"%PDF-"));
    let (code, refused) = told(folder.path(), &issue);
    assert_eq!((code, refused["error"].as_str()), (4, Some("exists")), "before anything is issued");
    let (_, next) = told(folder.path(), &["issue", "data.json", "--level", "B-B", "--out", "more.pdf/"]);
    assert!(next["number"].as_str().unwrap().contains("-000003-"), "{next}");
    assert!(folder.path().join("more.pdf").is_dir());
}

#[test]
fn what_cannot_be_as_it_was_asked_for_is_a_warning_also_in_json() {
    let folder = prepared();
    let up = ["up", "--once", "--listen", "127.0.0.1:0", "--authority-keys", "rsa2048"];
    let (code, told) = told(folder.path(), &up);
    let warnings: Vec<&str> = told["warnings"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let [served_elsewhere, keys] = warnings[..] else { panic!("{told}") };
    assert_eq!(code, 0);
    let wanted = "the certificates of this world say http://127.0.0.1:8700, "; // over a database another server may be there
    assert!(
        served_elsewhere.starts_with(wanted) && served_elsewhere.contains("at http://127.0.0.1:"),
        "{served_elsewhere}"
    );
    assert!(keys.starts_with("--authority-keys is for a world that is made now"), "{keys}");
}

#[test]
fn a_folder_that_cannot_be_looked_into_is_not_empty() {
    if place::left_out_over_postgres() {
        return;
    }
    let folder = prepared();
    let folder = folder.path();
    std::fs::create_dir(folder.join("other")).unwrap();
    std::os::unix::fs::symlink("worlds", folder.join("other/worlds")).unwrap(); // it leads to itself: nobody can read it
    for command in [
        ["world", "list"].as_slice(),
        &["clock", "get"],
        &["verify", "a.pdf"],
        &["issue", "data.json"],
        &["audit", "verify"],
        &["up", "--once"],
    ] {
        let (code, told) = told(folder, &[command, &["--data", "other"]].concat());
        assert_eq!((code, told["error"].as_str()), (4, Some("unreadable")), "{command:?}: {told}");
        assert!(told["input"].as_str().unwrap().starts_with("other/worlds"), "{told}");
    }
    let (code, said) = eseal(folder, &["world", "list", "--data", "nowhere"]);
    assert!(code == 0 && said.contains("there are no worlds"), "{said}");
}

#[test]
fn advice_can_be_followed() {
    let folder = prepared();
    for (arguments, advice) in [
        (["verify", "--once", "a.pdf"].as_slice(), "tip: --once belongs to `eseal up`"),
        (&["revoke", "a.pdf", "--reason", "stolen"], "wanted one of keyCompromise, cACompromise, aACompromise, "),
        (&["scenario", "new", "my story"], "play it: eseal scenario run 'my story.toml'"),
        (&["seal", "a.pdf", "--reason", ""], "error: --reason: wanted 1 to 500 characters that say why, found 0"),
    ] {
        let (_, said) = eseal(folder.path(), arguments);
        assert!(said.contains(advice), "{arguments:?}: {said}");
    }
}

#[test]
fn a_japanese_sentence_is_not_said_again_in_english() {
    let folder = prepared();
    for (arguments, sentence) in [
        (["verify", "nowhere.pdf"], "エラー: nowhere.pdf を読み取れません: No such file or directory (os error 2)\n"),
        (["verify", "a.pdf"], ""),
        (["verify", "data.json"], "エラー: data.json: PDFとして検証できません: not a PDF: "),
    ] {
        let output = eseal_in(folder.path(), "ja_JP.UTF-8", &arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(sentence) && !said.contains("cannot"), "{said}");
    }
    let output = eseal_in(folder.path(), "ja_JP.UTF-8", &["verify", "a.pdf", "--world", "none"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "エラー: ワールド none がありません (`eseal world new none` で作成できます)\n");
}

#[test]
fn a_world_that_is_there_already_is_an_error_that_programs_read() {
    let folder = prepared();
    let new = ["world", "new", "class"];
    assert_eq!(told(folder.path(), &new).0, 0);
    let (code, again) = told(folder.path(), &new);
    assert_eq!((code, again["error"].as_str(), again["made"].as_bool()), (1, Some("exists"), Some(false)));
    assert_eq!(eseal(folder.path(), &["issue", "data.json", "--level", "B-B", "--world", "class"]).0, 0);
    assert_eq!(eseal(folder.path(), &["world", "delete", "class"]).0, 0);
    let documents = folder.path().join("eseal-data/documents");
    assert!(!documents.join("class").exists() && documents.join("class.deleted").is_dir());
}

#[test]
fn blank_lines_after_an_audit_export_are_no_entries() {
    let folder = prepared();
    let file = folder.path().join("audit.jsonl");
    assert_eq!(eseal(folder.path(), &["audit", "export", "--out", "audit.jsonl"]).0, 0);
    let exported = std::fs::read_to_string(&file).unwrap();
    let verify = ["audit", "verify", "audit.jsonl"];
    std::fs::write(&file, format!("{exported}\n\r\n ")).unwrap();
    assert_eq!(told(folder.path(), &verify).1["intact"], true);
    std::fs::write(&file, format!("{exported}\n{exported}")).unwrap();
    assert_eq!(told(folder.path(), &verify).1["intact"], false);
}
