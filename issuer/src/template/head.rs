//! The head of a page: notice, number, title, logo; and what stands on every further page. In: the template, the data. Out: placed
//! pieces.

use krilla::tagging::ArtifactType;
use validation::Language;

use crate::error::Error;
use crate::font::Typefaces;
use crate::picture::Logo;

use super::data::Data;
use super::form::{Align, LogoForm, TitleForm};
use super::ink::Ink;
use super::lines::{Line, fit};
use super::node::{Node, Placed, Structure};
use super::phrase::Phrase;
use super::sheet::{CENTER, LEFT, PAGE_WIDTH, RIGHT};
use super::style::{Style, Weight};
use super::writer::Purpose;

/// What of the sheet stays free beside a logo.
const EDGE: f32 = 20.0;

/// Height of the first line.
const FIRST_LINE: f32 = 60.0;

/// The head of the first page.
pub(super) fn lay_out(
    data: &Data<'_>,
    purpose: Purpose,
    logo: Option<&Logo>,
    typefaces: &Typefaces,
) -> Result<Vec<Node>, Error> {
    let head = &data.template.head;
    let mut nodes = first_line(data, purpose, typefaces)?;
    nodes.push(title(&head.title, (Structure::Title, Language::Japanese), typefaces)?);
    nodes.push(title(&head.subtitle, (Structure::Paragraph, Language::English), typefaces)?);
    if let Some(y) = head.ornament {
        let rule = |from, to| Node::Rule { from, to, y, width: 0.7, ink: Ink::Gold };
        nodes.push(rule(CENTER - 120.0, CENTER - 10.0));
        nodes.push(Node::Diamond { x: CENTER, y, radius: 3.6, ink: Ink::Gold });
        nodes.push(rule(CENTER + 10.0, CENTER + 120.0));
    }
    if let (Some(LogoForm { alternative, x, y, height, width, .. }), Some(logo)) = (&data.template.logo, logo) {
        let room = width.min(PAGE_WIDTH - EDGE - x);
        let height = height.min(room / logo.proportion);
        let organization = data.settings.organization();
        let of_organization = || format!("{}のロゴ / Logo of {}", organization.name_ja, organization.name_en);
        nodes.push(Node::Picture {
            alternative: alternative.clone().unwrap_or_else(of_organization),
            image: logo.image.clone(),
            x: *x,
            y: *y,
            size: (height * logo.proportion, height),
        });
    }
    Ok(nodes)
}

/// Notice and number.
fn first_line(data: &Data<'_>, purpose: Purpose, typefaces: &Typefaces) -> Result<Vec<Node>, Error> {
    let (notice_ja, notice_en) = purpose.notice();
    let style = Style::new(Weight::Bold, 8.0, Ink::Red).tracking(0.08);
    let notice_ja = fit(typefaces, style, notice_ja, "notice", 80.0)?;
    let style = Style::new(Weight::Regular, 7.0, Ink::Red);
    let notice_en = fit(typefaces, style, notice_en, "notice", 220.0)?;
    let notice_en_x = LEFT + notice_ja.width + 7.0;
    let style = Style::new(Weight::Regular, 8.0, Ink::Text);
    let number = Phrase::parse(&data.template.head.number).expect("it was read with the template").line(data);
    let number =
        fit(typefaces, style, &number.unwrap_or_else(|| data.number.to_string()), "certificate number", 220.0)?;
    let number_x = RIGHT - number.width;
    let text = |language, line: Line, x| Node::Text {
        structure: Structure::Paragraph,
        language,
        lines: vec![Placed { line, x, y: FIRST_LINE }],
    };
    Ok(vec![
        text(Language::Japanese, notice_ja, LEFT),
        text(Language::English, notice_en, notice_en_x),
        text(Language::Japanese, number, number_x),
    ])
}

fn title(form: &TitleForm, (structure, language): (Structure, Language), typefaces: &Typefaces) -> Result<Node, Error> {
    let line = fit(typefaces, form.look.style(), &form.text, "title", RIGHT - LEFT)?;
    let x = match form.align {
        Align::Left => LEFT,
        Align::Center => CENTER - line.width / 2.0,
        Align::Right => RIGHT - line.width,
    };
    Ok(Node::Text { structure, language, lines: vec![Placed { line, x, y: form.y }] })
}

/// What stands above on every further page: the same line, and the title, small.
pub(super) fn again(data: &Data<'_>, purpose: Purpose, typefaces: &Typefaces) -> Result<Vec<Node>, Error> {
    let head = &data.template.head;
    let mut nodes = first_line(data, purpose, typefaces)?;
    let style = Style::new(Weight::Bold, 9.0, Ink::Navy).tracking(0.06);
    let line = fit(typefaces, style, &head.title.text, "title", 200.0)?;
    let style = Style::new(Weight::Regular, 7.5, Ink::Gold);
    let english = fit(typefaces, style, &head.subtitle.text, "title", 240.0)?;
    let english_x = LEFT + line.width + 8.0;
    let text = |language, line, x| Node::Text {
        structure: Structure::Paragraph,
        language,
        lines: vec![Placed { line, x, y: 84.0 }],
    };
    nodes.push(text(Language::Japanese, line, LEFT));
    nodes.push(text(Language::English, english, english_x));
    nodes.push(Node::Rule { from: LEFT, to: RIGHT, y: 92.0, width: 0.6, ink: Ink::Gold });
    Ok(nodes
        .into_iter()
        .map(|node| Node::Again { kind: ArtifactType::PaginationOther, node: Box::new(node) })
        .collect())
}

/// What stands below on every page of several: which one it is, and on further ones where the document is verified.
pub(super) fn page_foot(
    (page, pages): (usize, usize),
    address: Option<&str>,
    typefaces: &Typefaces,
) -> Result<Vec<Node>, Error> {
    let style = Style::new(Weight::Regular, 7.0, Ink::Grey).smallest(4.0);
    let mut lines = Vec::new();
    let line = fit(typefaces, style, &format!("{page}/{pages}"), "page number", 60.0)?;
    lines.push((ArtifactType::PageNumber, RIGHT - line.width, line));
    if let Some(address) = address {
        let line = fit(typefaces, style, address, "verification address", RIGHT - LEFT - 70.0)?;
        lines.push((ArtifactType::PaginationOther, LEFT, line));
    }
    let node = |(kind, x, line)| {
        let lines = vec![Placed { line, x, y: 803.0 }];
        let node = Node::Text { structure: Structure::Paragraph, language: Language::English, lines };
        Node::Again { kind, node: Box::new(node) }
    };
    Ok(lines.into_iter().map(node).collect())
}
