//! A kind of key together with how it signs, as plans of hierarchies name it. In: `P-256`, `RSA-3072-PSS`, `Ed25519`. Out: the kind of
//! key to make, the algorithm to sign with.

use std::fmt;
use std::str::FromStr;

use super::KeyKind;
use crate::algorithm::{Scheme, SignatureAlgorithm};
use crate::{Error, oid};

/// How an RSA key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5.
    #[default]
    Pkcs1,
    /// RSASSA-PSS, MGF1 with the same digest and a salt as long as it.
    Pss,
}

/// A kind of key and the algorithm that fits its strength.
///
/// ```
/// use pki::{KeyAlgorithm, KeyKind, Scheme};
/// let algorithm: KeyAlgorithm = "rsa3072-pss".parse()?;
/// assert_eq!(algorithm.to_string(), "RSA-3072-PSS");
/// assert_eq!(algorithm.kind, KeyKind::Rsa { bits: 3072 });
/// assert_eq!(algorithm.signature_algorithm().scheme, Scheme::RsaPss);
/// # Ok::<(), pki::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyAlgorithm {
    /// The kind of key.
    pub kind: KeyKind,
    /// How it signs, if it is an RSA key; for others it means nothing.
    pub padding: RsaPadding,
}

impl KeyAlgorithm {
    /// What it signs with.
    pub const fn signature_algorithm(self) -> SignatureAlgorithm {
        let usual = self.kind.default_signature_algorithm();
        match (self.kind, self.padding) {
            (KeyKind::Rsa { .. }, RsaPadding::Pss) => SignatureAlgorithm::new(Scheme::RsaPss, usual.digest),
            _ => usual,
        }
    }

    /// Whether such a key signs a digest that it is given; Ed25519 signs whole messages only (RFC 8032 clause 5.1.6).
    pub fn signs_digests(self) -> bool {
        self.kind != KeyKind::Other(oid::ED25519)
    }
}

impl From<KeyKind> for KeyAlgorithm {
    /// RSA signs with PKCS #1 v1.5.
    fn from(kind: KeyKind) -> KeyAlgorithm {
        KeyAlgorithm { kind, padding: RsaPadding::Pkcs1 }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)?;
        match (self.kind, self.padding) {
            (KeyKind::Rsa { .. }, RsaPadding::Pss) => formatter.write_str("-PSS"),
            _ => Ok(()),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = Error;

    /// As [`KeyKind`], with `-PSS` after an RSA key's: `P-256`, `Ed25519`, `RSA-2048`, `RSA-2048-PSS`.
    fn from_str(text: &str) -> Result<KeyAlgorithm, Error> {
        let unknown = || Error::UnknownName {
            expected: "P-256, P-384, P-521, Ed25519, or RSA-2048, RSA-3072, RSA-4096, each of them also with -PSS",
            found: text.to_owned(),
        };
        let plain = text.to_ascii_lowercase().replace(['-', '_'], "");
        let (kind, padding) = match plain.strip_suffix("pss") {
            Some(kind) => (kind, RsaPadding::Pss),
            None => (plain.as_str(), RsaPadding::Pkcs1),
        };
        let kind = match kind.parse().map_err(|_| unknown())? {
            KeyKind::Rsa { bits } if !matches!(bits, 2048 | 3072 | 4096) => return Err(unknown()),
            KeyKind::Rsa { bits } => KeyKind::Rsa { bits },
            _ if padding == RsaPadding::Pss => return Err(unknown()),
            other => other,
        };
        Ok(KeyAlgorithm { kind, padding })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let names =
            ["P-256", "P-384", "P-521", "Ed25519", "RSA-2048", "RSA-3072", "RSA-4096", "RSA-2048-PSS", "RSA-4096-PSS"];
        for name in names {
            assert_eq!(name.parse::<KeyAlgorithm>().unwrap().to_string(), name);
        }
        for name in ["", "P-192", "RSA-1024", "RSA-8192", "P-256-PSS", "Ed25519-PSS", "PSS", "Ed448"] {
            assert!(name.parse::<KeyAlgorithm>().is_err(), "{name}");
        }
    }

    #[test]
    fn ed25519_signs_no_digest() {
        let ed25519: KeyAlgorithm = "Ed25519".parse().unwrap();
        assert!(!ed25519.signs_digests() && KeyAlgorithm::from(KeyKind::P256).signs_digests());
        assert_eq!(ed25519.signature_algorithm().scheme, Scheme::Ed25519);
    }
}
