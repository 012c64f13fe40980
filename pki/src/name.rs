//! Distinguished names, RFC 5280 §4.1.2.4 and §7.1, RFC 4514. In: DER or attributes. Out: text, DER and comparison.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use crate::asn1::write;
use crate::asn1::{self, Element, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING};
use crate::{Error, ObjectIdentifier, oid};

/// A distinguished name; it keeps the DER that it was read from, and is equal to another by it.
///
/// ```
/// let name = pki::Name::builder().country("JP").organization("Example").common_name("Example Seal").build();
/// assert_eq!(name.to_string(), "CN=Example Seal,O=Example,C=JP");
/// ```
#[derive(Clone)]
pub struct Name(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    /// RFC 4514, when it was first asked for: a verdict tells the same few names again and again.
    text: OnceLock<String>,
    canonical: OnceLock<Vec<u8>>,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_der() == other.as_der()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_der().hash(state);
    }
}

/// One attribute of a relative distinguished name.
struct Attribute<'a> {
    kind: ObjectIdentifier,
    value: Element<'a>,
}

impl Name {
    /// Begins an empty name; attributes are written in the order of the calls, one to a relative name.
    pub fn builder() -> NameBuilder {
        NameBuilder { relative_names: Vec::new() }
    }

    /// ```text
    /// Name ::= SEQUENCE OF RelativeDistinguishedName
    /// RelativeDistinguishedName ::= SET SIZE (1..MAX) OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no Name.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "Name")?)
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        walk(element, |_, _| {})?;
        Ok(Self::new(element.raw.to_vec()))
    }

    fn new(der: Vec<u8>) -> Self {
        Self(Arc::new(Inner { der, text: OnceLock::new(), canonical: OnceLock::new() }))
    }

    /// The DER that it was read from or built as.
    pub fn to_der(&self) -> Vec<u8> {
        self.0.der.clone()
    }

    /// The same without a copy.
    pub fn as_der(&self) -> &[u8] {
        &self.0.der
    }

    /// C, X.520 countryName.
    pub fn country(&self) -> Option<String> {
        self.attribute(oid::COUNTRY)
    }

    /// O, X.520 organizationName.
    pub fn organization(&self) -> Option<String> {
        self.attribute(oid::ORGANIZATION)
    }

    /// X.520 organizationIdentifier, as in `NTRJP-1234567890123`.
    pub fn organization_identifier(&self) -> Option<String> {
        self.attribute(oid::ORGANIZATION_IDENTIFIER)
    }

    /// CN, X.520 commonName.
    pub fn common_name(&self) -> Option<String> {
        self.attribute(oid::COMMON_NAME)
    }

    /// The first value of an attribute, if it is text.
    pub fn attribute(&self, kind: ObjectIdentifier) -> Option<String> {
        self.values(kind).into_iter().next()
    }

    /// Every value of an attribute that is text.
    pub fn values(&self, kind: ObjectIdentifier) -> Vec<String> {
        let names = self.relative_names();
        names
            .iter()
            .flatten()
            .filter(|attribute| attribute.kind == kind)
            .filter_map(|attribute| text(&attribute.value))
            .collect()
    }

    /// No attributes at all.
    pub fn is_empty(&self) -> bool {
        self.as_der().len() == 2
    }

    /// Whether both name the same entity: the same attributes in the same order, their text compared without regard to
    /// its encoding, to case, and to the amount of white space (RFC 5280 §7.1).
    pub fn matches(&self, other: &Self) -> bool {
        self == other || self.canonical() == other.canonical()
    }

    /// The attributes in a form that two names share exactly if they [match](Self::matches): a key for looking names up.
    pub fn canonical(&self) -> &[u8] {
        self.0.canonical.get_or_init(|| self.canonical_form())
    }

    fn canonical_form(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.as_der().len());
        for name in self.normalized() {
            key.extend((name.len() as u32).to_be_bytes());
            for (kind, value) in name {
                key.extend((kind.as_bytes().len() as u32).to_be_bytes());
                key.extend(kind.as_bytes());
                key.extend((value.len() as u32).to_be_bytes());
                key.extend(value);
            }
        }
        key
    }

    /// Whether this name lies in the subtree below `base`: its first relative names match those of `base` (RFC 5280
    /// §4.2.1.10).
    pub fn is_within(&self, base: &Self) -> bool {
        self.normalized().starts_with(&base.normalized())
    }

    fn normalized(&self) -> Vec<Vec<(ObjectIdentifier, Vec<u8>)>> {
        let comparable = |attribute: &Attribute<'_>| {
            let value = match text(&attribute.value) {
                Some(text) => text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").into_bytes(),
                None => attribute.value.raw.to_vec(),
            };
            (attribute.kind, value)
        };
        let mut names: Vec<Vec<_>> =
            self.relative_names().iter().map(|name| name.iter().map(comparable).collect()).collect();
        names.iter_mut().for_each(|name| name.sort());
        names
    }

    fn relative_names(&self) -> Vec<Vec<Attribute<'_>>> {
        asn1::single(self.as_der(), SEQUENCE, "Name")
            .and_then(|element| relative_names(&element))
            .expect("read once when the name was made")
    }
}

