//! Documents that are issued, sealed, stamped, prolonged and judged in a laboratory, with the time-stamps of any authority.

use issuer::Completion;
use jiff::Timestamp;
use pades::{Document, Placement};
use pki::{Certificate, Digest, KeyKind, SignatureMemory, TimeStampToken};
use sealing::{Archive, EarlierSeals, Level, SealOptions, Sealer, Services, Source, TimeStamping};
use validation::Input;
use verifier::Judgement;
use verifier::evidence::Online;

use crate::authority::Authority;
use crate::publications::CALLER;
use crate::{Error, Laboratory};

/// The completion of a course that nobody attended.
const COMPLETION: &[u8] = include_bytes!("../../examples/certificate.json");

/// How a document is to be sealed.
#[derive(Clone, Copy)]
pub struct SealRequest<'a> {
    /// PAdES baseline level.
    pub level: Level,
    /// Which key seals.
    pub algorithm: KeyKind,
    /// Whose time-stamps it gets.
    pub stamped_by: Authority<'a>,
}

/// A document with a new seal or time-stamp.
#[derive(Clone, Debug)]
pub struct SealedDocument {
    /// The file.
    pub pdf: Vec<u8>,
    /// The certificate that sealed it.
    pub certificate: Option<Certificate>,
    /// When it was time-stamped, if it was.
    pub time_stamp: Option<Timestamp>,
}

impl Laboratory {
    /// Issues a learning certificate to nobody in particular.
    ///
    /// # Errors
    /// As [`issuer::Issuer::issue`].
    pub async fn issue_example(&self, request: &SealRequest<'_>) -> Result<SealedDocument, Error> {
        let completion = Completion::from_json(COMPLETION)?;
        let other;
        let issuer = if self.is_own(&request.stamped_by) {
            &self.issuer
        } else {
            other = self.issuer.with_services(&self.reach_with(&request.stamped_by));
            &other
        };
        let credential = self.plan().seal_credential(request.algorithm);
        let issuer = issuer.with_whatever_certificate(); // what comes of that is what stories tell
        let issued = issuer.issue(&completion, request.level, Some(&credential)).await?;
        let certificate = self.credential_certificate(&credential).await?;
        Ok(SealedDocument { pdf: issued.pdf, certificate, time_stamp: issued.summary.time_stamp })
    }

    /// Seals a document in a new invisible field, also one that is sealed already.
    ///
    /// # Errors
    /// As [`sealing::Sealer::seal`].
    pub async fn seal(&self, pdf: Vec<u8>, request: &SealRequest<'_>) -> Result<SealedDocument, Error> {
        let sealer = Sealer::new(&self.world, &self.reach_with(&request.stamped_by));
        let options = SealOptions {
            placement: Placement::NewInvisible { name: None },
            level: request.level,
            credential: &self.plan().seal_credential(request.algorithm),
            reason: None,
            certify: None,
            source: Source::Stranger,
            earlier_seals: EarlierSeals::MayBreak,
        };
        let sealed = match Document::parse(pdf) {
            Ok(document) => sealer.seal(&document, &options).await,
            Err(problem) => Err(problem.into()),
        };
        let sealed = sealed.map_err(issuer::Error::from)?;
        Ok(SealedDocument { pdf: sealed.pdf, certificate: Some(sealed.certificate), time_stamp: sealed.time_stamp })
    }

    /// Adds a document time-stamp of that authority.
    ///
    /// # Errors
    /// If the document cannot be extended, or the authority gives no token.
    pub async fn stamp(&self, pdf: &[u8], authority: &Authority<'_>) -> Result<SealedDocument, Error> {
        Ok(sealing::stamp(&Document::parse(pdf)?, &self.time_stamping(authority)).await?.into())
    }

    /// Adds evidence as of now for everything in a document, and a document time-stamp over it. `anchors`: where the search for
    /// evidence ends.
    ///
    /// # Errors
    /// As [`Laboratory::stamp`], and if a signature in it cannot be read.
    pub async fn prolong(
        &self,
        pdf: &[u8],
        anchors: &[Certificate],
        authority: &Authority<'_>,
    ) -> Result<SealedDocument, Error> {
        let (document, authority) = (Document::parse(pdf)?, self.time_stamping(authority));
        let (network, at) = (&self.world.network, self.world.clock.now());
        Ok(sealing::prolong(&document, network, anchors, &authority, at).await?.into())
    }

    /// Judges a document by what is known, and by what the network gives if it may be asked.
    ///
    /// # Errors
    /// If the question cannot be asked: a verdict is no error.
    pub async fn judge(&self, known: &Input<'_>, at: Timestamp, online: Online) -> Result<Judgement, Error> {
        Ok(verifier::judge(&self.world.network, known, at, at, online).await?)
    }

    /// A time-stamp over that digest.
    ///
    /// # Errors
    /// If the authority gives none.
    pub async fn token(&self, authority: &Authority<'_>, digest: &Digest) -> Result<TimeStampToken, Error> {
        Ok(self.time_stamping(authority).stamp(digest).await?)
    }

    /// The signatures that held so far in this world.
    pub fn memory(&self) -> &SignatureMemory {
        self.verifier.memory()
    }

    fn time_stamping(&self, authority: &Authority<'_>) -> TimeStamping {
        TimeStamping::new(&self.world.network, CALLER, &authority.time_stamping_address())
    }

    /// How the issuer reaches its services, with the time-stamps of that authority.
    fn reach_with(&self, authority: &Authority<'_>) -> Services {
        Services { time_stamping: authority.time_stamping_address(), ..self.reach.clone() }
    }
}

/// No certificate sealed it anew.
impl From<Archive> for SealedDocument {
    fn from(archive: Archive) -> SealedDocument {
        let Archive { document, time_stamp } = archive;
        SealedDocument { pdf: document.bytes().to_vec(), certificate: None, time_stamp: Some(time_stamp) }
    }
}
