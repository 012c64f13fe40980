//! What is said over HTTP: the JSON of the issuer's addresses, for its router, the command line and the pages. Members are declared
//! in the order in which they are written.

mod batch;
mod message;
mod standing;

use std::collections::BTreeMap;

use jiff::Timestamp;
use sealing::Level;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::number::CertificateNumber;
use crate::register::fold;
use crate::register::{CellError, ColumnReading};
use crate::template::{self, Column};
pub use batch::{
    Batch, BatchQuery, BatchRow, BatchRows, BatchState, Batches, BatchesQuery, RowCounts, RowState, RowsQuery,
};
pub use message::{CompletionAnswer, CompletionMessage, WebhookSecret};
pub use standing::{
    IssuedCertificates, IssuedDetails, IssuedRevocation, ListQuery, ListedCertificate, Reissue, ReissuedAbout,
    Standing, StandingAct, StandingChange, StandingEvent, StandingFact, StandingState,
};

/// Members of the query that say how a certificate is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IssueQuery {
    /// PAdES baseline level: `B-B`, `B-T`, `B-LT` or `B-LTA`; else that of the completion data, else `B-LTA`.
    #[param(value_type = Option<Level>, example = "B-LTA")]
    pub level: Option<String>,
    /// Id of the key server's credential that seals; else the organization's own.
    #[param(example = "seal-p256")]
    pub credential: Option<String>,
    /// Id of the organization in whose name it is issued; else the world's first.
    #[param(example = "tbu")]
    pub organization: Option<String>,
    /// Id of the template that it is printed by; else that of the completion data, else `learning`.
    #[param(example = "learning")]
    pub template: Option<String>,
}

/// Members of the query that say how any PDF is sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SealQuery {
    /// PAdES baseline level: `B-B`, `B-T`, `B-LT` or `B-LTA`; else `B-LTA`.
    #[param(value_type = Option<Level>, example = "B-LTA")]
    pub level: Option<String>,
    /// Id of the key server's credential that seals; else the issuer's own.
    #[param(example = "seal-p256")]
    pub credential: Option<String>,
    /// Name of the empty signature field that is sealed; else an invisible one is added.
    pub field: Option<String>,
    /// Why it is sealed, as viewers show it: 1 to 500 characters.
    #[param(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
    /// Makes the seal a certification (ISO 32000-1 clause 12.8.2.2): what may change after it, nothing (1), form fields (2), or
    /// annotations too (3).
    #[param(minimum = 1, maximum = 3)]
    pub certify: Option<i64>,
    /// `true`: earlier seals may suffer.
    pub force: Option<bool>,
}

/// Members of the query that say how a register is read, and how its rows are issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegisterQuery {
    /// What the file is called where it comes from; else what the form says.
    #[param(example = "spring.xlsx")]
    pub name: Option<String>,
    /// `csv`, `tsv`, `xlsx`, `json` or `jsonl`; else told by its octets, its name or its media type.
    #[param(example = "csv")]
    pub format: Option<String>,
    /// Character encoding, such as `utf-8` or `shift_jis`; else told by its octets.
    #[param(example = "shift_jis")]
    pub encoding: Option<String>,
    /// What is between the cells of delimited text, one character, or `tab`; else what its first lines have most of.
    #[param(example = ";")]
    pub delimiter: Option<String>,
    /// The sheet of a workbook; else the first that is shown and not empty.
    pub sheet: Option<String>,
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// `true`: a file with columns that nobody knows is refused.
    pub strict: Option<bool>,
    /// PAdES baseline level; else that of the row, else `B-LTA`.
    #[param(value_type = Option<Level>, example = "B-LTA")]
    pub level: Option<String>,
    /// Id of the organization in whose name rows are issued that name none; else the world's first.
    #[param(example = "tbu")]
    pub organization: Option<String>,
    /// Id of the template that rows are printed by which name none; else `learning`. It decides which columns there are.
    #[param(example = "learning")]
    pub template: Option<String>,
    /// `true`: a row whose certificate was issued with other content, or at a lower level, would be issued anew.
    pub reissue: Option<bool>,
    /// `true`: a row whose certificate was revoked would be issued anew, whatever it says.
    #[serde(alias = "reissue-revoked")]
    pub reissue_revoked: Option<bool>,
    /// With `reissue`: about what else than the old certificate the new one may be, `recipient`, `achievement`, `template`, between commas.
    #[param(example = "recipient")]
    pub another: Option<String>,
    /// `true`: every row is tried, and the answer is JSON Lines: what the file is, as a page without rows; a line for each row; at the end a
    /// line with the counts, without which the answer is not whole.
    pub whole: Option<bool>,
    /// How many rows are passed over: `next` of the answer before.
    pub after: Option<u64>,
    /// How many rows are tried, at most 1000; else 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u64>,
}

