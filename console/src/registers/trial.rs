//! `/registers/ID`: what would come of a register's rows by the options that its address names, and the button that issues them.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use issuer::api::{DryRun, StandingState, TriedRow};
use laboratory::Laboratory;
use world::problem::{ApiBytes, Problem};

use super::options::{OptionFields, RegisterOptions};
use super::{Registers, Texts, in_browser};
use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{PagePath, PageQuery};
use crate::results::Results;
use crate::switch::Switch;

#[derive(Template)]
#[template(path = "registers/trial.html")]
struct TrialPage {
    frame: Frame,
    text: &'static Texts,
    options: OptionFields,
    name: String,
    has_mapping: bool,
    /// What would come of it, or why it cannot be read as a whole.
    tried: Result<Tried, String>,
    /// What the button is sent with.
    query: String,
    /// By which the second click on the button is known: another for each page.
    once: String,
}

struct Tried {
    told: DryRun,
    /// The first of these rows and the last, counted from 1.
    rows: (u64, u64),
    faults: Vec<Fault>,
    /// What else is to be known of rows: line, name, and why it is not issued anew, or what is issued twice.
    remarks: Vec<(u64, String, String)>,
    /// Columns that are read or left out, and why.
    columns: Vec<(String, Option<String>, String)>,
    encoding: Option<String>,
    notes: Vec<String>,
    /// Whether a row is not issued since its certificate was revoked.
    has_revoked: bool,
    /// The query of the page with the rows that follow.
    next: Option<String>,
}

struct Fault {
    line: u64,
    recipient: String,
    column: String,
    message: String,
    advice: String,
}

/// The dry run.
pub(crate) async fn trial(
    State(laboratory): State<Laboratory>,
    State(registers): State<Registers>,
    PagePath(id): PagePath<String>,
    PageQuery(options): PageQuery<RegisterOptions>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let register = registers.find(&id)?;
    let language = language(options.lang.as_deref(), &headers);
    let (status, tried) = match laboratory.issuer.dry_run(register.upload(), &options.of_dry_run()).await {
        Ok(told) => (StatusCode::OK, Ok(Tried::new(told, &options, language))),
        Err(problem) if problem.status.is_client_error() => {
            let told = problem.description_ja.filter(|_| language == validation::Language::Japanese);
            (problem.status, Err(told.unwrap_or(problem.description)))
        }
        Err(problem) => return Err(problem.into()),
    };
    // What is to be chosen where rows are not as they were issued stands among the fields that are seldom wanted.
    let is_open = tried.as_ref().is_ok_and(|tried| tried.told.counts.changed > 0 || tried.has_revoked);
    let page = TrialPage {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        options: OptionFields::new(&laboratory, &options, language).await?.opened(is_open),
        name: register.name.clone(),
        has_mapping: register.mapping.is_some(),
        tried,
        query: options.following(language, None),
        once: hex::encode(world::random::bytes::<16>()),
    };
    Ok((status, answer(&page, language)?).into_response())
}

impl Tried {
    fn new(told: DryRun, options: &RegisterOptions, language: validation::Language) -> Tried {
        let (from, text) = (options.after.unwrap_or(0), Texts::of(language));
        let is_revoked = |row: &TriedRow| row.standing == Some(StandingState::Revoked);
        let japanese = language == validation::Language::Japanese;
        let columns = told.columns.iter().map(|column| {
            let note = if japanese { &column.note_ja } else { &column.note };
            (column.header.clone(), column.member.clone(), note.clone().unwrap_or_default())
        });
        let faults = told.rows.iter().flat_map(|row| {
            row.errors.iter().map(|error| {
                let (message, advice) = error.in_language(japanese);
                Fault {
                    line: row.line,
                    recipient: row.recipient.clone().unwrap_or_default(),
                    column: error.column.clone().or_else(|| error.member.clone()).unwrap_or_default(),
                    message: message.to_owned(),
                    advice: advice.to_owned(),
                }
            })
        });
        let remarks = told.rows.iter().filter_map(|row| {
            let note = if japanese { row.note_ja.as_ref().or(row.note.as_ref()) } else { row.note.as_ref() };
            let note = note.map(String::as_str).or(is_revoked(row).then_some(text.row_revoked));
            Some((row.line, row.recipient.clone().unwrap_or_default(), in_browser(note?, language)))
        });
        Tried {
            has_revoked: told.rows.iter().any(is_revoked),
            remarks: remarks.collect(),
            rows: (from + 1, from + told.counts.rows),
            faults: faults.collect(),
            columns: columns.collect(),
            encoding: if japanese { told.encoding_ja.clone() } else { told.encoding.clone() },
            notes: if japanese { told.notes_ja.clone() } else { told.notes.clone() },
            next: told.next.map(|next| options.following(language, Some(next))),
            told,
        }
    }
}

/// The largest form of the button.
const LARGEST_BUTTON: u64 = 1 << 10;

/// What the form of the button says of itself, if it says something.
fn said_once(form: &[u8]) -> Result<Option<String>, Problem> {
    let once = form_urlencoded::parse(form).find(|(name, _)| name == "once").map(|(_, value)| value.into_owned());
    if once.as_ref().is_some_and(|once| once.len() != 32 || !once.bytes().all(|one| one.is_ascii_hexdigit())) {
        let problem = "once: wanted what the page of the register put there; open that page again";
        let japanese = "once: 名簿のページにある値が必要です。名簿のページを開き直してください";
        return Err(Problem::bad_request(problem).in_japanese(japanese.to_owned()));
    }
    Ok(once)
}

/// Its certificates are issued. Who clicks twice is led to the batch of the first click, also while that is still being taken.
pub(crate) async fn issue(
    State(laboratory): State<Laboratory>,
    State(registers): State<Registers>,
    State(results): State<Results>,
    PagePath(id): PagePath<String>,
    PageQuery(options): PageQuery<RegisterOptions>,
    headers: HeaderMap,
    form: Result<ApiBytes<LARGEST_BUTTON>, Problem>,
) -> Response {
    let begun = async {
        let once = said_once(&form?.0)?;
        let (register, wanted) = (registers.find(&id)?, options.of_batch());
        let issuer = laboratory.issuer.clone();
        // A browser gives the first click up for the second.
        let taken = world::to_the_end(async move {
            let _turn = register.turn.lock().await;
            issuer.begin_batch(register.upload(), &wanted, once).await
        });
        Ok::<_, PageProblem>(taken.await?)
    };
    match begun.await {
        Ok(batch) => {
            let language = language(options.lang.as_deref(), &headers).code();
            let address = format!("../batches/{}?lang={language}", batch.id);
            (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
        }
        Err(problem) => {
            let mut response = problem.into_response();
            response.extensions_mut().insert(results);
            response
        }
    }
}
