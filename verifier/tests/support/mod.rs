//! A network that gives the prepared answers of a small PKI.

#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses its own part")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "../../../validation/tests/support/mod.rs"]
mod authorities;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use pki::Extension;
use world::World;

pub(crate) use authorities::*;

pub(crate) const BASE: &str = "http://127.0.0.1:8700";

/// Addresses under [`BASE`], by path.
pub(crate) fn crl_at(path: &str) -> Extension {
    Extension::crl_distribution_points(&[&format!("{BASE}{path}")])
}

/// Addresses under [`BASE`], by path.
pub(crate) fn access(ocsp: &[&str], ca_issuers: &[&str]) -> Extension {
    let absolute = |paths: &[&str]| paths.iter().map(|path| format!("{BASE}{path}")).collect::<Vec<_>>();
    let (ocsp, ca_issuers) = (absolute(ocsp), absolute(ca_issuers));
    let (ocsp, ca_issuers): (Vec<&str>, Vec<&str>) =
        (ocsp.iter().map(String::as_str).collect(), ca_issuers.iter().map(String::as_str).collect());
    Extension::authority_information_access(&ocsp, &ca_issuers)
}

type Answers = HashMap<String, (StatusCode, Vec<u8>)>;

/// A world whose network gives prepared answers, 404 for the rest.
#[derive(Clone)]
pub(crate) struct Internet {
    pub(crate) world: World,
    answers: Arc<Mutex<Answers>>,
}

impl Internet {
    pub(crate) async fn new() -> Internet {
        let world = World::in_memory(BASE, at()).await.unwrap();
        let answers = Arc::new(Mutex::new(Answers::new()));
        let prepared = answers.clone();
        let router = Router::new().fallback(async move |request: Request| {
            let found = prepared.lock().unwrap().get(request.uri().path()).cloned();
            found.unwrap_or((StatusCode::NOT_FOUND, Vec::new()))
        });
        world.network.attach(world.journal.in_front_of(router));
        world.network.fetch_from(&[BASE.parse().unwrap()]); // its addresses are short
        Internet { world, answers }
    }

    pub(crate) fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.put_status(path, 200, body);
    }

    pub(crate) fn put_status(&self, path: &str, status: u16, body: impl Into<Vec<u8>>) {
        let answer = (StatusCode::from_u16(status).unwrap(), body.into());
        self.answers.lock().unwrap().insert(path.into(), answer);
    }

    /// What was asked, in order: `POST /ocsp`, ….
    pub(crate) async fn asked(&self) -> Vec<String> {
        let exchanges = self.world.journal.exchanges(0, 1000).await.unwrap();
        exchanges.iter().map(|one| format!("{} {}", one.exchange.method, one.exchange.path)).collect()
    }
}
