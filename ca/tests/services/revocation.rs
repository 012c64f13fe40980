use axum::http::StatusCode;
use ca::{Profile, RevocationStatus};
use pki::{CertificateStatus, KeyKind, RevocationReason, SerialNumber};
use serde_json::{Value, json};

use super::fixture::*;

impl Testbed {
    async fn revocation(&self, serial: &SerialNumber, more: Value) -> (StatusCode, Value) {
        let mut body = json!({ "serial": serial.to_string(), "reason": "keyCompromise" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post_json("/ca/api/revocations", &body).await
    }

    async fn named(&self, what: &str, serial: &SerialNumber) -> (StatusCode, Value) {
        self.post_json(&format!("/ca/api/{what}"), &json!({ "serial": serial.to_string() })).await
    }
}

#[tokio::test]
async fn a_revocation_is_seen_at_once_by_api_crl_and_ocsp() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let serial = chain[0].serial();
    assert!(testbed.crl("issuing").await.entry(serial).is_none());
    testbed.advance("10d").await;
    let (status, answer) = testbed.revocation(serial, json!({})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((answer["status"].as_str(), answer["since"].as_str()), (Some("revoked"), Some("2026-12-04T09:00:00Z")));
    assert_eq!(answer["reason"], "keyCompromise");
    let since = time("2026-12-04T09:00:00Z");
    let entry = testbed.crl("issuing").await.entry(serial).unwrap();
    assert_eq!((entry.since, entry.reason), (since, Some(RevocationReason::KeyCompromise)));
    let response = testbed.ocsp(serial, &chain[1]).await;
    let revoked = CertificateStatus::Revoked { since, reason: Some(RevocationReason::KeyCompromise) };
    assert_eq!(response.responses()[0].status, revoked);
}

#[tokio::test]
async fn a_revocation_may_be_dated_back_with_an_invalidity_date() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    testbed.advance("10d").await;
    let dates = json!({ "since": "2026-11-30T00:00:00+09:00", "invalidity_date": "2026-11-01" });
    let (status, answer) = testbed.revocation(&serial, dates).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["since"], "2026-11-29T15:00:00Z");
    let entry = testbed.crl("issuing").await.entry(&serial).unwrap();
    assert_eq!(entry.invalidity_date, Some(time("2026-11-01T00:00:00Z")));
    assert_eq!(testbed.ca.status_at(&serial, time("2026-11-29T14:59:59Z")).await.unwrap(), RevocationStatus::Good);
    assert!(matches!(
        testbed.ca.status_at(&serial, time("2026-11-29T15:00:00Z")).await.unwrap(),
        RevocationStatus::Revoked { .. }
    ));
    let (_, one) = testbed.get_json(&format!("/ca/api/certificates/{serial}")).await;
    let fact = json!({
        "event": "revoked", "since": "2026-11-29T15:00:00Z", "reason": "keyCompromise",
        "invalidity_date": "2026-11-01T00:00:00Z", "recorded_at": "2026-12-04T09:00:00Z",
    });
    assert_eq!(one["history"], json!([fact]));
}

#[tokio::test]
async fn a_second_revocation_is_a_conflict_that_names_the_first() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    testbed.revocation(&serial, json!({})).await;
    testbed.advance("1d").await;
    let (status, answer) = testbed.revocation(&serial, json!({ "reason": "superseded" })).await;
    assert_eq!((status, answer["error"].as_str()), (StatusCode::CONFLICT, Some("conflict")));
    let text = answer["error_description"].as_str().unwrap();
    assert!(text.contains("since 2026-11-24T09:00:00Z for keyCompromise"), "{text}");
}

#[tokio::test]
async fn a_hold_is_published_as_such_and_leaves_no_trace_once_released() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let serial = chain[0].serial();
    let (status, answer) = testbed.named("holds", serial).await;
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("on-hold")));
    let entry = testbed.crl("issuing").await.entry(serial).unwrap();
    assert_eq!(entry.reason, Some(RevocationReason::CertificateHold));
    let status = testbed.ocsp(serial, &chain[1]).await.responses()[0].status.clone();
    assert!(matches!(status, CertificateStatus::Revoked { reason: Some(RevocationReason::CertificateHold), .. }));
    assert_eq!(testbed.named("holds", serial).await.0, StatusCode::CONFLICT, "held twice");
    testbed.advance("1h").await;
    let (status, answer) = testbed.named("releases", serial).await;
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("good")));
    assert!(testbed.crl("issuing").await.entry(serial).is_none());
    assert_eq!(testbed.ocsp(serial, &chain[1]).await.responses()[0].status, CertificateStatus::Good);
    assert_eq!(testbed.named("releases", serial).await.0, StatusCode::CONFLICT, "released twice");
}

