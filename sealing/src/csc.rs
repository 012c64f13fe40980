//! A client of a key server: CSC API v2.0.0.2, clauses 8.4 (client credentials) and 11 (credentials/info,
//! credentials/authorize, signatures/signHash), over HTTP like any stranger.
//!
//! In: a credential's id and the digests to sign. Out: its certificate chain, the signatures in the same order. Digests are
//! all that leaves: of many files as many at a time as the credential takes.

mod messages;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, Digest, SignatureAlgorithm};
use serde::{Deserialize, Serialize};
use validation::Policy;
use world::World;

use crate::crossing::{Crossing, Crossings, blacked_out};
use crate::error::{Error, retry_after};
use crate::services::{CLIENT, Services};
use messages::{
    AuthorizeRequest, Authorized, Certificates, CredentialInfo, InfoRequest, Refusal, SignHashRequest, Signed,
    TokenGranted,
};

/// A session with the key server.
#[derive(Clone, Debug)]
pub struct KeyServer {
    world: World,
    services: Arc<Services>,
    token: Arc<Mutex<Option<AccessToken>>>,
    chains: Arc<Mutex<HashMap<String, KnownChain>>>,
    /// Where it is taken down what is sent, if anybody wants to know.
    crossings: Option<Crossings>,
}

/// A credential's chain, and the texts that it was read from: as long as they come again, it is not read again.
#[derive(Clone, Debug)]
struct KnownChain {
    texts: Vec<String>,
    chain: Vec<Certificate>,
}

/// Of more credentials chains are not kept.
const MOST_CHAINS: usize = 256;

#[derive(Clone)]
struct AccessToken {
    text: String,
    expires: Timestamp,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AccessToken(.., expires {})", self.expires)
    }
}

/// What `signatures/signHash` gave.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The signature value.
    pub value: Vec<u8>,
    /// What the key server wants to be known about it.
    pub warning: Option<String>,
}

/// A credential as `credentials/info` describes it.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its id at the key server.
    pub id: String,
    /// The end certificate first.
    pub chain: Vec<Certificate>,
    /// How many signatures one authorization is for at most (`multisign`).
    pub at_once: usize,
}

/// More are never sent in one request, whatever a key server takes.
const MOST_AT_ONCE: usize = 1000;

impl Credential {
    /// Whether its certificate is for seals, as those who judge what is rendered here want it.
    pub fn is_for_seals(&self) -> bool {
        let (policy, certificate) = (Policy::strict(), &self.chain[0]);
        let usage = certificate.key_usage().zip(policy.seal_key_usage);
        let purposes = certificate.extended_key_usage();
        usage.is_none_or(|(found, wanted)| found.contains(wanted))
            && (purposes.is_empty() || purposes.iter().any(|one| policy.seal_purposes.contains(one)))
    }
}

const SERVICE: &str = "key server";

impl KeyServer {
    /// A client of that key server, which has not called it yet.
    pub fn new(world: &World, services: Services) -> KeyServer {
        let (token, chains) = Default::default();
        KeyServer { world: world.clone(), services: services.into(), token, chains, crossings: None }
    }

    /// The same session, of which it is taken down what is sent.
    #[must_use]
    pub fn taken_down(&self, crossings: &Crossings) -> KeyServer {
        KeyServer { crossings: Some(crossings.clone()), ..self.clone() }
    }

    /// The credential and its chain, as they are now.
    ///
    /// # Errors
    /// What the key server or the network answers; [`Error::ServiceAnswer`] if it tells no certificate.
    pub async fn credential(&self, id: &str) -> Result<Credential, Error> {
        let request = InfoRequest { credential_id: id, certificates: Certificates::Chain };
        let answer: CredentialInfo = self.call("credentials/info", &request).await?;
        let chain = self.chain(id, answer.cert.certificates)?;
        let at_once = usize::try_from(answer.multisign.unwrap_or(1)).unwrap_or(1).clamp(1, MOST_AT_ONCE);
        Ok(Credential { id: id.into(), chain, at_once })
    }

