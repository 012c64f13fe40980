//! Tables: a row for each row of the data, and what is due by tax rate. In: rows. Out: a block that may go on over further pages,
//! where its headers stand again.

mod columns;

use validation::Language;

use crate::error::Error;
use crate::font::isolated;

use super::block::{Block, Column, PlacedRow, Rows};
use super::body::WHOLE;
use super::data::Data;
use super::form::{Align, TableColumn, TableForm, TaxBlockForm};
use super::ink::Ink;
use super::lines::{Fill, wrap};
use super::node::{Node, Structure};
use super::pages::check_height;
use super::style::{Style, Weight};
use super::tax::{Tax, Taxes};
use super::value::{Format, Row, Value};
use super::words;

/// Distance of a cell's text from its column's ends, and from the rules above and below.
const SIDE: f32 = 4.0;
const ABOVE: f32 = 4.0;

/// The most lines of one cell.
const MOST_LINES: usize = 6;

/// A text of a cell.
struct Cell<'t> {
    text: String,
    language: Language,
    style: Style,
    member: &'t str,
    /// Over how many lines it may go.
    most: usize,
}

/// The table of that form; none if the data do not have it.
pub(super) fn block<'a>(mut block: Block<'a>, form: &TableForm, data: &Data<'_>) -> Result<Option<Block<'a>>, Error> {
    let Some(Value::Table(rows)) = data.value(&form.from) else { return Ok(None) };
    if let Some(heading) = &form.heading {
        block.heading(&heading.ja, &heading.en, WHOLE)?;
        block.space(4.0);
    }
    let columns = columns::placed(form, &rows, data, (block.typefaces, block.scale))?;
    let top = block.height;
    let header = header(&mut block, form, &columns, data)?;
    let header_height = block.height - top;
    let mut placed = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let top = block.height;
        let style = style(form);
        let cells = form.columns.iter().zip(&columns).map(|(column, place)| {
            let member = format!("{}[{index}].{}", form.from, column.member);
            let cell = vec![(cell_text(column, row), member)];
            (cell, *place, align(column, form, data))
        });
        let cells = cells.collect::<Vec<_>>();
        let mut made = Vec::new();
        for ((texts, place, align), column) in cells.iter().zip(&form.columns) {
            let most = if data.is_short(&form.from, &column.member) { 1 } else { MOST_LINES };
            let texts = texts.iter().map(|(text, member)| Cell {
                text: text.clone(),
                language: Language::Japanese,
                style,
                member,
                most,
            });
            made.push((Structure::Cell, texts.collect::<Vec<_>>(), *place, *align));
        }
        let node = table_row(&mut block, &made, 0.3)?;
        placed.push(PlacedRow { node, top, bottom: block.height });
        check_height(block.height)?;
    }
    block.rows = Some(Rows { structure: Structure::Table, header: Some((header, header_height)), rows: placed });
    Ok(Some(block))
}

/// How its values look.
fn style(form: &TableForm) -> Style {
    Style::new(Weight::Regular, form.size, Ink::Text).smallest(form.size * 0.7)
}

fn header(block: &mut Block<'_>, form: &TableForm, columns: &[Column], data: &Data<'_>) -> Result<Node, Error> {
    let (ja, en) = (
        Style::new(Weight::Bold, form.size * 0.95, Ink::Navy).smallest(5.0),
        Style::new(Weight::Regular, form.size * 0.75, Ink::Gold).smallest(4.0),
    );
    let mut cells = Vec::new();
    for (column, place) in form.columns.iter().zip(columns) {
        let headers = data.headers(&form.from, &column.member);
        let texts = [(headers.0, Language::Japanese, ja), (headers.1, Language::English, en)];
        let texts =
            texts.map(|(text, language, style)| Cell { text, language, style, member: "header", most: MOST_LINES });
        cells.push((Structure::HeaderCell, Vec::from(texts), *place, align(column, form, data)));
    }
    block.nodes.push(rule(block.height, 0.8));
    table_row(block, &cells, 0.8)
}

