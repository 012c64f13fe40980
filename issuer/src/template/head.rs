//! The head of the page: notice, number, title. In: the number. Out: placed pieces.

use validation::Language;

use crate::error::Error;
use crate::font::Typefaces;
use crate::number::CertificateNumber;

use super::ink::Ink;
use super::lines::{Line, fit};
use super::node::{Node, Placed, Structure};
use super::sheet::{CENTER, LEFT, RIGHT};
use super::style::{Style, Weight};
use super::words;

pub(super) fn lay_out(number: &CertificateNumber, typefaces: &Typefaces) -> Result<Vec<Node>, Error> {
    let style = Style::new(Weight::Bold, 8.0, Ink::Red).tracking(0.08);
    let notice_ja = fit(typefaces, style, words::NOTICE_JA, "notice", 80.0)?;
    let style = Style::new(Weight::Regular, 7.0, Ink::Red);
    let notice_en = fit(typefaces, style, words::NOTICE_EN, "notice", 160.0)?;
    let notice_en_x = LEFT + notice_ja.width + 7.0;
    let style = Style::new(Weight::Regular, 8.0, Ink::Text);
    let number = fit(typefaces, style, &format!("証明書番号 No. {number}"), "certificate number", 220.0)?;
    let number_x = RIGHT - number.width;
    let style = Style::new(Weight::Bold, 33.0, Ink::Navy).tracking(0.34);
    let title_ja = fit(typefaces, style, words::TITLE_JA, "title", RIGHT - LEFT)?;
    let style = Style::new(Weight::Regular, 12.5, Ink::Gold).tracking(0.08);
    let title_en = fit(typefaces, style, words::TITLE_EN, "title", RIGHT - LEFT)?;

    let text =
        |structure, language, line: Line, x, y| Node::Text { structure, language, lines: vec![Placed { line, x, y }] };
    let centered = |structure, language, line: Line, y| {
        let x = CENTER - line.width / 2.0;
        text(structure, language, line, x, y)
    };
    let rule = |from, to| Node::Rule { from, to, y: 158.0, width: 0.7, ink: Ink::Gold };
    Ok(vec![
        text(Structure::Paragraph, Language::Japanese, notice_ja, LEFT, 60.0),
        text(Structure::Paragraph, Language::English, notice_en, notice_en_x, 60.0),
        text(Structure::Paragraph, Language::Japanese, number, number_x, 60.0),
        centered(Structure::Title, Language::Japanese, title_ja, 116.0),
        centered(Structure::Paragraph, Language::English, title_en, 141.0),
        rule(CENTER - 120.0, CENTER - 10.0),
        Node::Diamond { x: CENTER, y: 158.0, radius: 3.6, ink: Ink::Gold },
        rule(CENTER + 10.0, CENTER + 120.0),
    ])
}
