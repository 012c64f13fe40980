//! `/join`: where people give the token of an exposed server, or the join code of a world. In: a form. Out: a cookie, and the way to
//! the pages that it opens.

mod texts;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use laboratory::Laboratory;
use validation::Language;
use world::guard::{Entrance, Grant};
use world::problem::{ApiBytes, Problem};

use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::{OpenQuery, PageQuery};
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// The largest form with a token.
const LARGEST_FORM: u64 = 4 << 10;

#[derive(Template)]
#[template(path = "join/join.html")]
struct Join {
    frame: Frame,
    text: &'static Texts,
    world: String,
    /// Why what was given opens nothing.
    refusal: Option<&'static str>,
}

/// The page with the form.
pub(crate) async fn join(
    State(laboratory): State<Laboratory>,
    entrance: Option<Extension<Entrance>>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !entrance.is_some_and(|Extension(entrance)| entrance.is_guarded()) {
        return Ok(Redirect::to("./").into_response()); // everything is open already
    }
    page(&laboratory, language(query.lang.as_deref(), &headers), Switch::here(raw.as_deref()), None)
}

/// The form is sent.
pub(crate) async fn enter(
    State(laboratory): State<Laboratory>,
    Extension(entrance): Extension<Entrance>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    form: Result<ApiBytes<LARGEST_FORM>, Problem>,
) -> Result<Response, Problem> {
    let ApiBytes(form) = form?;
    let code = form_urlencoded::parse(&form).find(|(name, _)| name == "code").map(|(_, value)| value);
    let language = language(query.lang.as_deref(), &headers);
    match entrance.open(code.as_deref().unwrap_or_default().trim()) {
        Ok((grant, cookie)) => {
            let way = format!("{}?lang={}", way(&grant, &laboratory.world.name), language.code());
            Ok((StatusCode::SEE_OTHER, [(header::SET_COOKIE, cookie)], [(header::LOCATION, way)]).into_response())
        }
        Err(problem) => {
            let text = Texts::of(language);
            let refusal = match problem.status {
                StatusCode::UNAUTHORIZED => text.wrong,
                StatusCode::TOO_MANY_REQUESTS => text.too_many,
                _ => return Err(problem),
            };
            let mut page = page(&laboratory, language, Switch::here(raw.as_deref()), Some(refusal))?;
            *page.status_mut() = problem.status;
            if let Some(seconds) = problem.retry_after {
                page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(page)
        }
    }
}

fn page(
    laboratory: &Laboratory,
    language: Language,
    switch: Switch,
    refusal: Option<&'static str>,
) -> Result<Response, Problem> {
    let frame = Frame::new(language, &laboratory.world.base, switch);
    let world = laboratory.world.name.clone();
    answer(&Join { frame, text: Texts::of(language), world, refusal }, language)
}

/// The way from the page of one world to the home page of what was opened; relative, so that it is right behind any proxy.
fn way(grant: &Grant, here: &str) -> String {
    match grant {
        Grant::World(name) if name != here => {
            let root = if here == "default" { "./" } else { "../../" };
            if name == "default" { root.to_owned() } else { format!("{root}w/{name}/") }
        }
        _ => "./".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_joined_is_led_to_what_was_opened() {
        let world = |name: &str| Grant::World(name.into());
        for (grant, here, expected) in [
            (Grant::Server, "default", "./"),
            (Grant::Server, "class", "./"),
            (world("class"), "class", "./"),
            (world("class"), "default", "./w/class/"),
            (world("other"), "class", "../../w/other/"),
            (world("default"), "class", "../../"),
        ] {
            assert_eq!(way(&grant, here), expected, "{grant:?} from {here}");
        }
    }
}
