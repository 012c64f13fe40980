//! Frame and background of the page: nothing here carries meaning, so all of it is tagged as an artifact (ISO 14289-1 clause 7.1).

use std::f32::consts::{PI, TAU};

use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag};

use super::form::Frame;
use super::ink::Ink;
use super::lines::fit;
use super::sheet::{PAGE_HEIGHT, PAGE_WIDTH};
use super::style::{Style, Weight};
use crate::error::Error;
use crate::font::Typefaces;

/// Draws the background, the watermark and the frame.
pub(super) fn draw(surface: &mut Surface<'_>, typefaces: &Typefaces, frame: Frame, mark: &str) -> Result<(), Error> {
    if frame != Frame::None {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        if frame == Frame::Guilloche {
            rosette(surface);
            notched_frame(surface);
        } else {
            plain_frame(surface);
        }
        surface.end_tagged();
    }
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Watermark)));
    let drawn = watermark(surface, typefaces, mark);
    surface.end_tagged();
    drawn
}

/// How far the frame reaches into the page.
pub(super) fn edge(frame: Frame) -> Option<f32> {
    match frame {
        Frame::Guilloche => Some(34.0),
        Frame::Lines => Some(29.5),
        Frame::None => None,
    }
}

/// A guilloche of turned ellipses behind the text, as on bank notes.
fn rosette(surface: &mut Surface<'_>) {
    const PETALS: usize = 36;
    let (center_x, center_y) = (PAGE_WIDTH / 2.0, 400.0);
    let mut path = PathBuilder::new();
    for petal in 0..PETALS {
        let turn = PI * petal as f32 / PETALS as f32;
        ellipse(&mut path, center_x, center_y, 205.0, 78.0, turn);
    }
    stroke(surface, path, Ink::Background, 0.45);
}

fn ellipse(path: &mut PathBuilder, center_x: f32, center_y: f32, long: f32, short: f32, turn: f32) {
    const KAPPA: f32 = 0.552_284_8; // control point distance of a quarter of a circle
    let at = |x: f32, y: f32| {
        let (x, y) = (x * long, y * short);
        (center_x + x * turn.cos() - y * turn.sin(), center_y + x * turn.sin() + y * turn.cos())
    };
    let (x, y) = at(1.0, 0.0);
    path.move_to(x, y);
    for quarter in 0..4 {
        let (sin, cos) = (TAU / 4.0 * quarter as f32).sin_cos();
        let turned = |x: f32, y: f32| at(x * cos - y * sin, x * sin + y * cos);
        let ((x1, y1), (x2, y2), (x, y)) = (turned(1.0, KAPPA), turned(KAPPA, 1.0), turned(0.0, 1.0));
        path.cubic_to(x1, y1, x2, y2, x, y);
    }
    path.close();
}

/// Three lines around the page; the inner two are rounded inwards at the corners.
fn notched_frame(surface: &mut Surface<'_>) {
    let mut outer = PathBuilder::new();
    if let Some(rect) = Rect::from_ltrb(24.0, 24.0, PAGE_WIDTH - 24.0, PAGE_HEIGHT - 24.0) {
        outer.push_rect(rect);
    }
    stroke(surface, outer, Ink::Navy, 2.4);
    stroke(surface, notched(30.0, 20.0), Ink::Gold, 1.1);
    stroke(surface, notched(33.5, 20.0), Ink::Gold, 0.4);
    for (x, y) in corners(38.0) {
        let mut diamond = PathBuilder::new();
        diamond_at(&mut diamond, x, y, 4.2);
        fill(surface, diamond, Ink::Gold);
    }
}

/// Two lines around the page.
fn plain_frame(surface: &mut Surface<'_>) {
    for (inset, width, ink) in [(24.0, 1.6, Ink::Navy), (29.0, 0.5, Ink::Gold)] {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_ltrb(inset, inset, PAGE_WIDTH - inset, PAGE_HEIGHT - inset) {
            path.push_rect(rect);
        }
        stroke(surface, path, ink, width);
    }
}

fn corners(inset: f32) -> [(f32, f32); 4] {
    let (right, bottom) = (PAGE_WIDTH - inset, PAGE_HEIGHT - inset);
    [(inset, inset), (right, inset), (right, bottom), (inset, bottom)]
}

/// A rectangle whose corners are quarter circles curved inwards.
fn notched(inset: f32, radius: f32) -> PathBuilder {
    const KAPPA: f32 = 0.552_284_8;
    let (left, top, right, bottom) = (inset, inset, PAGE_WIDTH - inset, PAGE_HEIGHT - inset);
    let (r, near) = (radius, radius * KAPPA);
    let mut path = PathBuilder::new();
    path.move_to(left + r, top);
    path.line_to(right - r, top);
    path.cubic_to(right - r, top + near, right - near, top + r, right, top + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right - near, bottom - r, right - r, bottom - near, right - r, bottom);
    path.line_to(left + r, bottom);
    path.cubic_to(left + r, bottom - near, left + near, bottom - r, left, bottom - r);
    path.line_to(left, top + r);
    path.cubic_to(left + near, top + r, left + r, top + near, left + r, top);
    path.close();
    path
}

/// A diamond around a point.
pub(super) fn diamond_at(path: &mut PathBuilder, x: f32, y: f32, radius: f32) {
    path.move_to(x, y - radius);
    path.line_to(x + radius, y);
    path.line_to(x, y + radius);
    path.line_to(x - radius, y);
    path.close();
}

/// A word across the page, as outlines: it is not part of the text.
fn watermark(surface: &mut Surface<'_>, typefaces: &Typefaces, mark: &str) -> Result<(), Error> {
    let style = Style::new(Weight::Bold, 104.0, Ink::Watermark).tracking(0.06);
    let line = fit(typefaces, style, mark, "watermark", 800.0)?;
    let (center_x, center_y) = (PAGE_WIDTH / 2.0, 400.0);
    surface.push_transform(&Transform::from_rotate_at(-52.0, center_x, center_y));
    surface.set_stroke(None);
    surface.set_fill(Some(Ink::Watermark.fill()));
    let start = Point::from_xy(center_x - line.width / 2.0, center_y + 36.0);
    line.draw(surface, start, true);
    surface.pop();
    Ok(())
}

pub(super) fn stroke(surface: &mut Surface<'_>, path: PathBuilder, ink: Ink, width: f32) {
    surface.set_fill(None);
    surface.set_stroke(Some(ink.stroke(width)));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

pub(super) fn fill(surface: &mut Surface<'_>, path: PathBuilder, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(ink.fill()));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
