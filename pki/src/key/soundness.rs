//! Whether a public key is one: a point of its curve (RFC 5480 §2.2, SEC 1 §3.2.2), or an RSA modulus and exponent as far as
//! that can be told without the factors (SP 800-89 §5.3.3). In: a key that was read. Out: it is one, or what is wrong.
//!
//! Asked before a key is certified. Verifying a signature does not need it: no signature of such a key holds.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Gcd, Limb, NonZero, Odd, Resize};

use super::{KeyKind, PublicKey, rsa};
use crate::Error;
use crate::algorithm::PssParameters;
use crate::asn1::NULL;

/// SP 800-89 §5.3.3: no prime up to here divides a modulus.
const LARGEST_SMALL_PRIME: u16 = 751;

/// An error for what is no key, and for kinds that nobody can check here.
pub(super) fn check(key: &PublicKey) -> Result<(), Error> {
    match key.kind() {
        KeyKind::P256 => check_point(key, &ECDSA_P256_SHA256_ASN1, 32),
        KeyKind::P384 => check_point(key, &ECDSA_P384_SHA384_ASN1, 48),
        KeyKind::P521 => check_point(key, &ECDSA_P521_SHA512_ASN1, 66),
        KeyKind::Rsa { bits } => check_rsa(key, bits),
        KeyKind::Other(identifier) => Err(Error::UnsupportedAlgorithm { role: "key", oid: identifier }),
    }
}

/// Uncompressed or compressed, not at infinity, and on the curve. (The hybrid form of SEC 1 is forbidden by RFC 5480.)
fn check_point(key: &PublicKey, curve: &'static EcdsaVerificationAlgorithm, coordinate: usize) -> Result<(), Error> {
    let octets = key.key_octets();
    let well_formed = match octets.first() {
        Some(4) => octets.len() == 1 + 2 * coordinate,
        Some(2 | 3) => octets.len() == 1 + coordinate,
        _ => false,
    };
    let refused = |why| Err(Error::NoKey { kind: key.kind(), why });
    match well_formed {
        false => refused("wanted one or both coordinates of a point, each as long as the curve's field"),
        true if ParsedPublicKey::new(curve, octets).is_err() => refused("the point is not on the curve"),
        true => Ok(()),
    }
}

fn check_rsa(key: &PublicKey, bits: u32) -> Result<(), Error> {
    let refused = |why| Err(Error::NoKey { kind: key.kind(), why });
    match (key.pss_restriction(), key.parameters()) {
        (Some(Some(parameters)), _) => drop(PssParameters::read(Some(parameters))?),
        (None, found) if found != Some(&[NULL, 0]) => {
            return refused("the parameters of rsaEncryption are NULL (RFC 3279 section 2.3.1)");
        }
        _ => {}
    }
    let (modulus, _) = rsa::components(key, bits)?;
    if (3..=LARGEST_SMALL_PRIME).step_by(2).any(|divisor| is_divisible(modulus.as_ref(), divisor)) {
        return refused("a small number divides the modulus");
    }
    if modulus.as_ref().checked_sqrt_vartime().is_some() || has_one_prime(&modulus) {
        return refused("the modulus is a prime or a power, not a product of different primes");
    }
    Ok(())
}

fn is_divisible(number: &BoxedUint, divisor: u16) -> bool {
    let divisor = NonZero::new(Limb::from(divisor)).expect("the divisors begin with three");
    number.rem_limb(divisor) == Limb::ZERO
}

/// Whether the modulus n is a prime or the power of one: by Fermat p divides 2ⁿ − 2 then. Of a product of primes that were
/// drawn at random none does.
fn has_one_prime(modulus: &Odd<BoxedUint>) -> bool {
    let precision = modulus.as_ref().bits_precision();
    let parameters = BoxedMontyParams::new_vartime(modulus.clone());
    let two = BoxedMontyForm::new(BoxedUint::from(2_u8).resize(precision), &parameters);
    let difference = (two.pow(modulus.as_ref()) - &two).retrieve();
    let common: BoxedUint = modulus.as_ref().gcd_vartime(&difference);
    common != BoxedUint::one_with_precision(precision)
}
