//! Errors as pages. In: the answer of an address that is for people, and what the browser prefers. Out: the same error as a page,
//! with the same status and headers; for programs, and at every address of a service, the JSON error body as it is.
//!
//! A page in Japanese says in Japanese what went wrong: in the words that came with the answer ([`Told`]), else by the kind of
//! the error.

use askama::Template;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use laboratory::worlds::{UnknownWorld, in_a_world};
use serde_json::Value;
use validation::Language;
use world::guard::protect_page;
use world::problem::Problem;

use super::results::{Results, Verdict};
use super::{LARGEST_PDF, Switch, language_of, preference, shown, text};

/// The largest error body that is read; ours are some hundred octets.
const LARGEST_BODY: usize = 64 << 10;

/// A problem with what a page in Japanese says of it.
pub(super) struct Told {
    pub(super) problem: Problem,
    pub(super) japanese: &'static str,
}

/// Goes along with an answer.
#[derive(Clone)]
struct Japanese(&'static str);

impl From<Problem> for Told {
    fn from(problem: Problem) -> Told {
        Told { problem, japanese: "" }
    }
}

impl IntoResponse for Told {
    fn into_response(self) -> Response {
        let mut response = self.problem.into_response();
        if !self.japanese.is_empty() {
            response.extensions_mut().insert(Japanese(self.japanese));
        }
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    language: Language,
    base: &'a str,
    switch: Option<Switch>,
    heading: &'static str,
    /// In the language of the page.
    told: String,
    /// In English, if the page is in another language and says less.
    detail: Option<String>,
    retry_after: Option<String>,
    status: u16,
}

/// Whom an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    /// Programs: a protocol or an API. It never answers with a page, whatever a client says that it likes.
    Programs,
    /// People.
    People,
    /// Nobody: there is nothing.
    Unknown,
}

impl Readers {
    /// By the first segment of the path, whichever world it is in.
    fn of(address: &Uri) -> Readers {
        let inside = in_a_world(address).map(|(_, path)| path);
        let path = inside.as_deref().unwrap_or(address.path()).split('?').next().unwrap_or_default();
        match path.split('/').nth(1) {
            Some("csc" | "tsa" | "ca" | "issuer" | "verifier" | "testbed" | "healthz" | "metrics" | "openapi.json") => {
                Readers::Programs
            }
            Some("c" | "verify") => Readers::People,
            _ if path == "/" => Readers::People,
            _ => Readers::Unknown,
        }
    }
}

/// Puts pages in the place of errors for whoever asks for pages. `is_known`: whether there is a world of that name.
pub fn for_people(services: Router, is_known: impl Fn(&str) -> bool + Clone + Send + Sync + 'static) -> Router {
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
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let failure = Failure {
        status,
        path: address.path(),
        english: body["error_description"].as_str().unwrap_or_default(),
        japanese: match parts.extensions.get::<UnknownWorld>() {
            Some(UnknownWorld) => Some("その名前のワールドはありません。"),
            None => parts.extensions.get::<Japanese>().map(|Japanese(text)| *text),
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
        Ok(page) => shown(page, language),
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
    english: &'a str,
    /// In words of its own.
    japanese: Option<&'static str>,
    retry_after: Option<&'a str>,
}

impl Failure<'_> {
    fn page(&self, language: Language, base: &str, switch: Switch) -> Result<String, Problem> {
        let english = self.english.to_owned();
        let (told, detail) = match (language, self.japanese) {
            (Language::English, _) => (english, None),
            (Language::Japanese, Some(own)) => (own.to_owned(), None),
            (Language::Japanese, None) => {
                (in_japanese(self.status, self.path), Some(english).filter(|_| !says_all(self.status)))
            }
        };
        text(&ProblemPage {
            language,
            base,
            switch: Some(switch),
            heading: heading(self.status, language),
            told,
            detail,
            retry_after: self.retry_after.map(str::to_owned),
            status: self.status.as_u16(),
        })
    }

    /// Keeps it as a verdict is kept: what was sent is gone, and in the other language the same is to be read.
    fn kept(&self, results: &Results, base: &str) -> Result<Switch, Problem> {
        let base = if base == "." { "..".to_owned() } else { format!("../{base}") };
        let page = |language| self.page(language, &base, Switch::here(None));
        let (japanese, english) = (page(Language::Japanese)?, page(Language::English)?);
        Ok(Switch::to_kept(&results.keep(Verdict { status: self.status, japanese, english })))
    }
}

/// Whether the kind of an error is all that there is to say.
fn says_all(status: StatusCode) -> bool {
    let kinds =
        [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::FORBIDDEN];
    kinds.contains(&status)
}

/// What went wrong, by its kind.
fn in_japanese(status: StatusCode, path: &str) -> String {
    match status {
        StatusCode::NOT_FOUND => format!("{path} には何もありません。"),
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} ではこの操作を受け付けません。"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            format!("ファイルが大きすぎます。PDFは {} MiB まで受け付けます。", LARGEST_PDF >> 20)
        }
        StatusCode::UNPROCESSABLE_ENTITY => {
            "PDFとして読み取れない、または検証できる限度を超えています。ファイルが壊れていないか確かめてください。"
                .into()
        }
        StatusCode::FORBIDDEN => {
            "ほかのサイトのページからはこの操作はできません。この試験環境のページから行ってください。".into()
        }
        StatusCode::MISDIRECTED_REQUEST => {
            "この試験環境は、そのホスト名では応答しません。eseal up --allow-host で許可できます。".into()
        }
        StatusCode::CONFLICT => "いまの状態ではこの操作はできません。".into(),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            "いまは処理できません。しばらくしてからもう一度お試しください。".into()
        }
        status if status.is_client_error() => "アドレスまたは送られた内容を読み取れません。".into(),
        _ => "試験環境の内部で障害が起きました。原因は試験環境のログにあります。".into(),
    }
}

