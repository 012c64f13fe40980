//! What stands behind `?` of a verification: by which policy, and at what time.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use validation::{Language, Policy};

use crate::refusal::Refusal;

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
