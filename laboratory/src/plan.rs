//! World plans: what a world is made from, as a TOML file. The default world is such a file, `plan/default.toml`.
//!
//! In: text. Out: a [`WorldPlan`], or everything that is wrong with it, each with line, column and, where there is one, a
//! suggestion. A plan that has been read is sound: its authorities hang together and cover each other's validity, and whatever
//! names something names something that is there.
//!
//! A table that a file leaves out altogether is as in the default plan, and so `version = 1` alone is the default plan.

mod check;
mod japanese;
mod picture;
mod pieces;
mod read;
mod record;
mod schema;
mod text;
mod told;
mod validity;

pub use text::{AccuracyText, Moment};

use ca::{AuthorityId, AuthoritySettings, Profile, StatusAddresses, Subject};
use jiff::Timestamp;
use pki::{KeyAlgorithm, KeyKind, ObjectIdentifier, oid};
use serde::{Deserialize, Serialize};
use tsa::UnitName;
use utoipa::ToSchema;
use world::time::{Duration, TimeError};

/// The version of plans that this program reads and writes.
pub const VERSION: u32 = 1;

/// Who certifies, in the default plan and where a plan does not say.
const CERTIFICATION_SERVICES: &str = "TESTBED Certification Services";
/// A synthetic corporate number: no registration office has the number 9999.
const CERTIFICATION_SERVICES_IDENTIFIER: &str = "NTRJP-8999900000001";
const HOME: &str = "JP";

/// What a world is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorldPlan {
    /// The version of this form.
    #[schema(minimum = 1, maximum = 1)]
    pub version: u32,
    /// What the world's clock shows when it is made: RFC 3339, a date, or relative to the present such as `-3y`. Without it: the present.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-11-24T09:00:00+09:00")]
    pub start: Option<Moment>,
    /// Whether the clock runs on from there.
    #[serde(default)]
    pub clock: ClockMode,
    /// The certification authorities, in any order.
    #[serde(default, rename = "authority")]
    pub authorities: Vec<AuthorityPlan>,
    /// Further certificates for the keys of authorities, beside the tree.
    #[serde(default, rename = "cross_certificate", skip_serializing_if = "Vec::is_empty")]
    pub cross_certificates: Vec<CrossCertificatePlan>,
    /// The credentials of the key server.
    #[serde(default, rename = "credential")]
    pub credentials: Vec<CredentialPlan>,
    /// The time-stamping units; the first answers at `/tsa` too.
    #[serde(default, rename = "time_stamping_unit")]
    pub units: Vec<UnitPlan>,
    /// The organisations that issue certificates; the first does where none is named.
    #[serde(default, rename = "organization")]
    pub organizations: Vec<OrganizationPlan>,
}

/// How a world's clock moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockMode {
    /// With the system's clock.
    #[default]
    Running,
    /// Not at all, until somebody sets it.
    Fixed,
}

/// A certification authority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorityPlan {
    /// Its id, which stands in addresses: small letters, digits and hyphens, the first being a letter.
    #[serde(with = "text")]
    #[schema(value_type = String, pattern = "^[a-z][a-z0-9-]{0,39}$", example = "issuing")]
    pub id: AuthorityId,
    /// The id of the authority that certifies it. Without one it is a root. From a root down to whoever certifies seals and units stand at most
    /// nine authorities: the verifier follows paths of ten certificates.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{0,39}$")]
    pub parent: Option<AuthorityId>,
    /// The common name in its certificate.
    pub common_name: String,
    /// The organisation in its certificate.
    #[serde(default = "certification_services")]
    pub organization: String,
    /// The organisation's identifier, EN 319 412-1 clause 5.1.4.
    #[serde(default = "certification_services_identifier")]
    #[schema(example = "NTRJP-8999900000001")]
    pub organization_identifier: String,
    /// Where the organisation is established, ISO 3166-1.
    #[serde(default = "home")]
    #[schema(pattern = "^[A-Z]{2}$")]
    pub country: String,
    /// Its keys and how they sign: `P-256`, `P-384`, `P-521`, `Ed25519`, or `RSA-2048`, `RSA-3072`, `RSA-4096`, each of them also with `-PSS`.
    #[serde(default = "p256", with = "text")]
    #[schema(value_type = String, default = "P-256")]
    pub algorithm: KeyAlgorithm,
    /// When its first certificate begins: a time, or relative to the start. Without it: at the start.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "-5y")]
    pub begins: Option<Moment>,
    /// How long its certificates are valid. Without it 30 years as a root and 20 else, but no longer than its parent's.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "20y")]
    pub validity: Option<Duration>,
    /// When it got new keys: times, or relative to the start, and not after it.
    #[serde(default, with = "text::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub rollovers: Vec<Moment>,
    /// How long a CRL of it holds. Without it a day if it certifies no authorities, 90 days else.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "90d")]
    pub crl_validity: Option<Duration>,
    /// How long an OCSP answer about its certificates holds.
    #[serde(default = "a_day", with = "text")]
    #[schema(value_type = String, default = "1d")]
    pub ocsp_validity: Duration,
    /// The keys of its OCSP responders. Without it those of the authority.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "P-256")]
    pub ocsp_algorithm: Option<KeyAlgorithm>,
    /// Which addresses the certificates that it issues name for their status.
    #[serde(default = "both")]
    #[schema(min_items = 1)]
    pub status: Vec<StatusAddress>,
}

