//! Everything at hand in one validation: anchors, certificates and revocation data from the file and from outside, each once.
//! In: DER or parsed objects. Out: paths to anchors, and what accepted revocation data states about a certificate (5.2.6 with
//! the acceptance of revocation data). Every signature is verified at most once, and all questions of one file share one budget of
//! work; but for that, nothing here depends on the order of questions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use pki::path::{Budget, Known, Search, ValidPath};
use pki::{
    Certificate, Crl, Digest, DigestAlgorithm, KeyHolder, OcspResponse, SerialNumber, SignatureAlgorithm,
    SignatureMemory, SuccessfulOcspResponse,
};

use crate::Anchor;
use crate::certificate_path::Purpose;
use crate::policy::Policy;
use crate::revocation_data::{Rejection, Statement};

mod signers;
mod statements;
#[cfg(test)]
mod tests;

/// As what octets were read: a CRL in the wrong place of a store is none there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Crl,
    Ocsp,
}

/// A CRL or an OCSP answer.
#[derive(Clone, Debug)]
pub(crate) enum RevocationData {
    Crl(Crl),
    Ocsp(SuccessfulOcspResponse),
}

impl RevocationData {
    pub(crate) fn algorithm(&self) -> Option<SignatureAlgorithm> {
        match self {
            RevocationData::Crl(crl) => crl.signature_algorithm().ok(),
            RevocationData::Ocsp(response) => response.signature_algorithm().ok(),
        }
    }

    pub(crate) fn der(&self) -> &[u8] {
        match self {
            RevocationData::Crl(crl) => crl.der(),
            RevocationData::Ocsp(response) => response.der(),
        }
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            RevocationData::Crl(crl) => format!("CRL of {} of {}", crl.issuer(), crl.this_update()),
            RevocationData::Ocsp(response) => format!("OCSP answer of {}", response.produced_at()),
        }
    }
}

/// Revocation data that was accepted for a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    /// Its place in [`Material::revocation`].
    pub(crate) data: usize,
    /// Other data without which it would not state this: the delta list of a base, lists of other reasons.
    pub(crate) together_with: Vec<usize>,
    pub(crate) statement: Statement,
    /// The path of whoever signed, if that is not the CA itself.
    pub(crate) signer_path: Option<ValidPath>,
}

impl Accepted {
    /// The places of everything that it is made of.
    pub(crate) fn all_data(&self) -> impl Iterator<Item = usize> {
        self.together_with.iter().copied().chain([self.data])
    }
}

/// What all revocation data together states about a certificate.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    /// The newest first; of two made at the same time, the one that does not say "good".
    pub(crate) accepted: Vec<Accepted>,
    /// What speaks about the certificate and was not accepted.
    pub(crate) rejected: Vec<(usize, Rejection)>,
    /// Not everything at hand was looked at, because the work for this file had ended. Then nothing good is accepted.
    pub(crate) exhausted: bool,
}

type Pair = (Certificate, Certificate);

/// See the module.
pub(crate) struct Material<'a> {
    pub(crate) policy: &'a Policy,
    /// The validation time.
    pub(crate) at: Timestamp,
    anchors: &'a [Anchor],
    known: HashMap<Digest, Option<Certificate>>,
    certificates: Known,
    revocation: Vec<RevocationData>,
    known_revocation: HashMap<(Kind, Digest), Option<usize>>,
    crls: HashMap<Vec<u8>, Vec<usize>>,
    ocsp_answers: HashMap<SerialNumber, Vec<usize>>,
    signatures: RefCell<HashMap<(usize, Certificate), Result<(), pki::Error>>>,
    statements: RefCell<HashMap<Pair, Rc<Statements>>>,
}

