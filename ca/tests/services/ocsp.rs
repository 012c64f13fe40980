use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ca::{AuthorityId, Profile};
use pki::asn1::write::{octet_string, sequence};
use pki::{
    Certificate, CertificateId, CertificateStatus, DigestAlgorithm, OcspRefusal, OcspRequest, OcspResponse,
    RevocationReason,
};

use world::journal::Behind;

use super::fixture::*;

fn refusal(der: &[u8]) -> OcspRefusal {
    match OcspResponse::from_der(der) {
        Ok(OcspResponse::Refused(refusal)) => refusal,
        other => panic!("wanted a refusal, found {other:?}"),
    }
}

#[tokio::test]
async fn a_good_answer_has_the_times_nonce_and_cutoff_of_the_profile() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    testbed.advance("36h").await;
    let response = testbed.ocsp(chain[0].serial(), &chain[1]).await;
    let now = time("2026-11-25T21:00:00Z");
    assert_eq!((response.produced_at(), response.nonce()), (now, Some(&b"0123456789abcdef"[..])));
    let single = &response.responses()[0];
    assert_eq!(single.status, CertificateStatus::Good);
    assert_eq!((single.this_update, single.next_update), (now, Some(time("2026-11-26T21:00:00Z"))));
    assert_eq!(single.archive_cutoff, Some(chain[1].not_before()));
    assert_eq!(response.certificates().len(), 1);
}

#[tokio::test]
async fn status_is_kept_after_the_certificate_has_expired() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    testbed.advance("10y").await;
    assert_eq!(testbed.ocsp(chain[0].serial(), &chain[1]).await.responses()[0].status, CertificateStatus::Good);
}

#[tokio::test]
async fn a_serial_number_that_was_never_issued_is_unknown() {
    let testbed = Testbed::new().await;
    let issuing = testbed.ca.issuer_certificate(&AuthorityId::ISSUING).await.unwrap();
    let response = testbed.ocsp(&"4bad".parse().unwrap(), &issuing).await;
    assert_eq!(response.responses()[0].status, CertificateStatus::Unknown);
    let of_the_other_ca = testbed.ocsp(issuing.serial(), &issuing).await;
    assert_eq!(of_the_other_ca.responses()[0].status, CertificateStatus::Unknown);
}

#[tokio::test]
async fn a_certificate_of_the_future_is_unknown_when_the_clock_was_set_back() {
    let testbed = Testbed::new().await;
    testbed.advance("10d").await;
    let chain = testbed.enrol(Profile::Seal).await;
    testbed.advance("-5d").await;
    assert_eq!(testbed.ocsp(chain[0].serial(), &chain[1]).await.responses()[0].status, CertificateStatus::Unknown);
}

#[tokio::test]
async fn the_root_answers_for_the_issuing_ca_with_a_responder_of_its_own() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let response = testbed.ocsp(chain[1].serial(), &chain[2]).await;
    assert_eq!(response.responses()[0].status, CertificateStatus::Good);
    response.certificates()[0].verify_issued_by(&chain[2]).unwrap();
}

#[tokio::test]
async fn whoever_asks_the_same_in_the_same_second_is_told_the_same_octets_until_something_changes() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let ask = async |nonce| testbed.post_ocsp(&ocsp_request(&[chain[0].serial()], &chain[1], nonce)).await;
    let first = ask(None).await;
    assert_eq!(ask(None).await, first, "signed once");
    let nonce = Some(&b"0123456789abcdef"[..]);
    assert_ne!(ask(nonce).await, ask(nonce).await, "ECDSA signs otherwise each time");
    testbed.ca.revoke(chain[0].serial(), RevocationReason::Superseded, None, None).await.unwrap();
    let revoked = answered(&ask(None).await);
    assert!(matches!(revoked.responses()[0].status, CertificateStatus::Revoked { .. }));
    revoked.verify(&chain[1], testbed.world.clock.now()).unwrap();
    testbed.advance("1s").await;
    let later = answered(&ask(None).await);
    assert_eq!(later.produced_at(), testbed.world.clock.now());
    testbed.advance("-1s").await;
    assert_eq!(answered(&ask(None).await).produced_at(), revoked.produced_at());
}

#[tokio::test]
async fn where_it_cannot_be_read_what_others_recorded_nobody_is_told_what_was_known_before() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let question = ocsp_request(&[chain[0].serial()], &chain[1], None);
    answered(&testbed.post_ocsp(&question).await);
    let request = Request::post("/ca/ocsp").header(header::CONTENT_TYPE, "application/ocsp-request");
    let request = request.extension(Behind).body(Body::from(question)).unwrap();
    assert_eq!(refusal(&read(testbed.send(request).await).await.2), OcspRefusal::TryLater);
}

