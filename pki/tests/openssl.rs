//! What this crate writes, read by OpenSSL at the time of the tests; what OpenSSL writes, read by this crate.

#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

use std::path::PathBuf;

use pki::{
    Accuracy, Certificate, CertificateStatus, CertificateTemplate, CertificationRequest, Crl, CrlTemplate, Digest,
    DigestAlgorithm, Extension, KeyKind, KeyUsageBit, Name, OcspRequest, OcspTemplate, PublicKey, RevocationReason,
    RevokedEntry, Scheme, SerialNumber, SignatureAlgorithm, SignedAttributes, SingleResponse, TimeStampFailure,
    TimeStampRequest, TimeStampResponse, TokenAssembler, TokenContent, oid,
};

#[path = "../../witnesses/outside.rs"]
mod outside;
#[expect(dead_code, unreachable_pub, reason = "public for the tests of other crates; this one compiles the file again")]
#[path = "../src/testing.rs"]
mod testing;

use testing::{Party, days, now};

/// A folder with a hierarchy in it, for commands to run in.
struct Scene {
    folder: tempfile::TempDir,
    root: Party,
    ca: Party,
}

/// `None` where there is no OpenSSL; that is a failure where witnesses are required.
fn scene() -> Option<Scene> {
    if !outside::can_be_asked("openssl") {
        return None;
    }
    let root = Party::root(KeyKind::P384);
    let ca = root.authority(KeyKind::P256, "TESTBED Issuing CA", "02");
    let scene = Scene { folder: tempfile::tempdir().unwrap(), root, ca };
    scene.write("root.pem", scene.root.certificate.to_pem());
    scene.write("ca.pem", scene.ca.certificate.to_pem());
    Some(scene)
}

impl Scene {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs `openssl` with these words at the time of the test; gives whether it succeeded, and all that it said.
    fn openssl(&self, words: &str) -> (bool, String) {
        let mut command = outside::at_world_time("openssl", now());
        let output = command.args(words.split_whitespace()).current_dir(self.folder.path()).output().unwrap();
        let said = [output.stdout, output.stderr].map(|stream| String::from_utf8_lossy(&stream).into_owned()).concat();
        (output.status.success(), said)
    }

    /// The same; it must succeed.
    fn good(&self, words: &str) -> String {
        let (good, said) = self.openssl(words);
        assert!(good, "openssl {words}: {said}");
        said
    }
}

#[test]
fn openssl_reads_and_verifies_certificates_of_every_kind() {
    let Some(scene) = scene() else { return };
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Rsa { bits: 2048 }] {
        let extensions = vec![
            Extension::basic_constraints(false, None),
            Extension::key_usage(&[KeyUsageBit::NonRepudiation]),
            Extension::certificate_policies(&[pki::ObjectIdentifier::new(
                "2.25.329800735698586629295641978511506172918",
            )
            .unwrap()]),
            Extension::crl_distribution_points(&["http://ca.example.com/1.crl"]),
            Extension::authority_information_access(&["http://ca.example.com/ocsp"], &["http://ca.example.com/1.cer"]),
            Extension::private_key_usage_period(Some(now()), Some(now() + days(30))),
            Extension::no_rev_avail(),
            Extension::validity_assured_short_term(),
        ];
        let seal = scene.ca.issue(kind, "試験 Seal", "0102030405060708090a0b0c0d0e0f1011121314", extensions);
        scene.write("seal.pem", seal.certificate.to_pem());
        assert!(scene.good("verify -x509_strict -CAfile root.pem -untrusted ca.pem seal.pem").contains("OK"));
        let (_, text) = scene.openssl("x509 -in seal.pem -noout -text -nameopt utf8");
        for wanted in [
            "01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14",
            "CN=試験 Seal",
            "Non Repudiation",
            "2.25.329800735698586629295641978511506172918",
            "URI:http://ca.example.com/1.crl",
            "OCSP - URI:http://ca.example.com/ocsp",
            "CA Issuers - URI:http://ca.example.com/1.cer",
        ] {
            assert!(text.contains(wanted), "{kind}: no {wanted} in {text}");
        }
    }
}

