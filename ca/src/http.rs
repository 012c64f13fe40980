//! The CA's addresses: OCSP (RFC 6960 appendix A), CRLs and CA certificates (RFC 4387, RFC 5280 clause 4.2.2.1), trust
//! anchors, and a JSON API for enrolment and revocation.
//!
//! Nothing may be kept by a cache without asking again: caches have no part in the world's clock. Whoever asks again with the
//! entity tag is told by 304 that nothing changed ([`world::conditional`]).

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use pki::{Certificate, CertificationRequest, PublicKey, RevocationReason, SerialNumber};
use serde::Deserialize;
use serde_json::{Value, json};
use world::conditional::Representation;
use world::problem::{ApiBytes, ApiJson, ApiPath, ApiQuery, Problem};

use crate::revocation::{Event, Fact, Status};
use crate::{Ca, Error, Issued, Issuer, Malformation, Profile, Subject, subject, trust};

const OCSP_RESPONSE: &str = "application/ocsp-response";
const CERTIFICATE: &str = "application/pkix-cert";
const PEM_CHAIN: &str = "application/pem-certificate-chain";

/// A request about 700 certificates, or 400 by SHA-256; they are answered in milliseconds.
const LARGEST_OCSP_REQUEST: u64 = 64 << 10;

/// How many certificates a list has when nobody says how many, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// OCSP clients pad or do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// All addresses of the CA, absolute from the world's base.
pub fn router(ca: Ca) -> Router {
    let ocsp = post(post_ocsp).get(get_empty_ocsp);
    Router::new()
        .route("/ca/ocsp", ocsp.clone())
        .route("/ca/ocsp/", ocsp)
        .route("/ca/ocsp/{*request}", get(get_ocsp))
        .route("/ca/crl/{file}", get(crl).layer(map_response(unkept_failure)))
        .route("/ca/certs/{file}", get(issuer_certificate).layer(map_response(unkept_failure)))
        .route("/ca/trust.pem", get(anchors))
        .route("/ca/intermediates.pem", get(intermediates))
        .route("/ca/api/certificates", get(list).post(enrol))
        .route("/ca/api/certificates/{serial}", get(certificate))
        .route("/ca/api/revocations", post(revoke))
        .route("/ca/api/holds", post(hold))
        .route("/ca/api/releases", post(release))
        .with_state(ca)
}

/// What the world's fault rules ask to be made wrong.
type Wrong = Option<Extension<world::fault::Malformation>>;

/// A name that is not one of ours asks for nothing.
fn malformation(wrong: Wrong) -> Option<Malformation> {
    wrong.and_then(|Extension(world::fault::Malformation(name))| name.parse().ok())
}

async fn post_ocsp(
    State(ca): State<Ca>,
    wrong: Wrong,
    body: Result<ApiBytes<LARGEST_OCSP_REQUEST>, Problem>,
) -> Response {
    // A body that is too large or broken off is answered like any other that is no request.
    let request = body.map(|ApiBytes(request)| request).unwrap_or_default();
    ocsp_response(ca.answer_ocsp_malformed(&request, malformation(wrong)).await)
}

async fn get_empty_ocsp(State(ca): State<Ca>) -> Response {
    ocsp_response(ca.answer_ocsp(&[]).await)
}

/// RFC 6960 appendix A.1: the request in base64, percent-encoded, after the responder's address and a slash. Some clients
/// add a second slash, which cannot begin a request, and some break the line as in mails.
async fn get_ocsp(State(ca): State<Ca>, wrong: Wrong, request: Result<ApiPath<String>, Problem>) -> Response {
    let mut text = request.map(|ApiPath(text)| text).unwrap_or_default();
    text.retain(|character| !matches!(character, '\r' | '\n'));
    let der = BASE64.decode(text.trim_start_matches('/')).unwrap_or_default();
    ocsp_response(ca.answer_ocsp_malformed(&der, malformation(wrong)).await)
}

