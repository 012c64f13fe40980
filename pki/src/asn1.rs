//! ASN.1 in its distinguished encoding, ITU-T X.690: **the** reader and writer. In: bytes. Out: [`Element`]s that keep their
//! original octets and offset, read strictly; and what [`write`](mod@write) makes.
//!
//! Signatures are verified over the octets as they came, so nothing that is read is ever encoded again. Refused: indefinite
//! and non-minimal lengths, tag numbers above 30, lengths beyond the input. Tolerated while reading, because field data
//! has them: DEFAULT values that are written out, and SETs that are out of order.
//!
//! ```
//! use pki::asn1::{self, INTEGER, SEQUENCE, write};
//! let der = write::sequence(&[&write::unsigned(5), &write::octet_string(b"five")]);
//! let mut reader = asn1::single(&der, SEQUENCE, "Pair")?.reader();
//! let number = reader.expect(INTEGER, "the number")?;
//! assert_eq!((number.unsigned()?, number.range()), (5, 2..5));
//! assert_eq!(reader.element()?.value, b"five");
//! reader.finish()?;
//! # Ok::<(), pki::Error>(())
//! ```

use std::ops::Range;

use jiff::Timestamp;

use crate::{Error, ObjectIdentifier};

pub(crate) mod time;
pub mod write;

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING, primitive.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING, primitive.
pub const OCTET_STRING: u8 = 0x04;
/// NULL.
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// UTF8String.
pub const UTF8_STRING: u8 = 0x0c;
/// PrintableString.
pub const PRINTABLE_STRING: u8 = 0x13;
/// IA5String.
pub const IA5_STRING: u8 = 0x16;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET and SET OF.
pub const SET: u8 = 0x31;

/// Context-specific, primitive: `[number] IMPLICIT` of a primitive type.
pub const fn context(number: u8) -> u8 {
    0x80 | number
}

/// Context-specific, constructed: `[number] EXPLICIT`, or IMPLICIT of a SEQUENCE or SET.
pub const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// Walks over the elements of one level.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    input: &'a [u8],
    position: usize,
    /// Where `input` begins, counted from the start of the outermost structure.
    base: usize,
    structure: &'static str,
}

/// One tag-length-value.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// The identifier octet: class, constructed or not, number.
    pub tag: u8,
    /// What is inside.
    pub value: &'a [u8],
    /// Tag, length and value as they came.
    pub raw: &'a [u8],
    offset: usize,
    structure: &'static str,
}

/// Octets for an error's text: the first of them, so that megabytes of a number do not become megabytes of text.
pub(crate) fn shown(octets: &[u8]) -> String {
    const MOST: usize = 24;
    match octets.len() {
        0..=MOST => format!("{octets:02x?}"),
        all => format!("{:02x?} and {} more", &octets[..MOST], all - MOST),
    }
}

/// Reads the one element that `der` consists of, and expects `tag`.
///
/// # Errors
/// [`Error::Malformed`] if it is another one, or something stands after it; [`Error::IndefiniteLength`].
pub fn single<'a>(der: &'a [u8], tag: u8, structure: &'static str) -> Result<Element<'a>, Error> {
    let mut reader = Reader::new(der, structure);
    let element = reader.expect(tag, structure)?;
    reader.finish()?;
    Ok(element)
}

impl<'a> Reader<'a> {
    /// Over `input`; errors name the `structure`.
    pub fn new(input: &'a [u8], structure: &'static str) -> Self {
        Self { input, position: 0, base: 0, structure }
    }

    /// Whether everything was read.
    pub fn at_end(&self) -> bool {
        self.position >= self.input.len()
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.input.get(self.position).copied()
    }

