//! `/certificates`: the certificates that were issued, searched and paged.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use issuer::api::{ListQuery, ListedCertificate, StandingState};
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
    states: Vec<Choice>,
    organizations: Vec<Choice>,
    rows: Vec<Line>,
    /// The query of the page that follows.
    next: Option<String>,
}

/// What the fields of the form show.
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
    let wanted = query.wanted()?;
    let found = laboratory.issuer.search(&wanted).await?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_default();
    let organizations = laboratory.issuer.organizations().map(|organization| {
        let name = language.of(&organization.name_ja, &organization.name_en);
        Choice::new(&organization.id, name, wanted.organization.as_deref())
    });
    let states = STATES.map(|state| Choice::new(name(state), text.of_state(state), wanted.state.map(name)));
    let page = Certificates {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text,
        looked_for: LookedFor {
            recipient: shown(&wanted.recipient),
            achievement: shown(&wanted.achievement),
            number: shown(&wanted.number),
            issued_from: shown(&wanted.issued_from),
            issued_to: shown(&wanted.issued_to),
        },
        organizations: organizations.collect(),
        states: states.into(),
        next: found.next.map(|next| following(&wanted, &next.to_string(), language)),
        rows: found.certificates.into_iter().map(|one| Line::new(one, text, language)).collect(),
    };
    answer(&page, language)
}

const STATES: [StandingState; 4] =
    [StandingState::Valid, StandingState::Suspended, StandingState::Revoked, StandingState::Superseded];

fn name(state: StandingState) -> &'static str {
    match state {
        StandingState::Valid => "valid",
        StandingState::Suspended => "suspended",
        StandingState::Revoked => "revoked",
        StandingState::Superseded => "superseded",
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
    fn wanted(self) -> Result<ListQuery, Problem> {
        let given = |field: Option<String>| field.filter(|value| !value.trim().is_empty());
        let state = given(self.state).map(|state| {
            let known = STATES.into_iter().find(|one| name(*one) == state);
            known.ok_or_else(|| Problem::bad_request(format!("state: wanted one of {}", STATES.map(name).join(", "))))
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
