//! The workspace's source: its files, and what of them is code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One file.
pub(crate) struct SourceFile {
    /// From the root of the workspace: `pki/src/path.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every Rust file of the workspace, in order.
pub(crate) fn workspace() -> Vec<SourceFile> {
    let root = root();
    let mut files = Vec::new();
    for folder in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.join("Cargo.toml").is_file() {
            collect(&root, &folder, &mut files);
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(files.len() > 100, "this is not the workspace: {}", root.display());
    files
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push(SourceFile { path: path.strip_prefix(root).unwrap().to_str().unwrap().into(), text });
        }
    }
}

/// `cargo metadata` of the workspace, for this machine only: what other systems would need is not fetched.
pub(crate) fn metadata() -> serde_json::Value {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--locked", "--filter-platform", host];
    let told = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), text: text.into() }
    }

    /// The crate's folder.
    pub(crate) fn room(&self) -> &str {
        self.path.split('/').next().unwrap()
    }

    /// Whether it is part of a program, not of its tests.
    pub(crate) fn is_shipped(&self) -> bool {
        let mut folders = self.path.split('/').skip(1);
        folders.next() == Some("src") && !folders.any(|name| matches!(name, "tests" | "tests.rs"))
    }

    /// Its code line by line: comments, the content of texts, and modules of tests are blank.
    pub(crate) fn code(&self) -> String {
        let bare = without_comments_and_texts(&self.text);
        let mut code = bare.clone();
        while let Some(start) = code.find("#[cfg(test)]") {
            let end = end_of_item(&code[start..]) + start;
            let blank: String = code[start..end].chars().map(|one| if one == '\n' { '\n' } else { ' ' }).collect();
            code.replace_range(start..end, &blank);
        }
        code
    }
}

/// Where an item ends: at its semicolon, or with the brace that closes its block.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0;
    for (place, one) in code.char_indices() {
        match one {
            '{' => depth += 1,
            '}' if depth == 1 => return place + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return place + 1,
            _ => {}
        }
    }
    code.len()
}

/// The same text, in which comments and what stands between quotes is blank.
fn without_comments_and_texts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (kept, length) = match first {
            '/' if rest.starts_with("//") => (0, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (0, rest.find("*/").map_or(rest.len(), |end| end + 2)),
            'r' if !code.ends_with(is_word) && raw_text(rest).is_some() => (0, raw_text(rest).unwrap()),
            '"' => (0, quoted(rest, '"')),
            '\'' if is_character(rest) => (0, quoted(rest, '\'')),
            _ => (first.len_utf8(), first.len_utf8()),
        };
        code.push_str(&rest[..kept]);
        code.extend(rest[kept..length].chars().map(|one| if one == '\n' { '\n' } else { ' ' }));
        rest = &rest[length..];
    }
    code
}

fn is_word(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}

/// The length of `r#"…"#`, if there is one.
fn raw_text(rest: &str) -> Option<usize> {
    let marks = rest[1..].chars().take_while(|one| *one == '#').count();
    let inside = rest[1 + marks..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marks));
    Some(2 + marks + inside.find(&end)? + end.len())
}

/// The length of a text or character with its quotes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, one) in rest.char_indices().skip(1) {
        match one {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if one == quote => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `'a'` and `'\n'`, but not the lifetime `'a`.
fn is_character(rest: &str) -> bool {
    let mut following = rest.chars().skip(1);
    match following.next() {
        Some('\\') => true,
        Some(_) => following.next() == Some('\''),
        None => false,
    }
}

#[test]
fn comments_texts_and_modules_of_tests_are_no_code() {
    let text = "fn a<'b>() { // std::fs\n  let _ = \"std::net \\\" std::env\"; /* static */ '\"'; r#\"std \" fs\"#\n}\n\
        #[cfg(test)]\nmod tests {\n fn b() { std::fs }\n}\nfn c() {}\n";
    let code = SourceFile::new("pki/src/a.rs", text).code();
    assert!(!code.contains("std") && !code.contains("static") && !code.contains("fn b"), "{code}");
    assert!(code.contains("fn a<'b>()") && code.contains("fn c()"), "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
}
