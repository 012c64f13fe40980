//! What is known in one validation: anchors and other certificates, each once, which signatures among them hold, and how much work
//! is left. The caller owns it and lends it to every question about the same file, so that no signature is verified twice.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::budget::{Budget, STEP};
use super::search::{self, Search};
use crate::certificate::Certificate;
use crate::error::{Error, Verification};
use crate::memory::SignatureMemory;
use crate::name::Name;

/// Whether a certificate is signed by an issuer's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued {
    /// Names agree, and the signature was computed and holds.
    Yes,
    /// It is not.
    No(Error),
    /// Nobody can tell here: key, curve, digest or parameters are not offered.
    CannotBeVerified(Error),
    /// It was not tried, because the work for this file had ended.
    NotTried,
}

impl Issued {
    /// Whether it is.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }
}

/// One of several sets of anchors: who is trusted may depend on what for. The first is the one that is meant without a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AnchorSet(u8);

impl AnchorSet {
    /// The set with this number, from 0 to 7.
    pub const fn number(number: u8) -> Self {
        assert!(number < 8, "there are eight sets");
        Self(number)
    }

    const fn bit(self) -> u8 {
        1 << self.0
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Known {
    /// Of equals the one with the smaller fingerprint is tried first, so that the order of adding does not matter.
    by_subject: HashMap<Vec<u8>, Vec<Entry>>,
    issued: RefCell<HashMap<(Certificate, Certificate), Issued>>,
    searches: RefCell<HashMap<(Certificate, AnchorSet), Arc<Search>>>,
    budget: Budget,
    memory: SignatureMemory,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) certificate: Certificate,
    /// The sets of anchors that it belongs to.
    sets: u8,
}

impl Known {
    /// With these anchors, and work for one file.
    pub fn new(anchors: &[Certificate]) -> Self {
        Self::with_budget(anchors, Budget::default())
    }

    /// With these anchors, and so much work.
    pub fn with_budget(anchors: &[Certificate], budget: Budget) -> Self {
        let mut known = Self { budget, ..Self::default() };
        anchors.iter().for_each(|anchor| known.trust(anchor, AnchorSet::default()));
        known
    }

    /// With a memory of signatures that held in other files, in place of one for this file alone.
    #[must_use]
    pub fn recalling(self, memory: &SignatureMemory) -> Self {
        Self { memory: memory.clone(), ..self }
    }

    /// The memory of signatures that held.
    pub fn memory(&self) -> &SignatureMemory {
        &self.memory
    }

    /// Adds an anchor to a set.
    pub fn trust(&mut self, anchor: &Certificate, set: AnchorSet) {
        self.insert(anchor, set.bit());
    }

    /// Adds a certificate that a path may go through; gives the one that is kept.
    pub fn add(&mut self, certificate: &Certificate) -> Certificate {
        self.insert(certificate, 0)
    }

    fn insert(&mut self, certificate: &Certificate, sets: u8) -> Certificate {
        let namesakes = self.by_subject.entry(certificate.subject().canonical().to_vec()).or_default();
        let fingerprint = certificate.fingerprint();
        match namesakes.binary_search_by(|entry| entry.certificate.fingerprint().cmp(fingerprint)) {
            Ok(place) => {
                let entry = &mut namesakes[place];
                if entry.sets | sets != entry.sets {
                    entry.sets |= sets;
                    self.searches.get_mut().clear();
                }
                entry.certificate.clone()
            }
            Err(place) => {
                let certificate = certificate.clone();
                namesakes.insert(place, Entry { certificate: certificate.clone(), sets });
                self.searches.get_mut().clear();
                certificate
            }
        }
    }

    /// Every certificate, in no particular order.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.by_subject.values().flatten().map(|entry| &entry.certificate)
    }

    /// Those with this subject, the one with the smallest fingerprint first.
    pub fn named(&self, subject: &Name) -> impl Iterator<Item = &Certificate> {
        self.by_subject.get(subject.canonical()).into_iter().flatten().map(|entry| &entry.certificate)
    }

    /// Whether this certificate is an anchor of a set.
    pub fn is_anchor(&self, certificate: &Certificate, set: AnchorSet) -> bool {
        let namesakes = self.by_subject.get(certificate.subject().canonical()).into_iter().flatten();
        namesakes.filter(|entry| entry.sets & set.bit() != 0).any(|entry| entry.certificate == *certificate)
    }

    /// What may still be done.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether the key of `issuer` signed the certificate. Each pair is tried once.
    pub fn issued(&self, certificate: &Certificate, issuer: &Certificate) -> Issued {
        let pair = (certificate.clone(), issuer.clone());
        if let Some(known) = self.issued.borrow().get(&pair) {
            return known.clone();
        }
        if !self.budget.may_verify(&issuer.public_key()) {
            return Issued::NotTried;
        }
        let issued = match Verification::from(certificate.verify_issued_by(issuer.recalling(&self.memory))) {
            Verification::Held => Issued::Yes,
            Verification::DoesNotHold(why) => Issued::No(why),
            Verification::CannotBeVerified(why) => Issued::CannotBeVerified(why),
        };
        self.issued.borrow_mut().insert(pair, issued.clone());
        issued
    }

    /// A certificate whose key signed this one, whether or not it leads to an anchor.
    pub fn issuer(&self, certificate: &Certificate) -> Option<Certificate> {
        self.budget.open_question();
        self.namesakes_of_issuer(certificate, AnchorSet::default())
            .into_iter()
            .find(|issuer| self.issued(certificate, issuer).is_yes())
    }

    /// Every certificate whose key signed this one: an authority may have several, of which each leads elsewhere (RFC 4158 clause 2.3).
    pub fn issuers(&self, certificate: &Certificate) -> Vec<Certificate> {
        self.budget.open_question();
        let mut namesakes = self.namesakes_of_issuer(certificate, AnchorSet::default());
        namesakes.retain(|issuer| self.issued(certificate, issuer).is_yes());
        namesakes
    }

    /// Paths from a leaf to anchors of the first set. Each leaf is searched for once.
    pub fn paths(&self, leaf: &Certificate) -> Arc<Search> {
        self.paths_to(leaf, AnchorSet::default())
    }

    /// Paths from a leaf to anchors of a set. Anchors of other sets are certificates like any.
    pub fn paths_to(&self, leaf: &Certificate, set: AnchorSet) -> Arc<Search> {
        if let Some(known) = self.searches.borrow().get(&(leaf.clone(), set)) {
            return known.clone();
        }
        self.budget.open_question();
        let search = Arc::new(search::run(self, leaf, set));
        self.searches.borrow_mut().insert((leaf.clone(), set), search.clone());
        search
    }

    /// Certificates with the name of the issuer. Those whose key identifier is the one wanted come first, because with it the
    /// first signature that is tried is nearly always the right one; of those anchors, then CAs (RFC 4158 §3.5).
    pub(super) fn namesakes_of_issuer(&self, of: &Certificate, set: AnchorSet) -> Vec<Certificate> {
        let Some(named) = self.by_subject.get(of.issuer().canonical()) else { return Vec::new() };
        if !self.budget.spend(STEP * named.len() as u64) {
            return Vec::new();
        }
        let key_identifier = of.authority_key_identifier();
        let mut named: Vec<&Entry> = named.iter().collect();
        named.sort_by_cached_key(|entry| {
            let identifier = entry.certificate.subject_key_identifier();
            let other_key = key_identifier.is_some() && identifier != key_identifier;
            (other_key, entry.sets & set.bit() == 0, !entry.certificate.is_ca())
        });
        named.into_iter().map(|entry| entry.certificate.clone()).collect()
    }
}
