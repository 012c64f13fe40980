mod answers;

use proptest::prelude::*;

use super::*;
use crate::testing::{Party, days, now};
use crate::{Extension, KeyKind, KeyUsageBit, SignatureAlgorithm, oid};

struct Scene {
    ca: Party,
    responder: Party,
    seal: Party,
}

fn scene() -> Scene {
    let root = Party::root(KeyKind::P256);
    let ca = root.authority(KeyKind::P256, "TESTBED CA", "02");
    let responder = ca.responder(KeyKind::P256, "03");
    let seal = ca.seal(KeyKind::P256, "0102030405060708");
    Scene { ca, responder, seal }
}

fn answer(scene: &Scene, signer: &Party, status: CertificateStatus, certificates: &[Certificate]) -> OcspResponse {
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    let template = OcspTemplate {
        responder_key_identifier: signer.key.public.key_identifier(),
        produced_at: now(),
        responses: vec![SingleResponse {
            id,
            status,
            this_update: now(),
            next_update: Some(now() + days(1)),
            archive_cutoff: Some(now() - days(3000)),
            certificate_hash: Some(scene.seal.certificate.fingerprint().clone()),
        }],
        nonce: Some(vec![7; 16]),
    };
    let pending = template.to_be_signed(signer.key.algorithm()).unwrap();
    let signature = signer.key.sign(signer.key.algorithm(), &pending.digest());
    OcspResponse::from_der(&pending.signed(&signature, certificates)).unwrap()
}

#[test]
fn an_answer_of_a_delegated_responder_says_what_its_template_said() {
    let scene = scene();
    let status = CertificateStatus::Revoked { since: now() - days(1), reason: Some(RevocationReason::KeyCompromise) };
    let response = answer(&scene, &scene.responder, status.clone(), std::slice::from_ref(&scene.responder.certificate));
    assert_eq!(response.verify(&scene.ca.certificate, now()).unwrap(), scene.responder.certificate);
    let response = response.into_successful().unwrap();
    let single = response.response_for(&scene.seal.certificate, &scene.ca.certificate).unwrap();
    assert_eq!(single.status, status);
    assert_eq!(single.archive_cutoff, Some(now() - days(3000)));
    assert_eq!(single.certificate_hash, Some(scene.seal.certificate.fingerprint().clone()));
    assert_eq!((response.nonce(), response.produced_at()), (Some(&[7; 16][..]), now()));
}

#[test]
fn the_ca_itself_may_answer() {
    let scene = scene();
    let response = answer(&scene, &scene.ca, CertificateStatus::Good, &[]);
    assert_eq!(response.verify(&scene.ca.certificate, now()).unwrap(), scene.ca.certificate);
}

#[test]
fn a_responder_certificate_that_is_known_from_elsewhere_serves() {
    let scene = scene();
    let response = answer(&scene, &scene.responder, CertificateStatus::Unknown, &[]).into_successful().unwrap();
    let error = response.verify(&scene.ca.certificate, now()).unwrap_err();
    assert!(matches!(error, Error::ResponderUnknown { offered: 0, .. }), "{error}");
    let known = [scene.responder.certificate.clone()];
    assert!(response.verify_with(&scene.ca.certificate, &known, now()).is_ok());
}

#[test]
fn a_responder_must_be_issued_by_the_ca_for_ocsp_signing_and_valid() {
    let scene = scene();
    let unfit =
        scene.ca.issue(KeyKind::P256, "No EKU", "09", vec![Extension::key_usage(&[KeyUsageBit::DigitalSignature])]);
    let response = answer(&scene, &unfit, CertificateStatus::Good, std::slice::from_ref(&unfit.certificate));
    let error = response.verify(&scene.ca.certificate, now()).unwrap_err();
    assert!(matches!(error, Error::ExtendedKeyUsageMissing { expected: oid::OCSP_SIGNING, .. }), "{error}");

    let foreign = Party::root(KeyKind::P256).responder(KeyKind::P256, "09");
    let response = answer(&scene, &foreign, CertificateStatus::Good, std::slice::from_ref(&foreign.certificate));
    let error = response.verify(&scene.ca.certificate, now()).unwrap_err();
    assert!(matches!(error, Error::IssuerMismatch { .. }), "{error}");

    let response =
        answer(&scene, &scene.responder, CertificateStatus::Good, std::slice::from_ref(&scene.responder.certificate));
    let error = response.verify(&scene.ca.certificate, now() + days(1000)).unwrap_err();
    assert!(matches!(error, Error::NotValidAt { .. }), "{error}");
}

