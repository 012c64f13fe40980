//! How the certificates of credentials stand: good, suspended or revoked, as their CA records it.
//!
//! In: a certificate and a time. Out: its standing then, and what follows from it for a signature. The key server knows no
//! CA: a CA of the same process gives it a [`StatusSource`] and says when something on record has changed, so that a
//! signature asks nobody, and the one after a revocation knows of it. Of certificates of other CAs nothing is known but that
//! they are good.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use pki::{Certificate, RevocationReason};
use world::store::Remembered;

use crate::{Error, Signer};

/// Under which name other processes learn that something about some certificate was recorded: what a source changes in the
/// transaction that records it ([`world::store::Transaction::changes`]).
pub const STANDINGS: &str = "standings";

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

/// The source, and its records since something last changed.
#[derive(Default)]
pub(crate) struct Standings {
    source: RwLock<Option<Arc<dyn StatusSource>>>,
    records: Remembered<Certificate, StatusRecord>,
}

impl Signer {
    /// From now on `source` tells how certificates stand.
    pub fn ask_for_status(&self, source: Arc<dyn StatusSource>) {
        *self.shared.standings.source.write().expect("no code panics while it holds the source") = Some(source);
        self.status_changed();
    }

    /// Says that something about some certificate was recorded: what is known until now is asked again.
    pub fn status_changed(&self) {
        self.shared.standings.records.forget();
    }

    /// How a certificate stands at that time, as known then. Good, if it is of a CA that tells this key server nothing.
    ///
    /// # Errors
    /// [`Error::Status`] if the CA cannot say.
    pub async fn standing(&self, certificate: &Certificate, at: Timestamp) -> Result<Standing, Error> {
        let Standings { source, records } = &self.shared.standings;
        let changes = records.changes();
        if let Some(record) = records.known(certificate) {
            return Ok(record(at));
        }
        let source = source.read().expect("no code panics while it holds the source").clone();
        let Some(source) = source else { return Ok(Standing::Good) };
        let failed = |cause| Error::Status { serial: certificate.serial().clone(), cause };
        let record = source.record(certificate).await.map_err(failed)?;
        records.keep(changes, certificate.clone(), record.clone());
        Ok(record(at))
    }
}
