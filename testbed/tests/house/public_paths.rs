//! An item has one public path: a module whose items are given out further up is not public itself.

use crate::source::{self, SourceFile};

#[test]
fn an_item_has_one_public_path() {
    let found: Vec<_> = source::workspace().iter().flat_map(second_paths).collect();
    assert_eq!(found, Vec::<String>::new());
}

/// `pub mod a;` beside `pub use a::B;`: B can be had as `a::B` and without.
fn second_paths(file: &SourceFile) -> Vec<String> {
    if !file.is_shipped() {
        return Vec::new();
    }
    let code = file.code();
    let public = |line: &&str| line.starts_with("pub mod ");
    let modules: Vec<_> =
        code.lines().filter(public).map(|line| line["pub mod ".len()..].trim_end_matches(';')).collect();
    let uses = (1..).zip(code.lines()).filter_map(|(number, line)| Some((number, line.strip_prefix("pub use ")?)));
    let of_module = |path: &str| {
        let first =
            path.trim_start_matches("self::").trim_start_matches("crate::").split("::").next().unwrap_or_default();
        modules.contains(&first)
    };
    let second = uses.filter(|(_, path)| of_module(path));
    second.map(|(number, path)| format!("{}:{number}: a second path to {path}", file.path)).collect()
}

#[test]
fn a_second_path_is_seen() {
    let wrong = "pub mod clock;\nmod error;\npub use clock::Clock;\npub use error::Error;\n";
    assert_eq!(
        second_paths(&SourceFile::new("world/src/lib.rs", wrong)),
        ["world/src/lib.rs:3: a second path to clock::Clock;"]
    );
}
