//! Documents that are issued, sealed, stamped, prolonged and judged in a laboratory, with the time-stamps of any authority.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, header};
use issuer::Completion;
use jiff::Timestamp;
use pades::{Document, Placement, SealKind, security_store};
use pki::{
    Certificate, Digest, DigestAlgorithm, KeyKind, SignedData, TimeStampRequest, TimeStampResponse, TimeStampToken,
};
use sealing::{EarlierSeals, Level, SealOptions, Sealer, Services, Source};
use validation::Input;
use verifier::Judgement;
use verifier::evidence::{self, Online};

use crate::authority::Authority;
use crate::publications::CALLER;
use crate::{Error, Laboratory, seal_credential};

/// The completion of a course that nobody attended.
const COMPLETION: &[u8] = include_bytes!("../../examples/certificate.json");

/// Room that a document time-stamp gets beyond the size of a token made before.
const MARGIN: usize = 128;

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
            other = self.issuer.with_services(self.reach_with(&request.stamped_by));
            &other
        };
        let credential = seal_credential(request.algorithm);
        let issued = issuer.issue(&completion, request.level, Some(&credential)).await?;
        let certificate = self.credential_certificate(&credential).await?;
        Ok(SealedDocument { pdf: issued.pdf, certificate, time_stamp: issued.summary.time_stamp })
    }

    /// Seals a document in a new invisible field, also one that is sealed already.
    ///
    /// # Errors
    /// As [`sealing::Sealer::seal`].
    pub async fn seal(&self, pdf: Vec<u8>, request: &SealRequest<'_>) -> Result<SealedDocument, Error> {
        let sealer = Sealer::new(&self.world, &Arc::new(self.reach_with(&request.stamped_by)));
        let options = SealOptions {
            placement: Placement::NewInvisible { name: None },
            level: request.level,
            credential: &seal_credential(request.algorithm),
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
        let rehearsal = self.token(authority, &DigestAlgorithm::Sha256.digest(b"rehearsal")).await?;
        let placement = Placement::NewInvisible { name: None };
        let reserved = rehearsal.der().len() + MARGIN;
        let prepared = pades::prepare(&Document::parse(pdf)?, placement, SealKind::DocumentTimeStamp, reserved)?;
        let token = self.token(authority, &DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts())).await?;
        Ok(SealedDocument { pdf: prepared.embed(token.der())?, certificate: None, time_stamp: Some(token.time()) })
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
        let document = Document::parse(pdf)?;
        let signatures = document.signatures();
        let mut known = Vec::new();
        for signature in &signatures {
            let message = SignedData::from_der(&signature.contents)?;
            known.extend(message.certificates().to_vec());
            known.extend(message.signature_time_stamps().iter().flat_map(|token| token.certificates().to_vec()));
        }
        let evidence = evidence::collect(&self.world.network, &known, anchors, self.world.clock.now()).await?;
        let material = security_store::Material {
            certificates: evidence.certificates.iter().map(|one| one.der().to_vec()).collect(),
            crls: evidence.crls.iter().map(|one| one.der().to_vec()).collect(),
            ocsp_responses: evidence.ocsp_responses.iter().map(|one| one.der().to_vec()).collect(),
        };
        let contents: Vec<&[u8]> = signatures.iter().map(|signature| signature.contents.as_slice()).collect();
        self.stamp(&security_store::append(&document, &material, &contents)?, authority).await
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
        let request = TimeStampRequest {
            imprint: digest.clone(),
            hash_parameters: pki::tsp::HashParameters::Absent,
            policy: None,
            nonce: None,
            certificate_requested: true,
        };
        let request = Request::post(authority.time_stamping_address())
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .body(Bytes::from(request.to_der()))
            .expect("an address of this program can be called");
        let answer = self.world.network.send(CALLER, request).await?;
        let unexpected = |found: String| Error::Answer { service: "time-stamping authority", wanted: "a token", found };
        if !answer.status().is_success() {
            return Err(unexpected(format!("HTTP status {}", answer.status().as_u16())));
        }
        match TimeStampResponse::from_der(answer.body())? {
            TimeStampResponse::Granted { token, .. } => Ok(token),
            TimeStampResponse::Refused { text, .. } => Err(unexpected(text.unwrap_or_else(|| "a refusal".into()))),
        }
    }

    /// How the issuer reaches its services, with the time-stamps of that authority.
    fn reach_with(&self, authority: &Authority<'_>) -> Services {
        Services { time_stamping: authority.time_stamping_address(), ..self.reach.clone() }
    }
}
