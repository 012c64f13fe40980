//! What stands between head and foot.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::ink::Ink;
use super::look::{Align, Look};
use super::table::{TableForm, TaxBlockForm};
use super::{Words, half};

/// A block: one of these.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BlockForm {
    /// Lines of text.
    Text(TextForm),
    /// Small labelled values side by side.
    Facts(FactsForm),
    /// A list of texts.
    List(ListForm),
    /// One text under a heading.
    Section(SectionForm),
    /// A table with a row for each row of the data.
    Table(TableForm),
    /// What is due, by tax rate.
    Tax(TaxBlockForm),
    /// Lines at the left and lines at the right.
    Sides(SidesForm),
    /// A line across.
    Rule(RuleForm),
}

/// Lines of text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextForm {
    /// Where the lines stand that say nothing else.
    #[serde(default)]
    pub(crate) align: Align,
    /// How wide the room below the block is when blocks share the page evenly, in comparison to others.
    #[serde(default = "one")]
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) gap: f32,
    /// The lines. One whose members the data do not have is left out.
    pub(crate) lines: Vec<LineForm>,
}

/// A line of text, in one language.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineForm {
    /// The words in Japanese, with `{members}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ja: Option<String>,
    /// The words in English, with `{members}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) en: Option<String>,
    /// How it looks.
    pub(crate) look: Look,
    /// How it looks instead if there are only Latin letters in it; it then is English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latin: Option<Look>,
    /// Whether it is a heading to those who have the page read to them.
    #[serde(default)]
    pub(crate) heading: bool,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) align: Option<Align>,
    /// A member without which the line is left out, though its words are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "tax.reduced")]
    pub(crate) only_with: Option<String>,
    /// A member with which the line is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only_without: Option<String>,
    /// Distance to what is above.
    #[serde(default)]
    #[schema(minimum = -20, maximum = 200)]
    pub(crate) before: f32,
    /// Over how many lines it may go.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 60)]
    pub(crate) lines: usize,
    /// Over how many lines it may go, in its smallest size, if it has no room otherwise; no more than `lines` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 2, maximum = 60)]
    pub(crate) more_lines: Option<usize>,
    /// Whether a line is drawn below.
    #[serde(default)]
    pub(crate) underline: bool,
    /// Whether the seal stands at its end. One place of a template has the seal.
    #[serde(default)]
    pub(crate) seal: bool,
}

/// Small labelled values side by side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactsForm {
    /// The values. One that the data do not have is left out.
    pub(crate) cells: Vec<FactForm>,
}

/// A labelled value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactForm {
    /// The member that it shows.
    pub(crate) from: String,
    /// The words above.
    pub(crate) label: String,
    /// What is counted, behind a number; `s` is put to the English word where there is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<Words>,
}

/// A list of texts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListForm {
    /// The member, a list.
    pub(crate) from: String,
    /// What stands above.
    pub(crate) heading: Words,
    /// Over how many lines each text may go.
    #[serde(default = "twice")]
    #[schema(minimum = 1, maximum = 60)]
    pub(crate) lines: usize,
    /// Over how many, in the smallest size, if it has no room otherwise; no more than `lines` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 2, maximum = 60)]
    pub(crate) more_lines: Option<usize>,
}

/// One text under a heading.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SectionForm {
    /// The member: a text, or a table with the columns `heading` and `text`, which gives a section for each row.
    pub(crate) from: String,
    /// What stands above a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heading: Option<Words>,
    /// Over how many lines each paragraph may go.
    #[serde(default = "twice")]
    #[schema(minimum = 1, maximum = 60)]
    pub(crate) lines: usize,
    /// Over how many, in the smallest size, if it has no room otherwise; no more than `lines` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 2, maximum = 60)]
    pub(crate) more_lines: Option<usize>,
}

/// Lines at the left and lines at the right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SidesForm {
    /// The left one's share of the width.
    #[serde(default = "half")]
    #[schema(minimum = 0.1, maximum = 0.9)]
    pub(crate) split: f32,
    /// Lines at the left.
    #[serde(default)]
    pub(crate) left: Vec<LineForm>,
    /// Lines at the right.
    #[serde(default)]
    pub(crate) right: Vec<LineForm>,
}

/// A line across.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleForm {
    /// Its colour.
    #[serde(default = "gold")]
    #[schema(value_type = String)]
    pub(crate) colour: Ink,
}

fn once() -> usize {
    1
}

fn twice() -> usize {
    2
}

fn one() -> f32 {
    1.0
}

fn gold() -> Ink {
    Ink::Gold
}
