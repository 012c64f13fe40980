//! Reading a plan. In: text, and the present, to which a start may be relative. Out: the plan, or what is wrong with it.
//!
//! Strict: a member that is not known is refused, since what was misspelt would not be made.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use world::toml_text::{TomlError, TomlProblem, position};

use super::check::{self, Misfit};
use super::pieces::{self, Pieces, TABLES};
use super::told::{Told, told};
use super::{VERSION, WorldPlan, picture};

/// Longest text of a plan, in bytes, with pictures.
const LONGEST: usize = 4 << 20;

/// The same without pictures: as many tables as there may be, every default spelt out, have 400,000. Read it takes a hundred times as much
/// memory.
const LONGEST_WITHOUT_PICTURES: usize = 512 << 10;

/// One thing that is wrong with a plan, before lines were counted.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Option<Range<usize>>,
    pub(super) told: Told,
    pub(super) suggestion: Option<String>,
}

impl WorldPlan {
    /// Reads a plan. A start may be relative to `present`, and is `present` if the plan names none.
    ///
    /// # Errors
    /// All that is wrong with it. What hangs on something that cannot be read is not told: which authority was meant, nobody knows.
    pub fn from_toml(text: &str, present: Timestamp) -> Result<WorldPlan, TomlError> {
        WorldPlan::from_toml_beside(text, present, None)
    }

    /// Reads a plan of a file, beside which its pictures lie: they become part of the plan.
    ///
    /// # Errors
    /// As [`WorldPlan::from_toml`], and what is wrong with the pictures.
    pub fn from_toml_beside(text: &str, present: Timestamp, folder: Option<&Path>) -> Result<WorldPlan, TomlError> {
        let length = text.len() - of_pictures(text);
        if length > LONGEST_WITHOUT_PICTURES && text.len() <= LONGEST {
            let told = told!(
                "without its pictures a plan has at most {LONGEST_WITHOUT_PICTURES} bytes; found {length}",
                "設計は画像を除いて {LONGEST_WITHOUT_PICTURES} バイトまでです（{length} バイトあります）"
            );
            return Err(all_of(text, vec![Fault { span: None, told, suggestion: None }], 0));
        }
        let Pieces { mut plan, table, mut faults, untold, mended, hangs_together } = written(text)?;
        faults.extend(picture::take_in(&mut plan, folder).into_iter().map(|misfit| misfit.in_file(&table)));
        let absent = |name: &&str| table.get(*name).is_none();
        if TABLES.iter().any(&absent) {
            let WorldPlan { authorities, credentials, units, organizations, .. } = WorldPlan::default();
            let all = (&mut plan.authorities, &mut plan.credentials, &mut plan.units, &mut plan.organizations);
            fill(all.0, authorities, absent(&"authority"));
            fill(all.1, credentials, absent(&"credential"));
            fill(all.2, units, absent(&"time_stamping_unit"));
            fill(all.3, organizations, absent(&"organization"));
        }
        if hangs_together {
            let misfits = check::problems(&plan, present).into_iter();
            let misfits = misfits.filter(|misfit| !mended.iter().any(|mended| mended.is_at(misfit.place)));
            faults.extend(misfits.map(|misfit| misfit.in_file(&table)));
        }
        let length = if faults.is_empty() { plan.to_toml().len() } else { 0 };
        if length > LONGEST {
            let told = told!(
                "with its pictures a plan has at most {LONGEST} bytes; found {length}",
                "設計は画像を含めて {LONGEST} バイトまでです（{length} バイトあります）"
            );
            faults.push(Fault { span: None, told, suggestion: None });
        }
        if faults.is_empty() { Ok(plan) } else { Err(all_of(text, faults, untold)) }
    }

    /// Reads the plan that a world tells of itself. It stays sound whatever the clock shows, and is not checked again.
    ///
    /// # Errors
    /// If it is none.
    pub fn of_world(text: &str) -> Result<WorldPlan, TomlError> {
        let Pieces { plan, faults, untold, .. } = written(text)?;
        if faults.is_empty() { Ok(plan) } else { Err(all_of(text, faults, untold)) }
    }

    /// The whole plan as a file, every default spelt out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a plan has only what TOML can have")
    }
}

/// How many bytes of a text are pictures.
fn of_pictures(text: &str) -> usize {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let rest = text.split("data:image/png;base64,").skip(1);
    rest.map(|picture| picture.bytes().take_while(|byte| is_base64(byte)).count()).sum()
}

fn fill<T>(list: &mut Vec<T>, default: Vec<T>, is_absent: bool) {
    if is_absent {
        *list = default;
    }
}

/// How many problems are told at most: who sends a picture needs no more.
pub(super) const MOST: usize = 100;

