//! RSASSA-PKCS1-v1_5 and RSASSA-PSS, RFC 8017 §8. In: key, algorithm with any legal parameters, digest, value.
//! Out: whether it holds.
//!
//! The provider verifies most signatures that are met. The others (keys of other sizes, other salts, hashes and masks) take
//! one modular power and the comparison of RFC 8017 §9.

use aws_lc_rs::digest::{self, Digest as ProviderDigest};
use aws_lc_rs::signature::{self, RsaParameters, UnparsedPublicKey};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

use super::{KeyKind, PublicKey, positive, rsa_integers};
use crate::algorithm::{Digest, DigestAlgorithm, PssParameters, Scheme, SignatureAlgorithm};
use crate::asn1::write;
use crate::{Error, oid};

/// Smallest modulus: broken since 1999, and the smallest that takes PKCS #1 with SHA-256.
const MIN_BITS: u32 = 512;

/// Largest modulus: as OpenSSL (OPENSSL_RSA_MAX_MODULUS_BITS). A verification then takes milliseconds.
pub(super) const MAX_BITS: u32 = 16_384;

/// Up to this modulus an exponent has at most 256 bits (FIPS 186-5 appendix A.1.1), above it 33 as with the provider: a
/// hostile key, of which a file may have hundreds, costs no more than some milliseconds.
const SMALL_BITS: u32 = 4096;
const MAX_EXPONENT_BITS: usize = 256;
const MAX_EXPONENT_BITS_OF_LARGE: usize = 33;

pub(super) fn holds(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    digest: &Digest,
    signature: &[u8],
) -> Result<bool, Error> {
    check_restriction(key, algorithm)?;
    let KeyKind::Rsa { bits } = key.kind() else { return Ok(false) };
    let (modulus, exponent) = components(key, bits)?;
    Ok(provider_holds(key, bits, algorithm, digest, signature)
        || opened(&modulus, exponent, signature, bits).is_some_and(|message| match algorithm.pss_parameters() {
            Some(parameters) => pss_fits(&message, bits, digest, parameters),
            None => pkcs1_fits(&message, digest),
        }))
}

/// The modulus, odd, and the exponent, of sizes that are taken.
pub(super) fn components(key: &PublicKey, bits: u32) -> Result<(Odd<BoxedUint>, &[u8]), Error> {
    let unusable = |expected, found| Error::UnsupportedParameters { oid: oid::RSA_ENCRYPTION, expected, found };
    if !(MIN_BITS..=MAX_BITS).contains(&bits) {
        return Err(unusable("a modulus of 512 to 16384 bits", format!("{bits} bits")));
    }
    let (modulus, exponent) = rsa_integers(key.key_octets())?;
    let (Some(modulus), Some(exponent)) = (positive(modulus), positive(exponent)) else {
        return Err(unusable("a positive modulus and exponent", "others".to_owned()));
    };
    let odd = exponent.last().is_some_and(|octet| octet % 2 == 1) && exponent != [1];
    if !odd || exponent.len() > modulus.len() {
        return Err(unusable("an odd exponent from 3, shorter than the modulus", "another".to_owned()));
    }
    let most = if bits > SMALL_BITS { MAX_EXPONENT_BITS_OF_LARGE } else { MAX_EXPONENT_BITS };
    let exponent_bits = 8 * exponent.len() - exponent[0].leading_zeros() as usize;
    if exponent_bits > most {
        return Err(unusable("an exponent of at most 256 bits, of a large key 33", format!("{exponent_bits} bits")));
    }
    let modulus = Odd::new(BoxedUint::from_be_slice_vartime(modulus));
    let modulus = Option::from(modulus).ok_or_else(|| unusable("an odd modulus", "an even one".to_owned()))?;
    Ok((modulus, exponent))
}

/// A key that is for RSASSA-PSS makes nothing else, and if it has parameters, only with those and a salt of at least that
/// length (RFC 4055 §1.2 and §3.3).
fn check_restriction(key: &PublicKey, algorithm: SignatureAlgorithm) -> Result<(), Error> {
    let Some(restriction) = key.pss_restriction() else { return Ok(()) };
    let fits = match (algorithm.pss_parameters(), restriction) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(found), Some(parameters)) => {
            let (digest, expected) = PssParameters::read(Some(parameters))?;
            digest == algorithm.digest
                && expected.mask_digest == found.mask_digest
                && expected.salt_length <= found.salt_length
        }
    };
    match fits {
        true => Ok(()),
        false => {
            let (scheme, digest) = (algorithm.scheme, algorithm.digest);
            Err(Error::KeyUnfit { scheme, digest, kind: key.kind() })
        }
    }
}

