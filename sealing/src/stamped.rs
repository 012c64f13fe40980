//! The third step of a seal: the file has its CMS, with a time-stamp from level B-T on. In: the network, from level B-LT on. Out:
//! `Evidenced`, the file with certificates, CRLs and OCSP answers (EN 319 142-1 clause 5.4.2).

use jiff::Timestamp;
use pades::Document;
use pki::TimeStampToken;
use verifier::evidence::{self, Evidence, Lent};
use world::network::Network;

use crate::error::Error;
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
    pub(crate) async fn with_evidence(mut self, network: &Network, at: Timestamp) -> Result<Evidenced<'a>, Error> {
        let memory = self.task.memory;
        let mut known = self.task.chain().to_vec();
        known.extend(self.token.iter().flat_map(|token| token.certificates().to_vec()));
        let anchors: Vec<_> = known.iter().filter(|one| one.recalling(memory).is_self_signed()).cloned().collect();
        let lent = Lent { network, memory: memory.clone() };
        let evidence = evidence::collect(lent, &known, &anchors, at).await?;
        if let Some(lacking) = evidence.insufficient().next() {
            return Err(Error::Evidence { lacking: lacking.to_string() });
        }
        self.document = store::with_evidence(&self.document, &evidence, &[&self.contents])?;
        Ok(self.with(evidence))
    }

    /// A level without evidence.
    pub(crate) fn without_evidence(self) -> Evidenced<'a> {
        self.with(Evidence::default())
    }

    fn with(self, evidence: Evidence) -> Evidenced<'a> {
        let Stamped { task, document, token, digests, warnings, .. } = self;
        Evidenced { task, document, token, digests, warnings, evidence }
    }
}
