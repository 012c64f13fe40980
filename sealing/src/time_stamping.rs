//! A client of RFC 3161 time-stamping authorities over HTTP (clause 3.4).
//!
//! In: a digest. Out: a token over exactly that digest, with our nonce and a signature that holds, or what was wrong with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use http::{Request, StatusCode, header};
use pki::{
    Digest, DigestAlgorithm, HashParameters, SignatureMemory, TimeStampFailure, TimeStampRequest, TimeStampResponse,
    TimeStampToken,
};
use world::network::Network;

use crate::error::{Error, retry_after};

pub(crate) const SERVICE: &str = "time-stamping authority";

/// Room for what differs between one signature, token or DER length and the next, in bytes.
pub(crate) const MARGIN: usize = 128;

/// A time-stamping authority as its client sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TimeStamping {
    network: Network,
    client: &'static str,
    address: String,
    /// How large the last token was, in bytes; 0: not known.
    token_size: Arc<AtomicUsize>,
    memory: SignatureMemory,
}

impl TimeStamping {
    /// The authority at an address, asked in the name of that client.
    pub fn new(network: &Network, client: &'static str, address: &str) -> TimeStamping {
        let (token_size, memory) = (Arc::default(), SignatureMemory::default());
        TimeStamping { network: network.clone(), client, address: address.into(), token_size, memory }
    }

    /// The same with a memory of signatures that held.
    pub(crate) fn recalling(self, memory: &SignatureMemory) -> TimeStamping {
        TimeStamping { memory: memory.clone(), ..self }
    }

    /// A time-stamp over that digest, with the authority's certificates inside.
    ///
    /// # Errors
    /// [`Error::NoTime`], [`Error::ServiceUnavailable`] and [`Error::TimeStampRefused`] if it gives none; [`Error::ServiceAnswer`]
    /// if it stamps something else; [`Error::Pki`] if its signature does not hold.
    pub async fn stamp(&self, digest: &Digest) -> Result<TimeStampToken, Error> {
        let question = TimeStampQuestion::about(digest);
        let answer = self.ask(&question).await?;
        let token = question.token(&answer).map_err(|problem| self.error_of(problem))?;
        match token.signer_certificate() {
            Some(signer) => token.verify_signature_with(signer.recalling(&self.memory))?,
            None => token.verify_signature()?,
        }
        self.token_size.store(token.der().len(), Relaxed);
        Ok(token)
    }

    /// How large a token will be, in bytes: as the last one, or as one made to see it.
    ///
    /// # Errors
    /// As [`TimeStamping::stamp`].
    pub async fn token_size(&self) -> Result<usize, Error> {
        match self.token_size.load(Relaxed) {
            0 => Ok(self.stamp(&DigestAlgorithm::Sha256.digest(b"rehearsal")).await?.der().len()),
            size => Ok(size),
        }
    }

    /// Has the size found out anew; says whether one was known.
    pub(crate) fn forget_token_size(&self) -> bool {
        self.token_size.swap(0, Relaxed) > 0
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    async fn ask(&self, question: &TimeStampQuestion) -> Result<bytes::Bytes, Error> {
        let request = Request::post(&self.address)
            .header(header::CONTENT_TYPE, TimeStampQuestion::MEDIA_TYPE)
            .body(question.to_der().into())
            .map_err(|_| self.unexpected("an address that can be called"))?;
        let answer = self.network.send(self.client, request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Error::ServiceRefused {
                service: SERVICE,
                address: self.address.clone(),
                status: answer.status().as_u16(),
                reason: String::from_utf8_lossy(answer.body()).chars().take(200).collect(),
                retry_after: retry_after(answer.headers()),
            });
        }
        Ok(answer.into_body())
    }

