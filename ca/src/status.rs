//! Revoking, holding and releasing; and the status that follows, for a time.
//!
//! In: a serial number and what happened. Out: the status at the world's time; the fact is on record for ever.

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, RevocationReason, SerialNumber};
use signer::{Standing, StatusAnswer, StatusRecord, StatusSource};
use world::time::whole_seconds;

use crate::issued::Issued;
use crate::profile::Profile;
use crate::revocation::{RevocationEvent, RevocationFact, RevocationStatus, check_next, status_at};
use crate::store::{Store, Written};
use crate::{Ca, Error};

/// How often a fact is judged anew because another process recorded one in between.
const ATTEMPTS: usize = 5;

impl Ca {
    /// Revokes a certificate for good. `since` may lie in the past, back to the certificate's first moment, so that a
    /// compromise found late can be dated right; without it, the world's time counts. A certificate that has expired can
    /// still be revoked. CAs can be revoked, roots cannot.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`], or a date or reason that is not accepted.
    pub async fn revoke(
        &self,
        serial: &SerialNumber,
        reason: RevocationReason,
        since: Option<Timestamp>,
        invalidity_date: Option<Timestamp>,
    ) -> Result<RevocationStatus, Error> {
        let invalidity_date = invalidity_date.map(whole_seconds);
        self.record(serial, RevocationEvent::Revoked { reason, invalidity_date }, since).await
    }

    /// Puts a certificate on hold from the world's time on.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`] or [`Error::AlreadyOnHold`].
    pub async fn hold(&self, serial: &SerialNumber) -> Result<RevocationStatus, Error> {
        self.record(serial, RevocationEvent::Held, None).await
    }

    /// Ends a hold at the world's time.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`] or [`Error::NotOnHold`].
    pub async fn release(&self, serial: &SerialNumber) -> Result<RevocationStatus, Error> {
        self.record(serial, RevocationEvent::Released, None).await
    }

    /// The status at `at` by everything on record, also by what was recorded after `at`. (What was published at `at` is
    /// [`crate::Issued::status_at`].) [`RevocationStatus::Unknown`] for a serial number that was never issued.
    ///
    /// # Errors
    /// [`Error::SeveralWithSerial`], or the database's.
    pub async fn status_at(&self, serial: &SerialNumber, at: Timestamp) -> Result<RevocationStatus, Error> {
        match self.certificate(serial).await {
            Ok(issued) => Ok(status_at(&issued.facts, at, Timestamp::MAX)),
            Err(Error::UnknownSerial { .. }) => Ok(RevocationStatus::Unknown),
            Err(error) => Err(error),
        }
    }

    async fn record(
        &self,
        serial: &SerialNumber,
        event: RevocationEvent,
        since: Option<Timestamp>,
    ) -> Result<RevocationStatus, Error> {
        for _ in 0..ATTEMPTS {
            let mut issued = self.certificate(serial).await?;
            if issued.profile == Profile::Root {
                return Err(Error::RootNotRevocable { serial: serial.clone() });
            }
            let recorded_at = self.now();
            let fact = RevocationFact { event, since: since.map_or(recorded_at, whole_seconds), recorded_at };
            check_next(serial, issued.certificate.not_before(), &issued.facts, &fact)?;
            if self.write_fact(&issued, fact.clone()).await? == Written::Yes {
                issued.facts.push(fact);
                return Ok(issued.status_at(recorded_at));
            }
        }
        Err(Error::Contended { serial: serial.clone() })
    }

    /// Writes a fact and tells the key server that there is one.
    async fn write_fact(&self, issued: &Issued, fact: RevocationFact) -> Result<Written, Error> {
        let (ca, issued) = (self.clone(), issued.clone());
        world::to_the_end(async move {
            let written = ca.store.insert_fact(&issued, &fact).await;
            ca.signer.status_changed(); // also if it failed: what the database says then is asked
            written
        })
        .await
    }
}

/// What the CA tells the key server about the certificates of credentials: the same as CRL and OCSP say.
pub(crate) struct Records(pub(crate) Store);

impl StatusSource for Records {
    fn record<'a>(&'a self, certificate: &'a Certificate) -> StatusAnswer<'a> {
        Box::pin(async {
            let record: StatusRecord = match self.0.issued_as(certificate).await? {
                Some(issued) => Arc::new(move |at| standing(issued.status_at(at))),
                None => Arc::new(|_| Standing::Good),
            };
            Ok(record)
        })
    }
}

fn standing(status: RevocationStatus) -> Standing {
    match status {
        RevocationStatus::Good | RevocationStatus::Unknown => Standing::Good,
        RevocationStatus::OnHold { since } => Standing::Suspended { since },
        RevocationStatus::Revoked { since, reason } => Standing::Revoked { since, reason },
    }
}
