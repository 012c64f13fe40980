//! The verifier over HTTP, as a client meets it.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../../validation/tests/laboratory/mod.rs"]
mod laboratory;

use bytes::Bytes;
use http::{Request, Response};
use laboratory::{Lab, sealed};
use validation::Anchor;
use verifier::{Verifier, router};
use world::World;

const BASE: &str = "http://127.0.0.1:8700";

async fn asked(query: &str) -> Response<Bytes> {
    let lab = Lab::new();
    let world = World::in_memory(BASE, sealed() + laboratory::hours(1)).await.unwrap();
    let anchors = [&lab.root, &lab.stamping].map(|one| Anchor::from(one.certificate.clone())).into();
    let verifier = Verifier::new(&world, anchors);
    world.network.attach(world.journal.in_front_of(router(verifier)));
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
