//! The tables of a plan, read one by one, so that what is wrong in one of them hides nothing in another. In: text. Out: the plan, and
//! everything that could not be read of it, each with its place.
//!
//! What cannot be read is mended for the time being: a member whose name was misspelt is taken for the one that was meant, a value that is
//! wrong for the one that the default plan has. So the rest can be looked at too. Nothing mended is ever made.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Error, ValueDeserializer};

use super::WorldPlan;
use super::read::{Fault, MOST, Place};
use super::told::{Told, told};
use world::toml_text::{meant, nearest};

/// The lists of tables that a plan has.
pub(super) const TABLES: [&str; 5] =
    ["authority", "cross_certificate", "credential", "time_stamping_unit", "organization"];

/// Members that are moments, for which TOML has a type of its own.
const MOMENTS: [&str; 3] = ["start", "begins", "rollovers"];

/// Members that say what hangs on what. If one of them cannot be read, what follows from it cannot be told either.
const STRUCTURE: [&str; 12] = [
    "id",
    "name",
    "parent",
    "subject",
    "issuer",
    "organization",
    "authority",
    "profile",
    "begins",
    "validity",
    "rollovers",
    "start",
];

/// The names of algorithms.
pub(super) const ALGORITHMS: [&str; 10] = [
    "P-256",
    "P-384",
    "P-521",
    "Ed25519",
    "RSA-2048",
    "RSA-3072",
    "RSA-4096",
    "RSA-2048-PSS",
    "RSA-3072-PSS",
    "RSA-4096-PSS",
];

/// Who certifies whom, if a cross-certificate does not say.
const SOMEBODY: &str = "root";

/// A plan as far as it could be read.
pub(super) struct Pieces<'i> {
    pub(super) plan: WorldPlan,
    /// Where everything stands, under the names that were meant.
    pub(super) table: DeTable<'i>,
    pub(super) faults: Vec<Fault>,
    /// How many more there are that are not told.
    pub(super) untold: usize,
    /// Members that have another value than the file says.
    pub(super) mended: Vec<Mended>,
    /// What hangs on what could be read, so that it can be checked.
    pub(super) hangs_together: bool,
}

/// A member that was mended.
#[derive(Debug)]
pub(super) struct Mended {
    table: &'static str,
    index: usize,
    member: String,
}

impl Mended {
    pub(super) fn is_at(&self, place: Place) -> bool {
        (self.table, self.index, self.member.as_str()) == (place.table, place.index, place.member)
    }
}