async fn crl(
    State(ca): State<Ca>,
    wrong: Wrong,
    ApiPath(file): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (issuer, number) = crl_named(&file)?;
    let crl = match (malformation(wrong), number) {
        (Some(malformation), _) => ca.malformed_crl(issuer, malformation).await,
        (None, Some(number)) => ca.crl_by_number(issuer, number).await,
        (None, None) => ca.crl(issuer).await,
    };
    Ok(crl.map_err(no_crl_now)?.representation.answer(&headers))
}

/// What is not there may be there a moment later; a cache might keep 404 for as long as it likes (RFC 9110 clause 15.1).
async fn unkept_failure(mut answer: Response) -> Response {
    if answer.status().is_client_error() || answer.status().is_server_error() {
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

/// `issuing.crl` or `issuing-7.crl`; a number is written in one way only.
fn crl_named(file: &str) -> Result<(Issuer, Option<u64>), Problem> {
    let wanted = "wanted root.crl or issuing.crl, or one by its number, such as issuing-7.crl";
    let no_such_crl = || Problem::not_found(format!("no CRL is called {file}: {wanted}"));
    let name = file.strip_suffix(".crl").ok_or_else(no_such_crl)?;
    let (slug, number) = name.split_once('-').map_or((name, None), |(slug, number)| (slug, Some(number)));
    let number = number.map(|text| text.parse::<u64>().ok().filter(|number| number.to_string() == text));
    let number = number.map(|number| number.ok_or_else(no_such_crl)).transpose()?;
    Ok((slug.parse().map_err(|_| no_such_crl())?, number))
}

/// To whoever fetches a CRL, a time before the CA is a time without CRL, and one that others keep replacing comes later.
fn no_crl_now(error: Error) -> Problem {
    match error {
        Error::IssuerNotValid { .. } => Problem::not_found(error),
        Error::ContendedCrl { .. } => Problem::unavailable(error, 1),
        other => other.into(),
    }
}

async fn issuer_certificate(
    State(ca): State<Ca>,
    ApiPath(file): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = "root.cer or issuing.cer";
    let issuer = file.strip_suffix(".cer").and_then(|slug| slug.parse::<Issuer>().ok());
    let issuer =
        issuer.ok_or_else(|| Problem::not_found(format!("no certificate is called {file}: wanted {wanted}")))?;
    let der = ca.issuer_certificate(issuer).await?.der().to_vec();
    Ok(Representation::new(CERTIFICATE, der).answer(&headers))
}

async fn anchors(State(ca): State<Ca>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(Representation::new(PEM_CHAIN, trust::pem(&ca.anchors().await?)).answer(&headers))
}

async fn intermediates(State(ca): State<Ca>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(Representation::new(PEM_CHAIN, trust::pem(&ca.intermediates().await?)).answer(&headers))
}

#[derive(Deserialize)]
struct Listing {
    profile: Option<String>,
    limit: Option<u32>,
}

async fn list(State(ca): State<Ca>, ApiQuery(listing): ApiQuery<Listing>) -> Result<Json<Value>, Problem> {
    let profile = listing.profile.as_deref().map(profile_named).transpose()?;
    let limit = listing.limit.unwrap_or(PAGE).min(LARGEST_PAGE);
    let certificates = ca.certificates(profile, limit).await?;
    let at = ca.now();
    let lines: Vec<Value> = certificates.iter().map(|issued| certificate_json(issued, at)).collect();
    Ok(Json(json!({ "certificates": lines })))
}

async fn certificate(State(ca): State<Ca>, ApiPath(serial): ApiPath<String>) -> Result<Json<Value>, Problem> {
    let issued = ca.certificate(&serial_of(&serial)?).await?;
    let mut body = certificate_json(&issued, ca.now());
    body["certificate_pem"] = json!(issued.certificate.to_pem());
    body["history"] = issued.facts.iter().map(fact_json).collect();
    Ok(Json(body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    profile: String,
    subject: Option<SubjectBody>,
    csr: Option<String>,
    public_key_pem: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectBody {
    organization: String,
    organization_identifier: String,
    common_name: String,
    country: Option<String>,
}

async fn enrol(State(ca): State<Ca>, ApiJson(body): ApiJson<Enrolment>) -> Result<Response, Problem> {
    let profile = profile_named(&body.profile)?;
    let subject = body.subject.map(Subject::from);
    let warning = ca.warning().await?; // before anything is issued, which then is told
    let chain = match (body.csr, body.public_key_pem) {
        (Some(csr), None) => {
            let request = request_of(&csr)?;
            ca.enrol_request(profile, subject.as_ref(), &request).await?
        }
        (None, Some(key)) => {
            let key = PublicKey::from_pem(&key).map_err(Problem::bad_request)?;
            let subject = subject.ok_or_else(|| Problem::bad_request("a public key alone names no subject: add it"))?;
            ca.enrol(profile, &subject, &key).await?
        }
        (csr, _) => return Err(Error::OneKey { found: if csr.is_some() { "both" } else { "neither" } }.into()),
    };
    let mut answer = enrolment_json(profile, &chain);
    if let Some(warning) = warning {
        answer["warning"] = json!(warning);
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    serial: String,
    reason: String,
    since: Option<String>,
    invalidity_date: Option<String>,
}

async fn revoke(State(ca): State<Ca>, ApiJson(body): ApiJson<Revocation>) -> Result<Json<Value>, Problem> {
    let serial = serial_of(&body.serial)?;
    let reason: RevocationReason = body.reason.parse().map_err(Problem::bad_request)?;
    let now = ca.now();
    let time = |text: &String| world::time::parse(text, now).map_err(Problem::bad_request);
    let since = body.since.as_ref().map(time).transpose()?;
    let invalidity_date = body.invalidity_date.as_ref().map(time).transpose()?;
    ca.revoke(&serial, reason, since, invalidity_date).await?;
    Ok(Json(certificate_json(&ca.certificate(&serial).await?, now)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    serial: String,
}

async fn hold(State(ca): State<Ca>, ApiJson(body): ApiJson<Named>) -> Result<Json<Value>, Problem> {
    let serial = serial_of(&body.serial)?;
    ca.hold(&serial).await?;
    Ok(Json(certificate_json(&ca.certificate(&serial).await?, ca.now())))
}

async fn release(State(ca): State<Ca>, ApiJson(body): ApiJson<Named>) -> Result<Json<Value>, Problem> {
    let serial = serial_of(&body.serial)?;
    ca.release(&serial).await?;
    Ok(Json(certificate_json(&ca.certificate(&serial).await?, ca.now())))
}

fn ocsp_response(der: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, OCSP_RESPONSE), (CACHE_CONTROL, "no-cache")], der).into_response()
}

fn serial_of(text: &str) -> Result<SerialNumber, Problem> {
    text.parse().map_err(Problem::bad_request)
}

/// A request whose own key did not sign it is well-formed, but asks for what cannot be had.
fn request_of(pem: &str) -> Result<CertificationRequest, Problem> {
    CertificationRequest::from_pem(pem).map_err(|error| match error {
        pki::Error::SignatureInvalid { .. } | pki::Error::KeyUnfit { .. } => Error::NoPossession.into(),
        unverified if unverified.is_undetermined() => Error::RequestNotVerified(Box::new(unverified)).into(),
        weak @ pki::Error::WeakDigest { .. } => Error::RequestNotVerified(Box::new(weak)).into(),
        malformed => Problem::bad_request(malformed),
    })
}

fn profile_named(text: &str) -> Result<Profile, Problem> {
    text.parse().map_err(Problem::bad_request)
}

impl From<SubjectBody> for Subject {
    fn from(body: SubjectBody) -> Subject {
        Subject {
            organization: body.organization,
            organization_identifier: body.organization_identifier,
            common_name: body.common_name,
            country: body.country.unwrap_or_else(|| subject::HOME.to_owned()),
        }
    }
}

/// A certificate with its status at the world's time, as CRL and OCSP tell it then.
fn certificate_json(issued: &Issued, at: Timestamp) -> Value {
    let certificate = &issued.certificate;
    let subject = certificate.subject();
    let validity = match at {
        at if at < certificate.not_before() => "not-yet-valid",
        at if at > certificate.not_after() => "expired",
        _ => "valid",
    };
    let (status, since, reason) = match issued.status_at(at) {
        Status::Good => ("good", None, None),
        Status::OnHold { since } => ("on-hold", Some(since), Some(RevocationReason::CertificateHold)),
        Status::Revoked { since, reason } => ("revoked", Some(since), Some(reason)),
        Status::Unknown => ("unknown", None, None),
    };
    json!({
        "serial": certificate.serial().to_string(),
        "profile": issued.profile.name(),
        "issuer": issued.issuer.slug(),
        "subject": {
            "country": subject.country(),
            "organization": subject.organization(),
            "organization_identifier": subject.organization_identifier(),
            "common_name": subject.common_name(),
        },
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "issued_at": issued.issued_at,
        "at": at,
        "validity": validity,
        "status": status,
        "since": since,
        "reason": reason.map(|reason| reason.to_string()),
    })
}

fn fact_json(fact: &Fact) -> Value {
    let (event, reason, invalidity_date) = match fact.event {
        Event::Revoked { reason, invalidity_date } => ("revoked", Some(reason.to_string()), invalidity_date),
        Event::Held => ("held", None, None),
        Event::Released => ("released", None, None),
    };
    json!({
        "event": event,
        "since": fact.since,
        "reason": reason,
        "invalidity_date": invalidity_date,
        "recorded_at": fact.recorded_at,
    })
}

fn enrolment_json(profile: Profile, chain: &[Certificate]) -> Value {
    let leaf = &chain[0];
    json!({
        "serial": leaf.serial().to_string(),
        "profile": profile.name(),
        "not_before": leaf.not_before(),
        "not_after": leaf.not_after(),
        "certificate_pem": leaf.to_pem(),
        "chain_pem": trust::pem(chain),
    })
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match &error {
            Error::NoHierarchy => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no_hierarchy", error),
            Error::UnknownSerial { .. }
            | Error::UnknownCrl { .. }
            | Error::CrlNotKept { .. }
            | Error::UnknownIssuer { .. } => Problem::not_found(error),
            Error::AlreadyRevoked { .. }
            | Error::AlreadyOnHold { .. }
            | Error::NotOnHold { .. }
            | Error::OutOfOrder { .. }
            | Error::RootNotRevocable { .. }
            | Error::IssuerNotValid { .. }
            | Error::Contended { .. }
            | Error::ContendedCrl { .. } => Problem::conflict(error),
            Error::SinceInFuture { .. }
            | Error::SinceBeforeValidity { .. }
            | Error::InvalidityDateAfterRevocation { .. }
            | Error::ReasonNotAccepted { .. }
            | Error::Subject { .. }
            | Error::OrganizationIdentifier { .. }
            | Error::KeyNotAccepted { .. }
            | Error::WeakExponent { .. }
            | Error::KeyUnsound(_)
            | Error::OnlyForPss { .. }
            | Error::RequestNotVerified(_)
            | Error::ProfileNotEnrollable { .. }
            | Error::NoPossession => Problem::unprocessable(error),
            Error::OneKey { .. } => Problem::bad_request(error),
            Error::TrustFolder { .. }
            | Error::Stored { .. }
            | Error::Time(_)
            | Error::Pki(_)
            | Error::Signer(_)
            | Error::World(_)
            | Error::Database(_) => Problem::failed(&error),
        }
    }
}
