//! What is read, what is refused, and with which words.

use crate::support::{Pdf, plain_seal, prepare, seal};
use pades::{Departure, Document, Error, Limits, Location, Placement, Reference, SignatureValue, remains};

fn refusal(pdf: &[u8]) -> Error {
    prepare(pdf, Placement::NewInvisible { name: None }, plain_seal(), 64).unwrap_err()
}

fn object(number: u32) -> Reference {
    Reference { number, generation: 0 }
}

/// Replaces the first `from` by `to`.
fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let place = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    [&bytes[..place], to.as_bytes(), &bytes[place + from.len()..]].concat()
}

#[test]
fn garbage_is_not_a_pdf() {
    assert_eq!(refusal(b"\x89PNG\r\n"), Error::NotPdf { found: "`\\x89PNG\\r\\n`".into() });
    assert_eq!(refusal(b""), Error::NotPdf { found: "the end of the data".into() });
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let pdf = Pdf::minimal().table();
    for length in 5..pdf.len() - 1 {
        assert!(matches!(refusal(&pdf[..length]), Error::Truncated { .. } | Error::NotPdf { .. }), "cut at {length}");
    }
    let twice = seal(&pdf, Placement::ExistingOrNew("S"), plain_seal());
    for length in pdf.len() + 8..twice.len() - 1 {
        let refused = refusal(&twice[..length]);
        assert!(matches!(refused, Error::Truncated { .. }), "cut at {length}: {refused}");
    }
}

#[test]
fn bytes_before_the_header_or_after_the_end_are_refused() {
    let pdf = Pdf::minimal().table();
    let appended = [&pdf, b"more".as_slice()].concat();
    assert!(matches!(refusal(&appended), Error::Truncated { offset, .. } if offset == pdf.len()));
    assert!(Document::parse(appended.as_slice()).is_ok(), "a verdict can still see what is there");
    let blank = [&pdf, b"\r\n \0".as_slice()].concat();
    assert!(prepare(&blank, Placement::NewInvisible { name: None }, plain_seal(), 64).is_ok());
    assert!(matches!(refusal(&[b" ", pdf.as_slice()].concat()), Error::TwoReadings { .. }));
    let version = replace(&pdf, "%PDF-1.7", "%PDF-3.0");
    let told = Document::parse(version).unwrap().irregularities()[0].problem.to_string();
    assert!(told.starts_with("damaged PDF at offset 0: wanted the header"), "{told}");
}

#[test]
fn an_encrypted_file_is_readable_but_refused() {
    let pdf = Pdf::with_fields().trailer("/Encrypt << /Filter /Standard /V 5 >> /ID [<00> <00>]").table();
    let document = Document::parse(pdf.as_slice()).unwrap();
    assert!(document.is_encrypted());
    assert_eq!(document.signature_fields().fields.len(), 2);
    let refused = refusal(&pdf);
    assert!(matches!(refused, Error::Encrypted { .. }));
    assert!(refused.to_string().starts_with("encrypted PDF: wanted a trailer without /Encrypt, found one at offset "));
}

#[test]
fn a_hybrid_file_is_readable_and_says_what_it_is() {
    let mut bytes = Pdf::minimal().table();
    let previous = Document::parse(bytes.as_slice()).unwrap().last_revision().startxref;
    let hidden = bytes.len();
    bytes.extend(b"9 0 obj\n<< /Type /XRef /Size 10 /W [1 2 1] /Index [8 1] /Length 4 >>\nstream\n");
    bytes.extend([0, 0, 0, 0]);
    bytes.extend(b"\nendstream\nendobj\n");
    Pdf { objects: vec![(9, "null".into())], trailer: format!("/XRefStm {hidden}") }
        .append_table(&mut bytes, Some(previous));
    let told = Document::parse(bytes).unwrap().irregularities()[0].problem.clone();
    assert!(matches!(told, Error::Hybrid { .. }), "{told}");
    assert!(told.to_string().starts_with("hybrid-reference PDF: wanted one kind of cross-reference"));
}

