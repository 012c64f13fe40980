//! Prepared signature fields (ISO 32000-1 clause 12.7.4.5, ISO 14289-1 clause 7.18). In: a finished PDF of one revision, and the
//! fields. Out: a PDF of one revision with the empty fields, tagged, so that sealing changes the field and nothing else.
//!
//! A field that is signed after another seal is two objects, field and widget: the structure tree refers to the widget, the
//! signature is put into the field, and what the earlier seal signed is not reachable from what the later one changes
//! (merged, pyHanko and EU DSS take the later signature for a change of the document). The field of the first seal is one
//! object: poppler does not find a signature in a field apart from its widget.
//!
//! What the standards call for, and veraPDF checks:
//! - the widget's flags are Print alone (PDF/A 6.3.2), its appearance is one form XObject without fonts (6.3.3, 6.2.11);
//! - the field has a description, the widget a `Form` element with an object reference, and an entry in the parent tree
//!   (PDF/UA 7.18.1, 7.18.4), the page `/Tabs /S` (7.18.3), the invisible field too;
//! - the form says that signatures are there (`SigFlags` 3), and the file ends with an end of line, to be appended to (6.1.9).

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};

use crate::error::Error;

/// SignaturesExist and AppendOnly (ISO 32000-1 table 219).
const SIGNATURE_FLAGS: i64 = 3;

/// Print (ISO 32000-1 table 165).
const ANNOTATION_FLAGS: i64 = 4;

/// Whether a field and its widget are one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One object: for the first seal of a file.
    Merged,
    /// Two objects: for whatever is signed later.
    Split,
}

/// An empty signature field on the first page.
#[derive(Debug, Clone)]
pub struct PreparedField {
    /// Name of the field.
    pub name: &'static str,
    /// One object or two.
    pub shape: Shape,
    /// What assistive technology says (`/TU`).
    pub description: String,
    /// Left, bottom, right, top in points; all zero for an invisible field.
    pub rectangle: [f32; 4],
    /// What a visible field shows.
    pub appearance: Option<Appearance>,
}

/// A picture as content stream, without resources.
#[derive(Debug, Clone)]
pub struct Appearance {
    /// Path operators in device RGB.
    pub content: Vec<u8>,
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
}

/// Puts the fields into the file and writes it anew as one revision.
///
/// # Errors
/// [`Error::PdfStructure`] if the file has no page, no structure tree or already a form.
pub fn prepare(pdf: &[u8], fields: &[PreparedField]) -> Result<Vec<u8>, Error> {
    let mut document = Document::load_mem(pdf).map_err(|error| broken("a readable PDF", error.to_string()))?;
    let page = document.page_iter().next().ok_or_else(|| broken("a page", "none".to_owned()))?;
    if document.catalog().is_ok_and(|catalog| catalog.has(b"AcroForm")) {
        return Err(broken("no form", "one".to_owned()));
    }
    let tree = reference(document.catalog().and_then(|catalog| catalog.get(b"StructTreeRoot")), "a structure tree")?;
    let mut references = Vec::new();
    for field in fields {
        references.push(add(&mut document, page, tree, field)?);
    }
    let form = dictionary! {
        "Fields" => references.into_iter().map(Object::from).collect::<Vec<Object>>(),
        "SigFlags" => SIGNATURE_FLAGS,
    };
    let form = document.add_object(form);
    document.catalog_mut().map_err(structure)?.set("AcroForm", form);
    write(document)
}

fn write(mut document: Document) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|error| broken("a PDF that can be written", error.to_string()))?;
    if !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Adds one field with its widget and `Form` element; returns the field.
fn add(document: &mut Document, page: ObjectId, tree: ObjectId, field: &PreparedField) -> Result<ObjectId, Error> {
    let appearance = field.appearance.as_ref().map(|appearance| document.add_object(form_object(appearance)));
    let widget = document.new_object_id();
    let mut own = dictionary! { "FT" => "Sig", "T" => text(field.name), "TU" => text(&field.description) };
    let element = structure_element(document, page, tree, widget)?;
    let key = add_to_parent_tree(document, tree, element)?;
    let mut dictionary = dictionary! {
        "Type" => "Annot",
        "Subtype" => "Widget",
        "Rect" => field.rectangle.into_iter().map(Object::Real).collect::<Vec<Object>>(),
        "F" => ANNOTATION_FLAGS,
        "P" => page,
        "StructParent" => key,
    };
    if let Some(appearance) = appearance {
        dictionary.set("AP", dictionary! { "N" => appearance });
    }
    let id = match field.shape {
        Shape::Merged => {
            dictionary.extend(&own);
            widget
        }
        Shape::Split => {
            own.set("Kids", vec![widget.into()]);
            let parent = document.add_object(own);
            dictionary.set("Parent", parent);
            parent
        }
    };
    document.objects.insert(widget, dictionary.into());
    add_to_page(document, page, widget)?;
    Ok(id)
}

