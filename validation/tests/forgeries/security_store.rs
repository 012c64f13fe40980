//! Rule M6: what hides in a security store.

use crate::form::{formats_under, rules_under};
use crate::laboratory::{Laboratory, archived, expect_alone, formats, rules, sealed, told};
use crate::update::Update;
use pki::asn1::{Reader, write::element};
use validation::report::{LaterChanges, Outcome};

/// A sealed file with a store of the forger's making: number of a new stream object, the stream, the store's entries.
fn with_store(entries: &str, objects: &[(u32, &str)]) -> Vec<u8> {
    let file = sealed();
    let update = objects.iter().fold(Update::of(&file), |update, (number, body)| update.set(*number, body));
    update.edit(1, "/Pages 2 0 R", &format!("/Pages 2 0 R /DSS << {entries} >>")).append()
}

/// A stream of DER, which is binary, written in hexadecimal.
fn stream(der: &[u8], keys: &str) -> String {
    let digits: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<< /Filter /ASCIIHexDecode /Length {}{keys} >>\nstream\n{digits}>\nendstream", digits.len() + 1)
}

fn certificate() -> Vec<u8> {
    Laboratory::new().root.certificate.der().to_vec()
}

#[test]
fn a_plain_store_is_long_term() {
    let file = with_store("/Certs [90 0 R]", &[(90, &stream(&certificate(), ""))]);
    assert_eq!(rules(&file), [""; 0]);
    assert_eq!(formats(&file)[0].facts.later_changes, LaterChanges::LongTerm);
}

#[test]
fn m6_stray_keys() {
    let one = stream(&certificate(), "");
    expect(&with_store("/Certs [90 0 R] /OpenAction true", &[(90, &one)]));
    expect(&with_store("/Certs [90 0 R]", &[(90, &stream(&certificate(), " /Subtype /Form /BBox [0 0 9 9]"))]));
}

#[test]
fn m6_streams_that_are_not_what_they_should_be() {
    let text = "<< /Length 10 >>\nstream\n0 0 9 9 re\nendstream";
    expect(&with_store("/Certs [90 0 R]", &[(90, text)]));
    let longer = [certificate(), b"hidden".to_vec()].concat();
    expect(&with_store("/Certs [90 0 R]", &[(90, &stream(&longer, ""))]));
    expect(&with_store("/OCSPs [90 0 R]", &[(90, &stream(&certificate(), ""))]));
    expect(&with_store("/Certs [<< >>]", &[]));
    expect(&with_store("/Certs [90 0 R]", &[(90, "<< /Type /Page >>")]));
    expect(&with_store("/Certs 10", &[]));
    expect(&with_store("/CRLs [10 0 R]", &[])); // the content of the page
}

#[test]
fn m6_entries_under_wrong_keys() {
    let key = "0123456789ABCDEF0123456789ABCDEF01234567";
    let one = stream(&certificate(), "");
    for key in [key, &key.to_lowercase(), "Other"] {
        let entries = format!("/Certs [90 0 R] /VRI << /{key} << /Cert [90 0 R] >> >>");
        expect(&with_store(&entries, &[(90, &one)]));
    }
    let signature = pades::Document::parse(sealed()).unwrap().signatures().remove(0);
    let right = pades::security_store::vri_key(&signature.contents);
    let good = format!("/Certs [90 0 R] /VRI << /{right} << /Cert [90 0 R] /TU (D:20261124090000Z) >> >>");
    assert_eq!(rules(&with_store(&good, &[(90, &one)])), [""; 0]);
    expect(&with_store(&good.replace("/TU", "/JS"), &[(90, &one)]));
}

