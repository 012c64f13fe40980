//! Plain pages for people, in Japanese or English: what is there (`/`), the public page of a certificate (`/c/NUMBER`), and the
//! verification of a PDF that is chosen or dropped (`/verify`).
//!
//! The language is `?lang=ja` or `?lang=en`, else what the browser prefers; the links that switch it stay on the page, also on a
//! verdict. Errors are pages too, for whoever asks for pages.

mod preference;
mod problem;
mod results;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRef, Multipart, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use issuer::{Gap, GapState, IssuedSummary};
use jiff::Timestamp;
use serde::Deserialize;
use validation::Policy;
use validation::report::{Check, Kind, Outcome, Report, SignatureReport};
use verifier::evidence::Online;
use verifier::explanation::{self, Answer, Explanation, Language, Mark, japan_time};
use world::Problem;
use world::problem::{ApiPath, ApiQuery};
use world::text::{visible, visible_lines};

use scenarios::Laboratory;

use crate::command::{in_order, query_member};
use crate::pages::results::{Results, Verdict};

pub(crate) use problem::{Told, for_people};

/// The largest PDF that is judged.
const LARGEST_PDF: usize = 128 << 20;

/// The pages.
pub(crate) fn router(laboratory: &Laboratory) -> Router {
    let pages = Pages { laboratory: laboratory.clone(), results: Results::default() };
    Router::new()
        .route("/", get(index))
        .route("/c/{number}", get(certificate))
        .route("/verify", get(ask).post(judge).layer(DefaultBodyLimit::max(LARGEST_PDF)))
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

/// The query of pages that others link to. What else stands there, such as the marks that mail programs add, changes nothing.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

/// The query of a verification. Unknown members are refused: one might be meant to change the verdict.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judging {
    lang: Option<String>,
    /// The policy that is asked for by name; else `default`.
    policy: Option<String>,
    /// The validation time: RFC 3339, a date, `+400d`; else the world's now.
    at: Option<String>,
}

/// The query of a verdict, which is what it is: nothing changes it any more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    lang: Option<String>,
}

impl Judging {
    fn policy(&self) -> Result<Arc<Policy>, Told> {
        let Some(name) = &self.policy else { return Ok(Arc::new(Policy::default())) };
        Policy::named(name).map(Arc::new).ok_or_else(|| {
            let names = Policy::NAMES.join(", ");
            let problem = Problem::bad_request(format!("wanted policy one of {names}; found {name}"));
            Told { problem, japanese: "その名前の検証ポリシーはありません。" }
        })
    }

    fn at(&self, now: Timestamp) -> Result<Option<Timestamp>, Told> {
        let at = self.at.as_deref().map(|text| world::time::parse(text, now)).transpose();
        at.map_err(|error| Told {
            problem: Problem::bad_request(error),
            japanese: "検証時刻 (at) を読み取れません。例: 2030-01-01T00:00:00Z",
        })
    }

