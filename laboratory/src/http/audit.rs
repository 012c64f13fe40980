//! The key server's audit chain: verified, and page by page.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use signer::{AuditPage, AuditVerdict};
use world::Problem;
use world::problem::ApiQuery;

use crate::Laboratory;

/// How many entries a page has when nobody says how many, and at most.
const PAGE: i64 = 1000;

pub(super) fn router() -> Router<Laboratory> {
    Router::new()
        .route("/testbed/api/audit", get(verdict))
        .route("/testbed/api/audit/pages", get(page))
        .route("/testbed/api/audit/key.pem", get(key))
}

/// An entry that is known from earlier.
#[derive(Deserialize)]
struct Known {
    sequence: Option<i64>,
    hash: Option<String>,
}

async fn verdict(
    State(laboratory): State<Laboratory>,
    ApiQuery(known): ApiQuery<Known>,
) -> Result<Json<Value>, Problem> {
    let known = known.sequence.zip(known.hash);
    let verdict = laboratory.signer.verify_audit_since(known).await.map_err(|error| Problem::failed(&error))?;
    Ok(Json(verdict_json(&verdict)))
}

/// A verdict as it is told over HTTP and on the command line.
pub fn verdict_json(verdict: &AuditVerdict) -> Value {
    let mut told = json!({ "intact": verdict.is_intact(), "sentence": verdict.to_string() });
    match verdict {
        AuditVerdict::Intact { entries, head, accepted_breaks } => {
            told["entries"] = (*entries).into();
            told["head"] = format!("{entries}:{head}").into();
            told["accepted_breaks"] = accepted_breaks.as_slice().into();
        }
        AuditVerdict::Broken { sequence, fault } => {
            told["sequence"] = (*sequence).into();
            told["fault"] = json!(fault);
        }
        AuditVerdict::CounterDiffers { key, counted, audited } => {
            told["fault"] = "counter-differs".into();
            told["key"] = key.to_string().into();
            (told["counted"], told["audited"]) = ((*counted).into(), (*audited).into());
        }
    }
    told
}

#[derive(Deserialize)]
struct Window {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

async fn page(
    State(laboratory): State<Laboratory>,
    ApiQuery(window): ApiQuery<Window>,
) -> Result<Json<Option<AuditPage>>, Problem> {
    let log = laboratory.signer.audit_log().await.map_err(|error| Problem::failed(&error))?;
    let limit = window.limit.unwrap_or(PAGE).clamp(1, PAGE);
    Ok(Json(log.page(window.after, limit).await.map_err(|error| Problem::failed(&error))?))
}

async fn key(State(laboratory): State<Laboratory>) -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/x-pem-file")];
    (media_type, laboratory.signer.audit_key().to_pem()).into_response()
}
