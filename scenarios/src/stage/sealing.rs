//! Steps that make and change files: issue, seal, stamp, prolong, tamper.

use std::error::Error as _;

use jiff::Timestamp;
use laboratory::documents::{SealRequest, SealedDocument};
use laboratory::forgery::{self, Forgery};
use laboratory::{Level, paper};
use pades::{Document, SignatureKind};
use pki::{Certificate, DigestAlgorithm, KeyKind, SignedData};

use super::{Error, Sheet, Stage};
use crate::story::step::{Issue, Seal, Tamper};

impl Stage {
    pub(super) async fn issue(&mut self, step: &Issue) -> Result<(), Error> {
        let request = self.request(step.level, step.algorithm, &step.stamped_by)?;
        let issued = self.laboratory.issue_example(&request).await;
        let Some(issued) = expected(issued, step.refused.as_deref())? else { return Ok(()) };
        let SealedDocument { pdf, certificate, time_stamp } = issued;
        self.sheets.insert(step.file.clone(), Sheet { pdf, certificate, stamp: time_stamp });
        Ok(())
    }

    pub(super) async fn seal(&mut self, step: &Seal) -> Result<(), Error> {
        let request = self.request(step.level, step.algorithm, &step.stamped_by)?;
        let before = self.sheets.get(&step.file);
        let pdf = before.map_or_else(|| paper::plain(&step.file), |sheet| sheet.pdf.clone());
        let sealed = self.laboratory.seal(pdf, &request).await;
        let Some(sealed) = expected(sealed, step.refused.as_deref())? else { return Ok(()) };
        let certificate = before.and_then(|sheet| sheet.certificate.clone()).or(sealed.certificate);
        let stamp = before.and_then(|sheet| sheet.stamp).or(sealed.time_stamp);
        self.sheets.insert(step.file.clone(), Sheet { pdf: sealed.pdf, certificate, stamp });
        Ok(())
    }

    /// Adds a document time-stamp.
    pub(super) async fn stamp(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let stamped = self.laboratory.stamp(&self.sheet(file)?.pdf, &self.authority(stamped_by)?).await?;
        self.lengthen(file, stamped.pdf, stamped.time_stamp)
    }

    /// Adds evidence as of now for everything in the file, and a document time-stamp over it.
    pub(super) async fn prolong(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let anchors = self.all_anchors().await?;
        let authority = self.authority(stamped_by)?;
        let prolonged = self.laboratory.prolong(&self.sheet(file)?.pdf, &anchors, &authority).await?;
        self.lengthen(file, prolonged.pdf, prolonged.time_stamp)
    }

    pub(super) async fn tamper(&mut self, step: &Tamper) -> Result<(), Error> {
        let sheet = self.sheet(&step.file)?.clone();
        let other = step.from.as_deref().map(|name| self.sheet(name)).transpose()?;
        let token = match step.how {
            Forgery::TimestampOfOtherData => {
                let digest = DigestAlgorithm::Sha256.digest(b"other data");
                Some(self.laboratory.token(&self.laboratory.authority(), &digest).await?.der().to_vec())
            }
            _ => None,
        };
        let other = other.map(|sheet| sheet.pdf.as_slice());
        let means = forgery::Means { laboratory: &self.laboratory, other, token };
        let pdf = forgery::forge(&sheet.pdf, step.how, means).await?;
        let certificate = first_certificate(&pdf).or(sheet.certificate);
        let name = step.name.as_ref().unwrap_or(&step.file).clone();
        self.sheets.insert(name, Sheet { pdf, certificate, stamp: sheet.stamp });
        Ok(())
    }

    fn request(&self, level: Level, algorithm: KeyKind, stamped_by: &str) -> Result<SealRequest<'_>, Error> {
        Ok(SealRequest { level, algorithm, stamped_by: self.authority(stamped_by)? })
    }

    /// The same file with more at its end.
    fn lengthen(&mut self, file: &str, pdf: Vec<u8>, stamp: Option<Timestamp>) -> Result<(), Error> {
        let sheet = self.sheet(file)?.clone();
        self.sheets.insert(file.into(), Sheet { pdf, stamp: sheet.stamp.or(stamp), ..sheet });
        Ok(())
    }
}

/// The outcome of something that may have to be refused; nothing if it was, as it had to be.
fn expected<T>(outcome: Result<T, laboratory::Error>, refused: Option<&str>) -> Result<Option<T>, Error> {
    // The refusal in the words of the service itself.
    let words_of = |error: &laboratory::Error| error.source().map_or_else(|| error.to_string(), ToString::to_string);
    match (outcome, refused) {
        (outcome, None) => Ok(Some(outcome?)),
        (Ok(_), Some(words)) => Err(Error::NotRefused { expected: words.into() }),
        (Err(error), Some(words)) if words_of(&error).contains(words) => Ok(None),
        (Err(error), Some(words)) => Err(Error::RefusedOtherwise { expected: words.into(), found: words_of(&error) }),
    }
}

/// The certificate of the first seal, if it can be read.
fn first_certificate(pdf: &[u8]) -> Option<Certificate> {
    let mut seals = Document::parse(pdf).ok()?.signatures();
    seals.retain(|seal| seal.kind == SignatureKind::Seal);
    let first = seals.into_iter().min_by_key(|seal| seal.revision)?;
    SignedData::from_der(&first.contents).ok()?.signer_certificate().cloned()
}
