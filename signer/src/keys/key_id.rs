//! The name of a key, all that anybody outside the key store holds of it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::secret::random;

/// `key-` and 128 random bits in hexadecimal: says nothing about the key. Keep it as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(Arc<str>);

impl KeyId {
    pub(crate) fn random() -> Result<KeyId, Error> {
        Ok(KeyId(format!("key-{}", hex::encode(*random::<16>()?)).into()))
    }

    /// The name as text, to be kept in a table and read back with `parse`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<KeyId, Error> {
        let digits = text.strip_prefix("key-").unwrap_or_default();
        let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        match digits.len() == 32 && digits.bytes().all(is_digit) {
            true => Ok(KeyId(text.into())),
            false => Err(Error::KeyIdSyntax { found: text.into() }),
        }
    }
}

impl TryFrom<String> for KeyId {
    type Error = Error;

    fn try_from(text: String) -> Result<KeyId, Error> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> String {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_from_text_and_nothing_else_is() {
        let id = KeyId::random().unwrap();
        assert_eq!(id.to_string().parse::<KeyId>().unwrap(), id);
        for wrong in ["", "key-", "key-00", "key-0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef"]
        {
            assert!(wrong.parse::<KeyId>().is_err(), "{wrong}");
        }
    }
}
