//! The first step of a seal, EN 319 142-1 clause 5: the file has an empty signature, and what is to be signed is known. In: a
//! document, what its seal should be, a credential. Out: `Prepared`, which a key server makes `Signed`.

use jiff::Timestamp;
use pades::SealKind;
use pki::{Certificate, Digest, SignatureAlgorithm, SignedAttributes};

use crate::csc::{KeyServer, Signature};
use crate::demands::{self, Satisfied};
use crate::error::Error;
use crate::options::SealOptions;
use crate::signed::Signed;
use crate::task::{Digests, Task};
use crate::time_stamping::MARGIN;

/// A file that waits for the signature over its attributes.
pub(crate) struct Prepared<'a> {
    task: Task<'a>,
    file: pades::Prepared,
    document_digest: Digest,
    attributes: SignedAttributes,
    warnings: Vec<String>,
}

impl<'a> Prepared<'a> {
    /// `token_size`: that of the time-stamp which the seal will have, in bytes; 0 for none.
    ///
    /// # Errors
    /// [`Error::Pdf`] if the file cannot be sealed, or its field demands another seal.
    pub(crate) fn new(task: Task<'a>, token_size: usize, at: Timestamp) -> Result<Prepared<'a>, Error> {
        let (chain, options) = (task.chain(), task.options);
        let organization = chain[0].subject().organization();
        let kind = kind(options, at, organization.as_deref());
        let file = pades::prepare(task.document, options.placement, kind, reserved_size(chain, token_size))?;
        let Satisfied { algorithm, warnings } = demands::satisfy(file.demands(), chain, options.level)?;
        let warnings = file.warnings().iter().map(ToString::to_string).chain(warnings).collect();
        let document_digest = algorithm.digest.digest_parts(file.signed_parts());
        let attributes = SignedAttributes::new(&document_digest, &chain[0], algorithm)?;
        Ok(Prepared { task, file, document_digest, attributes, warnings })
    }

    /// Has the digest of the attributes signed: all that leaves.
    ///
    /// # Errors
    /// As [`KeyServer::sign`].
    pub(crate) async fn sign(self, key_server: &KeyServer) -> Result<Signed<'a>, Error> {
        let (algorithm, sent_digest) = self.to_sign();
        let signature = key_server.sign(self.task.credential, algorithm, &sent_digest).await?;
        Ok(self.signed(sent_digest, signature))
    }

    /// What is to be signed, and how.
    pub(crate) fn to_sign(&self) -> (SignatureAlgorithm, Digest) {
        (self.attributes.algorithm(), self.attributes.digest())
    }

    /// The next step, with the signature over that digest.
    pub(crate) fn signed(mut self, sent: Digest, Signature { value, warning }: Signature) -> Signed<'a> {
        let is_warned = warning.is_some();
        self.warnings.extend(warning);
        let Prepared { task, file, document_digest, attributes, warnings } = self;
        let digests = Digests { document: document_digest, sent };
        Signed { task, file, digests, attributes, signature: value, warnings, is_warned }
    }
}

/// An ordinary seal or a certification.
fn kind<'a>(options: &SealOptions<'a>, at: Timestamp, name: Option<&'a str>) -> SealKind<'a> {
    let (reason, location) = (options.reason, None);
    match options.certify {
        None => SealKind::Seal { at, name, reason, location },
        Some(permission) => SealKind::Certification { permission, at, name, reason, location },
    }
}

/// Room for a CMS with those certificates and a token of that size: their sizes, the largest signature (RSA-4096), and the
/// attributes and wrapping around them.
fn reserved_size(chain: &[Certificate], token_size: usize) -> usize {
    const ATTRIBUTES_AND_WRAPPING: usize = 600;
    const LARGEST_SIGNATURE: usize = 512;
    let certificates: usize = chain.iter().map(|certificate| certificate.der().len()).sum();
    let issuer_name = chain[0].issuer().to_der().len();
    certificates + 2 * issuer_name + token_size + LARGEST_SIGNATURE + ATTRIBUTES_AND_WRAPPING + MARGIN
}
