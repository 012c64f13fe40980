//! Hostile and odd PDFs that nobody here made: none may stop the examination, take long or much memory, and none that lacks
//! coverage may be reported as covered.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use validation::format_check::{self, SignatureFormat};
use validation::report::LaterChanges;
use validation::{Input, Pdf, Policy};

const MOST_TIME: Duration = Duration::from_secs(2);
const MOST_MEMORY: usize = 256 << 20;

#[test]
fn every_file_is_examined_within_bounds() {
    let Some(folder) = corpus() else { return };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert!(files.len() >= 100, "{} files", files.len());
    let before = peak_memory();
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let started = Instant::now();
        let formats = formats(&bytes);
        let nothing = (&[][..], &[][..], &[][..]);
        let policy = Policy::default();
        let parsed = pades::Document::parse(bytes.as_slice());
        let input = Input {
            pdf: Pdf::of(&bytes, &parsed),
            anchors: &[],
            certificates: nothing.0,
            crls: nothing.1,
            ocsp_responses: nothing.2,
            policy: &policy,
            memory: &pki::SignatureMemory::default(),
        };
        let _ = validation::validate(&input, "2026-11-24T09:00:00Z".parse().unwrap());
        assert!(started.elapsed() < MOST_TIME, "{}: {:?}", file.display(), started.elapsed());
        assert!(peak_memory() < before + MOST_MEMORY, "{}: {} bytes", file.display(), peak_memory());
        if file.parent().is_some_and(|parent| parent.ends_with("coverage-anomalies")) {
            assert!(!formats.iter().any(is_covered), "{}: {:?}", file.display(), formats[0].facts);
        }
    }
    eprintln!("{} files", files.len());
}

fn formats(bytes: &[u8]) -> Vec<SignatureFormat> {
    let policy = Policy::default();
    match pades::Document::parse(bytes) {
        Ok(document) => format_check::examine(&document, &policy),
        Err(problem) => format_check::examine_unreadable(bytes, &problem, &policy),
    }
}

/// The report would say that the signature covers the whole file.
fn is_covered(format: &SignatureFormat) -> bool {
    format.facts.byte_range_valid && format.facts.later_changes == LaterChanges::None
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "pdf") {
            files.push(path);
        }
    }
    files.sort();
}

/// Most memory that this process ever had, where the system tells it.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) << 10
}

fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora"));
    let folder = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from).join("pdf-parsing");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "corpus pdf-parsing not found");
    eprintln!("skipped: corpus pdf-parsing not found");
    None
}
