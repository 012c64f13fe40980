//! `/batches`: the batches of the world, the newest first, and how far each is.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use issuer::api::{Batch, BatchesQuery};
use laboratory::Laboratory;
use serde::Deserialize;
use verifier::explanation::japan_time;
use world::problem::Problem;

use crate::batch;
use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::PageQuery;
use crate::switch::Switch;
pub(crate) use texts::Texts;

#[derive(Template)]
#[template(path = "batches/batches.html")]
struct Batches {
    frame: Frame,
    text: &'static Texts,
    batches: Vec<Line>,
    /// Before which batch older ones are.
    next: Option<i64>,
}

/// The query of the page. What else stands there changes nothing.
#[derive(Deserialize)]
pub(crate) struct Query {
    lang: Option<String>,
    before: Option<i64>,
}

struct Line {
    batch: Batch,
    created: String,
    state: &'static str,
}

pub(crate) async fn batches(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<Query>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let words = batch::Texts::of(language);
    let line = |batch: Batch| Line { created: japan_time(batch.created_at), state: words.of_batch(batch.state), batch };
    let asked = BatchesQuery { before: query.before, limit: None };
    let issuer::api::Batches { batches, next } = laboratory.issuer.batches(&asked).await?;
    let page = Batches {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        batches: batches.into_iter().map(line).collect(),
        next,
    };
    answer(&page, language)
}
