//! The key server's audit chain: verified, and page by page.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use signer::AuditPage;
use world::Problem;
use world::problem::ApiQuery;

use crate::Laboratory;
use crate::api::{AuditAnswer, AuditPageQuery, AuditQuery};

/// How many entries a page has when nobody says how many, and at most.
const PAGE: i64 = 1000;

pub(super) fn router() -> Router<Laboratory> {
    Router::new()
        .route("/testbed/api/audit", get(verdict))
        .route("/testbed/api/audit/pages", get(page))
        .route("/testbed/api/audit/key.pem", get(key))
}

async fn verdict(
    State(laboratory): State<Laboratory>,
    ApiQuery(known): ApiQuery<AuditQuery>,
) -> Result<Json<AuditAnswer>, Problem> {
    let known = known.sequence.zip(known.hash);
    let verdict = laboratory.signer.verify_audit_since(known).await.map_err(|error| Problem::failed(&error))?;
    Ok(Json(AuditAnswer::from(&verdict)))
}

async fn page(
    State(laboratory): State<Laboratory>,
    ApiQuery(window): ApiQuery<AuditPageQuery>,
) -> Result<Json<Option<AuditPage>>, Problem> {
    let log = laboratory.signer.audit_log().await.map_err(|error| Problem::failed(&error))?;
    let limit = window.limit.unwrap_or(PAGE).clamp(1, PAGE);
    Ok(Json(log.page(window.after, limit).await.map_err(|error| Problem::failed(&error))?))
}

async fn key(State(laboratory): State<Laboratory>) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (media_type, laboratory.signer.audit_key().to_pem()).into_response()
}