/// Whether the provider, four times as fast, says that it holds. That it does not say so means nothing.
fn provider_holds(
    key: &PublicKey,
    bits: u32,
    algorithm: SignatureAlgorithm,
    digest: &Digest,
    signature: &[u8],
) -> bool {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    if !(2048..=8192).contains(&bits) || algorithm.pss_parameters().is_some_and(|pss| !is_usual(pss, algorithm)) {
        return false;
    }
    let (verification, hash): (&'static RsaParameters, _) = match (algorithm.scheme, algorithm.digest) {
        (Scheme::RsaPkcs1, Sha256) => (&signature::RSA_PKCS1_2048_8192_SHA256, &digest::SHA256),
        (Scheme::RsaPkcs1, Sha384) => (&signature::RSA_PKCS1_2048_8192_SHA384, &digest::SHA384),
        (Scheme::RsaPkcs1, Sha512) => (&signature::RSA_PKCS1_2048_8192_SHA512, &digest::SHA512),
        (Scheme::RsaPss, Sha256) => (&signature::RSA_PSS_2048_8192_SHA256, &digest::SHA256),
        (Scheme::RsaPss, Sha384) => (&signature::RSA_PSS_2048_8192_SHA384, &digest::SHA384),
        (Scheme::RsaPss, Sha512) => (&signature::RSA_PSS_2048_8192_SHA512, &digest::SHA512),
        _ => return false,
    };
    let digest =
        ProviderDigest::import_less_safe(digest.as_bytes(), hash).expect("a Digest has the length of its algorithm");
    UnparsedPublicKey::new(verification, key.key_octets()).verify_digest(&digest, signature).is_ok()
}

fn is_usual(parameters: PssParameters, algorithm: SignatureAlgorithm) -> bool {
    parameters == PssParameters::usual(algorithm.digest)
}

/// RSAVP1 (§5.2.2): the encoded message in as many octets as the modulus has. `None` for a value of another length or not
/// below the modulus.
fn opened(modulus: &Odd<BoxedUint>, exponent: &[u8], signature: &[u8], bits: u32) -> Option<Vec<u8>> {
    let octets = bits.div_ceil(8) as usize;
    if signature.len() != octets {
        return None;
    }
    let precision = modulus.as_ref().bits_precision();
    let signature = BoxedUint::from_be_slice(signature, precision).ok()?;
    if signature >= *modulus.as_ref() {
        return None;
    }
    let parameters = BoxedMontyParams::new_vartime(modulus.clone());
    let exponent_bits = exponent.len() as u32 * 8 - exponent[0].leading_zeros();
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    let power = BoxedMontyForm::new(signature, &parameters).pow_bounded_exp(&exponent, exponent_bits).retrieve();
    let all = power.to_be_bytes();
    Some(all[all.len().checked_sub(octets)?..].to_vec())
}

/// EMSA-PKCS1-v1_5 (§9.2): the digest's identifier with NULL, or without (its note 2).
///
/// ```text
/// DigestInfo ::= SEQUENCE { digestAlgorithm AlgorithmIdentifier, digest OCTET STRING }
/// ```
fn pkcs1_fits(message: &[u8], digest: &Digest) -> bool {
    [write::null(), Vec::new()].into_iter().any(|parameters| {
        let identifier = write::algorithm_identifier(digest.algorithm().oid(), &parameters);
        let info = write::sequence(&[&identifier, &write::octet_string(digest.as_bytes())]);
        let Some(padding) = message.len().checked_sub(info.len() + 3).filter(|padding| *padding >= 8) else {
            return false;
        };
        message == [&[0, 1], &vec![0xff; padding][..], &[0], &info].concat()
    })
}

/// EMSA-PSS-VERIFY (§9.1.2).
fn pss_fits(message: &[u8], bits: u32, digest: &Digest, parameters: PssParameters) -> bool {
    let encoded_bits = bits as usize - 1;
    let length = encoded_bits.div_ceil(8);
    let (leading, encoded) = message.split_at(message.len() - length);
    let (hash, salt) = (digest.as_bytes().len(), parameters.salt_length as usize);
    let Some(padding) = length.checked_sub(hash + 2).and_then(|rest| rest.checked_sub(salt)) else { return false };
    let (masked, rest) = encoded.split_at(length - hash - 1);
    let (stated, trailer) = rest.split_at(hash);
    let unused = 0xff_u8.checked_shr((8 * length - encoded_bits) as u32).unwrap_or(0);
    if leading.iter().any(|octet| *octet != 0) || trailer != [0xbc] || masked[0] & !unused != 0 {
        return false;
    }
    let mask = mask(stated, masked.len(), parameters.mask_digest);
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(octet, mask)| octet ^ mask).collect();
    block[0] &= unused;
    let (zeros, rest) = block.split_at(padding);
    zeros.iter().all(|octet| *octet == 0)
        && rest[0] == 1
        && digest.algorithm().digest_parts([&[0; 8], digest.as_bytes(), &rest[1..]]).as_bytes() == stated
}

/// MGF1 (appendix B.2.1).
fn mask(seed: &[u8], length: usize, hash: DigestAlgorithm) -> Vec<u8> {
    let block = |counter: u32| hash.digest_parts([seed, &counter.to_be_bytes()]).as_bytes().to_vec();
    (0..length.div_ceil(hash.length()) as u32).flat_map(block).take(length).collect()
}
