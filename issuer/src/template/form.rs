//! The form of a template: its members, and nothing about whether they can be printed. Sizes and distances are points of a sheet of
//! A4 from its left upper corner; 72 points are 25.4 mm.

mod block;
mod foot;
mod look;
mod page;
mod picture;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::column::{Column, Headers};
use page::HeadForm;
use picture::SealForm;

pub(crate) use block::{BlockForm, FactForm, FactsForm, LineForm, ListForm, SectionForm, SidesForm, TextForm};
pub(crate) use foot::{FootForm, FootPart};
pub(crate) use look::{Align, Look};
pub(crate) use page::{Frame, Layout, PageForm, TitleForm};
pub(crate) use picture::LogoForm;
pub(crate) use table::{Rounding, TableColumn, TableForm, TaxBlockForm, TaxForm};

/// A template of certificates, invoices and the like.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Template)]
pub(crate) struct TemplateForm {
    /// How this file is to be read: 1.
    #[schema(minimum = 1, maximum = 1)]
    pub(crate) format: u32,
    /// By which it is chosen: 1 to 40 of a-z, 0-9 and -, a letter first.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,39}$", example = "training")]
    pub(crate) id: String,
    /// Counts up with every change: a certificate keeps by which version it was made.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub(crate) version: u32,
    /// What it makes, in lists: 研修修了証 / Certificate of training.
    pub(crate) name: Words,
    /// What it makes, within a sentence: 証明書 / certificate.
    #[serde(default = "certificate")]
    pub(crate) noun: Words,
    /// Whether it certifies an achievement and carries an Open Badge about it. Without one the data have no `achievement`.
    #[serde(default = "yes")]
    pub(crate) badge: bool,
    /// What one such document is about, for lists of files; with `{members}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// The sheet.
    pub(crate) page: PageForm,
    /// What stands above.
    pub(crate) head: HeadForm,
    /// What stands below, on the first page.
    pub(crate) foot: FootForm,
    /// Another seal than the organization's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seal: Option<SealForm>,
    /// A picture, such as a logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) logo: Option<LogoForm>,
    /// Consumption tax, reckoned from a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tax: Option<TaxForm>,
    /// What registers call the members that all completion data have, where this template has words of its own: `recipient.name` is 取引先名.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) headers: BTreeMap<String, Headers>,
    /// The members of `fields` that the data may have, beside those that all completion data have.
    #[serde(default, rename = "column", skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns: Vec<Column>,
    /// What stands between head and foot, in reading order.
    #[serde(default, rename = "block")]
    pub(crate) blocks: Vec<BlockForm>,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    /// Japanese.
    pub(crate) ja: String,
    /// English.
    pub(crate) en: String,
}

fn certificate() -> Words {
    Words { ja: "証明書".to_owned(), en: "certificate".to_owned() }
}

fn yes() -> bool {
    true
}

fn half() -> f32 {
    0.5
}