#[test]
fn revisions_keep_what_each_of_them_changed() {
    let mut bytes = Pdf::minimal().table();
    let first = bytes.clone();
    let previous = Document::parse(bytes.as_slice()).unwrap().last_revision().startxref;
    let update =
        Pdf { objects: vec![(3, "<< /Type /Page /Parent 2 0 R /Changed true >>".into())], trailer: String::new() };
    update.append_table(&mut bytes, Some(previous));
    let document = Document::parse(bytes.as_slice()).unwrap();
    assert_eq!(document.revisions().len(), 2);
    assert_eq!(document.revisions()[0].range, 0..first.len());
    assert_eq!(document.revisions()[1].range, first.len()..bytes.len());
    let changed: Vec<u32> = document.revisions()[1].entries().iter().map(|(number, _)| *number).collect();
    assert_eq!(changed, [0, 3]);
    let (old, new) = (document.at(0).unwrap(), document.latest());
    let page = |view: pades::View<'_>| view.object(object(3)).unwrap().unwrap();
    assert_eq!((page(old).revision, page(new).revision), (0, 1));
    assert!(page(old).object.as_dictionary().unwrap().get("Changed").is_none());
    assert!(page(new).object.as_dictionary().unwrap().get("Changed").is_some());
    let Location::File(range) = page(new).location else { panic!("in the file") };
    assert!(bytes[range].starts_with(b"3 0 obj"));
}

#[test]
fn objects_in_object_streams_say_where_they_are() {
    let bytes = Pdf::with_fields().streams();
    let document = Document::parse(bytes).unwrap();
    let located = document.latest().object(object(5)).unwrap().unwrap();
    assert_eq!(located.location, Location::ObjectStream { container: object(9), index: 4 });
    assert_eq!(document.latest().pages().unwrap().len(), 1);
    assert_eq!(document.latest().object(object(77)).unwrap(), None);
}

#[test]
fn loops_in_every_structure_end() {
    let pdf = Pdf::minimal().table();
    let offset = Document::parse(pdf.as_slice()).unwrap().last_revision().startxref;
    let own = Pdf::minimal().trailer(&format!("/Prev {offset}")).table();
    assert!(refusal(&own).to_string().contains("/Prev without a cycle"));
    let pages = Pdf::minimal().set(2, "<< /Type /Pages /Kids [2 0 R] >>").table();
    assert!(refusal(&pages).to_string().contains("a page tree without a cycle"));
    let fields =
        Pdf::with_fields().set(5, "<< /FT /Sig /T (a) /Kids [10 0 R] >>").set(10, "<< /T (b) /Kids [5 0 R] >>");
    assert!(refusal(&fields.table()).to_string().contains("form fields without a cycle"));
    let length = Pdf::minimal().set(4, "<< /Length 4 0 R >>\nstream\n\nendstream");
    let own = Document::parse(length.table()).unwrap().latest().object(object(4)).unwrap().unwrap();
    assert_eq!(own.irregularities[0].departure, Departure::StreamLength);
    let chain = Pdf::minimal().set(4, "5 0 R").set(5, "4 0 R").table();
    let document = Document::parse(chain).unwrap();
    let resolved = document.latest().resolve(&pades::Object::Reference(object(4)));
    assert!(matches!(resolved, Err(Error::LimitExceeded { .. })));
}

#[test]
fn one_large_object_read_again_and_again_reaches_a_limit() {
    let large = format!("({}", "x".repeat(100_000)); // never closed: each attempt reads to the end
    let pdf = Pdf::with_fields().set(9, &large).table();
    let limits = Limits { parsed_total: 1 << 20, ..Limits::default() };
    let document = Document::parse_within(pdf, limits).unwrap();
    let view = document.latest();
    let results: Vec<_> = (0..100).map(|_| view.object(object(9))).collect();
    assert!(matches!(results.last(), Some(Err(Error::LimitExceeded { .. }))), "{:?}", results.last());
}

