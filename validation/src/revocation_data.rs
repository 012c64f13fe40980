//! Acceptance of revocation data, EN 319 102-1 clause 5.2.6 with the order of checks that implementations agree on, and
//! freshness, clause 5.2.5. In: one CRL or OCSP answer, the certificate, its issuer, a time. Out: what the answer says about
//! the certificate, or why it says nothing. Pure.
//!
//! From RFC 6960 clause 4.2.2.2: a responder that is not the CA itself holds a certificate issued by that CA with the OCSPSigning
//! purpose. From RFC 5280 clause 6.3.3: a list speaks about a certificate if issuer and distribution point are the same, names
//! compared whole.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use pki::{
    Certificate, CertificateStatus, Crl, KeyHolder, OutOfScope, Reasons, RevocationReason, SuccessfulOcspResponse,
};

/// An answer is made after the question, and by another clock: it may be this much ahead of the time asked about.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// Why revocation data says nothing about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The answer is about other certificates.
    NotCovered,
    /// The CRL does not list this certificate, or certificates of this kind.
    Scope(OutOfScope),
    /// It must not be used for any certificate: critical extensions that are not known, removeFromCRL in a complete list,
    /// answers that differ, times in disorder.
    Unusable(String),
    /// A delta CRL, and no list at hand that it is for.
    DeltaWithoutBase,
    /// The CRL tells revocations for some reasons, and the others are told by no list at hand.
    SomeReasons,
    /// The OCSP answer is about a certificate with another hash (certHash).
    CertificateHash,
    /// The answer is not signed by the issuer or a responder that the issuer appointed.
    Signature(String),
    /// The CRL is signed by another key than the CA's, and no path leads from it to an anchor of that CA.
    SignerWithoutPath {
        /// Its subject.
        signer: String,
    },
    /// The same, and the path breaks a rule.
    SignerRule {
        /// Its subject.
        signer: String,
        /// The rule.
        fault: String,
    },
    /// The responder was asked about its own certificate.
    SelfVouching,
    /// The responder's own certificate must be looked up, and nothing good is known of it.
    Responder {
        /// Its subject.
        responder: String,
    },
    /// The responder does not know the certificate.
    StatusUnknown,
    /// The answer begins to hold only later.
    NotYet {
        /// From when on.
        this_update: Timestamp,
        /// The time it was wanted for.
        at: Timestamp,
    },
    /// The answer has ceased to hold.
    Stale {
        /// Until when it held.
        next_update: Timestamp,
        /// The time it was wanted for.
        at: Timestamp,
    },
    /// The answer does not say until when it holds.
    NoNextUpdate,
    /// The answer was made before the certificate.
    OlderThanCertificate {
        /// When it was made.
        this_update: Timestamp,
        /// When the certificate's validity began.
        not_before: Timestamp,
    },
    /// The certificate had expired before, and the answer does not say that expired ones are still known.
    Forgotten {
        /// When it expired.
        not_after: Timestamp,
        /// From when on its issuer knows certificates.
        known_since: Timestamp,
    },
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::NotCovered => f.write_str("the answer is about other certificates"),
            Rejection::Scope(why) => write!(f, "the CRL cannot answer: {why}"),
            Rejection::Unusable(why) => write!(f, "it must not be used: {why}"),
            Rejection::DeltaWithoutBase => f.write_str("it is a delta CRL, and its base is not at hand"),
            Rejection::SomeReasons => {
                f.write_str("the CRL tells revocations for some reasons only, and no list at hand tells the others")
            }
            Rejection::SignerWithoutPath { signer } => {
                write!(f, "it is signed by another key of {signer}, from which no path leads to an anchor of the CA")
            }
            Rejection::SignerRule { signer, fault } => {
                write!(f, "it is signed by another key of {signer}, whose path breaks a rule: {fault}")
            }
            Rejection::CertificateHash => f.write_str("the answer is about a certificate with another hash"),
            Rejection::Signature(reason) => write!(f, "the answer is not signed by whoever may: {reason}"),
            Rejection::SelfVouching => f.write_str("the responder would vouch for itself"),
            Rejection::Responder { responder } => {
                write!(f, "the certificate of responder {responder} must be looked up, and nothing good is known of it")
            }
            Rejection::StatusUnknown => f.write_str("the responder does not know the certificate"),
            Rejection::NotYet { this_update, at } => {
                write!(f, "the answer holds from {this_update} on; wanted for {at}")
            }
            Rejection::Stale { next_update, at } => write!(f, "the answer held until {next_update}; wanted for {at}"),
            Rejection::NoNextUpdate => f.write_str("the answer does not say until when it holds"),
            Rejection::OlderThanCertificate { this_update, not_before } => {
                write!(f, "the answer of {this_update} is older than the certificate, valid from {not_before} on")
            }
            Rejection::Forgotten { not_after, known_since } => write!(
                f,
                "the certificate expired at {not_after}, and the answer speaks of certificates valid at {known_since} or later"
            ),
        }
    }
}

