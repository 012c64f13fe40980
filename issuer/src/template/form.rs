//! The form of a template: its members, and nothing about whether they can be printed. Sizes and distances are points of a sheet of
//! A4 from its left upper corner; 72 points are 25.4 mm.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::column::Column;
use super::ink::Ink;
use super::style::{Style, Weight};
use crate::font::Family;

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
    #[schema(minimum = 1)]
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

/// The sheet and its column of text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageForm {
    /// What is drawn around.
    #[serde(default)]
    pub(crate) frame: Frame,
    /// How blocks share the page.
    #[serde(default)]
    pub(crate) layout: Layout,
    /// Upper end of the blocks on the first page.
    #[schema(minimum = 60, maximum = 600)]
    pub(crate) top: f32,
    /// Lower end of the blocks on the first page.
    #[schema(minimum = 200, maximum = 790)]
    pub(crate) bottom: f32,
    /// Distance between blocks where they do not share the page evenly.
    #[serde(default = "usual_gap")]
    pub(crate) gap: f32,
    /// What bookmarks call the blocks.
    #[serde(default = "contents")]
    pub(crate) contents: Words,
}

/// What is drawn around the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Frame {
    /// A frame of three lines and a guilloche, as on a certificate.
    Guilloche,
    /// A frame of two lines.
    Lines,
    /// Nothing, as on a letter.
    #[default]
    None,
}

/// How blocks share the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// Evenly over the first page, made smaller by up to a quarter; what does not fit goes on over further pages.
    Spread,
    /// One below the other, over as many pages as they need.
    #[default]
    Flow,
}

/// What stands above.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadForm {
    /// The line with the number, at the right of every page: `証明書番号 No. {number}`.
    pub(crate) number: String,
    /// The title, Japanese.
    pub(crate) title: TitleForm,
    /// The title, English.
    pub(crate) subtitle: TitleForm,
    /// Height of the ornament below the title; none without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ornament: Option<f32>,
}

/// A line of the title.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TitleForm {
    /// The words.
    pub(crate) text: String,
    /// Height of its baseline.
    pub(crate) y: f32,
    /// Where it stands.
    #[serde(default = "centred")]
    pub(crate) align: Align,
    /// How it looks.
    pub(crate) look: Look,
}

/// How a text looks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// Gothic (sans-serif) or Mincho (serif).
    #[serde(default)]
    pub(crate) family: FamilyName,
    /// Regular or bold.
    #[serde(default)]
    pub(crate) weight: WeightName,
    /// Size in points, 4 to 72.
    #[schema(minimum = 4, maximum = 72)]
    pub(crate) size: f32,
    /// Smallest size that a long text is set in; four fifths of the size without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 4)]
    pub(crate) smallest: Option<f32>,
    /// Distance between characters in addition to their own, as part of the size.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2)]
    pub(crate) tracking: f32,
    /// `text`, `grey`, `navy`, `gold`, `red`, `black`, or `#RRGGBB` with a contrast to white of at least 4.5 : 1.
    #[serde(default)]
    #[schema(value_type = String, example = "navy")]
    pub(crate) colour: Ink,
}

/// Family of a typeface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FamilyName {
    /// Gothic.
    #[default]
    Gothic,
    /// Mincho.
    Mincho,
}

/// Weight of a typeface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WeightName {
    /// Regular.
    #[default]
    Regular,
    /// Bold.
    Bold,
}

/// Where a line stands in its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

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
    /// Distance to what is above.
    #[serde(default)]
    pub(crate) before: f32,
    /// Over how many lines it may go.
    #[serde(default = "once")]
    #[schema(minimum = 1)]
    pub(crate) lines: usize,
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
    #[schema(minimum = 1)]
    pub(crate) lines: usize,
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
    #[schema(minimum = 1)]
    pub(crate) lines: usize,
}

/// A table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableForm {
    /// The member, a table.
    pub(crate) from: String,
    /// What stands above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heading: Option<Words>,
    /// Its columns, from left to right.
    pub(crate) columns: Vec<TableColumn>,
    /// Size of its texts.
    #[serde(default = "table_size")]
    #[schema(minimum = 5, maximum = 14)]
    pub(crate) size: f32,
}

/// A column of a table on the page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableColumn {
    /// The column of the member.
    pub(crate) member: String,
    /// Its share of the width.
    pub(crate) width: f32,
    /// Where its texts stand: numbers at the right, else at the left without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) align: Option<Align>,
    /// What stands behind a value: 円, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) suffix: Option<String>,
    /// A mark behind the value of some rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<MarkForm>,
}

