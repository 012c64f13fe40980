//! CRLs, RFC 5280 clause 5: made when somebody asks and the last one does not do any more.
//!
//! In: a CA and the world's time. Out: its CRL at that time, numbered. A CRL is made anew when its nextUpdate has come, when
//! a fact has been recorded since, and when the clock was set back before its thisUpdate. Numbers only grow.
//!
//! Entries stay when their certificates expire, and expiredCertsOnCRL (X.509 clause 9.5.2.8) says so from the CA's first
//! moment on. After the CA's own last moment its last CRL is all there is.

use jiff::Timestamp;
use pki::{CrlTemplate, SerialNumber};
use world::time::Duration;

use crate::hierarchy::Authority;
use crate::malformation::Malformation;
use crate::revocation::{Fact, entry_at};
use crate::store::{NewCrl, Written};
use crate::{Ca, Error, Issuer};

/// How often a CRL is made anew because another process published one in between.
const ATTEMPTS: usize = 5;

/// A CRL and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCrl {
    /// The CRL number (RFC 5280 clause 5.2.3).
    pub number: u64,
    /// Its DER.
    pub der: Vec<u8>,
}

/// A root is seldom asked to change its mind; a seal may be compromised any day.
fn validity(issuer: Issuer) -> Duration {
    match issuer {
        Issuer::Root => Duration::days(90),
        Issuer::Issuing => Duration::days(1),
    }
}

impl Ca {
    /// The CRL of that CA at the world's time, made now if need be.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`]; [`Error::IssuerNotValid`] before the CA's first moment; key server's and database's.
    pub async fn crl(&self, issuer: Issuer) -> Result<PublishedCrl, Error> {
        let authority = self.hierarchy().await?.authority(issuer);
        let now = self.now();
        if now < authority.certificate.not_before() {
            authority.check_valid_at(now)?;
        }
        let at = now.min(authority.certificate.not_after());
        if let Some(current) = self.current_crl(issuer, at).await? {
            return Ok(current);
        }
        let _publishing = self.shared.publishing.lock().await;
        for _ in 0..ATTEMPTS {
            if let Some(current) = self.current_crl(issuer, at).await? {
                return Ok(current);
            }
            self.publish(authority, at).await?;
        }
        Err(Error::ContendedCrl { issuer })
    }

    /// An earlier CRL by its number.
    ///
    /// # Errors
    /// [`Error::UnknownCrl`], or the database's.
    pub async fn crl_by_number(&self, issuer: Issuer, number: u64) -> Result<PublishedCrl, Error> {
        let der = self.store.crl(issuer, number).await?.ok_or(Error::UnknownCrl { issuer, number })?;
        Ok(PublishedCrl { number, der })
    }

    /// A CRL that is wrong on purpose, made at the world's time under the number of the current one, and kept nowhere.
    ///
    /// # Errors
    /// Those of [`Ca::crl`].
    pub async fn malformed_crl(&self, issuer: Issuer, malformation: Malformation) -> Result<PublishedCrl, Error> {
        let PublishedCrl { number, .. } = self.crl(issuer).await?;
        let authority = self.hierarchy().await?.authority(issuer);
        let at = self.now().min(authority.certificate.not_after());
        let known = self.store.facts_known(issuer, at).await?;
        let mut template = template(authority, number, &known, at)?;
        match malformation {
            Malformation::NoNextUpdate => template.next_update = None,
            Malformation::ExpiredForgotten => {
                template.expired_certificates_since = None;
                let mut remembered = Vec::new();
                for entry in template.entries {
                    if !self.has_expired(&entry.serial, at).await? {
                        remembered.push(entry);
                    }
                }
                template.entries = remembered;
            }
            Malformation::StatusUnknown | Malformation::StatusGood => {}
        }
        Ok(PublishedCrl { number, der: self.signed(authority, &template).await? })
    }

    async fn current_crl(&self, issuer: Issuer, at: Timestamp) -> Result<Option<PublishedCrl>, Error> {
        let facts = self.store.count_facts_known(issuer, at).await?;
        let current = self.store.current_crl(issuer, at, facts).await?;
        Ok(current.map(|(number, der)| PublishedCrl { number, der }))
    }

    async fn publish(&self, authority: &Authority, at: Timestamp) -> Result<Written, Error> {
        let issuer = authority.issuer;
        let known = self.store.facts_known(issuer, at).await?;
        let number = self.store.next_crl_number(issuer).await?;
        let der = self.signed(authority, &template(authority, number, &known, at)?).await?;
        let next_update = validity(issuer).until(at);
        let facts = known.iter().map(|(_, facts)| facts.len() as u64).sum();
        self.store.insert_crl(&NewCrl { issuer, number, this_update: at, next_update, facts, der: &der }).await
    }

    async fn signed(&self, authority: &Authority, template: &CrlTemplate) -> Result<Vec<u8>, Error> {
        let to_be_signed = template.to_be_signed(authority.algorithm)?;
        let signature = self.signer.sign_digest(&authority.key, authority.algorithm, &to_be_signed.digest()).await?;
        Ok(to_be_signed.signed(&signature))
    }
}

/// What the CRL of a CA says at `at`, from the facts known then.
fn template(
    authority: &Authority,
    number: u64,
    known: &[(SerialNumber, Vec<Fact>)],
    at: Timestamp,
) -> Result<CrlTemplate, Error> {
    Ok(CrlTemplate {
        issuer: authority.certificate.subject().clone(),
        authority_key_identifier: authority.certificate.public_key().key_identifier().to_vec(),
        number,
        this_update: at,
        next_update: Some(validity(authority.issuer).until(at)),
        entries: known.iter().filter_map(|(serial, facts)| entry_at(serial, facts, at)).collect(),
        expired_certificates_since: Some(authority.certificate.not_before()),
    })
}
