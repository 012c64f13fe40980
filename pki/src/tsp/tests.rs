use der::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::asn1::write;
use crate::testing::{Party, now};
use crate::{Digest, DigestAlgorithm, Error, KeyKind, ObjectIdentifier, SerialNumber, SignatureAlgorithm, oid};

struct Unit {
    root: Party,
    unit: Party,
    assembler: TokenAssembler,
}

fn unit(kind: KeyKind) -> Unit {
    let root = Party::root(KeyKind::P256);
    let unit = root.time_stamping_unit(kind, "07");
    let policy = ObjectIdentifier::new("2.25.329800735698586629295641978511506172918.3").unwrap();
    let chain = [unit.certificate.clone(), root.certificate.clone()];
    let accuracy = Accuracy::seconds(1);
    let assembler = TokenAssembler::new(&unit.certificate, &chain, unit.key.algorithm(), policy, accuracy).unwrap();
    Unit { root, unit, assembler }
}

fn token(unit: &Unit, content: TokenContent<'_>) -> Vec<u8> {
    let pending = unit.assembler.prepare(content);
    let signature = unit.unit.key.sign(unit.assembler.algorithm(), &pending.digest());
    pending.assemble(&signature)
}

fn content<'a>(imprint: &'a Digest, serial: &'a SerialNumber) -> TokenContent<'a> {
    TokenContent { imprint, serial, time: now(), nonce: Some(&[0x12, 0x34]), certificates: true }
}

#[test]
fn a_token_attests_what_was_asked() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa { bits: 2048 }] {
        let unit = unit(kind);
        let (imprint, serial) = (DigestAlgorithm::Sha512.digest(b"document"), "0102".parse().unwrap());
        let token = TimeStampToken::from_der(&token(&unit, content(&imprint, &serial))).unwrap();
        let info = token.info();
        assert_eq!((info.time, &info.imprint, &info.serial), (now(), &imprint, &serial));
        assert_eq!((info.accuracy, info.ordering), (Some(Accuracy::seconds(1)), false));
        assert_eq!(info.nonce.as_deref(), Some(&[0x12, 0x34][..]));
        assert!(info.policy.to_string().starts_with("2.25.3298"));
        assert_eq!(token.certificates().len(), 2);
        assert_eq!(token.signer_certificate(), Some(&unit.unit.certificate));
        token.verify_signature().unwrap();
        token.verify_imprint(&imprint).unwrap();
        token.verify_imprint_of(b"document").unwrap();
        assert!(matches!(token.verify_imprint_of(b"other"), Err(Error::DigestMismatch { .. })));
        let names: Vec<_> = token.signed_data().signed_attributes().iter().map(|attribute| attribute.oid).collect();
        assert_eq!(names, [oid::CONTENT_TYPE, oid::MESSAGE_DIGEST, oid::SIGNING_CERTIFICATE_V2]);
    }
}

#[test]
fn certificates_are_there_only_if_they_were_asked_for() {
    let unit = unit(KeyKind::P256);
    let (imprint, serial) = (DigestAlgorithm::Sha256.digest(b"document"), "01".parse().unwrap());
    let bare = TokenContent { certificates: false, nonce: None, ..content(&imprint, &serial) };
    let token = TimeStampToken::from_der(&token(&unit, bare)).unwrap();
    assert!(token.certificates().is_empty());
    assert!(matches!(token.verify_signature(), Err(Error::SignerCertificateMissing { .. })));
    token.verify_signature_with(&unit.unit.certificate).unwrap();
    assert!(matches!(
        token.verify_signature_with(&unit.root.certificate),
        Err(Error::SigningCertificateMismatch { .. })
    ));
}

#[test]
fn responses_carry_the_token() {
    let unit = unit(KeyKind::P256);
    let (imprint, serial) = (DigestAlgorithm::Sha256.digest(b"document"), "01".parse().unwrap());
    let der = token(&unit, content(&imprint, &serial));
    let expected = TimeStampToken::from_der(&der).unwrap();
    let response = TimeStampResponse::from_der(&TimeStampResponse::granted(&der)).unwrap();
    assert_eq!(response, TimeStampResponse::Granted { token: expected, with_modifications: false });
}