    /// Everything that was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.input[self.position..]
    }

    /// The next element, whatever it is.
    ///
    /// # Errors
    /// [`Error::Malformed`] if there is none that is whole, [`Error::IndefiniteLength`].
    pub fn element(&mut self) -> Result<Element<'a>, Error> {
        let start = self.position;
        let input = &self.input[start..];
        let (&tag, &first) = match input {
            [] => return Err(self.malformed(start, "another element", "the end")),
            [tag] if tag & 0x1f != 0x1f => return Err(self.malformed(start + 1, "a length", "the end")),
            [tag, ..] if tag & 0x1f == 0x1f => {
                return Err(self.malformed(start, "a tag number below 31", "a higher one"));
            }
            [tag, first, ..] => (tag, first),
            [_] => unreachable!("the guards above cover every single octet"),
        };
        let (header, length) = match first {
            0..=0x7f => (2, usize::from(first)),
            0x80 => return Err(Error::IndefiniteLength { structure: self.structure, offset: self.base + start + 1 }),
            0x81..=0x84 => self.long_length(start, usize::from(first & 0x7f))?,
            _ => return Err(self.malformed(start + 1, "a length of at most four octets", "a longer one")),
        };
        let available = input.len() - header.min(input.len());
        if length > available {
            return Err(self.malformed(
                start,
                "an element inside its parent",
                format!("{length} octets announced, {available} there"),
            ));
        }
        let raw = &input[..header + length];
        self.position = start + raw.len();
        Ok(Element { tag, value: &raw[header..], raw, offset: self.base + start, structure: self.structure })
    }

    fn long_length(&self, start: usize, octets: usize) -> Result<(usize, usize), Error> {
        let Some(bytes) = self.input.get(start + 2..start + 2 + octets) else {
            return Err(self.malformed(start + 1, "a whole length", "the end"));
        };
        let length = bytes.iter().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        if length < 0x80 || bytes[0] == 0 {
            return Err(self.malformed(start + 1, "the shortest form of the length", "a longer form"));
        }
        Ok((2 + octets, length))
    }

    /// The next element, which must have this tag; `wanted` goes into the error.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it has another one; those of [`element`](Self::element).
    pub fn expect(&mut self, tag: u8, expected: &'static str) -> Result<Element<'a>, Error> {
        match self.peek() {
            Some(found) if found == tag => self.element(),
            Some(found) => Err(self.malformed(self.position, expected, format!("tag {found:02x}"))),
            None => Err(self.malformed(self.position, expected, "the end")),
        }
    }

    /// The next element, if it has this tag.
    ///
    /// # Errors
    /// Those of [`element`](Self::element).
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Error> {
        if self.peek() == Some(tag) { self.element().map(Some) } else { Ok(None) }
    }

    /// SEQUENCE, as a walk over its inside.
    ///
    /// # Errors
    /// Those of [`expect`](Self::expect).
    pub fn sequence(&mut self, expected: &'static str) -> Result<Reader<'a>, Error> {
        Ok(self.expect(SEQUENCE, expected)?.reader())
    }

    /// The next element, an object identifier.
    ///
    /// # Errors
    /// Those of [`expect`](Self::expect) and [`Element::oid`].
    pub fn oid(&mut self, expected: &'static str) -> Result<ObjectIdentifier, Error> {
        self.expect(OID, expected)?.oid()
    }

    /// All elements up to the end.
    ///
    /// # Errors
    /// Those of [`element`](Self::element).
    pub fn elements(&mut self) -> Result<Vec<Element<'a>>, Error> {
        let mut all = Vec::new();
        while !self.at_end() {
            all.push(self.element()?);
        }
        Ok(all)
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// [`Error::Malformed`] if something is.
    pub fn finish(&self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(tag) => Err(self.malformed(self.position, "the end", format!("tag {tag:02x}"))),
        }
    }

    fn malformed(&self, position: usize, expected: &'static str, found: impl Into<String>) -> Error {
        Error::Malformed { structure: self.structure, offset: self.base + position, expected, found: found.into() }
    }
}

