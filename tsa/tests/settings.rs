//! Units of one world that differ: algorithm, policies, accuracy, ordering; and what renewal keeps of that.

mod support;

use axum::http::StatusCode;
use jiff::Timestamp;
use pki::{Accuracy, DigestAlgorithm, KeyKind, Scheme, SignatureAlgorithm, TimeStampFailure, oid};
use support::{AT, Lab, granted, lab, lab_in, refused, request, time};
use tsa::{Error, NewUnit};
use world::World;

const PSS: SignatureAlgorithm = SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha384);

/// genTime of a new token.
async fn gen_time(lab: &Lab, unit: &str) -> Timestamp {
    granted(lab.post(&format!("/tsa/{unit}"), request().to_der()).await).time()
}

fn accurate(milliseconds: u16, microseconds: u16) -> impl Fn(&mut NewUnit) {
    move |unit| unit.accuracy = Accuracy { seconds: 0, milliseconds, microseconds }
}

fn ordered(accuracy: Accuracy) -> impl Fn(&mut NewUnit) {
    move |unit| (unit.ordering, unit.accuracy) = (true, accuracy)
}

#[tokio::test]
async fn gen_time_is_as_exact_as_the_accuracy_that_the_unit_declares() {
    let lab = lab().await;
    lab.add_with("milli", KeyKind::P256, accurate(20, 0)).await;
    lab.add_with("micro", KeyKind::P256, accurate(0, 30)).await;
    lab.world.clock.set(time("2026-11-24T09:00:00.7512349Z")).await.unwrap();
    for (unit, expected, accuracy) in [
        ("p256", "2026-11-24T09:00:00Z", Accuracy::seconds(1)),
        ("milli", "2026-11-24T09:00:00.751Z", Accuracy { milliseconds: 20, ..Accuracy::default() }),
        ("micro", "2026-11-24T09:00:00.751234Z", Accuracy { microseconds: 30, ..Accuracy::default() }),
    ] {
        let token = granted(lab.post(&format!("/tsa/{unit}"), request().to_der()).await);
        assert_eq!((token.time(), token.info().accuracy), (time(expected), Some(accuracy)), "{unit}");
        let address = format!("/tsa/api/tokens/{}?time={expected}", token.info().serial);
        let (status, recorded) = lab.json(&address).await;
        assert_eq!((status, recorded["time"].as_str()), (StatusCode::OK, Some(expected)), "{unit}");
    }
}

#[tokio::test]
async fn ordered_tokens_have_times_of_their_own_in_the_order_in_which_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.freeze().await.unwrap();
    let lab = lab_in(world).await;
    lab.world.clock.set(time(AT)).await.unwrap();
    lab.add_with("ordered", KeyKind::P256, ordered(Accuracy::seconds(1))).await;
    let token = granted(lab.post("/tsa/ordered", request().to_der()).await);
    assert!(token.info().ordering);
    let mut given = vec![token.time()];
    for _ in 0..5 {
        given.push(gen_time(&lab, "ordered").await);
    }
    lab.world.clock.set(time("2026-11-24T08:00:00Z")).await.unwrap();
    assert_eq!(gen_time(&lab, "ordered").await, time("2026-11-24T08:00:00Z"), "an hour earlier is another time");
    lab.world.clock.set(time(AT)).await.unwrap();
    given.push(gen_time(&lab, "ordered").await);
    let at_once = futures_util::future::join_all((0..20).map(|_| gen_time(&lab, "ordered"))).await;
    let lab = lab.reopened().await;
    let last = gen_time(&lab, "ordered").await;
    assert_eq!(given[0], time(AT));
    assert!(given.windows(2).all(|pair| pair[0] < pair[1]), "{given:?}");
    let mut all = [given, at_once, vec![last]].concat();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), all.last()), (28, Some(&last)), "none twice, also after a restart");
}

#[tokio::test]
async fn a_unit_that_has_no_time_left_within_its_accuracy_waits_for_the_clock() {
    let lab = lab().await;
    let three = Accuracy { microseconds: 2, ..Accuracy::default() };
    lab.add_with("ordered", KeyKind::P256, ordered(three)).await;
    for expected in ["2026-11-24T09:00:00.75Z", "2026-11-24T09:00:00.750001Z", "2026-11-24T09:00:00.750002Z"] {
        assert_eq!(gen_time(&lab, "ordered").await, time(expected));
    }
    let (failure, text) = refused(lab.post("/tsa/ordered", request().to_der()).await);
    assert_eq!(failure, TimeStampFailure::TimeNotAvailable);
    assert!(text.contains("let the clock go on"), "{text}");
    lab.world.clock.set(time("2026-11-24T09:00:01Z")).await.unwrap();
    assert_eq!(gen_time(&lab, "ordered").await, time("2026-11-24T09:00:01Z"));
}

#[tokio::test]
async fn renewal_and_a_restart_keep_what_the_unit_is() {
    let lab = lab().await;
    let settings = |unit: &mut NewUnit| {
        unit.algorithm = Some(PSS);
        unit.policy = oid::BASELINE_TIME_STAMP_POLICY;
        unit.accepted_policies = vec![oid::TESTBED_TSA_POLICY];
        unit.accuracy = Accuracy { seconds: 0, milliseconds: 500, microseconds: 7 };
        unit.ordering = true;
    };
    lab.add_with("own", KeyKind::Rsa { bits: 2048 }, settings).await;
    let (key, chain) = lab.enrol("own", KeyKind::Rsa { bits: 2048 }, Vec::new()).await;
    let serial = chain[0].serial().to_string();
    lab.tsa.renew_unit(&"own".parse().unwrap(), key, chain).await.unwrap();
    let lab = lab.reopened().await;
    let (_, units) = lab.json("/tsa/api/units").await;
    let own = &units[0];
    assert_eq!(own["certificate"]["serial"], serial);
    assert_eq!(own["certificate"]["issuer"], lab.root.subject().to_string());
    assert_eq!((&own["policy"], &own["accepted_policies"][0]), (&"0.4.0.2023.1.1".into(), &"2.25.7562593.3".into()));
    assert_eq!((own["accuracy_seconds"].as_f64(), own["ordering"].as_bool()), (Some(0.500_007), Some(true)));
    assert_eq!(own["signature_algorithm"], "RSASSA-PSS with SHA-384");
    let token = granted(lab.post("/tsa/own", request().to_der()).await);
    token.verify_signature().unwrap();
    assert_eq!(token.info().policy, oid::BASELINE_TIME_STAMP_POLICY);
    let (key, chain) = lab.enrol("own", KeyKind::P256, Vec::new()).await;
    let refused = lab.tsa.renew_unit(&"own".parse().unwrap(), key, chain).await.unwrap_err();
    assert!(matches!(refused, Error::Algorithm { kind: KeyKind::P256, algorithm: PSS, .. }), "{refused}");
}
