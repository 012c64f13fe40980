//! The signatures that are judged, rules U1, U5 and G9. In: the signature fields of every revision. Out: each signature as the
//! revision shows it that it signed, and whether the newest revision still shows the same.
//!
//! A signature that a later revision replaced, emptied or removed is found here too: only its own revision can tell what was
//! sealed.

use std::collections::HashSet;
use std::sync::Arc;

use pades::{
    Dictionary, Document, Error, Object, Signature, SignatureField, SignatureFields, SignatureKind, SignatureValue,
};

use super::compare::differing;
use super::rule::Rule;
use crate::check::CheckId::G9;
use crate::report::{Check, Kind};

/// A signature to be judged.
pub(super) struct Subject {
    /// Its field, as the newest revision that has it shows it.
    pub(super) field: SignatureField,
    /// The signature as the signed revision shows it.
    pub(super) signature: Option<Signature>,
    /// Why the newest value is unusable.
    pub(super) fault: Option<UnusableValue>,
    /// The revision that ends where the signed bytes end.
    pub(super) covered: Option<usize>,
    /// The last revision that does not come after the signature: the covered one, or the one that wrote the dictionary.
    pub(super) base: Option<usize>,
    pub(super) consistency: Consistency,
}

/// An unusable value of a signature field.
pub(super) struct UnusableValue {
    pub(super) problem: Error,
    pub(super) dictionary: Option<Dictionary>,
}

/// Whether the signed and the newest revision show the same dictionary.
pub(super) enum Consistency {
    Same,
    Differs { offset: usize, detail: String },
    Unknown,
}

impl Consistency {
    pub(super) fn as_bool(&self) -> Option<bool> {
        match self {
            Consistency::Same => Some(true),
            Consistency::Differs { .. } => Some(false),
            Consistency::Unknown => None,
        }
    }
}

/// So many are judged: an archive renewed every month for 85 years has as many.
pub(super) const MAX_SIGNATURES: usize = 1024;

/// Every signature that any revision shows, in the order of their revisions.
pub(super) fn find(document: &Document, newest: &SignatureFields, earlier: &[Arc<SignatureFields>]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> =
        newest.fields.iter().filter_map(|field| subject(document, field, earlier)).take(MAX_SIGNATURES).collect();
    let mut names: HashSet<String> = subjects.iter().map(|subject| subject.field.name.clone()).collect();
    let places = subjects.iter().filter_map(|subject| subject.signature.as_ref());
    let places: HashSet<usize> = places.map(|signature| signature.contents_offset.start).collect();
    for (revision, fields) in earlier.iter().enumerate().rev() {
        for field in &fields.fields {
            let SignatureValue::Signed(signature) = &field.value else { continue };
            let known = places.contains(&signature.contents_offset.start) || subjects.len() >= MAX_SIGNATURES;
            if !known && names.insert(field.name.clone()) {
                let last = document.last_revision().trailer.token.start;
                let detail = format!("revision {revision} has a signature in this field, the newest one has none");
                let consistency = Consistency::Differs { offset: last, detail };
                subjects.push(readable(field, signature.as_ref().clone(), consistency));
            }
        }
    }
    subjects.sort_by_key(|subject| subject.signature.as_ref().map_or(usize::MAX, |signature| signature.revision));
    subjects
}

fn subject(document: &Document, field: &SignatureField, earlier: &[Arc<SignatureFields>]) -> Option<Subject> {
    match &field.value {
        SignatureValue::Empty => None,
        SignatureValue::Signed(signature) => Some(signed(document, field, signature, earlier)),
        SignatureValue::Unusable { problem, dictionary } => {
            let fault = UnusableValue { problem: problem.clone(), dictionary: dictionary.clone() };
            let known = earlier.iter().rev().find_map(|fields| signature_of(fields, &field.name));
            let Some(sealed) = known else {
                let consistency = Consistency::Unknown;
                let (signature, covered, base) = (None, None, written_in(document, field));
                return Some(Subject {
                    field: field.clone(),
                    signature,
                    fault: Some(fault),
                    covered,
                    base,
                    consistency,
                });
            };
            let detail = "the newest revision has no usable signature in this field, an earlier one has".to_owned();
            let offset = problem.offset().unwrap_or(0);
            let subject = readable(field, sealed.clone(), Consistency::Differs { offset, detail });
            Some(Subject { fault: Some(fault), ..subject })
        }
    }
}

/// The revision that wrote the value of a field, or the field if the value lies in it.
fn written_in(document: &Document, field: &SignatureField) -> Option<usize> {
    let value = field.dictionary.get("V").and_then(Object::as_reference);
    let place = value.or(field.reference)?;
    document.latest().entry(place.number).map(|(revision, _)| revision)
}

fn readable(field: &SignatureField, signature: Signature, consistency: Consistency) -> Subject {
    let covered = signature.covered_revision;
    let base = Some(covered.unwrap_or(signature.revision));
    Subject { field: field.clone(), covered, base, consistency, fault: None, signature: Some(signature) }
}

