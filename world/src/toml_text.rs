//! TOML as people write it: plans of worlds, templates of certificates. In: a text and the type that it should become. Out: the
//! value and where everything stands, or all that is wrong, each with line, column and, where there is one, what was meant.
//!
//! Strict: a member that is not known is refused, since what was misspelt would not be made.

mod japanese;
mod nearest;
mod schema;

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

pub use nearest::nearest;
pub use schema::schema;

/// One thing that is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TomlProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was wanted and what was found.
    pub message: String,
    /// What was meant, perhaps.
    pub suggestion: Option<String>,
    /// The message in Japanese, where it is known.
    pub japanese: Option<String>,
}

impl TomlProblem {
    /// A problem of what stands at these bytes; without them, of the whole text.
    pub fn at(text: &str, span: Option<Range<usize>>, message: String, suggestion: Option<String>) -> TomlProblem {
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        TomlProblem { line, column, message, suggestion, japanese: None }
    }

    /// The same, told so in Japanese.
    #[must_use]
    pub fn in_japanese(self, japanese: String) -> TomlProblem {
        TomlProblem { japanese: Some(japanese), ..self }
    }

    /// Line, column, message and what was meant, for people who read Japanese.
    pub fn told_in_japanese(&self) -> String {
        let TomlProblem { line, column, message, suggestion, japanese } = self;
        let meant = suggestion.as_ref().map(|meant| format!("（{meant:?} の誤りかもしれません）")).unwrap_or_default();
        format!("{line} 行 {column} 列: {}{meant}", japanese.as_ref().unwrap_or(message))
    }
}

impl fmt::Display for TomlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(meant) => write!(f, "; did you mean {meant:?}?"),
            None => Ok(()),
        }
    }
}

/// All that is wrong with a text, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(problems))]
pub struct TomlError {
    /// At least one.
    pub problems: Vec<TomlProblem>,
}

impl TomlError {
    /// One problem alone.
    fn one(problem: TomlProblem) -> TomlError {
        TomlError { problems: vec![problem] }
    }
}

fn lines(problems: &[TomlProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// A kind of texts.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What one is called, with its article: `a plan`.
    pub one: &'static str,
    /// What several are called: `plans`.
    pub several: &'static str,
    /// The member that says how it is to be read.
    pub version_member: &'static str,
    /// The version that is read.
    pub version: u32,
    /// The longest text, in bytes.
    pub longest: usize,
}

impl Form {
    /// Reads a text.
    ///
    /// # Errors
    /// The first thing that is wrong with it: its length, its version, its syntax, a member.
    pub fn read<'t, T: Deserialize<'t>>(&self, text: &'t str) -> Result<(T, DeTable<'t>), TomlError> {
        let wrong =
            |span, message, meant, ja| TomlError::one(TomlProblem::at(text, span, message, meant).in_japanese(ja));
        if text.len() > self.longest {
            let (most, found) = (self.longest, text.len());
            let message = format!("{} has at most {most} bytes; found {found}", self.one);
            return Err(wrong(None, message, None, format!("{most} バイト以内が必要ですが、{found} バイトです")));
        }
        let of_toml = |error: toml::de::Error| TomlError::one(of_reader(text, &error));
        let table = DeTable::parse(text).map_err(of_toml)?;
        self.check_version(table.get_ref()).map_err(|(span, message, ja)| wrong(span, message, None, ja))?;
        let value = T::deserialize(Deserializer::from(table.clone())).map_err(of_toml)?;
        Ok((value, table.into_inner()))
    }

    /// Before anything else: a later version may have members that this one does not know.
    fn check_version(&self, table: &DeTable<'_>) -> Result<(), (Option<Range<usize>>, String, String)> {
        let Form { one, several, version_member, version, .. } = self;
        let Some(found) = table.get(*version_member) else {
            let message = format!("wanted `{version_member} = {version}`, which says how {one} is to be read");
            return Err((None, message, format!("読み方を示す `{version_member} = {version}` が必要です")));
        };
        let written = match found.get_ref() {
            DeValue::Integer(number) if number.as_str() == version.to_string() => return Ok(()),
            DeValue::Integer(number) => number.as_str().to_owned(),
            other => format!("a {}", other.type_str()),
        };
        let message = format!("{version_member}: this program reads version {version} of {several}; found {written}");
        let ja = format!("{version_member}: このプログラムが読むのは {version} ですが、{written} です");
        Err((Some(found.span()), message, ja))
    }
}

/// Reads a text of a kind that has no versions.
///
/// # Errors
/// The first thing that is wrong with it: its syntax, or a member.
pub fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<(T, DeTable<'t>), TomlProblem> {
    let table = DeTable::parse(text).map_err(|error| of_reader(text, &error))?;
    let value = T::deserialize(Deserializer::from(table.clone())).map_err(|error| of_reader(text, &error))?;
    Ok((value, table.into_inner()))
}

/// What the reader of TOML says, with its place.
fn of_reader(text: &str, error: &toml::de::Error) -> TomlProblem {
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let (meant, ja) = (meant(&message), japanese::japanese(&message));
    TomlProblem::at(text, error.span(), japanese::without_types(&message), meant).in_japanese(ja)
}

/// What a member or word that is not known was meant to be: serde puts what it found and what it knows between backquotes.
pub fn meant(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut words = message.split('`').skip(1).step_by(2);
    let found = words.next()?;
    nearest(found, words).map(str::to_owned)
}

/// One step on the way to a place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// To a member of a table.
    Member(&'a str),
    /// To an element of a list.
    Element(usize),
}

/// The bytes of what is nearest to that place: itself, or the last on the way that is written.
pub fn span_of(table: &DeTable<'_>, way: &[Step<'_>]) -> Option<Range<usize>> {
    let (Some(Step::Member(first)), rest) = (way.first(), way.get(1..)?) else { return None };
    let mut here: &Spanned<DeValue<'_>> = table.get(*first)?;
    for step in rest {
        let next = match (step, here.get_ref()) {
            (Step::Member(member), DeValue::Table(members)) => members.get(*member),
            (Step::Element(place), DeValue::Array(elements)) => elements.get(*place),
            _ => None,
        };
        let Some(next) = next else { break };
        here = next;
    }
    Some(here.span())
}

/// Line and column of a byte, both from 1.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
