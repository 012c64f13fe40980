//! Days, times and durations as their formats show them.

use jiff::civil::Date;

use super::token::{Section, Token, Years};
use super::{Moment, Seen, TimeKind};
use crate::register::date::era_of;
use crate::template::MONTHS;

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const WEEKDAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// What the format of short days is, whose order the reader's computer decides: year first, which is read everywhere alike.
const SHORT: [&str; 5] = ["m", "-", "d", "-", "y"];

const SECONDS_OF_DAY: f64 = 86_400.0;

/// The longest duration, in seconds: some thousand years.
const LONGEST: f64 = 3e10;

/// A duration, such as `[h]:mm`.
pub(super) fn elapsed(section: &Section, value: f64) -> Option<Seen> {
    let all = (value.abs() * SECONDS_OF_DAY).round();
    let all = if all < LONGEST { all as i64 } else { return None };
    let has = |letter: char| {
        section.0.iter().any(|token| matches!(token, Token::Part(one, _) | Token::Elapsed(one, _) if *one == letter))
    };
    let smallest = if has('s') {
        1
    } else if has('m') {
        60
    } else {
        3600
    };
    let seconds = all - all % smallest;
    let mut shown = if value < 0.0 && seconds > 0 { "-".to_owned() } else { String::new() };
    for token in &section.0 {
        match token {
            Token::Elapsed(letter, width) => {
                let size = match letter {
                    'h' => 3600,
                    'm' => 60,
                    _ => 1,
                };
                shown.push_str(&format!("{:0width$}", seconds / size, width = *width));
            }
            Token::Part('m', width) => shown.push_str(&format!("{:0width$}", seconds / 60 % 60, width = *width)),
            Token::Part('s', width) => shown.push_str(&format!("{:0width$}", seconds % 60, width = *width)),
            Token::Literal(_) => shown.push_str(&token.literal()),
            _ => return None, // parts of a second
        }
    }
    let seconds = if value < 0.0 { -seconds } else { seconds };
    Some(Seen::Time { text: shown.trim().to_owned(), seconds, kind: TimeKind::Elapsed })
}

/// A day, or a time of day.
pub(super) fn of_day(section: &Section, value: f64, (day, time): Moment) -> Option<Seen> {
    if value < 0.0 || section.0.iter().any(|token| matches!(token, Token::Digit(_))) {
        return None; // #####, or parts of a second
    }
    let (parts, years) = (parts(section), years(section));
    let half = section.0.iter().any(|token| matches!(token, Token::HalfOfDay(_)));
    let mut shown = String::new();
    for part in &parts {
        match part {
            Part::Literal(text) => shown.push_str(text),
            Part::OfDay(letter, width) => shown.push_str(&of_date(*letter, *width, day, years)?),
            Part::Hour(width) => {
                let hour = time.hour();
                let hour = if half { (hour + 11) % 12 + 1 } else { hour };
                shown.push_str(&format!("{hour:0width$}", width = *width));
            }
            Part::Minute(width) => shown.push_str(&format!("{:0width$}", time.minute(), width = *width)),
            Part::Second(width) => shown.push_str(&format!("{:0width$}", time.second(), width = *width)),
            Part::Half(whole) => {
                let words = if *whole { ["AM", "PM"] } else { ["A", "P"] };
                shown.push_str(words[usize::from(time.hour() >= 12)]);
            }
        }
    }
    let text = shown.trim().to_owned();
    if parts.iter().any(|part| matches!(part, Part::OfDay(..))) {
        return Some(Seen::Day { text });
    }
    let all = (value * SECONDS_OF_DAY).round();
    let seconds = if all < LONGEST { all as i64 } else { return None };
    let shows_seconds = parts.iter().any(|part| matches!(part, Part::Second(_)));
    let seconds = if shows_seconds { seconds } else { seconds - seconds % 60 };
    Some(Seen::Time { text, seconds, kind: TimeKind::OfDay })
}

/// A part of what is shown.
enum Part {
    Literal(String),
    OfDay(char, usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    Half(bool),
}

/// What each token shows: an `m` behind hours or before seconds is the minute, any other the month (clause 18.8.31).
fn parts(section: &Section) -> Vec<Part> {
    let letters: Vec<&str> = section.0.iter().filter_map(letter).collect();
    if letters == SHORT {
        return ["y", "/", "m", "/", "d"]
            .into_iter()
            .map(|one| match one {
                "/" => Part::Literal("/".to_owned()),
                "y" => Part::OfDay('y', 4),
                one => Part::OfDay(one.chars().next().unwrap_or('d'), 1),
            })
            .collect();
    }
    let next = |place: usize| section.0[place + 1..].iter().find(|token| matches!(token, Token::Part(..)));
    let mut before = None;
    let mut parts = Vec::with_capacity(section.0.len());
    for (place, token) in section.0.iter().enumerate() {
        let Token::Part(letter, width) = token else {
            parts.push(match token {
                Token::HalfOfDay(whole) => Part::Half(*whole),
                other => Part::Literal(other.literal()),
            });
            continue;
        };
        let is_minute = before == Some('h') || matches!(next(place), Some(Token::Part('s', _)));
        parts.push(match letter {
            'h' => Part::Hour(*width),
            's' => Part::Second(*width),
            'm' if is_minute && *width <= 2 => Part::Minute(*width),
            letter => Part::OfDay(*letter, *width),
        });
        before = Some(*letter);
    }
    parts
}

fn letter(token: &Token) -> Option<&str> {
    match token {
        Token::Part('m', 2) => Some("m"),
        Token::Part('d', 2) => Some("d"),
        Token::Part('y', 2) => Some("y"),
        Token::Literal(text) => Some(text),
        _ => Some(""),
    }
}

fn years(section: &Section) -> Years {
    let years = section.0.iter().find_map(|token| if let Token::Years(years) = token { Some(*years) } else { None });
    years.unwrap_or_default()
}

fn of_date(letter: char, width: usize, day: Date, years: Years) -> Option<String> {
    let month = MONTHS[usize::from(day.month().unsigned_abs()) - 1];
    let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
    let era = || era_of(day);
    Some(match (letter, width) {
        ('e', _) if years.first_named && era()?.1 == 1 => "元".to_owned(),
        ('y', _) if years.of_era => era()?.1.to_string(),
        ('y', 1 | 2) => format!("{:02}", day.year().rem_euclid(100)),
        ('y', _) => format!("{:04}", day.year()),
        ('m', 1 | 2) => format!("{:0width$}", day.month()),
        ('m', 3) => month[..3].to_owned(),
        ('m', 4) => month.to_owned(),
        ('d', 1 | 2) => format!("{:0width$}", day.day()),
        ('d', 3) => WEEKDAYS[weekday][..3].to_owned(),
        ('d', 4) => WEEKDAYS[weekday].to_owned(),
        ('a', 3) => WEEKDAYS_JA[weekday].to_owned(),
        ('a', 4) => format!("{}曜日", WEEKDAYS_JA[weekday]),
        ('g', 1) => era()?.0[1].to_uppercase(),
        ('g', 2) => era()?.0[0].chars().next()?.to_string(),
        ('g', _) => era()?.0[0].to_owned(),
        ('e', width) => format!("{:0width$}", era()?.1),
        _ => return None,
    })
}
