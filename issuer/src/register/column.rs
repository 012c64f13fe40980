//! The columns of a register that are known. In: templates. Out: for each member of completion data its headers and what its cells hold.
//!
//! Some columns all completion data have; each template has its own besides, whose members stand under `fields`. A table of a template, such as
//! the items of an invoice, is read from numbered columns: 明細1 品名, 明細1 金額, 明細2 品名 and so on.
//!
//! A header is found in any width and case, with or without what stands in parentheses behind it; the path of a member, such as
//! `recipient.name` or `fields.items[0].name`, is always a header of its column. Of two columns for one member that of the header named first
//! here counts.

mod general;

use std::collections::HashMap;

use super::fold;
use crate::template::{Column, ColumnKind as Kind, Headers, Template, USUAL};
pub(crate) use general::general;

/// Key, organization and template of a row. The last one alone is a member of completion data.
pub(super) const KEY: &str = "key";
pub(super) const ORGANIZATION: &str = "organization";
pub(super) const TEMPLATE: &str = "template";

/// The most rows of a table that a register has columns for.
const MOST_NUMBERED: usize = 1000;

/// The columns that a register may have, by the templates that print its rows.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Where rows name no template.
    usual: Vec<Column>,
    /// Where they do.
    any: Vec<Column>,
}

impl Default for Columns {
    /// Of the templates that come along.
    fn default() -> Columns {
        let all: Vec<Template> = Template::names().filter_map(Template::bundled).cloned().collect();
        Columns::of(Template::bundled(USUAL).expect("it comes along"), &all)
    }
}

impl Columns {
    /// Those of the template by which rows are printed that name none, and of all those that they may name.
    pub fn of(usual: &Template, all: &[Template]) -> Columns {
        Columns { usual: of_templates(&[usual]), any: of_templates(&all.iter().collect::<Vec<_>>()) }
    }

    /// Where rows name no template.
    pub fn usual(&self) -> &[Column] {
        &self.usual
    }

    /// Those of a register whose rows name their templates, or do not.
    pub(super) fn chosen(&self, rows_name_templates: bool) -> &[Column] {
        if rows_name_templates { &self.any } else { &self.usual }
    }
}

/// The general columns, and those that any of these templates has. Only what all of them need is required.
fn of_templates(templates: &[&Template]) -> Vec<Column> {
    let mut columns = general();
    let is_achievement = |column: &Column| column.member.starts_with("achievement.");
    if !templates.iter().any(|template| template.has_badge()) {
        columns.retain(|column| !is_achievement(column));
    }
    if !templates.iter().all(|template| template.has_badge()) {
        columns.iter_mut().filter(|column| is_achievement(column)).for_each(|column| column.required = false);
    }
    let alone = templates.len() == 1;
    if let [template] = templates {
        in_own_words(&mut columns, template);
    }
    for own in templates.iter().flat_map(|template| template.columns()) {
        let member = format!("fields.{}", own.member);
        match columns.iter_mut().find(|column| column.member == member) {
            Some(column) => together(column, own),
            None => columns.push(Column { member, required: own.required && alone, ..own.clone() }),
        }
    }
    columns
}

/// The words of a template for what all data have come first; the usual ones are known as well.
fn in_own_words(columns: &mut [Column], template: &Template) {
    for column in columns {
        let Some(own) = template.headers().get(&column.member) else { continue };
        let usual = column.headers.all().filter(|header| !own.all().any(|one| one == *header)).map(str::to_owned);
        let also = own.also.iter().cloned().chain(usual).collect();
        column.headers = Headers { ja: own.ja.clone(), en: own.en.clone(), also };
    }
}

/// A column that several templates have; what is read in different ways is a text, which the template of a row judges.
fn together(column: &mut Column, other: &Column) {
    let lacking = other.headers.all().filter(|header| !column.headers.all().any(|known| known == *header));
    let lacking: Vec<String> = lacking.map(str::to_owned).collect();
    column.headers.also.extend(lacking);
    if column.kind != other.kind {
        column.kind = Kind::Text;
    }
    for cell in &other.columns {
        match column.columns.iter_mut().find(|known| known.member == cell.member) {
            Some(known) => together(known, cell),
            None => column.columns.push(cell.clone()),
        }
    }
}

/// Columns by their headers.
pub(super) struct Index {
    pub(super) columns: Vec<Column>,
    /// Folded header → column, and how little the header counts for it.
    by_header: HashMap<String, Vec<(usize, usize)>>,
    /// Folded header of a table → its column.
    tables: Vec<(String, usize)>,
}

impl Index {
    pub(super) fn new(columns: &[Column]) -> Index {
        let (mut by_header, mut tables) = (HashMap::<String, Vec<(usize, usize)>>::new(), Vec::new());
        for (place, column) in columns.iter().enumerate() {
            for (rank, header) in column.headers.all().enumerate() {
                let header = fold::header(header);
                if column.kind == Kind::Table {
                    tables.push((header.clone(), place));
                }
                by_header.entry(header).or_default().push((place, rank));
            }
        }
        Index { columns: columns.to_vec(), by_header, tables }
    }

