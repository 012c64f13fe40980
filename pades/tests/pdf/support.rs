//! Small PDFs, written byte by byte with every kind of cross-reference.

use pades::{Document, Error, Placement, Prepared, SealKind, security_store};

/// Bodies of the objects of a small file; object 1 is the catalog, 2 the page tree, 3 the page.
#[derive(Clone)]
pub(crate) struct Pdf {
    pub(crate) objects: Vec<(u32, String)>,
    pub(crate) trailer: String,
}

impl Pdf {
    /// One empty page, without a form.
    pub(crate) fn minimal() -> Pdf {
        let objects = [
            (1, "<< /Type /Catalog /Pages 2 0 R >>"),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
            (3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>"),
        ];
        let objects = objects.map(|(number, body)| (number, body.to_owned())).to_vec();
        Pdf { objects, trailer: "/ID [<6162> <6364>]".to_owned() }
    }

    /// A page with the prepared empty fields `Seal` (split, object 5, widget 6), `Second` (object 7) and `Text` (object 8).
    pub(crate) fn with_fields() -> Pdf {
        Pdf::minimal()
            .set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>")
            .set(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots [6 0 R 7 0 R 8 0 R] >>")
            .set(4, "<< /Fields [5 0 R 7 0 R 8 0 R] /SigFlags 3 /NeedAppearances false >>")
            .set(5, "<< /FT /Sig /T (Seal) /TU (Seal of the school) /Kids [6 0 R] >>")
            .set(6, "<< /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /Parent 5 0 R >>")
            .set(7, "<< /FT /Sig /T (Second) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R >>")
            .set(8, "<< /FT /Tx /T (Text) /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 9 9] /P 3 0 R >>")
    }

    /// The same file with an object replaced or added.
    pub(crate) fn set(mut self, number: u32, body: &str) -> Pdf {
        match self.objects.iter_mut().find(|(known, _)| *known == number) {
            Some(object) => object.1 = body.to_owned(),
            None => self.objects.push((number, body.to_owned())),
        }
        self
    }

    /// With other entries in the trailer.
    pub(crate) fn trailer(mut self, trailer: &str) -> Pdf {
        self.trailer = trailer.to_owned();
        self
    }

    /// With a classic cross-reference table.
    pub(crate) fn table(&self) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        self.append_table(&mut bytes, None);
        bytes
    }

    /// Appends the objects as one revision with a table.
    pub(crate) fn append_table(&self, bytes: &mut Vec<u8>, previous: Option<usize>) {
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        for (number, body) in &self.objects {
            table.push_str(&format!("{number} 1\n{:010} 00000 n \n", bytes.len()));
            bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        }
        let startxref = bytes.len();
        let previous = previous.map_or(String::new(), |offset| format!("/Prev {offset}"));
        let (size, trailer) = (self.size(), &self.trailer);
        bytes.extend(table.bytes());
        bytes.extend(format!("trailer\n<< /Size {size} /Root 1 0 R {previous} {trailer} >>\n").bytes());
        bytes.extend(format!("startxref\n{startxref}\n%%EOF\n").bytes());
    }

    /// With all objects in one object stream (number `size`), and a cross-reference stream (one more).
    pub(crate) fn streams(&self) -> Vec<u8> {
        let (mut head, mut data) = (String::new(), String::new());
        for (number, body) in &self.objects {
            head.push_str(&format!("{number} {} ", data.len()));
            data.push_str(&format!("{body} "));
        }
        let (container, xref, first) = (self.size(), self.size() + 1, head.len());
        let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        let place = bytes.len();
        let (count, length) = (self.objects.len(), head.len() + data.len());
        bytes.extend(
            format!("{container} 0 obj\n<< /Type /ObjStm /N {count} /First {first} /Length {length} >>\nstream\n{head}{data}\nendstream\nendobj\n")
                .bytes(),
        );
        let startxref = bytes.len();
        let mut records = vec![0, 0, 0, 0, 255, 255];
        for number in 1..container {
            match self.objects.iter().position(|(known, _)| *known == number) {
                Some(index) => records.extend([2, 0, 0, container as u8, 0, index as u8]),
                None => records.extend([0; 6]),
            }
        }
        for offset in [place, startxref] {
            let offset = (offset as u32).to_be_bytes();
            records.extend([1, offset[1], offset[2], offset[3], 0, 0]);
        }
        let (size, trailer, length) = (xref + 1, &self.trailer, records.len());
        bytes.extend(
            format!("{xref} 0 obj\n<< /Type /XRef /Size {size} /Root 1 0 R {trailer} /W [1 3 2] /Length {length} >>\nstream\n")
                .bytes(),
        );
        bytes.extend(records);
        bytes.extend(format!("\nendstream\nendobj\nstartxref\n{startxref}\n%%EOF\n").bytes());
        bytes
    }

    /// One more than the highest object number.
    pub(crate) fn size(&self) -> u32 {
        self.objects.iter().map(|(number, _)| *number).max().unwrap_or(0) + 1
    }
}

/// A seal at a fixed time.
pub(crate) fn plain_seal() -> SealKind<'static> {
    SealKind::Seal { at: "2026-04-01T09:00:00Z".parse().unwrap(), name: None, reason: None, location: None }
}

/// Prepares a file of those bytes.
pub(crate) fn prepare(
    pdf: &[u8],
    placement: Placement<'_>,
    kind: SealKind<'_>,
    reserved: usize,
) -> Result<Prepared, Error> {
    pades::prepare(&Document::parse(pdf)?, placement, kind, reserved)
}

/// Appends validation material to a file of those bytes.
pub(crate) fn append(pdf: &[u8], material: &security_store::Material, contents: &[&[u8]]) -> Result<Vec<u8>, Error> {
    security_store::append(&Document::parse(pdf)?, material, contents)
}

/// Prepares and embeds a few bytes that stand for a CMS.
pub(crate) fn seal(pdf: &[u8], placement: Placement<'_>, kind: SealKind<'_>) -> Vec<u8> {
    prepare(pdf, placement, kind, 64).unwrap().embed(b"CMS").unwrap()
}

/// The object numbers that a revision lists, free ones left out.
pub(crate) fn written(document: &Document, revision: usize) -> Vec<u32> {
    let entries = document.revisions()[revision].entries();
    entries
        .iter()
        .filter(|(_, entry)| matches!(entry, pades::XrefEntry::InUse { .. }))
        .map(|(number, _)| *number)
        .collect()
}

/// The text of the last revision.
pub(crate) fn last_revision(bytes: &[u8]) -> String {
    let document = Document::parse(bytes).unwrap();
    String::from_utf8_lossy(&bytes[document.last_revision().range.clone()]).into_owned()
}

/// A handed case, or `None` with a note; with REQUIRE_CORPORA=1 a missing one fails the test.
pub(crate) fn case(name: &str) -> Option<Vec<u8>> {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(shared, std::path::PathBuf::from);
    let found = std::fs::read(corpora.join("../cases").join(name));
    if found.is_err() {
        assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "case {name} not found");
        eprintln!("skipped: case {name} not found");
    }
    found.ok()
}
