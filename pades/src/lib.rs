//! PDF as a signature container: revisions, seals, byte ranges, updates. Pure: CMS is opaque bytes.
//!
//! Reading is exact: every object, cross-reference section and dictionary token keeps its offset, duplicates of keys stay
//! visible, and nothing is repaired, since a verdict over a repaired file is a verdict over another file. Reading is lazy and
//! limited: a large or hostile file costs bounded time and memory. Writing appends and never rewrites.
//!
//! - [`Document`]: the revisions of a file, its objects as each revision shows them ([`View`]), its signature fields.
//! - [`remains`]: what can still be seen of a file that is refused.
//! - [`prepare`] → [`Prepared::signed_parts`] → [`Prepared::embed`]: a seal or a document time-stamp as one more revision.
//! - [`security_store::append`]: validation material for the long term as one more revision.
//!
//! Standards: ISO 32000-1 (PDF 1.7) clauses 7, 12.7 and 12.8, ISO 32000-2 for the security store, ETSI EN 319 142-1 (PAdES),
//! and what ISO 19005 (PDF/A) and ISO 14289 (PDF/UA) demand of files that stay conforming when they are sealed.
//!
//! ```
//! # // one empty page
//! # let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\n\
//! # endobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\nxref\n0 4\n0000000000 65535 f \n\
//! # 0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n182\n%%EOF\n";
//! use pades::{Document, Placement, SealKind, SignatureKind};
//!
//! let document = Document::parse(pdf.as_slice())?;
//! let kind = SealKind::Seal { at: "2026-04-01T09:00:00Z".parse()?, name: None, reason: None, location: None };
//! let prepared = pades::prepare(&document, Placement::ExistingOrNew("Seal"), kind, 4096)?;
//! let [before, after] = prepared.signed_parts(); // hash these, have the hash signed
//! # let _ = (before, after);
//! let sealed = prepared.embed(b"DER of a CMS SignedData")?;
//! let sealed = Document::parse(sealed)?;
//! assert_eq!((sealed.revisions().len(), &sealed.signatures()[0].kind), (2, &SignatureKind::Seal));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod body;
mod document;
mod encryption;
mod error;
mod field;
mod field_lock;
mod filter;
mod form;
mod lexer;
mod limits;
mod linearization;
mod new_field;
mod object;
mod object_stream;
mod open;
mod page;
mod parser;
mod permission;
mod permissions_read;
mod placeholder;
mod prepare;
mod prepared;
mod readings;
mod remains;
mod remembered;
mod resolve;
mod revision;
mod scalar;
mod seal_kind;
pub mod security_store;
mod seed_value;
mod signature;
mod signature_dictionary;
mod signature_flags;
mod spelling;
mod tagging;
mod terms;
mod text;
mod unresolved;
mod update;
mod warning;
mod write;
mod xref;

pub use body::{Body, PhysicalObject};
pub use document::Document;
pub use encryption::Protection;
pub use error::{Departure, Error, Irregularity, Readings};
pub use field::{Origin, SignatureField, SignatureFields};
pub use field_lock::{FieldLock, LockedFields, Permission};
pub use limits::Limits;
pub use object::{Dictionary, Entry, Object, Stream};
pub use page::Page;
pub use permissions_read::Restrictions;
pub use prepare::{Placement, prepare};
pub use prepared::Prepared;
pub use remains::{Remains, remains};
pub use resolve::{Located, Location, View};
pub use revision::Revision;
pub use scalar::{Name, PdfString, Real, Reference, StringForm};
pub use seal_kind::SealKind;
pub use seed_value::{CertificateDemands, Demand, Demands, Force, NameAttributes, TimeStampDemand};
pub use signature::{Signature, SignatureKind, SignatureValue};
pub use warning::Warning;
pub use write::to_bytes;
pub use xref::{XrefEntry, XrefKind};
