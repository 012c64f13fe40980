//! Policies as TOML files. In: text. Out: a policy, or what is wrong first, with line, column and what may stand there. A file
//! says what differs from the policy that it extends; without `extends` that is `default`. The policies that come along are
//! such files too. Strict: a key that is not known is refused, since a constraint that was misspelt would not be asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{ConstraintLevel, LaterChangesAllowed, Policy};
use crate::check::CheckId;
use crate::cryptographic_suite::CryptographicSuite;

/// What is wrong with a policy's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct PolicyError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was wanted and what was found.
    pub problem: String,
}

/// The name of the built-in table of algorithms.
const BUILT_IN_SUITE: &str = "ts-119-312";

const LATER_CHANGES: [(&str, LaterChangesAllowed); 4] = [
    ("long-term-only", LaterChangesAllowed::LongTermOnly),
    ("further-seals", LaterChangesAllowed::FurtherSeals),
    ("permitted", LaterChangesAllowed::Permitted),
    ("any", LaterChangesAllowed::Any),
];

const LEVELS: [(&str, ConstraintLevel); 4] = [
    ("fail", ConstraintLevel::Fail),
    ("warn", ConstraintLevel::Warn),
    ("inform", ConstraintLevel::Inform),
    ("ignore", ConstraintLevel::Ignore),
];

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: Option<Spanned<String>>,
    extends: Option<Spanned<String>>,
    later_changes: Option<Spanned<String>>,
    require_revocation_data: Option<bool>,
    revocation_freshness: Option<Spanned<String>>,
    seal_key_usage: Option<Spanned<String>>,
    seal_purposes: Option<Vec<Spanned<String>>>,
    organization_identifiers: Option<Vec<String>>,
    require_time_stamp: Option<bool>,
    time_stamp_delay: Option<Spanned<String>>,
    claimed_time_in_validity: Option<bool>,
    algorithm_suite: Option<Spanned<String>>,
    rules: Option<BTreeMap<Spanned<String>, Spanned<String>>>,
}

/// What is wrong, and where.
type Misfit = (Option<Range<usize>>, String);

impl Policy {
    /// Reads a policy of somebody's own. `file_name` is its name unless it gives one; `read_suite` reads the algorithm suite that
    /// it names, a JSON file.
    ///
    /// # Errors
    /// If a key is unknown, a value is none that may stand there, or the name is that of a policy that comes along.
    pub fn from_toml(
        text: &str,
        file_name: &str,
        read_suite: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Policy, PolicyError> {
        let read = || {
            let written = parse(text)?;
            if let Some(name) = written.name.as_ref().filter(|name| Policy::NAMES.contains(&name.get_ref().as_str())) {
                let problem = format!("{:?} comes along; a policy of your own needs another name", name.get_ref());
                return Err((Some(name.span()), problem));
            }
            let base = match &written.extends {
                None => Policy::default(),
                Some(name) => Policy::named(name.get_ref()).ok_or_else(|| {
                    let known = Policy::NAMES.join(", ");
                    (Some(name.span()), format!("extends wants one of {known}; found {:?}", name.get_ref()))
                })?,
            };
            let mut policy = Policy { name: file_name.to_owned(), ..base };
            apply(written, &mut policy, read_suite)?;
            Ok(policy)
        };
        read().map_err(|misfit| located(text, misfit))
    }

    /// A policy that comes along, over the one that it extends.
    pub(super) fn built_in(text: &str, mut base: Policy) -> Policy {
        let read = parse(text).and_then(|written| apply(written, &mut base, &|_| Err("none comes along".into())));
        read.map_err(|misfit| located(text, misfit)).expect("the policies that come along are read by a test");
        base
    }
}

fn parse(text: &str) -> Result<Written, Misfit> {
    let tidy = |error: &toml::de::Error| error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    toml::from_str(text).map_err(|error| (error.span(), tidy(&error)))
}

/// Changes what the file speaks of.
fn apply(
    written: Written,
    policy: &mut Policy,
    read_suite: &dyn Fn(&str) -> Result<String, String>,
) -> Result<(), Misfit> {
    set(&mut policy.name, written.name.map(Spanned::into_inner));
    set(&mut policy.later_changes, written.later_changes.map(|text| one_of(&LATER_CHANGES, &text)).transpose()?);
    set(&mut policy.require_revocation_data, written.require_revocation_data);
    let freshness = written.revocation_freshness.map(|text| unless(&text, "next-update", duration)).transpose()?;
    set(&mut policy.revocation_freshness, freshness);
    let usage = |text: &str| text.parse().map_err(|error: pki::Error| error.to_string());
    set(&mut policy.seal_key_usage, written.seal_key_usage.map(|text| unless(&text, "any", usage)).transpose()?);
    let purpose = |text: Spanned<String>| {
        let wrong = |error: &dyn Display| (Some(text.span()), format!("wanted an object identifier: {error}"));
        text.get_ref().parse().map_err(|error: pki::Error| wrong(&error))
    };
    let purposes = written.seal_purposes.map(|all| all.into_iter().map(purpose).collect()).transpose()?;
    set(&mut policy.seal_purposes, purposes);
    set(&mut policy.organization_identifiers, written.organization_identifiers);
    set(&mut policy.require_time_stamp, written.require_time_stamp);
    let delay = written.time_stamp_delay.map(|text| unless(&text, "any", duration)).transpose()?;
    set(&mut policy.time_stamp_delay, delay);
    set(&mut policy.claimed_time_in_validity, written.claimed_time_in_validity);
    set(&mut policy.suite, written.algorithm_suite.map(|text| suite(&text, read_suite)).transpose()?);
    for (rule, level) in written.rules.into_iter().flatten() {
        let level = one_of(&LEVELS, &level)?;
        match rule.get_ref().as_str() {
            "covered" => policy.structure.covered = level,
            _ => policy.structure.rules.extend(checks_of(&rule)?.into_iter().map(|id| (id, level))),
        }
    }
    Ok(())
}

fn set<T>(member: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *member = value;
    }
}

