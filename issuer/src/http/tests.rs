//! What the description of the issuer's addresses says, held against what they take and give.

use serde_json::{Value, json};

use super::*;

fn description() -> Value {
    serde_json::to_value(routes().into_openapi()).unwrap()
}

/// The members of a schema, in order.
fn members(document: &Value, schema: &str) -> Vec<String> {
    let properties = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

#[test]
fn every_operation_says_what_it_gives_in_words() {
    let document = description();
    let paths = document["paths"].as_object().unwrap();
    let operations: Vec<&Value> = paths.values().flat_map(|item| item.as_object().unwrap().values()).collect();
    assert_eq!((paths.len(), operations.len()), (37, 40));
    for operation in operations {
        assert!(operation["summary"].is_string() && operation["tags"] == json!(["issuer"]), "{operation}");
    }
}

#[test]
fn the_example_of_completion_data_is_one_that_is_certified() {
    let document = description();
    let example = &document["components"]["schemas"]["Completion"]["example"];
    Completion::from_json(example.to_string().as_bytes()).unwrap();
    assert_eq!(document["components"]["schemas"]["Completion"]["additionalProperties"], false);
}

#[test]
fn answers_have_the_members_of_their_schemas_in_their_order() {
    let document = description();
    let gap = json!({ "number": "TBU-2026-000001-N", "state": "given-up" });
    let gap: Gap = serde_json::from_value(gap).unwrap();
    let text = serde_json::to_string(&gap).unwrap();
    let expected = r#"{"batch":null,"given_up_at":null,"number":"TBU-2026-000001-N","problem":null,"reason":null,"row":null,"state":"given-up","taken_at":null}"#;
    assert_eq!(text, expected);
    let written: Value = serde_json::from_str(&text).unwrap();
    assert!(written.as_object().unwrap().keys().eq(members(&document, "Gap").iter()));
    let levels = &document["components"]["schemas"]["Level"]["enum"];
    assert_eq!(levels, &json!(["B-B", "B-T", "B-LT", "B-LTA"]));
}
