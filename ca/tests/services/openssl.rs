//! OpenSSL reads everything that the CA writes, at the world's time. Left out where there is no `openssl` or no `faketime`,
//! unless `REQUIRE_WITNESSES=1`.

use std::path::PathBuf;

use axum::http::StatusCode;
use ca::Profile;
use pki::{Certificate, KeyKind, RevocationReason};
use serde_json::json;
use tempfile::TempDir;

use super::fixture::*;

#[path = "../../../witnesses/outside.rs"]
pub(crate) mod outside;

/// A folder of files for OpenSSL, and its runs there at the time of a world.
pub(crate) struct Witness {
    pub(crate) folder: TempDir,
    clock: world::clock::Clock,
}

impl Witness {
    pub(crate) fn of(testbed: &Testbed) -> Witness {
        Witness { folder: tempfile::tempdir().unwrap(), clock: testbed.world.clock.clone() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Everything that it says, and whether it was content.
    pub(crate) fn run(&self, arguments: &str) -> (bool, String) {
        let mut command = outside::at_world_time("openssl", self.clock.now());
        let output = command.current_dir(&self.folder).args(arguments.split(' ')).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    pub(crate) fn expect(&self, arguments: &str, wanted: &str) {
        let (_, said) = self.run(arguments);
        assert!(said.contains(wanted), "openssl {arguments}: wanted {wanted:?}, found:\n{said}");
    }
}

impl Testbed {
    /// The trust folder and both CRLs, as the world has them now.
    async fn publish(&self, witness: &Witness) {
        self.ca.write_trust(witness.folder.path()).await.unwrap();
        let (issuing, root) = (self.crl("issuing").await, self.crl("root").await);
        witness.write("issuing.crl", issuing.der());
        witness.write("root.crl", root.der());
        witness.write("crls.pem", [issuing.to_pem(), root.to_pem()].concat());
    }
}

fn verify_command(file: &str) -> String {
    format!("verify -x509_strict -crl_check_all -CRLfile crls.pem -CAfile root.pem -untrusted intermediates.pem {file}")
}

#[tokio::test]
async fn openssl_builds_the_strict_chain_and_sees_the_revocation() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    for kind in [KeyKind::P256, KeyKind::Rsa { bits: 2048 }] {
        let testbed = Testbed::with_hierarchy(kind).await;
        let witness = Witness::of(&testbed);
        let seal = testbed.enrol(Profile::Seal).await.remove(0);
        witness.write("leaf.pem", seal.to_pem());
        testbed.publish(&witness).await;
        witness.expect(&verify_command("leaf.pem"), "leaf.pem: OK");
        witness.expect("crl -inform DER -in issuing.crl -CAfile intermediates.pem -noout -verify", "verify OK");
        witness.expect("crl -inform DER -in root.crl -CAfile root.pem -noout -verify", "verify OK");
        testbed.ca.revoke(seal.serial(), RevocationReason::KeyCompromise, None, None).await.unwrap();
        testbed.publish(&witness).await;
        witness.expect(&verify_command("leaf.pem"), "error 23 at 0 depth lookup: certificate revoked");
    }
}

#[tokio::test]
async fn openssl_sees_a_revoked_issuing_ca_and_an_expired_seal() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let chain = testbed.enrol(Profile::Seal).await;
    witness.write("leaf.pem", chain[0].to_pem());
    testbed.advance("4y").await;
    testbed.publish(&witness).await;
    witness.expect(&verify_command("leaf.pem"), "certificate has expired");
    testbed.set("2027-01-01T00:00:00Z").await;
    testbed.ca.revoke(chain[1].serial(), RevocationReason::CaCompromise, None, None).await.unwrap();
    testbed.publish(&witness).await;
    witness.expect(&verify_command("leaf.pem"), "error 23 at 1 depth lookup: certificate revoked");
}

#[tokio::test]
async fn openssl_accepts_a_time_stamping_unit_for_its_purpose_only() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    witness.write("unit.pem", testbed.enrol(Profile::TimeStamping).await[0].to_pem());
    testbed.publish(&witness).await;
    let verify = verify_command("unit.pem");
    witness.expect(&format!("{verify} -purpose timestampsign"), "unit.pem: OK");
    witness.expect(&verify.replace("verify ", "verify -purpose smimesign "), "unsuitable certificate purpose");
}

#[tokio::test]
async fn openssl_asks_for_a_status_and_accepts_every_answer() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let chain = testbed.enrol(Profile::Seal).await;
    witness.write("leaf.pem", chain[0].to_pem());
    testbed.publish(&witness).await;
    let ask = async |certificate: &str, issuer: &str, status: &str| {
        let names = format!("-issuer {issuer} -cert {certificate}");
        let (made, said) = witness.run(&format!("ocsp {names} -reqout request.der"));
        assert!(made, "{said}");
        let answer = testbed.post_ocsp(&std::fs::read(witness.path("request.der")).unwrap()).await;
        witness.write("answer.der", answer);
        witness.expect("ocsp -respin answer.der -reqin request.der -CAfile all.pem", "Response verify OK");
        let read = format!("ocsp -respin answer.der -no_nonce {names} -CAfile all.pem -resp_text");
        witness.expect(&read, &format!("{certificate}: {status}"));
        witness.expect(&read, "OCSP Archive Cutoff");
    };
    ask("leaf.pem", "intermediates.pem", "good").await;
    ask("intermediates.pem", "root.pem", "good").await;
    testbed.ca.revoke(chain[0].serial(), RevocationReason::Superseded, None, None).await.unwrap();
    ask("leaf.pem", "intermediates.pem", "revoked").await;
}

