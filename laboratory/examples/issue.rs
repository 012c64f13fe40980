//! Completion data into a sealed certificate, in a world in memory.

use std::error::Error;

use axum::Router;
use issuer::Completion;
use laboratory::Laboratory;
use pki::KeyKind;
use sealing::Level;
use world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await?;
    let completion = Completion::from_json(include_bytes!("../../examples/certificate.json"))?;
    let issued = laboratory.issuer.issue(&completion, Level::BLTA, None).await?;
    assert!(issued.pdf.starts_with(b"%PDF-"));
    println!("{} for {}, {} octets", issued.summary.number, issued.summary.recipient, issued.pdf.len());
    Ok(())
}

#[test]
fn it_runs() {
    main().unwrap();
}
