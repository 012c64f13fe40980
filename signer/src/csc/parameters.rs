//! The members of a request, with the tolerance that real clients need: `null` is absent, each name is taken in its v1
//! and v2 spelling on both paths. In: a JSON object. Out: typed values, or the refusal with its fixed text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pki::{Digest, DigestAlgorithm, ObjectIdentifier};
use serde_json::{Map, Value};
use world::json;

use super::dialect::Dialect;
use super::refusal::Refusal;

/// The body of a request.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Map<String, Value>);

/// How much of a certificate chain an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certificates {
    None,
    Single,
    Chain,
}

/// Characters of a description (CSC API 2.0.0.2 clause 11.6).
const LONGEST_DESCRIPTION: usize = 500;

const HASHES: [&str; 2] = ["hashes", "hash"];
const HASH_ALGORITHM: [&str; 2] = ["hashAlgorithmOID", "hashAlgo"];

impl Parameters {
    /// Reads a body. None at all is an object without members, as many clients send it to `info`.
    pub(crate) fn read(body: &[u8]) -> Result<Parameters, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Parameters::default());
        }
        let parameters = json::object(body).map(Parameters);
        let parameters = parameters.map_err(|error| Refusal::MalformedJson(error.to_string()))?;
        for of_every_method in ["lang", "clientData"] {
            parameters.string(of_every_method)?;
        }
        Ok(parameters)
    }

    /// A member in any of its spellings; `null` is as good as none, two different values are refused.
    fn any(&self, spellings: &[&'static str]) -> Result<Option<&Value>, Refusal> {
        let mut found: Option<(&'static str, &Value)> = None;
        for &name in spellings {
            match (self.0.get(name).filter(|value| !value.is_null()), found) {
                (Some(value), Some((first, other))) if value != other => {
                    return Err(Refusal::Contradiction(first, name));
                }
                (Some(value), None) => found = Some((name, value)),
                _ => {}
            }
        }
        Ok(found.map(|(_, value)| value))
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A string that may be absent; `name` stands in the refusal of another type.
    pub(crate) fn string(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        self.value(name).map(|value| value.as_str().ok_or(Refusal::MissingString(name))).transpose()
    }

    /// A string that must be there.
    pub(crate) fn required_string(&self, name: &'static str) -> Result<&str, Refusal> {
        self.string(name)?.filter(|text| !text.is_empty()).ok_or(Refusal::MissingString(name))
    }

    /// A boolean that is false when absent.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        match self.value(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or(Refusal::InvalidParameter(name)),
        }
    }

    /// `numSignatures`, at least 1.
    pub(crate) fn number_of_signatures(&self) -> Result<u64, Refusal> {
        let value = self.value("numSignatures").ok_or(Refusal::MissingInteger("numSignatures"))?;
        match (value.as_u64(), value.as_i64()) {
            (Some(number), _) if number > 0 => Ok(number),
            (Some(_), _) | (_, Some(_)) => Err(Refusal::InvalidValue("numSignatures")),
            _ => Err(Refusal::MissingInteger("numSignatures")),
        }
    }

    /// `maxResults`, at least 1.
    pub(crate) fn maximum_results(&self) -> Result<Option<u64>, Refusal> {
        let invalid = Refusal::InvalidParameter("maxResults");
        let Some(value) = self.value("maxResults") else { return Ok(None) };
        value.as_u64().filter(|number| *number > 0).map(Some).ok_or(invalid)
    }

    /// Refuses a `description` that is none, or has more than the 500 characters that the API allows. Nobody is shown it: no
    /// credential here is authorized by a person.
    pub(crate) fn check_description(&self) -> Result<(), Refusal> {
        match self.string("description")? {
            Some(text) if text.chars().count() > LONGEST_DESCRIPTION => Err(Refusal::InvalidParameter("description")),
            _ => Ok(()),
        }
    }

    /// `certificates`: none, single (default) or chain.
    pub(crate) fn certificates(&self) -> Result<Certificates, Refusal> {
        match self.value("certificates").map(Value::as_str) {
            None | Some(Some("single")) => Ok(Certificates::Single),
            Some(Some("none")) => Ok(Certificates::None),
            Some(Some("chain")) => Ok(Certificates::Chain),
            Some(_) => Err(Refusal::InvalidParameter("certificates")),
        }
    }

    /// `hashes` or `hash`, decoded, in their order; `None` if absent.
    pub(crate) fn hashes(&self) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
        let Some(value) = self.any(&HASHES)? else { return Ok(None) };
        let hashes = value.as_array().ok_or(Refusal::MissingArray("hash"))?;
        if hashes.is_empty() {
            return Err(Refusal::EmptyHashArray);
        }
        hashes.iter().map(decoded_hash).collect::<Result<_, _>>().map(Some)
    }

    /// Refuses a PIN and a one-time password (v1) and authentication data (v2), since no credential here has any: a client
    /// that believes to be asked for one is told so. Empty ones are as good as none: the schema of v1 makes clients send both.
    pub(crate) fn check_nothing_authenticates(&self) -> Result<(), Refusal> {
        for (name, invalid) in [("PIN", Refusal::PinInvalid), ("OTP", Refusal::OtpInvalid)] {
            if self.string(name)?.is_some_and(|text| !text.is_empty()) {
                return Err(invalid);
            }
        }
        match self.value("authData").map(Value::as_array) {
            None => Ok(()),
            Some(Some(elements)) if elements.is_empty() => Ok(()),
            Some(Some(_)) => Err(Refusal::AuthenticationDataInvalid),
            Some(None) => Err(Refusal::MissingArray("authData")),
        }
    }

    /// `hashAlgorithmOID` or `hashAlgo`: SHA-256, SHA-384 or SHA-512; `None` if absent.
    pub(crate) fn hash_algorithm(&self, dialect: Dialect) -> Result<Option<DigestAlgorithm>, Refusal> {
        let Some(value) = self.any(&HASH_ALGORITHM)? else { return Ok(None) };
        let text = value.as_str().ok_or(Refusal::MissingString(dialect.hash_algorithm()))?;
        let invalid = || Refusal::InvalidParameter(dialect.hash_algorithm());
        let algorithm = ObjectIdentifier::new(text).ok().and_then(|oid| DigestAlgorithm::from_oid(oid).ok());
        algorithm.filter(|found| found.is_for_new_signatures()).map(Some).ok_or_else(invalid)
    }

    /// Refuses the asynchronous mode and what belongs to it in a wrong type.
    pub(crate) fn check_synchronous(&self) -> Result<(), Refusal> {
        match self.any(&["operationMode"])? {
            None => {}
            Some(mode) if mode == "S" => {}
            Some(_) => return Err(Refusal::InvalidParameter("operationMode")),
        }
        if self.any(&["validity_period", "validityPeriod"])?.is_some_and(|value| !value.is_u64()) {
            return Err(Refusal::InvalidParameter("validity_period"));
        }
        if self.any(&["response_uri", "responseURI", "responseUri"])?.is_some_and(|value| !value.is_string()) {
            return Err(Refusal::InvalidParameter("response_uri"));
        }
        Ok(())
    }
}

