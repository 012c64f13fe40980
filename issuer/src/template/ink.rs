//! The colours of the certificate, and how krilla fills and strokes with them.

use krilla::color::rgb;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, Stroke};

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
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

    pub(super) fn fill(self) -> Fill {
        Fill { paint: self.color().into(), opacity: NormalizedF32::ONE, ..Fill::default() }
    }

    pub(super) fn stroke(self, width: f32) -> Stroke {
        Stroke { paint: self.color().into(), width, ..Stroke::default() }
    }
}
