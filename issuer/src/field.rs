//! Prepared signature fields (ISO 32000-1 clause 12.7.4.5, ISO 14289-1 clause 7.18). In: the page writer's PDF, and the
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

mod draft;

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pades::{Dictionary, Document, Object, PdfString, Real, Reference};

use crate::error::Error;
use crate::picture::Ink;
use draft::Draft;

/// SignaturesExist and AppendOnly (ISO 32000-1 table 219).
const SIGNATURE_FLAGS: i64 = 3;

/// Print (ISO 32000-1 table 165).
const ANNOTATION_FLAGS: i64 = 4;

/// What the content of an appearance calls its raster picture.
pub(crate) const PICTURE_NAME: &str = "Picture";

/// Whether a field and its widget are one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One object: for the first seal of a file.
    Merged,
    /// Two objects: for whatever is signed later.
    Split,
}

/// An empty signature field on the first page.
#[derive(Debug, Clone)]
pub(crate) struct PreparedField {
    /// Name of the field.
    pub(crate) name: &'static str,
    /// One object or two.
    pub(crate) shape: Shape,
    /// What assistive technology says (`/TU`).
    pub(crate) description: String,
    /// Left, bottom, right, top in points; all zero for an invisible field.
    pub(crate) rectangle: [f32; 4],
    /// What a visible field shows.
    pub(crate) appearance: Option<Appearance>,
}

/// A picture as content stream.
#[derive(Debug, Clone)]
pub(crate) struct Appearance {
    /// Operators in device RGB that need no fonts.
    pub(crate) content: Vec<u8>,
    /// Width in points.
    pub(crate) width: f32,
    /// Height in points.
    pub(crate) height: f32,
    /// The raster picture that the content calls [`PICTURE_NAME`].
    pub(crate) picture: Option<Arc<Ink>>,
}

/// Puts the fields into the file and writes it anew as one revision.
///
/// # Errors
/// [`Error::PdfStructure`] if the file has no page, no structure tree or already a form.
pub(crate) fn prepare(pdf: Vec<u8>, fields: &[PreparedField]) -> Result<Vec<u8>, Error> {
    let document = Document::parse(pdf)?;
    let (catalog, entries) = document.latest().catalog()?;
    if entries.get("AcroForm").is_some() {
        return Err(broken("no form", "one"));
    }
    let tree = entries.get("StructTreeRoot").and_then(Object::as_reference);
    let page = Page {
        reference: document.latest().first_page()?.reference,
        tree: tree.ok_or_else(|| broken("a structure tree", "none"))?,
    };
    let mut draft = Draft::of(&document)?;
    let fields = fields.iter().map(|field| Ok(Object::Reference(page.add(&mut draft, field)?)));
    let fields = Object::Array(fields.collect::<Result<_, Error>>()?);
    let form = Dictionary::new().with("Fields", fields).with("SigFlags", Object::Integer(SIGNATURE_FLAGS));
    let form = draft.add(form);
    draft.edit(catalog, |catalog| catalog.set("AcroForm", Object::Reference(form)))?;
    draft.finish()
}

/// The page that gets the fields.
struct Page {
    reference: Reference,
    /// The root of the structure tree.
    tree: Reference,
}

impl Page {
    /// Adds one field with its widget and `Form` element; returns the field.
    fn add(&self, draft: &mut Draft<'_>, field: &PreparedField) -> Result<Reference, Error> {
        let widget = draft.allocate();
        let element = self.add_structure_element(draft, widget)?;
        let mut dictionary = Dictionary::new()
            .with("Type", Object::name("Annot"))
            .with("Subtype", Object::name("Widget"))
            .with("Rect", Object::Array(field.rectangle.map(number).to_vec()))
            .with("F", Object::Integer(ANNOTATION_FLAGS))
            .with("P", Object::Reference(self.reference))
            .with("StructParent", Object::Integer(self.add_to_parent_tree(draft, element)?));
        if let Some(appearance) = &field.appearance {
            let (entries, content) = form_object(draft, appearance);
            let normal = Dictionary::new().with("N", Object::Reference(draft.add_stream(entries, content)));
            dictionary.set("AP", normal.into());
        }
        let mut own = vec![
            ("FT", Object::name("Sig")),
            ("T", PdfString::text(field.name).into()),
            ("TU", PdfString::text(&field.description).into()),
        ];
        let place = match field.shape {
            Shape::Merged => widget,
            Shape::Split => {
                own.push(("Kids", Object::Array(vec![Object::Reference(widget)])));
                let entries = own.drain(..).fold(Dictionary::new(), |field, (key, value)| field.with(key, value));
                draft.add(entries)
            }
        };
        if place != widget {
            dictionary.set("Parent", Object::Reference(place));
        }
        own.into_iter().for_each(|(key, value)| dictionary.set(key, value));
        draft.set(widget, dictionary);
        draft.push(self.reference, "Annots", Object::Reference(widget))?;
        draft.edit(self.reference, |page| page.set("Tabs", Object::name("S")))?;
        Ok(place)
    }

