//! `/verify`: where a PDF is chosen or dropped, and what comes of it: the address of a verdict, or why there is none.

mod query;
mod texts;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use laboratory::Laboratory;
use verifier::evidence::Online;
use world::guard::Stranger;
use world::problem::{ApiBytes, Problem};

use crate::certificate::standing::noun_of;
use crate::form::{File, Form};
use crate::frame::{Frame, Visitor, answer};
use crate::limit::{LARGEST_FORM, LARGEST_PDF};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::PageQuery;
use crate::refusal::Refusal;
use crate::results::{Results, Verdict};
use crate::switch::Switch;
use crate::verdict;
use query::VerificationQuery;
pub(crate) use texts::Texts;

#[derive(Template)]
#[template(path = "verify/verify.html")]
struct Verify {
    frame: Frame,
    text: &'static Texts,
    /// What the form is sent with.
    query: String,
}

/// The page with the form.
pub(crate) async fn verify(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<VerificationQuery>,
    RawQuery(raw): RawQuery,
    stranger: Option<Extension<Stranger>>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let language = language(query.lang.as_deref(), &headers);
    query.policy()?; // said before a file is chosen
    query.at(laboratory.world.clock.now())?;
    let frame = Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref()));
    let frame = frame.seen_by(Visitor::of(stranger.as_ref()));
    Ok(answer(&Verify { frame, text: Texts::of(language), query: query.in_language(language) }, language)?)
}

/// `/verify/` is `/verify`. Relative, so that it is right under /w/NAME too.
pub(crate) async fn to_verify(RawQuery(query): RawQuery) -> Redirect {
    Redirect::permanent(&query.map_or("../verify".into(), |query| format!("../verify?{query}")))
}

/// The form is sent.
pub(crate) async fn judge(
    State(laboratory): State<Laboratory>,
    State(results): State<Results>,
    PageQuery(query): PageQuery<VerificationQuery>,
    stranger: Option<Extension<Stranger>>,
    headers: HeaderMap,
    form: Result<ApiBytes<LARGEST_FORM>, Problem>,
) -> Response {
    match verdict_of(&laboratory, &query, Visitor::of(stranger.as_ref()), &headers, form).await {
        Ok(verdict) => {
            let language = language(query.lang.as_deref(), &headers);
            let address = format!("verify/{}?lang={}", results.keep(verdict), language.code());
            // Relative, so that it is right under /w/NAME too: to load the page again asks nothing again.
            (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
        }
        Err(problem) => {
            let mut response = problem.into_response();
            response.extensions_mut().insert(results); // where it is kept, if it is for people
            response
        }
    }
}

async fn verdict_of(
    laboratory: &Laboratory,
    query: &VerificationQuery,
    visitor: Visitor,
    headers: &HeaderMap,
    form: Result<ApiBytes<LARGEST_FORM>, Problem>,
) -> Result<Verdict, PageProblem> {
    let (policy, at) = (query.policy()?, query.at(laboratory.world.clock.now())?);
    let ApiBytes(form) = form.map_err(|problem| match problem.status {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge.into(),
        _ => PageProblem::from(problem),
    })?;
    let File { name, content } = Form::read(headers, form).await?.one_file(LARGEST_PDF)?;
    let judged = laboratory.verifier.judge_by(policy, content.clone(), at, Online::Allowed).await;
    let report = judged.map_err(Problem::from)?;
    let standings = laboratory.standings(&content, &report).await.map_err(Problem::from)?;
    let mut called = Vec::new();
    for standing in standings {
        let noun = noun_of(laboratory, &standing).await;
        called.push((standing, noun));
    }
    Ok(verdict::pages(&name, &report, &called, &laboratory.world.base, visitor)?)
}
