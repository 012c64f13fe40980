//! Seals: made through the services of this process as a stranger would, with digests on disk before a signature leaves; and
//! verified.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::body::Bytes;
use axum::http::Request;
use laboratory::Laboratory;
use pades::Document;
use pki::SignatureMemory;
use sealing::{ClientSecret, Level, Sealer, Services};
use validation::report::Overall;
use validation::{Anchor, Input, Pdf, Policy};

use crate::bed::{Bed, COMPLETION, Certificate, options, unsealed};
use crate::case::File;
use crate::measure::{Measured, alone, at_once, one_after_another};
use crate::server::world_in;

/// A file sealed, one after another: what one thread does, with the database's own threads beside it.
pub(crate) async fn seal(bed: &mut Bed, file: File, level: Level) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    let (sealer, pdf) = (laboratory.issuer.sealer(), unsealed(file)?);
    let options = options(file, level);
    one_after_another(bed.seconds, async || {
        std::hint::black_box(sealer.seal(&Document::parse(pdf.as_slice())?, &options).await?);
        Ok(())
    })
    .await
}

/// How many files are in hand at once, so that the sealer never waits for its services.
const IN_HAND: usize = 8;

/// The same by a sealer alone: on this one thread, with key server, time-stamping authority and responder in a process of their
/// own, as they are in service.
pub(crate) async fn seal_alone(bed: &mut Bed, file: File, level: Level) -> Result<Measured> {
    let seconds = bed.seconds;
    let server = bed.server()?;
    let (base, client) = (format!("http://{}", server.address), server.client()?);
    let text = |member: &str| client[member].as_str().map(str::to_owned).context("csc-client.json lacks a member");
    let services = Services {
        key_server: format!("{base}/csc/v2"),
        client_id: text("client_id")?,
        client_secret: ClientSecret(text("client_secret")?),
        time_stamping: format!("{base}/tsa"),
    };
    let folder = tempfile::tempdir()?;
    let sealer = Sealer::new(&world_in(folder.path(), &base, None).await?, &services);
    let (pdf, pid) = (unsealed(file)?, server.pid());
    let make = async |_| {
        let (sealer, pdf) = (sealer.clone(), pdf.clone());
        Ok(async move || {
            std::hint::black_box(sealer.seal(&Document::parse(pdf.as_slice())?, &options(file, level)).await?);
            Ok(1)
        })
    };
    let measured = at_once(IN_HAND, seconds, Some(pid), make).await?;
    Ok(Measured { server: Duration::ZERO, ..measured }) // the sealer alone
}

/// How many rows a batch has.
const ROWS: u64 = 256;

/// Certificates of batches, B-LTA, on all processors: taken, rendered with their badges, sealed, checked and kept on disk.
pub(crate) async fn issue_batch(bed: &mut Bed) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    laboratory.issuer.begin_work();
    let mut given = 0;
    let measured = one_after_another(bed.seconds, async || {
        given += 1;
        issued(&laboratory, given).await
    })
    .await?;
    laboratory.issuer.end_work().await;
    Ok(Measured { operations: measured.operations * ROWS, ..measured })
}

/// A batch for people who had none before, to its end.
async fn issued(laboratory: &Laboratory, number: u64) -> Result<()> {
    let mut data: serde_json::Value = serde_json::from_slice(COMPLETION)?;
    let mut file = String::new();
    for row in 0..ROWS {
        data["recipient"]["identifier"] = format!("student-{number}-{row}").into();
        file.push_str(&format!("{data}\n"));
    }
    let base = &laboratory.world.base;
    let ask = async |request: Request<Bytes>| laboratory.world.network.send("bench", request).await;
    let taken = ask(Request::post(format!("{base}/issuer/api/batches?format=jsonl")).body(file.into())?).await?;
    let batch: issuer::api::Batch = serde_json::from_slice(taken.body())?;
    let id = batch.id;
    ask(Request::get(format!("{base}/issuer/api/batches/{id}/events")).body(Bytes::new())?).await?; // they end with it
    let delivered = laboratory.issuer.batch(id).await?.rows.delivered;
    ensure!(delivered == ROWS, "wanted {ROWS} certificates, found {delivered}");
    Ok(())
}

/// A certificate from its data: layout, fonts, tags, attachments.
pub(crate) async fn render(bed: &mut Bed) -> Result<Measured> {
    let certificate = Certificate::new()?;
    alone(bed.seconds, || {
        std::hint::black_box(certificate.render()?);
        Ok(())
    })
}

/// A sealed file, for verifiers.
pub(crate) async fn sealed(bed: &mut Bed, file: File) -> Result<Vec<u8>> {
    let laboratory = bed.laboratory().await?;
    let sealed =
        laboratory.issuer.sealer().seal(&Document::parse(unsealed(file)?)?, &options(file, Level::BLTA)).await?;
    Ok(sealed.pdf)
}

/// The verdict on a file with all its evidence inside: every step of EN 319 102-1, no network. Each time every signature is
/// computed, as for a file that was not seen before.
pub(crate) async fn verify(bed: &mut Bed, file: File) -> Result<Measured> {
    let pdf = sealed(bed, file).await?;
    let laboratory = bed.laboratory().await?;
    let anchors: Vec<Anchor> = laboratory.ca.anchors().await?.into_iter().map(Anchor::from).collect();
    let policy = Policy::default();
    let memory = SignatureMemory::default();
    let at = laboratory.world.clock.now();
    alone(bed.seconds, || {
        memory.forget();
        let document = Document::parse(pdf.as_slice())?;
        let input = Input {
            pdf: Pdf::Read(&document),
            anchors: &anchors,
            certificates: &[],
            crls: &[],
            ocsp_responses: &[],
            policy: &policy,
            memory: &memory,
        };
        let report = validation::validate(&input, at).map_err(verifier::Error::from)?;
        let passed = matches!(report.overall, Overall::Worst(conclusion) if conclusion.is_passed());
        anyhow::ensure!(passed, "wanted TOTAL-PASSED, found {:?}", report.overall);
        Ok(())
    })
}
