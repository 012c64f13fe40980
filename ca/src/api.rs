//! What is said over HTTP about certificates and their status, as JSON. Command line and pages use the same types.

use jiff::Timestamp;
use pki::{Certificate, RevocationReason};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::{IntoParams, ToSchema};

use crate::issued::Issued;
use crate::profile::Profile;
use crate::revocation::{RevocationEvent, RevocationFact, RevocationStatus};
use crate::subject::{HOME, Subject};
use crate::trust::pem;

/// Members of the query of a list of certificates.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CertificateQuery {
    /// Only those of this profile.
    #[param(schema_with = every_profile)]
    pub profile: Option<String>,
    /// How many at most: 100 if nothing is said, and 1000 if more are asked for.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u32, example = 10)]
    pub limit: Option<u32>,
}

/// Certificates, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CertificateList {
    /// Each with its status.
    pub certificates: Vec<CertificateSummary>,
}

/// A certificate with its status at the world's time, as CRL and OCSP tell it then.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CertificateSummary {
    /// Its serial number in small hexadecimal digits.
    #[schema(example = "4f1c2a90b7d35e6688a1c0ffee123456")]
    pub serial: String,
    /// What it is for.
    #[schema(schema_with = every_profile)]
    pub profile: String,
    /// The authority that signed it, and if that has had several keys, with which: `issuing`, `issuing.2`.
    #[schema(example = "issuing")]
    pub issuer: String,
    /// Who it names.
    pub subject: CertificateSubject,
    /// The first second of its validity.
    pub not_before: Timestamp,
    /// The last.
    pub not_after: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The world's time, for which validity and status are told.
    pub at: Timestamp,
    /// Whether it is within its validity.
    pub validity: Validity,
    /// Its status.
    pub status: CertificateState,
    /// Since when it is on hold or revoked.
    pub since: Option<Timestamp>,
    /// Why it is on hold or revoked, by the name in RFC 5280.
    #[schema(example = "keyCompromise")]
    pub reason: Option<String>,
}

/// A certificate with everything that is on record about it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CertificateDetails {
    /// What lists tell of it.
    #[serde(flatten)]
    pub summary: CertificateSummary,
    /// The certificate.
    pub certificate_pem: String,
    /// What happened to it, in the order of recording.
    pub history: Vec<HistoryEntry>,
}

/// The name in a certificate; attributes that it does not have are null.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct CertificateSubject {
    /// Country.
    pub country: Option<String>,
    /// The organisation's registered name.
    pub organization: Option<String>,
    /// Its number in a register.
    pub organization_identifier: Option<String>,
    /// What is certified.
    pub common_name: Option<String>,
}

/// Where the world's time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// Before the first second of the certificate.
    NotYetValid,
    /// Between the first second and the last.
    Valid,
    /// After the last.
    Expired,
}

/// What is known about a certificate, whether it is within its validity or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// Neither on hold nor revoked.
    Good,
    /// On hold.
    OnHold,
    /// Revoked for good.
    Revoked,
    /// Never issued.
    Unknown,
}

/// Something that happened to a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// What.
    pub event: HistoryEvent,
    /// When it took effect.
    pub since: Timestamp,
    /// Why it was revoked, by the name in RFC 5280.
    #[schema(example = "keyCompromise")]
    pub reason: Option<String>,
    /// Since when its key must be suspected.
    pub invalidity_date: Option<Timestamp>,
    /// When the CA learnt of it.
    pub recorded_at: Timestamp,
}

/// What can happen to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryEvent {
    /// Revoked for good.
    Revoked,
    /// Put on hold.
    Held,
    /// Released from hold.
    Released,
}

/// What is asked for: a certificate for the key of a certification request, or for a public key. Exactly one of `csr` and
/// `public_key_pem` is there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    /// What the certificate is to be for.
    #[schema(schema_with = enrollable_profile)]
    pub profile: String,
    /// The authority that is to issue it; if nothing is said, the first that issues end certificates only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "issuing")]
    pub issuer: Option<String>,
    /// Who the certificate is to name; beside a `csr` it takes the place of that one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectRequest>,
    /// A PKCS #10 request in PEM, whose signature proves possession of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// A SubjectPublicKeyInfo in PEM; then there is a `subject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key_pem: Option<String>,
}

/// The organisation that a certificate is to name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectRequest {
    /// Registered name; `TESTBED ` is put before it unless it stands somewhere in it.
    #[schema(example = "Example University")]
    pub organization: String,
    /// Its number in a register (ETSI EN 319 412-1 clause 5.1.4).
    #[schema(example = "NTRJP-9234567890123")]
    pub organization_identifier: String,
    /// Which seal, time-stamping unit or key of that organisation.
    #[schema(example = "Learning Platform Seal")]
    pub common_name: String,
    /// Two capital letters; `JP` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "JP")]
    pub country: Option<String>,
}

/// A certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct EnrolmentAnswer {
    /// Its serial number in small hexadecimal digits.
    #[schema(example = "4f1c2a90b7d35e6688a1c0ffee123456")]
    pub serial: String,
    /// What it is for.
    #[schema(schema_with = enrollable_profile)]
    pub profile: String,
    /// The first second of its validity.
    pub not_before: Timestamp,
    /// The last.
    pub not_after: Timestamp,
    /// The certificate.
    pub certificate_pem: String,
    /// The certificate, those of the authorities above it, and the root.
    pub chain_pem: String,
    /// That an authority above it is revoked or on hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub warning: Option<String>,
}

