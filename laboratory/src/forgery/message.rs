//! A forged CMS message, RFC 5652 clause 5. In: a message that this project wrote. Out: one that is wrong in one place,
//! or `None` if the message does not have that place.

use pki::asn1::{OCTET_STRING, Reader, SET, write};

/// certificates of SignedData, signedAttrs of SignerInfo.
const ZERO: u8 = 0xa0;
/// unsignedAttrs of SignerInfo.
const ONE: u8 = 0xa1;

/// The DER of `1.2.840.113549.1.9.16.2.14`, signature-time-stamp, RFC 3161 appendix A.
const SIGNATURE_TIME_STAMP: [u8; 13] = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];

/// The DER of `1.2.840.113549.1.9.16.2.47`, signing-certificate-v2, RFC 5035 clause 3.
const SIGNING_CERTIFICATE_V2: [u8; 13] = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// The elements inside the one that `der` begins with.
fn parts(der: &[u8]) -> Option<Vec<Vec<u8>>> {
    let outer = Reader::new(der, "message").element().ok()?;
    let parts = outer.reader().elements().ok()?;
    Some(parts.iter().map(|part| part.raw.to_vec()).collect())
}

fn around(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    write::element(tag, &[&parts.concat()])
}

/// The element that `der` begins with, with its parts changed.
fn edited(der: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>) -> Option<()>) -> Option<Vec<u8>> {
    let mut parts = parts(der)?;
    change(&mut parts)?;
    Some(around(*der.first()?, &parts))
}

/// The message with the parts of its SignedData changed.
fn signed_data(message: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>) -> Option<()>) -> Option<Vec<u8>> {
    edited(message, |content_info| {
        let explicit = content_info.get_mut(1)?;
        *explicit = edited(explicit, |content| {
            let data = content.get_mut(0)?;
            *data = edited(data, change)?;
            Some(())
        })?;
        Some(())
    })
}

/// The message with the parts of its first SignerInfo changed.
fn signer_info(message: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>) -> Option<()>) -> Option<Vec<u8>> {
    signed_data(message, |parts| {
        let set = parts.last_mut()?;
        *set = edited(set, |infos| {
            let first = infos.get_mut(0)?;
            *first = edited(first, change)?;
            Some(())
        })?;
        Some(())
    })
}

/// One message with the SignerInfos of both, and the certificates of both.
pub(super) fn two_signers(message: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut of_other = Vec::new();
    signed_data(other, |parts| {
        of_other.clone_from(parts);
        Some(())
    })?;
    let merged = |mine: &[u8], others: &[u8]| {
        let mut all = [parts(mine)?, parts(others)?].concat();
        all.sort_unstable(); // DER of a SET OF
        all.dedup();
        Some(around(*mine.first()?, &all))
    };
    signed_data(message, |parts| {
        for tag in [ZERO, SET] {
            let last = |parts: &[Vec<u8>]| parts.iter().rposition(|part| part.first() == Some(&tag));
            let (mine, others) = (last(parts)?, last(&of_other)?);
            parts[mine] = merged(&parts[mine], &of_other[others])?;
        }
        Some(())
    })
}

/// Without its certificates.
pub(super) fn without_certificates(message: &[u8]) -> Option<Vec<u8>> {
    signed_data(message, |parts| {
        let place = parts.iter().position(|part| part.first() == Some(&ZERO))?;
        parts.remove(place);
        Some(())
    })
}

/// With another token in place of its signature time-stamp.
pub(super) fn with_time_stamp(message: &[u8], token: &[u8]) -> Option<Vec<u8>> {
    let attribute = write::sequence(&[&SIGNATURE_TIME_STAMP, &write::element(SET, &[token])]);
    signer_info(message, |parts| {
        let unsigned = parts.iter().position(|part| part.first() == Some(&ONE))?;
        parts[unsigned] = write::element(ONE, &[&attribute]);
        Some(())
    })
}

/// Signed attributes, a SET, without signing-certificate-v2.
pub(super) fn without_signing_certificate(attributes: &[u8]) -> Option<Vec<u8>> {
    edited(attributes, |all| {
        let before = all.len();
        all.retain(|attribute| {
            parts(attribute).is_none_or(|parts| parts.first().is_none_or(|kind| kind != &SIGNING_CERTIFICATE_V2))
        });
        (all.len() < before).then_some(())
    })
}

/// With other signed attributes, a SET, and the signature over them.
pub(super) fn with_signed_attributes(message: &[u8], attributes: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    signer_info(message, |parts| {
        let signed = parts.iter().position(|part| part.first() == Some(&ZERO))?;
        parts[signed] = [&[ZERO], &attributes[1..]].concat();
        let value = parts.iter().position(|part| part.first() == Some(&OCTET_STRING))?;
        parts[value] = write::octet_string(signature);
        Some(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_is_put_together_again() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let inner = write::octet_string(&vec![7; length]);
            let outer = write::sequence(&[&inner, &write::null()]);
            assert_eq!(edited(&outer, |_| Some(())), Some(outer.clone()));
            assert_eq!(parts(&outer).unwrap(), [inner, vec![5, 0]]);
        }
        assert_eq!(parts(&[0x30, 5, 0]), None);
    }
}