/// Reads the tables of a plan. `is_whole`: the text has no errors of syntax, so that what is missing was left out.
pub(super) fn read(mut table: DeTable<'_>, is_whole: bool) -> Pieces<'_> {
    dates_as_text(&mut table);
    let mut faults = Vec::new();
    as_meant(&mut table, &mut faults);
    let mut rest = table.clone();
    let lists: Vec<_> = TABLES.map(|name| (name, rest.remove(name))).into();
    let mut reading = Reading {
        usual: usual(),
        table: "",
        index: usize::MAX,
        is_whole,
        faults,
        mended: Vec::new(),
        renamed: Vec::new(),
        lost: false,
    };
    let head = reading.read(Spanned::new(0..0, DeValue::Table(rest)));
    let mut plan: WorldPlan = head.unwrap_or_default();
    for (name, list) in lists {
        let Some(list) = list else { continue };
        reading.table = name;
        match name {
            "authority" => plan.authorities = reading.list(list),
            "cross_certificate" => plan.cross_certificates = reading.list(list),
            "credential" => plan.credentials = reading.list(list),
            "time_stamping_unit" => plan.units = reading.list(list),
            _ => plan.organizations = reading.list(list),
        }
    }
    let Reading { faults, mended, lost, renamed, .. } = reading;
    renamed.iter().for_each(|(place, meant)| rename(&mut table, place, meant));
    let is_structure = |one: &Mended| STRUCTURE.contains(&one.member.as_str());
    let hangs_together = is_whole && !lost && !mended.iter().any(is_structure);
    Pieces { plan, table, faults, untold: 0, mended, hangs_together }
}

/// `2026-11-24`, which TOML takes for a date, is as good as `"2026-11-24"`.
fn dates_as_text(table: &mut DeTable<'_>) {
    for (key, value) in table.iter_mut() {
        let is_moment = MOMENTS.contains(&key.get_ref().as_ref());
        let value = value.get_mut();
        match value {
            DeValue::Datetime(date) if is_moment => *value = DeValue::String(date.to_string().into()),
            DeValue::Array(items) => {
                for item in items.iter_mut() {
                    let item = item.get_mut();
                    match item {
                        DeValue::Datetime(date) if is_moment => *item = DeValue::String(date.to_string().into()),
                        DeValue::Table(table) => dates_as_text(table),
                        _ => {}
                    }
                }
            }
            DeValue::Table(table) => dates_as_text(table),
            _ => {}
        }
    }
}

/// Tables whose names are misspelt are told, and read under the name that was meant.
fn as_meant(table: &mut DeTable<'_>, faults: &mut Vec<Fault>) {
    let is_list = |value: &Spanned<DeValue<'_>>| matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
    let lists = table.iter().filter(|(_, value)| is_list(value)).map(|(key, _)| key.get_ref().clone().into_owned());
    for name in lists.filter(|name| !TABLES.contains(&name.as_str())).take(MOST).collect::<Vec<String>>() {
        let meant = nearest(&name, TABLES);
        let Some((key, value)) = table.remove_entry(name.as_str()) else { continue };
        let known = TABLES.map(|name| format!("`{name}`")).join(", ");
        let told = Told::of_toml(&format!("unknown field `{name}`, expected one of {known}"));
        faults.push(Fault { span: Some(key.span()), told, suggestion: meant.map(str::to_owned) });
        if let Some(meant) = meant.filter(|meant| !table.contains_key(*meant)) {
            table.insert(Spanned::new(key.span(), meant.into()), value);
        }
    }
}

/// Gives a member the name that was meant.
fn rename(table: &mut DeTable<'_>, Mended { table: list, index, member }: &Mended, meant: &str) {
    let members = match table.get_mut(*list).map(Spanned::get_mut) {
        None => Some(table),
        Some(DeValue::Array(tables)) => match tables.get_mut(*index).map(Spanned::get_mut) {
            Some(DeValue::Table(members)) => Some(members),
            _ => None,
        },
        Some(DeValue::Table(members)) => Some(members),
        Some(_) => None,
    };
    let Some(members) = members else { return };
    if let Some((key, value)) = members.remove_entry(member.as_str()) {
        members.insert(Spanned::new(key.span(), Cow::Owned(meant.to_owned())), value);
    }
}

/// The default plan's tables.
fn usual() -> DeTable<'static> {
    DeTable::parse(WorldPlan::DEFAULT).expect("the default plan is read by a test").into_inner()
}

/// What is being read, and what was found so far.
struct Reading {
    usual: DeTable<'static>,
    table: &'static str,
    index: usize,
    is_whole: bool,
    faults: Vec<Fault>,
    mended: Vec<Mended>,
    /// Members that were misspelt, with the names that were meant.
    renamed: Vec<(Mended, String)>,
    /// A whole table could not be read.
    lost: bool,
}