    fn chain(&self, id: &str, texts: Vec<String>) -> Result<Vec<Certificate>, Error> {
        let mut chains = self.chains.lock().expect("no code panics while it holds the chains");
        if let Some(known) = chains.get(id).filter(|known| known.texts == texts) {
            return Ok(known.chain.clone());
        }
        let mut chain = Vec::with_capacity(texts.len());
        for text in &texts {
            let der =
                STANDARD.decode(text).map_err(|_| self.unexpected("credentials/info", "certificates in base64"))?;
            chain.push(Certificate::from_der(&der)?);
        }
        if chain.is_empty() {
            return Err(self.unexpected("credentials/info", "the credential's certificate chain"));
        }
        if chains.len() < MOST_CHAINS || chains.contains_key(id) {
            chains.insert(id.to_owned(), KnownChain { texts, chain: chain.clone() });
        }
        Ok(chain)
    }

    /// Whether the credential has another certificate by now.
    pub async fn is_renewed(&self, credential: &Credential) -> bool {
        self.credential(&credential.id).await.is_ok_and(|now| now.chain[0] != credential.chain[0])
    }

    /// Has one digest signed: authorizes exactly this digest, then uses the authorization.
    ///
    /// # Errors
    /// [`Error::OutOfTime`] before anything is asked; what the key server answers.
    pub async fn sign(
        &self,
        credential: &Credential,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
    ) -> Result<Signature, Error> {
        let mut signatures = self.sign_all(credential, algorithm, std::slice::from_ref(digest)).await?;
        signatures.pop().ok_or_else(|| self.unexpected("signatures/signHash", "one signature in base64"))
    }

    /// Has digests signed, in as few authorizations as the credential allows; the signatures have their order.
    ///
    /// # Errors
    /// As [`KeyServer::sign`]; then no signature is given, though some may have been made.
    pub async fn sign_all(
        &self,
        credential: &Credential,
        algorithm: SignatureAlgorithm,
        digests: &[Digest],
    ) -> Result<Vec<Signature>, Error> {
        let mut signatures = Vec::with_capacity(digests.len());
        for some in digests.chunks(credential.at_once) {
            self.check_valid(credential)?;
            signatures.extend(self.sign_at_once(credential, algorithm, some).await?);
        }
        Ok(signatures)
    }

    async fn sign_at_once(
        &self,
        credential: &Credential,
        algorithm: SignatureAlgorithm,
        digests: &[Digest],
    ) -> Result<Vec<Signature>, Error> {
        let hashes: Vec<String> = digests.iter().map(|digest| STANDARD.encode(digest.as_bytes())).collect();
        let credential_id = credential.id.as_str();
        let (hash_algorithm, sign_algorithm) = (algorithm.digest.oid().to_string(), algorithm.oid().to_string());
        let (hashes, hash_algorithm) = (hashes.as_slice(), hash_algorithm.as_str());
        let authorize = AuthorizeRequest { credential_id, signatures: hashes.len(), hashes, hash_algorithm };
        let Authorized { sad } = self.call("credentials/authorize", &authorize).await?;
        let (sad, sign_algorithm) = (sad.as_str(), sign_algorithm.as_str());
        let sign = SignHashRequest { credential_id, sad, hashes, hash_algorithm, sign_algorithm };
        let signed: Signed = self.call("signatures/signHash", &sign).await?;
        let wrong = || self.unexpected("signatures/signHash", "one signature a hash, in base64");
        if signed.signatures.len() != digests.len() {
            return Err(wrong());
        }
        let signature = |text: &String| {
            let value = STANDARD.decode(text).map_err(|_| wrong())?;
            Ok(Signature { value, warning: signed.warning.clone() })
        };
        signed.signatures.iter().map(signature).collect()
    }

