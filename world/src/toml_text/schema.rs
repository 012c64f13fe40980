//! The form of a text as a JSON Schema, from the types that read it. Editors that know TOML take it for completion and checking.

use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Where schemas lie in an OpenAPI document, and where in a JSON Schema of its own.
const IN_OPENAPI: &str = "#/components/schemas/";
const IN_SCHEMA: &str = "#/$defs/";

/// The JSON Schema of a type under this title, draft 2020-12, which OpenAPI 3.1 uses too.
pub fn schema<T: ToSchema + PartialSchema>(title: &str) -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    <T as ToSchema>::schemas(&mut parts);
    let value = |schema| serde_json::to_value(schema).expect("a schema is JSON");
    let parts = parts.into_iter().map(|(name, schema)| (name, value(schema))).collect::<Map<_, _>>();
    let mut whole = Map::new();
    whole.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    whole.insert("title".into(), title.into());
    if let Value::Object(members) = value(<T as PartialSchema>::schema()) {
        whole.extend(members);
    }
    whole.insert("$defs".into(), parts.into());
    let mut schema = Value::Object(whole);
    point_into_itself(&mut schema);
    schema
}

fn point_into_itself(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name == "$ref" => *text = text.replace(IN_OPENAPI, IN_SCHEMA),
                    member => point_into_itself(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_into_itself),
        _ => {}
    }
}
