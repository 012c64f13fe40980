//! The JSON Schema of plans: what the types say, and the forms of members that are written as text.

use serde_json::{Value, json};

use super::WorldPlan;
use super::check::{MOST_TABLES, longest};
use super::pieces::{ALGORITHMS, TABLES};

/// A duration above 0, of fewer seconds than certificates can count.
const DURATION: &str = r"^\+?0*[1-9][0-9]{0,11}(s|m|min|h|d|w|y)$";

/// A date or a time of RFC 3339.
macro_rules! time {
    () => {
        concat!(
            r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
            r"([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?"
        )
    };
}

/// When a world starts: a time, or so long before or after the present.
const START: &str = concat!(r"^([+-][0-9]{1,12}(s|m|min|h|d|w|y)|", time!(), ")$");

/// When something began: a time, or so long before the start; nothing begins after it.
const BEGINS: &str = concat!(r"^((-[0-9]{1,12}|\+0+)(s|m|min|h|d|w|y)|", time!(), ")$");

/// How far a unit's time may be from UTC, above 0.
const ACCURACY: &str = r"^0*[1-9][0-9]{0,15}(s|ms|us)$";

/// An object identifier in digits and dots: below 0 and 1 are forty each.
const OBJECT_IDENTIFIER: &str = r"^([01]\.(0|[1-9]|[1-3][0-9])|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*$";

/// What the identifier of an organisation begins with, EN 319 412-1 clause 5.1.4.
const IDENTIFIER: &str = r"^((NTR|VAT|PSD|[A-Z]{2}:)[A-Z]{2}|LEIXG)-[^\s]+$";

/// One to five columns of characters that can be seen.
const SEAL: &str = r"^[^\s/]+(/[^\s/]+){0,4}$";

/// Some text: something that can be seen stands in it.
const SOMETHING: &str = r"\S";

/// The longest name in a certificate, ub-common-name of RFC 5280 appendix A.1.
const LONGEST_NAME: u64 = 64;

impl WorldPlan {
    /// The JSON Schema of plans.
    pub fn schema() -> Value {
        let mut schema = world::toml_text::schema::<WorldPlan>("World plan");
        add_forms(&mut schema, "");
        for table in TABLES {
            let list = &mut schema["properties"][table];
            list["maxItems"] = json!(MOST_TABLES);
            if table != "cross_certificate" {
                list["minItems"] = json!(1); // or it is left out
            }
        }
        let tables = schema.get_mut("$defs").and_then(Value::as_object_mut);
        tables.into_iter().flatten().for_each(|(table, schema)| add_forms(schema, table));
        schema
    }
}

/// Says of each member of a table how its text is written. A choice of words has no members.
fn add_forms(schema: &mut Value, table: &str) {
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, member) in members.into_iter().flatten() {
        match name.as_str() {
            "algorithm" | "ocsp_algorithm" => member["enum"] = algorithms(name, table).collect(),
            "start" => member["pattern"] = json!(START),
            "begins" => member["pattern"] = json!(BEGINS),
            "rollovers" => member["items"]["pattern"] = json!(BEGINS),
            "validity" | "crl_validity" | "ocsp_validity" => member["pattern"] = json!(DURATION),
            "accuracy" => member["pattern"] = json!(ACCURACY),
            "policy" => member["pattern"] = json!(OBJECT_IDENTIFIER),
            "policies" => member["items"]["pattern"] = json!(OBJECT_IDENTIFIER),
            "organization_identifier" => member["pattern"] = json!(IDENTIFIER),
            "seal" => member["pattern"] = json!(SEAL),
            "name" => member["not"] = json!({ "const": "api" }),
            "name_ja" | "name_en" | "signatory_ja" | "signatory_en" => {
                member["pattern"] = json!(SOMETHING);
                member["maxLength"] = json!(longest(name));
            }
            "common_name" | "registered_name" => {
                member["pattern"] = json!(SOMETHING);
                member["maxLength"] = json!(LONGEST_NAME);
            }
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
            ("AuthorityPlan", "begins", BEGINS),
            ("CrossCertificatePlan", "begins", BEGINS),
            ("CredentialPlan", "validity", DURATION),
            ("UnitPlan", "validity", DURATION),
            ("UnitPlan", "accuracy", ACCURACY),
            ("UnitPlan", "policy", OBJECT_IDENTIFIER),
        ] {
            assert_eq!(member(table, name)["pattern"], pattern, "{table} {name}");
        }
        assert_eq!(member("AuthorityPlan", "rollovers")["items"]["pattern"], BEGINS);
        assert_eq!(schema["properties"]["start"]["pattern"], START);
    }

    /// The members of each object of a schema.
    fn each_member(schema: &Value, look: &mut impl FnMut(&str, &Value)) {
        match schema {
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                look(name, member);
                each_member(member, look);
            }),
            Value::Array(items) => items.iter().for_each(|item| each_member(item, look)),
            _ => {}
        }
    }

    #[test]
    fn it_is_a_schema_itself_with_members_where_there_are_some_and_nothing_that_is_null() {
        let mut tables = 0;
        each_member(&WorldPlan::schema(), &mut |name, member| {
            assert!(!member.is_null(), "{name}");
            if name == "properties" {
                assert!(member.is_object(), "{member}");
                tables += 1;
            }
        });
        assert_eq!(tables, 1 + TABLES.len());
    }
}
