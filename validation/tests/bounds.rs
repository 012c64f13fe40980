//! What a hostile file may cost (rule X10): memory and work grow with what it really has, and where a budget ends the rest
//! counts as unverified. The times are told; that they are a second or two is measured by hand.

#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

use std::fmt::Write as _;
use std::time::Instant;

use pades::{Document, Placement, SealKind};
use validation::format_check::{self, SignatureFormat};
use validation::{Conclusion, Policy};

fn formats(name: &str, pdf: &[u8]) -> Vec<SignatureFormat> {
    let (policy, start) = (Policy::default(), Instant::now());
    let formats = match Document::parse(pdf) {
        Ok(document) => format_check::examine(&document, &policy),
        Err(problem) => format_check::examine_unreadable(pdf, &problem, &policy),
    };
    eprintln!("{name}: {} bytes, {} signatures, {:?}", pdf.len(), formats.len(), start.elapsed());
    formats
}

fn fails(formats: &[SignatureFormat]) -> bool {
    !formats.is_empty() && formats.iter().all(|one| matches!(one.conclusion, Conclusion::Failed(_)))
}

/// Objects from 1 on; the catalog is the first, the page tree the second.
fn write(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let (start, size) = (file.len(), objects.len() + 1);
    file.extend(format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

fn sealed(pdf: &[u8]) -> Vec<u8> {
    let kind = SealKind::Seal { at: "2026-04-01T09:00:00Z".parse().unwrap(), name: None, reason: None, location: None };
    pades::prepare(&Document::parse(pdf).unwrap(), Placement::NewInvisible { name: None }, kind, 64)
        .unwrap()
        .embed(b"CMS")
        .unwrap()
}

fn page_with(annotations: &str) -> Vec<String> {
    vec![
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [{annotations}] >>"),
    ]
}

fn references(numbers: std::ops::Range<usize>) -> String {
    numbers.map(|number| format!("{number} 0 R ")).collect()
}

/// Appends revisions that each write one object anew.
fn with_revisions(mut pdf: Vec<u8>, count: usize, body: impl Fn(usize) -> (u32, String)) -> Vec<u8> {
    let document = Document::parse(pdf.as_slice()).unwrap();
    let (mut previous, size) = (document.last_revision().startxref, document.last_revision().size().unwrap());
    for index in 0..count {
        let (number, body) = body(index);
        let size = size.max(number as usize + 1);
        let offset = pdf.len();
        pdf.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        let start = pdf.len();
        pdf.extend(
            format!(
                "xref\n{number} 1\n{offset:010} 00000 n \ntrailer\n<< /Size {size} /Root 1 0 R /Prev {previous} >>\n\
                 startxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
        previous = start;
    }
    pdf
}

#[test]
fn many_revisions_that_write_the_form_anew() {
    let mut objects = page_with("");
    objects.push(format!("<< /Fields [{}] >>", references(5..2_005)));
    objects.extend((5..2_005).map(|number| format!("<< /FT /Tx /T (f{number}) >>")));
    let sealed = sealed(&write(&objects));
    let form = format!("<< /Fields [{}] /SigFlags 3 >>", references(5..2_005));
    let many = with_revisions(sealed.clone(), 300, |_| (4, form.clone()));
    assert!(fails(&formats("a form of 2,000 fields, written 300 times", &many)));
    let orphans = with_revisions(sealed, 1_000, |index| (3_000 + index as u32, "<< >>".to_owned()));
    formats("1,000 revisions with an orphan each", &orphans);
}

#[test]
fn more_revisions_than_any_archive_has() {
    let mut objects = page_with("");
    objects.push("<< /Fields [] >>".to_owned());
    let many = with_revisions(sealed(&write(&objects)), 20_000, |_| (30, "<< >>".to_owned()));
    assert!(fails(&formats("20,000 revisions", &many)));
}

#[test]
fn many_fields_and_annotations() {
    let mut objects = page_with(&references(5..20_005));
    objects.push(format!("<< /Fields [{}] >>", references(5..20_005)));
    objects.extend((5..20_005).map(|number| format!("<< /FT /Tx /T (f{number}) /Subtype /Widget /Rect [0 0 0 0] >>")));
    let file = with_revisions(sealed(&write(&objects)), 10, |index| (30_000 + index as u32, "<< >>".to_owned()));
    assert_eq!(formats("20,000 fields", &file).len(), 1);
    let mut objects = page_with(&references(6..200_006));
    objects.extend(["<< /Fields [] >>".to_owned(), "null".to_owned()]);
    objects.extend((6..200_006).map(|_| "<</Subtype/Link>>".to_owned()));
    assert_eq!(formats("200,000 annotations", &sealed(&write(&objects))).len(), 1);
}

#[test]
fn widgets_that_share_long_chains_of_parents() {
    let mut objects = page_with(&references(5..20_005));
    objects.push("<< /Fields [] >>".to_owned());
    objects.extend((5..20_005).map(|number| {
        format!(
            "<< /FT /Sig /T (f) /Subtype /Widget /Parent {} 0 R /Kids [{number} 0 R {} 0 R] >>",
            number + 1,
            number - 1
        )
    }));
    let _ = formats("20,000 parents", &sealed(&write(&objects)));
}

#[test]
fn one_signature_dictionary_of_many_fields() {
    let mut objects = page_with("");
    objects.push(format!("<< /Fields [{}] >>", references(6..20_006)));
    objects.push(format!(
        "<< /Filter /F /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <{}> >>",
        "00".repeat(100_000)
    ));
    objects.extend((6..20_006).map(|number| format!("<< /FT /Sig /T (f{number}) /V 5 0 R >>")));
    assert!(fails(&formats("20,000 fields with one signature", &write(&objects))));
}

/// A cross-reference stream whose zlib data say as much as it claims, and one that says nothing.
#[test]
fn cross_references_that_claim_very_much() {
    let stream = |claimed: usize, data: &[u8]| {
        let mut file = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec();
        let start = file.len();
        file.extend(
            format!(
                "2 0 obj\n<< /Type /XRef /Size {claimed} /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length {} >>\nstream\n",
                data.len()
            )
            .bytes(),
        );
        file.extend(data);
        file.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
        file
    };
    let full = stream(8_000_000, &deflated(32 << 20));
    let start = Instant::now();
    assert!(matches!(Document::parse(full.as_slice()), Err(pades::Error::LimitExceeded { .. })));
    eprintln!("8,000,000 entries in {} bytes: {:?}", full.len(), start.elapsed());
    let empty = Document::parse(stream(8_000_000, &deflated(0))).unwrap();
    assert!(empty.last_revision().entries().is_empty());
}

/// zlib data of so many zeros, in stored blocks of the longest runs: made without a library.
fn deflated(zeros: usize) -> Vec<u8> {
    if zeros == 0 {
        return vec![0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01];
    }
    // One fixed block: a zero, then matches of length 258 at distance 1.
    let mut bits = Bits::default();
    bits.put(1, 1);
    bits.put(1, 2);
    bits.code(0x30, 8);
    for _ in 0..zeros / 258 {
        bits.code(0b1100_0101, 8); // 285: length 258
        bits.code(0, 5); // distance 1
    }
    bits.code(0, 7);
    let mut data = vec![0x78, 0x9c];
    data.extend(bits.finish());
    data.extend([0; 4]); // no reader comes to the checksum before the limit
    data
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((value >> place & 1) as u8) << (self.used % 8);
            self.used += 1;
        }
    }

    /// A Huffman code, highest bit first.
    fn code(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|place| self.put(value >> place & 1, 1));
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
