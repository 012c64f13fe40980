//! Enrolment of end certificates, by public key from inside and by PKCS #10 request (RFC 2986) from outside.
//!
//! In: profile, subject, key or request. Out: the chain, leaf first and root last; the leaf is on record.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, Extension, PublicKey, SerialNumber};
use world::time::Duration;

use crate::authority::{Authority, AuthorityId};
use crate::hierarchy::Hierarchy;
use crate::issuance::Order;
use crate::issued::Issued;
use crate::profile::Profile;
use crate::revocation::RevocationStatus;
use crate::store::NewCertificate;
use crate::{Ca, Error, Subject};

impl Ca {
    /// Issues an end certificate for a key, valid from the world's time on, signed by the first authority that signs end certificates
    /// only. Gives the leaf, that authority, those above it and the root.
    ///
    /// # Errors
    /// If profile, subject or key are not accepted, or the issuing CA is not valid at the world's time.
    pub async fn enrol(
        &self,
        profile: Profile,
        subject: &Subject,
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        self.enrol_from(None, profile, subject, public_key).await
    }

    /// The same, signed by the authority that is named.
    ///
    /// # Errors
    /// Those of [`Ca::enrol`], and [`Error::UnknownIssuer`].
    pub async fn enrol_from(
        &self,
        issuer: Option<&AuthorityId>,
        profile: Profile,
        subject: &Subject,
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        self.enrol_for(None, issuer, profile, subject, public_key).await
    }

    /// The same for a time that the profile does not say.
    ///
    /// # Errors
    /// Those of [`Ca::enrol_from`].
    pub async fn enrol_for(
        &self,
        validity: Option<Duration>,
        issuer: Option<&AuthorityId>,
        profile: Profile,
        subject: &Subject,
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        if !profile.is_enrollable() {
            return Err(Error::ProfileNotEnrollable { profile });
        }
        self.certify(issuer, profile, subject, (validity, Vec::new()), public_key).await
    }

    /// The certificate of the testbed's own server for TLS, valid from an hour before the machine's time, since other machines' clocks go
    /// slow. Names and addresses are those that clients know it by.
    ///
    /// # Errors
    /// Those of [`Ca::enrol`]; the time that the issuing CA has to be valid at is the machine's.
    pub async fn certify_server(
        &self,
        subject: &Subject,
        (names, addresses): (&[&str], &[IpAddr]),
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        let names = vec![Extension::subject_alternative_names(names, addresses)];
        self.certify(None, Profile::TlsServer, subject, (None, names), public_key).await
    }

    async fn certify(
        &self,
        issuer: Option<&AuthorityId>,
        profile: Profile,
        subject: &Subject,
        (validity, more): (Option<Duration>, Vec<Extension>),
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        let key = public_key.clone();
        tokio::task::spawn_blocking(move || profile.check_public_key(&key))
            .await
            .expect("checking a key never panics")?;
        let subject = subject.to_name()?;
        let is_for_tls = matches!(profile, Profile::TlsServer | Profile::TlsClient);
        let at = if is_for_tls { world::time::whole_seconds(world::clock::system_time()) } else { self.now() };
        let (hierarchy, issuing) = self.issuing_at(issuer, at).await?;
        let mut order = Order { more, ..Order::new(profile, subject, public_key, validity, at) };
        if is_for_tls {
            let earlier = Duration::seconds(-3600).after(at).unwrap_or(at);
            order.not_before = earlier.max(issuing.certificate.not_before());
        }
        let certificate = self.issue(order, &issuing, at).await?;
        let row = NewCertificate {
            certificate: &certificate,
            issuer: &issuing.name,
            profile,
            authority: None,
            key: None,
            issued_at: at,
        };
        self.store.insert_certificate(&row).await?;
        let path = hierarchy.path_from(&issuing).map(|authority| authority.certificate.clone());
        Ok([certificate].into_iter().chain(path).collect())
    }

    /// Who signs an end certificate at the world's time: the authority that is named, else the default one.
    async fn issuing(&self, issuer: Option<&AuthorityId>) -> Result<(Arc<Hierarchy>, Arc<Authority>), Error> {
        self.issuing_at(issuer, self.now()).await
    }

    async fn issuing_at(
        &self,
        issuer: Option<&AuthorityId>,
        at: Timestamp,
    ) -> Result<(Arc<Hierarchy>, Arc<Authority>), Error> {
        let hierarchy = self.hierarchy().await?;
        let id = issuer.or(hierarchy.default_issuer()).ok_or(Error::NoHierarchy)?;
        let issuing = hierarchy.signing_at(id, at).ok_or_else(|| hierarchy.unknown(id))?.clone();
        Ok((hierarchy, issuing))
    }

    /// Refuses if an authority, the default one if none is named, can issue no end certificate at the world's time.
    ///
    /// # Errors
    /// [`Error::IssuerNotValid`], [`Error::NoHierarchy`], [`Error::UnknownIssuer`], or the database's.
    pub async fn check_issues(&self, issuer: Option<&AuthorityId>) -> Result<(), Error> {
        self.issuing(issuer).await?.1.check_valid_at(self.now())
    }

    /// What whoever gets a certificate now is to know: that the authority which issues it, the default one if none is named, or one
    /// above it is revoked. It issues nevertheless, because verifiers have to be tested with such certificates.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], [`Error::UnknownIssuer`], or the database's.
    pub async fn warning(&self, issuer: Option<&AuthorityId>) -> Result<Option<String>, Error> {
        let (hierarchy, issuing) = self.issuing(issuer).await?;
        for authority in hierarchy.path_from(&issuing).filter(|authority| !authority.is_root()) {
            let issued = self.store.issued_as(&authority.certificate).await?;
            let (state, since, reason) = match issued.map(|issued| issued.status_at(self.now())) {
                Some(RevocationStatus::OnHold { since }) => ("on hold", since, String::new()),
                Some(RevocationStatus::Revoked { since, reason }) => ("revoked", since, format!(" for {reason}")),
                _ => continue,
            };
            let (id, serial) = (&authority.name.id, authority.certificate.serial());
            return Ok(Some(format!(
                "The {id} CA {serial} is {state} since {since}{reason}; this testbed's CA issues nevertheless, verifiers are to \
                 refuse what it issues"
            )));
        }
        Ok(None)
    }

    /// The certificate with that serial number and what happened to it.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], [`Error::SeveralWithSerial`], or the database's.
    pub async fn certificate(&self, serial: &SerialNumber) -> Result<Issued, Error> {
        let mut found = self.store.with_serial(serial).await?;
        match (found.pop(), found.pop()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::UnknownSerial { serial: serial.clone() }),
            (Some(second), Some(first)) => {
                let (serial, issuers) = (serial.clone(), format!("{} and {}", first.issuer, second.issuer));
                Err(Error::SeveralWithSerial { serial, issuers })
            }
        }
    }

    /// At most `limit` certificates of one profile or of all, the newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificates(&self, profile: Option<Profile>, limit: u32) -> Result<Vec<Issued>, Error> {
        self.store.certificates(profile, limit).await
    }

    /// The end certificates of that profile that are in use: within their validity and good at the world's time, the newest
    /// first.
    ///
    /// # Errors
    /// The database's.
    pub async fn current(&self, profile: Profile) -> Result<Vec<Certificate>, Error> {
        let at = self.now();
        let issued = self.store.certificates(Some(profile), u32::MAX).await?.into_iter();
        let in_use =
            |issued: &Issued| issued.certificate.valid_at(at) && issued.status_at(at) == RevocationStatus::Good;
        Ok(issued.filter(in_use).map(|issued| issued.certificate).collect())
    }
}
