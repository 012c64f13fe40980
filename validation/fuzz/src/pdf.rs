//! The target `pdf`: a whole file, as it is and with signatures that hold again. In: any bytes. Out: a panic if the reader leaves
//! the file, if an update is not what it says, or if a verdict contradicts itself or its own evidence.

use pades::{Document, Location, Object, Placement, Reference, SealKind, SignatureFields, View, security_store};
use pki::SignedData;
use validation::report::{Kind, Outcome, Overall, Report};
use validation::{Pdf, Policy};

use crate::reseal::reseal;
use crate::world::{WORLD, sealed_at, validated_at};

/// Most objects of one revision that are read one by one.
const MOST_OBJECTS: usize = 64;

/// One input.
pub fn check(bytes: &[u8]) {
    match Document::parse(bytes) {
        Ok(document) => {
            walk(&document);
            update(&document);
        }
        Err(problem) => {
            let _ = (problem.offset(), problem.to_string());
            let remains = pades::remains(bytes);
            assert!(remains.readable.is_none_or(|end| Document::parse(&bytes[..end]).is_ok()));
            assert!(remains.byte_ranges.iter().all(|place| bytes[*place..].starts_with(b"/ByteRange")));
        }
    }
    judge(bytes, &WORLD.strict);
    if let Some(resealed) = reseal(bytes) {
        judge_resealed(&resealed);
    }
}

fn walk(document: &Document) {
    let length = document.bytes().len();
    let mut end = 0;
    for (index, revision) in document.revisions().iter().enumerate() {
        assert_eq!(revision.range.start, end, "revisions lie one after the other");
        end = revision.range.end;
        assert!(revision.range.contains(&revision.startxref_keyword) && revision.marker_end <= end);
        assert!(revision.entries().is_sorted_by(|one, next| one.0 < next.0));
        let body = document.body(index).expect("a revision has a body");
        assert!(body.objects.iter().all(|object| object.range.end <= end));
        assert!(body.unexplained.iter().all(|range| range.start < range.end && range.end <= end));
        let view = document.at(index).expect("there is a view of each revision");
        for (number, _) in revision.entries().iter().take(MOST_OBJECTS) {
            object(view, *number, length);
        }
        fields(&view.form_fields(), length);
        let _ = (view.catalog(), view.first_page(), security_store::read(view));
    }
    assert_eq!((end, document.trailing().end), (document.trailing().start, length));
    assert!(document.at(document.revisions().len()).is_none());
    fields(&document.signature_fields(), length);
    let _ = (document.latest().pages(), document.is_encrypted(), document.version());
}

fn object(view: View<'_>, number: u32, length: usize) {
    let Some((_, pades::XrefEntry::InUse { generation, .. })) = view.entry(number) else {
        let _ = view.object(Reference { number, generation: 0 });
        return;
    };
    let Ok(Some(located)) = view.object(Reference { number, generation }) else { return };
    if let Location::File(range) = &located.location {
        assert!(range.start < range.end && range.end <= length);
    }
    if let Object::Stream(stream) = &located.object {
        assert!(stream.data.start <= stream.data.end && stream.data.end <= length);
        let _ = view.decode(stream);
    }
    if let Some(read) = written_and_read(&pades::to_bytes(&located.object)) {
        let original = match &located.object {
            Object::Stream(stream) => &Object::Dictionary(stream.dictionary.clone()),
            other => other,
        };
        assert_eq!(&read, original, "what is written is read again");
    }
}

