//! What was answered is on disk: a server is killed under load, and every token and signature that a client holds is found.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};

use pki::{DigestAlgorithm, TimeStampRequest, TimeStampResponse, TimeStampToken};
use signer::{AuditVerdict, Signer};
use tsa::Tsa;
use world::World;

/// Tokens that clients hold when the server is killed.
const ENOUGH: usize = 300;

#[test]
fn every_token_that_a_client_holds_is_registered_though_the_server_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, address) = start(folder.path());
    let (keep, kept) = mpsc::channel();
    for _ in 0..8 {
        let (address, keep) = (address.clone(), keep.clone());
        std::thread::spawn(move || ask_until_it_ends(&address, &keep));
    }
    drop(keep);
    let mut held: Vec<TimeStampToken> = kept.iter().take(ENOUGH).collect();
    server.kill().unwrap();
    server.wait().unwrap();
    held.extend(kept); // until the last client has found the connection closed

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
        let signer = Signer::open(&world).await.unwrap();
        let tsa = Tsa::open(&world, signer.clone()).await.unwrap();
        for token in &held {
            let info = token.info();
            let registered = tsa.issued(&info.serial, Some(info.time)).await.unwrap();
            assert_eq!(registered.map(|found| found.imprint), Some(info.imprint.clone()));
        }
        assert!(matches!(signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
    });
}

fn start(folder: &Path) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.arg("--serve").arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    (server, address.trim().to_owned())
}

/// Keeps each token before it asks for the next.
fn ask_until_it_ends(address: &str, keep: &Sender<TimeStampToken>) {
    let mut connection = TcpStream::connect(address).unwrap();
    loop {
        let request = TimeStampRequest {
            imprint: DigestAlgorithm::Sha256.digest(&world::random::bytes::<32>()),
            hash_parameters: pki::HashParameters::Absent,
            policy: None,
            nonce: None,
            certificate_requested: false,
        };
        let Some(TimeStampResponse::Granted { token, .. }) = exchange(&mut connection, &request.to_der()) else {
            return;
        };
        keep.send(token).unwrap();
    }
}

fn exchange(connection: &mut TcpStream, body: &[u8]) -> Option<TimeStampResponse> {
    let head = format!(
        "POST /tsa HTTP/1.1\r\nhost: x\r\ncontent-type: application/timestamp-query\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), body].concat()).ok()?;
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut answer = vec![0; length];
    reader.read_exact(&mut answer).ok()?;
    TimeStampResponse::from_der(&answer).ok()
}