    /// The same as a query, in that language.
    fn query(&self, language: Language) -> String {
        let member = |name: &str, value: &Option<String>| value.as_ref().map(|value| query_member(name, value));
        let members = [member("policy", &self.policy), member("at", &self.at)];
        let lang = query_member("lang", language.code());
        std::iter::once(lang).chain(members.into_iter().flatten()).collect::<Vec<_>>().join("&")
    }
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
    ApiQuery(asked): ApiQuery<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(&Index {
        language: language(asked.lang.as_deref(), &headers),
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
}

async fn certificate(
    State(laboratory): State<Laboratory>,
    ApiPath(number): ApiPath<String>,
    ApiQuery(asked): ApiQuery<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(asked.lang.as_deref(), &headers);
    let issued = match laboratory.issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => {
            let gap = laboratory.issuer.gap(&number).await.unwrap_or_default(); // a mistyped number is none
            let unknown = UnknownCertificate { language, number, gap, base: laboratory.world.base.clone() };
            return Ok((StatusCode::NOT_FOUND, page(&unknown)?).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let report = laboratory.verifier.judge(issued.pdf.into(), None, Online::Allowed).await?;
    let seal = report.signatures.iter().find(|signature| signature.kind == Kind::Seal);
    let seal = seal.ok_or_else(|| Problem::internal(format!("{number} was issued without a seal")))?;
    page(&Certificate {
        language,
        base: laboratory.world.base.clone(),
        explanation: explanation::explain(seal, language),
        issued_at: japan_time(issued.summary.issued_at),
        summary: issued.summary,
    })
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Ask {
    language: Language,
    base: String,
    /// What the form is sent with.
    query: String,
}

async fn ask(
    State(laboratory): State<Laboratory>,
    ApiQuery(asked): ApiQuery<Judging>,
    headers: HeaderMap,
) -> Result<Response, Told> {
    let language = language(asked.lang.as_deref(), &headers);
    asked.policy()?; // said before a file is chosen
    asked.at(laboratory.world.clock.now())?;
    Ok(page(&Ask { language, base: laboratory.world.base.clone(), query: asked.query(language) })?)
}

async fn judge(
    State(laboratory): State<Laboratory>,
    State(results): State<Results>,
    ApiQuery(asked): ApiQuery<Judging>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Told> {
    let (policy, at) = (asked.policy()?, asked.at(laboratory.world.clock.now())?);
    let form = form.map_err(|rejection| Told {
        problem: Problem::bad_request(rejection.body_text()),
        japanese: "フォームを読み取れません。検証のページからファイルを選んでください。",
    })?;
    let (name, pdf) = one_file(form).await?;
    let judged = laboratory.verifier.judge_by(policy, pdf, at, Online::Allowed).await;
    let report = judged.map_err(Problem::from)?;
    let page = |language| text(&ReportPage::new(&name, &report, language, &laboratory.world.base));
    let verdict = Verdict { japanese: page(Language::Japanese)?, english: page(Language::English)? };
    let language = language(asked.lang.as_deref(), &headers);
    let address = format!("verify/{}?lang={}", results.keep(verdict), language.code());
    // Relative, so that it is right under /w/NAME too: to load the page again asks nothing again.
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

/// The one file of a form: fields that are none, and those in which no file was chosen, are passed over.
async fn one_file(mut form: Multipart) -> Result<(String, Bytes), Told> {
    let mut chosen = None;
    while let Some(field) = form.next_field().await.map_err(unread)? {
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        let pdf = field.bytes().await.map_err(unread)?;
        if !pdf.is_empty() && chosen.replace((name, pdf)).is_some() {
            return Err(Told {
                problem: Problem::bad_request("wanted one file, found several: verify one after the other"),
                japanese: "ファイルは一つずつ検証してください。",
            });
        }
    }
    chosen.ok_or_else(|| Told {
        problem: Problem::bad_request("no file was chosen, or it is empty"),
        japanese: "ファイルが選ばれていないか、空です。",
    })
}

/// A form that could not be read to its end.
fn unread(error: MultipartError) -> Told {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::too_large(format!("the file is larger than {} MiB", LARGEST_PDF >> 20)).into()
        }
        _ => Told {
            problem: Problem::bad_request(error.body_text()),
            japanese: "フォームを最後まで読み取れません。もう一度送ってください。",
        },
    }
}

/// A verdict that is still kept, in the language that is asked for now.
async fn verdict(
    State(results): State<Results>,
    ApiPath(id): ApiPath<String>,
    ApiQuery(asked): ApiQuery<Shown>,
    headers: HeaderMap,
) -> Result<Response, Told> {
    let verdict = results.find(&id).ok_or_else(|| Told {
        problem: Problem::not_found("this verdict is not kept any more, or never was: verify the file again"),
        japanese: "この検証結果はもう残っていないか、存在しません。ファイルをもう一度検証してください。",
    })?;
    Ok(shown(verdict.page(language(asked.lang.as_deref(), &headers)).to_owned()))
}

/// A report as a page.
#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    language: Language,
    base: String,
    name: String,
    mark: Mark,
    headline: String,
    policy: String,
    at: String,
    seals: Vec<SealPart>,
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
            name: visible(name).into_owned(),
            policy: report.policy.clone(),
            mark,
            headline,
            at: japan_time(report.validation_time),
            seals: report.signatures.iter().map(|seal| SealPart::new(seal, several, language)).collect(),
        }
    }
}

impl SealPart {
    fn new(seal: &SignatureReport, several: bool, language: Language) -> SealPart {
        let kind = match seal.kind {
            Kind::Seal => language.of("eシール", "Seal"),
            Kind::DocumentTimestamp => language.of("文書タイムスタンプ", "Document time-stamp"),
        };
        let explained = (seal.kind == Kind::Seal).then(|| explanation::explain(seal, language));
        let told = |check: &&Check| {
            let settled = check.outcome == Outcome::Failed && seal.conclusion.is_passed();
            !settled && matches!(check.outcome, Outcome::Failed | Outcome::Warning)
        };
        let (told, rest): (Vec<&Check>, Vec<&Check>) = in_order(&seal.checks).partition(told);
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

/// A report as a page of its own, for a file.
pub(crate) fn report(name: &str, report: &Report, language: Language) -> anyhow::Result<String> {
    Ok(visible_lines(&ReportPage::new(name, report, language, "").render()?).into_owned())
}

fn page(template: &impl Template) -> Result<Response, Problem> {
    text(template).map(shown)
}

fn text(template: &impl Template) -> Result<String, Problem> {
    let text = template.render().map_err(Problem::internal)?;
    Ok(visible_lines(&text).into_owned()) // names of strangers among it
}

fn shown(text: String) -> Response {
    // Nothing from elsewhere: no script, no font, no picture but our own.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(text)).into_response()
}
