//! DSA, FIPS 186-4 §4.7 and RFC 3279 §2.3.2. In: key, digest, value. Out: whether it holds. For old signatures.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd};

use super::{PublicKey, positive};
use crate::algorithm::Digest;
use crate::asn1::{self, Element, INTEGER, Reader, SEQUENCE};
use crate::{Error, oid};

/// FIPS 186-4 §4.2 ends at 3072 bits; a power with a larger modulus takes longer without need.
const MAX_BITS: u32 = 4096;
const MAX_ORDER_BITS: u32 = 256;

/// ```text
/// Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }
/// DSAPublicKey ::= INTEGER
/// ```
struct Key {
    p: Odd<BoxedUint>,
    q: Odd<BoxedUint>,
    g: BoxedUint,
    y: BoxedUint,
}

/// Bits of p.
pub(super) fn bits(parameters: Option<Element<'_>>) -> Option<u32> {
    let mut reader = parameters.filter(|parameters| parameters.tag == SEQUENCE)?.reader();
    number(&mut reader).map(|p| p.bit_width_vartime())
}

pub(super) fn holds(key: &PublicKey, digest: &Digest, signature: &[u8]) -> Result<bool, Error> {
    let unusable = || Error::UnsupportedParameters {
        oid: oid::DSA,
        expected: "p of at most 4096 bits, q of at most 256, g and y below p",
        found: "other parameters, or none".to_owned(),
    };
    let key = read(key).ok_or_else(unusable)?;
    Ok(value(signature).is_some_and(|(r, s)| equation_holds(&key, digest, r, s).unwrap_or(false)))
}

fn read(key: &PublicKey) -> Option<Key> {
    let parameters = key.parameters()?;
    let mut reader = asn1::single(parameters, SEQUENCE, "Dss-Parms").ok()?.reader();
    let (p, q, g) = (number(&mut reader)?, number(&mut reader)?, number(&mut reader)?);
    reader.finish().ok()?;
    let y = asn1::single(key.key_octets(), INTEGER, "DSAPublicKey").ok()?;
    let y = BoxedUint::from_be_slice_vartime(positive(y.integer().ok()?)?);
    let sizes = p.bit_width_vartime() <= MAX_BITS && q.bit_width_vartime() <= MAX_ORDER_BITS && q < p && g < p && y < p;
    let one = BoxedUint::one();
    if !sizes || g <= one || y <= one {
        return None;
    }
    Some(Key { p: Option::from(Odd::new(p))?, q: Option::from(Odd::new(q))?, g, y })
}

/// `Dss-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }`
fn value(signature: &[u8]) -> Option<(BoxedUint, BoxedUint)> {
    let mut reader = asn1::single(signature, SEQUENCE, "Dss-Sig-Value").ok()?.reader();
    let pair = (number(&mut reader)?, number(&mut reader)?);
    reader.finish().ok()?;
    Some(pair)
}

fn number(reader: &mut Reader<'_>) -> Option<BoxedUint> {
    let magnitude = positive(reader.expect(INTEGER, "a number").ok()?.integer().ok()?)?;
    (magnitude.len() <= MAX_BITS as usize / 8).then(|| BoxedUint::from_be_slice_vartime(magnitude))
}

/// w = s⁻¹ mod q, v = (g^(zw) · y^(rw) mod p) mod q, v = r. `None` for numbers outside 1 to q − 1.
fn equation_holds(key: &Key, digest: &Digest, r: BoxedUint, s: BoxedUint) -> Option<bool> {
    let q = key.q.as_ref();
    if r.bit_width_vartime() == 0 || s.bit_width_vartime() == 0 || r >= *q || s >= *q {
        return None;
    }
    let order: &NonZero<BoxedUint> = key.q.as_nz_ref();
    let precision = q.bits_precision();
    let octets = (q.bit_width_vartime() as usize / 8).min(digest.as_bytes().len());
    let z = BoxedUint::from_be_slice_vartime(&digest.as_bytes()[..octets]).rem_vartime(order);
    let same = |number: BoxedUint| BoxedUint::from_be_slice(&number.to_be_bytes_trimmed_vartime(), precision).ok();
    let (z, r, s) = (same(z)?, same(r)?, same(s)?);
    let w: BoxedUint = Option::from(s.invert_odd_mod_vartime(&key.q))?;
    let (u1, u2) = (z.mul_mod(&w, order), r.mul_mod(&w, order));
    let parameters = BoxedMontyParams::new_vartime(key.p.clone());
    let wide = key.p.as_ref().bits_precision();
    let power = |base: &BoxedUint, exponent: &BoxedUint| {
        let base = BoxedUint::from_be_slice(&base.to_be_bytes_trimmed_vartime(), wide).ok()?;
        Some(BoxedMontyForm::new(base, &parameters).pow(exponent))
    };
    let v = (power(&key.g, &u1)? * power(&key.y, &u2)?).retrieve().rem_vartime(order);
    Some(v == r)
}
