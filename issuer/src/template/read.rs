//! Reading a template. In: TOML, and the pictures beside it. Out: a template that can be printed from, or all that is wrong with it,
//! each with line, column and, where there is one, what was meant.

use std::collections::{BTreeMap, BTreeSet};

use world::toml_text::{Form, Step, TomlError, TomlProblem, nearest, span_of};

use super::column::{Column, ColumnKind};
use super::data::{ACHIEVEMENT, EVERYWHERE, Holds, TAX};
use super::form::{BlockForm, FootPart, LineForm, Look, TableForm, TemplateForm};
use super::phrase::Phrase;
use super::{Template, sheet};
use crate::error::Error;
use crate::picture::{Logo, SealPicture};
use crate::seal_text::SealText;

/// Templates.
const TEMPLATES: Form =
    Form { one: "a template", several: "templates", version_member: "format", version: 1, longest: 256 << 10 };

/// The member with the column's headers that a section's rows have.
const SECTION: [&str; 2] = ["heading", "text"];

impl Template {
    /// Reads a template. `pictures` are the PNG files beside it, by their names.
    ///
    /// # Errors
    /// All that is wrong with it if it has the members that it should have, else the first.
    pub fn from_toml(text: &str, pictures: &BTreeMap<String, Vec<u8>>) -> Result<Template, TomlError> {
        let (form, table): (TemplateForm, _) = TEMPLATES.read(text)?;
        let mut check = Check { form: &form, misfits: Vec::new() };
        check.all();
        let logo = form.logo.as_ref().and_then(|logo| logo.file.as_deref());
        let logo = logo.and_then(|file| check.picture(["logo", "file"], file, pictures, Logo::from_png));
        let seal = form.seal.as_ref().and_then(|seal| seal.picture.as_deref());
        let seal_picture =
            seal.and_then(|file| check.picture(["seal", "picture"], file, pictures, SealPicture::from_png));
        let problems: Vec<TomlProblem> = check
            .misfits
            .into_iter()
            .map(|misfit| {
                let way: Vec<Step<'_>> = misfit.way.iter().map(Way::step).collect();
                TomlProblem::at(text, span_of(&table, &way), misfit.message, misfit.meant)
            })
            .collect();
        if problems.is_empty() {
            let named = form.logo.iter().flat_map(|logo| &logo.file);
            let named = named.chain(form.seal.iter().flat_map(|seal| &seal.picture));
            let used =
                named.filter_map(|file| pictures.get_key_value(file)).map(|(file, png)| (file.clone(), png.clone()));
            return Ok(Template { pictures: used.collect(), text: text.to_owned(), form, logo, seal_picture });
        }
        let mut problems = problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        Err(TomlError { problems })
    }
}

/// One step to what is wrong.
#[derive(Clone, Debug)]
enum Way {
    Member(String),
    Element(usize),
}

impl Way {
    fn step(&self) -> Step<'_> {
        match self {
            Self::Member(member) => Step::Member(member),
            Self::Element(place) => Step::Element(*place),
        }
    }
}

struct Misfit {
    way: Vec<Way>,
    message: String,
    meant: Option<String>,
}

struct Check<'a> {
    form: &'a TemplateForm,
    misfits: Vec<Misfit>,
}

