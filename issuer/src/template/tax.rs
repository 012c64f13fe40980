//! Consumption tax of a qualified invoice (適格請求書). In: the rows of a table, each with its amount without tax and its rate. Out: for
//! each rate the sum of the amounts and the tax.
//!
//! A part of a yen is rounded once for each rate of one invoice, over the sum of its amounts, and never for each row
//! (消費税法施行令第70条の10, 消費税法基本通達1-8-15); how it is rounded, whoever issues chooses.

use std::collections::BTreeMap;

use super::form::{Rounding, TaxForm};
use super::value::{Row, Value};
use crate::completion::invalid;
use crate::error::Error;

/// What is due at one rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tax {
    /// In per cent.
    pub(super) rate: u32,
    /// Sum of the amounts without tax, yen.
    pub(super) taxable: i64,
    /// Yen.
    pub(super) tax: i64,
    /// Whether it is the reduced rate.
    pub(super) is_reduced: bool,
}

/// What is due, the highest rate first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taxes(pub(super) Vec<Tax>);

impl Taxes {
    /// Reckons the tax of some rows.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] for a rate that the template does not have, and an amount that is not the price times how many.
    pub(super) fn of(form: &TaxForm, rows: &[Row]) -> Result<Taxes, Error> {
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let place = |member: &str| format!("{}[{index}].{member}", form.from);
            let Some(Value::Money(amount)) = row.get(&form.amount) else { continue };
            let rate = rate_of(form, row).map_err(|(wanted, found)| invalid(&place(&form.rate), &wanted, &found))?;
            check_product(form, row, *amount)
                .map_err(|(wanted, found)| invalid(&place(&form.amount), &wanted, &found))?;
            let sum = sums.entry(rate).or_default();
            *sum = sum.saturating_add(*amount);
        }
        let of_rate = |(rate, taxable): (u32, i64)| Tax {
            rate,
            taxable,
            tax: rounded(i128::from(taxable) * i128::from(rate), form.rounding),
            is_reduced: form.reduced == Some(rate),
        };
        Ok(Taxes(sums.into_iter().rev().map(of_rate).collect()))
    }

    /// Sum of the amounts without tax, yen.
    pub(super) fn taxable(&self) -> i64 {
        self.0.iter().map(|tax| tax.taxable).sum()
    }

    /// All tax, yen.
    pub(super) fn tax(&self) -> i64 {
        self.0.iter().map(|tax| tax.tax).sum()
    }

    /// The reduced rate, if something has it.
    pub(super) fn reduced(&self) -> Option<u32> {
        self.0.iter().find(|tax| tax.is_reduced).map(|tax| tax.rate)
    }

    /// All that is due, yen.
    pub(super) fn total(&self) -> i64 {
        self.taxable() + self.tax()
    }
}

fn rate_of(form: &TaxForm, row: &Row) -> Result<u32, (String, String)> {
    let rates = form.rates.iter().map(|rate| format!("{rate}")).collect::<Vec<_>>().join(", ");
    let found = row.get(&form.rate);
    let number = match found {
        Some(Value::Number(rate)) => rate.whole().and_then(|rate| u32::try_from(rate).ok()),
        _ => None,
    };
    let known = number.filter(|rate| form.rates.contains(rate));
    known.ok_or_else(|| {
        let shown =
            found.and_then(|value| value.text(super::value::Format::Usual)).unwrap_or_else(|| "none".to_owned());
        (format!("a tax rate in per cent, one of {rates}"), shown)
    })
}

fn check_product(form: &TaxForm, row: &Row, amount: i64) -> Result<(), (String, String)> {
    let of = |member: &Option<String>| member.as_ref().and_then(|member| row.get(member));
    let (Some(Value::Number(quantity)), Some(Value::Money(price))) = (of(&form.quantity), of(&form.price)) else {
        return Ok(());
    };
    match quantity.times_is_about(super::decimal::Decimal::from_whole(*price), amount) {
        true => Ok(()),
        false => Err((format!("how many times the price, {quantity} × {price} yen"), amount.to_string())),
    }
}

/// Hundredths of a yen as whole yen, away from or towards zero alike for credit notes.
fn rounded(hundredths: i128, rounding: Rounding) -> i64 {
    let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => part > 0,
        Rounding::HalfUp => part >= 50,
    };
    let yen = (whole + i128::from(up)) * hundredths.signum();
    i64::try_from(yen).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(rounding: Rounding) -> TaxForm {
        let member = |name: &str| name.to_owned();
        TaxForm {
            from: member("fields.items"),
            amount: member("amount"),
            rate: member("rate"),
            quantity: Some(member("quantity")),
            price: Some(member("price")),
            rounding,
            rates: vec![10, 8],
            reduced: Some(8),
        }
    }

    fn row(amount: i64, rate: &str) -> Row {
        let rate = Value::Number(rate.parse().unwrap());
        Row::from([("amount".to_owned(), Value::Money(amount)), ("rate".to_owned(), rate)])
    }

    #[test]
    fn a_part_of_a_yen_is_rounded_once_for_each_rate_and_not_for_each_row() {
        // Three rows of 99 yen: 9.9 yen each would come to 27 or 30; once over 297 yen it is 29.7.
        let rows = [row(99, "10"), row(99, "10"), row(99, "10"), row(108, "8")];
        let tax = |rounding| Taxes::of(&form(rounding), &rows).unwrap().0.iter().map(|tax| tax.tax).collect::<Vec<_>>();
        assert_eq!(tax(Rounding::Down), [29, 8]);
        assert_eq!(tax(Rounding::Up), [30, 9]);
        assert_eq!(tax(Rounding::HalfUp), [30, 9]);
        let taxes = Taxes::of(&form(Rounding::Down), &rows).unwrap();
        assert_eq!((taxes.taxable(), taxes.tax(), taxes.total()), (405, 37, 442));
        assert_eq!(taxes.0.iter().map(|tax| (tax.rate, tax.is_reduced)).collect::<Vec<_>>(), [(10, false), (8, true)]);
    }

    #[test]
    fn a_rebate_is_rounded_as_what_is_due() {
        assert_eq!(rounded(-1990, Rounding::Down), -19);
        assert_eq!(rounded(-1990, Rounding::Up), -20);
    }

    #[test]
    fn another_rate_and_an_amount_that_is_not_the_product_are_named_with_their_row() {
        let error = Taxes::of(&form(Rounding::Down), &[row(100, "10"), row(100, "5")]).unwrap_err().to_string();
        assert!(error.contains("fields.items[1].rate") && error.contains("10, 8") && error.contains('5'), "{error}");
        let mut wrong = row(100, "10");
        wrong.insert("quantity".to_owned(), Value::Number("2".parse().unwrap()));
        wrong.insert("price".to_owned(), Value::Money(60));
        let error = Taxes::of(&form(Rounding::Down), &[wrong]).unwrap_err().to_string();
        assert!(error.contains("fields.items[0].amount") && error.contains("2 × 60"), "{error}");
    }
}
