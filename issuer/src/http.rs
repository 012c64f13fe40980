//! The issuer over HTTP: certificates from completion data, seals on any PDF, what was issued, and what a badge refers to.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use pades::{Document, Permission, Placement};
use sealing::{EarlierSeals, Level, SealOptions, Sealed, Source, check_reason};
use serde::Deserialize;
use serde_json::{Value, json};
use world::Problem;
use world::conditional::Representation;
use world::problem::{ApiBytes, ApiJson, ApiPath, ApiQuery, JsonFromPages};

use crate::completion::Completion;
use crate::error::Error;
use crate::issue::{Issued, IssuedSummary, Issuer};
use crate::numbering::Gap;

/// The largest PDF that is sealed.
const LARGEST_PDF: u64 = 128 << 20;

/// The largest completion data: a badge picture of its own, and texts.
const LARGEST_COMPLETION: u64 = 4 << 20;

/// The longest reason for giving a number up, in characters.
const LONGEST_REASON: usize = 200;

/// Name of the header that tells what was sealed, as JSON, beside the sealed file itself.
const SEAL_HEADER: &str = "eseal-seal";

/// The issuer's addresses.
pub fn router(issuer: Issuer) -> Router {
    Router::new()
        .route("/issuer/api/certificates", post(issue).get(list))
        .route("/issuer/api/certificates/{number}", get(show))
        .route("/issuer/api/certificates/{number}/pdf", get(pdf))
        .route("/issuer/api/certificates/{number}/badge", get(badge))
        .route("/issuer/api/numbers/gaps", get(gaps))
        .route("/issuer/api/numbers/{number}/give-up", post(give_up))
        .route("/issuer/api/seals", post(seal))
        .route("/issuer/profile", get(profile))
        .route("/issuer/keys/{name}", get(key))
        .route("/issuer/pictures/{name}", get(picture))
        .with_state(issuer)
}

/// How something is sealed; members of the query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    level: Option<String>,
    /// Id of the CSC credential.
    credential: Option<String>,
    field: Option<String>,
    reason: Option<String>,
    /// /P of a certification: 1, 2 or 3.
    certify: Option<i64>,
    /// `true`: earlier seals may suffer.
    force: Option<bool>,
}

impl Wanted {
    /// The level of the query, else that of the data, else B-LTA; the two do not contradict each other.
    fn level(&self, data: Option<Level>) -> Result<Level, Problem> {
        let query: Option<Level> = self.level.as_deref().map(str::parse).transpose().map_err(Problem::bad_request)?;
        match (query, data) {
            (Some(query), Some(data)) if query != data => Err(Problem::bad_request(format!(
                "completion data, at level: they say {data}, and {query} is asked for; leave one of the two out"
            ))),
            _ => Ok(query.or(data).unwrap_or(Level::BLTA)),
        }
    }

    fn certify(&self) -> Result<Option<Permission>, Problem> {
        let Some(number) = self.certify else { return Ok(None) };
        let permission = Permission::from_number(number);
        permission.map(Some).ok_or_else(|| Problem::bad_request(format!("certify: wanted 1, 2 or 3, found {number}")))
    }

    fn earlier_seals(&self) -> EarlierSeals {
        if self.force == Some(true) { EarlierSeals::MayBreak } else { EarlierSeals::MustStand }
    }
}

async fn issue(
    State(issuer): State<Issuer>,
    ApiQuery(wanted): ApiQuery<Wanted>,
    _: JsonFromPages,
    ApiBytes(body): ApiBytes<LARGEST_COMPLETION>,
) -> Result<Response, Problem> {
    let place = issuer.world.pools.documents.enter()?;
    let completion = Completion::from_json(&body)?;
    let level = wanted.level(completion.level)?;
    let worker = issuer.clone();
    let work = async move { worker.issue(&completion, level, wanted.credential.as_deref()).await };
    let issued = place.run(work).await??;
    Ok((StatusCode::CREATED, Json(described(&issuer, &issued.summary))).into_response())
}

async fn list(State(issuer): State<Issuer>) -> Result<Json<Value>, Problem> {
    let newest = issuer.newest(1000).await?;
    let described: Vec<Value> = newest.iter().map(|summary| described(&issuer, summary)).collect();
    Ok(Json(json!({ "certificates": described })))
}

async fn show(State(issuer): State<Issuer>, ApiPath(number): ApiPath<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(described(&issuer, &issuer.find(&number).await?.summary)))
}

async fn pdf(State(issuer): State<Issuer>, ApiPath(number): ApiPath<String>) -> Result<Response, Problem> {
    let Issued { summary, pdf, .. } = issuer.find(&number).await?;
    let disposition = format!("inline; filename=\"{}.pdf\"", summary.number);
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, pdf).into_response())
}

async fn badge(State(issuer): State<Issuer>, ApiPath(number): ApiPath<String>) -> Result<Response, Problem> {
    let issued = issuer.find(&number).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], issued.badge).into_response())
}

