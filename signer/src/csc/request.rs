//! How a request is read, with the tolerance that real clients need: `null` is absent, each name is taken in its v1 and v2
//! spelling on both paths, and what a method does not know is no fault. In: a JSON object. Out: typed values, or the refusal with
//! its fixed text.

use axum::extract::FromRequest;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pki::{Digest, DigestAlgorithm, ObjectIdentifier};
use serde::de::IntoDeserializer;
use serde_json::{Map, Value};
use world::json;
use world::problem::{ApiBytes, JsonFromPages};

use super::api::{AuthorizeRequest, Certificates, SignHashRequest};
use super::dialect::Dialect;
use super::member::{Member, Request, either};
use super::refusal::Refusal;
use super::{LARGEST_BODY, Service};

/// A request that was read.
#[derive(Debug)]
pub(crate) struct RequestBody<T>(pub(crate) T);

impl<T: Request> FromRequest<Service> for RequestBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: axum::extract::Request, service: &Service) -> Result<RequestBody<T>, Refusal> {
        JsonFromPages::check(request.headers()).map_err(|problem| Refusal::MediaType(problem.description))?;
        match ApiBytes::<LARGEST_BODY>::from_request(request, service).await {
            Ok(ApiBytes(body)) => read(&body).map(RequestBody),
            Err(problem) if problem.status == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::TooLarge),
            Err(problem) => Err(Refusal::MalformedJson(problem.description)),
        }
    }
}

/// Reads a body. None at all is an object without members, as many clients send it to `info`.
fn read<T: Request>(body: &[u8]) -> Result<T, Refusal> {
    let malformed = |error: serde_json::Error| Refusal::MalformedJson(error.to_string());
    let members = match body.iter().all(u8::is_ascii_whitespace) {
        true => Map::new(),
        false => json::object(body).map_err(malformed)?,
    };
    let request = T::deserialize(members.into_deserializer()).map_err(malformed)?;
    for (name, member) in request.of_every_method() {
        member.text(name)?;
    }
    Ok(request)
}

impl Certificates {
    /// Which of none, single (default) and chain a request says.
    pub(crate) fn of(member: &Member) -> Result<Certificates, Refusal> {
        match member.value().map(Value::as_str) {
            None => Ok(Certificates::default()),
            Some(Some("single")) => Ok(Certificates::Single),
            Some(Some("none")) => Ok(Certificates::None),
            Some(Some("chain")) => Ok(Certificates::Chain),
            Some(_) => Err(Refusal::InvalidParameter("certificates")),
        }
    }
}

/// Characters of a description (CSC API 2.0.0.2 clause 11.6).
const LONGEST_DESCRIPTION: usize = 500;

impl AuthorizeRequest {
    /// The hashes, decoded, in their order; `None` if absent.
    pub(crate) fn hashes(&self) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
        hashes(&self.hashes, &self.hash)
    }

    /// The algorithm of the hashes: SHA-256, SHA-384 or SHA-512; `None` if absent.
    pub(crate) fn hash_algorithm(&self, dialect: Dialect) -> Result<Option<DigestAlgorithm>, Refusal> {
        hash_algorithm(&self.hash_algorithm_oid, &self.hash_algo, dialect)
    }

    /// Refuses a PIN and a one-time password (v1) and authentication data (v2), since no credential here has any: a client
    /// that believes to be asked for one learns so.
    pub(crate) fn check_nothing_authenticates(&self) -> Result<(), Refusal> {
        self.pin.check_empty("PIN", Refusal::PinInvalid)?;
        self.otp.check_empty("OTP", Refusal::OtpInvalid)?;
        match self.auth_data.value().map(Value::as_array) {
            None => Ok(()),
            Some(Some(elements)) if elements.is_empty() => Ok(()),
            Some(Some(_)) => Err(Refusal::AuthenticationDataInvalid),
            Some(None) => Err(Refusal::MissingArray("authData")),
        }
    }

    /// Refuses a `description` that is none, or has more than the 500 characters that the API allows. Nobody is shown it: no
    /// credential here is authorized by a person.
    pub(crate) fn check_description(&self) -> Result<(), Refusal> {
        match self.description.text("description")? {
            Some(text) if text.chars().count() > LONGEST_DESCRIPTION => Err(Refusal::InvalidParameter("description")),
            _ => Ok(()),
        }
    }
}

impl SignHashRequest {
    /// The hashes, decoded, in their order.
    pub(crate) fn required_hashes(&self) -> Result<Vec<Vec<u8>>, Refusal> {
        hashes(&self.hashes, &self.hash)?.ok_or(Refusal::MissingArray("hash"))
    }

