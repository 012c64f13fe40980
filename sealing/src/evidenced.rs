//! The last steps of a seal: the file is complete, or becomes an archive (B-LTA), and is checked. In: an authority for the
//! document time-stamp. Out: [`Sealed`], which can be handed out.

use std::sync::Arc;

use jiff::Timestamp;
use pades::Document;
use pki::{Certificate, Digest, TimeStampToken};
use verifier::evidence::Evidence;

use crate::archive;
use crate::error::Error;
use crate::hand_out::{self, HandOut};
use crate::level::Level;
use crate::task::{Digests, Task};
use crate::time_stamping::TimeStamping;

/// A sealed file with its evidence, which is empty below level B-LT.
pub(crate) struct Evidenced<'a> {
    pub(crate) task: Task<'a>,
    pub(crate) document: Document,
    pub(crate) token: Option<TimeStampToken>,
    pub(crate) digests: Digests,
    pub(crate) warnings: Vec<String>,
    pub(crate) evidence: Arc<Evidence>,
}

/// A sealed file that has passed its own check, and what was sent for it.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The file.
    pub pdf: Vec<u8>,
    /// The level.
    pub level: Level,
    /// The digest of the signed parts of the file: the message-digest attribute. It stays in the CMS.
    pub document_digest: Digest,
    /// The digest of the signed attributes: all that the key server saw.
    pub sent_digest: Digest,
    /// The certificate that sealed.
    pub certificate: Certificate,
    /// When the signature time-stamp was made, if there is one.
    pub time_stamp: Option<Timestamp>,
    /// What whoever wanted the seal should know.
    pub warnings: Vec<String>,
}

impl<'a> Evidenced<'a> {
    /// B-LTA: a document time-stamp over everything so far, in the field that is prepared for it if that is still free.
    ///
    /// # Errors
    /// As [`TimeStamping::stamp`]; [`Error::OutOfOrder`] if the clock was set back since the seal was stamped.
    pub(crate) async fn archive(mut self, authority: &TimeStamping) -> Result<Evidenced<'a>, Error> {
        let archive::Archive { document, time_stamp: archived } =
            archive::in_prepared_field(&self.document, authority).await?;
        let stamped = self.token.as_ref().map(TimeStampToken::time);
        if let Some(stamped) = stamped.filter(|stamped| *stamped > archived) {
            return Err(Error::OutOfOrder { stamped, archived });
        }
        self.document = document;
        Ok(self)
    }

    /// The last look.
    ///
    /// # Errors
    /// [`Error::Faulty`] if the new seal fails, [`Error::EarlierSeal`] if an earlier one is worse off.
    pub(crate) fn check(self, at: Timestamp) -> Result<Sealed, Error> {
        let Evidenced { task, document, token, digests, mut warnings, evidence } = self;
        let files = HandOut {
            before: task.document,
            after: &document,
            chain: task.chain(),
            evidence: &evidence,
            memory: task.memory,
        };
        warnings.extend(hand_out::check(&files, task.options, at)?);
        Ok(Sealed {
            pdf: document.into_bytes(),
            level: task.options.level,
            document_digest: digests.document,
            sent_digest: digests.sent,
            certificate: task.chain()[0].clone(),
            time_stamp: token.map(|token| token.time()),
            warnings,
        })
    }
}
