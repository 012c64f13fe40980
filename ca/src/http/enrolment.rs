//! Certificates on record, and enrolment by PKCS #10 request or public key.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use pki::{CertificationRequest, PublicKey};
use world::problem::Problem;
use world::problem::{ApiJson, ApiPath, ApiQuery};

use super::TAG;
use super::revocation::serial_of;
use crate::api::{
    CertificateDetails, CertificateList, CertificateQuery, CertificateSummary, EnrolmentAnswer, EnrolmentRequest,
};
use crate::authority::AuthorityId;
use crate::profile::Profile;
use crate::{Ca, Error, Subject};

/// How many certificates a list has when nobody says how many, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// Lists certificates, the newest first.
#[utoipa::path(
    get,
    path = "/ca/api/certificates",
    tag = TAG,
    params(CertificateQuery),
    responses(
        (status = OK, description = "certificates with their status at the world's time", body = CertificateList),
        (status = BAD_REQUEST, description = "the query cannot be read", body = Problem),
    ),
)]
pub(super) async fn list(
    State(ca): State<Ca>,
    ApiQuery(query): ApiQuery<CertificateQuery>,
) -> Result<Json<CertificateList>, Problem> {
    let profile = query.profile.as_deref().map(profile_named).transpose()?;
    let limit = query.limit.unwrap_or(PAGE).min(LARGEST_PAGE);
    let (issued, at) = (ca.certificates(profile, limit).await?, ca.now());
    let certificates = issued.iter().map(|issued| CertificateSummary::new(issued, at)).collect();
    Ok(Json(CertificateList { certificates }))
}

/// Gives one certificate with its history.
#[utoipa::path(
    get,
    path = "/ca/api/certificates/{serial}",
    tag = TAG,
    params(("serial" = String, Path, description = "its serial number in hexadecimal digits",
        pattern = r"^0*([1-9A-Fa-f][0-9A-Fa-f]{0,38}|[1-7][0-9A-Fa-f]{39})$", example = "4f1c2a90b7d35e6688a1c0ffee123456")),
    responses(
        (status = OK, description = "everything on record about it", body = CertificateDetails),
        (status = BAD_REQUEST, description = "that is no serial number", body = Problem),
        (status = NOT_FOUND, description = "it was never issued here", body = Problem),
        (status = CONFLICT, description = "several authorities issued that serial number", body = Problem),
    ),
)]
pub(super) async fn certificate(
    State(ca): State<Ca>,
    ApiPath(serial): ApiPath<String>,
) -> Result<Json<CertificateDetails>, Problem> {
    let issued = ca.certificate(&serial_of(&serial)?).await?;
    Ok(Json(CertificateDetails::new(&issued, ca.now())))
}

/// Issues a certificate.
///
/// For the key of a certification request, or for a public key together with a subject.
#[utoipa::path(
    post,
    path = "/ca/api/certificates",
    tag = TAG,
    request_body = EnrolmentRequest,
    responses(
        (status = CREATED, description = "the certificate and its chain", body = EnrolmentAnswer, headers(("location" = String, description = "its address"))),
        (status = BAD_REQUEST, description = "the request cannot be read", body = Problem),
        (status = NOT_FOUND, description = "there is no such authority", body = Problem),
        (status = CONFLICT, description = "the authority is not valid at the world's time", body = Problem),
        (status = PAYLOAD_TOO_LARGE, description = "the body has more than 64 KiB", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "profile, subject or key are not accepted", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "there is no CA yet", body = Problem),
    ),
)]
pub(super) async fn enrol(
    State(ca): State<Ca>,
    ApiJson(request): ApiJson<EnrolmentRequest>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<EnrolmentAnswer>), Problem> {
    let profile = profile_named(&request.profile)?;
    let issuer = request.issuer.as_deref().map(str::parse::<AuthorityId>).transpose()?;
    let warning = ca.warning(issuer.as_ref()).await?; // before anything is issued, which then is told
    let (subject, key) = subject_and_key(request)?;
    let chain = ca.enrol_from(issuer.as_ref(), profile, &subject, &key).await?;
    let answer = EnrolmentAnswer::new(profile, &chain, warning);
    let location = format!("{}/ca/api/certificates/{}", ca.world.base, answer.serial);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)))
}

/// Who asks for which key: the request's own subject counts unless another one is given.
fn subject_and_key(request: EnrolmentRequest) -> Result<(Subject, PublicKey), Problem> {
    let subject = request.subject.map(Subject::from);
    match (request.csr, request.public_key_pem) {
        (Some(csr), None) => {
            let csr = certification_request(&csr)?;
            Ok((subject.unwrap_or_else(|| Subject::of_request(&csr)), csr.public_key().clone()))
        }
        (None, Some(key)) => {
            let key = PublicKey::from_pem(&key).map_err(Problem::bad_request)?;
            let subject = subject.ok_or_else(|| Problem::bad_request("a public key alone names no subject: add it"))?;
            Ok((subject, key))
        }
        (csr, _) => Err(Error::OneKey { found: if csr.is_some() { "both" } else { "neither" } }.into()),
    }
}

/// A request whose own key did not sign it is well-formed, but asks for what cannot be had.
fn certification_request(pem: &str) -> Result<CertificationRequest, Problem> {
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
