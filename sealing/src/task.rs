//! What all steps of a seal are about.

use pades::Document;
use pki::{Certificate, Digest, SignatureMemory};

use crate::csc::Credential;
use crate::options::SealOptions;

/// What is sealed, how, and with what.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) document: &'a Document,
    pub(crate) options: &'a SealOptions<'a>,
    pub(crate) credential: &'a Credential,
    /// Signatures that held.
    pub(crate) memory: &'a SignatureMemory,
}

impl<'a> Task<'a> {
    /// The certificates of the credential, its own first.
    pub(crate) fn chain(&self) -> &'a [Certificate] {
        &self.credential.chain
    }
}

/// The digests of a seal, by which can be shown what left and what did not.
#[derive(Debug)]
pub(crate) struct Digests {
    /// That of the signed parts of the file.
    pub(crate) document: Digest,
    /// That of the signed attributes.
    pub(crate) sent: Digest,
}