fn decoded_hash(hash: &Value) -> Result<Vec<u8>, Refusal> {
    let text = hash.as_str().ok_or(Refusal::InvalidBase64Hash)?;
    if is_hexadecimal(text) {
        return Err(Refusal::HexadecimalHash);
    }
    STANDARD.decode(text).map_err(|_| Refusal::InvalidBase64Hash)
}

/// Whether a text is a SHA-1 or SHA-2 digest in hexadecimal. All of them are Base64 too: the 64 digits of a SHA-256 would be
/// signed as the 48 bytes of a SHA-384. The Base64 of a digest has other characters too, but for that of zeros.
fn is_hexadecimal(text: &str) -> bool {
    let mut characters = text.bytes();
    matches!(text.len(), 40 | 56 | 64 | 96 | 128)
        && characters.clone().all(|character| character.is_ascii_hexdigit())
        && characters.any(|character| character.is_ascii_digit())
}

/// Makes digests of decoded hashes, each as long as the algorithm says.
pub(crate) fn digests(algorithm: DigestAlgorithm, hashes: Vec<Vec<u8>>) -> Result<Vec<Digest>, Refusal> {
    let digest = |hash| Digest::new(algorithm, hash).map_err(|_| Refusal::InvalidDigestLength);
    hashes.into_iter().map(digest).collect()
}

/// The algorithm of hashes that came without its name: SHA-2 digests of 32, 48 and 64 bytes cannot be confused.
pub(crate) fn algorithm_by_length(hashes: &[Vec<u8>]) -> Result<DigestAlgorithm, Refusal> {
    match hashes.first().map(Vec::len) {
        Some(32) => Ok(DigestAlgorithm::Sha256),
        Some(48) => Ok(DigestAlgorithm::Sha384),
        Some(64) => Ok(DigestAlgorithm::Sha512),
        _ => Err(Refusal::InvalidDigestLength),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &str) -> Parameters {
        Parameters::read(json.as_bytes()).unwrap()
    }

    #[test]
    fn both_spellings_with_one_value_are_one_parameter() {
        let both = parameters(r#"{"hash": ["AAAA"], "hashes": ["AAAA"]}"#);
        assert_eq!(both.hashes().unwrap(), Some(vec![vec![0, 0, 0]]));
        let different = parameters(r#"{"hash": ["AAAA"], "hashes": ["AAAB"]}"#);
        assert!(matches!(different.hashes(), Err(Refusal::Contradiction("hashes", "hash"))));
        let null = parameters(r#"{"hash": ["AAAA"], "hashes": null}"#);
        assert!(null.hashes().unwrap().is_some());
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_and_an_empty_one_is_none() {
        assert!(Parameters::read(b" ").unwrap().0.is_empty());
        for wrong in ["[]", "null", "{", "\"text\"", "{\"a\": }", r#"{"a": 1, "a": 1}"#, r#"{"a": [{"b": 1, "b": 2}]}"#]
        {
            assert!(matches!(Parameters::read(wrong.as_bytes()), Err(Refusal::MalformedJson(_))), "{wrong}");
        }
    }

    #[test]
    fn a_number_of_signatures_is_a_positive_integer() {
        assert_eq!(parameters(r#"{"numSignatures": 3}"#).number_of_signatures().unwrap(), 3);
        for missing in [r#"{}"#, r#"{"numSignatures": "3"}"#, r#"{"numSignatures": 1.5}"#, r#"{"numSignatures": null}"#]
        {
            let refused = parameters(missing).number_of_signatures();
            assert!(matches!(refused, Err(Refusal::MissingInteger(_))), "{missing}");
        }
        for invalid in [r#"{"numSignatures": 0}"#, r#"{"numSignatures": -1}"#] {
            let refused = parameters(invalid).number_of_signatures();
            assert!(matches!(refused, Err(Refusal::InvalidValue(_))), "{invalid}");
        }
    }
}
