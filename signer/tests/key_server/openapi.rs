//! The description of the API, held against what the router answers.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use pki::KeyKind;
use serde_json::{Value, json};
use signer::Scal;

use super::support::{Bench, base64, digests};

/// The document of all addresses of the key server.
async fn document(bench: &Bench) -> Value {
    let api = signer::router(bench.signer.clone()).merge(signer::audit_router(bench.signer.clone()));
    let mut document = api.into_openapi();
    world::openapi::complete(&mut document);
    serde_json::to_value(document).unwrap()
}

/// Every value of the members of that name, at any depth.
fn all<'a>(name: &str, value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(member, value)| match value.as_str() {
            Some(text) if member == name => found.push(text),
            _ => all(name, value, found),
        }),
        Value::Array(elements) => elements.iter().for_each(|element| all(name, element, found)),
        _ => {}
    }
}

/// The properties that an answer may have, and those that it must have.
fn members(document: &Value, schema: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = &document["components"]["schemas"][schema];
    let properties = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let required = schema["required"].as_array().into_iter().flatten();
    (properties, required.map(|name| name.as_str().unwrap().to_owned()).collect())
}

#[track_caller]
fn assert_described(document: &Value, schema: &str, answer: &Value) {
    let (properties, required) = members(document, schema);
    let found: BTreeSet<String> = answer.as_object().unwrap().keys().cloned().collect();
    assert!(found.is_subset(&properties) && required.is_subset(&found), "{schema}: {answer}");
}

#[tokio::test]
async fn whatever_the_document_refers_to_is_in_it_and_no_two_operations_share_a_name() {
    let document = document(&Bench::new().await).await;
    let mut references = Vec::new();
    all("$ref", &document, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{reference}");
    }
    let mut names = Vec::new();
    all("operationId", &document, &mut names);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    assert!(names.contains(&"post_csc_v2_signatures_signHash"), "{names:?}");
}

#[tokio::test]
async fn info_names_the_methods_that_are_described() {
    let bench = Bench::new().await;
    let document = document(&bench).await;
    for version in ["v1", "v2"] {
        let (_, info) = bench.call(&format!("/csc/{version}/info"), json!({})).await;
        let named =
            info["methods"].as_array().unwrap().iter().map(|name| format!("/csc/{version}/{}", name.as_str().unwrap()));
        let own = ["info", "logo.png"].map(|name| format!("/csc/{version}/{name}"));
        let paths = document["paths"].as_object().unwrap().keys();
        let described: BTreeSet<String> =
            paths.filter(|path| path.starts_with(&format!("/csc/{version}/"))).cloned().collect();
        assert_eq!(named.chain(own).collect::<BTreeSet<String>>(), described);
    }
}

#[tokio::test]
async fn answers_have_the_members_that_are_described() {
    let bench = Bench::new().await;
    bench.credential("rsa", KeyKind::Rsa { bits: 2048 }, Scal::One, 1).await;
    let document = document(&bench).await;
    for version in ["v1", "v2"] {
        let call = async |method: &str, body: Value| {
            let (status, answer) = bench.call(&format!("/csc/{version}/{method}"), body).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            answer
        };
        assert_described(&document, "csc.Info", &call("info", json!({})).await);
        let all = json!({ "credentialInfo": true, "certInfo": true, "certificates": "chain", "maxResults": 1 });
        let list = call("credentials/list", all).await;
        assert_described(&document, "csc.CredentialList", &list);
        for id in ["seal", "rsa"] {
            let credential = call("credentials/info", json!({ "credentialID": id, "certInfo": true })).await;
            assert_described(&document, "csc.Credential", &credential);
            assert_described(&document, "csc.Certificate", &credential["cert"]);
            assert_described(&document, "csc.Key", &credential["key"]);
        }
        let hashes = base64(&digests(1));
        let body = json!({ "credentialID": "seal", "numSignatures": 1, "hashes": hashes });
        let authorization = call("credentials/authorize", body).await;
        assert_described(&document, "csc.Authorization", &authorization);
        let (sad, sign_algo) = (&authorization["SAD"], super::support::ECDSA_SHA256);
        let body = json!({ "credentialID": "seal", "SAD": sad, "hashes": hashes, "signAlgo": sign_algo });
        assert_described(&document, "csc.Signatures", &call("signatures/signHash", body).await);
    }
}

#[tokio::test]
async fn the_audit_chain_is_told_as_it_is_described() {
    let mut bench = Bench::new().await;
    let document = document(&bench).await;
    bench.router = signer::audit_router(bench.signer.clone()).into();
    let get = async |path: &str| {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        super::support::read(bench.send(request).await).await.1
    };
    let verdict = get("/testbed/api/audit").await;
    assert_described(&document, "AuditSummary", &verdict);
    assert_eq!(verdict["intact"], true);
    assert_described(&document, "AuditPage", &get("/testbed/api/audit/pages?limit=2").await);
    let (_, required) = members(&document, "AuditSummary");
    assert_eq!(required.into_iter().collect::<Vec<_>>(), ["intact", "sentence"]);
}
