use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ca::{AuthorityId, Profile};
use pki::{Crl, RevocationReason};
use world::store::Dialect;

use super::fixture::*;

#[tokio::test]
async fn a_crl_is_current_at_the_worlds_time_and_names_its_issuer() {
    let testbed = Testbed::new().await;
    for (name, issuer, next_update) in
        [("issuing", AuthorityId::ISSUING, "2026-11-25T09:00:00Z"), ("root", AuthorityId::ROOT, "2027-02-22T09:00:00Z")]
    {
        let crl = testbed.crl(name).await;
        let issuer = testbed.ca.issuer_certificate(&issuer).await.unwrap();
        crl.verify_issued_by(&issuer).unwrap();
        assert_eq!((crl.this_update(), crl.next_update()), (time(START), Some(time(next_update))));
        assert_eq!(crl.number(), Some(1));
        assert_eq!(crl.expired_certificates_since(), Some(issuer.not_before()));
        assert_eq!(crl.authority_key_identifier(), issuer.subject_key_identifier());
    }
}

#[tokio::test]
async fn a_crl_is_made_anew_only_when_its_time_has_come_or_a_fact_is_recorded() {
    let testbed = Testbed::new().await;
    let number = async || testbed.crl("issuing").await.number().unwrap();
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    assert_eq!((number().await, number().await), (1, 1));
    testbed.advance("23h").await;
    assert_eq!(number().await, 1);
    testbed.advance("1h").await;
    assert_eq!(number().await, 2, "nextUpdate has come");
    testbed.ca.hold(&serial).await.unwrap();
    assert_eq!((number().await, number().await), (3, 3));
    testbed.ca.release(&serial).await.unwrap();
    assert_eq!(number().await, 4, "an empty CRL again, but a newer one");
    assert_eq!(testbed.crl("root").await.number(), Some(1), "each CA counts for itself");
}

#[tokio::test]
async fn with_the_clock_set_back_the_crl_shows_what_was_known_and_its_number_grows() {
    let testbed = Testbed::new().await;
    let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
    testbed.advance("10d").await;
    testbed.ca.revoke(&serial, RevocationReason::Superseded, None, None).await.unwrap();
    assert!(testbed.crl("issuing").await.entry(&serial).is_some());
    testbed.advance("-5d").await;
    let before = testbed.crl("issuing").await;
    assert!(before.entry(&serial).is_none());
    assert_eq!((before.number(), before.this_update()), (Some(2), time("2026-11-29T09:00:00Z")));
    testbed.set("2026-12-04T09:00:00Z").await;
    let after = testbed.crl("issuing").await;
    assert!(after.entry(&serial).is_some());
    assert_eq!(after.number(), Some(3));
}

#[tokio::test]
async fn a_fact_recorded_with_the_clock_set_back_joins_those_of_later_dates() {
    let testbed = Testbed::new().await;
    let first = testbed.enrol(Profile::Seal).await[0].serial().clone();
    let second = testbed.enrol(Profile::Seal).await[0].serial().clone();
    let revoke = async |serial| testbed.ca.revoke(serial, RevocationReason::Superseded, None, None).await.unwrap();
    testbed.set("2026-12-01T12:00:00Z").await;
    revoke(&first).await;
    testbed.set("2026-12-01T00:00:00Z").await;
    revoke(&second).await;
    assert_eq!(testbed.crl("issuing").await.entries().count(), 1);
    testbed.set("2026-12-01T18:00:00Z").await;
    assert_eq!(testbed.crl("issuing").await.entries().count(), 2);
}

