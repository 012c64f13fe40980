//! Plain pages for people, in Japanese or English: what is there (`/`), the public page of a certificate (`/c/NUMBER`), and the
//! verification of a PDF that is chosen or dropped (`/verify`).
//!
//! The language is `?lang=ja` or `?lang=en`, else what the browser prefers; the links that switch it stay on the page, also on a
//! verdict. Errors are pages too, for whoever asks for pages.

mod form;
mod preference;
mod problem;
mod query;
mod results;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::Router;
use axum::extract::{FromRef, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use issuer::api::{Gap, GapState, IssuedSummary};
use validation::Language;
use validation::report::{Check, Kind, Outcome, Report, SignatureReport};
use verifier::evidence::Online;
use verifier::explanation::{self, Answer, Explanation, Mark, japan_time};
use world::problem::ApiBytes;
use world::problem::Problem;
use world::text::{visible, visible_lines};

use laboratory::Laboratory;
use laboratory::worlds::Worlds;

use crate::form::{File, Unread};
use crate::query::{Asked, Judging, PagePath, PageQuery, Shown, Switch};
use crate::results::{Results, Verdict};

use problem::Told;
pub use problem::for_people;

/// The largest PDF that is judged.
const LARGEST_PDF: usize = 128 << 20;

/// The largest form with such a file.
const LARGEST_FORM: u64 = (128 << 20) + (64 << 10);

/// Everything that the worlds serve, with pages in the place of errors for whoever asks for pages.
pub fn front(worlds: &Worlds) -> Router {
    let known = worlds.clone();
    for_people(worlds.router(), move |name| known.is_known(name))
}

/// The pages of one world.
pub fn router(laboratory: &Laboratory) -> Router {
    let pages = Pages { laboratory: laboratory.clone(), results: Results::default() };
    Router::new()
        .route("/", get(index))
        .route("/c/{number}", get(certificate))
        .route("/verify", get(ask).post(judge))
        .route("/verify/", get(to_verify))
        .route("/verify/{id}", get(verdict))
        .with_state(pages)
}

/// What links begin with: the path of a world's address, whatever name the browser knows the server by. A link to the name in
/// the certificates would be one to another site for it. A base that is relative is taken as it is.
fn root(base: &str) -> &str {
    let Some((_, address)) = base.split_once("://") else { return base };
    address.find('/').map_or("", |path| &address[path..])
}

/// `/verify/` is `/verify`. Relative, so that it is right under /w/NAME too.
async fn to_verify(RawQuery(query): RawQuery) -> Redirect {
    Redirect::permanent(&query.map_or("../verify".into(), |query| format!("../verify?{query}")))
}

/// What the pages of one world are made of.
#[derive(Clone)]
struct Pages {
    laboratory: Laboratory,
    results: Results,
}

impl FromRef<Pages> for Laboratory {
    fn from_ref(pages: &Pages) -> Laboratory {
        pages.laboratory.clone()
    }
}

impl FromRef<Pages> for Results {
    fn from_ref(pages: &Pages) -> Results {
        pages.results.clone()
    }
}

/// The language that was asked for, else the one that the browser prefers.
fn language(asked: Option<&str>, headers: &HeaderMap) -> Language {
    match asked.map(str::to_ascii_lowercase).as_deref().and_then(|asked| asked.split('-').next()) {
        Some("ja") => Language::Japanese,
        Some("en") => Language::English,
        _ => preference::language(headers),
    }
}

/// The same of a request whose query may be unreadable.
fn language_of(query: Option<&str>, headers: &HeaderMap) -> Language {
    language(query.unwrap_or_default().split('&').find_map(|member| member.strip_prefix("lang=")), headers)
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    language: Language,
    base: String,
    switch: Option<Switch>,
    time: String,
    certificates: Vec<IssuedSummary>,
}

async fn index(
    State(laboratory): State<Laboratory>,
    PageQuery(asked): PageQuery<Asked>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(asked.lang.as_deref(), &headers);
    let index = Index {
        language,
        base: laboratory.world.base.clone(),
        switch: Some(Switch::here(query.as_deref())),
        time: japan_time(laboratory.world.clock.now()),
        certificates: laboratory.issuer.newest(50).await?,
    };
    Ok(shown(text(&index)?, language))
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Certificate {
    language: Language,
    base: String,
    switch: Option<Switch>,
    summary: IssuedSummary,
    explanation: Explanation,
    issued_at: String,
}

#[derive(Template)]
#[template(path = "unknown.html")]
struct UnknownCertificate {
    language: Language,
    number: String,
    /// A number of this issuer without a certificate.
    gap: Option<Gap>,
    base: String,
    switch: Option<Switch>,
}

async fn certificate(
    State(laboratory): State<Laboratory>,
    PagePath(number): PagePath<String>,
    PageQuery(asked): PageQuery<Asked>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(asked.lang.as_deref(), &headers);
    let (base, switch) = (laboratory.world.base.clone(), Some(Switch::here(query.as_deref())));
    let issued = match laboratory.issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => {
            let gap = laboratory.issuer.gap(&number).await.unwrap_or_default(); // a mistyped number is none
            let unknown = UnknownCertificate { language, number, gap, base, switch };
            return Ok((StatusCode::NOT_FOUND, shown(text(&unknown)?, language)).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let report = laboratory.verifier.judge(issued.pdf.into(), None, Online::Allowed).await?;
    let seal = report.signatures.iter().find(|signature| signature.kind == Kind::Seal);
    let seal = seal.ok_or_else(|| Problem::internal(format!("{number} was issued without a seal")))?;
    let certificate = Certificate {
        language,
        base,
        switch,
        explanation: explanation::explain(seal, &report.lookups, language),
        issued_at: japan_time(issued.summary.issued_at),
        summary: issued.summary,
    };
    Ok(shown(text(&certificate)?, language))
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Ask {
    language: Language,
    base: String,
    switch: Option<Switch>,
    /// What the form is sent with.
    query: String,
}

async fn ask(
    State(laboratory): State<Laboratory>,
    PageQuery(asked): PageQuery<Judging>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Told> {
    let language = language(asked.lang.as_deref(), &headers);
    asked.policy()?; // said before a file is chosen
    asked.at(laboratory.world.clock.now())?;
    let base = laboratory.world.base.clone();
    let switch = Some(Switch::here(query.as_deref()));
    Ok(shown(text(&Ask { language, base, switch, query: asked.query(language) })?, language))
}

async fn judge(
    State(laboratory): State<Laboratory>,
    State(results): State<Results>,
    PageQuery(asked): PageQuery<Judging>,
    headers: HeaderMap,
    form: Result<ApiBytes<LARGEST_FORM>, Problem>,
) -> Response {
    match verdict_of(&laboratory, &asked, &headers, form).await {
        Ok(verdict) => {
            let language = language(asked.lang.as_deref(), &headers);
            let address = format!("verify/{}?lang={}", results.keep(verdict), language.code());
            // Relative, so that it is right under /w/NAME too: to load the page again asks nothing again.
            (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
        }
        Err(told) => {
            let mut response = told.into_response();
            response.extensions_mut().insert(results); // where it is kept, if it is for people
            response
        }
    }
}

async fn verdict_of(
    laboratory: &Laboratory,
    asked: &Judging,
    headers: &HeaderMap,
    form: Result<ApiBytes<LARGEST_FORM>, Problem>,
) -> Result<Verdict, Told> {
    let (policy, at) = (asked.policy()?, asked.at(laboratory.world.clock.now())?);
    let ApiBytes(form) = form.map_err(|problem| match problem.status {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => problem.into(),
    })?;
    let File { name, content } = one_file(headers, form).await?;
    let judged = laboratory.verifier.judge_by(policy, content, at, Online::Allowed).await;
    let report = judged.map_err(Problem::from)?;
    let page = |language| {
        let switch = Some(Switch::here(None));
        text(&ReportPage { switch, ..ReportPage::new(&name, &report, language, &laboratory.world.base) })
    };
    Ok(Verdict { status: StatusCode::OK, japanese: page(Language::Japanese)?, english: page(Language::English)? })
}

/// The one file of a form: fields that are none, and those in which no file was chosen, are passed over.
async fn one_file(headers: &HeaderMap, form: Bytes) -> Result<File, Told> {
    let media_type = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let files = form::files(media_type.as_deref().unwrap_or_default(), form).await.map_err(|unread| Told {
        problem: Problem::bad_request(unread),
        japanese: match unread {
            Unread::NoForm => "フォームを読み取れません。検証のページからファイルを選んでください。",
            Unread::Head => "ファイル名に使えない文字（制御文字など）があります。名前を変えてもう一度送ってください。",
            Unread::CutOff => "フォームを最後まで読み取れません。もう一度送ってください。",
        },
    })?;
    let mut chosen = files.into_iter().filter(|file| !file.content.is_empty());
    let file = chosen.next().ok_or_else(|| Told {
        problem: Problem::bad_request("no file was chosen, or it is empty"),
        japanese: "ファイルが選ばれていないか、空です。",
    })?;
    if chosen.next().is_some() {
        return Err(Told {
            problem: Problem::bad_request("wanted one file, found several: verify one after the other"),
            japanese: "ファイルは一つずつ検証してください。",
        });
    }
    if file.content.len() > LARGEST_PDF { Err(too_large()) } else { Ok(file) }
}

fn too_large() -> Told {
    Problem::too_large(format!("the file is larger than {} MiB", LARGEST_PDF >> 20)).into()
}

/// A verdict that is still kept, in the language that is asked for now.
async fn verdict(
    State(results): State<Results>,
    PagePath(id): PagePath<String>,
    PageQuery(asked): PageQuery<Shown>,
    headers: HeaderMap,
) -> Result<Response, Told> {
    let verdict = results.find(&id).ok_or_else(|| Told {
        problem: Problem::not_found("this verdict is not kept any more, or never was: verify the file again"),
        japanese: "この検証結果はもう残っていないか、存在しません。ファイルをもう一度検証してください。",
    })?;
    let language = language(asked.lang.as_deref(), &headers);
    Ok((verdict.status, shown(verdict.page(language).to_owned(), language)).into_response())
}

/// A report as a page.
#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    language: Language,
    base: String,
    switch: Option<Switch>,
    name: String,
    mark: Mark,
    headline: String,
    policy: String,
    at: String,
    seals: Vec<SealPart>,
    /// Addresses that were not called, or gave nothing.
    unanswered: Vec<String>,
}

/// One seal or document time-stamp of a report.
struct SealPart {
    title: String,
    conclusion: String,
    level: String,
    /// What a seal comes to, if there are several.
    own: Option<(Mark, String)>,
    answers: Vec<Answer>,
    /// Checks that failed, and warnings.
    told: Vec<CheckRow>,
    /// All others.
    rest: Vec<CheckRow>,
}

struct CheckRow {
    place: String,
    check: &'static str,
    outcome: &'static str,
    detail: String,
}

impl ReportPage {
    fn new(name: &str, report: &Report, language: Language, base: &str) -> ReportPage {
        let (mark, headline) = explanation::headline(report, language);
        let several = report.signatures.iter().filter(|one| one.kind == Kind::Seal).count() > 1;
        ReportPage {
            language,
            base: base.into(),
            switch: None,
            name: visible(name).into_owned(),
            policy: report.policy.clone(),
            mark,
            headline,
            at: japan_time(report.validation_time),
            seals: report.signatures.iter().map(|seal| SealPart::new(seal, report, several, language)).collect(),
            unanswered: explanation::unanswered(&report.lookups, language),
        }
    }
}

impl SealPart {
    fn new(seal: &SignatureReport, report: &Report, several: bool, language: Language) -> SealPart {
        let kind = match seal.kind {
            Kind::Seal => language.of("eシール", "Seal"),
            Kind::DocumentTimestamp => language.of("文書タイムスタンプ", "Document time-stamp"),
        };
        let explained = (seal.kind == Kind::Seal).then(|| explanation::explain(seal, &report.lookups, language));
        let told = |check: &&Check| {
            let settled = check.outcome == Outcome::Failed && seal.conclusion.is_passed();
            !settled && matches!(check.outcome, Outcome::Failed | Outcome::Warning)
        };
        let (told, rest): (Vec<&Check>, Vec<&Check>) = explanation::in_order(&seal.checks).partition(told);
        let rows = |checks: Vec<&Check>| checks.into_iter().map(|check| CheckRow::new(check, language)).collect();
        SealPart {
            title: format!("{kind} {}", visible(&seal.field)),
            conclusion: seal.verdict(),
            level: if seal.kind == Kind::Seal { seal.level.name().into() } else { String::new() },
            own: explained.as_ref().filter(|_| several).map(|one| (one.mark, one.headline.clone())),
            answers: explained.map(|one| one.answers).unwrap_or_default(),
            told: rows(told),
            rest: rows(rest),
        }
    }
}

impl CheckRow {
    fn new(check: &Check, language: Language) -> CheckRow {
        let offset = check.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
        CheckRow {
            place: format!("{} {}", check.id.clause(), check.rule().unwrap_or_default()),
            check: check.sentence(language),
            outcome: check.outcome.name(),
            detail: format!("{}{offset}", visible(&check.detail)),
        }
    }
}

/// A report as a page of its own, for a file: from there no link leads to a testbed.
pub fn report(name: &str, report: &Report, language: Language) -> Result<String, askama::Error> {
    Ok(visible_lines(&ReportPage::new(name, report, language, "").render()?).into_owned())
}

fn text(template: &impl Template) -> Result<String, Problem> {
    let text = template.render().map_err(Problem::internal)?;
    Ok(visible_lines(&text).into_owned()) // names of strangers among it
}

fn shown(text: String, language: Language) -> Response {
    // Nothing from elsewhere: no script, no font, no picture but our own.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CONTENT_LANGUAGE, language.code())];
    (headers, Html(text)).into_response()
}