#[test]
fn a_signature_dictionary_that_is_unusable_says_by_which_rule() {
    let good = "/Filter /F /SubFilter /S /ByteRange [0 1 2 3] /Contents <00>";
    let cases = [
        (good.replace("[0 1 2 3]", "[0 1 2]"), "four direct offsets"),
        (good.replace("[0 1 2 3]", "[0 1 2 -3]"), "four direct offsets"),
        (good.replace("[0 1 2 3]", "[0 1 2 3.0]"), "four direct offsets"),
        (good.replace("[0 1 2 3]", "[0 0 0 0]"), "four direct offsets"),
        (good.replace("[0 1 2 3]", "null"), "four direct offsets"),
        (good.replace("[0 1 2 3]", "6 0 R"), "four direct offsets"),
        (good.replace("<00>", "<>"), "an empty string"),
        (good.replace("<00>", "(0)"), "a literal string"),
        (good.replace("<00>", "null"), "/Contents as a direct, non-empty hexadecimal string"),
        (good.replace("/SubFilter /S", ""), "/SubFilter in a signature dictionary"),
        (format!("{good} /Contents <11>"), "each key of a signature dictionary once, found /Contents twice"),
    ];
    for (dictionary, words) in cases {
        let pdf =
            Pdf::with_fields().set(7, "<< /FT /Sig /T (Second) /V 9 0 R >>").set(9, &format!("<< {dictionary} >>"));
        let document = Document::parse(pdf.table()).unwrap();
        let fields = document.signature_fields().fields;
        let SignatureValue::Unusable { problem, dictionary: Some(_) } = &fields[1].value else {
            panic!("{dictionary}: {:?}", fields[1].value)
        };
        assert!(problem.to_string().contains(words), "{dictionary}: {problem}");
        assert!(document.signatures().is_empty());
    }
}

#[test]
fn a_value_that_leads_nowhere_is_no_empty_field() {
    for value in ["77 0 R", "(text)", "8 0 R", "true"] {
        let pdf = Pdf::with_fields().set(7, &format!("<< /FT /Sig /T (Second) /V {value} >>")).table();
        let fields = Document::parse(pdf.as_slice()).unwrap().signature_fields().fields;
        assert!(matches!(fields[1].value, SignatureValue::Unusable { .. }), "{value}: {:?}", fields[1].value);
        let refused = prepare(&pdf, Placement::Field("Second"), plain_seal(), 64).unwrap_err();
        assert_eq!(refused, Error::FieldAlreadySigned { name: "Second".into() });
    }
}

#[test]
fn a_signature_in_an_object_stream_is_unusable() {
    let pdf = Pdf::with_fields()
        .set(7, "<< /FT /Sig /T (Second) /V 9 0 R >>")
        .set(9, "<< /Filter /F /SubFilter /S /ByteRange [0 1 2 3] /Contents <00> >>");
    let fields = Document::parse(pdf.streams()).unwrap().signature_fields().fields;
    assert!(matches!(&fields[1].value, SignatureValue::Unusable { problem, .. }
        if problem.to_string().contains("an uncompressed signature dictionary")));
}

#[test]
fn a_widget_that_the_form_does_not_list_is_found_on_its_page() {
    let pdf = Pdf::with_fields()
        .set(4, "<< /Fields [5 0 R] >>")
        .set(7, "<< /FT /Sig /T (Second) /Subtype /Widget /V 9 0 R >>")
        .set(9, "<< /Filter /F /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <00> >>");
    let fields = Document::parse(pdf.table()).unwrap().signature_fields().fields;
    assert_eq!(fields[1].origin, pades::Origin::PageOnly);
    assert!(matches!(fields[1].value, SignatureValue::Signed(_)));
}

