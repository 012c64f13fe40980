//! Outside eyes: OpenSSL writes the request, reads our answer and verifies the token, at the world's time.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../../witnesses/outside.rs"]
mod outside;
mod support;

use std::path::Path;
use std::process::Output;

use pki::{Accuracy, DigestAlgorithm, KeyKind, Scheme, SignatureAlgorithm};
use support::{body, lab};
use tsa::NewUnit;

#[tokio::test]
async fn openssl_verifies_tokens_of_every_unit_and_digest() {
    let Some(folder) = folder() else { return };
    let lab = lab().await;
    lab.add("p384", KeyKind::P384).await;
    lab.add("rsa", KeyKind::Rsa { bits: 2048 }).await;
    std::fs::write(folder.path().join("data"), "a certificate of completion").unwrap();
    std::fs::write(folder.path().join("root.pem"), lab.root.to_pem()).unwrap();
    for (unit, digest) in [("p256", "sha256"), ("p256", "sha512"), ("p384", "sha384"), ("rsa", "sha256")] {
        let digest = format!("-{digest}");
        openssl(folder.path(), &["ts", "-query", "-data", "data", &digest, "-cert", "-out", "q.tsq"]);
        stamp(&lab, folder.path(), unit).await;
        let (query, answer) = (read(folder.path(), "q.tsq"), read(folder.path(), "r.tsr"));
        let imprint = &query[5..][..2 + usize::from(query[6])]; // after version 1 in a SEQUENCE with a length of one octet
        assert!(answer.windows(imprint.len()).any(|window| window == imprint), "octet for octet, with its NULL");
        let verified = openssl(folder.path(), &[&VERIFY[..], &["-queryfile", "q.tsq"]].concat());
        assert!(text(&verified).contains("Verification: OK"), "{unit} {digest}: {}", text(&verified));
        let verified = openssl(folder.path(), &[&VERIFY[..], &["-data", "data"]].concat());
        assert!(text(&verified).contains("Verification: OK"), "{unit} {digest}: {}", text(&verified));
    }
}

/// OpenSSL's `ts` knows no RSASSA-PSS; its `cms` verifies the token as the signed message that it is.
#[tokio::test]
async fn openssl_verifies_tokens_by_every_algorithm() {
    let Some(folder) = folder() else { return };
    let lab = lab().await;
    std::fs::write(folder.path().join("data"), "a certificate of completion").unwrap();
    std::fs::write(folder.path().join("root.pem"), lab.root.to_pem()).unwrap();
    openssl(folder.path(), &["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq"]);
    let rsa = [2048, 3072, 4096].map(|bits| KeyKind::Rsa { bits });
    let kinds = [KeyKind::P256, KeyKind::P384, KeyKind::P521].into_iter().chain(rsa);
    let digests = [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];
    let pss =
        rsa.iter().zip(digests).map(|(kind, digest)| (*kind, Some(SignatureAlgorithm::new(Scheme::RsaPss, digest))));
    for (kind, algorithm) in kinds.map(|kind| (kind, None)).chain(pss) {
        let name = format!("{kind}{}", if algorithm.is_some() { "-pss" } else { "" }).to_lowercase();
        let settings = |unit: &mut NewUnit| {
            (unit.algorithm, unit.ordering) = (algorithm, true);
            unit.accuracy = Accuracy { seconds: 0, milliseconds: 500, microseconds: 7 };
        };
        lab.add_with(&name, kind, settings).await;
        stamp(&lab, folder.path(), &name).await;
        let shown = text(&openssl(folder.path(), &["ts", "-reply", "-in", "r.tsr", "-text"]));
        for line in ["Time stamp: Nov 24 09:00:00.75 2026 GMT", "0x01F4 millis, 0x07 micros", "Ordering: yes"] {
            assert!(shown.contains(line), "{name}: {line} is missing in {shown}");
        }
        openssl(folder.path(), &["ts", "-reply", "-in", "r.tsr", "-token_out", "-out", "token.der"]);
        let message = ["cms", "-verify", "-inform", "DER", "-in", "token.der", "-CAfile", "root.pem"];
        let message = [&message[..], &["-purpose", "timestampsign", "-out", "info.der"]].concat();
        let verified = openssl(folder.path(), &message);
        assert!(verified.status.success(), "{name}: {}", text(&verified));
        if algorithm.is_none() {
            let verified = openssl(folder.path(), &[&VERIFY[..], &["-queryfile", "q.tsq"]].concat());
            assert!(text(&verified).contains("Verification: OK"), "{name}: {}", text(&verified));
        }
    }
}

#[tokio::test]
async fn openssl_verifies_a_token_without_certificates_when_it_is_given_them() {
    let Some(folder) = folder() else { return };
    let lab = lab().await;
    std::fs::write(folder.path().join("data"), "a certificate of completion").unwrap();
    std::fs::write(folder.path().join("root.pem"), lab.root.to_pem()).unwrap();
    std::fs::write(folder.path().join("tsa.pem"), lab.tsa.units()[0].certificate().to_pem()).unwrap();
    openssl(folder.path(), &["ts", "-query", "-data", "data", "-sha256", "-out", "q.tsq"]);
    stamp(&lab, folder.path(), "p256").await;
    let verified = openssl(folder.path(), &[&VERIFY[..], &["-queryfile", "q.tsq", "-untrusted", "tsa.pem"]].concat());
    assert!(text(&verified).contains("Verification: OK"), "{}", text(&verified));
}

#[tokio::test]
async fn openssl_shows_time_policy_accuracy_and_the_reason_of_a_refusal() {
    let Some(folder) = folder() else { return };
    let lab = lab().await;
    std::fs::write(folder.path().join("data"), "a certificate of completion").unwrap();
    openssl(folder.path(), &["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq"]);
    stamp(&lab, folder.path(), "p256").await;
    let shown = text(&openssl(folder.path(), &["ts", "-reply", "-in", "r.tsr", "-text"]));
    for line in [
        "Status: Granted.",
        "Hash Algorithm: sha256",
        "Time stamp: Nov 24 09:00:00 2026 GMT",
        "Accuracy: 0x01 seconds",
        "Ordering: no",
        &pki::oid::TESTBED_TSA_POLICY.to_string(),
    ] {
        assert!(shown.contains(line), "{line} is missing in {shown}");
    }
    openssl(folder.path(), &["ts", "-query", "-data", "data", "-sha1", "-out", "q.tsq"]);
    stamp(&lab, folder.path(), "p256").await;
    let shown = text(&openssl(folder.path(), &["ts", "-reply", "-in", "r.tsr", "-text"]));
    for line in ["Status: Rejected.", "wanted SHA-2", "unrecognized or unsupported algorithm identifier"] {
        assert!(shown.contains(line), "{line} is missing in {shown}");
    }
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

const VERIFY: [&str; 6] = ["ts", "-verify", "-in", "r.tsr", "-CAfile", "root.pem"];

async fn stamp(lab: &support::Lab, folder: &Path, unit: &str) {
    let query = read(folder, "q.tsq");
    let answer = lab.send("POST", &format!("/tsa/{unit}"), Some(support::QUERY), query).await;
    std::fs::write(folder.join("r.tsr"), body(answer).await).unwrap();
}

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    let at = support::AT.parse().unwrap();
    outside::at_world_time("openssl", at).current_dir(folder).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A folder to work in, if OpenSSL can be asked.
fn folder() -> Option<tempfile::TempDir> {
    outside::can_be_asked("openssl").then(|| tempfile::tempdir().unwrap())
}
