//! Outside eyes: NIST PKITS, the public test suite of path validation, the 213 cases with default inputs. Certificates and CRLs come
//! with the package cryptography-vectors (`witnesses/install pkits`), what is expected from the corpora beside the repository.
//!
//! The validation time is that of the table, 2022-05-01. Keys of 1024 bits and old digests count as reliable: rules of paths and
//! revocation are what is tested.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

#[path = "support/corpus.rs"]
mod corpus;

use std::path::Path;

use corpus::{Tally, corpus, installed, lenient};
use pki::{Certificate, Crl};
use validation::certificate::{self, CertificateInput, Purpose};
use validation::{Anchor, Policy};

/// Cases that are not yet right, each with its reason.
const LISTED: &[(&str, &str)] = &[(
    "valid_dsa_parameter_inheritance_test5",
    "a DSA key without parameters of its own, which takes those of its issuer's key (RFC 3279 2.3.2): such signatures count as not \
     verifiable, and so as no path",
)];

struct Case {
    name: String,
    valid: bool,
    end: String,
    certificates: Vec<String>,
    crls: Vec<String>,
}

#[test]
fn every_case_comes_out_as_nist_says() {
    let Some(table) = corpus("path-validation/pkits_expected.tsv") else { return };
    let Some(folder) = installed("pkits") else { return };
    let policy = lenient();
    let mut tally = Tally::new(LISTED);
    for case in cases(&std::fs::read_to_string(table).unwrap()) {
        let (passed, detail) = judge(&folder, &case, &policy);
        tally.take(&case.name, case.valid, passed, &detail);
    }
    tally.finish(213 - LISTED.len());
}

/// Lines of the table without parameters.
fn cases(table: &str) -> Vec<Case> {
    let list = |text: &str| text.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    let rows = table.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let default = rows.filter(|row| row.get(8).is_none_or(|parameters| parameters.is_empty()));
    default
        .map(|row| Case {
            name: row[1].to_owned(),
            valid: row[2] == "VALID",
            end: row[3].to_owned(),
            certificates: list(row[4]),
            crls: list(row[5]),
        })
        .collect()
}

fn judge(folder: &Path, case: &Case, policy: &Policy) -> (bool, String) {
    let certificate = |name: &str| Certificate::from_der(&std::fs::read(folder.join("certs").join(name)).unwrap());
    let anchor = Anchor::from(certificate("TrustAnchorRootCertificate.crt").unwrap());
    let end = match certificate(&case.end) {
        Ok(end) => end,
        Err(error) => return (false, error.to_string()),
    };
    let certificates: Vec<_> = case.certificates.iter().filter_map(|name| certificate(name).ok()).collect();
    let lists = case.crls.iter().map(String::as_str).chain(["TrustAnchorRootCRL.crl"]);
    let crls: Vec<_> =
        lists.filter_map(|name| Crl::from_der(&std::fs::read(folder.join("crls").join(name)).unwrap()).ok()).collect();
    let input = CertificateInput {
        certificate: &end,
        anchors: &[anchor],
        certificates: &certificates,
        crls: &crls,
        ocsp_responses: &[],
        policy,
        purpose: Purpose::Any,
    };
    let report = certificate::validate(&input, "2022-05-01T00:00:00Z".parse().unwrap());
    assert_eq!(report.conclusion.is_passed(), report.path.is_some() && report.conclusion.is_passed());
    let failed = report.checks.iter().filter(|check| check.outcome == validation::report::Outcome::Failed);
    let failed: Vec<_> = failed.map(|check| check.detail.as_str()).collect();
    (report.conclusion.is_passed(), format!("{} {}", report.conclusion, failed.join("; ")))
}
