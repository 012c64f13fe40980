//! What is read although it departs from the standard: with which words, in which revision, and with how many readings.

use crate::support::{Pdf, case, plain_seal, prepare, seal};
use pades::{Departure, Document, Error, Irregularity, Object, Placement, Readings, Reference};

fn object(number: u32) -> Reference {
    Reference { number, generation: 0 }
}

/// The irregularities of a file's structure, in short.
fn found(bytes: &[u8]) -> Vec<(Departure, Readings, usize)> {
    let document = Document::parse(bytes).unwrap();
    document.irregularities().iter().map(|one| (one.departure, one.readings, one.revision)).collect()
}

/// A table without some objects, and a hybrid stream that lists them.
struct Hybrid {
    bytes: Vec<u8>,
}

impl Hybrid {
    /// The stream lists `entries` as offsets; the second table section lists nothing.
    fn of(first: Vec<u8>, entries: &[(u32, usize)]) -> Hybrid {
        let mut bytes = first;
        let previous = Document::parse(bytes.as_slice()).unwrap().last_revision().startxref;
        let hidden = bytes.len();
        let index: Vec<String> = entries.iter().map(|(number, _)| format!("{number} 1")).collect();
        let data: Vec<u8> = entries.iter().flat_map(|(_, offset)| [1, (offset >> 8) as u8, *offset as u8, 0]).collect();
        let (index, length) = (index.join(" "), data.len());
        bytes.extend(
            format!("9 0 obj\n<< /Type /XRef /Size 10 /W [1 2 1] /Index [{index}] /Length {length} >>\nstream\n")
                .bytes(),
        );
        bytes.extend(data);
        bytes.extend(b"\nendstream\nendobj\n");
        let start = bytes.len();
        bytes.extend(
            format!(
                "xref\n0 0\ntrailer\n<< /Size 10 /Root 1 0 R /Prev {previous} /XRefStm {hidden} >>\nstartxref\n{start}\n%%EOF\n"
            )
            .bytes(),
        );
        Hybrid { bytes }
    }
}

#[test]
fn a_hybrid_stream_that_only_adds_leaves_one_reading() {
    let first = Pdf::minimal().table();
    let extra = [first.as_slice(), b"8 0 obj\n(hidden)\nendobj\n"].concat();
    assert_eq!(found(&first), []);
    // The object lies behind the first revision: it is written again before the stream.
    let place = first.len();
    let mut bytes = extra;
    let previous = Document::parse(first.as_slice()).unwrap().last_revision().startxref;
    let hidden = bytes.len();
    bytes.extend(b"9 0 obj\n<< /Type /XRef /Size 10 /W [1 2 1] /Index [8 1] /Length 4 >>\nstream\n");
    bytes.extend([1, (place >> 8) as u8, place as u8, 0]);
    bytes.extend(b"\nendstream\nendobj\n");
    let start = bytes.len();
    bytes.extend(
        format!("xref\n0 0\ntrailer\n<< /Size 10 /Root 1 0 R /Prev {previous} /XRefStm {hidden} >>\nstartxref\n{start}\n%%EOF\n")
            .bytes(),
    );
    assert_eq!(found(&bytes), [(Departure::Hybrid, Readings::One, 1)]);
    let document = Document::parse(bytes).unwrap();
    let text = document.latest().object(object(8)).unwrap().unwrap().object;
    assert_eq!(text.as_string().unwrap().bytes, b"hidden");
    assert_eq!(document.last_revision().xref_streams, [object(9)]);
}

#[test]
fn a_hybrid_stream_beside_a_table_must_agree_with_it() {
    let first = Pdf::minimal().table();
    let place = |text: &str| first.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let same = Hybrid::of(first.clone(), &[(3, place("3 0 obj"))]);
    assert!(found(&same.bytes).iter().all(|(_, readings, _)| *readings == Readings::One));
    let other = Hybrid::of(first.clone(), &[(3, place("2 0 obj"))]);
    let document = Document::parse(other.bytes).unwrap();
    let two: Vec<&Irregularity> =
        document.irregularities().iter().filter(|one| one.readings == Readings::Two).collect();
    assert_eq!((two[0].departure, two[0].object), (Departure::Hybrid, Some(object(3))));
}

