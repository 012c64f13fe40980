//! How a text looks. Sizes in points.

use crate::font::Family;
pub(super) use crate::font::Weight;

use super::ink::Ink;

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) family: Family,
    pub(super) weight: Weight,
    pub(super) size: f32,
    /// Smallest permitted size.
    pub(super) smallest: f32,
    /// Distance between characters in addition to their advance, as part of the size.
    pub(super) tracking: f32,
    pub(super) ink: Ink,
}

impl Style {
    pub(super) fn new(weight: Weight, size: f32, ink: Ink) -> Self {
        Self { family: Family::Gothic, weight, size, smallest: size * 0.8, tracking: 0.0, ink }
    }

    pub(super) fn family(self, family: Family) -> Self {
        Self { family, ..self }
    }

    pub(super) fn smallest(self, smallest: f32) -> Self {
        Self { smallest, ..self }
    }

    pub(super) fn at_its_smallest(self) -> Self {
        Self { size: self.smallest, ..self }
    }

    pub(super) fn tracking(self, tracking: f32) -> Self {
        Self { tracking, ..self }
    }

    pub(super) fn scaled(self, scale: f32) -> Self {
        Self { size: self.size * scale, smallest: self.smallest * scale, ..self }
    }

    /// The design and weight of its letters.
    pub(super) fn face(self) -> (Family, Weight) {
        (self.family, self.weight)
    }
}
