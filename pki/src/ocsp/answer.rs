//! What an OCSP answer says on one certificate, and whether it may be used, RFC 6960 §3.2 and §4.2. In: a response and a
//! certificate. Out: one status. Signature, path and freshness are judged elsewhere.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{CertificateStatus, SingleResponse, SuccessfulOcspResponse};
use crate::certificate::Certificate;
use crate::extension::KeyUsageBit;
use crate::path;
use crate::revocation_reason::RevocationReason;
use crate::{Error, ObjectIdentifier, oid};

/// The answers on one certificate: at least one, and there should be no more.
#[derive(Debug, Clone)]
pub struct Answers<'a> {
    /// All of them, in their order.
    pub all: Vec<&'a SingleResponse>,
    /// The one with the latest thisUpdate.
    pub newest: &'a SingleResponse,
    /// The worst: revoked before on hold, unknown and good, the earliest revocation first; of the same status the newest.
    pub worst: &'a SingleResponse,
}

impl Answers<'_> {
    /// Whether they say different things.
    pub fn differ(&self) -> bool {
        self.all.iter().any(|answer| answer.status != self.worst.status)
    }
}

impl SuccessfulOcspResponse {
    /// Every answer on this certificate of this issuer; `None` if there is none.
    pub fn answers_for(&self, certificate: &Certificate, issuer: &Certificate) -> Option<Answers<'_>> {
        let named = |response: &&SingleResponse| response.id.names(certificate, issuer);
        let all: Vec<_> = self.responses().iter().filter(named).collect();
        let newest = all.iter().copied().max_by_key(|answer| answer.this_update)?;
        let worst = all.iter().copied().min_by_key(|answer| grade(answer))?;
        Some(Answers { all, newest, worst })
    }

    /// The answer on this certificate of this issuer; the worst, if there are several.
    pub fn response_for(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&SingleResponse> {
        self.answers_for(certificate, issuer).map(|answers| answers.worst)
    }

    /// Critical extensions of the response that are not known here, and those of any of its answers (RFC 6960 §4.4).
    pub fn unknown_critical_extensions(&self) -> Vec<ObjectIdentifier> {
        let mut seen = HashSet::new();
        let all = self.0.critical.iter().chain(self.0.critical_in_answers.iter().flatten());
        all.copied().filter(|extension| seen.insert(*extension)).collect()
    }

    /// The answer on this certificate of this issuer, if nothing forbids its use: no critical extension that is not known
    /// here, in the response or in the answers on the certificate; no answers that differ; nextUpdate not before thisUpdate.
    /// `None` if there is no answer on it.
    ///
    /// # Errors
    /// [`Error::CriticalExtension`], [`Error::AnswersDiffer`] unless one of them tells a revocation, which then counts,
    /// [`Error::UpdatesReversed`].
    pub fn usable_answer_for(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<Option<&SingleResponse>, Error> {
        let Some(answers) = self.answers_for(certificate, issuer) else { return Ok(None) };
        let of_answers = self.responses().iter().zip(&self.0.critical_in_answers);
        let of_answers = of_answers.filter(|(answer, _)| answer.id.names(certificate, issuer));
        if let Some(extension) = self.0.critical.iter().chain(of_answers.flat_map(|(_, critical)| critical)).next() {
            return Err(Error::CriticalExtension { structure: "OCSP response", extension: *extension });
        }
        if answers.differ() && !matches!(answers.worst.status, CertificateStatus::Revoked { .. }) {
            return Err(Error::AnswersDiffer { found: answers.all.len() });
        }
        answers.all.iter().try_for_each(|answer| answer.check_times())?;
        Ok(Some(answers.worst))
    }
}

impl SingleResponse {
    /// Whether nextUpdate, if it is there, is not before thisUpdate.
    ///
    /// # Errors
    /// [`Error::UpdatesReversed`].
    pub fn check_times(&self) -> Result<(), Error> {
        match (self.this_update, self.next_update) {
            (this_update, Some(next_update)) if next_update < this_update => {
                Err(Error::UpdatesReversed { structure: "the OCSP answer", this_update, next_update })
            }
            _ => Ok(()),
        }
    }
}

fn grade(answer: &SingleResponse) -> (u8, Option<Timestamp>, std::cmp::Reverse<Timestamp>) {
    let newest = std::cmp::Reverse(answer.this_update);
    match &answer.status {
        CertificateStatus::Revoked { since, reason: Some(RevocationReason::CertificateHold) } => {
            (1, Some(*since), newest)
        }
        CertificateStatus::Revoked { since, .. } => (0, Some(*since), newest),
        CertificateStatus::Unknown => (2, None, newest),
        CertificateStatus::Good => (3, None, newest),
    }
}

impl Certificate {
    /// Whether a certificate that a CA issued for a responder may be one, RFC 6960 §4.2.2.2 and RFC 5280 §4.2: no critical
    /// extension that is not known here, id-kp-OCSPSigning (anyExtendedKeyUsage is not enough), a keyUsage that allows signing
    /// (RFC 5280 §4.2.1.12: digitalSignature or nonRepudiation), valid at `produced_at`. That
    /// the CA issued it itself, and that it is not revoked, is judged elsewhere.
    ///
    /// # Errors
    /// [`Error::CriticalExtension`], [`Error::ExtendedKeyUsageMissing`], [`Error::KeyUsageMissing`], [`Error::NotValidAt`].
    pub fn check_ocsp_responder(&self, produced_at: Timestamp) -> Result<(), Error> {
        let subject = || self.subject().to_string();
        if let Some(extension) = path::unknown_critical_extension(self) {
            return Err(Error::CriticalExtension { structure: "the OCSP responder's certificate", extension });
        }
        if !self.extended_key_usage().contains(&oid::OCSP_SIGNING) {
            return Err(Error::ExtendedKeyUsageMissing { subject: subject(), expected: oid::OCSP_SIGNING });
        }
        let signing = [KeyUsageBit::DigitalSignature, KeyUsageBit::NonRepudiation];
        if self.key_usage().is_some_and(|usage| !signing.iter().any(|bit| usage.contains(*bit))) {
            return Err(Error::KeyUsageMissing { subject: subject(), expected: KeyUsageBit::DigitalSignature });
        }
        match self.valid_at(produced_at) {
            true => Ok(()),
            false => Err(Error::NotValidAt {
                subject: subject(),
                not_before: self.not_before(),
                not_after: self.not_after(),
                at: produced_at,
            }),
        }
    }
}
