//! The second step of a seal: the signature value is there. In: a time-stamping authority, or none (B-B). Out: `Stamped`, the
//! file with its CMS.

use pades::Document;
use pki::{Certificate, DigestAlgorithm, SignedAttributes, TimeStampToken};

use crate::error::Error;
use crate::stamped::Stamped;
use crate::task::{Digests, Task};
use crate::time_stamping::TimeStamping;

/// A file whose attributes are signed.
pub(crate) struct Signed<'a> {
    pub(crate) task: Task<'a>,
    pub(crate) file: pades::Prepared,
    pub(crate) digests: Digests,
    pub(crate) attributes: SignedAttributes,
    pub(crate) signature: Vec<u8>,
    pub(crate) warnings: Vec<String>,
    /// Whether the key server warned of it.
    pub(crate) is_warned: bool,
}

impl<'a> Signed<'a> {
    /// B-T: a time-stamp over the signature value, then both go into the file.
    ///
    /// # Errors
    /// As [`TimeStamping::stamp`]; [`pades::Error::CmsTooLarge`] if the token is larger than those before.
    pub(crate) async fn stamp(self, authority: &TimeStamping) -> Result<Stamped<'a>, Error> {
        let token = authority.stamp(&DigestAlgorithm::Sha256.digest(&self.signature)).await?;
        self.embed(Some(token))
    }

    /// B-B: the signature goes into the file alone.
    ///
    /// # Errors
    /// [`pades::Error::CmsTooLarge`] if it is larger than any that is known.
    pub(crate) fn unstamped(self) -> Result<Stamped<'a>, Error> {
        self.embed(None)
    }

    fn embed(self, token: Option<TimeStampToken>) -> Result<Stamped<'a>, Error> {
        let Signed { task, file, digests, attributes, signature, warnings, .. } = self;
        let mut contents = attributes.assemble(&signature, without_anchor(&task), token.as_ref());
        let reserved = file.reserved();
        let document = Document::continuing(task.document, file.embed(&contents)?)?;
        contents.resize(reserved, 0);
        Ok(Stamped { task, document, contents, token, digests, warnings })
    }
}

/// The certificates that a verifier may lack. The anchor is not among them: it must have that from elsewhere.
fn without_anchor<'a>(task: &Task<'a>) -> &'a [Certificate] {
    match task.chain() {
        [rest @ .., last] if last.recalling(task.memory).is_self_signed() && !rest.is_empty() => rest,
        chain => chain,
    }
}
