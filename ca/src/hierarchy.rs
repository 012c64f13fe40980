//! The root and the issuing CA, and the OCSP responder certificates of both, RFC 5280 clause 6 and RFC 6960 clause 4.2.2.2.
//!
//! In: a kind of key. Out: certificates, and the names of the keys behind them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, KeyKind, Name, SignatureAlgorithm};
use signer::KeyId;
use world::time::Duration;

use crate::issuance::Order;
use crate::store::{NewCertificate, OwnCertificate, Written};
use crate::{Ca, Error, Profile};

const ORGANIZATION: &str = "TESTBED Certification Services";
/// A synthetic corporate number: no registration office has the number 9999.
const ORGANIZATION_IDENTIFIER: &str = "NTRJP-8999900000001";

/// How long before its end a responder's certificate is replaced, so that no answer outlives it.
const RENEWAL: Duration = Duration::days(7);

/// The two CAs of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Issuer {
    /// Signs itself and the issuing CA.
    Root,
    /// Signs end certificates.
    Issuing,
}

impl Issuer {
    /// Both of them, anchor first.
    pub const ALL: [Issuer; 2] = [Issuer::Root, Issuer::Issuing];

    /// The name that stands in addresses: `/ca/crl/issuing.crl`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Issuer::Root => "root",
            Issuer::Issuing => "issuing",
        }
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

impl FromStr for Issuer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Issuer::ALL.into_iter().find(|issuer| issuer.slug() == text);
        found.ok_or_else(|| Error::UnknownIssuer { found: text.to_owned() })
    }
}

/// A certificate and the key behind it: a CA, or an OCSP responder of that CA.
#[derive(Debug)]
pub(crate) struct Authority {
    pub(crate) issuer: Issuer,
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyId,
    pub(crate) algorithm: SignatureAlgorithm,
}

impl Authority {
    fn new(issuer: Issuer, certificate: Certificate, key: KeyId) -> Authority {
        let algorithm = certificate.public_key().kind().default_signature_algorithm();
        Authority { issuer, certificate, key, algorithm }
    }

    /// Nothing is signed in the name of a CA outside the validity of its certificate.
    pub(crate) fn check_valid_at(&self, at: Timestamp) -> Result<(), Error> {
        if self.certificate.valid_at(at) {
            return Ok(());
        }
        let (not_before, not_after) = (self.certificate.not_before(), self.certificate.not_after());
        Err(Error::IssuerNotValid { issuer: self.issuer, not_before, not_after, at })
    }
}

/// Both CAs.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    root: Authority,
    issuing: Authority,
}

impl Hierarchy {
    pub(crate) fn authority(&self, issuer: Issuer) -> &Authority {
        match issuer {
            Issuer::Root => &self.root,
            Issuer::Issuing => &self.issuing,
        }
    }

    pub(crate) fn authorities(&self) -> [&Authority; 2] {
        [&self.root, &self.issuing]
    }

    fn from_stored(stored: Vec<OwnCertificate>) -> Option<Hierarchy> {
        let (mut root, mut issuing) = (None, None);
        for own in stored {
            match own.authority {
                Some(Issuer::Root) => root = Some(Authority::new(Issuer::Root, own.certificate, own.key)),
                Some(Issuer::Issuing) => issuing = Some(Authority::new(Issuer::Issuing, own.certificate, own.key)),
                None => {}
            }
        }
        Some(Hierarchy { root: root?, issuing: issuing? })
    }
}

impl Ca {
    /// Makes root, issuing CA and their OCSP responders with keys of that kind. Does nothing if they are there.
    ///
    /// # Errors
    /// If the key is weaker than the profiles take, or key server or database fail.
    pub async fn create_hierarchy(&self, kind: KeyKind) -> Result<(), Error> {
        Profile::Root.check_key(kind)?;
        let making = self.shared.making.lock().await;
        match self.hierarchy().await {
            Err(Error::NoHierarchy) => self.make_hierarchy(kind).await?,
            found => found.map(|_| ())?,
        }
        drop(making);
        let at = self.now();
        for authority in self.hierarchy().await?.authorities() {
            if authority.certificate.valid_at(at) {
                self.responder_at(authority, at).await?;
            }
        }
        Ok(())
    }