    /// The algorithm of the hashes: SHA-256, SHA-384 or SHA-512; `None` if absent.
    pub(crate) fn hash_algorithm(&self, dialect: Dialect) -> Result<Option<DigestAlgorithm>, Refusal> {
        hash_algorithm(&self.hash_algorithm_oid, &self.hash_algo, dialect)
    }

    /// Refuses the asynchronous mode and what belongs to it in a wrong type.
    pub(crate) fn check_synchronous(&self) -> Result<(), Refusal> {
        if self.operation_mode.value().is_some_and(|mode| mode != "S") {
            return Err(Refusal::InvalidParameter("operationMode"));
        }
        let periods = [("validity_period", &self.validity_period), ("validityPeriod", &self.validity_period_spelled)];
        if either(&periods)?.is_some_and(|value| !value.is_u64()) {
            return Err(Refusal::InvalidParameter("validity_period"));
        }
        let addresses = [
            ("response_uri", &self.response_uri),
            ("responseURI", &self.response_uri_spelled),
            ("responseUri", &self.response_uri_camel),
        ];
        if either(&addresses)?.is_some_and(|value| !value.is_string()) {
            return Err(Refusal::InvalidParameter("response_uri"));
        }
        Ok(())
    }
}

fn hashes(v2: &Member, v1: &Member) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
    let Some(value) = either(&[("hashes", v2), ("hash", v1)])? else { return Ok(None) };
    let hashes = value.as_array().ok_or(Refusal::MissingArray("hash"))?;
    if hashes.is_empty() {
        return Err(Refusal::EmptyHashArray);
    }
    hashes.iter().map(decoded_hash).collect::<Result<_, _>>().map(Some)
}

fn hash_algorithm(v2: &Member, v1: &Member, dialect: Dialect) -> Result<Option<DigestAlgorithm>, Refusal> {
    let Some(value) = either(&[("hashAlgorithmOID", v2), ("hashAlgo", v1)])? else { return Ok(None) };
    let text = value.as_str().ok_or(Refusal::MissingString(dialect.hash_algorithm()))?;
    let invalid = || Refusal::InvalidParameter(dialect.hash_algorithm());
    let algorithm = ObjectIdentifier::new(text).ok().and_then(|oid| DigestAlgorithm::from_oid(oid).ok());
    algorithm.filter(|found| found.is_for_new_signatures()).map(Some).ok_or_else(invalid)
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
    use crate::csc::api::{InfoRequest, ListRequest};

    fn authorize(json: &str) -> AuthorizeRequest {
        read(json.as_bytes()).unwrap()
    }

    #[test]
    fn both_spellings_with_one_value_are_one_parameter() {
        let both = authorize(r#"{"hash": ["AAAA"], "hashes": ["AAAA"]}"#);
        assert_eq!(both.hashes().unwrap(), Some(vec![vec![0, 0, 0]]));
        let different = authorize(r#"{"hash": ["AAAA"], "hashes": ["AAAB"]}"#);
        assert!(matches!(different.hashes(), Err(Refusal::Contradiction("hashes", "hash"))));
        let null = authorize(r#"{"hash": ["AAAA"], "hashes": null}"#);
        assert!(null.hashes().unwrap().is_some());
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_and_an_empty_one_is_none() {
        assert!(read::<ListRequest>(b" ").unwrap().only_valid.value().is_none());
        for wrong in ["[]", "null", "{", "\"text\"", "{\"a\": }", r#"{"a": 1, "a": 1}"#, r#"{"a": [{"b": 1, "b": 2}]}"#]
        {
            assert!(matches!(read::<InfoRequest>(wrong.as_bytes()), Err(Refusal::MalformedJson(_))), "{wrong}");
        }
    }

    #[test]
    fn a_number_of_signatures_is_a_positive_integer() {
        assert_eq!(authorize(r#"{"numSignatures": 3}"#).num_signatures.required_number("numSignatures").unwrap(), 3);
        for missing in [r#"{}"#, r#"{"numSignatures": "3"}"#, r#"{"numSignatures": 1.5}"#, r#"{"numSignatures": null}"#]
        {
            let refused = authorize(missing).num_signatures.required_number("numSignatures");
            assert!(matches!(refused, Err(Refusal::MissingInteger(_))), "{missing}");
        }
        for invalid in [r#"{"numSignatures": 0}"#, r#"{"numSignatures": -1}"#] {
            let refused = authorize(invalid).num_signatures.required_number("numSignatures");
            assert!(matches!(refused, Err(Refusal::InvalidValue(_))), "{invalid}");
        }
    }
}
