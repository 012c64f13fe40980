//! The certificate as a page: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), with the badge attached and the seal's fields
//! prepared. In: completion data, number, signed badge, settings, fonts, a time. Out: the same bytes for the same input.

mod block;
mod body;
mod foot;
mod head;
mod ink;
mod lines;
mod node;
mod ornament;
mod qr;
mod seal_picture;
mod sheet;
mod style;
mod words;
mod writer;

use jiff::Timestamp;
use sealing::ARCHIVE_TIME_STAMP_FIELD;

use crate::badge::SignedBadge;
use crate::completion::Completion;
use crate::error::Error;
use crate::field::{self, Appearance, PreparedField, Shape};
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::settings::Settings;

pub use writer::BADGE_ATTACHMENT;

/// Name of the prepared field of the e-seal.
pub const SEAL_FIELD: &str = "Seal";

/// An unsealed certificate.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The PDF: one revision, with the empty fields [`SEAL_FIELD`] and [`ARCHIVE_TIME_STAMP_FIELD`].
    pub pdf: Vec<u8>,
    /// The texts of the page in reading order, one string for each text.
    pub texts: Vec<String>,
}

/// Renders one certificate.
///
/// # Errors
/// [`Error::MissingGlyph`], [`Error::TextTooLong`], [`Error::PageFull`] and [`Error::CompletionInvalid`] name the member that
/// cannot be printed; [`Error::PdfRefused`] and [`Error::PdfStructure`] are defects of this program.
pub fn render(
    completion: &Completion,
    number: &CertificateNumber,
    badge: &SignedBadge,
    settings: &Settings,
    typefaces: &Typefaces,
    at: Timestamp,
) -> Result<Rendered, Error> {
    let days = completion.days(at)?;
    let page = writer::Page { completion, number, days: &days, badge, settings, typefaces, at };
    let written = page.write()?;
    let organization = settings.organization();
    let content = seal_picture::content(typefaces, &organization.seal, days.issued_on)?;
    let seal = PreparedField {
        name: SEAL_FIELD,
        shape: Shape::Merged,
        description: format!(
            "{}「{}」: {}のeシール / Square seal, e-seal of {}",
            words::SEAL_ALTERNATIVE_JA,
            organization.seal,
            organization.name_ja,
            organization.name_en
        ),
        rectangle: written.seal_rectangle,
        appearance: Some(Appearance { content, width: seal_picture::SIDE, height: seal_picture::SIDE }),
    };
    let archive = PreparedField {
        name: ARCHIVE_TIME_STAMP_FIELD,
        shape: Shape::Split,
        description: "長期保存用タイムスタンプ / Archive time-stamp".to_owned(),
        rectangle: [0.0; 4],
        appearance: None,
    };
    Ok(Rendered { pdf: field::prepare(written.pdf, &[seal, archive])?, texts: written.texts })
}

#[cfg(test)]
mod scripts;
#[cfg(test)]
mod tests;
