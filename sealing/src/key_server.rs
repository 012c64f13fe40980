//! The issuer as client of a key server: CSC API v2.0.0.2, clauses 8.4 (client credentials) and 11 (credentials/info,
//! credentials/authorize, signatures/signHash), over HTTP like any stranger.
//!
//! In: a credential's id and the digests to sign. Out: its certificate chain, the signatures in the same order. Digests are
//! all that leaves.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, Digest, SignatureAlgorithm};
use serde::Deserialize;
use serde_json::{Value, json};
use world::World;

use crate::error::Error;

/// How the issuer reaches its key server and time-stamping authority, and as whom.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub struct Services {
    /// Base address of the CSC API, such as `http://127.0.0.1:8700/csc/v2`.
    pub key_server: String,
    /// OAuth 2.0 client id.
    pub client_id: String,
    /// OAuth 2.0 client secret.
    pub client_secret: ClientSecret,
    /// Address of the RFC 3161 time-stamping authority.
    pub time_stamping: String,
    /// The credential that seals when nothing else is asked for.
    pub seal_credential: String,
    /// The RSA credential that signs badges.
    pub badge_credential: String,
}

/// A client secret, which no log shows.
#[derive(Clone, Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct ClientSecret(pub String);

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClientSecret(..)")
    }
}

/// A session with the key server.
#[derive(Clone, Debug)]
pub struct KeyServer {
    world: World,
    services: Arc<Services>,
    token: Arc<Mutex<Option<AccessToken>>>,
}

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
}

const SERVICE: &str = "key server";

impl KeyServer {
    /// A client of that key server, which has not called it yet.
    pub fn new(world: &World, services: Arc<Services>) -> KeyServer {
        KeyServer { world: world.clone(), services, token: Arc::default() }
    }

    /// The credential and its chain, as they are now.
    pub async fn credential(&self, id: &str) -> Result<Credential, Error> {
        let request = json!({ "credentialID": id, "certificates": "chain" });
        let answer: CredentialInfo = self.call("credentials/info", &request).await?;
        let mut chain = Vec::new();
        for text in &answer.cert.certificates {
            let der =
                STANDARD.decode(text).map_err(|_| self.unexpected("credentials/info", "certificates in base64"))?;
            chain.push(Certificate::from_der(&der)?);
        }
        if chain.is_empty() {
            return Err(self.unexpected("credentials/info", "the credential's certificate chain"));
        }
        Ok(Credential { id: id.into(), chain })
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
        self.check_valid(credential)?;
        let hashes = json!([STANDARD.encode(digest.as_bytes())]);
        let hash_algorithm = algorithm.digest.oid().to_string();
        let authorize = json!({
            "credentialID": credential.id, "numSignatures": 1, "hashes": hashes, "hashAlgorithmOID": hash_algorithm,
        });
        let authorized: Authorized = self.call("credentials/authorize", &authorize).await?;
        let sign = json!({
            "credentialID": credential.id, "SAD": authorized.sad, "hashes": hashes,
            "hashAlgorithmOID": hash_algorithm, "signAlgo": algorithm.oid().to_string(),
        });
        let signed: Signed = self.call("signatures/signHash", &sign).await?;
        let wrong = || self.unexpected("signatures/signHash", "one signature in base64");
        let [signature] = signed.signatures.as_slice() else { return Err(wrong()) };
        Ok(Signature { value: STANDARD.decode(signature).map_err(|_| wrong())?, warning: signed.warning })
    }

    /// Refuses to sign with a certificate that is not valid now. A key server refuses it too, in fewer words.
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
    async fn call<T: for<'de> Deserialize<'de>>(&self, method: &'static str, request: &Value) -> Result<T, Error> {
        let token = self.access_token().await?;
        let mut answer = self.post(method, "application/json", Some(&token), request.to_string()).await?;
        if answer.0 == StatusCode::UNAUTHORIZED {
            *self.token.lock().expect("no code panics while it holds the token") = None;
            let token = self.access_token().await?;
            answer = self.post(method, "application/json", Some(&token), request.to_string()).await?;
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
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            form_encoded(&self.services.client_id),
            form_encoded(&self.services.client_secret.0),
        );
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
    ) -> Result<(StatusCode, Bytes), Error> {
        let mut request = Request::post(self.address(method)).header(header::CONTENT_TYPE, media_type);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request =
            request.body(body.into()).map_err(|_| self.unexpected(method, "an address that can be called"))?;
        let answer = self.world.network.send("issuer", request).await?;
        Ok((answer.status(), answer.into_body()))
    }

    fn understood<T: for<'de> Deserialize<'de>>(
        &self,
        method: &str,
        (status, body): (StatusCode, Bytes),
    ) -> Result<T, Error> {
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| self.unexpected(method, &format!("the answer of CSC {method} ({error})")));
        }
        let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let (address, reason) = (self.address(method), refusal.error_description);
            return Err(Error::ServiceUnavailable { service: SERVICE, address, reason });
        }
        Err(Error::ServiceRefused {
            service: SERVICE,
            address: self.address(method),
            status: status.as_u16(),
            reason: format!("{}: {}", refusal.error, refusal.error_description),
        })
    }

    fn address(&self, method: &str) -> String {
        format!("{}/{method}", self.services.key_server.trim_end_matches('/'))
    }

    fn unexpected(&self, method: &str, wanted: &str) -> Error {
        Error::ServiceAnswer { service: SERVICE, address: self.address(method), wanted: wanted.into() }
    }
}

/// `application/x-www-form-urlencoded` of one value (RFC 6749 appendix B).
fn form_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[derive(Deserialize)]
struct TokenGranted {
    access_token: String,
    expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct CredentialInfo {
    cert: CredentialCertificates,
}

#[derive(Deserialize)]
struct CredentialCertificates {
    certificates: Vec<String>,
}

#[derive(Deserialize)]
struct Authorized {
    #[serde(rename = "SAD")]
    sad: String,
}

#[derive(Deserialize)]
struct Signed {
    signatures: Vec<String>,
    /// Beside the members of the API: this testbed's key server also signs with revoked certificates, and says so.
    warning: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
}
