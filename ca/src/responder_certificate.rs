//! Certificates of delegated OCSP responders, RFC 6960 clause 4.2.2.2: one for each key of an authority, renewed often instead of
//! being checked.
//!
//! In: an authority and a time. Out: the responder that signs answers about its certificates then, made now if need be.

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, Name, SignatureAlgorithm};
use signer::KeyId;
use world::time::Duration;

use crate::authority::{Authority, AuthorityName};
use crate::issuance::Order;
use crate::profile::Profile;
use crate::store::{NewCertificate, OwnCertificate};
use crate::subject::{DISCLAIMER, LONGEST_ATTRIBUTE};
use crate::{Ca, Error};

/// How long before its end a responder's certificate is replaced, so that no answer outlives it.
const RENEWAL: Duration = Duration::days(7);

/// A key that signs OCSP answers about the certificates of one key of an authority.
#[derive(Debug)]
pub(crate) struct Responder {
    pub(crate) authority: AuthorityName,
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyId,
    pub(crate) algorithm: SignatureAlgorithm,
}

impl Responder {
    fn new(authority: &Authority, certificate: Certificate, key: KeyId) -> Responder {
        let algorithm = authority.settings.ocsp_algorithm.signature_algorithm();
        Responder { authority: authority.name.clone(), certificate, key, algorithm }
    }
}

impl Ca {
    /// The OCSP responder of an authority that is good for answers at `at`: the newest that is valid then and not about to end,
    /// else a new one. Old ones stay on record.
    pub(crate) async fn responder_at(&self, authority: &Authority, at: Timestamp) -> Result<Arc<Responder>, Error> {
        if let Some(responder) = self.known_responder(authority, at) {
            return Ok(responder);
        }
        let _making = self.shared.making.lock().await;
        self.load_responders().await?;
        match self.known_responder(authority, at) {
            Some(responder) => Ok(responder),
            None => self.make_responder(authority, at).await,
        }
    }

    fn known_responder(&self, authority: &Authority, at: Timestamp) -> Option<Arc<Responder>> {
        let renew = RENEWAL.until(at);
        let is_usable = |responder: &&Arc<Responder>| {
            let certificate = &responder.certificate;
            let ends_with_authority = certificate.not_after() == authority.certificate.not_after();
            responder.authority == authority.name
                && certificate.valid_at(at)
                && (certificate.not_after() >= renew || ends_with_authority)
        };
        let responders = self.shared.responders.read().expect("no code panics while it holds the responders");
        let newest = responders.iter().filter(is_usable).max_by_key(|responder| responder.certificate.not_before());
        newest.cloned()
    }

    async fn load_responders(&self) -> Result<(), Error> {
        let stored = self.store.responders().await?.into_iter();
        let hierarchy = self.hierarchy().await?;
        let of_stored = |own: OwnCertificate| {
            Some(Arc::new(Responder::new(hierarchy.named(&own.issuer)?, own.certificate, own.key?)))
        };
        let responders = stored.filter_map(of_stored).collect();
        *self.shared.responders.write().expect("no code panics while it holds the responders") = responders;
        Ok(())
    }

    async fn make_responder(&self, authority: &Authority, at: Timestamp) -> Result<Arc<Responder>, Error> {
        authority.check_valid_at(at)?;
        let (name, kind) = (&authority.name, authority.settings.ocsp_algorithm.kind);
        let key = self.signer.create_key(kind, &format!("ca/{name}/ocsp")).await?;
        let public_key = self.signer.public_key(&key).await?;
        let subject = responder_name(authority.certificate.subject());
        let order = Order::new(Profile::OcspResponder, subject, &public_key, None, at);
        let certificate = self.issue(order, authority, at).await?;
        let row = NewCertificate {
            certificate: &certificate,
            issuer: name,
            profile: Profile::OcspResponder,
            authority: None,
            key: Some(&key),
            issued_at: at,
        };
        self.store.insert_certificate(&row).await?;
        let responder = Arc::new(Responder::new(authority, certificate, key));
        let mut responders = self.shared.responders.write().expect("no code panics while it holds the responders");
        responders.push(responder.clone());
        Ok(responder)
    }
}

/// Refuses the name of an authority to which there is no room to add what its responders are called.
pub(crate) fn check_name(authority: &Name) -> Result<(), Error> {
    let common_name = responder_name(authority).common_name().unwrap_or_default();
    match common_name.chars().count() <= LONGEST_ATTRIBUTE {
        true => Ok(()),
        false => Err(Error::Subject {
            attribute: "common_name",
            expected: "at most 64 characters with the testbed's label, also for its OCSP responder",
            found: common_name,
        }),
    }
}

/// `TESTBED Root CA OCSP Responder (NOT QUALIFIED)` of `TESTBED Root CA (NOT QUALIFIED)`.
fn responder_name(authority: &Name) -> Name {
    let disclaimer = format!(" ({DISCLAIMER})");
    let common_name = authority.common_name().unwrap_or_default();
    let (head, tail) = match common_name.strip_suffix(&disclaimer) {
        Some(head) => (head, disclaimer.as_str()),
        None => (common_name.as_str(), ""),
    };
    Name::builder()
        .country(&authority.country().unwrap_or_default())
        .organization(&authority.organization().unwrap_or_default())
        .organization_identifier(&authority.organization_identifier().unwrap_or_default())
        .common_name(&format!("{head} OCSP Responder{tail}"))
        .build()
}
