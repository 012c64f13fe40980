//! Blocks: what stands below each other. In: texts with their styles. Out: placed pieces, measured from the upper end of the block, and
//! where the block may go on over another page.

use validation::Language;

use crate::completion::Bilingual;
use crate::error::Error;
use crate::font::Typefaces;

use super::form::{Align, LineForm};
use super::ink::Ink;
use super::lines::{Fill, Line, fit, wrap};
use super::node::{Node, Placed, Structure};
use super::style::{Style, Weight};

/// From where to where the texts of a block go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Column {
    pub(super) left: f32,
    pub(super) right: f32,
}

impl Column {
    pub(super) fn width(self) -> f32 {
        self.right - self.left
    }

    /// Where a line begins. One that is read from the right stands at the right of a column whose texts begin at its left.
    fn x(self, align: Align, line: &Line) -> f32 {
        match align {
            Align::Left => self.left,
            Align::Center => line.start((self.left + self.right) / 2.0 - line.width / 2.0),
            Align::Right => line.start(self.right - line.width),
        }
    }
}

/// The most lines of a heading that has no room in one.
const MOST_OF_A_HEADING: usize = 4;

/// A text in one line, else in two, else in its smallest size in as many as it takes, up to `most`.
pub(super) fn lines_of(
    typefaces: &Typefaces,
    style: Style,
    text: &str,
    member: &str,
    width: f32,
    most: usize,
) -> Result<Vec<Line>, Error> {
    match fit(typefaces, style, text, member, width) {
        Err(Error::TextTooLong { .. }) => {}
        fitted => return Ok(vec![fitted?]),
    }
    match wrap(typefaces, style, text, member, width, (2, Fill::Equal)) {
        Err(Error::TextTooLong { .. }) => {
            wrap(typefaces, style.at_its_smallest(), text, member, width, (most, Fill::Equal))
        }
        wrapped => wrapped,
    }
}

/// A block under construction: pieces with `y` from its upper end, and where the next line goes.
pub(super) struct Block<'a> {
    pub(super) typefaces: &'a Typefaces,
    /// Factor for all sizes and distances.
    pub(super) scale: f32,
    pub(super) nodes: Vec<Node>,
    pub(super) height: f32,
    /// The end of the block if it may be broken.
    pub(super) rows: Option<Rows>,
    /// How wide the room below is, in comparison to others.
    pub(super) gap: f32,
}

/// Pieces between which a page may end.
pub(super) struct Rows {
    pub(super) structure: Structure,
    /// What stands above them on every page, in its first place; and its height.
    pub(super) header: Option<(Node, f32)>,
    pub(super) rows: Vec<PlacedRow>,
}

/// A piece with its upper and lower end.
pub(super) struct PlacedRow {
    pub(super) node: Node,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

impl<'a> Block<'a> {
    pub(super) fn new(typefaces: &'a Typefaces, scale: f32) -> Self {
        Self { typefaces, scale, nodes: Vec::new(), height: 0.0, rows: None, gap: 1.0 }
    }

    pub(super) fn space(&mut self, points: f32) {
        self.height += points * self.scale;
    }

    /// All of it, in one piece.
    pub(super) fn whole(self) -> Vec<Node> {
        let mut nodes = self.nodes;
        if let Some(rows) = self.rows {
            let header = rows.header.into_iter().map(|(node, _)| node);
            let children = header.chain(rows.rows.into_iter().map(|row| row.node)).collect();
            nodes.push(Node::Group { structure: rows.structure, children });
        }
        nodes
    }

    /// Adds a text of at most that many lines; returns its widest line.
    pub(super) fn text(
        &mut self,
        (structure, language): (Structure, Language),
        style: Style,
        (text, member): (&str, &str),
        (column, align): (Column, Align),
        most: usize,
    ) -> Result<f32, Error> {
        let style = style.scaled(self.scale);
        let fill = if align == Align::Left { Fill::Column } else { Fill::Equal };
        let lines = match most {
            1 => vec![fit(self.typefaces, style, text, member, column.width())?],
            most => wrap(self.typefaces, style, text, member, column.width(), (most, fill))?,
        };
        let widest = lines.iter().fold(0.0, |widest: f32, line| widest.max(line.width));
        let lines = self.stack(lines, 1.32, column, align);
        self.nodes.push(Node::Text { structure, language, lines });
        Ok(widest)
    }

