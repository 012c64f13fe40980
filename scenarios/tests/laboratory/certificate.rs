//! The life of a certificate in a world without sockets: issued, sealed at each level, its seal revoked.

use super::support::{ask, json, laboratory, post};
use http::StatusCode;
use pades::SignatureKind::{DocumentTimeStamp, Seal};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

#[tokio::test]
async fn a_certificate_of_each_level_carries_what_the_level_says() {
    let laboratory = laboratory().await;
    for (level, kinds, stamped, evidence) in [
        ("B-B", &[Seal][..], false, false),
        ("B-T", &[Seal], true, false),
        ("B-LT", &[Seal], true, true),
        ("B-LTA", &[Seal, DocumentTimeStamp], true, true),
    ] {
        let told = json(&post(&laboratory, &format!("/issuer/api/certificates?level={level}"), COMPLETION).await);
        assert_eq!(told["level"], level);
        assert_eq!(told["time_stamp"].is_string(), stamped, "{level}");
        let number = told["number"].as_str().unwrap();
        let pdf = ask(&laboratory, &format!("/issuer/api/certificates/{number}/pdf")).await.into_body();
        let document = pades::Document::parse(pdf.to_vec()).unwrap();
        let found: Vec<_> = document.signatures().into_iter().map(|signature| signature.kind).collect();
        assert_eq!(found, kinds, "{level}");
        assert_eq!(pdf.windows(5).any(|window| window == b"/DSS "), evidence, "{level}");
        let verdict = json(&post(&laboratory, "/verifier/api/validations", &pdf).await);
        assert_eq!(verdict["indication"], "TOTAL-PASSED", "{level}: {verdict}");
    }
}

#[tokio::test]
async fn only_digests_leave_the_issuer() {
    let laboratory = laboratory().await;
    post(&laboratory, "/issuer/api/certificates", COMPLETION).await;
    let exchanges = laboratory.world.journal.exchanges(0, 1000).await.unwrap();
    let sent: Vec<_> = exchanges.iter().map(|e| &e.exchange).filter(|e| e.caller == "issuer").collect();
    assert!(sent.iter().any(|exchange| exchange.path.ends_with("/signatures/signHash")));
    assert!(sent.iter().any(|exchange| exchange.path == "/tsa"));
    for exchange in sent {
        assert!(exchange.request_bytes.unwrap() < 1024, "{exchange:?}");
    }
}

#[tokio::test]
async fn a_revoked_seal_is_not_given_long_term_evidence() {
    let laboratory = laboratory().await;
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-T", COMPLETION).await);
    let fact = format!(r#"{{"serial": {}, "reason": "keyCompromise"}}"#, told["seal_serial"]);
    assert_eq!(post(&laboratory, "/ca/api/revocations", fact.as_bytes()).await.status(), StatusCode::OK);
    laboratory.world.clock.advance("1m".parse().unwrap()).await.unwrap();
    let refused = post(&laboratory, "/issuer/api/certificates?level=B-LT", COMPLETION).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(json(&refused)["error_description"].as_str().unwrap().contains("keyCompromise"));
    let sealed = post(&laboratory, "/issuer/api/certificates?level=B-T", COMPLETION).await;
    assert_eq!(sealed.status(), StatusCode::CREATED, "a seal without evidence can still be made, and judged");
}

#[tokio::test]
async fn numbers_are_never_given_twice_also_when_issuing_fails() {
    let laboratory = laboratory().await;
    let number = |answer: &super::support::Answer| json(answer)["number"].as_str().unwrap_or_default().to_owned();
    let first = number(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
    let refused = post(&laboratory, "/issuer/api/certificates?level=B-B&credential=none", COMPLETION).await;
    assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
    let second = number(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
    assert!(first < second, "{first} {second}");
}

#[tokio::test]
async fn sealing_goes_on_when_the_tokens_of_the_authority_have_grown() {
    let laboratory = laboratory().await;
    let issue = async || json(&post(&laboratory, "/issuer/api/certificates?level=B-LTA", COMPLETION).await);
    assert_eq!(issue().await["level"], "B-LTA");

    let unit = laboratory.tsa.units()[0].clone();
    let key = laboratory.signer.create_key(pki::KeyKind::Rsa { bits: 3072 }, "larger").await.unwrap();
    let subject = ca::Subject {
        country: "JP".into(),
        organization: "TESTBED University".into(),
        organization_identifier: "NTRJP-9234567890123".into(),
        common_name: "TESTBED larger time-stamping unit".into(),
    };
    let public_key = laboratory.signer.public_key(&key).await.unwrap();
    let chain = laboratory.ca.enrol(ca::Profile::TimeStamping, &subject, &public_key).await.unwrap();
    laboratory.tsa.renew_unit(unit.name(), key, chain).await.unwrap();

    let told = issue().await;
    assert_eq!(told["level"], "B-LTA", "{told}");
    let number = told["number"].as_str().unwrap();
    let pdf = ask(&laboratory, &format!("/issuer/api/certificates/{number}/pdf")).await.into_body();
    let verdict = json(&post(&laboratory, "/verifier/api/validations", &pdf).await);
    assert_eq!(verdict["indication"], "TOTAL-PASSED", "{verdict}");
}
