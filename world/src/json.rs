//! JSON as clients and people write it, RFC 8259. In: the bytes of a body or file. Out: an object, or what is wrong with it and
//! where: line, column, and the member.
//!
//! Stricter than serde and serde_json by themselves: a name stands once in an object at any depth (clause 4: of two, programs take
//! the one or the other, so that what one checks another may not use), and where an object is wanted an array of its values is
//! none. A byte order mark before it is ignored (clause 8.1).

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::de::{DeserializeSeed, IgnoredAny};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::{Error, Map, Value};
use serde_path_to_error::{Path, Segment, Track};

/// A JSON text that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The member, such as `outcomes[1].ja`; `.` is the whole text.
    pub path: String,
    /// What is wrong, in words of JSON, with line and column.
    pub problem: String,
}

/// Reads one object.
///
/// # Errors
/// What is no JSON, no object, or has a name twice, with line and column.
///
/// ```
/// assert_eq!(world::json::object(br#"{"SAD": "a"}"#)?.len(), 1);
/// for wrong in [r#"{"SAD": "a", "SAD": "b"}"#, r#"{"a": [{"b": 1, "b": 1}]}"#, "[]", "null", "{"] {
///     assert!(world::json::object(wrong.as_bytes()).is_err());
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn object(json: &[u8]) -> Result<Map<String, Value>, Error> {
    let mut reader = serde_json::Deserializer::from_slice(without_mark(json));
    let members = reader.deserialize_map(Members)?;
    reader.end()?;
    Ok(members)
}

/// Reads one object into a type.
///
/// # Errors
/// Those of [`object`], and what does not fit the type; in words of JSON, without the names of types in this program.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    read_with_place(json).map_err(|error| error.problem)
}

/// The same for data whose writer wants to know the member that is wrong.
///
/// # Errors
/// Those of [`read`].
pub fn read_with_place<T: DeserializeOwned>(json: &[u8]) -> Result<T, JsonError> {
    let json = without_mark(json);
    let members =
        object(json).map_err(|error| JsonError { path: ambiguous_member(json), problem: in_words(&error) })?;
    serde_path_to_error::deserialize(Strict(Value::Object(members))).map_err(|error| {
        let path = error.path().to_string();
        let problem = in_words(&seen_in_text::<T>(json, error.path()).unwrap_or(error.into_inner()));
        JsonError { path, problem }
    })
}

/// RFC 8259 clause 8.1: who reads may ignore a byte order mark.
fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)
}

/// The member at which the text is no object without two members of one name.
fn ambiguous_member(json: &[u8]) -> String {
    let (mut reader, mut track) = (serde_json::Deserializer::from_slice(json), Track::new());
    let read = serde_path_to_error::Deserializer::new(&mut reader, &mut track).deserialize_map(Members);
    if read.is_ok() { ".".into() } else { track.path().to_string() } // what follows the object is in no member
}

/// The fault at that member as the reader of the text meets it: with line and column.
fn seen_in_text<T: DeserializeOwned>(json: &[u8], path: &Path) -> Option<Error> {
    let met = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(json)).err();
    if let Some(met) = met.filter(|met| met.path().to_string() == path.to_string()) {
        return Some(met.into_inner());
    }
    // A type takes an array for an object, but [`Members`] do not.
    let segments: Vec<&Segment> = path.iter().collect();
    At(&segments).deserialize(&mut serde_json::Deserializer::from_slice(json)).err()
}

/// Reads the value at the end of a path as an object, and nothing else of the text.
struct At<'a>(&'a [&'a Segment]);

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0 {
            [] => deserializer.deserialize_map(Members).map(drop),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match self.0 {
                [Segment::Map { key }, rest @ ..] if *key == name => map.next_value_seed(At(rest))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let [Segment::Seq { index }, rest @ ..] = self.0 else { return Ok(()) };
        for _ in 0..*index {
            sequence.next_element::<IgnoredAny>()?;
        }
        sequence.next_element_seed(At(rest))?;
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

fn in_words(error: &Error) -> String {
    in_words_of_json(&error.to_string())
}

/// `expected struct Enrolment with 4 elements at line 1` names a type that no client knows.
fn in_words_of_json(message: &str) -> String {
    let mut words = message
        .replace("invalid type: sequence", "invalid type: array")
        .replace("invalid type: map", "invalid type: object")
        .replace("invalid unicode code point", "this is no text in UTF-8");
    for kind in ["tuple struct ", "unit struct ", "struct ", "enum "] {
        while let Some((before, after)) = words.split_once(&format!("expected {kind}")) {
            let rest = after.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
            let expected = if kind == "enum " { "one of the known names" } else { "an object" };
            words = format!("{before}expected {expected}{rest}");
        }
    }
    for (kind, expected) in NUMBERS {
        words = words.replace(&format!("expected {kind} at"), &format!("expected {expected} at"));
    }
    words
}

/// Types of numbers as serde names them, and what they are in JSON.
const NUMBERS: [(&str, &str); 8] = [
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a whole number from 0 to 65535"),
    ("u32", "a whole number from 0 to 4294967295"),
    ("u64", "a whole number that is not negative"),
    ("i32", "a whole number of 32 bits"),
    ("i64", "a whole number of 64 bits"),
    ("f32", "a number"),
    ("f64", "a number"),
];

/// The members of an object, each name once.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} is there twice")));
            }
            let Unambiguous(value) = map.next_value()?;
            members.insert(name, value);
        }
        Ok(members)
    }
}

