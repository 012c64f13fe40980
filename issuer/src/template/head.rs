//! The head of the page: notice, number, title. In: the number. Out: placed pieces.

use validation::Language;

use crate::error::Error;
use crate::font::Typefaces;
use crate::number::CertificateNumber;

use super::lines::{Line, Style, Weight, fit};
use super::node::{Node, Placed, Role};
use super::{CENTER, Ink, LEFT, RIGHT, words};

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

    let text = |role, language, line: Line, x, y| Node::Text { role, language, lines: vec![Placed { line, x, y }] };
    let centered = |role, language, line: Line, y| {
        let x = CENTER - line.width / 2.0;
        text(role, language, line, x, y)
    };
    let rule = |from, to| Node::Rule { from, to, y: 158.0, width: 0.7, ink: Ink::Gold };
    Ok(vec![
        text(Role::Paragraph, Language::Japanese, notice_ja, LEFT, 60.0),
        text(Role::Paragraph, Language::English, notice_en, notice_en_x, 60.0),
        text(Role::Paragraph, Language::Japanese, number, number_x, 60.0),
        centered(Role::Title, Language::Japanese, title_ja, 116.0),
        centered(Role::Paragraph, Language::English, title_en, 141.0),
        rule(CENTER - 120.0, CENTER - 10.0),
        Node::Diamond { x: CENTER, y: 158.0, radius: 3.6, ink: Ink::Gold },
        rule(CENTER + 10.0, CENTER + 120.0),
    ])
}
