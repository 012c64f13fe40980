//! Until when algorithms and key sizes are reliable: cryptographic constraints of EN 319 102-1, from a table of dates in the
//! shape of ETSI TS 119 312. In: an algorithm with its key, or a digest. Out: for ever, until a date, or never.
//!
//! The table is data, `cryptographic_suite.json`; another one can be given to the policy.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{DigestAlgorithm, KeyKind, PublicKey, Scheme, SignatureAlgorithm};
use serde::Deserialize;

/// The dates of ETSI TS 119 312 V1.5.1.
const TS_119_312: &str = include_str!("cryptographic_suite.json");

/// A table of algorithms and their end dates. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CryptographicSuite(Arc<Table>);

/// The table as it is written in JSON. Members: see `cryptographic_suite.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    issued: Timestamp,
    digests: Vec<Digest>,
    signatures: Vec<Signature>,
    curves: Vec<Curve>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Digest {
    #[serde(rename = "name")]
    _name: String,
    oids: Vec<String>,
    until: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    #[serde(rename = "name")]
    _name: String,
    oids: Vec<String>,
    /// Smallest keys first.
    sizes: Vec<Size>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    /// Bits that a key has at least.
    bits: u32,
    until: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    #[serde(rename = "name")]
    _name: String,
    oid: String,
    bits: u32,
}

/// How long something is reliable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reliability {
    /// The suite does not have it.
    Never,
    /// Before that time.
    Before(Timestamp),
    /// No end is set.
    Open,
}

impl Reliability {
    /// Whether it is reliable at a time.
    pub fn at(self, at: Timestamp) -> bool {
        match self {
            Reliability::Never => false,
            Reliability::Before(end) => at < end,
            Reliability::Open => true,
        }
    }

    fn until(end: Option<Timestamp>) -> Reliability {
        end.map_or(Reliability::Open, Reliability::Before)
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reliability::Never => f.write_str("not in the suite"),
            Reliability::Before(end) => write!(f, "reliable before {end}"),
            Reliability::Open => f.write_str("reliable without an end date"),
        }
    }
}

impl CryptographicSuite {
    /// The dates of ETSI TS 119 312 V1.5.1.
    pub fn ts_119_312() -> CryptographicSuite {
        CryptographicSuite::from_json(TS_119_312).expect("the table is part of this crate and read by its tests")
    }

    /// Reads another table of the same shape.
    ///
    /// # Errors
    /// If a member is missing, unknown or of another type.
    pub fn from_json(json: &str) -> Result<CryptographicSuite, serde_json::Error> {
        let mut table: Table = serde_json::from_str(json)?;
        table.signatures.iter_mut().for_each(|one| one.sizes.sort_by_key(|size| size.bits));
        Ok(CryptographicSuite(Arc::new(table)))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was issued.
    pub fn issued(&self) -> Timestamp {
        self.0.issued
    }

    /// How long a digest is reliable.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Reliability {
        let identifier = algorithm.oid().to_string();
        let found = self.0.digests.iter().find(|one| one.oids.contains(&identifier));
        found.map_or(Reliability::Never, |one| Reliability::until(one.until))
    }

    /// How long a signature by such an algorithm and key is: the shorter of scheme with key size, and digest.
    pub fn signature(&self, algorithm: SignatureAlgorithm, key: KeyKind) -> Reliability {
        self.scheme(algorithm, key).min(self.digest(algorithm.digest))
    }

    /// The same with the key itself, of which more is known than its kind: the size of a DSA key.
    pub fn signature_by(&self, algorithm: SignatureAlgorithm, key: &PublicKey) -> Reliability {
        match (algorithm.scheme, key.bits()) {
            (Scheme::Dsa, Some(bits)) => self.size(algorithm, bits).min(self.digest(algorithm.digest)),
            _ => self.signature(algorithm, key.kind()),
        }
    }

    fn size(&self, algorithm: SignatureAlgorithm, bits: u32) -> Reliability {
        let identifier = scheme_oid(algorithm).to_string();
        let signature = self.0.signatures.iter().find(|one| one.oids.contains(&identifier));
        let size = signature.and_then(|signature| signature.sizes.iter().rev().find(|size| size.bits <= bits));
        size.map_or(Reliability::Never, |size| Reliability::until(size.until))
    }

    fn scheme(&self, algorithm: SignatureAlgorithm, key: KeyKind) -> Reliability {
        self.bits(algorithm.scheme, key).map_or(Reliability::Never, |bits| self.size(algorithm, bits))
    }

