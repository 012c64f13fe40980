//! The walk over SignedData, RFC 5652 §5.1 and §5.3. In: its DER. Out: what [`SignedData`](super::SignedData) tells.

use std::sync::OnceLock;

use super::{EmbeddedRevocationData, Inner, Protected, Signer, SignerIdentifier, Source};
use crate::algorithm::{DigestAlgorithm, SignatureAlgorithm, algorithm_identifier};
use crate::asn1::write;
use crate::asn1::{
    self, Element, INTEGER, NULL, OCTET_STRING, OID, Reader, SEQUENCE, SET, context, context_constructed,
};
use crate::certificate::Certificate;
use crate::cms::Attribute;
use crate::name::Name;
use crate::serial::SerialNumber;
use crate::{Error, ber, oid};

pub(super) fn read_signed_data(der: &[u8], source: Source, signed_data: &Element<'_>) -> Result<Inner, Error> {
    let mut reader = signed_data.reader();
    let version = reader.expect(INTEGER, "version")?.unsigned()?;
    let mut digest_algorithms = Vec::new();
    let mut algorithms = reader.expect(SET, "digest algorithms")?.reader();
    while !algorithms.at_end() {
        digest_algorithms.push(algorithm_identifier(&algorithms.expect(SEQUENCE, "digest algorithm")?)?.0);
    }
    let mut encapsulated = reader.sequence("encapsulated content")?;
    let content_type = encapsulated.expect(OID, "content type")?.oid()?;
    let content = encapsulated.optional(context_constructed(0))?;
    let content = content.map(|content| content.explicit(OCTET_STRING, "content")).transpose()?;
    encapsulated.finish()?;
    let certificates = reader.optional(context_constructed(0))?;
    let (certificates, unreadable_certificates) =
        certificates.map(|set| read_certificates(&set)).transpose()?.unwrap_or_default();
    let crls = reader.optional(context_constructed(1))?;
    let has_crls = crls.is_some();
    let mut infos = reader.expect(SET, "signer infos")?.reader();
    reader.finish()?;
    let mut signers = Vec::new();
    while !infos.at_end() {
        signers.push(infos.expect(SEQUENCE, "signer info")?);
    }
    let signer = read_signer(signers.first().ok_or(Error::SignerCount { found: 0 })?)?;
    Ok(Inner {
        der: der.to_vec(),
        attributes_as_sent: None,
        time_stamps: OnceLock::new(),
        source,
        version,
        digest_algorithms,
        content_type,
        content: content.map(|content| content.value_range()),
        certificates,
        unreadable_certificates,
        has_crls,
        revocation_data: revocation_data(crls.as_ref(), &signer.signed_attributes),
        signer_count: signers.len(),
        signer,
    })
}

/// Certificates in the order in which they came, and how many other things there were.
fn read_certificates(set: &Element<'_>) -> Result<(Vec<Certificate>, usize), Error> {
    let mut reader = set.reader();
    let (mut certificates, mut unreadable) = (Vec::new(), 0);
    while !reader.at_end() {
        match Certificate::from_der(reader.element()?.raw) {
            Ok(certificate) => certificates.push(certificate),
            Err(_) => unreadable += 1,
        }
    }
    Ok((certificates, unreadable))
}

fn read_signer(info: &Element<'_>) -> Result<Signer, Error> {
    let mut reader = info.reader();
    reader.expect(INTEGER, "version")?.unsigned()?;
    let identifier = read_identifier(&mut reader)?;
    let digest = reader.expect(SEQUENCE, "digest algorithm")?;
    let (digest_algorithm_oid, _) = algorithm_identifier(&digest)?;
    let digest_algorithm = DigestAlgorithm::read(&digest);
    let signed = reader.optional(context_constructed(0))?;
    let algorithm = reader.expect(SEQUENCE, "signature algorithm")?;
    let signature_algorithm =
        digest_algorithm.clone().and_then(|digest| SignatureAlgorithm::read_cms(&algorithm, digest));
    let (digest_identifier, signature_identifier) = (protected(&digest)?, protected(&algorithm)?);
    let signature = reader.expect(OCTET_STRING, "signature")?.value.to_vec();
    let unsigned = reader.optional(context_constructed(1))?;
    reader.finish()?;
    let signed_attributes_der = signed.map(|signed| as_set(signed.raw));
    Ok(Signer {
        identifier,
        digest_algorithm_oid,
        digest_algorithm,
        digest_identifier,
        signature_identifier,
        signature_algorithm,
        signed_attributes_sorted: signed.map(|signed| is_sorted(&signed)).transpose()?.unwrap_or(true),
        signed_attributes: signed.map(|signed| Attribute::read_all(&signed)).transpose()?.unwrap_or_default(),
        unsigned_attributes: unsigned.map(|unsigned| Attribute::read_all(&unsigned)).transpose()?.unwrap_or_default(),
        signed_attributes_der,
        signature,
    })
}

pub(super) fn protected(algorithm: &Element<'_>) -> Result<Protected, Error> {
    let (identifier, parameters) = algorithm_identifier(algorithm)?;
    let parameters = parameters.filter(|parameters| parameters.tag != NULL);
    Ok((identifier, parameters.map(|parameters| parameters.raw.to_vec())))
}

