//! What stands below, on the first page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::yes;

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
    /// Its left end; of what stands below each other, the middle: of `issuer` 30 to 400, of `verification` 100 to 490, of
    /// `verification-beside` 30 to 340, of `badge` 72 to 520.
    #[schema(minimum = 30, maximum = 520)]
    pub(crate) x: f32,
}
