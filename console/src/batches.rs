//! `/batches`: the batches of the world, the newest first, and how far each is.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use issuer::api::Batch;
use laboratory::Laboratory;
use verifier::explanation::japan_time;
use world::problem::Problem;

use crate::batch;
use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::{OpenQuery, PageQuery};
use crate::switch::Switch;
pub(crate) use texts::Texts;

#[derive(Template)]
#[template(path = "batches/batches.html")]
struct Batches {
    frame: Frame,
    text: &'static Texts,
    batches: Vec<Line>,
}

struct Line {
    batch: Batch,
    created: String,
    state: &'static str,
}

pub(crate) async fn batches(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let words = batch::Texts::of(language);
    let line = |batch: Batch| Line { created: japan_time(batch.created_at), state: words.of_batch(batch.state), batch };
    let page = Batches {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        batches: laboratory.issuer.batches().await?.into_iter().map(line).collect(),
    };
    answer(&page, language)
}