    /// The trust anchors: what a verifier is given.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn anchors(&self) -> Result<Vec<Certificate>, Error> {
        Ok(vec![self.hierarchy().await?.root.certificate.clone()])
    }

    /// Every other CA certificate.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn intermediates(&self) -> Result<Vec<Certificate>, Error> {
        Ok(vec![self.hierarchy().await?.issuing.certificate.clone()])
    }

    /// The certificate of one of the two CAs.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn issuer_certificate(&self, issuer: Issuer) -> Result<Certificate, Error> {
        Ok(self.hierarchy().await?.authority(issuer).certificate.clone())
    }

    pub(crate) async fn hierarchy(&self) -> Result<&Hierarchy, Error> {
        let load = || async { Hierarchy::from_stored(self.store.authorities().await?).ok_or(Error::NoHierarchy) };
        self.shared.hierarchy.get_or_try_init(load).await
    }

    async fn make_hierarchy(&self, kind: KeyKind) -> Result<(), Error> {
        let at = self.now();
        let root = self.make_authority(Issuer::Root, None, kind, at).await?;
        let issuing = self.make_authority(Issuer::Issuing, Some(&root), kind, at).await?;
        let rows = [
            NewCertificate {
                certificate: &root.certificate,
                issuer: Issuer::Root,
                profile: Profile::Root,
                authority: Some(Issuer::Root),
                key: Some(&root.key),
                issued_at: at,
            },
            NewCertificate {
                certificate: &issuing.certificate,
                issuer: Issuer::Root,
                profile: Profile::IssuingCa,
                authority: Some(Issuer::Issuing),
                key: Some(&issuing.key),
                issued_at: at,
            },
        ];
        // Collided: another process over the same database was faster, and its hierarchy counts.
        let (Written::Yes | Written::Collided) = self.store.insert_authorities(&rows).await?;
        Ok(())
    }

    async fn make_authority(
        &self,
        issuer: Issuer,
        signed_by: Option<&Authority>,
        kind: KeyKind,
        at: Timestamp,
    ) -> Result<Authority, Error> {
        let key = self.signer.create_key(kind, &format!("ca/{issuer}")).await?;
        let public_key = self.signer.public_key(&key).await?;
        let (profile, common_name) = match issuer {
            Issuer::Root => (Profile::Root, "TESTBED Root CA (NOT QUALIFIED)"),
            Issuer::Issuing => (Profile::IssuingCa, "TESTBED Issuing CA (NOT QUALIFIED)"),
        };
        let order = Order { profile, subject: own_name(common_name), public_key: &public_key };
        let certificate = match signed_by {
            Some(signed_by) => self.issue(&order, signed_by, at).await?,
            None => self.issue_self_signed(&order, &key, at).await?,
        };
        Ok(Authority::new(issuer, certificate, key))
    }

    /// The OCSP responder of a CA that is good for answers at `at`: the newest that is valid then and not about to end, else
    /// a new one. Old ones stay on record.
    pub(crate) async fn responder_at(&self, ca: &Authority, at: Timestamp) -> Result<Arc<Authority>, Error> {
        if let Some(responder) = self.known_responder(ca, at)? {
            return Ok(responder);
        }
        let _making = self.shared.making.lock().await;
        self.load_responders().await?;
        match self.known_responder(ca, at)? {
            Some(responder) => Ok(responder),
            None => self.make_responder(ca, at).await,
        }
    }

    fn known_responder(&self, ca: &Authority, at: Timestamp) -> Result<Option<Arc<Authority>>, Error> {
        let renew = RENEWAL.until(at);
        let is_usable = |responder: &&Arc<Authority>| {
            let certificate = &responder.certificate;
            let ends_with_ca = certificate.not_after() == ca.certificate.not_after();
            responder.issuer == ca.issuer
                && certificate.valid_at(at)
                && (certificate.not_after() >= renew || ends_with_ca)
        };
        let responders = self.shared.responders.read().expect("no code panics while it holds the responders");
        let newest = responders.iter().filter(is_usable).max_by_key(|responder| responder.certificate.not_before());
        Ok(newest.cloned())
    }

    async fn load_responders(&self) -> Result<(), Error> {
        let stored = self.store.responders().await?.into_iter();
        let responders = stored.map(|own| Arc::new(Authority::new(own.issuer, own.certificate, own.key))).collect();
        *self.shared.responders.write().expect("no code panics while it holds the responders") = responders;
        Ok(())
    }

    async fn make_responder(&self, ca: &Authority, at: Timestamp) -> Result<Arc<Authority>, Error> {
        ca.check_valid_at(at)?;
        let kind = ca.certificate.public_key().kind();
        let key = self.signer.create_key(kind, &format!("ca/{}/ocsp", ca.issuer)).await?;
        let public_key = self.signer.public_key(&key).await?;
        let common_name = match ca.issuer {
            Issuer::Root => "TESTBED Root CA OCSP Responder (NOT QUALIFIED)",
            Issuer::Issuing => "TESTBED Issuing CA OCSP Responder (NOT QUALIFIED)",
        };
        let order = Order { profile: Profile::OcspResponder, subject: own_name(common_name), public_key: &public_key };
        let certificate = self.issue(&order, ca, at).await?;
        let row = NewCertificate {
            certificate: &certificate,
            issuer: ca.issuer,
            profile: Profile::OcspResponder,
            authority: None,
            key: Some(&key),
            issued_at: at,
        };
        self.store.insert_certificate(&row).await?;
        let responder = Arc::new(Authority::new(ca.issuer, certificate, key));
        let mut responders = self.shared.responders.write().expect("no code panics while it holds the responders");
        responders.push(responder.clone());
        Ok(responder)
    }
}

fn own_name(common_name: &str) -> Name {
    let name = Name::builder().country("JP").organization(ORGANIZATION);
    name.organization_identifier(ORGANIZATION_IDENTIFIER).common_name(common_name).build()
}
