//! Messages of other shapes than those made here: what others wrote, and what is allowed.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::*;
use crate::PublicKey;

/// A message by hand: its eContent, SignerIdentifier, signed attributes (as sent, with tag [0]), signature algorithm, value.
struct Message<'a> {
    content: Option<&'a [u8]>,
    identifier: Option<Vec<u8>>,
    attributes: Vec<u8>,
    algorithm: SignatureAlgorithm,
    signature: Vec<u8>,
}

impl Message<'_> {
    fn signer_info(&self, signer: &Certificate) -> Vec<u8> {
        let by_name = || encode_issuer_and_serial(signer.issuer(), signer.serial());
        write::sequence(&[
            &write::unsigned(1),
            &self.identifier.clone().unwrap_or_else(by_name),
            &self.algorithm.digest.algorithm_identifier_der(),
            &self.attributes,
            &self.algorithm.cms_algorithm_identifier_der(),
            &write::octet_string(&self.signature),
        ])
    }

    fn build(&self, signer: &Certificate) -> Vec<u8> {
        self.build_with(signer, &[self.signer_info(signer)])
    }

    fn build_with(&self, signer: &Certificate, infos: &[Vec<u8>]) -> Vec<u8> {
        let content = self.content.map(|content| write::explicit(0, &write::octet_string(content)));
        let infos: Vec<_> = infos.iter().map(Vec::as_slice).collect();
        encode_content_info(&write::sequence(&[
            &write::unsigned(1),
            &write::element(SET, &[&self.algorithm.digest.algorithm_identifier_der()]),
            &write::sequence(&[&write::oid(oid::DATA), &content.unwrap_or_default()]),
            &encode_certificates(signer, &[]),
            &write::element(SET, &infos),
        ]))
    }
}

fn attributes(content: &Digest, signer: &Certificate) -> Vec<Vec<u8>> {
    vec![
        encode_attribute(oid::CONTENT_TYPE, &write::oid(oid::DATA)),
        encode_attribute(oid::MESSAGE_DIGEST, &write::octet_string(content.as_bytes())),
        encode_attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate_v2(signer, content.algorithm())),
    ]
}

fn implicit(set: &[u8]) -> Vec<u8> {
    [&[context_constructed(0)], &set[1..]].concat()
}

