//! Everything at hand in one validation: anchors, certificates and revocation data from the file and from outside, each once.
//! In: DER or parsed objects. Out: paths to anchors, and what accepted revocation data states about a certificate (5.2.6 with
//! the acceptance of revocation data). Every signature is verified at most once; nothing else here depends on the order of
//! questions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use pki::crl::Crl;
use pki::ocsp::{OcspResponse, SuccessfulOcspResponse};
use pki::{Certificate, Digest, DigestAlgorithm, SerialNumber, SignatureAlgorithm, oid};

use crate::Anchor;
use crate::certificate_path::Role;
use crate::policy::Policy;
use crate::revocation_data::Rejection;
use crate::revocation_data::{self, CLOCK_TOLERANCE, Standing, Statement};

/// Longest path; the longest in the PKITS suite has 7 certificates.
const MAX_PATH_LENGTH: usize = 10;

/// Most paths that are tried for one certificate.
const MAX_PATHS: usize = 16;

/// Most issuers that are tried for one certificate, so that a pool of many namesakes costs no more.
const MAX_TRIES: usize = 200;

/// A responder whose certificate another responder vouches for, and so on: no honest CA goes further.
const MAX_RESPONDER_DEPTH: usize = 3;

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
    pub(crate) statement: Statement,
}

/// What all revocation data together states about a certificate.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    /// The newest first; of two made at the same time, the one that does not say "good".
    pub(crate) accepted: Vec<Accepted>,
    /// What speaks about the certificate and was not accepted.
    pub(crate) rejected: Vec<(usize, Rejection)>,
}

type Pair = (Certificate, Certificate);
type Paths = Rc<Vec<Vec<Certificate>>>;

/// See the module.
pub(crate) struct Material<'a> {
    pub(crate) policy: &'a Policy,
    /// The validation time.
    pub(crate) at: Timestamp,
    anchors: &'a [Anchor],
    known: HashMap<Digest, Option<Certificate>>,
    by_subject: HashMap<Vec<u8>, Vec<Certificate>>,
    revocation: Vec<RevocationData>,
    known_revocation: HashMap<(Kind, Digest), Option<usize>>,
    crls: HashMap<Vec<u8>, Vec<usize>>,
    ocsp_answers: HashMap<SerialNumber, Vec<usize>>,
    issued: RefCell<HashMap<Pair, bool>>,
    crl_signatures: RefCell<HashMap<(usize, Certificate), Result<(), pki::Error>>>,
    paths: RefCell<HashMap<(Certificate, bool), Paths>>,
    statements: RefCell<HashMap<Pair, Rc<Statements>>>,
}

