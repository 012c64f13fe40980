//! Preparing a seal, ISO 32000-1 clauses 12.7.4.5 and 12.8.1, EN 319 142-1 clause 5. In: a PDF, a field, what kind of seal, and
//! how many bytes its CMS will need. Out: [`Prepared`], whose signed parts are hashed and signed elsewhere.
//!
//! What is written is one incremental update. In a prepared empty field: the field, which gains /V, and the signature
//! dictionary; the form too if its /SigFlags lack the two bits. With a new field: see `new_field`. The catalog gets neither
//! /Version nor /Extensions: PAdES readers need none, PDF/A-3 is PDF 1.7 throughout, and every later comparison of revisions
//! would have to explain the change. XFA and /NeedAppearances stay as they are.
//!
//! If the file does not end with an end of line, one is added before the update: it is part of the sealed revision.

use crate::{
    dictionary::Dictionary,
    document::Document,
    error::Error,
    form::{self, Scope, SignatureField, SignatureFields},
    new_field,
    object::{Object, Reference},
    permission,
    placeholder::{self, Placeholder},
    prepared::Prepared,
    resolve::View,
    signature::SignatureValue,
    update::Update,
};
use jiff::Timestamp;

/// The greatest reservation: a CMS with embedded revocation data has some 100 KB.
pub(crate) const MAX_RESERVED: usize = 16 << 20;

/// Where the seal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement<'a> {
    /// An existing empty signature field, by its fully qualified name.
    Field(&'a str),
    /// A new field without an appearance on the first page.
    NewInvisible {
        /// Its name; by default the first free one of `Seal1`, `Seal2`, … or `TimeStamp1`, ….
        name: Option<&'a str>,
    },
    /// The existing empty field of this name, or a new invisible one if there is no field of this name.
    ExistingOrNew(&'a str),
}

/// What is written into the signature dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKind<'a> {
    /// A PAdES signature: /SubFilter `ETSI.CAdES.detached`.
    Seal {
        /// /M, the claimed time of sealing.
        at: Timestamp,
        /// /Name: who seals.
        name: Option<&'a str>,
        /// /Reason. Leave it out if the CMS has a commitment-type-indication or a signature policy (EN 319 142-1).
        reason: Option<&'a str>,
        /// /Location.
        location: Option<&'a str>,
    },
    /// A document time-stamp: /SubFilter `ETSI.RFC3161`, without a claimed time.
    DocumentTimeStamp,
}

/// Appends a revision with a signature dictionary whose /Contents are `reserved` zero bytes, and says what is to be signed.
///
/// # Errors
/// What [`Document::parse`] and [`Document::check_updatable`] refuse; a field that is missing, no signature field, or signed;
/// a seal that an earlier one forbids ([`Error::SealForbidden`]; document time-stamps are never forbidden); a reservation of
/// nothing or of more than 16 MiB.
///
/// ```
/// # fn main() -> Result<(), pades::Error> {
/// # let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\n\
/// # endobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\nxref\n0 4\n0000000000 65535 f \n\
/// # 0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n182\n%%EOF\n";
/// use pades::{Document, Placement, SealKind};
/// let kind = SealKind::Seal { at: "2026-04-01T09:00:00Z".parse().unwrap(), name: None, reason: None, location: None };
/// let prepared = pades::prepare(pdf, Placement::ExistingOrNew("Seal"), kind, 4096)?;
/// let [before, after] = prepared.signed_parts(); // hash these, have the hash signed
/// # let _ = (before, after);
/// let sealed = prepared.embed(b"DER of a CMS SignedData")?;
/// assert_eq!(Document::parse(sealed)?.signatures()[0].field, "Seal");
/// # Ok(())
/// # }
/// ```
pub fn prepare(pdf: &[u8], placement: Placement<'_>, kind: SealKind<'_>, reserved: usize) -> Result<Prepared, Error> {
    if reserved == 0 || reserved > MAX_RESERVED {
        return Err(Error::Reservation { found: reserved, allowed: MAX_RESERVED });
    }
    let mut bytes = Vec::with_capacity(pdf.len() + 2 * reserved + (64 << 10)); // one copy: the update is appended to it
    bytes.extend(pdf);
    let document = Document::parse(bytes)?;
    let mut update = Update::of(&document)?;
    let view = document.latest();
    let fields = form::signature_fields(view, Scope::Form);
    if let Some(problem) = fields.problems.first() {
        return Err(problem.clone());
    }
    let placeholder = Placeholder::new(kind, reserved);
    let signature = update.allocate();
    update.set_body(signature, placeholder.bytes.clone());
    let sealed = is_sealed(&fields);
    match target(placement, kind, &fields)? {
        Target::Existing(field) => {
            allow(view, kind, &fields, &field.name)?;
            fill(view, &mut update, field, signature)?;
        }
        Target::New(name) => {
            allow(view, kind, &fields, &name)?;
            new_field::add(view, &mut update, &new_field::NewField { name: &name, kind, signature, sealed })?;
        }
    }
    let appended = update.finish(sealed);
    let body = document.bytes.len() + appended.bodies[&signature.number];
    let mut bytes = document.into_bytes();
    bytes.extend(appended.bytes);
    Ok(placeholder::close(bytes, body, &placeholder, reserved))
}

