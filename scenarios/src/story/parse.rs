//! Reading a story's file. In: its name and text. Out: the story, or what is wrong first, with line and column.
//!
//! Strict: a key or a step that is not known is refused, and the message says what is known there.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

use super::step::Action;
use super::{START, Step, Story, Text};

/// What is wrong with a story's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Wrong {
    /// The story's name.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was wanted and what was found.
    pub message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.toml, line {}, column {}: {}", self.name, self.line, self.column, self.message)
    }
}

/// Everything but the steps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    title: Text,
    clause: String,
    why: Text,
    start: Option<String>,
    #[expect(dead_code, reason = "read apart, one by one")]
    steps: serde::de::IgnoredAny,
}

pub(super) fn story(name: &str, text: &str) -> Result<Story, Wrong> {
    let wrong = |span: Option<Range<usize>>, message: String| {
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        Wrong { name: name.into(), line, column, message }
    };
    let table = DeTable::parse(text).map_err(|error| wrong(error.span(), tidy(&error)))?;
    let steps = table.get_ref().get("steps").cloned();
    let head = Head::deserialize(Deserializer::from(table)).map_err(|error| wrong(error.span(), tidy(&error)))?;
    let start = head.start.as_deref().unwrap_or(START);
    let start = world::time::parse(start, jiff::Timestamp::UNIX_EPOCH)
        .map_err(|error| wrong(None, format!("start: {error}")))?;
    let (number, id) = number_and_id(name);
    let mut story = Story { number, id, title: head.title, clause: head.clause, why: head.why, start, steps: vec![] };
    let steps = steps.expect("the head was read, and has steps");
    let span = steps.span();
    let DeValue::Array(steps) = steps.into_inner() else {
        return Err(wrong(Some(span), "steps: expected a list, [ { … }, { … } ]".into()));
    };
    for one in steps {
        let span = one.span();
        let action = action(one).map_err(|(place, message)| wrong(place.or(Some(span.clone())), message))?;
        story.steps.push(Step { line: position(text, span.start).0, action });
    }
    if story.expectations().next().is_none() {
        return Err(wrong(Some(span), "a story verifies something: add { verify = \"FILE\", expect = { … } }".into()));
    }
    Ok(story)
}

type Misfit = (Option<Range<usize>>, String);

/// The keys that name steps.
const STEPS: [&str; 19] = [
    "issue",
    "seal",
    "stamp",
    "prolong",
    "revoke",
    "hold",
    "release",
    "publish",
    "ask",
    "advance",
    "set_clock",
    "tamper",
    "fault",
    "clear",
    "found",
    "trust",
    "untrust",
    "renew",
    "verify",
];

fn action(step: Spanned<DeValue<'_>>) -> Result<Action, Misfit> {
    let kind = kind(&step)?;
    Ok(match kind {
        "issue" => Action::Issue(read(step)?),
        "seal" => Action::Seal(read(step)?),
        "stamp" => Action::Stamp(read(step)?),
        "prolong" => Action::Prolong(read(step)?),
        "revoke" => Action::Revoke(read(step)?),
        "hold" => Action::Hold(read(step)?),
        "release" => Action::Release(read(step)?),
        "publish" => Action::Publish(read(step)?),
        "ask" => Action::Ask(read(step)?),
        "advance" => Action::Advance(read(step)?),
        "set_clock" => Action::SetClock(read(step)?),
        "tamper" => Action::Tamper(read(step)?),
        "fault" => Action::Fault(read(step)?),
        "clear" => Action::Clear(read(step)?),
        "found" => Action::Found(read(step)?),
        "trust" => Action::Trust(read(step)?),
        "untrust" => Action::Untrust(read(step)?),
        "renew" => Action::Renew(read(step)?),
        _ => {
            let verify: super::step::Verify = read(step)?;
            verify.expect.check().map_err(|message| (None, message))?;
            Action::Verify(verify)
        }
    })
}

/// What a step does: the one key of it that names a step.
fn kind(step: &Spanned<DeValue<'_>>) -> Result<&'static str, Misfit> {
    let DeValue::Table(keys) = step.get_ref() else {
        return Err((None, format!("expected a step, {{ advance = \"1d\" }}, found {}", step.get_ref().type_str())));
    };
    // `trust` is also how a verification is told whom to trust.
    let named = |name: &&&str| keys.contains_key(**name) && (**name != "trust" || keys.len() == 1);
    let mut kinds = STEPS.iter().filter(named);
    let Some(kind) = kinds.next() else {
        let first = keys.iter().min_by_key(|(key, _)| key.span().start);
        let place = first.map(|(key, _)| key.span());
        let found = first.map_or_else(|| "nothing".into(), |(key, _)| format!("`{}`", key.get_ref()));
        return Err((place, format!("unknown step: found {found}, expected one of {}", STEPS.join(", "))));
    };
    if let Some(second) = kinds.next() {
        let message = format!("one step does one thing, found `{kind}` and `{second}`: make two steps of it");
        return Err((keys.get_key_value(*second).map(|(key, _)| key.span()), message));
    }
    Ok(kind)
}

fn read<T: DeserializeOwned>(step: Spanned<DeValue<'_>>) -> Result<T, Misfit> {
    T::deserialize(ValueDeserializer::from(step)).map_err(|error| (error.span(), tidy(&error)))
}

/// The message on one line.
fn tidy(error: &toml::de::Error) -> String {
    error.message().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Line and column of a byte, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

fn number_and_id(name: &str) -> (Option<u32>, String) {
    match name.split_once('-').and_then(|(number, id)| Some((number.parse().ok()?, id))) {
        Some((number, id)) => (Some(number), id.into()),
        None => (None, name.into()),
    }
}
