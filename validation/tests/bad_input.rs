//! Files that somebody made to harm: a verdict or a clear error.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod laboratory;

use laboratory::{Document, Lab, hours, pdf, sealed};
use validation::report::Overall;
use validation::{Conclusion, Error};

/// 100 MB.
const LARGE: usize = 100 << 20;

/// What is said of a file: the conclusion over all, or that it cannot be read.
fn verdict(document: &Document, bytes: Vec<u8>) -> Result<Overall, Error> {
    let at = sealed() + hours(1);
    document.online(at).with_pdf(|_| bytes).ask(at).map(|report| report.overall)
}

fn is_passed(said: &Result<Overall, Error>) -> bool {
    matches!(said, Ok(Overall::Worst(Conclusion::Passed)))
}

#[test]
fn a_page_of_100_mb_is_sealed_and_judged() {
    let lab = Lab::new();
    let page = [b"% ", vec![b'x'; LARGE].as_slice(), b"\n"].concat();
    let document = lab.sealed_file(&with_stream(&page));
    assert!(is_passed(&verdict(&document, document.bytes.clone())));
}

#[test]
fn what_stands_behind_a_seal_in_100_mb_is_seen() {
    let document = Lab::new().bb();
    for filling in [&b"\0"[..], b"<<", b"7 0 obj\n", b"startxref\n9\n%%EOF\n"] {
        let bytes = [document.bytes.clone(), filling.repeat(LARGE / filling.len())].concat();
        let said = verdict(&document, bytes);
        assert!(!is_passed(&said), "{filling:?}: {said:?}");
    }
}

#[test]
fn a_file_cut_anywhere_does_not_pass() {
    let document = Lab::new().blt();
    for length in (0..document.bytes.len() - 1).step_by(document.bytes.len() / 150) {
        let said = verdict(&document, document.bytes[..length].to_vec());
        assert!(!is_passed(&said), "cut at {length}: {said:?}");
    }
}

#[test]
fn a_file_with_any_sealed_byte_changed_does_not_pass() {
    let document = Lab::new().bt();
    let signature = pades::Document::parse(document.bytes.clone()).unwrap().signatures().remove(0);
    let gap = signature.contents_offset;
    let sealed_bytes: Vec<usize> = (0..document.bytes.len()).filter(|place| !gap.contains(place)).collect();
    let mut sieve = 12_345_u32; // a fixed sequence: the same places each time
    for _ in 0..150 {
        sieve = sieve.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let place = sealed_bytes[sieve as usize % sealed_bytes.len()];
        let mut bytes = document.bytes.clone();
        bytes[place] ^= 1 << (sieve >> 29);
        let said = verdict(&document, bytes);
        assert!(!is_passed(&said), "byte {place}: {said:?}");
    }
}

#[test]
fn noise_is_refused() {
    let document = Lab::new().bb();
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for length in [0, 1, 9, 100, 10_000] {
        let bytes: Vec<u8> = (0..length).map(|_| noise()).collect();
        for bytes in [bytes.clone(), [b"%PDF-1.7\n", bytes.as_slice(), b"\nstartxref\n9\n%%EOF\n"].concat()] {
            assert!(verdict(&document, bytes).is_err());
        }
    }
}

/// A blank page with that content.
fn with_stream(content: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(pdf().into_iter().filter(u8::is_ascii).collect()).unwrap();
    let page = text.replace("842 595] >>", "842 595] /Contents 4 0 R >>");
    let body = page.split("xref").next().unwrap();
    let offsets = (1..4).map(|number| body.find(&format!("{number} 0 obj")).unwrap());
    let mut table = "xref\n0 5\n0000000000 65535 f \n".to_owned();
    offsets.chain([body.len()]).for_each(|offset| table += &format!("{offset:010} 00000 n \n"));
    let head = format!("4 0 obj\n<< /Length {} >>\nstream\n", content.len());
    let mut file = [body.as_bytes(), head.as_bytes(), content, b"\nendstream\nendobj\n"].concat();
    let start = file.len();
    file.extend(format!("{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}
