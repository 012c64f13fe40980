//! Pieces of a page and their tags. In: placed lines, pictures and paths, nested as a reader should hear them. Out: drawing, and
//! the tag tree (ISO 14289-1 clause 7.1: everything is tagged, or an artifact).

use std::num::NonZeroU16;
use std::ops::Range;

use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::paint::FillRule;
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as TagNode, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind,
};
use validation::Language;

use super::ink::Ink;
use super::language;
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
    /// Paragraphs that belong together.
    Division,
    Table,
    Row,
    /// The header of a column.
    HeaderCell,
    /// The header of a row.
    RowHeader,
    Cell,
}

/// A line with the left end of its baseline.
#[derive(Clone)]
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
    /// The further pieces of the group with which the page before ended.
    Rest { children: Vec<Node> },
    /// A raster picture with its left upper corner, width and height.
    Picture { alternative: String, image: Image, x: f32, y: f32, size: (f32, f32) },
    /// A path of one colour, with the left upper corner and the side of the square that it fills.
    Drawing { alternative: String, path: Path, ink: Ink, x: f32, y: f32, side: f32 },
    /// A text that leads to an address.
    Link { line: Placed, annotation: Identifier },
    /// What stands on every page again, for the eye only.
    Again { kind: ArtifactType, node: Box<Node> },
    /// The left upper corner of the seal, which is no content of the page.
    SealPlace { x: f32, y: f32 },
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
            Self::Group { children, .. } | Self::Rest { children } => {
                children.iter_mut().for_each(|child| child.shift(distance));
            }
            Self::Again { node, .. } => node.shift(distance),
            Self::Link { line, .. } => line.y += distance,
            Self::Picture { y, .. } | Self::Rule { y, .. } | Self::Diamond { y, .. } | Self::SealPlace { y, .. } => {
                *y += distance;
            }
            Self::Drawing { .. } => unreachable!("paths are drawn in their final place"),
        }
    }

    /// Draws a piece and returns its tag, if it has any meaning.
    pub(super) fn draw(self, surface: &mut Surface<'_>) -> Option<TagGroup> {
        match self {
            Self::Text { structure, language, lines } => {
                let mut group = TagGroup::new(structure.tag(&lines).with_lang(Some(language.code().to_owned())));
                lines.iter().flat_map(|placed| placed.draw(surface)).for_each(|part| group.push(part));
                Some(group)
            }
            Self::Group { structure, children } => {
                let mut group = TagGroup::new(structure.tag(&[]));
                children.into_iter().filter_map(|child| child.draw(surface)).for_each(|child| group.push(child));
                Some(group)
            }
            Self::Rest { .. } => unreachable!("who draws a page puts it to the group before"),
            Self::Again { kind, node } => {
                surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
                node.draw_untagged(surface);
                surface.end_tagged();
                None
            }
            Self::SealPlace { .. } => None,
            Self::Picture { alternative, image, x, y, size: (width, height) } => {
                let identifier = surface.start_tagged(ContentTag::Other);
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image, Size::from_wh(width, height)?);
                surface.pop();
                surface.end_tagged();
                Some(figure(alternative, identifier))
            }
            Self::Drawing { alternative, path, ink, .. } => {
                let identifier = surface.start_tagged(ContentTag::Other);
                surface.set_stroke(None);
                surface.set_fill(Some(krilla::paint::Fill { rule: FillRule::NonZero, ..ink.fill() }));
                surface.draw_path(&path);
                surface.end_tagged();
                Some(figure(alternative, identifier))
            }
            Self::Link { line, annotation } => {
                let mut group = TagGroup::new(Tag::Link);
                line.draw(surface).into_iter().for_each(|part| group.push(part));
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

    /// Draws texts and lines within what is tagged already.
    fn draw_untagged(&self, surface: &mut Surface<'_>) {
        match self {
            Self::Text { lines, .. } => lines.iter().for_each(|placed| placed.draw_untagged(surface)),
            Self::Group { children, .. } => children.iter().for_each(|child| child.draw_untagged(surface)),
            Self::Rule { from, to, y, width, ink } => {
                let mut path = PathBuilder::new();
                path.move_to(*from, *y);
                path.line_to(*to, *y);
                ornament::stroke(surface, path, *ink, *width);
            }
            _ => {}
        }
    }

    /// A copy of texts and lines, to stand on another page again.
    pub(super) fn again(&self) -> Node {
        let again = |children: &[Node]| children.iter().map(Node::again).collect();
        match self {
            Self::Text { structure, language, lines } => {
                Self::Text { structure: *structure, language: *language, lines: lines.clone() }
            }
            Self::Group { structure, children } => Self::Group { structure: *structure, children: again(children) },
            Self::Rule { from, to, y, width, ink } => {
                Self::Rule { from: *from, to: *to, y: *y, width: *width, ink: *ink }
            }
            _ => Self::Group { structure: Structure::Section, children: Vec::new() },
        }
    }

    /// The left upper corner of the seal, if it is in this piece.
    pub(super) fn seal_place(&self) -> Option<(f32, f32)> {
        match self {
            Self::SealPlace { x, y } => Some((*x, *y)),
            Self::Group { children, .. } | Self::Rest { children } => children.iter().find_map(Self::seal_place),
            _ => None,
        }
    }

    /// All texts of the piece, one string for each text.
    pub(super) fn collect_texts(&self, texts: &mut Vec<String>) {
        match self {
            Self::Text { lines, .. } => {
                texts.push(lines.iter().map(|placed| placed.line.shaped.text.as_str()).collect());
            }
            Self::Group { children, .. } | Self::Rest { children } => {
                children.iter().for_each(|child| child.collect_texts(texts));
            }
            Self::Link { line, .. } => texts.push(line.line.shaped.text.clone()),
            _ => {}
        }
    }
}

impl Placed {
    /// Draws the line; gives what it is in the tag tree, in the order of reading. What is in another language than the document says so,
    /// and what is drawn from the right what it reads.
    fn draw(&self, surface: &mut Surface<'_>) -> Vec<TagNode> {
        let languages = language::tags(&self.line.shaped);
        let runs = &self.line.shaped.runs;
        if languages.iter().all(Option::is_none) && !runs.iter().any(|run| run.from_right) {
            let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            self.draw_untagged(surface);
            surface.end_tagged();
            return vec![identifier.into()];
        }
        surface.set_stroke(None);
        surface.set_fill(Some(self.line.style.ink.fill()));
        let mut parts: Vec<(usize, TagNode)> = Vec::new();
        self.line.draw_in_parts(surface, Point::from_xy(self.x, self.y), |place, surface, draw| {
            let (run, language) = (&runs[place], languages[place]);
            let identifier = surface.start_tagged(ContentTag::Span(SpanTag::empty().with_lang(language)));
            draw(surface);
            surface.end_tagged();
            let range = run.range();
            let start = range.start;
            parts.push((
                start,
                if run.from_right { self.as_read(range, language, identifier) } else { identifier.into() },
            ));
        });
        parts.sort_by_key(|(start, _)| *start); // they were drawn from the left
        parts.into_iter().map(|(_, part)| part).collect()
    }

    /// A part that is drawn in another order than it is read in. What it reads stands one step above what holds the content: MuPDF lays
    /// such a text over the glyphs below it, and turns it round as them.
    fn as_read(&self, part: Range<usize>, language: Option<&str>, drawn: Identifier) -> TagNode {
        let mut content = TagGroup::new(Tag::Span.with_lang(language.map(str::to_owned)));
        content.push(drawn);
        let text = self.line.shaped.text.get(part).map(str::to_owned);
        let mut group = TagGroup::new(Tag::Span.with_actual_text(text).with_lang(language.map(str::to_owned)));
        group.push(content);
        group.into()
    }

    fn draw_untagged(&self, surface: &mut Surface<'_>) {
        surface.set_stroke(None);
        surface.set_fill(Some(self.line.style.ink.fill()));
        self.line.draw(surface, Point::from_xy(self.x, self.y), false);
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
            Self::Division => Tag::Div.into(),
            Self::Table => Tag::Table.into(),
            Self::Row => Tag::TR.into(),
            Self::HeaderCell => Tag::TH(TableHeaderScope::Column).into(),
            Self::RowHeader => Tag::TH(TableHeaderScope::Row).into(),
            Self::Cell => Tag::TD.into(),
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
