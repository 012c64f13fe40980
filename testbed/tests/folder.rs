//! Who works in a folder, and which worlds are in it.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const COMPLETION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/certificate.json");

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = place::eseal(folder);
    command.args(arguments);
    command
}

fn eseal(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A server that answers, and where.
struct Server(Child, String);

impl Server {
    fn start(folder: &Path) -> Server {
        let mut command = command(folder, &["up", "--listen", "127.0.0.1:0", "--json"]);
        let mut server = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        Server(server, told["base"].as_str().unwrap().into())
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

#[test]
fn no_command_but_up_and_world_new_makes_a_world() {
    if place::left_out_over_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("any.pdf"), "%PDF-1.7\n").unwrap();
    for arguments in [
        ["issue", COMPLETION].as_slice(),
        &["seal", "any.pdf"],
        &["verify", "any.pdf"],
        &["timestamp", "any.pdf"],
        &["clock", "get"],
        &["renew", "seal-p256"],
        &["revoke", "4f", "--reason", "superseded"],
        &["world", "save", "saved"],
        &["world", "delete", "class"],
    ] {
        let output = eseal(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {}", text(&output));
        assert!(text(&output).contains("there is no world named"), "{arguments:?}: {}", text(&output));
        assert!(!folder.path().join("eseal-data").exists(), "{arguments:?}");
    }
    assert_eq!(eseal(folder.path(), &["world", "new", "class"]).status.code(), Some(0));
    assert_eq!(eseal(folder.path(), &["world", "new", "class"]).status.code(), Some(1));
    let misspelt = eseal(folder.path(), &["clock", "get", "--world", "clas"]);
    assert_eq!(misspelt.status.code(), Some(4));
    assert!(text(&misspelt).contains("(there are: class)"), "{}", text(&misspelt));
    assert_eq!(text(&eseal(folder.path(), &["world", "list"])).lines().count(), 1);
}

#[test]
fn first_commands_at_once_make_one_world() {
    let folder = tempfile::tempdir().unwrap();
    let start = |_| command(folder.path(), &["up", "--once", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let commands: Vec<Child> = (0..4).map(start).collect();
    let told = commands.into_iter().map(|command| {
        let output = command.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    });
    let first: Vec<Value> = told.map(|told| told["first_certificate"]["number"].clone()).collect();
    assert_eq!(first.iter().filter(|number| number.is_string()).count(), 1, "{first:?}");
}

#[test]
fn a_second_server_names_the_first_and_leaves_it_alone_and_a_killed_one_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = Server::start(folder);
    let running = || std::fs::read_to_string(folder.join("eseal-data/running.json")).unwrap();
    // The base is told before it serves: a command that comes meanwhile waits for it.
    assert_eq!(eseal(folder, &["clock", "get"]).status.code(), Some(0));
    let announced = running();
    let second = eseal(folder, &["up", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(4));
    let told = text(&second);
    assert!(told.contains(&first.1) && told.contains(&format!("process {}", first.0.id())), "{told}");
    assert_eq!(running(), announced);
    first.kill();
    assert_eq!(running(), announced, "nobody was there to take it back");
    assert_eq!(eseal(folder, &["clock", "get"]).status.code(), Some(0));
    assert!(!folder.join("eseal-data/running.json").exists());
}

#[test]
fn worlds_of_a_running_testbed_are_made_saved_restored_and_deleted() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    let server = Server::start(folder);
    let done = |arguments: &[&str]| {
        let output = eseal(folder, arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output));
        text(&output)
    };
    done(&["world", "new", "class"]);
    assert!(done(&["clock", "set", "2031-05-01T00:00:00Z", "--world", "class"]).starts_with("2031-05-01"));
    done(&["world", "save", "class.eseal", "--world", "class"]);
    let over = eseal(folder, &["world", "save", "class.eseal"]);
    assert_eq!(over.status.code(), Some(4), "{}", text(&over));
    done(&["world", "delete", "class"]);
    assert_eq!(eseal(folder, &["clock", "get", "--world", "class"]).status.code(), Some(4));
    done(&["world", "restore", "class.eseal", "--world", "again"]);
    assert!(done(&["clock", "get", "--world", "again"]).starts_with("2031-05-01"));
    let over = eseal(folder, &["world", "restore", "class.eseal", "--world", "again"]);
    assert_eq!(over.status.code(), Some(4), "{}", text(&over));
    let remote = eseal(folder, &["--url", &server.1, "world", "save", "remote.eseal", "--world", "again"]);
    assert!(text(&remote).contains("/testbed/api/worlds/again/save"), "{}", text(&remote));
    assert_eq!(done(&["--url", &server.1, "world", "list"]).lines().count(), 2);
    let served = eseal(folder, &["world", "delete", "default"]);
    assert_eq!(served.status.code(), Some(1), "{}", text(&served));
    drop(server);
    done(&["world", "delete", "default"]);
    assert_eq!(done(&["world", "list"]).lines().count(), 1);
    for entry in std::fs::read_dir(folder.join("eseal-data/worlds")).unwrap() {
        assert!(!entry.unwrap().file_name().to_string_lossy().starts_with('.'));
    }
}

#[test]
fn a_server_whose_lock_file_and_announcement_are_removed_is_still_the_one_that_serves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Server::start(folder);
    assert_eq!(eseal(folder, &["clock", "get"]).status.code(), Some(0));
    let data = folder.join("eseal-data");
    std::fs::remove_file(data.join("lock")).unwrap();
    let second = eseal(folder, &["up", "--listen", "127.0.0.1:0"]);
    assert!(second.status.code() == Some(4) && text(&second).contains(&server.1), "{}", text(&second));
    // It puts back what is missing, and a command waits for that.
    std::fs::remove_file(data.join("running.json")).unwrap();
    while std::fs::metadata(data.join("lock")).map_or(true, |lock| lock.len() == 0) {
        assert_eq!(server.0.try_wait().unwrap(), None, "the server ended");
        std::thread::yield_now();
    }
    assert_eq!(eseal(folder, &["clock", "get"]).status.code(), Some(0));
    assert!(data.join("running.json").exists());
}

#[test]
fn a_damaged_saved_world_is_refused_and_leaves_nothing_and_a_killed_restore_is_tidied_away() {
    if place::left_out_over_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(eseal(folder, &["up", "--once"]).status.code(), Some(0));
    assert_eq!(eseal(folder, &["world", "save", "saved"]).status.code(), Some(0));
    let saved = std::fs::read(folder.join("saved")).unwrap();
    let mut damaged = saved.clone();
    damaged[60_000] ^= 1;
    for (content, named) in [(&damaged[..], "damaged"), (&saved[..9_000], "damaged"), (b"%PDF-1.7", "no database")] {
        std::fs::write(folder.join("damaged"), content).unwrap();
        let refused = eseal(folder, &["world", "restore", "damaged", "--data", "elsewhere"]);
        assert!(refused.status.code() == Some(4) && text(&refused).contains(named), "{}", text(&refused));
        assert!(!folder.join("elsewhere").exists());
    }
    let left = folder.join("eseal-data/worlds/.restoring-0123456789abcdef/again");
    std::fs::create_dir_all(&left).unwrap();
    assert_eq!(eseal(folder, &["world", "restore", "saved", "--world", "again"]).status.code(), Some(0));
    assert!(!left.exists());
    assert_eq!(eseal(folder, &["audit", "verify", "--world", "again"]).status.code(), Some(0));
}

#[test]
fn a_world_whose_making_was_killed_is_not_there_and_is_made_anew() {
    if place::left_out_over_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let worlds = folder.join("eseal-data/worlds");
    let half_made = || {
        let entries = std::fs::read_dir(&worlds).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path().join("class/world.db")).find(|database| database.exists())
    };
    let mut making = command(folder, &["world", "new", "class"]).stdout(Stdio::null()).spawn().unwrap();
    while half_made().is_none() {
        assert_eq!(making.try_wait().unwrap(), None, "it ended before it was killed");
        std::thread::yield_now();
    }
    making.kill().unwrap();
    making.wait().unwrap();
    assert_eq!(
        text(&eseal(folder, &["world", "list"])),
        "there are no worlds; `eseal up` makes the default one, `eseal world new NAME` others\n"
    );
    let made = eseal(folder, &["world", "new", "class"]);
    assert!(made.status.success() && text(&made).starts_with("class "), "{}", text(&made));
    assert_eq!(std::fs::read_dir(&worlds).unwrap().count(), 1);
    assert_eq!(eseal(folder, &["audit", "verify", "--world", "class"]).status.code(), Some(0));
}

#[test]
fn a_file_where_the_folder_should_be_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for arguments in [["clock", "get"].as_slice(), &["up", "--once"], &["world", "list"], &["audit", "verify"]] {
        let refused = command(folder.path(), arguments).env("ESEAL_DATA", "file").output().unwrap();
        assert!(refused.status.code() == Some(4) && text(&refused).contains("file is no folder"), "{}", text(&refused));
    }
}

