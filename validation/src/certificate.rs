//! Validation of one certificate, EN 319 102-1 clause 5.2.6, with freshness 5.2.5: the same code that judges the certificates of
//! seals and time-stamps. In: a certificate, anchors, everything at hand, what it is for, a time. Out: a report with the path.

use jiff::Timestamp;
use pki::path::{Budget, ValidPath};
use pki::{Certificate, Crl, SuccessfulOcspResponse};
use serde::{Serialize, Serializer};

use crate::certificate_path;
pub use crate::certificate_path::Purpose;
use crate::material::Material;
use crate::report::{Check, TimestampConclusion};
use crate::{Anchor, Conclusion, Policy};

/// What is asked about, and what is known.
#[derive(Clone, Copy, Debug)]
pub struct CertificateInput<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Who is trusted.
    pub anchors: &'a [Anchor],
    /// Certificates that a path may go through.
    pub certificates: &'a [Certificate],
    /// CRLs at hand.
    pub crls: &'a [Crl],
    /// OCSP answers at hand.
    pub ocsp_responses: &'a [SuccessfulOcspResponse],
    /// What is asked for.
    pub policy: &'a Policy,
    /// What the certificate is for.
    pub purpose: Purpose,
}

/// What a certificate comes to.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateReport {
    /// The validation time.
    pub validation_time: Timestamp,
    /// `PASSED`, or `INDETERMINATE` with a reason.
    #[serde(flatten, serialize_with = "as_block")]
    pub conclusion: Conclusion,
    /// Subjects of the path that was judged, the certificate first; empty: there is none.
    pub subjects: Vec<String>,
    /// Every check.
    pub checks: Vec<Check>,
    /// The path, if it breaks no rule. Always there if the certificate passed.
    #[serde(skip)]
    pub path: Option<ValidPath>,
}

/// Validates a certificate at the time `at`.
///
/// ```
/// # fn example(certificate: &pki::Certificate, anchors: &[validation::Anchor], at: jiff::Timestamp) {
/// use validation::certificate::{self, CertificateInput, Purpose};
/// let (policy, purpose) = (validation::Policy::default(), Purpose::Seal);
/// let input = CertificateInput {
///     certificate, anchors, certificates: &[], crls: &[], ocsp_responses: &[], policy: &policy, purpose,
/// };
/// println!("{}", certificate::validate(&input, at).conclusion);
/// # }
/// ```
pub fn validate(input: &CertificateInput<'_>, at: Timestamp) -> CertificateReport {
    validate_within(input, at, Budget::default())
}

/// The same with so much work. Less work never makes an answer better.
pub fn validate_within(input: &CertificateInput<'_>, at: Timestamp, budget: Budget) -> CertificateReport {
    let mut material = Material::with_budget(input.policy, input.anchors, at, budget);
    input.certificates.iter().for_each(|one| _ = material.add_certificate(one));
    input.crls.iter().for_each(|one| material.add_crl(one));
    input.ocsp_responses.iter().for_each(|one| material.add_ocsp(one));
    let certificate = material.add_certificate(input.certificate);
    let result = certificate_path::validate_for(&material, &certificate, input.purpose, at);
    CertificateReport {
        validation_time: at,
        conclusion: result.conclusion,
        subjects: result.chain.iter().map(|one| one.subject().to_string()).collect(),
        checks: result.checks,
        path: result.path,
    }
}

fn as_block<S: Serializer>(conclusion: &Conclusion, serializer: S) -> Result<S::Ok, S::Error> {
    TimestampConclusion(*conclusion).serialize(serializer)
}

#[cfg(test)]
mod tests;
