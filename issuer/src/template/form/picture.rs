//! The seal and the pictures of a template.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Another seal than the organization's.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealForm {
    /// What it says: one to five columns of one to six characters, the first at the right, separated by `/`.
    pub(crate) text: String,
    /// Name of a PNG file beside the template that is printed instead; `text` is what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "seal.png")]
    pub(crate) picture: Option<String>,
}

/// A picture, such as a logo, on the first page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoForm {
    /// Name of a PNG file beside the template. Without it: the logo of the organization, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "logo.png")]
    pub(crate) file: Option<String>,
    /// What the file shows, for those who have the page read to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alternative: Option<String>,
    /// Its left end.
    #[schema(minimum = 20, maximum = 529)]
    pub(crate) x: f32,
    /// Its upper end.
    #[schema(minimum = 20, maximum = 700)]
    pub(crate) y: f32,
    /// Its height; the width follows.
    #[schema(minimum = 8, maximum = 120)]
    pub(crate) height: f32,
    /// The most that it may be wide; a wider picture is printed smaller.
    #[serde(default = "widest")]
    #[schema(minimum = 8, maximum = 463)]
    pub(crate) width: f32,
}

impl LogoForm {
    /// Whether it is a place for the logo of whoever issues.
    pub(crate) fn is_of_organization(&self) -> bool {
        self.file.is_none()
    }
}

fn widest() -> f32 {
    463.0
}