/// Where the status of a certificate is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StatusAddress {
    /// In a CRL distribution point.
    Crl,
    /// By an OCSP responder.
    Ocsp,
}

/// A further certificate for an authority's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrossCertificatePlan {
    /// The authority whose key it certifies.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub subject: AuthorityId,
    /// The authority that signs it.
    #[serde(with = "text")]
    #[schema(value_type = String)]
    pub issuer: AuthorityId,
    /// When it begins: a time, or relative to the start. Without it: as soon as both authorities are there.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "-1y")]
    pub begins: Option<Moment>,
}

/// What a credential signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialProfile {
    /// Documents, as an organisation's e-seal.
    Seal,
    /// Open Badges, with RS256.
    Badge,
}

/// A key with its certificate in the key server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialPlan {
    /// Its id: small letters, digits and hyphens.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,39}$", example = "seal-p256")]
    pub id: String,
    /// What it signs.
    pub profile: CredentialProfile,
    /// Its key: `P-256`, `P-384`, `P-521`, `RSA-2048`, `RSA-3072`, `RSA-4096`. How an RSA key pads, each signature says.
    #[serde(with = "text")]
    #[schema(value_type = String, example = "P-256")]
    pub algorithm: KeyAlgorithm,
    /// The id of the organisation that it names. Without it the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The authority that certifies it. Without it the first that certifies no authorities.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub authority: Option<AuthorityId>,
    /// The common name in its certificate. Without it the organisation's name and what the credential is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// How long its certificates are valid. Without it three years, but no longer than its authority's.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "3y")]
    pub validity: Option<Duration>,
}

/// A time-stamping unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitPlan {
    /// The last part of its address `/tsa/NAME`: small letters, digits and hyphens; not `api`.
    #[serde(with = "text")]
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "default")]
    pub name: UnitName,
    /// Its keys and how they sign: as an authority's, but not `Ed25519`.
    #[serde(default = "p256", with = "text")]
    #[schema(value_type = String, default = "P-256")]
    pub algorithm: KeyAlgorithm,
    /// The id of the organisation that its certificate names. Without it the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The authority that certifies it. Without it the first that certifies no authorities.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub authority: Option<AuthorityId>,
    /// The common name in its certificate. Without it the organisation's name and the unit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// How long its certificates are valid; the key signs in the first year. Without it eleven years, but no longer than its authority's.
    #[serde(default, with = "text::optional", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "11y")]
    pub validity: Option<Duration>,
    /// The policy of a token whose request names none, an object identifier.
    #[serde(default = "unit_policy", with = "text")]
    #[schema(value_type = String)]
    pub policy: ObjectIdentifier,
    /// Further policies that a request may name.
    #[serde(default, with = "text::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub policies: Vec<ObjectIdentifier>,
    /// How far its time may be from UTC: `1s`, `500ms`, `20us`.
    #[serde(default = "a_second", with = "text")]
    #[schema(value_type = String, default = "1s")]
    pub accuracy: AccuracyText,
    /// Whether its tokens say that they can be put in order (RFC 3161 clause 2.4.2).
    #[serde(default)]
    pub ordering: bool,
}