#[test]
fn bytes_before_the_header_leave_two_readings_if_both_ways_of_counting_lead_somewhere() {
    let pdf = Pdf::minimal().table();
    let shifted = [b"junk\n".as_slice(), &pdf].concat();
    let document = Document::parse(shifted.as_slice()).unwrap();
    assert_eq!(document.latest().pages().unwrap().len(), 1, "offsets count from the header");
    assert_eq!(found(&shifted), [(Departure::Header, Readings::One, 0)]);
    // Offsets that are right from the start of the file, and white space before the section for those that add the five bytes.
    let space = Pdf::minimal();
    let mut both = b"junk\n%PDF-1.7\n".to_vec();
    space.append_table(&mut both, None);
    assert_eq!(found(&both), [(Departure::Header, Readings::One, 0)]);
    let startxref = Document::parse(both.as_slice()).unwrap().last_revision().startxref;
    let early = format!("startxref\n{}", startxref - 1);
    let text = String::from_utf8(both).unwrap().replace(&format!("startxref\n{startxref}"), &early);
    let spaced = text.replace("endobj\nxref", "endobj     xref");
    assert!(
        found(spaced.as_bytes()).contains(&(Departure::Header, Readings::Two, 0)),
        "{:?}",
        found(spaced.as_bytes())
    );
}

#[test]
fn sizes_are_near_the_highest_number() {
    let sized = |size: &str| {
        let bytes: Vec<u8> = Pdf::minimal().table();
        let place = bytes.windows(7).position(|window| window == b"/Size 4").unwrap();
        [&bytes[..place], format!("/Size {size}").as_bytes(), &bytes[place + 7..]].concat()
    };
    assert_eq!(found(&sized("4")), []);
    assert_eq!(found(&sized("900")), []);
    assert_eq!(found(&sized("3")), [(Departure::Size, Readings::One, 0)]);
    assert_eq!(found(&sized("8388607")), [(Departure::Size, Readings::One, 0)]);
    assert_eq!(found(&sized("8388608")), [(Departure::Size, Readings::Two, 0)]);
    assert_eq!(found(&sized("(x)")), [(Departure::Size, Readings::One, 0)]);
}

