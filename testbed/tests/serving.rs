//! `eseal up` from outside: whom it answers, and how it ends.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Testbed {
    process: Child,
    address: String,
    told: serde_json::Value,
    _folder: tempfile::TempDir,
}

impl Testbed {
    fn start(arguments: &[&str]) -> Testbed {
        let folder = tempfile::tempdir().unwrap();
        let mut command = place::eseal(folder.path());
        command.stdout(Stdio::piped());
        command.args(["up", "--listen", "127.0.0.1:0", "--json"]).args(arguments);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let running = announced(&mut process, folder.path());
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

    /// How it ended.
    fn ended(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What it says of itself in its folder, right after the first line is printed.
fn announced(process: &mut Child, folder: &Path) -> serde_json::Value {
    loop {
        let found = std::fs::read_to_string(folder.join("eseal-data/running.json"));
        if let Some(running) = found.ok().and_then(|text| serde_json::from_str(&text).ok()) {
            return running;
        }
        assert_eq!(process.try_wait().unwrap(), None, "it ended before it served");
        std::thread::yield_now();
    }
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

/// A request of which half is sent, and the server reads on.
const HALF_SENT: &str = "POST /verifier/api/validations HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
                         Content-Length: 1000\r\n\r\n%PDF-";

#[test]
fn sigterm_ends_it_before_its_patience_with_what_is_open_ends() {
    let mut testbed = Testbed::start(&[]);
    let _idle = TcpStream::connect(&testbed.address).unwrap();
    let _half_head = testbed.send("GET /healthz HTTP/1.1\r\nHost: loc");
    let mut half_body = testbed.send(HALF_SENT);
    half_body.read_exact(&mut [0; 12]).unwrap(); // "HTTP/1.1 100": the body is being read
    testbed.signal("TERM");
    assert_eq!(testbed.ended(), Some(0));
    let mut answer = Vec::new();
    let _ = half_body.read_to_end(&mut answer); // the connection was cut
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains("408"), "it waited for the body to its end: {answer}");
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let mut testbed = Testbed::start(&[]);
    let mut half_body = testbed.send(HALF_SENT);
    half_body.read_exact(&mut [0; 12]).unwrap();
    testbed.signal("INT");
    // When it takes no more connections the first was heard.
    while TcpStream::connect(&testbed.address).is_ok() {
        assert_eq!(testbed.process.try_wait().unwrap(), None, "it ended at the first");
        std::thread::yield_now();
    }
    testbed.signal("INT");
    assert_eq!(testbed.ended(), Some(130), "the first one would end it with 0");
}
