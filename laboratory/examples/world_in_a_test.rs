//! How a client is tested: a world in memory whose certificate is revoked and whose time goes on, in one process.

use std::error::Error;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use issuer::Completion;
use laboratory::Laboratory;
use laboratory::api::{ClockAction, ClockChange};
use pki::KeyKind;
use sealing::Level;
use serde::Serialize;
use tower::ServiceExt as _;
use verifier::evidence::Online;
use world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await?;
    let completion = Completion::from_json(include_bytes!("../../examples/certificate.json"))?;
    let issued = laboratory.issuer.issue(&completion, Level::BB, None).await?;

    let serial = issued.summary.seal_serial.to_string();
    let revocation =
        ca::api::RevocationRequest { serial, reason: "keyCompromise".into(), since: None, invalidity_date: None };
    post(&laboratory, "/ca/api/revocations", &revocation).await?;
    let later = ClockChange { action: ClockAction::Advance, time: None, by: Some("1d".into()), renew: None };
    post(&laboratory, "/testbed/api/clock", &later).await?;

    let report = laboratory.verifier.judge(issued.pdf.into(), None, Online::Allowed).await?;
    println!("{}", report.signatures[0].verdict());
    assert_ne!(report.exit_code(), 0, "no time-stamp says that the seal was there before");
    Ok(())
}

async fn post(laboratory: &Laboratory, path: &str, request: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let body = Body::from(serde_json::to_vec(request)?);
    let request = Request::post(path).header("content-type", "application/json").body(body)?;
    assert_eq!(laboratory.services.clone().oneshot(request).await?.status(), StatusCode::OK, "{path}");
    Ok(())
}

#[test]
fn it_runs() {
    main().unwrap();
}