impl Check<'_> {
    /// Notes what is wrong. A step that is a number is one in a list.
    fn misfit(&mut self, way: &[&str], message: String) {
        self.misfit_meant(way, message, None);
    }

    fn misfit_meant(&mut self, way: &[&str], message: String, meant: Option<String>) {
        let step = |step: &&str| step.parse().map_or_else(|_| Way::Member((*step).to_owned()), Way::Element);
        self.misfits.push(Misfit { way: way.iter().map(step).collect(), message, meant });
    }

    /// A picture beside the template.
    fn picture<T>(
        &mut self,
        way: [&str; 2],
        file: &str,
        pictures: &BTreeMap<String, Vec<u8>>,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Option<T> {
        let Some(png) = pictures.get(file) else {
            self.misfit(&way, format!("there is no file {file:?} beside the template"));
            return None;
        };
        read(png).map_err(|error| self.misfit(&way, format!("{file}: {error}"))).ok()
    }

    fn range(&mut self, way: &[&str], value: f32, least: f32, most: f32) {
        if !(least..=most).contains(&value) {
            let name = way.last().copied().unwrap_or_default();
            self.misfit(way, format!("{name}: wanted {least} to {most}, found {value}"));
        }
    }

    fn all(&mut self) {
        let form = self.form;
        let begins = form.id.starts_with(|first: char| first.is_ascii_lowercase());
        let fine = form.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !begins || !fine || form.id.len() > 40 {
            self.misfit(&["id"], format!("id: wanted 1 to 40 of a-z, 0-9 and -, a letter first; found {:?}", form.id));
        }
        if form.version == 0 {
            self.misfit(&["version"], "version: wanted 1 or more, found 0".to_owned());
        }
        self.range(&["page", "top"], form.page.top, 60.0, 600.0);
        self.range(&["page", "bottom"], form.page.bottom, form.page.top + 100.0, 790.0);
        self.range(&["page", "gap"], form.page.gap, 0.0, 100.0);
        if let Some(subject) = &form.subject {
            self.phrase(&["subject"], subject, &[]);
        }
        self.head();
        self.foot();
        self.columns();
        self.tax();
        for (index, block) in form.blocks.iter().enumerate() {
            self.block(&index.to_string(), block);
        }
        if let Some(seal) = &form.seal
            && let Err(error) = SealText::from_columns(&seal.text)
        {
            self.misfit(&["seal", "text"], error.to_string());
        }
        if let Some(logo) = &form.logo {
            self.range(&["logo", "x"], logo.x, 20.0, sheet::RIGHT);
            self.range(&["logo", "y"], logo.y, 20.0, 700.0);
            self.range(&["logo", "height"], logo.height, 8.0, 120.0);
            self.range(&["logo", "width"], logo.width, 8.0, sheet::RIGHT - sheet::LEFT);
            match (&logo.file, logo.alternative.as_deref().map(str::trim)) {
                (Some(_), None | Some("")) => {
                    let why = "what the picture shows, for those who have the page read to them";
                    self.misfit(&["logo"], format!("alternative: wanted {why}; found none"));
                }
                (None, Some(_)) => {
                    let why = "without `file` the logo is the organization's, and is told by its name";
                    self.misfit(&["logo", "alternative"], format!("alternative: {why}"));
                }
                _ => {}
            }
        }
        self.one_seal();
    }

    fn head(&mut self) {
        let head = &self.form.head;
        self.phrase(&["head", "number"], &head.number, &[]);
        for (name, title) in [("title", &head.title), ("subtitle", &head.subtitle)] {
            self.range(&["head", name, "y"], title.y, 40.0, 300.0);
            self.look(&["head", name, "look"], &title.look);
            if title.text.trim().is_empty() {
                self.misfit(&["head", name, "text"], format!("{name}: wanted a text, found an empty one"));
            }
        }
    }

    fn foot(&mut self) {
        let foot = &self.form.foot;
        self.range(&["foot", "top"], foot.top, 300.0, 740.0);
        if foot.top < self.form.page.bottom {
            let found = format!("foot.top: wanted at least page.bottom, {}; found {}", self.form.page.bottom, foot.top);
            self.misfit(&["foot", "top"], found);
        }
        let (mut codes, mut badges) = (0, 0);
        for (index, part) in foot.parts.iter().enumerate() {
            let (name, place) = match part {
                FootPart::Issuer(place) => ("issuer", place),
                FootPart::Verification(place) => ("verification", place),
                FootPart::VerificationBeside(place) => ("verification-beside", place),
                FootPart::Badge(place) => ("badge", place),
            };
            codes += usize::from(name.starts_with("verification"));
            badges += usize::from(name == "badge");
            self.range(&["foot", "part", &index.to_string(), name, "x"], place.x, 30.0, 560.0);
        }
        if codes != 1 {
            let message = "part: wanted one verification, with the code and address by which a reader asks; found";
            self.misfit(&["foot", "part"], format!("{message} {codes}"));
        }
        if badges > usize::from(self.form.badge) {
            self.misfit(&["foot", "part"], "part: a badge is shown once, and where `badge = true`".to_owned());
        }
        let closing = [("closing_ja", &foot.closing_ja), ("closing_en", &foot.closing_en)];
        for (name, sentences) in closing {
            if sentences.len() > 3 {
                self.misfit(&["foot", name], format!("{name}: wanted at most 3 lines, found {}", sentences.len()));
            }
            for (index, sentence) in sentences.iter().enumerate() {
                self.phrase(&["foot", name, &index.to_string()], sentence, &["address"]);
            }
        }
    }

    fn columns(&mut self) {
        let columns = &self.form.columns;
        self.column_list(&["column"], columns);
        for (index, column) in columns.iter().enumerate().filter(|(_, column)| column.kind == ColumnKind::Table) {
            let index = index.to_string();
            if column.columns.is_empty() {
                self.misfit(&["column", &index], format!("{}: a table has columns of its own", column.member));
            }
            self.column_list(&["column", &index, "columns"], &column.columns);
            for (inner, column) in column.columns.iter().enumerate() {
                if matches!(column.kind, ColumnKind::Table | ColumnKind::List) {
                    let way = ["column", &index, "columns", &inner.to_string(), "kind"];
                    self.misfit(&way, format!("{}: a table's cell holds one value, no list", column.member));
                }
            }
        }
    }

    fn column_list(&mut self, way: &[&str], columns: &[Column]) {
        let mut seen = BTreeSet::new();
        for (index, column) in columns.iter().enumerate() {
            let index = index.to_string();
            let way = |member| [way, &[index.as_str(), member]].concat();
            let begins = column.member.starts_with(|first: char| first.is_ascii_lowercase());
            let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if !begins || !column.member.bytes().all(fine) || column.member.len() > 40 {
                let message =
                    format!("member: wanted 1 to 40 of a-z, 0-9 and _, a letter first; found {:?}", column.member);
                self.misfit(&way("member"), message);
            }
            if !seen.insert(&column.member) {
                self.misfit(&way("member"), format!("member: there are two columns named {:?}", column.member));
            }
            if column.longest.is_some_and(|longest| !(1..=4000).contains(&longest)) {
                self.misfit(&way("longest"), "longest: wanted 1 to 4000 characters".to_owned());
            }
            if column.kind != ColumnKind::Table && !column.columns.is_empty() {
                self.misfit(&way("columns"), format!("{}: only a table has columns", column.member));
            }
        }
    }

    fn tax(&mut self) {
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
                self.misfit(
                    &["tax", name],
                    format!("{name}: wanted a column of the kind {kind:?}, found {:?}", column.kind),
                );
            }
        }
        let reduced = tax.reduced.is_none_or(|rate| tax.rates.contains(&rate));
        if tax.rates.is_empty() || tax.rates.iter().any(|rate| *rate > 100) || !reduced {
            self.misfit(
                &["tax", "rates"],
                "rates: wanted at least one, each of 0 to 100, the reduced one among them".to_owned(),
            );
        }
    }

    fn block(&mut self, index: &str, block: &BlockForm) {
        let way = |rest: &[&'static str]| [&["block", index], rest].concat();
        match block {
            BlockForm::Text(text) => self.lines(&way(&["text", "lines"]), &text.lines),
            BlockForm::Sides(sides) => {
                self.range(&way(&["sides", "split"]), sides.split, 0.1, 0.9);
                self.lines(&way(&["sides", "left"]), &sides.left);
                self.lines(&way(&["sides", "right"]), &sides.right);
            }
            BlockForm::Facts(facts) => {
                for (place, cell) in facts.cells.iter().enumerate() {
                    let place = place.to_string();
                    self.member(&[&way(&["facts", "cells"])[..], &[&place, "from"]].concat(), &cell.from, Holds::One);
                }
                if facts.cells.is_empty() {
                    self.misfit(&way(&["facts", "cells"]), "cells: wanted at least one".to_owned());
                }
            }
            BlockForm::List(list) => self.member(&way(&["list", "from"]), &list.from, Holds::List),
            BlockForm::Section(section) => {
                let from = way(&["section", "from"]);
                if self.holds(&section.from) == Some(Holds::Table) {
                    let Some(columns) = self.table(&from, &section.from) else { return };
                    for member in SECTION {
                        self.column_of(&from, &columns, member);
                    }
                } else {
                    self.member(&from, &section.from, Holds::One);
                    if section.heading.is_none() {
                        self.misfit(&way(&["section"]), "heading: a text has one above".to_owned());
                    }
                }
            }
            BlockForm::Table(table) => self.table_block(&way(&["table"]), table),
            BlockForm::Tax(tax) => {
                self.range(&way(&["tax", "width"]), tax.width, 0.3, 1.0);
                if self.form.tax.is_none() {
                    self.misfit(
                        &way(&["tax"]),
                        "tax: the template has no table [tax], from which it is reckoned".to_owned(),
                    );
                }
            }
            BlockForm::Rule(_) => {}
        }
    }

    fn table_block(&mut self, way: &[&str], table: &TableForm) {
        self.range(&[way, &["size"]].concat(), table.size, 5.0, 14.0);
        let Some(columns) = self.table(&[way, &["from"]].concat(), &table.from) else { return };
        if table.columns.is_empty() {
            self.misfit(way, "columns: wanted at least one".to_owned());
        }
        for (index, column) in table.columns.iter().enumerate() {
            let index = index.to_string();
            let here = |member| [way, &["columns", &index, member]].concat();
            self.column_of(&here("member"), &columns, &column.member);
            self.range(&here("width"), column.width, 0.01, 1000.0);
            if let Some(mark) = &column.mark {
                self.column_of(&here("mark"), &columns, &mark.member);
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
                _ => self.misfit(&[way, &[index.as_str()]].concat(), "a line has either `ja` or `en`".to_owned()),
            }
            self.look(&here("look"), &line.look);
            if let Some(latin) = &line.latin {
                self.look(&here("latin"), latin);
            }
            self.range(&here("before"), line.before, -20.0, 200.0);
            if !(1..=60).contains(&line.lines) {
                self.misfit(&here("lines"), format!("lines: wanted 1 to 60, found {}", line.lines));
            }
            if let Some(more) = line.more_lines.filter(|more| !(line.lines + 1..=60).contains(more)) {
                let wanted = format!("more_lines: wanted {} to 60, more than `lines`; found {more}", line.lines + 1);
                self.misfit(&here("more_lines"), wanted);
            }
        }
    }

    fn look(&mut self, way: &[&str], look: &Look) {
        self.range(&[way, &["size"]].concat(), look.size, 4.0, 72.0);
        self.range(&[way, &["tracking"]].concat(), look.tracking, 0.0, 2.0);
        if let Some(smallest) = look.smallest {
            self.range(&[way, &["smallest"]].concat(), smallest, 4.0, look.size);
        }
    }

    fn one_seal(&mut self) {
        let places = self.form.blocks.iter().map(|block| match block {
            BlockForm::Text(text) => text.lines.iter().filter(|line| line.seal).count(),
            BlockForm::Sides(sides) => sides.left.iter().chain(&sides.right).filter(|line| line.seal).count(),
            _ => 0,
        });
        let of_foot = self.form.foot.parts.iter().filter(|part| matches!(part, FootPart::Issuer(_))).count();
        let count = places.sum::<usize>() + of_foot;
        if count != 1 {
            let message = "the seal has one place: the foot's part `issuer`, or a line with `seal = true`; found";
            self.misfit(&["foot", "part"], format!("{message} {count}"));
        }
    }

    /// What a member holds, if there is one of that name.
    fn holds(&self, path: &str) -> Option<Holds> {
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

    /// A member that has to be there and hold that.
    fn member(&mut self, way: &[&str], path: &str, wanted: Holds) {
        let Some(holds) = self.holds(path) else { return self.unknown(way, path, &[]) };
        if holds != wanted {
            let words = |holds| match holds {
                Holds::One => "one value",
                Holds::List => "a list",
                Holds::Table => "a table",
            };
            self.misfit(
                way,
                format!("{path}: wanted a member that holds {}; it holds {}", words(wanted), words(holds)),
            );
        }
    }

    fn unknown(&mut self, way: &[&str], path: &str, further: &[&str]) {
        let mut known = self.known();
        known.extend(further.iter().map(|name| (*name).to_owned()));
        let meant = nearest(path, known.iter().map(String::as_str)).map(str::to_owned);
        let message = format!("there is no member {path:?}; there are {}", known.join(", "));
        self.misfit_meant(way, message, meant);
    }

    fn phrase(&mut self, way: &[&str], text: &str, further: &[&str]) {
        let phrase = match Phrase::parse(text) {
            Ok(phrase) => phrase,
            Err(problem) => return self.misfit(way, problem),
        };
        for path in phrase.members().filter(|path| !further.contains(path)) {
            match self.holds(path) {
                Some(_) => self.member(way, path, Holds::One),
                None => self.unknown(way, path, further),
            }
        }
        if let Some(character) = text.chars().find(|character| !world::text::is_printable(*character)) {
            self.misfit(way, format!("wanted no control or format characters, found U+{:04X}", u32::from(character)));
        }
    }

    /// The columns of a table of the data.
    fn table(&mut self, way: &[&str], path: &str) -> Option<Vec<Column>> {
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

    fn column_of(&mut self, way: &[&str], columns: &[Column], member: &str) -> Option<Column> {
        let found = columns.iter().find(|column| column.member == member).cloned();
        if found.is_none() {
            let known: Vec<&str> = columns.iter().map(|column| column.member.as_str()).collect();
            let meant = nearest(member, known.iter().copied()).map(str::to_owned);
            self.misfit_meant(way, format!("the table has no column {member:?}; it has {}", known.join(", ")), meant);
        }
        found
    }
}
