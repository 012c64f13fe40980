//! The blocks of a template with data in them. In: the template, the data. Out: blocks in reading order, each measured from its upper
//! end. What the data do not have is left out.

use validation::Language;

use crate::completion::Bilingual;
use crate::error::Error;
use crate::font::Typefaces;

use super::block::{Block, Column, PlacedRow, Rows};
use super::data::Data;
use super::facts;
use super::form::{Align, BlockForm, LineForm, ListForm, SectionForm, SidesForm, TemplateForm, TextForm};
use super::ink::Ink;
use super::lines::fit;
use super::node::{Node, Placed, Structure};
use super::pages::check_height;
use super::phrase::Phrase;
use super::sheet::{LEFT, RIGHT};
use super::style::{Style, Weight};
use super::table;
use super::value::{Format, Row, Value};

/// The column of text.
pub(super) const WHOLE: Column = Column { left: LEFT, right: RIGHT };

/// How far a list's texts are indented.
const INDENT: f32 = 14.0;

/// The template's blocks, as far as the data have something for them.
pub(super) fn blocks<'a>(
    template: &TemplateForm,
    data: &Data<'_>,
    typefaces: &'a Typefaces,
    scale: f32,
) -> Result<Vec<Block<'a>>, Error> {
    let (mut blocks, mut height) = (Vec::new(), 0.0);
    for form in &template.blocks {
        let new = Block::new(typefaces, scale);
        let made = match form {
            BlockForm::Text(form) => vec![text(new, form, data)?],
            BlockForm::Sides(form) => vec![sides(new, form, data)?],
            BlockForm::Facts(form) => vec![facts::block(new, form, data)?],
            BlockForm::List(form) => list(new, form, data)?.into_iter().collect(),
            BlockForm::Section(form) => sections(new, form, data)?,
            BlockForm::Table(form) => table::block(new, form, data)?.into_iter().collect(),
            BlockForm::Tax(form) => {
                data.taxes.map(|taxes| table::taxes(new, form, taxes)).transpose()?.into_iter().collect()
            }
            BlockForm::Rule(form) => {
                let mut block = new;
                block.nodes.push(Node::Rule { from: LEFT, to: RIGHT, y: 0.0, width: 0.6, ink: form.colour });
                vec![block]
            }
        };
        height += made.iter().map(|block| block.height).sum::<f32>();
        check_height(height)?;
        blocks.extend(made.into_iter().filter(|block| !block.nodes.is_empty() || block.rows.is_some()));
    }
    Ok(blocks)
}

fn text<'a>(mut block: Block<'a>, form: &TextForm, data: &Data<'_>) -> Result<Block<'a>, Error> {
    block.gap = form.gap;
    lines(&mut block, &form.lines, data, WHOLE, form.align)?;
    Ok(block)
}

/// The lines whose members the data have.
fn lines(
    block: &mut Block<'_>,
    forms: &[LineForm],
    data: &Data<'_>,
    column: Column,
    align: Align,
) -> Result<(), Error> {
    for form in forms {
        let written = form.ja.as_ref().or(form.en.as_ref()).map_or("", String::as_str);
        let phrase = Phrase::parse(written).expect("it was read with the template");
        let is_there = |path: &String| data.value(path).is_some();
        if !form.only_with.iter().all(is_there) || form.only_without.iter().any(is_there) {
            continue;
        }
        let Some(text) = phrase.line(data).filter(|text| !text.is_empty()) else { continue };
        let member = phrase.members().next().unwrap_or(written).to_owned();
        block.line(form, (&text, &member), column, align)?;
    }
    Ok(())
}

fn sides<'a>(block: Block<'a>, form: &SidesForm, data: &Data<'_>) -> Result<Block<'a>, Error> {
    let middle = LEFT + (RIGHT - LEFT) * form.split;
    let (typefaces, scale) = (block.typefaces, block.scale);
    let mut whole = block;
    for (forms, column) in [
        (&form.left, Column { left: LEFT, right: middle - 10.0 }),
        (&form.right, Column { left: middle + 10.0, right: RIGHT }),
    ] {
        let mut side = Block::new(typefaces, scale);
        lines(&mut side, forms, data, column, Align::Left)?;
        if !side.nodes.is_empty() {
            whole.height = whole.height.max(side.height);
            whole.nodes.push(Node::Group { structure: Structure::Section, children: side.nodes });
        }
    }
    Ok(whole)
}

