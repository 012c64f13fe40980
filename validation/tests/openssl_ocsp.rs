//! Outside eyes: the OCSP cases of OpenSSL's own tests (29: 4 good, 25 bad), each judged as a whole: certificate, path, answers.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

#[path = "support/corpus.rs"]
mod corpus;

use std::path::Path;

use corpus::{Tally, corpus, lenient};
use pki::{Certificate, OcspResponse, SuccessfulOcspResponse};
use serde_json::Value;
use validation::Anchor;
use validation::certificate::{self, CertificateInput, Purpose};

/// Cases that are not yet right, each with its reason.
const LISTED: &[(&str, &str)] =
    &[("delegated_with_intermediate_success", NOTHING_ON_THE_CA), ("delegated_success", NOTHING_ON_THE_RESPONDER)];

const NOTHING_ON_THE_CA: &str = "the case brings no data on the intermediate CA, and OpenSSL asks for none; EN 319 102-1 5.2.6 \
    wants some on every certificate below the anchor";
const NOTHING_ON_THE_RESPONDER: &str = "the certificate of the responder has no id-pkix-ocsp-nocheck, so that it must be looked \
    up (RFC 6960 4.2.2.2.1), and the case brings no data on it; OpenSSL does not look";

#[test]
fn every_case_comes_out_as_openssl_says() {
    let Some(folder) = corpus("path-validation/openssl-ocsp") else { return };
    let all: Value = serde_json::from_slice(&std::fs::read(folder.join("openssl-ocsp.json")).unwrap()).unwrap();
    let mut tally = Tally::new(LISTED);
    for case in all.as_array().unwrap() {
        let (passed, detail) = judge(&folder, case);
        tally.take(case["name"].as_str().unwrap(), case.get("error").is_none_or(Value::is_null), passed, &detail);
    }
    tally.finish(29 - LISTED.len());
}

fn judge(folder: &Path, case: &Value) -> (bool, String) {
    let certificate = |name: &Value| {
        let text = std::fs::read_to_string(folder.join(name.as_str().unwrap())).unwrap();
        Certificate::from_pem_bundle(&text).unwrap().remove(0)
    };
    let list = |member: &str| case[member].as_array().cloned().unwrap_or_default();
    let answers: Vec<SuccessfulOcspResponse> = list("ocsps").iter().filter_map(|name| answer(folder, name)).collect();
    let certificates: Vec<_> = list("other_certs").iter().map(certificate).collect();
    let input = CertificateInput {
        certificate: &certificate(&case["cert"]),
        anchors: &[Anchor::from(certificate(&case["root"]))],
        certificates: &certificates,
        crls: &[],
        ocsp_responses: &answers,
        policy: &lenient(),
        purpose: Purpose::Any,
    };
    let report = certificate::validate(&input, case["moment"].as_str().unwrap().parse().unwrap());
    let failed = report.checks.iter().filter(|check| check.outcome == validation::report::Outcome::Failed);
    let failed: Vec<_> = failed.map(|check| check.detail.as_str()).collect();
    (report.conclusion.is_passed(), format!("{} {}", report.conclusion, failed.join("; ")))
}

/// The corpus keeps the answers as bare base64.
fn answer(folder: &Path, name: &Value) -> Option<SuccessfulOcspResponse> {
    let text = std::fs::read_to_string(folder.join(name.as_str().unwrap())).unwrap();
    OcspResponse::from_der(&decode_base64(&text)).ok()?.into_successful().ok()
}

fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for value in text.bytes().filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte)) {
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}
