//! A world that is made from a plan of three levels, three roots, a cross-certificate, a rollover and every algorithm: what it seals is
//! valid, and OpenSSL says the same of its chains, CRLs, OCSP answers and time-stamps.

use std::path::Path;
use std::process::Command;

use axum::Router;
use http::StatusCode;
use laboratory::Laboratory;
use laboratory::plan::WorldPlan;
use pki::{Certificate, CertificateId, DigestAlgorithm, KeyKind, OcspRequest, RsaPadding, Scheme, oid};
use serde_json::Value;
use world::World;

use super::sealing::letter;
use super::support::{json, send};

const PLAN: &str = include_str!("plan/every_algorithm.toml");

async fn laboratory(text: &str) -> Laboratory {
    let present = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", present).await.unwrap();
    let plan = WorldPlan::from_toml(text, present).unwrap_or_else(|error| panic!("{error}"));
    Laboratory::open(&world, plan, |_| Router::new()).await.unwrap()
}

fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}

fn openssl(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {arguments:?}: {told}");
    told
}

#[tokio::test]
async fn every_algorithm_seals_stamps_and_answers_as_openssl_expects() {
    let laboratory = laboratory(PLAN).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("roots.pem", pem(&laboratory.ca.anchors().await.unwrap()).as_bytes());
    write("others.pem", pem(&laboratory.ca.intermediates().await.unwrap()).as_bytes());
    let at = laboratory.world.clock.now().as_second().to_string();
    for credential in &laboratory.plan().credentials {
        let chain = laboratory.signer.chain(&credential.id).await.unwrap().unwrap();
        write("end.pem", chain[0].to_pem().as_bytes());
        let issuer = chain[1].clone();
        write("issuer.pem", issuer.to_pem().as_bytes());
        // A CRL for each certificate of the chain.
        let mut crls = String::new();
        for authority in laboratory.ca.generations().await.unwrap() {
            let crl = laboratory.ca.crl(&authority.name).await.unwrap();
            write("one.crl", crl.der());
            crls += &openssl(folder.path(), &["crl", "-in", "one.crl", "-inform", "DER"]);
        }
        write("crls.pem", crls.as_bytes());
        let verify =
            ["verify", "-attime", &at, "-crl_check_all", "-CRLfile", "crls.pem", "-CAfile", "roots.pem", "-untrusted"];
        let told = openssl(folder.path(), &[&verify[..], &["others.pem", "end.pem"]].concat());
        assert!(told.contains("OK"), "{}: {told}", credential.id);
        let request = OcspRequest {
            certificate_ids: vec![CertificateId::for_certificate(chain[0].serial(), &issuer, DigestAlgorithm::Sha1)],
            nonce: None,
        };
        let answer = send(&laboratory, "POST", "/ca/ocsp", "application/ocsp-request", &request.to_der()).await;
        write("answer.ocsp", answer.body());
        let ocsp =
            ["ocsp", "-respin", "answer.ocsp", "-issuer", "issuer.pem", "-cert", "end.pem", "-CAfile", "roots.pem"];
        let more = ["-verify_other", "others.pem", "-validity_period", "3000000000", "-attime", &at, "-no_nonce"];
        let told = openssl(folder.path(), &[&ocsp[..], &more].concat());
        assert!(told.contains("Response verify OK") && told.contains("end.pem: good"), "{}: {told}", credential.id);
    }
    time_stamps_hold(&laboratory, folder.path(), &at).await;
}

