//! The protocol over HTTP, RFC 3161 clause 3.4, and two JSON lists beside it.
//!
//! | address | takes | gives |
//! |---|---|---|
//! | `/tsa`, `/tsa/{unit}` | POST `application/timestamp-query` | 200 `application/timestamp-reply`: token or refusal |
//! | `/tsa/api/units` | GET | the units as JSON |
//! | `/tsa/api/tokens/{serial}` | GET, `?time=` genTime | what the register holds of a token, 404 if it was not issued here |
//!
//! Whatever is wrong *inside* the request is refused in RFC 3161's own words with status 200, so that a client reads the
//! reason. Only what is not this protocol at all gets an HTTP error and JSON: another method, another media type, no such
//! unit. The media type is insisted on: a web page could otherwise make its visitor's browser ask for tokens.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use pki::{DigestAlgorithm, SerialNumber, TimeStampFailure, TimeStampResponse};
use signer::Standing;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;
use world::journal::Behind;
use world::metrics::Refused;
use world::problem::{ApiBytes, ApiPath, ApiQuery, Problem};
use world::time::whole_seconds;

use crate::api::{CertificateEntry, CertificateStatus, TokenEntry, TokenQuery, UnitEntry};
use crate::{Error, Tsa, Unit};

/// Under which the document lists these addresses.
const TAG: &str = "time-stamping authority";

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// A request with a SHA-512 imprint, a policy and a 20-byte nonce has about 120 bytes.
const LARGEST_REQUEST: u64 = 64 << 10;

/// What an imprint may be made with: all that [`pki::TimeStampRequest`] takes (EN 319 422 clause 5, TS 119 312).
const DIGESTS: [DigestAlgorithm; 3] = [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

/// The routes of the authority, absolute from the world's base.
pub fn router(tsa: Tsa) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(stamp_by_default).map(|methods| methods.fallback(wrong_method)))
        .routes(routes!(stamp_by_unit).map(|methods| methods.fallback(wrong_method)))
        .routes(routes!(units))
        .routes(routes!(token))
        .with_state(tsa)
}

/// Whether it is unknown which key the unit has by now.
type IsBehind = Option<Extension<Behind>>;

/// What was posted, or why it could not be read.
type Body = Result<ApiBytes<LARGEST_REQUEST>, Problem>;

/// A time-stamp by the default unit: a TimeStampReq (RFC 3161 clause 2.4.1) for a TimeStampResp (clause 2.4.2).
#[utoipa::path(post, path = "/tsa", tag = TAG,
    request_body(content_type = "application/timestamp-query", description = "a TimeStampReq"),
    responses(
        (status = OK, description = "a TimeStampResp: a token, or a refusal with its reason", content_type = "application/timestamp-reply"),
        (status = NOT_FOUND, description = "there is no unit yet", body = Problem),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "another media type", body = Problem)))]
async fn stamp_by_default(
    State(tsa): State<Tsa>,
    behind: IsBehind,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let unit = tsa.unit(None).map_err(no_such_unit)?;
    stamp((&tsa, &unit), behind, &headers, body).await
}

/// A time-stamp by the unit of that name.
#[utoipa::path(post, path = "/tsa/{unit}", tag = TAG, params(("unit" = String, Path, description = "the unit's name")),
    request_body(content_type = "application/timestamp-query", description = "a TimeStampReq"),
    responses(
        (status = OK, description = "a TimeStampResp: a token, or a refusal with its reason", content_type = "application/timestamp-reply"),
        (status = NOT_FOUND, description = "no unit of that name", body = Problem),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "another media type", body = Problem)))]
async fn stamp_by_unit(
    State(tsa): State<Tsa>,
    ApiPath(name): ApiPath<String>,
    behind: IsBehind,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let unit = tsa.unit(Some(&name)).map_err(no_such_unit)?;
    stamp((&tsa, &unit), behind, &headers, body).await
}

async fn stamp(
    (tsa, unit): (&Tsa, &Unit),
    behind: IsBehind,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    check_media_type(headers)?;
    let answer = match body {
        Ok(_) if behind.is_some() => {
            TimeStampResponse::refusal(TimeStampFailure::SystemFailure, "the database does not answer now")
        }
        Ok(ApiBytes(request)) => tsa.answer(unit, &request).await,
        Err(problem) if problem.status == StatusCode::PAYLOAD_TOO_LARGE => {
            let text = format!("a request has at most {LARGEST_REQUEST} bytes");
            TimeStampResponse::refusal(TimeStampFailure::BadDataFormat, &text)
        }
        Err(broken_off) => return Err(broken_off),
    };
    let refused = refused(&answer);
    let mut response = ([(header::CONTENT_TYPE, REPLY), (header::CACHE_CONTROL, "no-store")], answer).into_response();
    if let Some(refused) = refused {
        response.extensions_mut().insert(refused);
    }
    Ok(response)
}