impl Reading {
    /// Each table of a list. What is no table is left out.
    fn list<T: DeserializeOwned>(&mut self, list: Spanned<DeValue<'_>>) -> Vec<T> {
        let (span, name) = (list.span(), self.table);
        let items = match list.into_inner() {
            DeValue::Array(items) => items,
            DeValue::Table(one) => {
                let told = told!(
                    "wanted [[{name}]], of which there may be several; found [{name}]",
                    "いくつも書ける [[{name}]] の形にします（[{name}] と書かれています）"
                );
                self.fault(span.clone(), told);
                DeArray::from_iter([Spanned::new(span, DeValue::Table(one))])
            }
            other => {
                let told =
                    told!("wanted tables, [[{name}]]; found ", "[[{name}]] のテーブルにします。書かれているもの: ");
                self.fault(span, told.then(a(other.type_str())));
                self.lost = true;
                return Vec::new();
            }
        };
        let mut read = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            if self.faults.len() > MOST {
                self.lost = true;
                break; // nobody is told more
            }
            self.index = index;
            match item.get_ref() {
                DeValue::Table(_) => read.extend(self.read(item)),
                other => {
                    let told = told!(
                        "wanted a table, [[{name}]]; found ",
                        "[[{name}]] のテーブルにします。書かれているもの: "
                    );
                    self.fault(item.span(), told.then(a(other.type_str())));
                    self.lost = true;
                }
            }
        }
        read
    }

    fn fault(&mut self, span: Range<usize>, told: Told) {
        self.faults.push(Fault { span: Some(span), told, suggestion: None });
    }

    /// Reads one table. Of each member that is in the way it is told why, and it is mended.
    fn read<T: DeserializeOwned>(&mut self, mut value: Spanned<DeValue<'_>>) -> Option<T> {
        let mut gone = BTreeSet::new();
        loop {
            if self.faults.len() > MOST {
                self.lost = true; // each round reads the table again, and nobody is told more
                return None;
            }
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let whole = value.span();
            let DeValue::Table(members) = value.get_mut() else { return self.give_up(&error) };
            let is_mended = match missing(error.message()) {
                Some(name) => self.supply(members, name, whole, &mut gone),
                None => self.mend(members, &error, &mut gone),
            };
            if !is_mended {
                return self.give_up(&error);
            }
        }
    }

    fn give_up<T>(&mut self, error: &Error) -> Option<T> {
        self.faults.push(Fault { span: error.span(), told: Told::of_toml(error.message()), suggestion: None });
        self.lost = true;
        None
    }

    /// A member that has to be there gets the value of the default plan. Whether that was possible.
    fn supply(
        &mut self,
        members: &mut DeTable<'_>,
        name: &str,
        whole: Range<usize>,
        gone: &mut BTreeSet<String>,
    ) -> bool {
        let is_new = gone.insert(name.to_owned()) && self.is_whole;
        if is_new {
            self.fault(whole.clone(), Told::of_toml(&format!("missing field `{name}`")));
        }
        let usual = self.usual.get(self.table).map(Spanned::get_ref);
        let table = usual.and_then(|list| list.get(0)).map(Spanned::get_ref);
        let usual = table.and_then(|table| table.get(name)).map(|value| value.get_ref().clone());
        let Some(value) = usual.or(matches!(name, "subject" | "issuer").then(|| DeValue::String(SOMEBODY.into())))
        else {
            return false;
        };
        self.is_mended(name);
        members.insert(Spanned::new(whole.clone(), Cow::Owned(name.to_owned())), Spanned::new(whole, value)).is_none()
    }

    /// A member that is unknown gets the name that was meant; one with a wrong value goes. Whether one of the two was the matter.
    fn mend(&mut self, members: &mut DeTable<'_>, error: &Error, gone: &mut BTreeSet<String>) -> bool {
        let Some(at) = error.span() else { return false };
        let told = Told::of_toml(error.message());
        let is_key = |key: &Spanned<Cow<'_, str>>| key.span() == at && told.english.starts_with("unknown field");
        let is_value = |value: &Spanned<DeValue<'_>>| value.span().start <= at.start && at.end <= value.span().end;
        let found = members.iter().find(|(key, value)| is_key(key) || is_value(value));
        let Some(name) = found.map(|(key, _)| key.get_ref().clone().into_owned()) else { return false };
        let Some((key, value)) = members.remove_entry(name.as_str()) else { return false };
        let suggestion = match value.get_ref() {
            DeValue::String(text) if name.ends_with("algorithm") => nearest(text, ALGORITHMS).map(str::to_owned),
            _ => meant(&told.english),
        };
        if !is_key(&key) {
            gone.insert(name.clone());
            self.is_mended(&name);
        } else if let Some(meant) = suggestion.as_deref().filter(|meant| !members.contains_key(*meant)) {
            members.insert(Spanned::new(key.span(), Cow::Owned(meant.to_owned())), value);
            let place = Mended { table: self.table, index: self.index, member: name };
            self.renamed.push((place, meant.to_owned()));
        }
        self.faults.push(Fault { span: Some(at), told, suggestion });
        true
    }

    fn is_mended(&mut self, member: &str) {
        self.mended.push(Mended { table: self.table, index: self.index, member: member.to_owned() });
    }
}

/// The name of a member that has to be there, if that is what serde says.
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What a kind of value is called, with its article.
pub(super) fn a(word: &str) -> Told {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let japanese = super::japanese::kind(word);
    told!("{article} {word}", "{japanese}")
}
