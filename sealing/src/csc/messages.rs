//! What a client of the key server sends and gets, CSC API v2.0.0.2 clauses 8.4 and 11, as JSON with the members of the standard.

use serde::{Deserialize, Serialize};

/// `credentials/info`.
#[derive(Serialize)]
pub(super) struct InfoRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(super) credential_id: &'a str,
    pub(super) certificates: Certificates,
}

/// Which certificates are wanted.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Certificates {
    /// The whole chain.
    Chain,
}

/// Its answer.
#[derive(Deserialize)]
pub(super) struct CredentialInfo {
    pub(super) cert: CredentialCertificates,
    /// How many signatures one authorization is for; a key server that does not say it takes one at a time.
    pub(super) multisign: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct CredentialCertificates {
    /// In base64, the end certificate first.
    pub(super) certificates: Vec<String>,
}

/// `credentials/authorize`.
#[derive(Serialize)]
pub(super) struct AuthorizeRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(super) credential_id: &'a str,
    #[serde(rename = "numSignatures")]
    pub(super) signatures: usize,
    /// In base64.
    pub(super) hashes: &'a [String],
    #[serde(rename = "hashAlgorithmOID")]
    pub(super) hash_algorithm: &'a str,
}

/// Its answer.
#[derive(Deserialize)]
pub(super) struct Authorized {
    /// Signature activation data.
    #[serde(rename = "SAD")]
    pub(super) sad: String,
}

/// `signatures/signHash`.
#[derive(Serialize)]
pub(super) struct SignHashRequest<'a> {
    #[serde(rename = "credentialID")]
    pub(super) credential_id: &'a str,
    #[serde(rename = "SAD")]
    pub(super) sad: &'a str,
    /// Those that were authorized.
    pub(super) hashes: &'a [String],
    #[serde(rename = "hashAlgorithmOID")]
    pub(super) hash_algorithm: &'a str,
    #[serde(rename = "signAlgo")]
    pub(super) sign_algorithm: &'a str,
}

/// Its answer.
#[derive(Deserialize)]
pub(super) struct Signed {
    /// In base64, in the order of the hashes.
    pub(super) signatures: Vec<String>,
    /// Beside the members of the API: this testbed's key server also signs with revoked certificates, and says so.
    pub(super) warning: Option<String>,
}

/// The answer of `oauth2/token`.
#[derive(Deserialize)]
pub(super) struct TokenGranted {
    pub(super) access_token: String,
    /// In seconds.
    pub(super) expires_in: Option<i64>,
}

/// Any refusal.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Refusal {
    pub(super) error: String,
    pub(super) error_description: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn requests_have_the_members_of_the_standard() {
        let info = InfoRequest { credential_id: "seal", certificates: Certificates::Chain };
        assert_eq!(serde_json::to_value(&info).unwrap(), json!({ "credentialID": "seal", "certificates": "chain" }));
        let (credential_id, hashes, hash_algorithm) = ("seal", &["AA==".to_owned()][..], "2.16.840.1.101.3.4.2.1");
        let authorize = AuthorizeRequest { credential_id, signatures: 1, hashes, hash_algorithm };
        let shared = json!({ "credentialID": "seal", "hashes": ["AA=="], "hashAlgorithmOID": hash_algorithm });
        let with = |more: serde_json::Value| {
            let mut all = shared.as_object().unwrap().clone();
            all.extend(more.as_object().unwrap().clone());
            serde_json::Value::from(all)
        };
        assert_eq!(serde_json::to_value(&authorize).unwrap(), with(json!({ "numSignatures": 1 })));
        let sign =
            SignHashRequest { credential_id, sad: "s", hashes, hash_algorithm, sign_algorithm: "1.2.840.10045.4.3.2" };
        assert_eq!(
            serde_json::to_value(&sign).unwrap(),
            with(json!({ "SAD": "s", "signAlgo": "1.2.840.10045.4.3.2" }))
        );
    }
}
