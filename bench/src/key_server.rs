//! The key server over HTTP: CSC API v2, `credentials/authorize` and `signatures/signHash`.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use laboratory::plan::seal_credential;
use pki::{DigestAlgorithm, KeyKind};
use serde::Deserialize;
use serde_json::Value;

use crate::bed::Bed;
use crate::case::Call;
use crate::client::{Connection, Head};
use crate::measure::{Measured, at_once};
use crate::time_stamping::CONNECTIONS;

/// Hashes of one authorization when they are signed one at a time.
const LARGE: usize = 1000;

/// Hashes of one request.
const BATCH: usize = 100;

const SHA_256: &str = "2.16.840.1.101.3.4.2.1";

/// Signatures over HTTP.
pub(crate) async fn sign_hash(bed: &mut Bed, call: Call, kind: KeyKind) -> Result<Measured> {
    let seconds = bed.seconds;
    let server = bed.server()?;
    let (address, pid) = (server.address, server.pid());
    let token = access_token(address, &server.client()?).await?;
    let make = async |number: usize| {
        let mut client = Client::open(address, &token, kind, number as u64).await?;
        Ok(async move || match call {
            Call::Full => client.authorized(1, 1).await,
            Call::Batch => client.authorized(BATCH, BATCH).await,
            Call::Alone => client.authorized(LARGE, 1).await,
        })
    };
    at_once(CONNECTIONS, seconds, Some(pid), make).await
}

/// RFC 6749 clause 4.4.
async fn access_token(address: SocketAddr, client: &Value) -> Result<String> {
    let text = |member: &str| client[member].as_str().with_context(|| format!("csc-client.json lacks {member}"));
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        text("client_id")?,
        text("client_secret")?
    );
    let head = Head::post("/csc/v2/oauth2/token", "application/x-www-form-urlencoded", "");
    let mut connection = Connection::open(address).await?;
    let answer: Value = serde_json::from_slice(connection.ask(&head, form.as_bytes()).await?)?;
    Ok(answer["access_token"].as_str().context("no access token")?.to_owned())
}

/// One connection of a client.
struct Client {
    connection: Connection,
    authorize: Head,
    sign: Head,
    /// What both requests have in common.
    common: String,
    sign_algorithm: &'static str,
    next: u64,
    /// An authorization, and the hashes that it still allows.
    sad: String,
    open: Vec<String>,
}

impl Client {
    async fn open(address: SocketAddr, token: &str, kind: KeyKind, number: u64) -> Result<Client> {
        let bearer = format!("authorization: Bearer {token}\r\n");
        let head = |method: &str| Head::post(&format!("/csc/v2/{method}"), "application/json", &bearer);
        let credential = seal_credential(kind);
        Ok(Client {
            connection: Connection::open(address).await?,
            authorize: head("credentials/authorize"),
            sign: head("signatures/signHash"),
            common: format!(r#"{{"credentialID":"{credential}","hashAlgorithmOID":"{SHA_256}""#),
            sign_algorithm: match kind {
                KeyKind::Rsa { .. } => "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
                _ => "1.2.840.10045.4.3.2",                     // ecdsa-with-SHA256
            },
            next: number << 40,
            sad: String::new(),
            open: Vec::new(),
        })
    }

    /// One request for `at_a_time` signatures, after an authorization of `authorized` hashes if none is left.
    async fn authorized(&mut self, authorized: usize, at_a_time: usize) -> Result<u64> {
        if self.open.is_empty() {
            self.open = (0..authorized).map(|_| self.hash()).collect();
            self.sad = self.sad(&self.open.clone()).await?;
        }
        let some = listed(&self.open.split_off(self.open.len() - at_a_time));
        let body = format!(r#"{},"SAD":"{}","signAlgo":"{}",{some}}}"#, self.common, self.sad, self.sign_algorithm);
        let answer = self.connection.ask(&self.sign, body.as_bytes()).await?;
        let signatures = answer.iter().filter(|byte| **byte == b'"').count() / 2 - 1;
        anyhow::ensure!(signatures == at_a_time, "wanted {at_a_time} signatures, found {signatures}");
        Ok(at_a_time as u64)
    }

    async fn sad(&mut self, hashes: &[String]) -> Result<String> {
        let body = format!(r#"{},"numSignatures":{},{}}}"#, self.common, hashes.len(), listed(hashes));
        let answer = self.connection.ask(&self.authorize, body.as_bytes()).await?;
        let answer: Authorized<'_> = serde_json::from_slice(answer)?;
        Ok(answer.sad.to_owned())
    }

    /// Another hash each time.
    fn hash(&mut self) -> String {
        self.next += 1;
        STANDARD.encode(DigestAlgorithm::Sha256.digest(&self.next.to_be_bytes()).as_bytes())
    }
}

#[derive(Deserialize)]
struct Authorized<'a> {
    #[serde(rename = "SAD")]
    sad: &'a str,
}

fn listed(hashes: &[String]) -> String {
    format!(r#""hashes":["{}"]"#, hashes.join("\",\""))
}
