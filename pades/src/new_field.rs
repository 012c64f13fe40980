//! A new signature field without an appearance, ISO 32000-1 clauses 12.5.6.19, 12.7.2 and 12.7.4.5. In: a name and the
//! signature. Out: field, widget, form and page in the update.
//!
//! Field and widget are one dictionary, which all readers understand, and which never changes again: it has its /V from the
//! beginning. In a tagged document without any seal it is tagged too (see `tagging`). After a seal nothing is tagged: the
//! structure tree must not change any more. The widget is printed and locked (/F 132), never hidden, as PDF/A
//! demands of annotations (ISO 19005-2, 6.3.2).

use crate::{
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::{PdfString, Reference},
    seal_kind::SealKind,
    signature_flags, tagging,
    update::Update,
};

/// What is to be added.
pub(crate) struct NewField<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: SealKind<'a>,
    /// The signature dictionary.
    pub(crate) signature: Reference,
    /// Whether the file has a seal already.
    pub(crate) sealed: bool,
}

/// Print and Locked, table 165.
const FLAGS: i64 = 4 | 128;

pub(crate) fn add(view: View<'_>, update: &mut Update<'_>, new: &NewField<'_>) -> Result<(), Error> {
    let page = view.first_page()?.reference;
    let plan = if new.sealed { None } else { tagging::plan(view)? };
    let widget = Dictionary::new()
        .with("Type", Object::name("Annot"))
        .with("Subtype", Object::name("Widget"))
        .with("F", Object::Integer(FLAGS))
        .with("Rect", Object::Array(vec![Object::Integer(0); 4]))
        .with("P", Object::Reference(page));
    let field = update.allocate();
    let mut dictionary = widget
        .with("FT", Object::name("Sig"))
        .with("T", PdfString::text(new.name).into())
        .with("V", Object::Reference(new.signature));
    if let Some(plan) = plan {
        dictionary.set("TU", PdfString::text(tooltip(new.kind)).into());
        dictionary.set("StructParent", Object::Integer(plan.key));
        plan.apply(update, field, page)?;
    }
    update.set(field, dictionary)?;
    let append = |reference: Reference| move |array: Object| pushed(array, reference);
    update.edit(page, &["Annots"], &append(field))?;
    let (catalog, dictionary) = view.catalog()?;
    if view.get(&dictionary, "AcroForm")?.is_null() {
        // Also one that refers to nothing (7.3.10): the reference goes, and never finds a target.
        let form = update.add(Dictionary::new().with("Fields", Object::Array(Vec::new())))?;
        update.edit(catalog, &[], &|catalog| catalog.with_entry("AcroForm", Object::Reference(form)))?;
    }
    update.edit(catalog, &["AcroForm", "Fields"], &append(field))?;
    update.edit(catalog, &["AcroForm"], &signature_flags::with)
}

/// /TU: what a screen reader says (ISO 14289-1, 7.18.1).
fn tooltip(kind: SealKind<'_>) -> &'static str {
    match kind {
        SealKind::Seal { .. } | SealKind::Certification { .. } => "Electronic seal",
        SealKind::DocumentTimeStamp => "Document time-stamp",
    }
}

/// An array, or none yet, with one reference more.
fn pushed(array: Object, reference: Reference) -> Result<Object, Error> {
    let mut elements = match array {
        Object::Null => Vec::new(),
        Object::Array(elements) => elements,
        other => return Err(Error::damaged_because(0, "an array of references", other.kind())),
    };
    elements.push(Object::Reference(reference));
    Ok(Object::Array(elements))
}
