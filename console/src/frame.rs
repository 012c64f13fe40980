//! What stands round every page: head, warning, links and the switch of languages; and how a page becomes an answer.

mod texts;

use askama::Template;
use axum::Extension;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use validation::Language;
use world::guard::Stranger;
use world::problem::Problem;
use world::text::visible_lines;

use crate::switch::Switch;
pub(crate) use texts::Texts;

/// The frame of one page. Every template has it as its member `frame`.
pub(crate) struct Frame {
    pub(crate) language: Language,
    /// The address of the world, or a way to it that is relative to the page.
    pub(crate) base: String,
    /// None in a file, from where no link leads to a testbed.
    pub(crate) switch: Option<Switch>,
    pub(crate) text: &'static Texts,
    pub(crate) visitor: Visitor,
}

/// Who sees a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// Somebody to whom every page is open.
    Member,
    /// Somebody who has shown nothing at a server that others reach: most pages are closed, and no link leads to them.
    Stranger,
}

impl Visitor {
    /// By what the guard found.
    pub(crate) fn of(stranger: Option<&Extension<Stranger>>) -> Visitor {
        if stranger.is_some() { Visitor::Stranger } else { Visitor::Member }
    }
}

impl Frame {
    /// Of a page of the world at that address.
    pub(crate) fn new(language: Language, base: &str, switch: Switch) -> Frame {
        let (text, visitor) = (Texts::of(language), Visitor::Member);
        Frame { language, base: base.into(), switch: Some(switch), text, visitor }
    }

    /// The same for that visitor.
    pub(crate) fn seen_by(self, visitor: Visitor) -> Frame {
        Frame { visitor, ..self }
    }

    /// Whether a link to a closed page would lead the visitor nowhere.
    pub(crate) fn is_for_stranger(&self) -> bool {
        self.visitor == Visitor::Stranger
    }

    /// Of a page in a file.
    pub(crate) fn of_file(language: Language) -> Frame {
        Frame { language, base: String::new(), switch: None, text: Texts::of(language), visitor: Visitor::Member }
    }

    /// What links begin with: the path of the world's address, whatever name the browser knows the server by. A link to the name
    /// in the certificates would be one to another site for it. A base that is relative is taken as it is.
    pub(crate) fn root(&self) -> &str {
        let Some((_, address)) = self.base.split_once("://") else { return &self.base };
        address.find('/').map_or("", |path| &address[path..])
    }
}

/// The text of a page. Names of strangers are among it.
pub(crate) fn render(page: &impl Template) -> Result<String, askama::Error> {
    Ok(visible_lines(&page.render()?).into_owned())
}

/// A page as an answer.
pub(crate) fn answer(page: &impl Template, language: Language) -> Result<Response, Problem> {
    Ok(answer_of(render(page).map_err(Problem::internal)?, language))
}

/// The text of a page as an answer.
pub(crate) fn answer_of(text: String, language: Language) -> Response {
    answer_under(&policy(""), text, language)
}

/// A page that shows documents of its own world in frames.
pub(crate) fn answer_with_documents(page: &impl Template, language: Language) -> Result<Response, Problem> {
    let text = render(page).map_err(Problem::internal)?;
    Ok(answer_under(&policy("; frame-src 'self'"), text, language))
}

/// A page with a script of ours, which may ask its own server. The script's element has that nonce, which is new for each answer.
pub(crate) fn answer_with_script(page: &impl Template, nonce: &str, language: Language) -> Result<Response, Problem> {
    let text = render(page).map_err(Problem::internal)?;
    Ok(answer_under(&policy(&format!("; script-src 'nonce-{nonce}'; connect-src 'self'")), text, language))
}

/// Nothing from elsewhere: no script, no font, no picture but our own; and what a page needs beside that.
fn policy(more: &str) -> String {
    format!("default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'{more}")
}

fn answer_under(policy: &str, text: String, language: Language) -> Response {
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CONTENT_LANGUAGE, language.code())];
    (headers, Html(text)).into_response()
}