/// An organisation that issues certificates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationPlan {
    /// Its id: small letters, digits and hyphens.
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,39}$", example = "tbu")]
    pub id: String,
    /// Japanese name, as printed and as the badge's issuer.
    pub name_ja: String,
    /// English name.
    pub name_en: String,
    /// Its name as it stands in certificates; `TESTBED ` is put before it unless it stands somewhere in it.
    pub registered_name: String,
    /// Its identifier in certificates, EN 319 412-1 clause 5.1.4.
    #[schema(example = "NTRJP-9234567890123")]
    pub organization_identifier: String,
    /// Where it is established, ISO 3166-1.
    #[serde(default = "home")]
    #[schema(pattern = "^[A-Z]{2}$")]
    pub country: String,
    /// Who signs for it on paper, Japanese.
    pub signatory_ja: String,
    /// The same in English.
    pub signatory_en: String,
    /// What its square seal says: one to five columns of one to six characters, the first at the right, separated by `/`.
    #[schema(example = "試験/大学/之印")]
    pub seal: String,
    /// A picture of its square seal that is printed instead: the name of a PNG file beside the plan, or the file itself as
    /// `data:image/png;base64,…`. What it says is `seal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "seal.png")]
    pub seal_picture: Option<String>,
    /// Its logo, for templates that have a place for it: a PNG as `seal_picture`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "logo.png")]
    pub logo: Option<String>,
    /// What its certificate numbers begin with: 2 to 8 letters A-Z and digits, a letter first. Numbers are counted for each prefix.
    #[schema(pattern = "^[A-Z][A-Z0-9]{1,7}$", example = "TBU")]
    pub number_prefix: String,
    /// The credential that seals what it issues. Without it the first seal credential that names this organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The credential that signs its badges. Without it the first badge credential that names this organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub badge_credential: Option<String>,
}

impl Default for WorldPlan {
    /// The default world's.
    fn default() -> WorldPlan {
        WorldPlan::of_world(WorldPlan::DEFAULT).expect("the default plan is read by a test")
    }
}

impl WorldPlan {
    /// The default plan as the file that it is.
    pub const DEFAULT: &str = include_str!("plan/default.toml");

    /// The same plan with such keys for all authorities and time-stamping units; units keep theirs if they cannot use it.
    #[must_use]
    pub fn with_authority_keys(mut self, algorithm: KeyAlgorithm) -> WorldPlan {
        for authority in &mut self.authorities {
            authority.algorithm = algorithm;
        }
        for unit in self.units.iter_mut().filter(|_| algorithm.signs_digests()) {
            unit.algorithm = algorithm;
        }
        self
    }

    /// The same plan with fewer credentials: seals with these kinds of key, and those for badges or not.
    #[must_use]
    pub fn with_credentials(mut self, seals: &[KeyKind], badges: bool) -> WorldPlan {
        self.credentials.retain(|credential| match credential.profile {
            CredentialProfile::Seal => seals.contains(&credential.algorithm.kind),
            CredentialProfile::Badge => badges,
        });
        self
    }

    /// The organisation of that id, or the first.
    pub fn organization(&self, id: Option<&str>) -> Option<&OrganizationPlan> {
        self.organizations.iter().find(|organization| id.is_none_or(|id| organization.id == id))
    }

    /// The credential with which an organisation seals, or signs its badges.
    pub fn credential_of(
        &self,
        organization: &OrganizationPlan,
        profile: CredentialProfile,
    ) -> Option<&CredentialPlan> {
        let named = match profile {
            CredentialProfile::Seal => &organization.credential,
            CredentialProfile::Badge => &organization.badge_credential,
        };
        let names = |credential: &&CredentialPlan| match named {
            Some(id) => credential.id == *id,
            None => {
                credential.profile == profile
                    && self
                        .organization(credential.organization.as_deref())
                        .is_some_and(|own| own.id == organization.id)
            }
        };
        self.credentials.iter().find(names)
    }

    /// The id of the credential that seals with such a key: the first, or what it would be called in the default plan.
    pub fn seal_credential(&self, kind: KeyKind) -> String {
        let seals = |credential: &&CredentialPlan| {
            credential.profile == CredentialProfile::Seal && credential.algorithm.kind == kind
        };
        self.credentials.iter().find(seals).map_or_else(|| seal_credential(kind), |credential| credential.id.clone())
    }

    /// The credential that seals when nothing else is asked for, and the one that signs badges then.
    pub fn default_credential(&self, profile: CredentialProfile) -> Option<&CredentialPlan> {
        self.credential_of(self.organizations.first()?, profile)
    }

    /// The organisations as the issuer takes them.
    ///
    /// # Errors
    /// If a square seal cannot be drawn, or a picture cannot be printed.
    pub fn issuing_organizations(&self) -> Result<Vec<issuer::Organization>, issuer::Error> {
        let credential = |organization: &OrganizationPlan, profile: CredentialProfile| {
            self.credential_of(organization, profile).map(|credential| credential.id.clone()).unwrap_or_default()
        };
        let issuing = |organization: &OrganizationPlan| {
            Ok(issuer::Organization {
                id: organization.id.clone(),
                name_ja: organization.name_ja.clone(),
                name_en: organization.name_en.clone(),
                signatory_ja: organization.signatory_ja.clone(),
                signatory_en: organization.signatory_en.clone(),
                seal: issuer::SealText::from_columns(&organization.seal)?,
                seal_picture: picture::within(organization.seal_picture.as_deref(), issuer::SealPicture::from_png)?,
                logo: picture::within(organization.logo.as_deref(), issuer::Logo::from_png)?,
                number_prefix: organization.number_prefix.clone(),
                seal_credential: credential(organization, CredentialProfile::Seal),
                badge_credential: credential(organization, CredentialProfile::Badge),
            })
        };
        self.organizations.iter().map(issuing).collect()
    }