fn relative_names<'a>(element: &Element<'a>) -> Result<Vec<Vec<Attribute<'a>>>, Error> {
    let mut names: Vec<Vec<_>> = Vec::new();
    walk(element, |index, attribute| match names.get_mut(index) {
        Some(name) => name.push(attribute),
        None => names.push(vec![attribute]),
    })?;
    Ok(names)
}

/// Every attribute, with the number of its relative name.
fn walk<'a>(element: &Element<'a>, mut visit: impl FnMut(usize, Attribute<'a>)) -> Result<(), Error> {
    let mut reader = element.reader();
    let mut index = 0;
    while !reader.at_end() {
        let set = reader.expect(SET, "relative distinguished name")?;
        let mut inside = set.reader();
        if inside.at_end() {
            return Err(set.malformed("at least one attribute", "none"));
        }
        while !inside.at_end() {
            let mut pair = inside.sequence("attribute")?;
            let kind = pair.oid("attribute type")?;
            let value = pair.element()?;
            pair.finish()?;
            visit(index, Attribute { kind, value });
        }
        index += 1;
    }
    Ok(())
}

/// The text of any of the string types of DirectoryString, IA5String and NumericString.
fn text(value: &Element<'_>) -> Option<String> {
    let octets = value.value;
    match value.tag {
        UTF8_STRING => String::from_utf8(octets.to_vec()).ok(),
        0x12 | PRINTABLE_STRING | 0x16 | 0x1a => {
            octets.is_ascii().then(|| octets.iter().map(|&byte| byte as char).collect())
        }
        // TeletexString: in practice, Latin-1.
        0x14 => Some(octets.iter().map(|&byte| byte as char).collect()),
        // BMPString: UTF-16, big endian.
        0x1e if octets.len().is_multiple_of(2) => {
            let units: Vec<u16> = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        // UniversalString: UTF-32, big endian.
        0x1c if octets.len().is_multiple_of(4) => octets
            .chunks_exact(4)
            .map(|four| char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]])))
            .collect(),
        _ => None,
    }
}

/// Keywords that every reader of RFC 4514 knows (its clause 3).
const EVERY_READER_S_KEYWORDS: [&str; 9] = ["CN", "L", "ST", "O", "OU", "C", "STREET", "DC", "UID"];

