//! Steps about certificates and what is published of them.

use laboratory::publications::AuthorityName;
use pki::RevocationReason;
use serde::Deserialize;

use super::value::{moment, own, parsed};

/// `revoke = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// `seal`, `tsa`, `issuing`, a credential (`seal-p384`), or a file, whose seal's certificate is meant.
    #[serde(rename = "revoke")]
    pub certificate: String,
    /// keyCompromise, superseded, …
    #[serde(deserialize_with = "parsed")]
    pub reason: RevocationReason,
    /// Since when, if not now.
    #[serde(default, deserialize_with = "moment")]
    pub since: Option<String>,
    /// When the key is thought to have been compromised.
    #[serde(default, deserialize_with = "moment")]
    pub invalidity_date: Option<String>,
    /// Whose certificate: the world's own authorities' or a stranger's.
    #[serde(default = "own")]
    pub of: String,
}

/// `hold = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// As in `revoke`.
    #[serde(rename = "hold")]
    pub certificate: String,
}

/// `release = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// As in `revoke`.
    #[serde(rename = "release")]
    pub certificate: String,
}

/// `publish = "issuing"` or `"root"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Whose CRL.
    #[serde(rename = "publish", deserialize_with = "parsed")]
    pub issuer: AuthorityName,
    /// Name under which a verification can be given it.
    #[serde(rename = "as")]
    pub name: Option<String>,
}

/// `ask = "CERTIFICATE"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// As in `revoke`.
    #[serde(rename = "ask")]
    pub certificate: String,
    /// Name under which a verification can be given the OCSP answer.
    #[serde(rename = "as")]
    pub name: String,
}

/// `renew = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renew {
    /// `seal`, `tsa`, or a credential (`seal-p384`).
    #[serde(rename = "renew")]
    pub name: String,
}
