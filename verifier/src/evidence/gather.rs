//! Evidence for a verdict on a file: what its authorities say now about the certificates of its seals, their time-stamps and its
//! document time-stamps. In: the file, what is known already, a time. Out: what the file does not have itself, for
//! [`validation::Input`].
//!
//! Material that suffices offline is no reason not to ask: the newest acceptable data decides, and it may tell of a revocation.

use std::collections::HashSet;

use jiff::Timestamp;
use pades::{Document, SignatureKind, security_store};
use pki::{Certificate, Crl, OcspResponse, SignedData, SuccessfulOcspResponse, TimeStampToken, oid};
use validation::{Anchor, Pdf};

use super::{CertificateRole, Collector, Evidence, Lent, MAX_CERTIFICATES, Sources};

/// Whether the network is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Online {
    /// Addresses in certificates are asked, as far as the network allows their hosts.
    Allowed,
    /// Nothing is asked, and nothing comes out.
    Never,
}

/// Gathers what is said about all certificate paths of a file as of `at`, and issuers' certificates that are missing.
///
/// Failing addresses are no error: they are told by [`Evidence::statuses`]. A file that cannot be read has no certificates.
pub async fn gather<'a>(
    lent: impl Into<Lent<'a>>,
    pdf: Pdf<'_>,
    anchors: &[Anchor],
    certificates: &[Certificate],
    at: Timestamp,
    online: Online,
) -> Evidence {
    let Some(document) = pdf.document().filter(|_| online == Online::Allowed) else { return Evidence::default() };
    let embedded = Embedded::of(document);
    let mut subjects = embedded.subjects();
    subjects.truncate(MAX_CERTIFICATES); // whoever brings more along goes without evidence for the rest
    let anchors: Vec<Certificate> = anchors.iter().map(|anchor| anchor.certificate.clone()).collect();
    let mut collector = Collector::new(lent.into(), &anchors, at, Sources::OneOfEachKind);
    embedded.certificates.iter().chain(certificates).for_each(|one| _ = collector.known.add(one));
    let mut evidence = collector.run(subjects).await;
    let known: HashSet<&Certificate> = embedded.certificates.iter().chain(certificates).chain(&anchors).collect();
    evidence.certificates.retain(|one| !known.contains(one));
    evidence.crls.retain(|one| !embedded.crls.iter().any(|old| supersedes_crl(old, one)));
    evidence.ocsp_responses.retain(|one| !embedded.answers.iter().any(|old| supersedes_answer(old, one)));
    evidence
}

/// The same for a time-stamp that stands alone. `certificates`: where that of its authority is looked for, if it is not in the token.
pub async fn gather_for_token<'a>(
    lent: impl Into<Lent<'a>>,
    token: &TimeStampToken,
    anchors: &[Anchor],
    certificates: &[Certificate],
    at: Timestamp,
    online: Online,
) -> Evidence {
    if online == Online::Never {
        return Evidence::default();
    }
    let sid = token.signed_data().signer_identifier();
    let mut candidates = token.signer_certificate().into_iter().chain(certificates.iter().filter(|one| sid.names(one)));
    let signer = candidates.next().map(|signer| (signer.clone(), CertificateRole::Chain));
    let anchors: Vec<Certificate> = anchors.iter().map(|anchor| anchor.certificate.clone()).collect();
    let mut collector = Collector::new(lent.into(), &anchors, at, Sources::OneOfEachKind);
    token.certificates().iter().chain(certificates).for_each(|one| _ = collector.known.add(one));
    collector.run(signer.into_iter().collect()).await
}

/// Whether it is the same list, or a newer one of the same issuer.
fn supersedes_crl(old: &Crl, fetched: &Crl) -> bool {
    old == fetched || old.this_update() > fetched.this_update() && old.issuer().matches(fetched.issuer())
}

/// Whether it is the same answer, or a newer one about the same certificates.
fn supersedes_answer(old: &SuccessfulOcspResponse, fetched: &SuccessfulOcspResponse) -> bool {
    old == fetched
        || fetched.responses().iter().all(|new| {
            let mut about = old.responses().iter().filter(|one| one.id == new.id);
            about.any(|one| one.this_update > new.this_update)
        })
}

/// What a file brings along.
#[derive(Default)]
struct Embedded {
    /// Those of seals and time-stamps.
    signers: Vec<Certificate>,
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    answers: Vec<SuccessfulOcspResponse>,
}

impl Embedded {
    fn of(document: &Document) -> Embedded {
        let mut embedded = Embedded::default();
        for signature in document.signatures() {
            match signature.kind {
                SignatureKind::DocumentTimeStamp => {
                    embedded.take_token(TimeStampToken::from_ber(&signature.contents).ok());
                }
                SignatureKind::Seal | SignatureKind::Other(_) => {
                    embedded.take_seal(SignedData::from_ber(&signature.contents).ok());
                }
            }
        }
        if let Ok(Some(store)) = security_store::read(document.latest()) {
            let material = store.material;
            embedded
                .certificates
                .extend(material.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()));
            embedded.crls.extend(material.crls.iter().filter_map(|der| Crl::from_der(der).ok()));
            let answers = material.ocsp_responses.iter().filter_map(|der| OcspResponse::from_der(der).ok());
            embedded.answers.extend(answers.filter_map(|answer| match answer {
                OcspResponse::Successful(answer) => Some(answer),
                OcspResponse::Refused(_) => None,
            }));
        }
        embedded
    }

    fn take_seal(&mut self, message: Option<SignedData>) {
        let Some(message) = message else { return };
        self.take_message(&message);
        for token in message.signature_time_stamps() {
            self.take_token(Some(token));
        }
        let content = message.signed_attributes().iter().filter(|one| one.oid == oid::CONTENT_TIME_STAMP);
        for value in content.flat_map(|attribute| &attribute.values) {
            self.take_token(TimeStampToken::from_der(value).ok());
        }
    }

    fn take_token(&mut self, token: Option<TimeStampToken>) {
        if let Some(token) = token {
            self.take_message(token.signed_data());
        }
    }

    fn take_message(&mut self, message: &SignedData) {
        self.signers.extend(message.signer_certificate().cloned());
        self.certificates.extend(message.certificates().iter().cloned());
    }

    /// Whom to ask about: signers, and responders of answers in the file whose CA wants them to be looked up.
    fn subjects(&self) -> Vec<(Certificate, CertificateRole)> {
        let responders = self.answers.iter().flat_map(SuccessfulOcspResponse::certificates);
        let looked_up = responders.filter(|one| {
            !one.has_extension(oid::OCSP_NOCHECK) && one.extended_key_usage().contains(&oid::OCSP_SIGNING)
        });
        let signers = self.signers.iter().map(|one| (one.clone(), CertificateRole::Chain));
        let all = signers.chain(looked_up.map(|one| (one.clone(), CertificateRole::Responder)));
        let mut seen = HashSet::new();
        all.filter(|(certificate, _)| seen.insert(certificate.clone())).collect()
    }
}
