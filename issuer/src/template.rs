//! The certificate as a page: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), with the badge attached and the seal's fields
//! prepared. In: completion data, number, signed badge, settings, fonts, a time. Out: the same bytes for the same input.

mod block;
mod body;
mod foot;
mod head;
mod lines;
mod node;
mod ornament;
mod qr;
mod seal_picture;
mod words;
mod writer;

use jiff::Timestamp;
use krilla::color::rgb;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, Stroke};
use sealing::ARCHIVE_TIME_STAMP_FIELD;

use crate::badge::SignedBadge;
use crate::completion::Completion;
use crate::error::Error;
use crate::field::{self, Appearance, PreparedField, Shape};
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::settings::Settings;

pub use seal_picture::SealText;

/// Name of the prepared field of the e-seal.
pub const SEAL_FIELD: &str = "Seal";

/// File name of the badge in the PDF.
pub const BADGE_ATTACHMENT: &str = "badge.jwt";

/// One millimetre in points.
const MILLIMETRE: f32 = 72.0 / 25.4;

/// A4.
const PAGE_WIDTH: f32 = 210.0 * MILLIMETRE;
const PAGE_HEIGHT: f32 = 297.0 * MILLIMETRE;

/// The column of text.
const LEFT: f32 = 66.0;
const RIGHT: f32 = PAGE_WIDTH - LEFT;
const CENTER: f32 = PAGE_WIDTH / 2.0;

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
    Ok(Rendered { pdf: field::prepare(&written.pdf, &[seal, archive])?, texts: written.texts })
}

/// The colours of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Text,
    Grey,
    Navy,
    Gold,
    Red,
    Black,
    Background,
    Watermark,
}

impl Ink {
    /// Text colours have a contrast to white of at least 4.5 : 1 (WCAG 2.2, 1.4.3).
    fn color(self) -> rgb::Color {
        let (red, green, blue) = match self {
            Self::Text => (0x1A, 0x1F, 0x2B),
            Self::Grey => (0x55, 0x5D, 0x6B),
            Self::Navy => (0x16, 0x30, 0x5A),
            Self::Gold => (0x8F, 0x6B, 0x1E),
            Self::Red => (0xA3, 0x14, 0x2A),
            Self::Black => (0, 0, 0),
            Self::Background => (0xEF, 0xE7, 0xD2),
            Self::Watermark => (0xEC, 0xEE, 0xF2),
        };
        rgb::Color::new(red, green, blue)
    }

    fn fill(self) -> Fill {
        Fill { paint: self.color().into(), opacity: NormalizedF32::ONE, ..Fill::default() }
    }

    fn stroke(self, width: f32) -> Stroke {
        Stroke { paint: self.color().into(), width, ..Stroke::default() }
    }
}

#[cfg(test)]
mod tests;
