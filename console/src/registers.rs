//! `/registers`: where a registrar's file is chosen or dropped; what would come of it, at an address of its own; and its certificates,
//! which are issued as a batch. In: a form with the file. Out: the dry run as a page, then the batch.

mod in_browser;
mod options;
#[cfg(test)]
mod tests;
mod texts;
mod trial;

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use issuer::Upload;
use laboratory::Laboratory;
use tokio::sync::Mutex;
use world::problem::{ApiBytes, Problem};
use world::text::visible;

use crate::form::{File, Form};
use crate::frame::{Frame, answer};
use crate::limit::{LARGEST_REGISTER, LARGEST_REGISTER_FORM, LONGEST_FIELD};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{OpenQuery, PageQuery};
use crate::refusal::Refusal;
use crate::results::Results;
use crate::shelf::Shelf;
use crate::switch::Switch;
pub(crate) use in_browser::in_browser;
use options::{OptionFields, RegisterOptions};
pub(crate) use texts::Texts;
pub(crate) use trial::{issue, trial};

/// How many registers are kept.
const MOST: usize = 20;

/// How many octets all together.
const MOST_OCTETS: usize = 64 << 20;

/// A register as it was sent. It is kept in memory between its dry run and its batch, and nowhere else.
pub(crate) struct Register {
    octets: Bytes,
    name: String,
    /// Which column is which member, in TOML.
    mapping: Option<String>,
    /// Whoever takes it as a batch, one after another.
    turn: Mutex<()>,
}

impl Register {
    fn upload(&self) -> Upload {
        Upload::new(self.octets.clone(), Some(self.name.clone()), self.mapping.clone())
    }
}

/// The registers of one world. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Registers(Shelf<Register>);

impl Default for Registers {
    fn default() -> Registers {
        Registers(Shelf::new(MOST, MOST_OCTETS))
    }
}

impl Registers {
    fn keep(&self, register: Register) -> String {
        let octets = register.octets.len();
        self.0.keep(register, octets)
    }

    fn find(&self, id: &str) -> Result<Arc<Register>, Refusal> {
        self.0.find(id).ok_or(Refusal::RegisterNotKept)
    }
}

#[derive(Template)]
#[template(path = "registers/registers.html")]
struct RegistersPage {
    frame: Frame,
    text: &'static Texts,
    options: OptionFields,
}

/// The page with the form.
pub(crate) async fn registers(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<RegisterOptions>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let page = RegistersPage {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text: Texts::of(language),
        options: OptionFields::new(&laboratory, &query, language).await?,
    };
    answer(&page, language)
}

/// The form is sent.
pub(crate) async fn receive(
    State(registers): State<Registers>,
    State(results): State<Results>,
    PageQuery(query): PageQuery<OpenQuery>,
    headers: HeaderMap,
    form: Result<ApiBytes<LARGEST_REGISTER_FORM>, Problem>,
) -> Response {
    let kept = async {
        let ApiBytes(body) = form.map_err(|problem| match problem.status {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge.into(),
            _ => PageProblem::from(problem),
        })?;
        let mut form = Form::read(&headers, body).await?;
        let File { name, content } = form.one_file(LARGEST_REGISTER)?;
        let name = visible(&name).chars().take(LONGEST_FIELD).collect();
        let mapping = form.fields.iter().find(|(name, value)| name == "mapping" && !value.trim().is_empty());
        let register = Register {
            octets: content,
            name,
            mapping: mapping.map(|(_, value)| value.clone()),
            turn: Mutex::default(),
        };
        let options = options::as_query(&form.fields)?;
        Ok::<_, PageProblem>((registers.keep(register), options))
    };
    match kept.await {
        Ok((id, options)) => {
            let language = language(query.lang.as_deref(), &headers).code();
            // Relative, so that it is right under /w/NAME too.
            let address = format!("registers/{id}?lang={language}{options}");
            (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
        }
        Err(problem) => {
            let mut response = problem.into_response();
            response.extensions_mut().insert(results); // where it is kept, if it is for people
            response
        }
    }
}