#[test]
fn an_identifier_is_mirrored_as_it_was_asked() {
    let scene = scene();
    // Without the NULL that most clients write after SHA-1.
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    let bare = write::sequence(&[
        &write::algorithm_identifier(oid::SHA_1, &[]),
        &write::octet_string(&id.name_hash),
        &write::octet_string(&id.key_hash),
        &id.serial.to_der(),
    ]);
    let request = write::sequence(&[&write::sequence(&[&write::sequence(&[&write::sequence(&[&bare])])])]);
    let request = OcspRequest::from_der(&request).unwrap();
    assert_eq!(request.certificate_ids[0].der(), bare);
    assert_ne!(request.certificate_ids[0].der(), id.der());
    assert_eq!(request.certificate_ids[0], id);
    assert!(id.names(&scene.seal.certificate, &scene.ca.certificate));
    assert!(!id.names_issuer(&scene.seal.certificate));
}

#[test]
fn requests_survive_a_round_trip() {
    let scene = scene();
    for hash in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256] {
        let id = CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, hash);
        let request = OcspRequest { certificate_ids: vec![id.clone(), id], nonce: Some(vec![1; 32]) };
        assert_eq!(OcspRequest::from_der(&request.to_der()).unwrap(), request);
    }
}

#[test]
fn requests_without_certificates_or_with_a_bad_nonce_are_malformed() {
    let empty = OcspRequest { certificate_ids: Vec::new(), nonce: None };
    assert!(OcspRequest::from_der(&empty.to_der()).is_err());
    let scene = scene();
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    for nonce in [vec![], vec![0; 129]] {
        let request = OcspRequest { certificate_ids: vec![id.clone()], nonce: Some(nonce) };
        assert!(OcspRequest::from_der(&request.to_der()).is_err());
    }
}

#[test]
fn requests_of_another_version_by_no_name_or_with_an_unknown_critical_extension_are_refused() {
    let scene = scene();
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    let odd = |critical| {
        let extension = Extension::new(oid::DATA, critical, write::null());
        write::sequence(&[&extension.to_der()])
    };
    let request = |before: &[u8], single: &[u8], after: &[u8]| {
        let list = write::sequence(&[&write::sequence(&[id.der(), single])]);
        OcspRequest::from_der(&write::sequence(&[&write::sequence(&[before, &list, after])]))
    };
    let name = write::explicit(1, &write::explicit(4, scene.ca.certificate.subject().as_der()));
    let version = |number| write::explicit(0, &write::unsigned(number));
    for (before, single, after) in [
        (version(0), vec![], vec![]),
        ([version(0), name].concat(), write::explicit(0, &odd(false)), write::explicit(2, &odd(false))),
    ] {
        request(&before, &single, &after).unwrap();
    }
    for (before, single, after) in [
        (version(4), vec![], vec![]),
        (write::explicit(1, &write::octet_string(b"garbage")), vec![], vec![]),
        (write::explicit(1, &write::explicit(4, &write::null())), vec![], vec![]),
        (vec![], write::explicit(0, &odd(true)), vec![]),
        (vec![], vec![], write::explicit(2, &odd(true))),
    ] {
        assert!(request(&before, &single, &after).is_err());
    }
}

