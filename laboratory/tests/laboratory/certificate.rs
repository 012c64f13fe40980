//! The life of a certificate in a world without sockets: issued, sealed at each level, its seal revoked.

use super::support::{ask, json, laboratory, post};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::StatusCode;
use pades::SignatureKind::{DocumentTimeStamp, Seal};
use serde_json::Value;
use world::fault::{Act, Rule};

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
async fn a_badge_is_verified_with_the_key_at_its_kid_also_after_that_was_renewed() {
    let laboratory = laboratory().await;
    let mut badges = Vec::new();
    for _ in 0..2 {
        let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
        let number = told["number"].as_str().unwrap();
        let badge = ask(&laboratory, &format!("/issuer/api/certificates/{number}/badge")).await.into_body();
        let chain = laboratory.signer.chain("badge-rsa2048").await.unwrap().unwrap();
        badges.push((badge, chain[0].public_key()));
        laboratory.renew("badge-rsa2048").await.unwrap();
    }
    let mut kids = Vec::new();
    for (badge, key) in badges {
        let header = BASE64_URL_SAFE_NO_PAD.decode(badge.split(|octet| *octet == b'.').next().unwrap()).unwrap();
        let kid = serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned();
        let jwk = json(&ask(&laboratory, kid.strip_prefix(&*laboratory.world.base).unwrap()).await);
        assert_eq!(jwk["kid"], kid);
        assert_eq!(jwk["n"], BASE64_URL_SAFE_NO_PAD.encode(key.rsa_components().unwrap().0));
        kids.push(kid);
    }
    assert_ne!(kids[0], kids[1]);
    let now = json(&ask(&laboratory, "/issuer/keys/badge-rsa2048").await);
    assert!(kids.iter().all(|kid| now["kid"] != *kid), "the address of the key that signs now: {now}");
    assert_eq!(ask(&laboratory, "/issuer/keys/none").await.status(), StatusCode::NOT_FOUND);
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
async fn nothing_is_issued_at_any_level_with_a_seal_that_is_on_hold_or_revoked() {
    let laboratory = laboratory().await;
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-T", COMPLETION).await);
    let seal = |fact: &str| format!(r#"{{"serial": {}{fact}}}"#, told["seal_serial"]);
    let refused = async |words: &[&str]| {
        for level in ["B-B", "B-T", "B-LT", "B-LTA"] {
            let refused = post(&laboratory, &format!("/issuer/api/certificates?level={level}"), COMPLETION).await;
            assert_eq!(refused.status(), StatusCode::CONFLICT, "{level}");
            let problem = json(&refused);
            for word in words {
                let said = problem["error_description"].as_str().unwrap();
                assert!(said.contains(word) && !said.contains("can still be made"), "{level}: {said}");
            }
            assert!(problem["error_description_ja"].as_str().unwrap().contains("どのレベルでも"), "{problem}");
        }
    };
    assert_eq!(post(&laboratory, "/ca/api/holds", seal("").as_bytes()).await.status(), StatusCode::OK);
    laboratory.world.clock.advance("1m".parse().unwrap()).await.unwrap();
    refused(&["on hold since", "eseal release"]).await;
    let revoked = seal(r#", "reason": "keyCompromise""#);
    assert_eq!(post(&laboratory, "/ca/api/revocations", revoked.as_bytes()).await.status(), StatusCode::OK);
    laboratory.world.clock.advance("1m".parse().unwrap()).await.unwrap();
    refused(&["keyCompromise", "eseal renew"]).await;
    let pdf = include_bytes!("../../../examples/report.pdf");
    let sealed = post(&laboratory, "/issuer/api/seals?level=B-T", pdf).await;
    assert!(sealed.status().is_success(), "a stranger's file can be sealed nevertheless, and judged");
}

#[tokio::test]
async fn nothing_is_issued_with_a_badge_whose_key_is_on_hold_or_revoked() {
    let laboratory = laboratory().await;
    let certificate = laboratory.credential_certificate("badge-rsa2048").await.unwrap().unwrap();
    let refused = async |word: &str| {
        let refused = post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        let said = json(&refused)["error_description"].as_str().unwrap().to_owned();
        assert!(said.contains(word) && said.contains("badge"), "{said}");
    };
    laboratory.authority().hold(certificate.serial()).await.unwrap();
    refused("on hold since").await;
    let reason = pki::RevocationReason::KeyCompromise;
    laboratory.authority().revoke(certificate.serial(), reason, None, None).await.unwrap();
    refused("keyCompromise").await;
    laboratory.renew("badge-rsa2048").await.unwrap();
    let issued = post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await;
    assert_eq!(issued.status(), StatusCode::CREATED, "{:?}", issued.body());
}

#[tokio::test]
async fn where_nobody_says_how_the_seal_stands_a_level_without_evidence_is_issued_all_the_same() {
    let laboratory = laboratory().await;
    for authority in ["/ca/ocsp", "/ca/crl/issuing.crl", "/ca/crl/root.crl"] {
        let away = Act::Status(StatusCode::SERVICE_UNAVAILABLE);
        laboratory.world.faults.add(Rule::new(authority, away));
    }
    for (level, status) in [("B-B", StatusCode::CREATED), ("B-T", StatusCode::CREATED), ("B-LT", StatusCode::CONFLICT)]
    {
        let answer = post(&laboratory, &format!("/issuer/api/certificates?level={level}"), COMPLETION).await;
        assert_eq!(answer.status(), status, "{level}: {:?}", answer.body());
    }
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

/// What the issuer tells of numbers without a certificate.
async fn gaps(laboratory: &laboratory::Laboratory) -> Vec<serde_json::Value> {
    json(&ask(laboratory, "/issuer/api/numbers/gaps").await)["gaps"].as_array().unwrap().clone()
}

#[tokio::test]
async fn numbers_without_a_certificate_are_listed_page_by_page() {
    let laboratory = laboratory().await;
    for person in ["a", "b", "c"] {
        let mut data: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
        data["recipient"]["identifier"] = person.into();
        post(&laboratory, "/issuer/api/certificates?credential=none", data.to_string().as_bytes()).await;
    }
    let all: Vec<serde_json::Value> = gaps(&laboratory).await.into_iter().map(|gap| gap["number"].clone()).collect();
    let first = json(&ask(&laboratory, "/issuer/api/numbers/gaps?limit=2").await);
    assert_eq!((first["gaps"].as_array().unwrap().len(), &first["next"]), (2, &all[1]));
    let next = first["next"].as_str().unwrap();
    let last = json(&ask(&laboratory, &format!("/issuer/api/numbers/gaps?limit=2&after={next}")).await);
    assert_eq!((&last["gaps"][0]["number"], &last["next"]), (&all[2], &serde_json::Value::Null));
    for wrong in ["limit=0", "limit=1001", "after=TBU-2026-000001-X"] {
        let refused = ask(&laboratory, &format!("/issuer/api/numbers/gaps?{wrong}")).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn a_retry_keeps_the_number_also_with_corrected_data_and_a_given_up_one_is_a_named_gap() {
    let laboratory = laboratory().await;
    let refused = post(&laboratory, "/issuer/api/certificates?credential=none", COMPLETION).await;
    assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
    let gap = gaps(&laboratory).await.remove(0);
    assert_eq!((gap["number"].as_str(), gap["state"].as_str()), (Some("TBU-2026-000001-N"), Some("waiting")));
    assert!(gap["problem"].as_str().unwrap().contains("key server"), "{gap}");

    let mut other: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    other["recipient"]["identifier"] = "somebody-else".into();
    let other = other.to_string();
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", other.as_bytes()).await);
    assert!(told["number"].as_str().unwrap().starts_with("TBU-2026-000002"), "another's certificate: {told}");
    let mut corrected: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    corrected["recipient"]["name"] = "髙橋 花".into();
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", corrected.to_string().as_bytes()).await);
    assert_eq!(told["number"], "TBU-2026-000001-N");
    assert!(gaps(&laboratory).await.is_empty());

    post(&laboratory, "/issuer/api/certificates?credential=none", COMPLETION).await;
    let number = gaps(&laboratory).await[0]["number"].as_str().unwrap().to_owned();
    let give_up = format!("/issuer/api/numbers/{number}/give-up");
    assert_eq!(post(&laboratory, &give_up, b"{\"reason\": \" \"}").await.status(), StatusCode::BAD_REQUEST);
    let gap = json(&post(&laboratory, &give_up, b"{\"reason\": \"left the course\"}").await);
    assert_eq!((gap["state"].as_str(), gap["reason"].as_str()), (Some("given-up"), Some("left the course")));
    let again = post(&laboratory, &give_up, b"{\"reason\": \"another\"}").await;
    assert_eq!(again.status(), StatusCode::CONFLICT, "it waits no more");
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
    assert!(told["number"].as_str().unwrap().starts_with("TBU-2026-000004"), "{told}");
    assert_eq!(gaps(&laboratory).await, [gap]);
    let issued = format!("/issuer/api/numbers/{}/give-up", told["number"].as_str().unwrap());
    assert_eq!(post(&laboratory, &issued, b"{\"reason\": \"x\"}").await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn attempts_at_once_have_numbers_of_their_own_and_one_that_was_broken_off_waits() {
    let laboratory = laboratory().await;
    let attempts = (0..8).map(|_| {
        let laboratory = laboratory.clone();
        tokio::spawn(async move { json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await) })
    });
    let mut numbers = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        let told = attempt.await.unwrap();
        numbers.push(told["number"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned());
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 8);

    let waiting = loop {
        let broken_off = laboratory.clone();
        let broken_off = tokio::spawn(async move {
            let completion = issuer::Completion::from_json(COMPLETION).unwrap();
            broken_off.issuer.issue(&completion, sealing::Level::BB, None).await.map(|_| ())
        });
        let mut under_way = Vec::new();
        while under_way.is_empty() && !broken_off.is_finished() {
            under_way = gaps(&laboratory).await;
        }
        broken_off.abort();
        let _ended = broken_off.await;
        // Else it was faster, or kept at the moment in which it was broken off: once more.
        if let (Some(before), Some(after)) = (under_way.first(), gaps(&laboratory).await.first()) {
            assert_eq!(before["state"], "under-way");
            break after.clone();
        }
    };
    assert_eq!((waiting["state"].as_str(), waiting["problem"].is_null()), (Some("waiting"), true));
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
    assert_eq!(told["number"], waiting["number"]);
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