fn heading(status: StatusCode, language: Language) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => language.of("見つかりません", "Not found"),
        StatusCode::METHOD_NOT_ALLOWED => language.of("この操作はできません", "This cannot be done here"),
        StatusCode::PAYLOAD_TOO_LARGE => language.of("ファイルが大きすぎます", "The file is too large"),
        StatusCode::UNPROCESSABLE_ENTITY => language.of("このファイルは検証できません", "This file cannot be judged"),
        StatusCode::FORBIDDEN => language.of("許可されていません", "Not permitted"),
        StatusCode::MISDIRECTED_REQUEST => language.of("ホスト名が違います", "Another host was meant"),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => language
            .of("混み合っています。しばらくしてからもう一度お試しください", "Busy: please try again in a moment"),
        status if status.is_client_error() => language.of("要求を読み取れません", "The request cannot be read"),
        _ => language.of("試験環境で障害が起きました", "The testbed failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_for_programs_or_for_people_in_every_world() {
        for (path, readers) in [
            ("/", Readers::People),
            ("/c/TBU-2026-000001-N?lang=ja", Readers::People),
            ("/verify/0123", Readers::People),
            ("/tsa", Readers::Programs),
            ("/csc/v2/info", Readers::Programs),
            ("/issuer/api/certificates/x/pdf", Readers::Programs),
            ("/ca/crl/none.crl?x", Readers::Programs),
            ("/verifier/api/validations", Readers::Programs),
            ("/testbed/api/clock", Readers::Programs),
            ("/healthz", Readers::Programs),
            ("/tsas", Readers::Unknown),
            ("/favicon.ico", Readers::Unknown),
            ("/w", Readers::Unknown),
        ] {
            assert_eq!(Readers::of(&path.parse().unwrap()), readers, "{path}");
            if path != "/w" {
                assert_eq!(Readers::of(&format!("/w/class{path}").parse().unwrap()), readers, "/w/class{path}");
            }
        }
        assert_eq!(Readers::of(&"/w/class?lang=ja".parse().unwrap()), Readers::People);
    }

    #[test]
    fn the_links_of_an_error_lead_to_the_pages_of_its_world_from_wherever_it_is() {
        for (address, wanted) in [
            ("/", "."),
            ("/nothing", "."),
            ("/verify/x", ".."),
            ("/a/b/c", "../.."),
            ("/w/class", "class"),
            ("/w/class/", "."),
            ("/w/class/c/1?lang=ja", ".."),
            ("/w/none/c/1", "../../.."),
        ] {
            assert_eq!(base(&address.parse().unwrap(), |name| name == "class"), wanted, "{address}");
        }
    }
}
