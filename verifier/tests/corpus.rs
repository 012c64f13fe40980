//! Outside eyes: files that nobody here made, and the facts that their source's own tests assert.
//!
//! Only what is determined is compared: a file that is read strictly and not readable, or a /Contents in BER, gives no fact.
//! How many facts were compared is asserted too, so that the test cannot become empty.

use std::path::{Path, PathBuf};

use verifier::integrity::{Fact, SealIntegrity, check};

/// Files for which we say something else on purpose.
const DIFFERENCES: [(&str, &str); 3] = [
    ("pades-spoofing-replaced-reason.pdf", "the newest revision shows another dictionary than the signed one: rule G5"),
    ("pdf-spoofing-attack.pdf", "the newest revision shows another dictionary than the signed one: rule G5"),
    (
        "pades-lta-copied-doctst.pdf",
        "the source speaks of the seal; we also see the document time-stamp of another file",
    ),
];

/// Readable files with facts at the time of writing: 57. A better reader may only add to them.
const FEWEST_FILES: usize = 50;

#[test]
fn facts_of_public_pades_files_are_as_their_source_states_them() {
    let Some(folder) = corpus() else { return };
    let table = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut compared = 0;
    for row in table.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let (name, cryptography, byte_range) = (columns[0], columns[2], columns[3]);
        let Ok(seals) = check(&std::fs::read(folder.join("pdf").join(name)).unwrap()) else { continue };
        compared += 1;
        if DIFFERENCES.iter().any(|(file, _)| *file == name) {
            assert!(!seals.iter().all(SealIntegrity::is_intact), "{name} is listed as a difference and is none");
            continue;
        }
        let wrong_ranges = seals.iter().any(|seal| seal.kind.is_some() && seal.byte_range_valid != Fact::Holds);
        match byte_range {
            "true" => assert!(!wrong_ranges, "{name}: {}", show(&seals)),
            "false" => assert!(wrong_ranges, "{name}: {}", show(&seals)),
            _ => {}
        }
        let broken = |seal: &SealIntegrity| {
            [&seal.hash_intact, &seal.signature_intact].into_iter().any(|fact| matches!(fact, Fact::Fails(_)))
        };
        match cryptography {
            "true" => assert!(!seals.iter().any(broken), "{name}: {}", show(&seals)),
            "false" => assert!(!seals.iter().all(SealIntegrity::is_intact), "{name}: {}", show(&seals)),
            _ => {}
        }
    }
    assert!(compared >= FEWEST_FILES, "facts of {compared} files were compared");
}

fn show(seals: &[SealIntegrity]) -> String {
    let lines =
        seals.iter().flat_map(|seal| seal.facts().map(|(name, fact)| format!("\n{} {name} {fact}", seal.field)));
    lines.collect()
}

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from).join("pades");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "corpus pades not found");
    eprintln!("skipped: corpus pades not found");
    None
}