impl<'a> Element<'a> {
    /// Walks over the inside. An IMPLICIT string of the X.509 shape works too: only the value counts.
    pub fn reader(&self) -> Reader<'a> {
        Reader { input: self.value, position: 0, base: self.offset + self.header(), structure: self.structure }
    }

    fn header(&self) -> usize {
        self.raw.len() - self.value.len()
    }

    /// Where the whole element lies in the outermost structure.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.raw.len()
    }

    /// Where the value lies in the outermost structure.
    pub fn value_range(&self) -> Range<usize> {
        self.offset + self.header()..self.offset + self.raw.len()
    }

    /// An error at this element: what was wanted and what was found.
    pub fn malformed(&self, expected: &'static str, found: impl Into<String>) -> Error {
        Error::Malformed { structure: self.structure, offset: self.offset, expected, found: found.into() }
    }

    /// The only element inside, as in `[0] EXPLICIT`.
    ///
    /// # Errors
    /// [`Error::Malformed`] if another element is inside, or more than one.
    pub fn explicit(&self, tag: u8, expected: &'static str) -> Result<Element<'a>, Error> {
        let mut reader = self.reader();
        let inner = reader.expect(tag, expected)?;
        reader.finish()?;
        Ok(inner)
    }

    /// An object identifier.
    ///
    /// # Errors
    /// [`Error::Malformed`] if its arcs are not whole.
    pub fn oid(&self) -> Result<ObjectIdentifier, Error> {
        ObjectIdentifier::from_bytes(self.value)
            .map_err(|_| self.malformed("an object identifier", format!("octets {}", shown(self.value))))
    }

    /// A BOOLEAN as DER has it.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is not one octet 00 or ff.
    pub fn boolean(&self) -> Result<bool, Error> {
        match self.value {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            other => Err(self.malformed("BOOLEAN 00 or ff", shown(other))),
        }
    }

    /// INTEGER content in its shortest form (X.690 clause 8.3.2).
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is empty or longer than needed.
    pub fn integer(&self) -> Result<&'a [u8], Error> {
        match self.value {
            [] => Err(self.malformed("an INTEGER", "no octets")),
            [0x00, next, ..] if *next < 0x80 => Err(self.malformed("the shortest INTEGER", "a leading zero octet")),
            [0xff, next, ..] if *next >= 0x80 => Err(self.malformed("the shortest INTEGER", "a leading ff octet")),
            value => Ok(value),
        }
    }

    /// A non-negative INTEGER of at most 64 bits.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is negative, larger, or longer than needed.
    pub fn unsigned(&self) -> Result<u64, Error> {
        let content = self.integer()?;
        let magnitude = content.strip_prefix(&[0]).unwrap_or(content);
        if content[0] >= 0x80 || magnitude.len() > 8 {
            return Err(self.malformed("an INTEGER from 0 to 2^64-1", shown(content)));
        }
        Ok(magnitude.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// A BIT STRING of whole octets.
    ///
    /// # Errors
    /// [`Error::Malformed`] if bits are unused.
    pub fn bit_octets(&self) -> Result<&'a [u8], Error> {
        match self.value {
            [0, octets @ ..] => Ok(octets),
            [unused, ..] => Err(self.malformed("a BIT STRING of whole octets", format!("{unused} unused bits"))),
            [] => Err(self.malformed("a BIT STRING", "no octets")),
        }
    }

    /// A BIT STRING of named bits: bit 0 is the highest of the first octet. Bits after the 32nd are not looked at.
    ///
    /// # Errors
    /// [`Error::Malformed`] if more bits are unused than there are.
    pub fn named_bits(&self) -> Result<u32, Error> {
        match self.value {
            [unused @ 0..=7, octets @ ..] if !(octets.is_empty() && *unused > 0) => Ok(octets
                .iter()
                .take(4)
                .enumerate()
                .flat_map(|(index, byte)| {
                    (0..8).filter(move |bit| byte & (0x80 >> bit) != 0).map(move |bit| index * 8 + bit)
                })
                .fold(0, |bits, bit| bits | 1 << bit)),
            other => Err(self.malformed("a BIT STRING", format!("{:02x?}", &other[..other.len().min(4)]))),
        }
    }

    /// UTCTime or GeneralizedTime.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it does not end in `Z`, or no such time exists.
    pub fn time(&self) -> Result<Timestamp, Error> {
        time::parse(self.tag, self.value).ok_or_else(|| {
            self.malformed("UTCTime or GeneralizedTime ending in Z", String::from_utf8_lossy(self.value))
        })
    }

    /// An IA5String.
    ///
    /// # Errors
    /// [`Error::Malformed`] if an octet is above 7f.
    pub fn ia5(&self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.value)
            .ok()
            .filter(|text| text.is_ascii())
            .ok_or_else(|| self.malformed("IA5String", "an octet above 7f"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_keep_their_octets_and_offsets() {
        let der = hex::decode("300a0201050603550403 0500".replace(' ', "")).unwrap();
        let outer = single(&der, SEQUENCE, "test").unwrap();
        let mut inside = outer.reader();
        let number = inside.expect(INTEGER, "number").unwrap();
        assert_eq!((number.unsigned().unwrap(), number.range(), number.value_range()), (5, 2..5, 4..5));
        assert_eq!(inside.oid("type").unwrap().to_string(), "2.5.4.3");
        assert!(inside.optional(INTEGER).unwrap().is_none());
        assert_eq!(inside.element().unwrap().tag, NULL);
        assert!(inside.finish().is_ok());
    }

    #[test]
    fn ber_indefinite_length_is_named_as_such() {
        let error = single(&[0x30, 0x80, 0x00, 0x00], SEQUENCE, "CMS").unwrap_err();
        assert_eq!(error, Error::IndefiniteLength { structure: "CMS", offset: 1 });
    }

    #[test]
    fn lengths_that_are_not_der_are_refused() {
        for bytes in ["308105", "30820005", "3005", "30", "1f8101", "3085ffffffffff", "3084ffffffff", "30820100"] {
            assert!(
                matches!(Reader::new(&hex::decode(bytes).unwrap(), "t").element(), Err(Error::Malformed { .. })),
                "{bytes}"
            );
        }
    }

    #[test]
    fn integers_must_be_in_their_shortest_form() {
        for (bytes, good) in
            [("020100", true), ("02020080", true), ("0202007f", false), ("0202ff80", false), ("0200", false)]
        {
            let der = hex::decode(bytes).unwrap();
            assert_eq!(Reader::new(&der, "t").element().unwrap().integer().is_ok(), good, "{bytes}");
        }
    }

    #[test]
    fn numbers_and_identifiers_of_megabytes_give_short_errors() {
        for tag in [INTEGER, OID, BOOLEAN] {
            let der = write::element(tag, &[&vec![0x7f; 5_000_000]]);
            let element = Reader::new(&der, "t").element().unwrap();
            let errors = [element.unsigned().err(), element.oid().err(), element.boolean().err()];
            assert!(errors.into_iter().flatten().all(|error| error.to_string().len() < 400));
            assert!(crate::SerialNumber::read(&element).is_err());
        }
    }

    #[test]
    fn named_bits_count_from_the_highest() {
        let der = hex::decode("03020780").unwrap();
        assert_eq!(single(&der, BIT_STRING, "t").unwrap().named_bits().unwrap(), 1);
        let der = hex::decode("030303 0128".replace(' ', "")).unwrap();
        assert_eq!(single(&der, BIT_STRING, "t").unwrap().named_bits().unwrap(), 1 << 7 | 1 << 10 | 1 << 12);
    }

    proptest! {
        #[test]
        fn random_octets_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = Reader::new(&bytes, "random");
            while let Ok(element) = reader.element() {
                prop_assert_eq!(&bytes[element.range()], element.raw);
                prop_assert_eq!(&bytes[element.value_range()], element.value);
                let _ = (element.oid().is_ok(), element.unsigned().is_ok(), element.named_bits().is_ok(), element.time().is_ok());
            }
        }
    }
}
