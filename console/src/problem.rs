//! Errors as pages. In: the answer of an address that is for people, and what the browser prefers. Out: the same error as a page,
//! with the same status and headers; for programs, and at every address of a service, the JSON error body as it is.
//!
//! A page in Japanese says in Japanese what went wrong: in the words that came with the answer ([`PageProblem`]), else by the kind of
//! the error.

mod japanese;
mod readers;
mod texts;

use askama::Template;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use laboratory::worlds::{UnknownWorld, in_a_world};
use serde::Deserialize;
use validation::Language;
use world::guard::protect_page;
use world::problem::Problem;

use crate::frame::{Frame, answer_of, render};
use crate::preference::{self, language_of};
use crate::results::{Results, Verdict};
use crate::switch::Switch;
pub(crate) use japanese::UNREADABLE_QUERY;
use readers::Readers;
pub(crate) use texts::Texts;

/// The largest error body that is read; ours are some hundred octets.
const LARGEST_BODY: usize = 64 << 10;

/// A problem with what a page in Japanese says of it.
pub(crate) struct PageProblem {
    pub(crate) problem: Problem,
    /// None if the kind of the error says all.
    pub(crate) japanese: Option<&'static str>,
}

/// Goes along with an answer.
#[derive(Clone)]
struct Japanese(&'static str);

impl From<Problem> for PageProblem {
    fn from(problem: Problem) -> PageProblem {
        PageProblem { problem, japanese: None }
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let mut response = self.problem.into_response();
        if let Some(japanese) = self.japanese {
            response.extensions_mut().insert(Japanese(japanese));
        }
        response
    }
}

/// What is read of an error body.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    error: String,
    error_description: String,
    error_description_ja: Option<String>,
}

#[derive(Template)]
#[template(path = "problem/problem.html")]
struct ProblemPage {
    frame: Frame,
    text: &'static Texts,
    heading: &'static str,
    /// In the language of the page.
    message: String,
    /// In English, if the page is in another language and says less.
    detail: Option<String>,
    retry_after: Option<String>,
    status: u16,
    /// Whether another code would help.
    leads_to_join: bool,
}

/// Puts pages in the place of errors for whoever asks for pages. `is_known`: whether there is a world of that name.
pub(crate) fn for_people(services: Router, is_known: impl Fn(&str) -> bool + Clone + Send + Sync + 'static) -> Router {
    services.layer(from_fn(move |request: Request, next: Next| {
        let is_known = is_known.clone();
        async move {
            let wants_page = match Readers::of(request.uri()) {
                Readers::Programs => return next.run(request).await,
                Readers::People => preference::prefers_page(request.headers()),
                Readers::Unknown => preference::is_browser(request.headers()),
            };
            let mut answer = if wants_page {
                let base = base(request.uri(), is_known);
                let (address, headers) = (request.uri().clone(), request.headers().clone());
                as_page(next.run(request).await, &address, &headers, base).await
            } else {
                next.run(request).await
            };
            answer.headers_mut().append(header::VARY, HeaderValue::from_static("accept, accept-language"));
            answer
        }
    }))
}

/// Where the pages of the world are that an address is in, as seen from there: right behind any other server.
fn base(address: &Uri, is_known: impl Fn(&str) -> bool) -> String {
    let path = address.path();
    let folders = path.matches('/').count().saturating_sub(1);
    let up = match in_a_world(address) {
        Some((name, _)) if is_known(&name) => match folders.checked_sub(2) {
            Some(up) => up,
            None => return name, // the address of the world without a slash
        },
        _ => folders,
    };
    if up == 0 { ".".into() } else { vec![".."; up].join("/") }
}

async fn as_page(response: Response, address: &Uri, headers: &HeaderMap, base: String) -> Response {
    let status = response.status();
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let body: ErrorBody = serde_json::from_slice(&body).unwrap_or_default();
    let failure = Failure {
        status,
        path: address.path(),
        lacks_code: status == StatusCode::UNAUTHORIZED || body.error == "insufficient_scope",
        english: &body.error_description,
        japanese: match parts.extensions.get::<UnknownWorld>() {
            Some(UnknownWorld) => Some(japanese::UNKNOWN_WORLD),
            None if body.error == "insufficient_scope" => Some(japanese::ANOTHER_WORLD_S_CODE),
            None => {
                let of_page = parts.extensions.get::<Japanese>().map(|Japanese(text)| *text);
                of_page.or(body.error_description_ja.as_deref())
            }
        },
        retry_after: parts.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()),
    };
    let language = language_of(address.query(), headers);
    let page = match parts.extensions.get::<Results>() {
        Some(results) if status.is_client_error() => failure.kept(results, &base),
        _ => Ok(Switch::here(address.query())),
    }
    .and_then(|switch| failure.page(language, &base, switch));
    let page = match page {
        Ok(page) => answer_of(page, language),
        Err(problem) => return problem.into_response(),
    };
    let (of_page, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in of_page.headers.iter() {
        parts.headers.insert(name, value.clone());
    }
    protect_page(&mut parts.headers); // the guard saw the object
    Response::from_parts(parts, body)
}

/// What went wrong.
struct Failure<'a> {
    status: StatusCode,
    path: &'a str,
    lacks_code: bool,
    english: &'a str,
    /// In words of its own.
    japanese: Option<&'a str>,
    retry_after: Option<&'a str>,
}

impl Failure<'_> {
    fn page(&self, language: Language, base: &str, switch: Switch) -> Result<String, Problem> {
        let english = self.english.to_owned();
        let (message, detail) = match (language, self.japanese) {
            (Language::English, _) => (english, None),
            (Language::Japanese, Some(own)) => (own.to_owned(), None),
            (Language::Japanese, None) => {
                let detail = Some(english).filter(|_| !japanese::says_all(self.status));
                (japanese::by_kind(self.status, self.path), detail)
            }
        };
        let text = Texts::of(language);
        let page = ProblemPage {
            frame: Frame::new(language, base, switch),
            text,
            heading: text.heading(self.status),
            message,
            detail,
            retry_after: self.retry_after.map(str::to_owned),
            status: self.status.as_u16(),
            leads_to_join: self.lacks_code,
        };
        render(&page).map_err(Problem::internal)
    }

    /// Keeps it as a verdict is kept: what was sent is gone, and in the other language the same is to be read.
    fn kept(&self, results: &Results, base: &str) -> Result<Switch, Problem> {
        let base = if base == "." { "..".to_owned() } else { format!("../{base}") };
        let page = |language| self.page(language, &base, Switch::here(None));
        let (japanese, english) = (page(Language::Japanese)?, page(Language::English)?);
        Ok(Switch::to_kept(&results.keep(Verdict { status: self.status, japanese, english })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_links_of_an_error_lead_to_the_pages_of_its_world_from_wherever_it_is() {
        for (address, expected) in [
            ("/", "."),
            ("/nothing", "."),
            ("/verify/x", ".."),
            ("/a/b/c", "../.."),
            ("/w/class", "class"),
            ("/w/class/", "."),
            ("/w/class/c/1?lang=ja", ".."),
            ("/w/none/c/1", "../../.."),
        ] {
            assert_eq!(base(&address.parse().unwrap(), |name| name == "class"), expected, "{address}");
        }
    }
}
