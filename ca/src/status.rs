//! Revoking, holding and releasing; and the status that follows, for a time.
//!
//! In: a serial number and what happened. Out: the status at the world's time; the fact is on record for ever.

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, RevocationReason, SerialNumber};
use signer::{Standing, StatusAnswer, StatusRecord, StatusSource};
use world::time::whole_seconds;

use crate::revocation::{Event, Fact, Status, check_next, status_at};
use crate::store::{Store, Written};
use crate::{Ca, Error, Issued, Profile};

/// How often a fact is judged anew because another process recorded one in between.
const ATTEMPTS: usize = 5;

impl Ca {
    /// Revokes a certificate for good. `since` may lie in the past, back to the certificate's first moment, so that a
    /// compromise found late can be dated right; without it, the world's time counts. A certificate that has expired can
    /// still be revoked. The issuing CA can be revoked, the root cannot.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`], or a date or reason that is not accepted.
    pub async fn revoke(
        &self,
        serial: &SerialNumber,
        reason: RevocationReason,
        since: Option<Timestamp>,
        invalidity_date: Option<Timestamp>,
    ) -> Result<Status, Error> {
        let invalidity_date = invalidity_date.map(whole_seconds);
        self.record(serial, Event::Revoked { reason, invalidity_date }, since).await
    }

    /// Puts a certificate on hold from the world's time on.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`] or [`Error::AlreadyOnHold`].
    pub async fn hold(&self, serial: &SerialNumber) -> Result<Status, Error> {
        self.record(serial, Event::Held, None).await
    }

    /// Ends a hold at the world's time.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::AlreadyRevoked`] or [`Error::NotOnHold`].
    pub async fn release(&self, serial: &SerialNumber) -> Result<Status, Error> {
        self.record(serial, Event::Released, None).await
    }

    /// The status at `at` by everything on record, also by what was recorded after `at`. (What was published at `at` is
    /// [`crate::Issued::status_at`].) [`Status::Unknown`] for a serial number that was never issued.
    ///
    /// # Errors
    /// The database's.
    pub async fn status_at(&self, serial: &SerialNumber, at: Timestamp) -> Result<Status, Error> {
        match self.store.certificate(serial).await? {
            Some(issued) => Ok(status_at(&issued.facts, at, Timestamp::MAX)),
            None => Ok(Status::Unknown),
        }
    }

    async fn record(&self, serial: &SerialNumber, event: Event, since: Option<Timestamp>) -> Result<Status, Error> {
        for _ in 0..ATTEMPTS {
            let mut issued = self.certificate(serial).await?;
            if issued.profile == Profile::Root {
                return Err(Error::RootNotRevocable { serial: serial.clone() });
            }
            let recorded_at = self.now();
            let fact = Fact { event, since: since.map_or(recorded_at, whole_seconds), recorded_at };
            check_next(serial, issued.certificate.not_before(), &issued.facts, &fact)?;
            if self.write_fact(serial, &issued, fact.clone()).await? == Written::Yes {
                issued.facts.push(fact);
                return Ok(issued.status_at(recorded_at));
            }
        }
        Err(Error::Contended { serial: serial.clone() })
    }

    /// Writes a fact and tells the key server that there is one.
    async fn write_fact(&self, serial: &SerialNumber, issued: &Issued, fact: Fact) -> Result<Written, Error> {
        let (ca, serial, issuer, known) = (self.clone(), serial.clone(), issued.issuer, issued.facts.len());
        world::to_the_end(async move {
            let written = ca.store.insert_fact(&serial, issuer, known, &fact).await;
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
            let issued = self.0.certificate(certificate.serial()).await?;
            let record: StatusRecord = match issued.filter(|issued| issued.certificate == *certificate) {
                Some(issued) => Arc::new(move |at| standing(issued.status_at(at))),
                None => Arc::new(|_| Standing::Good),
            };
            Ok(record)
        })
    }
}

fn standing(status: Status) -> Standing {
    match status {
        Status::Good | Status::Unknown => Standing::Good,
        Status::OnHold { since } => Standing::Suspended { since },
        Status::Revoked { since, reason } => Standing::Revoked { since, reason },
    }
}