/// What would come of the rows of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DryRun {
    /// How its columns are read; none in JSON.
    pub columns: Vec<ColumnReading>,
    /// How many of the rows that were tried would come to what.
    pub counts: TriedCounts,
    /// Its character encoding, and how it was found out.
    pub encoding: Option<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub encoding_ja: Option<String>,
    /// What it is: `csv`, `tsv`, `xlsx`, `json` or `jsonl`.
    pub format: String,
    /// `after` for the rows that follow; `null` if these were the last.
    pub next: Option<u64>,
    /// What whoever sent it should know: lines and sheets that were passed over.
    pub notes: Vec<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub notes_ja: Vec<String>,
    /// The rows that were tried, in their order.
    pub rows: Vec<TriedRow>,
    /// The sheet that was read.
    pub sheet: Option<String>,
}

/// The last line of an answer about a whole register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DryRunEnd {
    /// How many of all rows would come to what.
    pub counts: TriedCounts,
}

/// Members of the query that say how a register is read, and how many samples are made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// What the file is called where it comes from; else what the form says.
    pub name: Option<String>,
    /// `csv`, `tsv`, `xlsx`, `json` or `jsonl`; else told by its octets, its name or its media type.
    pub format: Option<String>,
    /// Character encoding, such as `utf-8` or `shift_jis`; else told by its octets.
    pub encoding: Option<String>,
    /// What is between the cells of delimited text, one character, or `tab`; else what its first lines have most of.
    pub delimiter: Option<String>,
    /// The sheet of a workbook; else the first that is shown and not empty.
    pub sheet: Option<String>,
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// `true`: a file with columns that nobody knows is refused.
    pub strict: Option<bool>,
    /// PAdES baseline level; else that of the row, else `B-LTA`.
    #[param(value_type = Option<Level>, example = "B-LTA")]
    pub level: Option<String>,
    /// Id of the organization in whose name rows would be issued that name none; else the world's first.
    #[param(example = "tbu")]
    pub organization: Option<String>,
    /// Id of the template that rows are printed by which name none; else `learning`.
    #[param(example = "learning")]
    pub template: Option<String>,
    /// Of how many rows samples are made, at most 20; else 3.
    #[param(minimum = 1, maximum = 20)]
    pub rows: Option<u32>,
}

/// How many rows would come to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriedCounts {
    /// Those whose certificates were issued before, as they are.
    #[serde(default)]
    pub already_issued: u64,
    /// Those whose certificates were issued before with other content.
    #[serde(default)]
    pub changed: u64,
    /// Those with errors.
    pub faulty: u64,
    /// All of them.
    pub rows: u64,
    /// Those whose certificates would be issued.
    pub would_issue: u64,
}

/// What would come of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriedRow {
    /// Everything that is wrong with it.
    pub errors: Vec<CellError>,
    /// Its key, if the register has keys.
    pub key: Option<String>,
    /// Where it begins: a line of the file, or a row of the sheet; from 1.
    pub line: u64,
    /// The number of the certificate that was issued for it before.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "TBU-2026-000001-N")]
    pub number: Option<CertificateNumber>,
    /// Id of the organization in whose name it would be issued, if the row names it.
    pub organization: Option<String>,
    /// What would come of it.
    pub outcome: Outcome,
    /// The name on it, if the row could be read.
    pub recipient: Option<String>,
    /// What whoever sends it should know, whatever comes of it: why it is not issued anew, what is issued twice.
    #[serde(default)]
    pub note: Option<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub note_ja: Option<String>,
    /// What the certificate that was issued for it before counts for now.
    #[serde(default)]
    pub standing: Option<StandingState>,
}

