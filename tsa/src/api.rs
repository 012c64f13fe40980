//! What travels beside RFC 3161: the list of units, and what the register holds of a token.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A time-stamping unit as it is at the world's time.
#[derive(Serialize, ToSchema)]
#[schema(as = tsa::Unit)]
pub(crate) struct UnitEntry {
    /// The last part of its address.
    pub(crate) name: String,
    /// Whether it answers at `/tsa` too.
    pub(crate) default: bool,
    /// Where it answers.
    pub(crate) address: String,
    /// The policy of a token whose request names none.
    pub(crate) policy: String,
    /// Further policies that a request may name.
    pub(crate) accepted_policies: Vec<String>,
    /// With what an imprint may be made.
    pub(crate) digest_algorithms: Vec<String>,
    /// How far genTime may be from UTC.
    pub(crate) accuracy_seconds: f64,
    /// Whether its tokens can be ordered by genTime alone (TSTInfo.ordering).
    pub(crate) ordering: bool,
    /// How it signs.
    #[schema(example = "ECDSA with SHA-256")]
    pub(crate) signature_algorithm: String,
    /// Its certificate.
    pub(crate) certificate: CertificateEntry,
    /// Its certificate's status at the world's time. It stamps whatever this is: verifiers have to be tested with such tokens.
    pub(crate) certificate_status: CertificateStatus,
    /// Whether it stamps at the world's time.
    pub(crate) stamps_now: bool,
    /// Why not.
    pub(crate) reason: Option<String>,
}

/// How a unit's certificate stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = tsa::CertificateStatus)]
pub(crate) enum CertificateStatus {
    /// Neither on hold nor revoked.
    Good,
    /// Suspended.
    OnHold,
    /// Revoked for good.
    Revoked,
}

/// The certificate of a unit.
#[derive(Serialize, ToSchema)]
#[schema(as = tsa::Certificate)]
pub(crate) struct CertificateEntry {
    /// Its subject.
    pub(crate) subject: String,
    /// The authority that certified it, by its subject.
    pub(crate) issuer: String,
    /// Its serial number, hexadecimal.
    pub(crate) serial: String,
    /// From when it is valid.
    pub(crate) not_before: Timestamp,
    /// Until when it is valid.
    pub(crate) not_after: Timestamp,
    /// The certificate, PEM.
    pub(crate) pem: String,
}

/// When a token was issued: much faster with it.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TokenQuery {
    /// Its genTime.
    pub(crate) time: Option<String>,
}

/// What the register holds of a token.
#[derive(Serialize, ToSchema)]
#[schema(as = tsa::Token)]
pub(crate) struct TokenEntry {
    /// TSTInfo.serialNumber, hexadecimal.
    pub(crate) serial: String,
    /// The unit that signed it.
    pub(crate) unit: String,
    /// TSTInfo.genTime.
    pub(crate) time: Timestamp,
    /// With what the imprint was made.
    pub(crate) imprint_algorithm: String,
    /// The imprint, hexadecimal.
    pub(crate) imprint: String,
}
