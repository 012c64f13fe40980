//! Small labelled values side by side between two lines. In: the members of the data. Out: a block of one row, or of several.

use jiff::civil::Date;
use validation::Language;

use crate::error::Error;

use super::block::{Block, lines_of};
use super::data::Data;
use super::form::{FactForm, FactsForm};
use super::ink::Ink;
use super::lines::{Line, fit};
use super::node::{Node, Placed, Structure};
use super::sheet::{LEFT, RIGHT};
use super::style::{Style, Weight};
use super::value::{Format, Value};
use super::words;

/// The most values beside each other.
const MOST_IN_A_ROW: usize = 5;

/// The most lines of one value.
const MOST_LINES: usize = 24;

/// The smallest size of a number.
const SMALLEST: f32 = 4.0;

/// Baselines of the label, the value, and the first text below it, from the upper end of a row; the distance of further texts.
const LABEL: f32 = 14.5;
const VALUE: f32 = 31.0;
const BELOW: f32 = 10.0;
const NEXT: f32 = 9.0;

/// What is left below the last baseline: of a value, of a text below it.
const AFTER_VALUE: f32 = 9.0;
const AFTER_BELOW: f32 = 7.0;

/// Distance of baselines of one text, as part of the size.
const LEADING: f32 = 1.25;

/// One cell of the row of facts.
struct FactCell<'a> {
    member: &'a str,
    label: &'a str,
    value: String,
    below: Vec<(Language, String)>,
    /// Whether it is rather made small than parted: a number or a day.
    whole: bool,
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
        let whole = !matches!(value, Value::Text(_) | Value::Both(_));
        Some(FactCell { member: &form.from, label: &form.label, value: text, below, whole })
    }

    /// The lines of its texts in that width.
    fn fitted(&self, block: &Block<'_>, width: f32) -> Result<Fitted, Error> {
        let fitted = |style: Style, text: &str, whole: bool| {
            let style = style.scaled(block.scale);
            if whole && let Ok(line) = fit(block.typefaces, style.smallest(SMALLEST), text, self.member, width) {
                return Ok(vec![line]);
            }
            lines_of(block.typefaces, style, text, self.member, width, MOST_LINES)
        };
        let label = fitted(Style::new(Weight::Regular, 7.5, Ink::Gold).smallest(5.5), self.label, false)?;
        let value = fitted(Style::new(Weight::Bold, 12.0, Ink::Text).smallest(8.0), &self.value, self.whole)?;
        let style = Style::new(Weight::Regular, 7.2, Ink::Grey).smallest(5.5);
        let below = self.below.iter().map(|(language, text)| Ok((*language, fitted(style, text, self.whole)?)));
        Ok(Fitted { label, value, below: below.collect::<Result<_, Error>>()? })
    }
}

/// The texts of a cell as lines.
struct Fitted {
    label: Vec<Line>,
    value: Vec<Line>,
    below: Vec<(Language, Vec<Line>)>,
}

impl Fitted {
    /// How much lower the value stands than below a label of one line.
    fn label_height(&self) -> f32 {
        further(&self.label)
    }

    /// The cell around `x`, from `top` on, its value as much lower as the labels of the row want it; and its lower end.
    fn cell(self, (x, top): (f32, f32), lower: f32, scale: f32) -> (Node, f32) {
        let text = |structure, language, lines: Vec<Line>, baseline: f32, distance: f32| {
            let placed = lines.into_iter().enumerate().map(|(place, line)| {
                let y = baseline + distance * place as f32;
                Placed { x: x - line.width / 2.0, y, line }
            });
            Node::Text { structure, language, lines: placed.collect() }
        };
        let leading = leading(&self.label);
        let label = text(Structure::Label, Language::Japanese, self.label, top + LABEL * scale, leading);
        let baseline = top + VALUE * scale + lower;
        let (leading, mut last) = (self::leading(&self.value), baseline + further(&self.value));
        let mut body = vec![text(Structure::Paragraph, Language::Japanese, self.value, baseline, leading)];
        let (mut distance, mut after) = (BELOW * scale, AFTER_VALUE * scale);
        for (language, lines) in self.below {
            let (baseline, count) = (last + distance, lines.len());
            body.push(text(Structure::Paragraph, language, lines, baseline, NEXT * scale));
            last = baseline + NEXT * scale * count.saturating_sub(1) as f32;
            (distance, after) = (NEXT * scale, AFTER_BELOW * scale);
        }
        let body = Node::Group { structure: Structure::Body, children: body };
        (Node::Group { structure: Structure::Item, children: vec![label, body] }, last + after)
    }
}

/// Distance of the baselines of a text.
fn leading(lines: &[Line]) -> f32 {
    lines.first().map_or(0.0, |line| line.style.size * LEADING)
}

/// From its first baseline to its last.
fn further(lines: &[Line]) -> f32 {
    leading(lines) * lines.len().saturating_sub(1) as f32
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
        let width = (RIGHT - LEFT) / facts.len() as f32;
        let fitted = facts.iter().map(|fact| fact.fitted(&block, width - 14.0)).collect::<Result<Vec<_>, Error>>()?;
        let lower = fitted.iter().map(Fitted::label_height).fold(0.0, f32::max);
        let (top, mut bottom) = (block.height, block.height);
        for (place, fitted) in fitted.into_iter().enumerate() {
            let (item, end) = fitted.cell((LEFT + width * (place as f32 + 0.5), top), lower, block.scale);
            items.push(item);
            bottom = bottom.max(end);
        }
        block.height = bottom;
        rules.push(rule(block.height));
    }
    block.nodes.push(Node::Group { structure: Structure::List, children: items });
    block.nodes.append(&mut rules);
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::Typefaces;

    #[test]
    fn a_number_is_made_small_rather_than_parted_and_a_text_goes_over_lines() {
        let typefaces = Typefaces::bundled().unwrap();
        let block = Block::new(&typefaces, 1.0);
        let lines = |value: &str, whole| {
            let (label, value, below) = ("数量", value.to_owned(), vec![(Language::English, value.to_owned())]);
            let cell = FactCell { member: "fields.quantity", label, value, below, whole };
            let fitted = cell.fitted(&block, (RIGHT - LEFT) / MOST_IN_A_ROW as f32 - 14.0).unwrap();
            (fitted.value.len(), fitted.below[0].1.len())
        };
        assert_eq!(lines("999,999,999,999.999999 個", true), (1, 1));
        assert_eq!(lines("15 時間", true), (1, 1));
        assert_eq!(lines(&"国語".repeat(20), false), (5, 3));
    }
}
