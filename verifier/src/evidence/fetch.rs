//! One question to one address. In: an address out of a certificate. Out: what it gave, parsed, or why not.
//!
//! Whoever makes a file chooses its addresses: only those where the authorities of the world and its neighbours publish are
//! called, and those that whoever runs the testbed has named, so that a file cannot make the testbed call anybody else, be it
//! another port of this machine, or another service of the testbed itself.
//!
//! Media types are not judged: CRLs and certificates are served under many, and a wrong one does no harm to a signature.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, header};
use pki::{Certificate, Crl, OcspResponse, SuccessfulOcspResponse};
use world::network::Network;

use super::NoEvidence;

/// In whose name the network is used.
const CALLER: &str = "verifier";

/// A CRL with a million entries has 49 MB.
const LARGEST_CRL: usize = 64 << 20;

/// An answer about one certificate with two embedded certificates has about 2 KB.
const LARGEST_OCSP_RESPONSE: usize = 64 << 10;

/// A certificate with an RSA-4096 key and every extension has about 3 KB.
const LARGEST_CERTIFICATE: usize = 64 << 10;

/// How long one address may take, in real time: responders answer within a second.
const ONE: Duration = Duration::from_secs(10);

/// How long all of one file may take together: well within the time that a request has.
const ALL: Duration = Duration::from_secs(30);

/// The network, for as long as one file may keep it.
pub(super) struct Reach<'a> {
    network: &'a Network,
    until: Instant,
}

impl Reach<'_> {
    /// The network, from now on.
    pub(super) fn of(network: &Network) -> Reach<'_> {
        Reach { network, until: Instant::now() + ALL }
    }

    async fn ask(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoEvidence> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(NoEvidence::OutOfTime { limit: ALL.as_secs() });
        }
        let patience = left.min(ONE);
        match tokio::time::timeout(patience, self.network.send(CALLER, request)).await {
            Ok(answer) => answer.map_err(|error| NoEvidence::Network(error.to_string())),
            Err(_) => Err(NoEvidence::Network(format!("no answer within {} s", patience.as_secs()))),
        }
    }
}

/// DER, or PEM as some repositories serve it.
pub(super) async fn certificate(reach: &Reach<'_>, address: &str) -> Result<Certificate, NoEvidence> {
    let body = get(reach, address, LARGEST_CERTIFICATE).await?;
    match std::str::from_utf8(&body) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem(text),
        _ => Certificate::from_der(&body),
    }
    .map_err(unreadable)
}

/// DER, or PEM as some repositories serve it.
pub(super) async fn crl(reach: &Reach<'_>, address: &str) -> Result<Crl, NoEvidence> {
    let body = get(reach, address, LARGEST_CRL).await?;
    match body.starts_with(b"-----BEGIN").then(|| std::str::from_utf8(&body)) {
        Some(Ok(text)) => Crl::from_pem(text),
        _ => Crl::from_der(&body),
    }
    .map_err(unreadable)
}

/// By POST, RFC 6960 appendix A.1.
pub(super) async fn ocsp(
    reach: &Reach<'_>,
    address: &str,
    request: Vec<u8>,
) -> Result<SuccessfulOcspResponse, NoEvidence> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(uri(address)?)
        .header(header::CONTENT_TYPE, "application/ocsp-request")
        .body(Bytes::from(request));
    let body = send(reach, request, LARGEST_OCSP_RESPONSE).await?;
    match OcspResponse::from_der(&body).map_err(unreadable)? {
        OcspResponse::Successful(response) => Ok(response),
        OcspResponse::Refused(refusal) => Err(NoEvidence::OcspRefused(refusal)),
    }
}

async fn get(reach: &Reach<'_>, address: &str, limit: usize) -> Result<Bytes, NoEvidence> {
    send(reach, Request::builder().uri(uri(address)?).body(Bytes::new()), limit).await
}

async fn send(reach: &Reach<'_>, request: http::Result<Request<Bytes>>, limit: usize) -> Result<Bytes, NoEvidence> {
    let request = request.map_err(|_| NoEvidence::Address)?;
    if !reach.network.may_fetch(request.uri()) {
        return Err(NoEvidence::Stranger);
    }
    let response = reach.ask(request).await?;
    if response.status() != StatusCode::OK {
        return Err(NoEvidence::HttpStatus(response.status().as_u16()));
    }
    let body = response.into_body();
    if body.len() > limit {
        return Err(NoEvidence::TooLarge { found: body.len(), limit });
    }
    Ok(body)
}

fn uri(address: &str) -> Result<Uri, NoEvidence> {
    let uri: Uri = address.parse().map_err(|_| NoEvidence::Address)?;
    matches!(uri.scheme_str(), Some("http" | "https")).then_some(uri).ok_or(NoEvidence::Address)
}

fn unreadable(error: pki::Error) -> NoEvidence {
    NoEvidence::Unreadable(error.to_string())
}
