//! Answers that contradict each other, that have unknown critical extensions, and responders that may not answer.

use super::*;
use crate::Certificate;
use crate::asn1::GENERALIZED_TIME;
use crate::asn1::write;

const GOOD: &[u8] = &[0x80, 0];
const UNKNOWN: &[u8] = &[0x82, 0];

fn revoked(reason: Option<u8>, ago: i64) -> Vec<u8> {
    let reason = reason.map(|code| write::explicit(0, &write::element(ENUMERATED, &[&[code]])));
    write::element(0xa1, &[&write::generalized_time(now() - days(ago)), &reason.unwrap_or_default()])
}

/// One answer on the seal: status, thisUpdate and nextUpdate in days from now, extensions.
fn single(scene: &Scene, status: &[u8], this_update: i64, next_update: i64, extensions: &[Extension]) -> Vec<u8> {
    let id =
        CertificateId::for_certificate(scene.seal.certificate.serial(), &scene.ca.certificate, DigestAlgorithm::Sha1);
    write::sequence(&[
        id.der(),
        status,
        &write::generalized_time(now() + days(this_update)),
        &write::explicit(0, &write::generalized_time(now() + days(next_update))),
        &all(1, extensions),
    ])
}

fn all(number: u8, extensions: &[Extension]) -> Vec<u8> {
    match extensions {
        [] => Vec::new(),
        some => {
            let some: Vec<_> = some.iter().map(Extension::to_der).collect();
            write::explicit(number, &write::sequence_of(&some))
        }
    }
}

fn response(scene: &Scene, singles: &[Vec<u8>], extensions: &[Extension]) -> SuccessfulOcspResponse {
    let signer = &scene.responder;
    let key = write::explicit(2, &write::octet_string(&signer.key.public.key_identifier()));
    let data =
        write::sequence(&[&key, &write::generalized_time(now()), &write::sequence_of(singles), &all(1, extensions)]);
    let algorithm = signer.key.algorithm();
    let signature = signer.key.sign(algorithm, &algorithm.digest.digest(&data));
    let basic = write::sequence(&[
        &data,
        &algorithm.algorithm_identifier_der(),
        &write::bit_string(&signature),
        &write::explicit(0, &write::sequence(&[signer.certificate.der()])),
    ]);
    let bytes = write::sequence(&[&write::oid(oid::OCSP_BASIC), &write::octet_string(&basic)]);
    let der = write::sequence(&[&write::element(ENUMERATED, &[&[0]]), &write::explicit(0, &bytes)]);
    let response = OcspResponse::from_der(&der).unwrap().into_successful().unwrap();
    response.verify(&scene.ca.certificate, now()).unwrap();
    response
}

fn usable(scene: &Scene, response: &SuccessfulOcspResponse) -> Result<Option<CertificateStatus>, Error> {
    let answer = response.usable_answer_for(&scene.seal.certificate, &scene.ca.certificate)?;
    Ok(answer.map(|answer| answer.status.clone()))
}

#[test]
fn of_several_answers_the_worst_counts_and_the_newest_is_told() {
    let scene = scene();
    let revoked_by_key = revoked(Some(1), 5);
    for order in [[0, 1, 2], [1, 2, 0], [2, 0, 1]] {
        let singles = [
            single(&scene, &revoked_by_key, -9, 1, &[]),
            single(&scene, &revoked(Some(6), 8), -8, 1, &[]),
            single(&scene, GOOD, 0, 1, &[]),
        ];
        let response = response(&scene, &order.map(|index: usize| singles[index].clone()), &[]);
        let answers = response.answers_for(&scene.seal.certificate, &scene.ca.certificate).unwrap();
        assert_eq!((answers.all.len(), answers.differ()), (3, true));
        assert_eq!(answers.newest.status, CertificateStatus::Good);
        let expected =
            CertificateStatus::Revoked { since: now() - days(5), reason: Some(RevocationReason::KeyCompromise) };
        assert_eq!(answers.worst.status, expected);
        assert_eq!(usable(&scene, &response), Ok(Some(expected)));
    }
    let contradiction = response(&scene, &[single(&scene, GOOD, 0, 1, &[]), single(&scene, UNKNOWN, -1, 1, &[])], &[]);
    assert_eq!(usable(&scene, &contradiction), Err(Error::AnswersDiffer { found: 2 }));
    let twice = response(&scene, &[single(&scene, GOOD, 0, 1, &[]), single(&scene, GOOD, -1, 1, &[])], &[]);
    assert_eq!(usable(&scene, &twice), Ok(Some(CertificateStatus::Good)));
    let none = response(&scene, &[], &[]);
    assert_eq!(usable(&scene, &none), Ok(None));
}

