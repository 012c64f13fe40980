//! X.509 certificate validation, EN 319 102-1 clause 5.2.6. In: a certificate, what it is for, everything at hand. Out: the path
//! that was taken, what was found out about it, and what that comes to.
//!
//! Every finding is kept, since the later processes ask again at another time: who is revoked since when, what is stale, which
//! algorithm ends when. The conclusion is the first of: a rule of RFC 5280 broken, a constraint broken, revocation data missing,
//! revoked, on hold, outside the validity, revocation data by an expired issuer, stale data, weak algorithm. Dates stand before
//! staleness: what is stale may still be fresh at an earlier time, and that must not hide that the certificate had expired.

use jiff::Timestamp;
use pki::path::{BrokenRule, Candidate, Dates, Search, ValidPath};
use pki::{Certificate, oid};

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Reason};
use crate::cryptographic_suite::Reliability;
use crate::existence::Object;
use crate::material::{Accepted, Material};
use crate::report::Check;
use crate::revocation_data::Rejection;
use crate::revocation_data::Standing;
use crate::revocation_freshness;

mod purpose;
#[cfg(test)]
mod tests;

pub use purpose::Purpose;

/// What a certificate is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureRole {
    Seal,
    /// At genTime. Revocation data must be fresh then: the authority's clock is trusted while nothing says otherwise, and data
    /// that was fetched with the token would be stale in any file that is looked at a week later.
    TimeStamp(Timestamp),
}

impl SignatureRole {
    /// The time for which revocation data must be fresh, in a validation for the time `at`.
    pub(crate) fn fresh_at(self, at: Timestamp) -> Timestamp {
        match self {
            SignatureRole::Seal => at,
            SignatureRole::TimeStamp(time) => time.min(at),
        }
    }
}

/// An algorithm that is in use, and how long it is reliable.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// Where it is used.
    pub(crate) object: Object,
    /// In words.
    pub(crate) what: String,
    pub(crate) reliability: Reliability,
}

/// A certificate that its issuer took back.
#[derive(Clone, Debug)]
pub(crate) struct Revocation {
    pub(crate) since: Timestamp,
    pub(crate) invalidity_date: Option<Timestamp>,
    /// Whether it is the certificate itself, not a CA above it.
    pub(crate) of_leaf: bool,
}

/// What became of a path.
#[derive(Clone, Debug)]
pub(crate) struct PathResult {
    pub(crate) conclusion: Conclusion,
    /// Everything that is in the way, in the order of the steps; the first is the conclusion. Empty: it passed.
    pub(crate) reasons: Vec<Reason>,
    /// The certificate first, the anchor last; empty if there is no path. It may break rules.
    pub(crate) chain: Vec<Certificate>,
    /// The same, if it breaks none. Without it nothing passes.
    pub(crate) path: Option<ValidPath>,
    pub(crate) revocations: Vec<Revocation>,
    /// Since when certificates of the path are on hold.
    pub(crate) holds: Vec<Timestamp>,
    /// Data that says "good" and is stale.
    pub(crate) stale: Vec<Accepted>,
    /// Algorithms of certificates and their revocation data that are not reliable at the validation time.
    pub(crate) weak: Vec<Use>,
    pub(crate) checks: Vec<Check>,
}

impl PathResult {
    fn without_path(reason: Reason, check: Check) -> PathResult {
        PathResult {
            conclusion: Conclusion::Indeterminate(reason),
            reasons: vec![reason],
            chain: Vec::new(),
            path: None,
            revocations: Vec::new(),
            holds: Vec::new(),
            stale: Vec::new(),
            weak: Vec::new(),
            checks: vec![check],
        }
    }

    /// The first reason decides; without one, and with a valid path, it passed.
    fn concluded(mut self, reasons: Vec<Reason>) -> PathResult {
        self.conclusion = match (reasons.first(), &self.path) {
            (Some(reason), _) => Conclusion::Indeterminate(*reason),
            (None, Some(_)) => Conclusion::Passed,
            (None, None) => self.conclusion,
        };
        self.reasons = reasons;
        self
    }

    /// Which of several failed paths is reported: the one that came furthest.
    fn rank(&self) -> u8 {
        use Reason::{CertificateChainGeneralFailure, ChainConstraintsFailure, NoCertificateChainFoundNoPoe};
        match self.conclusion {
            Conclusion::Passed => 0,
            Conclusion::Indeterminate(NoCertificateChainFoundNoPoe) => 2,
            Conclusion::Indeterminate(CertificateChainGeneralFailure | ChainConstraintsFailure) => 3,
            _ => 1,
        }
    }
}

/// Validates a certificate at the validation time.
pub(crate) fn validate(material: &Material<'_>, certificate: &Certificate, role: SignatureRole) -> PathResult {
    validate_for(material, certificate, role.into(), role.fresh_at(material.at))
}

