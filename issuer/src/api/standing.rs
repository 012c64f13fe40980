//! What became of a certificate after it was issued. Not of the X.509 certificate of its seal: what that one is worth, its authority
//! says.

use jiff::Timestamp;
use jiff::civil::Date;
use sealing::Level;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::IssuedSummary;
use crate::completion::CompletionData;
use crate::number::CertificateNumber;

/// What a certificate counts for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StandingState {
    /// It counts.
    Valid,
    /// It does not count for now.
    Suspended,
    /// It was taken back for good.
    Revoked,
    /// Another certificate has taken its place.
    Superseded,
    /// Its last day is over.
    Expired,
}

/// What can be done with a certificate that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StandingAct {
    /// It is taken back, for good.
    Revoke,
    /// It does not count until it is released.
    Suspend,
    /// It counts again.
    Release,
    /// Another one is issued that takes its place.
    Reissue,
}

/// What a certificate counts for at the world's time, and how that came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    /// If others have taken its place, one after the other: the last of them, if that counts; else null, and none counts.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub counts_instead: Option<CertificateNumber>,
    /// Everything that was recorded of the time until now, oldest first.
    pub history: Vec<StandingFact>,
    /// The certificate.
    #[schema(value_type = String, example = "TBU-2026-000001-N")]
    pub number: CertificateNumber,
    /// What can be done with it now.
    pub possible: Vec<StandingAct>,
    /// Why it stands so; null if it is valid and always was, or has expired.
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What it counts for.
    pub state: StandingState,
    /// The certificate that has taken its place.
    #[schema(value_type = Option<String>)]
    pub superseded_by: Option<CertificateNumber>,
    /// The certificate whose place it has taken.
    #[schema(value_type = Option<String>)]
    pub supersedes: Option<CertificateNumber>,
    /// The last day on which it counts, in Japan; null if it does not expire.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_until: Option<Date>,
}

/// Something that became of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingFact {
    /// What.
    pub event: StandingEvent,
    /// Why.
    pub reason: String,
    /// When it was recorded, by the world's clock.
    pub recorded_at: Timestamp,
    /// Who had it recorded, as they call themselves.
    pub recorded_by: String,
    /// From when on it holds.
    pub since: Timestamp,
    /// The certificate that took its place.
    #[schema(value_type = Option<String>)]
    pub superseded_by: Option<CertificateNumber>,
}

/// What can become of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StandingEvent {
    /// Taken back for good.
    Revoked,
    /// Suspended.
    Suspended,
    /// Released.
    Released,
    /// Another one took its place.
    Superseded,
}

/// That a certificate is suspended, or released, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StandingChange {
    /// Who wants it, as they call themselves: at most 100 characters; `client` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub by: Option<String>,
    /// Why: 1 to 200 characters, not only blanks. The page of the certificate shows it.
    #[schema(min_length = 1, max_length = 200, example = "under inquiry")]
    pub reason: String,
}

/// That a certificate is taken back, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuedRevocation {
    /// Who wants it, as they call themselves: at most 100 characters; `client` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub by: Option<String>,
    /// Why: 1 to 200 characters, not only blanks. The page of the certificate shows it.
    #[schema(min_length = 1, max_length = 200, example = "issued to the wrong person")]
    pub reason: String,
    /// From when on: RFC 3339, a date, or counted from the world's time (`-1d`); not before the issue, not in the future. Now if left
    /// out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// What a certificate is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReissuedAbout {
    /// Whose it is.
    Recipient,
    /// What was achieved.
    Achievement,
    /// What kind of document it is.
    Template,
}

impl std::fmt::Display for ReissuedAbout {
    /// As it stands in JSON.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            ReissuedAbout::Recipient => "recipient",
            ReissuedAbout::Achievement => "achievement",
            ReissuedAbout::Template => "template",
        })
    }
}

/// That another certificate takes the place of one, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reissue {
    /// About what else the new certificate is meant to be than the old one: data about another `recipient` (its identifier), another
    /// `achievement` (its id, or both of its names) or by another `template` are refused if that is not said here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub another: Vec<ReissuedAbout>,
    /// Who wants it, as they call themselves: at most 100 characters; `client` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub by: Option<String>,
    /// The corrected completion data; those of the certificate itself if left out. Data that name no template are printed by that of the
    /// certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<CompletionData>,
    /// PAdES baseline level; else that of the corrected data, else that of the certificate itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Why: 1 to 200 characters, not only blanks. The page of the certificate shows it.
    #[schema(min_length = 1, max_length = 200, example = "the name was misspelt")]
    pub reason: String,
    /// By which version of its template it is printed; that of the certificate itself if left out, or the newest if the corrected data
    /// name another template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub template_version: Option<u32>,
}

/// A certificate with what it counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedDetails {
    /// What is known of it without its file.
    #[serde(flatten)]
    pub summary: IssuedSummary,
    /// What it counts for.
    pub standing: Standing,
}

/// Which certificates are listed. Without any of these: the newest thousand, as they were issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Those that follow this one in the list: `next` of the page before.
    #[param(value_type = Option<String>)]
    pub after: Option<String>,
    /// How many at most: 1 to 1000; 100 if left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// What they count for at the world's time: `valid`, `suspended`, `revoked`, `superseded` or `expired`.
    pub state: Option<StandingState>,
    /// Id of the organization that issued them.
    pub organization: Option<String>,
    /// The name on them, or the learner's identifier, whole; blanks, capitals and the width of letters do not count.
    pub recipient: Option<String>,
    /// The name of the achievement in either language, whole; blanks, capitals and the width of letters do not count.
    pub achievement: Option<String>,
    /// The number.
    #[param(value_type = Option<String>)]
    pub number: Option<String>,
    /// Issued then or later: a day in Japan, RFC 3339, or counted from the world's time (`-30d`).
    #[serde(rename = "issued-from")]
    #[param(rename = "issued-from")]
    pub issued_from: Option<String>,
    /// Issued then or before, a day included.
    #[serde(rename = "issued-to")]
    #[param(rename = "issued-to")]
    pub issued_to: Option<String>,
}

/// Certificates, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedCertificates {
    /// At most 1000 of them.
    pub certificates: Vec<ListedCertificate>,
    /// With a query: what `after` has to be for those that follow, if there may be more. A page of a search that finds little
    /// may have fewer than were asked for, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub next: Option<CertificateNumber>,
}

/// A certificate in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedCertificate {
    /// What is known of it without its file.
    #[serde(flatten)]
    pub summary: IssuedSummary,
    /// With a query: what it counts for at the world's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StandingState>,
    /// With a query: the certificate that has taken its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub superseded_by: Option<CertificateNumber>,
}
