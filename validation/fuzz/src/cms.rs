//! The target `cms`: RFC 5652, as DER and as BER. In: any bytes. Out: a panic if a message that was read contradicts itself.

use pki::{SignedData, SignerIdentifier};

use crate::{certificate, tsp};

/// One input.
pub fn check(bytes: &[u8]) {
    if let Ok(message) = SignedData::from_der(bytes) {
        assert!(!message.was_ber() && message.trailing_octets() == 0);
        assert!(bytes.starts_with(message.der()), "DER keeps its octets");
        assert!(bytes[message.der().len()..].iter().all(|octet| *octet == 0));
        assert_eq!(bytes.len(), message.der().len() + message.padding());
        walk(&message);
    }
    if let Ok(message) = SignedData::from_ber(bytes) {
        let rest = message.padding() + message.trailing_octets();
        assert!(message.was_ber() || bytes.starts_with(message.der()), "what was DER keeps its octets");
        assert!(message.was_ber() || bytes.len() == message.der().len() + rest);
        assert!(message.der().len() <= 2 * bytes.len() + 16, "conversion does not blow up");
        walk(&message);
    }
}

/// Reads the message again and asks for everything.
pub fn walk(message: &SignedData) {
    let again = SignedData::from_der(message.der()).expect("what was read is DER");
    assert_eq!((&again, again.padding()), (message, 0));
    assert!(message.signer_count() >= 1);
    assert_eq!(message.has_econtent(), message.content().is_some());
    assert!(message.content().is_none_or(|content| content.len() < message.der().len()));
    assert!(message.signature_value().len() < message.der().len());
    assert_eq!(message.signed_attributes_der().is_none(), again.signed_attributes_der().is_none());
    assert!(message.signed_attributes_der().is_none_or(|attributes| attributes.starts_with(&[0x31])));
    assert!(message.signed_attributes_der().is_some() || message.signed_attributes().is_empty());
    attributes(message);
    judge(message);
    certificate::walk_all(message.certificates());
    for token in message.signature_time_stamps() {
        tsp::walk_token(&token, 0);
    }
    let _ = (message.unreadable_time_stamps(), format!("{message:?}"), message.signer_identifier().to_string());
    let _ = (message.version(), message.has_crls(), message.digest_algorithms().len());
    let _ = (message.digest_algorithm_oid().to_string(), message.unreadable_certificates());
    if let SignerIdentifier::IssuerAndSerial { issuer, serial } = message.signer_identifier() {
        certificate::walk_name(issuer);
        certificate::walk_serial(serial);
    }
}

/// An attribute that must be there once is found if, and only if, it is there once with one value.
fn attributes(message: &SignedData) {
    for attribute in message.signed_attributes() {
        let same = message.signed_attributes().iter().filter(|other| other.oid == attribute.oid).count();
        let found = message.signed_attribute(attribute.oid, "any");
        assert_eq!(found.is_ok(), same == 1 && attribute.values.len() == 1);
        assert!(found.is_err() || found == Ok(&attribute.values[0]));
    }
    assert!(message.unsigned_attributes().iter().all(|one| one.values.iter().all(|value| !value.is_empty())));
    if let Ok(digest) = message.message_digest() {
        assert_eq!(message.digest_algorithm(), Ok(digest.algorithm()));
        assert_eq!(message.check_message_digest(&digest), Ok(()));
    }
}

fn judge(message: &SignedData) {
    let _ = (message.check_algorithm_protection(), message.content_type_attribute());
    let references = message.signing_certificate_references();
    let content = message.digest_algorithm().map(|algorithm| algorithm.digest(message.content().unwrap_or_default()));
    for signer in message.certificates().iter().take(4) {
        let refers = references.as_ref().is_ok_and(|all| all.first().is_some_and(|one| one.check(signer).is_ok()));
        assert_eq!(message.check_signing_certificate(signer).is_ok(), refers);
        assert!(message.verify_signature(signer).is_err() || message.signed_attributes_der().is_some());
        if let Ok(content) = &content {
            let direct = message.verify_content_signature(signer, content);
            assert!(direct.is_err() || message.signed_attributes_der().is_none(), "only one of both is signed");
        }
    }
    if let Some(signer) = message.signer_certificate() {
        assert!(message.signer_identifier().names(signer) && message.certificates().contains(signer));
    }
}
