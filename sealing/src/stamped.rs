//! The third step of a seal: the file has its CMS, with a time-stamp from level B-T on. In: the network, from level B-LT on. Out:
//! `Evidenced`, the file with certificates, CRLs and OCSP answers (EN 319 142-1 clause 5.4.2).

use std::sync::Arc;

use jiff::Timestamp;
use pades::Document;
use pki::{Certificate, TimeStampToken};
use validation::revocation_data::Standing;
use verifier::evidence::{self, CertificateEvidence, Evidence, EvidenceStatus, Lent};
use world::network::Network;

use crate::error::{Error, Lacking};
use crate::evidenced::Evidenced;
use crate::store;
use crate::task::{Digests, Task};

/// A sealed file.
pub(crate) struct Stamped<'a> {
    pub(crate) task: Task<'a>,
    pub(crate) document: Document,
    /// The seal's /Contents with its padding.
    pub(crate) contents: Vec<u8>,
    pub(crate) token: Option<TimeStampToken>,
    pub(crate) digests: Digests,
    pub(crate) warnings: Vec<String>,
}

impl<'a> Stamped<'a> {
    /// B-LT: the certificates of seal and time-stamp, and the proof that none of them was revoked (clause 6.3).
    ///
    /// # Errors
    /// [`Error::Evidence`] if it does not suffice.
    pub(crate) async fn with_evidence(self, network: &Network, at: Timestamp) -> Result<Evidenced<'a>, Error> {
        let evidence = self.evidence(network, at).await?;
        self.carrying(Arc::new(evidence))
    }

    /// The certificates that evidence is wanted for, with those above them.
    pub(crate) fn known(&self) -> Vec<Certificate> {
        let mut known = self.task.chain().to_vec();
        known.extend(self.token.iter().flat_map(|token| token.certificates().to_vec()));
        known
    }

    /// Evidence for this file, and for any other with the same certificates.
    ///
    /// # Errors
    /// [`Error::Evidence`] if it does not suffice.
    pub(crate) async fn evidence(&self, network: &Network, at: Timestamp) -> Result<Evidence, Error> {
        let (memory, known) = (self.task.memory, self.known());
        let anchors: Vec<_> = known.iter().filter(|one| one.recalling(memory).is_self_signed()).cloned().collect();
        let lent = Lent { network, memory: memory.clone() };
        let evidence = evidence::collect(lent, &known, &anchors, at).await?;
        // What is known for good counts before what may be otherwise later.
        let lacking = evidence.insufficient().map(lacking).min_by_key(|lacking| match lacking {
            Lacking::NotGood(_) => 0,
            Lacking::OnHold(_) => 1,
            Lacking::Unknown(_) => 2,
        });
        match lacking {
            Some(lacking) => Err(Error::Evidence { lacking }),
            None => Ok(evidence),
        }
    }

    /// The file with that evidence in it.
    ///
    /// # Errors
    /// [`Error::Pdf`] if it cannot be extended.
    pub(crate) fn carrying(mut self, evidence: Arc<Evidence>) -> Result<Evidenced<'a>, Error> {
        self.document = store::with_evidence(&self.document, &evidence, &[&self.contents])?;
        Ok(self.with(evidence))
    }

    /// A level without evidence.
    pub(crate) fn without_evidence(self) -> Evidenced<'a> {
        self.with(Arc::default())
    }

    fn with(self, evidence: Arc<Evidence>) -> Evidenced<'a> {
        let Stamped { task, document, token, digests, warnings, .. } = self;
        Evidenced { task, document, token, digests, warnings, evidence }
    }
}

/// Why a certificate does not suffice.
fn lacking(one: &CertificateEvidence) -> Lacking {
    match one.status {
        EvidenceStatus::Known(Standing::OnHold { .. }, _) => Lacking::OnHold(one.to_string()),
        EvidenceStatus::Known(..) => Lacking::NotGood(one.to_string()),
        _ => Lacking::Unknown(one.to_string()),
    }
}
