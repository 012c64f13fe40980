//! What commands leave behind: no result over another or over a user's file, `-` for stdin and stdout, errors as objects.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const DATA: &str = include_str!("../../examples/certificate.json");

fn eseal(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = place::eseal(folder);
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

/// Any certificate, so that no world is needed.
fn anchor(folder: &Path) -> String {
    let world = prepared();
    let place = folder.join("any.pem");
    std::fs::copy(world.path().join("eseal-data/worlds/default/trust/root.pem"), &place).unwrap();
    place.display().to_string()
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
    let pipe = "\"$0\" seal a.pdf --level B-B --out - | \"$0\" verify - --json";
    let piped = place::shell(folder, pipe).output().unwrap();
    let judged: Value = serde_json::from_slice(&piped.stdout).unwrap();
    assert_eq!(judged["indication"], "TOTAL-PASSED");
}

#[test]
fn errors_are_objects_with_the_input_if_json_is_wanted() {
    if place::left_out_over_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let any = anchor(folder);
    let any = any.as_str();
    for (arguments, error, input) in [
        (["verify", "--json", "no.pdf", "--trust", "no.pem"].as_slice(), "unreadable", Some("no.pem")),
        (&["verify", "--json", "no.pdf", "--policy", "no.toml"], "unreadable", Some("no.toml")),
        (&["verify", "--json", "no.pdf", "--trust", any, "--at", "never"], "invalid_arguments", Some("never")),
        (&["audit", "verify", "no.jsonl", "--json"], "unreadable", Some("no.jsonl")),
        (&["world", "restore", "no.eseal", "--json"], "unreadable", Some("no.eseal")),
        (&["world", "delete", "none", "--json"], "no_such_world", Some("none")),
        (&["openapi", "--world", "none", "--json"], "no_such_world", Some("none")),
        (&["scenario", "run", "no.toml", "--json"], "unreadable", Some("no.toml")),
        (&["clock", "get", "--url", "nonsense", "--json"], "invalid_arguments", Some("nonsense")),
        (&["clock", "get", "--json=1"], "invalid_arguments", Some("1")),
        (&["up", "--listen", "0.0.0.0:0", "--json"], "invalid_arguments", Some("0.0.0.0:0")),
        (&["--data", "", "up", "--once", "--json"], "invalid_arguments", Some("")),
        (&["verify", "no.pdf", "--lang", "tlh", "--json"], "invalid_arguments", Some("tlh")),
        (&["verify", "--json", "--nonsense"], "invalid_arguments", Some("--nonsense")),
        (&["nonsense", "--json"], "invalid_arguments", Some("nonsense")),
        (&["policy", "show", "nonsense", "--json"], "invalid_arguments", Some("nonsense")),
        (&["scenario", "run", "nonsense", "--json"], "invalid_arguments", Some("nonsense")),
        (&["--once", "policy", "list", "--json"], "invalid_arguments", None),
    ] {
        let output = eseal(folder, arguments, b"");
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let told = object(&output);
        assert_eq!((told["error"].as_str(), told["input"].as_str()), (Some(error), input), "{arguments:?}: {told}");
        assert!(!told["error_description"].as_str().unwrap().contains('\n'), "{told}");
    }
    assert!(!folder.join("eseal-data").exists(), "what is refused makes no folder");
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
    let ed25519 = tempfile::tempdir().unwrap();
    let told = object(&eseal(ed25519.path(), &["up", "--once", "--authority-keys", "ed25519", "--json"], b""));
    let verdict = &told["first_certificate"]["verdict"];
    assert_eq!(
        (verdict["indication"].as_str(), told["warnings"].as_array().unwrap().len()),
        (Some("INDETERMINATE"), 1)
    );
    let warning = told["warnings"][0].as_str().unwrap();
    assert!(warning.contains("undecided by design") && warning.contains("Ed25519"), "{warning}");
    let twice = eseal(folder.path(), &["--listen", "127.0.0.1:1", "up", "--listen", "127.0.0.1:2"], b"");
    assert_eq!(twice.status.code(), Some(4));
    let other = eseal(folder.path(), &["--listen", "127.0.0.1:0", "clock", "get"], b"");
    assert_eq!(other.status.code(), Some(4));
}

/// The files in a folder, also those that begin with a dot.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|one| one.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_command_writes_through_a_pipe_behind_a_link_and_nothing_where_worlds_are_kept() {
    let folder = prepared();
    let folder = folder.path();
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("pipe", folder.join("link")).unwrap();
    let world = folder.join("eseal-data/worlds/default");
    let kept = || (std::fs::read(world.join("root.key")).unwrap(), names(&world));
    let before = kept();
    for arguments in [
        ["world", "save"].as_slice(),
        &["audit", "export", "--out"],
        &["seal", "a.pdf", "--level", "B-B", "--out"],
        &["timestamp", "a.pdf", "--out"],
    ] {
        let reader = std::thread::spawn({
            let pipe = folder.join("pipe");
            move || std::fs::read(pipe).unwrap()
        });
        let output = eseal(folder, &[arguments, &["link", "--force"]].concat(), b"");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert!(reader.join().unwrap().len() > 100 && folder.join("link").is_symlink(), "{arguments:?}");
        for place in ["root.key", "trust/../world.db", "../../running.json", "new/deep.pdf"] {
            let place = format!("eseal-data/worlds/default/{place}");
            let output = eseal(folder, &[arguments, &[&place, "--force"]].concat(), b"");
            assert_eq!(output.status.code(), Some(4), "{arguments:?} {place}: {output:?}");
        }
    }
    let (key, files) = kept();
    assert!(key == before.0 && files.iter().all(|name| before.1.contains(name)), "{files:?}");
    let saved = eseal(folder, &["world", "save", "-"], b"");
    assert!(saved.stdout.starts_with(b"SQLite format 3\0"), "{}", String::from_utf8_lossy(&saved.stderr));
}