#[test]
fn what_is_derived_and_cannot_be_written_keeps_no_testbed_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(eseal(folder.path(), &["up", "--once"]).status.code(), Some(0));
    let world = folder.path().join("eseal-data/worlds/default");
    for derived in ["trust", "csc-client.json"] {
        let _ = std::fs::remove_dir_all(world.join(derived)); // one is a folder,
        let _ = std::fs::remove_file(world.join(derived)); // the other a file
    }
    std::fs::write(world.join("trust"), "a file where a folder should be").unwrap();
    std::fs::create_dir_all(world.join("csc-client.draft/folder")).unwrap();
    let started = eseal(folder.path(), &["up", "--once"]);
    assert!(started.status.code() == Some(0) && text(&started).contains("not up to date"), "{}", text(&started));
}

#[test]
fn whatever_the_umask_the_testbeds_files_are_the_owners_and_the_trust_folders_are_for_every_program() {
    if place::left_out_over_postgres() {
        return;
    }
    for umask in ["0000", "0077", "0777"] {
        let folder = tempfile::tempdir().unwrap();
        let run = |command: &str| {
            let shell = format!("umask {umask}; exec \"$0\" {command}");
            place::shell(folder.path(), &shell).output().unwrap().status.code()
        };
        assert_eq!(run("up --once"), Some(0));
        assert_eq!(run("world new class"), Some(0));
        assert_eq!(run(&format!("issue {COMPLETION} --level B-B --world class")), Some(0));
        assert_eq!(run("world delete class"), Some(0));
        let mode = |path: &str| {
            let found = std::fs::metadata(folder.path().join("eseal-data").join(path)).unwrap();
            found.permissions().mode() & 0o777
        };
        for path in ["", "worlds", "worlds/default", "worlds/default/trust", "documents", "documents/class.deleted"] {
            assert_eq!(mode(path), 0o700, "{umask} {path}");
        }
        for path in ["lock", "worlds/default/world.db", "worlds/default/root.key", "worlds/default/csc-client.json"] {
            assert_eq!(mode(path), 0o600, "{umask} {path}");
        }
        assert_eq!(mode("worlds/default/trust/root.pem"), 0o644, "{umask}");
        for path in ["documents", "documents/class.deleted"] {
            let files = std::fs::read_dir(folder.path().join("eseal-data").join(path)).unwrap();
            let files: Vec<_> = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
            assert!(files.len() == 1 && mode(files[0].to_str().unwrap()) == 0o600, "{umask} {files:?}");
        }
        if umask != "0777" {
            assert_eq!(run(&format!("issue {COMPLETION} --level B-B --out own")), Some(0));
            let own = folder.path().join("own");
            let file = std::fs::read_dir(&own).unwrap().next().unwrap().unwrap().path();
            let taken = u32::from_str_radix(umask, 8).unwrap();
            assert_eq!(mode(own.to_str().unwrap()), 0o777 & !taken, "the user's own folder is as the umask says");
            assert_eq!(mode(file.to_str().unwrap()), 0o666 & !taken);
        }
    }
}