fn set(elements: &[Vec<u8>]) -> Vec<u8> {
    write::element(SET, &elements.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// A message whose signature is over `signed`, and whose attributes stand as `sent`.
fn over(seal: &Party, sent: &[u8], signed: &[u8]) -> Vec<u8> {
    let algorithm = seal.key.algorithm();
    let signature = seal.key.sign(algorithm, &algorithm.digest.digest(signed));
    Message { content: None, identifier: None, attributes: implicit(sent), algorithm, signature }
        .build(&seal.certificate)
}

#[test]
fn attributes_out_of_order_hold_as_der_or_as_sent_and_it_is_told_which() {
    let (_, seal) = parties(KeyKind::P256);
    let elements = attributes(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate);
    let der = write::set_of(elements.clone());
    let mut reversed = elements.clone();
    reversed.sort();
    reversed.reverse();
    let sent = set(&reversed);
    for (signed, form) in [(&der, SignedForm::Der), (&sent, SignedForm::AsSent)] {
        let message = SignedData::from_der(&over(&seal, &sent, signed)).unwrap();
        assert_eq!(message.verify_over(&seal.certificate, &[CONTENT]).unwrap(), form);
        assert!(message.verify_over(&seal.certificate, &[b"another"]).is_err());
    }
    let other = SignedData::from_der(&over(&seal, &sent, &set(&reversed[1..]))).unwrap();
    assert!(matches!(other.verify_signature(&seal.certificate), Err(Error::SignatureInvalid { .. })));
}

#[test]
fn attributes_in_ber_hold_as_der_or_as_sent() {
    let (_, seal) = parties(KeyKind::P256);
    let der = write::set_of(attributes(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate));
    let content = &der[3..];
    let lengths = [&[SET, 0x82, 0][..], &[der[2]], content].concat();
    let endless = [&[SET, 0x80], content, &[0, 0]].concat();
    assert!(der[1] == 0x81, "the attributes take one octet of length");
    for sent in [lengths, endless] {
        for (signed, form) in [(&der, SignedForm::Der), (&sent, SignedForm::AsSent)] {
            let message = SignedData::from_ber(&over(&seal, &sent, signed)).unwrap();
            assert!(message.was_ber());
            assert_eq!(message.verify_over(&seal.certificate, &[CONTENT]).unwrap(), form);
        }
        let message = SignedData::from_ber(&over(&seal, &sent, b"something else")).unwrap();
        assert!(message.verify_over(&seal.certificate, &[CONTENT]).is_err());
    }
}

#[test]
fn a_signature_over_the_content_itself_holds_for_that_content_only() {
    for kind in [KeyKind::P256, KeyKind::Rsa { bits: 2048 }] {
        let (_, seal) = parties(kind);
        let algorithm = seal.key.algorithm();
        let signature = seal.key.sign(algorithm, &algorithm.digest.digest(CONTENT));
        let message = Message { content: None, identifier: None, attributes: Vec::new(), algorithm, signature };
        let message = SignedData::from_der(&message.build(&seal.certificate)).unwrap();
        let (before, after) = CONTENT.split_at(5);
        assert_eq!(message.verify_over(&seal.certificate, &[before, after]).unwrap(), SignedForm::Content);
        let other = message.verify_over(&seal.certificate, &[after, before]).unwrap_err();
        assert!(matches!(other, Error::SignatureInvalid { .. }), "{other}");
    }
}

#[test]
fn the_digest_of_a_range_as_content_holds_with_attributes_and_without() {
    let (_, seal) = parties(KeyKind::P256);
    let algorithm = seal.key.algorithm();
    let range = DigestAlgorithm::Sha1.digest(CONTENT);
    let inside = algorithm.digest.digest(range.as_bytes());
    let attributes = write::set_of(attributes(&inside, &seal.certificate));
    for (attributes, signed) in [(implicit(&attributes), algorithm.digest.digest(&attributes)), (Vec::new(), inside)] {
        let signature = seal.key.sign(algorithm, &signed);
        let message = Message { content: Some(range.as_bytes()), identifier: None, attributes, algorithm, signature };
        let message = SignedData::from_der(&message.build(&seal.certificate)).unwrap();
        message.verify_over_own_content(&seal.certificate).unwrap();
        assert_eq!(message.encapsulated_sha1().unwrap(), range);
        assert!(message.verify_over(&seal.certificate, &[CONTENT]).is_err());
    }
    let empty = SignedData::from_der(&over(&seal, &attributes, &attributes)).unwrap();
    assert!(matches!(empty.encapsulated_sha1(), Err(Error::EncapsulatedDigest { found: 0 })));
    assert!(empty.verify_over_own_content(&seal.certificate).is_err());
}

#[test]
fn ed25519_signs_whole_attributes_and_whole_contents() {
    let root = Party::root(KeyKind::P256);
    let pair = Ed25519KeyPair::generate().unwrap();
    let algorithm = SignatureAlgorithm::new(Scheme::Ed25519, DigestAlgorithm::Sha512);
    let spki = write::sequence(&[
        &write::algorithm_identifier(oid::ED25519, &[]),
        &write::bit_string(pair.public_key().as_ref()),
    ]);
    let template = crate::CertificateTemplate {
        serial: "05".parse().unwrap(),
        issuer: root.certificate.subject().clone(),
        subject: root.certificate.subject().clone(),
        public_key: PublicKey::from_spki_der(&spki).unwrap(),
        not_before: now(),
        not_after: now(),
        extensions: Vec::new(),
    };
    let to_be_signed = template.to_be_signed(root.key.algorithm()).unwrap();
    let signature = root.key.sign(root.key.algorithm(), &to_be_signed.digest());
    let signer = Certificate::from_der(&to_be_signed.signed(&signature)).unwrap();
    let attributes = write::set_of(attributes(&DigestAlgorithm::Sha512.digest(CONTENT), &signer));
    for (attributes, signed, form) in
        [(implicit(&attributes), attributes.as_slice(), SignedForm::Der), (Vec::new(), CONTENT, SignedForm::Content)]
    {
        let signature = pair.sign(signed).as_ref().to_vec();
        let message = Message { content: None, identifier: None, attributes, algorithm, signature }.build(&signer);
        let message = SignedData::from_der(&message).unwrap();
        assert_eq!(message.verify_over(&signer, &[CONTENT]).unwrap(), form);
        assert!(message.verify_over(&signer, &[b"another"]).is_err());
    }
}

#[test]
fn a_signer_is_named_by_its_key_in_one_piece_or_several() {
    let (_, seal) = parties(KeyKind::P256);
    let key = seal.certificate.subject_key_identifier().unwrap();
    let attributes = write::set_of(attributes(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate));
    let algorithm = seal.key.algorithm();
    let signature = seal.key.sign(algorithm, &algorithm.digest.digest(&attributes));
    let pieces =
        write::element(context_constructed(0), &[&write::octet_string(&key[..7]), &write::octet_string(&key[7..])]);
    for identifier in [write::element(crate::asn1::context(0), &[&key]), pieces] {
        let attributes = implicit(&attributes);
        let message = Message {
            content: None,
            identifier: Some(identifier),
            attributes,
            algorithm,
            signature: signature.clone(),
        };
        let message = SignedData::from_ber(&message.build(&seal.certificate)).unwrap();
        assert_eq!(message.signer_certificate(), Some(&seal.certificate));
        message.verify_over(&seal.certificate, &[CONTENT]).unwrap();
    }
}

#[test]
fn several_signers_and_repeated_attributes_are_told() {
    let (_, seal) = parties(KeyKind::P256);
    let algorithm = seal.key.algorithm();
    let mut elements = attributes(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate);
    assert!(SignedData::from_der(&over(&seal, &set(&elements), &[])).unwrap().ambiguous_signed_attributes().is_empty());
    elements.push(elements[1].clone());
    elements.push(write::sequence(&[&write::oid(oid::SIGNING_TIME), &write::element(SET, &[])]));
    let message = Message {
        content: None,
        identifier: None,
        attributes: implicit(&set(&elements)),
        algorithm,
        signature: vec![1],
    };
    let info = message.signer_info(&seal.certificate);
    let message = SignedData::from_der(&message.build_with(&seal.certificate, &[info.clone(), info])).unwrap();
    assert_eq!(message.signer_count(), 2);
    assert_eq!(message.ambiguous_signed_attributes(), [oid::MESSAGE_DIGEST, oid::SIGNING_TIME]);
    assert!(matches!(message.message_digest(), Err(Error::AttributeCount { found: 2, .. })));
}

#[test]
fn an_octet_string_with_a_signature_holds_with_the_digest_that_was_used() {
    let (_, seal) = parties(KeyKind::Rsa { bits: 2048 });
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha384);
    let signature = seal.key.sign(algorithm, &DigestAlgorithm::Sha384.digest(CONTENT));
    let der = write::octet_string(&signature);
    let pieces =
        [&[0x24, 0x80], &write::octet_string(&signature[..100])[..], &write::octet_string(&signature[100..]), &[0, 0]];
    for contents in [der.clone(), [&der[..], &[0; 30]].concat(), pieces.concat()] {
        let read = X509RsaSignature::from_ber(&contents).unwrap();
        assert_eq!((read.value(), read.trailing_octets()), (&signature[..], 0));
        let (before, after) = CONTENT.split_at(7);
        assert_eq!(read.verify_over(&seal.certificate, &[before, after]).unwrap(), DigestAlgorithm::Sha384);
        assert!(matches!(read.verify_over(&seal.certificate, &[after]), Err(Error::SignatureInvalid { .. })));
        let (_, other) = parties(KeyKind::P256);
        assert!(matches!(read.verify_over(&other.certificate, &[CONTENT]), Err(Error::KeyUnfit { .. })));
    }
    assert_eq!(X509RsaSignature::from_ber(&[&der[..], &[0, 0, 7]].concat()).unwrap().trailing_octets(), 1);
    assert!(X509RsaSignature::from_ber(&write::sequence(&[&der])).is_err());
}

#[test]
fn a_hundred_thousand_attributes_certificates_and_levels_take_no_seconds() {
    let (_, seal) = parties(KeyKind::P256);
    let many: Vec<_> = (0..100_000_u64).map(|number| encode_attribute(oid::DATA, &write::unsigned(number))).collect();
    let message = SignedData::from_ber(&over(&seal, &set(&many), &[])).unwrap();
    assert_eq!(message.ambiguous_signed_attributes(), [oid::DATA]);
    assert!(message.verify_signature(&seal.certificate).is_err());
    let pieces = [&[0x24, 0x80][..], &[4, 1, 7].repeat(1_000_000), &[0, 0]].concat();
    assert_eq!(X509RsaSignature::from_ber(&pieces).unwrap().value().len(), 1_000_000);
    let deep = [[0x30, 0x80].repeat(1_000_000), vec![0; 2_000_000]].concat();
    assert!(SignedData::from_ber(&deep).is_err());
}

#[test]
fn the_time_stamps_are_read_once() {
    let (root, seal) = parties(KeyKind::P256);
    let token = time_stamp(&root);
    let message = SignedData::from_der(&seal_with(seal.key.algorithm(), &root, &seal, Some(&token))).unwrap();
    assert!(std::ptr::eq(message.time_stamps(), message.clone().time_stamps()));
    assert_eq!(message.time_stamps(), [Ok(token)]);
}
