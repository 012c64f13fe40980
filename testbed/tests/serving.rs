//! `eseal up` from outside: whom it answers, and how it ends.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

struct Testbed {
    process: Child,
    address: String,
    told: serde_json::Value,
    _folder: tempfile::TempDir,
}

impl Testbed {
    fn start(arguments: &[&str]) -> Testbed {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_eseal"));
        command.current_dir(folder.path()).env_remove("ESEAL_LOG").env_remove("ESEAL_DATA").stdout(Stdio::piped());
        command.args(["up", "--listen", "127.0.0.1:0", "--json"]).args(arguments);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let running = std::fs::read_to_string(folder.path().join("eseal-data/running.json"));
        let running: serde_json::Value = serde_json::from_str(&wait_for(running, folder.path())).unwrap();
        let address = running["base"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Testbed { process, address, told: serde_json::from_str(&line).unwrap(), _folder: folder }
    }

    /// Sends that on a connection of its own.
    fn send(&self, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    }

    /// Status and answer, read until the server closes the connection.
    fn told(&self, request: &str) -> (u16, String) {
        let mut answer = Vec::new();
        self.send(request).read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        (answer.split(' ').nth(1).unwrap_or("0").parse().unwrap(), answer)
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// How it ended, and after how long.
    fn ended(&mut self, since: Instant) -> (ExitStatus, Duration) {
        (self.process.wait().unwrap(), since.elapsed())
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// It is written right after the first line is printed.
fn wait_for(first: std::io::Result<String>, folder: &std::path::Path) -> String {
    let started = Instant::now();
    let mut found = first;
    while started.elapsed() < Duration::from_secs(30) {
        match found {
            Ok(text) if text.ends_with('}') => return text,
            _ => std::thread::yield_now(),
        }
        found = std::fs::read_to_string(folder.join("eseal-data/running.json"));
    }
    panic!("eseal up does not say that it runs")
}

#[test]
fn hosts_are_its_own_or_none_in_http_1_0() {
    let testbed = Testbed::start(&["--allow-host", "eseal.lan", "--public-url", "https://seals.example/testbed"]);
    let base = testbed.told["base"].as_str().unwrap();
    assert_eq!(base, "https://seals.example/testbed");
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\nHost: localhost", 200),
        ("GET /healthz HTTP/1.1\r\nHost: eseal.lan:81", 200),
        ("GET /healthz HTTP/1.1\r\nHost: seals.example", 200),
        ("GET http://localhost/healthz HTTP/1.1\r\nHost: localhost", 200),
        ("GET /healthz HTTP/1.0\r\nAccept: */*", 200),
        ("GET /healthz HTTP/1.1\r\nAccept: */*", 400),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost", 400),
        ("GET /healthz HTTP/1.1\r\nHost: local host", 400),
        ("GET /healthz HTTP/1.1\r\nHost: evil.example", 421),
        ("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost", 421),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: https://seals.example", 200),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example", 403),
    ] {
        let (found, told) = testbed.told(&format!("{head}\r\nConnection: close\r\n\r\n"));
        assert_eq!(found, status, "{head}: {told}");
    }
}

#[test]
fn sigterm_ends_it_within_five_seconds_whatever_is_open() {
    let mut testbed = Testbed::start(&[]);
    let _idle = TcpStream::connect(&testbed.address).unwrap();
    let _half_head = testbed.send("GET /healthz HTTP/1.1\r\nHost: loc");
    let body = "POST /verifier/api/validations HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n%PDF-";
    let mut half_body = testbed.send(body);
    half_body.read_exact(&mut [0; 12]).unwrap(); // "HTTP/1.1 100": the body is being read
    let started = Instant::now();
    testbed.signal("TERM");
    let (status, took) = testbed.ended(started);
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let mut testbed = Testbed::start(&[]);
    let body = "POST /verifier/api/validations HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n%PDF-";
    let mut half_body = testbed.send(body);
    half_body.read_exact(&mut [0; 12]).unwrap();
    let started = Instant::now();
    testbed.signal("INT");
    while TcpStream::connect(&testbed.address).is_ok() {} // it takes no more connections: the first was heard
    testbed.signal("INT");
    let (status, took) = testbed.ended(started);
    assert_eq!(status.code(), Some(130));
    assert!(took < Duration::from_secs(3), "{took:?}");
}