/// The short names of RFC 4514 §3, and those of X.520 that certificates of organisations use.
fn short_name(kind: ObjectIdentifier) -> Option<&'static str> {
    Some(match kind {
        oid::COMMON_NAME => "CN",
        oid::LOCALITY => "L",
        oid::STATE_OR_PROVINCE => "ST",
        oid::ORGANIZATION => "O",
        oid::ORGANIZATIONAL_UNIT => "OU",
        oid::COUNTRY => "C",
        oid::STREET => "STREET",
        oid::DOMAIN_COMPONENT => "DC",
        oid::USER_ID => "UID",
        oid::SURNAME => "SN",
        oid::GIVEN_NAME => "GN",
        oid::SERIAL_NUMBER => "serialNumber",
        oid::TITLE => "title",
        oid::ORGANIZATION_IDENTIFIER => "organizationIdentifier",
        oid::EMAIL_ADDRESS => "emailAddress",
        _ => return None,
    })
}

/// RFC 4514: last relative name first, special characters escaped.
impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = || {
            let mut text = String::new();
            self.write(&mut text, short_name).expect("a String takes everything");
            text
        };
        formatter.write_str(self.0.text.get_or_init(write))
    }
}

impl Name {
    /// RFC 4514 with no keywords but those that every reader of it knows (its clause 3): other attributes by OID, their value in
    /// hexadecimal DER. For programs, such as Java's, which refuse a name with any other keyword.
    ///
    /// ```
    /// let name = pki::Name::builder().organization("Example").organization_identifier("NTRJP-9").build();
    /// assert_eq!(name.to_string(), "organizationIdentifier=NTRJP-9,O=Example");
    /// assert_eq!(name.to_portable_text(), "2.5.4.97=#0c074e54524a502d39,O=Example");
    /// ```
    pub fn to_portable_text(&self) -> String {
        let mut text = String::new();
        let known = |kind| short_name(kind).filter(|name| EVERY_READER_S_KEYWORDS.contains(name));
        self.write(&mut text, known).expect("a String takes everything");
        text
    }

    fn write(
        &self,
        formatter: &mut impl fmt::Write,
        keyword: impl Fn(ObjectIdentifier) -> Option<&'static str>,
    ) -> fmt::Result {
        for (index, name) in self.relative_names().iter().rev().enumerate() {
            for (position, attribute) in name.iter().enumerate() {
                match (index, position) {
                    (0, 0) => {}
                    (_, 0) => formatter.write_str(",")?,
                    _ => formatter.write_str("+")?,
                }
                match (keyword(attribute.kind), text(&attribute.value)) {
                    (Some(kind), Some(text)) => write!(formatter, "{kind}={}", escaped(&text))?,
                    (kind, _) => {
                        match kind {
                            Some(kind) => write!(formatter, "{kind}=#")?,
                            None => write!(formatter, "{}=#", attribute.kind)?,
                        }
                        attribute.value.raw.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Name({self})")
    }
}

/// RFC 4514 §2.4; control characters are written as their octets too, so that a name stays on one line.
fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', character]),
            '#' if index == 0 => out.push_str("\\#"),
            ' ' if index == 0 || index == last => out.push_str("\\ "),
            control if control.is_control() => {
                let mut buffer = [0; 4];
                control.encode_utf8(&mut buffer).bytes().for_each(|byte| out.push_str(&format!("\\{byte:02x}")));
            }
            other => out.push(other),
        }
    }
    out
}

/// Builds a [`Name`].
#[derive(Debug, Clone)]
pub struct NameBuilder {
    relative_names: Vec<Vec<u8>>,
}

impl NameBuilder {
    /// C: two letters of ISO 3166-1.
    pub fn country(self, code: &str) -> Self {
        self.attribute(oid::COUNTRY, code)
    }

    /// O: the registered name.
    pub fn organization(self, name: &str) -> Self {
        self.attribute(oid::ORGANIZATION, name)
    }

    /// organizationIdentifier by the grammar of ETSI EN 319 412-1 §5.1.4 (`NTRJP-…`); it is not checked here.
    pub fn organization_identifier(self, identifier: &str) -> Self {
        self.attribute(oid::ORGANIZATION_IDENTIFIER, identifier)
    }

    /// OU.
    pub fn organizational_unit(self, name: &str) -> Self {
        self.attribute(oid::ORGANIZATIONAL_UNIT, name)
    }

