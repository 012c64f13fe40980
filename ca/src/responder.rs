//! OCSP responder, RFC 6960 clauses 2 and 4, nonces by RFC 9654.
//!
//! In: the DER of a request, the world's time. Out: the DER of a response, always; what went wrong inside is logged.
//!
//! Answers are signed by the delegated responder of the CA whose certificates are asked about, and made for each request:
//! thisUpdate is the world's time, and the status is looked up each time. Only where an answer without a nonce is, octet for octet, one
//! that was signed in the same second, its signature is not made a second time. Status is kept after expiry, and ArchiveCutoff (clause 4.4.4) says so from the CA's first
//! moment on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use pki::{
    CertificateId, CertificateStatus, Digest, DigestAlgorithm, OcspRefusal, OcspRequest, OcspTemplate, PendingOcsp,
    RevocationReason, SerialNumber, SignatureAlgorithm, SingleResponse,
};
use world::seldom::Seldom;
use world::store::cannot_be_written;

use crate::authority::{Authority, AuthorityId};
use crate::malformation::Malformation;
use crate::responder_certificate::Responder;
use crate::revocation::{RevocationStatus, published, status_at};
use crate::{Ca, Error};

/// RFC 9654 clause 2.1: a nonce has 1 to 128 octets.
const LONGEST_NONCE: usize = 128;

/// How many answers of one second are kept: a few megabytes, also by RSA-4096.
const MOST_KEPT: usize = 4096;

/// Signatures of answers without a nonce that were made in this second. Whoever asks again at that time about what has not changed is told
/// the same octets.
#[derive(Debug, Default)]
pub(crate) struct SignedAnswers(Mutex<OfOneSecond>);

#[derive(Debug, Default)]
struct OfOneSecond {
    at: Timestamp,
    signatures: HashMap<Octets, Vec<u8>>,
}

/// What is signed, and how; the responder's key is named in it.
type Octets = (SignatureAlgorithm, Digest);

impl SignedAnswers {
    fn of(&self, at: Timestamp, octets: &Octets) -> Option<Vec<u8>> {
        let known = self.held();
        (known.at == at).then(|| known.signatures.get(octets).cloned()).flatten()
    }

    fn keep(&self, at: Timestamp, octets: Octets, signature: &[u8]) {
        let mut known = self.held();
        if known.at != at || known.signatures.len() >= MOST_KEPT {
            *known = OfOneSecond { at, ..OfOneSecond::default() };
        }
        known.signatures.insert(octets, signature.to_vec());
    }

