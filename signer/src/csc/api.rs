//! What travels over the CSC API: the body of each request and answer (CSC API 2.0.0.2 clauses 11.1 to 11.10, with members of
//! 2.2.0.0 and of 1.0.4.0 that clients need; RFC 6749 for the token endpoint).
//!
//! One type serves both versions: what only one of them has is optional. Members of answers stand in the order of their names.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::member::{Member, Request, requests};

requests!(InfoRequest, ListRequest, CredentialRequest, AuthorizeRequest, SignHashRequest);

/// `info`: what the service offers.
#[derive(Deserialize, ToSchema)]
#[schema(as = csc::InfoRequest)]
pub(crate) struct InfoRequest {
    /// The language that the client prefers. Answers are in English.
    #[schema(value_type = Option<String>, example = "en-US")]
    pub(crate) lang: Member,
    /// Ignored.
    #[serde(rename = "clientData")]
    #[schema(value_type = Option<String>)]
    pub(crate) client_data: Member,
}

/// `credentials/list`: the names of the client's credentials.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::ListRequest)]
pub(crate) struct ListRequest {
    /// The client itself, if anybody: a client has no users here.
    #[serde(rename = "userID")]
    #[schema(value_type = Option<String>)]
    pub(crate) user_id: Member,
    /// Whether to list those only that sign now.
    #[schema(value_type = Option<bool>)]
    pub(crate) only_valid: Member,
    /// How many names at most, up to 1000.
    #[schema(value_type = Option<u64>, minimum = 1)]
    pub(crate) max_results: Member,
    /// `nextPageToken` of the answer before.
    #[schema(value_type = Option<String>)]
    pub(crate) page_token: Member,
    /// Whether to describe each credential too.
    #[schema(value_type = Option<bool>)]
    pub(crate) credential_info: Member,
    /// With descriptions: how much of the certificate chain.
    #[schema(value_type = Option<Certificates>)]
    pub(crate) certificates: Member,
    /// With descriptions: whether to read names and validity out of the certificate.
    #[schema(value_type = Option<bool>)]
    pub(crate) cert_info: Member,
    /// What it asks for is always in the answer.
    #[schema(value_type = Option<bool>)]
    pub(crate) auth_info: Member,
    /// The language that the client prefers. Answers are in English.
    #[schema(value_type = Option<String>)]
    pub(crate) lang: Member,
    /// Ignored.
    #[schema(value_type = Option<String>)]
    pub(crate) client_data: Member,
}

/// `credentials/info`: one credential.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::CredentialRequest)]
pub(crate) struct CredentialRequest {
    /// The credential.
    #[serde(rename = "credentialID")]
    #[schema(value_type = String, example = "seal-p256")]
    pub(crate) credential_id: Member,
    /// How much of the certificate chain.
    #[schema(value_type = Option<Certificates>)]
    pub(crate) certificates: Member,
    /// Whether to read names and validity out of the certificate.
    #[schema(value_type = Option<bool>)]
    pub(crate) cert_info: Member,
    /// What it asks for is always in the answer.
    #[schema(value_type = Option<bool>)]
    pub(crate) auth_info: Member,
    /// The language that the client prefers. Answers are in English.
    #[schema(value_type = Option<String>)]
    pub(crate) lang: Member,
    /// Ignored.
    #[schema(value_type = Option<String>)]
    pub(crate) client_data: Member,
}

