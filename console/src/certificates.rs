//! `/certificates`: the certificates that were issued, searched and paged.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuer::api::{IssuedCertificates, ListQuery, ListedCertificate, StandingState};
use issuer::{CertificateNumber, Error};
use laboratory::Laboratory;
use serde::Deserialize;
use validation::Language;
use verifier::explanation::japan_time;
use world::problem::Problem;

use crate::choice::Choice;
use crate::frame::{Frame, answer};
use crate::preference::language;
use crate::query::PageQuery;
use crate::switch::Switch;
pub(crate) use texts::Texts;

/// How many a page has.
const PAGE: u32 = 50;

/// What the form sends: every field, also those that are empty.
#[derive(Deserialize)]
pub(crate) struct CertificatesQuery {
    lang: Option<String>,
    after: Option<String>,
    state: Option<String>,
    organization: Option<String>,
    recipient: Option<String>,
    achievement: Option<String>,
    number: Option<String>,
    #[serde(rename = "issued-from")]
    issued_from: Option<String>,
    #[serde(rename = "issued-to")]
    issued_to: Option<String>,
}

#[derive(Template)]
#[template(path = "certificates/certificates.html")]
struct Certificates {
    frame: Frame,
    text: &'static Texts,
    looked_for: LookedFor,
    /// What cannot be looked for: in which field, and why.
    wrong: Option<Wrong>,
    states: Vec<Choice>,
    organizations: Vec<Choice>,
    rows: Vec<Line>,
    /// The query of the page that follows.
    next: Option<String>,
}

/// A field that cannot be read.
struct Wrong {
    field: &'static str,
    why: String,
}

/// What the fields of the form show, as they were sent.
struct LookedFor {
    recipient: String,
    achievement: String,
    number: String,
    issued_from: String,
    issued_to: String,
}

struct Line {
    number: String,
    recipient: String,
    achievement: String,
    issued: String,
    level: String,
    state: &'static str,
}

pub(crate) async fn certificates(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<CertificatesQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let text = Texts::of(language);
    let looked_for = LookedFor::of(&query);
    let (organization, state) = (query.organization.clone(), query.state.clone());
    let (status, wanted, found, wrong) = match look(&laboratory, query).await {
        Ok((wanted, found)) => (StatusCode::OK, wanted, found, None),
        Err(Unread::Field { field, problem }) => {
            let nothing = IssuedCertificates { certificates: Vec::new(), next: None };
            let why = problem.description_ja.filter(|_| language == Language::Japanese);
            let wrong = Wrong { field, why: why.unwrap_or(problem.description) };
            (StatusCode::BAD_REQUEST, ListQuery::default(), nothing, Some(wrong))
        }
        Err(Unread::Else(problem)) => return Err(problem),
    };
    let organizations = laboratory.issuer.organizations().map(|one| {
        let name = language.of(&one.name_ja, &one.name_en);
        Choice::new(&one.id, name, organization.as_deref())
    });
    let states = STATES.map(|one| Choice::new(name(one), text.of_state(one), state.as_deref()));
    let page = Certificates {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text,
        looked_for,
        wrong,
        organizations: organizations.collect(),
        states: states.into(),
        next: found.next.map(|next| following(&wanted, &next.to_string(), language)),
        rows: found.certificates.into_iter().map(|one| Line::new(one, text, language)).collect(),
    };
    Ok((status, answer(&page, language)?).into_response())
}

/// Why nothing can be looked for.
enum Unread {
    /// A field of the form, which is shown again with it.
    Field {
        field: &'static str,
        problem: Problem,
    },
    Else(Problem),
}

/// What the form asks for, and the page of it.
async fn look(laboratory: &Laboratory, query: CertificatesQuery) -> Result<(ListQuery, IssuedCertificates), Unread> {
    let wanted = query.wanted()?;
    let number = wanted.number.as_deref().unwrap_or_default();
    if let Err(error) = number.parse::<CertificateNumber>()
        && !number.is_empty()
    {
        return Err(Unread::Field { field: "number", problem: error.into() });
    }
    match laboratory.issuer.search(&wanted).await {
        Ok(found) => Ok((wanted, found)),
        Err(Error::SearchUnusable { member: field, expected, expected_ja, found }) if SHOWN.contains(&field) => {
            let error = Error::SearchUnusable { member: field, expected, expected_ja, found };
            Err(Unread::Field { field, problem: error.into() })
        }
        Err(error) => Err(Unread::Else(error.into())),
    }
}