    /// Puts lines below each other from the current height on.
    pub(super) fn stack(&mut self, lines: Vec<Line>, leading: f32, column: Column, align: Align) -> Vec<Placed> {
        let mut placed = Vec::new();
        for line in lines {
            let size = line.style.size;
            placed.push(Placed { x: column.x(align, &line), y: self.height + size * 0.95, line });
            self.height += size * leading;
        }
        placed
    }

    /// A line of a template with its text.
    pub(super) fn line(
        &mut self,
        form: &LineForm,
        (text, member): (&str, &str),
        column: Column,
        align: Align,
    ) -> Result<(), Error> {
        let latin = text.chars().all(|character| character < '\u{2E80}');
        let (style, language) = match &form.latin {
            Some(look) if latin => (look.style(), Language::English),
            _ if form.en.is_some() => (form.look.style(), Language::English),
            _ => (form.look.style(), Language::Japanese),
        };
        let structure = if form.heading { Structure::Heading } else { Structure::Paragraph };
        self.space(form.before);
        let align = form.align.unwrap_or(align);
        let room =
            if form.seal { Column { right: column.right - super::seal_picture::SIDE / 2.0, ..column } } else { column };
        let top = self.height;
        let mut set = |style, lines| self.text((structure, language), style, (text, member), (room, align), lines);
        let used = match (set(style, form.lines), form.more_lines) {
            (Err(Error::TextTooLong { .. }), Some(lines)) => set(style.at_its_smallest(), lines)?,
            (set, _) => set?,
        };
        if form.seal {
            let x = column.right - super::seal_picture::SIDE;
            let middle = (top + self.height) / 2.0;
            self.nodes.push(Node::SealPlace { x, y: middle - super::seal_picture::SIDE / 2.0 });
        }
        if form.underline {
            self.underline(column, align, used);
        }
        Ok(())
    }

    fn underline(&mut self, column: Column, align: Align, used: f32) {
        self.space(7.0);
        let y = self.height;
        let rule = |from, to| Node::Rule { from, to, y, width: 0.8, ink: Ink::Gold };
        self.nodes.push(match align {
            Align::Center => {
                let half = (used / 2.0 + 26.0).clamp(column.width().min(240.0) / 2.0, column.width() / 2.0);
                let center = (column.left + column.right) / 2.0;
                rule(center - half, center + half)
            }
            Align::Left | Align::Right => rule(column.left, column.right),
        });
    }

    /// A small heading in both languages with a line to the right; if it has no room there, in lines of its own.
    pub(super) fn heading(&mut self, ja: &str, en: &str, column: Column) -> Result<(), Error> {
        let bold = Style::new(Weight::Bold, 10.5, Ink::Navy).tracking(0.06).scaled(self.scale);
        let regular = Style::new(Weight::Regular, 8.0, Ink::Gold).scaled(self.scale);
        let room = |style, text: &str| fit(self.typefaces, style, text, "heading", 200.0);
        let (ja, en) = match (room(bold, ja), room(regular, en)) {
            (Ok(ja), Ok(en)) => (ja, en),
            (Err(Error::TextTooLong { .. }), _) | (_, Err(Error::TextTooLong { .. })) => {
                return self.long_heading((bold, ja), (regular, en), column);
            }
            (ja, en) => (ja?, en?),
        };
        let (size, y) = (ja.style.size, self.height + ja.style.size * 0.95);
        let en_x = column.left + ja.width + 8.0;
        let rule_from = en_x + en.width + 8.0;
        let ja = Placed { x: column.left, y, line: ja };
        let en = Placed { x: en_x, y, line: en };
        self.nodes.push(Node::Text { structure: Structure::Heading, language: Language::Japanese, lines: vec![ja] });
        self.nodes.push(Node::Text { structure: Structure::Paragraph, language: Language::English, lines: vec![en] });
        self.nodes.push(Node::Rule {
            from: rule_from,
            to: column.right,
            y: y - size * 0.33,
            width: 0.4,
            ink: Ink::Gold,
        });
        self.height += size * 1.25;
        Ok(())
    }