fn form_object(appearance: &Appearance) -> Stream {
    let dictionary = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Form",
        "BBox" => vec![0.into(), 0.into(), Object::Real(appearance.width), Object::Real(appearance.height)],
        "Resources" => Dictionary::new(),
    };
    let mut stream = Stream::new(dictionary, appearance.content.clone());
    // A stream that does not become smaller stays as it is; both are good PDF.
    let _ = stream.compress();
    stream
}

/// The `Form` element, last child of the document element, with the widget as its only child.
fn structure_element(
    document: &mut Document,
    page: ObjectId,
    tree: ObjectId,
    widget: ObjectId,
) -> Result<ObjectId, Error> {
    let root = match document.get_dictionary(tree).and_then(|root| root.get(b"K")).map_err(structure)? {
        Object::Array(kids) => {
            reference(kids.first().ok_or(lopdf::Error::DictKey("K".to_owned())), "a document element")?
        }
        kid => reference(Ok(kid), "a document element")?,
    };
    let element = document.add_object(dictionary! {
        "Type" => "StructElem",
        "S" => "Form",
        "P" => root,
        "Pg" => page,
        "K" => vec![dictionary! { "Type" => "OBJR", "Obj" => widget, "Pg" => page }.into()],
    });
    let root = document.get_dictionary_mut(root).map_err(structure)?;
    let mut kids = match root.get(b"K").map_err(structure)? {
        Object::Array(kids) => kids.clone(),
        kid => vec![kid.clone()],
    };
    kids.push(element.into());
    root.set("K", kids);
    Ok(element)
}

/// Adds the element to the parent tree, which krilla writes as one flat number tree; returns the widget's key.
fn add_to_parent_tree(document: &mut Document, tree: ObjectId, element: ObjectId) -> Result<i64, Error> {
    let root = document.get_dictionary(tree).map_err(structure)?;
    let next = root.get(b"ParentTreeNextKey").and_then(Object::as_i64).unwrap_or(0);
    let parents = root.get(b"ParentTree").map_err(structure)?.clone();
    let mut parents = match parents {
        Object::Reference(id) => (document.get_dictionary(id).map_err(structure)?.clone(), Some(id)),
        Object::Dictionary(dictionary) => (dictionary, None),
        other => return Err(broken("a parent tree", other.enum_variant().to_owned())),
    };
    let mut numbers = parents.0.get(b"Nums").and_then(Object::as_array).map_err(structure)?.clone();
    let highest = numbers.iter().step_by(2).filter_map(|key| key.as_i64().ok()).max();
    let key = next.max(highest.map_or(0, |highest| highest + 1));
    numbers.extend([key.into(), element.into()]);
    parents.0.set("Nums", numbers);
    match parents {
        (dictionary, Some(id)) => document.set_object(id, dictionary),
        (dictionary, None) => document.get_dictionary_mut(tree).map_err(structure)?.set("ParentTree", dictionary),
    }
    document.get_dictionary_mut(tree).map_err(structure)?.set("ParentTreeNextKey", key + 1);
    Ok(key)
}

fn add_to_page(document: &mut Document, page: ObjectId, widget: ObjectId) -> Result<(), Error> {
    let annotations = match document.get_dictionary(page).map_err(structure)?.get(b"Annots") {
        Ok(Object::Reference(id)) => document.get_object(*id).and_then(Object::as_array).map_err(structure)?.clone(),
        Ok(annotations) => annotations.as_array().map_err(structure)?.clone(),
        Err(_) => Vec::new(),
    };
    let page = document.get_dictionary_mut(page).map_err(structure)?;
    page.set("Annots", [annotations, vec![widget.into()]].concat());
    page.set("Tabs", "S");
    Ok(())
}

/// A text string (ISO 32000-1 clause 7.9.2.2): ASCII as it is, anything else as UTF-16BE in hex.
fn text(text: &str) -> Object {
    if text.is_ascii() {
        return Object::string_literal(text);
    }
    let mut bytes = vec![0xFE, 0xFF];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn reference(object: Result<&Object, lopdf::Error>, wanted: &'static str) -> Result<ObjectId, Error> {
    object.and_then(Object::as_reference).map_err(|error| broken(wanted, error.to_string()))
}

fn structure(error: lopdf::Error) -> Error {
    broken("the structure that the page writer makes", error.to_string())
}

fn broken(wanted: &'static str, found: String) -> Error {
    Error::PdfStructure { wanted, found }
}
