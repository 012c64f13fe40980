//! `/c/NUMBER`: the public page of a certificate: what it counts for by the issuer's word, and, apart from that, the check of the
//! issuer's original.

pub(crate) mod standing;
mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuer::api::{Gap, GapState, IssuedSummary};
use laboratory::Laboratory;
use validation::report::Kind;
use verifier::evidence::Online;
use verifier::explanation::{self, Explanation, japan_time};
use world::problem::Problem;

use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::{OpenQuery, PagePath, PageQuery};
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
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let frame = Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref()));
    let text = Texts::of(language);
    let issued = match laboratory.issuer.find(&number).await {
        Ok(issued) => issued,
        Err(error) if error.is_unknown_number() => {
            let gap = laboratory.issuer.gap(&number).await.unwrap_or_default(); // a mistyped number is none
            let page = answer(&UnknownCertificate { frame, text, number, gap }, language)?;
            return Ok((StatusCode::NOT_FOUND, page).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let report = laboratory.verifier.judge(issued.pdf.into(), None, Online::Allowed).await?;
    let seal = report.signatures.iter().find(|signature| signature.kind == Kind::Seal);
    let seal = seal.ok_or_else(|| Problem::internal(format!("{number} was issued without a seal")))?;
    let mut organizations = laboratory.issuer.organizations();
    let issuer = organizations.find(|organization| organization.id == issued.summary.organization);
    let template = laboratory.issuer.template(Some(&issued.summary.template)).await.ok();
    let certificate = Certificate {
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
