//! Members of the data that a template names: that there are such, and that they hold what is wanted.

use world::toml_text::nearest;

use super::super::column::{Column, ColumnKind};
use super::super::data::{ACHIEVEMENT, EVERYWHERE, Holds, TAX};
use super::Check;
use crate::register::words::{Words as Said, both};

impl Check<'_> {
    /// What a member holds, if there is one of that name.
    pub(super) fn holds(&self, path: &str) -> Option<Holds> {
        if let Some(member) = path.strip_prefix("fields.") {
            let column = self.form.columns.iter().find(|column| column.member == member)?;
            return Some(match column.kind {
                ColumnKind::List => Holds::List,
                ColumnKind::Table => Holds::Table,
                _ => Holds::One,
            });
        }
        let of_achievement = ACHIEVEMENT.iter().find(|(name, _)| self.form.badge && *name == path);
        let one = EVERYWHERE.contains(&path) || (self.form.tax.is_some() && TAX.contains(&path));
        of_achievement.map(|(_, holds)| *holds).or(one.then_some(Holds::One))
    }

    fn known(&self) -> Vec<String> {
        let own = self.form.columns.iter().map(|column| format!("fields.{}", column.member));
        let achievement = ACHIEVEMENT.iter().filter(|_| self.form.badge).map(|(name, _)| (*name).to_owned());
        let tax = TAX.iter().filter(|_| self.form.tax.is_some()).map(|name| (*name).to_owned());
        own.chain(achievement).chain(EVERYWHERE.iter().map(|name| (*name).to_owned())).chain(tax).collect()
    }

    /// A member that has to be there and hold one value, or be one of some others.
    pub(super) fn one(&mut self, way: &[&str], path: &str, further: &[&str]) {
        match self.holds(path) {
            Some(_) => self.member(way, path, Holds::One),
            None => self.unknown(way, path, further),
        }
    }

    /// A member that has to be there, whatever it holds.
    pub(super) fn condition(&mut self, way: &[&str], path: &str) {
        if self.holds(path).is_none() {
            self.unknown(way, path, &[]);
        }
    }

    /// A member that has to be there and hold that.
    pub(super) fn member(&mut self, way: &[&str], path: &str, wanted: Holds) {
        let Some(holds) = self.holds(path) else { return self.unknown(way, path, &[]) };
        if holds != wanted {
            let (wanted, holds) = (words(wanted), words(holds));
            let said = Said {
                en: format!("{path}: wanted a member that holds {}; it holds {}", wanted.en, holds.en),
                ja: format!("{path}: {}を持つ項目が必要ですが、これは{}です", wanted.ja, holds.ja),
            };
            self.misfit(way, said);
        }
    }

    fn unknown(&mut self, way: &[&str], path: &str, further: &[&str]) {
        let mut known = self.known();
        known.extend(further.iter().map(|name| (*name).to_owned()));
        let meant = nearest(path, known.iter().map(String::as_str)).map(str::to_owned);
        let known = known.join(", ");
        let said = both!(
            "there is no member {path:?}; there are {known}",
            "{path:?} という項目はありません。あるのは {known} です"
        );
        self.misfit_meant(way, said, meant);
    }

    /// The columns of a table of the data.
    pub(super) fn table(&mut self, way: &[&str], path: &str) -> Option<Vec<Column>> {
        let form = self.form;
        let member = path.strip_prefix("fields.").unwrap_or_default();
        match form.columns.iter().find(|column| column.member == member) {
            Some(column) if column.kind == ColumnKind::Table => Some(column.columns.clone()),
            _ => {
                match self.holds(path) {
                    Some(_) => self.member(way, path, Holds::Table),
                    None => self.unknown(way, path, &[]),
                }
                None
            }
        }
    }

    pub(super) fn column_of(&mut self, way: &[&str], columns: &[Column], member: &str) -> Option<Column> {
        let found = columns.iter().find(|column| column.member == member).cloned();
        if found.is_none() {
            let known: Vec<&str> = columns.iter().map(|column| column.member.as_str()).collect();
            let meant = nearest(member, known.iter().copied()).map(str::to_owned);
            let known = known.join(", ");
            let said = both!(
                "the table has no column {member:?}; it has {known}",
                "表に {member:?} という列はありません。あるのは {known} です"
            );
            self.misfit_meant(way, said, meant);
        }
        found
    }
}

fn words(holds: Holds) -> Said {
    match holds {
        Holds::One => both!("one value", "1 つの値"),
        Holds::List => both!("a list", "リスト"),
        Holds::Table => both!("a table", "表"),
    }
}
