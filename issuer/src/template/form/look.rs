//! How a text looks, and where it stands in its column.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::ink::Ink;
use super::super::style::{Style, Weight};
use crate::font::Family;

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

impl Look {
    /// The style that it describes.
    pub(crate) fn style(&self) -> Style {
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