/// What would come of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing: its certificate was issued before, with the same content.
    AlreadyIssued,
    /// Nothing, unless it is issued anew: its certificate was issued before, with other content.
    Changed,
    /// Its certificate would be issued.
    WouldIssue,
    /// Nothing, before its errors are corrected.
    Faulty,
}

/// A certificate that was just issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedAnswer {
    /// The newest other certificate about the same person, achievement and day that counts: another request was about them.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "TBU-2026-000002-L")]
    pub also: Option<CertificateNumber>,
    /// What is known of it.
    #[serde(flatten)]
    pub summary: IssuedSummary,
}

/// What is known of an issued certificate without its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedSummary {
    /// What was achieved, in English.
    pub achievement_en: String,
    /// What was achieved, in Japanese.
    pub achievement_ja: String,
    /// Its public verification page, printed on it.
    pub address: String,
    /// Where its badge is; null if its template certifies no achievement.
    pub badge: Option<String>,
    /// 確認コード.
    #[schema(example = "7QF2-M8KD-0VXA")]
    pub confirmation_code: String,
    /// Digest of the signed parts of the file, lower hex.
    pub document_digest: String,
    /// The world's time of issue.
    pub issued_at: Timestamp,
    /// PAdES baseline level.
    pub level: Level,
    /// Its number.
    #[schema(value_type = String, example = "TBU-2026-000001-N")]
    pub number: CertificateNumber,
    /// Id of the organization that issued it.
    #[serde(default)]
    #[schema(example = "tbu")]
    pub organization: String,
    /// Where the sealed file is.
    pub pdf: String,
    /// The name on it.
    pub recipient: String,
    /// Serial of the seal certificate, lower hex.
    pub seal_serial: String,
    /// Digest of the signed attributes, lower hex: all that the key server saw.
    pub sent_digest: String,
    /// SHA-256 of the sealed file, lower hex.
    pub sha256: String,
    /// Id of the template that it was made by.
    #[serde(default = "usual_template")]
    #[schema(example = "learning")]
    pub template: String,
    /// Version of that template.
    #[serde(default = "first_version")]
    #[schema(example = 1)]
    pub template_version: u32,
    /// When the seal was time-stamped; `null` at B-B.
    pub time_stamp: Option<Timestamp>,
}

impl IssuedSummary {
    /// Whether that is its confirmation code, as a person types it.
    pub fn is_confirmed_by(&self, code: &str) -> bool {
        let bare = |code: &str| -> String {
            let letters = fold::width(code).to_ascii_uppercase();
            letters.chars().filter(char::is_ascii_alphanumeric).collect()
        };
        bare(code) == bare(&self.confirmation_code)
    }
}

/// By which template certificates were made before there were several.
pub(crate) fn usual_template() -> String {
    template::USUAL.to_owned()
}

/// In which version.
pub(crate) fn first_version() -> u32 {
    1
}

/// The files of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateFiles {
    /// The PNG files that it names, by their names, in Base64.
    #[serde(default)]
    pub pictures: BTreeMap<String, String>,
    /// The template, TOML.
    pub template: String,
}

/// Which version of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// The version; the newest if left out.
    #[param(minimum = 1)]
    pub version: Option<u32>,
}

/// Of what a sample is made, beside the data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TemplatePreviewQuery {
    /// Id of the organization in whose name it is made; the first if left out.
    pub organization: Option<String>,
    /// The version; the newest if left out.
    #[param(minimum = 1)]
    pub version: Option<u32>,
}

/// The templates of a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Templates {
    /// Those that come along first; of the world's own the newest versions.
    pub templates: Vec<TemplateEntry>,
}

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateEntry {
    /// Whether it certifies an achievement and carries an Open Badge.
    pub badge: bool,
    /// The members that the data may have under `fields`.
    pub columns: Vec<Column>,
    /// By which it is chosen.
    #[schema(example = "learning")]
    pub id: String,
    /// What it makes, in English.
    pub name_en: String,
    /// What it makes, in Japanese.
    pub name_ja: String,
    /// Where it comes from.
    pub origin: TemplateOrigin,
    /// Its version.
    #[schema(example = 1)]
    pub version: u32,
}

/// Where a template comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateOrigin {
    /// It comes along.
    Bundled,
    /// Somebody registered it in this world.
    World,
    /// A file of one's own.
    File,
}

