//! A world that an earlier version made opens, and everything goes on in it: `worlds/README.md` says how one is kept.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod place;

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use laboratory::Laboratory;
use pki::KeyKind;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use world::World;

const COMPLETION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/certificate.json");

/// Runs the program over `folder/eseal-data`; gives its exit code and what it told as JSON.
fn eseal(folder: &Path, arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let mut command = place::eseal(folder);
    let output = command.env_remove("DATABASE_URL").args(arguments).arg("--json").output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// The worlds that are kept.
fn kept() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// Copies a kept world to where the program looks for it, readable by all as it was then; gives its folder.
fn unpacked(kept: &Path, folder: &Path) -> PathBuf {
    let world = folder.join("eseal-data/worlds/default");
    std::fs::create_dir_all(&world).unwrap();
    let packed = std::fs::File::open(kept.join("world.db.gz")).unwrap();
    let mut database = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut database).unwrap();
    std::fs::write(world.join("world.db"), database).unwrap();
    for file in ["root.key", "csc-client.json"] {
        std::fs::copy(kept.join(file), world.join(file)).unwrap();
    }
    world
}

/// The first certificate as a file; it has the code that is printed on it, from which earlier programs' secret made it.
async fn first_certificate(world: &Path, folder: &Path) -> String {
    let world = World::open(world, "default", "http://127.0.0.1:1").await.unwrap();
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| axum::Router::new()).await.unwrap();
    let newest = laboratory.issuer.newest(10).await.unwrap();
    let first = laboratory.issuer.find(&newest.last().unwrap().number.to_string()).await.unwrap();
    assert_eq!(first.summary.confirmation_code.len(), "XXXX-XXXX-XXXX".len(), "{:?}", first.summary);
    let file = folder.join("first.pdf");
    std::fs::write(&file, first.pdf).unwrap();
    laboratory.close().await.unwrap();
    file.display().to_string()
}

#[test]
fn every_kept_world_opens_verifies_issues_seals_revokes_and_is_saved() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for kept in kept() {
        let work = tempfile::tempdir().unwrap();
        let (folder, name) = (work.path(), kept.display());
        let world = unpacked(&kept, folder);
        let client = std::fs::read_to_string(world.join("csc-client.json")).unwrap();
        assert_eq!(eseal(folder, &["clock", "set", "2026-11-30T00:00:00Z"]).0, Some(0)); // its year goes on, whenever this is run
        let first = runtime.block_on(first_certificate(&world, folder));
        let done = |arguments: &[&str]| {
            let (code, told) = eseal(folder, arguments);
            assert_eq!(code, Some(0), "{name}: {arguments:?}: {told}");
            told
        };
        done(&["verify", &first]);
        // What was issued alone before there were batches, or by one, is known as that: a batch of it issues nothing.
        let again = format!("[{}]", std::fs::read_to_string(COMPLETION).unwrap());
        std::fs::write(folder.join("again.json"), again).unwrap();
        let batch = done(&["issue", "--batch", "again.json", "--level", "B-T"]); // the last of them has no more
        assert_eq!(batch["rows"]["unchanged"], 1, "{name}: {batch}");
        std::fs::remove_file(world.join("csc-client.json")).unwrap(); // derived: the database knows the secret
        let issued = done(&["issue", COMPLETION]);
        assert!(issued["number"].as_str().unwrap().contains("-000004-"), "{name}: {issued}");
        assert_eq!(std::fs::read_to_string(world.join("csc-client.json")).unwrap(), client, "{name}");
        done(&["seal", &first, "--out", "again.pdf", "--force"]);
        done(&["verify", "again.pdf"]);
        done(&["revoke", &first, "--reason", "superseded"]);
        done(&["verify", &first]); // its time-stamp is older
        done(&["world", "save", "saved.eseal"]);
        done(&["world", "restore", "saved.eseal", "--world", "copy"]);
        done(&["verify", &first, "--world", "copy"]);
        let secret = |world| done(&["webhook", "secret", "--world", world])["secret"].clone();
        assert_eq!(secret("copy"), secret("default"), "{name}: with the issuer's secret");
        done(&["renew", "seal-p256", "--world", "copy"]);
        let issued = done(&["issue", COMPLETION, "--world", "copy", "--level", "B-T"]);
        assert!(issued["number"].as_str().unwrap().contains("-000005-"), "{name}: {issued}");

        let mode = |file: &str| std::fs::metadata(world.join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("."), mode("world.db")), (0o700, 0o600), "{name}");
        assert!(!world.join("world.db-wal").exists(), "{name}: after a command the database is alone");
    }
}

/// How many scripts have made each crate's tables.
async fn schema(database: &Path) -> BTreeMap<String, i64> {
    let mut connection = SqliteConnectOptions::new().filename(database).connect().await.unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE name LIKE 'migration_%' AND type = 'table'";
    let mut schema = BTreeMap::new();
    for table in sqlx::query_scalar::<_, String>(tables).fetch_all(&mut connection).await.unwrap() {
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        schema.insert(table, sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap());
    }
    schema
}

#[test]
fn a_world_with_todays_tables_is_kept() {
    let work = tempfile::tempdir().unwrap();
    assert_eq!(eseal(work.path(), &["world", "new", "today"]).0, Some(0));
    let today = work.path().join("eseal-data/worlds/today/world.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let today = schema(&today).await;
        let mut known = false;
        for (number, kept) in kept().iter().enumerate() {
            let world = unpacked(kept, &work.path().join(number.to_string()));
            known |= schema(&world.join("world.db")).await == today;
        }
        assert!(known, "no kept world has the tables {today:?}: keep one with testbed/tests/worlds/make");
    });
}

#[test]
fn the_secret_that_lay_in_the_clear_lies_there_no_more() {
    const SECRET: &str = "67509c4d4b04a679c9f88c491ac905998f248478cb6b513581f7a968c4d42680";
    let secret: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&SECRET[2 * at..2 * at + 2], 16).unwrap()).collect();
    let work = tempfile::tempdir().unwrap();
    let kept = kept().into_iter().find(|kept| kept.ends_with("1-before-sealed-secrets")).unwrap();
    let world = unpacked(&kept, work.path());
    let in_the_clear = || std::fs::read(world.join("world.db")).unwrap().windows(32).any(|bytes| bytes == secret);
    assert!(in_the_clear());
    assert_eq!(eseal(work.path(), &["clock", "get"]).0, Some(0));
    assert!(!in_the_clear());
}