impl<'a> Material<'a> {
    pub(crate) fn new(policy: &'a Policy, anchors: &'a [Anchor], at: Timestamp) -> Material<'a> {
        Material::with_budget(policy, anchors, at, Budget::default())
    }

    /// With a memory of signatures that held in earlier files.
    pub(crate) fn recalling(self, memory: &SignatureMemory) -> Material<'a> {
        Material { certificates: self.certificates.recalling(memory), ..self }
    }

    /// The holder of a key, with the memory of this validation.
    pub(crate) fn holder<'s>(&'s self, certificate: &'s Certificate) -> KeyHolder<'s> {
        certificate.recalling(self.certificates.memory())
    }

    /// With so much work for everything that is asked.
    pub(crate) fn with_budget(
        policy: &'a Policy,
        anchors: &'a [Anchor],
        at: Timestamp,
        budget: Budget,
    ) -> Material<'a> {
        let trusted: Vec<Certificate> = anchors.iter().map(|anchor| anchor.certificate.clone()).collect();
        let mut certificates = Known::with_budget(&[], budget);
        for anchor in anchors {
            let purposes = [Purpose::Seal, Purpose::TimeStamping, Purpose::Any];
            let trusting = purposes.into_iter().filter(|purpose| purpose.trusts(anchor));
            trusting.for_each(|purpose| certificates.trust(&anchor.certificate, purpose.anchors()));
        }
        Material {
            policy,
            at,
            anchors,
            known: trusted.iter().map(|anchor| (anchor.fingerprint().clone(), Some(anchor.clone()))).collect(),
            certificates,
            revocation: Vec::new(),
            known_revocation: HashMap::new(),
            crls: HashMap::new(),
            ocsp_answers: HashMap::new(),
            signatures: RefCell::default(),
            statements: RefCell::default(),
        }
    }

    /// Adds a certificate; gives the one that is kept.
    pub(crate) fn add_certificate(&mut self, certificate: &Certificate) -> Certificate {
        let key = certificate.fingerprint().clone();
        if let Some(Some(known)) = self.known.get(&key) {
            return known.clone();
        }
        self.known.insert(key, Some(certificate.clone()));
        self.certificates.add(certificate)
    }

    /// Reads and adds a certificate; nothing, if it cannot be read.
    pub(crate) fn add_certificate_der(&mut self, der: &[u8]) -> Option<Certificate> {
        let key = DigestAlgorithm::Sha256.digest(der);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        match Certificate::from_der(der) {
            Ok(certificate) => Some(self.add_certificate(&certificate)),
            Err(_) => {
                self.known.insert(key, None);
                None
            }
        }
    }

    /// What that is as a certificate; one that was added is not read again.
    pub(crate) fn certificate(&self, der: &[u8]) -> Option<Certificate> {
        let known = self.known.get(&DigestAlgorithm::Sha256.digest(der)).cloned();
        known.unwrap_or_else(|| Certificate::from_der(der).ok())
    }

    /// What that is as an answer; one that was added is not read again.
    pub(crate) fn response(&self, der: &[u8]) -> Option<SuccessfulOcspResponse> {
        let known = self.known_revocation.get(&(Kind::Ocsp, DigestAlgorithm::Sha256.digest(der)));
        match known.map(|place| Some(&self.revocation[(*place)?])) {
            Some(Some(RevocationData::Ocsp(response))) => Some(response.clone()),
            Some(_) => None,
            None => OcspResponse::from_der(der).and_then(OcspResponse::into_successful).ok(),
        }
    }

    /// Reads and adds a CRL; gives its place in [`Material::revocation`].
    pub(crate) fn add_crl_der(&mut self, der: &[u8]) -> Option<usize> {
        self.add_revocation(Kind::Crl, der, |der| Crl::from_der(der).ok().map(RevocationData::Crl))
    }

    /// Reads and adds an OCSPResponse; gives its place. Refusals say nothing.
    pub(crate) fn add_ocsp_der(&mut self, der: &[u8]) -> Option<usize> {
        self.add_revocation(Kind::Ocsp, der, |der| match OcspResponse::from_der(der) {
            Ok(OcspResponse::Successful(response)) => Some(RevocationData::Ocsp(response)),
            _ => None,
        })
    }

    pub(crate) fn add_crl(&mut self, crl: &Crl) {
        self.add_revocation(Kind::Crl, crl.der(), |_| Some(RevocationData::Crl(crl.clone())));
    }

    pub(crate) fn add_ocsp(&mut self, response: &SuccessfulOcspResponse) {
        self.add_revocation(Kind::Ocsp, response.der(), |_| Some(RevocationData::Ocsp(response.clone())));
    }

    fn add_revocation(
        &mut self,
        kind: Kind,
        der: &[u8],
        read: impl FnOnce(&[u8]) -> Option<RevocationData>,
    ) -> Option<usize> {
        let key = (kind, DigestAlgorithm::Sha256.digest(der));
        if let Some(known) = self.known_revocation.get(&key) {
            return *known;
        }
        let place = read(der).map(|data| {
            let place = self.revocation.len();
            match &data {
                RevocationData::Crl(crl) => {
                    let issuer = crl.issuer().canonical();
                    self.crls.entry(issuer.to_vec()).or_default().push(place);
                }
                RevocationData::Ocsp(response) => {
                    for answer in response.responses() {
                        let places = self.ocsp_answers.entry(answer.id.serial().clone()).or_default();
                        if places.last() != Some(&place) {
                            places.push(place);
                        }
                    }
                    response.certificates().iter().for_each(|one| _ = self.add_certificate(one));
                }
            }
            self.revocation.push(data);
            place
        });
        self.known_revocation.insert(key, place);
        place
    }

    pub(crate) fn revocation(&self, place: usize) -> &RevocationData {
        &self.revocation[place]
    }

    /// Every certificate that is known, in no particular order.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.certificates()
    }

    /// The anchor that this certificate is.
    pub(crate) fn anchor(&self, certificate: &Certificate) -> Option<&'a Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate == *certificate)
    }

    /// The same, if it is one for this purpose.
    pub(crate) fn anchor_for(&self, certificate: &Certificate, purpose: Purpose) -> Option<&'a Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate == *certificate && purpose.trusts(anchor))
    }

    /// Paths from a certificate to an anchor for its purpose, the shortest first. A certificate that is an anchor is a path.
    pub(crate) fn paths(&self, leaf: &Certificate, purpose: Purpose) -> Arc<Search> {
        self.certificates.paths_to(leaf, purpose.anchors())
    }

    /// What is stated about a certificate of this issuer.
    pub(crate) fn statements(&self, certificate: &Certificate, issuer: &Certificate) -> Rc<Statements> {
        let pair = (certificate.clone(), issuer.clone());
        if let Some(known) = self.statements.borrow().get(&pair) {
            return known.clone();
        }
        self.certificates.budget().open_question();
        let statements = Rc::new(statements::judge_all(self, certificate, issuer, &mut Vec::new()));
        self.statements.borrow_mut().insert(pair, statements.clone());
        statements
    }
}