    /// Whom the certificate of a credential names.
    pub fn subject_of_credential(&self, credential: &CredentialPlan) -> Option<Subject> {
        let organization = self.organization(credential.organization.as_deref())?;
        let name = &organization.registered_name;
        let usual = || match credential.profile {
            CredentialProfile::Seal => format!("{name} e-seal {}", credential.algorithm),
            CredentialProfile::Badge => format!("{name} badges"),
        };
        Some(organization.subject(credential.common_name.clone().unwrap_or_else(usual)))
    }

    /// Whom the certificate of a time-stamping unit names.
    pub fn subject_of_unit(&self, unit: &UnitPlan) -> Option<Subject> {
        let organization = self.organization(unit.organization.as_deref())?;
        let usual = || {
            let full = format!("{} time-stamping unit {}", organization.registered_name, unit.name);
            // The CA adds that it is not qualified, and X.520 takes 64 characters (ub-common-name).
            if full.chars().count() <= 48 { full } else { format!("TSU {}", unit.name) }
        };
        Some(organization.subject(unit.common_name.clone().unwrap_or_else(usual)))
    }
}

/// Id of the credential that seals with such a key in the default plan, such as `seal-p256`.
pub fn seal_credential(kind: KeyKind) -> String {
    format!("seal-{}", kind.to_string().to_lowercase().replace('-', ""))
}

impl OrganizationPlan {
    /// Whom a certificate of this organisation names.
    pub fn subject(&self, common_name: String) -> Subject {
        Subject {
            organization: self.registered_name.clone(),
            organization_identifier: self.organization_identifier.clone(),
            common_name,
            country: self.country.clone(),
        }
    }
}

impl AuthorityPlan {
    /// What the certification authority makes when the world starts at `start`.
    ///
    /// # Errors
    /// If a time of it is none that certificates can carry.
    pub fn to_be_made(&self, start: Timestamp) -> Result<ca::AuthorityPlan, TimeError> {
        let has = |address| self.status.contains(&address);
        let status = match (has(StatusAddress::Crl), has(StatusAddress::Ocsp)) {
            (true, false) => StatusAddresses::Crl,
            (false, true) => StatusAddresses::Ocsp,
            _ => StatusAddresses::CrlAndOcsp,
        };
        Ok(ca::AuthorityPlan {
            id: self.id.clone(),
            parent: self.parent.clone(),
            subject: self.subject(),
            validity: self.validity,
            begins: self.begins.map(|begins| begins.at(start)).transpose()?,
            rollovers: self.rollovers.iter().map(|at| at.at(start)).collect::<Result<_, _>>()?,
            settings: AuthoritySettings {
                algorithm: self.algorithm,
                ocsp_algorithm: self.ocsp_algorithm.unwrap_or(self.algorithm),
                crl_validity: self.crl_validity,
                ocsp_validity: self.ocsp_validity,
                status,
            },
        })
    }

    /// Whom its certificate names.
    pub fn subject(&self) -> Subject {
        Subject {
            organization: self.organization.clone(),
            organization_identifier: self.organization_identifier.clone(),
            common_name: self.common_name.clone(),
            country: self.country.clone(),
        }
    }
}

impl From<CredentialProfile> for Profile {
    fn from(profile: CredentialProfile) -> Profile {
        match profile {
            CredentialProfile::Seal => Profile::Seal,
            CredentialProfile::Badge => Profile::Badge,
        }
    }
}

fn certification_services() -> String {
    CERTIFICATION_SERVICES.into()
}

fn certification_services_identifier() -> String {
    CERTIFICATION_SERVICES_IDENTIFIER.into()
}

fn home() -> String {
    HOME.into()
}

fn p256() -> KeyAlgorithm {
    KeyKind::P256.into()
}

const fn a_day() -> Duration {
    Duration::days(1)
}

fn both() -> Vec<StatusAddress> {
    vec![StatusAddress::Ocsp, StatusAddress::Crl]
}

fn unit_policy() -> ObjectIdentifier {
    oid::TESTBED_TSA_POLICY
}

const fn a_second() -> AccuracyText {
    AccuracyText(pki::Accuracy::seconds(1))
}

#[cfg(test)]
mod tests;