/// ```text
/// RevocationInfoChoices ::= SET OF CHOICE { crl CertificateList, other [1] IMPLICIT OtherRevocationInfoFormat }
/// OtherRevocationInfoFormat ::= SEQUENCE { otherRevInfoFormat OBJECT IDENTIFIER, otherRevInfo ANY }
/// RevocationInfoArchival ::= SEQUENCE { crl [0] EXPLICIT SEQUENCE OF CRL OPTIONAL,
///                                       ocsp [1] EXPLICIT SEQUENCE OF OCSPResponse OPTIONAL, … }
/// ```
fn revocation_data(crls: Option<&Element<'_>>, signed_attributes: &[Attribute]) -> EmbeddedRevocationData {
    let mut found = EmbeddedRevocationData::default();
    for choice in crls.and_then(|crls| elements(crls).ok()).unwrap_or_default() {
        match choice.first() {
            Some(&SEQUENCE) => found.crls.push(choice.to_vec()),
            _ => found.ocsp_responses.extend(other_revocation_info(choice)),
        }
    }
    let archival = signed_attributes.iter().filter(|attribute| attribute.oid == oid::REVOCATION_INFO_ARCHIVAL);
    for value in archival.flat_map(|attribute| &attribute.values) {
        let Ok(value) = asn1::single(value, SEQUENCE, "adbe-revocationInfoArchival") else { continue };
        let mut reader = value.reader();
        for (tag, kept) in [(0, &mut found.crls), (1, &mut found.ocsp_responses)] {
            let list = reader.optional(context_constructed(tag)).ok().flatten();
            let list = list.and_then(|list| list.explicit(SEQUENCE, "revocation data").ok());
            kept.extend(list.and_then(|list| elements(&list).ok()).unwrap_or_default().into_iter().map(<[u8]>::to_vec));
        }
    }
    found
}

/// The OCSPResponse in an OtherRevocationInfoFormat (RFC 5940 §2.1).
fn other_revocation_info(choice: &[u8]) -> Option<Vec<u8>> {
    let mut reader = asn1::single(choice, context_constructed(1), "other revocation info").ok()?.reader();
    let format = reader.expect(OID, "format").ok()?.oid().ok()?;
    let response = reader.expect(SEQUENCE, "OCSP response").ok()?;
    (format == oid::RI_OCSP_RESPONSE).then(|| response.raw.to_vec())
}

fn read_identifier(reader: &mut Reader<'_>) -> Result<SignerIdentifier, Error> {
    if let Some(identifier) = reader.optional(context(0))? {
        return Ok(SignerIdentifier::KeyIdentifier(identifier.value.to_vec()));
    }
    // In pieces, as BER allows; the conversion does not know that this tag is of an OCTET STRING.
    if let Some(pieces) = reader.optional(context_constructed(0))? {
        let mut pieces = pieces.reader();
        let mut identifier = Vec::new();
        while !pieces.at_end() {
            identifier.extend_from_slice(pieces.expect(OCTET_STRING, "a piece of a key identifier")?.value);
        }
        return Ok(SignerIdentifier::KeyIdentifier(identifier));
    }
    let mut pair = reader.sequence("signer identifier")?;
    let issuer = Name::read(&pair.expect(SEQUENCE, "issuer")?)?;
    let serial = SerialNumber::read(&pair.expect(INTEGER, "serial number")?)?;
    pair.finish()?;
    Ok(SignerIdentifier::IssuerAndSerial { issuer, serial })
}

fn is_sorted(set: &Element<'_>) -> Result<bool, Error> {
    Ok(elements(set)?.is_sorted())
}

/// A SET OF in the order of DER.
pub(super) fn sorted(set: &[u8]) -> Result<Vec<u8>, Error> {
    let set = asn1::single(set, SET, "signed attributes")?;
    let mut elements = elements(&set)?;
    elements.sort_unstable();
    Ok(write::element(SET, &elements))
}

fn elements<'a>(set: &Element<'a>) -> Result<Vec<&'a [u8]>, Error> {
    let mut reader = set.reader();
    let mut elements = Vec::new();
    while !reader.at_end() {
        elements.push(reader.element()?.raw);
    }
    Ok(elements)
}

/// Signed attributes, which are sent with the tag `[0] IMPLICIT`, as the SET that is signed (RFC 5652 §5.4).
pub(super) fn as_set(implicit: &[u8]) -> Vec<u8> {
    let mut set = implicit.to_vec();
    if let Some(tag) = set.first_mut() {
        *tag = SET;
    }
    set
}

/// The signed attributes of the first SignerInfo as they stand in BER, as a SET: what a program that did not convert them
/// signed. `None` if there are none.
pub(super) fn attributes_as_sent(content_info: &[u8]) -> Option<Vec<u8>> {
    fn inside(element: ber::Piece<'_>) -> Option<Vec<ber::Piece<'_>>> {
        ber::pieces(element.value)
    }
    let content = ber::pieces(content_info)?.into_iter().next().and_then(inside)?;
    let signed_data = content.into_iter().nth(1).and_then(inside)?.into_iter().next().and_then(inside)?;
    let infos = signed_data.into_iter().rfind(|element| element.tag == SET)?;
    let info = inside(infos)?.into_iter().next().and_then(inside)?;
    // After version and signer identifier, which may have the same tag.
    info.into_iter().skip(3).find(|element| element.tag == context_constructed(0)).map(|found| as_set(found.raw))
}
