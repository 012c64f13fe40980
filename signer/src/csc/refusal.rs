//! Why a request is refused: the error code, and the description that clients may compare (CSC API 2.0.0.2 clause 10.1
//! and the tables of each method; RFC 6749 clause 5.2 for the token endpoint). In: what went wrong. Out: the answer.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pki::Certificate;
use utoipa::openapi::response::{Response as ResponseDescription, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};
use world::problem::Problem;

use super::dialect::Dialect;
use crate::Error;
use crate::signing::refusal::SigningRefusal;

/// A refused request. `Failed` is the server's fault, all others the client's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The body is not a JSON object: {0}")]
    MalformedJson(String),
    #[error("Missing (or invalid type) string parameter {0}")]
    MissingString(&'static str),
    #[error("Missing (or invalid type) integer parameter {0}")]
    MissingInteger(&'static str),
    #[error("Missing (or invalid type) array parameter {0}")]
    MissingArray(&'static str),
    #[error("Invalid parameter {0}")]
    InvalidParameter(&'static str),
    #[error("Invalid value for parameter {0}")]
    InvalidValue(&'static str),
    /// Two spellings of one parameter with different values.
    #[error("Parameters {0} and {1} have different values")]
    Contradiction(&'static str, &'static str),
    #[error("Empty hash array")]
    EmptyHashArray,
    #[error("Invalid Base64 hash string parameter")]
    InvalidBase64Hash,
    #[error("Invalid Base64 hash string parameter: these are hexadecimal digits, wanted Base64")]
    HexadecimalHash,
    #[error("Invalid digest value length")]
    InvalidDigestLength,
    #[error("Hash is not authorized by the SAD")]
    HashNotAuthorized,
    #[error("SAD expired")]
    SadExpired,
    #[error("Numbers of signatures is too high")]
    TooManySignatures,
    #[error("The credential identified by credentialID is disabled")]
    CredentialDisabled,
    #[error("Signing certificate is expired")]
    CertificateExpired,
    /// The same in the words of v1.
    #[error("Signing certificate '{0}' is expired")]
    NamedCertificateExpired(String),
    #[error("Signing certificate is not valid yet")]
    CertificateNotYetValid,
    #[error("Signing certificate is revoked")]
    CertificateRevoked,
    #[error("Signing certificate is suspended")]
    CertificateSuspended,
    #[error("The authentication data is invalid")]
    AuthenticationDataInvalid,
    /// The names of v1 for the same.
    #[error("The PIN is invalid")]
    PinInvalid,
    #[error("The OTP is invalid")]
    OtpInvalid,
    #[error("String parameter hashAlgorithmOID contradicts with signAlgo parameter")]
    HashContradictsSignAlgo,
    #[error("Invalid parameter signAlgoParams: {0}")]
    PssParameters(String),
    #[error("Malformed authorization header")]
    MalformedAuthorizationHeader,
    /// The same at the token endpoint, which wants HTTP Basic.
    #[error("Malformed authorization header")]
    MalformedBasic,
    #[error("Missing access token")]
    MissingToken,
    #[error("The access token is unknown, revoked or expired")]
    InvalidToken,
    #[error("{0} is not offered by this service")]
    NotOffered(String),
    #[error("There is no method {0}")]
    UnknownMethod(String),
    #[error("Methods of this API are called by POST, not by {0}")]
    MethodNotAllowed(String),
    #[error("This address is read, by GET")]
    OnlyRead,
    #[error("The body is too large: only digests are taken, never documents")]
    TooLarge,
    #[error("{0}")]
    MediaType(String),
    #[error("The body must be application/x-www-form-urlencoded")]
    FormMalformed,
    #[error("Parameter {0} is repeated")]
    FormRepeats(String),
    #[error("Missing parameter {0}")]
    MissingFormParameter(&'static str),
    #[error("Invalid parameter scope: only service is granted")]
    InvalidScope,
    #[error("Invalid parameter grant_type")]
    UnsupportedGrantType,
    #[error("Client authorization required")]
    ClientAuthorizationRequired,
    /// RFC 6749 clause 2.3: one method of authentication in each request.
    #[error(
        "The client authenticates in more than one way: by the Authorization header, client_secret or client_assertion"
    )]
    TwoAuthentications,
    /// The same where a bearer token is wanted (RFC 6750 clause 2).
    #[error("More than one Authorization header")]
    TwoTokens,
    #[error("Invalid parameter {0}")]
    InvalidClient(&'static str),
    #[error("the server failed; its log has the cause")]
    Failed(Error),
}

impl Refusal {
    /// A refusal of the key server in the words of the API: v1 names organization and common name of an expired certificate.
    pub(crate) fn of_signing(refusal: SigningRefusal, dialect: Dialect, certificate: &Certificate) -> Refusal {
        match refusal {
            SigningRefusal::TooManySignatures { .. } => Refusal::TooManySignatures,
            SigningRefusal::HashesMissing => Refusal::MissingArray("hash"),
            SigningRefusal::NumberOfHashes { .. } => Refusal::InvalidValue("numSignatures"),
            SigningRefusal::CredentialDisabled => Refusal::CredentialDisabled,
            SigningRefusal::CertificateNotYetValid => Refusal::CertificateNotYetValid,
            SigningRefusal::CertificateExpired if dialect == Dialect::V1 => {
                let (subject, part) = (certificate.subject(), Option::unwrap_or_default);
                let (organization, common_name) = (part(subject.organization()), part(subject.common_name()));
                Refusal::NamedCertificateExpired(format!("O={organization},CN={common_name}"))
            }
            SigningRefusal::CertificateExpired => Refusal::CertificateExpired,
            SigningRefusal::CertificateRevoked => Refusal::CertificateRevoked,
            SigningRefusal::CertificateSuspended => Refusal::CertificateSuspended,
            SigningRefusal::AuthorizationUnknown => Refusal::InvalidParameter("SAD"),
            SigningRefusal::AuthorizationExpired => Refusal::SadExpired,
            SigningRefusal::HashNotAuthorized => Refusal::HashNotAuthorized,
            SigningRefusal::Failed(error) => Refusal::Failed(error),
        }
    }

    /// The code that programs compare.
    fn code(&self) -> &'static str {
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

    fn status(&self) -> StatusCode {
        match self {
            Refusal::MissingToken | Refusal::InvalidToken => StatusCode::UNAUTHORIZED,
            Refusal::ClientAuthorizationRequired | Refusal::InvalidClient(_) => StatusCode::UNAUTHORIZED,
            Refusal::UnknownMethod(_) => StatusCode::NOT_FOUND,
            Refusal::MethodNotAllowed(_) | Refusal::OnlyRead => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::NotOffered(_) => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// How an HTTP client learns to authenticate whose request had no token that helps: with a scheme goes at least one
    /// parameter (RFC 6750 clause 3), and an error only if the client tried (clause 3.1). At the token endpoint RFC 6749
    /// clause 5.2 and RFC 7617.
    fn challenge(&self) -> Option<HeaderValue> {
        let bearer = r#"Bearer realm="csc", scope="service""#;
        let text = match self {
            Refusal::MissingToken => bearer.to_owned(),
            Refusal::InvalidToken | Refusal::TwoTokens | Refusal::MalformedAuthorizationHeader => {
                format!(r#"{bearer}, error="{}", error_description="{self}""#, self.code())
            }
            Refusal::ClientAuthorizationRequired | Refusal::InvalidClient(_) => {
                r#"Basic realm="oauth2", charset="UTF-8""#.to_owned()
            }
            _ => return None,
        };
        Some(HeaderValue::try_from(text).expect("fixed texts without control characters are a header value"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let problem = match &self {
            Refusal::Failed(error) => Problem::failed(error),
            refused => Problem::new(refused.status(), refused.code(), refused),
        };
        let mut response = problem.into_response();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Failed(error)
    }
}

/// What the methods answer instead, for those who read the document.
pub(crate) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<ResponseDescription>> {
        let problem = |description: &str| {
            let schema = Ref::from_schema_name(Problem::name());
            let content = ContentBuilder::new().schema(Some(schema)).build();
            ResponseBuilder::new().description(description).content("application/json", content).build().into()
        };
        let refusals = [
            ("400", "a parameter is missing or wrong, or the key server must not sign: `error_description` says what"),
            ("401", "no access token, or no client of that name and secret; `WWW-Authenticate` says what is wanted"),
            ("413", "the body is too large: only digests are taken, never documents"),
            ("415", "a page sends something else than JSON"),
        ];
        refusals.into_iter().map(|(status, description)| (status.to_owned(), problem(description))).collect()
    }
}