#[test]
fn m6_an_old_entry_changes() {
    let file = archived();
    let store = store_number(&file);
    let entry = entry_number(&file, store);
    let text = Update::of(&file).text(entry);
    let cut = text.find("/CRL ").unwrap();
    let without = format!("{}>>", &text[..cut]);
    let replaced = Update::of(&file).set(entry, &without).append();
    assert_eq!(rules_under(&replaced, "default"), [""; 0], "it changes neither what is shown nor what is believed");
    assert_eq!(rules_under(&replaced, "strict"), ["M6"]);
    assert!(formats_under(&replaced, "default")[0].checks.iter().any(|check| check.detail.contains("other material")));
    assert_eq!(formats(&replaced)[0].facts.later_changes, LaterChanges::LongTerm);
    let removed = Update::of(&file).edit(1, &format!("/DSS {store} 0 R"), "").append();
    expect(&removed);
    let shorter = Update::of(&file).edit(store, "/CRLs [", "/CRLs [] /Type [").append();
    assert!(
        formats(&shorter)[0].checks.iter().any(|check| check.rule() == Some("M6") && check.outcome == Outcome::Warning)
    );
}

/// The elements of one level.
fn elements(der: &[u8]) -> Vec<&[u8]> {
    Reader::new(der, "level").elements().unwrap().iter().map(|element| element.raw).collect()
}

fn inside(element: &[u8]) -> &[u8] {
    Reader::new(element, "element").element().unwrap().value
}

/// A certificate or CRL with its first field or the tail of its signed part written anew.
fn edited(der: &[u8], edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let outer = elements(inside(der));
    let mut fields: Vec<Vec<u8>> = elements(inside(outer[0])).into_iter().map(<[u8]>::to_vec).collect();
    edit(&mut fields);
    let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
    element(0x30, &[&element(0x30, &fields), outer[1], outer[2]])
}

/// The extensions of the last field, the first of them twice.
fn extension_twice(fields: &mut Vec<Vec<u8>>) {
    let last = fields.pop().unwrap();
    let list = elements(inside(&last))[0];
    let extensions = inside(list);
    fields.push(element(last[0], &[&element(0x30, &[elements(extensions)[0], extensions])]));
}

/// Evidence that a strict reader refuses: array of the store, and DER.
fn unusable() -> Vec<(&'static str, Vec<u8>)> {
    let lab = Laboratory::new();
    let crl = lab.root.crl(Vec::new(), |_| {});
    let version = |fields: &mut Vec<Vec<u8>>| fields[0] = element(0xa0, &[&[2, 1, 9]]);
    vec![
        ("OCSPs", vec![0x30, 3, 0x0a, 1, 3]), // tryLater
        ("OCSPs", vec![0x30, 3, 0x0a, 1, 99]),
        ("OCSPs", vec![0x30, 3, 0x0a, 1, 0]), // successful, and nothing in it
        ("OCSPs", b"\x30\x12\x0a\x01\x00\xa0\x0d\x30\x0b\x06\x03\x2a\x03\x04\x04\x04\x30\x02\x05\x00".to_vec()),
        ("Certs", edited(&certificate(), extension_twice)),
        ("Certs", edited(&certificate(), version)),
        ("CRLs", edited(&crl, extension_twice)),
        ("CRLs", edited(&crl, |fields| fields[3] = element(0x17, &[b"yesterday"]))),
    ]
}

#[test]
fn evidence_that_cannot_be_used_is_told_and_what_is_not_der_of_its_kind_fails() {
    for (array, der) in unusable() {
        let with = |array: &str, der: &[u8]| with_store(&format!("/{array} [90 0 R]"), &[(90, &stream(der, ""))]);
        let file = with(array, &der);
        assert_eq!(rules(&file), [""; 0], "{array} {der:02x?}");
        assert_eq!(formats(&file)[0].facts.later_changes, LaterChanges::LongTerm);
        assert!(told(&file).contains(&"M6"), "{array}: it cannot be used, or the case is wrong: {der:02x?}");
        for other in ["Certs", "CRLs", "OCSPs"].iter().filter(|other| **other != array) {
            expect(&with(other, &der)); // of another kind
        }
        expect(&with(array, &[&der[..], b" "].concat()));
        expect(&with(array, &der[..der.len() - 1]));
        let mut longer = der.clone();
        let outermost = inside(&der).len() + 1;
        longer.push(0x20);
        match longer[1] {
            0x82 => (longer[2], longer[3]) = ((outermost >> 8) as u8, outermost as u8),
            0x81 => longer[2] = outermost as u8,
            _ => longer[1] = outermost as u8,
        }
        expect(&with(array, &longer)); // an octet inside it that is no element
    }
    let text = element(0x30, &[b"0 0 9 9 re f BT (Pay) Tj ET"]);
    expect(&with_store("/OCSPs [90 0 R]", &[(90, &stream(&text, ""))]));
    expect(&with_store("/Certs [90 0 R]", &[(90, &stream(&text, ""))]));
}

