//! What a sealed certificate is worth: now, and ten years later by what is in the file alone, if nobody has prolonged it.

use std::error::Error;

use axum::Router;
use issuer::Completion;
use laboratory::Laboratory;
use pki::KeyKind;
use sealing::Level;
use verifier::evidence::Online;
use world::World;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await?;
    let completion = Completion::from_json(include_bytes!("../../examples/certificate.json"))?;
    let issued = laboratory.issuer.issue(&completion, Level::BLTA, None).await?;
    let later = "2036-11-24T09:00:00Z".parse()?; // the certificate of its last time-stamp has ended by then
    for (at, online, exit_code) in [(None, Online::Allowed, 0), (Some(later), Online::Never, 2)] {
        let report = laboratory.verifier.judge(issued.pdf.clone().into(), at, online).await?;
        for signature in &report.signatures {
            println!("{}  {}  {}", report.validation_time, signature.field, signature.verdict());
        }
        assert_eq!(report.exit_code(), exit_code, "0: passed, 2: undecided");
    }
    Ok(())
}

#[test]
fn it_runs() {
    main().unwrap();
}
