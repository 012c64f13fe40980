//! Evidence for a verdict: fetched beside what a file has, so that the newest decides; nothing when the network is not to be used.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../../validation/tests/laboratory/mod.rs"]
mod laboratory;
mod support;

use std::io::ErrorKind;
use std::net::TcpListener;

use jiff::Timestamp;
use laboratory::{Document, Lab, NewCertificate, for_seals, hours, revoked, sealed, seconds};
use pki::{CertificateStatus, Extension};
use support::{Internet, access, crl_at};
use validation::report::{Kind, LookupKind, LookupOutcome};
use validation::{Anchor, Input, Pdf, Policy};
use verifier::evidence::{Evidence, Online, gather};

/// The laboratory with addresses in its certificates.
fn lab() -> Lab {
    let mut lab = Lab::new();
    let pointers = |path: &str| [vec![crl_at(&format!("/{path}.crl"))], vec![access(&[], &[])]].concat();
    lab.issuing = lab.root.issue(NewCertificate::new(
        "TESTBED Issuing",
        ("2024", "2040"),
        [laboratory::ca(), pointers("root")].concat(),
    ));
    lab.responder = lab.issuing.issue(NewCertificate::new("OCSP", ("2026", "2030"), laboratory::for_answers()));
    let addresses: Vec<Extension> = vec![crl_at("/issuing.crl"), access(&["/ocsp"], &["/issuing.cer"])];
    lab.seal = lab.issuing.issue(NewCertificate::new("Seal", ("2026", "2029"), [for_seals(), addresses].concat()));
    let stamps = [laboratory::for_stamps(), vec![crl_at("/stamping.crl")]].concat();
    lab.unit = lab.stamping.issue(NewCertificate::new("TSU", ("2025", "2040"), stamps));
    lab
}

async fn internet(lab: &Lab, at: Timestamp) -> Internet {
    let internet = Internet::new().await;
    internet.put("/issuing.cer", lab.issuing.certificate.der());
    internet.put("/root.crl", lab.root.crl(Vec::new(), at));
    internet.put("/stamping.crl", lab.stamping.crl(Vec::new(), at));
    internet.put("/issuing.crl", lab.issuing.crl(Vec::new(), at));
    internet.put("/ocsp", lab.good(&lab.seal, at));
    internet
}

fn anchors(lab: &Lab) -> Vec<Anchor> {
    [&lab.root, &lab.stamping].map(|one| Anchor::from(one.certificate.clone())).into()
}

async fn gathered(internet: &Internet, document: &Document, at: Timestamp, online: Online) -> Evidence {
    let anchors = anchors(&document.lab);
    gather(&internet.world.network, Pdf::Read(&document.parsed()), &anchors, &[], at, online).await
}

fn verdict(document: &Document, evidence: &Evidence, at: Timestamp) -> String {
    let input = Input {
        pdf: Pdf::Read(&document.parsed()),
        anchors: &anchors(&document.lab),
        certificates: &evidence.certificates,
        crls: &evidence.crls,
        ocsp_responses: &evidence.ocsp_responses,
        policy: &Policy::default(),
        memory: &pki::SignatureMemory::default(),
    };
    let report = validation::validate(&input, at).unwrap();
    report.signatures.iter().find(|one| one.kind == Kind::Seal).unwrap().conclusion.to_string()
}

#[tokio::test]
async fn a_seal_without_evidence_passes_with_what_is_fetched() {
    let (lab, at) = (lab(), sealed() + hours(1));
    let internet = internet(&lab, at).await;
    let evidence = gathered(&internet, &lab.bt(), at, Online::Allowed).await;
    assert_eq!(verdict(&lab.bt(), &evidence, at), "TOTAL-PASSED");
    assert!(evidence.certificates.contains(&lab.issuing.certificate), "from the address in the certificate");
    assert_eq!((evidence.crls.len(), evidence.ocsp_responses.len()), (3, 1), "a CRL and an OCSP answer for the seal");
}

