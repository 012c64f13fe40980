//! Why a request is refused: the error code, and the description that clients may compare (CSC API 2.0.0.2 clause 10.1
//! and the tables of each method; RFC 6749 clause 5.2 for the token endpoint).

use std::fmt;

use pki::Certificate;

use crate::Error;

/// A refused request. `Failed` is the server's fault, all others the client's.
#[derive(Debug)]
pub(crate) enum Refusal {
    MalformedJson(String),
    MissingString(&'static str),
    MissingInteger(&'static str),
    MissingArray(&'static str),
    InvalidParameter(&'static str),
    InvalidValue(&'static str),
    /// Two spellings of one parameter with different values.
    Contradiction(&'static str, &'static str),
    EmptyHashArray,
    InvalidBase64Hash,
    HexadecimalHash,
    InvalidDigestLength,
    HashNotAuthorized,
    SadExpired,
    TooManySignatures,
    CredentialDisabled,
    CertificateExpired,
    /// The same in the words of v1.
    NamedCertificateExpired(String),
    CertificateNotYetValid,
    CertificateRevoked,
    CertificateSuspended,
    AuthenticationDataInvalid,
    /// The names of v1 for the same.
    PinInvalid,
    OtpInvalid,
    HashContradictsSignAlgo,
    PssParameters(String),
    MalformedAuthorizationHeader,
    /// The same at the token endpoint, which wants HTTP Basic.
    MalformedBasic,
    MissingToken,
    InvalidToken,
    NotOffered(String),
    UnknownMethod(String),
    MethodNotAllowed(String),
    TooLarge,
    MediaType(String),
    FormMalformed,
    FormRepeats(String),
    MissingFormParameter(&'static str),
    InvalidScope,
    UnsupportedGrantType,
    ClientAuthorizationRequired,
    /// RFC 6749 clause 2.3: one method of authentication in each request.
    TwoAuthentications,
    /// The same where a bearer token is wanted (RFC 6750 clause 2).
    TwoTokens,
    InvalidClient(&'static str),
    Failed(Error),
}

impl Refusal {
    /// The same refusal in the words of a dialect: v1 names organization and common name of an expired certificate.
    pub(crate) fn spoken(self, dialect: Dialect, certificate: &Certificate) -> Refusal {
        let part = |text: Option<String>| text.unwrap_or_default();
        let subject = certificate.subject();
        match self {
            Refusal::CertificateExpired if dialect == Dialect::V1 => Refusal::NamedCertificateExpired(format!(
                "O={},CN={}",
                part(subject.organization()),
                part(subject.common_name())
            )),
            other => other,
        }
    }

    /// The code that programs compare.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Refusal::MissingToken | Refusal::InvalidToken => "invalid_token",
            Refusal::ClientAuthorizationRequired | Refusal::InvalidClient(_) => "invalid_client",
            Refusal::AuthenticationDataInvalid => "invalid_authentication_data",
            Refusal::PinInvalid => "invalid_pin",
            Refusal::OtpInvalid => "invalid_otp",
            Refusal::InvalidScope => "invalid_scope",
            Refusal::UnsupportedGrantType => "unsupported_grant_type",
            Refusal::Failed(_) => "server_error",
            _ => "invalid_request",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::MalformedJson(place) => write!(f, "The body is not a JSON object: {place}"),
            Refusal::MissingString(name) => write!(f, "Missing (or invalid type) string parameter {name}"),
            Refusal::MissingInteger(name) => write!(f, "Missing (or invalid type) integer parameter {name}"),
            Refusal::MissingArray(name) => write!(f, "Missing (or invalid type) array parameter {name}"),
            Refusal::InvalidParameter(name) => write!(f, "Invalid parameter {name}"),
            Refusal::InvalidValue(name) => write!(f, "Invalid value for parameter {name}"),
            Refusal::Contradiction(one, other) => write!(f, "Parameters {one} and {other} have different values"),
            Refusal::EmptyHashArray => f.write_str("Empty hash array"),
            Refusal::InvalidBase64Hash => f.write_str("Invalid Base64 hash string parameter"),
            Refusal::HexadecimalHash => {
                f.write_str("Invalid Base64 hash string parameter: these are hexadecimal digits, wanted Base64")
            }
            Refusal::InvalidDigestLength => f.write_str("Invalid digest value length"),
            Refusal::HashNotAuthorized => f.write_str("Hash is not authorized by the SAD"),
            Refusal::SadExpired => f.write_str("SAD expired"),
            Refusal::TooManySignatures => f.write_str("Numbers of signatures is too high"),
            Refusal::CredentialDisabled => f.write_str("The credential identified by credentialID is disabled"),
            Refusal::CertificateExpired => f.write_str("Signing certificate is expired"),
            Refusal::NamedCertificateExpired(name) => write!(f, "Signing certificate '{name}' is expired"),
            Refusal::CertificateNotYetValid => f.write_str("Signing certificate is not valid yet"),
            Refusal::CertificateRevoked => f.write_str("Signing certificate is revoked"),
            Refusal::CertificateSuspended => f.write_str("Signing certificate is suspended"),
            Refusal::AuthenticationDataInvalid => f.write_str("The authentication data is invalid"),
            Refusal::PinInvalid => f.write_str("The PIN is invalid"),
            Refusal::OtpInvalid => f.write_str("The OTP is invalid"),
            Refusal::HashContradictsSignAlgo => {
                f.write_str("String parameter hashAlgorithmOID contradicts with signAlgo parameter")
            }
            Refusal::PssParameters(reason) => write!(f, "Invalid parameter signAlgoParams: {reason}"),
            Refusal::MalformedAuthorizationHeader | Refusal::MalformedBasic => {
                f.write_str("Malformed authorization header")
            }
            Refusal::MissingToken => f.write_str("Missing access token"),
            Refusal::InvalidToken => f.write_str("The access token is unknown, revoked or expired"),
            Refusal::NotOffered(method) => write!(f, "{method} is not offered by this service"),
            Refusal::UnknownMethod(path) => write!(f, "There is no method {path}"),
            Refusal::MethodNotAllowed(method) => write!(f, "Methods of this API are called by POST, not by {method}"),
            Refusal::TooLarge => f.write_str("The body is too large: only digests are taken, never documents"),
            Refusal::MediaType(found) => f.write_str(found),
            Refusal::FormMalformed => f.write_str("The body must be application/x-www-form-urlencoded"),
            Refusal::FormRepeats(name) => write!(f, "Parameter {name} is repeated"),
            Refusal::MissingFormParameter(name) => write!(f, "Missing parameter {name}"),
            Refusal::InvalidScope => f.write_str("Invalid parameter scope: only service is granted"),
            Refusal::UnsupportedGrantType => f.write_str("Invalid parameter grant_type"),
            Refusal::ClientAuthorizationRequired => f.write_str("Client authorization required"),
            Refusal::TwoAuthentications => f.write_str(
                "The client authenticates in more than one way: by the Authorization header, client_secret or client_assertion",
            ),
            Refusal::TwoTokens => f.write_str("More than one Authorization header"),
            Refusal::InvalidClient(name) => write!(f, "Invalid parameter {name}"),
            Refusal::Failed(_) => f.write_str("the server failed; its log has the cause"),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        match error {
            Error::AlreadyConsumed => Refusal::HashNotAuthorized,
            other => Refusal::Failed(other),
        }
    }
}

/// Which version of the API a path speaks. Both take each other's names; they differ in answers and in a few texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `/csc/v1`, CSC API 1.0.4.0.
    V1,
    /// `/csc/v2`, CSC API 2.2.0.0.
    V2,
}

impl Dialect {
    /// The dialect's own name for the identifier of the hash algorithm, which stands in its error texts.
    pub(crate) fn hash_algorithm(self) -> &'static str {
        match self {
            Dialect::V1 => "hashAlgo",
            Dialect::V2 => "hashAlgorithmOID",
        }
    }
}
