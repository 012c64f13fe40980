//! `/crossings?number=NUMBER`, `?batch=ID`: what the key server was sent, request by request, with the digests in it marked.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use laboratory::Laboratory;
use laboratory::api::{CrossingRequest, CrossingTrace, CrossingsAnswer, CrossingsQuery};
use serde::Deserialize;
use world::problem::Problem;

use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::PageQuery;
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// A request with more digests than these is shown when it is opened.
const MOST_SHOWN: usize = 8;

/// For what it is asked.
#[derive(Deserialize)]
pub(crate) struct Query {
    lang: Option<String>,
    number: Option<String>,
    batch: Option<String>,
}

#[derive(Template)]
#[template(path = "crossings/crossings.html")]
struct Crossings {
    frame: Frame,
    text: &'static Texts,
    about: String,
    told: CrossingsAnswer,
    forms: String,
    /// What was found in the bodies.
    found: Vec<Found>,
    requests: Vec<Shown>,
}

/// A text that was found: in which form, at which octet of which request.
struct Found {
    text: String,
    form: String,
    route: String,
    offset: usize,
    /// The request's place on the page, from 1.
    request: usize,
}

/// A request as the page shows it.
struct Shown {
    address: String,
    octets: usize,
    digests: usize,
    authorized: bool,
    /// Its body, cut at the digests, and whether each piece is one.
    pieces: Vec<(String, bool)>,
}

pub(crate) async fn crossings(
    State(laboratory): State<Laboratory>,
    PageQuery(Query { lang, number, batch }): PageQuery<Query>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(lang.as_deref(), &headers);
    let told = laboratory.crossings(&CrossingsQuery { number, batch, ..CrossingsQuery::default() }).await?;
    let about = told.number.as_ref().map(ToString::to_string).or(told.batch.clone()).unwrap_or_default();
    let page = Crossings {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        about,
        forms: told.search.forms.join(", "),
        found: told.search.found.iter().map(|trace| Found::new(trace, &told.requests)).collect(),
        requests: told.requests.iter().map(Shown::new).collect(),
        told,
    };
    answer(&page, language)
}

impl Found {
    fn new(trace: &CrossingTrace, requests: &[CrossingRequest]) -> Found {
        let address = requests.get(trace.request).map(|request| request.address.as_str()).unwrap_or_default();
        Found {
            text: trace.text.clone(),
            form: trace.form.clone(),
            route: address.parse::<Uri>().map_or_else(|_| address.to_owned(), |address| address.path().to_owned()),
            offset: trace.offset,
            request: trace.request + 1,
        }
    }
}

impl Shown {
    fn new(request: &CrossingRequest) -> Shown {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for digest in &request.digests {
            let end = digest.offset + digest.length;
            pieces.push((request.body[from..digest.offset].to_owned(), false));
            pieces.push((request.body[digest.offset..end].to_owned(), true));
            from = end;
        }
        pieces.push((request.body[from..].to_owned(), false));
        Shown {
            address: request.address.clone(),
            octets: request.octets,
            digests: request.digests.len(),
            authorized: request.authorized,
            pieces,
        }
    }
}