#[tokio::test]
async fn offline_nothing_is_asked() {
    let (lab, at) = (lab(), sealed() + hours(1));
    let internet = internet(&lab, at).await;
    let evidence = gathered(&internet, &lab.bt(), at, Online::Never).await;
    assert!(evidence.crls.is_empty() && evidence.certificates.is_empty() && internet.asked().await.is_empty());
    assert_eq!(verdict(&lab.bt(), &evidence, at), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
    assert_eq!(verdict(&lab.blt(), &evidence, at), "TOTAL-PASSED");
}

#[tokio::test]
async fn newer_data_than_that_in_the_file_decides() {
    let (lab, at) = (lab(), sealed() + hours(1));
    let before = sealed() - hours(2);
    let gap = lab.bt().stored(&lab.certificates(), &lab.crls(before), &[lab.good(&lab.seal, before)]);
    let internet = internet(&lab, at).await;
    let status = CertificateStatus::Revoked { since: sealed() - hours(1), reason: None };
    internet.put("/ocsp", lab.responder.ocsp(&lab.seal, &lab.issuing, at, status));
    internet.put("/issuing.crl", lab.issuing.crl(vec![revoked(&lab.seal, sealed() - hours(1), None)], at));
    let offline = gathered(&internet, &gap, at, Online::Never).await;
    assert_eq!(verdict(&gap, &offline, at), "TOTAL-PASSED");
    let online = gathered(&internet, &gap, at, Online::Allowed).await;
    assert_eq!(verdict(&gap, &online, at), "INDETERMINATE/REVOKED_NO_POE");
    assert!(online.certificates.is_empty(), "the file has them all");
}

#[tokio::test]
async fn what_the_file_has_as_new_is_not_given_again() {
    let (lab, at) = (lab(), sealed() + seconds(60));
    let internet = internet(&lab, at - hours(2)).await;
    let (document, later) = (lab.blt(), at + seconds(10));
    let evidence = gathered(&internet, &document, later, Online::Allowed).await;
    assert_eq!(
        (evidence.crls.len(), evidence.ocsp_responses.len()),
        (1, 0),
        "the issuing CA's list is not in the file"
    );
    assert_eq!(verdict(&document, &evidence, later), "TOTAL-PASSED");
}

#[tokio::test]
async fn what_came_of_each_address_is_told() {
    let (lab, at) = (lab(), sealed() + hours(1));
    let internet = internet(&lab, at).await;
    internet.put_status("/ocsp", 503, "");
    let evidence = gathered(&internet, &lab.bb(), at, Online::Allowed).await;
    let told: Vec<_> = evidence.lookups().into_iter().map(|one| (one.kind, one.address, one.outcome)).collect();
    let seen = |kind, path: &str, outcome| told.contains(&(kind, format!("{}{path}", support::BASE), outcome));
    assert!(seen(LookupKind::Ocsp, "/ocsp", LookupOutcome::Failed), "{told:?}");
    assert!(seen(LookupKind::Crl, "/issuing.crl", LookupOutcome::Answered), "{told:?}");
    let offline = gathered(&internet, &lab.bb(), at, Online::Never).await;
    assert!(offline.lookups().is_empty(), "nothing was to be called");
}

#[tokio::test]
async fn addresses_beyond_those_that_are_tried_are_told_as_not_called() {
    let (mut lab, at) = (lab(), sealed() + hours(1));
    let many: Vec<String> = (0..9).map(|number| format!("{}/{number}.crl", support::BASE)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let points = vec![Extension::crl_distribution_points(&many), access(&[], &["/issuing.cer"])];
    lab.seal = lab.issuing.issue(NewCertificate::new("Seal", ("2026", "2029"), [for_seals(), points].concat()));
    let document = lab.bb();
    let told = gathered(&internet(&lab, at).await, &document, at, Online::Allowed).await.lookups();
    let of_seal: Vec<_> = told.iter().filter(|one| one.certificate.contains("Seal")).map(|one| one.outcome).collect();
    let wanted = [vec![LookupOutcome::Answered], vec![LookupOutcome::Failed; 4], vec![LookupOutcome::NotCalled]];
    assert_eq!(of_seal, wanted.concat(), "{told:?}");
}

#[tokio::test]
async fn stale_data_is_kept_for_the_verdict() {
    let (lab, later) = (lab(), sealed() + hours(72));
    let internet = internet(&lab, later).await;
    internet.put_status("/ocsp", 503, "");
    internet.put("/issuing.crl", lab.issuing.crl(Vec::new(), sealed()));
    for (document, wanted) in [(lab.bb(), "INDETERMINATE/TRY_LATER"), (lab.bt(), "TOTAL-PASSED")] {
        let evidence = gathered(&internet, &document, later, Online::Allowed).await;
        assert_eq!(verdict(&document, &evidence, later), wanted);
    }
}

#[tokio::test]
async fn addresses_in_a_certificate_that_are_not_of_the_world_are_not_called() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap(); // on this machine, so that a call could be seen
    stranger.set_nonblocking(true).unwrap();
    let address = format!("http://{}/answer", stranger.local_addr().unwrap());
    let pointers = vec![
        Extension::crl_distribution_points(&[&address, "http://192.0.2.1/far.crl"]),
        Extension::authority_information_access(&[&address, "http://ocsp.example/"], &[&address]),
    ];
    let mut lab = Lab::new();
    lab.seal = lab.issuing.issue(NewCertificate::new("Seal", ("2026", "2029"), [for_seals(), pointers].concat()));
    let (document, internet) = (lab.bb(), Internet::new().await);
    let anchors: Vec<Anchor> = vec![lab.root.certificate.clone().into()];
    let at = sealed() + hours(1);
    for known in [vec![], vec![lab.issuing.certificate.clone()]] {
        let network = &internet.world.network;
        let found = gather(network, Pdf::Read(&document.parsed()), &anchors, &known, at, Online::Allowed).await;
        assert!(found.certificates.is_empty() && found.crls.is_empty() && found.ocsp_responses.is_empty());
        let told = found.lookups();
        let mut addresses: Vec<&str> = told.iter().map(|lookup| lookup.address.as_str()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses, [&address, "http://192.0.2.1/far.crl", "http://ocsp.example/"], "each is told");
        let issuers = told.iter().filter(|lookup| lookup.kind == LookupKind::CaIssuers).count();
        assert_eq!(issuers, usize::from(known.is_empty()), "the issuer is looked for if it is not known");
        for lookup in &told {
            assert_eq!(lookup.outcome, LookupOutcome::NotCalled, "{lookup:?}");
            assert!(lookup.certificate.contains("Seal") && lookup.detail.as_ref().unwrap().contains("not called"));
        }
    }
    assert_eq!(stranger.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody called");
    assert!(internet.asked().await.is_empty());
}
