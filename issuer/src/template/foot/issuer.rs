//! Who issues: date, name and signatory, with the seal at the end of the name as on paper. In: the organization. Out: placed pieces, and
//! the left end of the seal. What has no room in one line goes over further ones, as far as a world's plan permits long texts.

use validation::Language;

use super::super::data::Data;
use super::super::ink::Ink;
use super::super::lines::{Fill, Line, fit, wrap};
use super::super::node::{Node, Placed, Structure};
use super::super::seal_picture::{OVERLAP, SIDE};
use super::super::sheet::RIGHT;
use super::super::style::{Style, Weight};
use super::super::words;
use super::{SEAL_LEFT, SEAL_TOP};
use crate::error::Error;
use crate::font::Typefaces;

/// A text of the organization: how it looks in one line, in two, and in as many as the longest needs.
struct Text<'t> {
    text: &'t str,
    member: &'static str,
    language: Language,
    one: Style,
    two: Style,
    most: usize,
}

/// The size of a text that goes over more than two lines, as part of its smallest one else.
const LEAST: f32 = 0.84;

/// Distance of baselines, in units of the size.
const LEADING: f32 = 1.22;

/// Baselines below the upper end of the foot, where each text has one line.
const DATE: f32 = 12.0;
const BASELINES: [f32; 4] = [47.0, 62.0, 89.0, 103.0];

/// The pieces, and the left end of the seal, which covers the end of the name.
pub(super) fn lay_out(
    data: &Data<'_>,
    typefaces: &Typefaces,
    (left, top): (f32, f32),
) -> Result<(Vec<Node>, f32), Error> {
    let (wide, narrow, whole) = (SEAL_LEFT + OVERLAP - left, SEAL_LEFT - 3.0 - left, RIGHT - left);
    let date = Style::new(Weight::Regular, 9.5, Ink::Text);
    let date = fit(typefaces, date, &words::western(data.days.issued_on), "issue date", narrow)?;
    let texts = texts(data);
    let [name, english, signatory, signatory_en] = &texts;
    let set = [
        name.lines(typefaces, wide)?,
        english.lines(typefaces, narrow)?,
        signatory.lines(typefaces, whole)?,
        signatory_en.lines(typefaces, whole)?,
    ];
    let widest = |lines: &[Line]| lines.iter().fold(0.0, |widest: f32, line| widest.max(line.width));
    let seal = (left + widest(&set[0]) - OVERLAP).max(left + widest(&set[1]) + 3.0).min(SEAL_LEFT);
    let node = |language, lines| Node::Text { structure: Structure::Paragraph, language, lines };
    let mut nodes = vec![node(Language::Japanese, vec![Placed { line: date, x: left, y: top + DATE }])];
    let mut last = DATE;
    for (place, (lines, text)) in set.into_iter().zip(&texts).enumerate() {
        let mut y = first_baseline(place, &lines, last);
        let mut placed = Vec::new();
        for line in lines {
            let size = line.style.size;
            placed.push(Placed { line, x: left, y: top + y });
            last = y;
            y += size * LEADING;
        }
        nodes.push(node(text.language, placed));
    }
    Ok((nodes, seal))
}

/// Name, English name, signatory, and that in English.
fn texts<'t>(data: &'t Data<'_>) -> [Text<'t>; 4] {
    let organization = data.settings.organization();
    let small = Style::new(Weight::Regular, 8.0, Ink::Grey).smallest(6.0);
    let english = |text, member, most| Text { text, member, language: Language::English, one: small, two: small, most };
    let japanese = |text, member, one, two, most| Text { text, member, language: Language::Japanese, one, two, most };
    let bold = |size, smallest| Style::new(Weight::Bold, size, Ink::Text).smallest(smallest);
    let regular = |size, smallest| Style::new(Weight::Regular, size, Ink::Text).smallest(smallest).tracking(0.05);
    [
        japanese(
            &organization.name_ja,
            "organization.name_ja",
            bold(22.0, 9.0).tracking(0.3),
            bold(13.0, 9.0).tracking(0.05),
            4,
        ),
        english(&organization.name_en, "organization.name_en", 4),
        japanese(&organization.signatory_ja, "organization.signatory_ja", regular(11.5, 7.5), regular(9.5, 7.5), 3),
        english(&organization.signatory_en, "organization.signatory_en", 3),
    ]
}

impl Text<'_> {
    fn lines(&self, typefaces: &Typefaces, width: f32) -> Result<Vec<Line>, Error> {
        let (text, member) = (self.text, self.member);
        match fit(typefaces, self.one, text, member, width) {
            Err(Error::TextTooLong { .. }) => {}
            fitted => return Ok(vec![fitted?]),
        }
        match wrap(typefaces, self.two, text, member, width, (2, Fill::Column)) {
            Err(Error::TextTooLong { .. }) => {}
            wrapped => return wrapped,
        }
        let least = self.two.smallest(self.two.smallest * LEAST).at_its_smallest();
        wrap(typefaces, least, text, member, width, (self.most, Fill::Column))
    }
}

/// The first baseline of a text with that place among them: the usual one, unless what stands above needs more room.
fn first_baseline(place: usize, lines: &[Line], last: f32) -> f32 {
    let size = lines.first().map_or(0.0, |line| line.style.size);
    let above = last + size * LEADING;
    let below_seal = SEAL_TOP + SIDE + size;
    let usual = BASELINES[place];
    match (place, lines.len()) {
        (0, 1) => usual,
        (0, many) => (usual - (many - 1) as f32 * size * LEADING).max(above),
        (1 | 3, 1) => usual.max(above),
        (2, 1) => usual.max(above + 2.0),
        (2, many) => (usual - (many - 1) as f32 * size * LEADING).max(above + 2.0).max(below_seal),
        (_, _) => above + 1.5,
    }
}
