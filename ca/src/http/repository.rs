//! What certificates point to, and trust anchors: CRLs, CA certificates. RFC 4387, RFC 5280 clauses 4.2.1.13 and 4.2.2.1.
//!
//! A key of an authority is called by the authority's id, and from the first rollover on by a number after a dot: `issuing.crl`,
//! `issuing.2.crl`. A hyphen and a number ask for an earlier CRL: `issuing-7.crl`, if no authority has that id.

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use world::conditional::Representation;
use world::problem::ApiPath;
use world::problem::Problem;

use super::{TAG, Wrong, malformation};
use crate::authority::{AuthorityId, AuthorityName};
use crate::hierarchy::Hierarchy;
use crate::trust::pem;
use crate::{Ca, Error};

const CERTIFICATE: &str = "application/pkix-cert";
const PEM_CHAIN: &str = "application/pem-certificate-chain";

/// Gives a CRL.
///
/// The one at the world's time, made now if need be, or an earlier one by its number, until 400 days after its nextUpdate.
#[utoipa::path(
    get,
    path = "/ca/crl/{file}",
    tag = TAG,
    params(("file" = String, Path, description = "an authority, or an authority and a CRL number, and `.crl`", example = "issuing.crl")),
    responses(
        (status = OK, description = "a CertificateList (RFC 5280 clause 5), DER", content_type = "application/pkix-crl"),
        (status = NOT_MODIFIED, description = "the same as the client has"),
        (status = NOT_FOUND, description = "there is none, not any more, or not at the world's time", body = Problem),
        (status = PRECONDITION_FAILED, description = "another than If-Match names"),
        (status = SERVICE_UNAVAILABLE, description = "there is no CA yet, or others publish at this moment", body = Problem),
    ),
)]
pub(super) async fn crl(
    State(ca): State<Ca>,
    wrong: Wrong,
    ApiPath(file): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let crl = match (malformation(wrong), CrlFile::called(&file, &ca).await?) {
        (Some(malformation), CrlFile::Current(name)) => ca.malformed_crl(&name, malformation).await,
        (Some(malformation), CrlFile::Numbered(id, _)) => ca.malformed_crl(&id.generation(1), malformation).await,
        (None, CrlFile::Current(name)) => ca.crl(&name).await,
        (None, CrlFile::Numbered(id, number)) => ca.crl_by_number(&id, number).await,
    };
    Ok(crl.map_err(no_crl_now)?.representation.answer(&headers))
}

/// Gives the certificate of an authority: what caIssuers points to.
#[utoipa::path(
    get,
    path = "/ca/certs/{file}",
    tag = TAG,
    params(("file" = String, Path, description = "an authority and `.cer`", example = "issuing.cer")),
    responses(
        (status = OK, description = "a certificate, DER", content_type = "application/pkix-cert"),
        (status = NOT_MODIFIED, description = "the same as the client has"),
        (status = NOT_FOUND, description = "there is no such authority", body = Problem),
        (status = PRECONDITION_FAILED, description = "another than If-Match names"),
        (status = SERVICE_UNAVAILABLE, description = "there is no CA yet", body = Problem),
    ),
)]
pub(super) async fn authority_certificate(
    State(ca): State<Ca>,
    ApiPath(file): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let hierarchy = ca.hierarchy().await?;
    let name = file.strip_suffix(".cer").and_then(|name| name.parse::<AuthorityName>().ok());
    let authority = name.and_then(|name| hierarchy.named(&name)).ok_or_else(|| {
        let known = hierarchy.listed(".cer");
        Problem::not_found(format!("no certificate is called {file}: wanted {known}"))
    })?;
    Ok(Representation::new(CERTIFICATE, authority.certificate.der().to_vec()).answer(&headers))
}

/// Gives the trust anchors: all roots.
#[utoipa::path(
    get,
    path = "/ca/trust.pem",
    tag = TAG,
    responses(
        (status = OK, description = "certificates in PEM", content_type = "application/pem-certificate-chain"),
        (status = NOT_MODIFIED, description = "the same as the client has"),
        (status = PRECONDITION_FAILED, description = "another than If-Match names"),
        (status = SERVICE_UNAVAILABLE, description = "there is no CA yet", body = Problem),
    ),
)]
pub(super) async fn anchors(State(ca): State<Ca>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(Representation::new(PEM_CHAIN, pem(&ca.anchors().await?)).answer(&headers))
}

/// Gives every other CA certificate, cross-certificates among them.
#[utoipa::path(
    get,
    path = "/ca/intermediates.pem",
    tag = TAG,
    responses(
        (status = OK, description = "certificates in PEM", content_type = "application/pem-certificate-chain"),
        (status = NOT_MODIFIED, description = "the same as the client has"),
        (status = PRECONDITION_FAILED, description = "another than If-Match names"),
        (status = SERVICE_UNAVAILABLE, description = "there is no CA yet", body = Problem),
    ),
)]
pub(super) async fn intermediates(State(ca): State<Ca>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(Representation::new(PEM_CHAIN, pem(&ca.intermediates().await?)).answer(&headers))
}

/// What is not there may be there a moment later; a cache might keep 404 for as long as it likes (RFC 9110 clause 15.1).
pub(super) async fn unkept_failure(mut answer: Response) -> Response {
    if answer.status().is_client_error() || answer.status().is_server_error() {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// Which CRL a file name asks for.
enum CrlFile {
    /// That of a key of an authority, at the world's time.
    Current(AuthorityName),
    /// One of an authority by its number.
    Numbered(AuthorityId, u64),
}

impl CrlFile {
    async fn called(file: &str, ca: &Ca) -> Result<CrlFile, Problem> {
        let name = file.strip_suffix(".crl").and_then(|name| name.parse().ok());
        if let Some(name) = name.filter(|name| ca.known_hierarchy().named(name).is_some()) {
            return Ok(CrlFile::Current(name));
        }
        let hierarchy = ca.hierarchy().await?;
        CrlFile::among(&hierarchy, file).ok_or_else(|| {
            let (known, first) =
                (hierarchy.listed(".crl"), hierarchy.default_issuer().unwrap_or(&AuthorityId::ISSUING));
            let expectation = format!("wanted {known}, or one by its number, such as {first}-7.crl");
            Problem::not_found(format!("no CRL is called {file}: {expectation}"))
        })
    }

    /// An authority's name goes before a number; a number is written in one way only.
    fn among(hierarchy: &Hierarchy, file: &str) -> Option<CrlFile> {
        let name = file.strip_suffix(".crl")?;
        if let Some(current) = name.parse().ok().filter(|name| hierarchy.named(name).is_some()) {
            return Some(CrlFile::Current(current));
        }
        let (id, text) = name.rsplit_once('-')?;
        let id = id.parse().ok().filter(|id| hierarchy.has(id))?;
        let number = text.parse().ok().filter(|number: &u64| number.to_string() == text)?;
        Some(CrlFile::Numbered(id, number))
    }
}

/// To whoever fetches a CRL, a time before the CA is a time without CRL, and one that others keep replacing comes later.
fn no_crl_now(error: Error) -> Problem {
    match error {
        Error::IssuerNotValid { .. } => Problem::not_found(error),
        Error::ContendedCrl { .. } => Problem::unavailable(error, 1),
        other => other.into(),
    }
}
