//! OCSP responder, RFC 6960 clauses 2 and 4, nonces by RFC 9654.
//!
//! In: the DER of a request, the world's time. Out: the DER of a response, always; what went wrong inside is logged.
//!
//! Answers are signed by the delegated responder of the CA whose certificates are asked about, and made for each request:
//! thisUpdate is the world's time. Status is kept after expiry, and ArchiveCutoff (clause 4.4.4) says so from the CA's first
//! moment on.

use jiff::Timestamp;
use pki::{
    CertificateId, CertificateStatus, DigestAlgorithm, OcspRefusal, OcspRequest, OcspTemplate, RevocationReason,
    SerialNumber, SingleResponse,
};
use world::store::cannot_be_written;
use world::time::Duration;

use crate::hierarchy::Authority;
use crate::malformation::Malformation;
use crate::revocation::{Status, published, status_at};
use crate::{Ca, Error};

/// nextUpdate after thisUpdate.
const VALIDITY: Duration = Duration::days(1);

/// RFC 9654 clause 2.1: a nonce has 1 to 128 octets.
const LONGEST_NONCE: usize = 128;

impl Ca {
    /// Answers an OCSP request: `malformedRequest` for what is none, `tryLater` before there is a CA, `unauthorized` for
    /// certificates of strangers, of two CAs at once, or of a CA that is not valid at the world's time.
    pub async fn answer_ocsp(&self, request: &[u8]) -> Vec<u8> {
        self.answer_ocsp_malformed(request, None).await
    }

    /// The same, with an answer that is wrong on purpose.
    pub async fn answer_ocsp_malformed(&self, request: &[u8], malformation: Option<Malformation>) -> Vec<u8> {
        match self.ocsp_response(request, malformation).await {
            Ok(response) => response,
            Err(refusal) => refusal.to_der(),
        }
    }

    async fn ocsp_response(&self, request: &[u8], malformation: Option<Malformation>) -> Result<Vec<u8>, OcspRefusal> {
        let request = OcspRequest::from_der(request).map_err(|_| OcspRefusal::MalformedRequest)?;
        let nonce_length = request.nonce.as_ref().map_or(1, Vec::len);
        if request.certificate_ids.is_empty() || !(1..=LONGEST_NONCE).contains(&nonce_length) {
            return Err(OcspRefusal::MalformedRequest);
        }
        let at = self.now();
        let hierarchy = match self.hierarchy().await {
            Err(Error::NoHierarchy) => return Err(OcspRefusal::TryLater),
            found => found.map_err(failed)?,
        };
        let ids = &request.certificate_ids;
        if !ids.iter().all(is_by_an_offered_hash) {
            return Err(OcspRefusal::Unauthorized);
        }
        let is_asked_about = |ca: &&Authority| ids.iter().all(|id| id.names_issuer(&ca.certificate));
        let authorities = hierarchy.authorities();
        let ca = authorities.into_iter().find(is_asked_about).ok_or(OcspRefusal::Unauthorized)?;
        ca.check_valid_at(at).map_err(|_| OcspRefusal::Unauthorized)?;
        self.signed_response(ca, request, malformation, at).await.map_err(failed)
    }

    async fn signed_response(
        &self,
        ca: &Authority,
        request: OcspRequest,
        malformation: Option<Malformation>,
        at: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let responder = self.responder_at(ca, at).await?;
        let mut responses = Vec::with_capacity(request.certificate_ids.len());
        for id in request.certificate_ids {
            let response = self.single_response(ca, id, at).await?;
            responses.push(match malformation {
                None => response,
                Some(malformation) => self.malformed(response, malformation, at).await?,
            });
        }
        let template = OcspTemplate {
            responder_key_identifier: responder.certificate.public_key().key_identifier(),
            produced_at: at,
            responses,
            nonce: request.nonce,
        };
        let pending = template.to_be_signed(responder.algorithm)?;
        let signature = self.signer.sign_digest(&responder.key, responder.algorithm, &pending.digest()).await?;
        Ok(pending.signed(&signature, std::slice::from_ref(&responder.certificate)))
    }

    async fn single_response(&self, ca: &Authority, id: CertificateId, at: Timestamp) -> Result<SingleResponse, Error> {
        let facts = self.store.facts_of_issued(ca.issuer, id.serial(), at).await?;
        let status = facts.map_or(Status::Unknown, |facts| status_at(&facts, at, at));
        Ok(SingleResponse {
            id,
            status: certificate_status(status),
            this_update: at,
            next_update: Some(VALIDITY.until(at)),
            archive_cutoff: Some(ca.certificate.not_before()),
            certificate_hash: None,
        })
    }

    async fn malformed(
        &self,
        response: SingleResponse,
        malformation: Malformation,
        at: Timestamp,
    ) -> Result<SingleResponse, Error> {
        Ok(match malformation {
            Malformation::StatusUnknown => SingleResponse { status: CertificateStatus::Unknown, ..response },
            Malformation::StatusGood => SingleResponse { status: CertificateStatus::Good, ..response },
            Malformation::ExpiredForgotten => {
                let forgotten = self.has_expired(response.id.serial(), at).await?;
                let status = if forgotten { CertificateStatus::Unknown } else { response.status };
                SingleResponse { status, archive_cutoff: None, ..response }
            }
            Malformation::NoNextUpdate => response,
        })
    }

    /// Whether the certificate with that serial number was issued here and has expired.
    pub(crate) async fn has_expired(&self, serial: &SerialNumber, at: Timestamp) -> Result<bool, Error> {
        let issued = self.store.certificate(serial).await?;
        Ok(issued.is_some_and(|issued| at > issued.certificate.not_after()))
    }
}

/// SHA-1, which all clients know (RFC 5019 clause 2.1.1), or SHA-2 from 256 bits. Who names an issuer in another way is answered
/// like who names a stranger: RFC 6960 has no other word for it, and the request is well-formed.
fn is_by_an_offered_hash(id: &CertificateId) -> bool {
    id.hash_algorithm().is_ok_and(|hash| hash == DigestAlgorithm::Sha1 || hash.is_for_new_signatures())
}

/// RFC 6960 clause 2.2: a certificate on hold is revoked, with that reason.
fn certificate_status(status: Status) -> CertificateStatus {
    match status {
        Status::Good => CertificateStatus::Good,
        Status::OnHold { since } => {
            CertificateStatus::Revoked { since, reason: Some(RevocationReason::CertificateHold) }
        }
        Status::Revoked { since, reason } => CertificateStatus::Revoked { since, reason: published(reason) },
        Status::Unknown => CertificateStatus::Unknown,
    }
}

/// An answer that cannot be audited is not given: when there is room again it may be asked for once more.
fn failed(cause: Error) -> OcspRefusal {
    tracing::error!(%cause, "an OCSP request failed inside");
    if cannot_be_written(&cause) { OcspRefusal::TryLater } else { OcspRefusal::InternalError }
}