#[test]
fn openssl_follows_a_cross_certificate() {
    let Some(scene) = scene() else { return };
    let other = Party::root(KeyKind::Rsa { bits: 2048 });
    let seal = scene.ca.seal(KeyKind::P256, "05");
    scene.write("other.pem", other.certificate.to_pem());
    scene.write("crossed.pem", other.certify_again(&scene.ca, "06").to_pem());
    scene.write("seal.pem", seal.certificate.to_pem());
    assert!(scene.good("verify -CAfile other.pem -untrusted crossed.pem seal.pem").contains("OK"));
}

fn crl_of(ca: &Party, entries: Vec<RevokedEntry>) -> Crl {
    let template = CrlTemplate {
        issuer: ca.certificate.subject().clone(),
        authority_key_identifier: ca.certificate.subject_key_identifier().unwrap(),
        number: 300,
        this_update: now() - days(1),
        next_update: Some(now() + days(1)),
        entries,
        expired_certificates_since: Some(now() - days(30)),
    };
    let to_be_signed = template.to_be_signed(ca.key.algorithm()).unwrap();
    let signature = ca.key.sign(ca.key.algorithm(), &to_be_signed.digest());
    Crl::from_der(&to_be_signed.signed(&signature)).unwrap()
}

#[test]
fn openssl_finds_the_revoked_certificate_on_the_list_of_an_intermediate_ca() {
    let Some(scene) = scene() else { return };
    let [good, revoked] = ["0a", "80"].map(|serial| scene.ca.seal(KeyKind::P256, serial));
    let entry = RevokedEntry {
        serial: revoked.certificate.serial().clone(),
        since: now() - days(1),
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: Some(now() - days(2)),
    };
    let crls = [crl_of(&scene.root, Vec::new()), crl_of(&scene.ca, vec![entry])];
    scene.write("crls.pem", crls.map(|crl| crl.to_pem()).concat());
    scene.write("good.pem", good.certificate.to_pem());
    scene.write("revoked.pem", revoked.certificate.to_pem());
    let verify = "verify -crl_check_all -CRLfile crls.pem -CAfile root.pem -untrusted ca.pem";
    assert!(scene.good(&format!("{verify} good.pem")).contains("OK"));
    let (good, said) = scene.openssl(&format!("{verify} revoked.pem"));
    assert!(!good && said.contains("certificate revoked"), "{said}");
    let (_, text) = scene.openssl("crl -in crls.pem -noout -text");
    assert!(text.contains("No Revoked Certificates"), "{text}");
}

