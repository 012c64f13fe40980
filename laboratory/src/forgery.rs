//! Forgeries: sealed files that were tampered with. In: a file, in what way, and for what needs a key the world of the story. Out: the file as the
//! attacker, the scanner or a bad signer would hand it on.

mod message;
mod page;

use pades::{Document, Placement, SealKind, Signature, SignatureKind};
use pki::{Certificate, SignedAttributes, SignedData};
use serde::Deserialize;
use signer::KeyId;

use crate::{Laboratory, paper};

/// Room for two signers with their chains.
const RESERVED: usize = 16 << 10;

/// Why a file could not be forged in that way.
#[derive(Debug, thiserror::Error)]
pub enum ForgeryError {
    /// The file does not have what is to be changed.
    #[error("this cannot be done to the file: wanted {expected}")]
    NoPlace {
        /// What it would need.
        expected: &'static str,
    },
    /// It cannot be read as a PDF.
    #[error(transparent)]
    Pdf(#[from] pades::Error),
    /// Its message cannot be read.
    #[error(transparent)]
    Message(#[from] pki::Error),
    /// The services of the story's world.
    #[error(transparent)]
    Laboratory(#[from] crate::Error),
}

/// Ways of forging a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forgery {
    /// One bit of the first page's content.
    FlipContent,
    /// One bit of the signature value.
    FlipSignature,
    /// The message around the signature is not readable any more.
    BreakCms,
    /// The seal of another file takes the place of this one's.
    Transplant,
    /// The byte range leaves out more than the signature.
    #[serde(rename = "byterange-hole")]
    ByteRangeHole,
    /// A page is added by an incremental update.
    PageAdded,
    /// Sealed anew with two SignerInfos.
    TwoSignerInfos,
    /// Sealed anew without the signing-certificate attribute.
    NoEss,
    /// The signer's certificate is taken out of the message.
    NoSignerCertificate,
    /// The time-stamp is replaced by one over other data.
    TimestampOfOtherData,
    /// Printed and scanned: the same look, no seal.
    Reprint,
}

/// What a forgery may need beside the file.
pub struct Means<'a> {
    /// The world of the story, which owns its keys.
    pub laboratory: &'a Laboratory,
    /// The file that a seal is taken from.
    pub other: Option<&'a [u8]>,
    /// A time-stamp over other data.
    pub token: Option<Vec<u8>>,
}

/// The file, forged in that way.
///
/// # Errors
/// If the file does not have what is to be changed; the services' of the story's world.
pub async fn forge(pdf: &[u8], how: Forgery, means: Means<'_>) -> Result<Vec<u8>, ForgeryError> {
    match how {
        Forgery::FlipContent => {
            let content = page::content(&Document::parse(pdf)?)?;
            Ok(flipped(pdf, (content.start + content.end) / 2))
        }
        Forgery::FlipSignature => flip_signature(pdf),
        Forgery::BreakCms => {
            let seal = seal(pdf)?;
            let broken: Vec<u8> = seal.contents.iter().map(|octet| octet ^ 0xff).take(64).collect();
            embedded(pdf, &seal, &broken)
        }
        Forgery::Transplant => {
            let other = means
                .other
                .ok_or(ForgeryError::NoPlace { expected: "`from`, the file that the seal is taken from" })?;
            let message = SignedData::from_der(&seal(other)?.contents)?;
            embedded(pdf, &seal(pdf)?, message.der())
        }
        Forgery::ByteRangeHole => byte_range_hole(pdf),
        Forgery::PageAdded => page::added(pdf),
        Forgery::TwoSignerInfos => two_signers(pdf, means.laboratory).await,
        Forgery::NoEss => without_reference(pdf, means.laboratory).await,
        Forgery::NoSignerCertificate => edited(pdf, "a message with certificates", message::without_certificates),
        Forgery::TimestampOfOtherData => {
            let token = means.token.ok_or(ForgeryError::NoPlace { expected: "a time-stamping authority" })?;
            edited(pdf, "a seal with a time-stamp (B-T)", |message| message::with_time_stamp(message, &token))
        }
        Forgery::Reprint => Ok(paper::plain("Reprinted")),
    }
}

/// The first seal of a file.
pub(crate) fn seal(pdf: &[u8]) -> Result<Signature, ForgeryError> {
    let mut seals = Document::parse(pdf)?.signatures();
    seals.sort_by_key(|seal| seal.revision);
    let seal = seals.into_iter().find(|seal| seal.kind == SignatureKind::Seal);
    seal.ok_or(ForgeryError::NoPlace { expected: "a sealed file" })
}

fn flipped(pdf: &[u8], place: usize) -> Vec<u8> {
    let mut pdf = pdf.to_vec();
    pdf[place] ^= 1;
    pdf
}

/// The last bit of the signature value: an ECDSA value stays well-formed.
fn flip_signature(pdf: &[u8]) -> Result<Vec<u8>, ForgeryError> {
    edited(pdf, "a seal with a signature value", |message| {
        let value = SignedData::from_der(message).ok()?.signature_value().to_vec();
        let place = message.windows(value.len()).position(|window| window == value)?;
        Some(flipped(message, place + value.len() - 1))
    })
}

fn edited(
    pdf: &[u8],
    expected: &'static str,
    change: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<Vec<u8>, ForgeryError> {
    let seal = seal(pdf)?;
    let message = SignedData::from_der(&seal.contents)?;
    embedded(pdf, &seal, &change(message.der()).ok_or(ForgeryError::NoPlace { expected })?)
}

/// The file with another message in the seal's place, padded with zeros.
fn embedded(pdf: &[u8], seal: &Signature, message: &[u8]) -> Result<Vec<u8>, ForgeryError> {
    let place = seal.contents_offset.start + 1..seal.contents_offset.end - 1;
    if 2 * message.len() > place.len() {
        return Err(ForgeryError::NoPlace { expected: "a seal with room for the message" });
    }
    let mut digits = hex::encode(message).into_bytes();
    digits.resize(place.len(), b'0');
    let mut pdf = pdf.to_vec();
    pdf[place].copy_from_slice(&digits);
    Ok(pdf)
}

/// The second range begins eight bytes later than the signature ends.
fn byte_range_hole(pdf: &[u8]) -> Result<Vec<u8>, ForgeryError> {
    const HOLE: u64 = 8;
    let seal = seal(pdf)?;
    let [a, b, c, d] = seal.byte_range;
    let place = seal.byte_range_token.clone();
    let mut token = format!("[{a} {b} {} {}]", c + HOLE, d - HOLE);
    if token.len() > place.len() {
        return Err(ForgeryError::NoPlace { expected: "a byte range of fixed width" });
    }
    token.insert_str(token.len() - 1, &" ".repeat(place.len() - token.len()));
    let mut pdf = pdf.to_vec();
    pdf[place].copy_from_slice(token.as_bytes());
    Ok(pdf)
}

/// A key of the story's world with a seal certificate.
struct Sealer<'a> {
    laboratory: &'a Laboratory,
    key: KeyId,
    chain: Vec<Certificate>,
}

impl Sealer<'_> {
    async fn new<'a>(laboratory: &'a Laboratory, common_name: &str) -> Result<Sealer<'a>, ForgeryError> {
        let (key, chain) = laboratory.seal_certificate(common_name).await?;
        Ok(Sealer { laboratory, key, chain })
    }

    fn attributes(&self, prepared: &pades::Prepared) -> Result<SignedAttributes, ForgeryError> {
        let algorithm = self.chain[0].public_key().kind().default_signature_algorithm();
        let digest = algorithm.digest.digest_parts(prepared.signed_parts());
        Ok(SignedAttributes::new(&digest, &self.chain[0], algorithm)?)
    }

    /// Signs the attributes as they are encoded.
    async fn sign(&self, attributes: &SignedAttributes, encoded: &[u8]) -> Result<Vec<u8>, ForgeryError> {
        let algorithm = attributes.algorithm();
        let signature =
            self.laboratory.signer.sign_digest(&self.key, algorithm, &algorithm.digest.digest(encoded)).await;
        Ok(signature.map_err(crate::Error::from)?)
    }

    async fn message(&self, prepared: &pades::Prepared) -> Result<Vec<u8>, ForgeryError> {
        let attributes = self.attributes(prepared)?;
        let signature = self.sign(&attributes, attributes.der()).await?;
        Ok(attributes.assemble(&signature, &self.chain[..2], None))
    }
}

