//! The authorities of a world and how they hang together, RFC 5280 clause 6.1: several roots, CAs below them to any depth, and
//! cross-certificates beside the tree.
//!
//! In: what the store holds. Out: who is called by a name, who signs now, and the chain up to an anchor.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, CertificateId, KeyAlgorithm};

use crate::authority::{Authority, AuthorityId, AuthorityName};
use crate::authority_plan::AuthoritySettings;
use crate::store::{OwnCertificate, StoredSettings};
use crate::{Ca, Error};

/// A further certificate for an authority's key, by another authority or by another key of the same one.
#[derive(Debug)]
pub(crate) struct CrossCertificate {
    pub(crate) subject: AuthorityName,
    pub(crate) issuer: AuthorityName,
    pub(crate) certificate: Certificate,
}

/// All authorities as they were read from the store, in the order of their establishment.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// How each authority works, if it was not made by an earlier program, and its place among those that were planned.
    settings: HashMap<AuthorityId, (i64, Arc<AuthoritySettings>)>,
    authorities: Vec<Arc<Authority>>,
    cross_certificates: Vec<CrossCertificate>,
    /// The number of the newest row that was read.
    newest: i64,
}

impl Hierarchy {
    pub(crate) fn from_stored(stored: Vec<OwnCertificate>, settings: Vec<StoredSettings>) -> Hierarchy {
        let mut hierarchy = Hierarchy::default();
        for StoredSettings { id, place, settings } in settings {
            hierarchy.settings.insert(id, (place, Arc::new(settings)));
        }
        for own in stored {
            hierarchy.newest = hierarchy.newest.max(own.row);
            let Some(subject) = own.authority else { continue };
            match own.key {
                Some(key) => {
                    let usual = || Arc::new(KeyAlgorithm::from(own.certificate.public_key().kind()).into());
                    let settings = hierarchy.settings.get(&subject.id).map_or_else(usual, |(_, known)| known.clone());
                    let authority = Authority::new(subject, own.issuer, own.certificate, key, &settings);
                    hierarchy.authorities.push(Arc::new(authority));
                }
                None => {
                    let (issuer, certificate) = (own.issuer, own.certificate);
                    hierarchy.cross_certificates.push(CrossCertificate { subject, issuer, certificate });
                }
            }
        }
        hierarchy
    }

    /// Every generation of every authority.
    pub(crate) fn generations(&self) -> &[Arc<Authority>] {
        &self.authorities
    }

    pub(crate) fn cross_certificates(&self) -> &[CrossCertificate] {
        &self.cross_certificates
    }

    pub(crate) fn named(&self, name: &AuthorityName) -> Option<&Arc<Authority>> {
        self.authorities.iter().find(|authority| authority.name == *name)
    }

    pub(crate) fn has(&self, id: &AuthorityId) -> bool {
        self.authorities.iter().any(|authority| authority.name.id == *id)
    }

    /// The newest key of an authority.
    pub(crate) fn newest(&self, id: &AuthorityId) -> Option<&Arc<Authority>> {
        self.of(id).max_by_key(|authority| authority.name.generation)
    }

    /// The key that an authority signs certificates with at `at`: the newest that is valid then, so that a clock that is set back
    /// brings the one before back. Without any, the newest, for whoever tells why nothing is signed.
    pub(crate) fn signing_at(&self, id: &AuthorityId, at: Timestamp) -> Option<&Arc<Authority>> {
        let valid = self.of(id).filter(|authority| authority.certificate.valid_at(at));
        valid.max_by_key(|authority| authority.name.generation).or_else(|| self.newest(id))
    }

    fn of<'a>(&'a self, id: &AuthorityId) -> impl Iterator<Item = &'a Arc<Authority>> {
        self.authorities.iter().filter(move |authority| authority.name.id == *id)
    }

    /// Who signs end certificates when nobody is named: the first that may sign nothing else, or else the first of all. Those of
    /// earlier programs come before those that were planned, which have their places.
    pub(crate) fn default_issuer(&self) -> Option<&AuthorityId> {
        let place = |authority: &&Arc<Authority>| self.settings.get(&authority.name.id).map(|(place, _)| *place);
        let signs_no_authority = |authority: &&Arc<Authority>| authority.certificate.path_length() == Some(0);
        let first = self.authorities.iter().filter(signs_no_authority).min_by_key(place);
        first.or(self.authorities.iter().min_by_key(place)).map(|authority| &authority.name.id)
    }

    /// The place of the next authority that is planned.
    pub(crate) fn next_place(&self) -> i64 {
        self.settings.values().map(|(place, _)| place + 1).max().unwrap_or(0)
    }

    /// The authority that all of these name as their issuer, by its name and key.
    pub(crate) fn issuer_of(&self, ids: &[CertificateId]) -> Option<&Arc<Authority>> {
        self.authorities.iter().find(|authority| ids.iter().all(|id| id.names_issuer(&authority.certificate)))
    }

    /// An authority and those above it, the root last.
    pub(crate) fn path_from<'a>(&'a self, authority: &'a Authority) -> impl Iterator<Item = &'a Authority> {
        let above = |below: &&'a Authority| self.named(below.parent.as_ref()?).map(|parent| &**parent);
        std::iter::successors(Some(authority), above)
    }

    /// How many levels of authorities there are below that one.
    pub(crate) fn height(&self, id: &AuthorityId) -> u32 {
        let is_child = |one: &&Arc<Authority>| one.parent.as_ref().is_some_and(|parent| parent.id == *id);
        let children = self.authorities.iter().filter(is_child);
        children.map(|child| self.height(&child.name.id) + 1).max().unwrap_or(0)
    }

    /// The names with an ending, as a sentence lists them: `root.crl or issuing.crl`.
    pub(crate) fn listed(&self, ending: &str) -> String {
        let names: Vec<String> =
            self.authorities.iter().map(|authority| format!("{}{ending}", authority.name)).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
            _ => names.concat(),
        }
    }

    pub(crate) fn unknown(&self, found: impl ToString) -> Error {
        Error::UnknownIssuer { found: found.to_string(), known: self.listed("") }
    }
}