#[test]
fn no_command_destroys_what_it_reads() {
    let folder = prepared();
    let folder = folder.path();
    std::fs::copy(folder.join("a.pdf"), folder.join("a-sealed.pdf")).unwrap();
    assert!(eseal(folder, &["scenario", "new", "story"], b"").status.success());
    std::os::unix::fs::symlink("a.pdf", folder.join("link.pdf")).unwrap();
    let read = || ["a.pdf", "a-sealed.pdf", "story.toml"].map(|name| std::fs::read(folder.join(name)).unwrap());
    let before = read();
    for arguments in [
        ["seal", "a.pdf", "a-sealed.pdf", "--level", "B-B", "--out", "./"].as_slice(),
        &["seal", "link.pdf", "--level", "B-B", "--out", "./a.pdf"],
        &["timestamp", "a.pdf", "--out", "a.pdf"],
        &["verify", "a.pdf", "--report", "json=a.pdf"],
        &["verify", "a-sealed.pdf", "--certs", "a.pdf", "--report", "html=a.pdf"],
        &["scenario", "run", "story.toml", "--junit", "story.toml"],
    ] {
        let output = eseal(folder, &[arguments, &["--force"]].concat(), b"");
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("which this command reads"), "{arguments:?}: {told}");
        assert!(read() == before, "{arguments:?}");
    }
}

#[test]
fn what_stdin_gave_once_is_not_waited_for_again() {
    let folder = prepared();
    let folder = folder.path();
    let key = std::fs::read(folder.join("eseal-data/worlds/default/trust/audit.pem")).unwrap();
    let output = eseal(folder, &["audit", "verify", "-", "--key", "-"], &key);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("once only"), "{output:?}");
    let export = eseal(folder, &["audit", "export"], b"").stdout;
    assert!(eseal(folder, &["audit", "verify", "-"], &export).status.success());
    let from_file = ["audit", "verify", "-", "--key", "eseal-data/worlds/default/trust/audit.pem"];
    assert!(eseal(folder, &from_file, &export).status.success());
}

#[test]
fn an_interrupted_command_leaves_no_draft() {
    let folder = prepared();
    let folder = folder.path();
    assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
    let temporary = folder.join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    // It waits for a reader of the pipe, with the whole world in its draft.
    let mut command = place::eseal(folder);
    command.env("TMPDIR", &temporary).stderr(Stdio::null());
    let mut saving = command.args(["world", "save", "pipe"]).spawn().unwrap();
    while names(&temporary).is_empty() {
        assert_eq!(saving.try_wait().unwrap(), None, "it ended before it was interrupted");
        std::thread::yield_now();
    }
    let process = saving.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert_eq!(saving.wait().unwrap().code(), Some(128 + 15));
    assert_eq!(names(&temporary), Vec::<String>::new());
}

#[test]
fn stories_of_one_name_and_a_junit_file_among_them_are_refused_and_what_an_earlier_run_left_goes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("b")).unwrap();
    for name in ["a", "b/a"] {
        assert!(eseal(folder, &["scenario", "new", name], b"").status.success());
    }
    for more in [
        ["b/a.toml", "--keep", "kept", "--force"].as_slice(),
        &["--keep", "kept", "--junit", "kept/a/manifest.json"],
        &["--keep", "kept", "--junit", "b/../kept/a"],
        &["--keep", "kept", "--junit", "kept"],
    ] {
        let output = eseal(folder, &[&["scenario", "run", "a.toml"], more].concat(), b"");
        assert_eq!(output.status.code(), Some(4), "{more:?}: {output:?}");
        assert!(!folder.join("kept").exists(), "{more:?}");
    }
    let keep = ["scenario", "run", "a.toml", "--keep", "kept", "--junit", "kept/results.xml", "--force"];
    assert!(eseal(folder, &keep, b"").status.success());
    let count = names(&folder.join("kept/a")).len();
    std::fs::write(folder.join("kept/a/mine.txt"), "mine").unwrap();
    assert!(eseal(folder, &keep, b"").status.success());
    assert_eq!(names(&folder.join("kept/a")).len(), count + 1, "the user's file, and the new ones");
    std::fs::rename(folder.join("kept/a"), folder.join("before")).unwrap();
    std::os::unix::fs::symlink("../before", folder.join("kept/a")).unwrap();
    let before = names(&folder.join("before"));
    assert!(eseal(folder, &keep, b"").status.success());
    assert!(!folder.join("kept/a").is_symlink() && names(&folder.join("before")) == before);
}

