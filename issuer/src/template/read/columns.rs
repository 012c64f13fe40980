//! A template's own columns: their names, and the headers by which registers find them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::column::{Column, ColumnKind, Headers};
use super::Check;
use crate::register::words::both;
use crate::register::{folded_header, general_columns};

/// The longest header.
const LONGEST_HEADER: usize = 60;

/// Whose header it is that is taken already, by folded headers.
type Taken = BTreeMap<String, String>;

impl Check<'_> {
    pub(super) fn columns(&mut self) {
        let columns = &self.form.columns;
        let mut taken = self.general_headers();
        self.column_list(&["column"], columns, &mut taken);
        for (index, column) in columns.iter().enumerate().filter(|(_, column)| column.kind == ColumnKind::Table) {
            let (index, member) = (index.to_string(), &column.member);
            if column.columns.is_empty() {
                let said = both!("{member}: a table has columns of its own", "{member}: 表には列 (columns) が必要です");
                self.misfit(&["column", &index], said);
            }
            let way = ["column", &index, "columns"];
            self.column_list(&way, &column.columns, &mut Taken::new());
            self.cells_of(&way, column);
        }
    }

    /// What the columns of a table must not be: lists, and named so that the number of a row could not be told from the name.
    fn cells_of(&mut self, way: &[&str], table: &Column) {
        for (inner, column) in table.columns.iter().enumerate() {
            let (inner, member) = (inner.to_string(), &column.member);
            if matches!(column.kind, ColumnKind::Table | ColumnKind::List) {
                let said = both!(
                    "{member}: a table's cell holds one value, no list",
                    "{member}: 表の 1 つの欄に入るのは 1 つの値だけです"
                );
                self.misfit(&[way, &[inner.as_str(), "kind"]].concat(), said);
            }
            let digit = |header: &&str| folded_header(header).starts_with(|first: char| first.is_ascii_digit());
            if let Some(header) = column.headers.all().find(digit) {
                let said = both!(
                    "headers: {header:?} begins with a digit; in a register the number of a row stands before it",
                    "headers: {header:?} は数字で始まります。名簿ではその前に行の番号が付きます"
                );
                self.misfit(&[way, &[inner.as_str(), "headers"]].concat(), said);
            }
        }
        let tables: Vec<String> = table.headers.all().map(folded_header).collect();
        let numbered = |header: &str| {
            let rest =
                tables.iter().find_map(|table| folded_header(header).strip_prefix(table.as_str()).map(str::to_owned));
            rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        let others = self.form.columns.iter().enumerate().filter(|(_, other)| other.member != table.member);
        let like: Vec<(usize, String)> = others
            .filter_map(|(place, other)| Some((place, other.headers.all().find(|one| numbered(one))?.to_owned())))
            .collect();
        for (place, header) in like {
            let member = &table.member;
            let said = both!(
                "headers: {header:?} is that of a row of the table {member} in registers",
                "headers: {header:?} は名簿では表 {member} の行の見出しになります"
            );
            self.misfit(&["column", &place.to_string(), "headers"], said);
        }
    }

    /// The headers of the columns that all data have, as far as registers for this template have them, in the template's own words.
    fn general_headers(&mut self) -> Taken {
        let mut taken = Taken::new();
        let general: Vec<Column> = general_columns()
            .into_iter()
            .filter(|column| self.form.badge || !column.member.starts_with("achievement."))
            .collect();
        for (member, headers) in &self.form.headers {
            if !general.iter().any(|column| column.member == *member) {
                let known = general.iter().map(|column| column.member.as_str()).collect::<Vec<_>>().join(", ");
                let meant = world::toml_text::nearest(member, general.iter().map(|column| column.member.as_str()));
                let meant = meant.map(str::to_owned);
                let said = both!(
                    "headers: there is no member {member:?}; there are {known}",
                    "headers: {member:?} という項目はありません。あるのは {known} です"
                );
                self.misfit_meant(&["headers", member], said, meant);
            }
            self.headers(&["headers", member], (headers, member), &mut taken);
        }
        for column in general.iter().filter(|column| !self.form.headers.contains_key(&column.member)) {
            for header in [&column.headers.ja, &column.headers.en] {
                taken.entry(folded_header(header)).or_insert_with(|| column.member.clone());
            }
        }
        taken
    }

    /// The headers of one column: each can be read, is a text and no formula, and is that of no other column.
    fn headers(&mut self, way: &[&str], (headers, member): (&Headers, &str), taken: &mut Taken) {
        let mut own: Vec<String> = Vec::new();
        for header in headers.all() {
            self.text(way, "headers", header, LONGEST_HEADER);
            let folded = folded_header(header);
            let begins = header.trim_start();
            if crate::cell_text(begins) != begins {
                let said = both!(
                    "headers: {header:?} is a formula to spreadsheets; wanted one that begins with no sign",
                    "headers: {header:?} は表計算ソフトで数式になります。記号で始まらない見出しにしてください"
                );
                self.misfit(way, said);
            } else if folded.is_empty() && !header.trim().is_empty() {
                let said = both!(
                    "headers: {header:?} has nothing but signs, which do not count",
                    "headers: {header:?} は記号だけで、見出しとして区別できません"
                );
                self.misfit(way, said);
            } else if let Some(other) = taken.get(&folded) {
                let said = both!(
                    "headers: {header:?} is that of {other}; a register could have one of the two only",
                    "headers: {header:?} は {other} の見出しです。名簿でどちらか一方しか使えなくなります"
                );
                self.misfit(way, said);
            }
            own.push(folded);
        }
        taken.extend(own.into_iter().map(|folded| (folded, member.to_owned())));
    }

    fn column_list(&mut self, way: &[&str], columns: &[Column], taken: &mut Taken) {
        let mut seen = BTreeSet::new();
        for (index, column) in columns.iter().enumerate() {
            let (index, member) = (index.to_string(), &column.member);
            let way = |member| [way, &[index.as_str(), member]].concat();
            let begins = member.starts_with(|first: char| first.is_ascii_lowercase());
            let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if !begins || !member.bytes().all(fine) || member.len() > 40 {
                let said = both!(
                    "member: wanted 1 to 40 of a-z, 0-9 and _, a letter first; found {member:?}",
                    "member: a-z、0-9、_ の 1～40 文字（先頭は英字）が必要ですが、{member:?} です"
                );
                self.misfit(&way("member"), said);
            }
            if !seen.insert(member) {
                let said = both!(
                    "member: there are two columns named {member:?}",
                    "member: {member:?} という列が 2 つあります"
                );
                self.misfit(&way("member"), said);
            }
            self.headers(&way("headers"), (&column.headers, member), taken);
            if column.longest.is_some_and(|longest| !(1..=4000).contains(&longest)) {
                let said = both!("longest: wanted 1 to 4000 characters", "longest: 1 から 4000 までの文字数が必要です");
                self.misfit(&way("longest"), said);
            }
            if column.kind != ColumnKind::Table && !column.columns.is_empty() {
                let said = both!("{member}: only a table has columns", "{member}: columns は表にだけ書けます");
                self.misfit(&way("columns"), said);
            }
        }
    }

    pub(super) fn tax(&mut self) {
        let Some(tax) = &self.form.tax else { return };
        let Some(columns) = self.table(&["tax", "from"], &tax.from) else { return };
        let kinds = [
            ("amount", Some(&tax.amount), ColumnKind::Money),
            ("rate", Some(&tax.rate), ColumnKind::Number),
            ("quantity", tax.quantity.as_ref(), ColumnKind::Number),
            ("price", tax.price.as_ref(), ColumnKind::Money),
        ];
        for (name, member, kind) in kinds {
            let Some(member) = member else { continue };
            if let Some(column) = self.column_of(&["tax", name], &columns, member)
                && column.kind != kind
            {
                let (kind, found) = (kind.name(), column.kind.name());
                let said = both!(
                    "{name}: wanted a column of the kind {kind:?}, found {found:?}",
                    "{name}: 種類が {kind:?} の列が必要ですが、{found:?} です"
                );
                self.misfit(&["tax", name], said);
            }
        }
        let reduced = tax.reduced.is_none_or(|rate| tax.rates.contains(&rate));
        if tax.rates.is_empty() || tax.rates.iter().any(|rate| *rate > 100) || !reduced {
            let said = both!(
                "rates: wanted at least one, each of 0 to 100, the reduced one among them",
                "rates: 0 から 100 までの税率が 1 つ以上必要です。軽減税率もその 1 つです"
            );
            self.misfit(&["tax", "rates"], said);
        }
    }
}