/// A mark in some rows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkForm {
    /// The column of the row that is looked at.
    pub(crate) member: String,
    /// The value that gives the mark, as printed.
    pub(crate) is: String,
    /// The mark.
    pub(crate) text: String,
}

/// Consumption tax, reckoned from a table: for each rate once, over the sum of its amounts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaxForm {
    /// The member, a table.
    pub(crate) from: String,
    /// Its column with the amount without tax, money.
    pub(crate) amount: String,
    /// Its column with the rate in per cent, a number.
    pub(crate) rate: String,
    /// Its column with how many; amount is how many times the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quantity: Option<String>,
    /// Its column with the price of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<String>,
    /// What becomes of a part of a yen, once for each rate.
    #[serde(default)]
    pub(crate) rounding: Rounding,
    /// The rates that an amount may have, in per cent.
    pub(crate) rates: Vec<u32>,
    /// The reduced rate (軽減税率).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reduced: Option<u32>,
}

/// What becomes of a part of a yen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rounding {
    /// It is dropped (切捨て).
    #[default]
    Down,
    /// It counts as a yen (切上げ).
    Up,
    /// It counts from a half on (四捨五入).
    HalfUp,
}

/// What is due, by tax rate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaxBlockForm {
    /// Its share of the page's width, at the right.
    #[serde(default = "half")]
    #[schema(minimum = 0.3, maximum = 1)]
    pub(crate) width: f32,
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

/// What stands below, on the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FootForm {
    /// Its upper end.
    #[schema(minimum = 300, maximum = 740)]
    pub(crate) top: f32,
    /// Whether an ornament is drawn above.
    #[serde(default = "yes")]
    pub(crate) ornament: bool,
    /// Its parts, in reading order.
    #[serde(rename = "part")]
    pub(crate) parts: Vec<FootPart>,
    /// The closing sentences, Japanese; `{address}` is that of the verification page.
    pub(crate) closing_ja: Vec<String>,
    /// The closing sentences, English.
    pub(crate) closing_en: Vec<String>,
}

/// A part of the foot: one of these.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FootPart {
    /// Day of issue, organization, signatory, and the seal.
    Issuer(PlaceForm),
    /// QR code, address and confirmation code, below each other.
    Verification(PlaceForm),
    /// The same beside each other.
    VerificationBeside(PlaceForm),
    /// Picture of the badge.
    Badge(PlaceForm),
}

/// Where a part of the foot is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceForm {
    /// Its left end; of what stands below each other, the middle.
    #[schema(minimum = 30, maximum = 560)]
    pub(crate) x: f32,
}

/// Another seal than the organization's.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealForm {
    /// What it says: one to five columns of one to six characters, the first at the right, separated by `/`.
    pub(crate) text: String,
}

/// A picture, such as a logo, beside the title of the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoForm {
    /// Name of a PNG file beside the template.
    #[schema(example = "logo.png")]
    pub(crate) file: String,
    /// What it shows, for those who have the page read to them.
    pub(crate) alternative: String,
    /// Its left end.
    pub(crate) x: f32,
    /// Its upper end.
    pub(crate) y: f32,
    /// Its height; the width follows.
    #[schema(minimum = 8, maximum = 120)]
    pub(crate) height: f32,
}

impl Look {
    /// The style that it describes.
    pub(super) fn style(&self) -> Style {
        let weight = match self.weight {
            WeightName::Regular => Weight::Regular,
            WeightName::Bold => Weight::Bold,
        };
        let family = match self.family {
            FamilyName::Gothic => Family::Gothic,
            FamilyName::Mincho => Family::Mincho,
        };
        let style = Style::new(weight, self.size, self.colour).family(family).tracking(self.tracking);
        match self.smallest {
            Some(smallest) => style.smallest(smallest),
            None => style,
        }
    }
}

fn certificate() -> Words {
    Words { ja: "証明書".to_owned(), en: "certificate".to_owned() }
}

fn contents() -> Words {
    Words { ja: "内容".to_owned(), en: "Contents".to_owned() }
}

fn yes() -> bool {
    true
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

fn half() -> f32 {
    0.5
}

fn usual_gap() -> f32 {
    14.0
}

fn table_size() -> f32 {
    8.5
}

fn gold() -> Ink {
    Ink::Gold
}

fn centred() -> Align {
    Align::Center
}
