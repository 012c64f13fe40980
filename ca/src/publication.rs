//! CRLs, RFC 5280 clause 5: made when somebody asks and the last one does not do any more.
//!
//! In: a key of an authority and the world's time. Out: its CRL at that time, numbered. A CRL is made anew when its nextUpdate has
//! come, when a fact has been recorded since, and when the clock was set back before its thisUpdate. Numbers only grow.
//!
//! Each key of an authority signs a CRL of its own, at an address of its own, which the certificates that it signed point to: who
//! built a path to that key can check that CRL with it (RFC 5280 clause 6.3.3 (f)), and finds the right one of several by its
//! authority key identifier (clause 5.2.1). Since all of them have the same issuer name and no issuing distribution point, each
//! lists everything that the authority revoked, whichever key signed it: without that extension the scope of a CRL is its issuer's
//! name (clauses 5 and 5.2.5), and a verifier that took the other one would miss revocations. The numbers are one sequence for the
//! same reason (clause 5.2.3).
//!
//! What a CRL was made of is kept, its bytes are not: from the facts, the time and the signature the same CRL comes out again
//! ([`Ca::crl_by_number`]), until it is forgotten, 400 days after its nextUpdate. The current one stays in memory.
//!
//! Entries stay when their certificates expire, and expiredCertsOnCRL (X.509 clause 9.5.2.8) says so from the authority's first
//! moment on. After the authority's own last moment its last CRL is all there is.

use std::collections::HashMap;
use std::sync::RwLock;

use jiff::Timestamp;
use pki::{CrlTemplate, SerialNumber};
use world::conditional::Representation;
use world::time::Duration;

use crate::authority::{Authority, AuthorityId, AuthorityName};
use crate::malformation::Malformation;
use crate::revocation::{RevocationFact, entry_at};
use crate::store::{MadeCrl, Written};
use crate::{Ca, Error};

/// How often a CRL is made anew because another process published one in between.
const ATTEMPTS: usize = 5;

/// For so long, counted back from the world's time, a CRL can be had by its number after its nextUpdate.
const KEPT: Duration = Duration::days(-400);

const MEDIA_TYPE: &str = "application/pkix-crl";

/// A CRL and its number. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PublishedCrl {
    /// The CRL number (RFC 5280 clause 5.2.3).
    pub number: u64,
    /// Its DER, as it is served.
    pub representation: Representation,
}

impl PublishedCrl {
    fn new(number: u64, der: Vec<u8>) -> PublishedCrl {
        PublishedCrl { number, representation: Representation::new(MEDIA_TYPE, der) }
    }

    /// Its DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.representation.body()
    }
}

/// The newest CRL of each key that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Newest(RwLock<HashMap<AuthorityName, PublishedCrl>>);

impl Newest {
    fn with_number(&self, name: &AuthorityName, number: u64) -> Option<PublishedCrl> {
        let newest = self.0.read().expect("no code panics while it holds the newest CRLs");
        newest.get(name).filter(|crl| crl.number == number).cloned()
    }

    fn keep(&self, name: &AuthorityName, crl: &PublishedCrl) {
        self.0.write().expect("no code panics while it holds the newest CRLs").insert(name.clone(), crl.clone());
    }
}

impl Ca {
    /// The CRL that a key of an authority signs, at the world's time, made now if need be.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`]; [`Error::UnknownIssuer`]; [`Error::IssuerNotValid`] before the authority's first moment; key server's
    /// and database's.
    pub async fn crl(&self, name: &AuthorityName) -> Result<PublishedCrl, Error> {
        let authority = self.named(name).await?;
        let now = self.now();
        if now < authority.certificate.not_before() {
            authority.check_valid_at(now)?;
        }
        let at = now.min(authority.certificate.not_after());
        if let Some(current) = self.store.current_crl(name, at).await?
            && let Some(known) = self.shared.newest.with_number(name, current.number)
        {
            return Ok(known);
        }
        let _publishing = self.shared.publishing.lock().await;
        for _ in 0..ATTEMPTS {
            if let Some(current) = self.current_crl(&authority, at).await? {
                return Ok(current);
            }
            if let Some(published) = self.publish(&authority, at).await? {
                return Ok(published);
            }
        }
        Err(Error::ContendedCrl { issuer: name.clone() })
    }

    /// An earlier CRL by its number.
    ///
    /// # Errors
    /// [`Error::UnknownIssuer`]; [`Error::UnknownCrl`] for a number that was never given, [`Error::CrlNotKept`] for one that was forgotten; the
    /// database's.
    pub async fn crl_by_number(&self, issuer: &AuthorityId, number: u64) -> Result<PublishedCrl, Error> {
        let hierarchy = self.hierarchy().await?;
        if !hierarchy.has(issuer) {
            return Err(hierarchy.unknown(issuer));
        }
        if let Some(made) = self.store.crl(issuer, number).await? {
            let name = issuer.generation(made.generation);
            if let Some(known) = self.shared.newest.with_number(&name, number) {
                return Ok(known);
            }
            if let Some(der) = self.made_again(&*self.named(&name).await?, made).await? {
                return Ok(PublishedCrl::new(number, der));
            }
        }
        let (last, issuer) = (self.store.last_crl_number(issuer).await?, issuer.clone());
        Err(match (1..=last).contains(&number) {
            true => Error::CrlNotKept { issuer, number },
            false => Error::UnknownCrl { issuer, number },
        })
    }