#[test]
fn null_elements_and_references_to_nothing_are_no_fields_kids_or_pages() {
    let pdf = Pdf::with_fields()
        .set(2, "<< /Type /Pages /Kids [null 77 0 R 3 0 R] /Count 1 >>")
        .set(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [null 77 0 R 6 0 R] >>")
        .set(4, "<< /Fields [null 77 0 R 5 0 R 7 0 R] >>")
        .set(5, "<< /FT /Sig /T (Seal) /Kids [null 77 0 R 6 0 R << /Subtype /Widget >>] >>");
    for bytes in [pdf.table(), pdf.streams()] {
        let document = Document::parse(bytes.as_slice()).unwrap();
        let fields = document.signature_fields();
        assert_eq!(fields.problems, []);
        assert_eq!(fields.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["Seal", "Second"]);
        assert_eq!(fields.fields[0].widgets, [object(6)], "a widget below its field is no field");
        assert_eq!(document.latest().pages().unwrap().len(), 1);
        seal(&bytes, Placement::Field("Seal"), plain_seal());
    }
    for catalog in
        ["/AcroForm 77 0 R", "/AcroForm null", "/AcroForm << /Fields 77 0 R >>", "/AcroForm << /Fields null >>"]
    {
        let pdf = Pdf::minimal().set(1, &format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>")).table();
        assert_eq!(Document::parse(pdf).unwrap().signature_fields().problems, [], "{catalog}");
    }
    for name in ["d1-acroform-dangling", "d7-fields-array-has-null", "s16d-annots-missing-object"] {
        let Some(pdf) = case(&format!("10-dangling-reference/{name}.pdf")) else { continue };
        let document = Document::parse(pdf).unwrap();
        assert_eq!(document.signature_fields().problems, [], "{name}");
    }
}

#[test]
fn a_kid_with_a_value_of_its_own_is_seen() {
    let pdf = Pdf::with_fields()
        .set(6, "<< /Subtype /Widget /Rect [0 0 0 0] /Parent 5 0 R /V 9 0 R >>")
        .set(9, "<< /Filter /F /SubFilter /S /ByteRange [0 1 2 3] /Contents <00> >>");
    assert_eq!(Document::parse(pdf.table()).unwrap().signatures().len(), 1);
}

#[test]
fn a_field_listed_twice_is_no_cycle() {
    let pdf = Pdf::with_fields().set(4, "<< /Fields [5 0 R 7 0 R 5 0 R] >>");
    let fields = Document::parse(pdf.table()).unwrap().signature_fields();
    assert_eq!((fields.problems.as_slice(), fields.repeated.as_slice()), ([].as_slice(), [object(5)].as_slice()));
}

#[test]
fn forms_are_shared_while_nothing_of_them_changes() {
    let mut bytes = seal(&Pdf::with_fields().table(), Placement::Field("Seal"), plain_seal());
    for (number, body) in [(20, "(new)"), (7, "<< /FT /Sig /T (Renamed) >>")] {
        let previous = Document::parse(bytes.as_slice()).unwrap().last_revision().startxref;
        Pdf { objects: vec![(number, body.to_owned())], trailer: String::new() }
            .append_table(&mut bytes, Some(previous));
    }
    let document = Document::parse(bytes).unwrap();
    let forms = document.forms();
    assert_eq!(forms.len(), 4);
    assert!(!std::sync::Arc::ptr_eq(&forms[0], &forms[1]), "sealed");
    assert!(std::sync::Arc::ptr_eq(&forms[1], &forms[2]), "an object elsewhere");
    assert!(forms[3].names.contains_key("Renamed") && !forms[2].names.contains_key("Renamed"));
    for (index, form) in forms.iter().enumerate() {
        assert_eq!(**form, document.at(index).unwrap().form_fields());
    }
}

#[test]
fn memory_is_bounded_by_what_the_file_has() {
    let Some(pdf) = case("19-hostile-size/xrefbig.pdf") else { return };
    match Document::parse(pdf.as_slice()) {
        Ok(document) => {
            let entries: usize = document.revisions().iter().map(|revision| revision.entries().len()).sum();
            assert!(entries <= pdf.len() + (1 << 16), "{entries}");
        }
        Err(problem) => assert!(matches!(problem, Error::LimitExceeded { .. }), "{problem}"),
    }
}

#[test]
fn an_entry_in_use_at_offset_0_reads_as_null() {
    let mut bytes = Pdf::minimal().table();
    let place = bytes.windows(9).position(|window| window == b"3 1\n00000").unwrap() + 4;
    bytes[place..place + 10].fill(b'0');
    let document = Document::parse(bytes).unwrap();
    assert_eq!(document.latest().object(object(3)).unwrap(), None);
    assert_eq!(document.latest().resolve(&Object::Reference(object(3))).unwrap(), Object::Null);
    assert_eq!(document.irregularities()[0].departure, Departure::Offset);
}

#[test]
fn a_table_at_which_readers_rebuild_the_file_is_read_but_not_sealed() {
    let file = Pdf::minimal().table();
    let table = Document::parse(file.as_slice()).unwrap().last_revision().startxref;
    let written = |with: &str| [&file[..table], with.as_bytes(), &file[table + 5..]].concat();
    assert_eq!(found(&written("xref \r\n")), []);
    assert!(prepare(&written("xref \r\n"), Placement::ExistingOrNew("Seal"), plain_seal(), 2000).is_ok());
    for loose in ["xref\n%comment\n", "xref\n\n", "xref\n7 0\n", "xref "] {
        assert_eq!(found(&written(loose)), [(Departure::TableSyntax, Readings::One, 0)], "{loose:?}");
        let refused = prepare(&written(loose), Placement::ExistingOrNew("Seal"), plain_seal(), 2000);
        assert!(matches!(refused, Err(Error::TwoReadings { .. })), "{loose:?}");
    }
}