fn one_of<T: Copy>(known: &[(&str, T)], text: &Spanned<String>) -> Result<T, Misfit> {
    let found = known.iter().find(|(name, _)| name == text.get_ref());
    let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let misfit = || (Some(text.span()), format!("wanted one of {}; found {:?}", names(), text.get_ref()));
    found.map(|(_, value)| *value).ok_or_else(misfit)
}

/// Every check of a rule.
fn checks_of(rule: &Spanned<String>) -> Result<Vec<CheckId>, Misfit> {
    let found: Vec<CheckId> = CheckId::ALL.iter().copied().filter(|id| id.rule() == Some(rule.get_ref())).collect();
    if found.is_empty() {
        let rules: BTreeSet<&str> = CheckId::ALL.iter().filter_map(|id| id.rule()).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        let problem = format!("wanted covered or a rule: {}; found {:?}", rules.join(", "), rule.get_ref());
        return Err((Some(rule.span()), problem));
    }
    Ok(found)
}

/// The word that lifts a constraint, or its value.
fn unless<T>(
    text: &Spanned<String>,
    lifted: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Misfit> {
    if text.get_ref() == lifted {
        return Ok(None);
    }
    read(text.get_ref()).map(Some).map_err(|problem| (Some(text.span()), format!("{problem}, or {lifted:?}")))
}

/// `90s`, `15m`, `24h`, `7d`, `2w`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("wanted a duration such as 90s, 15m, 24h, 7d or 2w; found {text:?}");
    let seconds = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        Some('w') => 7 * 86_400,
        _ => return Err(wrong()),
    };
    let number = text.get(..text.len() - 1).and_then(|number| number.parse::<u32>().ok()).ok_or_else(wrong)?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

fn suite(text: &Spanned<String>, read: &dyn Fn(&str) -> Result<String, String>) -> Result<CryptographicSuite, Misfit> {
    if text.get_ref() == BUILT_IN_SUITE {
        return Ok(CryptographicSuite::ts_119_312());
    }
    let json = read(text.get_ref()).map_err(|problem| {
        (Some(text.span()), format!("wanted {BUILT_IN_SUITE:?} or a file that can be read: {problem}"))
    })?;
    CryptographicSuite::from_json(&json)
        .map_err(|error| (Some(text.span()), format!("{} is no algorithm suite: {error}", text.get_ref())))
}

