//! Rules G7, C1, C3, C4 and C5: the CMS in /Contents, EN 319 142-1 clause 6.3. In: a signature as its own revision shows it.
//! Out: a line for each rule. Whether digest and signature value hold is judged elsewhere.

use pades::{Signature, SignatureKind};
use pki::{Error, KeyKind, Scheme, SignedData, oid};

use super::subject::Subject;
use crate::check::CheckId::{C1, C3, C4, C5, G7};
use crate::policy::Policy;
use crate::report::Check;

/// G7, C1, C3, C4, C5.
pub(super) fn checks(subject: &Subject, message: Option<&Result<SignedData, Error>>, policy: &Policy) -> Vec<Check> {
    let rules = [G7, C1, C3, C4, C5];
    let (Some(signature), Some(message)) = (&subject.signature, message) else {
        return rules.map(|rule| rule.ignored("there is no readable signature")).to_vec();
    };
    let offset = signature.contents_offset.start;
    match message {
        Ok(message) => vec![
            padding(message, offset, policy),
            one_detached_signer(message, signature, offset),
            baseline_attributes(message, signature, offset, policy),
            attribute_order(message, offset, policy),
            algorithms(message, offset),
        ],
        Err(error) if matches!(&signature.kind, SignatureKind::Other(name) if name == "adbe.x509.rsa_sha1") => {
            rules.map(|rule| rule.ignored(format!("no CMS message: {error}"))).to_vec()
        }
        Err(error) => {
            let mut checks = vec![G7.ignored("the message cannot be read"), C1.failed(Some(offset), error.to_string())];
            checks.extend([C3, C4, C5].map(|rule| rule.ignored("the message cannot be read")));
            checks
        }
    }
}

/// G7: DER, then zeros to the end of the token; no second ContentInfo. BER says the same in other bytes, if nothing follows it.
fn padding(message: &SignedData, offset: usize, policy: &Policy) -> Check {
    let length = message.der().len();
    match message.trailing_octets() {
        0 if message.was_ber() => {
            G7.anomaly(policy, offset, "wanted DER, found BER (indefinite or long lengths) and zeros")
        }
        0 => G7.passed(Some(offset), format!("{length} bytes of DER, {} zeros", message.padding())),
        found if message.was_ber() => {
            G7.failed(Some(offset), format!("{found} bytes other than zeros after the message"))
        }
        found => {
            let place = offset + 1 + 2 * (length + message.padding());
            G7.failed(Some(place), format!("wanted zeros after {length} bytes of DER, found {found} other bytes"))
        }
    }
}

/// C1: one SignerInfo; content-type id-data without content, in a time-stamp id-ct-TSTInfo with it; message-digest once.
fn one_detached_signer(message: &SignedData, signature: &Signature, offset: usize) -> Check {
    let stamp = signature.kind == SignatureKind::DocumentTimeStamp;
    let expected = if stamp { oid::TST_INFO } else { oid::DATA };
    let enveloped = matches!(&signature.kind, SignatureKind::Other(name) if name == "adbe.pkcs7.sha1");
    let fault = if message.signer_count() != 1 {
        format!("wanted one SignerInfo, found {}", message.signer_count())
    } else if message.has_econtent() != (stamp || enveloped) {
        format!("eContent is {}", if message.has_econtent() { "there" } else { "missing" })
    } else if message.content_type() != expected {
        format!("wanted content type {expected}, found {}", message.content_type())
    } else if message.signed_attributes_der().is_none() {
        return match signature.kind {
            SignatureKind::Other(_) => C1.warning(Some(offset), "no signed attributes"),
            _ => C1.failed(Some(offset), "wanted signed attributes, found none"),
        };
    } else if message.content_type_attribute() != Ok(expected) {
        format!("wanted the content-type attribute {expected} once")
    } else if let Err(error) = message.signed_attribute(oid::MESSAGE_DIGEST, "message-digest") {
        error.to_string()
    } else {
        return C1.passed(Some(offset), format!("one signer, content type {expected}"));
    };
    C1.failed(Some(offset), fault)
}

/// C3: /M and no signing-time attribute; no /Cert; no /Reason beside a commitment or a signature policy.
fn baseline_attributes(message: &SignedData, signature: &Signature, offset: usize, policy: &Policy) -> Check {
    let has = |identifier| message.signed_attributes().iter().any(|attribute| attribute.oid == identifier);
    let dictionary = &signature.dictionary;
    let place = dictionary.token.start;
    let at = Some(place);
    if let SignatureKind::Other(_) = signature.kind {
        return C3.ignored("the signature does not claim to be PAdES baseline");
    }
    if dictionary.entry("Cert").is_some() {
        return C3.anomaly(policy, place, "wanted no /Cert in the signature dictionary, found one");
    }
    if signature.kind == SignatureKind::DocumentTimeStamp {
        return C3.passed(at, "no /Cert; the time of a document time-stamp is its own");
    }
    if has(oid::SIGNING_TIME) {
        return C3.anomaly(policy, offset, "wanted no signing-time attribute, found one");
    }
    if signature.signing_time_claim.is_none() {
        return C3.anomaly(policy, place, "wanted /M in the signature dictionary, found none");
    }
    if dictionary.entry("Reason").is_some() && (has(oid::COMMITMENT_TYPE) || has(oid::SIGNATURE_POLICY_IDENTIFIER)) {
        return C3.anomaly(
            policy,
            place,
            "wanted no /Reason beside a commitment type or a signature policy, found one",
        );
    }
    C3.passed(at, format!("/M {}", signature.signing_time_claim.as_deref().unwrap_or_default()))
}

/// C4: the SET of signed attributes as DER orders it. Some readers refuse other orders; the signature covers the order it has.
fn attribute_order(message: &SignedData, offset: usize, policy: &Policy) -> Check {
    let detail = format!("{} signed attributes", message.signed_attributes().len());
    match message.signed_attributes_sorted() {
        true => C4.passed(Some(offset), detail),
        false => C4.anomaly(policy, offset, format!("{detail}, in another order than that of DER")),
    }
}

/// C5: the digest algorithm is announced, that of the signature is the same, the key is of its kind, and the algorithms are
/// those that cms-algorithm-protection names (RFC 6211).
fn algorithms(message: &SignedData, offset: usize) -> Check {
    let digest = message.digest_algorithm_oid();
    if !message.digest_algorithms().contains(&digest) {
        return C5.failed(Some(offset), format!("{digest} is not among the digestAlgorithms of the message"));
    }
    if let Err(error) = message.check_algorithm_protection() {
        return C5.failed(Some(offset), error.to_string());
    }
    let (digest, signature) = match (message.digest_algorithm(), message.signature_algorithm()) {
        (Ok(digest), Ok(signature)) => (digest, signature),
        (Err(error), _) | (_, Err(error)) => return C5.warning(Some(offset), error.to_string()),
    };
    if signature.digest != digest {
        return C5.failed(Some(offset), format!("the digest is {digest}, the signature is over {}", signature.digest));
    }
    let key = message.signer_certificate().map(|certificate| certificate.public_key().kind());
    let rsa = matches!(signature.scheme, Scheme::RsaPkcs1 | Scheme::RsaPss);
    match key {
        Some(kind) if matches!(kind, KeyKind::Rsa { .. }) != rsa => {
            C5.failed(Some(offset), format!("the key is {kind}, the signature {:?}", signature.scheme))
        }
        _ => C5.passed(Some(offset), format!("{digest}, {:?}", signature.scheme)),
    }
}
