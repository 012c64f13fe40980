//! Public keys, SubjectPublicKeyInfo of RFC 5280 §4.1.2.7, RFC 5480, RFC 8017. In: DER. Out: verified or not.
//! Private keys never appear here.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::algorithm::{Digest, DigestAlgorithm, Scheme, SignatureAlgorithm, algorithm_identifier};
use crate::asn1::{self, BIT_STRING, Element, INTEGER, OID, SEQUENCE};
use crate::memory::Fingerprint;
use crate::{Error, ObjectIdentifier, oid, pem};

/// What a key is for, and how strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// ECDSA on NIST P-256.
    P256,
    /// ECDSA on NIST P-384.
    P384,
    /// ECDSA on NIST P-521.
    P521,
    /// RSA, for PKCS #1 v1.5 and PSS.
    Rsa {
        /// Bits of the modulus.
        bits: u32,
    },
    /// A key that can be read and named, but neither made nor verified with: Ed25519, brainpool, …
    Other(ObjectIdentifier),
}

impl KeyKind {
    /// The algorithm that fits the strength of the key; RSA means PKCS #1 v1.5. (`Other` keys verify nothing:
    /// what is said for them is ECDSA with SHA-256.)
    pub const fn default_signature_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 | Self::Other(_) => SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256),
            Self::P384 => SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha384),
            Self::P521 => SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha512),
            Self::Rsa { .. } => SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => formatter.write_str("P-256"),
            Self::P384 => formatter.write_str("P-384"),
            Self::P521 => formatter.write_str("P-521"),
            Self::Rsa { bits } => write!(formatter, "RSA-{bits}"),
            Self::Other(identifier) => write!(formatter, "{identifier}"),
        }
    }
}

impl FromStr for KeyKind {
    type Err = Error;

    /// `p256`, `P-384`, `rsa2048`, `RSA-3072`; `rsa` alone means 2048 bits.
    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown =
            || Error::UnknownName { wanted: "p256, p384, p521 or rsa with 1024 to 8192 bits", found: name.to_owned() };
        match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "p256" => Ok(Self::P256),
            "p384" => Ok(Self::P384),
            "p521" => Ok(Self::P521),
            "rsa" => Ok(Self::Rsa { bits: 2048 }),
            other => {
                let bits = other.strip_prefix("rsa").and_then(|bits| bits.parse().ok()).ok_or_else(unknown)?;
                if (1024..=8192).contains(&bits) { Ok(Self::Rsa { bits }) } else { Err(unknown()) }
            }
        }
    }
}

/// A public key; it keeps the SubjectPublicKeyInfo that it was read from.
///
/// ```
/// use pki::{DigestAlgorithm, KeyKind, PublicKey};
/// let pem = "-----BEGIN PUBLIC KEY-----
/// MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
/// 6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
/// -----END PUBLIC KEY-----";
/// let key = PublicKey::from_pem(pem)?;
/// assert_eq!(key.kind(), KeyKind::P256);
/// let digest = DigestAlgorithm::Sha256.digest(b"message");
/// assert!(key.verify(key.kind().default_signature_algorithm(), &digest, b"not a signature").is_err());
/// # Ok::<(), pki::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    spki: Vec<u8>,
    kind: KeyKind,
    key: Range<usize>,
}

impl PublicKey {
    /// ```text
    /// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
    /// ```
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "SubjectPublicKeyInfo")?)
    }

    /// Reads a `PUBLIC KEY` block.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_spki_der(&pem::single(text, "PUBLIC KEY")?)
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let mut reader = element.reader();
        let algorithm = reader.expect(SEQUENCE, "key algorithm")?;
        let bits = reader.expect(BIT_STRING, "key")?;
        reader.finish()?;
        let key = bits.bit_octets()?;
        let kind = kind(&algorithm, key)?;
        let end = element.raw.len();
        Ok(Self(Arc::new(Inner { spki: element.raw.to_vec(), kind, key: end - key.len()..end })))
    }

    /// SubjectPublicKeyInfo as it was read.
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// A `PUBLIC KEY` block.
    pub fn to_pem(&self) -> String {
        pem::encode("PUBLIC KEY", self.spki_der())
    }

    /// Algorithm and strength.
    pub fn kind(&self) -> KeyKind {
        self.0.kind
    }

    /// SHA-1 of the BIT STRING's octets (RFC 5280 §4.2.1.2 method 1, also OCSP's KeyHash).
    pub fn key_identifier(&self) -> [u8; 20] {
        let digest = DigestAlgorithm::Sha1.digest(self.key_octets());
        digest.as_bytes().try_into().expect("SHA-1 has 20 octets")
    }

    pub(crate) fn key_octets(&self) -> &[u8] {
        &self.0.spki[self.0.key.clone()]
    }

    /// Modulus and public exponent of an RSA key, big endian without leading zeros; nothing for other keys.
    pub fn rsa_components(&self) -> Option<(&[u8], &[u8])> {
        match self.kind() {
            KeyKind::Rsa { .. } => rsa_components(self.key_octets()).ok(),
            _ => None,
        }
    }

    /// Verifies `signature` over a digest that was computed elsewhere. ECDSA signatures are DER.
    ///
    /// # Errors
    /// [`Error::KeyUnfit`] if this kind of key cannot have made such a signature, [`Error::DigestAlgorithmMismatch`],
    /// [`Error::SignatureInvalid`].
    pub fn verify(&self, algorithm: SignatureAlgorithm, digest: &Digest, signature: &[u8]) -> Result<(), Error> {
        if digest.algorithm() != algorithm.digest {
            return Err(Error::DigestAlgorithmMismatch { wanted: algorithm.digest, found: digest.algorithm() });
        }
        let verification = verification(algorithm, self.kind()).ok_or(Error::KeyUnfit {
            scheme: algorithm.scheme,
            digest: algorithm.digest,
            kind: self.kind(),
        })?;
        let fingerprint = Fingerprint::of(self.spki_der(), algorithm, digest, signature);
        if fingerprint.is_known() {
            return Ok(());
        }
        let imported =
            aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), provider_digest(algorithm.digest))
                .expect("a Digest has the length of its algorithm");
        UnparsedPublicKey::new(verification, self.key_octets())
            .verify_digest(&imported, signature)
            .map_err(|_| Error::SignatureInvalid { signed: "digest", signer: format!("a {} key", self.kind()) })?;
        fingerprint.keep();
        Ok(())
    }

    /// Like [`verify`](Self::verify), over the message itself; `signed` and `signer` go into the error.
    pub(crate) fn verify_message(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
        signed: &'static str,
        signer: impl fmt::Display,
    ) -> Result<(), Error> {
        self.verify(algorithm, &algorithm.digest.digest(message), signature).map_err(|error| match error {
            Error::SignatureInvalid { .. } => Error::SignatureInvalid { signed, signer: signer.to_string() },
            other => other,
        })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identifier = self.key_identifier();
        write!(
            formatter,
            "PublicKey({} {:02x}{:02x}{:02x}{:02x}…)",
            self.kind(),
            identifier[0],
            identifier[1],
            identifier[2],
            identifier[3]
        )
    }
}

