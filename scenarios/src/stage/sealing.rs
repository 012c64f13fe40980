//! Steps that make and change files: issue, seal, stamp, prolong, tamper.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};
use issuer::completion::Completion;
use pades::{Placement, SealKind, SignatureKind, security_store};
use pki::{Certificate, Digest, DigestAlgorithm, SignedData, TimeStampRequest, TimeStampResponse, TimeStampToken};
use sealing::{EarlierSeals, SealOptions, Sealed, Sealer, Services, Source};
use verifier::evidence;

use super::{Error, Sheet, Stage};
use crate::story::OWN;
use crate::story::step::{Issue, Seal, Tamper};
use laboratory::seal_credential;
use laboratory::tamper::Tampering;
use laboratory::{paper, tamper};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// In whose name a story calls services.
pub(super) const CALLER: &str = "story";

/// Room that a document time-stamp gets beyond the size of a token made before.
const MARGIN: usize = 128;

impl Stage {
    pub(super) async fn issue(&mut self, step: &Issue) -> Result<(), Error> {
        let completion = Completion::from_json(COMPLETION)?;
        let other;
        let issuer = if step.stamped_by == OWN {
            &self.laboratory.issuer
        } else {
            other = self.laboratory.issuer.with_services(self.reach(&step.stamped_by)?);
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
        let sealer = Sealer::new(&self.laboratory.world, &Arc::new(self.reach(&step.stamped_by)?));
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
        let Some(sealed) =
            wanted(sealer.seal(&pdf, &options).await.map_err(issuer::Error::from), step.refused.as_deref())?
        else {
            return Ok(());
        };
        let Sealed { pdf, certificate, time_stamp, .. } = sealed;
        let first = before.and_then(|sheet| sheet.certificate.clone());
        let stamp = before.and_then(|sheet| sheet.stamp).or(time_stamp);
        let sheet = Sheet { pdf, certificate: first.or(Some(certificate)), stamp };
        self.sheets.insert(step.file.clone(), sheet);
        Ok(())
    }

    /// Adds a document time-stamp.
    pub(super) async fn stamp(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let sheet = self.sheet(file)?.clone();
        let rehearsal = self.token(stamped_by, &DigestAlgorithm::Sha256.digest(b"rehearsal")).await?;
        let placement = Placement::NewInvisible { name: None };
        let reserved = rehearsal.der().len() + MARGIN;
        let prepared = pades::prepare(&sheet.pdf, placement, SealKind::DocumentTimeStamp, reserved)?;
        let digest = DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts());
        let token = self.token(stamped_by, &digest).await?;
        let stamp = sheet.stamp.or(Some(token.time()));
        self.sheets.insert(file.into(), Sheet { pdf: prepared.embed(token.der())?, stamp, ..sheet });
        Ok(())
    }

    /// Adds evidence as of now for everything in the file, and a document time-stamp over it.
    pub(super) async fn prolong(&mut self, file: &str, stamped_by: &str) -> Result<(), Error> {
        let mut sheet = self.sheet(file)?.clone();
        let document = pades::Document::parse(sheet.pdf.as_slice())?;
        let signatures = document.signatures();
        let mut known = Vec::new();
        for signature in &signatures {
            let message = SignedData::from_der(&signature.contents)?;
            known.extend(message.certificates().to_vec());
            known.extend(message.signature_time_stamps().iter().flat_map(|token| token.certificates().to_vec()));
        }
        let anchors = self.all_anchors().await?;
        let network = &self.laboratory.world.network;
        let evidence = evidence::collect(network, &known, &anchors, self.now()).await?;
        let material = security_store::Material {
            certificates: evidence.certificates.iter().map(|one| one.der().to_vec()).collect(),
            crls: evidence.crls.iter().map(|one| one.der().to_vec()).collect(),
            ocsp_responses: evidence.ocsp_responses.iter().map(|one| one.der().to_vec()).collect(),
        };
        let contents: Vec<&[u8]> = signatures.iter().map(|signature| signature.contents.as_slice()).collect();
        sheet.pdf = security_store::append(&sheet.pdf, &material, &contents)?;
        self.sheets.insert(file.into(), sheet);
        self.stamp(file, stamped_by).await
    }

    pub(super) async fn tamper(&mut self, step: &Tamper) -> Result<(), Error> {
        let sheet = self.sheet(&step.file)?.clone();
        let other = step.from.as_deref().map(|name| self.sheet(name)).transpose()?;
        let token = match step.how {
            Tampering::TimestampOfOtherData => {
                Some(self.token(OWN, &DigestAlgorithm::Sha256.digest(b"other data")).await?.der().to_vec())
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

    /// A time-stamp over that digest, from the authority of that name.
    async fn token(&self, authority: &str, digest: &Digest) -> Result<TimeStampToken, Error> {
        let address = format!("{}/tsa", self.world(authority)?.base);
        let request = TimeStampRequest {
            imprint: digest.clone(),
            hash_parameters: pki::HashParameters::Absent,
            policy: None,
            nonce: None,
            certificate_requested: true,
        };
        let request = Request::post(&address)
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .body(Bytes::from(request.to_der()))
            .expect("an address of this program can be called");
        let answer = self.laboratory.world.network.send(CALLER, request).await?;
        let unexpected = |found: String| Error::Answer { service: "time-stamping authority", wanted: "a token", found };
        if !answer.status().is_success() {
            return Err(unexpected(format!("HTTP status {}", answer.status().as_u16())));
        }
        match TimeStampResponse::from_der(answer.body())? {
            TimeStampResponse::Granted { token, .. } => Ok(token),
            TimeStampResponse::Refused { text, .. } => Err(unexpected(text.unwrap_or_else(|| "a refusal".into()))),
        }
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
    let mut seals = pades::Document::parse(pdf).ok()?.signatures();
    seals.retain(|seal| seal.kind == SignatureKind::Seal);
    let first = seals.into_iter().min_by_key(|seal| seal.revision)?;
    SignedData::from_der(&first.contents).ok()?.signer_certificate().cloned()
}
