//! A private key in memory: how it is made, read from PKCS#8 (RFC 5958) and used on a digest.
//!
//! In: a digest whose length fits the algorithm. Out: an ECDSA signature as DER `SEQUENCE {r, s}` (RFC 3279 clause 2.2.3),
//! or an RSA signature as long as the modulus (RFC 8017). The type has no `Debug` and no way out for the key.

use aws_lc_rs::digest as module_digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair, RsaPssSaltLength, RsaSignatureEncoding,
};
use pki::{Digest, DigestAlgorithm, KeyKind, PssParameters, PublicKey, Scheme, SignatureAlgorithm, oid};
use zeroize::Zeroizing;

use crate::keys::pss::PssKey;
pub(crate) use crate::keys::pss::longest_salt;
use crate::{Error, KeyId};

static PSS_SHA256_MAXIMUM: RsaSignatureEncoding = RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max);
static PSS_SHA384_MAXIMUM: RsaSignatureEncoding = RSA_PSS_SHA384.with_pss_salt_length(RsaPssSaltLength::Max);
static PSS_SHA512_MAXIMUM: RsaSignatureEncoding = RSA_PSS_SHA512.with_pss_salt_length(RsaPssSaltLength::Max);

/// A key that can sign.
pub(crate) struct KeyPair {
    pub(crate) id: KeyId,
    pub(crate) kind: KeyKind,
    pub(crate) public: PublicKey,
    private: Private,
}

enum Private {
    Ecdsa {
        pair: EcdsaKeyPair,
        curve: Curve,
    },
    Rsa {
        pair: RsaKeyPair,
        pss: PssKey,
    },
    /// Signs whole messages only.
    Ed25519 {
        pair: Ed25519KeyPair,
    },
}

const ED25519: KeyKind = KeyKind::Other(oid::ED25519);

/// How the cryptographic module names a curve, and how many bytes its order has.
#[derive(Clone, Copy)]
struct Curve {
    signing: &'static EcdsaSigningAlgorithm,
    digest: &'static module_digest::Algorithm,
}

const P256: Curve = Curve { signing: &ECDSA_P256_SHA256_ASN1_SIGNING, digest: &module_digest::SHA256 };
const P384: Curve = Curve { signing: &ECDSA_P384_SHA384_ASN1_SIGNING, digest: &module_digest::SHA384 };
const P521: Curve = Curve { signing: &ECDSA_P521_SHA512_ASN1_SIGNING, digest: &module_digest::SHA512 };

impl KeyPair {
    /// Makes a key, as PKCS#8. An RSA key takes up to seconds.
    pub(crate) fn generate(kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, Error> {
        let failed = |_| Error::Module { doing: "making a key" };
        if let Some(curve) = curve(kind) {
            let pair = EcdsaKeyPair::generate(curve.signing).map_err(failed)?;
            return Ok(Zeroizing::new(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()));
        }
        if kind == ED25519 {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            return Ok(Zeroizing::new(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()));
        }
        let size = match kind {
            KeyKind::Rsa { bits: 2048 } => KeySize::Rsa2048,
            KeyKind::Rsa { bits: 3072 } => KeySize::Rsa3072,
            KeyKind::Rsa { bits: 4096 } => KeySize::Rsa4096,
            _ => return Err(Error::UnsupportedKind { kind }),
        };
        let pair = RsaKeyPair::generate(size).map_err(failed)?;
        let document: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Reads a key of that kind from PKCS#8.
    pub(crate) fn from_pkcs8(id: &KeyId, kind: KeyKind, pkcs8: &[u8]) -> Result<KeyPair, Error> {
        let damaged = |_| Error::KeyDamaged { key: id.clone() };
        let unreadable = |_| Error::KeyDamaged { key: id.clone() };
        let (private, spki): (Private, PublicKeyX509Der<'_>) = match curve(kind) {
            Some(curve) => {
                let pair = EcdsaKeyPair::from_pkcs8(curve.signing, pkcs8).map_err(damaged)?;
                let spki = pair.public_key().as_der().map_err(unreadable)?;
                (Private::Ecdsa { pair, curve }, spki)
            }
            None if kind == ED25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(damaged)?;
                let spki = pair.public_key().as_der().map_err(unreadable)?;
                (Private::Ed25519 { pair }, spki)
            }
            None => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(damaged)?;
                let spki = pair.public_key().as_der().map_err(unreadable)?;
                (
                    Private::Rsa { pair, pss: PssKey::from_pkcs8(pkcs8).ok_or(Error::KeyDamaged { key: id.clone() })? },
                    spki,
                )
            }
        };
        Ok(KeyPair { id: id.clone(), kind, public: PublicKey::from_spki_der(spki.as_ref())?, private })
    }

