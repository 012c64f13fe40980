//! The description of a world's addresses is complete and true: what is served is described, and what is described is served.

use std::collections::{BTreeMap, BTreeSet};

use laboratory::{Laboratory, openapi};
use serde_json::Value;

use crate::support::{json, laboratory, send};

const BASE: &str = "http://127.0.0.1:8700/w/class";

/// Where documents show requests to the addresses that are described.
const DOCS: [&str; 11] = [
    include_str!("../../../README.md"),
    include_str!("../../../docs/certification-authority.md"),
    include_str!("../../../docs/clock.md"),
    include_str!("../../../docs/command-line.md"),
    include_str!("../../../docs/folder.md"),
    include_str!("../../../docs/issuer.md"),
    include_str!("../../../docs/key-server.md"),
    include_str!("../../../docs/server.md"),
    include_str!("../../../docs/time-stamping.md"),
    include_str!("../../../docs/verifier.md"),
    include_str!("../../../docs/world-plans.md"),
];

/// Routes that are there for what is refused: below the key server's two dialects, any method that it does not have.
const NOT_DESCRIBED: [&str; 3] = ["/", "/csc/v1", "/csc/v2"];

async fn document() -> Value {
    serde_json::to_value(openapi(BASE).await.unwrap()).unwrap()
}

/// Each operation by its method and path.
fn operations(document: &Value) -> BTreeMap<String, Value> {
    let methods = ["get", "post", "put", "delete", "patch", "head", "options"];
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| methods.map(|method| (format!("{method} {path}"), item[method].clone())));
    all.filter(|(_, operation)| !operation.is_null()).collect()
}

/// Every route of a world's services, out of what the router says of itself.
fn routes(laboratory: &Laboratory) -> BTreeSet<String> {
    let text = format!("{:?}", laboratory.services);
    let routes = text.split('"').filter(|text| text.starts_with('/') && !text.contains("__private"));
    routes.filter(|route| !NOT_DESCRIBED.contains(route)).map(|route| route.replace("{*", "{")).collect()
}

