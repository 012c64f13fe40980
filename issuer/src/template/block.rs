//! Blocks: texts below each other. In: texts with their styles. Out: placed lines, measured from the upper end of the block.

use validation::Language;

use crate::completion::Bilingual;
use crate::error::Error;
use crate::font::Typefaces;

use super::ink::Ink;
use super::lines::{Fill, Line, fit, wrap};
use super::node::{Node, Placed, Structure};
use super::sheet::{CENTER, LEFT, RIGHT};
use super::style::{Style, Weight};

/// A block under construction: pieces with `y` from its upper end, and where the next line goes.
pub(super) struct Block<'a> {
    pub(super) typefaces: &'a Typefaces,
    /// Factor for all sizes and distances.
    pub(super) scale: f32,
    pub(super) nodes: Vec<Node>,
    pub(super) height: f32,
}

impl<'a> Block<'a> {
    pub(super) fn new(typefaces: &'a Typefaces, scale: f32) -> Self {
        Self { typefaces, scale, nodes: Vec::new(), height: 0.0 }
    }

    pub(super) fn space(&mut self, points: f32) {
        self.height += points * self.scale;
    }

    /// Adds a text of at most that many lines, centred in the column; returns the width of its widest line.
    pub(super) fn centered(
        &mut self,
        structure: Structure,
        language: Language,
        style: Style,
        text: &str,
        member: &str,
        most: usize,
    ) -> Result<f32, Error> {
        let (style, width) = (style.scaled(self.scale), RIGHT - LEFT);
        let lines = match most {
            1 => vec![fit(self.typefaces, style, text, member, width)?],
            most => wrap(self.typefaces, style, text, member, width, (most, Fill::Equal))?,
        };
        let widest = lines.iter().fold(0.0, |widest: f32, line| widest.max(line.width));
        let lines = self.stack(lines, 1.32, |line| CENTER - line.width / 2.0);
        self.nodes.push(Node::Text { structure, language, lines });
        Ok(widest)
    }

    /// Puts lines below each other from the current height on.
    fn stack(&mut self, lines: Vec<Line>, leading: f32, x: impl Fn(&Line) -> f32) -> Vec<Placed> {
        let mut placed = Vec::new();
        for line in lines {
            let size = line.style.size;
            placed.push(Placed { x: x(&line), y: self.height + size * 0.95, line });
            self.height += size * leading;
        }
        placed
    }

    /// A small heading in both languages with a line to the right.
    pub(super) fn heading(&mut self, ja: &str, en: &str) -> Result<(), Error> {
        let style = Style::new(Weight::Bold, 10.5, Ink::Navy).tracking(0.06).scaled(self.scale);
        let ja = fit(self.typefaces, style, ja, "heading", 200.0)?;
        let style = Style::new(Weight::Regular, 8.0, Ink::Gold).scaled(self.scale);
        let en = fit(self.typefaces, style, en, "heading", 200.0)?;
        let (size, y) = (ja.style.size, self.height + ja.style.size * 0.95);
        let en_x = LEFT + ja.width + 8.0;
        let rule_from = en_x + en.width + 8.0;
        let ja = Placed { x: LEFT, y, line: ja };
        let en = Placed { x: en_x, y, line: en };
        self.nodes.push(Node::Text { structure: Structure::Heading, language: Language::Japanese, lines: vec![ja] });
        self.nodes.push(Node::Text { structure: Structure::Paragraph, language: Language::English, lines: vec![en] });
        self.nodes.push(Node::Rule { from: rule_from, to: RIGHT, y: y - size * 0.33, width: 0.4, ink: Ink::Gold });
        self.height += size * 1.25;
        Ok(())
    }

    /// A text in Japanese and, smaller, in English, up to two lines each.
    pub(super) fn bilingual(&mut self, text: &Bilingual, member: &str, x: f32) -> Result<Vec<Node>, Error> {
        let width = RIGHT - x;
        let style = Style::new(Weight::Regular, 10.0, Ink::Text).smallest(8.0).scaled(self.scale);
        let lines = wrap(self.typefaces, style, &text.ja, &format!("{member}.ja"), width, (2, Fill::Column))?;
        let lines = self.stack(lines, 1.36, |_| x);
        let mut nodes = vec![Node::Text { structure: Structure::Paragraph, language: Language::Japanese, lines }];
        if let Some(en) = &text.en {
            let style = Style::new(Weight::Regular, 8.0, Ink::Grey).smallest(6.5).scaled(self.scale);
            let lines = wrap(self.typefaces, style, en, &format!("{member}.en"), width, (2, Fill::Column))?;
            let lines = self.stack(lines, 1.3, |_| x);
            nodes.push(Node::Text { structure: Structure::Paragraph, language: Language::English, lines });
        }
        Ok(nodes)
    }
}
