//! BER to DER, ITU-T X.690 clause 8.1.3 and 10. In: BER as some CMS writers leave it. Out: the same in DER.
//!
//! Indefinite and long-winded lengths become definite and short, OCTET STRINGs in pieces become whole; all other octets
//! stay as they are, so that whatever was DER inside (certificates, signed attributes) keeps its octets.

use crate::Error;
use crate::asn1::OCTET_STRING;
use crate::asn1::write;

const CONSTRUCTED: u8 = 0x20;

/// Deepest nesting; a time-stamp in a seal with an attribute certificate has about 25 levels.
const MAX_DEPTH: usize = 48;

/// The first element of `bytes` in DER, and how many octets it took.
pub(crate) fn to_der(bytes: &[u8], structure: &'static str) -> Result<(Vec<u8>, usize), Error> {
    if let Some(taken) = der_length(bytes, 0) {
        return Ok((bytes[..taken].to_vec(), taken));
    }
    let mut converter = Converter { bytes, position: 0, structure };
    let mut out = Vec::with_capacity(bytes.len());
    converter.element(&mut out, 0)?;
    Ok((out, converter.position))
}

/// How long the first element is, if there is nothing in it to convert.
fn der_length(bytes: &[u8], depth: usize) -> Option<usize> {
    let (&[tag, first], _) = bytes.split_first_chunk()?;
    if depth > MAX_DEPTH || tag & 0x1f == 0x1f || tag == OCTET_STRING | CONSTRUCTED {
        return None;
    }
    let octets = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    let length = match octets {
        0 if first < 0x80 => usize::from(first),
        1..=8 => bytes.get(2..2 + octets)?.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet)),
        _ => return None,
    };
    let shortest = length >= 0x80 && length >> (8 * (octets.max(1) - 1)) != 0;
    let (start, end) = (2 + octets, (2 + octets).checked_add(length)?);
    if end > bytes.len() || octets > 0 && !shortest {
        return None;
    }
    let mut position = start;
    while tag & CONSTRUCTED != 0 && position < end {
        position += der_length(&bytes[position..end], depth + 1)?;
    }
    Some(end)
}

/// One element as it stands in BER.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) tag: u8,
    /// Without end-of-contents octets.
    pub(crate) value: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// The elements one after the other, not converted; `None` if one is not BER that [`to_der`] reads. Each octet is looked at
/// once for each level that has an indefinite length.
pub(crate) fn pieces(bytes: &[u8]) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut reader = Converter { bytes, position: 0, structure: "BER" };
    while reader.position < bytes.len() {
        let start = reader.position;
        let tag = reader.octet().ok()?;
        let (inside, end) = match reader.length().ok()? {
            Some(length) => {
                let inside = reader.position;
                reader.position = inside.checked_add(length).filter(|end| *end <= bytes.len())?;
                (inside, reader.position)
            }
            None => {
                let inside = reader.position;
                reader.skip_to_end_of_contents()?;
                (inside, reader.position - 2)
            }
        };
        found.push(Piece { tag, value: &bytes[inside..end], raw: &bytes[start..reader.position] });
    }
    Some(found)
}

struct Converter<'a> {
    bytes: &'a [u8],
    position: usize,
    structure: &'static str,
}

