//! What is left of a file that [`Document::parse`] refuses. In: all bytes. Out: how far the file reads, and whether a seal can
//! still be seen in it, so that a verdict can tell a damaged sealed file from a file without seals.
//!
//! A signature is reached through the form or a page (ISO 32000-1 clause 12.7), never by searching the text: nothing found here is
//! one, it is a sign that there was one.

use memchr::memmem;

use crate::document::Document;

/// What is left of an unreadable file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The end of the longest beginning of the file that ends after a `%%EOF` and reads by itself.
    pub readable: Option<usize>,
    /// Where the name `/ByteRange` stands in the bytes.
    pub byte_ranges: Vec<usize>,
}

/// How many `%%EOF` are tried from the end, and how many `/ByteRange` are listed: more than any file seen in the field has.
const MAX_PLACES: usize = 64;

/// Looks at a file that cannot be read as a whole.
pub fn remains(bytes: &[u8]) -> Remains {
    let ends = memmem::rfind_iter(bytes, b"%%EOF").map(|place| place + 5);
    let with_line_end = ends.map(|end| match &bytes[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [b'\r' | b'\n', ..] => end + 1,
        _ => end,
    });
    let readable = with_line_end.take(MAX_PLACES).find(|end| Document::parse(&bytes[..*end]).is_ok());
    Remains { readable, byte_ranges: memmem::find_iter(bytes, b"/ByteRange").take(MAX_PLACES).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
        0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";

    #[test]
    fn a_damaged_later_revision_leaves_the_earlier_one_readable() {
        let damaged = [PDF, b"5 0 obj << /ByteRange [0 1 2 3] >>\nstartxref\n7\n%%EOF\n"].concat();
        assert!(Document::parse(damaged.as_slice()).is_err());
        assert_eq!(remains(&damaged), Remains { readable: Some(PDF.len()), byte_ranges: vec![PDF.len() + 11] });
    }

    #[test]
    fn garbage_leaves_nothing() {
        assert_eq!(remains(b"no PDF %%EOF"), Remains { readable: None, byte_ranges: vec![] });
    }
}
