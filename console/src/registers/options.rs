//! How a register is read, and how its certificates are issued: the query of its page, and the fields of the form that sets it.

use issuer::api::{BatchQuery, RegisterQuery};
use laboratory::Laboratory;
use serde::Deserialize;
use validation::Language;
use world::problem::Problem;

use super::texts::Texts;
use crate::choice::Choice;
use crate::limit::LONGEST_FIELD;
use crate::refusal::Refusal;

/// The query of a register's page. A field that is empty says nothing; unknown members are refused: one might be meant to change
/// what is issued.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterOptions {
    pub(crate) lang: Option<String>,
    /// How many rows the page passes over.
    pub(super) after: Option<u64>,
    level: Option<String>,
    level_at_least: Option<String>,
    organization: Option<String>,
    template: Option<String>,
    encoding: Option<String>,
    delimiter: Option<String>,
    sheet: Option<String>,
    key: Option<String>,
    strict: Option<String>,
    reissue: Option<String>,
    reissue_revoked: Option<String>,
    another_recipient: Option<String>,
    another_achievement: Option<String>,
    another_template: Option<String>,
}

/// What a form sets, as more members of a query.
pub(super) fn as_query(fields: &[(String, String)]) -> Result<String, Refusal> {
    let known = RegisterOptions::default().members().map(|(name, _)| name);
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.iter().filter(|(name, value)| known.contains(&name.as_str()) && !value.is_empty()) {
        if value.chars().count() > LONGEST_FIELD {
            return Err(Refusal::LongField { name: name.clone() });
        }
        query.append_pair(name, value);
    }
    let query = query.finish();
    Ok(if query.is_empty() { query } else { format!("&{query}") })
}

impl RegisterOptions {
    /// How certificates are issued, and how the file is read.
    pub(super) fn of_batch(&self) -> BatchQuery {
        BatchQuery {
            encoding: given(&self.encoding),
            delimiter: given(&self.delimiter),
            sheet: given(&self.sheet),
            key: given(&self.key),
            strict: is_set(&self.strict),
            organization: given(&self.organization),
            level: given(&self.level),
            level_at_least: given(&self.level_at_least),
            template: given(&self.template),
            reissue: is_set(&self.reissue),
            reissue_revoked: is_set(&self.reissue_revoked),
            another: self.another(),
            ..BatchQuery::default()
        }
    }

    /// About what else a certificate that is issued anew may be, as the query of a batch says it.
    fn another(&self) -> Option<String> {
        let ticked = [
            ("recipient", &self.another_recipient),
            ("achievement", &self.another_achievement),
            ("template", &self.another_template),
        ];
        let named: Vec<&str> =
            ticked.into_iter().filter(|(_, field)| is_set(field) == Some(true)).map(|(name, _)| name).collect();
        (!named.is_empty()).then(|| named.join(","))
    }

    /// The same for a dry run of the rows of this page.
    pub(super) fn of_dry_run(&self) -> RegisterQuery {
        let batch = self.of_batch();
        RegisterQuery {
            encoding: batch.encoding,
            delimiter: batch.delimiter,
            sheet: batch.sheet,
            key: batch.key,
            strict: batch.strict,
            organization: batch.organization,
            level: batch.level,
            template: batch.template,
            reissue: batch.reissue,
            reissue_revoked: batch.reissue_revoked,
            another: batch.another,
            after: self.after,
            ..RegisterQuery::default()
        }
    }

    fn another_choices(&self, text: &Texts) -> Vec<Choice> {
        let choices = [
            ("another_recipient", text.another_recipient, &self.another_recipient),
            ("another_achievement", text.another_achievement, &self.another_achievement),
            ("another_template", text.another_template, &self.another_template),
        ];
        let chosen =
            |(value, name, field)| Choice { chosen: is_set(field) == Some(true), ..Choice::new(value, name, None) };
        choices.map(chosen).into()
    }