fn located(text: &str, (span, problem): Misfit) -> PolicyError {
    let before = text.get(..span.map_or(0, |span| span.start)).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    PolicyError { line, column: before[line_start..].chars().count() + 1, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Anomaly;

    fn read(text: &str) -> Result<Policy, PolicyError> {
        let suite = |name: &str| match name {
            "suite.json" => Ok(include_str!("../cryptographic_suite.json").to_owned()),
            "broken.json" => Ok("{".to_owned()),
            _ => Err("no such file".to_owned()),
        };
        Policy::from_toml(text, "mine.toml", &suite)
    }

    #[test]
    fn every_policy_that_comes_along_is_read_and_printed_as_what_it_is() {
        for name in Policy::NAMES {
            let policy = Policy::named(name).unwrap();
            let text = Policy::text_of(name).unwrap();
            let mine = text.replace(&format!("name = \"{}\"", policy.name), "name = \"mine\"");
            let edited = Policy { name: policy.name.clone(), ..read(&mine).unwrap() };
            assert_eq!(format!("{edited:?}"), format!("{policy:?}"), "{name}");
        }
        assert_eq!(Policy::default().later_changes, LaterChangesAllowed::FurtherSeals);
        assert_eq!(Policy::strict().later_changes, LaterChangesAllowed::LongTermOnly);
        assert_eq!(Policy::strict().structure.covered, ConstraintLevel::Fail);
    }

    #[test]
    fn the_default_names_every_key_so_that_it_can_be_edited() {
        let table: toml::Table = Policy::text_of("default").unwrap().parse().unwrap();
        let keys = toml::from_str::<Written>("nonsense = 1").err().unwrap().message().to_owned();
        for key in keys.split('`').skip(3).step_by(2).filter(|key| *key != "extends") {
            assert!(table.contains_key(key), "{key}");
        }
        assert_eq!(table.len(), 12, "{keys}");
    }

    #[test]
    fn a_file_says_what_differs_from_the_one_it_extends() {
        let policy = read(
            "extends = \"strict\"\nlater-changes = \"permitted\"\nrevocation-freshness = \"24h\"\ntime-stamp-delay = \"2d\"\n\
             require-time-stamp = true\nseal-key-usage = \"digitalSignature\"\norganization-identifiers = [\"NTRJP-1\"]\n\
             algorithm-suite = \"suite.json\"\n[rules]\nM9 = \"warn\"\nX9 = \"ignore\"\n",
        );
        let policy = policy.unwrap();
        assert_eq!(policy.name, "mine.toml");
        assert_eq!(policy.later_changes, LaterChangesAllowed::Permitted);
        assert_eq!(policy.revocation_freshness, Some(Duration::from_secs(86_400)));
        assert_eq!(policy.time_stamp_delay, Some(Duration::from_secs(2 * 86_400)));
        assert!(policy.require_time_stamp && policy.require_revocation_data);
        assert_eq!(policy.seal_key_usage.unwrap().to_string(), "digitalSignature");
        let level = |rule, place| policy.structure.level(CheckId::from_rule(rule).unwrap(), place);
        assert_eq!(level("M9", Anomaly::Uncovered), ConstraintLevel::Warn);
        assert_eq!(level("X9", Anomaly::Ambiguous), ConstraintLevel::Ignore);
        assert_eq!(level("X10", Anomaly::Covered), ConstraintLevel::Fail, "as in strict");
        assert_eq!(read("").unwrap().structure, Policy::default().structure, "the default without a word");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_may_stand_there() {
        for (text, line, column, problem) in [
            ("later-chances = \"any\"", 1, 1, "`later-changes`"),
            ("\n later-changes = \"all\"", 2, 18, "long-term-only, further-seals, permitted, any"),
            ("[rules]\nM99 = \"warn\"", 2, 1, "wanted covered or a rule: C1"),
            ("[rules]\nHashIntact = \"ignore\"", 2, 1, "wanted covered or a rule: C1"),
            ("[rules]\nM9 = \"off\"", 2, 6, "fail, warn, inform, ignore"),
            ("extends = \"lenient\"", 1, 11, "any-permitted-changes"),
            ("name = \"default\"", 1, 8, "another name"),
            ("require-time-stamp = \"yes\"", 1, 22, "boolean"),
            ("revocation-freshness = \"soon\"", 1, 24, "24h, 7d or 2w"),
            ("time-stamp-delay = \"１d\"", 1, 20, "or \"any\""),
            ("seal-key-usage = \"sealing\"", 1, 18, "nonRepudiation"),
            ("seal-purposes = [\"1.2\", \"x\"]", 1, 25, "object identifier"),
            ("algorithm-suite = \"none.json\"", 1, 19, "no such file"),
            ("algorithm-suite = \"broken.json\"", 1, 19, "no algorithm suite"),
            ("later-changes = ", 1, 17, ""),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
            assert!(error.problem.contains(problem), "{text}: {error}");
        }
    }
}
