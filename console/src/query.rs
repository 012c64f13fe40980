//! What stands in the address of a page behind `?`, and the links that lead to the same page in another language. What cannot be
//! read is answered in words of our own, in Japanese too.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use validation::{Language, Policy};
use world::problem::{ApiPath, ApiQuery};

use crate::problem::{PageProblem, UNREADABLE_PATH, UNREADABLE_QUERY};
use crate::verify::Refusal;

/// The query of a page.
pub(crate) struct PageQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for PageQuery<T> {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageProblem> {
        let read = ApiQuery::from_request_parts(parts, state).await;
        read.map(|ApiQuery(members)| PageQuery(members))
            .map_err(|problem| PageProblem { problem, japanese: Some(UNREADABLE_QUERY) })
    }
}

/// The parameters in the path of a page.
pub(crate) struct PagePath<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PagePath<T> {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageProblem> {
        let read = ApiPath::from_request_parts(parts, state).await;
        read.map(|ApiPath(value)| PagePath(value))
            .map_err(|problem| PageProblem { problem, japanese: Some(UNREADABLE_PATH) })
    }
}

/// Where a page is had in another language.
#[derive(Clone)]
pub(crate) struct Switch {
    /// The address without its query: none for the page itself.
    address: String,
    /// The other members of the query, as they came.
    others: String,
}

impl Switch {
    /// The page that was asked for, with everything else that was asked.
    pub(crate) fn here(query: Option<&str>) -> Switch {
        let is_language = |member: &str| {
            let name = member.split('=').next().unwrap_or_default();
            percent_encoding::percent_decode_str(name).eq(*b"lang")
        };
        let others = query.unwrap_or_default().split('&').filter(|member| !member.is_empty() && !is_language(member));
        Switch { address: String::new(), others: others.map(|member| format!("&{member}")).collect() }
    }

    /// What is kept of a form, seen from where it was sent.
    pub(crate) fn to_kept(id: &str) -> Switch {
        Switch { address: format!("verify/{id}"), others: String::new() }
    }

    pub(crate) fn to(&self, language: &str) -> String {
        let Switch { address, others } = self;
        format!("{address}?lang={language}{others}")
    }
}

/// The query of pages that others link to. What else stands there, such as the marks that mail programs add, changes nothing.
#[derive(Deserialize)]
pub(crate) struct OpenQuery {
    pub(crate) lang: Option<String>,
}

/// The query of a verification. Unknown members are refused: one might be meant to change the verdict.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerificationQuery {
    pub(crate) lang: Option<String>,
    /// The policy that is asked for by name; else `default`.
    policy: Option<String>,
    /// The validation time: RFC 3339, a date, `+400d`; else the world's now.
    at: Option<String>,
}

/// The query of a verdict, which is what it is: nothing changes it any more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictQuery {
    pub(crate) lang: Option<String>,
}

impl VerificationQuery {
    pub(crate) fn policy(&self) -> Result<Arc<Policy>, Refusal> {
        let Some(name) = &self.policy else { return Ok(Arc::new(Policy::default())) };
        Policy::named(name).map(Arc::new).ok_or_else(|| Refusal::UnknownPolicy { name: name.clone() })
    }

    pub(crate) fn at(&self, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let at = self.at.as_deref().map(|text| world::time::parse(text, now)).transpose();
        at.map_err(|error| Refusal::UnreadableTime(error.to_string()))
    }

    /// The same as a query, in that language.
    pub(crate) fn in_language(&self, language: Language) -> String {
        let members = [("lang", Some(language.code())), ("policy", self.policy.as_deref()), ("at", self.at.as_deref())];
        let members = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_switched_and_everything_else_stays() {
        for (query, other) in [
            (None, "?lang=ja"),
            (Some(""), "?lang=ja"),
            (Some("lang=en"), "?lang=ja"),
            (Some("policy=strict&at=2030-01-01&lang=en"), "?lang=ja&policy=strict&at=2030-01-01"),
            (Some("lang=en&%6Cang=en&&language=x&a"), "?lang=ja&language=x&a"),
        ] {
            assert_eq!(Switch::here(query).to("ja"), other, "{query:?}");
        }
    }
}
