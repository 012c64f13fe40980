//! What may stand behind a day: its weekday, a time. In: a text, folded, and the day. Out: nothing, or why the day cannot be relied on.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::completion::japanese_date;
use crate::register::words::{Words, both};

const WEEKDAYS: [(char, &str, &str); 7] = [
    ('月', "mon", "Monday"),
    ('火', "tue", "Tuesday"),
    ('水', "wed", "Wednesday"),
    ('木', "thu", "Thursday"),
    ('金', "fri", "Friday"),
    ('土', "sat", "Saturday"),
    ('日', "sun", "Sunday"),
];

/// Passes if what stands behind the day fits it.
pub(super) fn check(behind: &str, day: Date) -> Result<(), Words> {
    let (weekday, time) = match behind.strip_prefix('(') {
        Some(rest) => match rest.split_once(')') {
            Some((weekday, time)) => (Some(weekday), time.trim()),
            None => (Some(rest), ""),
        },
        None if weekday_of(behind).is_some() => (Some(behind), ""),
        None => (None, behind),
    };
    if let Some(weekday) = weekday {
        check_weekday(weekday.trim(), day)?;
    }
    if time.is_empty() { Ok(()) } else { check_time(time, day) }
}

fn check_weekday(text: &str, day: Date) -> Result<(), Words> {
    let Some(found) = weekday_of(text) else {
        return Err(both!(
            "behind the day stands neither a weekday nor a time",
            "日付の後ろにあるのは曜日でも時刻でもありません"
        ));
    };
    let own = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
    let (own_ja, _, own_en) = WEEKDAYS[own];
    match found == own {
        true => Ok(()),
        false => Err(both!(
            "{day} is a {own_en}, not the weekday behind it",
            "{day} は{own_ja}曜日で、書かれた曜日と違います"
        )),
    }
}

/// The weekday that a text names, from Monday on: 火, 火曜, 火曜日, 火・祝, Tue, Tuesday.
fn weekday_of(text: &str) -> Option<usize> {
    WEEKDAYS.iter().position(|(ja, short, long)| {
        let rest = text.strip_prefix(*ja);
        rest.is_some_and(|rest| ["", "曜", "曜日", "祝"].contains(&rest) || rest.starts_with('・'))
            || text.trim_end_matches('.') == *short
            || text == long.to_lowercase()
    })
}

/// A time of day, perhaps with the zone that it is of: the day that counts is that in Japan.
fn check_time(text: &str, day: Date) -> Result<(), Words> {
    let wrong = || both!("behind the day stands no time of day", "日付の後ろにあるのは時刻ではありません");
    let text = text.strip_prefix('t').unwrap_or(text);
    let (clock, offset) = zone(text).ok_or_else(wrong)?;
    let time = time_of(clock).ok_or_else(wrong)?;
    let Some(offset) = offset else { return Ok(()) };
    let in_japan = offset.to_timestamp(day.to_datetime(time)).map(japanese_date).map_err(|_| wrong())?;
    match in_japan == day {
        true => Ok(()),
        false => Err(both!(
            "the time is of another zone; in Japan it is {in_japan} then",
            "時刻が別の時間帯のもので、日本では {in_japan} にあたります"
        )),
    }
}

/// A time without its zone, and that; none if what looks like a zone is none.
fn zone(text: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(clock) = text.strip_suffix('z') {
        return Some((clock.trim(), Some(Offset::UTC)));
    }
    let Some(place) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let digits: String = text[place + 1..].chars().filter(|one| *one != ':').collect();
    let whole = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes): (i32, i32) =
        if whole { (digits[..2].parse().ok()?, digits[2..].parse().ok()?) } else { return None };
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if text[place..].starts_with('-') { -seconds } else { seconds };
    Some((text[..place].trim(), Some(Offset::from_seconds(seconds).ok()?)))
}

/// `9:30`, `09:30:00.000`, `9:30 pm`, `午後9:30`, `9時30分`.
fn time_of(text: &str) -> Option<Time> {
    let (text, later) = match text
        .strip_prefix("午前")
        .map(|rest| (rest, false))
        .or(text.strip_prefix("午後").map(|rest| (rest, true)))
    {
        Some((rest, later)) => (rest, Some(later)),
        None => {
            match text.strip_suffix("am").map(|rest| (rest, false)).or(text.strip_suffix("pm").map(|rest| (rest, true)))
            {
                Some((rest, later)) => (rest, Some(later)),
                None => (text, None),
            }
        }
    };
    let text = text.trim().trim_end_matches(['分', '秒']).replace(['時', '分'], ":");
    let text = text
        .split_once('.')
        .filter(|(_, part)| part.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(text.as_str(), |(clock, _)| clock);
    let parts: Vec<&str> = text.trim_end_matches(':').split(':').collect();
    let is_number = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let only_hours = parts.len() == 1 && !text.ends_with(':') && later.is_none();
    if parts.len() > 3 || only_hours || !parts.iter().all(is_number) {
        return None;
    }
    let number = |place: usize| parts.get(place).map_or(Some(0), |part| part.parse::<i8>().ok());
    let hour = match (later, number(0)?) {
        (None, hour) => hour,
        (Some(later), hour) => (0..=12).contains(&hour).then_some(hour % 12 + if later { 12 } else { 0 })?,
    };
    Time::new(hour, number(1)?, number(2)?, 0).ok()
}