#[tokio::test]
async fn a_certificate_on_hold_can_be_revoked_and_then_not_released() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    testbed.named("holds", &serial).await;
    assert_eq!(testbed.revocation(&serial, json!({})).await.1["status"], "revoked");
    assert_eq!(testbed.named("releases", &serial).await.0, StatusCode::CONFLICT);
    assert_eq!(testbed.named("holds", &serial).await.0, StatusCode::CONFLICT);
}

#[tokio::test]
async fn dates_and_reasons_that_cannot_be_are_refused() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    for (more, status, part) in [
        (json!({ "since": "2026-11-24T09:00:01Z" }), 422, "the world's time is 2026-11-24T09:00:00Z"),
        (json!({ "since": "2026-11-24T08:59:59Z" }), 422, "it is valid from"),
        (json!({ "invalidity_date": "+1d" }), 422, "lies after the revocation"),
        (json!({ "reason": "certificateHold" }), 422, "put on hold and release"),
        (json!({ "reason": "removeFromCRL" }), 422, "put on hold and release"),
        (json!({ "reason": "bored" }), 400, "bored"),
        (json!({ "since": "yesterday" }), 400, "is not a time"),
        (json!({ "serial": "xyz" }), 400, "xyz"),
        (json!({ "serial": "0badc0de" }), 404, "0badc0de"),
        (json!({ "until": "now" }), 400, "unknown field `until`"),
    ] {
        let (found, answer) = testbed.revocation(&serial, more.clone()).await;
        let text = answer["error_description"].as_str().unwrap();
        assert!(found.as_u16() == status && text.contains(part), "{more}: {found} {text}");
    }
    assert_eq!(testbed.ca.status_at(&serial, testbed.world.clock.now()).await.unwrap(), RevocationStatus::Good);
}

#[tokio::test]
async fn an_expired_certificate_can_be_revoked_and_stays_on_the_crl() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    testbed.advance("4y").await;
    let (status, answer) = testbed.revocation(&serial, json!({ "since": "2029-01-01" })).await;
    assert_eq!((status, answer["validity"].as_str()), (StatusCode::OK, Some("expired")));
    testbed.advance("5y").await;
    assert!(testbed.crl("issuing").await.entry(&serial).is_some());
}

#[tokio::test]
async fn whoever_gets_a_certificate_of_a_revoked_ca_is_told_so() {
    let testbed = Testbed::new().await;
    let issuing = testbed.enrol(Profile::Seal).await.remove(1);
    let key = testbed.signer.create_key(KeyKind::P256, "late").await.unwrap();
    let body = json!({
        "profile": "seal",
        "public_key_pem": testbed.signer.public_key(&key).await.unwrap().to_pem(),
        "subject": {
            "organization": "Example University",
            "organization_identifier": "NTRJP-9234567890123",
            "common_name": "Late",
        },
    });
    let (_, before) = testbed.post_json("/ca/api/certificates", &body).await;
    assert_eq!(before.get("warning"), None);
    testbed.ca.revoke(issuing.serial(), RevocationReason::CaCompromise, None, None).await.unwrap();
    let (status, after) = testbed.post_json("/ca/api/certificates", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    let warning = after["warning"].as_str().unwrap();
    assert!(warning.contains(&format!("{} is revoked since {START} for cACompromise", issuing.serial())), "{warning}");
}

#[tokio::test]
async fn the_issuing_ca_can_be_revoked_and_the_root_cannot() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let (status, _) = testbed.revocation(chain[1].serial(), json!({ "reason": "cACompromise" })).await;
    assert_eq!(status, StatusCode::OK);
    let entry = testbed.crl("root").await.entry(chain[1].serial()).unwrap();
    assert_eq!(entry.reason, Some(RevocationReason::CaCompromise));
    let status = testbed.ocsp(chain[1].serial(), &chain[2]).await.responses()[0].status.clone();
    assert!(matches!(status, CertificateStatus::Revoked { .. }));
    assert!(testbed.crl("issuing").await.entry(chain[1].serial()).is_none());
    let (status, answer) = testbed.revocation(chain[2].serial(), json!({})).await;
    assert!(status == StatusCode::CONFLICT && answer["error_description"].as_str().unwrap().contains("trust anchors"));
}

#[tokio::test]
async fn a_serial_number_that_was_never_issued_has_the_status_unknown() {
    let testbed = Testbed::new().await;
    let never = "4bad".parse().unwrap();
    assert_eq!(testbed.ca.status_at(&never, testbed.world.clock.now()).await.unwrap(), RevocationStatus::Unknown);
}

#[tokio::test]
async fn two_revocations_at_once_leave_one_fact_and_one_conflict() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    let revoke = || testbed.ca.revoke(&serial, RevocationReason::Superseded, None, None);
    let (first, second) = tokio::join!(revoke(), revoke());
    assert_eq!(u8::from(first.is_ok()) + u8::from(second.is_ok()), 1);
    assert_eq!(testbed.ca.certificate(&serial).await.unwrap().facts.len(), 1);
}
