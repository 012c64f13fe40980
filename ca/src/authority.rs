//! Authorities and the names that they go by. RFC 5280 knows a CA by its distinguished name; whoever checks a signature needs the
//! key. An authority here is the name, and each key that it has had is a generation of it: the first, then one for each
//! rollover. Every generation has its own certificate, CRL and OCSP responder.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, SignatureAlgorithm};
use signer::KeyId;
use world::time::Duration;

use crate::Error;
use crate::authority_plan::AuthoritySettings;

/// Longest id: it stands in addresses and file names.
const LONGEST_ID: usize = 40;

/// The id of an authority, as it stands in addresses: small letters, digits and hyphens, the first being a letter.
///
/// ```
/// let id: ca::AuthorityId = "issuing-2".parse()?;
/// assert_eq!(id.to_string(), "issuing-2");
/// assert!("Issuing CA".parse::<ca::AuthorityId>().is_err());
/// # Ok::<(), ca::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuthorityId(Cow<'static, str>);

impl AuthorityId {
    /// The trust anchor of the default hierarchy.
    pub const ROOT: AuthorityId = AuthorityId(Cow::Borrowed("root"));
    /// The CA of the default hierarchy that signs end certificates.
    pub const ISSUING: AuthorityId = AuthorityId(Cow::Borrowed("issuing"));

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of one of its keys, the first being 1.
    #[must_use]
    pub fn generation(&self, generation: u32) -> AuthorityName {
        AuthorityName { id: self.clone(), generation }
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl FromStr for AuthorityId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase());
        match text.len() <= LONGEST_ID && starts_well && text.bytes().all(is_allowed) {
            true => Ok(AuthorityId(Cow::Owned(text.to_owned()))),
            false => Err(Error::AuthorityId { found: text.to_owned() }),
        }
    }
}

/// An authority and which of its keys: `issuing` is the first, `issuing.2` the one after the first rollover. A dot stands in no
/// id, and `issuing-2` is CRL number 2 of `issuing` or another authority.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuthorityName {
    /// Who.
    pub id: AuthorityId,
    /// Which of its keys, the first being 1.
    pub generation: u32,
}

impl fmt::Display for AuthorityName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.generation {
            1 => self.id.fmt(formatter),
            later => write!(formatter, "{}.{later}", self.id),
        }
    }
}

impl FromStr for AuthorityName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::AuthorityName { found: text.to_owned() };
        let Some((id, number)) = text.split_once('.') else {
            return Ok(AuthorityName { id: text.parse().map_err(|_| wrong())?, generation: 1 });
        };
        // One way of writing each name: 1 is left out, and there are no leading zeros.
        let later = number.parse().ok().filter(|later: &u32| *later > 1 && later.to_string() == number);
        Ok(AuthorityName { id: id.parse().map_err(|_| wrong())?, generation: later.ok_or_else(wrong)? })
    }
}

/// One key of an authority with its own certificate: what certificates, CRLs and OCSP answers are signed by, or in whose name.
#[derive(Debug)]
pub struct Authority {
    /// Who it is, and which of its keys.
    pub name: AuthorityName,
    /// Who signed its certificate; `None` for a root.
    pub parent: Option<AuthorityName>,
    /// Its certificate: self-signed, or the one that its parent issued. Cross-certificates are further ones for the same key.
    pub certificate: Certificate,
    /// The key, in the key server.
    pub key: KeyId,
    /// What it signs with.
    pub algorithm: SignatureAlgorithm,
    /// How it works.
    pub settings: Arc<AuthoritySettings>,
}

impl Authority {
    pub(crate) fn new(
        name: AuthorityName,
        issuer: AuthorityName,
        certificate: Certificate,
        key: KeyId,
        settings: &Arc<AuthoritySettings>,
    ) -> Authority {
        let algorithm = settings.algorithm.signature_algorithm();
        let parent = (issuer != name).then_some(issuer);
        Authority { name, parent, certificate, key, algorithm, settings: settings.clone() }
    }

    /// Whether it is a trust anchor.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// Nothing is signed in the name of an authority outside the validity of its certificate.
    pub(crate) fn check_valid_at(&self, at: Timestamp) -> Result<(), Error> {
        if self.certificate.valid_at(at) {
            return Ok(());
        }
        let (not_before, not_after) = (self.certificate.not_before(), self.certificate.not_after());
        Err(Error::IssuerNotValid { issuer: self.name.clone(), not_before, not_after, at })
    }

    /// How long its CRLs hold. Who signs CAs only is seldom asked to change its mind; a seal may be compromised any day.
    pub(crate) fn crl_validity(&self) -> Duration {
        match (self.settings.crl_validity, self.certificate.path_length()) {
            (Some(validity), _) => validity,
            (None, Some(0)) => Duration::days(1),
            (None, _) => Duration::days(90),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_in_one_way() {
        for text in ["root", "issuing", "issuing-2", "issuing.2", "a-b-7.12"] {
            assert_eq!(text.parse::<AuthorityName>().unwrap().to_string(), text);
        }
        for text in ["", "2", "-a", "Root", "issuing.1", "issuing.0", "issuing.02", "issuing.", "a.b", "a/b", "a.2.3"] {
            assert!(text.parse::<AuthorityName>().is_err(), "{text}");
        }
        assert!("x".repeat(LONGEST_ID + 1).parse::<AuthorityId>().is_err());
    }
}