impl<'a> Material<'a> {
    pub(crate) fn new(policy: &'a Policy, anchors: &'a [Anchor], at: Timestamp) -> Material<'a> {
        let mut material = Material {
            policy,
            at,
            anchors,
            known: HashMap::new(),
            by_subject: HashMap::new(),
            revocation: Vec::new(),
            known_revocation: HashMap::new(),
            crls: HashMap::new(),
            ocsp_answers: HashMap::new(),
            issued: RefCell::default(),
            crl_signatures: RefCell::default(),
            paths: RefCell::default(),
            statements: RefCell::default(),
        };
        anchors.iter().for_each(|anchor| _ = material.add_certificate(&anchor.certificate));
        material
    }

    /// Adds a certificate; gives the one that is kept.
    pub(crate) fn add_certificate(&mut self, certificate: &Certificate) -> Certificate {
        let key = certificate.fingerprint();
        if let Some(Some(known)) = self.known.get(&key) {
            return known.clone();
        }
        self.known.insert(key, Some(certificate.clone()));
        let subject = certificate.subject().canonical();
        self.by_subject.entry(subject.to_vec()).or_default().push(certificate.clone());
        certificate.clone()
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
        self.by_subject.values().flatten()
    }

    /// The anchor that this certificate is.
    pub(crate) fn anchor(&self, certificate: &Certificate) -> Option<&'a Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate == *certificate)
    }

    /// The same, if it vouches for certificates in that role.
    pub(crate) fn anchor_for(&self, certificate: &Certificate, role: Role) -> Option<&'a Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate == *certificate && anchor.vouches_for(role))
    }

    /// Whether the key of `issuer` signed the certificate.
    fn issued(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let pair = (certificate.clone(), issuer.clone());
        if let Some(known) = self.issued.borrow().get(&pair) {
            return *known;
        }
        let issued = certificate.verify_issued_by(issuer).is_ok();
        self.issued.borrow_mut().insert(pair, issued);
        issued
    }

    /// Paths from a certificate (first) to an anchor for its role (last), the shortest first. A certificate that is an anchor
    /// is a path.
    pub(crate) fn paths(&self, leaf: &Certificate, role: Role) -> Paths {
        let key = (leaf.clone(), role == Role::Seal);
        if let Some(known) = self.paths.borrow().get(&key) {
            return known.clone();
        }
        let mut search = Search { material: self, role, tries: MAX_TRIES, found: Vec::new() };
        search.extend(&mut vec![leaf.clone()]);
        let mut found = search.found;
        found.sort_by_key(Vec::len);
        let found = Rc::new(found);
        self.paths.borrow_mut().insert(key, found.clone());
        found
    }

    /// What is stated about a certificate of this issuer.
    pub(crate) fn statements(&self, certificate: &Certificate, issuer: &Certificate) -> Rc<Statements> {
        let pair = (certificate.clone(), issuer.clone());
        if let Some(known) = self.statements.borrow().get(&pair) {
            return known.clone();
        }
        let statements = Rc::new(self.judge_all(certificate, issuer, 0));
        self.statements.borrow_mut().insert(pair, statements.clone());
        statements
    }

    fn judge_all(&self, certificate: &Certificate, issuer: &Certificate, depth: usize) -> Statements {
        let crls = self.crls.get(issuer.subject().canonical()).into_iter().flatten();
        let answers = self.ocsp_answers.get(certificate.serial()).into_iter().flatten();
        let mut statements = Statements::default();
        for place in answers.chain(crls) {
            match self.judge(*place, certificate, issuer, depth) {
                Ok(statement) => statements.accepted.push(Accepted { data: *place, statement }),
                Err(Rejection::NotCovered) => {}
                Err(problem) => statements.rejected.push((*place, problem)),
            }
        }
        statements.accepted.sort_by_key(|one| {
            (std::cmp::Reverse(one.statement.this_update), one.statement.standing == Standing::Good, one.data)
        });
        statements
    }

    fn judge(
        &self,
        place: usize,
        certificate: &Certificate,
        issuer: &Certificate,
        depth: usize,
    ) -> Result<Statement, Rejection> {
        let statement = match &self.revocation[place] {
            RevocationData::Crl(crl) => {
                revocation_data::crl_statement(crl, certificate, issuer, || self.crl_signature(place, crl, issuer))?
            }
            RevocationData::Ocsp(response) => {
                revocation_data::ocsp_statement(response, certificate, issuer, || self.ocsp_signer(response, issuer))?
            }
        };
        if statement.this_update.duration_since(self.at) > CLOCK_TOLERANCE {
            return Err(Rejection::NotYet { this_update: statement.this_update, at: self.at });
        }
        if statement.signer != *issuer {
            self.check_responder(&statement.signer, issuer, depth)?;
        }
        Ok(statement)
    }

    fn crl_signature(&self, place: usize, crl: &Crl, issuer: &Certificate) -> Result<(), pki::Error> {
        let key = (place, issuer.clone());
        if let Some(known) = self.crl_signatures.borrow().get(&key) {
            return known.clone();
        }
        let outcome = crl.verify_issued_by(issuer);
        self.crl_signatures.borrow_mut().insert(key, outcome.clone());
        outcome
    }

    /// Who signed an OCSP answer and may (RFC 6960 §4.2.2.2): the CA, or a responder with a certificate of that CA for it.
    fn ocsp_signer(&self, response: &SuccessfulOcspResponse, issuer: &Certificate) -> Result<Certificate, pki::Error> {
        let named = |candidate: &&Certificate| response.responder().names(candidate);
        let embedded = std::iter::once(issuer).chain(response.certificates()).filter(named);
        let mut candidates: Vec<&Certificate> = embedded.collect();
        if candidates.is_empty() {
            candidates = self.certificates().filter(named).take(MAX_TRIES).collect();
        }
        let offered = response.certificates().len();
        let mut failure = pki::Error::ResponderUnknown { responder: response.responder().to_string(), offered };
        for candidate in candidates {
            let authorized = self.check_delegated(candidate, issuer, response.produced_at());
            match authorized.and_then(|()| response.verify_signature(candidate)) {
                Ok(()) => return Ok(candidate.clone()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn check_delegated(&self, responder: &Certificate, issuer: &Certificate, at: Timestamp) -> Result<(), pki::Error> {
        if responder == issuer {
            return Ok(());
        }
        let subject = responder.subject().to_string();
        if !self.issued(responder, issuer) {
            let wanted = issuer.subject().to_string();
            return Err(pki::Error::IssuerMismatch { wanted, found: responder.issuer().to_string() });
        }
        if !responder.extended_key_usage().contains(&oid::OCSP_SIGNING) {
            return Err(pki::Error::ExtendedKeyUsageMissing { subject, wanted: oid::OCSP_SIGNING });
        }
        if !responder.valid_at(at) {
            let (not_before, not_after) = (responder.not_before(), responder.not_after());
            return Err(pki::Error::NotValidAt { subject, not_before, not_after, at });
        }
        Ok(())
    }

    /// A delegated responder is looked up like any certificate, unless the CA says that it need not be.
    fn check_responder(&self, responder: &Certificate, issuer: &Certificate, depth: usize) -> Result<(), Rejection> {
        let exempt = responder.has_extension(oid::OCSP_NOCHECK) || !self.policy.require_revocation_data;
        let good = || {
            let statements = self.judge_all(responder, issuer, depth + 1);
            statements.accepted.first().is_some_and(|newest| newest.statement.standing == Standing::Good)
        };
        match exempt || depth < MAX_RESPONDER_DEPTH && good() {
            true => Ok(()),
            false => Err(Rejection::Responder { responder: responder.subject().to_string() }),
        }
    }
}

/// Depth first, anchors before the pool, matching key identifiers first (RFC 4158).
struct Search<'m, 'a> {
    material: &'m Material<'a>,
    role: Role,
    tries: usize,
    found: Vec<Vec<Certificate>>,
}

impl Search<'_, '_> {
    fn extend(&mut self, path: &mut Vec<Certificate>) {
        let last = path[path.len() - 1].clone();
        if self.material.anchor_for(&last, self.role).is_some() {
            self.found.push(path.clone());
            return;
        }
        if path.len() == MAX_PATH_LENGTH {
            return;
        }
        for issuer in self.candidates(&last) {
            if self.found.len() >= MAX_PATHS || self.tries == 0 {
                return;
            }
            let repeats =
                path.iter().any(|one| one.subject() == issuer.subject() && one.public_key() == issuer.public_key());
            if repeats {
                continue;
            }
            self.tries -= 1;
            if self.material.issued(&last, &issuer) {
                path.push(issuer);
                self.extend(path);
                path.pop();
            }
        }
    }

    fn candidates(&self, of: &Certificate) -> Vec<Certificate> {
        let material = self.material;
        let named = material.by_subject.get(of.issuer().canonical());
        let mut named = named.cloned().unwrap_or_default();
        let wanted = of.authority_key_identifier();
        named.sort_by_key(|candidate| {
            let other_key = wanted.is_some() && candidate.subject_key_identifier() != wanted;
            (other_key, material.anchor_for(candidate, self.role).is_none())
        });
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laboratory::{Holder, Lab, Wanted, ca, for_answers, for_seals, hours, revoked, sealed, seconds};
    use pki::{CertificateStatus, Extension, KeyKind};

    fn anchors(lab: &Lab) -> Vec<Anchor> {
        vec![lab.root.certificate.clone().into()]
    }

    fn material<'a>(policy: &'a Policy, anchors: &'a [Anchor], known: &[&Holder]) -> Material<'a> {
        let mut material = Material::new(policy, anchors, sealed() + hours(1));
        known.iter().for_each(|one| _ = material.add_certificate(&one.certificate));
        material
    }

    #[test]
    fn every_path_to_an_anchor_is_found_and_self_signed_strangers_are_none() {
        let lab = Lab::new();
        let (policy, anchors) = (Policy::default(), anchors(&lab));
        let namesake = Holder::root("TESTBED Issuing", KeyKind::P256);
        let found = material(&policy, &anchors, &[&namesake, &lab.issuing]).paths(&lab.seal.certificate, Role::Seal);
        let wanted = [&lab.seal, &lab.issuing, &lab.root].map(|one| one.certificate.clone());
        assert_eq!(*found, [wanted.to_vec()]);
        let stranger = Holder::root("Stranger", KeyKind::P256);
        let seal = stranger.issue(Wanted::new("Seal", ("2026", "2029"), for_seals()));
        assert!(material(&policy, &anchors, &[&stranger]).paths(&seal.certificate, Role::Seal).is_empty());
    }

    #[test]
    fn a_leaf_that_is_an_anchor_is_a_path_by_itself() {
        let lab = Lab::new();
        let (policy, anchors) = (Policy::default(), vec![Anchor::from(lab.seal.certificate.clone())]);
        assert_eq!(
            *material(&policy, &anchors, &[]).paths(&lab.seal.certificate, Role::Seal),
            [vec![lab.seal.certificate]]
        );
    }

    #[test]
    fn the_newest_statement_comes_first_and_bad_news_before_good_of_the_same_time() {
        let lab = Lab::new();
        let (policy, anchors) = (Policy::default(), anchors(&lab));
        let mut material = material(&policy, &anchors, &[&lab.issuing]);
        let at = sealed();
        material.add_crl_der(&lab.issuing.crl(Vec::new(), at)).unwrap();
        material.add_ocsp_der(&lab.good(&lab.seal, at)).unwrap();
        material.add_crl_der(&lab.issuing.crl(vec![revoked(&lab.seal, at, None)], at + hours(1))).unwrap();
        let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
        let standings: Vec<bool> =
            statements.accepted.iter().map(|one| one.statement.standing == Standing::Good).collect();
        assert_eq!(standings, [false, true, true]);
    }

    #[test]
    fn data_from_after_the_validation_time_is_not_known_yet() {
        let lab = Lab::new();
        let (policy, anchors) = (Policy::default(), anchors(&lab));
        let mut material = material(&policy, &anchors, &[&lab.issuing]);
        material.add_ocsp_der(&lab.good(&lab.seal, sealed() + hours(2))).unwrap();
        let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
        assert!(statements.accepted.is_empty());
        assert!(matches!(statements.rejected[..], [(_, Rejection::NotYet { .. })]));
    }

    #[test]
    fn a_responder_without_nocheck_needs_a_status_that_it_did_not_give_itself() {
        let mut lab = Lab::new();
        let purpose = for_answers()[..1].to_vec();
        lab.responder = lab.issuing.issue(Wanted::new("OCSP", ("2026", "2027"), purpose));
        let (policy, anchors) = (Policy::default(), anchors(&lab));
        let about_itself = lab.responder.ocsp(&lab.responder, &lab.issuing, sealed(), CertificateStatus::Good);
        let accepted = |data: &[Vec<u8>]| {
            let mut material = material(&policy, &anchors, &[&lab.issuing]);
            material.add_ocsp_der(&lab.good(&lab.seal, sealed() + seconds(1))).unwrap();
            for der in data {
                material.add_ocsp_der(der).or_else(|| material.add_crl_der(der)).unwrap();
            }
            let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
            statements.accepted.iter().any(|one| one.statement.signer == lab.responder.certificate)
        };
        assert!(!accepted(&[]));
        assert!(!accepted(&[about_itself]));
        assert!(accepted(&[lab.issuing.crl(Vec::new(), sealed())]));
        assert!(!accepted(&[lab.issuing.crl(vec![revoked(&lab.responder, sealed(), None)], sealed())]));
    }

    #[test]
    fn paths_are_bounded_however_many_cross_certificates_there_are() {
        let lab = Lab::new();
        let (policy, anchors) = (Policy::default(), anchors(&lab));
        let mut material = material(&policy, &anchors, &[]);
        for number in 0..40 {
            let name = if number % 2 == 0 { "TESTBED Issuing" } else { "TESTBED Root" };
            let extensions = [ca(), vec![Extension::ocsp_nocheck()]].concat();
            material.add_certificate(&lab.root.issue(Wanted::new(name, ("2024", "2040"), extensions)).certificate);
        }
        assert!(material.paths(&lab.seal.certificate, Role::Seal).len() <= MAX_PATHS);
    }
}
