//! Rules X: the file as a chain of revisions.

use crate::laboratory::{
    Laboratory, archived, expect, expect_alone, expect_told, find, formats, rules, sealed, unsealed, write,
};
use crate::update::Update;
use validation::report::LaterChanges;

#[test]
fn x1_another_file_before_the_header() {
    let mut shifted = b"GIF89a;\n".to_vec();
    shifted.extend(sealed());
    let found = rules(&shifted);
    assert!(!found.is_empty(), "{found:?}");
    let version = Laboratory::new().resealed(|pdf| pdf[5..8].copy_from_slice(b"9.9"));
    expect_told(&version, "X1");
}

#[test]
fn x2_a_revision_without_cross_references() {
    let mut orphan = archived();
    orphan.extend(b"3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n%%EOF\n");
    assert!(rules(&orphan).contains(&"X6"), "{:?}", rules(&orphan));
    assert_eq!(formats(&orphan)[0].facts.later_changes, LaterChanges::Other);
    let mut wrong = archived();
    let end = wrong.len();
    let startxref = end - 40 + find(&wrong[end - 40..], b"startxref\n") + 10;
    wrong[startxref] = b'9';
    assert!(rules(&wrong).contains(&"X2"), "{:?}", rules(&wrong));
}

#[test]
fn x3_cross_references_for_two_kinds_of_readers() {
    let file = archived();
    let place = pades::Document::parse(file.as_slice()).unwrap().revisions()[0].startxref;
    let hybrid = Update::of(&file).trailer("XRefStm", &place.to_string()).append();
    assert!(rules(&hybrid).contains(&"X3"), "{:?}", rules(&hybrid));
}

#[test]
fn x4_numbers_and_offsets_that_lie() {
    let file = archived();
    let freed_again = Update::of(&file).free(9).append();
    let reused = Update::of(&freed_again).set_generation(9, 1, "<< /Type /Annot >>").append();
    assert!(rules(&reused).contains(&"X4") && rules(&reused).contains(&"M4"), "{:?}", rules(&reused));
    let generation = Update::of(&file).set_generation(11, 1, "<< /Type /Font >>").append();
    assert!(rules(&generation).contains(&"X4"), "{:?}", rules(&generation));
    let shrunk = Update::of(&file).trailer("Size", "3").append();
    expect(&shrunk, &["X4"]);
    let mut other_number = Update::of(&file).set(40, "<< >>").append();
    let place = find(&other_number, b"40 0 obj");
    other_number[place] = b'5';
    assert!(rules(&other_number).contains(&"X4"), "{:?}", rules(&other_number));
}

#[test]
fn x5_an_object_overridden_in_an_object_stream() {
    let file = archived();
    let page = Update::of(&file).text(3);
    let forged = Update::of(&file).append_stream(&[(3, &page.replace("842", "900"))], "");
    expect(&forged, &["X5", "M2"]);
    let harmless = Update::of(&file).append_stream(&[(3, &page)], "");
    expect(&harmless, &["X5"]);
}

#[test]
fn x5_containers_overridden_or_extended() {
    let file = archived();
    let spare = Update::of(&file).size() + 2;
    let first = Update::of(&file).append_stream(&[(spare, "<< >>")], "");
    expect_nothing(&first);
    let container = Update::of(&file).size();
    let overridden = Update::of(&first).set(container, "<< /Length 0 >>\nstream\n\nendstream").append();
    assert!(rules(&overridden).contains(&"X5"), "{:?}", rules(&overridden));
    let cross_references = Update::of(&first).set(container + 1, "<< >>").append();
    assert!(rules(&cross_references).contains(&"X5"), "{:?}", rules(&cross_references));
    let extending = Update::of(&file).append_stream(&[(spare, "<< >>")], " /Extends 10 0 R");
    assert!(rules(&extending).contains(&"X5"), "{:?}", rules(&extending));
}

/// A new object stream with an orphan breaks no rule.
fn expect_nothing(pdf: &[u8]) {
    assert_eq!(rules(pdf), [""; 0]);
}

#[test]
fn x6_bytes_that_belong_to_no_revision() {
    let mut trailing = sealed();
    trailing.extend(b"<script>alert(1)</script>");
    expect(&trailing, &["X6"]);
    assert_eq!(formats(&trailing)[0].facts.later_changes, LaterChanges::Other);
    let mut spaces = sealed();
    spaces.extend(b"\n\n\n");
    expect(&spaces, &["X6"]);
    for space in ["\n\n", "\r\n\r\n", "\r\r", " ", "\0", "\n ", " \n", "\t\n"] {
        expect(&[&sealed(), space.as_bytes()].concat(), &["X6"]);
    }
    let file = archived();
    expect(&Update::of(&file).raw(b"smuggled\n").append(), &["X6"]);
    expect(&Update::of(&file).raw(b"3 0 obj\n<< /Type /Page >>\nendobj\n").append(), &["X6"]);
}

#[test]
fn x6_one_more_end_of_line_behind_the_file_is_told() {
    for space in ["\n", "\r\n", "\r"] {
        for file in [sealed(), archived()] {
            expect_told(&[&file, space.as_bytes()].concat(), "X6");
        }
    }
}