    /// CN.
    pub fn common_name(self, name: &str) -> Self {
        self.attribute(oid::COMMON_NAME, name)
    }

    /// Any attribute. Country, serial number and the like are PrintableString where they can be, the rest is UTF8String.
    pub fn attribute(mut self, kind: ObjectIdentifier, value: &str) -> Self {
        let wants_printable = matches!(kind, oid::COUNTRY | oid::SERIAL_NUMBER);
        let tag = match kind {
            _ if wants_printable && is_printable(value) => PRINTABLE_STRING,
            oid::EMAIL_ADDRESS | oid::DOMAIN_COMPONENT if value.is_ascii() => asn1::IA5_STRING,
            _ => UTF8_STRING,
        };
        let pair = write::sequence(&[&write::oid(kind), &write::element(tag, &[value.as_bytes()])]);
        self.relative_names.push(write::element(SET, &[&pair]));
        self
    }

    /// The name.
    pub fn build(self) -> Name {
        Name::new(write::sequence_of(&self.relative_names))
    }
}

/// PrintableString, X.680 clause 41.4.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::{Decode, Encode};
    use proptest::prelude::*;

    fn seal() -> Name {
        Name::builder()
            .country("JP")
            .organization("試験大学, TESTBED")
            .organization_identifier("NTRJP-9234567890123")
            .common_name("Seal #1")
            .build()
    }

    #[test]
    fn a_built_name_is_read_by_another_library() {
        let theirs = x509_cert::name::Name::from_der(seal().as_der()).unwrap();
        assert_eq!(theirs.to_der().unwrap(), seal().to_der());
        assert_eq!(theirs.iter_rdn().count(), 4);
    }

    #[test]
    fn attributes_are_found_and_text_is_escaped() {
        let name = Name::from_der(seal().as_der()).unwrap();
        assert_eq!(name.country().as_deref(), Some("JP"));
        assert_eq!(name.organization().as_deref(), Some("試験大学, TESTBED"));
        assert_eq!(name.organization_identifier().as_deref(), Some("NTRJP-9234567890123"));
        assert_eq!(
            name.to_string(),
            "CN=Seal #1,organizationIdentifier=NTRJP-9234567890123,O=試験大学\\, TESTBED,C=JP"
        );
    }

    #[test]
    fn encoding_case_and_white_space_do_not_matter_for_matching() {
        let one = Name::builder().attribute(oid::SERIAL_NUMBER, "Ab 1").common_name("A  b ").build();
        let pair = write::sequence(&[&write::oid(oid::SERIAL_NUMBER), &write::element(UTF8_STRING, &[b"ab 1"])]);
        let common = write::sequence(&[&write::oid(oid::COMMON_NAME), &write::element(PRINTABLE_STRING, &[b"a B"])]);
        let other = write::sequence(&[&write::element(SET, &[&pair]), &write::element(SET, &[&common])]);
        let other = Name::from_der(&other).unwrap();
        assert_ne!(one, other);
        assert!(one.matches(&other));
        assert!(!one.matches(&seal()));
    }

    #[test]
    fn order_matters_for_matching() {
        let one = Name::builder().country("JP").common_name("a").build();
        let other = Name::builder().common_name("a").country("JP").build();
        assert!(!one.matches(&other));
    }

    proptest! {
        #[test]
        fn random_and_mutated_octets_never_panic(index in 0usize..200, byte in any::<u8>(), bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut der = seal().to_der();
            let index = index % der.len();
            der[index] = byte;
            for input in [&der, &bytes] {
                if let Ok(name) = Name::from_der(input) {
                    prop_assert_eq!(name.as_der(), &input[..]);
                    prop_assert!(name.matches(&name));
                    let _ = (name.to_string(), name.country());
                }
            }
        }

        #[test]
        fn any_text_comes_back(text in ".{0,30}") {
            let name = Name::builder().common_name(&text).build();
            prop_assert_eq!(Name::from_der(name.as_der()).unwrap().common_name(), Some(text));
        }
    }
}
