//! `/batches/ID`: how far a batch is, hop by hop, told as it goes on; its rows, why some have no certificate, and what can be done.
//!
//! Without scripts the page loads itself anew every few seconds while the batch is at work.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use issuer::api::{Batch, BatchRow, BatchState, RowState, RowsQuery};
use laboratory::Laboratory;
use serde::Deserialize;
use validation::Language;
use verifier::explanation::japan_time;
use world::problem::{ApiBytes, Problem};

use crate::frame::{Frame, answer_with_script};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{OpenQuery, PagePath, PageQuery};
use crate::refusal::Refusal;
use crate::registers::in_browser;
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// How many rows a page has.
const PAGE: u32 = 50;

/// How many rows that failed are looked at for one that may succeed now.
const MOST_LOOKED_AT: u32 = 1000;

/// The largest form with an act.
const LARGEST_FORM: u64 = 1 << 10;

/// Shows what the server tells of the batch.
const SCRIPT: &str = include_str!("batch/progress.js");

/// Which rows are shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchQuery {
    lang: Option<String>,
    state: Option<RowState>,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "batch/batch.html")]
struct BatchPage {
    frame: Frame,
    text: &'static Texts,
    batch: Batch,
    created: String,
    organization: String,
    state: &'static str,
    time_left: String,
    rate: String,
    is_over: bool,
    can: Acts,
    /// Whether anything was, or will be, sent to the key server for it.
    has_crossings: bool,
    /// What is to be known of the file.
    notes: Vec<String>,
    filters: Vec<Filter>,
    rows: Vec<Line>,
    /// The query of the rows that follow.
    next: Option<String>,
    nonce: String,
    /// What it waits for, or why it is stopped.
    problem: String,
    script: &'static str,
}

/// What can be done with a batch as it is now.
struct Acts {
    pause: bool,
    resume: bool,
    cancel: bool,
    retry: bool,
}

impl Acts {
    /// `may_help`: whether a row failed for a reason that may be gone.
    fn of(batch: &Batch, may_help: bool) -> Acts {
        let (state, waits) = (batch.state, batch.problem.is_some());
        let is_open = matches!(state, BatchState::Running | BatchState::Paused | BatchState::Stopped);
        Acts {
            pause: state == BatchState::Running,
            resume: matches!(state, BatchState::Paused | BatchState::Stopped) || state == BatchState::Running && waits,
            cancel: is_open,
            retry: state != BatchState::Cancelled && may_help,
        }
    }
}

/// A link to the rows that are in one state, or to all.
struct Filter {
    name: &'static str,
    /// How it is called in the JSON of a batch; empty for all.
    state: &'static str,
    count: u64,
    query: String,
    is_shown: bool,
}

struct Line {
    row: BatchRow,
    problem: String,
    state: &'static str,
}

impl Line {
    fn new(row: BatchRow, language: Language) -> Line {
        let japanese = language == Language::Japanese;
        let told: Vec<&str> = row.problem_in(japanese).into_iter().chain(row.note_in(japanese)).collect();
        let problem = in_browser(&told.join(" / "), language);
        Line { state: Texts::of(language).of_row(row.state), problem, row }
    }
}

