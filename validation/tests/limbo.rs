//! Outside eyes: x509-limbo, path building and validation. Cases about the names of web servers, and about what browsers ask of
//! their certificates alone, are out of scope by a rule with its reason; revocation data is asked for where a case brings some.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

#[path = "support/corpus.rs"]
mod corpus;

use corpus::{Tally, corpus, lenient};
use pki::{Certificate, Crl};
use serde_json::Value;
use validation::certificate::{self, CertificateInput, Purpose};
use validation::{Anchor, Policy};

/// Beginnings of ids that are out of scope.
const OUT_OF_SCOPE: &[(&str, &str)] = &[
    ("webpki::san::", SERVER_NAMES),
    ("webpki::cn::", SERVER_NAMES),
    ("rfc5280::ca-as-leaf-wrong-san", SERVER_NAMES),
    ("rfc5280::san::underscore-dns", SERVER_NAMES),
    ("rfc5280::san::ip-in-dns", SERVER_NAMES),
    ("webpki::eku::", BROWSERS),
    ("webpki::aki::", BROWSERS),
    ("webpki::forbidden-", BROWSERS),
    ("webpki::malformed-aia", BROWSERS),
    ("webpki::v1-cert", BROWSERS),
    ("webpki::ee-basicconstraints-ca", BROWSERS),
    ("webpki::ca-as-leaf", BROWSERS),
    ("pathlen::max-chain-depth", DEPTH),
];

const SERVER_NAMES: &str =
    "whether a certificate is one of the web server that was called; a seal is of an organisation";
const BROWSERS: &str = "a requirement of the CA/Browser Forum for web servers, which RFC 5280 does not have; key sizes and curves are \
    judged by the cryptographic suite, which is lenient here";
const DEPTH: &str = "a bound on the length of paths that the caller gives; there is one for all";

/// Cases that are not yet right, each with its reason.
const LISTED: &[(&str, &str)] = &[
    ("crl::crlnumber-missing", OF_ISSUERS),
    ("crl::crlnumber-critical", OF_ISSUERS),
    ("rfc5280::aki::leaf-missing-aki", OF_ISSUERS),
    ("rfc5280::aki::intermediate-missing-aki", OF_ISSUERS),
    ("rfc5280::aki::cross-signed-root-missing-aki", OF_ISSUERS),
    ("rfc5280::nc::permitted-dns-match-noncritical", OF_ISSUERS),
    ("rfc5280::pc::ica-noncritical-pc", OF_ISSUERS),
    ("rfc5280::ski::root-missing-ski", OF_ISSUERS),
    ("rfc5280::ski::intermediate-missing-ski", OF_ISSUERS),
    ("rfc5280::root-non-critical-basic-constraints", OF_ISSUERS),
    ("rfc5280::leaf-ku-keycertsign", OF_ISSUERS),
    ("rfc5280::serial::too-long", SERIAL),
    ("rfc5280::serial::zero", SERIAL),
    ("rfc5280::serial::negative", SERIAL),
    ("rfc5280::validity::expired-root", ANCHOR),
];

const OF_ISSUERS: &str = "a duty of conforming issuers (RFC 5280 4.2, 5.2); the validation of paths (6.1, 6.3) does not ask whether \
    they kept it, and honest seals under older authorities would fall";
const SERIAL: &str =
    "RFC 5280 4.1.2.2: certificate users should handle such serial numbers gracefully; PKITS 4.4.14 is valid with one";
const ANCHOR: &str = "RFC 5280 6.1.1 (d): a trust anchor is a name and a key, its certificate's dates are not checked; in \
    EN 319 102-1 it has a sunset date instead";

#[test]
fn every_case_in_scope_comes_out_as_expected() {
    let Some(file) = corpus("path-validation/x509-limbo.json") else { return };
    let all: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut tally = Tally::new(LISTED);
    let mut outside = 0;
    for case in all["testcases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if OUT_OF_SCOPE.iter().any(|(beginning, _)| id.starts_with(beginning)) {
            outside += 1;
            continue;
        }
        let (passed, detail) = judge(case);
        tally.take(id, case["expected_result"] == "SUCCESS", passed, &detail);
    }
    println!("{outside} out of scope");
    tally.finish(100);
}

fn judge(case: &Value) -> (bool, String) {
    let texts =
        |member: &str| case[member].as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned());
    let certificates = |member: &str| -> Vec<Certificate> {
        texts(member).filter_map(|text| Certificate::from_pem(&text).ok()).collect()
    };
    let certificate = match Certificate::from_pem(case["peer_certificate"].as_str().unwrap()) {
        Ok(certificate) => certificate,
        Err(error) => return (false, error.to_string()),
    };
    let anchors: Vec<_> = certificates("trusted_certs").into_iter().map(Anchor::from).collect();
    let crls: Vec<_> = texts("crls").filter_map(|text| Crl::from_pem(&text).ok()).collect();
    let require_revocation_data = texts("crls").next().is_some();
    let policy = Policy { require_revocation_data, ..lenient() };
    let purpose = match case["extended_key_usage"].as_array().and_then(|all| all.first()).and_then(Value::as_str) {
        Some("serverAuth") => Purpose::Extended("1.3.6.1.5.5.7.3.1".parse().unwrap()),
        Some("clientAuth") => Purpose::Extended("1.3.6.1.5.5.7.3.2".parse().unwrap()),
        Some(other) => panic!("purpose {other}"),
        None => Purpose::Any,
    };
    let at = case["validation_time"].as_str().map_or(Ok(time("2026-01-01T00:00:00Z")), str::parse).unwrap();
    let input = CertificateInput {
        certificate: &certificate,
        anchors: &anchors,
        certificates: &certificates("untrusted_intermediates"),
        crls: &crls,
        ocsp_responses: &[],
        policy: &policy,
        purpose,
    };
    let report = certificate::validate(&input, at);
    let failed = report.checks.iter().filter(|check| check.outcome == validation::report::Outcome::Failed);
    let failed: Vec<_> = failed.map(|check| check.detail.as_str()).collect();
    (report.conclusion.is_passed(), format!("{} {}", report.conclusion, failed.join("; ")))
}

fn time(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}