#[test]
fn x7_content_that_is_delivered_later() {
    let dangling = unsealed_with("/Contents 10 0 R", "/Contents 90 0 R");
    let lab = Laboratory::new();
    let file = lab.stored(&lab.seal_in(&dangling, "Seal", true));
    assert_eq!(rules(&file), [""; 0]);
    let text = "BT /F1 24 Tf (forged) Tj ET";
    let stream = format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len());
    let delivered = Update::of(&file).set(90, &stream).append();
    let found = rules(&delivered);
    assert!(found.contains(&"X7"), "{found:?}");
    assert_eq!(formats(&delivered)[0].facts.later_changes, LaterChanges::Other);
}

/// Page content whose /Length leads behind the seal: a comment of the next revision says how it goes on.
#[test]
fn x4_content_that_goes_on_behind_the_seal() {
    const KNOWN: &str = "<< /Length 42 >>\nstream\nBT /F1 24 Tf 72 400 Td (Certificate) Tj ET\nendstream";
    const BEYOND: usize = 16_000;
    let open = format!("<< /Length {BEYOND} >>\nstream\nBT /F1 24 Tf 72 400 Td (Certificate) Tj ET");
    let lab = Laboratory::new();
    let open = format!("{open:<width$}", width = KNOWN.len());
    let sealed = lab.resealed(|pdf| crate::laboratory::overwrite(pdf, KNOWN, &open));
    assert_eq!(rules(&sealed), ["X4"], "readers make of it what they can");
    let data = find(&sealed, b"BT /F1");
    let mut comment = b"%".to_vec();
    comment.resize(data + BEYOND - sealed.len(), b' ');
    comment.extend(b"endstream endobj\n");
    let forged = Update::of(&sealed).raw(&comment).append();
    expect_alone(&forged, &["X4", "X6"]);
    let stored = lab.stored(&forged);
    assert!(rules(&stored).contains(&"X4"), "{:?}", rules(&stored));
}

fn unsealed_with(old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut file = unsealed();
    crate::laboratory::overwrite(&mut file, old, new);
    file
}

#[test]
fn x9_an_object_or_a_key_twice() {
    let file = archived();
    let page = Update::of(&file).text(3).replace("/MediaBox", "/MediaBox [0 0 9 9] /MediaBox");
    let found = rules(&Update::of(&file).set(3, &page).append());
    assert!(found.contains(&"X9"), "{found:?}");
    let own = Update::of(&file).text(3);
    let undone = Update::of(&Update::of(&file).set(3, &page).append()).set(3, &own).append();
    assert!(rules(&undone).contains(&"X9"), "{:?}", rules(&undone));
    let twice = Update::of(&file).trailer("Size ", "99").append();
    assert!(rules(&twice).contains(&"X9"), "{:?}", rules(&twice));
}

#[test]
fn x10_cycles_in_fields_pages_and_previous_revisions() {
    let file = archived();
    let fields = Update::of(&file).edit(7, "/Kids [8 0 R]", "/Kids [5 0 R]").append();
    assert!(rules(&fields).contains(&"U7"), "{:?}", rules(&fields));
    let fields = Update::of(&file).edit(7, "/Kids [8 0 R]", "/Kids [7 0 R]").append();
    assert!(!rules(&fields).is_empty());
    let named = "<< /FT /Sig /T (Again) /Kids [7 0 R] >>";
    let fields = Update::of(&file).set(60, named).edit(7, "/Kids [8 0 R]", "/Kids [60 0 R]").append();
    assert!(rules(&fields).contains(&"X10"), "{:?}", rules(&fields));
    let pages = Update::of(&file).edit(2, "/Kids [3 0 R]", "/Kids [3 0 R 2 0 R]").append();
    assert!(rules(&pages).contains(&"X10"), "{:?}", rules(&pages));
    let startxref = Update::of(&file).append();
    let own = startxref.len() - file.len();
    let looping = Update::of(&file).trailer("Prev", &(file.len()).to_string()).append();
    assert!(rules(&looping).contains(&"X10"), "{own} {:?}", rules(&looping));
}

#[test]
fn x10_deep_nesting_and_bombs_end_soon() {
    let file = sealed();
    let started = std::time::Instant::now();
    let deep = Update::of(&file).set(40, &format!("{}{}", "[".repeat(50_000), "]".repeat(50_000))).append();
    assert!(!rules(&deep).is_empty());
    let many: Vec<String> = (0..20_000).map(|_| "40 0 R".to_owned()).collect();
    let wide = Update::of(&file).set(40, &format!("[{}]", many.join(" "))).append();
    let _ = rules(&wide);
    let chain = (40..400).fold(Update::of(&file), |update, number| update.set(number, &format!("{} 0 R", number + 1)));
    let _ = rules(&chain.append());
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn a_file_without_signatures_has_no_findings() {
    assert!(formats(&write(&["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"])).is_empty());
    assert!(formats(b"no PDF").is_empty());
}

#[test]
fn a_damaged_sealed_file_is_a_failed_seal() {
    let mut damaged = archived();
    damaged.extend(b"xref\nnonsense\nstartxref\n7\n%%EOF\n");
    for format in formats(&damaged) {
        assert!(!format.conclusion.is_passed());
        assert_eq!(format.facts.later_changes, LaterChanges::Other);
        assert!(format.signature.is_some(), "the readable beginning still shows it");
    }
    let truncated = &sealed()[..sealed().len() - 30];
    assert!(!formats(truncated)[0].conclusion.is_passed());
}
