//! Files that nobody here wrote: malformed, cyclic, encrypted, shadowed and sealed PDFs of other projects.
//!
//! None may panic, hang, or be repaired in silence; every file that may be updated can be sealed, and keeps its bytes.

use crate::support::{append, prepare};
use pades::{Document, Error, Placement, SealKind, SignatureValue, remains, security_store};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The folder of a corpus, or `None` with a note; with REQUIRE_CORPORA=1 a missing one fails the test.
fn corpus(name: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = std::env::var_os("CORPORA_DIR").map_or(default, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "corpus {name} not found");
    eprintln!("skipped: corpus {name} not found");
    None
}

fn pdfs(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pdf") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no PDF in {}", folder.display());
    files
}

fn seal() -> SealKind<'static> {
    SealKind::Seal { at: "2026-04-01T09:00:00Z".parse().unwrap(), name: Some("校"), reason: None, location: None }
}

/// Everything that this crate does with a file; returns what refused it.
fn exercise(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let document = Document::parse(bytes)?;
    for revision in 0..document.revisions().len() {
        let view = document.at(revision).unwrap();
        for field in view.signature_fields().fields {
            if let SignatureValue::Signed(signature) = field.value {
                let contents = &bytes[signature.contents_offset.clone()];
                assert!(contents.starts_with(b"<") && contents.ends_with(b">"), "{}", path.display());
            }
        }
        let _ = (view.pages(), security_store::read(view));
        for (number, _) in document.revisions()[revision].entries() {
            let _ = view.object(pades::Reference { number: *number, generation: 0 });
        }
    }
    for kind in [seal(), SealKind::DocumentTimeStamp] {
        let prepared = prepare(bytes, Placement::NewInvisible { name: None }, kind, 100)?;
        let sealed = prepared.embed(&[1, 2, 3])?;
        assert_eq!(&sealed[..bytes.len()], bytes, "{}", path.display());
        let before = document.signatures();
        let read = Document::parse(sealed)?;
        assert_eq!(read.revisions().len(), document.revisions().len() + 1);
        assert!(read.irregularities().len() <= document.irregularities().len(), "{}", path.display());
        let after = read.signatures();
        assert_eq!(after.len(), before.len() + 1, "{}", path.display());
        let new = after.iter().find(|signature| signature.contents.starts_with(&[1, 2, 3])).unwrap();
        assert_eq!(new.covered_revision, Some(read.revisions().len() - 1), "{}", path.display());
        assert_eq!(new.revision, read.revisions().len() - 1, "{}", path.display());
    }
    let material = security_store::Material { certificates: vec![b"certificate".to_vec()], ..Default::default() };
    let stored = append(bytes, &material, &[b"contents"])?;
    assert_eq!(&stored[..bytes.len()], bytes, "{}", path.display());
    Ok(())
}

fn exercise_all(name: &str) -> Vec<(PathBuf, Result<(), Error>)> {
    let Some(folder) = corpus(name) else { return Vec::new() };
    let mut results = Vec::new();
    for path in pdfs(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let start = Instant::now();
        let result = exercise(&path, &bytes);
        assert!(start.elapsed() < Duration::from_secs(30), "{} took {:?}", path.display(), start.elapsed());
        eprintln!(
            "{}: {}",
            path.file_name().unwrap().display(),
            result.as_ref().map_or_else(ToString::to_string, |()| "ok".into())
        );
        results.push((path, result));
    }
    results
}

#[test]
fn malformed_files_neither_panic_nor_hang() {
    exercise_all("pdf-parsing");
}

#[test]
fn sealed_files_neither_panic_nor_hang() {
    exercise_all("pades/pdf");
}

#[test]
fn sealed_files_of_the_table_show_their_seals() {
    let Some(folder) = corpus("pades") else { return };
    let table = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut refused = Vec::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (file, crypto_intact) = (columns[0], columns[2]);
        let bytes = std::fs::read(folder.join("pdf").join(file)).unwrap();
        match Document::parse(bytes.as_slice()) {
            // With its object streams encrypted, a file says so instead.
            Ok(document) if document.is_encrypted() => {
                let fields = document.signature_fields();
                assert!(!fields.fields.is_empty() || !fields.problems.is_empty(), "{file}");
            }
            Ok(document) if crypto_intact == "true" => {
                assert!(!document.signatures().is_empty(), "{file}: {:?}", document.signature_fields().problems);
            }
            Ok(_) => {}
            Err(_) => {
                let left = remains(&bytes);
                assert!(!left.byte_ranges.is_empty(), "{file}");
                refused.push(file.to_owned());
            }
        }
    }
    // The only ones whose cross-references lead nowhere; in both the seal is broken.
    refused.retain(|file| {
        !["pdf-signed-corrupted.pdf", "pades-5-signatures-and-1-document-timestamp.pdf"].contains(&file.as_str())
    });
    assert!(refused.is_empty(), "{refused:?}");
}
