//! Batches from outside: a server that is killed again and again while it issues, and what is left afterwards.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};

/// How many rows, and how often the server is killed meanwhile: `./test kill-batch` sets more.
const ROWS: u64 = 120;
const KILLS: u64 = 20;

/// A server, ended with the value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Server {
        let mut process = place::eseal(folder)
            .args(["up", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let address = told["base"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Server { process, address }
    }

    /// Status and JSON; none if the server is not there.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Option<(u16, Value)> {
        let mut connection = TcpStream::connect(&self.address).ok()?;
        let (host, length) = (&self.address, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.write_all(&[head.as_bytes(), body].concat()).ok()?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let from = body.find(['{', '['])?;
        let to = body.rfind(['}', ']'])?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(&body[from..=to]).ok()?))
    }

    fn batch(&self) -> Option<Value> {
        Some(self.ask("GET", "/issuer/api/batches/1", b"")?.1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn lines(rows: u64) -> Vec<u8> {
    let mut data: Value = serde_json::from_slice(include_bytes!("../../examples/certificate.json")).unwrap();
    let mut text = String::new();
    for row in 1..=rows {
        data["recipient"]["identifier"] = json!(format!("student{row}@example.ac.jp"));
        text.push_str(&format!("{data}\n"));
    }
    text.into_bytes()
}

fn asked_for(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn a_server_that_is_killed_at_any_moment_issues_every_row_once() {
    let (wanted, kills) = (asked_for("ESEAL_BATCH_ROWS", ROWS), asked_for("ESEAL_BATCH_KILLS", KILLS));
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut server = Server::start(folder);
    let (status, _) = server.ask("POST", "/issuer/api/batches?name=killed.jsonl", &lines(wanted)).unwrap();
    assert_eq!(status, 202);
    for kill in 0..kills {
        // Somewhere within the work on a share of the rows, that is: at any step of it.
        let share = wanted * kill / kills;
        loop {
            let told = server.batch().unwrap();
            assert!(told["rows"]["failed"] == 0, "{told}");
            let moved = told["rows"]["delivered"].as_u64().unwrap() + told["rows"]["sealed"].as_u64().unwrap();
            if moved >= share || told["state"] == "done" {
                break;
            }
        }
        for _ in 0..world::random::bytes::<1>()[0] {
            std::thread::yield_now();
        }
        drop(server); // SIGKILL
        server = Server::start(folder);
    }
    loop {
        if server.batch().unwrap()["state"] == "done" {
            break;
        }
    }
    let told = server.batch().unwrap();
    assert_eq!(told["rows"]["delivered"], wanted, "{told}");
    check_once(&server, wanted);
}

/// Each row has a certificate of its own, and nothing else was issued or taken.
fn check_once(server: &Server, wanted: u64) {
    let (mut after, mut numbers) = (0, BTreeSet::new());
    while let Some((_, page)) = server.ask("GET", &format!("/issuer/api/batches/1/rows?after={after}"), b"") {
        for row in page["rows"].as_array().unwrap() {
            assert_eq!(row["state"], "delivered", "{row}");
            assert!(numbers.insert(row["number"].as_str().unwrap().to_owned()), "a number twice: {row}");
        }
        let Some(next) = page["next"].as_u64() else { break };
        after = next;
    }
    assert_eq!(numbers.len() as u64, wanted);
    let (_, gaps) = server.ask("GET", "/issuer/api/numbers/gaps", b"").unwrap();
    assert_eq!(gaps["gaps"], json!([]), "each number that was taken has its certificate");
    let (_, listed) = server.ask("GET", "/issuer/api/certificates", b"").unwrap();
    let listed = listed["certificates"].as_array().unwrap();
    let issued: BTreeSet<_> = listed.iter().map(|one| one["number"].as_str().unwrap().to_owned()).collect();
    assert!(issued.len() == listed.len() && (wanted > 999 || issued.len() as u64 == wanted + 1), "and the first one");
    assert!(wanted > 999 || numbers.is_subset(&issued));
}

#[test]
fn a_register_that_is_run_again_with_a_further_row_issues_that_row_into_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let run = |rows: u64| {
        std::fs::write(folder.path().join("spring.jsonl"), lines(rows)).unwrap();
        let arguments = ["issue", "--batch", "spring.jsonl", "--level", "B-B", "--out", "certificates", "--json"];
        let done = place::eseal(folder.path()).args(arguments).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{done:?}");
        let batch: Value = serde_json::from_slice(&done.stdout).unwrap();
        (batch["rows"]["delivered"].as_u64().unwrap(), batch["rows"]["unchanged"].as_u64().unwrap())
    };
    assert!(place::eseal(folder.path()).args(["world", "new", "default"]).output().unwrap().status.success());
    assert_eq!((run(2), run(3)), ((2, 0), (1, 2)));
    let saved = std::fs::read_dir(folder.path().join("certificates")).unwrap();
    let mut names: Vec<_> = saved.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names.iter().filter(|name| name.ends_with(".pdf")).count(), 3, "{names:?}");
    assert_eq!(names[3..], ["manifest-2.csv", "manifest.csv"]);
}