async fn time_stamps_hold(laboratory: &Laboratory, folder: &Path, at: &str) {
    std::fs::write(folder.join("data"), b"to be stamped").unwrap();
    openssl(folder, &["ts", "-query", "-data", "data", "-cert", "-sha256", "-out", "query.tsq"]);
    let query = std::fs::read(folder.join("query.tsq")).unwrap();
    for unit in &laboratory.plan().units {
        let path = format!("/tsa/{}", unit.name);
        let answer = send(laboratory, "POST", &path, "application/timestamp-query", &query).await;
        std::fs::write(folder.join("answer.tsr"), answer.body()).unwrap();
        openssl(folder, &["ts", "-reply", "-in", "answer.tsr", "-token_out", "-out", "token.der"]);
        // OpenSSL's `ts` knows no RSASSA-PSS; its `cms` verifies the token as the signed message that it is.
        let (verify, untrusted): (&[&str], _) = match unit.algorithm.padding {
            RsaPadding::Pkcs1 => (&["ts", "-verify", "-queryfile", "query.tsq", "-in", "answer.tsr"], "-untrusted"),
            RsaPadding::Pss => (
                &[
                    "cms",
                    "-verify",
                    "-inform",
                    "DER",
                    "-in",
                    "token.der",
                    "-purpose",
                    "timestampsign",
                    "-out",
                    "content",
                ],
                "-certfile",
            ),
        };
        let trusted = ["-CAfile", "roots.pem", untrusted, "others.pem", "-attime", at];
        let told = openssl(folder, &[verify, &trusted].concat());
        assert!(
            told.contains("Verification: OK") || told.contains("CMS Verification successful"),
            "{}: {told}",
            unit.name
        );
    }
    let units = laboratory.tsa.units();
    let schemes: Vec<Scheme> = units.iter().map(|unit| unit.algorithm().scheme).collect();
    assert!(schemes.contains(&Scheme::RsaPss) && schemes.contains(&Scheme::Ecdsa));
    assert_eq!(laboratory.tsa.default_unit().unwrap().as_str(), "p256", "the first of the plan");
}

#[tokio::test]
async fn what_each_credential_of_a_plan_seals_is_valid() {
    let laboratory = laboratory(PLAN).await;
    for credential in laboratory.plan().credentials.iter().filter(|one| one.id.starts_with("seal")) {
        let address = format!("/issuer/api/seals?level=B-LT&credential={}", credential.id);
        let sealed = send(&laboratory, "POST", &address, "application/pdf", &letter()).await;
        assert_eq!(sealed.status(), StatusCode::OK, "{}: {:?}", credential.id, sealed.body());
        let path = "/verifier/api/validations";
        let report: Value = json(&send(&laboratory, "POST", path, "application/pdf", sealed.body()).await);
        // Ed25519 holds, and is not in the suite of algorithms that a seal may rest on (TS 119 312).
        let expected = if credential.id == "seal-ed25519" { "INDETERMINATE" } else { "TOTAL-PASSED" };
        assert_eq!(report["indication"], expected, "{}: {report:#}", credential.id);
        assert_eq!(report.to_string().contains("Ed25519 key: not in the suite"), expected == "INDETERMINATE");
    }
}

/// What is sealed below a root of Ed25519, whose signatures hold and are not in the suite (TS 119 312), passes on the way that a
/// cross-certificate shows.
#[tokio::test]
async fn where_one_path_leads_to_an_algorithm_that_is_not_relied_on_another_is_taken() {
    let plan = r#"
        version = 1
        start = "2026-11-24"
        [[authority]]
        id = "root-ed25519"
        common_name = "Root Ed25519"
        algorithm = "Ed25519"
        [[authority]]
        id = "root-p256"
        common_name = "Root P-256"
        [[authority]]
        id = "issuing"
        parent = "root-ed25519"
        common_name = "Issuing"
        [[cross_certificate]]
        subject = "issuing"
        issuer = "root-p256"
    "#;
    let laboratory = laboratory(plan).await;
    let (anchors, intermediates) =
        (laboratory.ca.anchors().await.unwrap(), laboratory.ca.intermediates().await.unwrap());
    for level in ["B-T", "B-LT"] {
        let address = format!("/issuer/api/seals?level={level}");
        let sealed = send(&laboratory, "POST", &address, "application/pdf", &letter()).await;
        assert_eq!(sealed.status(), StatusCode::OK, "{:?}", sealed.body());
        let document = pades::Document::parse(&sealed.body()[..]).unwrap();
        let policy = validation::Policy::default();
        let anchors: Vec<validation::Anchor> = anchors.iter().cloned().map(Into::into).collect();
        let known = validation::Input {
            pdf: validation::Pdf::Read(&document),
            anchors: &anchors,
            certificates: &intermediates,
            crls: &[],
            ocsp_responses: &[],
            policy: &policy,
            memory: laboratory.memory(),
        };
        let at = laboratory.world.clock.now();
        let report = laboratory.judge(&known, at, laboratory::Online::Allowed).await.unwrap().report;
        assert!(report.signatures[0].conclusion.is_passed(), "{level}: {:#?}", report.signatures[0]);
    }
}