    /// The columns of a header, those first that are meant first, and how little the header counts for each.
    pub(super) fn named(&self, header: &str) -> Vec<(Column, usize)> {
        if let Some(column) = self.of_member(&header.trim().to_ascii_lowercase()) {
            return vec![(column, 0)];
        }
        let folded = fold::header(header);
        let whole = self.by_header.get(&folded).into_iter().flatten();
        let mut found: Vec<(Column, usize)> =
            whole.map(|(place, rank)| (self.columns[*place].clone(), *rank)).collect();
        if found.is_empty() {
            found.extend(self.tables.iter().find_map(|(table, place)| numbered(&self.columns[*place], table, &folded)));
        }
        found
    }

    /// The column of a member: one that is known, or one within a row of a table, such as `fields.items[0].name`.
    pub(super) fn of_member(&self, member: &str) -> Option<Column> {
        if let Some(column) = self.columns.iter().find(|column| column.member == member) {
            return Some(column.clone());
        }
        let (table, rest) = member.split_once('[')?;
        let (place, name) = rest.split_once("].")?;
        let place = place.parse().ok().filter(|place| *place < MOST_NUMBERED)?;
        let table = self.columns.iter().find(|column| column.kind == Kind::Table && column.member == table)?;
        table.columns.iter().find(|cell| cell.member == name).map(|cell| cell_of(table, place, cell))
    }
}

/// 明細2 品名 is the name in the second row of the table 明細.
fn numbered(table: &Column, folded_table: &str, folded: &str) -> Option<(Column, usize)> {
    let rest = folded.strip_prefix(folded_table)?;
    let name = rest.trim_start_matches(|one: char| one.is_ascii_digit());
    let number: usize = rest[..rest.len() - name.len()].parse().ok()?;
    let place = number.checked_sub(1).filter(|place| *place < MOST_NUMBERED)?;
    let rank = |cell: &Column| cell.headers.all().position(|header| fold::header(header) == name);
    table.columns.iter().find_map(|cell| Some((cell_of(table, place, cell), rank(cell)?)))
}

/// The column of a cell in a row of a table. A row that is not there needs none.
fn cell_of(table: &Column, place: usize, cell: &Column) -> Column {
    Column { member: format!("{}[{place}].{}", table.member, cell.member), required: false, ..cell.clone() }
}

/// The headers of a table's first row, for messages: 明細1 品名.
pub(super) fn first_headers(table: &Column) -> String {
    let headers = table.columns.iter().take(2).map(|cell| format!("{}1 {}", table.headers.ja, cell.headers.ja));
    headers.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_that_of_one_general_column() {
        let index = Index::new(&general());
        for column in &index.columns {
            for header in column.headers.all() {
                let known: Vec<String> = index.named(header).into_iter().map(|(column, _)| column.member).collect();
                assert_eq!(known, [column.member.as_str()], "{header}");
            }
        }
    }

    #[test]
    fn a_template_brings_its_own_columns_and_without_a_badge_no_achievement() {
        let of = |id: &str| Index::new(&of_templates(&[Template::bundled(id).unwrap()]));
        let member = |index: &Index, header: &str| index.named(header).first().map(|(column, _)| column.member.clone());
        let invoice = of("invoice");
        for (header, wanted) in [
            ("登録番号", Some("fields.registration_number")),
            ("明細2 品名・内容", Some("fields.items[1].name")),
            ("Items 10 Qty.", Some("fields.items[9].quantity")),
            ("fields.items[0].rate", Some("fields.items[0].rate")),
            ("明細0 品名・内容", None),
            ("明細1001 品名・内容", None),
            ("明細1 ない", None),
            ("講座名", None),
        ] {
            assert_eq!(member(&invoice, header).as_deref(), wanted, "{header}");
        }
        assert_eq!(member(&of("learning"), "講座名").as_deref(), Some("achievement.name_ja"));
        let number: Vec<String> =
            of("learning").named("学籍番号").into_iter().map(|(column, _)| column.member).collect();
        assert_eq!(number, ["recipient.identifier", "fields.student_number"], "the general column first");
    }

    #[test]
    fn rows_that_name_their_templates_may_have_the_columns_of_all() {
        let columns = Columns::default();
        let index = Index::new(columns.chosen(true));
        for header in ["講座名", "登録番号", "ロット番号", "生年月日", "試験結果1 試験項目"] {
            assert!(!index.named(header).is_empty(), "{header}");
        }
        let required = index.columns.iter().filter(|column| column.required).map(|column| column.member.as_str());
        assert_eq!(required.collect::<Vec<_>>(), ["recipient.name", "recipient.identifier", "completed_on"]);
    }
}