/// Why there is no token, for those who count. A token is longer than any refusal: it is not read for this.
fn refused(answer: &[u8]) -> Option<Refused> {
    const LONGEST_REFUSAL: usize = 400;
    if answer.len() > LONGEST_REFUSAL {
        return None;
    }
    match TimeStampResponse::from_der(answer) {
        Ok(TimeStampResponse::Refused { failure: Some(failure), .. }) => Some(Refused(failure.name())),
        _ => None,
    }
}

/// Parameters (`; charset=…`) and capitals are tolerated; of two, another reader may take either.
fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let mut named = headers.get_all(header::CONTENT_TYPE).iter();
    let found = named.next().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let several = named.next().is_some();
    let media_type = found.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default();
    if !several && media_type.trim().eq_ignore_ascii_case(QUERY) {
        return Ok(());
    }
    let found = if several { "several" } else { found.as_deref().unwrap_or("no Content-Type") };
    let description = format!("wanted Content-Type: {QUERY} (RFC 3161 clause 3.4), found {found}; {HOW_TO_ASK}");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", description))
}

const HOW_TO_ASK: &str = "ask with: openssl ts -query -data FILE -sha256 -cert -out request.tsq, then \
    curl -H 'Content-Type: application/timestamp-query' --data-binary @request.tsq -o response.tsr THIS-ADDRESS";

async fn wrong_method() -> Response {
    let description = format!("wanted POST with a TimeStampReq (RFC 3161 clause 3.4); {HOW_TO_ASK}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", description);
    ([(header::ALLOW, "POST")], problem).into_response()
}

fn no_such_unit(error: Error) -> Problem {
    Problem::not_found(error)
}

/// The units.
#[utoipa::path(get, path = "/tsa/api/units", tag = TAG,
    responses((status = OK, description = "the units as they are at the world's time", body = [UnitEntry])))]
async fn units(State(tsa): State<Tsa>) -> Result<Json<Vec<UnitEntry>>, Problem> {
    let mut entries = Vec::new();
    for unit in tsa.units() {
        let standing = tsa.signer().standing(unit.certificate(), tsa.now()).await;
        let status = match standing.map_err(|error| Problem::failed(&error))? {
            Standing::Good => CertificateStatus::Good,
            Standing::Suspended { .. } => CertificateStatus::OnHold,
            Standing::Revoked { .. } => CertificateStatus::Revoked,
        };
        entries.push(unit_entry(&tsa, &unit, status));
    }
    Ok(Json(entries))
}

fn unit_entry(tsa: &Tsa, unit: &Unit, certificate_status: CertificateStatus) -> UnitEntry {
    let mut policies = unit.policies().map(ToString::to_string);
    let certificate = unit.certificate();
    let reason = unit.unusable_at(whole_seconds(tsa.now())).map(|why| why.to_string());
    UnitEntry {
        name: unit.name().to_string(),
        default: tsa.default_unit().as_ref() == Some(unit.name()),
        address: tsa.address(unit.name()),
        policy: policies.next().unwrap_or_default(),
        accepted_policies: policies.collect(),
        digest_algorithms: DIGESTS.iter().map(ToString::to_string).collect(),
        accuracy_seconds: unit.accuracy().duration().as_secs_f64(),
        ordering: unit.ordering(),
        signature_algorithm: unit.algorithm().to_string(),
        certificate: CertificateEntry {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.serial().to_string(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            pem: certificate.to_pem(),
        },
        certificate_status,
        stamps_now: reason.is_none(),
        reason,
    }
}

/// What the register holds of a token.
#[utoipa::path(get, path = "/tsa/api/tokens/{serial}", tag = TAG,
    params(("serial" = String, Path, description = "its serial number, hexadecimal",
        pattern = r"^0*([1-9A-Fa-f][0-9A-Fa-f]{0,38}|[1-7][0-9A-Fa-f]{39})$"), TokenQuery),
    responses(
        (status = OK, description = "the token as it was recorded", body = TokenEntry),
        (status = NOT_FOUND, description = "no token with that serial number was issued here", body = Problem)))]
async fn token(
    State(tsa): State<Tsa>,
    ApiPath(serial): ApiPath<String>,
    ApiQuery(TokenQuery { time }): ApiQuery<TokenQuery>,
) -> Result<Json<TokenEntry>, Problem> {
    let serial: SerialNumber = serial.parse().map_err(Problem::bad_request)?;
    let time = time.map(|text| world::time::parse(&text, tsa.now())).transpose().map_err(Problem::bad_request)?;
    let token = tsa.issued(&serial, time).await.map_err(|error| Problem::failed(&error))?;
    let token = token.ok_or_else(|| Problem::not_found(format!("no token with serial {serial} was issued here")))?;
    Ok(Json(TokenEntry {
        serial: token.serial.to_string(),
        unit: token.unit.to_string(),
        time: token.time,
        imprint_algorithm: token.imprint.algorithm().to_string(),
        imprint: token.imprint.to_string(),
    }))
}
