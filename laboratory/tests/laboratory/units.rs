//! Time-stamping units of one world that differ, and what is left of that after years.

use axum::Router;
use ca::{AuthorityId, AuthorityPlan, Profile, Subject};
use http::StatusCode;
use laboratory::Laboratory;
use laboratory::plan::WorldPlan;
use pki::{Accuracy, DigestAlgorithm, KeyKind, Scheme, SignatureAlgorithm};
use tsa::NewUnit;
use world::World;

use super::sealing::letter;
use super::support::{json, send};

const PSS: SignatureAlgorithm = SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha512);

async fn laboratory(authority_keys: KeyKind) -> Laboratory {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let plan = WorldPlan::default().with_authority_keys(authority_keys.into());
    let plan = plan.with_credentials(&[KeyKind::P256], false);
    Laboratory::open_for_story(&world, plan, |_| Router::new()).await.unwrap()
}

/// A unit of another root's, by RSASSA-PSS and ordered, which answers at `/tsa` from now on.
async fn add_other(laboratory: &Laboratory, other: &AuthorityId) {
    let [root, _] = AuthorityPlan::two_levels(KeyKind::P384);
    laboratory.ca.establish(&[AuthorityPlan { id: other.clone(), ..root }]).await.unwrap();
    let key = laboratory.signer.create_key(KeyKind::Rsa { bits: 3072 }, "tsa").await.unwrap();
    let subject = Subject {
        country: "JP".into(),
        organization: "TESTBED Time".into(),
        organization_identifier: "NTRJP-9234567890123".into(),
        common_name: "TESTBED Time unit other".into(),
    };
    let public_key = laboratory.signer.public_key(&key).await.unwrap();
    let chain = laboratory.ca.enrol_from(Some(other), Profile::TimeStamping, &subject, &public_key).await.unwrap();
    let mut unit = NewUnit::new("other".parse().unwrap(), key, chain);
    (unit.algorithm, unit.ordering) = (Some(PSS), true);
    unit.accuracy = Accuracy { milliseconds: 250, ..Accuracy::default() };
    laboratory.tsa.add_unit(unit).await.unwrap();
    laboratory.tsa.make_default(&"other".parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_renewed_unit_has_a_key_of_its_kind_by_its_own_authority_and_goes_on_as_it_was() {
    let (laboratory, other) = (laboratory(KeyKind::P256).await, "other".parse().unwrap());
    add_other(&laboratory, &other).await;
    let before = laboratory.tsa.unit(Some("other")).unwrap();
    laboratory.world.clock.set("2029-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    assert!(laboratory.renew_expired().await.unwrap().contains(&"other".to_owned()));
    let after = laboratory.tsa.unit(Some("other")).unwrap();
    assert_ne!(after.certificate(), before.certificate());
    assert_eq!(after.certificate().public_key().kind(), KeyKind::Rsa { bits: 3072 });
    assert_eq!(after.chain()[1..], before.chain()[1..], "the same authority");
    assert_eq!((after.algorithm(), after.accuracy(), after.ordering()), (PSS, before.accuracy(), true));
}

#[tokio::test]
async fn what_an_ordered_unit_of_another_root_stamps_is_valid_at_every_level() {
    let laboratory = laboratory(KeyKind::P256).await;
    add_other(&laboratory, &"other".parse().unwrap()).await;
    let anchors = laboratory.ca.anchors().await.unwrap().into_iter().map(validation::Anchor::from).collect();
    let verifier = Router::from(verifier::router(verifier::Verifier::new(&laboratory.world, anchors)));
    let mut times = Vec::new();
    for level in ["B-T", "B-LTA"] {
        let address = format!("/issuer/api/seals?level={level}");
        let sealed = send(&laboratory, "POST", &address, "application/pdf", &letter()).await;
        assert_eq!(sealed.status(), StatusCode::OK, "{:?}", sealed.body());
        let request = http::Request::post("/verifier/api/validations").header("content-type", "application/pdf");
        let request = request.body(axum::body::Body::from(sealed.body().clone())).unwrap();
        let answer = tower::ServiceExt::oneshot(verifier.clone(), request).await.unwrap();
        let report = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["indication"], "TOTAL-PASSED", "{report:#}");
        let stamps = report["signatures"].as_array().unwrap().iter().flat_map(|s| s["timestamps"].as_array().unwrap());
        times.extend(stamps.map(|stamp| stamp["time"].as_str().unwrap().to_owned()));
    }
    times.sort();
    times.dedup();
    assert_eq!(times.len(), 3, "each has a time of its own, though the clock stands: {times:?}");
}

#[tokio::test]
async fn the_kind_of_the_authorities_keys_is_that_of_the_first_unit_too() {
    let laboratory = laboratory(KeyKind::P384).await;
    let units = json(&send(&laboratory, "GET", "/tsa/api/units", "text/plain", b"").await);
    assert_eq!(units[0]["signature_algorithm"], "ECDSA with SHA-384");
    let certificate = laboratory.renew("default").await.unwrap();
    assert_eq!(certificate.public_key().kind(), KeyKind::P384);
}
