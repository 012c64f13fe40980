//! The sheet and what stands above on it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Words;
use super::look::{Align, Look};

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
    #[schema(minimum = 0, maximum = 100)]
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
    #[schema(minimum = 40, maximum = 300)]
    pub(crate) ornament: Option<f32>,
}

/// A line of the title.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TitleForm {
    /// The words, without members.
    #[schema(max_length = 100)]
    pub(crate) text: String,
    /// Height of its baseline.
    #[schema(minimum = 40, maximum = 300)]
    pub(crate) y: f32,
    /// Where it stands.
    #[serde(default = "centred")]
    pub(crate) align: Align,
    /// How it looks.
    pub(crate) look: Look,
}

fn contents() -> Words {
    Words { ja: "内容".to_owned(), en: "Contents".to_owned() }
}

fn usual_gap() -> f32 {
    14.0
}

fn centred() -> Align {
    Align::Center
}