/// `credentials/authorize`: signature activation data for signatures over these hashes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::AuthorizeRequest)]
pub(crate) struct AuthorizeRequest {
    /// The credential.
    #[serde(rename = "credentialID")]
    #[schema(value_type = String, example = "seal-p256")]
    pub(crate) credential_id: Member,
    /// How many signatures.
    #[schema(value_type = u64, minimum = 1, example = 1)]
    pub(crate) num_signatures: Member,
    /// The hashes, each in Base64; a credential of SCAL 1 needs none.
    #[schema(value_type = Option<Vec<String>>, example = json!(["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]))]
    pub(crate) hashes: Member,
    /// The same by its name in v1.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) hash: Member,
    /// With which algorithm the hashes were made; their length tells it too.
    #[serde(rename = "hashAlgorithmOID")]
    #[schema(value_type = Option<String>, example = "2.16.840.1.101.3.4.2.1")]
    pub(crate) hash_algorithm_oid: Member,
    /// The same by its name in v1.
    #[schema(value_type = Option<String>)]
    pub(crate) hash_algo: Member,
    /// For a person who is asked; nobody is.
    #[schema(value_type = Option<String>, max_length = 500)]
    pub(crate) description: Member,
    /// Nothing: no credential here has a PIN.
    #[serde(rename = "PIN")]
    #[schema(value_type = Option<String>, max_length = 0)]
    pub(crate) pin: Member,
    /// Nothing: no credential here has a one-time password.
    #[serde(rename = "OTP")]
    #[schema(value_type = Option<String>, max_length = 0)]
    pub(crate) otp: Member,
    /// Nothing: no credential here asks for authentication data.
    #[schema(value_type = Option<Vec<Object>>, max_items = 0)]
    pub(crate) auth_data: Member,
    /// The language that the client prefers. Answers are in English.
    #[schema(value_type = Option<String>)]
    pub(crate) lang: Member,
    /// Ignored.
    #[schema(value_type = Option<String>)]
    pub(crate) client_data: Member,
}

/// `signatures/signHash`: signatures over hashes that were authorized.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::SignHashRequest)]
pub(crate) struct SignHashRequest {
    /// The credential.
    #[serde(rename = "credentialID")]
    #[schema(value_type = String, example = "seal-p256")]
    pub(crate) credential_id: Member,
    /// The signature activation data.
    #[serde(rename = "SAD")]
    #[schema(value_type = String)]
    pub(crate) sad: Member,
    /// The hashes, each in Base64. They are wanted, by this name or by that of v1.
    #[schema(value_type = Option<Vec<String>>, example = json!(["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]))]
    pub(crate) hashes: Member,
    /// The same by its name in v1.
    #[schema(value_type = Option<Vec<String>>)]
    pub(crate) hash: Member,
    /// With which algorithm the hashes were made; wanted if `signAlgo` does not say it.
    #[serde(rename = "hashAlgorithmOID")]
    #[schema(value_type = Option<String>, example = "2.16.840.1.101.3.4.2.1")]
    pub(crate) hash_algorithm_oid: Member,
    /// The same by its name in v1.
    #[schema(value_type = Option<String>)]
    pub(crate) hash_algo: Member,
    /// How to sign: one of the credential's `key.algo`.
    #[schema(value_type = String, example = "1.2.840.10045.4.3.2")]
    pub(crate) sign_algo: Member,
    /// DER of the algorithm's parameters in Base64: RSASSA-PSS wants them.
    #[schema(value_type = Option<String>)]
    pub(crate) sign_algo_params: Member,
    /// `S`, the only one: the answer has the signatures.
    #[schema(value_type = Option<String>, pattern = "^S$")]
    pub(crate) operation_mode: Member,
    /// Ignored.
    #[serde(rename = "validity_period")]
    #[schema(value_type = Option<u64>)]
    pub(crate) validity_period: Member,
    /// The same, as the examples of the API spell it.
    #[serde(rename = "validityPeriod")]
    #[schema(value_type = Option<u64>)]
    pub(crate) validity_period_spelled: Member,
    /// Ignored.
    #[serde(rename = "response_uri")]
    #[schema(value_type = Option<String>)]
    pub(crate) response_uri: Member,
    /// The same, as others spell it.
    #[serde(rename = "responseURI")]
    #[schema(value_type = Option<String>)]
    pub(crate) response_uri_spelled: Member,
    /// The same again.
    #[serde(rename = "responseUri")]
    #[schema(value_type = Option<String>)]
    pub(crate) response_uri_camel: Member,
    /// The language that the client prefers. Answers are in English.
    #[schema(value_type = Option<String>)]
    pub(crate) lang: Member,
    /// Ignored.
    #[schema(value_type = Option<String>)]
    pub(crate) client_data: Member,
}