#[test]
fn a_value_without_the_type_of_a_signature_field_is_found_too() {
    let pdf = Pdf::with_fields()
        .set(8, "<< /FT /Tx /T (Text) /V 9 0 R >>")
        .set(9, "<< /Filter /F /SubFilter /S /ByteRange [0 1 2 3] /Contents <00> >>");
    let signatures = Document::parse(pdf.table()).unwrap().signatures();
    assert_eq!(signatures.len(), 1);
    assert_eq!((signatures[0].field.as_str(), signatures[0].covered_revision), ("Text", None));
}

#[test]
fn departures_in_the_cross_references_are_named_with_their_offset() {
    let pdf = Pdf::minimal().table();
    let startxref = Document::parse(pdf.as_slice()).unwrap().last_revision().startxref;
    let cases = [
        (
            replace(&pdf, &format!("startxref\n{startxref}"), &format!("startxref\n{}", startxref + 1)),
            "a cross-reference table or stream",
        ),
        (replace(&pdf, " 65535 f \n", " 65535 f\n"), "a cross-reference entry of 20 bytes"),
        (replace(&pdf, "/Size 4", "/Size 3"), "object numbers below /Size"),
        (replace(&pdf, "/Size 4", "/Size 4 /Size 4"), "each key of a dictionary once"),
        (replace(&pdf, "0 1\n", "3 1\n"), "subsections in the order of object numbers"),
        (replace(&pdf, "2 1\n", "1 1\n"), "each object number once in a section"),
        (replace(&pdf, "\nstartxref", "\nmore startxref"), "after the cross-references"),
        (replace(&pdf, "3 0 obj", "4 0 obj"), "object 3 0 as the cross-references say"),
    ];
    for (bytes, words) in cases {
        let told = match prepare(&bytes, Placement::NewInvisible { name: None }, plain_seal(), 64) {
            Ok(prepared) => prepared.warnings().iter().map(ToString::to_string).collect(),
            Err(refused @ Error::Damaged { .. }) => refused.to_string(),
            Err(refused) => format!("{refused} {:?}", Document::parse(bytes).unwrap().irregularities()),
        };
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn what_remains_of_a_refused_file_shows_the_seal() {
    let sealed = seal(&Pdf::minimal().table(), Placement::ExistingOrNew("S"), plain_seal());
    let place = Document::parse(sealed.as_slice()).unwrap().last_revision().startxref;
    let mut damaged = sealed.clone();
    damaged[place] = b'y';
    assert!(Document::parse(damaged.as_slice()).is_err());
    let left = remains(&damaged);
    assert_eq!(left.readable, Some(Pdf::minimal().table().len()));
    assert_eq!(left.byte_ranges.len(), 1);
}

#[test]
fn a_file_that_continues_another_reads_as_one_that_was_not_seen_before() {
    let pdf = Pdf::with_fields().table();
    let before = Document::parse(pdf.as_slice()).unwrap();
    let pages = |document: &Document| (1..9).map(|number| document.latest().object(object(number))).collect::<Vec<_>>();
    assert!(pages(&before).iter().all(|found| matches!(found, Ok(Some(_)))), "all of it was parsed");
    let sealed = seal(&pdf, Placement::ExistingOrNew("Seal"), plain_seal());
    let hidden = replace(&pdf, "[0 0 9 9]", "[0 0 8 8]");
    let other = seal(&hidden, Placement::ExistingOrNew("Seal"), plain_seal());
    for file in [&sealed, &other, &hidden, &pdf] {
        let continued = Document::continuing(&before, file.as_slice()).unwrap();
        let alone = Document::parse(file.as_slice()).unwrap();
        assert_eq!(format!("{:?}", pages(&continued)), format!("{:?}", pages(&alone)));
        assert_eq!(continued.signature_fields().fields, alone.signature_fields().fields);
    }
    assert!(matches!(Document::continuing(&before, &pdf[..99]), Err(Error::Truncated { .. })));
}
