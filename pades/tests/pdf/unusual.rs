//! Files that depart from the standard, or refer to nothing: sealed where they have one reading, else refused with the way out.

use crate::support::{Pdf, append, last_revision, plain_seal, prepare, seal, written};
use pades::{Document, Error, Placement, SealKind, Warning, security_store};

const NEW: Placement<'static> = Placement::NewInvisible { name: None };

fn replaced(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let place = pdf.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    [&pdf[..place], to.as_bytes(), &pdf[place + from.len()..]].concat()
}

/// The warnings of a seal, and the sealed file, which keeps its bytes and shows the seal.
fn sealed_with_warnings(pdf: &[u8]) -> (Vec<Warning>, Vec<u8>) {
    let prepared = prepare(pdf, NEW, plain_seal(), 64).unwrap();
    let warnings = prepared.warnings().to_vec();
    let sealed = prepared.embed(b"CMS").unwrap();
    assert_eq!(&sealed[..pdf.len()], pdf);
    let material = security_store::Material { certificates: vec![b"leaf".to_vec()], ..Default::default() };
    let stored = append(&sealed, &material, &[]).unwrap();
    let stamped = seal(&stored, NEW, SealKind::DocumentTimeStamp);
    let document = Document::parse(stamped).unwrap();
    assert_eq!(document.signatures().len(), 2, "{:?}", document.signature_fields().problems);
    (warnings, sealed)
}

