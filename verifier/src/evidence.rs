//! Evidence about certificates: the CA certificates above them, and what their issuers say about revocation. In: the
//! certificates of seal and time-stamps, the anchors, a time. Out: certificates, CRLs and OCSP answers that hold at that
//! time (EN 319 142-1 table 1, B-LT), and for every certificate what is known and which address failed, and why.
//!
//! The only part of the verifier that uses the network. OCSP is asked first, a CRL is the fall-back (RFC 6960 clause 1).
//! No nonce is sent: an old answer is recognised by its nextUpdate, and evidence that is kept for years is no live proof.
//! The request names the certificate by SHA-1, which every responder understands (RFC 5019 clause 2.1.1); it protects nothing.

mod fetch;
mod gather;
mod standing;

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use pki::path::Known;
use pki::{
    Certificate, CertificateId, Crl, DigestAlgorithm, OcspRequest, SignatureMemory, SuccessfulOcspResponse, oid,
};
use validation::report::Lookup;
use validation::revocation_data::{self, Rejection, Standing};
use world::network::Network;

use crate::Error;
pub use gather::{Online, gather, gather_for_token};
pub use standing::{Attempt, CertificateEvidence, CertificateRole, EvidenceStatus, Exemption, NoEvidence, Source};

/// The longest chain in PKITS, the public test suite of path validation, has 7 certificates.
const MAX_PATH_LENGTH: usize = 10;

/// Seal, time-stamps and their chains: a dozen. A file that brings a hundred wants to keep us busy.
const MAX_CERTIFICATES: usize = 100;

/// Addresses tried of one kind in one certificate.
const MAX_ADDRESSES: usize = 4;

/// What whoever wants evidence lends for it. A network alone comes with a fresh memory.
#[derive(Clone, Debug)]
pub struct Lent<'a> {
    /// How addresses are called.
    pub network: &'a Network,
    /// Signatures that held before.
    pub memory: SignatureMemory,
}

impl<'a> From<&'a Network> for Lent<'a> {
    fn from(network: &'a Network) -> Lent<'a> {
        Lent { network, memory: SignatureMemory::default() }
    }
}

/// What was collected. Nothing is in it twice.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The certificates asked about, the CA certificates above them (anchors included) and OCSP responders'.
    pub certificates: Vec<Certificate>,
    /// CRLs that answer for at least one of them.
    pub crls: Vec<Crl>,
    /// OCSP answers that do.
    pub ocsp_responses: Vec<SuccessfulOcspResponse>,
    /// What is known of each certificate, in the order in which they were met.
    pub statuses: Vec<CertificateEvidence>,
}

impl Evidence {
    /// The certificates whose evidence does not carry a long-term seal: revoked, on hold, or nothing to be had. Each displays
    /// as a sentence with the reason. Empty: the evidence is complete.
    pub fn insufficient(&self) -> impl Iterator<Item = &CertificateEvidence> {
        self.statuses.iter().filter(|one| !one.status.suffices())
    }

    /// Every address that was called, and every one that was wanted and not called, for [`validation::report::Report::lookups`].
    pub fn lookups(&self) -> Vec<Lookup> {
        self.statuses.iter().flat_map(CertificateEvidence::lookups).collect()
    }
}

/// Collects evidence for `known` and everything above it, as of `at`. `anchors` end the chains, and so does any self-signed
/// certificate: nobody else can speak about those.
///
/// Failing addresses are no error: they are told by [`Evidence::statuses`].
///
/// # Errors
/// [`Error::TooManyCertificates`] for more certificates than are taken.
pub async fn collect<'a>(
    lent: impl Into<Lent<'a>>,
    known: &[Certificate],
    anchors: &[Certificate],
    at: Timestamp,
) -> Result<Evidence, Error> {
    if known.len() > MAX_CERTIFICATES {
        return Err(Error::TooManyCertificates { found: known.len(), limit: MAX_CERTIFICATES });
    }
    let subjects = known.iter().map(|one| (one.clone(), CertificateRole::Chain)).collect();
    let mut collector = Collector::new(lent.into(), anchors, at, Sources::FirstToAnswer);
    known.iter().for_each(|one| _ = collector.known.add(one));
    Ok(collector.run(subjects).await)
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sources {
    /// The first that has an answer that holds. Nothing else is kept: it goes into a file.
    FirstToAnswer,
    /// An OCSP responder and a CRL, and what has gone stale is kept too: it goes into a verdict, in which the newest decides.
    OneOfEachKind,
}

struct Subject {
    certificate: Certificate,
    role: CertificateRole,
    depth: usize,
}

struct Collector<'a> {
    reach: fetch::Reach<'a>,
    anchors: &'a [Certificate],
    at: Timestamp,
    sources: Sources,
    /// Where issuers are looked for, with work for one file.
    known: Known,
    /// CRLs by address: seal and time-stamp often share one.
    downloads: HashMap<String, Result<Crl, NoEvidence>>,
    queue: VecDeque<Subject>,
    evidence: Evidence,
}