/// The same for any purpose; revocation data must be fresh at a time.
pub(crate) fn validate_for(
    material: &Material<'_>,
    certificate: &Certificate,
    purpose: Purpose,
    fresh_at: Timestamp,
) -> PathResult {
    let search = material.paths(certificate, purpose);
    let mut best: Option<PathResult> = None;
    for candidate in &search.paths {
        let result = judge(material, candidate, purpose, fresh_at);
        if best.as_ref().is_none_or(|best| result.rank() < best.rank()) {
            best = Some(result);
        }
        if best.as_ref().is_some_and(|best| best.conclusion.is_passed()) {
            break;
        }
    }
    let mut result = best.unwrap_or_else(|| without_path(certificate, &search));
    if search.exhausted {
        let detail = format!("from {} not every path was tried", certificate.subject());
        result.checks.push(match result.conclusion.is_passed() {
            true => Check::warning(CheckId::WorkSufficed, detail),
            false => Check::failed(CheckId::WorkSufficed, detail),
        });
    }
    result
}

/// A signature that cannot be verified here is no part of a path; it is told.
fn without_path(certificate: &Certificate, search: &Search) -> PathResult {
    let issuer = certificate.issuer();
    let mut detail = format!("from {} no path leads to a trust anchor; its issuer is {issuer}", certificate.subject());
    search.unverifiable.iter().for_each(|one| detail.push_str(&format!("; {one}")));
    PathResult::without_path(Reason::NoCertificateChainFound, Check::failed(CheckId::PathFound, detail))
}

/// Judges one path.
fn judge(material: &Material<'_>, candidate: &Candidate, purpose: Purpose, fresh_at: Timestamp) -> PathResult {
    let chain = candidate.certificates();
    let anchor = candidate.anchor();
    let found = format!("{} certificates up to {}", chain.len(), anchor.subject());
    let mut result =
        PathResult::without_path(Reason::NoCertificateChainFound, Check::passed(CheckId::PathFound, found));
    result.chain = chain.to_vec();
    let mut reasons: Vec<Reason> = Vec::new();
    reasons.extend(check_sunset(material, anchor, purpose, &mut result));
    let path = match check_rules(material, candidate, purpose, &mut result.checks) {
        Ok(path) => path,
        Err(reason) => {
            reasons.push(reason);
            return result.concluded(reasons);
        }
    };
    if reasons.is_empty() {
        let answers = answers(material, &path, &mut result, &mut reasons);
        check_standing(&answers, &mut result, &mut reasons);
        check_dates(material, &path, &answers, &mut result, &mut reasons);
        check_freshness(material, &answers, fresh_at, &mut result, &mut reasons);
        check_algorithms(material, &path, &answers, &mut result, &mut reasons);
    }
    result.path = Some(path);
    result.concluded(reasons)
}

/// Steps 1 and 3: an anchor past its sunset date is none.
fn check_sunset(
    material: &Material<'_>,
    anchor: &Certificate,
    purpose: Purpose,
    result: &mut PathResult,
) -> Option<Reason> {
    let sunset = material.anchor_for(anchor, purpose)?.sunset?;
    let check = CheckId::AnchorTrusted;
    if material.at < sunset {
        result.checks.push(Check::passed(check, format!("{} is trusted until {sunset}", anchor.subject())));
        return None;
    }
    let detail = format!("{} has not been trusted since {sunset}; asked for {}", anchor.subject(), material.at);
    result.checks.push(Check::failed(check, detail));
    Some(Reason::NoCertificateChainFoundNoPoe)
}

/// Step 4 a to d: rules of RFC 5280 that do not depend on a time, and what the certificate must be for.
pub(crate) fn check_rules(
    material: &Material<'_>,
    candidate: &Candidate,
    purpose: Purpose,
    checks: &mut Vec<Check>,
) -> Result<ValidPath, Reason> {
    let check = CheckId::PathRules;
    let path = candidate.validate(Dates::Any).map_err(|fault| {
        checks.push(Check::failed(check, fault.to_string()));
        match fault {
            BrokenRule::KeyUsage { .. } => Reason::ChainConstraintsFailure,
            _ => Reason::CertificateChainGeneralFailure,
        }
    })?;
    checks.push(Check::passed(check, "CA flags, path lengths, key usage, name constraints, policies"));
    purpose.check(material, path.leaf(), checks).map_or(Ok(path), Err)
}

/// The newest accepted data for each certificate below the anchor; `None`: there is none, and none is needed.
type Answers = Vec<Option<Accepted>>;

