//! Preparing a seal, ISO 32000-1 clauses 12.7.4.5 and 12.8.1, EN 319 142-1 clause 5. In: a document, a field, what kind of seal, and
//! how many bytes its CMS will need. Out: [`Prepared`], whose signed parts are hashed and signed elsewhere.
//!
//! What is written is one incremental update. In a prepared empty field: the field, which gains /V, and the signature
//! dictionary; the form too if its /SigFlags lack the two bits. With a new field: see `new_field`. The catalog gets neither
//! /Version nor /Extensions: PAdES readers need none, PDF/A-3 is PDF 1.7 throughout, and every later comparison of revisions
//! would have to explain the change. XFA and /NeedAppearances stay as they are. A certification is also named in /Perms. What
//! the field's /Lock and /SV demand: see `terms`.
//!
//! If the file does not end with an end of line, one is added before the update: it is part of the sealed revision.

use crate::{
    document::Document,
    error::Error,
    field::{SignatureField, SignatureFields},
    field_lock::FieldLock,
    new_field,
    object::Object,
    permission,
    placeholder::{self, Placeholder},
    prepared::Prepared,
    readings,
    resolve::View,
    scalar::Reference,
    seal_kind::SealKind,
    signature::SignatureValue,
    signature_flags, terms,
    update::Update,
    warning::Warning,
};

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

/// Appends a revision with a signature dictionary whose /Contents are `reserved` zero bytes, and says what is to be signed.
///
/// A departure from the standard that leaves one reading is sealed, and told in [`Prepared::warnings`]. What the field's seed
/// values demand of the signer stands in [`Prepared::demands`].
///
/// # Errors
/// [`Error::Encrypted`]; a file with two readings ([`Error::TwoReadings`]); a field that is missing, no signature field, or
/// signed; a seal that an earlier one forbids ([`Error::SealForbidden`]; document time-stamps are never forbidden, but a locked
/// field is not filled with one), or that the field's seed values do not allow ([`Error::SeedValue`]); a certification that is
/// not the first signature; a reservation of nothing or of more than 16 MiB.
pub fn prepare(
    document: &Document,
    placement: Placement<'_>,
    kind: SealKind<'_>,
    reserved: usize,
) -> Result<Prepared, Error> {
    if reserved == 0 || reserved > MAX_RESERVED {
        return Err(Error::Reservation { found: reserved, allowed: MAX_RESERVED });
    }
    let mut update = Update::of(document)?;
    let view = document.latest();
    let fields = view.form_fields();
    if let Some(problem) = fields.problems.first() {
        return Err(problem.clone());
    }
    let sealed = fields.any_signed();
    if kind.is_seal() || !sealed {
        readings::check(view)?;
    }
    let target = target(placement, kind, &fields)?;
    match &target {
        target if kind.is_seal() => permission::check_seal(view, &fields, target.name())?,
        Target::Existing(field) => permission::check_time_stamp(view, &fields, &field.name)?,
        Target::New(_) => {}
    }
    let terms = terms::terms(view, &fields, kind, target.existing())?;
    let signature = update.allocate();
    let placeholder = Placeholder::new(terms.kind, terms.reason.as_deref(), &terms.references, reserved);
    update.set_body(signature, placeholder.bytes.clone());
    match &target {
        Target::Existing(field) => fill(view, &mut update, field, terms.lock.as_ref(), signature)?,
        Target::New(name) => {
            new_field::add(view, &mut update, &new_field::NewField { name, kind: terms.kind, signature, sealed })?;
        }
    }
    if let SealKind::Certification { .. } = terms.kind {
        let (catalog, _) = view.catalog()?;
        update.edit(catalog, &["Perms", "DocMDP"], &|_| Ok(Object::Reference(signature)))?;
    }
    let mut warnings: Vec<Warning> = update.anomalies().iter().cloned().map(Warning::Irregular).collect();
    warnings.extend(terms.warnings);
    let demands = terms.demands;
    let appended = update.finish(sealed);
    let body = document.bytes.len() + appended.bodies[&signature.number];
    let bytes = [document.bytes.as_slice(), &appended.bytes].concat();
    Ok(placeholder::close(bytes, body, &placeholder, reserved).with(demands, warnings))
}

/// The field to seal.
enum Target<'f> {
    Existing(&'f SignatureField),
    New(String),
}

impl Target<'_> {
    fn name(&self) -> &str {
        match self {
            Target::Existing(field) => &field.name,
            Target::New(name) => name,
        }
    }

    fn existing(&self) -> Option<&SignatureField> {
        match self {
            Target::Existing(field) => Some(field),
            Target::New(_) => None,
        }
    }
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

/// Gives the field its /V, the /Lock that its seed values ask for, and nothing else.
fn fill(
    view: View<'_>,
    update: &mut Update<'_>,
    field: &SignatureField,
    lock: Option<&FieldLock>,
    signature: Reference,
) -> Result<(), Error> {
    let reference = field.reference.ok_or_else(|| {
        Error::damaged_because(field.dictionary.token.start, "a signature field as an indirect object", "a direct one")
    })?;
    let mut dictionary = field.dictionary.clone();
    dictionary.set("V", Object::Reference(signature));
    if let Some(lock) = lock {
        dictionary.set("Lock", lock.to_dictionary().into());
    }
    update.set(reference, dictionary)?;
    let (catalog_reference, catalog) = view.catalog()?;
    let form = view.get(&catalog, "AcroForm")?;
    let complete = form.as_dictionary().is_some_and(signature_flags::are_set);
    if complete { Ok(()) } else { update.edit(catalog_reference, &["AcroForm"], &signature_flags::with) }
}