#[test]
fn what_cannot_be_issued_into_its_place_is_not_issued() {
    let folder = prepared();
    let folder = folder.path();
    std::fs::write(folder.join("data.json"), DATA).unwrap();
    std::fs::write(folder.join("file"), "mine").unwrap();
    for more in [["--out", "file"].as_slice(), &["--out", "file/deep"], &["data.json", "--out", "-"]] {
        let output = eseal(folder, &[&["issue", "data.json", "--level", "B-B"], more].concat(), b"");
        assert_eq!(output.status.code(), Some(4), "{more:?}: {output:?}");
    }
    let issued = eseal(folder, &["issue", "data.json", "--level", "B-B", "--out", "new/folder", "--json"], b"");
    assert!(object(&issued)["number"].as_str().unwrap().contains("-000003-"), "one was taken meanwhile: {issued:?}");
}

#[test]
fn the_level_that_the_data_name_counts_and_is_not_contradicted() {
    let folder = prepared();
    let folder = folder.path();
    let data = DATA.replacen('{', "{ \"level\": \"B-B\",", 1);
    std::fs::write(folder.join("data.json"), data).unwrap();
    for (more, level) in [([].as_slice(), Some("B-B")), (&["--level", "B-B"], Some("B-B")), (&["--level", "B-T"], None)]
    {
        let output = eseal(folder, &[&["issue", "data.json", "--out", "out", "--json"], more].concat(), b"");
        assert_eq!(object(&output)["level"].as_str(), level, "{more:?}");
    }
    std::fs::write(folder.join("data.json"), DATA.replacen('{', "{ \"levle\": \"B-B\",", 1)).unwrap();
    let told = object(&eseal(folder, &["issue", "data.json", "--json"], b""));
    assert!(told["error_description"].as_str().unwrap().contains("`level`"), "{told}");
}

#[test]
fn lost_output_is_no_success() {
    let folder = prepared();
    let shell = |line: &str| place::shell(folder.path(), &line.replace("eseal", "\"$0\"")).output().unwrap();
    for line in
        ["eseal clock get > /dev/full", "eseal policy list --json > /dev/full", "eseal audit export > /dev/full"]
    {
        let output = shell(line);
        assert_eq!(output.status.code(), Some(4), "{line}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{line}: {output:?}");
    }
    for line in ["eseal audit export", "eseal timestamp a.pdf --out -", "eseal clock get"] {
        // The reader has gone before the command begins.
        let output = shell(&format!("mkfifo p; exec 4<>p; exec 5>p; exec 4<&-; rm p; {line} >&5"));
        assert_eq!((output.status.code(), output.stderr), (Some(141), vec![]), "{line}");
    }
}

#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let folder = prepared();
    for arguments in [
        ["verify", "/dev/zero"].as_slice(),
        &["policy", "check", "/dev/zero"],
        &["audit", "verify", "/dev/zero"],
        &["world", "restore", "/dev/zero", "--world", "other"],
        &["scenario", "run", "/dev/zero"],
    ] {
        assert_eq!(eseal(folder.path(), arguments, b"").status.code(), Some(4), "{arguments:?}");
    }
}

#[test]
fn documents_of_a_deleted_world_are_kept_and_not_in_the_way_of_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("data.json"), DATA).unwrap();
    for aside in ["class.deleted", "class.deleted-2"] {
        assert!(eseal(folder, &["world", "new", "class"], b"").status.success());
        let issued = eseal(folder, &["issue", "data.json", "--level", "B-B", "--world", "class"], b"");
        assert!(issued.status.success(), "{issued:?}");
        let deleted = object(&eseal(folder, &["world", "delete", "class", "--json"], b""));
        assert_eq!(deleted["documents"].as_str().unwrap(), format!("eseal-data/documents/{aside}"));
        let kept = names(&folder.join("eseal-data/documents").join(aside));
        assert!(matches!(kept.as_slice(), [one] if one.contains("-000001-")), "{kept:?}");
    }
}