/// Step 4 e: data is there where it is needed.
fn answers(material: &Material<'_>, path: &ValidPath, result: &mut PathResult, reasons: &mut Vec<Reason>) -> Answers {
    let check = CheckId::RevocationDataAcceptable;
    let mut answers = Vec::new();
    for (certificate, issuer) in path.links() {
        let subject = certificate.subject();
        let statements = material.statements(certificate, issuer);
        let newest = statements.accepted.first().cloned();
        if statements.exhausted {
            let detail = format!("for {subject} not all revocation data was looked at");
            result.checks.push(Check::failed(CheckId::WorkSufficed, detail));
            reasons.push(Reason::CertificateChainGeneralFailure);
        }
        match (&newest, exemption(certificate)) {
            (Some(accepted), _) => {
                let data = material.revocation(accepted.data).describe();
                result.checks.push(Check::passed(check, format!("for {subject}: {data}")));
            }
            (None, Some(why)) => result.checks.push(Check::ignored(check, format!("{subject} {why}"))),
            (None, None) => {
                let detail = format!("for {subject}: {}", rejections(material, &statements.rejected));
                let expired = !certificate.valid_at(material.at);
                let needed = material.policy.require_revocation_data;
                result.checks.push(match needed {
                    true => Check::failed(check, detail),
                    false => Check::ignored(check, detail),
                });
                if needed && !expired {
                    reasons.push(Reason::CertificateChainGeneralFailure);
                }
            }
        }
        answers.push(newest);
    }
    answers
}

/// Certificates that say themselves that there is nothing to ask.
pub(crate) fn exemption(certificate: &Certificate) -> Option<&'static str> {
    if certificate.is_ca() {
        None // both extensions are for end certificates (EN 319 412-1 clause 5.2, RFC 9608)
    } else if certificate.has_extension(oid::VALIDITY_ASSURED_SHORT_TERM) {
        Some("is short-lived: it is not revoked")
    } else {
        certificate.has_extension(oid::NO_REV_AVAIL).then_some("says that there is none")
    }
}

fn rejections(material: &Material<'_>, rejected: &[(usize, Rejection)]) -> String {
    const SHOWN: usize = 4;
    if rejected.is_empty() {
        return "none is at hand; an authority may answer later".into();
    }
    let sentence =
        |(place, problem): &(usize, Rejection)| format!("{}: {problem}", material.revocation(*place).describe());
    rejected.iter().take(SHOWN).map(sentence).collect::<Vec<_>>().join("; ")
}

/// Step 4 f: revoked, or on hold.
fn check_standing(answers: &Answers, result: &mut PathResult, reasons: &mut Vec<Reason>) {
    let check = CheckId::NotRevoked;
    let mut found = Vec::new();
    for (position, accepted) in answers.iter().enumerate() {
        let Some(Accepted { statement, .. }) = accepted else { continue };
        let detail = format!("{} {}", result.chain[position].subject(), statement.standing);
        match statement.standing {
            Standing::Good => result.checks.push(Check::passed(check, detail)),
            Standing::OnHold { since } => {
                result.checks.push(Check::failed(check, detail));
                result.holds.push(since);
                found.push((1, Reason::TryLater));
            }
            Standing::Revoked { since, .. } => {
                result.checks.push(Check::failed(check, detail));
                let of_leaf = position == 0;
                let invalidity_date = statement.invalidity_date;
                result.revocations.push(Revocation { since, invalidity_date, of_leaf });
                found.push((0, if of_leaf { Reason::RevokedNoPoe } else { Reason::RevokedCaNoPoe }));
            }
        }
    }
    found.sort_by_key(|(order, _)| *order);
    reasons.extend(found.into_iter().map(|(_, reason)| reason));
}

/// Whether whoever made the data still stands at the validation time.
fn signer_stands(material: &Material<'_>, accepted: &Accepted) -> bool {
    let signer = &accepted.statement.signer;
    material.anchor(signer).is_some() || signer.valid_at(material.at)
}

/// Step 4 h: the validity of the certificate, and of the CAs above it (shell model).
fn check_dates(
    material: &Material<'_>,
    path: &ValidPath,
    answers: &Answers,
    result: &mut PathResult,
    reasons: &mut Vec<Reason>,
) {
    let check = CheckId::ValidNow;
    let mut expired = Vec::new();
    for (position, certificate) in path.below_anchor().iter().enumerate() {
        let (subject, from, to) = (certificate.subject(), certificate.not_before(), certificate.not_after());
        let detail = format!("{subject} is valid from {from} to {to}; asked for {}", material.at);
        if certificate.valid_at(material.at) {
            result.checks.push(Check::passed(check, detail));
        } else {
            result.checks.push(Check::failed(check, detail));
            expired.push(position);
        }
    }
    let needed = material.policy.require_revocation_data && exemption(path.leaf()).is_none();
    let not_revoked = match answers.first().and_then(Option::as_ref) {
        Some(accepted) => accepted.statement.standing == Standing::Good && signer_stands(material, accepted),
        None => !needed,
    };
    match expired[..] {
        [] => {}
        [0] if not_revoked => reasons.push(Reason::OutOfBoundsNotRevoked),
        _ => reasons.push(Reason::OutOfBoundsNoPoe), // an expired CA cannot vouch for the certificate
    }
    check_data_issuer(material, answers, result, reasons);
}

