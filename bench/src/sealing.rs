//! Seals: made through the services of this process as a stranger would, with digests on disk before a signature leaves; and
//! verified.

use anyhow::Result;
use pades::Document;
use pki::SignatureMemory;
use sealing::Level;
use validation::report::Overall;
use validation::{Anchor, Input, Pdf, Policy};

use crate::bed::{Bed, Certificate, options, unsealed};
use crate::case::File;
use crate::measure::{Measured, alone, one_after_another};

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