/// A revocation for good.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationRequest {
    /// The certificate's serial number in hexadecimal digits.
    #[schema(schema_with = serial_number)]
    pub serial: String,
    /// Why, by the name in RFC 5280.
    #[schema(schema_with = revocation_reason)]
    pub reason: String,
    /// Since when it counts, if not since now: RFC 3339, a date, or relative to the world's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "-3d")]
    pub since: Option<String>,
    /// Since when the key is suspected; not after `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-01")]
    pub invalidity_date: Option<String>,
}

/// A certificate that is to be put on hold or released.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SerialRequest {
    /// Its serial number in hexadecimal digits.
    #[schema(schema_with = serial_number)]
    pub serial: String,
}

impl From<SubjectRequest> for Subject {
    fn from(request: SubjectRequest) -> Subject {
        Subject {
            organization: request.organization,
            organization_identifier: request.organization_identifier,
            common_name: request.common_name,
            country: request.country.unwrap_or_else(|| HOME.to_owned()),
        }
    }
}

impl CertificateSummary {
    pub(crate) fn new(issued: &Issued, at: Timestamp) -> CertificateSummary {
        let (certificate, subject) = (&issued.certificate, issued.certificate.subject());
        let (status, since, reason) = state(issued.status_at(at));
        CertificateSummary {
            serial: certificate.serial().to_string(),
            profile: issued.profile.to_string(),
            issuer: issued.issuer.to_string(),
            subject: CertificateSubject {
                country: subject.country(),
                organization: subject.organization(),
                organization_identifier: subject.organization_identifier(),
                common_name: subject.common_name(),
            },
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            issued_at: issued.issued_at,
            at,
            validity: Validity::at(certificate, at),
            status,
            since,
            reason: reason.map(|reason| reason.to_string()),
        }
    }
}

impl CertificateDetails {
    pub(crate) fn new(issued: &Issued, at: Timestamp) -> CertificateDetails {
        CertificateDetails {
            summary: CertificateSummary::new(issued, at),
            certificate_pem: issued.certificate.to_pem(),
            history: issued.facts.iter().map(HistoryEntry::from).collect(),
        }
    }
}

impl Validity {
    fn at(certificate: &Certificate, at: Timestamp) -> Validity {
        match at {
            at if at < certificate.not_before() => Validity::NotYetValid,
            at if at > certificate.not_after() => Validity::Expired,
            _ => Validity::Valid,
        }
    }
}

fn state(status: RevocationStatus) -> (CertificateState, Option<Timestamp>, Option<RevocationReason>) {
    match status {
        RevocationStatus::Good => (CertificateState::Good, None, None),
        RevocationStatus::OnHold { since } => {
            (CertificateState::OnHold, Some(since), Some(RevocationReason::CertificateHold))
        }
        RevocationStatus::Revoked { since, reason } => (CertificateState::Revoked, Some(since), Some(reason)),
        RevocationStatus::Unknown => (CertificateState::Unknown, None, None),
    }
}

impl From<&RevocationFact> for HistoryEntry {
    fn from(fact: &RevocationFact) -> HistoryEntry {
        let (event, reason, invalidity_date) = match fact.event {
            RevocationEvent::Revoked { reason, invalidity_date } => {
                (HistoryEvent::Revoked, Some(reason.to_string()), invalidity_date)
            }
            RevocationEvent::Held => (HistoryEvent::Held, None, None),
            RevocationEvent::Released => (HistoryEvent::Released, None, None),
        };
        HistoryEntry { event, since: fact.since, reason, invalidity_date, recorded_at: fact.recorded_at }
    }
}

impl EnrolmentAnswer {
    /// Of a chain, leaf first.
    pub(crate) fn new(profile: Profile, chain: &[Certificate], warning: Option<String>) -> EnrolmentAnswer {
        let leaf = &chain[0];
        EnrolmentAnswer {
            serial: leaf.serial().to_string(),
            profile: profile.to_string(),
            not_before: leaf.not_before(),
            not_after: leaf.not_after(),
            certificate_pem: leaf.to_pem(),
            chain_pem: pem(chain),
            warning,
        }
    }
}

/// The serial number of a certificate as it is asked for: positive, and at most 20 octets as INTEGER (RFC 5280 clause 4.1.2.2).
pub(crate) fn serial_number() -> Object {
    let pattern = "^0*([1-9A-Fa-f][0-9A-Fa-f]{0,38}|[1-7][0-9A-Fa-f]{39})$";
    let example = "4f1c2a90b7d35e6688a1c0ffee123456";
    let description = "The certificate's serial number in hexadecimal digits.";
    let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    text.pattern(Some(pattern)).examples([example]).build()
}

fn every_profile() -> Object {
    one_of(Profile::ALL.into_iter().map(Profile::name))
}

fn enrollable_profile() -> Object {
    one_of(Profile::ALL.into_iter().filter(|profile| profile.is_enrollable()).map(Profile::name))
}

/// The reasons that a revocation can have: of those two, a hold and a delta CRL make the one and the other.
fn revocation_reason() -> Object {
    let others = |reason: &RevocationReason| {
        !matches!(reason, RevocationReason::CertificateHold | RevocationReason::RemoveFromCrl)
    };
    one_of(RevocationReason::ALL.into_iter().filter(others).map(|reason| reason.to_string()))
}

fn one_of(names: impl Iterator<Item = impl Into<String>>) -> Object {
    let names: Vec<String> = names.map(Into::into).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}
