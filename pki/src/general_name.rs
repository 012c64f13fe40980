//! GeneralName, RFC 5280 §4.2.1.6, for comparing whole names. In: DER. Out: names, and whether two are the same.

use crate::Error;
use crate::asn1::{Element, Reader, SEQUENCE, context, context_constructed};
use crate::name::Name;

/// ```text
/// GeneralName ::= CHOICE {
///    otherName [0], rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3], directoryName [4] Name,
///    ediPartyName [5], uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING, registeredID [8] }
/// ```
#[derive(Debug, Clone)]
pub enum GeneralName {
    /// directoryName.
    Directory(Name),
    /// uniformResourceIdentifier, as it came.
    Uri(String),
    /// Any other, as DER.
    Other(Vec<u8>),
}

impl GeneralName {
    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        const DIRECTORY: u8 = context_constructed(4);
        const URI: u8 = context(6);
        match element.tag {
            DIRECTORY => Ok(Self::Directory(Name::read(&element.explicit(SEQUENCE, "directory name")?)?)),
            URI => Ok(Self::Uri(element.ia5()?.to_owned())),
            tag if tag & 0xc0 == 0x80 && tag & 0x1f <= 8 => Ok(Self::Other(element.raw.to_vec())),
            tag => Err(element.malformed("a general name", format!("tag {tag:02x}"))),
        }
    }

    /// `GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName`, from inside.
    pub(crate) fn read_all(mut reader: Reader<'_>) -> Result<Vec<Self>, Error> {
        let mut names = Vec::new();
        while !reader.at_end() {
            names.push(Self::read(&reader.element()?)?);
        }
        Ok(names)
    }

    /// Whether both are the same whole name: directory names as RFC 5280 §7.1 compares them, addresses but for the case of
    /// scheme and host (§7.4), others by their octets.
    pub fn matches(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What two names share exactly if they [match](Self::matches), for looking them up.
    pub fn key(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Directory(name) => (4, name.canonical().to_vec()),
            Self::Uri(uri) => (6, comparable(uri).into_bytes()),
            Self::Other(der) => (0, der.clone()),
        }
    }
}

impl PartialEq for GeneralName {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for GeneralName {}

/// Scheme and host in lower case, all else as it is.
fn comparable(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    format!("{}://{user}{}{path}", scheme.to_ascii_lowercase(), host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_whole_but_for_the_case_of_scheme_and_host() {
        let same =
            |one: &str, other: &str| GeneralName::Uri(one.to_owned()).matches(&GeneralName::Uri(other.to_owned()));
        assert!(same("http://ca.example/1", "HTTP://CA.Example/1"));
        for (one, other) in [
            ("http://ca.example/1", "http://ca.example/12"),
            ("http://ca.example/1", "http://ca.example/1/"),
            ("http://ca.example/a", "http://ca.example/A"),
            ("http://ca.example/1", "https://ca.example/1"),
            ("http://A@ca.example/1", "http://a@ca.example/1"),
            ("http://ca.example/1", ""),
        ] {
            assert!(!same(one, other) && !same(other, one), "{one} {other}");
        }
    }

    #[test]
    fn names_of_different_forms_are_never_the_same() {
        let name = Name::builder().common_name("a").build();
        assert!(
            GeneralName::Directory(name.clone())
                .matches(&GeneralName::Directory(Name::builder().common_name("A").build()))
        );
        assert!(!GeneralName::Directory(name).matches(&GeneralName::Uri("a".to_owned())));
    }
}
