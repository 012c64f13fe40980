//! A testbed that is looked after: whether it runs, how it is stopped, what it logged; completions and manual pages.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Exit code, and what stdout has.
#[track_caller]
fn said(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = place::eseal(folder).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// Exit code, and the one object.
#[track_caller]
fn answer(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, stdout) = said(folder, &[arguments, &["--json"]].concat());
    (code, serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{arguments:?}: {stdout}")))
}

/// A server, ended with the value.
struct Server(Child, #[expect(dead_code, reason = "it writes into a pipe that is not closed")] BufReader<ChildStdout>);

impl Server {
    /// Starts one, and waits until it is found by its folder.
    fn start(folder: &Path) -> Server {
        let up = ["up", "--listen", "127.0.0.1:0", "--json"];
        let mut process = place::eseal(folder).args(up).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        while said(folder, &["status"]).0 != 0 {
            assert_eq!(process.try_wait().unwrap(), None, "it ended before it served");
        }
        Server(process, stdout)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_tells_its_status_and_is_stopped_and_its_log_has_both() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (code, status) = answer(folder, &["status"]);
    assert_eq!((code, &status["running"], &status["pid"]), (1, &Value::Bool(false), &Value::Null));
    assert_eq!(
        answer(folder, &["stop"]),
        (0, serde_json::json!({"data": "eseal-data", "pid": null, "stopped": false}))
    );
    assert_eq!(said(folder, &["logs"]).0, 4, "nobody kept a log");
    assert!(!folder.join("eseal-data").exists(), "asking makes nothing");
    let mut server = Server::start(folder);
    let (code, status) = answer(folder, &["status"]);
    assert_eq!((code, &status["running"], &status["pid"]), (0, &Value::Bool(true), &Value::from(server.0.id())));
    assert_eq!(status["worlds"][0]["world"], "default");
    assert_eq!(status["worlds"][0]["clock"]["mode"], "running");
    let base = status["base"].as_str().unwrap();
    assert_eq!(answer(Path::new("/"), &["status", "--url", base]).1["started"], status["started"]);
    let (code, stopped) = answer(folder, &["stop"]);
    assert_eq!((code, &stopped["stopped"], &stopped["pid"]), (0, &Value::Bool(true), &status["pid"]));
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
    assert_eq!(said(folder, &["status"]).0, 1);
    let (code, log) = said(folder, &["logs", "--lines", "1"]);
    assert!(code == 0 && log.lines().count() == 1 && log.contains("told to stop"), "{log}");
    assert!(said(folder, &["logs"]).1.contains(&format!("serving {base}")));
}

#[test]
fn a_lock_that_names_a_process_which_does_not_hold_it_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("eseal-data");
    std::fs::create_dir(&data).unwrap();
    let mut stranger = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let lock = std::fs::File::create(data.join("lock")).unwrap();
    lock.lock().unwrap();
    std::fs::write(data.join("lock"), format!(r#"{{"pid":{},"work":"serve"}}"#, stranger.id())).unwrap();
    let (code, refused) = answer(folder.path(), &["stop"]);
    assert!(code == 4 && refused["error_description"].as_str().unwrap().contains("not on this machine"), "{refused}");
    let (code, status) = answer(folder.path(), &["status"]);
    assert_eq!((code, &status["running"], &status["pid"]), (1, &Value::Bool(false), &Value::from(stranger.id())));
    assert_eq!(stranger.try_wait().unwrap(), None, "it lives");
    drop(stranger.stdin.take());
    stranger.wait().unwrap();
}

#[test]
fn the_log_and_the_journal_are_followed_as_they_grow() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut following = place::eseal(folder.path());
    following.args(["logs", "--requests", "--follow", "--lines", "0", "--json"]).stdout(Stdio::piped());
    let mut following = following.spawn().unwrap();
    let lines = BufReader::new(following.stdout.take().unwrap()).lines().map_while(Result::ok);
    // Whatever is asked while it is followed comes, of which the first is seen.
    let asked = std::thread::scope(|scope| {
        let (told, tells) = std::sync::mpsc::channel();
        scope.spawn(move || {
            lines.filter(|line| line.contains("/ca/trust.pem")).take(1).for_each(|line| told.send(line).unwrap());
        });
        loop {
            assert_eq!(said(folder.path(), &["verify", "no-such.pdf"]).0, 4); // it asks for the anchors
            if let Ok(line) = tells.try_recv() {
                break line;
            }
        }
    });
    let exchange: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!((&exchange["status"], &exchange["service"]), (&Value::from(200), &Value::from("ca")));
    following.kill().unwrap();
    following.wait().unwrap();
    drop(server);
    let (code, refused) = answer(folder.path(), &["logs", "--requests", "--follow"]);
    assert_eq!((code, &refused["input"]), (4, &Value::from("--follow")));
}

#[test]
fn shells_complete_it_and_every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script) = said(folder.path(), &["completions", shell]);
        assert!(code == 0 && script.contains("despite-broken-audit"), "{shell}");
    }
    let complete = "source <(\"$0\" completions bash); COMP_WORDS=(eseal worl); COMP_CWORD=1; _eseal eseal worl eseal; echo ${COMPREPLY[@]}";
    let completed = Command::new("bash").args(["-c", complete, env!("CARGO_BIN_EXE_eseal")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&completed.stdout).trim(), "world", "{completed:?}");
    assert_eq!(said(folder.path(), &["man", "pages"]).0, 0);
    let pages: Vec<_> =
        std::fs::read_dir(folder.path().join("pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() > 30);
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        assert!(text.contains(".TH") && text.contains(".SH NAME"), "{page:?}");
    }
    assert!(folder.path().join("pages/eseal-world-new.1").exists());
    assert_eq!(said(folder.path(), &["man", "pages"]).0, 4, "pages that are there stay");
    assert_eq!(said(folder.path(), &["man", "pages", "--force"]).0, 0);
}

/// What an address answers, by a request of HTTP/1.0.
fn got(base: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut connection = std::net::TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
    write!(connection, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_numbers_of_the_server_are_those_of_its_open_worlds_and_leave_nothing_in_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start(folder.path());
    let base = answer(folder.path(), &["status"]).1["base"].as_str().unwrap().to_owned();
    assert_eq!(said(folder.path(), &["world", "new", "class"]).0, 0);
    got(&base, "/w/class/ca/trust.pem");
    got(&base, "/w/class/ca/no-such-thing");
    let page = got(&base, "/metrics");
    assert!(page.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{page}");
    let asked = r#"eseal_requests_total{world="class",service="ca",status="2xx"} 1"#;
    let refused = r#"eseal_refused_total{world="class",service="ca",error="not_found"} 1"#;
    for line in [asked, refused, r#"eseal_worlds{state="open"} 2"#, r#"eseal_clock_running{world="default"} 1"#] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    let root = r#"eseal_certificate_days_left{world="class",kind="authority",name="root"} "#;
    let days = page.lines().find_map(|line| line.strip_prefix(root)?.parse::<f64>().ok());
    assert!(days.is_some_and(|days| days > 10_000.0), "{page}");
    let class = got(&base, "/w/class/metrics");
    assert!(class.lines().any(|found| found == asked) && !class.contains(r#"world="default""#), "{class}");
    let (_, journal) = said(folder.path(), &["logs", "--requests", "--world", "class"]);
    assert!(journal.contains("/ca/no-such-thing") && !journal.contains("/metrics"), "{journal}");
}
