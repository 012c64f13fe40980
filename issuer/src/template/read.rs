//! Reading a template. In: TOML, and the pictures beside it. Out: a template that can be printed from, or all that is wrong with it,
//! each with line, column and, where there is one, what was meant, in English and in Japanese.

mod blocks;
mod columns;
mod foot;
mod kept;
mod members;
mod texts;

use std::collections::BTreeMap;

use toml::de::DeTable;
use world::toml_text::{Form, Step, TomlError, TomlProblem, span_of};

use super::form::{LogoForm, TemplateForm};
use super::{Template, sheet};
use crate::error::Error;
use crate::picture::{Logo, SealPicture};
use crate::register::words::{Words as Said, both};
use crate::seal_text::SealText;

/// Templates.
const TEMPLATES: Form =
    Form { one: "a template", several: "templates", version_member: "format", version: 1, longest: 256 << 10 };

/// The highest version: there is always room for a later one.
pub(crate) const HIGHEST_VERSION: u32 = 1_000_000;

impl Template {
    /// Reads a template. `pictures` are the PNG files beside it, by their names.
    ///
    /// # Errors
    /// All that is wrong with it if it has the members that it should have, else the first.
    pub fn from_toml(text: &str, pictures: &BTreeMap<String, Vec<u8>>) -> Result<Template, TomlError> {
        let (form, table): (TemplateForm, _) = TEMPLATES.read(text)?;
        let mut check = Check { form: &form, misfits: Vec::new() };
        check.all();
        let (logo, seal_picture) = check.pictures(pictures);
        let problems = located(check.misfits, text, &table);
        if !problems.is_empty() {
            return Err(TomlError { problems });
        }
        let pictures = used(&form, pictures);
        Ok(Template { pictures, text: text.to_owned(), form, logo, seal_picture, unfit: None })
    }
}

/// The pictures that a template names.
fn used(form: &TemplateForm, pictures: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let named = form.logo.iter().flat_map(|logo| &logo.file);
    let named = named.chain(form.seal.iter().flat_map(|seal| &seal.picture));
    named.filter_map(|file| pictures.get_key_value(file)).map(|(file, png)| (file.clone(), png.clone())).collect()
}

/// Misfits where they stand, in the order of the lines.
fn located(misfits: Vec<Misfit>, text: &str, table: &DeTable<'_>) -> Vec<TomlProblem> {
    let problem = |misfit: Misfit| {
        let way: Vec<Step<'_>> = misfit.way.iter().map(Way::step).collect();
        TomlProblem::at(text, span_of(table, &way), misfit.said.en, misfit.meant).in_japanese(misfit.said.ja)
    };
    let mut problems: Vec<TomlProblem> = misfits.into_iter().map(problem).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
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
    said: Said,
    meant: Option<String>,
}

struct Check<'a> {
    form: &'a TemplateForm,
    misfits: Vec<Misfit>,
}

