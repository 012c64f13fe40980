//! The audit chain over HTTP: verified, and page by page.
//!
//! | address | gives |
//! |---|---|
//! | `/testbed/api/audit` | the verdict on the whole chain |
//! | `/testbed/api/audit/pages` | entries with the title and the head of an export; `null` before the first head |
//! | `/testbed/api/audit/key.pem` | the public key that signs heads |

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::ApiQuery;
use world::problem::Problem;

use super::api::{AuditSummary, KnownEntry, Window};
use super::log::AuditPage;
use crate::{Error, Signer};

/// How many entries a page has when nobody says how many, and at most.
const PAGE: i64 = 1000;

/// Under which the document lists these addresses.
const TAG: &str = "key server";

/// The addresses of the audit chain, absolute from the world's base.
pub fn audit_router(signer: Signer) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(verdict)).routes(routes!(page)).routes(routes!(key)).with_state(signer)
}

fn failed(error: Error) -> Problem {
    Problem::failed(&error)
}

/// Whether the audit chain holds.
#[utoipa::path(get, path = "/testbed/api/audit", tag = TAG, params(KnownEntry),
    responses((status = OK, description = "what verifying the whole chain found", body = AuditSummary)))]
async fn verdict(
    State(signer): State<Signer>,
    ApiQuery(known): ApiQuery<KnownEntry>,
) -> Result<Json<AuditSummary>, Problem> {
    let verdict = signer.verify_audit_since(known.sequence.zip(known.hash)).await.map_err(failed)?;
    Ok(Json(AuditSummary::from(&verdict)))
}

/// Entries of the audit chain.
#[utoipa::path(get, path = "/testbed/api/audit/pages", tag = TAG, params(Window),
    responses((status = OK, description = "a part of an export; null if no head was ever signed", body = Option<AuditPage>)))]
async fn page(
    State(signer): State<Signer>,
    ApiQuery(window): ApiQuery<Window>,
) -> Result<Json<Option<AuditPage>>, Problem> {
    let log = signer.audit_log().await.map_err(failed)?;
    let limit = window.limit.unwrap_or(PAGE).clamp(1, PAGE);
    Ok(Json(log.page(window.after, limit).await.map_err(failed)?))
}

/// The key that signs the heads of the audit chain.
#[utoipa::path(get, path = "/testbed/api/audit/key.pem", tag = TAG,
    responses((status = OK, description = "the public key, PEM", content_type = "application/x-pem-file")))]
async fn key(State(signer): State<Signer>) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (media_type, signer.audit_key().to_pem()).into_response()
}