/// A requestor that is a name to its inside, a signature that is one and names who signed, response types with ours among them.
#[test]
fn every_part_of_a_request_is_read_to_its_inside() {
    let scene = scene();
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    let list = write::sequence(&[&write::sequence(&[id.der()])]);
    let request = |requestor: &[u8], signature: &[u8], extensions: &[u8]| {
        let tbs = write::sequence(&[requestor, &list, extensions]);
        OcspRequest::from_der(&write::sequence(&[&tbs, signature])).is_ok()
    };
    let requestor = |name: &[u8]| write::explicit(1, name);
    let directory = requestor(&write::explicit(4, scene.ca.certificate.subject().as_der()));
    let other = write::element(0xa0, &[&write::oid(oid::DATA), &write::explicit(0, &write::null())]);
    for good in [&directory, &requestor(&other), &requestor(&write::element(0x82, &[b"a.example"]))] {
        assert!(request(good, &[], &[]));
    }
    for name in [
        write::element(0x82, &[&[0xff]]),
        write::element(0x87, &[&[1, 2, 3]]),
        write::element(0x88, &[&[0x80]]),
        write::element(0xa0, &[b"garbage"]),
        write::element(0xa2, &[b"a.example"]),
        write::element(0x89, &[b"9"]),
        Vec::new(),
    ] {
        assert!(!request(&requestor(&name), &[], &[]), "{name:02x?}");
    }

    let algorithm = scene.seal.key.algorithm().algorithm_identifier_der();
    let signature =
        |value: &[u8], certificates: &[u8]| write::explicit(0, &write::sequence(&[&algorithm, value, certificates]));
    let value = write::bit_string(b"value");
    let certificates = write::explicit(0, &write::sequence(&[scene.seal.certificate.der()]));
    assert!(request(&directory, &signature(&value, &certificates), &[]));
    assert!(request(&directory, &signature(&value, &[]), &[]));
    assert!(!request(&[], &signature(&value, &[]), &[]), "signed by nobody");
    for unreadable in [
        write::explicit(0, &write::null()),
        write::explicit(0, &[]),
        signature(&write::octet_string(b"value"), &[]),
        signature(&value, &write::explicit(0, &write::sequence(&[&write::sequence(&[])]))),
        signature(&value, &write::null()),
    ] {
        assert!(!request(&directory, &unreadable, &[]), "{unreadable:02x?}");
    }

    let types = |types: &[u8]| {
        let extension = Extension::new(oid::OCSP_RESPONSE_TYPES, true, write::sequence(&[types]));
        write::explicit(2, &write::sequence(&[&extension.to_der()]))
    };
    assert!(request(&[], &[], &types(&write::oid(oid::OCSP_BASIC))));
    assert!(!request(&[], &[], &types(&write::oid(oid::DATA))));
    assert!(!request(&[], &[], &types(&write::null())));
}

#[test]
fn refusals_come_back_and_verify_nothing() {
    let scene = scene();
    for refusal in OcspRefusal::ALL {
        let response = OcspResponse::from_der(&refusal.to_der()).unwrap();
        assert_eq!(response, OcspResponse::Refused(refusal));
        assert_eq!(response.verify(&scene.ca.certificate, now()).unwrap_err(), Error::OcspRefused { refusal });
    }
    assert_eq!(hex::encode(OcspRefusal::TryLater.to_der()), "30030a0103");
}

#[test]
fn nothing_new_is_signed_with_sha1() {
    let template =
        OcspTemplate { responder_key_identifier: [0; 20], produced_at: now(), responses: Vec::new(), nonce: None };
    let weak = SignatureAlgorithm::new(crate::Scheme::RsaPkcs1, DigestAlgorithm::Sha1);
    assert!(matches!(template.to_be_signed(weak), Err(Error::WeakDigest { .. })));
}

proptest! {
    #[test]
    fn mutated_and_random_octets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        random in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        static ANSWER: std::sync::LazyLock<(Scene, OcspResponse)> = std::sync::LazyLock::new(|| {
            let scene = scene();
            let response =
                answer(&scene, &scene.responder, CertificateStatus::Good, std::slice::from_ref(&scene.responder.certificate));
            (scene, response)
        });
        let (scene, response) = &*ANSWER;
        let mut der = response.der();
        for (index, byte) in changes {
            let index = index.index(der.len());
            der[index] = byte;
        }
        for input in [&der, &random] {
            if let Ok(read) = OcspResponse::from_der(input)
                && read.verify(&scene.ca.certificate, now()).is_ok()
            {
                prop_assert_eq!(read.responses(), response.responses());
            }
            let _ = OcspRequest::from_der(input);
        }
    }
}
