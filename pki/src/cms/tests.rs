mod shapes;
mod signing_certificates;

use der::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::testing::{Key, Party, now};
use crate::tsp::{Accuracy, TimeStampToken, TokenAssembler, TokenContent};
use crate::{KeyKind, Scheme, SignatureAlgorithm};

const CONTENT: &[u8] = b"the bytes of the ByteRange";

fn seal_with(
    algorithm: SignatureAlgorithm,
    root: &Party,
    seal: &Party,
    time_stamp: Option<&TimeStampToken>,
) -> Vec<u8> {
    let attributes = SignedAttributes::new(&algorithm.digest.digest(CONTENT), &seal.certificate, algorithm).unwrap();
    let signature = seal.key.sign(algorithm, &attributes.digest());
    attributes.assemble(&signature, &[seal.certificate.clone(), root.certificate.clone()], time_stamp)
}

fn parties(kind: KeyKind) -> (Party, Party) {
    let root = Party::root(KeyKind::P256);
    let seal = root.seal(kind, "05");
    (root, seal)
}

#[test]
fn a_seal_says_and_verifies_what_was_sealed() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Rsa { bits: 2048 }] {
        let (root, seal) = parties(kind);
        let algorithm = seal.key.algorithm();
        let message = SignedData::from_der(&seal_with(algorithm, &root, &seal, None)).unwrap();
        let signer = message.signer_certificate().unwrap();
        assert_eq!(*signer, seal.certificate);
        assert_eq!((message.content_type(), message.has_econtent(), message.signer_count()), (oid::DATA, false, 1));
        assert_eq!(message.content_type_attribute().unwrap(), oid::DATA);
        assert_eq!(message.signature_algorithm().unwrap(), algorithm);
        assert_eq!(message.digest_algorithms(), [algorithm.digest.oid()]);
        assert_eq!(message.certificates().len(), 2);
        assert!(message.signed_attributes_sorted() && message.signed_attributes().len() == 3);
        message.check_message_digest(&algorithm.digest.digest(CONTENT)).unwrap();
        message.check_signing_certificate(signer).unwrap();
        message.verify_signature(signer).unwrap();
    }
}

#[test]
fn pss_seals_verify() {
    let (root, seal) = parties(KeyKind::Rsa { bits: 2048 });
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha256);
    let message = SignedData::from_der(&seal_with(algorithm, &root, &seal, None)).unwrap();
    assert_eq!(message.signature_algorithm().unwrap(), algorithm);
    message.verify_signature(&seal.certificate).unwrap();
}

#[test]
fn another_library_reads_a_seal_and_writes_the_same_octets() {
    let (root, seal) = parties(KeyKind::P256);
    let der = seal_with(seal.key.algorithm(), &root, &seal, Some(&time_stamp(&root)));
    let content_info = cms::content_info::ContentInfo::from_der(&der).unwrap();
    assert_eq!(content_info.to_der().unwrap(), der);
    let theirs: cms::signed_data::SignedData = content_info.content.decode_as().unwrap();
    let written = theirs.to_der().unwrap();
    assert!(der.ends_with(&written));
}

#[test]
fn other_content_and_other_signers_are_told_apart() {
    let (root, seal) = parties(KeyKind::P256);
    let message = SignedData::from_der(&seal_with(seal.key.algorithm(), &root, &seal, None)).unwrap();
    let error = message.check_message_digest(&DigestAlgorithm::Sha256.digest(b"other")).unwrap_err();
    assert!(matches!(error, Error::DigestMismatch { what: "message-digest", .. }), "{error}");
    let error = message.check_message_digest(&DigestAlgorithm::Sha512.digest(CONTENT)).unwrap_err();
    assert!(matches!(error, Error::DigestAlgorithmMismatch { .. }), "{error}");
    let error = message.verify_signature(&root.certificate).unwrap_err();
    assert!(matches!(error, Error::SignatureInvalid { .. }), "{error}");
    let error = message.check_signing_certificate(&root.certificate).unwrap_err();
    assert!(matches!(error, Error::SigningCertificateMismatch { .. }), "{error}");
}

#[test]
fn a_namesake_of_the_signer_certificate_is_not_chosen() {
    let (root, seal) = parties(KeyKind::P256);
    // The same issuer and serial number, and a smaller encoding so that it sorts first or last by chance.
    let namesake = root.seal(KeyKind::P256, "05");
    let attributes =
        SignedAttributes::new(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate, seal.key.algorithm())
            .unwrap();
    let signature = seal.key.sign(seal.key.algorithm(), &attributes.digest());
    let der = attributes.assemble(&signature, &[namesake.certificate.clone(), seal.certificate.clone()], None);
    assert_eq!(SignedData::from_der(&der).unwrap().signer_certificate(), Some(&seal.certificate));
}