#[tokio::test]
async fn a_member_of_the_query_that_an_issuers_operation_does_not_have_is_refused_by_each_of_them() {
    let (document, laboratory) = (document().await, laboratory().await);
    let operations = operations(&document);
    let issuers = operations.keys().filter_map(|operation| operation.split_once(' '));
    let sent_on = ["/issuer/api/certificates/{number}/pdf", "/issuer/api/certificates/{number}/badge"]; // as links, with what is appended
    let issuers: Vec<_> =
        issuers.filter(|(_, path)| path.starts_with("/issuer/api/") && !sent_on.contains(path)).collect();
    assert!(issuers.len() > 30, "{issuers:?}");
    for (method, path) in issuers {
        let path = path.replace("{id}", "1").replace("{number}", "TBU-2026-000001-N");
        let answer = send(&laboratory, &method.to_uppercase(), &format!("{path}?no_such=1"), "", b"").await;
        assert_eq!(answer.status().as_u16(), 400, "{method} {path}");
        let told = json(&answer)["error_description"].as_str().unwrap_or_default().to_owned();
        assert!(told.starts_with("the query has an unknown field `no_such`"), "{method} {path}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_described_and_nothing_else() {
    let document = document().await;
    let worlds = |path: &&String| path.starts_with("/testbed/api/worlds") || *path == "/testbed/api/status"; // the server's, at its root
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<String> = paths.keys().filter(|path| !worlds(path)).cloned().collect();
    let served = routes(&laboratory().await);
    assert!(served.len() > 30, "{served:?}");
    assert_eq!(described, served);
    assert_eq!(paths.keys().filter(worlds).count(), 8);
    for path in paths.keys().filter(worlds) {
        assert_eq!(paths[path]["servers"][0]["url"], "http://127.0.0.1:8700", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_what_it_is_and_what_it_answers() {
    let document = document().await;
    assert_eq!(document["servers"][0]["url"], BASE);
    assert!(document["info"]["description"].as_str().unwrap().ends_with("never for production."));
    let known: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    for (operation, told) in operations(&document) {
        let name = told["operationId"].as_str().unwrap_or_else(|| panic!("{operation} has no name"));
        assert!(names.insert(name.to_owned()), "{operation}: {name} is the name of another one");
        assert!(!told["summary"].as_str().unwrap_or_default().is_empty(), "{operation} has no summary");
        let tags = told["tags"].as_array().unwrap_or_else(|| panic!("{operation} has no tag"));
        assert!(tags.len() == 1 && known.contains(&&tags[0]), "{operation}: {tags:?}");
        let answers = told["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{operation} never succeeds");
        // What is saved has no address: the file holds keys.
        let made = answers.get("201").filter(|_| !operation.ends_with("/save"));
        assert!(
            made.is_none_or(|made| made["headers"]["location"].is_object()),
            "{operation} does not say where it is"
        );
        assert!(answers.keys().any(|status| status == "default" || status.starts_with(['4', '5'])), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_to_a_schema() {
    let document = document().await;
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(schemas.contains_key(reference), "there is no schema {reference}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_those_of_the_docs() {
    let document = document().await;
    let docs: Vec<String> = DOCS.iter().map(|text| text.split_whitespace().collect()).collect();
    let mut compared = 0;
    for (operation, told) in operations(&document) {
        let contents = told["requestBody"]["content"].as_object().into_iter().flat_map(|contents| contents.values());
        for example in contents.flat_map(|content| {
            let several = content["examples"].as_object().into_iter().flat_map(|all| all.values());
            several.map(|one| &one["value"]).chain(content.get("example")).collect::<Vec<_>>()
        }) {
            for (member, value) in example.as_object().into_iter().flatten() {
                let member = format!("{member:?}:{value}").split_whitespace().collect::<String>();
                assert!(docs.iter().any(|text| text.contains(&member)), "{operation}: no document has {member}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 6, "{compared} members were compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_serves_its_own_description() {
    let laboratory = laboratory().await;
    let request =
        http::Request::get(format!("{}/openapi.json", laboratory.world.base)).body(bytes::Bytes::new()).unwrap();
    let answer = laboratory.world.network.send("test", request).await.unwrap();
    let served: Value = serde_json::from_slice(answer.body()).unwrap();
    let expected = openapi(&laboratory.world.base).await.unwrap();
    assert_eq!(served, serde_json::to_value(expected).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_be_shown_at_an_exposed_server_is_described_and_nothing_else() {
    let guard = world::guard::Guard::new(8700);
    guard.expose("0123456789abcdef0123456789abcdef".parse().unwrap());
    guard.set_join_code("default", Some(&"kado-rimu-sote-nabu".parse().unwrap()));
    let guarded = guard.in_front_of(axum::Router::new().fallback(|| async { "an answer" }));
    let document = document().await;
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for (operation, told) in operations(&document) {
        let (method, path) = operation.split_once(' ').unwrap();
        if path.starts_with("/csc") {
            continue; // its clients log in as that API says
        }
        let path = path.replace(['{', '}'], "");
        let status = async |shown: &str| {
            let request = http::Request::builder().method(method.to_uppercase().as_str()).uri(&path);
            let request = request.header("host", "localhost").header("authorization", shown);
            tower::ServiceExt::oneshot(guarded.clone(), request.body(axum::body::Body::empty()).unwrap())
                .await
                .unwrap()
                .status()
        };
        let described: Vec<&str> = told["security"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|one| one.as_object().unwrap().keys())
            .map(String::as_str)
            .collect();
        assert!(described.iter().all(|name| schemes.contains_key(*name)), "{operation}: {described:?}");
        let (nothing, code) = (status("None").await, status("Bearer kado-rimu-sote-nabu").await);
        let expected: &[&str] = match (nothing.as_u16(), code.as_u16()) {
            (200, _) => &[],
            (401, 200) => &["server_token", "join_code"],
            (401, 403) => &["server_token"],
            other => panic!("{operation}: {other:?}"),
        };
        assert_eq!(described, expected, "{operation}");
    }
}
