//! Cryptographic messages, RFC 5652, as PAdES baseline and RFC 3161 use them: SignedData with one signer.
//! In: a digest and a signature value, or a message as it came. Out: a message, or what it says.

use crate::algorithm::{Digest, DigestAlgorithm};
use crate::asn1::write;
use crate::asn1::{Element, OID, SEQUENCE, SET, context_constructed};
use crate::certificate::Certificate;
use crate::name::Name;
use crate::serial::SerialNumber;
use crate::{Error, ObjectIdentifier, oid};

mod reference;
mod signed_attributes;
mod signed_data;
mod x509_rsa;

pub(crate) use reference::signing_certificate_v2;
pub use reference::{CertificateReference, SigningCertificates};
pub use signed_attributes::SignedAttributes;
pub use signed_data::{EmbeddedRevocationData, SignedData, SignedForm, SignerIdentifier};
pub use x509_rsa::X509RsaSignature;

/// ```text
/// Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF ANY }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// attrType.
    pub oid: ObjectIdentifier,
    /// The DER of each value.
    pub values: Vec<Vec<u8>>,
}

impl Attribute {
    /// The attributes of a SET OF Attribute, or of one with an IMPLICIT tag, in the order in which they came.
    fn read_all(element: &Element<'_>) -> Result<Vec<Self>, Error> {
        let mut reader = element.reader();
        let mut attributes = Vec::new();
        while !reader.at_end() {
            let mut pair = reader.expect(SEQUENCE, "attribute")?.reader();
            let oid = pair.expect(OID, "attribute type")?.oid()?;
            let mut inside = pair.expect(SET, "attribute values")?.reader();
            pair.finish()?;
            let mut values = Vec::new();
            while !inside.at_end() {
                values.push(inside.element()?.raw.to_vec());
            }
            attributes.push(Self { oid, values });
        }
        Ok(attributes)
    }
}

/// An attribute with one value.
pub(crate) fn encode_attribute(identifier: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(identifier), &write::element(SET, &[value])])
}

/// The signed attributes that PAdES baseline and RFC 3161 ask for, as a sorted SET:
/// content-type, message-digest and signing-certificate-v2.
pub(crate) fn encode_signed_attributes(
    content_type: ObjectIdentifier,
    content: &Digest,
    signer: &Certificate,
) -> Vec<u8> {
    write::set_of(vec![
        encode_attribute(oid::CONTENT_TYPE, &write::oid(content_type)),
        encode_attribute(oid::MESSAGE_DIGEST, &write::octet_string(content.as_bytes())),
        encode_attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate_v2(signer, content.algorithm())),
    ])
}

/// `IssuerAndSerialNumber ::= SEQUENCE { issuer Name, serialNumber INTEGER }`
pub(crate) fn encode_issuer_and_serial(issuer: &Name, serial: &SerialNumber) -> Vec<u8> {
    write::sequence(&[issuer.as_der(), &serial.to_der()])
}

/// certificates `[0] IMPLICIT SET OF`: the signer and its chain, each once, sorted as DER asks.
pub(crate) fn encode_certificates(signer: &Certificate, chain: &[Certificate]) -> Vec<u8> {
    let mut certificates: Vec<&[u8]> = std::iter::once(signer).chain(chain).map(Certificate::der).collect();
    certificates.sort_unstable();
    certificates.dedup();
    write::element(context_constructed(0), &certificates)
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`
fn encode_content_info(signed_data: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(oid::SIGNED_DATA), &write::explicit(0, signed_data)])
}

/// The digest of `certificate` as the attributes refer to it.
fn certificate_digest(certificate: &Certificate, algorithm: DigestAlgorithm) -> Digest {
    match algorithm {
        DigestAlgorithm::Sha256 => certificate.fingerprint().clone(),
        other => other.digest(certificate.der()),
    }
}

#[cfg(test)]
mod tests;
