//! `/`: what is there.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use issuer::api::IssuedSummary;
use laboratory::Laboratory;
use verifier::explanation::japan_time;
use world::problem::Problem;

use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::{OpenQuery, PageQuery};
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// How many certificates are listed.
const NEWEST: u32 = 10;

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    frame: Frame,
    text: &'static Texts,
    time: String,
    certificates: Vec<IssuedSummary>,
}

pub(crate) async fn home(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let home = Home {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        time: japan_time(laboratory.world.clock.now()),
        certificates: laboratory.issuer.newest(NEWEST).await?,
    };
    answer(&home, language)
}