fn kind(algorithm: &Element<'_>, key: &[u8]) -> Result<KeyKind, Error> {
    let (identifier, parameters) = algorithm_identifier(algorithm)?;
    match identifier {
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => rsa_bits(key).map(|bits| KeyKind::Rsa { bits }),
        oid::EC_PUBLIC_KEY => match parameters {
            Some(parameters) if parameters.tag == OID => Ok(match parameters.oid()? {
                oid::P_256 => KeyKind::P256,
                oid::P_384 => KeyKind::P384,
                oid::P_521 => KeyKind::P521,
                curve => KeyKind::Other(curve),
            }),
            _ => Ok(KeyKind::Other(identifier)),
        },
        other => Ok(KeyKind::Other(other)),
    }
}

/// ```text
/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
/// ```
fn rsa_components(key: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mut reader = asn1::single(key, SEQUENCE, "RSAPublicKey")?.reader();
    let modulus = reader.expect(INTEGER, "modulus")?.integer()?;
    let exponent = reader.expect(INTEGER, "public exponent")?.integer()?;
    reader.finish()?;
    Ok((magnitude(modulus), magnitude(exponent)))
}

/// A positive INTEGER without the zero octet that keeps it positive.
fn magnitude(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

fn rsa_bits(key: &[u8]) -> Result<u32, Error> {
    let (magnitude, _) = rsa_components(key)?;
    let unused = magnitude.first().map_or(0, |byte| byte.leading_zeros());
    Ok((magnitude.len() as u32).saturating_mul(8) - unused)
}

fn provider_digest(algorithm: DigestAlgorithm) -> &'static aws_lc_rs::digest::Algorithm {
    match algorithm {
        DigestAlgorithm::Sha1 => &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha256 => &aws_lc_rs::digest::SHA256,
        DigestAlgorithm::Sha384 => &aws_lc_rs::digest::SHA384,
        DigestAlgorithm::Sha512 => &aws_lc_rs::digest::SHA512,
    }
}

/// Weak combinations are there too: whether SHA-1 or 1024 bits were acceptable at some time is for a policy to judge.
fn verification(algorithm: SignatureAlgorithm, kind: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    let found: &'static dyn VerificationAlgorithm = match (algorithm.scheme, kind, algorithm.digest) {
        (Scheme::Ecdsa, KeyKind::P256, Sha1) => &signature::ECDSA_P256_SHA1_ASN1,
        (Scheme::Ecdsa, KeyKind::P256, Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
        (Scheme::Ecdsa, KeyKind::P256, Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
        (Scheme::Ecdsa, KeyKind::P256, Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
        (Scheme::Ecdsa, KeyKind::P384, Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
        (Scheme::Ecdsa, KeyKind::P384, Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
        (Scheme::Ecdsa, KeyKind::P384, Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
        (Scheme::Ecdsa, KeyKind::P521, Sha1) => &signature::ECDSA_P521_SHA1_ASN1,
        (Scheme::Ecdsa, KeyKind::P521, Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
        (Scheme::Ecdsa, KeyKind::P521, Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
        (Scheme::Ecdsa, KeyKind::P521, Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
        (Scheme::RsaPkcs1, KeyKind::Rsa { .. }, Sha1) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Scheme::RsaPkcs1, KeyKind::Rsa { .. }, Sha256) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Scheme::RsaPkcs1, KeyKind::Rsa { .. }, Sha384) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (Scheme::RsaPkcs1, KeyKind::Rsa { .. }, Sha512) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Scheme::RsaPss, KeyKind::Rsa { .. }, Sha256) => &signature::RSA_PSS_2048_8192_SHA256,
        (Scheme::RsaPss, KeyKind::Rsa { .. }, Sha384) => &signature::RSA_PSS_2048_8192_SHA384,
        (Scheme::RsaPss, KeyKind::Rsa { .. }, Sha512) => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    };
    Some(found)
}

#[cfg(test)]
mod tests;