/// A number without a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The batch for a row of which it was taken.
    #[serde(default)]
    pub batch: Option<i64>,
    /// The world's time when it was given up, if that is known.
    pub given_up_at: Option<Timestamp>,
    /// The number.
    #[schema(value_type = String, example = "TBU-2026-000001-N")]
    pub number: CertificateNumber,
    /// Why the last attempt to issue failed; none if it was broken off.
    pub problem: Option<String>,
    /// Why it was given up.
    pub reason: Option<String>,
    /// The row of the batch.
    #[serde(default)]
    pub row: Option<i64>,
    /// What is to become of it.
    pub state: GapState,
    /// The world's time when it was taken, if that is known.
    pub taken_at: Option<Timestamp>,
}

/// What is to become of a number without a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapState {
    /// Its certificate is being issued.
    UnderWay,
    /// The next attempt to issue its certificate keeps it.
    Waiting,
    /// No certificate will have it.
    GivenUp,
}

/// Every number that was taken and has no certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gaps {
    /// In the order of their prefixes, years and serials.
    pub gaps: Vec<Gap>,
    /// What to give as `after` for those that follow; none at the end.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "TBU-2026-000001-N")]
    pub next: Option<CertificateNumber>,
}

/// Members of the query that say which numbers without a certificate are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapsQuery {
    /// Those that come after this number: `next` of the page before.
    #[param(example = "TBU-2026-000001-N")]
    pub after: Option<String>,
    /// How many at most, up to 1000; else 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// That a number is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveUp {
    /// Why: 1 to 200 characters, not only blanks. The page of the number shows it, but not to strangers at a server that others reach.
    #[schema(min_length = 1, max_length = 200, example = "the course was cancelled")]
    pub reason: String,
}

/// What was sealed, beside the sealed file: the JSON of the header `eseal-seal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealSummary {
    /// Digest of the signed parts of the file, lower hex. It stays in the file.
    pub document_digest: String,
    /// PAdES baseline level.
    pub level: Level,
    /// Serial of the seal certificate, lower hex.
    pub seal_serial: String,
    /// Digest of the signed attributes, lower hex: all that the key server saw.
    pub sent_digest: String,
    /// When the seal was time-stamped; `null` at B-B.
    pub time_stamp: Option<Timestamp>,
    /// What whoever wanted the seal should know: the first 20, each of at most 300 characters.
    pub warnings: Vec<String>,
}

/// The organizations that issue in this world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organizations {
    /// The one that issues when none is named, first.
    pub organizations: Vec<OrganizationEntry>,
}

/// An organization that issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationEntry {
    /// The key server's credential that signs its badges.
    #[schema(example = "badge-rsa2048")]
    pub badge_credential: String,
    /// Whether it issues when none is named.
    pub default: bool,
    /// By which it is chosen.
    #[schema(example = "tbu")]
    pub id: String,
    /// Its English name.
    #[schema(example = "Testbed University")]
    pub name_en: String,
    /// Its Japanese name.
    #[schema(example = "試験大学")]
    pub name_ja: String,
    /// The beginning of its certificates' numbers.
    #[schema(example = "TBU")]
    pub number_prefix: String,
    /// Where its profile is, the id by which its badges name it.
    pub profile: String,
    /// The key server's credential that seals its certificates when nothing else is asked for.
    #[schema(example = "seal-p256")]
    pub seal_credential: String,
    /// Who signs for it on paper, in English.
    pub signatory_en: String,
    /// The same in Japanese.
    pub signatory_ja: String,
}

/// The issuer as its badges name it (Open Badges 3.0, clause B.1.20).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuerProfile {
    /// What it is.
    pub description: String,
    /// Its own address.
    pub id: String,
    /// Name of the organization, in both languages.
    #[schema(example = "試験大学 / Testbed University")]
    pub name: String,
    /// `Profile`.
    #[serde(rename = "type")]
    pub types: Vec<String>,
}

/// The public key of badges as JSON Web Key (RFC 7517, RFC 7518 clause 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JsonWebKey {
    /// `RS256`, the one algorithm that every Open Badges reader knows.
    pub alg: String,
    /// The exponent, base64url.
    #[schema(example = "AQAB")]
    pub e: String,
    /// Its address, which stands in the badges that it signed.
    pub kid: String,
    /// `RSA`.
    pub kty: String,
    /// The modulus, base64url.
    pub n: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
}
