//! Validation of a time-stamp that stands alone, EN 319 102-1 clause 5.4: the same code that judges the time-stamps of a PDF. In: a
//! TimeStampResp or a bare token, what it should be over, who is trusted, everything at hand, a time. Out: a report.

use jiff::Timestamp;
use pki::{Certificate, Crl, SuccessfulOcspResponse, TimeStampResponse, TimeStampToken};
use serde::Serialize;

use crate::existence::Object;
use crate::material::Material;
use crate::report::{Check, Outcome, TimestampConclusion};
use crate::time_stamp;
pub use crate::time_stamp::Stamped;
use crate::{Anchor, Conclusion, Error, Policy};

/// What a token is asked about, and what is known.
#[derive(Clone, Copy, Debug)]
pub struct TokenInput<'a> {
    /// A TimeStampResp, or a token without it, as it came.
    pub token: &'a [u8],
    /// What it should be over.
    pub stamped: Stamped<'a>,
    /// Who is trusted.
    pub anchors: &'a [Anchor],
    /// Certificates beside those in the token.
    pub certificates: &'a [Certificate],
    /// CRLs at hand.
    pub crls: &'a [Crl],
    /// OCSP answers at hand.
    pub ocsp_responses: &'a [SuccessfulOcspResponse],
    /// What is asked for.
    pub policy: &'a Policy,
}

/// What a token comes to.
#[derive(Clone, Debug, Serialize)]
pub struct TokenReport {
    /// The validation time.
    pub validation_time: Timestamp,
    /// `PASSED`, `FAILED` or `INDETERMINATE`.
    #[serde(flatten)]
    pub conclusion: TimestampConclusion,
    /// genTime: a claim, unless it passed.
    pub time: Timestamp,
    /// Subject of the certificate of its authority, if it is known.
    pub authority: Option<String>,
    /// Every check.
    pub checks: Vec<Check>,
}

impl TokenReport {
    /// 0 passed, 1 failed, 2 undecided.
    pub fn exit_code(&self) -> u8 {
        self.conclusion.0.severity_code()
    }

    /// The first check that does not hold, in words: what is wrong with it. `None` if it passed.
    pub fn fault(&self) -> Option<String> {
        let failed = self.checks.iter().find(|check| check.outcome == Outcome::Failed);
        match (self.conclusion.0.is_passed(), failed) {
            (true, _) => None,
            (false, Some(check)) => Some(check.detail.clone()),
            (false, None) => Some(self.conclusion.to_string()),
        }
    }
}

impl Conclusion {
    fn severity_code(self) -> u8 {
        match self {
            Conclusion::Passed => 0,
            Conclusion::Failed(_) => 1,
            Conclusion::Indeterminate(_) => 2,
        }
    }
}

/// Reads a token out of a TimeStampResp, or as it is.
///
/// # Errors
/// [`Error::TokenRefused`] if the authority gave none, [`Error::Token`] if it is neither.
pub fn read(bytes: &[u8]) -> Result<TimeStampToken, Error> {
    match TimeStampResponse::from_der(bytes) {
        Ok(TimeStampResponse::Granted { token, .. }) => Ok(token),
        Ok(TimeStampResponse::Refused { status, text, .. }) => {
            Err(Error::TokenRefused { status, text: text.unwrap_or_else(|| "no reason given".into()) })
        }
        Err(as_response) => TimeStampToken::from_ber(bytes).map_err(|_| Error::Token(as_response)),
    }
}

/// Validates a token at the time `at`.
///
/// # Errors
/// Those of [`read`]: what cannot be read as a token has no verdict.
pub fn validate(input: &TokenInput<'_>, at: Timestamp) -> Result<TokenReport, Error> {
    let token = read(input.token)?;
    let mut material = Material::new(input.policy, input.anchors, at);
    token.certificates().iter().chain(input.certificates).for_each(|one| _ = material.add_certificate(one));
    input.crls.iter().for_each(|one| material.add_crl(one));
    input.ocsp_responses.iter().for_each(|one| material.add_ocsp(one));
    let stamped = Some(input.stamped);
    let basic = time_stamp::validate_over(&material, &token, stamped, Object::TimeStamp(0), Conclusion::Passed);
    Ok(TokenReport {
        validation_time: at,
        conclusion: TimestampConclusion(basic.conclusion),
        time: token.time(),
        authority: basic.signer.map(|signer| signer.subject().to_string()),
        checks: basic.checks,
    })
}

#[cfg(test)]
mod tests;
