//! A branch and its parent: one past, two presents. Who judges in one of them is told its own facts.

use http::StatusCode;
use laboratory::registry::{self, BranchAddress, Home, RegistryError};
use laboratory::worlds::{Surroundings, Worlds};
use laboratory::{Laboratory, Opening};
use pki::RevocationReason;
use serde_json::Value;
use world::store::postgres::own_for_a_test;

use super::sealing::letter;
use super::support::{Answer, json, post, send};

const BASE: &str = "http://127.0.0.1:8700";
const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// The worlds of a folder, of which `default` and `class` are there; nothing listens for them.
async fn worlds() -> (tempfile::TempDir, Worlds, Laboratory) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home { data: folder.path().into(), database: own_for_a_test().await.unwrap() };
    let opened = Worlds::open(&home, BASE, "class", Opening::default(), Surroundings::default()).await;
    let (worlds, class) = opened.unwrap();
    (folder, worlds, class)
}

async fn branched(worlds: &Worlds, parent: &str, name: &str, address: BranchAddress<'_>) -> Laboratory {
    worlds.flush(parent).await.unwrap();
    registry::branch(worlds.home(), parent, name, address).await.unwrap();
    worlds.made(name, laboratory::Opening::default()).await.unwrap()
}

/// A seal without a time-stamp and without evidence: what it is worth hangs on what the authorities say on that day.
async fn sealed(laboratory: &Laboratory, credential: &str) -> Answer {
    let address = format!("/issuer/api/seals?level=B-B&credential={credential}");
    let sealed = send(laboratory, "POST", &address, "application/pdf", &letter()).await;
    assert_eq!(sealed.status(), StatusCode::OK, "{:?}", sealed.body());
    sealed
}

async fn revoke(laboratory: &Laboratory, credential: &str) {
    let certificate = laboratory.credential_certificate(credential).await.unwrap().unwrap();
    laboratory.authority().revoke(certificate.serial(), RevocationReason::KeyCompromise, None, None).await.unwrap();
}

async fn verdict(laboratory: &Laboratory, pdf: &Answer) -> (String, Value) {
    let report = json(&send(laboratory, "POST", "/verifier/api/validations", "application/pdf", pdf.body()).await);
    (report["indication"].as_str().unwrap().to_owned(), report["sub_indication"].clone())
}

/// How often the world's authorities told a verifier something.
async fn lookups(laboratory: &Laboratory) -> usize {
    let exchanges = laboratory.world.journal.exchanges(0, 10_000).await.unwrap();
    let of_verifier = |service: &str, caller: &str| service == "ca" && caller == "verifier";
    exchanges.iter().filter(|one| of_verifier(&one.exchange.service, &one.exchange.caller)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_judges_what_was_sealed_before_by_its_own_facts() {
    let (_folder, worlds, parent) = worlds().await;
    let (first, second) = (sealed(&parent, "seal-p256").await, sealed(&parent, "seal-p384").await);
    let branch = branched(&worlds, "class", "branch", BranchAddress::Own(BASE)).await;
    revoke(&branch, "seal-p256").await;
    revoke(&parent, "seal-p384").await;
    for world in [&parent, &branch] {
        world.world.clock.advance("2d".parse().unwrap()).await.unwrap(); // no list of the day before counts
    }
    let passed = ("TOTAL-PASSED".to_owned(), Value::Null);
    let revoked = ("INDETERMINATE".to_owned(), Value::from("REVOKED_NO_POE"));
    let before = (lookups(&parent).await, lookups(&branch).await);
    assert_eq!(verdict(&branch, &first).await, revoked);
    assert_eq!(verdict(&branch, &second).await, passed);
    assert_eq!(lookups(&parent).await, before.0, "nobody in the branch asked the parent");
    assert!(lookups(&branch).await > before.1, "though the certificates name the parent");
    let before = lookups(&branch).await;
    assert_eq!(verdict(&parent, &first).await, passed);
    assert_eq!(verdict(&parent, &second).await, revoked);
    assert_eq!(lookups(&branch).await, before, "and nobody in the parent asked the branch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_goes_on_from_its_parent_under_its_own_address_or_the_parents() {
    let (_folder, worlds, parent) = worlds().await;
    post(&parent, "/issuer/api/certificates?level=B-B", COMPLETION).await;
    let own = branched(&worlds, "class", "own", BranchAddress::Own(BASE)).await;
    let taking = branched(&worlds, "class", "taking", BranchAddress::Parents).await;
    let further = branched(&worlds, "own", "further", BranchAddress::Own(BASE)).await;
    let class = format!("{BASE}/w/class");
    assert_eq!(own.world.network.also_known_as(), std::slice::from_ref(&class));
    assert_eq!(taking.world.network.also_known_as(), [""; 0]);
    assert_eq!(further.world.network.also_known_as(), [format!("{BASE}/w/own"), class.clone()]);
    let mut numbers = Vec::new();
    for (world, base) in [
        (&parent, &class),
        (&own, &format!("{BASE}/w/own")),
        (&taking, &class),
        (&further, &format!("{BASE}/w/further")),
    ] {
        assert_eq!(world.world.base, *base);
        let issued = json(&post(world, "/issuer/api/certificates?level=B-LT", COMPLETION).await);
        assert!(issued["address"].as_str().unwrap().starts_with(&format!("{base}/c/")), "{issued}");
        numbers.push(issued["number"].clone());
        let renewed = world.renew("seal-p256").await.unwrap();
        assert_eq!(renewed.crl_urls(), [format!("{base}/ca/crl/issuing.crl")]);
        let sealed = sealed(world, "seal-p256").await;
        assert_eq!(verdict(world, &sealed).await.0, "TOTAL-PASSED");
    }
    assert!(numbers.iter().all(|number| number == &numbers[0]), "the second of each: {numbers:?}");
    for world in [&parent, &own, &taking, &further] {
        let verdict = world.signer.verify_audit().await.unwrap();
        assert!(
            matches!(verdict, signer::AuditVerdict::Intact { .. }),
            "one chain up to the branch, whole in each: {verdict}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_the_default_world_does_not_mean_the_other_worlds_to_its_branch() {
    let (_folder, worlds, class) = worlds().await;
    let branch = branched(&worlds, "default", "branch", BranchAddress::Own(BASE)).await;
    let asked = async |address: &str| {
        let request = http::Request::get(address).body(bytes::Bytes::new()).unwrap();
        branch.world.network.send("verifier", request).await.map(|answer| answer.status())
    };
    assert_eq!(asked(&format!("{BASE}/ca/crl/issuing.crl")).await.unwrap(), StatusCode::OK);
    let neighbours = asked(&format!("{}/ca/crl/issuing.crl", class.world.base)).await;
    assert!(neighbours.is_err(), "asked over a socket, behind which nobody listens: {neighbours:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_branch_takes_a_name_that_is_taken_or_a_parent_that_is_not_there() {
    let (_folder, worlds, _class) = worlds().await;
    let branch = async |parent: &str, name: &str| {
        registry::branch(worlds.home(), parent, name, BranchAddress::Parents).await.unwrap_err()
    };
    assert!(matches!(branch("class", "default").await, RegistryError::WorldExists { .. }));
    assert!(matches!(branch("clas", "branch").await, RegistryError::NoWorld { .. }));
    assert_eq!(registry::names(worlds.data()), ["class", "default"]);
}