    /// Whether a signature takes long enough to be made outside the tasks that answer requests.
    pub(crate) fn is_slow(&self) -> bool {
        matches!(self.private, Private::Rsa { .. })
    }

    /// Refuses what this key cannot do, before the key is used.
    pub(crate) fn check(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<(), Error> {
        let fits = match self.private {
            Private::Ecdsa { .. } => algorithm.scheme == Scheme::Ecdsa,
            Private::Rsa { .. } => matches!(algorithm.scheme, Scheme::RsaPkcs1 | Scheme::RsaPss),
            Private::Ed25519 { .. } => false,
        };
        if !fits || !algorithm.digest.is_for_new_signatures() {
            return Err(Error::WrongAlgorithm { key: self.id.clone(), kind: self.kind, algorithm });
        }
        if digest.algorithm() != algorithm.digest {
            let (expected, found) = (algorithm.digest.length(), digest.as_bytes().len());
            return Err(Error::WrongDigest { algorithm, expected, found });
        }
        Ok(())
    }

    /// Signs a whole message, which only Ed25519 does (RFC 8032 clause 5.1.6).
    pub(crate) fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.private {
            Private::Ed25519 { pair } => Ok(pair.sign(message).as_ref().to_vec()),
            Private::Ecdsa { .. } | Private::Rsa { .. } => {
                let algorithm = ED25519.default_signature_algorithm();
                Err(Error::WrongAlgorithm { key: self.id.clone(), kind: self.kind, algorithm })
            }
        }
    }

