//! Who knows whom: docs/architecture.md, rooms.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::source;

/// Each room and the rooms that it may know. The pure ones may be known by everybody above them.
const ARROWS: [(&str, &[&str]); 15] = [
    ("pki", &[]),
    ("pades", &[]),
    ("validation", &["pki", "pades"]),
    ("world", &[]),
    ("signer", &["pki", "world"]),
    ("ca", &["pki", "world", "signer"]),
    ("tsa", &["pki", "world", "signer"]),
    ("verifier", &["pki", "pades", "validation", "world"]),
    ("sealing", &["pki", "pades", "validation", "world", "verifier"]),
    ("issuer", &["pki", "pades", "validation", "world", "verifier", "sealing"]),
    ("laboratory", &["pki", "pades", "validation", "world", "signer", "ca", "tsa", "verifier", "sealing", "issuer"]),
    ("scenarios", &["pki", "pades", "validation", "world", "laboratory"]),
    ("console", &["pki", "pades", "validation", "world", "laboratory", "verifier", "issuer", "sealing"]),
    ("testbed", ALL),
    ("bench", ALL),
];

const ALL: &[&str] = &[
    "pki",
    "pades",
    "validation",
    "world",
    "signer",
    "ca",
    "tsa",
    "verifier",
    "sealing",
    "issuer",
    "laboratory",
    "scenarios",
    "console",
];

/// Rooms that tests know beyond that, and why.
const FOR_TESTS: &[(&str, &str, &str)] =
    &[("verifier", "ca", "evidence is gathered from a real authority"), ("verifier", "signer", "which has real keys")];

/// What the pure rooms must not even know through others: who does IO.
const IO: [&str; 16] = [
    "async-std",
    "axum",
    "axum-core",
    "curl",
    "hyper",
    "hyper-util",
    "libsqlite3-sys",
    "mio",
    "native-tls",
    "reqwest",
    "rusqlite",
    "rustls",
    "socket2",
    "sqlx",
    "sqlx-core",
    "tokio",
];

const PURE: [&str; 3] = ["pki", "pades", "validation"];

#[test]
fn rooms_know_only_those_above_them() {
    let metadata = source::metadata();
    assert_eq!(wrong_arrows(&metadata), Vec::<String>::new());
}

#[test]
fn what_the_pure_rooms_are_built_with_does_no_io() {
    let metadata = source::metadata();
    for room in PURE {
        let known = built_with(&metadata, room);
        assert!(known.len() > 5, "{room} is built with {known:?}");
        let found: Vec<_> = IO.iter().filter(|name| known.contains(**name)).collect();
        assert!(found.is_empty(), "{room} is built with {found:?}");
    }
}

/// Every arrow that the table does not have, and every line of the tables that nothing needs.
fn wrong_arrows(metadata: &Value) -> Vec<String> {
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let mut wrong = Vec::new();
    let mut excused = BTreeSet::new();
    for package in members(metadata) {
        let room = package["name"].as_str().unwrap();
        let Some(may_know) = allowed.get(room) else {
            wrong.push(format!("{room} is no room of the table"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|one| !one["path"].is_null()) {
            let known = dependency["name"].as_str().unwrap();
            let for_tests = dependency["kind"] == "dev";
            let excuse = FOR_TESTS.iter().find(|(who, whom, _)| for_tests && (*who, *whom) == (room, known));
            if excuse.is_some() {
                excused.insert((room.to_owned(), known.to_owned()));
            } else if known != room && !may_know.contains(&known) {
                wrong.push(format!("{room} knows {known}{}", if for_tests { " in its tests" } else { "" }));
            }
        }
    }
    let unused = FOR_TESTS.iter().filter(|(who, whom, _)| !excused.contains(&((*who).into(), (*whom).into())));
    wrong.extend(unused.map(|(who, whom, _)| format!("{who} does not need {whom} in its tests any more")));
    wrong
}

fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    let ids = metadata["workspace_members"].as_array().unwrap();
    metadata["packages"].as_array().unwrap().iter().filter(|package| ids.contains(&package["id"]))
}

/// The names of all packages that a room is built with, tests aside.
fn built_with(metadata: &Value, room: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeMap<_, _> =
        packages.iter().map(|one| (one["id"].as_str(), one["name"].as_str().unwrap())).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let nodes: BTreeMap<_, _> = nodes.iter().map(|one| (one["id"].as_str(), one)).collect();
    let start = members(metadata).find(|package| package["name"] == room).unwrap()["id"].as_str();
    let (mut found, mut waiting) = (BTreeSet::new(), vec![start]);
    while let Some(id) = waiting.pop() {
        for dependency in nodes[&id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            let package = dependency["pkg"].as_str();
            if kinds.iter().any(|kind| kind["kind"].is_null()) && found.insert(names[&package].to_owned()) {
                waiting.push(package);
            }
        }
    }
    found
}

#[test]
fn a_wrong_arrow_is_seen() {
    let metadata = serde_json::json!({
        "workspace_members": ["v"],
        "packages": [{"id": "v", "name": "validation", "dependencies": [
            {"name": "pki", "path": "/pki", "kind": null},
            {"name": "ca", "path": "/ca", "kind": null},
            {"name": "world", "path": "/world", "kind": "dev"},
            {"name": "serde", "kind": null},
        ]}],
    });
    let wrong = wrong_arrows(&metadata);
    assert_eq!(wrong[..2], ["validation knows ca", "validation knows world in its tests"]);
    assert!(wrong.contains(&"verifier does not need ca in its tests any more".to_owned()));
}

#[test]
fn io_behind_another_crate_is_seen() {
    let dependency = |package: &str, kind: Value| serde_json::json!({"pkg": package, "dep_kinds": [{"kind": kind}]});
    let metadata = serde_json::json!({
        "workspace_members": ["p"],
        "packages": [{"id": "p", "name": "pki"}, {"id": "h", "name": "harmless"}, {"id": "m", "name": "mio"}, {"id": "t", "name": "tokio"}],
        "resolve": {"nodes": [
            {"id": "p", "deps": [dependency("h", Value::Null), dependency("t", "dev".into())]},
            {"id": "h", "deps": [dependency("m", Value::Null)]},
            {"id": "m", "deps": []}, {"id": "t", "deps": []},
        ]},
    });
    assert!(built_with(&metadata, "pki").iter().eq(["harmless", "mio"]));
}
