//! Enrolment of end certificates, by public key from inside and by PKCS #10 request (RFC 2986) from outside.
//!
//! In: profile, subject, key or request. Out: the chain, leaf first and root last; the leaf is on record.

use jiff::Timestamp;
use pki::{Certificate, CertificationRequest, PublicKey, SerialNumber};

use crate::issuance::Order;
use crate::revocation::{Fact, Status, status_at};
use crate::store::NewCertificate;
use crate::{Ca, Error, Issuer, Profile, Subject};

/// A certificate on record.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// What it is for.
    pub profile: Profile,
    /// Who signed it.
    pub issuer: Issuer,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// What happened to it, in the order of recording.
    pub facts: Vec<Fact>,
}

impl Issued {
    /// Its status at `at`, as known at `at`: what CRL and OCSP say then.
    #[must_use]
    pub fn status_at(&self, at: Timestamp) -> Status {
        status_at(&self.facts, at, at)
    }
}

impl Ca {
    /// Issues an end certificate for a key, valid from the world's time on. Gives leaf, issuing CA, root.
    ///
    /// # Errors
    /// If profile, subject or key are not accepted, or the issuing CA is not valid at the world's time.
    pub async fn enrol(
        &self,
        profile: Profile,
        subject: &Subject,
        public_key: &PublicKey,
    ) -> Result<Vec<Certificate>, Error> {
        if !profile.is_enrollable() {
            return Err(Error::ProfileNotEnrollable { profile });
        }
        let key = public_key.clone();
        tokio::task::spawn_blocking(move || profile.check_public_key(&key))
            .await
            .expect("checking a key never panics")?;
        let subject = subject.to_name()?;
        let hierarchy = self.hierarchy().await?;
        let (root, issuing) = (hierarchy.authority(Issuer::Root), hierarchy.authority(Issuer::Issuing));
        let at = self.now();
        let certificate = self.issue(&Order { profile, subject, public_key }, issuing, at).await?;
        let row = NewCertificate {
            certificate: &certificate,
            issuer: Issuer::Issuing,
            profile,
            authority: None,
            key: None,
            issued_at: at,
        };
        self.store.insert_certificate(&row).await?;
        Ok(vec![certificate, issuing.certificate.clone(), root.certificate.clone()])
    }

    /// Refuses if no end certificate can be issued at the world's time.
    ///
    /// # Errors
    /// [`Error::IssuerNotValid`], [`Error::NoHierarchy`], or the database's.
    pub async fn check_issues(&self) -> Result<(), Error> {
        self.hierarchy().await?.authority(Issuer::Issuing).check_valid_at(self.now())
    }

    /// What whoever gets a certificate now is to know: that the issuing CA is revoked. It issues nevertheless, because verifiers have
    /// to be tested with such certificates.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn warning(&self) -> Result<Option<String>, Error> {
        let serial = self.hierarchy().await?.authority(Issuer::Issuing).certificate.serial();
        Ok(match self.certificate(serial).await?.status_at(self.now()) {
            Status::Good | Status::Unknown => None,
            Status::OnHold { since } => Some(("on hold", since, String::new())),
            Status::Revoked { since, reason } => Some(("revoked", since, format!(" for {reason}"))),
        }
        .map(|(state, since, reason)| {
            format!(
                "The issuing CA {serial} is {state} since {since}{reason}; this testbed's CA issues nevertheless, verifiers are to \
                 refuse what it issues"
            )
        }))
    }

    /// Issues an end certificate for the key of a certification request, which has proved possession of it by being read.
    /// The subject is the one given; without one, the request's own.
    ///
    /// # Errors
    /// Those of [`Ca::enrol`].
    pub async fn enrol_request(
        &self,
        profile: Profile,
        subject: Option<&Subject>,
        request: &CertificationRequest,
    ) -> Result<Vec<Certificate>, Error> {
        let requested = Subject::of_request(request);
        self.enrol(profile, subject.unwrap_or(&requested), request.public_key()).await
    }

    /// The certificate with that serial number and what happened to it.
    ///
    /// # Errors
    /// [`Error::UnknownSerial`], or the database's.
    pub async fn certificate(&self, serial: &SerialNumber) -> Result<Issued, Error> {
        let found = self.store.certificate(serial).await?;
        found.ok_or_else(|| Error::UnknownSerial { serial: serial.clone() })
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
        let in_use = |issued: &Issued| issued.certificate.valid_at(at) && issued.status_at(at) == Status::Good;
        Ok(issued.filter(in_use).map(|issued| issued.certificate).collect())
    }
}
