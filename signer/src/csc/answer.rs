//! The answers of the CSC API (2.0.0.2 clauses 11.1 to 11.5, with members of 2.2.0.0 that clients need). In: credentials.
//! Out: JSON, flat on v1, with the `auth` object on v2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use pki::{Certificate, KeyKind, oid};
use serde_json::{Map, Value, json};

use super::dialect::Dialect;
use super::parameters::Certificates;
use super::sign_algorithm::offered;
use crate::credential::{Credential, CredentialStatus, WhenRevoked};
use crate::standing::Standing;

/// Every method that a client may call, by the names of the API; `info` itself is always there.
const METHODS: [&str; 6] = [
    "oauth2/token",
    "oauth2/revoke",
    "credentials/list",
    "credentials/info",
    "credentials/authorize",
    "signatures/signHash",
];

/// What this service offers.
pub(crate) fn info(dialect: Dialect, base: &str) -> Value {
    let common = json!({
        "name": "eseal key server",
        "region": "JP",
        "lang": "en-US",
        "description": "Signs digests with keys of an e-seal testbed. For testing only: nothing here is to be trusted.",
        "authType": ["oauth2client"],
        "methods": METHODS,
    });
    let (path, more) = match dialect {
        Dialect::V1 => ("v1", json!({ "specs": "1.0.4.0", "signAlgorithms": sign_algorithms() })),
        Dialect::V2 => (
            "v2",
            json!({
                "specs": "2.2.0.0",
                "asynchronousOperationMode": false,
                "validationInfo": false,
                "supportsRar": false,
                "supportedHashTypes": ["dtbsr"],
                "signAlgorithms": sign_algorithms(),
                "signature_formats": { "formats": [] },
                "conformance_levels": [],
            }),
        ),
    };
    let addresses = json!({ "logo": format!("{base}/csc/{path}/logo.png"), "oauth2": format!("{base}/csc/{path}/") });
    merged([common, more, addresses])
}

/// How a credential's certificate stands at the world's time.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) standing: Standing,
    pub(crate) at: Timestamp,
}

/// One credential.
pub(crate) fn credential(
    dialect: Dialect,
    credential: &Credential,
    certificates: Certificates,
    with_details: bool,
    state: State,
) -> Value {
    let common = json!({
        "description": credential.description,
        "key": key(credential, state),
        "cert": certificate(credential, certificates, with_details, state),
        "SCAL": credential.scal.number().to_string(),
        "multisign": credential.multisign,
        "lang": "en-US",
    });
    let authorization = match dialect {
        Dialect::V1 => json!({ "authMode": "implicit" }),
        Dialect::V2 => json!({ "auth": { "mode": "explicit", "objects": [] } }),
    };
    merged([common, authorization])
}

/// Enabled means that it signs now: outside the validity of its certificate no key does, and a revoked or suspended certificate
/// takes that from a key, unless the credential is marked.
fn key(credential: &Credential, state: State) -> Value {
    let (length, curve) = match credential.kind {
        KeyKind::P256 => (256, Some(oid::P_256)),
        KeyKind::P384 => (384, Some(oid::P_384)),
        KeyKind::P521 => (521, Some(oid::P_521)),
        KeyKind::Rsa { bits } => (bits, None),
        KeyKind::Other(_) => (0, None),
    };
    let status = match (state.standing, credential.when_revoked) {
        _ if credential.check_usable(state.at).is_err() => CredentialStatus::Disabled,
        (Standing::Good, _) | (_, WhenRevoked::SignWithWarning) => CredentialStatus::Enabled,
        (_, WhenRevoked::Refuse) => CredentialStatus::Disabled,
    };
    let algorithms: Vec<String> = offered(credential.kind).iter().map(ToString::to_string).collect();
    let key = json!({ "status": status.as_str(), "algo": algorithms, "len": length });
    match curve {
        Some(curve) => merged([key, json!({ "curve": curve.to_string() })]),
        None => key,
    }
}

/// A revocation outlasts the validity period, a suspension does not. Before the period the API has no word that is true, and lets
/// the status be left out.
fn certificate(credential: &Credential, wanted: Certificates, with_details: bool, state: State) -> Value {
    let certificate = credential.certificate();
    let status = match state.standing {
        Standing::Revoked { .. } => Some("revoked"),
        _ if state.at > certificate.not_after() => Some("expired"),
        Standing::Suspended { .. } => Some("suspended"),
        Standing::Good if state.at < certificate.not_before() => None,
        Standing::Good => Some("valid"),
    };
    let status = status.map_or_else(|| json!({}), |status| json!({ "status": status }));
    let count = match wanted {
        Certificates::None => 0,
        Certificates::Single => 1,
        Certificates::Chain => credential.chain.len(),
    };
    let encoded: Vec<String> = credential.chain.iter().take(count).map(|c| STANDARD.encode(c.der())).collect();
    let certificates = if count == 0 { json!({}) } else { json!({ "certificates": encoded }) };
    let details = if with_details { details(certificate) } else { json!({}) };
    merged([status, certificates, details])
}

fn details(certificate: &Certificate) -> Value {
    json!({
        "issuerDN": certificate.issuer().to_string(),
        "serialNumber": certificate.serial().to_string(),
        "subjectDN": certificate.subject().to_string(),
        "validFrom": generalized_time(certificate.not_before()),
        "validTo": generalized_time(certificate.not_after()),
    })
}

/// GeneralizedTime (RFC 5280 clause 4.1.2.5.2) as the API writes it: YYYYMMDDHHMMSSZ.
fn generalized_time(at: Timestamp) -> String {
    let t = at.to_zoned_datetime(TimeZone::UTC);
    let (date, time) = ((t.year(), t.month(), t.day()), (t.hour(), t.minute(), t.second()));
    format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", date.0, date.1, date.2, time.0, time.1, time.2)
}

fn sign_algorithms() -> Value {
    let kinds = [KeyKind::Rsa { bits: 2048 }, KeyKind::P256];
    let algos: Vec<String> = kinds.into_iter().flat_map(offered).map(|oid| oid.to_string()).collect();
    json!({ "algos": algos })
}

fn merged(parts: impl IntoIterator<Item = Value>) -> Value {
    let mut all = Map::new();
    for part in parts {
        match part {
            Value::Object(members) => all.extend(members),
            _ => unreachable!("answers are made of objects"),
        }
    }
    Value::Object(all)
}