/// What an issuer says about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not revoked.
    Good,
    /// Suspended.
    OnHold {
        /// Since when.
        since: Timestamp,
    },
    /// Revoked for good.
    Revoked {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: Option<RevocationReason>,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Good => f.write_str("is not revoked"),
            Standing::OnHold { since } => write!(f, "has been on hold since {since}"),
            Standing::Revoked { since, reason: Some(reason) } => write!(f, "has been revoked since {since}: {reason}"),
            Standing::Revoked { since, reason: None } => write!(f, "has been revoked since {since}"),
        }
    }
}

/// An OCSP answer that was accepted.
#[derive(Clone, Debug)]
pub struct AcceptedOcsp {
    /// What it says.
    pub standing: Standing,
    /// The certificate of the delegated responder that signed it; `None`: the CA signed it itself.
    pub responder: Option<Certificate>,
}

/// What revocation data that was accepted states about a certificate, whatever the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it says.
    pub standing: Standing,
    /// Since when the key is suspected, which no step of the validation takes into account.
    pub invalidity_date: Option<Timestamp>,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Option<Timestamp>,
    /// Whose key signed it: the CA or a responder that the CA appointed.
    pub signer: Certificate,
}

/// What a CRL that the issuer itself signed says about a certificate at a time.
///
/// # Errors
/// [`Rejection`] with why it does not count.
pub fn crl<'a>(
    crl: &Crl,
    certificate: &Certificate,
    issuer: impl Into<KeyHolder<'a>>,
    at: Timestamp,
) -> Result<Standing, Rejection> {
    let holder = issuer.into();
    let reasons = check_scope(crl, certificate)?;
    if crl.is_delta() {
        return Err(Rejection::DeltaWithoutBase);
    }
    crl.verify_issued_by(holder).map_err(|error| Rejection::Signature(error.to_string()))?;
    let statement = crl_statement(crl, certificate, holder.certificate().clone())?;
    if statement.standing == Standing::Good && !reasons.is_all() {
        return Err(Rejection::SomeReasons);
    }
    check_freshness(statement.this_update, statement.next_update, at)?;
    Ok(statement.standing)
}

/// What an OCSP answer says about a certificate at a time.
///
/// # Errors
/// [`Rejection`] with why it does not count.
pub fn ocsp<'a>(
    response: &SuccessfulOcspResponse,
    certificate: &Certificate,
    issuer: impl Into<KeyHolder<'a>>,
    at: Timestamp,
) -> Result<AcceptedOcsp, Rejection> {
    let holder = issuer.into();
    let issuer = holder.certificate();
    let verify = || response.verify(holder, response.produced_at());
    let statement = ocsp_statement(response, certificate, issuer, verify)?;
    check_freshness(statement.this_update, statement.next_update, at)?;
    let responder = (statement.signer != *issuer).then_some(statement.signer);
    Ok(AcceptedOcsp { standing: statement.standing, responder })
}

/// What a CRL of the right scope, signed by `signer`, states about a certificate.
pub(crate) fn crl_statement(crl: &Crl, certificate: &Certificate, signer: Certificate) -> Result<Statement, Rejection> {
    let entry = crl.entry_for(certificate);
    let standing = entry.as_ref().map_or(Standing::Good, |entry| revoked(entry.since, entry.reason));
    check_knows(certificate, &standing, crl.this_update(), crl.expired_certificates_since())?;
    Ok(Statement {
        standing,
        invalidity_date: entry.and_then(|entry| entry.invalidity_date),
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        signer,
    })
}