#[test]
fn entries_written_by_another_tool_are_told_and_lead_to_material_of_their_kind() {
    let file = archived();
    let store = store_number(&file);
    let entry = entry_number(&file, store);
    let one = stream(Laboratory::new().seal.certificate.der(), "");
    let rewritten = Update::of(&file).set(90, &one).set(entry, "<< /Cert [90 0 R] >>");
    let rewritten = rewritten.edit(store, "/Certs [", "/Certs [90 0 R ").append();
    assert_eq!((rules_under(&rewritten, "default"), rules_under(&rewritten, "strict")), (vec![], vec!["M6"]));
    for (entry_text, more) in [
        ("<< /Cert [10 0 R] >>", ""),
        ("<< /Cert [90 0 R] >>", "<< /Length 10 >>\nstream\n0 0 9 9 re\nendstream"),
        ("<< /CRL [90 0 R] >>", one.as_str()),
        ("<< /Cert [<< >>] >>", ""),
        ("<< /Cert [] /JS (1) >>", ""),
        ("(text)", ""),
    ] {
        let update = Update::of(&file).set(entry, entry_text);
        let forged = if more.is_empty() { update } else { update.set(90, more) }.append();
        for policy in ["default", "strict"] {
            assert!(rules_under(&forged, policy).contains(&"M6"), "{entry_text} {more} under {policy}");
        }
    }
}

#[test]
fn a_list_with_more_elements_than_any_archive_has_is_not_looked_through() {
    let one = stream(&certificate(), "");
    let times = |count: usize| with_store(&format!("/Certs [{}]", "90 0 R ".repeat(count)), &[(90, &one)]);
    assert_eq!(rules(&times(10_000)), [""; 0]);
    assert!(rules(&times(70_000)).contains(&"X10"));
    let signature = pades::Document::parse(sealed()).unwrap().signatures().remove(0);
    let key = pades::security_store::vri_key(&signature.contents);
    let entries = format!("/Certs [90 0 R] /VRI << /{key} << /Cert [{}] >> >>", "90 0 R ".repeat(70_000));
    assert!(rules(&with_store(&entries, &[(90, &one)])).contains(&"X10"));
}

fn store_number(file: &[u8]) -> u32 {
    let catalog = Update::of(file).text(1);
    catalog.split("/DSS ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

fn entry_number(file: &[u8], store: u32) -> u32 {
    let text = Update::of(file).text(store);
    let entries = text.split("/VRI << /").nth(1).unwrap();
    entries.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_stream_of_the_store_as_content_of_a_page() {
    let file = sealed();
    let both = Update::of(&file)
        .set(90, &stream(&certificate(), ""))
        .edit(1, "/Pages 2 0 R", "/Pages 2 0 R /DSS << /Certs [90 0 R] >>")
        .edit(3, "/Contents 10 0 R", "/Contents [10 0 R 90 0 R]")
        .append();
    expect_alone(&both, &["M2", "M5"]);
}

fn expect(pdf: &[u8]) {
    expect_alone(pdf, &["M6"]);
    assert_eq!(formats(pdf)[0].facts.later_changes, LaterChanges::Other);
}