#[tokio::test]
async fn openssl_signs_its_question_and_is_answered_unless_the_signature_is_none() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let chain = testbed.enrol(Profile::Seal).await;
    witness.write("leaf.pem", chain[0].to_pem());
    testbed.publish(&witness).await;
    witness.run("req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out client.pem -subj /CN=client");
    let names = "-issuer intermediates.pem -cert leaf.pem -signer client.pem -signkey key.pem";
    let (made, said) = witness.run(&format!("ocsp {names} -reqout request.der"));
    assert!(made, "{said}");
    let request = std::fs::read(witness.path("request.der")).unwrap();
    witness.write("answer.der", testbed.post_ocsp(&request).await);
    witness.expect("ocsp -respin answer.der -reqin request.der -CAfile all.pem", "Response verify OK");
    // The last certificate in the signature begins with SEQUENCE; with NULL there it is none.
    let client = std::fs::read_to_string(witness.path("client.pem")).unwrap();
    let client = Certificate::from_pem(&client).unwrap();
    let at = request.windows(client.der().len()).position(|window| window == client.der()).unwrap();
    let mut unreadable = request;
    unreadable[at] = 0x05;
    witness.write("answer.der", testbed.post_ocsp(&unreadable).await);
    witness.expect("ocsp -respin answer.der -CAfile all.pem", "malformedrequest (1)");
}

/// RSASSA-PSS with any salt, and a key that is for RSASSA-PSS alone.
#[tokio::test]
async fn openssl_signs_certification_requests_with_every_padding() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let pss = "-sha256 -sigopt rsa_padding_mode:pss -sigopt";
    for (key, options) in [
        ("-newkey rsa:2048", format!("{pss} rsa_pss_saltlen:0")),
        ("-newkey rsa:2048", format!("{pss} rsa_pss_saltlen:20")),
        ("-newkey rsa:2048", format!("{pss} rsa_pss_saltlen:222")),
        ("-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048", String::new()),
    ] {
        let (made, said) =
            witness.run(format!("req -new {key} -nodes -keyout key.pem -subj /CN=x -out request.pem {options}").trim());
        assert!(made, "{said}");
        for label in ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"] {
            let csr = std::fs::read_to_string(witness.path("request.pem")).unwrap();
            let body = json!({ "profile": "seal", "csr": csr.replace("CERTIFICATE REQUEST", label), "subject": {
                "organization": "Example University", "organization_identifier": "NTRJP-9234567890123", "common_name": "x" } });
            let (status, answer) = testbed.post_json("/ca/api/certificates", &body).await;
            assert_eq!(status, StatusCode::CREATED, "{key} {options} {label}: {answer}");
        }
    }
}

#[tokio::test]
async fn openssl_sends_a_certification_request_and_reads_the_certificate() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    witness.write(
        "request.cnf",
        "[req]\ndistinguished_name = dn\nprompt = no\nutf8 = yes\n[dn]\nC = JP\nO = 試験大学\n\
         organizationIdentifier = NTRJP-9234567890123\nCN = 学習基盤\n",
    );
    let (made, said) =
        witness.run("req -new -newkey rsa:2048 -nodes -keyout key.pem -config request.cnf -out request.pem");
    assert!(made, "{said}");
    let csr = std::fs::read_to_string(witness.path("request.pem")).unwrap();
    let (status, answer) = testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": csr })).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    witness.write("leaf.pem", answer["certificate_pem"].as_str().unwrap());
    testbed.publish(&witness).await;
    witness.expect(&verify_command("leaf.pem"), "leaf.pem: OK");
    let text = "x509 -in leaf.pem -noout -text -nameopt utf8,sep_comma_plus";
    for wanted in [
        "organizationIdentifier=NTRJP-9234567890123",
        "O=TESTBED 試験大学",
        "CN=TESTBED 学習基盤 (NOT QUALIFIED)",
        "X509v3 Key Usage: critical\n                Non Repudiation\n",
        "Policy: 2.25.7562593.1",
        "OCSP - URI:http://ca.testbed.example.com/ca/ocsp",
        "CA Issuers - URI:http://ca.testbed.example.com/ca/certs/issuing.cer",
        "URI:http://ca.testbed.example.com/ca/crl/issuing.crl",
    ] {
        witness.expect(text, wanted);
    }
}

#[tokio::test]
async fn openssl_reads_holds_and_invalidity_dates_from_the_crl() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let held = testbed.enrol(Profile::Seal).await.remove(0);
    let revoked = testbed.enrol(Profile::Seal).await.remove(0);
    testbed.ca.hold(held.serial()).await.unwrap();
    let (reason, invalidity) = (RevocationReason::KeyCompromise, Some(time("2026-11-01T00:00:00Z")));
    testbed.ca.revoke(revoked.serial(), reason, None, invalidity).await.unwrap();
    testbed.publish(&witness).await;
    let text = "crl -inform DER -in issuing.crl -noout -text";
    for wanted in ["Certificate Hold", "Key Compromise", "Nov  1 00:00:00 2026 GMT", "X509v3 CRL Number"] {
        witness.expect(text, wanted);
    }
}