/// How much of a certificate chain an answer holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(as = csc::Certificates, rename_all = "lowercase")]
pub(crate) enum Certificates {
    /// Nothing.
    None,
    /// The certificate of the key.
    #[default]
    Single,
    /// That and its issuers.
    Chain,
}

/// How a client proves who it is, unless it does so by HTTP Basic. An empty member is as good as none.
#[derive(Deserialize, ToSchema)]
#[schema(as = csc::ClientAuthentication)]
pub(crate) struct ClientAuthentication {
    /// Its name.
    #[serde(default)]
    pub(crate) client_id: String,
    /// Its secret.
    #[serde(default)]
    pub(crate) client_secret: String,
    /// A way that is not offered.
    #[serde(default)]
    pub(crate) client_assertion: String,
    /// The same.
    #[serde(default)]
    pub(crate) client_assertion_type: String,
}

/// `oauth2/token` (RFC 6749 clause 4.4.2).
#[derive(Deserialize, ToSchema)]
#[schema(as = csc::TokenRequest)]
pub(crate) struct TokenRequest {
    /// `client_credentials`.
    #[serde(default)]
    #[schema(required = true, example = "client_credentials")]
    pub(crate) grant_type: String,
    /// `service`, if anything.
    #[serde(default)]
    pub(crate) scope: String,
    /// Who asks.
    #[serde(flatten)]
    pub(crate) client: ClientAuthentication,
}

/// `oauth2/revoke` (RFC 7009 clause 2.1).
#[derive(Deserialize, ToSchema)]
#[schema(as = csc::RevokeRequest)]
pub(crate) struct RevokeRequest {
    /// The access token.
    #[serde(default)]
    #[schema(required = true, example = "45ghiukldjahdnhzdauz")]
    pub(crate) token: String,
    /// Who asks.
    #[serde(flatten)]
    pub(crate) client: ClientAuthentication,
}

/// An access token.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::Token)]
pub(crate) struct Token {
    /// The bearer token.
    pub(crate) access_token: String,
    /// For how many seconds of the world's clock it is valid.
    pub(crate) expires_in: i64,
    /// `service`.
    pub(crate) scope: &'static str,
    /// `Bearer`.
    pub(crate) token_type: &'static str,
}