/// One row, its cells as high as the highest, with a rule below.
fn table_row(
    block: &mut Block<'_>,
    cells: &[(Structure, Vec<Cell<'_>>, Column, Align)],
    rule_width: f32,
) -> Result<Node, Error> {
    let top = block.height;
    let mut bottom = top;
    let mut children = Vec::new();
    for (structure, texts, place, align) in cells {
        block.height = top + ABOVE * block.scale;
        let room = Column { left: place.left + SIDE, right: place.right - SIDE };
        let mut nodes = Vec::new();
        for cell in texts.iter().filter(|cell| !cell.text.is_empty()) {
            let style = cell.style.scaled(block.scale);
            let lines = wrap(block.typefaces, style, &cell.text, cell.member, room.width(), (cell.most, Fill::Column))?;
            let lines = block.stack(lines, 1.3, room, *align);
            nodes.push(Node::Text { structure: Structure::Paragraph, language: cell.language, lines });
        }
        bottom = bottom.max(block.height);
        children.push(Node::Group { structure: *structure, children: nodes });
    }
    block.height = bottom + (ABOVE - 1.0) * block.scale;
    children.push(rule(block.height, rule_width));
    Ok(Node::Group { structure: Structure::Row, children })
}

fn rule(y: f32, width: f32) -> Node {
    Node::Rule { from: WHOLE.left, to: WHOLE.right, y, width, ink: Ink::Gold }
}

fn cell_text(column: &TableColumn, row: &Row) -> String {
    let text = |member: &str| row.get(member).and_then(|value| value.text(Format::Short));
    let Some(value) = text(&column.member) else { return "–".to_owned() }; // an empty cell would be none to the page writer
    let is_alone = column.suffix.is_none() && column.mark.is_none();
    let mut shown = if is_alone { value } else { isolated(&value).into_owned() };
    if let Some(suffix) = &column.suffix {
        shown.push_str(suffix);
    }
    if let Some(mark) = &column.mark
        && text(&mark.member).is_some_and(|value| value == mark.is)
    {
        shown.push(' ');
        shown.push_str(&mark.text);
    }
    shown
}

fn align(column: &TableColumn, form: &TableForm, data: &Data<'_>) -> Align {
    let numeric = data.is_numeric(&form.from, &column.member);
    column.align.unwrap_or(if numeric { Align::Right } else { Align::Left })
}

/// What is due: for each rate what is taxable and the tax, then all of it.
pub(super) fn taxes<'a>(mut block: Block<'a>, form: &TaxBlockForm, taxes: &Taxes) -> Result<Block<'a>, Error> {
    let left = WHOLE.right - WHOLE.width() * form.width;
    let middle = left + WHOLE.width() * form.width * 0.62;
    let mut rows = Vec::new();
    let of_rate = |tax: &Tax| {
        let (taxable, due) = words::tax(tax.rate, tax.is_reduced);
        [(taxable, tax.taxable, Weight::Regular), (due, tax.tax, Weight::Regular)]
    };
    let all = (words::total(), taxes.total(), Weight::Bold);
    for ((ja, en), yen, weight) in taxes.0.iter().flat_map(of_rate).chain([all]) {
        let size = if weight == Weight::Bold { 11.0 } else { 9.0 };
        let style = |weight, size: f32, ink| Style::new(weight, size, ink).smallest(5.0);
        let label = [
            Cell {
                text: ja,
                language: Language::Japanese,
                style: style(weight, size, Ink::Text),
                member: "tax",
                most: 1,
            },
            Cell {
                text: en,
                language: Language::English,
                style: style(Weight::Regular, 6.5, Ink::Grey),
                member: "tax",
                most: 1,
            },
        ];
        let amount = Value::Money(yen).text(Format::Usual).unwrap_or_default();
        let text = format!("{amount} 円");
        let amount =
            Cell { text, language: Language::Japanese, style: style(weight, size, Ink::Text), member: "tax", most: 1 };
        let top = block.height;
        let cells = [
            (Structure::RowHeader, Vec::from(label), Column { left, right: middle }, Align::Left),
            (Structure::Cell, vec![amount], Column { left: middle, right: WHOLE.right }, Align::Right),
        ];
        let mut node = table_row(&mut block, &cells, 0.3)?;
        if let Node::Group { children, .. } = &mut node {
            children.pop();
            children.push(Node::Rule { from: left, to: WHOLE.right, y: block.height, width: 0.4, ink: Ink::Gold });
        }
        rows.push((node, top));
    }
    // It stays together: a total without what it is of says nothing.
    let children = rows.into_iter().map(|(node, _)| node).collect();
    block.nodes.push(Node::Group { structure: Structure::Table, children });
    Ok(block)
}
