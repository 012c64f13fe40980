//! A member of a request, read with the tolerance that real clients need. In: any JSON, or nothing. Out: a value of the type that
//! is wanted, or the refusal with its fixed text.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refusal::Refusal;

/// A member as it was sent, `null` as good as none. Its type is checked when it is read, and refused by its name.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Member(Option<Value>);

/// The body of a method's request.
pub(crate) trait Request: DeserializeOwned {
    /// The members that every method takes: texts.
    fn of_every_method(&self) -> [(&'static str, &Member); 2];
}

/// Makes these types bodies of requests.
macro_rules! requests {
    ($($request:ty),+) => {$(
        impl Request for $request {
            fn of_every_method(&self) -> [(&'static str, &Member); 2] {
                [("lang", &self.lang), ("clientData", &self.client_data)]
            }
        }
    )+};
}
pub(crate) use requests;

impl Member {
    /// What was sent.
    pub(super) fn value(&self) -> Option<&Value> {
        self.0.as_ref()
    }

    /// A text that may be absent; `name` stands in the refusal of another type.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        self.0.as_ref().map(|value| value.as_str().ok_or(Refusal::MissingString(name))).transpose()
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, name: &'static str) -> Result<&str, Refusal> {
        self.text(name)?.filter(|text| !text.is_empty()).ok_or(Refusal::MissingString(name))
    }

    /// A text that may be absent and is invalid in another type.
    pub(super) fn text_or_invalid(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        self.text(name).map_err(|_| Refusal::InvalidParameter(name))
    }

    /// A boolean that is false when absent.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        match &self.0 {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or(Refusal::InvalidParameter(name)),
        }
    }

    /// A number of at least 1 that must be there.
    pub(super) fn required_number(&self, name: &'static str) -> Result<u64, Refusal> {
        let value = self.0.as_ref().ok_or(Refusal::MissingInteger(name))?;
        match (value.as_u64(), value.as_i64()) {
            (Some(number), _) if number > 0 => Ok(number),
            (Some(_), _) | (_, Some(_)) => Err(Refusal::InvalidValue(name)),
            _ => Err(Refusal::MissingInteger(name)),
        }
    }

    /// A number of at least 1 that may be absent.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<u64>, Refusal> {
        let Some(value) = &self.0 else { return Ok(None) };
        value.as_u64().filter(|number| *number > 0).map(Some).ok_or(Refusal::InvalidParameter(name))
    }

    /// Refuses a PIN or one-time password. An empty one is as good as none: the schema of v1 makes clients send both.
    pub(super) fn check_empty(&self, name: &'static str, invalid: Refusal) -> Result<(), Refusal> {
        match self.text(name)?.is_none_or(str::is_empty) {
            true => Ok(()),
            false => Err(invalid),
        }
    }
}

/// One member of several spellings; two different values are refused.
pub(super) fn either<'a>(spellings: &[(&'static str, &'a Member)]) -> Result<Option<&'a Value>, Refusal> {
    let mut found: Option<(&'static str, &Value)> = None;
    for &(name, member) in spellings {
        match (&member.0, found) {
            (Some(value), Some((first, other))) if value != other => {
                return Err(Refusal::Contradiction(first, name));
            }
            (Some(value), None) => found = Some((name, value)),
            _ => {}
        }
    }
    Ok(found.map(|(_, value)| value))
}