impl<'a> Converter<'a> {
    fn element(&mut self, out: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(self.malformed("at most 48 levels", "more"));
        }
        let tag = self.octet()?;
        if tag & 0x1f == 0x1f {
            return Err(self.malformed("a tag number below 31", "a higher one"));
        }
        let end = match self.length()? {
            Some(length) => {
                let end = self.position.checked_add(length).filter(|end| *end <= self.bytes.len());
                Some(end.ok_or_else(|| {
                    self.malformed("an element inside its parent", format!("{length} octets announced"))
                })?)
            }
            None if tag & CONSTRUCTED == 0 => {
                return Err(self.malformed("a definite length of a primitive", "an indefinite one"));
            }
            None => None,
        };
        match end {
            Some(end) if tag & CONSTRUCTED == 0 => {
                let value = &self.bytes[self.position..end];
                self.position = end;
                write::header(out, tag, value.len());
                out.extend_from_slice(value);
            }
            _ => {
                let pieces = tag == OCTET_STRING | CONSTRUCTED;
                let inside = self.inside(end, depth, pieces)?;
                write::header(out, if pieces { OCTET_STRING } else { tag }, inside.len());
                out.extend_from_slice(&inside);
            }
        }
        Ok(())
    }

    /// Goes behind the end-of-contents octets that belong to an indefinite length just read.
    fn skip_to_end_of_contents(&mut self) -> Option<()> {
        let mut open = 1;
        while open > 0 {
            if self.bytes[self.position..].starts_with(&[0, 0]) {
                (self.position, open) = (self.position + 2, open - 1);
                continue;
            }
            self.octet().ok()?;
            match self.length().ok()? {
                Some(length) => {
                    self.position = self.position.checked_add(length).filter(|end| *end <= self.bytes.len())?;
                }
                None => open += 1,
            }
        }
        Some(())
    }

    /// The elements up to `end`, or up to the end-of-contents octets; of the pieces of a string, their values.
    fn inside(&mut self, end: Option<usize>, depth: usize, pieces: bool) -> Result<Vec<u8>, Error> {
        let mut inside = Vec::new();
        loop {
            match end {
                Some(end) if self.position == end => return Ok(inside),
                Some(end) if self.position > end => {
                    return Err(self.malformed("an element inside its parent", "a longer one"));
                }
                None if self.bytes[self.position..].starts_with(&[0, 0]) => {
                    self.position += 2;
                    return Ok(inside);
                }
                _ => {}
            }
            if !pieces {
                self.element(&mut inside, depth + 1)?;
                continue;
            }
            let mut piece = Vec::new();
            self.element(&mut piece, depth + 1)?;
            inside.extend_from_slice(crate::asn1::single(&piece, OCTET_STRING, self.structure)?.value);
        }
    }

    fn octet(&mut self) -> Result<u8, Error> {
        let octet = self.bytes.get(self.position).copied().ok_or_else(|| self.malformed("another octet", "the end"))?;
        self.position += 1;
        Ok(octet)
    }

    /// `None` is the indefinite length.
    fn length(&mut self) -> Result<Option<usize>, Error> {
        match self.octet()? {
            0x80 => Ok(None),
            short @ 0..0x80 => Ok(Some(short.into())),
            octets @ 0x81..=0x88 => {
                let mut length = 0_usize;
                for _ in 0..octets & 0x7f {
                    length = length << 8 | usize::from(self.octet()?);
                }
                Ok(Some(length))
            }
            _ => Err(self.malformed("a length of at most eight octets", "a longer one")),
        }
    }

    fn malformed(&self, expected: &'static str, found: impl Into<String>) -> Error {
        Error::Malformed { structure: self.structure, offset: self.position, expected, found: found.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn converted(hexadecimal: &str) -> String {
        let bytes = hex::decode(hexadecimal.replace(' ', "")).unwrap();
        hex::encode(to_der(&bytes, "test").unwrap().0)
    }

    #[test]
    fn indefinite_lengths_and_pieces_of_strings_become_der() {
        assert_eq!(converted("3080 020105 0000"), "3003020105");
        assert_eq!(converted("3080 2480 0401aa 0402bbcc 0000 0000"), "30050403aabbcc");
        assert_eq!(converted("2405 0401aa 0400"), "0401aa");
        assert_eq!(converted("308200 03 020105"), "3003020105");
    }

    #[test]
    fn der_stays_as_it_is_and_what_follows_is_left() {
        let der = crate::testing::Party::root(crate::KeyKind::P256).certificate.der().to_vec();
        let (converted, taken) = to_der(&[&der[..], &[0, 0, 1]].concat(), "test").unwrap();
        assert_eq!((converted, taken), (der.clone(), der.len()));
    }

    #[test]
    fn endless_nesting_and_open_ends_are_refused() {
        for bytes in [
            [0x30, 0x80].repeat(100),
            vec![0x30, 0x80],
            vec![0x04, 0x80, 0, 0],
            vec![0x30, 0x02, 0x04, 0x05, 0, 0, 0, 0, 0],
        ] {
            assert!(matches!(to_der(&bytes, "test"), Err(Error::Malformed { .. })), "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_converted_is_der_and_stays_so(bytes in prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 4, 0x24, 0x30, 0x80, 0x81]), 0..40)) {
            let (mut out, mut converter) = (Vec::new(), Converter { bytes: &bytes, position: 0, structure: "random" });
            let converted = converter.element(&mut out, 0).ok().map(|()| (out, converter.position));
            prop_assert_eq!(to_der(&bytes, "random").ok(), converted, "what is DER already takes a shorter way");
            if let Ok((der, taken)) = to_der(&bytes, "random") {
                prop_assert!(taken <= bytes.len());
                prop_assert_eq!(to_der(&der, "random").unwrap(), (der.clone(), der.len()));
                prop_assert!(crate::asn1::Reader::new(&der, "random").element().is_ok());
            }
        }
    }
}