#[test]
fn a_changed_content_is_found_by_its_digest() {
    let unit = unit(KeyKind::P256);
    let (imprint, serial) = (DigestAlgorithm::Sha256.digest(b"document"), "01".parse().unwrap());
    let mut der = token(&unit, content(&imprint, &serial));
    let at = der.windows(15).position(|window| window == b"20261124090000Z").unwrap();
    der[at + 3] = b'7';
    let token = TimeStampToken::from_der(&der).unwrap();
    assert!(matches!(token.verify_signature(), Err(Error::DigestMismatch { what: "message-digest", .. })));
}

#[test]
fn seals_are_not_time_stamps() {
    let root = Party::root(KeyKind::P256);
    let algorithm = root.key.algorithm();
    let attributes = crate::SignedAttributes::new(&algorithm.digest.digest(b""), &root.certificate, algorithm).unwrap();
    let message = attributes.assemble(&[0; 70], &[], None);
    assert!(matches!(TimeStampToken::from_der(&message), Err(Error::ContentType { found: oid::DATA, .. })));
}

#[test]
fn fractions_of_a_second_and_every_field_are_read() {
    let imprint = request::encode_imprint(&DigestAlgorithm::Sha256.digest(b"m"), HashParameters::Absent);
    let accuracy = Accuracy { seconds: 2, milliseconds: 500, microseconds: 7 };
    let der = write::sequence(&[
        &write::unsigned(1),
        &write::oid(oid::BASELINE_TIME_STAMP_POLICY),
        &imprint,
        &write::unsigned(0),
        &write::element(crate::asn1::GENERALIZED_TIME, &[b"20261124090000.25Z"]),
        &accuracy.to_der(),
        &write::boolean(true),
        &write::unsigned(9),
        &write::explicit(0, &write::explicit(4, &write::sequence(&[]))),
        &write::element(0xa1, &[&crate::Extension::new(oid::QC_STATEMENTS, false, write::sequence(&[])).to_der()]),
    ]);
    let info = TstInfo::from_der(&der).unwrap();
    assert_eq!(info.time, "2026-11-24T09:00:00.25Z".parse().unwrap());
    assert_eq!((info.accuracy, info.ordering), (Some(accuracy), true));
    assert_eq!(accuracy.duration(), std::time::Duration::from_micros(2_500_007));
    assert!(info.tsa.is_some() && info.extensions.len() == 1);
}

#[test]
fn a_fraction_is_written_without_zeros_at_its_end_and_ordering_only_where_it_holds() {
    let unit = unit(KeyKind::P256);
    let (imprint, serial) = (DigestAlgorithm::Sha256.digest(b"document"), "01".parse().unwrap());
    let accuracy = Accuracy { seconds: 0, milliseconds: 5, microseconds: 20 };
    let (signer, key) = (&unit.unit.certificate, &unit.unit.key);
    let assembler = TokenAssembler::new(signer, &[], key.algorithm(), oid::BASELINE_TIME_STAMP_POLICY, accuracy);
    let assembler = assembler.unwrap().ordered();
    for (time, written) in [
        ("2026-11-24T09:00:00.25Z", "20261124090000.25Z"),
        ("2026-11-24T09:00:00.000001Z", "20261124090000.000001Z"),
        ("2026-11-24T09:00:00Z", "20261124090000Z"),
    ] {
        let time: jiff::Timestamp = time.parse().unwrap();
        let pending = assembler.prepare(TokenContent { time, ..content(&imprint, &serial) });
        let signature = key.sign(assembler.algorithm(), &pending.digest());
        let der = pending.assemble(&signature);
        assert!(der.windows(written.len()).any(|window| window == written.as_bytes()), "{written}");
        let token = TimeStampToken::from_der(&der).unwrap();
        token.verify_signature_with(signer).unwrap();
        assert_eq!((token.time(), token.info().accuracy, token.info().ordering), (time, Some(accuracy), true));
    }
}

