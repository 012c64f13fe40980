//! Small inputs from public reports that stand for kinds of files that could not be sealed, or were sealed wrongly.

use crate::support::{last_revision, plain_seal};
use pades::{Document, Error, Placement};
use std::path::{Path, PathBuf};

/// A file of the cases, or `None` with a note; with REQUIRE_CORPORA=1 a missing one fails the test.
fn case(name: &str) -> Option<Vec<u8>> {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(corpora, PathBuf::from);
    let path = corpora.join("../cases").join(name);
    if let Ok(bytes) = std::fs::read(&path) {
        return Some(bytes);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "{name} not found");
    eprintln!("skipped: case {name} not found");
    None
}

const NEW: Placement<'static> = Placement::NewInvisible { name: None };

fn prepare(pdf: &[u8], placement: Placement<'_>) -> Result<Vec<u8>, Error> {
    crate::support::prepare(pdf, placement, plain_seal(), 64)?.embed(b"CMS")
}

#[test]
fn handed_files_with_a_lock_are_sealed_once() {
    for name in ["08-field-lock/s28a-lock-all.pdf", "08-field-lock/s28c-lock-p1.pdf"] {
        let Some(pdf) = case(name) else { return };
        let sealed = prepare(&pdf, Placement::Field("Sig1")).unwrap();
        assert!(last_revision(&sealed).contains("/TransformMethod /FieldMDP"), "{name}");
        let refused = prepare(&sealed, NEW).unwrap_err();
        assert!(matches!(refused, Error::SealForbidden { .. }), "{name}: {refused}");
    }
}

#[test]
fn handed_files_with_seed_values_are_refused_or_certified() {
    let Some(pdf) = case("09-seed-value/s29a-sv-subfilter-required.pdf") else { return };
    let refused = prepare(&pdf, Placement::Field("Sig1")).unwrap_err();
    assert!(matches!(&refused, Error::SeedValue { entry, .. } if entry == "SubFilter"), "{refused}");
    let Some(pdf) = case("09-seed-value/s29b-sv-mdp-required.pdf") else { return };
    let certified = prepare(&pdf, Placement::Field("Sig1")).unwrap();
    assert_eq!(Document::parse(certified).unwrap().signatures()[0].certification, Some(1));
}

#[test]
fn handed_files_that_refer_to_nothing_are_sealed() {
    for name in
        ["10-dangling-reference/d1-acroform-dangling.pdf", "10-dangling-reference/s16d-annots-missing-object.pdf"]
    {
        let Some(pdf) = case(name) else { return };
        let sealed = prepare(&pdf, NEW).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(Document::parse(sealed).unwrap().signatures().len(), 1, "{name}");
    }
}

#[test]
fn a_handed_encrypted_file_is_refused_with_the_way_out() {
    let Some(pdf) = case("11-encrypted/p17-s22a-rc4-emptyuser.pdf") else { return };
    let refused = prepare(&pdf, NEW).unwrap_err().to_string();
    assert!(refused.contains("qpdf --decrypt"), "{refused}");
}

#[test]
fn a_handed_file_that_some_readers_rebuild_is_refused_with_the_way_out() {
    let Some(pdf) = case("22-made-to-repair/repair-one-B-B-xs-type3.pdf") else { return };
    let refused = prepare(&pdf, NEW).unwrap_err();
    assert!(matches!(refused, Error::TwoReadings { .. }), "{refused}");
}