impl<'a> Collector<'a> {
    fn new(lent: Lent<'a>, anchors: &'a [Certificate], at: Timestamp, sources: Sources) -> Collector<'a> {
        let (downloads, queue) = (HashMap::new(), VecDeque::new());
        let (known, evidence) = (Known::new(anchors).recalling(&lent.memory), Evidence::default());
        Collector { reach: fetch::Reach::of(lent.network), anchors, at, sources, known, downloads, queue, evidence }
    }

    async fn run(mut self, subjects: Vec<(Certificate, CertificateRole)>) -> Evidence {
        let subject = |(certificate, role)| Subject { certificate, role, depth: 0 };
        self.queue = subjects.into_iter().map(subject).collect();
        while let Some(subject) = self.queue.pop_front() {
            if !self.evidence.certificates.contains(&subject.certificate) {
                self.examine(subject).await;
            }
        }
        self.evidence
    }

    async fn examine(&mut self, subject: Subject) {
        let Subject { certificate, role, depth } = subject;
        self.evidence.certificates.push(certificate.clone());
        let mut attempts = Vec::new();
        let status = if self.anchors.contains(&certificate) {
            EvidenceStatus::Anchor
        } else if certificate.recalling(self.known.memory()).is_self_signed() {
            EvidenceStatus::SelfSigned
        } else if depth >= MAX_PATH_LENGTH || self.evidence.certificates.len() > MAX_CERTIFICATES {
            EvidenceStatus::Unknown(NoEvidence::ChainTooLong { limit: MAX_PATH_LENGTH })
        } else {
            match self.issuer(&certificate, &mut attempts).await {
                None => EvidenceStatus::Unknown(NoEvidence::NoIssuer { issuer: certificate.issuer().to_string() }),
                Some(issuer) => {
                    for certificate in self.above(&certificate, &issuer) {
                        self.queue.push_back(Subject { certificate, role: CertificateRole::Chain, depth: depth + 1 });
                    }
                    match exemption(&certificate, role) {
                        Some(why) => EvidenceStatus::Exempt(why),
                        None => self.revocation(&certificate, &issuer, depth, &mut attempts).await,
                    }
                }
            }
        };
        self.evidence.statuses.push(CertificateEvidence { certificate, role, status, attempts });
    }

    /// Who is asked about next. In a verdict another certificate of the same issuer, such as a cross-certificate, may lead to an anchor
    /// where the first does not; below an anchor there is no need of one.
    fn above(&self, certificate: &Certificate, issuer: &Certificate) -> Vec<Certificate> {
        let mut above = vec![issuer.clone()];
        if self.sources == Sources::OneOfEachKind && !self.anchors.contains(issuer) {
            above.extend(self.known.issuers(certificate).into_iter().filter(|other| other != issuer));
        }
        above
    }

    /// Given, embedded or, last, at the address that the certificate itself names (RFC 5280 clause 4.2.2.1).
    async fn issuer(&mut self, certificate: &Certificate, attempts: &mut Vec<Attempt>) -> Option<Certificate> {
        if let Some(issuer) = self.known.issuer(certificate) {
            return Some(issuer);
        }
        let (addresses, beyond) = tried(Source::CaIssuers, certificate.ca_issuer_urls());
        for address in addresses {
            let fetched = fetch::certificate(&self.reach, &address).await;
            let outcome =
                fetched.and_then(|found| match certificate.verify_issued_by(found.recalling(self.known.memory())) {
                    Ok(()) => Ok(found),
                    Err(_) => Err(NoEvidence::NotTheIssuer { found: found.subject().to_string() }),
                });
            let problem = outcome.as_ref().err().cloned();
            attempts.push(Attempt { source: Source::CaIssuers, address, problem });
            if let Ok(issuer) = outcome {
                return Some(self.known.add(&issuer));
            }
        }
        attempts.extend(beyond);
        None
    }

    /// OCSP first, then CRLs; the first source that answers for the certificate counts, or the first of each kind.
    async fn revocation(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        depth: usize,
        attempts: &mut Vec<Attempt>,
    ) -> EvidenceStatus {
        let mut known = None;
        let (addresses, beyond) = tried(Source::Ocsp, certificate.ocsp_urls());
        for address in addresses {
            let outcome = self.ask_ocsp(&address, certificate, issuer, depth).await;
            let problem = outcome.as_ref().err().cloned();
            attempts.push(Attempt { source: Source::Ocsp, address, problem });
            if let Ok(standing) = outcome {
                known = Some(EvidenceStatus::Known(standing, Source::Ocsp));
                break;
            }
        }
        match (&known, self.sources) {
            (Some(status), Sources::FirstToAnswer) => return status.clone(),
            (Some(_), Sources::OneOfEachKind) => {}
            (None, _) => attempts.extend(beyond),
        }
        let (addresses, beyond) = tried(Source::Crl, certificate.crl_urls());
        for address in addresses {
            let outcome = self.ask_crl(&address, certificate, issuer).await;
            let problem = outcome.as_ref().err().cloned();
            attempts.push(Attempt { source: Source::Crl, address, problem });
            if let Ok(standing) = outcome {
                return known.unwrap_or(EvidenceStatus::Known(standing, Source::Crl));
            }
        }
        attempts.extend(beyond);
        if let Some(status) = known {
            return status;
        }
        EvidenceStatus::Unknown(if attempts.iter().any(|one| one.source != Source::CaIssuers) {
            NoEvidence::NoSourceAnswered
        } else {
            NoEvidence::NoAddress
        })
    }

    async fn ask_ocsp(
        &mut self,
        address: &str,
        certificate: &Certificate,
        issuer: &Certificate,
        depth: usize,
    ) -> Result<Standing, NoEvidence> {
        let id = CertificateId::for_certificate(certificate.serial(), issuer, DigestAlgorithm::Sha1);
        let request = OcspRequest { certificate_ids: vec![id], nonce: None };
        let response = fetch::ocsp(&self.reach, address, request.to_der()).await?;
        let accepted =
            match revocation_data::ocsp(&response, certificate, issuer.recalling(self.known.memory()), self.at) {
                Err(stale) if self.keeps(&stale) => {
                    response.certificates().iter().for_each(|one| _ = self.known.add(one));
                    self.evidence.ocsp_responses.push(response);
                    return Err(NoEvidence::Rejected(stale));
                }
                outcome => outcome.map_err(NoEvidence::Rejected)?,
            };
        if let Some(responder) = accepted.responder {
            self.known.add(&responder);
            self.queue.push_back(Subject {
                certificate: responder,
                role: CertificateRole::Responder,
                depth: depth + 1,
            });
        }
        self.evidence.ocsp_responses.push(response);
        Ok(accepted.standing)
    }

    async fn ask_crl(
        &mut self,
        address: &str,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<Standing, NoEvidence> {
        if !self.downloads.contains_key(address) {
            let crl = fetch::crl(&self.reach, address).await;
            self.downloads.insert(address.into(), crl);
        }
        let crl = self.downloads[address].as_ref().map_err(NoEvidence::clone)?;
        let standing = revocation_data::crl(crl, certificate, issuer.recalling(self.known.memory()), self.at);
        let kept = match &standing {
            Ok(_) => true,
            Err(rejection) => self.keeps(rejection) || self.may_count_with_others(rejection),
        };
        if kept && !self.evidence.crls.iter().any(|one| one.der() == crl.der()) {
            self.evidence.crls.push(crl.clone());
        }
        standing.map_err(NoEvidence::Rejected)
    }

    /// Whether a list is kept for the verdict, which knows more than one answer at a time: another key of the CA may have signed
    /// it, or it has some of the reasons.
    fn may_count_with_others(&self, rejection: &Rejection) -> bool {
        let with_others =
            matches!(rejection, Rejection::Signature(_) | Rejection::SomeReasons | Rejection::DeltaWithoutBase);
        self.sources == Sources::OneOfEachKind && with_others
    }

    /// Whether data is kept in spite of a problem: it was fresh once.
    fn keeps(&self, rejection: &Rejection) -> bool {
        let stale = matches!(rejection, Rejection::Stale { .. } | Rejection::NoNextUpdate);
        self.sources == Sources::OneOfEachKind && stale
    }
}

/// The addresses of one kind that are tried one after the other, and the first of those that are not, if there are so many.
fn tried(source: Source, mut addresses: Vec<String>) -> (Vec<String>, Option<Attempt>) {
    let beyond = addresses.get(MAX_ADDRESSES).cloned();
    addresses.truncate(MAX_ADDRESSES);
    let problem = Some(NoEvidence::TooManyAddresses { limit: MAX_ADDRESSES });
    (addresses, beyond.map(|address| Attempt { source, address, problem }))
}

/// Certificates that say themselves that there is nothing to ask.
fn exemption(certificate: &Certificate, role: CertificateRole) -> Option<Exemption> {
    if certificate.has_extension(oid::VALIDITY_ASSURED_SHORT_TERM) {
        Some(Exemption::ShortTerm)
    } else if certificate.has_extension(oid::NO_REV_AVAIL) {
        Some(Exemption::NoRevocationAvailable)
    } else {
        // Only for the responder of an answer that we hold: in any other certificate the extension has no meaning.
        (role == CertificateRole::Responder && certificate.has_extension(oid::OCSP_NOCHECK))
            .then_some(Exemption::OcspNoCheck)
    }
}
