//! What is said over HTTP. The answer is [`validation::report::Report`].

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use validation::Policy;

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
    #[param(schema_with = every_policy)]
    pub(crate) policy: Option<String>,
}

fn every_policy() -> Object {
    let description = "The policy that is asked for by name; else `default`.";
    let name = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    name.enum_values(Some(Policy::NAMES)).examples(["strict"]).build()
}
