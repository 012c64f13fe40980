//! Batches from outside: a server that is killed again and again while it issues, and what is left afterwards.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

/// How many rows, and how often the server is killed meanwhile: `./test kill-batch` sets more.
const ROWS: u64 = 120;
const KILLS: u64 = 20;

/// How often it is killed while it answers a request with an Idempotency-Key; the same sets more.
const KEY_KILLS: u64 = 8;

/// A server, ended with the value.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Server {
        Server::start_with(folder, "")
    }

    /// With a log of that detail.
    fn start_with(folder: &Path, log: &str) -> Server {
        let mut process = place::eseal(folder)
            .envs((!log.is_empty()).then_some(("ESEAL_LOG", log)))
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
        send(&self.address, method, path, "", body)
    }

    fn batch(&self) -> Option<Value> {
        Some(self.ask("GET", "/issuer/api/batches/1", b"")?.1)
    }
}

/// The same of a server at that address, with a further header or none.
fn send(address: &str, method: &str, path: &str, header: &str, body: &[u8]) -> Option<(u16, Value)> {
    let mut connection = TcpStream::connect(address).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}Content-Length: {length}\r\n\r\n"
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

#[test]
fn a_request_that_comes_again_with_its_key_gets_its_first_certificate_however_the_server_was_killed() {
    let kills = asked_for("ESEAL_KEY_KILLS", KEY_KILLS);
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let (mut numbers, mut answered) = (BTreeSet::new(), 0);
    let begun = Instant::now();
    server.ask("POST", "/issuer/api/certificates", &lines(1)).unwrap();
    let whole = begun.elapsed();
    for kill in 0..kills {
        let header = format!("Idempotency-Key: \"request-{kill}\"\r\n");
        let row =
            lines(kill + 2).split(|octet| *octet == b'\n').nth(usize::try_from(kill).unwrap() + 1).unwrap().to_vec();
        let before = listed(&server);
        let request = (server.address.clone(), header.clone(), row.clone());
        let begun = Instant::now();
        let asking = std::thread::spawn(move || {
            let (address, header, row) = request;
            send(&address, "POST", "/issuer/api/certificates", &header, &row)
        });
        if kill % 2 == 0 {
            // As soon as the certificate is kept: its answer is on its way.
            while !asking.is_finished() && listed(&server) == before {}
        } else {
            // At any moment of what the work on it takes.
            let moment = whole.mul_f64(f64::from(world::random::bytes::<1>()[0]) / 255.0);
            while begun.elapsed() < moment {
                std::thread::yield_now();
            }
        }
        drop(server); // SIGKILL
        let answer = asking.join().unwrap();
        server = Server::start(folder.path());
        let again = || send(&server.address, "POST", "/issuer/api/certificates", &header, &row).unwrap();
        let (first, second) = (again(), again());
        assert_eq!((first.0, &first), (201, &second));
        if let Some((201, told)) = answer {
            assert_eq!(told["number"], first.1["number"], "what was acknowledged is what there is");
            answered += 1;
        }
        assert!(numbers.insert(first.1["number"].as_str().unwrap().to_owned()), "a number twice: {}", first.1);
    }
    println!("{answered} of {kills} requests were answered before the server was killed");
    assert_eq!(listed(&server), kills + 2, "one for each key, and two of before");
    let (_, gaps) = server.ask("GET", "/issuer/api/numbers/gaps", b"").unwrap();
    assert_eq!(gaps["gaps"], json!([]), "an attempt that was broken off left its number to the next");
}

/// How many certificates there are.
fn listed(server: &Server) -> u64 {
    let (_, listed) = server.ask("GET", "/issuer/api/certificates", b"").unwrap();
    listed["certificates"].as_array().unwrap().len() as u64
}

