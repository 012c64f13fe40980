//! The way of a seal: PDF in, sealed PDF of a PAdES baseline level out (ETSI EN 319 142-1 clause 6).
//!
//! The PDF stays here. To the key server goes the SHA-256 (or SHA-384) of the signed attributes, to the time-stamping
//! authority the digest of the signature value: [`Sealed`] tells both, so that this can be shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use jiff::Timestamp;
use pades::{Permission, Placement, SealKind, security_store};
use pki::{Certificate, Digest, DigestAlgorithm, SignatureMemory, SignedAttributes, TimeStampToken};
use verifier::evidence::{self, Evidence, Lent};
use world::World;
use world::text::is_printable;

use crate::demands::{self, Satisfied};
use crate::error::Error;
use crate::hand_out::{self, HandOut};
use crate::key_server::{Credential, KeyServer, Services, Signature};
use crate::level::Level;
use crate::time_stamping::TimeStamping;

/// How often a seal is tried while its credential is renewed, or the authority's tokens grow.
pub const ATTEMPTS: usize = 8;

/// The field of the archive time-stamp.
pub const ARCHIVE_TIME_STAMP_FIELD: &str = "ArchiveTimeStamp";

/// The longest reason for a seal, in characters: viewers show it on one line.
const LONGEST_REASON: usize = 500;

/// Checks the reason for a seal, which viewers show beside it: 1 to 500 characters on one line, none of them hidden.
///
/// # Errors
/// The rule that does not hold, and what was found.
pub fn check_reason(reason: &str) -> Result<(), String> {
    let length = reason.chars().count();
    if !(1..=LONGEST_REASON).contains(&length) {
        return Err(format!("reason: wanted 1 to {LONGEST_REASON} characters that say why, found {length}"));
    }
    match reason.chars().find(|character| !is_printable(*character)) {
        Some(hidden) => {
            let found = u32::from(hidden);
            Err(format!("reason: wanted no control, format or private use characters, found U+{found:04X}"))
        }
        None => Ok(()),
    }
}

/// What a seal should be.
#[derive(Clone, Debug)]
pub struct SealOptions<'a> {
    /// Where it goes.
    pub placement: Placement<'a>,
    /// How much proof the file shall carry.
    pub level: Level,
    /// The CSC credential that seals.
    pub credential: &'a str,
    /// Why, for the signature dictionary.
    pub reason: Option<&'a str>,
    /// What may change after it, if it is to be a certification: the first signature of a file.
    pub certify: Option<Permission>,
    /// Whose file it is.
    pub source: Source,
    /// Whether earlier seals may suffer.
    pub earlier_seals: EarlierSeals,
}

/// Whose file is sealed: how strictly the result is checked before it is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Rendered here: nothing in it may depart from the standard.
    Rendered,
    /// Somebody else's: what it writes oddly is covered by the seal, and told.
    Stranger,
}

/// What becomes of seals that the file has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierSeals {
    /// None may be worse off than before.
    MustStand,
    /// One may be, and it is told.
    MayBreak,
}

/// A sealed file that has passed its own check, and what was sent for it.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The file.
    pub pdf: Vec<u8>,
    /// The level.
    pub level: Level,
    /// The digest of the signed parts of the file: the message-digest attribute. It stays in the CMS.
    pub document_digest: Digest,
    /// The digest of the signed attributes: all that the key server saw.
    pub sent_digest: Digest,
    /// The certificate that sealed.
    pub certificate: Certificate,
    /// When the signature time-stamp was made, if there is one.
    pub time_stamp: Option<Timestamp>,
    /// What whoever wanted the seal should know.
    pub warnings: Vec<String>,
}

/// Seals files through a key server and a time-stamping authority.
#[derive(Clone, Debug)]
pub struct Sealer {
    world: World,
    key_server: KeyServer,
    time_stamping: TimeStamping,
    memory: SignatureMemory,
    /// How large the authority's last token was; 0: not known.
    token_size: Arc<AtomicUsize>,
}

impl Sealer {
    /// A sealer for those services.
    pub fn new(world: &World, services: &Arc<Services>) -> Sealer {
        let memory = SignatureMemory::default();
        Sealer {
            world: world.clone(),
            key_server: KeyServer::new(world, services.clone()),
            time_stamping: TimeStamping::new(world, services.clone(), &memory),
            memory,
            token_size: Arc::default(),
        }
    }

    /// The key server that it seals with.
    pub fn key_server(&self) -> &KeyServer {
        &self.key_server
    }