    /// The `Form` element, last child of the document element, with the widget as its only child.
    fn add_structure_element(&self, draft: &mut Draft<'_>, widget: Reference) -> Result<Reference, Error> {
        let tree = draft.dictionary(self.tree)?;
        let first = match tree.get("K") {
            Some(Object::Array(kids)) => kids.first().and_then(Object::as_reference),
            kid => kid.and_then(Object::as_reference),
        };
        let parent = first.ok_or_else(|| broken("a document element", "none"))?;
        let child = Dictionary::new()
            .with("Type", Object::name("OBJR"))
            .with("Obj", Object::Reference(widget))
            .with("Pg", Object::Reference(self.reference));
        let element = Dictionary::new()
            .with("Type", Object::name("StructElem"))
            .with("S", Object::name("Form"))
            .with("P", Object::Reference(parent))
            .with("Pg", Object::Reference(self.reference))
            .with("K", Object::Array(vec![child.into()]));
        let element = draft.add(element);
        draft.push(parent, "K", Object::Reference(element))?;
        Ok(element)
    }

    /// Adds the element to the parent tree, which the page writer makes as one flat number tree in the root; returns the widget's
    /// key.
    fn add_to_parent_tree(&self, draft: &mut Draft<'_>, element: Reference) -> Result<i64, Error> {
        let tree = draft.dictionary(self.tree)?;
        let key = tree.get("ParentTreeNextKey").and_then(Object::as_integer);
        let key = key.ok_or_else(|| broken("a next key of the parent tree", "none"))?;
        let parents = tree.get("ParentTree").and_then(Object::as_dictionary).cloned();
        let mut parents = parents.ok_or_else(|| broken("a parent tree in its root", "none"))?;
        let numbers = parents.get("Nums").and_then(Object::as_array);
        let mut numbers = numbers.ok_or_else(|| broken("a flat parent tree", "another"))?.to_vec();
        numbers.extend([Object::Integer(key), Object::Reference(element)]);
        parents.set("Nums", Object::Array(numbers));
        draft.edit(self.tree, |tree| {
            tree.set("ParentTree", parents.into());
            tree.set("ParentTreeNextKey", Object::Integer(key + 1));
        })?;
        Ok(key)
    }
}

/// The appearance as form XObject: its dictionary without /Length, and its content.
fn form_object(draft: &mut Draft<'_>, appearance: &Appearance) -> (Dictionary, Vec<u8>) {
    let mut resources = Dictionary::new();
    if let Some(picture) = &appearance.picture {
        let pictures = Dictionary::new().with(PICTURE_NAME, Object::Reference(image(draft, picture)));
        resources.set("XObject", pictures.into());
    }
    let corners = [0.0, 0.0, appearance.width, appearance.height];
    let dictionary = Dictionary::new()
        .with("Type", Object::name("XObject"))
        .with("Subtype", Object::name("Form"))
        .with("BBox", Object::Array(corners.map(number).to_vec()))
        .with("Resources", resources.into())
        .with("Filter", Object::name("FlateDecode"));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(&appearance.content).and_then(|()| encoder.finish());
    (dictionary, compressed.expect("memory takes every byte"))
}

/// A raster picture with its opacity as soft mask (ISO 32000-1 clauses 8.9.5, 11.6.5.3), which ISO 19005-3 permits in a file with an output
/// intent.
fn image(draft: &mut Draft<'_>, picture: &Ink) -> Reference {
    let entries = |colour_space: &str| {
        Dictionary::new()
            .with("Type", Object::name("XObject"))
            .with("Subtype", Object::name("Image"))
            .with("Width", Object::Integer(i64::from(picture.width)))
            .with("Height", Object::Integer(i64::from(picture.height)))
            .with("ColorSpace", Object::name(colour_space))
            .with("BitsPerComponent", Object::Integer(8))
            .with("Filter", Object::name("FlateDecode"))
    };
    let mask = draft.add_stream(entries("DeviceGray"), picture.opacity.clone());
    draft.add_stream(entries("DeviceRGB").with("SMask", Object::Reference(mask)), picture.colours.clone())
}

/// A number of points.
fn number(points: f32) -> Object {
    Object::Real(Real::from_points(points))
}

fn broken(expected: &'static str, found: impl ToString) -> Error {
    Error::PdfStructure { expected, found: found.to_string() }
}
