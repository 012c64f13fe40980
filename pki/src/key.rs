//! Public keys, SubjectPublicKeyInfo of RFC 5280 §4.1.2.7, RFC 5480, RFC 8017. In: DER. Out: verified or not.
//! Private keys never appear here.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use crate::algorithm::{Digest, DigestAlgorithm, Scheme, SignatureAlgorithm, algorithm_identifier};
use crate::asn1::{self, BIT_STRING, Element, INTEGER, OID, SEQUENCE};
use crate::memory::SignatureMemory;
use crate::{Error, ObjectIdentifier, oid, pem};

mod algorithm;
mod dsa;
mod ecdsa;
mod rsa;
mod soundness;
mod verification;

pub use algorithm::{KeyAlgorithm, RsaPadding};
use verification::Signed;

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
    /// Another key: its curve, or else its algorithm. Of these only Ed25519 is made here. Signatures of secp256k1, brainpoolP256r1,
    /// brainpoolP384r1, Ed25519 and DSA are verified; of others that [cannot be told](Error::is_undetermined).
    Other(ObjectIdentifier),
}

impl KeyKind {
    /// The algorithm that fits the strength of the key; RSA means PKCS #1 v1.5. (`Other` keys but Ed25519 sign nothing
    /// here: what is said for them is ECDSA with SHA-256.)
    pub const fn default_signature_algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::Other(oid::ED25519) => SignatureAlgorithm::new(Scheme::Ed25519, DigestAlgorithm::Sha512),
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
            Self::Other(oid::ED25519) => formatter.write_str("Ed25519"),
            Self::Other(identifier) => write!(formatter, "{identifier}"),
        }
    }
}

impl FromStr for KeyKind {
    type Err = Error;

    /// `p256`, `P-384`, `Ed25519`, `rsa2048`, `RSA-3072`; `rsa` alone means 2048 bits.
    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownName {
            expected: "p256, p384, p521, ed25519 or rsa with 1024 to 8192 bits",
            found: name.to_owned(),
        };
        match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "p256" => Ok(Self::P256),
            "p384" => Ok(Self::P384),
            "p521" => Ok(Self::P521),
            "ed25519" => Ok(Self::Other(oid::ED25519)),
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
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no SubjectPublicKeyInfo. A kind that is not offered here is none.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "SubjectPublicKeyInfo")?)
    }

    /// Reads a `PUBLIC KEY` block.
    ///
    /// # Errors
    /// [`Error::Pem`] if there is none, or more than one; [`Error::Malformed`].
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
            KeyKind::Rsa { .. } => rsa_integers(self.key_octets())
                .ok()
                .map(|(modulus, exponent)| (magnitude(modulus), magnitude(exponent))),
            _ => None,
        }
    }

    /// Bits of the modulus, of the curve or of DSA's p, by which a policy judges a key; `None` if they are not known.
    pub fn bits(&self) -> Option<u32> {
        match self.kind() {
            KeyKind::P256 => Some(256),
            KeyKind::P384 => Some(384),
            KeyKind::P521 => Some(521),
            KeyKind::Rsa { bits } => Some(bits),
            KeyKind::Other(oid::DSA) => dsa::bits(self.algorithm_parameters()),
            KeyKind::Other(oid::ED25519) => Some(256),
            KeyKind::Other(oid::ED448) => Some(456),
            KeyKind::Other(curve) => ecdsa::curve_bits(curve),
        }
    }

    /// The algorithm of the key: rsaEncryption, id-RSASSA-PSS, id-ecPublicKey, …
    pub fn algorithm_oid(&self) -> ObjectIdentifier {
        self.algorithm().0
    }

    fn algorithm(&self) -> (ObjectIdentifier, Option<Element<'_>>) {
        asn1::single(self.spki_der(), SEQUENCE, "SubjectPublicKeyInfo")
            .and_then(|whole| whole.reader().expect(SEQUENCE, "key algorithm"))
            .and_then(|algorithm| algorithm_identifier(&algorithm))
            .expect("read once when the key was made")
    }

    fn algorithm_parameters(&self) -> Option<Element<'_>> {
        self.algorithm().1
    }

    /// The DER of the algorithm's parameters.
    fn parameters(&self) -> Option<&[u8]> {
        self.algorithm_parameters().map(|parameters| parameters.raw)
    }

    fn is_elliptic(&self) -> bool {
        self.algorithm_oid() == oid::EC_PUBLIC_KEY
    }

    /// The parameters of a key that is for RSASSA-PSS only (RFC 4055 §1.2); the inner `None` are no parameters.
    fn pss_restriction(&self) -> Option<Option<&[u8]>> {
        (self.algorithm_oid() == oid::RSASSA_PSS).then(|| self.parameters())
    }

    /// Whether it is a key of its kind at all, and not only bytes of the right shape: a point of the curve, or a modulus and an
    /// exponent that RSA can have. Takes milliseconds for RSA, and about a second for the largest.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::UnsupportedParameters`] with what is wrong; [`Error::UnsupportedAlgorithm`] for kinds that are
    /// not made here.
    pub fn check(&self) -> Result<(), Error> {
        soundness::check(self)
    }

    /// Verifies `signature` over a digest that was computed elsewhere. ECDSA signatures are DER.
    ///
    /// # Errors
    /// [`Error::is_undetermined`] tells whether the signature does not hold, or cannot be verified here:
    /// [`Verification`](crate::Verification) has both. It does not hold: [`Error::SignatureInvalid`],
    /// [`Error::KeyUnfit`] if this kind of key cannot have made such a signature, [`Error::DigestAlgorithmMismatch`]. It
    /// cannot be verified: [`Error::UnsupportedAlgorithm`] and [`Error::UnsupportedParameters`], also for Ed25519, which
    /// needs [`verify_message`](Self::verify_message).
    pub fn verify(&self, algorithm: SignatureAlgorithm, digest: &Digest, signature: &[u8]) -> Result<(), Error> {
        self.verify_within(None, algorithm, digest, signature)
    }

    /// Verifies `signature` over the message itself.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    pub fn verify_message(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.verify_message_within(None, algorithm, message, signature)
    }

    pub(crate) fn verify_within(
        &self,
        memory: Option<&SignatureMemory>,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
    ) -> Result<(), Error> {
        verification::verify(self, memory, algorithm, Signed::Digest(digest), signature)
    }

    pub(crate) fn verify_message_within(
        &self,
        memory: Option<&SignatureMemory>,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        verification::verify(self, memory, algorithm, Signed::Message(message), signature)
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

/// The contents of both INTEGERs.
///
/// ```text
/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
/// ```
fn rsa_integers(key: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mut reader = asn1::single(key, SEQUENCE, "RSAPublicKey")?.reader();
    let modulus = reader.expect(INTEGER, "modulus")?.integer()?;
    let exponent = reader.expect(INTEGER, "public exponent")?.integer()?;
    reader.finish()?;
    Ok((modulus, exponent))
}

/// The content of an INTEGER without the zero octet that keeps it positive.
fn magnitude(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

/// The same of a number above zero; else nothing.
fn positive(integer: &[u8]) -> Option<&[u8]> {
    (integer.first()? & 0x80 == 0).then(|| magnitude(integer)).filter(|magnitude| !magnitude.is_empty())
}

fn rsa_bits(key: &[u8]) -> Result<u32, Error> {
    let magnitude = magnitude(rsa_integers(key)?.0);
    let unused = magnitude.first().map_or(0, |byte| byte.leading_zeros());
    Ok((magnitude.len() as u32).saturating_mul(8) - unused)
}

#[cfg(test)]
mod tests;