#[tokio::test]
async fn one_request_may_ask_about_several_certificates_in_both_digests() {
    let testbed = Testbed::new().await;
    let good = testbed.enrol(Profile::Seal).await;
    let revoked = testbed.enrol(Profile::TimeStamping).await;
    testbed.ca.revoke(revoked[0].serial(), RevocationReason::Superseded, None, None).await.unwrap();
    let id = |certificate: &Certificate, digest| CertificateId::for_certificate(certificate.serial(), &good[1], digest);
    let ids = vec![
        id(&good[0], DigestAlgorithm::Sha1),
        id(&revoked[0], DigestAlgorithm::Sha256),
        id(&good[0], DigestAlgorithm::Sha256),
    ];
    let request = OcspRequest { certificate_ids: ids.clone(), nonce: None };
    let response = answered(&testbed.post_ocsp(&request.to_der()).await);
    response.verify(&good[1], testbed.world.clock.now()).unwrap();
    assert_eq!(response.nonce(), None);
    let found: Vec<_> = response.responses().iter().map(|single| single.id.clone()).collect();
    assert_eq!(found, ids, "mirrored as they came");
    assert!(matches!(response.responses()[1].status, CertificateStatus::Revoked { .. }));
    assert_eq!(response.responses()[2].status, CertificateStatus::Good);
}

#[tokio::test]
async fn strangers_and_two_cas_at_once_are_refused_as_unauthorized() {
    let testbed = Testbed::new().await;
    let other = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let stranger = other.enrol(Profile::Seal).await;
    let request = ocsp_request(&[stranger[0].serial()], &stranger[1], None);
    assert_eq!(refusal(&testbed.post_ocsp(&request).await), OcspRefusal::Unauthorized);
    let id = |serial, issuer| CertificateId::for_certificate(serial, issuer, DigestAlgorithm::Sha1);
    let mixed = OcspRequest {
        certificate_ids: vec![id(chain[0].serial(), &chain[1]), id(chain[1].serial(), &chain[2])],
        nonce: None,
    };
    assert_eq!(refusal(&testbed.post_ocsp(&mixed.to_der()).await), OcspRefusal::Unauthorized);
}

#[tokio::test]
async fn outside_the_validity_of_the_ca_nobody_is_authorized() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let request = ocsp_request(&[chain[0].serial()], &chain[1], None);
    for at in ["2026-11-24T08:59:59Z", "2046-11-24T09:00:00Z"] {
        testbed.set(at).await;
        assert_eq!(refusal(&testbed.post_ocsp(&request).await), OcspRefusal::Unauthorized, "{at}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_malformed() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let good = ocsp_request(&[chain[0].serial()], &chain[1], None);
    let with_nonce = |length: usize| ocsp_request(&[chain[0].serial()], &chain[1], Some(&vec![7; length]));
    for (what, body) in [
        ("empty", vec![]),
        ("garbage", b"not DER".to_vec()),
        ("truncated", good[..good.len() - 1].to_vec()),
        ("with a tail", [&good[..], b"x"].concat()),
        ("about nothing", OcspRequest { certificate_ids: vec![], nonce: None }.to_der()),
        ("an empty nonce", with_nonce(0)),
        ("a nonce of 129 octets", with_nonce(129)),
        ("more than 64 KiB", vec![0x30; (64 << 10) + 1]),
    ] {
        assert_eq!(refusal(&testbed.post_ocsp(&body).await), OcspRefusal::MalformedRequest, "{what}");
    }
    for length in [1, 32, 128] {
        let response = answered(&testbed.post_ocsp(&with_nonce(length)).await);
        assert_eq!(response.nonce().map(<[u8]>::len), Some(length));
    }
}

/// What OpenSSL cannot be made to send: a request from its parts.
fn request_of(identifier_algorithm: &[u8], head: &[u8], extensions: &[u8], issuer: &Certificate) -> Vec<u8> {
    let hash = |bytes: &[u8]| octet_string(DigestAlgorithm::Sha1.digest(bytes).as_bytes());
    let key = octet_string(&issuer.public_key().key_identifier());
    let id = sequence(&[identifier_algorithm, &hash(issuer.subject().as_der()), &key, &[2, 1, 5]]);
    sequence(&[&sequence(&[head, &sequence(&[&sequence(&[&id])]), extensions])])
}

#[tokio::test]
async fn the_inside_of_a_request_is_read_to_its_end() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let sha1 = |parameters: &[u8]| [&[0x30, 7 + parameters.len() as u8, 6, 5, 0x2b, 14, 3, 2, 26], parameters].concat();
    let plain = sha1(&[]);
    let no_extension = &[0xa2, 2, 0x30, 0][..];
    for (what, algorithm, head, extensions) in [
        ("an OCTET STRING as parameters of SHA-1", sha1(&[4, 1, 0]), &[][..], &[][..]),
        ("an empty SEQUENCE as parameters", sha1(&[0x30, 0]), &[][..], &[][..]),
        ("NULL with content", sha1(&[5, 1, 0]), &[][..], &[][..]),
        ("no extension in the list", plain.clone(), &[], no_extension),
        ("an otherName without value", plain.clone(), &[0xa1, 7, 0xa0, 5, 6, 1, 0x2a, 0xa0, 0], &[]),
        ("a party without name", plain.clone(), &[0xa1, 4, 0xa5, 2, 5, 0], &[]),
        ("a party named by a number", plain.clone(), &[0xa1, 7, 0xa5, 5, 0xa1, 3, 2, 1, 1], &[]),
        ("a mail address without attributes", plain.clone(), &[0xa1, 4, 0xa3, 2, 5, 0], &[]),
        ("a name of tag 9", plain.clone(), &[0xa1, 3, 0x89, 1, 65], &[]),
    ] {
        let request = request_of(&algorithm, head, extensions, &chain[1]);
        assert_eq!(refusal(&testbed.post_ocsp(&request).await), OcspRefusal::MalformedRequest, "{what}");
    }
    let heads: [&[u8]; 4] = [
        &[],
        &[0xa1, 3, 0x81, 1, 65],
        &[0xa1, 10, 0xa0, 8, 6, 1, 0x2a, 0xa0, 3, 0x0c, 1, 65],
        &[0xa1, 7, 0xa5, 5, 0xa1, 3, 0x0c, 1, 65],
    ];
    for head in heads {
        answered(&testbed.post_ocsp(&request_of(&sha1(&[5, 0]), head, &[], &chain[1])).await);
    }
}

