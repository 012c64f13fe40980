//! Rules X2, X4, X6 and M6: later revisions that make readers rebuild the file, and what they would find.

use crate::laboratory::{Laboratory, archived, expect_alone, expect_told, rules, sealed, strict, told, unsealed};
use crate::stream_update::StreamUpdate;
use crate::update::Update;

/// A revision that changes nothing but for its odd cross-references fails, for this rule alone.
fn expect(update: StreamUpdate<'_>, rule: &str) {
    expect_alone(&update.append(), &[rule]);
}

#[test]
fn later_streams_at_which_readers_give_up() {
    let file = archived();
    let free = Update::of(&file).size();
    let update = || StreamUpdate::of(&file, free);
    assert_eq!(rules(&update().append()), [""; 0]);
    for kind in [3, 4, 255] {
        expect(update().record(free + 1, kind, 7, 0), "X4");
    }
    for widths in ["1 8 2", "0 4 2", "8 4 2", "1 4 8", "6 4 0"] {
        let found = rules(&update().widths(widths).append());
        assert!(found.contains(&"X4"), "{widths}: {found:?}");
    }
    expect(update().record(free + 1, 0, 0, 0).backwards(), "X4");
    expect(update().index(&format!("{free} 9")), "X4");
    expect(update().leftover(&[0; 7]), "X4");
    expect(update().leftover(&[0; 3]), "X4");
    for size in ["2000000000", "8388608", "100000", "3"] {
        expect(update().size(size), "X4");
    }
    let twice = update().record(free, 0, 0, 0).append();
    assert!(rules(&twice).contains(&"X9"), "{:?}", rules(&twice));
    for index in [format!("{free}"), format!("-1 {free}"), format!("{free} -1"), format!("({free}) 1")] {
        let found = rules(&update().index(&index).append());
        assert!(found.contains(&"X2"), "{index}: {found:?}");
    }
}

#[test]
fn later_tables_at_which_readers_give_up() {
    let file = archived();
    let update = || Update::of(&file).set(40, "<< >>").set(41, "<< >>");
    assert_eq!(rules(&update().append()), [""; 0]);
    let text = |old: &str, new: &str| {
        let mut forged = update().append();
        let place = file.len() + crate::laboratory::find(&forged[file.len()..], old.as_bytes());
        forged[place..place + new.len()].copy_from_slice(new.as_bytes());
        rules(&forged)
    };
    assert_eq!(text("41 1\n", "40 1\n"), ["X6", "X9"], "one number twice, at two places");
    assert_eq!(text("40 1\n", "42 1\n"), ["X4", "X6"], "out of order");
    assert_eq!(text(" 00000 n \n41", " 00000 n\n 41"), ["X4"], "another width");
    assert_eq!(text("40 1\n00000", "40 1\n99999"), ["X4", "X6"], "beyond the file");
    let mut early = update().append();
    let end = early.len() - "\n%%EOF\n".len();
    let startxref: usize = std::str::from_utf8(&early[end - 5..end]).unwrap().trim().parse().unwrap();
    let digits = (startxref - 1).to_string();
    early[end - digits.len()..end].copy_from_slice(digits.as_bytes());
    assert_eq!(rules(&early), ["X2"], "white space before the section");
    let first = Update::of(&file).set(0, "<< >>").append();
    assert!(!rules(&first).is_empty());
}

#[test]
fn definitions_that_only_a_rebuilding_reader_finds() {
    let file = archived();
    let page = "10 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n";
    let comment = Update::of(&file).raw(b"% 10 0 obj << >> endobj\n").append();
    expect_alone(&comment, &["X6"]);
    let text = Update::of(&file).set(13, "<< /Title (10 0 obj << >> endobj) >>").append();
    expect_alone(&text, &["X6"]);
    let stream = format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len());
    let orphan = Update::of(&file).set(60, &stream).append();
    expect_alone(&orphan, &["X6"]);
    let trailer = Update::of(&file).raw(b"% trailer << /Root 11 0 R >>\n").append();
    expect_alone(&trailer, &["X6"]);
    let harmless = Update::of(&file).set(13, "<< /Title (object of the trailer: obj 10 0) >>").append();
    assert_eq!(rules(&harmless), [""; 0]);
}

#[test]
fn what_the_seal_covers_is_told_if_it_has_one_reading() {
    let lab = Laboratory::new();
    let with = |old: &str, new: &str| lab.resealed(|pdf| crate::laboratory::overwrite(pdf, old, new));
    expect_told(&with("/Helvetica >>\nendobj", "/Helvetica >>\n      "), "X10");
    expect_told(&with("00000 n \n0", "00000 n\n 0"), "X4");
    expect_told(&with("/Size 15", "/Size 12"), "X4");
    expect_told(&with("/Length 42 ", "/Length 40 "), "X9");
    expect_told(&with("/Names 12 0 R", "/Pages 2 0 R "), "X9");
    let two = with("/Names 12 0 R", "/Pages 3 0 R ");
    assert_eq!((rules(&two), strict(&two)), (vec!["X9"], vec!["X9"]));
    let elsewhere = with("\n9 0 obj", "\n8 0 obj");
    assert!(rules(&elsewhere).contains(&"X4"), "an object that can be reached is not where it should be");
}

#[test]
fn an_object_defined_twice_in_the_sealed_revision() {
    let lab = Laboratory::new();
    let own = Update::of(&unsealed()).text(11);
    let before = |hidden: &str| {
        let update = Update::of(&unsealed()).set(11, &own).raw(hidden.as_bytes()).append();
        lab.seal_in(&update, "Seal", true)
    };
    let other = before("11 0 obj\n<< /Type /Font /BaseFont /ZapfDingbats >>\nendobj\n");
    assert_eq!((rules(&other), strict(&other)), (vec!["X9"], vec!["X9"]));
    expect_told(&before(&format!("11 0 obj\n{own}\nendobj\n")), "X9");
    assert_eq!(rules(&before("70 0 obj\n<< >>\nendobj\n")), [""; 0], "leftovers under other numbers");
}

#[test]
fn words_of_file_structure_in_a_security_store_are_told() {
    let named = Laboratory::new().root.issue("endobj xref", crate::support::seal_extensions(), |_| {});
    let der = named.certificate.der();
    let file = sealed();
    let mut body = format!("<< /Length {} >>\nstream\n", der.len()).into_bytes();
    body.extend(der);
    body.extend(b"\nendstream");
    let forged =
        Update::of(&file).edit(1, "/Pages 2 0 R", "/Pages 2 0 R /DSS << /Certs [90 0 R] >>").binary(90, &body).append();
    assert_eq!(rules(&forged), [""; 0]);
    assert!(told(&forged).contains(&"M6"));
}
