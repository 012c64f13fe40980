//! The colours of the certificate, and how krilla fills and strokes with them.

use std::fmt;
use std::str::FromStr;

use krilla::color::rgb;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, Stroke};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Least contrast of a text to white (WCAG 2.2, 1.4.3).
const LEAST_CONTRAST: f64 = 4.5;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ink {
    #[default]
    Text,
    Grey,
    Navy,
    Gold,
    Red,
    Black,
    Background,
    Watermark,
    /// A template's own, dark enough for texts.
    Own([u8; 3]),
}

/// Those that a template may name.
const NAMES: [(&str, Ink); 6] = [
    ("text", Ink::Text),
    ("grey", Ink::Grey),
    ("navy", Ink::Navy),
    ("gold", Ink::Gold),
    ("red", Ink::Red),
    ("black", Ink::Black),
];

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
            Self::Own([red, green, blue]) => (red, green, blue),
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

impl FromStr for Ink {
    type Err = String;

    fn from_str(text: &str) -> Result<Ink, String> {
        if let Some((_, ink)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(*ink);
        }
        let octets = text.strip_prefix('#').and_then(|digits| hex::decode(digits).ok());
        let Some(colour) = octets.and_then(|octets| <[u8; 3]>::try_from(octets).ok()) else {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            let meant = world::toml_text::nearest(text, names.iter().copied());
            let meant = meant.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
            return Err(format!("wanted a colour, {} or #RRGGBB; found {text:?}{meant}", names.join(", ")));
        };
        let contrast = contrast_to_white(colour);
        if contrast < LEAST_CONTRAST {
            let why = "which texts need to be read by everybody (WCAG 2.2, 1.4.3)";
            return Err(format!(
                "wanted a colour whose contrast to white is 4.5 : 1, {why}; {text} has {contrast:.1} : 1"
            ));
        }
        Ok(Ink::Own(colour))
    }
}

impl fmt::Display for Ink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, NAMES.iter().find(|(_, ink)| ink == self)) {
            (Self::Own(colour), _) => write!(formatter, "#{}", hex::encode_upper(colour)),
            (_, Some((name, _))) => formatter.write_str(name),
            (_, None) => write!(formatter, "{self:?}"),
        }
    }
}

impl Serialize for Ink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ink, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Contrast ratio to white, from 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance").
pub(crate) fn contrast_to_white(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|octet| {
        let part = f64::from(octet) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pale_colour_is_refused_with_its_contrast_and_a_slip_of_the_pen_is_understood() {
        assert_eq!("#16305A".parse::<Ink>().unwrap().to_string(), "#16305A");
        assert!("#C0C0C0".parse::<Ink>().unwrap_err().contains("1.8 : 1"));
        assert!("nvy".parse::<Ink>().unwrap_err().contains("did you mean \"navy\""));
        assert!("#12".parse::<Ink>().is_err());
    }
}