#[tokio::test]
async fn as_many_certificates_as_a_request_holds_are_answered_together() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let serials = vec![chain[0].serial(); 700];
    let request = ocsp_request(&serials, &chain[1], None);
    assert!(request.len() <= 64 << 10);
    assert_eq!(answered(&testbed.post_ocsp(&request).await).responses().len(), 700);
}

#[tokio::test]
async fn an_issuer_named_by_a_hash_that_is_not_offered_is_a_stranger() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    for hash in [DigestAlgorithm::Md5, DigestAlgorithm::Sha224, DigestAlgorithm::Sha3_256] {
        let id = CertificateId::for_certificate(chain[0].serial(), &chain[1], hash);
        let request = OcspRequest { certificate_ids: vec![id], nonce: None };
        assert_eq!(refusal(&testbed.post_ocsp(&request.to_der()).await), OcspRefusal::Unauthorized, "{hash}");
    }
}

#[tokio::test]
async fn before_there_is_a_ca_the_client_is_told_to_try_later() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let request = ocsp_request(&[chain[0].serial()], &chain[1], None);
    assert_eq!(refusal(&Testbed::bare().await.post_ocsp(&request).await), OcspRefusal::TryLater);
}

/// The forms of RFC 6960 appendix A.1 and of clients in the field.
#[tokio::test]
async fn a_request_in_the_address_is_read_in_every_form() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    // A nonce of such octets gives base64 with '/' and '+' in it.
    let request = ocsp_request(&[chain[0].serial()], &chain[1], Some(&[0xff, 0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff]));
    let padded = STANDARD.encode(&request);
    assert!(padded.contains('/') || padded.contains('+'), "{padded}");
    let encode = |text: &str| text.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    let (line, rest) = padded.split_at(76);
    for path in [
        format!("/ca/ocsp/{padded}"),
        format!("/ca/ocsp//{padded}"),
        format!("/ca/ocsp/{}", encode(&padded)),
        format!("/ca/ocsp/{}", STANDARD_NO_PAD.encode(&request)),
        format!("/ca/ocsp/{}%0D%0A{}%0A", encode(line), encode(rest)),
    ] {
        let (status, media_type, body) = testbed.get(&path).await;
        assert_eq!((status, media_type.as_str()), (StatusCode::OK, "application/ocsp-response"), "{path}");
        let response = answered(&body);
        response.verify(&chain[1], testbed.world.clock.now()).unwrap();
    }
    for path in ["/ca/ocsp", "/ca/ocsp/", "/ca/ocsp/%25%25", "/ca/ocsp/%FF", "/ca/ocsp/MEkw"] {
        let (status, _, body) = testbed.get(path).await;
        assert_eq!((status, refusal(&body)), (StatusCode::OK, OcspRefusal::MalformedRequest), "{path}");
    }
}

#[tokio::test]
async fn answers_are_not_to_be_cached() {
    let testbed = Testbed::new().await;
    let response = testbed.send(Request::get("/ca/ocsp/MEkw").body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
}