    /// Seals a PDF and checks the result.
    ///
    /// # Errors
    /// [`Error::Pdf`] if the file cannot be sealed safely, or its field demands another seal, with the reason;
    /// [`Error::EarlierSeal`] if an earlier seal would be worse off; what the services answered; [`Error::Evidence`] if
    /// it is wanted (B-LT, B-LTA) and does not suffice; [`Error::Faulty`] if the result does not pass; [`Error::Renewing`] and
    /// [`Error::ClockMoves`] if the credential got another certificate, or the clock another time, whenever it was tried.
    pub async fn seal(&self, pdf: &[u8], options: &SealOptions<'_>) -> Result<Sealed, Error> {
        let mut clock_moved = false; // when it was tried last
        for _ in 0..ATTEMPTS {
            let begun = self.world.clock.state();
            let credential = match self.key_server.credential(options.credential).await {
                Err(_) if self.world.clock.state().was_set_since(&begun) => {
                    clock_moved = true; // past the end of an access token
                    continue;
                }
                credential => credential?,
            };
            self.key_server.check_valid(&credential)?; // before an authority is asked for anything
            match self.seal_once(pdf, options, &credential).await {
                // The authority's tokens have grown since the last one: it has another certificate.
                Err(Error::Pdf(pades::Error::CmsTooLarge { .. })) if self.token_size.swap(0, Relaxed) > 0 => {}
                // Renewed while it sealed: what the new key signed does not fit the old certificate.
                Err(failed) if self.key_server.is_renewed(&credential).await => {
                    tracing::debug!(%failed, credential = credential.id, "sealing again: the credential was renewed");
                }
                // A part of it is from before, a part from after: an archive before what it archives, evidence of another year.
                Err(Error::OutOfOrder { .. }) => {}
                Err(failed) if self.world.clock.state().was_set_since(&begun) => {
                    tracing::debug!(%failed, "sealing again: the clock was set meanwhile");
                }
                Ok(_) if self.world.clock.now() < begun.time => {}
                sealed => return sealed,
            }
            clock_moved = self.world.clock.state().was_set_since(&begun);
        }
        Err(match clock_moved {
            true => Error::ClockMoves,
            false => Error::Renewing { credential: options.credential.into() },
        })
    }

    async fn seal_once(&self, pdf: &[u8], options: &SealOptions<'_>, credential: &Credential) -> Result<Sealed, Error> {
        let unsealed = pdf;
        let certificate = credential.chain[0].clone();
        let token_size = if options.level == Level::BB { 0 } else { self.token_size().await? };
        let reserved = reserved_size(&credential.chain, token_size);

        let organization = certificate.subject().organization();
        let kind = kind(options, self.world.clock.now(), organization.as_deref());
        let prepared = pades::prepare(pdf, options.placement, kind, reserved)?;
        let Satisfied { algorithm, warnings } = demands::satisfy(prepared.demands(), &credential.chain, options.level)?;
        let mut warnings: Vec<String> = prepared.warnings().iter().map(ToString::to_string).chain(warnings).collect();
        let document_digest = digest_of(&prepared, algorithm.digest);
        let attributes = SignedAttributes::new(&document_digest, &certificate, algorithm)?;
        let sent_digest = attributes.digest();
        let Signature { value: signature, warning } = self.key_server.sign(credential, algorithm, &sent_digest).await?;
        warnings.extend(warning);
        let token = match options.level {
            Level::BB => None,
            _ => Some(self.stamp(&DigestAlgorithm::Sha256.digest(&signature)).await?),
        };
        let cms = attributes.assemble(&signature, without_anchor(&credential.chain, &self.memory), token.as_ref());
        let contents = [cms.as_slice(), &vec![0; prepared.reserved().saturating_sub(cms.len())]].concat();
        let mut pdf = prepared.embed(&cms)?;

        let mut evidence = Evidence::default();
        if options.level >= Level::BLT {
            evidence = self.evidence(&credential.chain, token.as_ref()).await?;
            pdf = with_evidence(&pdf, &contents, &evidence)?;
        }
        if options.level == Level::BLTA {
            let archived;
            (pdf, archived) = self.with_document_time_stamp(&pdf, token_size).await?;
            if let Some(stamped) = token.as_ref().map(TimeStampToken::time).filter(|stamped| *stamped > archived) {
                return Err(Error::OutOfOrder { stamped, archived });
            }
        }
        let (chain, memory) = (&credential.chain, &self.memory);
        let result = HandOut { before: unsealed, after: &pdf, chain, evidence: &evidence, memory };
        warnings.extend(hand_out::check(&result, options, self.world.clock.now())?);
        let time_stamp = token.map(|token| token.time());
        Ok(Sealed { pdf, level: options.level, document_digest, sent_digest, certificate, time_stamp, warnings })
    }

    /// A token over nothing in particular.
    pub(crate) async fn rehearse(&self) -> Result<TimeStampToken, Error> {
        self.stamp(&DigestAlgorithm::Sha256.digest(b"rehearsal")).await
    }

    /// How large a token will be: as the last one, or as one made to see it.
    async fn token_size(&self) -> Result<usize, Error> {
        match self.token_size.load(Relaxed) {
            0 => Ok(self.rehearse().await?.der().len()),
            size => Ok(size),
        }
    }

