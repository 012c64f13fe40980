//! Rules U1 to U7: the field and the signature dictionary. In: a signature to be judged. Out: a line for each rule.

use std::collections::HashSet;

use pades::{Dictionary, Document, Object, Origin, SignatureKind, StringForm};

use super::subject::Subject;
use crate::check::CheckId::{U1, U2, U3, U4, U5, U6, U7};
use crate::policy::Policy;
use crate::report::Check;

/// U1 to U7.
pub(super) fn checks(document: &Document, subject: &Subject, all: &[Subject], policy: &Policy) -> Vec<Check> {
    let signed = subject.signature.as_ref().map(|signature| &signature.dictionary);
    let newest = subject.fault.as_ref().map(|fault| fault.dictionary.as_ref()).unwrap_or(signed);
    let mut checks = vec![listed(subject)];
    match newest {
        Some(dictionary) => checks.extend([keys(subject, dictionary), byte_range(dictionary), contents(dictionary)]),
        None => {
            checks.push(keys(subject, &Dictionary::new()));
            checks.extend([U3, U4].map(|rule| rule.ignored("there is no signature dictionary")));
        }
    }
    checks.extend([usable(subject), sub_filter(subject, policy), one_field(document, subject, all)]);
    checks
}

/// U1: found from the form, or at least from a page; never by searching the text.
fn listed(subject: &Subject) -> Check {
    let offset = Some(subject.field.dictionary.token.start);
    match subject.field.origin {
        Origin::Form => U1.passed(offset, "found from /AcroForm /Fields"),
        Origin::PageOnly => U1.warning(offset, "found from the /Annots of a page only: the form does not list it"),
    }
}

/// U2: /Contents, /ByteRange, /SubFilter and /Filter once, no key twice, one /V.
fn keys(subject: &Subject, dictionary: &Dictionary) -> Check {
    for dictionary in [dictionary, &subject.field.dictionary] {
        if let Some(key) = dictionary.duplicate_keys().first() {
            return U2.failed(Some(dictionary.token.start), format!("wanted each key once, found {key} twice"));
        }
    }
    let needed = ["Contents", "ByteRange", "SubFilter", "Filter"];
    match needed.iter().find(|key| dictionary.entry(key).is_none()) {
        Some(_) if dictionary.is_empty() => U2.ignored("there is no signature dictionary"),
        Some(missing) => U2.failed(Some(dictionary.token.start), format!("wanted /{missing}, found none")),
        None => U2.passed(Some(dictionary.token.start), format!("{} keys", dictionary.entries().len())),
    }
}

/// U3: exactly four direct integers, none negative, not all zero.
fn byte_range(dictionary: &Dictionary) -> Check {
    let Some(entry) = dictionary.entry("ByteRange") else {
        return U3.failed(Some(dictionary.token.start), "wanted /ByteRange, found none");
    };
    let numbers = entry.value.as_array().unwrap_or_default();
    let sizes: Vec<usize> = numbers.iter().filter_map(Object::as_size).collect();
    let good = sizes.len() == 4 && numbers.len() == 4 && sizes.iter().any(|size| *size > 0);
    let found = if good {
        format!("{sizes:?}")
    } else {
        format!("wanted four offsets and lengths, found {}", entry.value.kind())
    };
    U3.holds(good, entry.value_token.start, found)
}

/// U4: a hexadecimal string token, direct, not empty, not only zeros.
fn contents(dictionary: &Dictionary) -> Check {
    const EXPECTATION: &str = "wanted a direct, non-empty hexadecimal string, found";
    let Some(entry) = dictionary.entry("Contents") else {
        return U4.failed(Some(dictionary.token.start), format!("{EXPECTATION} none"));
    };
    let offset = Some(entry.value_token.start);
    match entry.value.as_string() {
        None => U4.failed(offset, format!("{EXPECTATION} {}", entry.value.kind())),
        Some(string) if string.form == StringForm::Literal => {
            U4.failed(offset, format!("{EXPECTATION} a literal string"))
        }
        Some(string) if string.bytes.is_empty() => U4.failed(offset, format!("{EXPECTATION} an empty one")),
        Some(string) if string.bytes.iter().all(|byte| *byte == 0) => {
            U4.failed(offset, format!("{EXPECTATION} only zeros"))
        }
        Some(string) => U4.passed(offset, format!("{} bytes", string.bytes.len())),
    }
}

/// U5: a field with an unusable value is an invalid signature, never an unsigned field.
fn usable(subject: &Subject) -> Check {
    match &subject.fault {
        Some(fault) => U5.failed(fault.problem.offset(), fault.problem.to_string()),
        None => U5.passed(Some(subject.offset()), "a signature dictionary"),
    }
}

/// U6: `ETSI.CAdES.detached`, or `ETSI.RFC3161` with /Type /DocTimeStamp. The older ones of Adobe, and another /Type, are told:
/// they are no baseline. Others fail.
fn sub_filter(subject: &Subject, policy: &Policy) -> Check {
    const OLDER: [&str; 3] = ["adbe.pkcs7.detached", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"];
    let Some(signature) = &subject.signature else { return U6.ignored("there is no readable signature") };
    let offset = signature.dictionary.token.start;
    let type_name = signature.type_name.as_deref();
    let sub_filter = signature.dictionary.get("SubFilter").and_then(Object::as_name).map(ToString::to_string);
    let found = format!("/SubFilter {}, /Type {}", sub_filter.unwrap_or_default(), type_name.unwrap_or("none"));
    let agrees = match &signature.kind {
        SignatureKind::Seal => matches!(type_name, None | Some("Sig")),
        SignatureKind::DocumentTimeStamp => type_name == Some("DocTimeStamp"),
        SignatureKind::Other(name) if OLDER.contains(&name.as_str()) => false,
        SignatureKind::Other(_) => return U6.failed(Some(offset), found),
    };
    match agrees {
        true => U6.passed(Some(offset), found),
        false => U6.anomaly(policy, offset, format!("{found}: not PAdES baseline")),
    }
}

/// U7: no other field has the same signature dictionary, and its widgets lie on one page.
fn one_field(document: &Document, subject: &Subject, all: &[Subject]) -> Check {
    let offset = Some(subject.field.dictionary.token.start);
    let own = subject.signature.as_ref().and_then(|signature| signature.reference);
    let shared = all
        .iter()
        .filter(|other| !std::ptr::eq(*other, subject))
        .find(|other| own.is_some() && other.signature.as_ref().is_some_and(|signature| signature.reference == own));
    if let Some(other) = shared {
        return U7.failed(offset, format!("the field `{}` has the same signature dictionary", other.field.name));
    }
    let view = document.latest();
    let widgets = subject.field.widgets.iter().filter_map(|widget| view.object(*widget).ok()?);
    let pages: HashSet<_> =
        widgets.filter_map(|widget| widget.object.as_dictionary()?.get("P").and_then(Object::as_reference)).collect();
    match pages.len() {
        0 | 1 => U7.passed(offset, "one field, one page at most"),
        found => U7.failed(offset, format!("wanted widgets on one page, found {found} pages")),
    }
}