async fn seal(
    State(issuer): State<Issuer>,
    ApiQuery(wanted): ApiQuery<Wanted>,
    ApiBytes(body): ApiBytes<LARGEST_PDF>,
) -> Result<Response, Problem> {
    let level = wanted.level(None)?;
    let certify = wanted.certify()?;
    wanted.reason.as_deref().map_or(Ok(()), check_reason).map_err(Problem::bad_request)?;
    let worker = issuer.clone();
    let work = async move {
        let options = SealOptions {
            placement: wanted.field.as_deref().map_or(Placement::NewInvisible { name: None }, Placement::Field),
            level,
            credential: wanted.credential.as_deref().unwrap_or(&worker.credentials.seal),
            reason: wanted.reason.as_deref(),
            certify,
            source: Source::Stranger,
            earlier_seals: wanted.earlier_seals(),
        };
        worker.sealer.seal(&Document::parse(body)?, &options).await
    };
    let sealed = issuer.world.pools.documents.run(work).await??;
    let told = HeaderValue::from_str(&ascii(&told(&sealed))).expect("what is not ASCII is escaped");
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (SEAL_HEADER_NAME, told)];
    Ok((headers, sealed.pdf).into_response())
}

const SEAL_HEADER_NAME: header::HeaderName = header::HeaderName::from_static(SEAL_HEADER);

fn told(sealed: &Sealed) -> Value {
    json!({
        "level": sealed.level.to_string(),
        "document_digest": sealed.document_digest.to_string(),
        "sent_digest": sealed.sent_digest.to_string(),
        "seal_serial": sealed.certificate.serial().to_string(),
        "time_stamp": sealed.time_stamp,
        "warnings": sealed.warnings.iter().take(MOST_WARNINGS).map(|warning| shortened(warning)).collect::<Vec<_>>(),
    })
}

/// A file may have thousands of anomalies; a header has some kilobytes.
const MOST_WARNINGS: usize = 20;

fn shortened(warning: &str) -> String {
    const LONGEST: usize = 300;
    match warning.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &warning[..end]),
        None => warning.to_owned(),
    }
}

/// JSON that a header can carry: whatever is not printable ASCII stands only inside its strings, and is escaped there.
fn ascii(value: &Value) -> String {
    let escape = |c: char, units: &mut [u16; 2]| {
        c.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>()
    };
    let mut text = String::new();
    for c in value.to_string().chars() {
        match c {
            ' '..='~' => text.push(c),
            other => text.push_str(&escape(other, &mut [0; 2])),
        }
    }
    text
}

fn described(issuer: &Issuer, summary: &IssuedSummary) -> Value {
    let mut told = serde_json::to_value(summary).expect("texts and times can be written as JSON");
    let base = &issuer.world.base;
    told["address"] = format!("{base}/c/{}", summary.number).into();
    told["pdf"] = format!("{base}/issuer/api/certificates/{}/pdf", summary.number).into();
    told["badge"] = format!("{base}/issuer/api/certificates/{}/badge", summary.number).into();
    told
}

async fn gaps(State(issuer): State<Issuer>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "gaps": issuer.gaps().await? })))
}

/// Why a number is given up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiveUp {
    reason: String,
}

async fn give_up(
    State(issuer): State<Issuer>,
    ApiPath(number): ApiPath<String>,
    ApiJson(GiveUp { reason }): ApiJson<GiveUp>,
) -> Result<Json<Gap>, Problem> {
    if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Problem::bad_request(format!("reason: wanted 1 to {LONGEST_REASON} characters that say why")));
    }
    Ok(Json(issuer.give_up(&number, &reason).await?))
}

async fn profile(State(issuer): State<Issuer>) -> Json<Value> {
    Json(crate::badge::issuer_profile(&issuer.settings))
}

async fn key(State(issuer): State<Issuer>, ApiPath(name): ApiPath<String>) -> Result<Json<Value>, Problem> {
    let key = issuer.badge_key(&name).await?;
    key.map(Json).ok_or_else(|| Problem::not_found(format!("there is no badge key named {name}")))
}

async fn picture(
    State(issuer): State<Issuer>,
    ApiPath(name): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let picture = issuer.picture(name.trim_end_matches(".png")).await?;
    let picture = picture.ok_or_else(|| Problem::not_found(format!("there is no badge picture {name}")))?;
    Ok(Representation::new("image/png", picture).answer(&headers))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Sealing(error) => Problem::from(error),
            Error::CompletionUnreadable { .. } => Problem::bad_request(error),
            Error::CompletionInvalid { .. }
            | Error::MissingGlyph { .. }
            | Error::TextTooLong { .. }
            | Error::PageFull { .. }
            | Error::AddressTooLong { .. }
            | Error::BadgePicture { .. } => Problem::unprocessable(error),
            Error::NumberMalformed { .. } | Error::NumberCheck { .. } | Error::NumberUnknown { .. } => {
                Problem::not_found(error)
            }
            Error::NotWaiting { .. } => Problem::conflict(error),
            error => Problem::failed(&error),
        }
    }
}