#[test]
fn padding_is_counted_and_other_trailing_octets_are_refused() {
    let (root, seal) = parties(KeyKind::P256);
    let der = seal_with(seal.key.algorithm(), &root, &seal, None);
    let padded = SignedData::from_der(&[&der[..], &[0; 99]].concat()).unwrap();
    assert_eq!((padded.padding(), padded.der()), (99, &der[..]));
    assert!(SignedData::from_der(&[&der[..], &[0, 1]].concat()).is_err());
}

#[test]
fn ber_indefinite_length_is_refused_by_name() {
    let error = SignedData::from_der(&[0x30, 0x80, 0x06, 0x01, 0x2a, 0, 0]).unwrap_err();
    assert_eq!(error.to_string(), "CMS message at octet 1: wanted DER, found a BER indefinite length");
}

#[test]
fn what_breaks_the_rules_is_still_read_on_request() {
    let (root, seal) = parties(KeyKind::P256);
    let der = seal_with(seal.key.algorithm(), &root, &seal, None);
    let message = SignedData::from_ber(&[&der[..], &[0, 0, 7, 0]].concat()).unwrap();
    assert_eq!((message.was_ber(), message.padding(), message.trailing_octets()), (false, 2, 2));
    assert_eq!(message.der(), der);
    let (_, content) = der.split_at(4);
    let message = SignedData::from_ber(&[&[0x30, 0x80], content, &[0, 0]].concat()).unwrap();
    assert!(message.was_ber());
    assert_eq!(message.der(), der);
    message.verify_signature(&seal.certificate).unwrap();
}

#[test]
fn sets_that_are_out_of_order_are_read_verified_over_their_der_and_reported() {
    let (root, seal) = parties(KeyKind::P256);
    let content = DigestAlgorithm::Sha256.digest(CONTENT);
    let ordered = encode_signed_attributes(oid::DATA, &content, &seal.certificate);
    let mut reader = crate::asn1::single(&ordered, SET, "test").unwrap().reader();
    let mut elements = Vec::new();
    while !reader.at_end() {
        elements.push(reader.element().unwrap().raw);
    }
    elements.reverse();
    let reversed = write::element(SET, &elements);
    let algorithm = seal.key.algorithm();
    let signature = seal.key.sign(algorithm, &algorithm.digest.digest(&ordered));
    let message = SignedAttributes::new(&content, &seal.certificate, algorithm).unwrap().assemble(
        &signature,
        &[seal.certificate.clone(), root.certificate.clone()],
        None,
    );
    let mut certificates = [seal.certificate.der(), root.certificate.der()];
    certificates.sort_unstable();
    let message = replace(&message, &ordered[1..], &reversed[1..]);
    let message = replace(&message, &certificates.concat(), &[certificates[1], certificates[0]].concat());
    let message = SignedData::from_der(&message).unwrap();
    assert!(!message.signed_attributes_sorted());
    assert_eq!(message.certificates()[0].der(), certificates[1]);
    message.check_message_digest(&content).unwrap();
    message.verify_signature(&seal.certificate).unwrap();
}

fn replace(message: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = message.windows(from.len()).position(|window| window == from).unwrap();
    [&message[..at], to, &message[at + from.len()..]].concat()
}

fn time_stamp(root: &Party) -> TimeStampToken {
    let unit = root.time_stamping_unit(KeyKind::P256, "07");
    let policy = oid::BASELINE_TIME_STAMP_POLICY;
    let assembler =
        TokenAssembler::new(&unit.certificate, &[], unit.key.algorithm(), policy, Accuracy::seconds(1)).unwrap();
    let imprint = DigestAlgorithm::Sha256.digest(b"signature value");
    let serial = "09".parse().unwrap();
    let content = TokenContent { imprint: &imprint, serial: &serial, time: now(), nonce: None, certificates: true };
    let pending = assembler.prepare(content);
    let signature = unit.key.sign(unit.key.algorithm(), &pending.digest());
    TimeStampToken::from_der(&pending.assemble(&signature)).unwrap()
}

#[test]
fn a_time_stamp_goes_into_the_unsigned_attributes() {
    let (root, seal) = parties(KeyKind::P256);
    let token = time_stamp(&root);
    let message = SignedData::from_der(&seal_with(seal.key.algorithm(), &root, &seal, Some(&token))).unwrap();
    assert_eq!(message.signature_time_stamps(), [token]);
    assert!(message.unreadable_time_stamps().is_empty());
    message.verify_signature(&seal.certificate).unwrap();
}

