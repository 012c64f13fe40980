//! Writing OCSP answers, RFC 6960 §4.2. In: statuses. Out: a digest to sign, then the whole OCSPResponse.

use jiff::Timestamp;

use super::request::encode_nonce;
use super::{CertificateStatus, SingleResponse};
use crate::algorithm::{Digest, SignatureAlgorithm};
use crate::asn1::write;
use crate::asn1::{ENUMERATED, context, context_constructed};
use crate::certificate::Certificate;
use crate::extension::Extension;
use crate::{Error, oid};

/// What an answer shall say.
#[derive(Debug, Clone)]
pub struct OcspTemplate {
    /// The key identifier (SHA-1) of the responder: responderID is byKey.
    pub responder_key_identifier: [u8; 20],
    /// producedAt; whole seconds are written.
    pub produced_at: Timestamp,
    /// One for each certificate asked about, with the identifiers of the request.
    pub responses: Vec<SingleResponse>,
    /// The nonce of the request, mirrored.
    pub nonce: Option<Vec<u8>>,
}

/// An answer that waits for its signature.
#[derive(Debug, Clone)]
pub struct PendingOcsp {
    response_data: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl OcspTemplate {
    /// ```text
    /// ResponseData ::= SEQUENCE {
    ///    version [0] EXPLICIT Version DEFAULT v1, responderID ResponderID, producedAt GeneralizedTime,
    ///    responses SEQUENCE OF SingleResponse, responseExtensions [1] EXPLICIT Extensions OPTIONAL }
    /// ```
    /// # Errors
    /// [`Error::WeakDigest`] for SHA-1.
    pub fn to_be_signed(&self, algorithm: SignatureAlgorithm) -> Result<PendingOcsp, Error> {
        algorithm.digest.strong()?;
        let responder = write::explicit(2, &write::octet_string(&self.responder_key_identifier));
        let responses: Vec<_> = self.responses.iter().map(encode_single).collect();
        let nonce = self.nonce.as_ref().map(|nonce| encode_nonce(nonce, 1)).unwrap_or_default();
        let produced_at = write::generalized_time(self.produced_at);
        let response_data = write::sequence(&[&responder, &produced_at, &write::sequence_of(&responses), &nonce]);
        Ok(PendingOcsp { response_data, algorithm })
    }
}

impl PendingOcsp {
    /// What is to be signed: ResponseData.
    pub fn octets(&self) -> &[u8] {
        &self.response_data
    }

    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.algorithm.digest.digest(&self.response_data)
    }

    /// How it is to be signed.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The OCSPResponse. `certificates`: that of a delegated responder; none if the CA itself signs.
    ///
    /// ```text
    /// BasicOCSPResponse ::= SEQUENCE {
    ///    tbsResponseData ResponseData, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING,
    ///    certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
    /// ```
    pub fn signed(self, signature: &[u8], certificates: &[Certificate]) -> Vec<u8> {
        let certificates: Vec<_> = certificates.iter().map(|certificate| certificate.der().to_vec()).collect();
        let certificates =
            if certificates.is_empty() { Vec::new() } else { write::explicit(0, &write::sequence_of(&certificates)) };
        let basic = write::sequence(&[
            &self.response_data,
            &self.algorithm.algorithm_identifier_der(),
            &write::bit_string(signature),
            &certificates,
        ]);
        let bytes = write::sequence(&[&write::oid(oid::OCSP_BASIC), &write::octet_string(&basic)]);
        write::sequence(&[&write::element(ENUMERATED, &[&[0]]), &write::explicit(0, &bytes)])
    }
}

/// ```text
/// SingleResponse ::= SEQUENCE {
///    certID CertID, certStatus CertStatus, thisUpdate GeneralizedTime, nextUpdate [0] EXPLICIT GeneralizedTime OPTIONAL,
///    singleExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
fn encode_single(response: &SingleResponse) -> Vec<u8> {
    let status = match &response.status {
        CertificateStatus::Good => write::element(context(0), &[]),
        CertificateStatus::Revoked { since, reason } => {
            let reason = reason.map(|reason| write::explicit(0, &write::element(ENUMERATED, &[&[reason.code()]])));
            write::element(context_constructed(1), &[&write::generalized_time(*since), &reason.unwrap_or_default()])
        }
        CertificateStatus::Unknown => write::element(context(2), &[]),
    };
    let next_update =
        response.next_update.map(|at| write::explicit(0, &write::generalized_time(at))).unwrap_or_default();
    let cutoff =
        response.archive_cutoff.map(|at| Extension::new(oid::OCSP_ARCHIVE_CUTOFF, false, write::generalized_time(at)));
    let hash = response.certificate_hash.as_ref().map(|digest| {
        let algorithm = digest.algorithm().algorithm_identifier_der();
        let value = write::sequence(&[&algorithm, &write::octet_string(digest.as_bytes())]);
        Extension::new(oid::OCSP_CERTIFICATE_HASH, false, value)
    });
    let extensions: Vec<_> = cutoff.iter().chain(&hash).map(Extension::to_der).collect();
    let extensions =
        if extensions.is_empty() { Vec::new() } else { write::explicit(1, &write::sequence_of(&extensions)) };
    let this_update = write::generalized_time(response.this_update);
    write::sequence(&[response.id.der(), &status, &this_update, &next_update, &extensions])
}
