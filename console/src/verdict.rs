//! `/verify/ID`: a verdict as a page, kept for a while; and the same page as a file.

mod texts;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuer::api::Standing;
use validation::Language;
use validation::report::{Check, Kind, Outcome, Report, SignatureReport};
use verifier::explanation::{self, Answer, Mark, japan_time};
use world::problem::Problem;
use world::text::visible;

use crate::certificate::standing::{Noun, StandingPart};
use crate::frame::{Frame, Visitor, answer_of, render};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{PagePath, PageQuery, VerdictQuery};
use crate::refusal::Refusal;
use crate::results::{Results, Verdict};
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// A verdict that is still kept, in the language that is asked for now.
pub(crate) async fn verdict(
    State(results): State<Results>,
    PagePath(id): PagePath<String>,
    PageQuery(query): PageQuery<VerdictQuery>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let verdict = results.find(&id).ok_or(Refusal::NotKept)?;
    let language = language(query.lang.as_deref(), &headers);
    Ok((verdict.status, answer_of(verdict.page(language).to_owned(), language)).into_response())
}

/// A verdict on that file in each language, as pages of the world at that address; beside it how the certificates in the file stand, each with the noun for it.
pub(crate) fn pages(
    name: &str,
    report: &Report,
    standings: &[(Standing, Noun)],
    base: &str,
    visitor: Visitor,
) -> Result<Verdict, Problem> {
    let page = |language| {
        let frame = Frame::new(language, base, Switch::here(None)).seen_by(visitor);
        let standings = standings
            .iter()
            .map(|(standing, (ja, en))| StandingPart::new(standing, language).called((ja, en)))
            .collect();
        render(&ReportPage { standings, ..ReportPage::new(frame, name, report) }).map_err(Problem::internal)
    };
    Ok(Verdict { status: StatusCode::OK, japanese: page(Language::Japanese)?, english: page(Language::English)? })
}

/// A report as a page of its own, for a file: from there no link leads to a testbed.
///
/// # Errors
/// Only if the page cannot be written into memory.
pub fn report(name: &str, report: &Report, language: Language) -> Result<String, askama::Error> {
    render(&ReportPage::new(Frame::of_file(language), name, report))
}

/// A report as a page.
#[derive(Template)]
#[template(path = "verdict/verdict.html")]
struct ReportPage {
    frame: Frame,
    text: &'static Texts,
    name: String,
    mark: Mark,
    headline: String,
    policy: String,
    at: String,
    /// What the issuer of this world says of the certificates in the file.
    standings: Vec<StandingPart>,
    seals: Vec<SealPart>,
    /// What stands over `unanswered`.
    unanswered_title: &'static str,
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
    notable: Vec<CheckRow>,
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
    fn new(frame: Frame, name: &str, report: &Report) -> ReportPage {
        let language = frame.language;
        let (mark, headline) = explanation::headline(report, language);
        let several = report.signatures.iter().filter(|one| one.kind == Kind::Seal).count() > 1;
        ReportPage {
            frame,
            text: Texts::of(language),
            name: visible(name).into_owned(),
            policy: report.policy.clone(),
            mark,
            headline,
            at: japan_time(report.validation_time),
            standings: Vec::new(),
            seals: report.signatures.iter().map(|seal| SealPart::new(seal, report, several, language)).collect(),
            unanswered_title: explanation::unanswered_title(language),
            unanswered: explanation::unanswered(&report.lookups, language),
        }
    }
}

impl SealPart {
    fn new(seal: &SignatureReport, report: &Report, several: bool, language: Language) -> SealPart {
        let text = Texts::of(language);
        let kind = match seal.kind {
            Kind::Seal => text.seal,
            Kind::DocumentTimestamp => text.document_timestamp,
        };
        let explained = (seal.kind == Kind::Seal).then(|| explanation::explain(seal, &report.lookups, language));
        let notable = |check: &&Check| {
            let settled = check.outcome == Outcome::Failed && seal.conclusion.is_passed();
            !settled && matches!(check.outcome, Outcome::Failed | Outcome::Warning)
        };
        let (notable, rest): (Vec<&Check>, Vec<&Check>) = explanation::in_order(&seal.checks).partition(notable);
        let rows = |checks: Vec<&Check>| checks.into_iter().map(|check| CheckRow::new(check, language)).collect();
        SealPart {
            title: format!("{kind} {}", visible(&seal.field)),
            conclusion: seal.verdict(),
            level: if seal.kind == Kind::Seal { seal.level.name().into() } else { String::new() },
            own: explained.as_ref().filter(|_| several).map(|one| (one.mark, one.headline.clone())),
            answers: explained.map(|one| one.answers).unwrap_or_default(),
            notable: rows(notable),
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