    /// Bits of the key; nothing if it does not go with the scheme, or its curve is not in the suite.
    fn bits(&self, scheme: Scheme, key: KeyKind) -> Option<u32> {
        let curve = match (scheme, key) {
            (Scheme::RsaPkcs1 | Scheme::RsaPss, KeyKind::Rsa { bits }) => return Some(bits),
            (Scheme::Ecdsa | Scheme::EcdsaPlain, KeyKind::P256) => pki::oid::P_256,
            (Scheme::Ecdsa | Scheme::EcdsaPlain, KeyKind::P384) => pki::oid::P_384,
            (Scheme::Ecdsa | Scheme::EcdsaPlain, KeyKind::P521) => pki::oid::P_521,
            (Scheme::Ecdsa | Scheme::EcdsaPlain, KeyKind::Other(curve)) => curve,
            _ => return None,
        };
        let curve = curve.to_string();
        self.0.curves.iter().find(|one| one.oid == curve).map(|one| one.bits)
    }
}

/// TS 119 312 names digests and schemes apart: what counts of an algorithm identifier is its parts, whether or not the table has
/// an identifier for the pair (ECDSA with SHA-3, say).
fn scheme_oid(algorithm: SignatureAlgorithm) -> pki::ObjectIdentifier {
    match algorithm.scheme {
        Scheme::Ecdsa | Scheme::EcdsaPlain => pki::oid::EC_PUBLIC_KEY,
        Scheme::RsaPkcs1 => pki::oid::RSA_ENCRYPTION,
        Scheme::RsaPss => pki::oid::RSASSA_PSS,
        Scheme::Dsa => pki::oid::DSA,
        Scheme::Ed25519 => algorithm.oid(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(text: &str) -> Reliability {
        Reliability::Before(text.parse().unwrap())
    }

    #[test]
    fn the_dates_are_those_of_the_table() {
        let suite = CryptographicSuite::ts_119_312();
        let with = |scheme, digest, key| suite.signature(SignatureAlgorithm::new(scheme, digest), key);
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let rsa = |bits| KeyKind::Rsa { bits };
        let wall = until("2029-01-01T00:00:00Z");
        assert_eq!(with(Scheme::Ecdsa, Sha256, KeyKind::P256), Reliability::Open);
        assert_eq!(with(Scheme::Ecdsa, Sha512, KeyKind::P521), Reliability::Open);
        assert_eq!(with(Scheme::RsaPkcs1, Sha256, rsa(2048)), wall);
        assert_eq!(with(Scheme::RsaPkcs1, Sha256, rsa(4096)), wall);
        assert_eq!(with(Scheme::RsaPss, Sha256, rsa(2048)), wall);
        assert_eq!(with(Scheme::RsaPss, Sha384, rsa(3072)), Reliability::Open);
        assert_eq!(with(Scheme::RsaPkcs1, Sha256, rsa(1024)), until("2019-10-01T00:00:00Z"));
        assert_eq!(with(Scheme::RsaPkcs1, Sha256, rsa(512)), Reliability::Never);
        assert_eq!(with(Scheme::RsaPkcs1, Sha1, rsa(2048)), until("2012-08-01T00:00:00Z"));
        assert_eq!(suite.digest(Sha384), Reliability::Open);
        assert_eq!(with(Scheme::Ecdsa, DigestAlgorithm::Sha3_256, KeyKind::P256), Reliability::Open, "both are listed");
        assert_eq!(with(Scheme::RsaPkcs1, DigestAlgorithm::Sha224, rsa(3072)), wall);
    }

    #[test]
    fn keys_outside_the_suite_are_never_reliable() {
        let suite = CryptographicSuite::ts_119_312();
        let ed25519 = KeyKind::Other("1.3.101.112".parse().unwrap());
        let ecdsa = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256);
        assert_eq!(suite.signature(ecdsa, ed25519), Reliability::Never);
        assert_eq!(suite.signature(ecdsa, KeyKind::Rsa { bits: 3072 }), Reliability::Never);
        let brainpool = KeyKind::Other("1.3.36.3.3.2.8.1.1.7".parse().unwrap());
        assert_eq!(suite.signature(ecdsa, brainpool), Reliability::Open);
    }

    #[test]
    fn the_end_date_itself_is_too_late() {
        let end = until("2029-01-01T00:00:00Z");
        assert!(end.at("2028-12-31T23:59:59Z".parse().unwrap()));
        assert!(!end.at("2029-01-01T00:00:00Z".parse().unwrap()));
    }
}
