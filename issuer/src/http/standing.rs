//! What becomes of a certificate, over HTTP: how it stands, revoked, suspended, released, issued again.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiJson, ApiPath, Problem};

use super::described::{CertificateId, UnknownCertificate};
use super::{Created, LARGEST_COMPLETION, location};
use crate::api::{IssuedDetails, IssuedRevocation, Reissue, Standing, StandingChange, StandingState};
use crate::issue::Issuer;
use crate::standing::Reissued;

/// Tells beside a badge what its certificate counts for.
const STATE_HEADER: HeaderName = HeaderName::from_static("eseal-certificate-state");

pub(super) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(revoke))
        .routes(routes!(suspend))
        .routes(routes!(release))
        .routes(routes!(reissue))
}

/// What a certificate counts for, and how that came about.
#[utoipa::path(
    get,
    path = "/issuer/api/certificates/{number}/standing",
    operation_id = "certificate_standing",
    tag = "issuer",
    params(CertificateId),
    responses(
        (status = OK, description = "how it stands at the world's time", body = Standing),
        UnknownCertificate,
    ),
)]
async fn show(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
) -> Result<Json<Standing>, Problem> {
    Ok(Json(issuer.standing(&number).await?))
}

/// Takes a certificate back, for good.
///
/// The X.509 certificate of its seal is not touched: its seal holds, and the certificate counts for nothing. The same asked again is
/// answered as before.
#[utoipa::path(
    post,
    path = "/issuer/api/certificates/{number}/revoke",
    operation_id = "revoke_certificate",
    tag = "issuer",
    params(CertificateId),
    request_body = IssuedRevocation,
    responses(
        (status = OK, description = "how it stands now", body = Standing),
        UnknownCertificate,
        (status = CONFLICT, description = "it was revoked before, for another reason", body = Problem),
    ),
)]
async fn revoke(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiJson(request): ApiJson<IssuedRevocation>,
) -> Result<Json<Standing>, Problem> {
    Ok(Json(issuer.revoke(&number, &request).await?))
}

/// Suspends a certificate until it is released or revoked.
///
/// The same asked again is answered as before.
#[utoipa::path(
    post,
    path = "/issuer/api/certificates/{number}/suspend",
    operation_id = "suspend_certificate",
    tag = "issuer",
    params(CertificateId),
    request_body = StandingChange,
    responses(
        (status = OK, description = "how it stands now", body = Standing),
        UnknownCertificate,
        (status = CONFLICT, description = "it is not valid; what is possible is told", body = Problem),
    ),
)]
async fn suspend(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiJson(request): ApiJson<StandingChange>,
) -> Result<Json<Standing>, Problem> {
    Ok(Json(issuer.suspend(&number, &request).await?))
}

/// Ends the suspension of a certificate.
///
/// The same asked again is answered as before.
#[utoipa::path(
    post,
    path = "/issuer/api/certificates/{number}/release",
    operation_id = "release_certificate",
    tag = "issuer",
    params(CertificateId),
    request_body = StandingChange,
    responses(
        (status = OK, description = "how it stands now", body = Standing),
        UnknownCertificate,
        (status = CONFLICT, description = "it is not suspended; what is possible is told", body = Problem),
    ),
)]
async fn release(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiJson(request): ApiJson<StandingChange>,
) -> Result<Json<Standing>, Problem> {
    Ok(Json(issuer.release(&number, &request).await?))
}

/// Issues a certificate again, mostly with corrected data: the new one takes its place.
///
/// It has a number of its own. The same asked again gives the certificate that was issued then.
#[utoipa::path(
    post,
    path = "/issuer/api/certificates/{number}/reissue",
    operation_id = "reissue_certificate",
    tag = "issuer",
    params(CertificateId),
    request_body = Reissue,
    responses(
        (status = CREATED, description = "the new one, sealed, checked and kept", body = IssuedDetails, headers(("location" = String, description = "its address"))),
        (status = OK, description = "the one that was issued for the same request before", body = IssuedDetails, headers(("location" = String, description = "its address"))),
        UnknownCertificate,
        (status = CONFLICT, description = "it is not valid, or another one has taken its place; evidence for the level is lacking", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "a member cannot be certified or printed, or the data are about something else and `another` does not say so", body = Problem),
        (status = BAD_GATEWAY, description = "key server or time-stamping authority did not do their part", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "it is being issued again by somebody else, or too many documents are worked on", body = Problem),
    ),
)]
async fn reissue(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiJson(request): ApiJson<Reissue, LARGEST_COMPLETION>,
) -> Result<Created<IssuedDetails>, Problem> {
    let place = issuer.world.pools.documents.enter()?;
    let worker = issuer.clone();
    let Reissued { issued, is_new } = place.run(async move { worker.reissue(&number, request).await }).await??;
    let standing = issuer.standing(&issued.summary.number.to_string()).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let location = location(&issuer, &issued.summary.number);
    Ok((status, [location], Json(IssuedDetails { summary: issued.summary, standing })))
}

/// The header beside the badge of a certificate that stands so. A hosted badge that was revoked is gone, as verifiers of badges know it
/// (Open Badges 2.0, hosted verification).
pub(super) fn of_badge(standing: &Standing) -> Result<(HeaderName, &'static str), Problem> {
    let state = match standing.state {
        StandingState::Valid => "valid",
        StandingState::Suspended => "suspended",
        StandingState::Superseded => "superseded",
        StandingState::Expired => "expired",
        StandingState::Revoked => {
            let reason = standing.reason.as_deref().unwrap_or_default();
            let sentence =
                format!("the certificate {} has been revoked since {}: {reason}", standing.number, standing.since);
            let japanese = format!("証明書 {} は {} から取り消されています: {reason}", standing.number, standing.since);
            return Err(Problem::new(StatusCode::GONE, "revoked", sentence).in_japanese(japanese));
        }
    };
    Ok((STATE_HEADER, state))
}