fn list<'a>(mut block: Block<'a>, form: &ListForm, data: &Data<'_>) -> Result<Option<Block<'a>>, Error> {
    let Some(Value::List(texts)) = data.value(&form.from) else { return Ok(None) };
    block.heading(&form.heading.ja, &form.heading.en, WHOLE)?;
    let indented = Column { left: LEFT + INDENT, right: RIGHT };
    let mut rows = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let top = block.height;
        block.space(4.5);
        let style = Style::new(Weight::Bold, 10.0, Ink::Gold).smallest(5.0).scaled(block.scale);
        let number = fit(block.typefaces, style, &format!("{}", place + 1), "outcome number", INDENT - 3.0)?;
        let mark = Placed { x: LEFT + 2.0, y: block.height + number.style.size, line: number };
        let label = Node::Text { structure: Structure::Label, language: Language::Japanese, lines: vec![mark] };
        let body =
            block.bilingual(text, &format!("{}[{place}]", form.from), indented, (form.lines, form.more_lines))?;
        let body = Node::Group { structure: Structure::Body, children: body };
        let node = Node::Group { structure: Structure::Item, children: vec![label, body] };
        rows.push(PlacedRow { node, top, bottom: block.height });
    }
    block.rows = Some(Rows { structure: Structure::List, header: None, rows });
    Ok(Some(block))
}

/// One section for a text, one for each row of a table.
fn sections<'a>(block: Block<'a>, form: &SectionForm, data: &Data<'_>) -> Result<Vec<Block<'a>>, Error> {
    let typefaces = block.typefaces;
    let scale = block.scale;
    match (data.value(&form.from), &form.heading) {
        (Some(Value::Table(rows)), _) => {
            let text =
                |row: &Row, member| row.get(member).and_then(|value| value.text(Format::Usual)).unwrap_or_default();
            let section = |(place, row): (usize, &Row)| {
                let member = format!("{}[{place}].text", form.from);
                let text = Bilingual { ja: text(row, "text"), en: None };
                let heading = row.get("heading").and_then(|value| value.text(Format::Usual)).unwrap_or_default();
                section(Block::new(typefaces, scale), (&heading, ""), &text, (&member, (form.lines, form.more_lines)))
            };
            rows.iter().enumerate().map(section).collect()
        }
        (Some(value), Some(heading)) => {
            let text = match value {
                Value::Both(text) => text,
                value => Bilingual { ja: value.text(Format::Usual).unwrap_or_default(), en: None },
            };
            Ok(vec![section(block, (&heading.ja, &heading.en), &text, (&form.from, (form.lines, form.more_lines)))?])
        }
        _ => Ok(Vec::new()),
    }
}

/// A heading and the paragraphs of a text; a page may end between them.
fn section<'a>(
    mut block: Block<'a>,
    (ja, en): (&str, &str),
    text: &Bilingual,
    (member, most): (&str, (usize, Option<usize>)),
) -> Result<Block<'a>, Error> {
    block.heading(ja, en, WHOLE)?;
    let indented = Column { left: LEFT + INDENT, right: RIGHT };
    let paragraphs: Vec<&str> = text.ja.split('\n').filter(|paragraph| !paragraph.trim().is_empty()).collect();
    if paragraphs.len() < 2 {
        block.space(4.5);
        let mut nodes = block.bilingual(text, member, indented, most)?;
        block.nodes.append(&mut nodes);
        return Ok(block);
    }
    let mut rows = Vec::new();
    for paragraph in paragraphs {
        let top = block.height;
        block.space(4.5);
        let paragraph = Bilingual { ja: paragraph.trim().to_owned(), en: None };
        let children = block.bilingual(&paragraph, member, indented, most)?;
        rows.push(PlacedRow {
            node: Node::Group { structure: Structure::Division, children },
            top,
            bottom: block.height,
        });
    }
    block.rows = Some(Rows { structure: Structure::Section, header: None, rows });
    Ok(block)
}
