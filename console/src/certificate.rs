//! `/c/NUMBER`: the public page of a certificate: what it counts for by the issuer's word, and, apart from that, the check of the
//! issuer's original.

pub(crate) mod standing;
mod texts;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuer::api::{Gap, GapState, IssuedSummary};
use laboratory::Laboratory;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use validation::report::Kind;
use verifier::evidence::Online;
use verifier::explanation::{self, Explanation, japan_time};
use world::guard::Stranger;
use world::problem::Problem;

use crate::frame::{Frame, Visitor, answer};
use crate::preference::language;
use crate::query::{PagePath, PageQuery};
use crate::switch::Switch;
use standing::StandingPart;
pub(crate) use texts::Texts;

#[derive(Template)]
#[template(path = "certificate/certificate.html")]
struct Certificate {
    frame: Frame,
    text: &'static Texts,
    summary: IssuedSummary,
    /// What its template makes, in Japanese and English; none if the template is not there any more.
    made: Option<(String, String)>,
    /// Whether it certifies an achievement.
    has_achievement: bool,
    /// The organization that issued it, in Japanese and English.
    issuer: Option<(String, String)>,
    standing: StandingPart,
    explanation: Explanation,
    issued_at: String,
    /// What whoever sees it has shown.
    sight: Sight,
    /// The query of the link to the file.
    code: String,
}

/// How much of a certificate somebody sees: its number leads to the page, and numbers count up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    /// All of it.
    Whole,
    /// Neither whose it is, nor the file, before the confirmation code is given.
    WithoutCode,
    /// The same after a wrong code.
    WrongCode,
}

impl Sight {
    fn of(stranger: Option<&Stranger>, given: Option<&str>, summary: &IssuedSummary) -> Result<Sight, Problem> {
        let Some(stranger) = stranger else { return Ok(Sight::Whole) };
        let Some(code) = given.filter(|code| !code.trim().is_empty()) else { return Ok(Sight::WithoutCode) };
        let is_shown = stranger.shows(code, |code| summary.is_confirmed_by(code))?;
        Ok(if is_shown { Sight::Whole } else { Sight::WrongCode })
    }
}

/// What is asked for.
#[derive(Deserialize)]
pub(crate) struct CertificateQuery {
    lang: Option<String>,
    /// The confirmation code on it.
    code: Option<String>,
}

#[derive(Template)]
#[template(path = "certificate/unknown.html")]
struct UnknownCertificate {
    frame: Frame,
    text: &'static Texts,
    number: String,
    /// A number of this issuer without a certificate.
    gap: Option<Gap>,
}

pub(crate) async fn certificate(
    State(laboratory): State<Laboratory>,
    PagePath(number): PagePath<String>,
    PageQuery(query): PageQuery<CertificateQuery>,
    RawQuery(raw): RawQuery,
    stranger: Option<Extension<Stranger>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let visitor = Visitor::of(stranger.as_ref());
    let frame = Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())).seen_by(visitor);
    let text = Texts::of(language);
    let issued = match laboratory.issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => return unknown(&laboratory, number, frame).await,
        Err(error) => return Err(error.into()),
    };
    let given = query.code.as_deref().filter(|_| visitor == Visitor::Stranger);
    let sight = Sight::of(stranger.as_ref().map(|Extension(stranger)| stranger), given, &issued.summary)?;
    let report = laboratory.verifier.judge(issued.pdf.into(), None, Online::Allowed).await?;
    let seal = report.signatures.iter().find(|signature| signature.kind == Kind::Seal);
    let seal = seal.ok_or_else(|| Problem::internal(format!("{number} was issued without a seal")))?;
    let mut organizations = laboratory.issuer.organizations();
    let issuer = organizations.find(|organization| organization.id == issued.summary.organization);
    let template = laboratory.issuer.template(Some(&issued.summary.template)).await.ok();
    let certificate = Certificate {
        sight,
        code: given.map_or(String::new(), |code| format!("?code={}", utf8_percent_encode(code, NON_ALPHANUMERIC))),
        made: template.as_ref().map(|template| template.name()).map(|(ja, en)| (ja.to_owned(), en.to_owned())),
        has_achievement: template.as_ref().is_none_or(|template| template.has_badge()),
        issuer: issuer.map(|organization| (organization.name_ja.clone(), organization.name_en.clone())),
        standing: StandingPart::new(&laboratory.issuer.standing(&number).await?, language)
            .called(template.as_ref().map_or(("証明書", "certificate"), |template| template.noun())),
        frame,
        text,
        explanation: explanation::explain(seal, &report.lookups, language),
        issued_at: japan_time(issued.summary.issued_at),
        summary: issued.summary,
    };
    answer(&certificate, language)
}

/// The page of a number that no certificate has.
pub(crate) async fn unknown(laboratory: &Laboratory, number: String, frame: Frame) -> Result<Response, Problem> {
    let language = frame.language;
    let mut gap = laboratory.issuer.gap(&number).await.unwrap_or_default(); // a mistyped number is none
    if let Some(gap) = &mut gap {
        // That it is a gap, everybody sees; why, nobody wrote down for strangers.
        let reason = gap.reason.take().filter(|_| !frame.is_for_stranger());
        gap.reason =
            reason.map(|reason| issuer::reasons::in_language(&reason, language == validation::Language::Japanese));
    }
    let page = answer(&UnknownCertificate { frame, text: Texts::of(language), number, gap }, language)?;
    Ok((StatusCode::NOT_FOUND, page).into_response())
}
