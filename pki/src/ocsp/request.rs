//! OCSP requests, RFC 6960 §4.1. In: DER. Out: which certificates are asked about. A signature of the client is passed over.

use super::{CertificateId, read_nonce};
use crate::asn1::{self, INTEGER, Reader, SEQUENCE, context_constructed};
use crate::extension::Extension;
use crate::general_name::GeneralName;
use crate::{Error, ObjectIdentifier, encode, oid};

/// Most certificates that one request may ask about; OpenSSL and browsers ask about one, validators about a chain.
const MAX_REQUESTS: usize = 64;

/// A question about certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspRequest {
    /// At least one.
    pub certificate_ids: Vec<CertificateId>,
    /// The octets of the nonce, without the OCTET STRING around them.
    pub nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// ```text
    /// OCSPRequest ::= SEQUENCE { tbsRequest TBSRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }
    /// TBSRequest ::= SEQUENCE {
    ///    version [0] EXPLICIT Version DEFAULT v1, requestorName [1] EXPLICIT GeneralName OPTIONAL,
    ///    requestList SEQUENCE OF Request, requestExtensions [2] EXPLICIT Extensions OPTIONAL }
    /// Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
    /// ```
    /// A version other than 1, a requestor that is no name and a critical extension that is not known here make it no request
    /// that could be answered (§4.1.2, §4.4).
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut outer = asn1::single(der, SEQUENCE, "OCSPRequest")?.reader();
        let mut reader = outer.sequence("request to be signed")?;
        outer.optional(context_constructed(0))?;
        outer.finish()?;
        if let Some(version) = reader.optional(context_constructed(0))? {
            let number = version.explicit(INTEGER, "version")?.unsigned()?;
            if number != 0 {
                return Err(version.malformed("version 1", format!("version {}", u128::from(number) + 1)));
            }
        }
        if let Some(requestor) = reader.optional(context_constructed(1))? {
            let mut inside = requestor.reader();
            GeneralName::read(&inside.element()?)?;
            inside.finish()?;
        }
        let list = reader.expect(SEQUENCE, "list of requests")?;
        let certificate_ids = read_list(list.reader())?;
        if certificate_ids.is_empty() || certificate_ids.len() > MAX_REQUESTS {
            return Err(list.malformed("one to 64 requests", format!("{}", certificate_ids.len())));
        }
        let extensions = read_extensions(&mut reader, 2)?;
        reader.finish()?;
        check_critical(&extensions, &[oid::OCSP_NONCE])?;
        let nonce = extensions.iter().find(|extension| extension.oid == oid::OCSP_NONCE);
        let nonce = nonce.map(|extension| read_nonce(&extension.value)).transpose()?;
        Ok(Self { certificate_ids, nonce })
    }

    /// An unsigned request.
    pub fn to_der(&self) -> Vec<u8> {
        let requests: Vec<_> = self.certificate_ids.iter().map(|id| encode::sequence(&[id.der()])).collect();
        let nonce = self.nonce.as_ref().map(|nonce| encode_nonce(nonce, 2)).unwrap_or_default();
        encode::sequence(&[&encode::sequence(&[&encode::sequence_of(&requests), &nonce])])
    }
}

fn read_list(mut reader: Reader<'_>) -> Result<Vec<CertificateId>, Error> {
    let mut identifiers = Vec::new();
    while !reader.at_end() {
        let mut request = reader.sequence("request")?;
        identifiers.push(CertificateId::read(&request.expect(SEQUENCE, "certificate identifier")?)?);
        let extensions = read_extensions(&mut request, 0)?;
        request.finish()?;
        check_critical(&extensions, &[])?;
    }
    Ok(identifiers)
}

fn read_extensions(reader: &mut Reader<'_>, number: u8) -> Result<Vec<Extension>, Error> {
    match reader.optional(context_constructed(number))? {
        Some(element) => Extension::read_all(&element.explicit(SEQUENCE, "extensions")?),
        None => Ok(Vec::new()),
    }
}

fn check_critical(extensions: &[Extension], known: &[ObjectIdentifier]) -> Result<(), Error> {
    match extensions.iter().find(|extension| extension.critical && !known.contains(&extension.oid)) {
        Some(unknown) => Err(Error::CriticalExtension { structure: "OCSP request", extension: unknown.oid }),
        None => Ok(()),
    }
}

/// The extensions `[number]` with the nonce alone.
pub(super) fn encode_nonce(nonce: &[u8], number: u8) -> Vec<u8> {
    let extension = Extension::new(oid::OCSP_NONCE, false, encode::octet_string(nonce));
    encode::explicit(number, &encode::sequence(&[&extension.to_der()]))
}