    /// A CRL that is wrong on purpose, made at the world's time under the number of the current one, and kept nowhere.
    ///
    /// # Errors
    /// Those of [`Ca::crl`].
    pub async fn malformed_crl(&self, name: &AuthorityName, malformation: Malformation) -> Result<PublishedCrl, Error> {
        let number = self.crl(name).await?.number;
        let authority = self.named(name).await?;
        let at = self.now().min(authority.certificate.not_after());
        let known = self.store.facts_known(&name.id, at, self.store.last_fact(&name.id).await?).await?;
        let mut template = template(&authority, number, &known, at);
        match malformation {
            Malformation::NoNextUpdate => template.next_update = None,
            Malformation::ExpiredForgotten => {
                template.expired_certificates_since = None;
                let mut remembered = Vec::new();
                for entry in template.entries {
                    if !self.has_expired(&name.id, &entry.serial, at).await? {
                        remembered.push(entry);
                    }
                }
                template.entries = remembered;
            }
            Malformation::StatusUnknown | Malformation::StatusGood => {}
        }
        let to_be_signed = template.to_be_signed(authority.algorithm)?;
        let signature = self.signature(&authority.key, authority.algorithm, to_be_signed.tbs_der()).await?;
        Ok(PublishedCrl::new(number, to_be_signed.signed(&signature)))
    }

    async fn current_crl(&self, authority: &Authority, at: Timestamp) -> Result<Option<PublishedCrl>, Error> {
        let Some(made) = self.store.current_crl(&authority.name, at).await? else { return Ok(None) };
        if let Some(known) = self.shared.newest.with_number(&authority.name, made.number) {
            return Ok(Some(known));
        }
        let number = made.number;
        let again = self.made_again(authority, made).await?.map(|der| PublishedCrl::new(number, der));
        again.iter().for_each(|crl| self.shared.newest.keep(&authority.name, crl));
        Ok(again)
    }

    /// The bytes of a CRL from what it was made of. `None` if others come out, because an earlier program wrote CRLs
    /// otherwise.
    async fn made_again(&self, authority: &Authority, made: MadeCrl) -> Result<Option<Vec<u8>>, Error> {
        if made.der.is_some() {
            return Ok(made.der);
        }
        let known = self.store.facts_known(&authority.name.id, made.this_update, made.last_fact).await?;
        let to_be_signed =
            template(authority, made.number, &known, made.this_update).to_be_signed(authority.algorithm)?;
        let key = authority.certificate.public_key();
        let holds = key.verify_message(authority.algorithm, to_be_signed.tbs_der(), &made.signature).is_ok();
        Ok(holds.then(|| to_be_signed.signed(&made.signature)))
    }

    /// Makes the next CRL; `None` if another process took its number.
    async fn publish(&self, authority: &Authority, at: Timestamp) -> Result<Option<PublishedCrl>, Error> {
        let issuer = &authority.name.id;
        let last_fact = self.store.last_fact(issuer).await?;
        let known = self.store.facts_known(issuer, at, last_fact).await?;
        let number = self.store.last_crl_number(issuer).await? + 1;
        let to_be_signed = template(authority, number, &known, at).to_be_signed(authority.algorithm)?;
        let signature = self.signature(&authority.key, authority.algorithm, to_be_signed.tbs_der()).await?;
        let made =
            MadeCrl { generation: authority.name.generation, number, this_update: at, last_fact, signature, der: None };
        let next_update = authority.crl_validity().until(at);
        let forgotten_before = KEPT.after(at).unwrap_or(Timestamp::MIN);
        if self.store.insert_crl(issuer, &made, next_update, forgotten_before).await? == Written::Collided {
            return Ok(None);
        }
        let published = PublishedCrl::new(number, to_be_signed.signed(&made.signature));
        self.shared.newest.keep(&authority.name, &published);
        Ok(Some(published))
    }
}

/// What the CRL of an authority says at `at`, from the facts known then.
fn template(
    authority: &Authority,
    number: u64,
    known: &[(SerialNumber, Vec<RevocationFact>)],
    at: Timestamp,
) -> CrlTemplate {
    CrlTemplate {
        issuer: authority.certificate.subject().clone(),
        authority_key_identifier: authority.certificate.public_key().key_identifier().to_vec(),
        number,
        this_update: at,
        next_update: Some(authority.crl_validity().until(at)),
        entries: known.iter().filter_map(|(serial, facts)| entry_at(serial, facts, at)).collect(),
        expired_certificates_since: Some(authority.certificate.not_before()),
    }
}