/// The field to seal.
enum Target<'f> {
    Existing(&'f SignatureField),
    New(String),
}

fn target<'f>(placement: Placement<'_>, kind: SealKind<'_>, fields: &'f SignatureFields) -> Result<Target<'f>, Error> {
    match placement {
        Placement::Field(name) => existing(name, fields).map(Target::Existing),
        Placement::ExistingOrNew(name) if fields.names.contains_key(name) => {
            existing(name, fields).map(Target::Existing)
        }
        Placement::ExistingOrNew(name) | Placement::NewInvisible { name: Some(name) } => {
            if name.is_empty() || name.contains('.') {
                return Err(Error::FieldName { name: name.to_owned() });
            }
            if fields.names.contains_key(name) {
                return Err(Error::FieldExists { name: name.to_owned() });
            }
            Ok(Target::New(name.to_owned()))
        }
        Placement::NewInvisible { name: None } => {
            let stem = if kind == SealKind::DocumentTimeStamp { "TimeStamp" } else { "Seal" };
            let mut names = (1..).map(|number| format!("{stem}{number}"));
            Ok(Target::New(
                names.find(|name| !fields.names.contains_key(name)).expect("the file has finitely many names"),
            ))
        }
    }
}

/// The one empty signature field of this name.
fn existing<'f>(name: &str, fields: &'f SignatureFields) -> Result<&'f SignatureField, Error> {
    let mut matching = fields.fields.iter().filter(|field| field.name == name);
    let Some(field) = matching.next() else {
        if let Some(found) = fields.names.get(name) {
            let found = found.clone().unwrap_or_else(|| "none".to_owned());
            return Err(Error::FieldNotSignature { name: name.to_owned(), found });
        }
        let mut present: Vec<&str> = fields.fields.iter().map(|field| field.name.as_str()).collect();
        present.truncate(20);
        let present = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
        return Err(Error::FieldNotFound { name: name.to_owned(), present });
    };
    if matching.next().is_some() {
        return Err(Error::damaged_because(
            field.dictionary.token.start,
            format!("one field named `{name}`"),
            "several",
        ));
    }
    if field.field_type.as_deref() != Some("Sig") {
        let found = field.field_type.clone().unwrap_or_else(|| "none".to_owned());
        return Err(Error::FieldNotSignature { name: name.to_owned(), found });
    }
    if field.value != SignatureValue::Empty {
        return Err(Error::FieldAlreadySigned { name: name.to_owned() });
    }
    Ok(field)
}

/// Seals obey earlier seals; document time-stamps are always permitted.
fn allow(view: View<'_>, kind: SealKind<'_>, fields: &SignatureFields, field: &str) -> Result<(), Error> {
    match kind {
        SealKind::DocumentTimeStamp => Ok(()),
        SealKind::Seal { .. } => permission::check_seal(view, fields, field),
    }
}

/// Whether any field has a value: then the file must not change beyond what the seal needs.
pub(crate) fn is_sealed(fields: &SignatureFields) -> bool {
    fields.fields.iter().any(|field| field.value != SignatureValue::Empty)
}

/// Gives the field its /V, and nothing else.
fn fill(view: View<'_>, update: &mut Update<'_>, field: &SignatureField, signature: Reference) -> Result<(), Error> {
    let reference = field.reference.ok_or_else(|| {
        Error::damaged_because(field.dictionary.token.start, "a signature field as an indirect object", "a direct one")
    })?;
    let mut dictionary = field.dictionary.clone();
    dictionary.set("V", Object::Reference(signature));
    update.set(reference, dictionary)?;
    let (catalog_reference, catalog) = view.catalog()?;
    let form = view.get(&catalog, "AcroForm")?;
    let complete = form.as_dictionary().is_some_and(|form| signature_flags(form) & SIGNATURE_FLAGS == SIGNATURE_FLAGS);
    if complete { Ok(()) } else { update.edit(catalog_reference, &["AcroForm"], &with_signature_flags) }
}

/// SignaturesExist and AppendOnly, table 219.
const SIGNATURE_FLAGS: i64 = 3;

/// /SigFlags of a form.
fn signature_flags(form: &Dictionary) -> i64 {
    form.get("SigFlags").and_then(Object::as_integer).unwrap_or(0)
}

/// The form with both bits set in /SigFlags.
pub(crate) fn with_signature_flags(form: Object) -> Result<Object, Error> {
    match form {
        Object::Dictionary(form) => {
            let flags = Object::Integer(signature_flags(&form) | SIGNATURE_FLAGS);
            Ok(form.with("SigFlags", flags).into())
        }
        other => Err(Error::damaged_because(0, "/AcroForm as a dictionary", other.kind())),
    }
}
