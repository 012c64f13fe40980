//! Opening a file. In: all its bytes. Out: a [`Document`] with its structure read, and what makes its strings and streams readable
//! if they are encrypted (ISO 32000-1 clause 7.6).

use crate::{
    document::Document,
    encryption::{self, Encryption},
    error::Error,
    limits::Limits,
    object::Object,
    resolve::View,
};

impl Document {
    /// Reads the structure of a PDF with the default limits.
    ///
    /// Encrypted and hybrid files, and others whose reading is unambiguous in spite of a fault, are read too, and the fault
    /// stands in [`Document::irregularities`]; see [`Document::check_updatable`].
    ///
    /// # Errors
    /// [`Error::NotPdf`], [`Error::Truncated`], [`Error::Damaged`] and [`Error::LimitExceeded`]: nothing is repaired.
    ///
    /// ```
    /// # fn main() -> Result<(), pades::Error> {
    /// let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
    ///     0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";
    /// let document = pades::Document::parse(pdf.as_slice())?;
    /// assert_eq!(document.revisions().len(), 1);
    /// assert!(document.signatures().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Document, Error> {
        Document::parse_within(bytes, Limits::default())
    }

    /// Reads the structure of a file that goes on where another one ends, as an incremental update does (ISO 32000-1 clause 7.5.6): what
    /// was parsed of that one is not parsed again.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn continuing(before: &Document, bytes: impl Into<Vec<u8>>) -> Result<Document, Error> {
        let mut document = Document::parse(bytes)?;
        if document.bytes.starts_with(&before.bytes) {
            document.remembered = before.remembered_before(before.bytes.len());
        }
        Ok(document)
    }

    /// Reads the structure of a PDF within other limits.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(bytes: impl Into<Vec<u8>>, limits: Limits) -> Result<Document, Error> {
        let mut document = Document::with_structure(bytes.into(), limits)?;
        document.encryption = encryption(document.latest());
        Ok(document)
    }
}

/// What /Encrypt of the newest trailer says; `None` without one. `view` must not decrypt yet.
fn encryption(view: View<'_>) -> Option<Result<Encryption, Error>> {
    let trailer = view.trailer();
    let value = trailer.get("Encrypt")?;
    let locked = || Error::Encrypted { offset: trailer.token.start };
    let own = value.as_reference();
    let dictionary = match value {
        Object::Dictionary(dictionary) => Some(dictionary.clone()),
        Object::Reference(reference) => match view.object(*reference) {
            Ok(Some(located)) => located.object.as_dictionary().cloned(),
            _ => None,
        },
        _ => None,
    };
    let identifier = trailer.get("ID").and_then(Object::as_array).and_then(<[_]>::first).and_then(Object::as_string);
    let identifier = identifier.map(|text| text.bytes.clone()).unwrap_or_default();
    Some(dictionary.and_then(|dictionary| encryption::read(&dictionary, &identifier, own)).ok_or_else(locked))
}