impl Check<'_> {
    /// Notes what is wrong. A step that is a number is one in a list.
    fn misfit(&mut self, way: &[&str], said: Said) {
        self.misfit_meant(way, said, None);
    }

    fn misfit_meant(&mut self, way: &[&str], said: Said, meant: Option<String>) {
        let step = |step: &&str| step.parse().map_or_else(|_| Way::Member((*step).to_owned()), Way::Element);
        self.misfits.push(Misfit { way: way.iter().map(step).collect(), said, meant });
    }

    /// A number that is none, or without end, lies in no range.
    fn range(&mut self, way: &[&str], value: f32, least: f32, most: f32) {
        if !(least..=most).contains(&value) {
            let name = way.last().copied().unwrap_or_default();
            let said = both!(
                "{name}: wanted {least} to {most}, found {value}",
                "{name}: {least} から {most} までの数が必要ですが、{value} です"
            );
            self.misfit(way, said);
        }
    }

    /// Over how many lines a text goes, and over how many if it has no room otherwise.
    fn line_counts(&mut self, way: &[&str], lines: usize, more: Option<usize>) {
        let here = |member| [way, &[member]].concat();
        if !(1..=60).contains(&lines) {
            let said =
                both!("lines: wanted 1 to 60, found {lines}", "lines: 1 から 60 までの数が必要ですが、{lines} です");
            self.misfit(&here("lines"), said);
        }
        if let Some(more) = more.filter(|more| *more <= lines || *more > 60) {
            let least = lines.saturating_add(1);
            let said = both!(
                "more_lines: wanted {least} to 60, more than `lines`; found {more}",
                "more_lines: `lines` より大きい {least} から 60 までの数が必要ですが、{more} です"
            );
            self.misfit(&here("more_lines"), said);
        }
    }

    fn all(&mut self) {
        let form = self.form;
        self.id();
        self.words(&["name"], &form.name, 60);
        self.words(&["noun"], &form.noun, 20);
        self.range(&["page", "top"], form.page.top, 60.0, 600.0);
        self.range(&["page", "bottom"], form.page.bottom, form.page.top + 100.0, 790.0);
        self.range(&["page", "gap"], form.page.gap, 0.0, 100.0);
        self.words(&["page", "contents"], &form.page.contents, 60);
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
            self.misfit(&["seal", "text"], error.in_both());
        }
        if let Some(logo) = &form.logo {
            self.logo(logo);
        }
        self.one_seal();
    }

    fn id(&mut self) {
        let id = &self.form.id;
        let begins = id.starts_with(|first: char| first.is_ascii_lowercase());
        let fine = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !begins || !fine || id.len() > 40 {
            let said = both!(
                "id: wanted 1 to 40 of a-z, 0-9 and -, a letter first; found {id:?}",
                "id: a-z、0-9、- の 1～40 文字（先頭は英字）が必要ですが、{id:?} です"
            );
            self.misfit(&["id"], said);
        }
        let version = self.form.version;
        if !(1..=HIGHEST_VERSION).contains(&version) {
            let said = both!(
                "version: wanted 1 to {HIGHEST_VERSION}, found {version}",
                "version: 1 から {HIGHEST_VERSION} までの数が必要ですが、{version} です"
            );
            self.misfit(&["version"], said);
        }
    }

    fn logo(&mut self, logo: &LogoForm) {
        self.range(&["logo", "x"], logo.x, 20.0, sheet::RIGHT);
        self.range(&["logo", "y"], logo.y, 20.0, 700.0);
        self.range(&["logo", "height"], logo.height, 8.0, 120.0);
        self.range(&["logo", "width"], logo.width, 8.0, sheet::RIGHT - sheet::LEFT);
        match (&logo.file, logo.alternative.as_deref().map(str::trim)) {
            (Some(_), None | Some("")) => {
                let said = both!(
                    "alternative: wanted what the picture shows, for those who have the page read to them; found none",
                    "alternative: 読み上げで使う人のために、画像が何を表すかを書いてください"
                );
                self.misfit(&["logo"], said);
            }
            (None, Some(_)) => {
                let said = both!(
                    "alternative: without `file` the logo is the organization's, and is told by its name",
                    "alternative: `file` がないときは発行機関のロゴで、その名前で読み上げられます"
                );
                self.misfit(&["logo", "alternative"], said);
            }
            (Some(_), Some(alternative)) => self.text(&["logo", "alternative"], "alternative", alternative, 200),
            (None, None) => {}
        }
    }

    fn head(&mut self) {
        let head = &self.form.head;
        self.phrase(&["head", "number"], &head.number, &[]);
        if !super::phrase::Phrase::parse(&head.number).is_ok_and(|phrase| phrase.members().any(|path| path == "number"))
        {
            let said = both!(
                "number: wanted a line with {{number}} in it, by which a document is found again",
                "number: 番号が入る {{number}} を含む 1 行が必要です"
            );
            self.misfit(&["head", "number"], said);
        }
        for (name, title) in [("title", &head.title), ("subtitle", &head.subtitle)] {
            self.range(&["head", name, "y"], title.y, 40.0, 300.0);
            self.look(&["head", name, "look"], &title.look);
            self.text(&["head", name, "text"], name, &title.text, 100);
            if title.text.contains(['{', '}']) {
                let said = both!(
                    "{name}: wanted a text without braces: titles take no members",
                    "{name}: 波括弧は使えません。標題に項目は入りません"
                );
                self.misfit(&["head", name, "text"], said);
            }
        }
        if let Some(ornament) = head.ornament {
            self.range(&["head", "ornament"], ornament, 40.0, 300.0);
        }
    }

    /// The pictures beside the template.
    fn pictures(&mut self, pictures: &BTreeMap<String, Vec<u8>>) -> (Option<Logo>, Option<SealPicture>) {
        let form = self.form;
        let logo = form.logo.as_ref().and_then(|logo| logo.file.as_deref());
        let logo = logo.and_then(|file| self.picture(["logo", "file"], file, pictures, Logo::from_png));
        let seal = form.seal.as_ref().and_then(|seal| seal.picture.as_deref());
        let seal = seal.and_then(|file| self.picture(["seal", "picture"], file, pictures, SealPicture::from_png));
        (logo, seal)
    }

    fn picture<T>(
        &mut self,
        way: [&str; 2],
        file: &str,
        pictures: &BTreeMap<String, Vec<u8>>,
        read: impl Fn(&[u8]) -> Result<T, Error>,
    ) -> Option<T> {
        if !super::is_picture_name(file) {
            let said = both!(
                "wanted the name of a PNG file beside the template, such as logo.png; found {file:?}",
                "テンプレートと同じフォルダーにある logo.png のような PNG ファイルの名前が必要ですが、{file:?} です"
            );
            self.misfit(&way, said);
            return None;
        }
        let Some(png) = pictures.get(file) else {
            let said = both!(
                "there is no file {file:?} beside the template",
                "テンプレートと同じフォルダーに {file:?} がありません"
            );
            self.misfit(&way, said);
            return None;
        };
        let misfit = |error: Error| {
            let Said { en, ja } = error.in_both();
            self.misfit(&way, both!("{file}: {en}", "{file}: {ja}"));
        };
        read(png).map_err(misfit).ok()
    }
}