/// What an OCSP answer states about a certificate. `verify`: the certificate of whoever signed it and may, which a caller may
/// know already.
///
/// # Errors
/// [`Rejection`] with why it does not count; that of `verify` as [`Rejection::Signature`].
pub fn ocsp_statement(
    response: &SuccessfulOcspResponse,
    certificate: &Certificate,
    issuer: &Certificate,
    verify: impl FnOnce() -> Result<Certificate, pki::Error>,
) -> Result<Statement, Rejection> {
    let answer = response.usable_answer_for(certificate, issuer);
    let answer = answer.map_err(|error| Rejection::Unusable(error.to_string()))?.ok_or(Rejection::NotCovered)?;
    let signer = verify().map_err(|error| Rejection::Signature(error.to_string()))?;
    if signer == *certificate {
        return Err(Rejection::SelfVouching);
    }
    check_produced(response.produced_at(), answer.this_update)?;
    let standing = match answer.status {
        CertificateStatus::Good => Standing::Good,
        CertificateStatus::Revoked { since, reason } => revoked(since, reason),
        CertificateStatus::Unknown => return Err(Rejection::StatusUnknown),
    };
    match &answer.certificate_hash {
        Some(hash) if *hash != hash.algorithm().digest(certificate.der()) => return Err(Rejection::CertificateHash),
        Some(_) => {} // the responder has seen the certificate, expired or not
        None => check_knows(certificate, &standing, answer.this_update, answer.archive_cutoff)?,
    }
    let (this_update, next_update) = (answer.this_update, answer.next_update);
    Ok(Statement { standing, invalidity_date: None, this_update, next_update, signer })
}

/// For which reasons the list speaks about this certificate, RFC 5280 clause 6.3.3 (b) to (e).
pub(crate) fn check_scope(crl: &Crl, certificate: &Certificate) -> Result<Reasons, Rejection> {
    let scope = crl.scope_for(certificate).map_err(|why| match why {
        OutOfScope::Issuer { .. } => Rejection::NotCovered,
        why => Rejection::Scope(why),
    });
    let reasons = scope?;
    crl.check_usable().map_err(|error| Rejection::Unusable(error.to_string()))?;
    Ok(reasons)
}

fn revoked(since: Timestamp, reason: Option<RevocationReason>) -> Standing {
    match reason {
        Some(RevocationReason::CertificateHold) => Standing::OnHold { since },
        Some(RevocationReason::RemoveFromCrl) => Standing::Good, // in a delta list; a complete one is not usable
        reason => Standing::Revoked { since, reason },
    }
}

/// Clause 5.2.5: the answer holds at that time. Without nextUpdate nobody can tell.
fn check_freshness(this_update: Timestamp, next_update: Option<Timestamp>, at: Timestamp) -> Result<(), Rejection> {
    if this_update.duration_since(at) > CLOCK_TOLERANCE {
        return Err(Rejection::NotYet { this_update, at });
    }
    match next_update {
        None => Err(Rejection::NoNextUpdate),
        Some(next_update) if at > next_update => Err(Rejection::Stale { next_update, at }),
        Some(_) => Ok(()),
    }
}

/// An answer is produced when its statements have been made (RFC 6960 clause 2.4).
fn check_produced(produced_at: Timestamp, this_update: Timestamp) -> Result<(), Rejection> {
    match this_update.duration_since(produced_at) > CLOCK_TOLERANCE {
        true => {
            Err(Rejection::Unusable(format!("it was produced at {produced_at}, before it was made at {this_update}")))
        }
        false => Ok(()),
    }
}

/// The issuer knew the certificate when it spoke: it was issued, and it had not been forgotten after its expiry
/// (`kept_since`: expiredCertsOnCRL or ArchiveCutoff). That limits what silence proves: whoever says "revoked" has not forgotten.
fn check_knows(
    certificate: &Certificate,
    standing: &Standing,
    this_update: Timestamp,
    kept_since: Option<Timestamp>,
) -> Result<(), Rejection> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if this_update < not_before {
        return Err(Rejection::OlderThanCertificate { this_update, not_before });
    }
    if *standing != Standing::Good {
        return Ok(());
    }
    let known_since = kept_since.map_or(this_update, |kept| kept.min(this_update));
    if not_after < known_since { Err(Rejection::Forgotten { not_after, known_since }) } else { Ok(()) }
}