/// The first of them in the order of their lines.
fn all_of(text: &str, mut faults: Vec<Fault>, untold: usize) -> TomlError {
    faults.sort_by_key(|fault| fault.span.as_ref().map_or(0, |span| span.start));
    let more = faults.len().saturating_sub(MOST) + untold;
    faults.truncate(MOST);
    let mut problems: Vec<TomlProblem> = faults.into_iter().map(|fault| fault.located(text)).collect();
    if let Some(last) = problems.last_mut().filter(|_| more > 0) {
        last.message.push_str(&format!("; and {more} more"));
        let japanese = last.japanese.take().unwrap_or_default();
        last.japanese = Some(format!("{japanese}。ほかに {more} 件あります"));
    }
    TomlError { problems }
}

impl Fault {
    fn located(self, text: &str) -> TomlProblem {
        self.told.located(text, self.span, self.suggestion)
    }
}

/// The plan as it is written, without the tables that it leaves out.
fn written(text: &str) -> Result<Pieces<'_>, TomlError> {
    let wrong = |span, told| TomlError { problems: vec![Fault { span, told, suggestion: None }.located(text)] };
    if text.len() > LONGEST {
        let found = text.len();
        let told = told!(
            "a plan has at most {LONGEST} bytes; found {found}",
            "設計は {LONGEST} バイトまでです（{found} バイトあります）"
        );
        return Err(wrong(None, told));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let table = table.into_inner();
    if errors.is_empty() || table.contains_key("version") {
        check_version(&table).map_err(|(span, told)| wrong(span, told))?;
    }
    let mut pieces = pieces::read(table, errors.is_empty());
    if !errors.is_empty() {
        let fault = |error: &toml::de::Error| Fault {
            span: error.span(),
            told: Told::of_toml(error.message()),
            suggestion: None,
        };
        let of_syntax: Vec<Fault> = errors.iter().take(MOST).map(fault).collect();
        pieces.untold = errors.len() - of_syntax.len();
        let line = |fault: &Fault| position(text, fault.span.as_ref().map_or(0, |span| span.start)).0;
        let damaged: BTreeSet<usize> = of_syntax.iter().map(line).collect();
        pieces.faults.truncate(MOST);
        pieces.faults.retain(|fault| !damaged.contains(&line(fault))); // what is wrong there follows from it
        pieces.faults.extend(of_syntax);
    }
    Ok(pieces)
}

/// Before anything else: a later version may have members that this one does not know.
fn check_version(table: &DeTable<'_>) -> Result<(), (Option<Range<usize>>, Told)> {
    let Some(version) = table.get("version") else {
        let told = told!(
            "wanted `version = {VERSION}`, which says how the plan is to be read",
            "設計の形式を示す `version = {VERSION}` が必要です"
        );
        return Err((None, told));
    };
    let found = match version.get_ref() {
        DeValue::Integer(found) if found.as_str() == VERSION.to_string() => return Ok(()),
        DeValue::Integer(number) => Told::alike(number.as_str()),
        other => pieces::a(other.type_str()),
    };
    let told = told!(
        "version: this program reads version {VERSION} of plans; found ",
        "version: このプログラムが読む設計の形式は {VERSION} です。書かれているもの: "
    );
    Err((Some(version.span()), told.then(found)))
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
    /// The nearest thing that is written; nothing, if the file has no such table.
    fn span(self, plan: &DeTable<'_>) -> Option<Range<usize>> {
        let list = plan.get(self.table)?;
        let DeValue::Array(tables) = list.get_ref() else { return Some(list.span()) };
        let Some(table) = tables.get(self.index).or(tables.first()) else { return Some(list.span()) };
        let member = |table: &Spanned<DeValue<'_>>| match table.get_ref() {
            DeValue::Table(members) => members.get(self.member).map(Spanned::span),
            _ => None,
        };
        Some(member(table).unwrap_or_else(|| table.span()))
    }
}

/// What tables of the default plan hang on, if a file has others of those.
fn wants(table: &str) -> &'static [&'static str] {
    match table {
        "credential" => &["organization", "authority", "time_stamping_unit"],
        "time_stamping_unit" => &["organization", "authority"],
        "organization" => &["credential"],
        _ => &[],
    }
}

impl Misfit {
    /// Where it stands in the file. What a table of the default plan misses is the matter of what the file has instead.
    fn in_file(self, plan: &DeTable<'_>) -> Fault {
        let Misfit { place, cause, mut told, suggestion } = self;
        let is_inherited = TABLES.contains(&place.table) && plan.get(place.table).is_none();
        if is_inherited {
            let table = place.table;
            told = told.then(told!(
                " (of the default plan: the file has no [[{table}]])",
                "（既定の設計のもの。ファイルに [[{table}]] がないため）"
            ));
        }
        let first = |table: &&'static str| Place { table, index: 0, member: "" }.span(plan);
        let span = place.span(plan).or_else(|| cause?.span(plan));
        let span = span.or_else(|| wants(place.table).iter().find_map(first));
        let span = span.or_else(|| plan.get("start").map(Spanned::span));
        Fault { span, told, suggestion }
    }
}
