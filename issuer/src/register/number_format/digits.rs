//! A number digit by digit, in the places that its format has for digits.

use super::token::{Section, Token};

/// The largest number that is shown digit by digit, and the most decimals: spreadsheets know fifteen digits.
const LARGEST: f64 = 1e18;
const MOST_DECIMALS: usize = 15;

/// A number as it is seen.
pub(super) struct Digits {
    whole: String,
    decimals: String,
    negative: bool,
    /// Of `0.00E+00`.
    exponent: Option<i32>,
}

/// Where a section has its digits.
struct Layout {
    /// Room before and behind the point.
    whole: Vec<char>,
    decimals: Vec<char>,
    groups: bool,
    /// By how many thousands, and how many hundreds, it is scaled.
    thousands: i32,
    hundreds: i32,
    exponent: Option<bool>,
}

impl Layout {
    fn of(section: &Section) -> Layout {
        let mut layout = Layout {
            whole: Vec::new(),
            decimals: Vec::new(),
            groups: false,
            thousands: 0,
            hundreds: 0,
            exponent: None,
        };
        let (mut behind_point, mut commas) = (false, 0);
        for token in &section.0 {
            match token {
                Token::Digit(_) if layout.exponent.is_some() => {}
                Token::Digit(room) if behind_point => layout.decimals.push(*room),
                Token::Digit(room) => {
                    layout.groups |= commas > 0; // a comma between digits
                    commas = 0;
                    layout.whole.push(*room);
                }
                Token::Comma if !layout.whole.is_empty() && !behind_point => commas += 1,
                Token::Point => behind_point = true,
                Token::Percent => layout.hundreds += 1,
                Token::Exponent(sign) => layout.exponent = Some(*sign),
                _ => {}
            }
        }
        layout.thousands = commas; // commas behind the digits
        layout
    }
}

impl Digits {
    /// Of a number in a section; none if it is too large to be seen digit by digit.
    pub(super) fn of(section: &Section, value: f64) -> Option<Digits> {
        let layout = Layout::of(section);
        if !value.is_finite() || layout.decimals.len() > MOST_DECIMALS {
            return None;
        }
        let scaled = value.abs() * 100_f64.powi(layout.hundreds) / 1000_f64.powi(layout.thousands);
        let (scaled, exponent) = match layout.exponent {
            None => (scaled, None),
            Some(_) => {
                let exponent = if scaled == 0.0 { 0 } else { scaled.log10().floor() as i32 };
                (scaled / 10_f64.powi(exponent), Some(exponent))
            }
        };
        if scaled >= LARGEST {
            return None;
        }
        let places = layout.decimals.len();
        // Half up in the fifteen digits that spreadsheets know.
        let shifted =
            format!("{:.14e}", scaled * 10_f64.powi(i32::try_from(places).ok()?)).parse::<f64>().ok()?.round();
        let all = format!("{shifted:0>width$.0}", width = places + 1);
        let (whole, decimals) = all.split_at(all.len() - places);
        let (whole, decimals) = (whole.to_owned(), decimals.to_owned());
        Some(Digits { whole, decimals, negative: value < 0.0 && shifted > 0.0, exponent })
    }

    /// Its size.
    pub(super) fn value(&self) -> f64 {
        let exponent = self.exponent.unwrap_or(0);
        format!("{}.{}e{exponent}", self.whole, self.decimals).parse().unwrap_or(0.0)
    }

    /// As a section shows it.
    pub(super) fn shown(&self, section: &Section) -> Option<String> {
        let layout = Layout::of(section);
        let mut shown = if self.negative { "-".to_owned() } else { String::new() };
        let (mut before, mut behind) = (self.groups(&layout).into_iter(), self.behind_point(&layout).into_iter());
        let (mut behind_point, mut exponent) = (false, false);
        for token in &section.0 {
            match token {
                Token::Digit(_) if exponent => {}
                Token::Digit(_) if behind_point => shown.push_str(&behind.next()?),
                Token::Digit(_) => shown.push_str(&before.next()?),
                Token::Point => {
                    behind_point = true;
                    shown.push('.');
                }
                Token::Comma => {}
                Token::Exponent(sign) => {
                    exponent = true;
                    shown.push_str(&self.exponent(section, *sign));
                }
                other => shown.push_str(&other.literal()),
            }
        }
        Some(shown)
    }

    /// What stands in each place before the point: in the first one all digits that have no place of their own.
    fn groups(&self, layout: &Layout) -> Vec<String> {
        let mut digits: Vec<char> = self.whole.trim_start_matches('0').chars().collect();
        let (mut places, mut count) = (Vec::new(), 0);
        let mut grouped = |digit: char| {
            let comma = layout.groups && count > 0 && count % 3 == 0;
            count += 1;
            if comma { format!("{digit},") } else { digit.to_string() }
        };
        for (place, room) in layout.whole.iter().enumerate().rev() {
            let mut here = match (digits.pop(), room) {
                (Some(digit), _) => grouped(digit),
                (None, '0') => grouped('0'),
                (None, '?') => " ".to_owned(),
                (None, _) => String::new(),
            };
            if place == 0 {
                while let Some(digit) = digits.pop() {
                    here.insert_str(0, &grouped(digit));
                }
            }
            places.insert(0, here);
        }
        places
    }

    /// What stands in each place behind the point.
    fn behind_point(&self, layout: &Layout) -> Vec<String> {
        let kept = self.decimals.trim_end_matches('0').len();
        let places = self.decimals.chars().zip(&layout.decimals).enumerate();
        let shown = places.map(|(place, (digit, room))| match room {
            '#' if place >= kept => String::new(),
            '?' if place >= kept => " ".to_owned(),
            _ => digit.to_string(),
        });
        shown.collect()
    }

    fn exponent(&self, section: &Section, always: bool) -> String {
        let exponent = self.exponent.unwrap_or(0);
        let behind = section.0.iter().skip_while(|token| !matches!(token, Token::Exponent(_)));
        let width = behind.filter(|token| matches!(token, Token::Digit('0'))).count();
        let sign = match (exponent < 0, always) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        format!("E{sign}{:0width$}", exponent.abs())
    }
}
