//! The members of a badge that are used here: Open Badges 3.0, clauses B.1 and C.1. In JSON they are sorted by name, so that the
//! same badge is the same bytes.

use jiff::Timestamp;
use serde::Serialize;

use crate::api::IssuerProfile;
use crate::completion::Amount;
use crate::number::CertificateNumber;

/// A credential that awards an achievement (AchievementCredential, clause B.1.2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AchievementCredential {
    #[serde(rename = "@context")]
    pub(super) contexts: [&'static str; 2],
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 2],
    pub(super) name: String,
    pub(super) issuer: IssuerProfile,
    pub(super) valid_from: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_until: Option<Timestamp>,
    pub(super) awarded_date: Timestamp,
    pub(super) credential_subject: AchievementSubject,
}

/// Who achieved what, and how (clause B.1.4).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AchievementSubject {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 1],
    pub(super) identifier: [IdentityObject; 2],
    pub(super) license_number: CertificateNumber,
    pub(super) activity_end_date: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_earned: Option<Amount>,
    pub(super) achievement: AchievementDescription,
    pub(super) result: Vec<AchievementResult>,
}

/// A salted hash of who it is (clause B.1.19).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdentityObject {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) hashed: bool,
    pub(super) identity_hash: String,
    pub(super) identity_type: &'static str,
    pub(super) salt: String,
}

/// What one reached (clause B.1.21): a status, or a value.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AchievementResult {
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 1],
    pub(super) result_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
}

/// What there is to achieve (Achievement, clause B.1.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AchievementDescription {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 1],
    pub(super) achievement_type: &'static str,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) in_language: &'static str,
    pub(super) criteria: Criteria,
    pub(super) image: Image,
    pub(super) creator: Creator,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credits_available: Option<Amount>,
    pub(super) result_description: Vec<ResultDescription>,
}

/// What one had to do (clause B.1.9), as Markdown.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Criteria {
    pub(super) narrative: String,
}

/// A picture (clause B.1.18).
#[derive(Debug, Clone, Serialize)]
pub(super) struct Image {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) caption: String,
}

/// Who made the achievement (Profile, clause B.1.20).
#[derive(Debug, Clone, Serialize)]
pub(super) struct Creator {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 1],
    pub(super) name: String,
}

/// A possible result (clause B.1.22).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultDescription {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) types: [&'static str; 1],
    pub(super) name: &'static str,
    pub(super) result_type: &'static str,
}