/// The only object of a file that is made for it.
fn written_and_read(object: &[u8]) -> Option<Object> {
    let mut file = b"%PDF-1.7\n1 0 obj\n".to_vec();
    file.extend(object);
    file.extend(b"\nendobj\n");
    let table = file.len();
    file.extend(b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\n");
    file.extend(format!("startxref\n{table}\n%%EOF\n").bytes());
    let document = Document::parse(file).expect("a file with one object");
    let found = document.latest().object(Reference { number: 1, generation: 0 });
    Some(found.expect("what is written is readable")?.object)
}

fn fields(fields: &SignatureFields, length: usize) {
    for field in &fields.fields {
        if let pades::SignatureValue::Signed(signature) = &field.value {
            assert_eq!(signature.field, field.name);
            assert!(signature.object_range.end <= length);
            let _ = (signature.kind.to_string(), security_store::vri_key(&signature.contents));
        }
    }
    fields.problems.iter().for_each(|problem| _ = (problem.offset(), problem.to_string()));
}

/// An update keeps every byte, is one revision more, and is a file that can be updated again.
fn update(document: &Document) {
    let kind = SealKind::Seal { at: sealed_at(), name: None, reason: None, location: None };
    let place = Placement::NewInvisible { name: None };
    let Ok(prepared) = pades::prepare(document, place, kind, 16) else { return };
    let [first, length, second, rest] = prepared.byte_range();
    assert_eq!((first, length + 34), (0, second), "the gap is the digits and their delimiters");
    let sealed = prepared.embed(&[0xab; 16]).expect("it fits");
    assert_eq!(sealed.len() as u64, second + rest);
    let again = grown(document, &sealed);
    let signatures = again.signatures();
    let new = signatures.iter().find(|signature| signature.byte_range == [first, length, second, rest]);
    assert_eq!(new.expect("the new signature is found").contents, [0xab; 16]);
    let material = security_store::Material {
        certificates: vec![WORLD.ca.der().to_vec()],
        crls: vec![WORLD.crl.der().to_vec()],
        ocsp_responses: vec![WORLD.answer.der().to_vec()],
    };
    let Ok(stored) = security_store::append(&again, &material, &[&[0xab; 16]]) else { return };
    let again = grown(&again, &stored);
    let store = match security_store::read(again.latest()) {
        Err(pades::Error::UnsupportedFilter { .. }) => return, // of an element that was there before, and stays
        store => store.expect("a store that was written").expect("it is there"),
    };
    assert!(store.material.certificates.contains(&material.certificates[0]));
    assert!(store.material.ocsp_responses.contains(&material.ocsp_responses[0]));
    let twice = security_store::append(&again, &material, &[&[0xab; 16]]);
    assert_eq!(twice.as_ref(), Ok(&stored), "what is there is not stored twice");
}

fn grown(before: &Document, bytes: &[u8]) -> Document {
    assert!(bytes.starts_with(before.bytes()), "an update keeps every byte");
    let after = Document::parse(bytes).expect("an update is read");
    assert_eq!(after.revisions().len(), before.revisions().len() + 1);
    let irregular = |document: &Document| document.irregularities().len();
    assert_eq!(irregular(&after), irregular(before), "an update is regular");
    after
}

/// Validates a file.
fn judge(bytes: &[u8], policy: &Policy) -> Option<Report> {
    let parsed = Document::parse(bytes);
    let report = validation::validate(&WORLD.question(Pdf::of(bytes, &parsed), policy), validated_at()).ok()?;
    consistent(&report, bytes);
    Some(report)
}

/// Validates a file whose signatures hold as far as they can, under both policies.
fn judge_resealed(bytes: &[u8]) {
    let (strict, lenient) = (judge(bytes, &WORLD.strict), judge(bytes, &WORLD.lenient));
    assert_eq!(strict.is_some(), lenient.is_some(), "a policy does not change what can be read");
    let (Some(strict), Some(lenient)) = (strict, lenient) else { return };
    assert_eq!(strict.signatures.len(), lenient.signatures.len());
    assert!(strict.exit_code() != 0 || lenient.exit_code() == 0, "what passes the stricter policy passes");
}

fn consistent(report: &Report, bytes: &[u8]) {
    let seals = report.signatures.iter().filter(|one| one.kind == Kind::Seal);
    assert_eq!(seals.count() == 0, report.overall == Overall::NoSignatureFound);
    serde_json::to_string(report).expect("a report is JSON");
    for one in &report.signatures {
        assert!(!one.checks.is_empty());
        if !one.conclusion.is_passed() {
            continue;
        }
        let facts = &one.facts;
        let all = [facts.hash_intact, facts.signature_intact, facts.byte_range_valid, facts.dictionary_consistent];
        assert_eq!(all, [Some(true); 4], "nothing passes whose facts do not hold");
        assert!(facts.path_to_anchor, "nothing passes without a path");
        assert!(one.best_signature_time.is_some_and(|time| time <= validated_at()));
        assert!(one.checks.iter().all(|check| check.id.clause() != "5.2.2" || check.outcome != Outcome::Failed));
        if one.kind == Kind::Seal {
            holds(&one.field, bytes);
        }
    }
}

/// Computes for itself what a seal that passed claims.
fn holds(field: &str, bytes: &[u8]) {
    let document = Document::parse(bytes).expect("a seal of an unreadable file does not pass");
    let signatures = document.signatures();
    let mut same = signatures.iter().filter(|signature| signature.field == field);
    let signature = same.next().expect("a seal that passed is in the newest revision");
    let [first, length, second, rest] = signature.byte_range.map(|number| number as usize);
    assert_eq!((first, length, second), (0, signature.contents_offset.start, signature.contents_offset.end));
    let message = SignedData::from_ber(&signature.contents).expect("a readable message");
    let algorithm = message.digest_algorithm().expect("a digest that is offered");
    let digest = algorithm.digest_parts([&bytes[..length], &bytes[second..second + rest]]);
    assert_eq!(message.check_message_digest(&digest), Ok(()));
    assert_eq!(message.verify_signature(&WORLD.seal.certificate), Ok(()), "the fixed world has one seal");
}
