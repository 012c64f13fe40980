//! A credential as the API describes it (CSC API 2.0.0.2 clause 11.5, with members of 2.2.0.0 that clients need): flat on v1,
//! with the `auth` object on v2.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use pki::{KeyKind, oid};

use super::api::{self, Auth, Certificates};
use super::dialect::Dialect;
use super::member::Member;
use super::refusal::Refusal;
use super::sign_algorithm::offered;
use crate::credential::{Credential, CredentialStatus, WhenRevoked};
use crate::standing::Standing;

/// How much of a credential's certificates a description has.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    certificates: Certificates,
    details: bool,
}

impl Extent {
    pub(super) fn of(auth_info: &Member, certificates: &Member, cert_info: &Member) -> Result<Extent, Refusal> {
        auth_info.flag("authInfo")?; // what it asks for is always in the answer
        Ok(Extent { certificates: Certificates::of(certificates)?, details: cert_info.flag("certInfo")? })
    }
}

/// How a credential's certificate stands at the world's time.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) standing: Standing,
    pub(super) at: Timestamp,
}

/// One credential.
pub(super) fn describe(dialect: Dialect, credential: &Credential, extent: Extent, state: State) -> api::Credential {
    let (auth, auth_mode) = match dialect {
        Dialect::V1 => (None, Some("implicit")),
        Dialect::V2 => (Some(Auth { mode: "explicit", objects: [] }), None),
    };
    api::Credential {
        scal: credential.scal.number().to_string(),
        auth,
        auth_mode,
        cert: certificate(credential, extent, state),
        credential_id: None,
        description: credential.description.clone(),
        key: key(credential, state),
        lang: "en-US",
        multisign: credential.multisign,
    }
}

/// Enabled means that it signs now: outside the validity of its certificate no key does, and a revoked or suspended certificate
/// takes that from a key, unless the credential is marked.
fn key(credential: &Credential, state: State) -> api::Key {
    let (len, curve) = match credential.kind {
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
    let algo = offered(credential.kind).iter().map(ToString::to_string).collect();
    api::Key { algo, curve: curve.map(|curve| curve.to_string()), len, status: status.as_str() }
}

/// A revocation outlasts the validity period, a suspension does not. Before the period the API has no word that is true, and lets
/// the status be left out.
fn certificate(credential: &Credential, extent: Extent, state: State) -> api::Certificate {
    let certificate = credential.certificate();
    let status = match state.standing {
        Standing::Revoked { .. } => Some("revoked"),
        _ if state.at > certificate.not_after() => Some("expired"),
        Standing::Suspended { .. } => Some("suspended"),
        Standing::Good if state.at < certificate.not_before() => None,
        Standing::Good => Some("valid"),
    };
    let count = match extent.certificates {
        Certificates::None => 0,
        Certificates::Single => 1,
        Certificates::Chain => credential.chain.len(),
    };
    let encoded = || credential.chain.iter().take(count).map(|certificate| STANDARD.encode(certificate.der()));
    let described = extent.details.then_some(certificate);
    api::Certificate {
        certificates: (count > 0).then(|| encoded().collect()),
        issuer: described.map(|certificate| certificate.issuer().to_portable_text()),
        serial_number: described.map(|certificate| certificate.serial().to_string()),
        status,
        subject: described.map(|certificate| certificate.subject().to_portable_text()),
        valid_from: described.map(|certificate| generalized_time(certificate.not_before())),
        valid_to: described.map(|certificate| generalized_time(certificate.not_after())),
    }
}

/// GeneralizedTime (RFC 5280 clause 4.1.2.5.2) as the API writes it: YYYYMMDDHHMMSSZ.
fn generalized_time(at: Timestamp) -> String {
    let t = at.to_zoned_datetime(TimeZone::UTC);
    let (date, time) = ((t.year(), t.month(), t.day()), (t.hour(), t.minute(), t.second()));
    format!("{:04}{:02}{:02}{:02}{:02}{:02}Z", date.0, date.1, date.2, time.0, time.1, time.2)
}
