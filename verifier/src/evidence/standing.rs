//! What became of each certificate: its status, and every address that was tried with what went wrong there.

use std::fmt;

use pki::{Certificate, OcspRefusal};
use validation::report::{Lookup, LookupKind, LookupOutcome};
use validation::revocation_data::{Rejection, Standing};

use super::MAX_ADDRESSES;

/// One certificate and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateEvidence {
    /// The certificate.
    pub certificate: Certificate,
    /// Why it matters.
    pub role: CertificateRole,
    /// What is known.
    pub status: EvidenceStatus,
    /// The addresses that were tried, or would have been, in order.
    pub attempts: Vec<Attempt>,
}

/// Why a certificate matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateRole {
    /// It is one of those asked about, or a CA above one.
    Chain,
    /// It signed an OCSP answer that is part of the evidence.
    Responder,
}

/// What is known of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceStatus {
    /// It is trusted as it is.
    Anchor,
    /// It ends a chain without being an anchor; nobody can speak about it.
    SelfSigned,
    /// It says itself that there is nothing to ask.
    Exempt(Exemption),
    /// Its issuer says so, through that source.
    Known(Standing, Source),
    /// Nothing could be learned.
    Unknown(NoEvidence),
}

impl EvidenceStatus {
    /// Whether a long-term seal can rest on it.
    pub fn suffices(&self) -> bool {
        match self {
            EvidenceStatus::Anchor | EvidenceStatus::SelfSigned | EvidenceStatus::Exempt(_) => true,
            EvidenceStatus::Known(standing, _) => *standing == Standing::Good,
            EvidenceStatus::Unknown(_) => false,
        }
    }
}

/// Why no revocation data is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// validityAssured-ST-Certs, EN 319 412-1 clause 5.2.2.
    ShortTerm,
    /// noRevAvail, RFC 9608.
    NoRevocationAvailable,
    /// id-pkix-ocsp-nocheck in a responder's certificate, RFC 6960 clause 4.2.2.2.1.
    OcspNoCheck,
}

/// Kinds of addresses in a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The issuer's certificate (authorityInfoAccess, caIssuers).
    CaIssuers,
    /// An OCSP responder (authorityInfoAccess, ocsp).
    Ocsp,
    /// A CRL (cRLDistributionPoints).
    Crl,
}

/// One address that was to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was looked for there.
    pub source: Source,
    /// The address.
    pub address: String,
    /// What went wrong; `None`: it gave what was wanted.
    pub problem: Option<NoEvidence>,
}

/// Why something gave no evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEvidence {
    /// The address is not an http one.
    Address,
    /// Of one kind in one certificate not so many are tried.
    TooManyAddresses {
        /// How many are.
        limit: usize,
    },
    /// The time that all addresses of one file have together was over.
    OutOfTime {
        /// How many seconds they have.
        limit: u64,
    },
    /// The address is neither of an authority of the world or its neighbours, nor was it named by whoever runs the testbed: it
    /// was not called.
    Stranger,
    /// No answer came.
    Network(String),
    /// An answer with another HTTP status than 200.
    HttpStatus(u16),
    /// An answer larger than its kind ever is.
    TooLarge {
        /// Bytes that came.
        found: usize,
        /// Bytes that are taken.
        limit: usize,
    },
    /// The answer is not what it should be.
    Unreadable(String),
    /// The certificate found there did not issue this one.
    NotTheIssuer {
        /// Whose certificate it is.
        found: String,
    },
    /// The OCSP responder answered with a refusal.
    OcspRefused(OcspRefusal),
    /// No certificate of that name and key was given, embedded or found.
    NoIssuer {
        /// The issuer's name.
        issuer: String,
    },
    /// The certificate has no address to ask.
    NoAddress,
    /// All addresses failed; the attempts say how.
    NoSourceAnswered,
    /// The chain does not end.
    ChainTooLong {
        /// How many certificates are followed.
        limit: usize,
    },
    /// It was not accepted.
    Rejected(Rejection),
}