#[tokio::test]
async fn an_earlier_crl_stays_where_its_number_is() {
    let testbed = Testbed::new().await;
    let first = testbed.crl("issuing").await;
    testbed.advance("3d").await;
    assert_ne!(testbed.crl("issuing").await.der(), first.der());
    assert_eq!(testbed.crl("issuing-1").await.der(), first.der());
    for name in [
        "issuing-9",
        "issuing-0",
        "issuing-01",
        "issuing-+1",
        "issuing-x",
        "issuing-",
        "issuing-99999999999999999999",
        "nobody",
    ] {
        assert_eq!(testbed.get(&format!("/ca/crl/{name}.crl")).await.0, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(testbed.get("/ca/crl/issuing.der").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_client_that_has_the_crl_is_told_so() {
    let testbed = Testbed::new().await;
    let get = Request::get("/ca/crl/issuing.crl").body(Body::empty()).unwrap();
    let response = testbed.send(get).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
    let tag = response.headers()[header::ETAG].clone();
    let ask = || Request::get("/ca/crl/issuing.crl").header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
    assert_eq!(testbed.send(ask()).await.status(), StatusCode::NOT_MODIFIED);
    testbed.advance("2d").await;
    assert_eq!(testbed.send(ask()).await.status(), StatusCode::OK);
    let (status, _, body) =
        read(testbed.send(Request::head("/ca/crl/issuing.crl").body(Body::empty()).unwrap()).await).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn every_address_that_is_read_knows_conditional_requests() {
    let testbed = Testbed::new().await;
    let mut tags = Vec::new();
    for path in
        ["/ca/crl/issuing.crl", "/ca/crl/root.crl", "/ca/certs/root.cer", "/ca/trust.pem", "/ca/intermediates.pem"]
    {
        let ask = |name, value: &str| testbed.send(Request::get(path).header(name, value).body(Body::empty()).unwrap());
        let tag = ask(header::IF_NONE_MATCH, "\"other\"").await.headers()[header::ETAG].to_str().unwrap().to_owned();
        let unchanged = ask(header::IF_NONE_MATCH, &format!("\"other\", W/{tag}")).await;
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(unchanged.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(unchanged.headers()[header::ETAG], *tag);
        assert_eq!(ask(header::IF_MATCH, "\"other\"").await.status(), StatusCode::PRECONDITION_FAILED, "{path}");
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 5, "one for each content");
}

/// What is kept of a CRL is what it was made of: the same bytes come out, whoever asks, whatever was recorded since.
#[tokio::test]
async fn an_earlier_crl_is_the_same_after_a_restart_and_further_facts() {
    let testbed = Testbed::new().await;
    let revoke = async || {
        let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
        testbed.ca.revoke(&serial, RevocationReason::Superseded, None, None).await.unwrap();
    };
    let mut served = Vec::new();
    for step in ["5d", "-2d", "1h", "9d"] {
        revoke().await;
        testbed.advance(step).await;
        served.push(testbed.crl("issuing").await);
    }
    assert_eq!(served.iter().map(|crl| crl.number().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let again = ca::Ca::open(&testbed.world, testbed.signer.clone()).await.unwrap();
    assert_eq!(
        again.crl(&AuthorityId::ISSUING.generation(1)).await.unwrap().der(),
        served[3].der(),
        "the current one is not made anew"
    );
    for ca in [&again, &testbed.ca] {
        for crl in &served {
            let number = crl.number().unwrap();
            assert_eq!(ca.crl_by_number(&AuthorityId::ISSUING, number).await.unwrap().der(), crl.der(), "{number}");
        }
    }
}

/// 300 CRLs with up to 300 entries have 2.3 MB; what they were made of fits beside the certificates.
#[tokio::test]
async fn a_crl_after_each_revocation_does_not_fill_the_database() {
    let testbed = Testbed::new().await;
    if testbed.world.store.dialect() == Dialect::Postgres {
        println!("skipped: the size of a file is SQLite's; PostgreSQL's tables grow until they are vacuumed");
        return;
    }
    let size = async || {
        let text = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        world::store::query(text).fetch_value::<i64>(&testbed.world.store).await.unwrap()
    };
    let before = size().await;
    for _ in 0..300 {
        let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
        testbed.ca.revoke(&serial, RevocationReason::Superseded, None, None).await.unwrap();
        testbed.crl("issuing").await;
    }
    assert_eq!(testbed.crl("issuing").await.entries().count(), 300);
    assert_eq!(testbed.crl("issuing-150").await.entries().count(), 150);
    let grown = size().await - before;
    assert!(grown < 1 << 20, "{grown} bytes");
}

#[tokio::test]
async fn a_crl_is_forgotten_400_days_after_its_time_and_its_number_is_never_given_again() {
    let testbed = Testbed::new().await;
    testbed.crl("issuing").await;
    testbed.advance("401d").await;
    assert_eq!(testbed.crl("issuing").await.number(), Some(2));
    testbed.crl("issuing-1").await;
    testbed.advance("2d").await;
    assert_eq!(testbed.crl("issuing").await.number(), Some(3));
    let (status, _, body) = testbed.get("/ca/crl/issuing-1.crl").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(String::from_utf8(body).unwrap().contains("not kept any more"));
    testbed.crl("issuing-2").await;
}

#[tokio::test]
async fn the_last_crl_of_a_ca_is_dated_its_last_second() {
    let testbed = Testbed::new().await;
    testbed.advance("25y").await;
    let last = testbed.crl("issuing").await;
    assert_eq!(last.this_update(), time("2046-11-24T08:59:59Z"));
    assert_eq!(testbed.crl("issuing").await.number(), last.number());
    testbed.set("2020-01-01T00:00:00Z").await;
    let (status, _, body) = testbed.get("/ca/crl/issuing.crl").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "before the CA's first second");
    assert!(String::from_utf8(body).unwrap().contains("valid from 2026-11-24T09:00:00Z"));
}

#[tokio::test]
async fn crls_asked_for_at_once_are_one_crl() {
    let testbed = Testbed::new().await;
    let (first, second) = tokio::join!(testbed.crl("issuing"), testbed.crl("issuing"));
    assert_eq!(first.der(), second.der());
}

#[tokio::test]
async fn without_a_hierarchy_there_is_no_crl() {
    let testbed = Testbed::bare().await;
    assert_eq!(testbed.get("/ca/crl/issuing.crl").await.0, StatusCode::SERVICE_UNAVAILABLE);
}

/// Entries are encoded by hand; this is the one CRL with several kinds of them.
#[tokio::test]
async fn every_reason_is_read_back_from_the_crl() {
    let testbed = Testbed::new().await;
    let reasons = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::PrivilegeWithdrawn,
    ];
    let mut serials = Vec::new();
    for reason in reasons {
        let serial = testbed.enrol(Profile::Seal).await[0].serial().clone();
        testbed.ca.revoke(&serial, reason, None, None).await.unwrap();
        serials.push((serial, reason));
    }
    let crl: Crl = testbed.crl("issuing").await;
    for (serial, reason) in serials {
        let published = (reason != RevocationReason::Unspecified).then_some(reason);
        assert_eq!(crl.entry(&serial).unwrap().reason, published, "{reason}");
    }
}

#[tokio::test]
async fn that_there_is_no_such_crl_is_kept_by_no_cache() {
    let testbed = Testbed::new().await;
    for (path, status) in
        [("/ca/crl/issuing-99.crl", 404), ("/ca/crl/none.crl", 404), ("/ca/crl/%FF", 400), ("/ca/certs/none.cer", 404)]
    {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = testbed.send(request).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
    }
}
