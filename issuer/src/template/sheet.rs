//! The sheet of paper: its measures in points, from the left upper corner.

/// One millimetre in points.
pub(super) const MILLIMETRE: f32 = 72.0 / 25.4;

/// A4 upright, in points.
pub(super) const PAGE_WIDTH: f32 = 210.0 * MILLIMETRE;
pub(super) const PAGE_HEIGHT: f32 = 297.0 * MILLIMETRE;

/// The column of text: its left and right end, and the middle.
pub(super) const LEFT: f32 = 66.0;
pub(super) const RIGHT: f32 = PAGE_WIDTH - LEFT;
pub(super) const CENTER: f32 = PAGE_WIDTH / 2.0;
