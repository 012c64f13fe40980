//! The third step of a seal: the file has its CMS, with a time-stamp from level B-T on. In: the network, from level B-LT on. Out:
//! `Evidenced`, the file with certificates, CRLs and OCSP answers (EN 319 142-1 clause 5.4.2).

use std::sync::Arc;

use jiff::Timestamp;
use pades::Document;
use pki::{Certificate, TimeStampToken};
use verifier::evidence::Evidence;
use world::network::Network;

use crate::error::{Error, Lacking};
use crate::evidenced::Evidenced;
use crate::task::{Digests, Task};
use crate::{standing, store};

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
    /// The certificates that evidence is wanted for, with those above them.
    pub(crate) fn known(&self) -> Vec<Certificate> {
        let mut known = self.task.chain().to_vec();
        known.extend(self.token.iter().flat_map(|token| token.certificates().to_vec()));
        known
    }

    /// B-LT: the certificates of seal and time-stamp, and the proof that none of them was revoked (clause 6.3); for this file, and for any
    /// other with the same certificates.
    ///
    /// # Errors
    /// [`Error::Verifier`] if it cannot be looked for.
    pub(crate) async fn evidence(&self, network: &Network, at: Timestamp) -> Result<Result<Evidence, Lacking>, Error> {
        standing::evidence(&self.known(), (network, self.task.memory), at).await
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
