//! The issuer as client of a time-stamping authority: RFC 3161 over HTTP (clause 3.4).
//!
//! In: a digest. Out: a token over exactly that digest, with our nonce and a signature that holds, or what was wrong with it.

use std::sync::Arc;

use http::{Request, StatusCode, header};
use pki::{Digest, SignatureMemory, TimeStampFailure, TimeStampRequest, TimeStampResponse, TimeStampToken};
use world::World;

use crate::error::Error;
use crate::key_server::Services;

const SERVICE: &str = "time-stamping authority";

/// A time-stamping authority as its client sees it.
#[derive(Clone, Debug)]
pub(crate) struct TimeStamping {
    world: World,
    services: Arc<Services>,
    memory: SignatureMemory,
}

impl TimeStamping {
    pub(crate) fn new(world: &World, services: Arc<Services>, memory: &SignatureMemory) -> TimeStamping {
        TimeStamping { world: world.clone(), services, memory: memory.clone() }
    }

    /// A time-stamp over that digest, with the authority's certificates inside.
    pub(crate) async fn stamp(&self, digest: &Digest) -> Result<TimeStampToken, Error> {
        let nonce = nonce();
        let wanted = TimeStampRequest {
            imprint: digest.clone(),
            hash_parameters: pki::HashParameters::Absent,
            policy: None,
            nonce: Some(nonce.clone()),
            certificate_requested: true,
        };
        match self.ask(&wanted).await? {
            TimeStampResponse::Granted { token, .. } => {
                self.checked(&token, digest, &nonce)?;
                Ok(token)
            }
            TimeStampResponse::Refused { text, failure: Some(TimeStampFailure::TimeNotAvailable), .. } => {
                let (address, reason) = (self.services.time_stamping.clone(), text.unwrap_or_default());
                Err(Error::NoTime { address, reason })
            }
            TimeStampResponse::Refused { text, failure: Some(TimeStampFailure::SystemFailure), .. } => {
                Err(Error::ServiceUnavailable {
                    service: SERVICE,
                    address: self.services.time_stamping.clone(),
                    reason: text.unwrap_or_else(|| "system failure".into()),
                })
            }
            TimeStampResponse::Refused { text, failure, .. } => Err(Error::TimeStampRefused {
                address: self.services.time_stamping.clone(),
                reason: match (failure, text) {
                    (Some(failure), Some(text)) => format!("{failure}: {text}"),
                    (Some(failure), None) => failure.to_string(),
                    (None, text) => text.unwrap_or_else(|| "no reason given".into()),
                },
            }),
        }
    }

    async fn ask(&self, wanted: &TimeStampRequest) -> Result<TimeStampResponse, Error> {
        let address = &self.services.time_stamping;
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .body(wanted.to_der().into())
            .map_err(|_| self.unexpected("an address that can be called"))?;
        let answer = self.world.network.send("issuer", request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Error::ServiceRefused {
                service: SERVICE,
                address: address.clone(),
                status: answer.status().as_u16(),
                reason: String::from_utf8_lossy(answer.body()).chars().take(200).collect(),
            });
        }
        Ok(TimeStampResponse::from_der(answer.body())?)
    }

    /// RFC 3161 clause 2.4.2: the requester checks the imprint, the nonce and the signature before it uses a token.
    fn checked(&self, token: &TimeStampToken, digest: &Digest, nonce: &[u8]) -> Result<(), Error> {
        if token.info().imprint != *digest {
            return Err(self.unexpected("a token over the digest that was sent"));
        }
        if token.info().nonce.as_deref() != Some(nonce) {
            return Err(self.unexpected("a token with the nonce that was sent"));
        }
        match token.signer_certificate() {
            Some(signer) => Ok(token.verify_signature_with(signer.recalling(&self.memory))?),
            None => Ok(token.verify_signature()?),
        }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        Error::ServiceAnswer { service: SERVICE, address: self.services.time_stamping.clone(), wanted: wanted.into() }
    }
}

/// 62 random bits as the content of a positive DER INTEGER that needs all its eight octets.
fn nonce() -> Vec<u8> {
    let mut nonce = world::random::bytes::<8>();
    nonce[0] = nonce[0] & 0x7f | 0x40;
    nonce.to_vec()
}
