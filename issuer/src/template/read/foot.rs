//! The foot of a template, and the one place of the seal.

use super::super::form::{BlockForm, FootPart};
use super::Check;
use crate::register::words::both;

/// Where each part may stand, so that what it says has room on the sheet: its left end, or its middle.
fn places(part: &FootPart) -> (&'static str, f32, f32, f32) {
    match part {
        FootPart::Issuer(place) => ("issuer", place.x, 30.0, 400.0),
        FootPart::Verification(place) => ("verification", place.x, 100.0, 490.0),
        FootPart::VerificationBeside(place) => ("verification-beside", place.x, 30.0, 340.0),
        FootPart::Badge(place) => ("badge", place.x, 72.0, 520.0),
    }
}

impl Check<'_> {
    pub(super) fn foot(&mut self) {
        let foot = &self.form.foot;
        self.range(&["foot", "top"], foot.top, 300.0, 740.0);
        if foot.top < self.form.page.bottom {
            let (bottom, found) = (self.form.page.bottom, foot.top);
            let said = both!(
                "foot.top: wanted at least page.bottom, {bottom}; found {found}",
                "foot.top: page.bottom の {bottom} 以上が必要ですが、{found} です"
            );
            self.misfit(&["foot", "top"], said);
        }
        let (mut codes, mut badges) = (0, 0);
        for (index, part) in foot.parts.iter().enumerate() {
            let (name, x, least, most) = places(part);
            codes += usize::from(name.starts_with("verification"));
            badges += usize::from(name == "badge");
            self.range(&["foot", "part", &index.to_string(), name, "x"], x, least, most);
        }
        if codes != 1 {
            let said = both!(
                "part: wanted one verification, with the code and address by which a reader asks; found {codes}",
                "part: 読む人が確かめるためのコードとアドレス（verification）は 1 つだけ必要ですが、{codes} です"
            );
            self.misfit(&["foot", "part"], said);
        }
        if badges > usize::from(self.form.badge) {
            let said = both!(
                "part: a badge is shown once, and where `badge = true`",
                "part: badge を置けるのは `badge = true` のときに 1 回だけです"
            );
            self.misfit(&["foot", "part"], said);
        }
        let closing = [("closing_ja", &foot.closing_ja), ("closing_en", &foot.closing_en)];
        for (name, sentences) in closing {
            let found = sentences.len();
            if found > 3 {
                let said = both!(
                    "{name}: wanted at most 3 lines, found {found}",
                    "{name}: 3 行以内が必要ですが、{found} 行です"
                );
                self.misfit(&["foot", name], said);
            }
            for (index, sentence) in sentences.iter().enumerate() {
                self.phrase(&["foot", name, &index.to_string()], sentence, &["address"]);
            }
        }
    }

    pub(super) fn one_seal(&mut self) {
        let places = self.form.blocks.iter().map(|block| match block {
            BlockForm::Text(text) => text.lines.iter().filter(|line| line.seal).count(),
            BlockForm::Sides(sides) => sides.left.iter().chain(&sides.right).filter(|line| line.seal).count(),
            _ => 0,
        });
        let of_foot = self.form.foot.parts.iter().filter(|part| matches!(part, FootPart::Issuer(_))).count();
        let count = places.sum::<usize>() + of_foot;
        if count != 1 {
            let said = both!(
                "the seal has one place: the foot's part `issuer`, or a line with `seal = true`; found {count}",
                "印影の場所（足元の `issuer`、または `seal = true` の行）は 1 つだけ必要ですが、{count} です"
            );
            self.misfit(&["foot", "part"], said);
        }
    }
}
