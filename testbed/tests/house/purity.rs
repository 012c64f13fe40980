//! `pki`, `pades` and `validation` do no IO, read no clock and keep no state of the process; and only `world::clock` reads the
//! system's clock (docs/architecture.md, invariants 1 and 4).

use crate::source::{self, SourceFile};

const PURE: [&str; 3] = ["pki", "pades", "validation"];

/// What a pure room does not even name, and why.
const IMPURE: [(&str, &str); 15] = [
    ("std::fs", "reads files"),
    ("std::net", "uses the network"),
    ("std::env", "depends on its surroundings"),
    ("std::process", "starts processes"),
    ("std::thread", "starts threads"),
    ("std::io::stdin", "reads input"),
    ("std::io::stdout", "writes output"),
    ("println!", "writes output"),
    ("SystemTime", "reads a clock"),
    ("Instant", "reads a clock"),
    ("Timestamp::now", "reads a clock"),
    ("static mut", "keeps state of the process"),
    ("thread_local!", "keeps state of the process"),
    ("getrandom", "is another each time"),
    ("tracing::", "writes logs"),
];

/// What makes a `static` one that changes. A value that is worked out once and stays (`LazyLock`, `OnceLock`) is none.
const CHANGING: [&str; 5] = ["Mutex<", "RwLock<", "Atomic", "RefCell<", "Cell<"];

/// Who reads the system's clock: `world::clock`, a file and a folder.
const CLOCK: &str = "world/src/clock";

#[test]
fn pure_rooms_do_no_io_and_keep_no_state() {
    let found: Vec<_> = source::workspace().iter().flat_map(impurities).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn only_the_world_s_clock_reads_the_system_s() {
    let found: Vec<_> = source::workspace().iter().flat_map(clocks).collect();
    assert_eq!(found, Vec::<String>::new());
}

fn impurities(file: &SourceFile) -> Vec<String> {
    if !PURE.contains(&file.room()) || !file.is_shipped() {
        return Vec::new();
    }
    let code = file.code();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(code.lines()) {
        let named = IMPURE.iter().filter(|(name, _)| names(line, name));
        found.extend(named.map(|(name, why)| format!("{}:{number}: {name} {why}", file.path)));
        let is_static =
            line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").starts_with("static ");
        if is_static && CHANGING.iter().any(|kind| line.contains(kind)) {
            found.push(format!("{}:{number}: a static that changes keeps state of the process", file.path));
        }
    }
    found
}

fn clocks(file: &SourceFile) -> Vec<String> {
    let is_clock = file.path.strip_prefix(CLOCK).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'));
    if is_clock || !file.is_shipped() {
        return Vec::new();
    }
    let code = file.code();
    let reading = |line: &str| ["SystemTime::now", "Timestamp::now", "Zoned::now"].iter().any(|name| names(line, name));
    let lines = (1..).zip(code.lines()).filter(|(_, line)| reading(line));
    lines.map(|(number, _)| format!("{}:{number}: only world::clock reads the system's clock", file.path)).collect()
}

/// Whether a line has that name as a whole.
fn names(line: &str, name: &str) -> bool {
    let word = |one: char| one.is_alphanumeric() || one == '_';
    line.match_indices(name).any(|(place, _)| {
        let (before, after) = (&line[..place], &line[place + name.len()..]);
        !before.ends_with(word) && (!name.ends_with(word) || !after.starts_with(word))
    })
}

#[test]
fn io_and_state_in_a_pure_room_are_seen() {
    for wrong in [
        "fn a() { std::fs::read(\"x\"); }",
        "use std::net::TcpStream;",
        "let now = SystemTime::now();",
        "pub(crate) static MEMORY: LazyLock<Mutex<u8>> = LazyLock::default();",
        "thread_local! {}",
    ] {
        assert_eq!(impurities(&SourceFile::new("pki/src/a.rs", wrong)).len(), 1, "{wrong}");
        assert!(impurities(&SourceFile::new("world/src/a.rs", wrong)).is_empty());
        assert!(impurities(&SourceFile::new("pki/tests/a.rs", wrong)).is_empty());
    }
    let fine =
        "// std::fs\nstatic NAMES: LazyLock<Vec<u8>> = x;\nlet environment = \"std::env\";\nlet s = MySystemTimes;";
    assert!(impurities(&SourceFile::new("pki/src/a.rs", fine)).is_empty());
}

#[test]
fn a_clock_that_is_read_elsewhere_is_seen() {
    let wrong = "fn now() -> Timestamp { Timestamp::now() }";
    assert_eq!(
        clocks(&SourceFile::new("ca/src/a.rs", wrong)),
        ["ca/src/a.rs:1: only world::clock reads the system's clock"]
    );
    assert!(clocks(&SourceFile::new("world/src/clock.rs", wrong)).is_empty());
}
