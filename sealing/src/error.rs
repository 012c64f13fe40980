//! What can go wrong on the way of a seal. Each message says what was wanted, what was found.

use http::{HeaderMap, header};
use jiff::Timestamp;
use verifier::evidence::CertificateEvidence;
use world::network::NetworkError;
use world::problem::Problem;

/// Failures of sealing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service could not be reached.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A service refused what was asked of it.
    #[error("the {service} at {address} refused (HTTP {status}): {reason}")]
    ServiceRefused {
        /// Key server or time-stamping authority.
        service: &'static str,
        /// What was called.
        address: String,
        /// HTTP status.
        status: u16,
        /// What it said.
        reason: String,
        /// After how many seconds it may be asked again, if it said that.
        retry_after: Option<u32>,
    },
    /// A service answered something else than its protocol says.
    #[error("the {service} at {address} did not answer as it should: wanted {expected}")]
    ServiceAnswer {
        /// Key server or time-stamping authority.
        service: &'static str,
        /// What was called.
        address: String,
        /// What its protocol says.
        expected: String,
    },
    /// The time-stamping authority gave no token.
    #[error("the time-stamping authority at {address} refused: {reason}")]
    TimeStampRefused {
        /// Its address.
        address: String,
        /// PKIFailureInfo and text.
        reason: String,
    },
    /// The credential's certificate is not valid at the world's time.
    #[error(
        "{subject}: the certificate of the credential {credential} is valid from {not_before} to {not_after}, and the world's \
         clock shows {at}; set the clock to a time in between (`eseal clock reset`, `eseal clock set TIME`), or, \
         while its CA is valid, renew the credential (`eseal renew {credential}`)"
    )]
    OutOfTime {
        /// The credential.
        credential: String,
        /// Subject of its certificate.
        subject: String,
        /// The first moment of the certificate.
        not_before: Timestamp,
        /// The last one.
        not_after: Timestamp,
        /// The world's time.
        at: Timestamp,
    },
    /// The time-stamping authority has no time to attest: its certificate does not cover the world's time.
    #[error(
        "the time-stamping authority at {address} gives no time: {reason} (`eseal clock reset`, `eseal clock set TIME`, or, \
         while its CA is valid, `eseal renew UNIT`)"
    )]
    NoTime {
        /// Its address.
        address: String,
        /// What it said.
        reason: String,
    },
    /// The credential kept getting another certificate while it sealed.
    #[error("the credential {credential} is being renewed again and again; ask again in a moment")]
    Renewing {
        /// The credential.
        credential: String,
    },
    /// The archive time-stamp is from before the time-stamp that it should prove: the clock was set back while it sealed.
    #[error("the time-stamp is from {stamped}, and the archive time-stamp that should follow it from {archived}")]
    OutOfOrder {
        /// The time-stamp of the signature.
        stamped: Timestamp,
        /// The one over the file.
        archived: Timestamp,
    },
    /// The clock was set whenever it was tried.
    #[error("the world's clock is being set again and again while it seals; ask again in a moment")]
    ClockMoves,
    /// A service cannot do its work now, and says that it may be asked again.
    #[error("the {service} at {address} cannot answer now: {reason}")]
    ServiceUnavailable {
        /// Key server or time-stamping authority.
        service: &'static str,
        /// What was called.
        address: String,
        /// Its reason.
        reason: String,
        /// After how many seconds it may be asked again, if it said that.
        retry_after: Option<u32>,
    },
    /// The PDF cannot be sealed safely.
    #[error("the PDF cannot be sealed: {0}{way_out}", way_out = way_out(.0))]
    Pdf(#[from] pades::Error),
    /// The evidence for B-LT or B-LTA does not suffice.
    #[error("no long-term evidence for this seal: {lacking}; a level without evidence (B-B, B-T) can still be made")]
    Evidence {
        /// Which certificate, and why.
        lacking: Lacking,
    },
    /// What is issued would be sealed with a certificate that is known not to stand. No lower level helps.
    #[error("a certificate that the seal needs does not stand: {lacking}; {}", lacking.remedy())]
    NotStanding {
        /// Which certificate, and why.
        lacking: Lacking,
    },
    /// The evidence could not be collected, or the result not be checked.
    #[error(transparent)]
    Verifier(#[from] verifier::Error),
    /// A sealed file did not pass its check. It was not handed out.
    #[error("the sealed file did not pass its own check, in field {field}: {fault}")]
    Faulty {
        /// The field.
        field: String,
        /// The fact that does not hold.
        fault: String,
    },
    /// A seal that the file had already would be worse off. The file was not handed out.
    #[error(
        "the seal would harm an earlier one, in field {field}: {before} before, {after} after; it is sealed nevertheless with --despite-earlier-seals (over HTTP: force=true)"
    )]
    EarlierSeal {
        /// The field of the earlier seal.
        field: String,
        /// What the earlier seal came to.
        before: String,
        /// What it would come to, and the first check that would fail.
        after: String,
    },
    /// A certificate, signature or digest that the `pki` crate refused.
    #[error(transparent)]
    Pki(#[from] pki::Error),
}

