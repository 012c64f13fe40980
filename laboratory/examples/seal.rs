//! Any PDF into a sealed one, over the HTTP API, as a stranger asks; without a socket.

use std::error::Error;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use issuer::api::SealSummary;
use laboratory::Laboratory;
use pki::KeyKind;
use tower::ServiceExt as _;
use world::World;

const REPORT: &[u8] = include_bytes!("../../examples/report.pdf");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await?;
    let request = Request::post("/issuer/api/seals?level=B-T").header("content-type", "application/pdf");
    let answer = laboratory.services.oneshot(request.body(Body::from(REPORT))?).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let summary: SealSummary = serde_json::from_slice(answer.headers()["eseal-seal"].as_bytes())?;
    let sealed = to_bytes(answer.into_body(), usize::MAX).await?;
    assert!(sealed.starts_with(REPORT), "a seal is appended");
    println!("sealed {} at {:?}; the key server saw {}", summary.level, summary.time_stamp, summary.sent_digest);
    Ok(())
}

#[test]
fn it_runs() {
    main().unwrap();
}