    /// The same below each other.
    fn long_heading(&mut self, ja: (Style, &str), en: (Style, &str), column: Column) -> Result<(), Error> {
        let both = [(ja, Structure::Heading, Language::Japanese), (en, Structure::Paragraph, Language::English)];
        for ((style, text), structure, language) in both.into_iter().filter(|((_, text), ..)| !text.is_empty()) {
            let lines =
                wrap(self.typefaces, style, text, "heading", column.width(), (MOST_OF_A_HEADING, Fill::Column))?;
            let lines = self.stack(lines, 1.3, column, Align::Left);
            self.nodes.push(Node::Text { structure, language, lines });
        }
        Ok(())
    }

    /// A text in Japanese and, smaller, in English, up to so many lines each; in its smallest size up to `more`.
    pub(super) fn bilingual(
        &mut self,
        text: &Bilingual,
        member: &str,
        column: Column,
        (most, more): (usize, Option<usize>),
    ) -> Result<Vec<Node>, Error> {
        let (width, typefaces) = (column.width(), self.typefaces);
        let wrap = |style: Style, text: &str, member: &str| match wrap(
            typefaces,
            style,
            text,
            member,
            width,
            (most, Fill::Column),
        ) {
            Err(Error::TextTooLong { .. }) if more.is_some() => {
                let most = more.unwrap_or(most);
                wrap(typefaces, style.at_its_smallest(), text, member, width, (most, Fill::Column))
            }
            wrapped => wrapped,
        };
        let style = Style::new(Weight::Regular, 10.0, Ink::Text).smallest(8.0).scaled(self.scale);
        let lines = wrap(style, &text.ja, &format!("{member}.ja"))?;
        let lines = self.stack(lines, 1.36, column, Align::Left);
        let mut nodes = vec![Node::Text { structure: Structure::Paragraph, language: Language::Japanese, lines }];
        if let Some(en) = &text.en {
            let style = Style::new(Weight::Regular, 8.0, Ink::Grey).smallest(6.5).scaled(self.scale);
            let lines = wrap(style, en, &format!("{member}.en"))?;
            let lines = self.stack(lines, 1.3, column, Align::Left);
            nodes.push(Node::Text { structure: Structure::Paragraph, language: Language::English, lines });
        }
        Ok(nodes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_read_from_the_right_stands_in_its_column_whichever_way_that_is_aligned() {
        let font = std::path::PathBuf::from("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf");
        if !font.exists() {
            println!("skipped: {} is not there (Debian: fonts-noto-core)", font.display());
            return;
        }
        let typefaces = Typefaces::bundled().unwrap().with_files(&[font]).unwrap();
        let (column, style) = (Column { left: 100.0, right: 180.0 }, Style::new(Weight::Regular, 10.0, Ink::Text));
        for text in ["سبعة", "يستطيع جمع البيانات العامة وإعدادها للغرض المطلوب 2026"]
        {
            for (align, fill) in [Align::Left, Align::Center, Align::Right]
                .into_iter()
                .flat_map(|align| [(align, Fill::Column), (align, Fill::Equal)])
            {
                let lines = wrap(&typefaces, style, text, "text", column.width(), (9, fill)).unwrap();
                for Placed { line, x, .. } in Block::new(&typefaces, 1.0).stack(lines, 1.3, column, align) {
                    let (left, right) = (line.left(x), line.left(x) + line.width);
                    assert!(left >= 99.9 && right <= 180.1, "{align:?} {fill:?}: {left} to {right}");
                    assert!(align != Align::Right || right > 179.9, "{fill:?}: {right}");
                }
            }
        }
    }
}
