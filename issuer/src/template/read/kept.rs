//! Templates that a world keeps. They were checked when they were registered, perhaps by an earlier program, whose rules were fewer:
//! they are listed and shown whatever they say. Only a number that no page has room for keeps one from being printed by.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use world::toml_text::{TomlError, TomlProblem};

use super::{Check, TEMPLATES, Template, TemplateForm, located, used};
use crate::register::words::both;

/// The largest number that may stand anywhere in a template.
const LARGEST: f64 = 1e6;

impl Template {
    /// One that was registered before.
    ///
    /// # Errors
    /// That it cannot be read at all, or its pictures cannot.
    pub(crate) fn kept(text: &str, pictures: &BTreeMap<String, Vec<u8>>) -> Result<Template, TomlError> {
        let (form, table): (TemplateForm, _) = TEMPLATES.read(text)?;
        let mut check = Check { form: &form, misfits: Vec::new() };
        let (logo, seal_picture) = check.pictures(pictures);
        let problems = located(check.misfits, text, &table);
        if !problems.is_empty() {
            return Err(TomlError { problems });
        }
        let mut problems = Vec::new();
        endless_in_table(text, &table, &mut problems);
        let unfit = (!problems.is_empty()).then_some(TomlError { problems });
        let pictures = used(&form, pictures);
        Ok(Template { pictures, text: text.to_owned(), form, logo, seal_picture, unfit })
    }
}

fn endless_in_table(text: &str, table: &DeTable<'_>, problems: &mut Vec<TomlProblem>) {
    table.values().for_each(|value| endless(text, value, problems));
}

/// The numbers that are none, or larger than any page.
fn endless(text: &str, value: &Spanned<DeValue<'_>>, problems: &mut Vec<TomlProblem>) {
    match value.get_ref() {
        DeValue::Float(number) => {
            let read: Result<f64, _> = number.as_str().replace('_', "").parse();
            if !read.is_ok_and(|number| number.abs() <= LARGEST) {
                problems.push(problem(text, value.span(), number.as_str()));
            }
        }
        DeValue::Array(values) => values.iter().for_each(|value| endless(text, value, problems)),
        DeValue::Table(table) => endless_in_table(text, table, problems),
        _ => {}
    }
}

fn problem(text: &str, span: Range<usize>, found: &str) -> TomlProblem {
    let said = both!(
        "wanted a number that a page has room for, found {found}; register a later version without it",
        "ページに収まる数が必要ですが、{found} です。直した新しいバージョンを登録してください"
    );
    TomlProblem::at(text, Some(span), said.en, None).in_japanese(said.ja)
}
