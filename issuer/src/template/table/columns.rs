//! Where the columns of a table stand. In: their shares of the width, the rows. Out: each as wide as its share; one of numbers or days, which
//! stand on one line, at least as wide as its longest needs in its smallest size, which the others make room for.

use super::super::block::Column;
use super::super::body::WHOLE;
use super::super::data::Data;
use super::super::form::TableForm;
use super::super::lines::fit;
use super::super::style::Style;
use super::super::value::Row;
use super::{SIDE, cell_text, style};
use crate::error::Error;
use crate::font::Typefaces;

/// How much of their shares the others keep at least.
const LEAST_SHARE: f32 = 0.3;

/// The columns from left to right.
pub(super) fn placed(
    form: &TableForm,
    rows: &[Row],
    data: &Data<'_>,
    (typefaces, scale): (&Typefaces, f32),
) -> Result<Vec<Column>, Error> {
    let sum: f32 = form.columns.iter().map(|column| column.width).sum();
    let shares: Vec<f32> = form.columns.iter().map(|column| WHOLE.width() * column.width / sum).collect();
    let style = style(form).scaled(scale).at_its_smallest();
    let short = form.columns.iter().enumerate().filter(|(_, column)| data.is_short(&form.from, &column.member));
    let short: Vec<usize> = short.map(|(place, _)| place).collect();
    let mut needed = vec![0.0; shares.len()];
    let fits = |place: &usize, row: &Row| {
        2.0 * SIDE + at_most(&cell_text(&form.columns[*place], row), style) <= shares[*place]
    };
    if !rows.iter().all(|row| short.iter().all(|place| fits(place, row))) {
        for (index, row) in rows.iter().enumerate() {
            for place in &short {
                let column = &form.columns[*place];
                let member = format!("{}[{index}].{}", form.from, column.member);
                let line = fit(typefaces, style, &cell_text(column, row), &member, f32::MAX)?;
                needed[*place] = f32::max(needed[*place], 2.0 * SIDE + line.width + 0.1);
            }
        }
    }
    let mut left = WHOLE.left;
    let place = |width: f32| {
        let place = Column { left, right: left + width };
        left += width;
        place
    };
    Ok(widths(&shares, &needed).into_iter().map(place).collect())
}

/// More than a text is wide.
fn at_most(text: &str, style: Style) -> f32 {
    let width = |character: char| if character.is_ascii_digit() || ",.-/%".contains(character) { 0.65 } else { 1.2 };
    text.chars().map(width).sum::<f32>() * style.size
}

/// The widths of columns with these shares that are at least as wide as is needed; their shares if the others had too little room then.
fn widths(shares: &[f32], needed: &[f32]) -> Vec<f32> {
    let whole: f32 = shares.iter().sum();
    let mut widened = vec![false; shares.len()];
    loop {
        let (mut taken, mut rest) = (0.0, 0.0);
        for (place, share) in shares.iter().enumerate() {
            if widened[place] { taken += needed[place] } else { rest += share }
        }
        let kept = if rest > 0.0 { (whole - taken) / rest } else { 1.0 };
        if kept < LEAST_SHARE || taken > whole {
            return shares.to_vec();
        }
        let lacks = |place: &usize| !widened[*place] && needed[*place] > shares[*place] * kept;
        match (0..shares.len()).find(lacks) {
            Some(place) => widened[place] = true,
            None => {
                let width = |place: usize| if widened[place] { needed[place] } else { shares[place] * kept };
                return (0..shares.len()).map(width).collect();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_its_numbers_and_the_others_make_room_alike() {
        assert_eq!(widths(&[60.0, 30.0, 10.0], &[0.0, 20.0, 10.0]), [60.0, 30.0, 10.0]);
        assert_eq!(widths(&[60.0, 30.0, 10.0], &[0.0, 0.0, 28.0]), [48.0, 24.0, 28.0]);
        assert_eq!(widths(&[60.0, 30.0, 10.0], &[0.0, 25.0, 28.0]), [47.0, 25.0, 28.0]);
        assert_eq!(widths(&[60.0, 40.0], &[0.0, 90.0]), [60.0, 40.0], "nothing would be left of the other");
    }
}
