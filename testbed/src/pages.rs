//! Plain pages for people, in Japanese or English: what is there (`/`), and the public page of a certificate (`/c/NUMBER`).
//!
//! The language is `?lang=ja` or `?lang=en`, else what the browser prefers.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use issuer::IssuedSummary;
use serde::Deserialize;
use verifier::explanation::{Language, japan_time};
use verifier::integrity;
use world::Problem;

use scenarios::Laboratory;

/// The pages.
pub(crate) fn router(laboratory: &Laboratory) -> Router {
    Router::new().route("/", get(index)).route("/c/{number}", get(certificate)).with_state(laboratory.clone())
}

/// The language that was asked for, else the one that the browser prefers.
fn language(query: &Asked, headers: &HeaderMap) -> Language {
    let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("en");
    match query.lang.as_deref().unwrap_or(preferred) {
        text if text.to_ascii_lowercase().starts_with("ja") => Language::Japanese,
        _ => Language::English,
    }
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    language: Language,
    base: String,
    time: String,
    certificates: Vec<IssuedSummary>,
}

async fn index(
    State(laboratory): State<Laboratory>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(&Index {
        language: language(&asked, &headers),
        base: laboratory.world.base.clone(),
        time: japan_time(laboratory.world.clock.now()),
        certificates: laboratory.issuer.newest(50).await?,
    })
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Certificate {
    language: Language,
    base: String,
    summary: IssuedSummary,
    organization: String,
    intact: bool,
    status: SealStatus,
    issued_at: String,
    stamped_at: Option<String>,
}

/// What the certification authority says of the seal certificate at the world's time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SealStatus {
    Good,
    OnHold { since: String },
    Revoked { since: String },
    Unknown,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownCertificate {
    language: Language,
    number: String,
    base: String,
}

async fn certificate(
    State(laboratory): State<Laboratory>,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(&asked, &headers);
    let issued = match laboratory.issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => {
            let unknown = UnknownCertificate { language, number, base: laboratory.world.base.clone() };
            return Ok((StatusCode::NOT_FOUND, page(&unknown)?).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let seals = integrity::check(&issued.pdf).map_err(Problem::internal)?;
    page(&Certificate {
        language,
        base: laboratory.world.base.clone(),
        organization: organization(&seals),
        intact: !seals.is_empty() && seals.iter().all(|seal| seal.is_intact()),
        status: seal_status(&laboratory, &issued.summary).await?,
        issued_at: japan_time(issued.summary.issued_at),
        stamped_at: issued.summary.time_stamp.map(japan_time),
        summary: issued.summary,
    })
}

/// The organization in the seal's certificate, never a text printed in the PDF.
fn organization(seals: &[integrity::SealIntegrity]) -> String {
    let certificate = seals.first().and_then(|seal| seal.signer_certificate.as_ref());
    let subject = certificate.map(|certificate| certificate.subject());
    let name = subject.and_then(|subject| subject.organization()).unwrap_or_default();
    match subject.and_then(|subject| subject.organization_identifier()) {
        Some(identifier) => format!("{name} ({identifier})"),
        None => name,
    }
}

async fn seal_status(laboratory: &Laboratory, summary: &IssuedSummary) -> Result<SealStatus, Problem> {
    let serial = summary.seal_serial.parse().map_err(Problem::internal)?;
    let status = laboratory.ca.status_at(&serial, laboratory.world.clock.now()).await.map_err(Problem::internal)?;
    Ok(match status {
        ca::Status::Good => SealStatus::Good,
        ca::Status::OnHold { since } => SealStatus::OnHold { since: japan_time(since) },
        ca::Status::Revoked { since, .. } => SealStatus::Revoked { since: japan_time(since) },
        ca::Status::Unknown => SealStatus::Unknown,
    })
}

fn page(template: &impl Template) -> Result<Response, Problem> {
    let text = template.render().map_err(Problem::internal)?;
    // Nothing from elsewhere: no script, no font, no picture but our own.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'";
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(text)).into_response())
}