    /// What a form may set, by its name in a query.
    fn members(&self) -> [(&'static str, &Option<String>); 14] {
        [
            ("level", &self.level),
            ("level_at_least", &self.level_at_least),
            ("organization", &self.organization),
            ("template", &self.template),
            ("encoding", &self.encoding),
            ("delimiter", &self.delimiter),
            ("sheet", &self.sheet),
            ("key", &self.key),
            ("strict", &self.strict),
            ("reissue", &self.reissue),
            ("reissue_revoked", &self.reissue_revoked),
            ("another_recipient", &self.another_recipient),
            ("another_achievement", &self.another_achievement),
            ("another_template", &self.another_template),
        ]
    }

    /// The query that asks for the same in that language, for the rows after that many.
    pub(super) fn following(&self, language: Language, after: Option<u64>) -> String {
        let after = after.map(|after| after.to_string());
        let members = self.members().into_iter().chain([("after", &after)]);
        let members = members.filter_map(|(name, value)| Some((name, given(value)?)));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("lang", language.code()).extend_pairs(members).finish()
    }
}

fn given(field: &Option<String>) -> Option<String> {
    field.clone().filter(|value| !value.is_empty())
}

fn is_set(field: &Option<String>) -> Option<bool> {
    given(field).map(|value| value == "true")
}

/// The fields as a form shows them.
pub(super) struct OptionFields {
    pub(super) text: &'static Texts,
    pub(super) levels: Vec<Choice>,
    pub(super) lowest: Vec<Choice>,
    pub(super) organizations: Vec<Choice>,
    pub(super) templates: Vec<Choice>,
    pub(super) encodings: Vec<Choice>,
    pub(super) delimiters: Vec<Choice>,
    pub(super) sheet: String,
    pub(super) key: String,
    pub(super) strict: bool,
    pub(super) reissue: bool,
    pub(super) reissue_revoked: bool,
    pub(super) another: Vec<Choice>,
    /// Whether those are shown that are seldom wanted: they say what is to be done with what was issued before.
    pub(super) is_open: bool,
}

impl OptionFields {
    pub(super) async fn new(
        laboratory: &Laboratory,
        options: &RegisterOptions,
        language: Language,
    ) -> Result<OptionFields, Problem> {
        let text = Texts::of(language);
        let wanted = options.of_batch();
        let levels = |wanted: Option<&str>| {
            ["B-B", "B-T", "B-LT", "B-LTA"].map(|level| Choice::new(level, level, wanted)).into()
        };
        let organizations = laboratory
            .issuer
            .organizations()
            .map(|one| Choice::new(&one.id, language.of(&one.name_ja, &one.name_en), wanted.organization.as_deref()));
        let templates = laboratory.issuer.templates().await?.into_iter().map(|one| {
            let name = format!("{} ({})", language.of(&one.name_ja, &one.name_en), one.id);
            Choice::new(one.id, name, wanted.template.as_deref())
        });
        let encodings = ["utf-8", "shift_jis", "euc-jp", "utf-16le"];
        let delimiters = [(",", text.comma), (";", text.semicolon), ("tab", text.tab)];
        Ok(OptionFields {
            text,
            levels: levels(wanted.level.as_deref()),
            lowest: levels(wanted.level_at_least.as_deref()),
            organizations: organizations.collect(),
            templates: templates.collect(),
            encodings: encodings.map(|name| Choice::new(name, name, wanted.encoding.as_deref())).into(),
            delimiters: delimiters.map(|(one, name)| Choice::new(one, name, wanted.delimiter.as_deref())).into(),
            sheet: wanted.sheet.unwrap_or_default(),
            key: wanted.key.unwrap_or_default(),
            strict: wanted.strict == Some(true),
            reissue: wanted.reissue == Some(true),
            reissue_revoked: wanted.reissue_revoked == Some(true),
            another: options.another_choices(text),
            is_open: false,
        })
    }

    /// The same, all of them shown if so.
    pub(super) fn opened(self, is_open: bool) -> OptionFields {
        OptionFields { is_open, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_says_is_a_query_and_empty_fields_say_nothing() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = [
            field("level", "B-T"),
            field("organization", ""),
            field("delimiter", "tab"),
            field("sheet", "名簿 1&2"),
            field("mapping", "key = \"番号\""),
            field("lang", "ja"),
        ];
        let query = as_query(&fields).unwrap();
        assert_eq!(query, "&level=B-T&delimiter=tab&sheet=%E5%90%8D%E7%B0%BF+1%262");
        assert_eq!(as_query(&fields[1..2]).unwrap(), "");
        assert!(as_query(&[field("key", &"x".repeat(LONGEST_FIELD + 1))]).is_err());
    }
}
