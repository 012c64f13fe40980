//! Small labelled values side by side between two lines. In: the members of the data. Out: a block of one row, or of several.

use jiff::civil::Date;
use validation::Language;

use crate::error::Error;

use super::block::Block;
use super::data::Data;
use super::form::{FactForm, FactsForm};
use super::ink::Ink;
use super::lines::fit;
use super::node::{Node, Placed, Structure};
use super::sheet::{LEFT, RIGHT};
use super::style::{Style, Weight};
use super::value::{Format, Value};
use super::words;

/// The most values beside each other.
const MOST_IN_A_ROW: usize = 5;

/// Height of a row by how many texts stand below its values.
const HEIGHTS: [f32; 3] = [40.0, 48.0, 57.0];

/// One cell of the row of facts.
struct FactCell<'a> {
    member: &'a str,
    label: &'a str,
    value: String,
    below: Vec<(Language, String)>,
}

impl<'a> FactCell<'a> {
    /// The cell of a member; none if the data do not have it.
    fn of(form: &'a FactForm, data: &Data<'_>) -> Option<FactCell<'a>> {
        let value = data.value(&form.from)?;
        let below = match (&value, &form.unit) {
            (Value::Date(date), _) => date_below(*date),
            (Value::Both(text), _) => text.en.iter().map(|en| (Language::English, en.clone())).collect(),
            (value, Some(unit)) => {
                let text = value.text(Format::Usual)?;
                let plural = if text == "1" { "" } else { "s" };
                vec![(Language::English, format!("{text} {}{plural}", unit.en))]
            }
            _ => Vec::new(),
        };
        let mut text = value.text(Format::Usual)?;
        if let Some(unit) = &form.unit {
            text = format!("{text} {}", unit.ja);
        }
        Some(FactCell { member: &form.from, label: &form.label, value: text, below })
    }

    /// The cell, centred around `x`, from `top` on.
    fn cell(&self, block: &Block<'_>, x: f32, width: f32, top: f32) -> Result<Node, Error> {
        let text = |structure, language, style: Style, text: &str, baseline: f32| {
            let line = fit(block.typefaces, style.scaled(block.scale), text, self.member, width)?;
            let placed = Placed { x: x - line.width / 2.0, y: top + baseline * block.scale, line };
            Ok::<Node, Error>(Node::Text { structure, language, lines: vec![placed] })
        };
        let style = Style::new(Weight::Regular, 7.5, Ink::Gold).smallest(5.5);
        let label = text(Structure::Label, Language::Japanese, style, self.label, 14.5)?;
        let style = Style::new(Weight::Bold, 12.0, Ink::Text).smallest(8.0);
        let mut body = vec![text(Structure::Paragraph, Language::Japanese, style, &self.value, 31.0)?];
        for (place, (language, below)) in self.below.iter().enumerate() {
            let style = Style::new(Weight::Regular, 7.2, Ink::Grey).smallest(5.5);
            body.push(text(Structure::Paragraph, *language, style, below, 41.0 + 9.0 * place as f32)?);
        }
        let body = Node::Group { structure: Structure::Body, children: body };
        Ok(Node::Group { structure: Structure::Item, children: vec![label, body] })
    }
}

/// The era and the English form, which stand below a date.
fn date_below(date: Date) -> Vec<(Language, String)> {
    let era = words::era(date).map(|era| (Language::Japanese, format!("({era})")));
    era.into_iter().chain([(Language::English, words::english(date))]).collect()
}

/// The values that the data have, side by side between two lines.
pub(super) fn block<'a>(mut block: Block<'a>, form: &FactsForm, data: &Data<'_>) -> Result<Block<'a>, Error> {
    let facts: Vec<FactCell<'_>> = form.cells.iter().filter_map(|cell| FactCell::of(cell, data)).collect();
    if facts.is_empty() {
        return Ok(block);
    }
    let rows = facts.len().div_ceil(MOST_IN_A_ROW);
    let rule = |y| Node::Rule { from: LEFT, to: RIGHT, y, width: 0.6, ink: Ink::Gold };
    block.nodes.push(rule(0.0));
    let (mut items, mut rules) = (Vec::new(), Vec::new());
    for facts in facts.chunks(facts.len().div_ceil(rows)) {
        let below = facts.iter().map(|fact| fact.below.len()).max().unwrap_or_default();
        let width = (RIGHT - LEFT) / facts.len() as f32;
        for (place, fact) in facts.iter().enumerate() {
            items.push(fact.cell(&block, LEFT + width * (place as f32 + 0.5), width - 14.0, block.height)?);
        }
        block.height += HEIGHTS[below.min(2)] * block.scale;
        rules.push(rule(block.height));
    }
    block.nodes.push(Node::Group { structure: Structure::List, children: items });
    block.nodes.append(&mut rules);
    Ok(block)
}