    /// Refuses to sign with a certificate that is not valid now. A key server refuses it too, in fewer words.
    ///
    /// # Errors
    /// [`Error::OutOfTime`].
    pub fn check_valid(&self, credential: &Credential) -> Result<(), Error> {
        let (certificate, at) = (&credential.chain[0], self.world.clock.now());
        if certificate.valid_at(at) {
            return Ok(());
        }
        Err(Error::OutOfTime {
            credential: credential.id.clone(),
            subject: certificate.subject().common_name().unwrap_or_else(|| certificate.subject().to_string()),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            at: world::time::whole_seconds(at),
        })
    }

    /// Calls a method of the API; if the access token is not accepted (any more), once again with a new one.
    async fn call<T: for<'de> Deserialize<'de>>(
        &self,
        method: &'static str,
        request: &impl Serialize,
    ) -> Result<T, Error> {
        let request = serde_json::to_string(request).expect("texts and numbers can be written as JSON");
        let token = self.access_token().await?;
        let mut answer = self.post(method, "application/json", Some(&token), request.clone()).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            *self.token.lock().expect("no code panics while it holds the token") = None;
            let token = self.access_token().await?;
            answer = self.post(method, "application/json", Some(&token), request).await?;
        }
        self.understood(method, answer)
    }

    async fn access_token(&self) -> Result<String, Error> {
        let now = self.world.clock.now();
        if let Some(token) = self.token.lock().expect("no code panics while it holds the token").as_ref()
            && now < token.expires
        {
            return Ok(token.text.clone());
        }
        let form = form_urlencoded::Serializer::new(String::new()) // RFC 6749 appendix B
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.services.client_id)
            .append_pair("client_secret", &self.services.client_secret.0)
            .finish();
        let method = "oauth2/token";
        let answer = self.post(method, "application/x-www-form-urlencoded", None, form).await?;
        let granted: TokenGranted = self.understood(method, answer)?;
        let life = SignedDuration::from_secs(granted.expires_in.unwrap_or(3600));
        let expires = now.saturating_add(life).unwrap_or(now);
        let token = AccessToken { text: granted.access_token.clone(), expires };
        *self.token.lock().expect("no code panics while it holds the token") = Some(token);
        Ok(granted.access_token)
    }

    async fn post(
        &self,
        method: &str,
        media_type: &str,
        token: Option<&str>,
        body: String,
    ) -> Result<Response<Bytes>, Error> {
        let crossing = self.crossings.as_ref().map(|_| Crossing {
            address: self.address(method),
            at: self.world.clock.now(),
            authorized: token.is_some(),
            body: blacked_out(&body, &self.services.client_secret.0),
            media_type: media_type.to_owned(),
            status: None,
        });
        let mut request = Request::post(self.address(method)).header(header::CONTENT_TYPE, media_type);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request =
            request.body(body.into()).map_err(|_| self.unexpected(method, "an address that can be called"))?;
        let answer = self.world.network.send(CLIENT, request).await;
        if let (Some(crossings), Some(mut crossing)) = (&self.crossings, crossing) {
            crossing.status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
            crossings.note(crossing);
        }
        Ok(answer?)
    }

    fn understood<T: for<'de> Deserialize<'de>>(&self, method: &str, answer: Response<Bytes>) -> Result<T, Error> {
        let (status, body) = (answer.status(), answer.body());
        if status.is_success() {
            return serde_json::from_slice(body)
                .map_err(|error| self.unexpected(method, &format!("the answer of CSC {method} ({error})")));
        }
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let retry_after = retry_after(answer.headers());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let (address, reason) = (self.address(method), refusal.error_description);
            return Err(Error::ServiceUnavailable { service: SERVICE, address, reason, retry_after });
        }
        Err(Error::ServiceRefused {
            service: SERVICE,
            address: self.address(method),
            status: status.as_u16(),
            reason: format!("{}: {}", refusal.error, refusal.error_description),
            retry_after,
        })
    }

    fn address(&self, method: &str) -> String {
        format!("{}/{method}", self.services.key_server.trim_end_matches('/'))
    }

    fn unexpected(&self, method: &str, expected: &str) -> Error {
        Error::ServiceAnswer { service: SERVICE, address: self.address(method), expected: expected.into() }
    }
}