    fn held(&self) -> MutexGuard<'_, OfOneSecond> {
        self.0.lock().expect("no code panics while it holds the signatures")
    }
}

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
        let ids = &request.certificate_ids;
        let issuer = if ids.iter().all(is_by_an_offered_hash) { self.issuer_of(ids).await? } else { None };
        let issuer = issuer.ok_or(OcspRefusal::Unauthorized)?;
        issuer.check_valid_at(at).map_err(|_| OcspRefusal::Unauthorized)?;
        self.signed_response(&issuer, request, malformation, at).await.map_err(failed)
    }

    /// The key of an authority that all of these certificates are said to be signed by: issuerKeyHash tells the keys of one
    /// authority apart.
    async fn issuer_of(&self, ids: &[CertificateId]) -> Result<Option<Arc<Authority>>, OcspRefusal> {
        if let Some(known) = self.known_hierarchy().issuer_of(ids) {
            return Ok(Some(known.clone()));
        }
        match self.hierarchy().await {
            Err(Error::NoHierarchy) => Err(OcspRefusal::TryLater),
            found => Ok(found.map_err(failed)?.issuer_of(ids).cloned()),
        }
    }

    async fn signed_response(
        &self,
        issuer: &Authority,
        request: OcspRequest,
        malformation: Option<Malformation>,
        at: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let responder = self.responder_at(issuer, at).await?;
        let mut responses = Vec::with_capacity(request.certificate_ids.len());
        for id in request.certificate_ids {
            let response = self.single_response(issuer, id, at).await?;
            responses.push(match malformation {
                None => response,
                Some(malformation) => self.malformed(response, &issuer.name.id, malformation, at).await?,
            });
        }
        let is_for_anyone = request.nonce.is_none();
        let template = OcspTemplate {
            responder_key_identifier: responder.certificate.public_key().key_identifier(),
            produced_at: at,
            responses,
            nonce: request.nonce,
        };
        let pending = template.to_be_signed(responder.algorithm)?;
        let signature = match is_for_anyone {
            true => self.signature_of_answer(&responder, &pending, at).await?,
            false => self.signature(&responder.key, responder.algorithm, pending.octets()).await?,
        };
        Ok(pending.signed(&signature, std::slice::from_ref(&responder.certificate)))
    }

    /// The signature that the same answer has had in this second, or a new one.
    async fn signature_of_answer(
        &self,
        responder: &Responder,
        answer: &PendingOcsp,
        at: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let octets = (answer.algorithm(), answer.digest());
        if let Some(known) = self.shared.answers.of(at, &octets) {
            return Ok(known);
        }
        let signature = self.signature(&responder.key, responder.algorithm, answer.octets()).await?;
        self.shared.answers.keep(at, octets, &signature);
        Ok(signature)
    }

    async fn single_response(
        &self,
        issuer: &Authority,
        id: CertificateId,
        at: Timestamp,
    ) -> Result<SingleResponse, Error> {
        let facts = self.store.facts_of_issued(&issuer.name, id.serial(), at).await?;
        let status = facts.map_or(RevocationStatus::Unknown, |facts| status_at(&facts, at, at));
        Ok(SingleResponse {
            id,
            status: certificate_status(status),
            this_update: at,
            next_update: Some(issuer.settings.ocsp_validity.until(at)),
            archive_cutoff: Some(issuer.certificate.not_before()),
            certificate_hash: None,
        })
    }

    async fn malformed(
        &self,
        response: SingleResponse,
        issuer: &AuthorityId,
        malformation: Malformation,
        at: Timestamp,
    ) -> Result<SingleResponse, Error> {
        Ok(match malformation {
            Malformation::StatusUnknown => SingleResponse { status: CertificateStatus::Unknown, ..response },
            Malformation::StatusGood => SingleResponse { status: CertificateStatus::Good, ..response },
            Malformation::ExpiredForgotten => {
                let forgotten = self.has_expired(issuer, response.id.serial(), at).await?;
                let status = if forgotten { CertificateStatus::Unknown } else { response.status };
                SingleResponse { status, archive_cutoff: None, ..response }
            }
            Malformation::NoNextUpdate => response,
        })
    }

    /// Whether an authority issued a certificate under that serial number that has expired.
    pub(crate) async fn has_expired(
        &self,
        issuer: &AuthorityId,
        serial: &SerialNumber,
        at: Timestamp,
    ) -> Result<bool, Error> {
        Ok(self.store.end(issuer, serial).await?.is_some_and(|end| at > end))
    }
}

/// SHA-1, which all clients know (RFC 5019 clause 2.1.1), or SHA-2 from 256 bits. Who names an issuer in another way is answered
/// like who names a stranger: RFC 6960 has no other word for it, and the request is well-formed.
fn is_by_an_offered_hash(id: &CertificateId) -> bool {
    id.hash_algorithm().is_ok_and(|hash| hash == DigestAlgorithm::Sha1 || hash.is_for_new_signatures())
}

/// RFC 6960 clause 2.2: a certificate on hold is revoked, with that reason.
fn certificate_status(status: RevocationStatus) -> CertificateStatus {
    match status {
        RevocationStatus::Good => CertificateStatus::Good,
        RevocationStatus::OnHold { since } => {
            CertificateStatus::Revoked { since, reason: Some(RevocationReason::CertificateHold) }
        }
        RevocationStatus::Revoked { since, reason } => CertificateStatus::Revoked { since, reason: published(reason) },
        RevocationStatus::Unknown => CertificateStatus::Unknown,
    }
}

/// An answer that cannot be audited is not given: when there is room again it may be asked for once more.
fn failed(cause: Error) -> OcspRefusal {
    static FAILED: Seldom = Seldom::new(|times, cause| tracing::error!(times, %cause, "an OCSP request failed inside"));
    FAILED.happened(&cause);
    if cannot_be_written(&cause) { OcspRefusal::TryLater } else { OcspRefusal::InternalError }
}
