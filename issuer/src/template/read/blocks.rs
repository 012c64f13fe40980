//! The blocks of a template.

use super::super::data::Holds;
use super::super::form::{BlockForm, FactForm, LineForm, Look, SectionForm, TableForm};
use super::Check;
use crate::register::words::both;

/// The columns that the table of a section has.
const SECTION: [&str; 2] = ["heading", "text"];

/// The least that a column of a table has of its width.
const LEAST_SHARE: f32 = 0.03;

impl Check<'_> {
    pub(super) fn block(&mut self, index: &str, block: &BlockForm) {
        let way = |rest: &[&'static str]| [&["block", index], rest].concat();
        match block {
            BlockForm::Text(text) => {
                self.range(&way(&["text", "gap"]), text.gap, 0.0, 10.0);
                self.lines(&way(&["text", "lines"]), &text.lines);
            }
            BlockForm::Sides(sides) => {
                self.range(&way(&["sides", "split"]), sides.split, 0.1, 0.9);
                self.lines(&way(&["sides", "left"]), &sides.left);
                self.lines(&way(&["sides", "right"]), &sides.right);
            }
            BlockForm::Facts(facts) => self.cells(&way(&["facts", "cells"]), &facts.cells),
            BlockForm::List(list) => {
                self.member(&way(&["list", "from"]), &list.from, Holds::List);
                self.words(&way(&["list", "heading"]), &list.heading, 60);
                self.line_counts(&way(&["list"]), list.lines, list.more_lines);
            }
            BlockForm::Section(section) => self.section(&way(&["section"]), section),
            BlockForm::Table(table) => self.table_block(&way(&["table"]), table),
            BlockForm::Tax(tax) => {
                self.range(&way(&["tax", "width"]), tax.width, 0.3, 1.0);
                if self.form.tax.is_none() {
                    let said = both!(
                        "tax: the template has no table [tax], from which it is reckoned",
                        "tax: 計算のもとになる表 [tax] がテンプレートにありません"
                    );
                    self.misfit(&way(&["tax"]), said);
                }
            }
            BlockForm::Rule(_) => {}
        }
    }

    fn cells(&mut self, way: &[&str], cells: &[FactForm]) {
        for (place, cell) in cells.iter().enumerate() {
            let place = place.to_string();
            let here = |member| [way, &[place.as_str(), member]].concat();
            self.member(&here("from"), &cell.from, Holds::One);
            self.text(&here("label"), "label", &cell.label, 60);
            if let Some(unit) = &cell.unit {
                self.words(&here("unit"), unit, 20);
            }
        }
        if cells.is_empty() {
            self.misfit(way, both!("cells: wanted at least one", "cells: 1 つ以上必要です"));
        }
    }

    fn section(&mut self, way: &[&str], section: &SectionForm) {
        self.line_counts(way, section.lines, section.more_lines);
        let from = [way, &["from"]].concat();
        if let Some(heading) = &section.heading {
            self.words(&[way, &["heading"]].concat(), heading, 60);
        }
        if self.holds(&section.from) == Some(Holds::Table) {
            let Some(columns) = self.table(&from, &section.from) else { return };
            for member in SECTION {
                self.column_of(&from, &columns, member);
            }
            return;
        }
        self.member(&from, &section.from, Holds::One);
        if section.heading.is_none() {
            self.misfit(way, both!("heading: a text has one above", "heading: 文章の上に置く見出しが必要です"));
        }
    }

    fn table_block(&mut self, way: &[&str], table: &TableForm) {
        self.range(&[way, &["size"]].concat(), table.size, 5.0, 14.0);
        if let Some(heading) = &table.heading {
            self.words(&[way, &["heading"]].concat(), heading, 60);
        }
        let Some(columns) = self.table(&[way, &["from"]].concat(), &table.from) else { return };
        if table.columns.is_empty() {
            self.misfit(way, both!("columns: wanted at least one", "columns: 1 つ以上必要です"));
        }
        let sum: f32 = table.columns.iter().map(|column| column.width).sum();
        for (index, column) in table.columns.iter().enumerate() {
            let index = index.to_string();
            let here = |member| [way, &["columns", index.as_str(), member]].concat();
            self.column_of(&here("member"), &columns, &column.member);
            self.range(&here("width"), column.width, 0.01, 1000.0);
            if column.width < sum * LEAST_SHARE {
                let (found, least) = (column.width, sum * LEAST_SHARE);
                let said = both!(
                    "width: wanted at least 3 % of all widths together, {least}, for a text to have room; found {found}",
                    "width: 文字が入るには、幅の合計の 3 % の {least} 以上が必要ですが、{found} です"
                );
                self.misfit(&here("width"), said);
            }
            if let Some(suffix) = &column.suffix {
                self.part(&here("suffix"), "suffix", suffix, 20);
            }
            if let Some(mark) = &column.mark {
                self.column_of(&here("mark"), &columns, &mark.member);
                self.text(&here("mark"), "mark.is", &mark.is, 100);
                self.text(&here("mark"), "mark.text", &mark.text, 20);
            }
        }
    }

    fn lines(&mut self, way: &[&str], lines: &[LineForm]) {
        for (index, line) in lines.iter().enumerate() {
            let index = index.to_string();
            let here = |member| [way, &[index.as_str(), member]].concat();
            match (&line.ja, &line.en) {
                (Some(ja), None) => self.phrase(&here("ja"), ja, &[]),
                (None, Some(en)) => self.phrase(&here("en"), en, &[]),
                _ => {
                    let said =
                        both!("a line has either `ja` or `en`", "1 行には `ja` か `en` のどちらか一方を書きます");
                    self.misfit(&[way, &[index.as_str()]].concat(), said);
                }
            }
            for (name, path) in [("only_with", &line.only_with), ("only_without", &line.only_without)] {
                if let Some(path) = path {
                    self.condition(&here(name), path);
                }
            }
            self.look(&here("look"), &line.look);
            if let Some(latin) = &line.latin {
                self.look(&here("latin"), latin);
            }
            self.range(&here("before"), line.before, -20.0, 200.0);
            self.line_counts(&[way, &[index.as_str()]].concat(), line.lines, line.more_lines);
        }
    }

    pub(super) fn look(&mut self, way: &[&str], look: &Look) {
        self.range(&[way, &["size"]].concat(), look.size, 4.0, 72.0);
        self.range(&[way, &["tracking"]].concat(), look.tracking, 0.0, 2.0);
        if let Some(smallest) = look.smallest {
            self.range(&[way, &["smallest"]].concat(), smallest, 4.0, look.size);
        }
    }
}