impl CertificateEvidence {
    /// The same for a report: also the addresses at which nobody could be asked, since it is not known what for.
    pub(super) fn lookups(&self) -> impl Iterator<Item = Lookup> {
        let beforehand = match &self.status {
            EvidenceStatus::Unknown(problem @ (NoEvidence::NoIssuer { .. } | NoEvidence::ChainTooLong { .. })) => {
                Some(problem)
            }
            _ => None,
        };
        let unasked = beforehand.into_iter().flat_map(move |problem| {
            let ocsp = self.certificate.ocsp_urls().into_iter().map(|address| (Source::Ocsp, address));
            let crl = self.certificate.crl_urls().into_iter().map(|address| (Source::Crl, address));
            ocsp.chain(crl).take(2 * MAX_ADDRESSES).map(move |(source, address)| {
                self.lookup(source, &address, LookupOutcome::NotCalled, Some(format!("it was not called: {problem}")))
            })
        });
        let attempted = self.attempts.iter().map(|attempt| {
            let outcome = match &attempt.problem {
                None => LookupOutcome::Answered,
                Some(problem) if problem.is_before_the_call() => LookupOutcome::NotCalled,
                Some(_) => LookupOutcome::Failed,
            };
            self.lookup(attempt.source, &attempt.address, outcome, attempt.problem.as_ref().map(ToString::to_string))
        });
        attempted.chain(unasked)
    }

    fn lookup(&self, source: Source, address: &str, outcome: LookupOutcome, detail: Option<String>) -> Lookup {
        Lookup {
            certificate: self.certificate.subject().to_string(),
            serial: self.certificate.serial().to_string(),
            kind: match source {
                Source::CaIssuers => LookupKind::CaIssuers,
                Source::Ocsp => LookupKind::Ocsp,
                Source::Crl => LookupKind::Crl,
            },
            address: address.into(),
            outcome,
            detail,
        }
    }
}

impl NoEvidence {
    /// Whether nobody was asked for that reason.
    fn is_before_the_call(&self) -> bool {
        use NoEvidence::{Address, OutOfTime, Stranger, TooManyAddresses};
        matches!(self, Address | Stranger | TooManyAddresses { .. } | OutOfTime { .. })
    }
}

impl fmt::Display for CertificateEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let responder = if self.role == CertificateRole::Responder { "OCSP responder " } else { "" };
        write!(f, "{responder}certificate {} of {} ", self.certificate.serial(), self.certificate.subject())?;
        write!(f, "{}", self.status)?;
        if self.status.suffices() {
            return Ok(());
        }
        let mut failed = self.attempts.iter().filter_map(|attempt| Some((attempt, attempt.problem.as_ref()?)));
        failed.try_for_each(|(attempt, problem)| write!(f, "; {} at {}: {problem}", attempt.source, attempt.address))
    }
}

impl fmt::Display for EvidenceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvidenceStatus::Anchor => f.write_str("is a trust anchor"),
            EvidenceStatus::SelfSigned => f.write_str("is self-signed: nobody else speaks about it"),
            EvidenceStatus::Exempt(Exemption::ShortTerm) => f.write_str("is short-lived: it is not revoked"),
            EvidenceStatus::Exempt(Exemption::NoRevocationAvailable) => f.write_str("says that it is not revoked"),
            EvidenceStatus::Exempt(Exemption::OcspNoCheck) => f.write_str("says that it need not be checked"),
            EvidenceStatus::Known(standing, source) => write!(f, "{standing} ({source})"),
            EvidenceStatus::Unknown(problem) => write!(f, "has no evidence: {problem}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::CaIssuers => "issuer certificate",
            Source::Ocsp => "OCSP",
            Source::Crl => "CRL",
        })
    }
}

impl fmt::Display for NoEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoEvidence::Address => f.write_str("not an http address"),
            NoEvidence::Stranger => f.write_str(
                "no address of the testbed's authorities, so it was not called (--fetch-from allows others, by plain http)",
            ),
            NoEvidence::TooManyAddresses { limit } => {
                write!(f, "it was not called: the certificate names more than {limit} of this kind")
            }
            NoEvidence::OutOfTime { limit } => {
                write!(f, "it was not called: all addresses of one file together get {limit} s")
            }
            NoEvidence::Network(reason) => f.write_str(reason),
            NoEvidence::HttpStatus(status) => write!(f, "answered with HTTP status {status}"),
            NoEvidence::TooLarge { found, limit } => write!(f, "answered with {found} bytes; {limit} are taken"),
            NoEvidence::Unreadable(reason) => write!(f, "answered with something else: {reason}"),
            NoEvidence::NotTheIssuer { found } => write!(f, "the certificate of {found} is not the issuer's"),
            NoEvidence::OcspRefused(refusal) => write!(f, "the responder refused: {refusal}"),
            NoEvidence::NoIssuer { issuer } => write!(f, "the certificate of its issuer {issuer} was not found"),
            NoEvidence::NoAddress => f.write_str("it names no OCSP responder and no CRL"),
            NoEvidence::NoSourceAnswered => f.write_str("no source answered for it"),
            NoEvidence::ChainTooLong { limit } => write!(f, "the chain has more than {limit} certificates"),
            NoEvidence::Rejected(rejection) => rejection.fmt(f),
        }
    }
}