pub(crate) async fn batch(
    State(laboratory): State<Laboratory>,
    PagePath(id): PagePath<i64>,
    PageQuery(query): PageQuery<BatchQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let text = Texts::of(language);
    let batch = laboratory.issuer.batch(id).await?;
    let wanted = RowsQuery { state: query.state, noted: None, after: query.after, limit: Some(PAGE) };
    let rows = laboratory.issuer.batch_rows(id, &wanted).await?;
    let failed = RowsQuery { state: Some(RowState::Failed), noted: None, after: None, limit: Some(MOST_LOOKED_AT) };
    let may_help =
        batch.rows.failed > 0 && laboratory.issuer.batch_rows(id, &failed).await?.rows.iter().any(|row| row.retryable);
    let mut organizations = laboratory.issuer.organizations();
    let organization = organizations.find(|one| one.id == batch.organization);
    let organization = organization.map(|one| language.of(&one.name_ja, &one.name_en).to_owned());
    let address = |state: &str, after: Option<i64>| {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let state = if state.is_empty() { String::new() } else { format!("&state={state}") };
        format!("lang={}{state}{after}", language.code())
    };
    let counts = &batch.rows;
    let count = |state: Option<RowState>| state.map_or(counts.all(), |state| counts.of(state));
    let filters = std::iter::once(None).chain(RowState::ALL.map(Some)).map(|state| Filter {
        name: state.map_or(text.all, |state| text.of_row(state)),
        state: state.map_or("", RowState::name),
        count: count(state),
        query: address(state.map_or("", RowState::name), None),
        is_shown: state == query.state,
    });
    let is_over = matches!(batch.state, BatchState::Done | BatchState::Cancelled);
    let nonce = hex::encode(world::random::bytes::<16>());
    let page = BatchPage {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text,
        created: japan_time(batch.created_at),
        organization: organization.unwrap_or_else(|| batch.organization.clone()),
        state: text.of_batch(batch.state),
        time_left: batch.seconds_left.map_or("–".into(), clock),
        rate: batch.rate.map_or("–".into(), |rate| rate.to_string()),
        is_over,
        can: Acts::of(&batch, may_help),
        has_crossings: !is_over || batch.rows.delivered > 0,
        filters: filters.filter(|filter| filter.count > 0 || filter.is_shown).collect(),
        next: rows.next.map(|next| address(query.state.map_or("", RowState::name), Some(next))),
        notes: if language == Language::Japanese { batch.notes_ja.clone() } else { batch.notes.clone() },
        rows: rows.rows.into_iter().map(|row| Line::new(row, language)).collect(),
        problem: batch.problem_in(language == Language::Japanese).unwrap_or_default().to_owned(),
        batch,
        nonce: nonce.clone(),
        script: SCRIPT,
    };
    answer_with_script(&page, &nonce, language)
}

impl BatchPage {
    /// Where the bar ends; a bar has no end at 0.
    fn bar_end(&self) -> u64 {
        self.batch.rows.all().max(1)
    }
}