#[test]
fn unknown_critical_extensions_of_response_and_answer_are_refused() {
    let scene = scene();
    let odd = |critical| Extension::new(oid::DATA, critical, write::null());
    let known = |value: &str| write::element(GENERALIZED_TIME, &[value.as_bytes()]);
    let cutoff = Extension::new(oid::OCSP_ARCHIVE_CUTOFF, true, known("20200101000000Z"));
    let nonce = Extension::new(oid::OCSP_NONCE, true, write::octet_string(&[7; 16]));
    let long_nonce = Extension::new(oid::OCSP_NONCE, true, write::octet_string(&[7; 400]));
    let hash = Extension::new(oid::OCSP_CERTIFICATE_HASH, true, write::null());
    let fine = single(&scene, GOOD, 0, 1, &[cutoff, odd(false)]);
    let response_with = |single: &Vec<u8>, of_response: &[Extension]| {
        let response = response(&scene, std::slice::from_ref(single), of_response);
        (usable(&scene, &response), response.unknown_critical_extensions())
    };
    let refused =
        |extension| (Err(Error::CriticalExtension { structure: "OCSP response", extension }), vec![extension]);
    assert_eq!(response_with(&fine, &[nonce, odd(false)]), (Ok(Some(CertificateStatus::Good)), vec![]));
    assert_eq!(response_with(&fine, &[odd(true)]), refused(oid::DATA));
    assert_eq!(response_with(&fine, &[long_nonce]), refused(oid::OCSP_NONCE));
    assert_eq!(response_with(&single(&scene, GOOD, 0, 1, &[odd(true)]), &[]), refused(oid::DATA));
    assert_eq!(response_with(&single(&scene, GOOD, 0, 1, &[hash]), &[]), refused(oid::OCSP_CERTIFICATE_HASH));
}

#[test]
fn an_answer_that_ends_before_it_begins_is_refused() {
    let scene = scene();
    let reversed = response(&scene, &[single(&scene, GOOD, 0, -1, &[])], &[]);
    assert!(matches!(usable(&scene, &reversed), Err(Error::UpdatesReversed { .. })));
}

fn responder(scene: &Scene, extensions: Vec<Extension>) -> Party {
    scene.ca.issue(KeyKind::P256, "Responder", "0a", extensions)
}

#[test]
fn a_responder_has_its_purpose_a_signing_key_and_no_unknown_critical_extension() {
    let scene = scene();
    let purpose = || Extension::extended_key_usage(&[oid::OCSP_SIGNING], false);
    let usage = |bits: &[KeyUsageBit]| Extension::key_usage(bits);
    let check = |extensions| responder(&scene, extensions).certificate.check_ocsp_responder(now());
    check(vec![purpose()]).unwrap();
    check(vec![purpose(), usage(&[KeyUsageBit::DigitalSignature]), Extension::ocsp_nocheck()]).unwrap();
    check(vec![purpose(), usage(&[KeyUsageBit::NonRepudiation])]).unwrap();
    let no_use = check(vec![purpose(), usage(&[KeyUsageBit::KeyEncipherment, KeyUsageBit::CrlSign])]);
    assert!(matches!(no_use, Err(Error::KeyUsageMissing { .. })));
    let odd = check(vec![purpose(), Extension::new(oid::DATA, true, write::null())]);
    assert!(matches!(odd, Err(Error::CriticalExtension { extension: oid::DATA, .. })));
    for purposes in [vec![], vec![Extension::extended_key_usage(&[oid::ANY_EXTENDED_KEY_USAGE], false)]] {
        assert!(matches!(check(purposes), Err(Error::ExtendedKeyUsageMissing { .. })));
    }
    let late = scene.responder.certificate.check_ocsp_responder(now() + days(1000));
    assert!(matches!(late, Err(Error::NotValidAt { .. })));
}

#[test]
fn an_answer_of_a_responder_with_an_unknown_critical_extension_does_not_verify() {
    let scene = scene();
    let odd = responder(
        &scene,
        vec![
            Extension::extended_key_usage(&[oid::OCSP_SIGNING], false),
            Extension::new(oid::DATA, true, write::null()),
        ],
    );
    let certificates: &[Certificate] = std::slice::from_ref(&odd.certificate);
    let response = answer(&scene, &odd, CertificateStatus::Good, certificates);
    let error = response.verify(&scene.ca.certificate, now()).unwrap_err();
    assert!(matches!(error, Error::CriticalExtension { .. }), "{error}");
}