#[test]
fn neither_the_pages_of_the_key_server_in_database_and_wal_nor_the_log_hold_anything_of_a_batch() {
    if place::left_out_over_postgres() {
        return; // laboratory/tests looks into its tables
    }
    if place::left_out_over_postgres() {
        return; // of its tables the crates' own tests tell
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with(folder.path(), "debug");
    let people = [("髙橋 花子", "hanako.takahashi@example.ac.jp"), ("Zoë Müller-Łukasz", "student-20260401-0017")];
    let mut data: Value = serde_json::from_slice(include_bytes!("../../examples/certificate.json")).unwrap();
    data["achievement"]["name_ja"] = json!("微分積分学入門");
    let mut texts = vec!["微分積分学入門".to_owned()];
    let mut file = String::new();
    for (name, identifier) in people {
        (data["recipient"]["name"], data["recipient"]["identifier"]) = (json!(name), json!(identifier));
        file.push_str(&format!("{data}\n"));
        texts.extend([name, identifier].map(str::to_owned));
    }
    server.ask("POST", "/issuer/api/batches?name=private.jsonl", file.as_bytes()).unwrap();
    while server.batch().unwrap()["state"] != "done" {}
    let (status, told) = server.ask("GET", "/testbed/api/crossings?batch=1", b"").unwrap();
    assert_eq!((status, &told["search"]["found"]), (200, &json!([])));
    texts.extend(told["certificates"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap().to_owned()));
    assert_eq!(texts.len(), 1 + 2 * people.len() + people.len());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = |octets: &[u8]| laboratory::crossings::traces::find(octets, &texts).len();

    let data = folder.path().join("eseal-data");
    let (own, others) = pages(&data.join("worlds/default/world.db"));
    assert!(own.len() > 50_000, "keys, authorizations, audit chain: {} octets", own.len());
    assert_eq!(found(&own), 0);
    assert!(found(&others) >= texts.len(), "the issuer's pages hold them: the search finds what is there");
    let logs = std::fs::read(data.join("log/server.log")).unwrap();
    assert!(logs.len() > 100, "{} octets of log", logs.len());
    assert_eq!(found(&logs), 0);
}

/// The pages of the key server's tables and indexes, in the database file and in its log of writes; and all others.
fn pages(file: &Path) -> (Vec<u8>, Vec<u8>) {
    use sqlx::ConnectOptions;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let numbers: BTreeSet<i64> = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
        let mut connection = options.connect().await.unwrap();
        let text =
            "SELECT pageno FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name LIKE 'signer_%')";
        sqlx::query_scalar::<_, i64>(text).fetch_all(&mut connection).await.unwrap().into_iter().collect()
    });
    let (database, log) = (std::fs::read(file).unwrap(), std::fs::read(file.with_extension("db-wal")).unwrap());
    let number = |octets: &[u8]| u32::from_be_bytes(octets[..4].try_into().unwrap());
    let size = usize::try_from(number(&log[8..])).unwrap(); // of a page: the log's header says it
    let (mut own, mut others) = (Vec::new(), Vec::new());
    let in_file = (1..).zip(database.chunks(size));
    // A frame is a header of 24 octets, which begins with the number of its page, and the page.
    let in_log = log[32..].chunks_exact(24 + size).map(|frame| (i64::from(number(frame)), &frame[24..]));
    for (page, octets) in in_file.chain(in_log) {
        if numbers.contains(&page) { &mut own } else { &mut others }.extend_from_slice(octets);
    }
    (own, others)
}

#[test]
fn a_batch_that_rests_with_rows_left_is_no_success_and_pausing_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (status, _) = server.ask("POST", "/issuer/api/batches?name=paused.jsonl", &lines(400)).unwrap();
    assert_eq!(status, 202);
    let run = |arguments: &[&str]| place::eseal(folder.path()).args(arguments).output().unwrap();
    let paused = run(&["batch", "pause", "1"]);
    assert_eq!(paused.status.code(), Some(0), "{paused:?}");
    for arguments in [&["batch", "show", "1", "--wait"][..], &["batch", "show", "1"], &["batch", "result", "1"]] {
        let told = run(arguments);
        assert_eq!(told.status.code(), Some(1), "{arguments:?}: {told:?}");
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(said.contains("rows are left: `eseal batch resume 1`"), "{arguments:?}: {said}");
    }
    assert_eq!(run(&["batch", "cancel", "1"]).status.code(), Some(0));
}

#[test]
fn an_archive_that_cannot_be_written_is_told_once_by_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| place::eseal(folder.path()).args(arguments).output().unwrap();
    assert!(run(&["world", "new", "default"]).status.success());
    std::fs::write(folder.path().join("spring.jsonl"), lines(1)).unwrap();
    assert!(run(&["issue", "--batch", "spring.jsonl", "--level", "B-B"]).status.success());
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full.zip")).unwrap();
    let refused = run(&["batch", "files", "1", "--out", "full.zip"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert_eq!(said, "error: cannot write full.zip: No space left on device (os error 28)\n");
}

#[test]
fn a_table_without_batch_is_refused_with_what_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| place::eseal(folder.path()).args(arguments).output().unwrap();
    assert!(run(&["world", "new", "default"]).status.success());
    std::fs::write(folder.path().join("spring term.csv"), "氏名\n甲\n").unwrap();
    for (language, words) in [("en", "`eseal issue --batch 'spring term.csv'`"), ("ja", "表からの発行は")] {
        let refused = run(&["--lang", language, "issue", "spring term.csv"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(4) && said.contains(words), "{refused:?}");
    }
}

#[test]
fn results_that_would_be_empty_or_not_what_their_name_says_are_refused_before_anything_is_issued() {
    let folder = tempfile::tempdir().unwrap();
    assert!(place::eseal(folder.path()).args(["world", "new", "default"]).output().unwrap().status.success());
    std::fs::write(folder.path().join("spring.jsonl"), lines(1)).unwrap();
    for (more, word) in [
        (&["--no-wait", "--out", "certificates"][..], "--out"),
        (&["--no-wait", "--result", "result.csv"], "--result"),
        (&["--out", "certificates.pdf"], ".pdf"),
        (&["--result", "result.txt"], ".csv or .json"),
        (&["--another", "recipient"], "--reissue"),
        (&["--dry-run", "--out", "certificates"], "--out <DIR"),
        (&["--out", "-"], "or a name that ends in .zip"),
        (&["--out", "certificates.tar.gz"], "ends in .gz"),
        (&["--preview", "-"], "stdout"),
        (&["--dry-run", "--rows", "3"], "--rows <N>"),
        (&["--rows", "3", "--out", "certificates"], "--rows <N>"),
    ] {
        let refused =
            place::eseal(folder.path()).args(["issue", "--batch", "spring.jsonl"]).args(more).output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(4) && said.contains(word), "{more:?}: {refused:?}");
    }
    let listed = place::eseal(folder.path()).args(["batch", "list", "--json"]).output().unwrap();
    assert!(listed.stdout.is_empty(), "{listed:?}");
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("certificates")), "{names:?}");
}
