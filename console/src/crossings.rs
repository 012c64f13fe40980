//! `/crossings?number=NUMBER`, `?batch=ID`: what the key server was sent, request by request, with the digests in it marked; of a batch
//! also what of it was for each certificate.

mod texts;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use issuer::api::RowsQuery;
use laboratory::Laboratory;
use laboratory::api::{
    CrossingCertificate, CrossingRequest, CrossingTrace, CrossingUnsearchedWhy, CrossingsAnswer, CrossingsQuery,
};
use serde::Deserialize;
use world::problem::Problem;

use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::PageQuery;
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// A request with more digests than these is shown when it is opened.
const MOST_SHOWN: usize = 8;

/// How many rows of a batch are told on a page.
const MOST_LINES: u32 = 100;

/// For what it is asked.
#[derive(Deserialize)]
pub(crate) struct Query {
    lang: Option<String>,
    number: Option<String>,
    batch: Option<String>,
    after: Option<i64>,
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
    /// Of a batch: what crossed for each of its certificates.
    certificates: Vec<Line>,
    /// The query of the certificates that follow.
    next: Option<String>,
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

/// A certificate of a batch as the page shows it.
struct Line {
    /// Of the file, as the page of the batch has it.
    line: String,
    number: String,
    /// In how many requests its digests were.
    requests: usize,
    digest_octets: usize,
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
    PageQuery(Query { lang, number, batch, after }): PageQuery<Query>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(lang.as_deref(), &headers);
    let told = laboratory.crossings(&CrossingsQuery { number, batch, after, limit: Some(MOST_LINES) }).await?;
    let lines = lines(&laboratory, &told, after).await?;
    let about = told.number.as_ref().map(ToString::to_string).or(told.batch.clone()).unwrap_or_default();
    let page = Crossings {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        about,
        forms: told.search.forms.join(", "),
        found: told.search.found.iter().map(|trace| Found::new(trace, &told.requests)).collect(),
        certificates: told
            .certificates
            .iter()
            .filter_map(|one| Some(Line::new(one, lines.get(&one.row?).copied())))
            .collect(),
        next: told.batch.as_ref().zip(told.next).map(|(batch, after)| {
            let batch: String = form_urlencoded::byte_serialize(batch.as_bytes()).collect();
            format!("batch={batch}&after={after}&lang={}", language.code())
        }),
        requests: told.requests.iter().map(Shown::new).collect(),
        told,
    };
    answer(&page, language)
}

/// In which line of the file each row of a batch stands of which something is told.
async fn lines(
    laboratory: &Laboratory,
    told: &CrossingsAnswer,
    after: Option<i64>,
) -> Result<HashMap<i64, i64>, Problem> {
    let batch = told.batch.as_deref().filter(|_| told.number.is_none()).and_then(|batch| batch.parse().ok());
    let Some(batch) = batch else { return Ok(HashMap::new()) };
    let wanted = RowsQuery { state: None, noted: None, after, limit: Some(MOST_LINES) };
    let rows = laboratory.issuer.batch_rows(batch, &wanted).await?.rows;
    Ok(rows.into_iter().map(|row| (row.row, row.line)).collect())
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

impl Line {
    fn new(certificate: &CrossingCertificate, line: Option<i64>) -> Line {
        Line {
            line: line.map(|line| line.to_string()).unwrap_or_default(),
            number: certificate.number.to_string(),
            requests: certificate.routes.iter().map(|route| route.requests).sum(),
            digest_octets: certificate.digest_octets,
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

#[cfg(test)]
mod tests {
    use crate::tests::{BROWSER, ask, laboratory};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_crossed_for_a_batch_is_told_certificate_by_certificate_and_page_by_page() {
        let laboratory = laboratory().await;
        let mut line: serde_json::Value =
            serde_json::from_str(include_str!("../../examples/certificate.json")).unwrap();
        let mut file = "\n".to_owned(); // the first row is in line 2
        for person in 1..=3 {
            line["recipient"]["identifier"] = format!("student{person}@example.ac.jp").into();
            file.push_str(&format!("{line}\n"));
        }
        let upload = issuer::Upload::new(file.into(), Some("spring.jsonl".into()), None);
        let query = issuer::api::BatchQuery { level: Some("B-B".into()), ..issuer::api::BatchQuery::default() };
        let batch = laboratory.issuer.begin_batch(upload, &query, None).await.unwrap();
        laboratory.issuer.begin_work();
        while laboratory.issuer.batch(batch.id).await.unwrap().rows.delivered < 3 {
            tokio::task::yield_now().await;
        }
        let page = async |query: &str| {
            ask(&laboratory, "GET", &format!("/crossings?batch=1{query}"), BROWSER, vec![]).await.into_body()
        };
        let all = page("&lang=en").await;
        let rows = laboratory.issuer.contents_of_batch(1, 0, 9).await.unwrap();
        let issued: Vec<String> = rows.iter().map(|row| row.number.as_ref().unwrap().to_string()).collect();
        for number in &issued {
            assert!(all.contains(&format!("/c/{number}?lang=en\">{number}</a>")), "{all}");
        }
        let each = "<td class=\"count\">4</td><td class=\"count\">176</td>"; // badge and seal, authorized and signed
        for line in 2..=4 {
            assert!(all.contains(&format!("<tr><td class=\"count\">{line}</td><td")), "{all}");
        }
        let batch = ask(&laboratory, "GET", "/batches/1?lang=en", BROWSER, vec![]).await.into_body();
        let first = format!(
            "<tr><td class=\"count\">2</td><td class=\"whole\">Delivered</td><td class=\"name\">髙橋 花子</td><td class=\"whole\"><a href=\"/c/{}",
            issued[0]
        );
        assert!(batch.contains(&first), "by the same line: {batch}");
        assert_eq!((all.matches(each).count(), all.contains("rel=\"next\"")), (3, false), "{all}");
        let later = page("&lang=ja&after=2").await;
        assert!(later.contains("証明書ごとに送られたもの") && later.contains(&issued[2]), "{later}");
        assert_eq!(later.matches(each).count(), 1, "{later}");
    }
}
