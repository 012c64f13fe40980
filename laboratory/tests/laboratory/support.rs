//! A laboratory in memory, and a stranger who asks it over HTTP without a socket.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use laboratory::Laboratory;
use pki::KeyKind;
use serde_json::Value;
use tokio::time::timeout;
use world::World;

/// An answer with its body read.
pub(crate) type Answer = Response<Bytes>;

/// A world whose clock stands at 18:00 on 24 November 2026 in Japan.
pub(crate) async fn laboratory() -> Laboratory {
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await.unwrap()
}

/// Sends a request in a stranger's name.
pub(crate) async fn send(laboratory: &Laboratory, method: &str, path: &str, media_type: &str, body: &[u8]) -> Answer {
    let request = Request::builder().method(method).uri(format!("{}{path}", laboratory.world.base));
    let request = request.header("content-type", media_type).body(Bytes::copy_from_slice(body)).unwrap();
    let answer = timeout(PATIENCE, laboratory.world.network.send("client", request)).await;
    answer.unwrap_or_else(|_| panic!("{method} {path} does not end")).unwrap()
}

/// How long a busy machine may take to what is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits for what comes by itself; what never comes is told.
pub(crate) struct Patience(Instant);

impl Patience {
    pub(crate) fn begin() -> Patience {
        Patience(Instant::now())
    }

    pub(crate) async fn not_yet(&self, found: &impl Debug) {
        assert!(self.0.elapsed() < PATIENCE, "it does not come; found {found:?}");
        tokio::task::yield_now().await;
    }
}

/// GET.
pub(crate) async fn ask(laboratory: &Laboratory, path: &str) -> Answer {
    send(laboratory, "GET", path, "text/plain", b"").await
}

/// POST of JSON.
pub(crate) async fn post(laboratory: &Laboratory, path: &str, body: &[u8]) -> Answer {
    send(laboratory, "POST", path, "application/json", body).await
}

/// The JSON of an answer.
pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_else(|error| panic!("{error}: {:?}", answer.body()))
}
