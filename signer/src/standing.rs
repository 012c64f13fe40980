//! How the certificates of credentials stand: good, suspended or revoked, as their CA tells it.
//!
//! In: a certificate and a time. Out: its standing then, and what follows from it for a signature. The key server knows no
//! CA: a CA of the same process gives it a [`StatusSource`] and says when something on record has changed, so that a
//! signature asks nobody, and the one after a revocation knows of it. Of certificates of other CAs nothing is known but that
//! they are good.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use pki::{Certificate, RevocationReason};

use crate::credential::{Credential, WhenRevoked};
use crate::refusal::Refusal;
use crate::{Error, Signer};

/// How many certificates' records are kept ready.
const RECORDS_IN_MEMORY: usize = 10_000;

/// What is told of a certificate for a time, as known then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Neither suspended nor revoked.
    Good,
    /// On hold.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// Revoked for good.
    Revoked {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
}

/// All that is on record about a certificate: its standing at any time.
pub type StatusRecord = Arc<dyn Fn(Timestamp) -> Standing + Send + Sync>;

/// A record that is being read, or why it cannot be.
pub type StatusAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<StatusRecord, Box<dyn StdError + Send + Sync>>> + Send + 'a>>;

/// Who tells how certificates stand: a CA.
pub trait StatusSource: Send + Sync {
    /// What is on record about a certificate; good at any time, if it is none of its own.
    fn record<'a>(&'a self, certificate: &'a Certificate) -> StatusAnswer<'a>;
}

/// The source, and what it told since something last changed.
#[derive(Default)]
pub(crate) struct Standings(RwLock<Told>);

#[derive(Default)]
struct Told {
    source: Option<Arc<dyn StatusSource>>,
    records: HashMap<Certificate, StatusRecord>,
    /// Counts changes, so that nobody keeps a record that changed while it was being read.
    changes: u64,
}

impl Signer {
    /// From now on `source` tells how certificates stand.
    pub fn ask_for_status(&self, source: Arc<dyn StatusSource>) {
        self.shared.standings.write().source = Some(source);
        self.status_changed();
    }

    /// Says that something about some certificate was recorded: what was told until now is asked again.
    pub fn status_changed(&self) {
        let mut told = self.shared.standings.write();
        told.changes += 1;
        told.records.clear();
    }

    /// How a certificate stands at that time, as known then. Good, if it is of a CA that tells this key server nothing.
    ///
    /// # Errors
    /// [`Error::Status`] if the CA cannot say.
    pub async fn standing(&self, certificate: &Certificate, at: Timestamp) -> Result<Standing, Error> {
        let (source, changes) = {
            let told = self.shared.standings.read();
            if let Some(record) = told.records.get(certificate) {
                return Ok(record(at));
            }
            (told.source.clone(), told.changes)
        };
        let Some(source) = source else { return Ok(Standing::Good) };
        let failed = |cause| Error::Status { serial: certificate.serial().clone(), cause };
        let record = source.record(certificate).await.map_err(failed)?;
        let mut told = self.shared.standings.write();
        if told.changes == changes {
            if told.records.len() >= RECORDS_IN_MEMORY {
                told.records.clear();
            }
            told.records.insert(certificate.clone(), record.clone());
        }
        Ok(record(at))
    }

    /// Refuses a credential whose certificate is revoked or suspended, unless the credential is marked to sign nevertheless:
    /// then gives the warning that goes with the answer.
    pub(crate) async fn check_standing(
        &self,
        credential: &Credential,
        at: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let certificate = credential.certificate();
        let (refusal, state) = match self.standing(certificate, at).await? {
            Standing::Good => return Ok(None),
            Standing::Suspended { since } => (Refusal::CertificateSuspended, format!("suspended since {since}")),
            Standing::Revoked { since, reason } => {
                (Refusal::CertificateRevoked, format!("revoked since {since} for {reason}"))
            }
        };
        match credential.when_revoked {
            WhenRevoked::Refuse => Err(refusal),
            WhenRevoked::SignWithWarning => Ok(Some(format!(
                "Signing certificate {} is {state}; this testbed's credential signs nevertheless, verifiers are to refuse it",
                certificate.serial()
            ))),
        }
    }
}

impl Standings {
    fn read(&self) -> RwLockReadGuard<'_, Told> {
        self.0.read().expect("no code panics while it holds the standings")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Told> {
        self.0.write().expect("no code panics while it holds the standings")
    }
}