/// Fields of the form that may hold what cannot be looked for.
const SHOWN: [&str; 2] = ["issued-from", "issued-to"];

impl LookedFor {
    fn of(query: &CertificatesQuery) -> LookedFor {
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        LookedFor {
            recipient: shown(&query.recipient),
            achievement: shown(&query.achievement),
            number: shown(&query.number),
            issued_from: shown(&query.issued_from),
            issued_to: shown(&query.issued_to),
        }
    }
}

impl Certificates {
    /// What is wrong with that field.
    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|wrong| wrong.field == field).map(|wrong| wrong.why.as_str())
    }
}

const STATES: [StandingState; 5] = [
    StandingState::Valid,
    StandingState::Suspended,
    StandingState::Revoked,
    StandingState::Superseded,
    StandingState::Expired,
];

fn name(state: StandingState) -> &'static str {
    match state {
        StandingState::Valid => "valid",
        StandingState::Suspended => "suspended",
        StandingState::Revoked => "revoked",
        StandingState::Superseded => "superseded",
        StandingState::Expired => "expired",
    }
}

/// The query of the page after that number.
fn following(wanted: &ListQuery, after: &str, language: Language) -> String {
    let members = [
        ("lang", Some(language.code())),
        ("after", Some(after)),
        ("state", wanted.state.map(name)),
        ("organization", wanted.organization.as_deref()),
        ("recipient", wanted.recipient.as_deref()),
        ("achievement", wanted.achievement.as_deref()),
        ("number", wanted.number.as_deref()),
        ("issued-from", wanted.issued_from.as_deref()),
        ("issued-to", wanted.issued_to.as_deref()),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
}

impl CertificatesQuery {
    /// The same for the issuer, without the fields that are empty.
    fn wanted(self) -> Result<ListQuery, Unread> {
        let given = |field: Option<String>| field.filter(|value| !value.trim().is_empty());
        let state = given(self.state).map(|state| {
            let known = STATES.into_iter().find(|one| name(*one) == state);
            let wanted = STATES.map(name).join(", ");
            known.ok_or_else(|| Unread::Field {
                field: "state",
                problem: Problem::bad_request(format!("state: wanted one of {wanted}"))
                    .in_japanese(format!("状態は {wanted} のいずれかです")),
            })
        });
        Ok(ListQuery {
            after: given(self.after),
            limit: Some(PAGE),
            state: state.transpose()?,
            organization: given(self.organization),
            recipient: given(self.recipient),
            achievement: given(self.achievement),
            number: given(self.number),
            issued_from: given(self.issued_from),
            issued_to: given(self.issued_to),
        })
    }
}

impl Texts {
    fn of_state(&self, state: StandingState) -> &'static str {
        match state {
            StandingState::Valid => self.valid,
            StandingState::Suspended => self.suspended,
            StandingState::Revoked => self.revoked,
            StandingState::Superseded => self.superseded,
            StandingState::Expired => self.expired,
        }
    }
}

impl Line {
    fn new(one: ListedCertificate, text: &Texts, language: Language) -> Line {
        let summary = one.summary;
        Line {
            number: summary.number.to_string(),
            achievement: language.of(&summary.achievement_ja, &summary.achievement_en).to_owned(),
            recipient: summary.recipient,
            issued: japan_time(summary.issued_at),
            level: summary.level.to_string(),
            state: one.state.map_or("", |state| text.of_state(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_any_that_is_not_the_last_says_that_it_goes_on() {
        let page = |next: Option<&str>| {
            let text = Texts::of(Language::Japanese);
            let looked_for = LookedFor {
                recipient: String::new(),
                achievement: String::new(),
                number: String::new(),
                issued_from: String::new(),
                issued_to: String::new(),
            };
            let page = Certificates {
                frame: Frame::new(Language::Japanese, "http://127.0.0.1:8700", Switch::here(None)),
                text,
                looked_for,
                wrong: None,
                states: Vec::new(),
                organizations: Vec::new(),
                rows: Vec::new(),
                next: next.map(str::to_owned),
            };
            page.render().unwrap()
        };
        let (more, last) = (page(Some("after=TBU-2026-000001-N")), page(None));
        assert!(more.contains("ここまで調べた") && !more.contains("該当する証明書はありません"), "{more}");
        assert!(last.contains("該当する証明書はありません") && !last.contains("rel=\"next\""), "{last}");
    }
}
