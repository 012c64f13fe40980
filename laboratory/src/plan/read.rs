//! Reading a plan. In: text, and the present, to which a start may be relative. Out: the plan, or what is wrong with it.
//!
//! Strict: a member that is not known is refused, since what was misspelt would not be made.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{VERSION, WorldPlan, check, nearest};

/// Longest text of a plan, in bytes: a hundred thousand lines.
const LONGEST: usize = 4 << 20;

/// The tables that a plan may leave out.
const TABLES: [&str; 5] = ["authority", "cross_certificate", "credential", "time_stamping_unit", "organization"];

/// One thing that is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanProblem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was wanted and what was found.
    pub message: String,
    /// What was meant, perhaps.
    pub suggestion: Option<String>,
}

impl fmt::Display for PlanProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(meant) => write!(f, "; did you mean {meant:?}?"),
            None => Ok(()),
        }
    }
}

/// All that is wrong with a plan, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(problems))]
pub struct PlanError {
    /// At least one.
    pub problems: Vec<PlanProblem>,
}

fn lines(problems: &[PlanProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl WorldPlan {
    /// Reads a plan. A start may be relative to `present`, and is `present` if the plan names none.
    ///
    /// # Errors
    /// What is wrong with it: all of it if the text can be read and has the members that it should have, else the first.
    pub fn from_toml(text: &str, present: Timestamp) -> Result<WorldPlan, PlanError> {
        let (mut plan, table) = written(text)?;
        let absent = |name: &&str| table.get(*name).is_none();
        let default = || written(WorldPlan::DEFAULT).expect("the default plan is read by a test").0;
        if TABLES.iter().any(&absent) {
            let default = default();
            let WorldPlan { authorities, credentials, units, organizations, .. } = default;
            let all = (&mut plan.authorities, &mut plan.credentials, &mut plan.units, &mut plan.organizations);
            fill(all.0, authorities, absent(&"authority"));
            fill(all.1, credentials, absent(&"credential"));
            fill(all.2, units, absent(&"time_stamping_unit"));
            fill(all.3, organizations, absent(&"organization"));
        }
        let mut problems: Vec<PlanProblem> = check::problems(&plan, present)
            .into_iter()
            .map(|misfit| located(text, misfit.place.span(&table), misfit.message, misfit.suggestion))
            .collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        if problems.is_empty() { Ok(plan) } else { Err(PlanError { problems }) }
    }

    /// The whole plan as a file, every default spelt out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a plan has only what TOML can have")
    }
}

fn fill<T>(list: &mut Vec<T>, default: Vec<T>, is_absent: bool) {
    if is_absent {
        *list = default;
    }
}

/// The plan as it is written, without the tables that it leaves out, and where everything stands.
pub(super) fn written(text: &str) -> Result<(WorldPlan, DeTable<'_>), PlanError> {
    let wrong = |span: Option<Range<usize>>, message: String, suggestion| PlanError {
        problems: vec![located(text, span, message, suggestion)],
    };
    if text.len() > LONGEST {
        return Err(wrong(None, format!("a plan has at most {LONGEST} bytes; found {}", text.len()), None));
    }
    let of_toml = |error: toml::de::Error| {
        let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        let meant = meant(&message);
        wrong(error.span(), message, meant)
    };
    let table = DeTable::parse(text).map_err(of_toml)?;
    check_version(table.get_ref()).map_err(|(span, message)| wrong(span, message, None))?;
    let plan = WorldPlan::deserialize(Deserializer::from(table.clone())).map_err(of_toml)?;
    Ok((plan, table.into_inner()))
}

/// Before anything else: a later version may have members that this one does not know.
fn check_version(table: &DeTable<'_>) -> Result<(), (Option<Range<usize>>, String)> {
    let Some(version) = table.get("version") else {
        return Err((None, format!("wanted `version = {VERSION}`, which says how the plan is to be read")));
    };
    match version.get_ref() {
        DeValue::Integer(found) if found.as_str() == VERSION.to_string() => Ok(()),
        found => {
            let found = match found {
                DeValue::Integer(number) => number.as_str().to_owned(),
                other => format!("a {}", other.type_str()),
            };
            Err((
                Some(version.span()),
                format!("version: this program reads version {VERSION} of plans; found {found}"),
            ))
        }
    }
}

/// What a member or word that is not known was meant to be: serde puts what it found and what it knows between backquotes.
fn meant(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut words = message.split('`').skip(1).step_by(2);
    let found = words.next()?;
    nearest(found, words).map(str::to_owned)
}

/// Where something of a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The list of tables, or a member of the plan itself.
    pub(super) table: &'static str,
    /// Which table of the list.
    pub(super) index: usize,
    /// Which member of that table; the empty one is the table itself.
    pub(super) member: &'static str,
}

impl Place {
    /// The nearest thing that is written.
    fn span(self, plan: &DeTable<'_>) -> Option<Range<usize>> {
        let list = plan.get(self.table)?;
        let DeValue::Array(tables) = list.get_ref() else { return Some(list.span()) };
        let Some(table) = tables.get(self.index) else { return Some(list.span()) };
        let member = |table: &Spanned<DeValue<'_>>| match table.get_ref() {
            DeValue::Table(members) => members.get(self.member).map(Spanned::span),
            _ => None,
        };
        Some(member(table).unwrap_or_else(|| table.span()))
    }
}

fn located(text: &str, span: Option<Range<usize>>, message: String, suggestion: Option<String>) -> PlanProblem {
    let (line, column) = position(text, span.map_or(0, |span| span.start));
    PlanProblem { line, column, message, suggestion }
}

/// Line and column of a byte, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
