//! What is said over HTTP. The answer is [`validation::report::Report`].

use serde::Deserialize;
use utoipa::IntoParams;

/// Members of the query of a validation.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ValidationQuery {
    /// The validation time: RFC 3339, a date, `+400d`; else the world's now.
    #[param(example = "2030-01-01")]
    pub(crate) at: Option<String>,
    /// Whether evidence may be fetched; it may, if nothing is said.
    pub(crate) online: Option<bool>,
    /// The policy that is asked for by name; else `default`.
    #[param(example = "strict")]
    pub(crate) policy: Option<String>,
}
