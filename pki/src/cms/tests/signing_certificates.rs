//! signing-certificate in both versions, RFC 5035.

use super::*;

/// What a message says whose signed attributes are content type, digest and these.
fn message(seal: &Party, attributes: &[Vec<u8>]) -> SignedData {
    let content = DigestAlgorithm::Sha256.digest(CONTENT);
    let all = [
        vec![
            encode_attribute(oid::CONTENT_TYPE, &write::oid(oid::DATA)),
            encode_attribute(oid::MESSAGE_DIGEST, &write::octet_string(content.as_bytes())),
        ],
        attributes.to_vec(),
    ]
    .concat();
    let own =
        SignedAttributes::new(&content, &seal.certificate, seal.key.algorithm()).unwrap().assemble(&[1], &[], None);
    let written = encode_signed_attributes(oid::DATA, &content, &seal.certificate);
    let mut attributes = write::set_of(all);
    attributes[0] = context_constructed(0);
    // The lengths around are indefinite in BER: what is replaced may have any length.
    let before = own.windows(written.len() - 1).position(|window| window == &written[1..]).unwrap() - 1;
    let info = &own[before + written.len()..];
    let signer = &[write::unsigned(1), encode_issuer_and_serial(seal.certificate.issuer(), seal.certificate.serial())];
    let digest = DigestAlgorithm::Sha256.algorithm_identifier_der();
    let info = [&[SEQUENCE, 0x80], &signer.concat()[..], &digest, &attributes, info, &[0, 0]].concat();
    let message = encode_content_info(&write::sequence(&[
        &write::unsigned(1),
        &write::element(SET, &[&digest]),
        &write::sequence(&[&write::oid(oid::DATA)]),
        &encode_certificates(&seal.certificate, &[]),
        &write::element(SET, &[&info]),
    ]));
    SignedData::from_ber(&message).unwrap()
}

fn version_1(certificate: &Certificate) -> Vec<u8> {
    let hash = write::octet_string(DigestAlgorithm::Sha1.digest(certificate.der()).as_bytes());
    encode_attribute(oid::SIGNING_CERTIFICATE, &write::sequence(&[&write::sequence(&[&write::sequence(&[&hash])])]))
}

fn version_2(certificate: &Certificate) -> Vec<u8> {
    let value = signing_certificate_v2(certificate, DigestAlgorithm::Sha256);
    encode_attribute(oid::SIGNING_CERTIFICATE_V2, &value)
}

/// Version 2 by a hash that nobody knows.
fn unknown(certificate: &Certificate) -> Vec<u8> {
    let algorithm = write::algorithm_identifier(oid::DATA, &[]);
    let reference = write::sequence(&[&algorithm, &write::octet_string(certificate.fingerprint().as_bytes())]);
    let value = write::sequence(&[&write::sequence(&[&reference])]);
    encode_attribute(oid::SIGNING_CERTIFICATE_V2, &value)
}

#[test]
fn both_versions_must_mean_the_signer() {
    let (root, seal) = parties(KeyKind::P256);
    let (own, other) = (&seal.certificate, &root.certificate);
    for attributes in [vec![version_1(own)], vec![version_2(own)], vec![version_1(own), version_2(own)]] {
        let message = message(&seal, &attributes);
        message.check_signing_certificate(own).unwrap();
        assert!(!message.signing_certificates().disagree(&[own.clone(), other.clone()]));
    }
    for attributes in [vec![version_1(other), version_2(own)], vec![version_1(own), version_2(other)]] {
        let message = message(&seal, &attributes);
        for certificate in [own, other] {
            let error = message.check_signing_certificate(certificate).unwrap_err();
            let detail = "its two versions refer to different certificates";
            assert!(
                matches!(error, Error::SigningCertificateMismatch { detail: found, .. } if found == detail),
                "{error}"
            );
        }
        assert!(message.signing_certificates().disagree(&[own.clone(), other.clone()]));
        assert!(message.signing_certificates().disagree(std::slice::from_ref(own)));
    }
    let neither = message(&seal, &[version_1(other), version_2(other)]).check_signing_certificate(own).unwrap_err();
    assert!(matches!(neither, Error::SigningCertificateMismatch { .. }), "{neither}");
}

#[test]
fn an_unknown_hash_is_undetermined_and_never_ignored() {
    let (root, seal) = parties(KeyKind::P256);
    let (own, other) = (&seal.certificate, &root.certificate);
    for attributes in [vec![unknown(own)], vec![unknown(own), version_1(own)]] {
        let error = message(&seal, &attributes).check_signing_certificate(own).unwrap_err();
        assert!(error.is_undetermined(), "{error}");
    }
    let contradicted = message(&seal, &[unknown(own), version_1(other)]).check_signing_certificate(own).unwrap_err();
    assert!(!contradicted.is_undetermined(), "{contradicted}");
}

#[test]
fn an_attribute_that_is_there_twice_refers_to_nothing() {
    let (_, seal) = parties(KeyKind::P256);
    let own = &seal.certificate;
    for attributes in [
        vec![version_2(own), version_2(own)],
        vec![version_2(own), version_1(own), version_1(own)],
        vec![version_1(own), write::sequence(&[&write::oid(oid::SIGNING_CERTIFICATE_V2), &write::element(SET, &[])])],
    ] {
        let message = message(&seal, &attributes);
        let error = message.check_signing_certificate(own).unwrap_err();
        assert!(matches!(error, Error::AttributeCount { .. }), "{error}");
        assert!(!message.ambiguous_signed_attributes().is_empty());
    }
    let none = message(&seal, &[]).check_signing_certificate(own).unwrap_err();
    assert!(matches!(none, Error::AttributeCount { found: 0, .. }), "{none}");
}