/// Step 4 i: whoever made the data on the certificate itself.
fn check_data_issuer(material: &Material<'_>, answers: &Answers, result: &mut PathResult, reasons: &mut Vec<Reason>) {
    let check = CheckId::RevocationDataIssuerValid;
    let Some(accepted) = answers.first().and_then(Option::as_ref) else { return };
    let signer = &accepted.statement.signer;
    let detail = format!("{} is valid to {}; asked for {}", signer.subject(), signer.not_after(), material.at);
    if signer_stands(material, accepted) {
        result.checks.push(Check::passed(check, detail));
    } else {
        result.checks.push(Check::failed(check, detail));
        reasons.push(Reason::RevocationOutOfBoundsNoPoe);
    }
}

/// Step 4 f: the data is fresh.
fn check_freshness(
    material: &Material<'_>,
    answers: &Answers,
    at: Timestamp,
    result: &mut PathResult,
    reasons: &mut Vec<Reason>,
) {
    let check = CheckId::RevocationDataFresh;
    for (position, accepted) in answers.iter().enumerate() {
        let Some(accepted) = accepted else { continue };
        if accepted.statement.standing != Standing::Good {
            continue;
        }
        let subject = result.chain[position].subject();
        let (made, next) = (accepted.statement.this_update, accepted.statement.next_update);
        let until = next.map_or("without nextUpdate".into(), |next| format!("nextUpdate {next}"));
        let detail = format!("for {subject}: made at {made}, {until}; asked for {at}");
        if revocation_freshness::is_fresh(&accepted.statement, at, material.policy) {
            result.checks.push(Check::passed(check, detail));
        } else {
            result.checks.push(Check::failed(check, format!("{detail}; newer data may decide")));
            result.stale.push(accepted.clone());
            reasons.push(Reason::TryLater);
        }
    }
}

/// Step 4 g: the algorithms of certificates and data, at the validation time.
fn check_algorithms(
    material: &Material<'_>,
    path: &ValidPath,
    answers: &Answers,
    result: &mut PathResult,
    reasons: &mut Vec<Reason>,
) {
    let check = CheckId::PathAlgorithms;
    let mut uses: Vec<Use> = path.links().filter_map(|(one, issuer)| certificate_use(material, one, issuer)).collect();
    for (accepted, (_, issuer)) in answers.iter().zip(path.links()) {
        uses.extend(accepted.iter().flat_map(|accepted| data_uses(material, accepted, issuer)));
    }
    result.weak = uses.into_iter().filter(|one| !one.reliability.at(material.at)).collect();
    if result.weak.is_empty() {
        result.checks.push(Check::passed(check, material.policy.suite.name()));
        return;
    }
    for weak in &result.weak {
        result.checks.push(Check::failed(check, format!("{}: {}", weak.what, weak.reliability)));
    }
    reasons.push(Reason::CryptoConstraintsFailureNoPoe);
}

/// The algorithm with which a certificate is signed.
pub(crate) fn certificate_use(material: &Material<'_>, certificate: &Certificate, issuer: &Certificate) -> Option<Use> {
    let key = issuer.public_key();
    let algorithm = certificate.signature_algorithm().ok();
    let reliability =
        algorithm.map_or(Reliability::Never, |algorithm| material.policy.suite.signature_by(algorithm, &key));
    let what = format!("the certificate of {} is signed with a {} key", certificate.subject(), key.kind());
    Some(Use { object: Object::Certificate(certificate.clone()), what, reliability })
}

/// The algorithms with which revocation data is signed, and the certificates of whoever signed it up to the CA or an anchor.
pub(crate) fn data_uses(material: &Material<'_>, accepted: &Accepted, issuer: &Certificate) -> Vec<Use> {
    let signer = &accepted.statement.signer;
    let key = signer.public_key();
    let of_data = accepted.all_data().map(|place| {
        let data = material.revocation(place);
        let reliability = data
            .algorithm()
            .map_or(Reliability::Never, |algorithm| material.policy.suite.signature_by(algorithm, &key));
        let what = format!("the {} is signed with a {} key", data.describe(), key.kind());
        Use { object: Object::Revocation(place), what, reliability }
    });
    let of_signer: Vec<Use> = match &accepted.signer_path {
        Some(path) => path.links().filter_map(|(one, above)| certificate_use(material, one, above)).collect(),
        None if signer == issuer => Vec::new(),
        None => certificate_use(material, signer, issuer).into_iter().collect(),
    };
    of_signer.into_iter().chain(of_data).collect()
}
