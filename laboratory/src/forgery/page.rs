//! Forged pages of a PDF, ISO 32000-1 clauses 7.5.6 and 7.7.3. In: a file. Out: the file with one bit of its first page
//! changed, or with one more page as an incremental update that any PDF editor might have written.

use pades::{Dictionary, Document, Object, Reference, View, to_bytes};

use super::ForgeryError;

/// Where the content of the first page lies.
pub(super) fn content(document: &Document) -> Result<std::ops::Range<usize>, ForgeryError> {
    let view = document.latest();
    let page = view.first_page()?;
    let mut content = page.dictionary.get("Contents").cloned().unwrap_or(Object::Null);
    if let Some([first, ..]) = view.resolve(&content)?.as_array() {
        content = first.clone();
    }
    let stream = view.resolve(&content)?;
    let data = stream.as_stream().map(|stream| stream.data.clone()).filter(|data| !data.is_empty());
    data.ok_or(ForgeryError::NoPlace { expected: "a first page with content" })
}

/// The file with an empty page after the others.
pub(super) fn added(pdf: &[u8]) -> Result<Vec<u8>, ForgeryError> {
    let document = Document::parse(pdf)?;
    let view = document.latest();
    let no_place = || ForgeryError::NoPlace { expected: "a page tree with its root in an object of its own" };
    let (_, catalog) = view.catalog()?;
    let tree = catalog.get("Pages").and_then(Object::as_reference).ok_or_else(no_place)?;
    let root = view.resolve(&Object::Reference(tree))?;
    let root = root.as_dictionary().ok_or_else(no_place)?;
    let size = view.trailer().get("Size").and_then(Object::as_size).ok_or_else(no_place)?;
    let page = Reference { number: u32::try_from(size).map_err(|_| no_place())?, generation: 0 };
    let objects = [(tree, with_kid(view, root, page)?), (page, empty_page(tree))];
    Ok(appended(&document, &objects, size + 1))
}

fn with_kid(view: View<'_>, root: &Dictionary, page: Reference) -> Result<Dictionary, ForgeryError> {
    let mut kids = view.get(root, "Kids")?.as_array().unwrap_or_default().to_vec();
    kids.push(Object::Reference(page));
    let count = view.get(root, "Count")?.as_integer().unwrap_or(0) + 1;
    Ok(root.clone().with("Kids", Object::Array(kids)).with("Count", Object::Integer(count)))
}

fn empty_page(parent: Reference) -> Dictionary {
    let sheet = [0, 0, 595, 842].map(Object::Integer).to_vec();
    let page = Dictionary::new().with("Type", Object::name("Page")).with("Parent", Object::Reference(parent));
    page.with("MediaBox", Object::Array(sheet)).with("Resources", Dictionary::new().into())
}

/// One more revision with a cross-reference table.
fn appended(document: &Document, objects: &[(Reference, Dictionary)], size: usize) -> Vec<u8> {
    let mut bytes = document.bytes().to_vec();
    let mut table = String::from("xref\n");
    for (reference, dictionary) in objects {
        table += &format!("{} 1\n{:010} {:05} n \n", reference.number, bytes.len(), reference.generation);
        bytes.extend(format!("{} {} obj\n", reference.number, reference.generation).bytes());
        bytes.extend(to_bytes(&dictionary.clone().into()));
        bytes.extend(b"\nendobj\n");
    }
    let last = document.last_revision();
    let mut trailer = Dictionary::new().with("Size", Object::Integer(size as i64));
    for key in ["Root", "Info", "ID"] {
        if let Some(value) = last.trailer.get(key) {
            trailer.set(key, value.clone());
        }
    }
    trailer.set("Prev", Object::Integer(last.startxref as i64));
    let start = bytes.len();
    bytes.extend(table.bytes());
    bytes.extend(b"trailer\n");
    bytes.extend(to_bytes(&trailer.into()));
    bytes.extend(format!("\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}
