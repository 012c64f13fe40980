//! `/certificates/NUMBER`: what the issuer has on record of a certificate, what became of it and who recorded that, where its files and
//! pages are; and the forms by which it is revoked, suspended, released and issued again. In: a number, or a form. Out: the page, or the
//! way to it after the act.
//!
//! It is for whoever may enter the testbed; the page for everybody is `/c/NUMBER`.

mod act;
#[cfg(test)]
mod tests;
mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use issuer::api::IssuedSummary;
use issuer::{Completion, Issued};
use laboratory::Laboratory;
use validation::Language;
use verifier::explanation::japan_time;
use world::problem::{ApiBytes, Problem};

use crate::certificate::standing::StandingPart;
use crate::certificate::unknown;
use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{OpenQuery, PagePath, PageQuery};
use crate::switch::Switch;
use act::{Act, Sent, in_japan};
pub(crate) use texts::Texts;

/// The largest form with an act.
const LARGEST_FORM: u64 = 16 << 10;

#[derive(Template)]
#[template(path = "record/record.html")]
struct RecordPage {
    frame: Frame,
    text: &'static Texts,
    summary: IssuedSummary,
    /// What its template makes.
    made: String,
    organization: String,
    identifier: String,
    achievement: Option<String>,
    issued: String,
    standing: StandingPart,
    has_badge: bool,
    acts: Vec<Act>,
    /// Why what was sent was not done.
    wrong: Option<String>,
}

/// What was sent, and why it was not done.
struct Refused {
    sent: Sent,
    why: String,
}

pub(crate) async fn record(
    State(laboratory): State<Laboratory>,
    PagePath(number): PagePath<String>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let frame = Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref()));
    page(&laboratory, number, frame, None).await
}

/// A form is sent. What is refused is told on the page, where what was typed is still to be seen.
pub(crate) async fn act(
    State(laboratory): State<Laboratory>,
    PagePath(number): PagePath<String>,
    PageQuery(query): PageQuery<OpenQuery>,
    headers: HeaderMap,
    ApiBytes(form): ApiBytes<LARGEST_FORM>,
) -> Result<Response, PageProblem> {
    let language = language(query.lang.as_deref(), &headers);
    let sent = Sent::read(&form);
    let PageProblem { problem, japanese } = match sent.act(&laboratory, &number).await {
        // Relative, so that it is right under /w/NAME too.
        Ok(number) => {
            let address = format!("{number}?lang={}", language.code());
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response());
        }
        Err(refused) => refused,
    };
    let is_told_there = problem.status.is_client_error() || problem.status == StatusCode::SERVICE_UNAVAILABLE;
    if !is_told_there || problem.status == StatusCode::NOT_FOUND || sent.is_of_no_act() {
        return Err(PageProblem { problem, japanese });
    }
    let of_page = japanese.map(str::to_owned).or(problem.description_ja).filter(|_| language == Language::Japanese);
    let refused = Refused { sent, why: in_japan(&of_page.unwrap_or(problem.description)) };
    let frame = Frame::new(language, &laboratory.world.base, Switch::here(None));
    let page = page(&laboratory, number, frame, Some(refused)).await?;
    Ok((problem.status, page).into_response())
}

/// The page, with what was refused, if anything was.
async fn page(
    laboratory: &Laboratory,
    number: String,
    frame: Frame,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let (issuer, language) = (&laboratory.issuer, frame.language);
    let Issued { summary, completion, badge, .. } = match issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => return unknown(laboratory, number, frame).await,
        Err(error) => return Err(error.into()),
    };
    let completion = Completion::from_json(completion.as_bytes())?;
    let standing = issuer.standing(&number).await?;
    let template = issuer.template(Some(&summary.template)).await.ok();
    let noun = template.as_ref().map_or(("証明書", "certificate"), |template| template.noun());
    let made = template.as_ref().map(|template| template.name()).map(|(ja, en)| language.of(ja, en).to_owned());
    let organization = issuer.organizations().find(|one| one.id == summary.organization);
    let organization = organization.map(|one| language.of(&one.name_ja, &one.name_en).to_owned());
    let (sent, wrong) = refused.map(|refused| (refused.sent, refused.why)).unzip();
    let text = Texts::of(language);
    let page = RecordPage {
        text,
        made: made.unwrap_or_else(|| summary.template.clone()),
        organization: organization.unwrap_or_else(|| summary.organization.clone()),
        identifier: completion.recipient().identifier.clone(),
        achievement: completion.achievement().map(|one| language.of(&one.name_ja, &one.name_en).to_owned()),
        issued: japan_time(summary.issued_at),
        has_badge: !badge.is_empty(),
        acts: standing.possible.iter().map(|one| Act::new(*one, &summary, &completion, sent.as_ref(), text)).collect(),
        standing: StandingPart::new(&standing, language).called(noun).inside(&standing),
        wrong,
        summary,
        frame,
    };
    answer(&page, language)
}