#[test]
fn the_hash_algorithm_of_the_reference_is_left_out_for_sha256_only() {
    let certificate = Party::root(KeyKind::P256).certificate;
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384] {
        let der = signing_certificate_v2(&certificate, algorithm);
        let identifier = algorithm.algorithm_identifier_der();
        let written = der.windows(identifier.len()).any(|window| window == identifier);
        assert_eq!(written, algorithm != DigestAlgorithm::Sha256);
        let references = CertificateReference::read_v2(&der).unwrap();
        assert_eq!(references.len(), 1);
        references[0].check(&certificate).unwrap();
        assert_eq!(references[0].issuer_serial.as_ref().unwrap().1, *certificate.serial());
    }
}

#[test]
fn version_1_references_are_read() {
    let certificate = Party::root(KeyKind::P256).certificate;
    let hash = write::octet_string(DigestAlgorithm::Sha1.digest(certificate.der()).as_bytes());
    let der = write::sequence(&[&write::sequence(&[&write::sequence(&[&hash])])]);
    CertificateReference::read_v1(&der).unwrap()[0].check(&certificate).unwrap();
}

#[test]
fn the_content_digest_must_be_by_the_digest_of_the_signature() {
    let seal = Party::root(KeyKind::P256);
    let error = SignedAttributes::new(&DigestAlgorithm::Sha512.digest(b""), &seal.certificate, seal.key.algorithm());
    assert!(matches!(error, Err(Error::DigestAlgorithmMismatch { .. })));
    let weak = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha1);
    let error = SignedAttributes::new(&DigestAlgorithm::Sha1.digest(b""), &seal.certificate, weak);
    assert!(matches!(error, Err(Error::WeakDigest { .. })));
}

#[test]
fn a_message_without_signed_attributes_is_verified_over_its_content() {
    let (root, seal) = parties(KeyKind::P256);
    let algorithm = seal.key.algorithm();
    let content = algorithm.digest.digest(CONTENT);
    let signer_info = write::sequence(&[
        &write::unsigned(1),
        &encode_issuer_and_serial(seal.certificate.issuer(), seal.certificate.serial()),
        &algorithm.digest.algorithm_identifier_der(),
        &algorithm.algorithm_identifier_der(),
        &write::octet_string(&seal.key.sign(algorithm, &content)),
    ]);
    let message = encode_content_info(&write::sequence(&[
        &write::unsigned(1),
        &write::element(SET, &[&algorithm.digest.algorithm_identifier_der()]),
        &write::sequence(&[&write::oid(oid::DATA)]),
        &encode_certificates(&seal.certificate, &[root.certificate]),
        &write::element(SET, &[&signer_info]),
    ]));
    let message = SignedData::from_der(&message).unwrap();
    message.verify_content_signature(&seal.certificate, &content).unwrap();
    assert!(matches!(message.verify_signature(&seal.certificate), Err(Error::AttributeCount { found: 0, .. })));
    assert!(matches!(message.message_digest(), Err(Error::AttributeCount { found: 0, .. })));
}

#[test]
fn keys_other_than_the_signers_do_not_verify() {
    let (root, seal) = parties(KeyKind::P256);
    let other = Key::generate(KeyKind::P256);
    let attributes =
        SignedAttributes::new(&DigestAlgorithm::Sha256.digest(CONTENT), &seal.certificate, seal.key.algorithm())
            .unwrap();
    let signature = other.sign(other.algorithm(), &attributes.digest());
    let message = SignedData::from_der(&attributes.assemble(&signature, &[root.certificate], None)).unwrap();
    assert!(message.verify_signature(&seal.certificate).is_err());
}

proptest! {
    #[test]
    fn mutated_and_random_octets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        random in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        static SEAL: std::sync::LazyLock<(Party, Vec<u8>)> = std::sync::LazyLock::new(|| {
            let (root, seal) = parties(KeyKind::P256);
            let token = time_stamp(&root);
            let der = seal_with(seal.key.algorithm(), &root, &seal, Some(&token));
            (seal, der)
        });
        let (seal, der) = &*SEAL;
        let mut mutated = der.clone();
        for (index, byte) in changes {
            let index = index.index(mutated.len());
            mutated[index] = byte;
        }
        for input in [&mutated, &random] {
            let _ = SignedData::from_ber(input);
            if let Ok(message) = SignedData::from_der(input) {
                let whole = message.verify_signature(&seal.certificate).is_ok()
                    && message.check_message_digest(&DigestAlgorithm::Sha256.digest(CONTENT)).is_ok();
                if whole {
                    prop_assert!(message.check_signing_certificate(&seal.certificate).is_ok());
                }
                let _ = (message.signature_time_stamps(), message.signer_certificate(), format!("{message:?}"));
            }
        }
    }
}
