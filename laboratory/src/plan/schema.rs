//! The JSON Schema of plans: what the types say, and the forms of members that are written as text.

use serde_json::{Value, json};

use super::WorldPlan;
use super::pieces::ALGORITHMS;

/// A duration above 0.
const DURATION: &str = r"^\+?[0-9]+(s|m|min|h|d|w|y)$";

/// A date, a time of RFC 3339, or so long before or after the start.
const MOMENT: &str = concat!(
    r"^([+-][0-9]+(s|m|min|h|d|w|y)",
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?)$"
);

/// How far a unit's time may be from UTC.
const ACCURACY: &str = r"^[0-9]+(s|ms|us)$";

/// An object identifier in digits and dots.
const OBJECT_IDENTIFIER: &str = r"^[0-2](\.(0|[1-9][0-9]*))+$";

impl WorldPlan {
    /// The JSON Schema of plans.
    pub fn schema() -> Value {
        let mut schema = world::toml_text::schema::<WorldPlan>("World plan");
        add_forms(&mut schema["properties"], "");
        if let Some(tables) = schema["$defs"].as_object_mut() {
            tables.iter_mut().for_each(|(table, schema)| add_forms(&mut schema["properties"], table));
        }
        schema
    }
}

/// Says of each member of a table how its text is written.
fn add_forms(members: &mut Value, table: &str) {
    for (name, member) in members.as_object_mut().into_iter().flatten() {
        match name.as_str() {
            "algorithm" | "ocsp_algorithm" => member["enum"] = algorithms(name, table).collect(),
            "start" | "begins" => member["pattern"] = json!(MOMENT),
            "rollovers" => member["items"]["pattern"] = json!(MOMENT),
            "validity" | "crl_validity" | "ocsp_validity" => member["pattern"] = json!(DURATION),
            "accuracy" => member["pattern"] = json!(ACCURACY),
            "policy" => member["pattern"] = json!(OBJECT_IDENTIFIER),
            "policies" => member["items"]["pattern"] = json!(OBJECT_IDENTIFIER),
            _ => {}
        }
    }
}

/// The algorithms that a member may name.
fn algorithms(member: &str, table: &str) -> impl Iterator<Item = Value> {
    let is_authority_s = table == "AuthorityPlan" && member == "algorithm" || member == "ocsp_algorithm";
    let without_padding = table == "CredentialPlan";
    let fits =
        move |name: &&str| (is_authority_s || *name != "Ed25519") && !(without_padding && name.ends_with("-PSS"));
    ALGORITHMS.into_iter().filter(fits).map(Value::from)
}

#[cfg(test)]
mod tests {
    use pki::KeyAlgorithm;

    use super::*;

    #[test]
    fn members_that_are_text_say_how_it_is_written() {
        let schema = WorldPlan::schema();
        let member = |table: &str, name: &str| schema["$defs"][table]["properties"][name].clone();
        let names = |member: Value| member["enum"].as_array().unwrap().len();
        assert_eq!(names(member("AuthorityPlan", "algorithm")), 10);
        assert_eq!(names(member("AuthorityPlan", "ocsp_algorithm")), 10);
        assert_eq!(names(member("CredentialPlan", "algorithm")), 6);
        assert_eq!(names(member("UnitPlan", "algorithm")), 9);
        for name in ALGORITHMS {
            let read: KeyAlgorithm = name.parse().unwrap();
            assert_eq!(read.to_string(), name);
        }
        for (table, name, pattern) in [
            ("AuthorityPlan", "validity", DURATION),
            ("AuthorityPlan", "crl_validity", DURATION),
            ("AuthorityPlan", "ocsp_validity", DURATION),
            ("AuthorityPlan", "begins", MOMENT),
            ("CrossCertificatePlan", "begins", MOMENT),
            ("CredentialPlan", "validity", DURATION),
            ("UnitPlan", "validity", DURATION),
            ("UnitPlan", "accuracy", ACCURACY),
            ("UnitPlan", "policy", OBJECT_IDENTIFIER),
        ] {
            assert_eq!(member(table, name)["pattern"], pattern, "{table} {name}");
        }
        assert_eq!(member("AuthorityPlan", "rollovers")["items"]["pattern"], MOMENT);
        assert_eq!(schema["properties"]["start"]["pattern"], MOMENT);
    }
}
