//! Cryptographic verification, EN 319 102-1 clause 5.2.7. In: a message, what it is over, the signing certificate. Out: whether
//! the digest and the signature value hold, and what that comes to. Depends on no time.

use pki::{Digest, DigestAlgorithm, Error, KeyHolder, SignedData, SignedForm, X509RsaSignature};

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::report::Check;

/// What a message is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'c> {
    /// These octets, one part after the other.
    Parts([&'c [u8]; 2]),
    /// The SHA-1 of these octets, which the message carries as its content: `adbe.pkcs7.sha1` (ISO 32000-1 12.8.3.3.1).
    Sha1Inside([&'c [u8]; 2]),
}

/// Verifies a signature without a message, `adbe.x509.rsa_sha1` (ISO 32000-1 12.8.3.2). Gives the digest that it is over, too.
pub(crate) fn verify_bare(
    signature: &X509RsaSignature,
    content: Option<[&[u8]; 2]>,
    signer: KeyHolder<'_>,
    checks: &mut Vec<Check>,
) -> (Verification, Option<DigestAlgorithm>) {
    let Some(parts) = content else {
        checks.push(Check::failed(CheckId::DigestHolds, NOT_FOUND));
        let outcome = Err(Conclusion::Indeterminate(Reason::SignedDataNotFound));
        return (Verification { outcome, hash_intact: None, signature_intact: None }, None);
    };
    let found = signature.verify_over(signer, &parts);
    let digest = found.as_ref().ok().copied();
    let finding = check_signature(found.map(|_| ()), signer, checks);
    let intact = fact(&finding);
    let outcome = finding.map(|()| Verified(())).map_err(|(conclusion, _)| conclusion);
    (Verification { outcome, hash_intact: intact.filter(|holds| *holds), signature_intact: intact }, digest)
}

/// Proof that the digest and the signature value of a message hold. It is made in this module and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Verified(());

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    /// An error is what 5.2.7 came to; INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE: it cannot be computed here.
    pub(crate) outcome: Result<Verified, Conclusion>,
    /// `None`: cannot be determined.
    pub(crate) hash_intact: Option<bool>,
    /// `None`: cannot be determined.
    pub(crate) signature_intact: Option<bool>,
}

/// One of the two findings: it holds, or what it comes to and whether that is certain.
type Finding = Result<(), (Conclusion, Option<bool>)>;

/// No part of the file, or more to hash than is done for one file.
const NOT_FOUND: &str = "the signed data cannot be found, or hashing it would take too much work";

const UNDETERMINED: Conclusion = Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe);

/// Compares the digest of `content` with the one that was signed, and verifies the signature value. `content`: `None` if what is
/// signed cannot be found. Without a `signer` only the digest is compared.
pub(crate) fn verify(
    message: &SignedData,
    content: Option<Content<'_>>,
    signer: Option<KeyHolder<'_>>,
    checks: &mut Vec<Check>,
) -> Verification {
    match (message.signed_attributes_der(), content) {
        (None, Some(content)) => verify_without_attributes(message, content, signer, checks),
        _ => verify_with_attributes(message, content, signer, checks),
    }
}

fn verify_with_attributes(
    message: &SignedData,
    content: Option<Content<'_>>,
    signer: Option<KeyHolder<'_>>,
    checks: &mut Vec<Check>,
) -> Verification {
    let hash = check_digest(message, content, checks);
    let signature = match signer {
        Some(signer) => check_signed_attributes(message, signer, checks),
        None => Err((Conclusion::Indeterminate(Reason::NoSigningCertificateFound), None)),
    };
    let outcome = match (&hash, &signature) {
        (Ok(()), Ok(())) => Ok(Verified(())),
        // What is certain stands before what cannot be computed.
        (Err((UNDETERMINED, _)), Err((failed @ Conclusion::Failed(_), _))) => Err(*failed),
        (Err((conclusion, _)), _) | (Ok(()), Err((conclusion, _))) => Err(*conclusion),
    };
    Verification { outcome, hash_intact: fact(&hash), signature_intact: fact(&signature) }
}

/// The signature value is over the content itself (RFC 5652 5.4): one finding says both.
fn verify_without_attributes(
    message: &SignedData,
    content: Content<'_>,
    signer: Option<KeyHolder<'_>>,
    checks: &mut Vec<Check>,
) -> Verification {
    let inside = match content {
        Content::Parts(_) => Ok(()),
        Content::Sha1Inside(parts) => check_sha1_inside(message, parts, checks),
    };
    let parts = match content {
        Content::Parts(parts) => parts,
        Content::Sha1Inside(_) => [message.content().unwrap_or_default(), &[]],
    };
    let signature = match signer {
        Some(signer) => check_signature(message.verify_over(signer, &parts).map(|_| ()), signer, checks),
        None => Err((Conclusion::Indeterminate(Reason::NoSigningCertificateFound), None)),
    };
    let hash_intact = match (fact(&inside), fact(&signature)) {
        (Some(true), Some(true)) => Some(true),
        (Some(false), _) => Some(false),
        _ => None,
    };
    let outcome = match (&inside, &signature) {
        (Ok(()), Ok(())) => Ok(Verified(())),
        (Err((conclusion, _)), _) | (Ok(()), Err((conclusion, _))) => Err(*conclusion),
    };
    Verification { outcome, hash_intact, signature_intact: fact(&signature) }
}

fn fact(finding: &Finding) -> Option<bool> {
    match finding {
        Ok(()) => Some(true),
        Err((_, fact)) => *fact,
    }
}

fn check_digest(message: &SignedData, content: Option<Content<'_>>, checks: &mut Vec<Check>) -> Finding {
    let check = CheckId::DigestHolds;
    let parts = match content {
        None => {
            checks.push(Check::failed(check, NOT_FOUND));
            return Err((Conclusion::Indeterminate(Reason::SignedDataNotFound), None));
        }
        Some(Content::Parts(parts)) => parts,
        Some(Content::Sha1Inside(parts)) => {
            check_sha1_inside(message, parts, checks)?;
            [message.content().unwrap_or_default(), &[]]
        }
    };
    match message.message_digest() {
        Ok(signed) => compare(&signed, &signed.algorithm().digest_parts(parts), checks),
        Err(error) => Err(undetermined(check, &error, checks, Failure::HashFailure)),
    }
}

fn check_sha1_inside(message: &SignedData, parts: [&[u8]; 2], checks: &mut Vec<Check>) -> Finding {
    match Digest::new(DigestAlgorithm::Sha1, message.content().unwrap_or_default()) {
        Ok(signed) => compare(&signed, &DigestAlgorithm::Sha1.digest_parts(parts), checks),
        Err(error) => Err(undetermined(CheckId::DigestHolds, &error, checks, Failure::HashFailure)),
    }
}

fn compare(signed: &Digest, computed: &Digest, checks: &mut Vec<Check>) -> Finding {
    let check = CheckId::DigestHolds;
    if computed == signed {
        checks.push(Check::passed(check, format!("{} {signed}", signed.algorithm())));
        return Ok(());
    }
    checks.push(Check::failed(check, difference(signed, computed)));
    Err((Conclusion::Failed(Failure::HashFailure), Some(false)))
}

/// What was wanted and what was found.
pub(crate) fn difference(signed: &Digest, computed: &Digest) -> String {
    let algorithm: DigestAlgorithm = signed.algorithm();
    format!("wanted {algorithm} {signed}; the data has {computed}")
}

/// The signature is over the DER of the attributes (RFC 5652 5.4). Some programs sign what they send although it is not DER, and
/// some verify that: it is told, and does not hold.
fn check_signed_attributes(message: &SignedData, signer: KeyHolder<'_>, checks: &mut Vec<Check>) -> Finding {
    match message.verify_signed_attributes(signer) {
        Ok(SignedForm::AsSent) => {
            let detail = "it is over the signed attributes as they were sent, and not over their DER (RFC 5652 5.4)";
            checks.push(Check::failed(CheckId::SignatureHolds, detail));
            Err((Conclusion::Failed(Failure::SigCryptoFailure), Some(false)))
        }
        verified => check_signature(verified.map(|_| ()), signer, checks),
    }
}

fn check_signature(verified: Result<(), Error>, signer: KeyHolder<'_>, checks: &mut Vec<Check>) -> Finding {
    let check = CheckId::SignatureHolds;
    match verified {
        Ok(()) => {
            checks.push(Check::passed(check, format!("a {} key", signer.certificate().public_key().kind())));
            Ok(())
        }
        Err(error) => Err(undetermined(check, &error, checks, Failure::SigCryptoFailure)),
    }
}

/// What cannot be computed here says nothing about the signature, neither that it holds nor that it does not.
fn undetermined(
    check: CheckId,
    error: &Error,
    checks: &mut Vec<Check>,
    failure: Failure,
) -> (Conclusion, Option<bool>) {
    if error.is_undetermined() {
        checks.push(Check::failed(check, format!("it cannot be verified here: {error}")));
        return (UNDETERMINED, None);
    }
    checks.push(Check::failed(check, error.to_string()));
    (Conclusion::Failed(failure), Some(false))
}