/// Rule G9: the signature as the signed revision shows it, compared with the newest one.
fn signed(
    document: &Document,
    field: &SignatureField,
    newest: &Signature,
    earlier: &[Arc<SignatureFields>],
) -> Subject {
    let own = newest.covered_revision.unwrap_or(newest.revision);
    if own + 1 == document.revisions().len() {
        let consistency = replaced(document, newest).unwrap_or(Consistency::Same);
        return readable(field, newest.clone(), consistency);
    }
    let listed = earlier.get(own).and_then(|fields| signature_of(fields, &field.name)).cloned();
    let copied = || earlier.get(own).and_then(|fields| copy_of(fields, newest)).cloned();
    let sealed = listed.or_else(copied).or_else(|| {
        let all = document.at(own)?.signature_fields(); // a field that only a page leads to
        signature_of(&all, &field.name).cloned()
    });
    match sealed {
        Some(sealed) if sealed.field == newest.field && is_same(&sealed, newest) => {
            let consistency = replaced(document, newest).unwrap_or(Consistency::Same);
            readable(field, sealed, consistency)
        }
        Some(sealed) if sealed.byte_range == newest.byte_range => {
            let detail = format!(
                "the signed dictionary is at offset {}: {}",
                sealed.dictionary.token.start,
                difference(&sealed, newest)
            );
            let offset = newest.dictionary.token.start;
            readable(field, sealed, Consistency::Differs { offset, detail })
        }
        _ => {
            let detail = format!("the signed revision {own} has no such signature in this field");
            let offset = newest.dictionary.token.start;
            readable(field, newest.clone(), Consistency::Differs { offset, detail })
        }
    }
}

/// A dictionary that replaced an earlier one of the same number, though it claims to be signed in its own revision.
fn replaced(document: &Document, newest: &Signature) -> Option<Consistency> {
    let before = document.at(newest.revision.checked_sub(1)?)?;
    let earlier = before.object(newest.reference?).ok()??;
    let dictionary = earlier.object.as_dictionary()?;
    dictionary.get("ByteRange")?;
    if dictionary.token == newest.dictionary.token {
        return None; // the same object, listed once more
    }
    let offset = newest.dictionary.token.start;
    let detail = format!("it overrides the signature dictionary at offset {}", dictionary.token.start);
    Some(Consistency::Differs { offset, detail })
}

fn signature_of<'f>(fields: &'f SignatureFields, name: &str) -> Option<&'f Signature> {
    fields.fields.iter().filter(|field| field.name == name).find_map(|field| match &field.value {
        SignatureValue::Signed(signature) => Some(signature.as_ref()),
        SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
    })
}

/// A signature in another field of which this one is a copy.
fn copy_of<'f>(fields: &'f SignatureFields, newest: &Signature) -> Option<&'f Signature> {
    let mut signatures = fields.fields.iter().filter_map(|field| match &field.value {
        SignatureValue::Signed(signature) => Some(signature.as_ref()),
        SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
    });
    signatures.find(|one| one.byte_range == newest.byte_range && one.contents == newest.contents)
}

/// Equal entries, and equal texts where an entry is a reference.
fn is_same(sealed: &Signature, newest: &Signature) -> bool {
    let texts = |one: &Signature| {
        [&one.name, &one.reason, &one.location, &one.signing_time_claim, &one.type_name].map(Clone::clone)
    };
    sealed.dictionary == newest.dictionary && texts(sealed) == texts(newest)
}

/// The keys whose values differ.
fn difference(sealed: &Signature, newest: &Signature) -> String {
    if sealed.field != newest.field {
        return format!("it is the signature of the field `{}`", sealed.field);
    }
    let differing = differing(&sealed.dictionary, &newest.dictionary);
    if differing.is_empty() {
        "texts that it refers to differ".to_owned()
    } else {
        format!("{} differ", differing.join(", "))
    }
}

impl Subject {
    /// Seal or document time-stamp, also by what an unusable dictionary says.
    pub(super) fn kind(&self) -> Option<Kind> {
        if let Some(signature) = &self.signature {
            return Some(match signature.kind {
                SignatureKind::DocumentTimeStamp => Kind::DocumentTimestamp,
                SignatureKind::Seal | SignatureKind::Other(_) => Kind::Seal,
            });
        }
        let dictionary = self.fault.as_ref()?.dictionary.as_ref()?;
        let sub_filter = dictionary.get("SubFilter").and_then(Object::as_name)?;
        Some(if *sub_filter == "ETSI.RFC3161" { Kind::DocumentTimestamp } else { Kind::Seal })
    }

    /// Where it lies in the file, for messages.
    pub(super) fn offset(&self) -> usize {
        let dictionary = self.signature.as_ref().map(|signature| &signature.dictionary);
        dictionary.unwrap_or(&self.field.dictionary).token.start
    }

    /// G9: the signature dictionary (field name, /ByteRange, /Contents, /Reason, …) is the same in the signed revision, which
    /// is a complete file by itself, and in the newest one.
    pub(super) fn consistency_check(&self) -> Check {
        const RULE: Rule = G9;
        match (&self.consistency, self.covered) {
            (Consistency::Differs { offset, detail }, _) => RULE.failed(Some(*offset), detail.as_str()),
            (Consistency::Unknown, _) => RULE.ignored("no signature that could be compared"),
            (Consistency::Same, Some(covered)) => {
                RULE.passed(Some(self.offset()), format!("as in revision {covered}, which is signed"))
            }
            (Consistency::Same, None) => RULE.passed(Some(self.offset()), "only one revision has it"),
        }
    }
}