/// The file as it was before its first seal, ready to be sealed anew in the same field.
fn unsealed(pdf: &[u8], laboratory: &Laboratory) -> Result<pades::Prepared, ForgeryError> {
    let seal = seal(pdf)?;
    let document = Document::parse(pdf)?;
    let before = seal.revision.checked_sub(1).and_then(|index| document.revisions().get(index));
    let before = before.ok_or(ForgeryError::NoPlace { expected: "a seal that was added to a file" })?;
    let kind = SealKind::Seal { at: laboratory.world.clock.now(), name: None, reason: None, location: None };
    let before = Document::parse(&pdf[..before.range.end])?;
    Ok(pades::prepare(&before, Placement::ExistingOrNew(&seal.field), kind, RESERVED)?)
}

async fn two_signers(pdf: &[u8], laboratory: &Laboratory) -> Result<Vec<u8>, ForgeryError> {
    let prepared = unsealed(pdf, laboratory)?;
    let first = Sealer::new(laboratory, "First signer").await?.message(&prepared).await?;
    let second = Sealer::new(laboratory, "Second signer").await?.message(&prepared).await?;
    let both = message::two_signers(&first, &second).expect("both messages were just made");
    Ok(prepared.embed(&both)?)
}

async fn without_reference(pdf: &[u8], laboratory: &Laboratory) -> Result<Vec<u8>, ForgeryError> {
    let prepared = unsealed(pdf, laboratory)?;
    let sealer = Sealer::new(laboratory, "Careless signer").await?;
    let attributes = sealer.attributes(&prepared)?;
    let fewer = message::without_signing_certificate(attributes.der()).expect("the attribute was just written");
    let signature = sealer.sign(&attributes, &fewer).await?;
    let message = attributes.assemble(&signature, &sealer.chain[..2], None);
    let message = message::with_signed_attributes(&message, &fewer, &signature).expect("the message was just made");
    Ok(prepared.embed(&message)?)
}
