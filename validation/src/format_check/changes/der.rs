//! DER as far as its shape goes, ITU-T X.690 clauses 8.1 and 10.1. In: octets. Out: whether they are, to the last one, an element
//! of the kind that a security store holds, whatever the values in it say.
//!
//! For evidence that a strict reader of its kind refuses: a responder's refusal, an extension twice, an unknown version. What
//! passes here holds nothing beside its elements.

use pki::asn1::{
    BIT_STRING, ENUMERATED, Element, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, UTC_TIME,
    context_constructed,
};

/// Deepest nesting; a time-stamp in a seal with an attribute certificate has about 25 levels.
const MAX_DEPTH: usize = 48;

const CONTEXT_0: u8 = context_constructed(0);

/// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }`, RFC 5280 clause 4.1.
pub(super) fn is_certificate(der: &[u8]) -> bool {
    let Some(fields) = signed_part(der) else { return false };
    let fields = without(&fields, CONTEXT_0); // version
    tags(fields).starts_with(&[INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE])
        && has_tags(fields[3], &[&[UTC_TIME, GENERALIZED_TIME], &[UTC_TIME, GENERALIZED_TIME]])
        && has_tags(fields[5], &[&[SEQUENCE], &[BIT_STRING]])
}

/// `CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }`, RFC 5280 clause 5.1.
pub(super) fn is_crl(der: &[u8]) -> bool {
    let Some(fields) = signed_part(der) else { return false };
    let tags = tags(without(&fields, INTEGER)); // version
    tags.starts_with(&[SEQUENCE, SEQUENCE]) && matches!(tags.get(2), Some(&UTC_TIME | &GENERALIZED_TIME))
}

/// `OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT ResponseBytes OPTIONAL }`, RFC 6960
/// clause 4.2.1; what the response octets hold is DER as well.
pub(super) fn is_response(der: &[u8]) -> bool {
    let Some(fields) = sequence(der) else { return false };
    match fields.as_slice() {
        [status] => status.tag == ENUMERATED,
        [status, bytes] if status.tag == ENUMERATED && bytes.tag == CONTEXT_0 => {
            let inside = sequence(bytes.value).unwrap_or_default();
            let response = inside.get(1).map(|response| response.value).unwrap_or_default();
            tags(&inside) == [OID, OCTET_STRING] && is_der(response)
        }
        _ => false,
    }
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`, RFC 5652 clause 3, of signed data.
pub(super) fn is_token(der: &[u8]) -> bool {
    const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]; // 1.2.840.113549.1.7.2
    let fields = sequence(der).unwrap_or_default();
    tags(&fields) == [OID, CONTEXT_0] && fields[0].value == SIGNED_DATA && sequence(fields[1].value).is_some()
}

/// The fields of what is signed in `SIGNED { toBeSigned, algorithm, signature BIT STRING }`.
fn signed_part(der: &[u8]) -> Option<Vec<Element<'_>>> {
    let fields = sequence(der)?;
    let signed = tags(&fields) == [SEQUENCE, SEQUENCE, BIT_STRING];
    let algorithm = signed && has_tags_first(fields[1], OID);
    algorithm.then(|| level(fields[0].value)).flatten()
}

/// The elements of a SEQUENCE that is well-formed to the last octet.
fn sequence(der: &[u8]) -> Option<Vec<Element<'_>>> {
    let outer = level(der).filter(|outer| tags(outer) == [SEQUENCE] && is_der(der))?;
    level(outer[0].value)
}

fn tags(elements: &[Element<'_>]) -> Vec<u8> {
    elements.iter().map(|element| element.tag).collect()
}

fn without<'e, 'a>(fields: &'e [Element<'a>], optional: u8) -> &'e [Element<'a>] {
    match fields.split_first() {
        Some((first, rest)) if first.tag == optional => rest,
        _ => fields,
    }
}

fn has_tags(element: Element<'_>, expected: &[&[u8]]) -> bool {
    let inside = level(element.value).unwrap_or_default();
    inside.len() == expected.len() && inside.iter().zip(expected).all(|(one, expected)| expected.contains(&one.tag))
}

fn has_tags_first(element: Element<'_>, expected: u8) -> bool {
    level(element.value).is_some_and(|inside| inside.first().is_some_and(|first| first.tag == expected))
}

/// Whether all constructed elements consist of elements, and there is one outermost.
fn is_der(bytes: &[u8]) -> bool {
    let Some(outer) = level(bytes).filter(|outer| outer.len() == 1) else { return false };
    let mut pending = vec![(outer[0], 0)];
    while let Some((element, depth)) = pending.pop() {
        if !is_plausible(element) || depth > MAX_DEPTH {
            return false;
        }
        if element.tag & CONSTRUCTED != 0 {
            let Some(inside) = level(element.value) else { return false };
            pending.extend(inside.into_iter().map(|inner| (inner, depth + 1)));
        }
    }
    true
}

const CONSTRUCTED: u8 = 0x20;

/// Primitive and constructed encodings where DER wants them, and values of the length that a universal type has.
fn is_plausible(element: Element<'_>) -> bool {
    let constructed = element.tag & CONSTRUCTED != 0;
    if element.tag & 0xc0 != 0 {
        return true; // not universal
    }
    let length = element.value.len();
    match element.tag & 0x1f {
        0 => false,
        8 | 11 | 16 | 17 | 29 => constructed, // EXTERNAL, EMBEDDED PDV, SEQUENCE, SET, CHARACTER STRING
        _ if constructed => false,
        1 => length == 1,
        2 | 6 | 10 | 13 => length > 0,
        3 => element.value.first().is_some_and(|unused| *unused < 8),
        5 => length == 0,
        _ => true,
    }
}

/// The elements one after the other, to the last octet; none with a tag number above 30, or a length longer than needed.
fn level(bytes: &[u8]) -> Option<Vec<Element<'_>>> {
    Reader::new(bytes, "evidence").elements().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_unknown_answers_have_the_shape_of_responses() {
        assert!(is_response(&[0x30, 3, 0x0a, 1, 3]));
        assert!(is_response(b"\x30\x12\x0a\x01\x00\xa0\x0d\x30\x0b\x06\x03\x2a\x03\x04\x04\x04\x30\x02\x05\x00"));
        assert!(!is_response(b"\x30\x12\x0a\x01\x00\xa0\x0d\x30\x0b\x06\x03\x2a\x03\x04\x04\x04text"));
    }

    #[test]
    fn octets_beside_the_elements_are_no_der() {
        for bytes in [
            &[0x30, 3, 0x0a, 1, 3, 0][..],   // after it
            &[0x30, 4, 0x0a, 1, 3, 0x20],    // inside it
            &[0x30, 0x81, 3, 0x0a, 1, 3],    // a longer length than needed
            &[0x30, 0x80, 0x0a, 1, 3, 0, 0], // none
            &[0x30, 5, 0x0a, 1, 3, 0x05, 1], // one that leads beyond it
            &[0x30, 3, 0x02, 1, 3],          // another kind
            &[0x10, 3, 0x0a, 1, 3],          // primitive
            &[],
        ] {
            assert!(!is_response(bytes), "{bytes:02x?}");
        }
        let deep = (0..60).fold(vec![0x05, 0x00], |inner, _| [vec![0xa0, inner.len() as u8], inner].concat());
        assert!(!is_der(&deep));
    }
}