#[tokio::test]
async fn authorities_have_the_past_that_was_planned() {
    let laboratory = laboratory(PLAN).await;
    let generations = laboratory.ca.generations().await.unwrap();
    let of = |name: &str| {
        let found = generations.iter().find(|one| one.name.to_string() == name);
        found.unwrap_or_else(|| panic!("there is no {name}")).certificate.clone()
    };
    let begins = |name| of(name).not_before().to_string();
    assert_eq!(begins("root-ed25519"), "2016-11-24T00:00:00Z");
    assert_eq!(begins("middle-p521"), "2018-11-24T00:00:00Z");
    assert_eq!(begins("issuing-p384.2"), "2025-11-24T00:00:00Z", "its new key");
    assert_eq!(of("root-ed25519").public_key().kind(), KeyKind::Other(oid::ED25519));
    assert_eq!(of("issuing-pss").signature_algorithm().unwrap().scheme, Scheme::Ecdsa, "signed by its parent");
    assert_eq!(laboratory.world.clock.now().to_string(), "2026-11-24T00:00:00Z");
    let seal = laboratory.signer.chain("seal-pss").await.unwrap().unwrap();
    assert_eq!(seal.len(), 4, "seal, issuing, middle, root");
    assert_eq!(seal[0].signature_algorithm().unwrap().scheme, Scheme::RsaPss);
    assert!(seal[0].ocsp_urls().is_empty() && !seal[0].crl_urls().is_empty(), "this authority names CRLs only");
    let crl = laboratory.ca.crl(&"issuing-pss".parse().unwrap()).await.unwrap();
    let crl = pki::Crl::from_der(crl.der()).unwrap();
    assert_eq!(crl.next_update().unwrap().duration_since(crl.this_update()).as_hours(), 6);
    let again = WorldPlan::from_toml(PLAN, laboratory.world.clock.now()).unwrap();
    assert_eq!(laboratory.plan(), &again);
}

#[tokio::test]
async fn a_world_keeps_its_plan_and_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let plan = "version = 1\nstart = \"2030-01-01\"\nclock = \"fixed\"\n";
    let place = folder.path().join("default");
    for given in [plan, "version = 1"] {
        let world = World::open(&place, "default", "http://127.0.0.1:8700").await.unwrap();
        let given = WorldPlan::from_toml(given, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
        let laboratory = Laboratory::open_for_story(&world, given, |_| Router::new()).await.unwrap();
        let told = json(&send(&laboratory, "GET", "/testbed/api/plan", "text/plain", b"").await);
        let told = told["plan"].as_str().unwrap();
        assert!(told.contains("start = \"2030-01-01T00:00:00Z\"") && told.contains("id = \"seal-rsa3072\""), "{told}");
        let root = laboratory.ca.anchors().await.unwrap()[0].clone();
        assert_eq!(root.not_before().to_string(), "2030-01-01T00:00:00Z");
        assert_eq!(world.clock.now().to_string(), "2030-01-01T00:00:00Z", "also the second time");
        laboratory.close().await.unwrap();
    }
}