/// A value in whose objects each name stands once.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Unambiguous)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = sequence.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Members.visit_map(map).map(Value::Object)
    }
}

/// A value that gives a struct its members from an object only: serde takes an array of them too.
struct Strict(Value);

impl<'de> Deserializer<'de> for Strict {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(values) => {
                let mut values = SeqDeserializer::new(values.into_iter().map(Strict));
                let read = visitor.visit_seq(&mut values)?;
                values.end().map(|()| read)
            }
            Value::Object(members) => {
                let mut members = MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Strict(value))));
                let read = visitor.visit_map(&mut members)?;
                members.end().map(|()| read)
            }
            simple => simple.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::custom("invalid type: array, expected an object")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Strict {
    type Deserializer = Strict;

    fn into_deserializer(self) -> Strict {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Enrolment {
        profile: String,
        subject: Option<Subject>,
        action: Option<Action>,
        limit: Option<u8>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Subject {
        name: String,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Action {
        Set,
    }

    fn fault(json: &str) -> String {
        read::<Enrolment>(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn an_object_is_read_into_its_type() {
        let json = br#" {"profile": "seal", "subject": {"name": "A"}, "action": "set", "limit": 7} "#;
        let read: Enrolment = read(json).unwrap();
        let subject = Some(Subject { name: "A".into() });
        assert_eq!(read, Enrolment { profile: "seal".into(), subject, action: Some(Action::Set), limit: Some(7) });
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        for json in [
            r#"{"profile": "seal", "profile": "badge"}"#,
            r#"{"profile": "seal", "subject": {"name": "A", "name": "A"}}"#,
            r#"{"profile": "seal", "pro\u0066ile": "seal"}"#,
        ] {
            assert!(fault(json).contains("is there twice at line 1 column"), "{json}: {}", fault(json));
        }
    }

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for json in [r#"["seal", null, null, null]"#, r#"{"profile": "seal", "subject": ["A"]}"#, "null", "\"seal\""] {
            let fault = fault(json);
            assert!(fault.contains("an object at line 1 column"), "{json}: {fault}");
        }
    }

    #[test]
    fn faults_have_a_place_and_no_name_of_a_type() {
        for (json, expected) in [
            (r#"{"profile": 1}"#, "invalid type: integer `1`, expected a string at line 1 column"),
            (r#"{"subject": {}}"#, "missing field `name` at line 1 column"),
            (r#"{"profile": "a", "subject": 5}"#, "expected an object at line 1 column"),
            (
                r#"{"profile": "a", "limit": 300}"#,
                "invalid value: integer `300`, expected a whole number from 0 to 255 at line 1",
            ),
            (r#"{"profile": "a", "more": 1}"#, "unknown field `more`"),
            (r#"{"profile": "a", "action": 5}"#, "at line 1 column"),
            (r#"{"profile": "a"} {}"#, "trailing characters at line 1 column"),
            (r#"{"profile": "a""#, "EOF while parsing"),
        ] {
            let fault = fault(json);
            assert!(fault.contains(expected), "{json}: {fault}");
            assert!(!["Enrolment", "Subject", "Action", "struct"].iter().any(|name| fault.contains(name)), "{fault}");
        }
    }

    #[test]
    fn the_member_that_is_wrong_is_named_also_if_another_fault_follows() {
        for (json, path, column) in [
            ("{\"profile\": \"a\", \"subject\":\n [\"A\"], \"zeal\": 300}", "subject", "line 2 column 1"),
            (r#"{"profile": "a", "limit": 300}"#, "limit", "line 1 column 29"),
            (r#"{"subject": {"name": "A", "name": "B"}}"#, "subject", "line 1 column 32"),
            (r#"{"profile": "a"} {}"#, ".", "line 1 column 18"),
        ] {
            let fault = read_with_place::<Enrolment>(json.as_bytes()).unwrap_err();
            assert_eq!(fault.path, path, "{json}: {fault:?}");
            assert!(fault.problem.contains(column), "{json}: {fault:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        assert_eq!(read::<Subject>("\u{feff}{\"name\": \"A\"}".as_bytes()), Ok(Subject { name: "A".into() }));
        assert_eq!(object("\u{feff}{}".as_bytes()).unwrap().len(), 0);
    }

    #[test]
    fn depth_has_an_end() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(object(deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
    }
}
