//! Revoking, holding and releasing.

use axum::Json;
use axum::extract::State;
use pki::{RevocationReason, SerialNumber};
use world::problem::ApiJson;
use world::problem::Problem;

use super::TAG;
use crate::Ca;
use crate::api::{CertificateSummary, RevocationRequest, SerialRequest};

/// Revokes a certificate for good.
#[utoipa::path(
    post,
    path = "/ca/api/revocations",
    tag = TAG,
    request_body = RevocationRequest,
    responses(
        (status = OK, description = "the certificate with its new status", body = CertificateSummary),
        (status = BAD_REQUEST, description = "the request cannot be read", body = Problem),
        (status = NOT_FOUND, description = "the certificate was never issued here", body = Problem),
        (status = CONFLICT, description = "it is revoked already, or a root", body = Problem),
        (status = PAYLOAD_TOO_LARGE, description = "the body has more than 64 KiB", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "a reason or date that a revocation cannot have", body = Problem),
    ),
)]
pub(super) async fn revoke(
    State(ca): State<Ca>,
    ApiJson(request): ApiJson<RevocationRequest>,
) -> Result<Json<CertificateSummary>, Problem> {
    let serial = serial_of(&request.serial)?;
    let reason: RevocationReason = request.reason.parse().map_err(Problem::bad_request)?;
    let now = ca.now();
    let time = |text: &String| world::time::parse(text, now).map_err(Problem::bad_request);
    let since = request.since.as_ref().map(time).transpose()?;
    let invalidity_date = request.invalidity_date.as_ref().map(time).transpose()?;
    ca.revoke(&serial, reason, since, invalidity_date).await?;
    Ok(Json(CertificateSummary::new(&ca.certificate(&serial).await?, ca.now()))) // the fact may be of a later second than the request
}

/// Puts a certificate on hold.
#[utoipa::path(
    post,
    path = "/ca/api/holds",
    tag = TAG,
    request_body = SerialRequest,
    responses(
        (status = OK, description = "the certificate with its new status", body = CertificateSummary),
        (status = BAD_REQUEST, description = "the request cannot be read", body = Problem),
        (status = NOT_FOUND, description = "the certificate was never issued here", body = Problem),
        (status = CONFLICT, description = "it is revoked or on hold already, or a root", body = Problem),
        (status = PAYLOAD_TOO_LARGE, description = "the body has more than 64 KiB", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "it is not valid yet", body = Problem),
    ),
)]
pub(super) async fn hold(
    State(ca): State<Ca>,
    ApiJson(request): ApiJson<SerialRequest>,
) -> Result<Json<CertificateSummary>, Problem> {
    let serial = serial_of(&request.serial)?;
    ca.hold(&serial).await?;
    Ok(Json(CertificateSummary::new(&ca.certificate(&serial).await?, ca.now())))
}

/// Releases a certificate from hold.
#[utoipa::path(
    post,
    path = "/ca/api/releases",
    tag = TAG,
    request_body = SerialRequest,
    responses(
        (status = OK, description = "the certificate with its new status", body = CertificateSummary),
        (status = BAD_REQUEST, description = "the request cannot be read", body = Problem),
        (status = NOT_FOUND, description = "the certificate was never issued here", body = Problem),
        (status = CONFLICT, description = "it is revoked, or not on hold", body = Problem),
        (status = PAYLOAD_TOO_LARGE, description = "the body has more than 64 KiB", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "it is not valid yet", body = Problem),
    ),
)]
pub(super) async fn release(
    State(ca): State<Ca>,
    ApiJson(request): ApiJson<SerialRequest>,
) -> Result<Json<CertificateSummary>, Problem> {
    let serial = serial_of(&request.serial)?;
    ca.release(&serial).await?;
    Ok(Json(CertificateSummary::new(&ca.certificate(&serial).await?, ca.now())))
}

pub(super) fn serial_of(text: &str) -> Result<SerialNumber, Problem> {
    text.parse().map_err(Problem::bad_request)
}