/// Why evidence does not suffice: a sentence about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// Nothing that holds was to be had about it, which may be otherwise later.
    #[error("{0}")]
    Unknown(Box<CertificateEvidence>),
    /// Its issuer says that it does not stand for now: it is on hold, and may be released.
    #[error("{0}")]
    OnHold(Box<CertificateEvidence>),
    /// Its issuer says that it does not stand: it was revoked.
    #[error("{0}")]
    NotGood(Box<CertificateEvidence>),
}

impl Lacking {
    /// The certificate, and all that is known about it.
    pub fn about(&self) -> &CertificateEvidence {
        match self {
            Lacking::Unknown(about) | Lacking::OnHold(about) | Lacking::NotGood(about) => about,
        }
    }

    /// Until when nothing is issued.
    fn remedy(&self) -> &'static str {
        match self {
            Lacking::OnHold(_) => "nothing is issued with it, at any level, until it is released (`eseal release`)",
            _ => {
                "nothing is issued with it, at any level; `eseal renew CREDENTIAL` (of an authority's certificate: `eseal renew UNIT`) gives another"
            }
        }
    }
}

/// What a service says in Retry-After (RFC 9110 clause 10.2.3), in seconds; a date counts as nothing said.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

impl Error {
    /// Whether the same may pass later though nobody changes anything: a service that is away, overloaded (429) or failing (5xx), or
    /// things that move while it is worked.
    pub fn may_pass_later(&self) -> bool {
        match self {
            Error::ServiceRefused { status, .. } => *status == 429 || *status >= 500,
            Error::Network(NetworkError::Unreachable { .. })
            | Error::ServiceUnavailable { .. }
            | Error::NoTime { .. }
            | Error::Renewing { .. }
            | Error::ClockMoves
            | Error::OutOfOrder { .. } => true,
            _ => self.is_on_hold(),
        }
    }

    /// Whether a certificate that a seal needs is on hold: it may be released, and then the same can be sealed.
    pub fn is_on_hold(&self) -> bool {
        matches!(self, Error::Evidence { lacking } | Error::NotStanding { lacking } if matches!(lacking, Lacking::OnHold(_)))
    }

    /// Whether a certificate that every seal of the credential needs does not stand: it is revoked or not valid now. Asking again does not
    /// help until somebody acts.
    pub fn is_of_certificate(&self) -> bool {
        match self {
            Error::OutOfTime { .. } => true,
            Error::Evidence { lacking } | Error::NotStanding { lacking } => matches!(lacking, Lacking::NotGood(_)),
            _ => false,
        }
    }

    /// After how many seconds the service wants to be asked again.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Error::ServiceRefused { retry_after, .. } | Error::ServiceUnavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether what was paid for is used up: asking again does not help, buying more does. Vendors say it with 402, or with a code that
    /// has the word.
    pub fn is_quota(&self) -> bool {
        matches!(self, Error::ServiceRefused { status, reason, .. }
            if *status == 402 || (*status < 500 && reason.split(':').next().is_some_and(|code| code.contains("quota"))))
    }
}

/// What can be done about a file that is damaged.
fn way_out(problem: &pades::Error) -> &'static str {
    match problem {
        pades::Error::Damaged { .. } | pades::Error::Truncated { .. } | pades::Error::Cycle { .. } => {
            "; if the file is whole, save it anew with a program that rebuilds it, for example with `qpdf IN OUT`"
        }
        _ => "",
    }
}

/// When a service that cannot do its work now may be asked again, in seconds.
const LATER: u32 = 10;

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match &error {
            Error::Faulty { .. } | Error::EarlierSeal { .. } | Error::Pdf(_) => Problem::unprocessable(error),
            Error::Evidence { .. } | Error::NotStanding { .. } | Error::OutOfTime { .. } | Error::NoTime { .. } => {
                Problem::conflict(error)
            }
            Error::Renewing { .. } | Error::ClockMoves | Error::OutOfOrder { .. } => Problem::unavailable(error, 1),
            Error::ServiceRefused { .. }
            | Error::ServiceAnswer { .. }
            | Error::TimeStampRefused { .. }
            | Error::Network(_) => Problem::upstream(error),
            Error::ServiceUnavailable { .. } => Problem::unavailable(&error, LATER),
            Error::Verifier(_) | Error::Pki(_) => Problem::failed(&error),
        }
    }
}