    /// Signs a digest.
    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.check(algorithm, digest)?;
        let failed = |_| Error::Module { doing: "signing" };
        match &self.private {
            Private::Ecdsa { pair, curve } => {
                let fitted = fitted(digest.as_bytes(), curve.digest.output_len());
                let digest = module_digest::Digest::import_less_safe(&fitted, curve.digest).map_err(failed)?;
                Ok(pair.sign_digest(&digest).map_err(failed)?.as_ref().to_vec())
            }
            Private::Rsa { pair, pss } => {
                let Some((encoding, hash)) = rsa_encoding(self.kind, algorithm) else {
                    let signature = pss.sign(self.kind, algorithm, digest)?;
                    let holds = self.public.verify(algorithm, digest, &signature).is_ok();
                    return holds.then_some(signature).ok_or(Error::Module { doing: "signing" });
                };
                let digest = module_digest::Digest::import_less_safe(digest.as_bytes(), hash).map_err(failed)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(encoding, &digest, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Private::Ed25519 { .. } => Err(Error::WrongAlgorithm { key: self.id.clone(), kind: self.kind, algorithm }),
        }
    }
}

fn curve(kind: KeyKind) -> Option<Curve> {
    match kind {
        KeyKind::P256 => Some(P256),
        KeyKind::P384 => Some(P384),
        KeyKind::P521 => Some(P521),
        KeyKind::Rsa { .. } | KeyKind::Other(_) => None,
    }
}

/// The digest as the number that ECDSA signs, in so many bytes (FIPS 186-5 clause 6.4.1): a longer digest loses its
/// rightmost bits, a shorter one is the same number with zeros before it. The module's curves each take one length only.
fn fitted(digest: &[u8], length: usize) -> Vec<u8> {
    match length.checked_sub(digest.len()) {
        Some(missing) => [vec![0; missing].as_slice(), digest].concat(),
        None => digest[..length].to_vec(),
    }
}

/// The module's own padding; `None` for a salt or mask of RSASSA-PSS that it does not have.
fn rsa_encoding(
    kind: KeyKind,
    algorithm: SignatureAlgorithm,
) -> Option<(&'static RsaSignatureEncoding, &'static module_digest::Algorithm)> {
    let digest = algorithm.digest;
    let hash = match digest {
        DigestAlgorithm::Sha384 => &module_digest::SHA384,
        DigestAlgorithm::Sha512 => &module_digest::SHA512,
        _ => &module_digest::SHA256,
    };
    let [pkcs1, salt_of_digest, longest]: [&RsaSignatureEncoding; 3] = match digest {
        DigestAlgorithm::Sha384 => [&RSA_PKCS1_SHA384, &RSA_PSS_SHA384, &PSS_SHA384_MAXIMUM],
        DigestAlgorithm::Sha512 => [&RSA_PKCS1_SHA512, &RSA_PSS_SHA512, &PSS_SHA512_MAXIMUM],
        _ => [&RSA_PKCS1_SHA256, &RSA_PSS_SHA256, &PSS_SHA256_MAXIMUM],
    };
    let encoding = match algorithm.pss_parameters() {
        None => pkcs1,
        Some(pss) if pss == PssParameters::usual(digest) => salt_of_digest,
        Some(pss) if pss.mask_digest == digest && Some(pss.salt_length as usize) == longest_salt(kind, digest) => {
            longest
        }
        Some(_) => return None,
    };
    Some((encoding, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(kind: KeyKind) -> KeyPair {
        KeyPair::from_pkcs8(&KeyId::random().unwrap(), kind, &KeyPair::generate(kind).unwrap()).unwrap()
    }

    const DIGESTS: [DigestAlgorithm; 3] = [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

    #[test]
    fn every_curve_signs_every_digest() {
        for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521] {
            let pair = pair(kind);
            for algorithm in DIGESTS {
                let (digest, algorithm) =
                    (algorithm.digest(b"to be signed"), SignatureAlgorithm::new(Scheme::Ecdsa, algorithm));
                let signature = pair.sign(algorithm, &digest).unwrap();
                assert_eq!(signature[0], 0x30, "ECDSA signatures are DER");
                pair.public.verify(algorithm, &digest, &signature).unwrap();
            }
        }
    }

    #[test]
    fn rsa_signs_every_digest_with_both_paddings() {
        let pair = pair(KeyKind::Rsa { bits: 2048 });
        for algorithm in DIGESTS {
            for scheme in [Scheme::RsaPkcs1, Scheme::RsaPss] {
                let (digest, algorithm) =
                    (algorithm.digest(b"to be signed"), SignatureAlgorithm::new(scheme, algorithm));
                let signature = pair.sign(algorithm, &digest).unwrap();
                assert_eq!(signature.len(), 256);
                pair.public.verify(algorithm, &digest, &signature).unwrap();
            }
        }
    }

    #[test]
    fn rsa_signs_with_every_salt_and_mask() {
        let pair = pair(KeyKind::Rsa { bits: 2048 });
        for (digest, mask_digest, salts) in [
            (DigestAlgorithm::Sha256, DigestAlgorithm::Sha256, &[0, 1, 20, 32, 33, 221, 222][..]),
            (DigestAlgorithm::Sha512, DigestAlgorithm::Sha512, &[0, 64, 190]),
            (DigestAlgorithm::Sha384, DigestAlgorithm::Sha256, &[48, 206]),
        ] {
            for &salt_length in salts {
                let algorithm = SignatureAlgorithm::pss(digest, PssParameters { mask_digest, salt_length });
                let digest = digest.digest(b"to be signed");
                let signature = pair.sign(algorithm, &digest).unwrap();
                assert_eq!(signature.len(), 256);
                pair.public.verify(algorithm, &digest, &signature).unwrap();
                let other = PssParameters { salt_length: salt_length ^ 1, mask_digest };
                let other = SignatureAlgorithm::pss(algorithm.digest, other);
                assert!(pair.public.verify(other, &digest, &signature).is_err(), "{algorithm}");
            }
        }
        let too_long = PssParameters { mask_digest: DigestAlgorithm::Sha256, salt_length: 223 };
        let too_long = SignatureAlgorithm::pss(DigestAlgorithm::Sha256, too_long);
        assert!(pair.sign(too_long, &DigestAlgorithm::Sha256.digest(b"")).is_err());
    }

    #[test]
    fn a_key_refuses_a_foreign_scheme_a_foreign_digest_and_sha_1() {
        let pair = pair(KeyKind::P256);
        let digest = DigestAlgorithm::Sha256.digest(b"to be signed");
        let refused = pair.sign(SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256), &digest);
        assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
        let refused = pair.sign(SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha384), &digest);
        assert!(matches!(refused, Err(Error::WrongDigest { expected: 48, found: 32, .. })));
        let sha_1 = Digest::new(DigestAlgorithm::Sha1, vec![0; 20]).unwrap();
        let refused = pair.sign(SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha1), &sha_1);
        assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
    }

    #[test]
    fn ed25519_signs_messages_and_no_digest() {
        let pair = pair(ED25519);
        let algorithm = ED25519.default_signature_algorithm();
        let signature = pair.sign_message(b"to be signed").unwrap();
        pair.public.verify_message(algorithm, b"to be signed", &signature).unwrap();
        assert!(pair.public.verify_message(algorithm, b"to be signet", &signature).is_err());
        let refused = pair.sign(algorithm, &algorithm.digest.digest(b"to be signed"));
        assert!(matches!(refused, Err(Error::WrongAlgorithm { .. })));
        assert!(self::pair(KeyKind::P256).sign_message(b"to be signed").is_err());
    }

    #[test]
    fn a_key_of_an_unsupported_length_is_not_made() {
        let refused = KeyPair::generate(KeyKind::Rsa { bits: 1024 });
        assert!(matches!(refused, Err(Error::UnsupportedKind { .. })));
    }
}
