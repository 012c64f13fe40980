//! Several organizations issue in one world: each in its own name, with numbers, badges and a seal of its own.

use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use issuer::{Issuer, Organization, SealText, Secret};
use laboratory::Laboratory;
use laboratory::plan::WorldPlan;
use pki::KeyKind;
use serde_json::Value;
use tower::ServiceExt;
use world::World;

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

fn college() -> Organization {
    Organization {
        id: "college".to_owned(),
        name_ja: "試験短期大学".to_owned(),
        name_en: "Testbed College".to_owned(),
        signatory_ja: "学長 試験 花子".to_owned(),
        signatory_en: "Hanako Shiken, President".to_owned(),
        seal: SealText::from_columns("試験/短大").unwrap(),
        seal_picture: None,
        logo: None,
        number_prefix: "COL".to_owned(),
        seal_credential: "seal-p384".to_owned(),
        badge_credential: "badge-rsa2048".to_owned(),
    }
}

async fn laboratory() -> Laboratory {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let plan = WorldPlan::default().with_credentials(&[KeyKind::P256, KeyKind::P384], true);
    Laboratory::open_for_story(&world, plan, |_| Router::new()).await.unwrap()
}

async fn open(laboratory: &Laboratory, organizations: Vec<Organization>) -> Result<Issuer, issuer::Error> {
    Issuer::open(&laboratory.world, &laboratory.reach, organizations, Secret::new([7; 32])).await
}

/// The issuer's addresses, in a world where the university and the college issue.
async fn services(laboratory: &Laboratory) -> Router {
    issuer::router(open(laboratory, vec![Organization::testbed(), college()]).await.unwrap()).into()
}

async fn asked(services: &Router, method: &str, path: &str, body: &'static [u8]) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let answer = services.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
}

async fn issued(services: &Router, query: &str) -> Value {
    let (status, told) =
        asked(services, "POST", &format!("/issuer/api/certificates?level=B-B{query}"), COMPLETION).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    told
}

#[tokio::test]
async fn each_certificate_is_its_organizations_with_number_seal_and_badge() {
    let laboratory = laboratory().await;
    let services = services(&laboratory).await;
    let profiles =
        ["http://127.0.0.1:8700/issuer/profile", "http://127.0.0.1:8700/issuer/organizations/college/profile"];
    for (query, id, number, credential, profile) in [
        ("", "tbu", "TBU-2026-000001-", "seal-p256", profiles[0]),
        ("&organization=college", "college", "COL-2026-000001-", "seal-p384", profiles[1]),
        ("&organization=tbu", "tbu", "TBU-2026-000002-", "seal-p256", profiles[0]),
        ("&organization=college&credential=seal-p256", "college", "COL-2026-000002-", "seal-p256", profiles[1]),
    ] {
        let mut told = issued(&services, query).await;
        told.as_object_mut().unwrap().remove("also"); // another about the same
        assert!(told["number"].as_str().unwrap().starts_with(number), "{told}");
        let address = format!("/issuer/api/certificates/{}", told["number"].as_str().unwrap());
        let (_, mut kept) = asked(&services, "GET", &address, b"").await;
        kept.as_object_mut().unwrap().remove("standing"); // what became of it since
        assert_eq!((&kept, &kept["organization"]), (&told, &id.into()));
        let chain = laboratory.signer.chain(credential).await.unwrap().unwrap();
        assert_eq!(told["seal_serial"], chain[0].serial().to_string());
        let (_, badge) = asked(&services, "GET", &format!("{address}/badge"), b"").await;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(badge.as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["issuer"]["id"], profile);
        let (_, served) = asked(&services, "GET", profile.strip_prefix("http://127.0.0.1:8700").unwrap(), b"").await;
        assert_eq!(served, payload["issuer"], "the badge's issuer is served at its id");
    }
}

#[tokio::test]
async fn an_organization_that_is_not_there_is_answered_with_those_that_are() {
    let laboratory = laboratory().await;
    let services = services(&laboratory).await;
    let refused = asked(&services, "POST", "/issuer/api/certificates?organization=colege", COMPLETION).await;
    let expected = "organization \"colege\": there is none with that id; there are: tbu, college";
    assert_eq!((refused.0, refused.1["error_description"].as_str()), (StatusCode::BAD_REQUEST, Some(expected)));
    let refused = asked(&services, "GET", "/issuer/organizations/colege/profile", b"").await;
    assert_eq!((refused.0, refused.1["error_description"].as_str()), (StatusCode::NOT_FOUND, Some(expected)));
    let (_, listed) = asked(&services, "GET", "/issuer/organizations", b"").await;
    let of = |member: &str| listed["organizations"].as_array().unwrap().iter().map(|one| one[member].clone()).collect();
    let (ids, prefixes, defaults): (Vec<_>, Vec<_>, Vec<_>) = (of("id"), of("number_prefix"), of("default"));
    assert_eq!(
        (ids, prefixes, defaults),
        (vec!["tbu".into(), "college".into()], vec!["TBU".into(), "COL".into()], vec![true.into(), false.into()])
    );
    let (_, gaps) = asked(&services, "GET", "/issuer/api/numbers/gaps", b"").await;
    assert_eq!(gaps["gaps"], Value::Array(Vec::new()), "no number was taken");
}

#[tokio::test]
async fn a_number_waits_for_its_certificate_by_its_own_organization() {
    let laboratory = laboratory().await;
    let services = services(&laboratory).await;
    let failing = "/issuer/api/certificates?level=B-B&credential=none&organization=college";
    assert_eq!(asked(&services, "POST", failing, COMPLETION).await.0, StatusCode::BAD_GATEWAY);
    let (_, gaps) = asked(&services, "GET", "/issuer/api/numbers/gaps", b"").await;
    let waiting = gaps["gaps"][0]["number"].as_str().unwrap().to_owned();
    assert!(waiting.starts_with("COL-2026-000001-"), "{gaps}");
    assert!(issued(&services, "").await["number"].as_str().unwrap().starts_with("TBU-2026-000001-"));
    assert_eq!(issued(&services, "&organization=college").await["number"], waiting);
}

#[tokio::test]
async fn two_organizations_with_one_prefix_or_one_id_and_none_at_all_are_refused() {
    let laboratory = laboratory().await;
    let twin = |change: fn(&mut Organization)| {
        let mut twin = college();
        change(&mut twin);
        vec![college(), twin]
    };
    for (organizations, named) in [
        (twin(|twin| twin.id = "twin".to_owned()), "number_prefix"),
        (twin(|twin| twin.number_prefix = "TWIN".to_owned()), "organization.id"),
        (twin(|twin| (twin.id, twin.number_prefix) = ("Twin".to_owned(), "TWIN".to_owned())), "organization.id"),
        (Vec::new(), "organizations"),
    ] {
        let refused = open(&laboratory, organizations).await.err().unwrap().to_string();
        assert!(refused.starts_with(&format!("issuer setting {named}: wanted ")), "{refused}");
    }
}