#[test]
fn nothing_new_is_signed_with_sha1() {
    let root = Party::root(KeyKind::P256);
    let weak = SignatureAlgorithm::new(crate::Scheme::RsaPkcs1, DigestAlgorithm::Sha1);
    let policy = oid::BASELINE_TIME_STAMP_POLICY;
    let refused = TokenAssembler::new(&root.certificate, &[], weak, policy, Accuracy::seconds(1));
    assert!(matches!(refused, Err(Error::WeakDigest { .. })));
}

/// The slow, general way: every structure through the types of the `cms` crate.
fn through_cms_types(der: &[u8]) -> Vec<u8> {
    let content_info = cms::content_info::ContentInfo::from_der(der).unwrap();
    let signed_data: cms::signed_data::SignedData = content_info.content.decode_as().unwrap();
    let content = der::Any::encode_from(&signed_data).unwrap();
    cms::content_info::ContentInfo { content_type: content_info.content_type, content }.to_der().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn the_assembler_writes_what_the_cms_types_write(
        message in any::<[u8; 8]>(),
        algorithm in prop::sample::select(vec![DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512]),
        serial in prop::collection::vec(1u8.., 1..19),
        nonce in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        certificates in any::<bool>(),
        second in -1_000_000_000i64..4_000_000_000,
    ) {
        static UNITS: std::sync::LazyLock<[Unit; 3]> =
            std::sync::LazyLock::new(|| [KeyKind::P256, KeyKind::P384, KeyKind::Rsa { bits: 2048 }].map(unit));
        let (imprint, serial) = (algorithm.digest(&message), SerialNumber::from_bytes(&serial).unwrap());
        let time = jiff::Timestamp::from_second(second).unwrap();
        for unit in &*UNITS {
            let content =
                TokenContent { imprint: &imprint, serial: &serial, time, nonce: nonce.as_deref(), certificates };
            let der = token(unit, content);
            prop_assert_eq!(through_cms_types(&der), &der[..]);
            let token = TimeStampToken::from_der(&der).unwrap();
            prop_assert_eq!((token.time(), &token.info().serial), (time, &serial));
            token.verify_signature_with(&unit.unit.certificate).unwrap();
        }
    }

    #[test]
    fn mutated_and_random_octets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        random in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        static TOKEN: std::sync::LazyLock<(Unit, Vec<u8>)> = std::sync::LazyLock::new(|| {
            let unit = unit(KeyKind::P256);
            let der = token(&unit, content(&DigestAlgorithm::Sha256.digest(b"m"), &"01".parse().unwrap()));
            (unit, der)
        });
        let (unit, der) = &*TOKEN;
        let mut mutated = der.clone();
        for (index, byte) in changes {
            let index = index.index(mutated.len());
            mutated[index] = byte;
        }
        for input in [&mutated, &random] {
            if let Ok(read) = TimeStampToken::from_der(input)
                && read.verify_signature_with(&unit.unit.certificate).is_ok()
            {
                prop_assert_eq!(read.time(), now());
            }
            let _ = TstInfo::from_der(input);
        }
    }
}

#[test]
fn the_imprint_of_a_request_comes_back_octet_for_octet() {
    let unit = unit(KeyKind::P256);
    for hash_parameters in [HashParameters::Absent, HashParameters::Null] {
        let imprint = DigestAlgorithm::Sha384.digest(b"document");
        let request =
            TimeStampRequest { imprint, hash_parameters, policy: None, nonce: None, certificate_requested: false };
        let pending = unit.assembler.prepare_reply(&request, &"01".parse().unwrap(), now());
        let signature = unit.unit.key.sign(unit.unit.key.algorithm(), &pending.digest());
        let token = pending.assemble(&signature);
        let written = request::encode_imprint(&request.imprint, hash_parameters);
        assert!(request.to_der().windows(written.len()).any(|window| window == written));
        assert!(token.windows(written.len()).any(|window| window == written), "{hash_parameters:?}");
        TimeStampToken::from_der(&token).unwrap().verify_signature_with(&unit.unit.certificate).unwrap();
    }
}