#[test]
fn beyond_a_limit_on_the_size_of_files_nothing_is_issued_and_the_testbed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(eseal(folder.path(), &["up", "--once"]).status.code(), Some(0));
    let shell = format!("ulimit -f 1; exec \"$0\" issue {COMPLETION}"); // blocks of 512 bytes
    let output = place::shell(folder.path(), &shell).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "no signal ends it: {output:?}");
    let listed = eseal(folder.path(), &["audit", "verify"]);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed));
}

#[test]
fn a_class_is_made_by_one_command_and_those_that_are_there_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = eseal(folder, &["world", "new", "teacher", "--count", "2", "--prefix", "student-", "--json"]);
    let told = |output: &Output| -> Vec<Value> {
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let names: Vec<_> = told(&made).iter().map(|world| world["world"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        (made.status.code(), names),
        (Some(0), ["teacher", "student-1", "student-2"].map(String::from).to_vec())
    );
    let root = || std::fs::read(folder.join("eseal-data/worlds/student-2/trust/root.pem")).unwrap();
    let before = root();
    let again = eseal(folder, &["world", "new", "--count", "3", "--prefix", "student-", "--json"]);
    let errors: Vec<_> = told(&again).iter().map(|world| world["error"].clone()).collect();
    assert_eq!((again.status.code(), errors), (Some(1), vec!["exists".into(), "exists".into(), Value::Null]));
    assert_eq!(root(), before);
    let twice = eseal(folder, &["world", "new", "one", "one"]);
    assert!(twice.status.code() == Some(4) && text(&twice).contains("one is named twice"), "{}", text(&twice));
    assert!(!folder.join("eseal-data/worlds/one").exists());
}

#[test]
fn a_server_that_is_killed_while_it_makes_a_class_leaves_whole_worlds_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder);
    let mut making = command(folder, &["world", "new", "--count", "9", "--prefix", "s", "--url", &server.1])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(making.stdout.take().unwrap()); // kept: a closed pipe is another end
    stdout.read_line(&mut first).unwrap();
    server.kill();
    assert_eq!(making.wait().unwrap().code(), Some(4), "{first}");
    let server = Server::start(folder);
    let listed = eseal(folder, &["world", "list", "--url", &server.1, "--json"]);
    let names: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["world"].as_str().unwrap().to_owned())
        .collect();
    assert!(first.starts_with("s1 ") && (2..=9).contains(&names.len()), "{first}, {names:?}");
    for name in &names {
        let intact = eseal(folder, &["audit", "verify", "--world", name]);
        assert_eq!(intact.status.code(), Some(0), "{name}: {}", text(&intact));
    }
    let folders = std::fs::read_dir(folder.join("eseal-data/worlds")).unwrap().count();
    assert_eq!(folders, names.len(), "nothing half made is left");
}