/// What the service offers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::Info)]
pub(crate) struct Info {
    /// v2: it answers at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asynchronous_operation_mode: Option<bool>,
    /// How clients authenticate.
    pub(crate) auth_type: [&'static str; 1],
    /// v2: no documents are signed.
    #[serde(rename = "conformance_levels", skip_serializing_if = "Option::is_none")]
    pub(crate) conformance_levels: Option<[&'static str; 0]>,
    /// What it is.
    pub(crate) description: &'static str,
    /// The language of its answers.
    pub(crate) lang: &'static str,
    /// The address of its logo.
    pub(crate) logo: String,
    /// The methods that a client may call.
    pub(crate) methods: Vec<String>,
    /// Its name.
    pub(crate) name: &'static str,
    /// The base of the token endpoint.
    pub(crate) oauth2: String,
    /// Where it is.
    pub(crate) region: &'static str,
    /// With which algorithms it signs.
    pub(crate) sign_algorithms: SignAlgorithms,
    /// v2: no documents are signed.
    #[serde(rename = "signature_formats", skip_serializing_if = "Option::is_none")]
    pub(crate) signature_formats: Option<SignatureFormats>,
    /// The version of the API.
    pub(crate) specs: &'static str,
    /// v2: what kind of hashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) supported_hash_types: Option<[&'static str; 1]>,
    /// v2: rich authorization requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) supports_rar: Option<bool>,
    /// v2: no validation data is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validation_info: Option<bool>,
}

/// Signature algorithms.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::SignAlgorithms)]
pub(crate) struct SignAlgorithms {
    /// Their object identifiers.
    pub(crate) algos: Vec<String>,
}

/// Formats of signed documents.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::SignatureFormats)]
pub(crate) struct SignatureFormats {
    /// None.
    pub(crate) formats: [&'static str; 0],
}

/// Credentials of a client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::CredentialList)]
pub(crate) struct CredentialList {
    /// Their names.
    #[serde(rename = "credentialIDs")]
    pub(crate) credential_ids: Vec<String>,
    /// Their descriptions, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credential_infos: Option<Vec<Credential>>,
    /// With which the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_token: Option<String>,
    /// True if those only are listed that sign now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) only_valid: bool,
}

/// One credential.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::Credential)]
pub(crate) struct Credential {
    /// How authorizations are tied to hashes: `1`, to their number; `2`, to the hashes.
    #[serde(rename = "SCAL")]
    pub(crate) scal: String,
    /// v2: how it is authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<Auth>,
    /// v1: how it is authorized.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth_mode: Option<&'static str>,
    /// Its certificate.
    pub(crate) cert: Certificate,
    /// Its name, in a list.
    #[serde(rename = "credentialID", skip_serializing_if = "Option::is_none")]
    pub(crate) credential_id: Option<String>,
    /// A sentence for people.
    pub(crate) description: String,
    /// Its key.
    pub(crate) key: Key,
    /// The language of the sentence.
    pub(crate) lang: &'static str,
    /// How many signatures one authorization is for at most.
    pub(crate) multisign: u32,
}

/// How a credential is authorized: without asking anybody.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::Auth)]
pub(crate) struct Auth {
    /// `explicit`.
    pub(crate) mode: &'static str,
    /// Nothing that would have to be given.
    pub(crate) objects: [&'static str; 0],
}

/// The certificate of a credential.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::Certificate)]
pub(crate) struct Certificate {
    /// As much of its chain as was asked for: DER in Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificates: Option<Vec<String>>,
    /// Its issuer (RFC 4514, with the keywords of its clause 3), if what stands in it was asked for; so with the others.
    #[serde(rename = "issuerDN", skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<String>,
    /// Its serial number, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serial_number: Option<String>,
    /// `valid`, `expired`, `revoked` or `suspended` at the world's time; nothing before it becomes valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'static str>,
    /// Its subject.
    #[serde(rename = "subjectDN", skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// GeneralizedTime, such as `20261124000000Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<String>,
    /// GeneralizedTime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<String>,
}

/// The key of a credential.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::Key)]
pub(crate) struct Key {
    /// Object identifiers of the algorithms by which it signs.
    pub(crate) algo: Vec<String>,
    /// The object identifier of its curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) curve: Option<String>,
    /// Its length in bits.
    pub(crate) len: u32,
    /// `enabled` if it signs at the world's time, else `disabled`.
    pub(crate) status: &'static str,
}

/// Authorized signatures.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = csc::Authorization)]
pub(crate) struct Authorization {
    /// The signature activation data.
    #[serde(rename = "SAD")]
    pub(crate) sad: String,
    /// For how many seconds of the world's clock it can be used.
    pub(crate) expires_in: i64,
    /// Of this testbed: verifiers are to refuse what is signed, since the certificate is revoked or suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warning: Option<String>,
}

/// Signatures.
#[derive(Serialize, ToSchema)]
#[schema(as = csc::Signatures)]
pub(crate) struct Signatures {
    /// One for each hash, in their order, each in Base64.
    pub(crate) signatures: Vec<String>,
    /// Of this testbed: verifiers are to refuse them, since the certificate is revoked or suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warning: Option<String>,
}
