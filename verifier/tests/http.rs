//! The verifier over HTTP, as a client meets it.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../../validation/tests/laboratory/mod.rs"]
mod laboratory;

use bytes::Bytes;
use http::{Request, Response};
use laboratory::{Lab, sealed};
use serde_json::{Map, Value};
use validation::Anchor;
use verifier::{Verifier, router};
use world::World;

const BASE: &str = "http://127.0.0.1:8700";

async fn asked(query: &str) -> Response<Bytes> {
    let lab = Lab::new();
    let world = World::in_memory(BASE, sealed() + laboratory::hours(1)).await.unwrap();
    let anchors = [&lab.root, &lab.stamping].map(|one| Anchor::from(one.certificate.clone())).into();
    let verifier = Verifier::new(&world, anchors);
    world.network.attach(world.journal.in_front_of(router(verifier).into()));
    let request = Request::post(format!("{BASE}/verifier/api/validations?online=false{query}"));
    let request = request.body(Bytes::from(lab.blt().bytes)).unwrap();
    world.network.send("test", request).await.unwrap()
}

#[tokio::test]
async fn a_policy_that_comes_along_is_asked_for_by_name() {
    for (query, named) in [
        ("", "default"),
        ("&policy=default", "default"),
        ("&policy=strict", "strict"),
        ("&policy=any-permitted-changes", "any-permitted-changes"),
        ("&policy=any-later-changes", "any-later-changes"),
    ] {
        let answer = asked(query).await;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), 200, "{query}: {text}");
        assert!(text.contains(&format!("\"policy\":\"{named}\"")), "{query}: {text}");
    }
}

#[tokio::test]
async fn any_other_policy_is_refused_with_the_names_that_there_are() {
    for name in ["lenient", "mine.toml", "/etc/passwd", ""] {
        let answer = asked(&format!("&policy={name}")).await;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), 400, "{name}: {text}");
        assert!(text.contains("any-permitted-changes"), "{name}: {text}");
    }
}

#[tokio::test]
async fn the_description_names_every_member_of_a_report_and_no_other() {
    let answer = asked("").await;
    let report: Value = serde_json::from_slice(answer.body()).unwrap();
    let world = World::in_memory(BASE, sealed()).await.unwrap();
    let document = serde_json::to_value(router(Verifier::new(&world, Vec::new())).into_openapi()).unwrap();
    let operation = &document["paths"]["/verifier/api/validations"]["post"];
    let names: Vec<_> = operation["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["at", "online", "policy"]);
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    compare(&document, schema, &report, "report");
}

/// Every object of an answer has the members of its schema.
fn compare(document: &Value, schema: &Value, answer: &Value, place: &str) {
    match answer {
        Value::Array(items) => {
            for item in items {
                compare(document, &resolved(document, schema)["items"], item, place);
            }
        }
        Value::Object(members) => {
            let described = properties(document, schema);
            assert!(members.keys().eq(described.keys()), "{place}: {:?} are {:?}", members.keys(), described.keys());
            for (name, value) in members {
                compare(document, &described[name], value, &format!("{place}.{name}"));
            }
        }
        _ => {}
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|address| address.strip_prefix("#/components/schemas/"));
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// The members of an object, also of one that is put together of several, or may be null.
fn properties(document: &Value, schema: &Value) -> Map<String, Value> {
    let schema = resolved(document, schema);
    let own = schema["properties"].as_object().cloned().unwrap_or_default();
    let parts = ["allOf", "oneOf"].into_iter().filter_map(|kind| schema[kind].as_array()).flatten();
    own.into_iter().chain(parts.flat_map(|part| properties(document, part))).collect()
}
