//! Signature acceptance, EN 319 102-1 clause 5.2.8. In: a message, its certificate path, the policy, a time. Out: whether its
//! attributes are those that are asked for, and how long its algorithms are reliable.

use jiff::Timestamp;
use pki::{Certificate, CertificateReference, SignedData, SigningCertificates};

use crate::certificate_path::{SignatureRole, Use};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Reason};
use crate::cryptographic_suite::{CryptographicSuite, Reliability};
use crate::existence::Object;
use crate::report::{Check, Outcome};

/// The signing-certificate attribute: there, once, and every reference to a certificate of the path (none is known: of the
/// message).
pub(crate) fn check_attributes(message: &SignedData, path: &[Certificate], checks: &mut Vec<Check>) -> Conclusion {
    let check = CheckId::SigningCertificateAttribute;
    let references = match references(message) {
        Ok(references) if !references.is_empty() => references,
        Ok(_) => return refuse(check, "the attribute has no reference".into(), checks),
        Err(error) => return refuse(check, error.to_string(), checks),
    };
    let hash = &references[0].hash;
    checks.push(Check::passed(check, format!("by {}", hash.algorithm())));
    let check = CheckId::ReferencesInPath;
    let pool = if path.is_empty() { message.certificates() } else { path };
    let foreign = references.iter().filter(|reference| !pool.iter().any(|one| reference.check(one).is_ok())).count();
    if foreign > 0 {
        return refuse(check, format!("{foreign} of {} are not", references.len()), checks);
    }
    checks.push(Check::passed(check, format!("{} references", references.len())));
    Conclusion::Passed
}

/// The references of signing-certificate-v2 and of its version 1, which may stand beside it (RFC 5035 5).
fn references(message: &SignedData) -> Result<Vec<CertificateReference>, pki::Error> {
    let SigningCertificates { version_2, version_1 } = message.signing_certificates();
    if version_2.is_none() && version_1.is_none() {
        return Err(pki::Error::AttributeCount { attribute: "signing-certificate-v2", found: 0 });
    }
    let mut all = version_2.transpose()?.unwrap_or_default();
    all.extend(version_1.transpose()?.unwrap_or_default());
    Ok(all)
}

fn refuse(check: CheckId, detail: String, checks: &mut Vec<Check>) -> Conclusion {
    checks.push(Check::failed(check, detail));
    Conclusion::Indeterminate(Reason::SigConstraintsFailure)
}

/// /M of a seal: a claim, compared with the validity of the certificate if the policy asks for it.
pub(crate) fn check_claimed_time(
    claimed: Option<Timestamp>,
    signer: &Certificate,
    is_required: bool,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let check = CheckId::ClaimedTime;
    let (from, to) = (signer.not_before(), signer.not_after());
    let (holds, detail) = match claimed {
        Some(claimed) => (signer.valid_at(claimed), format!("claimed {claimed}; valid from {from} to {to}")),
        None => (false, "no time is claimed".into()),
    };
    let outcome = match (holds, is_required) {
        (true, _) => Outcome::Passed,
        (false, true) => Outcome::Failed,
        (false, false) => Outcome::Warning,
    };
    checks.push(Check { outcome, ..Check::passed(check, detail) });
    match outcome {
        Outcome::Failed => Conclusion::Indeterminate(Reason::SigConstraintsFailure),
        _ => Conclusion::Passed,
    }
}

/// The algorithms of the signature value and of the digests in signed attributes.
pub(crate) fn uses(
    message: &SignedData,
    signer: &Certificate,
    object: &Object,
    suite: &CryptographicSuite,
) -> Vec<Use> {
    let key = signer.public_key().kind();
    let of_signature = match message.signature_algorithm() {
        Ok(algorithm) => {
            let what = format!("the signature value: {:?} with {} and a {key} key", algorithm.scheme, algorithm.digest);
            (what, suite.signature_by(algorithm, &signer.public_key()))
        }
        Err(error) => (format!("the signature value with a {key} key: {error}"), Reliability::Never),
    };
    let of_digest = match message.digest_algorithm() {
        Ok(algorithm) => (format!("the digest of the signed data: {algorithm}"), suite.digest(algorithm)),
        Err(error) => (format!("the digest of the signed data: {error}"), Reliability::Never),
    };
    [of_signature, of_digest].map(|(what, reliability)| Use { object: object.clone(), what, reliability }).into()
}

/// Whether every algorithm is reliable at a time.
pub(crate) fn check_algorithms(uses: &[Use], at: Timestamp, checks: &mut Vec<Check>) -> Conclusion {
    let check = CheckId::SignatureAlgorithms;
    let mut conclusion = Conclusion::Passed;
    for one in uses {
        let detail = format!("{}: {}; asked for {at}", one.what, one.reliability);
        if one.reliability.at(at) {
            checks.push(Check::passed(check, detail));
        } else {
            checks.push(Check::failed(check, detail));
            conclusion = Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe);
        }
    }
    conclusion
}

/// The digest in the reference to the signing certificate. RFC 5816 leaves SHA-1 to time-stamps, which are still made so.
pub(crate) fn check_reference_digest(
    message: &SignedData,
    role: SignatureRole,
    suite: &CryptographicSuite,
    at: Timestamp,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let check = CheckId::ReferenceDigest;
    let references = message.signing_certificate_references().unwrap_or_default();
    let Some(reference) = references.first() else { return Conclusion::Passed };
    let algorithm = reference.hash.algorithm();
    let reliability = suite.digest(algorithm);
    let detail = format!("{algorithm}: {reliability}; asked for {at}");
    if reliability.at(at) {
        checks.push(Check::passed(check, detail));
        return Conclusion::Passed;
    }
    match role {
        SignatureRole::TimeStamp(_) => {
            checks.push(Check::warning(check, detail));
            Conclusion::Passed
        }
        SignatureRole::Seal => {
            checks.push(Check::failed(check, detail));
            Conclusion::Indeterminate(Reason::CryptoConstraintsFailure)
        }
    }
}