impl Ca {
    /// The trust anchors: what a verifier is given. All roots, with all keys that they have had.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn anchors(&self) -> Result<Vec<Certificate>, Error> {
        let hierarchy = self.hierarchy().await?;
        let roots = hierarchy.generations().iter().filter(|authority| authority.is_root());
        Ok(roots.map(|root| root.certificate.clone()).collect())
    }

    /// Every other CA certificate: those of the authorities below the roots, then cross-certificates.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn intermediates(&self) -> Result<Vec<Certificate>, Error> {
        let hierarchy = self.hierarchy().await?;
        let below = hierarchy.generations().iter().filter(|authority| !authority.is_root());
        let below = below.map(|authority| authority.certificate.clone());
        let beside = hierarchy.cross_certificates().iter().map(|cross| cross.certificate.clone());
        Ok(below.chain(beside).collect())
    }

    /// The authorities, each with the key that it signs with at the world's time.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn authorities(&self) -> Result<Vec<Arc<Authority>>, Error> {
        let (hierarchy, at) = (self.hierarchy().await?, self.now());
        let signs = |one: &&Arc<Authority>| {
            hierarchy.signing_at(&one.name.id, at).is_some_and(|signing| signing.name == one.name)
        };
        Ok(hierarchy.generations().iter().filter(signs).cloned().collect())
    }

    /// The authorities with every key that they have had: each of them has a CRL and answers OCSP requests.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], or the database's.
    pub async fn generations(&self) -> Result<Vec<Arc<Authority>>, Error> {
        Ok(self.hierarchy().await?.generations().to_vec())
    }

    /// The certificate of an authority, for the key that it signs with at the world's time.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`], [`Error::UnknownIssuer`], or the database's.
    pub async fn issuer_certificate(&self, id: &AuthorityId) -> Result<Certificate, Error> {
        let hierarchy = self.hierarchy().await?;
        let authority = hierarchy.signing_at(id, self.now()).ok_or_else(|| hierarchy.unknown(id))?;
        Ok(authority.certificate.clone())
    }

    /// The authorities as they are on record, which another process may have added to.
    pub(crate) async fn hierarchy(&self) -> Result<Arc<Hierarchy>, Error> {
        let hierarchy = self.recorded_hierarchy().await?;
        if hierarchy.authorities.is_empty() { Err(Error::NoHierarchy) } else { Ok(hierarchy) }
    }

    /// The same, also if there is none yet.
    pub(crate) async fn recorded_hierarchy(&self) -> Result<Arc<Hierarchy>, Error> {
        let known = self.known_hierarchy();
        if self.store.newest_of_authorities().await? == known.newest {
            return Ok(known);
        }
        let read = Arc::new(Hierarchy::from_stored(self.store.authorities().await?, self.store.settings().await?));
        *self.shared.hierarchy.write().expect("no code panics while it holds the hierarchy") = read.clone();
        Ok(read)
    }

    /// The authorities as they were read last. Whoever finds in it whom it looks for need not ask the store: nothing is ever taken
    /// away or changed.
    pub(crate) fn known_hierarchy(&self) -> Arc<Hierarchy> {
        self.shared.hierarchy.read().expect("no code panics while it holds the hierarchy").clone()
    }

    /// The authority of that name.
    pub(crate) async fn named(&self, name: &AuthorityName) -> Result<Arc<Authority>, Error> {
        if let Some(known) = self.known_hierarchy().named(name) {
            return Ok(known.clone());
        }
        let hierarchy = self.hierarchy().await?;
        hierarchy.named(name).cloned().ok_or_else(|| hierarchy.unknown(name))
    }
}
