//! A certificate on record, and what happened to it.

use jiff::Timestamp;
use pki::Certificate;

use crate::authority::AuthorityName;
use crate::profile::Profile;
use crate::revocation::{RevocationFact, RevocationStatus, status_at};

/// A certificate on record.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// What it is for.
    pub profile: Profile,
    /// Who signed it.
    pub issuer: AuthorityName,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// What happened to it, in the order of recording.
    pub facts: Vec<RevocationFact>,
}

impl Issued {
    /// Its status at `at`, as known at `at`: what CRL and OCSP say then.
    #[must_use]
    pub fn status_at(&self, at: Timestamp) -> RevocationStatus {
        status_at(&self.facts, at, at)
    }
}