/// Hours, minutes and seconds.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// A button is pressed.
pub(crate) async fn act(
    State(laboratory): State<Laboratory>,
    PagePath(id): PagePath<i64>,
    PageQuery(query): PageQuery<OpenQuery>,
    headers: HeaderMap,
    ApiBytes(form): ApiBytes<LARGEST_FORM>,
) -> Result<Response, PageProblem> {
    let issuer = &laboratory.issuer;
    let act = form_urlencoded::parse(&form).find(|(name, _)| name == "act").map(|(_, value)| value);
    let acted = match act.as_deref() {
        Some("pause") => issuer.pause_batch(id).await,
        Some("resume") => issuer.resume_batch(id).await,
        Some("cancel") => issuer.cancel_batch(id).await,
        Some("retry") => issuer.retry_batch(id).await,
        _ => return Err(Refusal::NoAct.into()),
    };
    acted.map_err(Problem::from)?;
    let address = format!("{id}?lang={}", language(query.lang.as_deref(), &headers).code());
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::tests::{BROWSER, ask, laboratory};

    const ROWS: &str = "{\"recipient\": {\"name\": \"a\"}}\n{\"recipient\": 1}\n";

    /// A world with a batch that nobody works on.
    async fn with_a_batch() -> Laboratory {
        let laboratory = laboratory().await;
        let completion = include_str!("../../examples/certificate.json");
        let line: serde_json::Value = serde_json::from_str(completion).unwrap();
        let upload = issuer::Upload::new(format!("{line}\n{ROWS}").into(), Some("a <b>.jsonl".into()), None);
        laboratory.issuer.begin_batch(upload, &issuer::api::BatchQuery::default(), None).await.unwrap();
        laboratory
    }

    #[tokio::test]
    async fn a_batch_can_be_paused_resumed_and_cancelled_and_says_what_it_is_about_to_do() {
        let laboratory = with_a_batch().await;
        let page = async |query: &str| ask(&laboratory, "GET", &format!("/batches/1?{query}"), BROWSER, vec![]).await;
        let act = async |act: &str| ask(&laboratory, "POST", "/batches/1?lang=en", BROWSER, act.into()).await;
        let running = page("lang=en").await.into_body();
        assert!(running.contains("<b>At work</b>") && running.contains("value=\"pause\""), "{running}");
        assert!(running.contains("a &#60;b&#62;.jsonl") && running.contains("http-equiv=\"refresh\""), "{running}");
        let paused = act("act=pause").await;
        assert_eq!((paused.status().as_u16(), &paused.headers()["location"]), (303, &"1?lang=en".parse().unwrap()));
        let text = page("lang=ja").await.into_body();
        assert!(!text.contains("value=\"retry\""), "no row failed for a reason that may be gone: {text}");
        assert!(text.contains("一時停止中") && text.contains("value=\"resume\""), "{text}");
        assert!(!text.contains("value=\"pause\"") && !text.contains("http-equiv=\"refresh\""), "{text}");
        assert_eq!(act("act=resume").await.status(), StatusCode::SEE_OTHER);
        assert_eq!(act("act=cancel").await.status(), StatusCode::SEE_OTHER);
        let text = page("lang=en").await.into_body();
        assert!(text.contains("<b>Cancelled</b>") && !text.contains("<button") && !text.contains("<script"), "{text}");
        for (form, status) in [("act=pause", 409), ("act=retry", 409), ("act=explode", 400), ("", 400)] {
            assert_eq!(act(form).await.status().as_u16(), status, "{form}");
        }
        for path in ["/batches/2?lang=en", "/batches/2?lang=ja"] {
            assert_eq!(ask(&laboratory, "GET", path, BROWSER, vec![]).await.status(), StatusCode::NOT_FOUND);
        }
        assert_eq!(page("state=lost").await.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn rows_are_listed_by_state_with_their_reasons() {
        let laboratory = with_a_batch().await;
        let page = async |query: &str| ask(&laboratory, "GET", &format!("/batches/1?{query}"), BROWSER, vec![]).await;
        let failed = page("lang=en&state=failed").await.into_body();
        assert!(failed.contains("recipient") && failed.contains("aria-current=\"true\">Failed (<span"), "{failed}");
        assert_eq!(failed.matches("<td class=\"count\">").count(), 2, "{failed}");
        let queued = page("lang=en&state=queued").await.into_body();
        assert_eq!(queued.matches("<td class=\"count\">").count(), 1, "{queued}");
        assert!(page("lang=en&state=sealed").await.into_body().contains("There is none."));
    }

    #[tokio::test]
    async fn the_one_script_of_a_page_runs_by_a_nonce_of_that_answer_alone() {
        let laboratory = with_a_batch().await;
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let page = ask(&laboratory, "GET", "/batches/1", BROWSER, vec![]).await;
            let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
            let (_, nonce) = policy.split_once("; script-src 'nonce-").unwrap();
            let (nonce, rest) = nonce.split_once('\'').unwrap();
            assert_eq!(rest, "; connect-src 'self'");
            assert!(page.body().contains(&format!("<script nonce=\"{nonce}\">")) && page.body().contains(SCRIPT));
            nonces.push(nonce.to_owned());
        }
        assert_ne!(nonces[0], nonces[1]);
    }

    #[test]
    fn the_names_of_states_are_those_of_the_json() {
        for state in RowState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        for state in BatchState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        assert_eq!((clock(59), clock(3725)), ("0:00:59".into(), "1:02:05".into()));
    }
}
