//! Authorities as tests act on them: the world's own, and strangers, which are further CAs with a time-stamping authority, each in
//! a world of its own with a clock of its own.

use axum::Router;
use ca::{Ca, Profile, Subject};
use jiff::Timestamp;
use pki::{Certificate, KeyKind, RevocationReason, SerialNumber};
use signer::Signer;
use tsa::{NewUnit, Tsa};
use world::fault::Faults;
use world::time::Duration;
use world::{World, server};

use crate::{Error, Laboratory};

/// A CA with its time-stamping authority.
#[derive(Clone, Copy)]
pub struct Authority<'a> {
    world: &'a World,
    ca: &'a Ca,
    unit: Unit<'a>,
}

/// The time-stamping unit that answers at `/tsa`.
#[derive(Clone, Copy)]
enum Unit<'a> {
    /// The one that is in use at the world's time.
    InUse(&'a Tsa),
    /// A stranger's only one.
    Only(&'a Certificate),
}

impl Authority<'_> {
    /// Its trust anchors.
    ///
    /// # Errors
    /// The database's.
    pub async fn anchors(&self) -> Result<Vec<Certificate>, Error> {
        Ok(self.ca.anchors().await?)
    }

    /// Its other CA certificates.
    ///
    /// # Errors
    /// The database's.
    pub async fn intermediates(&self) -> Result<Vec<Certificate>, Error> {
        Ok(self.ca.intermediates().await?)
    }

    /// The certificate of the CA that certifies keys.
    ///
    /// # Errors
    /// The database's.
    pub async fn issuing_certificate(&self) -> Result<Certificate, Error> {
        Ok(self.ca.issuer_certificate(&ca::AuthorityId::ISSUING).await?)
    }

    /// The certificate of its time-stamping unit.
    ///
    /// # Errors
    /// If it has none.
    pub fn unit_certificate(&self) -> Result<Certificate, Error> {
        match self.unit {
            Unit::InUse(tsa) => Ok(tsa.unit(None)?.certificate().clone()),
            Unit::Only(certificate) => Ok(certificate.clone()),
        }
    }

    /// Where its time-stamping authority answers.
    pub fn time_stamping_address(&self) -> String {
        format!("{}/tsa", self.world.base)
    }

    /// Revokes a certificate of its own, since that time or now.
    ///
    /// # Errors
    /// If the certificate is not its own or is revoked already.
    pub async fn revoke(
        &self,
        serial: &SerialNumber,
        reason: RevocationReason,
        since: Option<Timestamp>,
        invalidity_date: Option<Timestamp>,
    ) -> Result<(), Error> {
        self.ca.revoke(serial, reason, since, invalidity_date).await?;
        Ok(())
    }

    /// Puts a certificate on hold.
    ///
    /// # Errors
    /// If the certificate is not its own or is revoked already.
    pub async fn hold(&self, serial: &SerialNumber) -> Result<(), Error> {
        self.ca.hold(serial).await?;
        Ok(())
    }

    /// Ends a hold.
    ///
    /// # Errors
    /// If the certificate is not on hold.
    pub async fn release(&self, serial: &SerialNumber) -> Result<(), Error> {
        self.ca.release(serial).await?;
        Ok(())
    }

    /// The rules by which its services fail.
    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }
}

impl Laboratory {
    /// The world's own authority.
    pub fn authority(&self) -> Authority<'_> {
        Authority { world: &self.world, ca: &self.ca, unit: Unit::InUse(&self.tsa) }
    }

    /// Whether that is the world's own.
    pub(crate) fn is_own(&self, authority: &Authority<'_>) -> bool {
        authority.world.base == self.world.base
    }
}

/// Another CA with a time-stamping authority.
pub struct Stranger {
    world: World,
    ca: Ca,
    unit: Certificate,
    /// How wrong its clock is.
    clock: Duration,
}

/// How a stranger is founded.
#[derive(Clone, Copy, Debug)]
pub struct Founding<'a> {
    /// Its name, which stands in its certificates.
    pub name: &'a str,
    /// The address of its world.
    pub base: &'a str,
    /// When its CA was founded, which ends twenty years later.
    pub since: Timestamp,
    /// How wrong its clock is: a negative duration is slow.
    pub clock: Duration,
}

impl Stranger {
    /// Founds a stranger, its CA earlier and its time-stamping unit now, and makes it known to the laboratory's network.
    ///
    /// # Errors
    /// If its clock would leave the time that a world can have; the database's.
    pub async fn found(founding: Founding<'_>, laboratory: &Laboratory) -> Result<Stranger, Error> {
        let Founding { name, base, since, clock } = founding;
        let world = World::in_memory(base, since).await?;
        let signer = Signer::open(&world).await?;
        let ca = Ca::open(&world, signer.clone()).await?;
        ca.create_hierarchy(KeyKind::P256).await?;
        world.clock.set(clock.after(laboratory.world.clock.now())?).await?;
        let tsa = Tsa::open(&world, signer.clone()).await?;
        let key = signer.create_key(KeyKind::P256, "tsa").await?;
        let subject = Subject {
            country: "JP".into(),
            organization: format!("TESTBED stranger {name}"),
            organization_identifier: "NTRJP-9234567890123".into(),
            common_name: format!("Time-stamping unit of {name}"),
        };
        let public_key = signer.public_key(&key).await?;
        let chain = ca.enrol(Profile::TimeStamping, &subject, &public_key).await?;
        let unit = chain[0].clone();
        tsa.add_unit(NewUnit::new("default".parse()?, key, chain)).await?;
        let services = server::complete(Router::from(ca::router(ca.clone())).merge(tsa::router(tsa)));
        world.network.attach(world.journal.in_front_of(services));
        laboratory.world.network.introduce(&world.network);
        Ok(Stranger { world, ca, unit, clock })
    }

    /// The authority.
    pub fn authority(&self) -> Authority<'_> {
        Authority { world: &self.world, ca: &self.ca, unit: Unit::Only(&self.unit) }
    }

    /// Sets its clock to that time, as far as it is right.
    ///
    /// # Errors
    /// If that leaves the time that a world can have; the database's.
    pub async fn set_clock(&self, time: Timestamp) -> Result<(), Error> {
        self.world.clock.set(self.clock.after(time)?).await?;
        Ok(())
    }
}
