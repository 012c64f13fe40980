//! The members of completion data, and nothing about whether their values can be certified: that is for [`super::Completion`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use sealing::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Amount;

/// One completion as it is written, before anybody has checked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Completion, example = first_example)]
pub struct CompletionData {
    /// Who learned.
    pub recipient: Recipient,
    /// What was learned; templates that certify no achievement, such as an invoice, have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub achievement: Option<Achievement>,
    /// Day of completion (修了日), or of what else is certified or invoiced (検査日, 取引年月日); not after the day of issue.
    #[serde(deserialize_with = "super::date::required")]
    pub completed_on: Date,
    /// Day of issue (発行日); the day of issue in Japan if left out. Not in the future.
    #[serde(default, deserialize_with = "super::date::optional", skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    /// Last day on which the achievement counts (有効期限); not before the day of issue. Without it the certificate does not expire.
    #[serde(default, deserialize_with = "super::date::optional", skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// 提出先: for whom this certificate is meant; printed on it. At most 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submit_to: Option<String>,
    /// PAdES level that the certificate is to have; whoever issues says it if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The template that it is printed by: `learning` if it is left out. `eseal template list` and `GET /issuer/api/templates` name those that
    /// there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "learning")]
    pub template: Option<String>,
    /// The template's own columns, by their names: texts, dates `YYYY-MM-DD`, numbers, yen, lists, tables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub fields: BTreeMap<String, serde_json::Value>,
}

/// Completion data as documentation shows it.
fn first_example() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../examples/certificate.json")).expect("the examples are tested")
}

/// The learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name as it is to be printed, in kanji, kana or Latin letters. At most 60 characters.
    pub name: String,
    /// Name in Latin letters, printed below. At most 80 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_roman: Option<String>,
    /// E-mail address, or the issuer's id of the learner (visible ASCII). Never printed; the badge holds a salted hash of it.
    pub identifier: String,
}

/// The course or programme, and what was achieved in it. A member ending in `_ja` is Japanese, in `_en` English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Achievement {
    /// Address (`http(s)://…`) or `urn:…` that names the course in the badge; made from the names if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the course. At most 80 characters.
    pub name_ja: String,
    /// Name of the course. At most 120 characters.
    pub name_en: String,
    /// What the course is about, for the badge. At most 1000 characters.
    pub description_ja: String,
    /// The same in English. At most 1000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description_en: Option<String>,
    /// What one had to do, for the badge, in either or both languages. Lines may be broken. At most 1000 characters.
    pub criteria: String,
    /// Who gave the course. At most 60 characters.
    pub provider_ja: String,
    /// Who gave the course. At most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_en: Option<String>,
    /// 学修時間 in hours, such as `15` or `22.5`. Hours or credits must be given, both may.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 9999.99)]
    pub hours: Option<Amount>,
    /// 単位, such as `2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 9999.99)]
    pub credits: Option<Amount>,
    /// 学修成果: at most 40; three of them fit one page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Bilingual>,
    /// 評価方法と結果: how the learner was assessed, with the result if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Bilingual>,
    /// An own badge picture, a square PNG of 128 to 1024 pixels and at most 256 KiB, in Base64; the issuer's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Japanese. At most 120 characters.
    pub ja: String,
    /// English. At most 160 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}
