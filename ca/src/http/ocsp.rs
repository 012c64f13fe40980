//! OCSP over HTTP, RFC 6960 appendix A. Every answer is one of OCSP's own, with status 200.

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use pki::OcspRefusal;
use world::journal::Behind;
use world::metrics::Refused;
use world::problem::Problem;
use world::problem::{ApiBytes, ApiPath};

use super::{TAG, Wrong, malformation};
use crate::Ca;

const OCSP_RESPONSE: &str = "application/ocsp-response";

/// A request about 700 certificates, or 400 by SHA-256; they are answered in milliseconds.
const LARGEST_REQUEST: u64 = 64 << 10;

/// OCSP clients pad or do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

type RequestBody = Result<ApiBytes<LARGEST_REQUEST>, Problem>;

/// Tells the status of certificates.
///
/// One request may ask about several certificates of one authority. What is no request, or has more than 64 KiB, is answered by
/// `malformedRequest`.
#[utoipa::path(
    post,
    path = "/ca/ocsp",
    tag = TAG,
    request_body(content_type = "application/ocsp-request", description = "an OCSPRequest (RFC 6960 clause 4.1), DER"),
    responses((status = OK, description = "an OCSPResponse, DER", content_type = "application/ocsp-response")),
)]
pub(super) async fn post_request(State(ca): State<Ca>, wrong: Wrong, body: RequestBody) -> Response {
    // A body that is too large or broken off is answered like any other that is no request.
    let request = body.map(|ApiBytes(request)| request).unwrap_or_default();
    response(ca.answer_ocsp_malformed(&request, malformation(wrong)).await)
}

/// The same for clients that add a slash to the responder's address.
#[utoipa::path(
    post,
    path = "/ca/ocsp/",
    tag = TAG,
    request_body(content_type = "application/ocsp-request", description = "an OCSPRequest (RFC 6960 clause 4.1), DER"),
    responses((status = OK, description = "an OCSPResponse, DER", content_type = "application/ocsp-response")),
)]
pub(super) async fn post_request_after_slash(ca: State<Ca>, wrong: Wrong, body: RequestBody) -> Response {
    post_request(ca, wrong, body).await
}

/// Answers `malformedRequest`: no request is given.
#[utoipa::path(
    get,
    path = "/ca/ocsp",
    tag = TAG,
    responses((status = OK, description = "an OCSPResponse, DER", content_type = "application/ocsp-response")),
)]
pub(super) async fn get_nothing(State(ca): State<Ca>) -> Response {
    response(ca.answer_ocsp(&[]).await)
}

/// Answers `malformedRequest`: no request is given.
#[utoipa::path(
    get,
    path = "/ca/ocsp/",
    tag = TAG,
    responses((status = OK, description = "an OCSPResponse, DER", content_type = "application/ocsp-response")),
)]
pub(super) async fn get_nothing_after_slash(ca: State<Ca>) -> Response {
    get_nothing(ca).await
}

/// Tells the status of certificates to clients that ask by GET.
///
/// RFC 6960 appendix A.1: the request in base64, percent-encoded, after the responder's address and a slash. Some clients
/// add a second slash, which cannot begin a request, and some break the line as in mails.
#[utoipa::path(
    get,
    path = "/ca/ocsp/{*request}",
    tag = TAG,
    params(("request" = String, Path, description = "an OCSPRequest in base64", example = "MEkw")),
    responses((status = OK, description = "an OCSPResponse, DER", content_type = "application/ocsp-response")),
)]
pub(super) async fn get_request(
    State(ca): State<Ca>,
    wrong: Wrong,
    request: Result<ApiPath<String>, Problem>,
) -> Response {
    let mut text = request.map(|ApiPath(text)| text).unwrap_or_default();
    text.retain(|character| !matches!(character, '\r' | '\n'));
    let der = BASE64.decode(text.trim_start_matches('/')).unwrap_or_default();
    response(ca.answer_ocsp_malformed(&der, malformation(wrong)).await)
}

/// Where it cannot be known what others recorded, nobody is told what was known before.
pub(super) async fn if_up_to_date(request: Request, next: Next) -> Response {
    match request.extensions().get::<Behind>() {
        Some(Behind) => response(OcspRefusal::TryLater.to_der()),
        None => next.run(request).await,
    }
}

fn response(der: Vec<u8>) -> Response {
    let refusal = refusal(&der);
    let mut response = ([(CONTENT_TYPE, OCSP_RESPONSE), (CACHE_CONTROL, "no-cache")], der).into_response();
    if let Some(refusal) = refusal {
        response.extensions_mut().insert(Refused(refusal.name()));
    }
    response
}

/// Which refusal an answer is, for those who count: it has no responseBytes, and ends with its number.
fn refusal(der: &[u8]) -> Option<OcspRefusal> {
    let [_, _, _, _, number] = der else { return None };
    OcspRefusal::ALL.into_iter().find(|refusal| *refusal as u8 == *number)
}
