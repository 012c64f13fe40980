//! Archives, EN 319 142-1 clause 5.5 and ISO 32000-2 clause 12.8.5: a document time-stamp over everything in a file, and new
//! evidence under a new one before the old one loses its strength. In: a document, an authority. Out: [`Archive`].

use jiff::Timestamp;
use pades::{Document, Placement, SealKind};
use pki::{Certificate, DigestAlgorithm, SignedData};
use verifier::evidence;
use world::network::Network;

use crate::error::Error;
use crate::store;
use crate::time_stamping::{MARGIN, TimeStamping};

/// The field of the archive time-stamp.
pub const ARCHIVE_TIME_STAMP_FIELD: &str = "ArchiveTimeStamp";

/// A file under a new document time-stamp.
#[derive(Debug)]
pub struct Archive {
    /// The file.
    pub document: Document,
    /// When it was stamped.
    pub time_stamp: Timestamp,
}

/// Adds a document time-stamp over everything in a file, in a field of its own.
///
/// # Errors
/// [`Error::Pdf`] if the file cannot be extended; as [`TimeStamping::stamp`].
pub async fn stamp(document: &Document, authority: &TimeStamping) -> Result<Archive, Error> {
    let reserved = authority.token_size().await? + MARGIN;
    finish(document, prepare(document, Placement::NewInvisible { name: None }, reserved)?, authority).await
}

/// The same in the field that is prepared for it, if that is still free.
pub(crate) async fn in_prepared_field(document: &Document, authority: &TimeStamping) -> Result<Archive, Error> {
    let reserved = authority.token_size().await? + MARGIN;
    let prepared = match prepare(document, Placement::ExistingOrNew(ARCHIVE_TIME_STAMP_FIELD), reserved) {
        Err(
            pades::Error::FieldAlreadySigned { .. }
            | pades::Error::FieldNotSignature { .. }
            | pades::Error::FieldReserved { .. }
            | pades::Error::SealForbidden { .. },
        ) => prepare(document, Placement::NewInvisible { name: None }, reserved)?,
        prepared => prepared?,
    };
    finish(document, prepared, authority).await
}

/// Adds evidence as of `at` for all signatures of a file, and a document time-stamp over it. `anchors`: who is trusted, where the
/// search for evidence ends.
///
/// # Errors
/// [`Error::Pki`] if a signature of the file cannot be read; as [`stamp`]. Evidence that is not to be had is no error.
pub async fn prolong(
    document: &Document,
    network: &Network,
    anchors: &[Certificate],
    authority: &TimeStamping,
    at: Timestamp,
) -> Result<Archive, Error> {
    let signatures = document.signatures();
    let mut known = Vec::new();
    for signature in &signatures {
        let message = SignedData::from_der(&signature.contents)?;
        known.extend(message.certificates().to_vec());
        known.extend(message.signature_time_stamps().iter().flat_map(|token| token.certificates().to_vec()));
    }
    let evidence = evidence::collect(network, &known, anchors, at).await?;
    let contents: Vec<&[u8]> = signatures.iter().map(|signature| signature.contents.as_slice()).collect();
    stamp(&store::with_evidence(document, &evidence, &contents)?, authority).await
}

fn prepare(document: &Document, placement: Placement<'_>, reserved: usize) -> Result<pades::Prepared, pades::Error> {
    pades::prepare(document, placement, SealKind::DocumentTimeStamp, reserved)
}

async fn finish(before: &Document, prepared: pades::Prepared, authority: &TimeStamping) -> Result<Archive, Error> {
    let token = authority.stamp(&DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts())).await?;
    Ok(Archive { document: Document::continuing(before, prepared.embed(token.der())?)?, time_stamp: token.time() })
}