#[test]
fn an_anomaly_with_one_reading_is_sealed_and_told() {
    let regular = Pdf::with_fields().table();
    let text = String::from_utf8_lossy(&regular).into_owned();
    let startxref: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
    let early = replaced(&regular, &format!("startxref\n{startxref}"), &format!("startxref\n{}", startxref - 1));
    let narrow = String::from_utf8_lossy(&regular).replace(" n \n", " n\n").into_bytes();
    let narrow =
        [&b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"[..], &narrow[narrow.windows(7).position(|w| w == b"1 0 obj").unwrap()..]]
            .concat();
    let version = replaced(&regular, "%PDF-1.7", "%PDF-1.9");
    for (kind, pdf) in [("startxref", early), ("19 bytes", narrow), ("version", version)] {
        let (warnings, _) = sealed_with_warnings(&pdf);
        assert!(matches!(warnings.as_slice(), [Warning::Irregular(_)]), "{kind}: {warnings:?}");
    }
    assert_eq!(sealed_with_warnings(&regular).0, []);
}

#[test]
fn two_readings_are_refused_with_the_way_out() {
    let regular = Pdf::with_fields().table();
    let before = [b" ", regular.as_slice()].concat();
    let twice = Pdf::with_fields().trailer("/ID [<6162> <6364>] /Info 2 0 R /Info 3 0 R").table();
    for pdf in [before, twice] {
        let refused = prepare(&pdf, NEW, plain_seal(), 64).unwrap_err();
        assert!(matches!(refused, Error::TwoReadings { .. }), "{refused}");
        assert!(refused.to_string().contains("`qpdf IN OUT`"), "{refused}");
        let refused = append(&pdf, &security_store::Material::default(), &[b"x"]).unwrap_err();
        assert!(matches!(refused, Error::TwoReadings { .. }), "{refused}");
    }
}

#[test]
fn an_encrypted_file_is_refused_with_the_way_out() {
    let encrypted = Pdf::with_fields().trailer("/ID [<6162> <6364>] /Encrypt << /Filter /Standard >>").table();
    let refused = prepare(&encrypted, NEW, plain_seal(), 64).unwrap_err();
    assert!(matches!(refused, Error::Encrypted { .. }), "{refused}");
    assert!(refused.to_string().contains("`qpdf --decrypt IN OUT`"), "{refused}");
}

/// A hybrid file whose stream lists object 4, free in the table, and `extra` records of type, offset and generation.
fn hybrid(records: &[[u8; 4]], index: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = String::from("xref\n0 7\n0000000000 65535 f \n");
    for number in 1..=6 {
        let offset = bytes.len();
        let body = match number {
            1 => "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            2 => "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            3 => "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_owned(),
            5 => "<< /Type /ObjStm /N 1 /First 4 /Length 20 >>\nstream\n4 0 << /Title (t) >>\nendstream".to_owned(),
            6 => format!(
                "<< /Type /XRef /Size 7 /W [1 2 1] /Index {index} /Root 1 0 R /Filter /ASCIIHexDecode /Length {} >>\nstream\n{}>\nendstream",
                8 * records.len() + 1,
                records.concat().iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            ),
            _ => {
                table.push_str("0000000000 65535 f \n");
                continue;
            }
        };
        table.push_str(&format!("{offset:010} 00000 n \n"));
        bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let stream = bytes.windows(7).rposition(|window| window == b"6 0 obj").unwrap();
    let startxref = bytes.len();
    bytes.extend(
        format!("{table}trailer\n<< /Size 7 /Root 1 0 R /XRefStm {stream} >>\nstartxref\n{startxref}\n%%EOF\n").bytes(),
    );
    bytes
}

#[test]
fn a_hybrid_file_gains_a_table_section_without_a_stream() {
    let (warnings, sealed) = sealed_with_warnings(&hybrid(&[[2, 0, 5, 0]], "[4 1]"));
    assert!(matches!(warnings.as_slice(), [Warning::Irregular(_)]), "{warnings:?}");
    let text = last_revision(&sealed);
    assert!(text.contains("\nxref\n") && !text.contains("/XRefStm"), "{text}");
    assert!(!written(&Document::parse(sealed).unwrap(), 1).contains(&4));
}

#[test]
fn a_hybrid_file_whose_stream_contradicts_its_table_is_refused() {
    let refused = prepare(&hybrid(&[[1, 0, 15, 0]], "[3 1]"), NEW, plain_seal(), 64).unwrap_err();
    assert!(matches!(refused, Error::TwoReadings { .. }), "{refused}");
}

#[test]
fn references_to_nothing_read_as_null_and_never_find_a_target() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]";
    let shapes = [
        ("form", Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 99 0 R >>")),
        ("form, next number", Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>")),
        ("null form", Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>").set(4, "null")),
        ("fields", Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields 99 0 R >> >>")),
        ("annotations", Pdf::minimal().set(3, &format!("{page} /Annots 99 0 R >>"))),
        ("annotations, next numbers", Pdf::minimal().set(3, &format!("{page} /Annots 4 0 R /Other [5 0 R 6 0 R] >>"))),
        ("null among annotations", Pdf::minimal().set(3, &format!("{page} /Annots [null 99 0 R] >>"))),
        ("permissions", Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /Perms 99 0 R /DSS 98 0 R >>")),
    ];
    for (shape, pdf) in shapes {
        for bytes in [pdf.table(), pdf.streams()] {
            if shape.contains("next") && bytes != pdf.table() {
                continue; // the other file has its containers there
            }
            let named: Vec<u32> = [4, 5, 6, 98, 99]
                .into_iter()
                .filter(|number| pdf.objects.iter().any(|(_, body)| body.contains(&format!("{number} 0 R"))))
                .collect();
            let (warnings, sealed) = sealed_with_warnings(&bytes);
            assert_eq!(warnings, [], "{shape}");
            let written = written(&Document::parse(sealed).unwrap(), 1);
            assert!(written.iter().all(|number| !named.contains(number)), "{shape}: {written:?} has one of {named:?}");
        }
    }
}

#[test]
fn null_elements_stay_where_they_are() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [null 99 0 R] >>";
    let sealed = seal(&Pdf::minimal().set(3, page).table(), NEW, plain_seal());
    assert!(last_revision(&sealed).contains("/Annots [null 99 0 R 5 0 R]"), "{}", last_revision(&sealed));
}

#[test]
fn a_security_store_with_null_elements_is_extended_and_keeps_them() {
    let store = "<< /Certs [null 99 0 R 6 0 R] /VRI 98 0 R >>";
    let pdf = Pdf::minimal()
        .set(1, &format!("<< /Type /Catalog /Pages 2 0 R /DSS {store} >>"))
        .set(6, "<< /Length 4 >>\nstream\nleaf\nendstream")
        .table();
    let material =
        security_store::Material { certificates: vec![b"leaf".to_vec(), b"root".to_vec()], ..Default::default() };
    let stored = append(&pdf, &material, &[b"new"]).unwrap();
    let text = last_revision(&stored);
    assert!(text.contains("/Certs [null 99 0 R 6 0 R 7 0 R]"), "{text}");
    let written = written(&Document::parse(stored).unwrap(), 1);
    assert!(!written.contains(&98) && !written.contains(&99), "{written:?}");
}

#[test]
fn new_numbers_lie_above_those_in_use_whatever_size_says() {
    let text = String::from_utf8(Pdf::minimal().table().split_off(15)).unwrap();
    let small = text.replace("/Size 4", "/Size 3");
    let pdf = [&Pdf::minimal().table()[..15], small.as_bytes()].concat();
    if let Ok(prepared) = prepare(&pdf, NEW, plain_seal(), 64) {
        let sealed = prepared.embed(b"CMS").unwrap();
        let document = Document::parse(sealed.as_slice()).unwrap();
        assert!(last_revision(&sealed).contains("/Type /Page "), "the page stays a page");
        assert_eq!(document.latest().pages().unwrap().len(), 1);
    }
}