#[test]
fn openssl_accepts_the_answer_to_its_own_status_request() {
    let Some(scene) = scene() else { return };
    let responder = scene.ca.responder(KeyKind::P256, "03");
    let seal = scene.ca.seal(KeyKind::P256, "ff01");
    scene.write("seal.pem", seal.certificate.to_pem());
    for (hash, status, wanted) in [
        ("sha1", CertificateStatus::Good, "seal.pem: good"),
        ("sha256", CertificateStatus::Unknown, "seal.pem: unknown"),
        (
            "sha256",
            CertificateStatus::Revoked { since: now(), reason: Some(RevocationReason::Superseded) },
            "seal.pem: revoked",
        ),
    ] {
        let (good, said) = scene.openssl(&format!("ocsp -{hash} -issuer ca.pem -cert seal.pem -reqout request.der"));
        assert!(good, "{said}");
        let request = OcspRequest::from_der(&scene.read("request.der")).unwrap();
        assert!(request.certificate_ids[0].names(&seal.certificate, &scene.ca.certificate));
        assert!(request.nonce.is_some());
        let template = OcspTemplate {
            responder_key_identifier: responder.key.public.key_identifier(),
            produced_at: now(),
            responses: vec![SingleResponse {
                id: request.certificate_ids[0].clone(),
                status,
                this_update: now(),
                next_update: Some(now() + days(1)),
                archive_cutoff: Some(now() - days(3650)),
                certificate_hash: Some(seal.certificate.fingerprint().clone()),
            }],
            nonce: request.nonce,
        };
        let pending = template.to_be_signed(responder.key.algorithm()).unwrap();
        let signature = responder.key.sign(responder.key.algorithm(), &pending.digest());
        scene.write("response.der", pending.signed(&signature, std::slice::from_ref(&responder.certificate)));
        let said = scene.good("ocsp -reqin request.der -respin response.der -issuer ca.pem -CAfile root.pem");
        assert!(said.contains("Response verify OK") && !said.to_lowercase().contains("nonce"), "{said}");
        let asked = format!("-no_nonce -{hash} -issuer ca.pem -cert seal.pem");
        let said = scene.good(&format!("ocsp -respin response.der {asked} -CAfile root.pem"));
        assert!(said.contains("Response verify OK") && said.contains(wanted), "{said}");
        let (_, text) = scene.openssl("ocsp -respin response.der -noverify -text");
        assert!(text.contains("Archive Cutoff"), "{text}");
    }
}

#[test]
fn openssl_accepts_the_time_stamp_that_it_asked_for() {
    let Some(scene) = scene() else { return };
    scene.write("document", "some bytes");
    for (kind, hash) in [(KeyKind::P256, "sha256"), (KeyKind::P384, "sha512"), (KeyKind::Rsa { bits: 2048 }, "sha384")]
    {
        let unit = scene.ca.time_stamping_unit(kind, "04");
        let (good, said) = scene.openssl(&format!("ts -query -data document -{hash} -cert -out request.tsq"));
        assert!(good, "{said}");
        let request = TimeStampRequest::from_der(&scene.read("request.tsq")).unwrap();
        assert!(request.certificate_requested);
        let policy = pki::ObjectIdentifier::new("2.25.329800735698586629295641978511506172918.2").unwrap();
        let chain = [scene.ca.certificate.clone()];
        let accuracy = Accuracy::seconds(1);
        let assembler = TokenAssembler::new(&unit.certificate, &chain, unit.key.algorithm(), policy, accuracy).unwrap();
        let pending = assembler.prepare(TokenContent {
            imprint: &request.imprint,
            serial: &"ff02".parse().unwrap(),
            time: now(),
            nonce: request.nonce.as_deref(),
            certificates: request.certificate_requested,
        });
        let signature = unit.key.sign(unit.key.algorithm(), &pending.digest());
        scene.write("response.tsr", TimeStampResponse::granted(&pending.assemble(&signature)));
        for what in ["-queryfile request.tsq", "-data document"] {
            let said = scene.good(&format!("ts -verify {what} -in response.tsr -CAfile root.pem"));
            assert!(said.contains("Verification: OK"), "{said}");
        }
        let (_, text) = scene.openssl("ts -reply -in response.tsr -text");
        assert!(text.contains("Accuracy: 0x01 seconds") && text.contains("Ordering: no"), "{text}");
    }
}

#[test]
fn openssl_names_the_failure_of_a_refused_time_stamp() {
    let Some(scene) = scene() else { return };
    for (failure, wanted) in [
        (TimeStampFailure::BadAlgorithm, "unrecognized or unsupported algorithm identifier"),
        (TimeStampFailure::BadDataFormat, "the data submitted has the wrong format"),
        (TimeStampFailure::TimeNotAvailable, "the TSA's time source is not available"),
        (TimeStampFailure::SystemFailure, "the request cannot be handled due to system failure"),
    ] {
        scene.write("response.tsr", TimeStampResponse::refusal(failure, "not now"));
        let (_, text) = scene.openssl("ts -reply -in response.tsr -text");
        assert!(text.contains("Status: Rejected") && text.contains("not now") && text.contains(wanted), "{text}");
    }
}

