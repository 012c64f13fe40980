//! The key server's audit chain: verified, and page by page.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use signer::AuditPage;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiQuery, Problem};

use crate::Laboratory;
use crate::api::{AuditAnswer, AuditPageQuery, AuditQuery};

/// How many entries a page has when nobody says how many, and at most.
const PAGE: i64 = 1000;

pub(super) fn routes() -> OpenApiRouter<Laboratory> {
    OpenApiRouter::new().routes(routes!(verdict)).routes(routes!(page)).routes(routes!(key))
}

/// Whether the key server's audit chain holds.
#[utoipa::path(
    get,
    path = "/testbed/api/audit",
    tag = "laboratory",
    params(AuditQuery),
    responses((status = OK, description = "what was found, whatever it is", body = AuditAnswer)),
)]
async fn verdict(
    State(laboratory): State<Laboratory>,
    ApiQuery(known): ApiQuery<AuditQuery>,
) -> Result<Json<AuditAnswer>, Problem> {
    let known = known.sequence.zip(known.hash);
    let verdict = laboratory.signer.verify_audit_since(known).await.map_err(|error| Problem::failed(&error))?;
    Ok(Json(AuditAnswer::from(&verdict)))
}

/// A part of the key server's audit chain, with the head that is signed now.
#[utoipa::path(
    get,
    path = "/testbed/api/audit/pages",
    tag = "laboratory",
    params(AuditPageQuery),
    responses((status = OK, description = "lines of an export; null if nothing was ever signed", body = Option<AuditPage>)),
)]
async fn page(
    State(laboratory): State<Laboratory>,
    ApiQuery(window): ApiQuery<AuditPageQuery>,
) -> Result<Json<Option<AuditPage>>, Problem> {
    let log = laboratory.signer.audit_log().await.map_err(|error| Problem::failed(&error))?;
    let limit = window.limit.unwrap_or(PAGE).clamp(1, PAGE);
    Ok(Json(log.page(window.after, limit).await.map_err(|error| Problem::failed(&error))?))
}

/// The public key that the heads of the audit chain are signed with.
#[utoipa::path(
    get,
    path = "/testbed/api/audit/key.pem",
    tag = "laboratory",
    responses((status = OK, description = "SubjectPublicKeyInfo in PEM", body = String, content_type = "application/x-pem-file")),
)]
async fn key(State(laboratory): State<Laboratory>) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (media_type, laboratory.signer.audit_key().to_pem()).into_response()
}
