//! ECDSA, FIPS 186-5 §6.4, RFC 5480, RFC 5639, BSI TR-03111. In: key, digest of any function, value. Out: whether it holds.
//!
//! The provider verifies on the curves of NIST and on secp256k1, with digests of one length each: since ECDSA signs a number,
//! any digest can be brought to that length. What it does not have is verified over the curves' own crates.

use aws_lc_rs::digest::{self, Digest as ProviderDigest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256K1_SHA256_ASN1, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize};
use ecdsa::signature::hazmat::PrehashVerifier;
use ecdsa::{EcdsaCurve, Signature, SignatureSize, VerifyingKey};

use super::{KeyKind, PublicKey};
use crate::algorithm::{Digest, Scheme};
use crate::asn1::{self, INTEGER, SEQUENCE};
use crate::{Error, ObjectIdentifier, oid};

/// A curve of the provider: algorithms for both forms of the value, and the digest that both take.
struct Provided {
    der: &'static EcdsaVerificationAlgorithm,
    plain: &'static EcdsaVerificationAlgorithm,
    digest: &'static digest::Algorithm,
}

/// Bits of the order of a curve that is known by name, whether or not it can be verified on.
pub(super) fn curve_bits(curve: ObjectIdentifier) -> Option<u32> {
    match curve {
        oid::P_224 => Some(224),
        oid::P_256 | oid::SECP256K1 | oid::BRAINPOOL_P256R1 | oid::BRAINPOOL_P256T1 | oid::FRP256V1 => Some(256),
        oid::P_384 | oid::BRAINPOOL_P384R1 | oid::BRAINPOOL_P384T1 => Some(384),
        oid::BRAINPOOL_P512R1 => Some(512),
        oid::P_521 => Some(521),
        _ => None,
    }
}

pub(super) fn holds(key: &PublicKey, scheme: Scheme, digest: &Digest, signature: &[u8]) -> Result<bool, Error> {
    let curve = match key.kind() {
        KeyKind::P256 => oid::P_256,
        KeyKind::P384 => oid::P_384,
        KeyKind::P521 => oid::P_521,
        KeyKind::Other(oid::EC_PUBLIC_KEY) => {
            let (expected, found) = ("a curve by its name", "parameters, or none".to_owned());
            return Err(Error::UnsupportedParameters { oid: oid::EC_PUBLIC_KEY, expected, found });
        }
        KeyKind::Other(curve) => curve,
        KeyKind::Rsa { .. } => return Ok(false),
    };
    match curve {
        oid::BRAINPOOL_P256R1 => Ok(holds_on::<BrainpoolP256r1>(key.key_octets(), scheme, digest, signature)),
        oid::BRAINPOOL_P384R1 => Ok(holds_on::<BrainpoolP384r1>(key.key_octets(), scheme, digest, signature)),
        _ => {
            let provided = provided(curve).ok_or(Error::UnsupportedAlgorithm { role: "curve", oid: curve })?;
            let algorithm = if scheme == Scheme::EcdsaPlain { provided.plain } else { provided.der };
            let fitted = fitted(digest.as_bytes(), provided.digest.output_len());
            let digest = ProviderDigest::import_less_safe(&fitted, provided.digest)
                .expect("it was brought to the length of this digest");
            Ok(UnparsedPublicKey::new(algorithm, key.key_octets()).verify_digest(&digest, signature).is_ok())
        }
    }
}

fn provided(curve: ObjectIdentifier) -> Option<Provided> {
    let (der, plain, digest) = match curve {
        oid::P_256 => (&ECDSA_P256_SHA256_ASN1, &ECDSA_P256_SHA256_FIXED, &digest::SHA256),
        oid::SECP256K1 => (&ECDSA_P256K1_SHA256_ASN1, &ECDSA_P256K1_SHA256_FIXED, &digest::SHA256),
        oid::P_384 => (&ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA384_FIXED, &digest::SHA384),
        oid::P_521 => (&ECDSA_P521_SHA512_ASN1, &ECDSA_P521_SHA512_FIXED, &digest::SHA512),
        _ => return None,
    };
    Some(Provided { der, plain, digest })
}

/// The digest as the number that ECDSA signs, in so many octets (FIPS 186-5 §6.4.1): a longer digest loses its rightmost
/// bits, a shorter one is the same number with zeros before it.
fn fitted(digest: &[u8], length: usize) -> Vec<u8> {
    match length.checked_sub(digest.len()) {
        Some(missing) => [&vec![0; missing], digest].concat(),
        None => digest[..length].to_vec(),
    }
}

fn holds_on<C>(point: &[u8], scheme: Scheme, digest: &Digest, signature: &[u8]) -> bool
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    SignatureSize<C>: ecdsa::elliptic_curve::array::ArraySize,
{
    let plain = match scheme {
        Scheme::EcdsaPlain => Some(signature.to_vec()),
        _ => plain(signature, FieldBytes::<C>::default().len()),
    };
    let signature = plain.and_then(|plain| Signature::<C>::from_slice(&plain).ok());
    match (VerifyingKey::<C>::from_sec1_bytes(point), signature) {
        (Ok(key), Some(signature)) => key.verify_prehash(digest.as_bytes(), &signature).is_ok(),
        _ => false,
    }
}

/// Both numbers one after the other, each in so many octets; `None` if it is no such value.
///
/// ```text
/// ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }
/// ```
fn plain(signature: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut reader = asn1::single(signature, SEQUENCE, "ECDSA-Sig-Value").ok()?.reader();
    let mut plain = Vec::with_capacity(2 * length);
    for number in ["r", "s"] {
        let magnitude = super::positive(reader.expect(INTEGER, number).ok()?.integer().ok()?)?;
        plain.resize(plain.len() + length.checked_sub(magnitude.len())?, 0);
        plain.extend_from_slice(magnitude);
    }
    reader.finish().ok()?;
    Some(plain)
}
