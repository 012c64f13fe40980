//! docs/architecture.md names files: each is there, and each room has a row.

use std::fs;

use crate::source;

#[test]
fn the_page_about_the_house_names_what_is_there() {
    let page = fs::read_to_string(source::root().join("docs/architecture.md")).unwrap();
    let missing: Vec<_> = named(&page).filter(|path| !source::root().join(path).exists()).collect();
    assert_eq!(missing, Vec::<&str>::new());
    let rooms = fs::read_dir(source::root()).unwrap().map(|entry| entry.unwrap());
    let rooms = rooms.filter(|entry| entry.path().join("Cargo.toml").is_file());
    let unnamed: Vec<_> = rooms
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|room| !page.contains(&format!("| `{room}/` |")))
        .collect();
    assert_eq!(unnamed, Vec::<String>::new());
}

/// Paths from the root of the workspace that lead into a crate's source, tests or examples.
fn named(page: &str) -> impl Iterator<Item = &str> {
    let words = page.split(|c: char| c.is_whitespace() || matches!(c, '`' | ',' | ';' | ':' | '(' | ')' | '|'));
    words.filter(|word| ["/src/", "/tests/", "/examples/"].iter().any(|folder| word.contains(folder)))
}

#[test]
fn a_file_that_is_not_there_is_seen() {
    let page = "| `pki/` | see `pki/src/lib.rs`, `pki/src/none.rs` |";
    let paths: Vec<_> = named(page).collect();
    assert_eq!(paths, ["pki/src/lib.rs", "pki/src/none.rs"]);
    assert!(source::root().join(paths[0]).exists() && !source::root().join(paths[1]).exists());
}
