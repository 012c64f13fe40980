//! OCSP requests, RFC 6960 §4.1. In: DER. Out: which certificates are asked about. A signature of the client is passed over.

use super::{CertificateId, read_nonce};
use crate::asn1::{self, Reader, SEQUENCE, context_constructed};
use crate::extension::Extension;
use crate::{Error, encode, oid};

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
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut outer = asn1::single(der, SEQUENCE, "OCSPRequest")?.reader();
        let mut reader = outer.sequence("request to be signed")?;
        outer.optional(context_constructed(0))?;
        outer.finish()?;
        for number in [0, 1] {
            reader.optional(context_constructed(number))?;
        }
        let list = reader.expect(SEQUENCE, "list of requests")?;
        let certificate_ids = read_list(list.reader())?;
        if certificate_ids.is_empty() || certificate_ids.len() > MAX_REQUESTS {
            return Err(list.malformed("one to 64 requests", format!("{}", certificate_ids.len())));
        }
        let extensions = match reader.optional(context_constructed(2))? {
            Some(element) => Extension::read_all(&element.explicit(SEQUENCE, "extensions")?)?,
            None => Vec::new(),
        };
        reader.finish()?;
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
        request.optional(context_constructed(0))?;
        request.finish()?;
    }
    Ok(identifiers)
}

/// The extensions `[number]` with the nonce alone.
pub(super) fn encode_nonce(nonce: &[u8], number: u8) -> Vec<u8> {
    let extension = Extension::new(oid::OCSP_NONCE, false, encode::octet_string(nonce));
    encode::explicit(number, &encode::sequence(&[&extension.to_der()]))
}
