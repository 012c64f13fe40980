//! Rule M6: what hides in a security store.

use crate::laboratory::{Laboratory, archived, expect_alone, formats, rules, sealed};
use crate::update::Update;
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
    let catalog = Update::of(&file).text(1);
    let store = catalog.split("/DSS ").nth(1).unwrap().split(' ').next().unwrap().parse::<u32>().unwrap();
    let entry = entry_number(&file, store);
    let text = Update::of(&file).text(entry);
    let cut = text.find("/CRL ").unwrap();
    let without = format!("{}>>", &text[..cut]);
    expect(&Update::of(&file).set(entry, &without).append());
    let removed = Update::of(&file).edit(1, &format!("/DSS {store} 0 R"), "").append();
    expect(&removed);
    let shorter = Update::of(&file).edit(store, "/CRLs [", "/CRLs [] /Type [").append();
    assert!(
        formats(&shorter)[0].checks.iter().any(|check| check.rule() == Some("M6") && check.outcome == Outcome::Warning)
    );
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