    async fn stamp(&self, digest: &Digest) -> Result<TimeStampToken, Error> {
        let token = self.time_stamping.stamp(digest).await?;
        self.token_size.store(token.der().len(), Relaxed);
        Ok(token)
    }

    /// The certificates of seal and time-stamp, and the proof that none of them was revoked (clause 6.3).
    async fn evidence(&self, chain: &[Certificate], token: Option<&TimeStampToken>) -> Result<Evidence, Error> {
        let mut known = chain.to_vec();
        known.extend(token.iter().flat_map(|token| token.certificates().to_vec()));
        let anchors: Vec<_> =
            known.iter().filter(|one| one.recalling(&self.memory).is_self_signed()).cloned().collect();
        let lent = Lent { network: &self.world.network, memory: self.memory.clone() };
        let evidence = evidence::collect(lent, &known, &anchors, self.world.clock.now()).await?;
        if let Some(lacking) = evidence.insufficient().next() {
            return Err(Error::Evidence { lacking: lacking.to_string() });
        }
        Ok(evidence)
    }

    /// B-LTA: a document time-stamp over everything so far (ISO 32000-2 clause 12.8.5), in the field that is prepared for it if
    /// that is still free, else in one of its own.
    async fn with_document_time_stamp(&self, pdf: &[u8], token_size: usize) -> Result<(Vec<u8>, Timestamp), Error> {
        let reserved = token_size + MARGIN;
        let prepare = |placement| pades::prepare(pdf, placement, SealKind::DocumentTimeStamp, reserved);
        let prepared = match prepare(Placement::ExistingOrNew(ARCHIVE_TIME_STAMP_FIELD)) {
            Err(
                pades::Error::FieldAlreadySigned { .. }
                | pades::Error::FieldNotSignature { .. }
                | pades::Error::FieldReserved { .. }
                | pades::Error::SealForbidden { .. },
            ) => prepare(Placement::NewInvisible { name: None })?,
            prepared => prepared?,
        };
        let token = self.stamp(&digest_of(&prepared, DigestAlgorithm::Sha256)).await?;
        Ok((prepared.embed(token.der())?, token.time()))
    }
}

/// An ordinary seal or a certification.
fn kind<'a>(options: &SealOptions<'a>, at: Timestamp, name: Option<&'a str>) -> SealKind<'a> {
    let (reason, location) = (options.reason, None);
    match options.certify {
        None => SealKind::Seal { at, name, reason, location },
        Some(permission) => SealKind::Certification { permission, at, name, reason, location },
    }
}

/// B-LT: certificates, CRLs and OCSP answers in the file. `contents`: the seal's /Contents with its padding.
fn with_evidence(pdf: &[u8], contents: &[u8], evidence: &Evidence) -> Result<Vec<u8>, Error> {
    let material = security_store::Material {
        certificates: evidence.certificates.iter().map(|c| c.der().to_vec()).collect(),
        crls: evidence.crls.iter().map(|c| c.der().to_vec()).collect(),
        ocsp_responses: evidence.ocsp_responses.iter().map(|o| o.der().to_vec()).collect(),
    };
    Ok(security_store::append(pdf, &material, &[contents])?)
}

/// Room for what differs between one signature, token or DER length and the next.
const MARGIN: usize = 128;

/// Room for a CMS with those certificates and a token of that size: their sizes, the largest signature (RSA-4096), and the
/// attributes and wrapping around them.
fn reserved_size(chain: &[Certificate], token_size: usize) -> usize {
    const ATTRIBUTES_AND_WRAPPING: usize = 600;
    const LARGEST_SIGNATURE: usize = 512;
    let certificates: usize = chain.iter().map(|certificate| certificate.der().len()).sum();
    let issuer_name = chain[0].issuer().to_der().len();
    certificates + 2 * issuer_name + token_size + LARGEST_SIGNATURE + ATTRIBUTES_AND_WRAPPING + MARGIN
}

/// The certificates that a verifier may lack. The anchor is not among them: it must have that from elsewhere.
fn without_anchor<'c>(chain: &'c [Certificate], memory: &SignatureMemory) -> &'c [Certificate] {
    match chain {
        [rest @ .., last] if last.recalling(memory).is_self_signed() && !rest.is_empty() => rest,
        _ => chain,
    }
}

fn digest_of(prepared: &pades::Prepared, algorithm: DigestAlgorithm) -> Digest {
    algorithm.digest_parts(prepared.signed_parts())
}

#[cfg(test)]
mod tests {
    use super::check_reason;

    #[test]
    fn a_reason_is_a_short_line_in_which_nothing_hides() {
        for reason in ["在学証明", "a b", &"x".repeat(500)] {
            check_reason(reason).unwrap();
        }
        for reason in ["", "a\nb", "a\u{1b}b", "a\u{202e}b", "a\u{200b}b", &"x".repeat(501)] {
            assert!(check_reason(reason).unwrap_err().starts_with("reason: wanted "), "{reason:?}");
        }
    }
}
