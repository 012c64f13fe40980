//! Steps that make and change files: issue, seal, stamp, prolong, tamper.

use issuer::Completion;
use pades::{Document, Placement, SignatureKind};
use pki::{Certificate, DigestAlgorithm, SignedData};
use sealing::{Archive, EarlierSeals, SealOptions, Sealed, Sealer, Services, Source, TimeStamping};

use super::{Error, Sheet, Stage};
use crate::story::OWN;
use crate::story::step::{Issue, Seal, Tamper};
use laboratory::seal_credential;
use laboratory::tamper::Tampering;
use laboratory::{paper, tamper};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// In whose name a story calls services.
pub(super) const CALLER: &str = "story";

impl Stage {
    pub(super) async fn issue(&mut self, step: &Issue) -> Result<(), Error> {
        let completion = Completion::from_json(COMPLETION)?;
        let other;
        let issuer = if step.stamped_by == OWN {
            &self.laboratory.issuer
        } else {
            other = self.laboratory.issuer.with_services(&self.reach(&step.stamped_by)?);
            &other
        };
        let credential = seal_credential(step.algorithm);
        let issued = issuer.issue(&completion, step.level, Some(&credential)).await;
        let Some(issued) = wanted(issued, step.refused.as_deref())? else { return Ok(()) };
        let certificate = self.laboratory.signer.chain(&credential).await.map_err(laboratory::Error::from)?;
        let certificate = certificate.and_then(|chain| chain.into_iter().next());
        let sheet = Sheet { pdf: issued.pdf, certificate, stamp: issued.summary.time_stamp };
        self.sheets.insert(step.file.clone(), sheet);
        Ok(())
    }

    pub(super) async fn seal(&mut self, step: &Seal) -> Result<(), Error> {
        let sealer = Sealer::new(&self.laboratory.world, &self.reach(&step.stamped_by)?);
        let before = self.sheets.get(&step.file);
        let pdf = before.map_or_else(|| paper::plain(&step.file), |sheet| sheet.pdf.clone());
        let options = SealOptions {
            placement: Placement::NewInvisible { name: None },
            level: step.level,
            credential: &seal_credential(step.algorithm),
            reason: None,
            certify: None,
            source: Source::Stranger,
            earlier_seals: EarlierSeals::MayBreak,
        };
        let sealed = match Document::parse(pdf) {
            Ok(document) => sealer.seal(&document, &options).await,
            Err(problem) => Err(problem.into()),
        };
        let sealed = wanted(sealed.map_err(issuer::Error::from), step.refused.as_deref())?;
        let Some(sealed) = sealed else { return Ok(()) };
        let Sealed { pdf, certificate, time_stamp, .. } = sealed;
        let first = before.and_then(|sheet| sheet.certificate.clone());
        let stamp = before.and_then(|sheet| sheet.stamp).or(time_stamp);
        let sheet = Sheet { pdf, certificate: first.or(Some(certificate)), stamp };
        self.sheets.insert(step.file.clone(), sheet);
        Ok(())
    }

    /// Adds a document time-stamp.
    pub(super) async fn stamp(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let document = Document::parse(self.sheet(file)?.pdf.as_slice())?;
        let archive = sealing::stamp(&document, &self.authority(stamped_by)?).await?;
        self.keep(file, archive)
    }

    /// Adds evidence as of now for everything in the file, and a document time-stamp over it.
    pub(super) async fn prolong(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let document = Document::parse(self.sheet(file)?.pdf.as_slice())?;
        let (anchors, authority) = (self.all_anchors().await?, self.authority(stamped_by)?);
        let network = &self.laboratory.world.network;
        let archive = sealing::prolong(&document, network, &anchors, &authority, self.now()).await?;
        self.keep(file, archive)
    }

    /// The file as it is now; its first time-stamp stays that of the story.
    fn keep(&mut self, file: &str, archive: Archive) -> Result<(), Error> {
        let sheet = self.sheet(file)?.clone();
        let stamp = sheet.stamp.or(Some(archive.time_stamp));
        self.sheets.insert(file.into(), Sheet { pdf: archive.document.into_bytes(), stamp, ..sheet });
        Ok(())
    }

    pub(super) async fn tamper(&mut self, step: &Tamper) -> Result<(), Error> {
        let sheet = self.sheet(&step.file)?.clone();
        let other = step.from.as_deref().map(|name| self.sheet(name)).transpose()?;
        let token = match step.how {
            Tampering::TimestampOfOtherData => {
                let digest = DigestAlgorithm::Sha256.digest(b"other data");
                Some(self.authority(OWN)?.stamp(&digest).await?.der().to_vec())
            }
            _ => None,
        };
        let other = other.map(|sheet| sheet.pdf.as_slice());
        let means = tamper::Means { laboratory: &self.laboratory, other, token };
        let pdf = tamper::tamper(&sheet.pdf, step.how, means).await?;
        let certificate = first_certificate(&pdf).or(sheet.certificate);
        let name = step.name.as_ref().unwrap_or(&step.file).clone();
        self.sheets.insert(name, Sheet { pdf, certificate, stamp: sheet.stamp });
        Ok(())
    }

    /// How the issuer reaches its services, with the time-stamps of that authority.
    fn reach(&self, stamped_by: &str) -> Result<Services, Error> {
        let time_stamping = format!("{}/tsa", self.world(stamped_by)?.base);
        Ok(Services { time_stamping, ..self.laboratory.reach.clone() })
    }

    /// The time-stamping authority of that name.
    fn authority(&self, name: &str) -> Result<TimeStamping, Error> {
        let address = format!("{}/tsa", self.world(name)?.base);
        Ok(TimeStamping::new(&self.laboratory.world.network, CALLER, &address))
    }
}

/// The outcome of something that may have to be refused; nothing if it was, as it had to be.
fn wanted<T>(outcome: Result<T, issuer::Error>, refused: Option<&str>) -> Result<Option<T>, Error> {
    match (outcome, refused) {
        (outcome, None) => Ok(Some(outcome?)),
        (Ok(_), Some(words)) => Err(Error::NotRefused { wanted: words.into() }),
        (Err(error), Some(words)) if error.to_string().contains(words) => Ok(None),
        (Err(error), Some(words)) => Err(Error::RefusedOtherwise { wanted: words.into(), found: error.to_string() }),
    }
}

/// The certificate of the first seal, if it can be read.
fn first_certificate(pdf: &[u8]) -> Option<Certificate> {
    let mut seals = Document::parse(pdf).ok()?.signatures();
    seals.retain(|seal| seal.kind == SignatureKind::Seal);
    let first = seals.into_iter().min_by_key(|seal| seal.revision)?;
    SignedData::from_der(&first.contents).ok()?.signer_certificate().cloned()
}
