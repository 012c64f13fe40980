//! No file is longer than 600 lines, and modules are `x.rs` beside `x/`. How long functions are is clippy's to count.

use crate::source::{self, SourceFile};

const LONGEST: usize = 600;

/// Files that are longer, and why.
const LONGER: &[(&str, &str)] =
    &[("validation/tests/verdicts.rs", "every way to a verdict, one beside the other, over the same material")];

#[test]
fn no_file_is_too_long_and_modules_have_one_style() {
    let files = source::workspace();
    let found: Vec<_> = files.iter().flat_map(faults).collect();
    assert_eq!(found, Vec::<String>::new());
    for (path, _) in LONGER {
        let file = files.iter().find(|file| file.path == *path);
        assert!(file.is_some_and(|file| file.text.lines().count() > LONGEST), "{path} needs no exception any more");
    }
}

fn faults(file: &SourceFile) -> Vec<String> {
    let lines = file.text.lines().count();
    let mut found = Vec::new();
    if lines > LONGEST && !LONGER.iter().any(|(path, _)| *path == file.path) {
        found.push(format!("{}: {lines} lines, of at most {LONGEST}", file.path));
    }
    if file.is_shipped() && file.path.ends_with("/mod.rs") {
        found.push(format!("{}: a module is x.rs beside x/", file.path));
    }
    found
}

#[test]
fn long_files_and_another_style_are_seen() {
    assert_eq!(
        faults(&SourceFile::new("ca/tests/a.rs", &"\n".repeat(601))),
        ["ca/tests/a.rs: 601 lines, of at most 600"]
    );
    assert!(faults(&SourceFile::new("ca/src/a.rs", &"\n".repeat(600))).is_empty());
    assert_eq!(faults(&SourceFile::new("ca/src/a/mod.rs", "")), ["ca/src/a/mod.rs: a module is x.rs beside x/"]);
    assert!(faults(&SourceFile::new("ca/tests/support/mod.rs", "")).is_empty());
}
