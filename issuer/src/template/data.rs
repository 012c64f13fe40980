//! What a template prints from: the data of one document under the names that templates use for it.

use std::collections::BTreeMap;

use super::column::{Column, ColumnKind};
use super::decimal::Decimal;
use super::form::TemplateForm;
use super::tax::Taxes;
use super::value::Value;
use super::words;
use crate::completion::{Completion, Days};
use crate::number::CertificateNumber;
use crate::settings::Settings;

/// The data of one document.
pub(super) struct Data<'a> {
    pub(super) template: &'a TemplateForm,
    pub(super) completion: &'a Completion,
    pub(super) days: &'a Days,
    pub(super) number: &'a CertificateNumber,
    pub(super) settings: &'a Settings,
    /// The template's own columns.
    pub(super) fields: &'a BTreeMap<String, Value>,
    pub(super) taxes: Option<&'a Taxes>,
}

/// What a member holds, for whoever writes a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    One,
    List,
    Table,
}

/// Members that need an achievement.
pub(super) const ACHIEVEMENT: [(&str, Holds); 8] = [
    ("achievement.name_ja", Holds::One),
    ("achievement.name_en", Holds::One),
    ("achievement.provider_ja", Holds::One),
    ("achievement.provider_en", Holds::One),
    ("achievement.hours", Holds::One),
    ("achievement.credits", Holds::One),
    ("achievement.outcomes", Holds::List),
    ("achievement.assessment", Holds::One),
];

/// Members that every template has.
pub(super) const EVERYWHERE: [&str; 12] = [
    "recipient.name",
    "recipient.name_roman",
    "recipient.identifier",
    "completed_on",
    "issued_on",
    "valid_until",
    "submit_to",
    "number",
    "issuer.name_ja",
    "issuer.name_en",
    "issuer.signatory_ja",
    "issuer.signatory_en",
];

/// Members of a template that reckons tax.
/// What is due is `tax.due`, what is given back by a credit note `tax.refund`; there is one of the two; `tax.payable` is what is due unless that is nothing. `tax.reduced` is the reduced rate,
/// if something has it, and `tax.rounding` says what became of parts of a yen.
pub(super) const TAX: [&str; 8] =
    ["tax.total", "tax.taxable", "tax.tax", "tax.due", "tax.payable", "tax.refund", "tax.reduced", "tax.rounding"];

impl Data<'_> {
    /// A member's value; none if the data do not have it.
    pub(super) fn value(&self, path: &str) -> Option<Value> {
        if let Some(member) = path.strip_prefix("fields.") {
            return self.fields.get(member).cloned();
        }
        if let Some(member) = path.strip_prefix("achievement.") {
            return self.of_achievement(member);
        }
        let recipient = self.completion.recipient();
        let organization = self.settings.organization();
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        match path {
            "recipient.name" => text(&recipient.name),
            "recipient.name_roman" => recipient.name_roman.clone().map(Value::Text),
            "recipient.identifier" => text(&recipient.identifier),
            "completed_on" => Some(Value::Date(self.days.completed_on)),
            "issued_on" => Some(Value::Date(self.days.issued_on)),
            "valid_until" => self.days.valid_until.map(Value::Date),
            "submit_to" => self.completion.submit_to().and_then(text),
            "number" => Some(Value::Text(self.number.to_string())),
            "address" => Some(Value::Text(self.settings.certificate_address(self.number))), // of closing sentences alone
            "issuer.name_ja" => text(&organization.name_ja),
            "issuer.name_en" => text(&organization.name_en),
            "issuer.signatory_ja" => text(&organization.signatory_ja),
            "issuer.signatory_en" => text(&organization.signatory_en),
            "tax.total" => self.taxes.map(|taxes| Value::Money(taxes.total())),
            "tax.taxable" => self.taxes.map(|taxes| Value::Money(taxes.taxable())),
            "tax.tax" => self.taxes.map(|taxes| Value::Money(taxes.tax())),
            "tax.due" => self.taxes.map(Taxes::total).filter(|total| *total >= 0).map(Value::Money),
            "tax.payable" => self.taxes.map(Taxes::total).filter(|total| *total > 0).map(Value::Money),
            "tax.refund" => self.taxes.map(Taxes::total).filter(|total| *total < 0).map(|total| Value::Money(-total)),
            "tax.rounding" => self.template.tax.as_ref().map(|tax| Value::Both(words::rounding(tax.rounding))),
            "tax.reduced" => {
                self.taxes.and_then(Taxes::reduced).map(|rate| Value::Number(Decimal::from_whole(rate.into())))
            }
            _ => None,
        }
    }

    /// A column of a table.
    fn column(&self, path: &str, member: &str) -> Option<&Column> {
        let table = self.template.columns.iter().find(|column| path.strip_prefix("fields.") == Some(&column.member))?;
        table.columns.iter().find(|column| column.member == member)
    }

    /// What a column of a table is called, in both languages.
    pub(super) fn headers(&self, path: &str, member: &str) -> (String, String) {
        self.column(path, member)
            .map(|column| (column.headers.ja.clone(), column.headers.en.clone()))
            .unwrap_or_default()
    }

    /// Whether it holds numbers.
    pub(super) fn is_numeric(&self, path: &str, member: &str) -> bool {
        let kind = self.column(path, member).map(|column| column.kind);
        matches!(kind, Some(ColumnKind::Number | ColumnKind::Money))
    }

    /// Whether its values stand on one line: numbers and dates.
    pub(super) fn is_short(&self, path: &str, member: &str) -> bool {
        let kind = self.column(path, member).map(|column| column.kind);
        self.is_numeric(path, member) || kind == Some(ColumnKind::Date)
    }

    fn of_achievement(&self, member: &str) -> Option<Value> {
        let achievement = self.completion.achievement()?;
        match member {
            "name_ja" => Some(Value::Text(achievement.name_ja.clone())),
            "name_en" => Some(Value::Text(achievement.name_en.clone())),
            "provider_ja" => Some(Value::Text(achievement.provider_ja.clone())),
            "provider_en" => achievement.provider_en.clone().map(Value::Text),
            "hours" => achievement.hours.map(Value::Amount),
            "credits" => achievement.credits.map(Value::Amount),
            "outcomes" => (!achievement.outcomes.is_empty()).then(|| Value::List(achievement.outcomes.clone())),
            "assessment" => achievement.assessment.clone().map(Value::Both),
            _ => None,
        }
    }
}