#[test]
fn openssl_verifies_seals_as_cades() {
    let Some(scene) = scene() else { return };
    scene.write("content", "the bytes of the ByteRange");
    let rsa = KeyKind::Rsa { bits: 2048 };
    for (kind, algorithm) in [
        (KeyKind::P256, KeyKind::P256.default_signature_algorithm()),
        (KeyKind::P384, KeyKind::P384.default_signature_algorithm()),
        (KeyKind::P521, KeyKind::P521.default_signature_algorithm()),
        (rsa, rsa.default_signature_algorithm()),
        (rsa, SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha256)),
    ] {
        let seal = scene.ca.seal(kind, "07");
        let content = algorithm.digest.digest(&scene.read("content"));
        let attributes = SignedAttributes::new(&content, &seal.certificate, algorithm).unwrap();
        let signature = seal.key.sign(algorithm, &attributes.digest());
        let chain = [seal.certificate.clone(), scene.ca.certificate.clone(), scene.root.certificate.clone()];
        scene.write("seal.p7s", attributes.assemble(&signature, &chain, None));
        let verify =
            "cms -verify -cades -binary -inform DER -in seal.p7s -content content -purpose any -CAfile root.pem";
        let said = scene.good(&format!("{verify} -out out"));
        assert!(said.contains("Verification successful"), "{algorithm}: {said}");
        scene.write("other", "other bytes");
        let (good, _) = scene.openssl(&verify.replace("-content content", "-content other"));
        assert!(!good);
    }
}

#[test]
fn seals_of_openssl_are_read_and_verified() {
    let Some(scene) = scene() else { return };
    scene.write("content", "the bytes of the ByteRange");
    let made =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Other -keyout key.pem -out other.pem";
    let (good, said) = scene.openssl(made);
    assert!(good, "{said}");
    let (good, said) = scene.openssl(
        "cms -sign -cades -binary -md sha256 -signer other.pem -inkey key.pem -in content -outform DER -out other.p7s",
    );
    assert!(good, "{said}");
    let message = pki::SignedData::from_der(&scene.read("other.p7s")).unwrap();
    let signer = Certificate::from_pem(&String::from_utf8(scene.read("other.pem")).unwrap()).unwrap();
    assert_eq!(message.signer_certificate(), Some(&signer));
    message.check_message_digest(&DigestAlgorithm::Sha256.digest(&scene.read("content"))).unwrap();
    message.check_signing_certificate(&signer).unwrap();
    message.verify_signature(&signer).unwrap();

    let (good, said) = scene.openssl(
        "cms -sign -stream -nodetach -binary -signer other.pem -inkey key.pem -in content -outform DER -out ber.p7s",
    );
    assert!(good, "{said}");
    let error = pki::SignedData::from_der(&scene.read("ber.p7s")).unwrap_err();
    assert!(matches!(error, pki::Error::IndefiniteLength { .. }), "{error}");
    let message = pki::SignedData::from_ber(&scene.read("ber.p7s")).unwrap();
    assert!(message.was_ber());
    assert_eq!(message.content(), Some(&scene.read("content")[..]));
    message.verify_signature(&signer).unwrap();
}

#[test]
fn certification_requests_of_openssl_are_read_and_verified() {
    let Some(scene) = scene() else { return };
    for key in ["ec -pkeyopt ec_paramgen_curve:P-384", "rsa:2048"] {
        let (good, said) = scene.openssl(&format!(
            "req -new -newkey {key} -nodes -keyout key.pem -subj /C=JP/O=TESTBED/CN=Seal -out new.csr"
        ));
        assert!(good, "{said}");
        let request = CertificationRequest::from_pem(&String::from_utf8(scene.read("new.csr")).unwrap()).unwrap();
        assert_eq!(request.subject().to_string(), "CN=Seal,O=TESTBED,C=JP");
    }
}
