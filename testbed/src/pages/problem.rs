//! Errors as pages. In: the answer of a page's address, and what the browser prefers. Out: the same error as a page for people,
//! with the same status; for programs, which do not ask for HTML, the JSON error body as it is.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use scenarios::Laboratory;
use serde_json::Value;
use verifier::explanation::Language;

use super::{language_of, page};

/// The largest error body that is read; ours are some hundred octets.
const LARGEST_BODY: usize = 64 << 10;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    language: Language,
    base: String,
    heading: &'static str,
    description: String,
    retry_after: Option<String>,
    status: u16,
}

/// Turns errors of the addresses of pages into pages.
pub(super) async fn as_page(State(laboratory): State<Laboratory>, request: Request, next: Next) -> Response {
    let wants_page = request.headers().get_all(header::ACCEPT).iter().any(is_html);
    let language = language_of(request.uri().query(), request.headers());
    let response = next.run(request).await;
    let status = response.status();
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !wants_page || !is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let template = ProblemPage {
        language,
        base: laboratory.world.base.clone(),
        heading: heading(status, language),
        description: body["error_description"].as_str().unwrap_or_default().to_owned(),
        retry_after: text(&parts.headers, &header::RETRY_AFTER),
        status: status.as_u16(),
    };
    let mut told = match page(&template) {
        Ok(page) => page,
        Err(problem) => return axum::response::IntoResponse::into_response(problem),
    };
    *told.status_mut() = status;
    for name in [header::RETRY_AFTER, header::ALLOW] {
        told.headers_mut().extend(parts.headers.get(&name).cloned().map(|value| (name, value)));
    }
    told
}

fn is_html(accept: &HeaderValue) -> bool {
    accept.to_str().is_ok_and(|accept| accept.contains("text/html") || accept.contains("application/xhtml"))
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(Into::into)
}

fn heading(status: StatusCode, language: Language) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => language.of("見つかりません", "Not found"),
        StatusCode::METHOD_NOT_ALLOWED => language.of("この操作はできません", "This cannot be done here"),
        StatusCode::PAYLOAD_TOO_LARGE => language.of("ファイルが大きすぎます", "The file is too large"),
        StatusCode::UNPROCESSABLE_ENTITY => language.of("このファイルは検証できません", "This file cannot be judged"),
        StatusCode::FORBIDDEN => language.of("許可されていません", "Not permitted"),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => language
            .of("混み合っています。しばらくしてからもう一度お試しください", "Busy: please try again in a moment"),
        status if status.is_client_error() => language.of("要求を読み取れません", "The request cannot be read"),
        _ => language.of("試験環境で障害が起きました", "The testbed failed"),
    }
}
