//! Pieces of a page and their tags. In: placed lines, pictures and paths, nested as a reader should hear them. Out: drawing, and
//! the tag tree (ISO 14289-1 clause 7.1: everything is tagged, or an artifact).

use std::num::NonZeroU16;

use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::paint::FillRule;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, Tag, TagGroup, TagKind};
use validation::Language;

use super::ink::Ink;
use super::lines::Line;
use super::ornament;

/// What a piece is to a reader: its structure type (ISO 32000-1 clause 14.8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    Title,
    Heading,
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Section,
}

/// A line with the left end of its baseline.
pub(super) struct Placed {
    pub(super) line: Line,
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A piece of the page.
pub(super) enum Node {
    /// Lines of one text.
    Text { structure: Structure, language: Language, lines: Vec<Placed> },
    /// Pieces that belong together.
    Group { structure: Structure, children: Vec<Node> },
    /// A raster picture with its left upper corner and side.
    Picture { alternative: String, image: Image, x: f32, y: f32, side: f32 },
    /// A path of one colour.
    Drawing { alternative: String, path: Path, ink: Ink },
    /// A text that leads to an address.
    Link { line: Placed, annotation: Identifier },
    /// A horizontal line, for the eye only.
    Rule { from: f32, to: f32, y: f32, width: f32, ink: Ink },
    /// A small diamond, for the eye only.
    Diamond { x: f32, y: f32, radius: f32, ink: Ink },
}

impl Node {
    /// Moves a piece down.
    pub(super) fn shift(&mut self, distance: f32) {
        match self {
            Self::Text { lines, .. } => lines.iter_mut().for_each(|line| line.y += distance),
            Self::Group { children, .. } => children.iter_mut().for_each(|child| child.shift(distance)),
            Self::Link { line, .. } => line.y += distance,
            Self::Picture { y, .. } | Self::Rule { y, .. } | Self::Diamond { y, .. } => *y += distance,
            Self::Drawing { .. } => unreachable!("paths are drawn in their final place"),
        }
    }

    /// Draws a piece and returns its tag, if it has any meaning.
    pub(super) fn draw(self, surface: &mut Surface<'_>) -> Option<TagGroup> {
        match self {
            Self::Text { structure, language, lines } => {
                let mut group = TagGroup::new(structure.tag(&lines).with_lang(Some(language.code().to_owned())));
                for placed in &lines {
                    group.push(placed.draw(surface));
                }
                Some(group)
            }
            Self::Group { structure, children } => {
                let mut group = TagGroup::new(structure.tag(&[]));
                children.into_iter().filter_map(|child| child.draw(surface)).for_each(|child| group.push(child));
                Some(group)
            }
            Self::Picture { alternative, image, x, y, side } => {
                let identifier = surface.start_tagged(ContentTag::Other);
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image, Size::from_wh(side, side)?);
                surface.pop();
                surface.end_tagged();
                Some(figure(alternative, identifier))
            }
            Self::Drawing { alternative, path, ink } => {
                let identifier = surface.start_tagged(ContentTag::Other);
                surface.set_stroke(None);
                surface.set_fill(Some(krilla::paint::Fill { rule: FillRule::NonZero, ..ink.fill() }));
                surface.draw_path(&path);
                surface.end_tagged();
                Some(figure(alternative, identifier))
            }
            Self::Link { line, annotation } => {
                let mut group = TagGroup::new(Tag::Link);
                group.push(line.draw(surface));
                group.push(annotation);
                Some(group)
            }
            Self::Rule { from, to, y, width, ink } => {
                let mut path = PathBuilder::new();
                path.move_to(from, y);
                path.line_to(to, y);
                as_artifact(surface, |surface| ornament::stroke(surface, path, ink, width))
            }
            Self::Diamond { x, y, radius, ink } => {
                let mut path = PathBuilder::new();
                ornament::diamond_at(&mut path, x, y, radius);
                as_artifact(surface, |surface| ornament::fill(surface, path, ink))
            }
        }
    }

    /// All texts of the piece, one string for each text.
    pub(super) fn collect_texts(&self, texts: &mut Vec<String>) {
        match self {
            Self::Text { lines, .. } => {
                texts.push(lines.iter().map(|placed| placed.line.shaped.text.as_str()).collect());
            }
            Self::Group { children, .. } => children.iter().for_each(|child| child.collect_texts(texts)),
            Self::Link { line, .. } => texts.push(line.line.shaped.text.clone()),
            _ => {}
        }
    }
}

impl Placed {
    fn draw(&self, surface: &mut Surface<'_>) -> Identifier {
        let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        surface.set_stroke(None);
        surface.set_fill(Some(self.line.style.ink.fill()));
        self.line.draw(surface, Point::from_xy(self.x, self.y), false);
        surface.end_tagged();
        identifier
    }
}

impl Structure {
    fn tag(self, lines: &[Placed]) -> TagKind {
        let text = || Some(lines.iter().map(|placed| placed.line.shaped.text.as_str()).collect());
        let level = |level| NonZeroU16::new(level).expect("levels begin with one");
        match self {
            Self::Title => Tag::Hn(level(1), text()).into(),
            Self::Heading => Tag::Hn(level(2), text()).into(),
            Self::Paragraph => Tag::P.into(),
            Self::List => Tag::L(ListNumbering::None).into(),
            Self::Item => Tag::LI.into(),
            Self::Label => Tag::Lbl.into(),
            Self::Body => Tag::LBody.into(),
            Self::Section => Tag::Section.into(),
        }
    }
}

fn figure(alternative: String, identifier: Identifier) -> TagGroup {
    let mut group = TagGroup::new(Tag::Figure(Some(alternative)));
    group.push(identifier);
    group
}

fn as_artifact(surface: &mut Surface<'_>, draw: impl FnOnce(&mut Surface<'_>)) -> Option<TagGroup> {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
    draw(surface);
    surface.end_tagged();
    None
}
