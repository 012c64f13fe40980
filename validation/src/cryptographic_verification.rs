//! Cryptographic verification, EN 319 102-1 clause 5.2.7. In: a message, what it is over, the signing certificate. Out: whether
//! the digest and the signature value hold, and what that comes to. Depends on no time.

use pki::{Certificate, Digest, DigestAlgorithm, Error, SignedData};

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::report::Check;

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    pub(crate) conclusion: Conclusion,
    /// `None`: cannot be determined.
    pub(crate) hash_intact: Option<bool>,
    /// `None`: cannot be determined.
    pub(crate) signature_intact: Option<bool>,
}

/// Compares the digest of `content` with the one that was signed, and verifies the signature value. `content`: the parts that
/// are signed, `None` if they cannot be found. Without a `signer` only the digest is compared.
pub(crate) fn verify(
    message: &SignedData,
    content: Option<[&[u8]; 2]>,
    signer: Option<&Certificate>,
    checks: &mut Vec<Check>,
) -> Verification {
    let (hash, hash_intact) = check_digest(message, content, checks);
    let (signature, signature_intact) = match signer {
        Some(signer) => check_signature(message, signer, checks),
        None => (Conclusion::Indeterminate(Reason::NoSigningCertificateFound), None),
    };
    let conclusion = if hash.is_passed() { signature } else { hash };
    Verification { conclusion, hash_intact, signature_intact }
}

fn check_digest(
    message: &SignedData,
    content: Option<[&[u8]; 2]>,
    checks: &mut Vec<Check>,
) -> (Conclusion, Option<bool>) {
    let check = CheckId::DigestHolds;
    let Some(parts) = content else {
        checks.push(Check::failed(check, "the signed data cannot be found"));
        return (Conclusion::Indeterminate(Reason::SignedDataNotFound), None);
    };
    let signed = match message.message_digest() {
        Ok(signed) => signed,
        Err(error) => return undetermined(check, &error, checks, Failure::HashFailure),
    };
    let computed = signed.algorithm().digest_parts(parts);
    if computed == signed {
        checks.push(Check::passed(check, format!("{} {signed}", signed.algorithm())));
        return (Conclusion::Passed, Some(true));
    }
    checks.push(Check::failed(check, difference(&signed, &computed)));
    (Conclusion::Failed(Failure::HashFailure), Some(false))
}

/// What was wanted and what was found.
pub(crate) fn difference(signed: &Digest, computed: &Digest) -> String {
    let algorithm: DigestAlgorithm = signed.algorithm();
    format!("wanted {algorithm} {signed}; the data has {computed}")
}

fn check_signature(message: &SignedData, signer: &Certificate, checks: &mut Vec<Check>) -> (Conclusion, Option<bool>) {
    let check = CheckId::SignatureHolds;
    match message.verify_signature(signer) {
        Ok(()) => {
            checks.push(Check::passed(check, format!("a {} key", signer.public_key().kind())));
            (Conclusion::Passed, Some(true))
        }
        Err(error) => undetermined(check, &error, checks, Failure::SigCryptoFailure),
    }
}

/// An algorithm that is not offered here says nothing about the signature; that it is not in the suite does.
fn undetermined(
    check: CheckId,
    error: &Error,
    checks: &mut Vec<Check>,
    failure: Failure,
) -> (Conclusion, Option<bool>) {
    let unknown_key = matches!(error, Error::KeyUnfit { kind: pki::KeyKind::Other(_), .. });
    let unknown =
        unknown_key || matches!(error, Error::UnsupportedAlgorithm { .. } | Error::UnsupportedParameters { .. });
    checks.push(Check::failed(check, error.to_string()));
    match unknown {
        true => (Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe), None),
        false => (Conclusion::Failed(failure), Some(false)),
    }
}
