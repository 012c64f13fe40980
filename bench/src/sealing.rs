//! Seals: made through the services of this process as a stranger would, with digests on disk before a signature leaves; and
//! verified.

use anyhow::Result;
use issuer::Level;

use crate::bed::{Bed, Certificate, options, unsealed};
use crate::case::File;
use crate::measure::{Measured, alone, one_after_another};

/// A file sealed, one after another: what one thread does, with the database's own threads beside it.
pub(crate) async fn seal(bed: &mut Bed, file: File, level: Level) -> Result<Measured> {
    let laboratory = bed.laboratory().await?;
    let (sealer, pdf) = (laboratory.issuer.sealer(), unsealed(file)?);
    let options = options(file, level);
    one_after_another(bed.seconds, async || {
        std::hint::black_box(sealer.seal(&pdf, &options).await?);
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
    let sealed = laboratory.issuer.sealer().seal(&unsealed(file)?, &options(file, Level::BLTA)).await?;
    Ok(sealed.pdf)
}

/// The verdict on a file with all its evidence inside.
pub(crate) async fn verify(bed: &mut Bed, file: File) -> Result<Measured> {
    let pdf = sealed(bed, file).await?;
    alone(bed.seconds, || {
        std::hint::black_box(verifier::integrity::check(&pdf)?);
        Ok(())
    })
}