    /// Why there is no token.
    fn error_of(&self, problem: AnswerError) -> Error {
        let address = self.address.clone();
        match problem {
            AnswerError::Unreadable(problem) => Error::Pki(problem),
            AnswerError::OtherThanRequested { expected } => self.unexpected(expected),
            AnswerError::Refused { text, failure: Some(TimeStampFailure::TimeNotAvailable) } => {
                Error::NoTime { address, reason: text.unwrap_or_default() }
            }
            AnswerError::Refused { text, failure: Some(TimeStampFailure::SystemFailure) } => {
                let reason = text.unwrap_or_else(|| "system failure".into());
                Error::ServiceUnavailable { service: SERVICE, address, reason, retry_after: None }
            }
            AnswerError::Refused { text, failure } => Error::TimeStampRefused {
                address,
                reason: match (failure, text) {
                    (Some(failure), Some(text)) => format!("{failure}: {text}"),
                    (Some(failure), None) => failure.to_string(),
                    (None, text) => text.unwrap_or_else(|| "no reason given".into()),
                },
            },
        }
    }

    fn unexpected(&self, expected: &str) -> Error {
        Error::ServiceAnswer { service: SERVICE, address: self.address.clone(), expected: expected.into() }
    }
}

/// What an authority is asked, kept so that its answer can be held against it.
#[derive(Clone, Debug)]
pub struct TimeStampQuestion {
    request: TimeStampRequest,
    nonce: Vec<u8>,
}

/// Why an answer is no token for a question.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is no TimeStampResp.
    #[error("this is not a time-stamp response: {0}")]
    Unreadable(pki::Error),
    /// The authority gives no token.
    #[error("the authority refused")]
    Refused {
        /// Its statusString.
        text: Option<String>,
        /// Its failInfo.
        failure: Option<TimeStampFailure>,
    },
    /// The token is for another question.
    #[error("the authority stamped something else than it was sent: wanted {expected}")]
    OtherThanRequested {
        /// What does not hold.
        expected: &'static str,
    },
}

impl TimeStampQuestion {
    /// The media type of a request (clause 3.4).
    pub const MEDIA_TYPE: &str = "application/timestamp-query";

    /// Asks for a token over that digest, with a nonce and the authority's certificates.
    pub fn about(digest: &Digest) -> TimeStampQuestion {
        let nonce = nonce();
        let request = TimeStampRequest {
            imprint: digest.clone(),
            hash_parameters: HashParameters::Absent,
            policy: None,
            nonce: Some(nonce.clone()),
            certificate_requested: true,
        };
        TimeStampQuestion { request, nonce }
    }

    /// The TimeStampReq.
    pub fn to_der(&self) -> Vec<u8> {
        self.request.to_der()
    }

    /// The token of a TimeStampResp. RFC 3161 clause 2.4.2: the requester checks status, imprint and nonce before it uses a token;
    /// whether the signature holds, see [`TimeStampToken::verify_signature`].
    ///
    /// # Errors
    /// If there is none, or it is over another digest or with another nonce.
    pub fn token(&self, answer: &[u8]) -> Result<TimeStampToken, AnswerError> {
        let token = match TimeStampResponse::from_der(answer).map_err(AnswerError::Unreadable)? {
            TimeStampResponse::Granted { token, .. } => token,
            TimeStampResponse::Refused { text, failure, .. } => return Err(AnswerError::Refused { text, failure }),
        };
        if token.info().imprint != self.request.imprint {
            return Err(AnswerError::OtherThanRequested { expected: "a token over the digest that was sent" });
        }
        if token.info().nonce.as_deref() != Some(&self.nonce) {
            return Err(AnswerError::OtherThanRequested { expected: "a token with the nonce that was sent" });
        }
        Ok(token)
    }
}

/// 62 random bits as the content of a positive DER INTEGER that needs all its eight octets.
fn nonce() -> Vec<u8> {
    let mut nonce = world::random::bytes::<8>();
    nonce[0] = nonce[0] & 0x7f | 0x40;
    nonce.to_vec()
}
