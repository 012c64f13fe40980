//! Templates: certificates, invoices and the like as data. A template says in TOML what stands where, in which words, and what the data
//! may have; with data it becomes PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), with the badge attached if it certifies an
//! achievement, and the seal's fields prepared. In: a template, completion data, number, signed badge, settings, fonts, a time. Out: the
//! same bytes for the same input.
//!
//! ```
//! use issuer::template::Template;
//!
//! let text = Template::bundled("learning").expect("it comes along").text().replace("version = 1", "verzion = 1");
//! let problem = Template::from_toml(&text, &Default::default()).unwrap_err().to_string();
//! assert!(problem.starts_with("line 4, column 1: unknown field `verzion`"), "{problem}");
//! assert!(problem.ends_with("did you mean \"version\"?"));
//! ```

mod block;
mod body;
mod collision;
mod column;
mod data;
mod decimal;
mod facts;
mod foot;
mod form;
mod head;
mod ink;
mod language;
mod lines;
mod node;
mod ornament;
mod pages;
mod phrase;
mod qr;
mod read;
mod seal_picture;
mod sheet;
mod style;
mod table;
mod tax;
mod value;
mod words;
mod writer;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::Timestamp;
use krilla::image::Image;
use sealing::ARCHIVE_TIME_STAMP_FIELD;
use world::toml_text::TomlError;

use crate::badge::{BadgePicture, SignedBadge};
use crate::completion::{Completion, Days, invalid};
use crate::error::Error;
use crate::field::{self, PreparedField, Shape};
use crate::font::Typefaces;
use crate::number::CertificateNumber;
use crate::picture::{Logo, SealPicture};
use crate::seal_text::SealText;
use crate::settings::Settings;

use data::Data;
use form::{LogoForm, TemplateForm};
use node::Node;
use tax::Taxes;
use value::Value;
use writer::{Purpose, Sheets};

pub use collision::Misplaced;
pub use column::{Column, ColumnKind, Headers};
pub(crate) use ink::contrast_to_white;
pub(crate) use read::HIGHEST_VERSION;
pub(crate) use words::MONTHS;
pub use writer::BADGE_ATTACHMENT;

/// Name of the prepared field of the e-seal.
pub const SEAL_FIELD: &str = "Seal";

/// The template that is used where none is named.
pub const USUAL: &str = "learning";

/// Those that come along, by their ids.
const BUNDLED: [(&str, &str); 4] = [
    (USUAL, include_str!("../templates/learning.toml")),
    ("training", include_str!("../templates/training.toml")),
    ("conformity", include_str!("../templates/conformity.toml")),
    ("invoice", include_str!("../templates/invoice.toml")),
];

/// A template that can be printed from.
#[derive(Debug, Clone)]
pub struct Template {
    form: TemplateForm,
    text: String,
    /// The pictures that it names, by their names.
    pictures: BTreeMap<String, Vec<u8>>,
    logo: Option<Logo>,
    seal_picture: Option<SealPicture>,
    /// Why nothing is printed by it, though it is kept.
    unfit: Option<TomlError>,
}

/// An unsealed certificate.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The PDF: one revision, with the empty fields [`SEAL_FIELD`] and [`ARCHIVE_TIME_STAMP_FIELD`].
    pub pdf: Vec<u8>,
    /// The texts of the pages in reading order, one string for each text.
    pub texts: Vec<String>,
    /// What lies over something else or beyond the paper.
    pub misplaced: Vec<Misplaced>,
}

/// What stands between head and foot of a document, page by page: made of nothing but the data, before anything is signed for it.
pub(crate) struct LaidOut {
    filled: Filled,
    days: Days,
    bodies: Vec<Vec<Node>>,
}

impl LaidOut {
    /// How many pages it has.
    pub(crate) fn pages(&self) -> usize {
        self.bodies.len()
    }
}

/// What a template's own columns and taxes come to.
struct Filled {
    fields: BTreeMap<String, Value>,
    taxes: Option<Taxes>,
}

impl Template {
    /// The ids of those that come along.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUNDLED.into_iter().map(|(id, _)| id)
    }

    /// One that comes along.
    pub fn bundled(id: &str) -> Option<&'static Template> {
        static READ: OnceLock<Vec<Template>> = OnceLock::new();
        let all = READ.get_or_init(|| {
            let read = |(_, text): (&str, &str)| Template::from_toml(text, &BTreeMap::new());
            BUNDLED
                .into_iter()
                .map(|bundled| read(bundled).expect("those that come along are read by a test"))
                .collect()
        });
        all.iter().find(|template| template.id() == id)
    }

    /// The JSON Schema of templates.
    pub fn schema() -> serde_json::Value {
        world::toml_text::schema::<TemplateForm>("Template")
    }

    /// By which it is chosen.
    pub fn id(&self) -> &str {
        &self.form.id
    }

    /// Its version.
    pub fn version(&self) -> u32 {
        self.form.version
    }

    /// What it makes, in Japanese and in English.
    pub fn name(&self) -> (&str, &str) {
        (&self.form.name.ja, &self.form.name.en)
    }

    /// What it makes, within a sentence, in Japanese and in English.
    pub fn noun(&self) -> (&str, &str) {
        (&self.form.noun.ja, &self.form.noun.en)
    }

    /// The title of what it makes, in Japanese and in English.
    pub fn title(&self) -> (&str, &str) {
        (&self.form.head.title.text, &self.form.head.subtitle.text)
    }

    /// Whether it certifies an achievement and carries an Open Badge about it.
    pub fn has_badge(&self) -> bool {
        self.form.badge
    }

    /// The file that it is.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The PNG files that it names, by their names.
    pub fn pictures(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.pictures
    }

    /// The members that the data may have under `fields`.
    pub fn columns(&self) -> &[Column] {
        &self.form.columns
    }

    /// What registers call the members that all completion data have, where it has words of its own.
    pub(crate) fn headers(&self) -> &BTreeMap<String, Headers> {
        &self.form.headers
    }

    /// Whether a column of a table is that of the tax rate.
    pub(crate) fn is_tax_rate(&self, member: &str) -> bool {
        self.form.tax.as_ref().is_some_and(|tax| tax.rate == member)
    }

    /// The first rate of tax, in per cent.
    pub(crate) fn usual_tax_rate(&self) -> u32 {
        self.form.tax.as_ref().and_then(|tax| tax.rates.first().copied()).unwrap_or_default()
    }

    /// The rate of tax of that row of a sample, in per cent: the first one, then the reduced one, if there is one.
    pub(crate) fn tax_rate(&self, row: usize) -> u32 {
        let reduced = self.form.tax.as_ref().and_then(|tax| tax.reduced).filter(|_| row > 0);
        reduced.unwrap_or_else(|| self.usual_tax_rate())
    }

    /// All that keeps this completion from being printed by this template, as far as its members go: what is missing, unknown, too long or
    /// of another kind. Whether the fonts have its characters, only [`Template::render`] tells.
    pub fn problems(&self, completion: &Completion) -> Vec<Error> {
        self.filled(completion).err().unwrap_or_default()
    }

    fn filled(&self, completion: &Completion) -> Result<Filled, Vec<Error>> {
        if let Some(unfit) = &self.unfit {
            return Err(vec![Error::Template(unfit.clone())]);
        }
        let mut reader = column::Reader { template: self.id(), problems: Vec::new() };
        match (self.has_badge(), completion.achievement()) {
            (true, None) => {
                let wanted = format!("what was achieved, which the template {} certifies", self.id());
                reader.problems.push(invalid("achievement", &wanted, "none"));
            }
            (false, Some(_)) => {
                let wanted =
                    format!("none, since the template {} certifies no achievement; see its columns", self.id());
                reader.problems.push(invalid("achievement", &wanted, "one"));
            }
            _ => {}
        }
        let fields = reader.read("fields", self.columns(), completion.fields());
        let taxes = self.form.tax.as_ref().and_then(|tax| {
            let Some(Value::Table(rows)) = fields.get(tax.from.trim_start_matches("fields.")) else { return None };
            Taxes::of(tax, rows).map_err(|error| reader.problems.push(error)).ok()
        });
        if reader.problems.is_empty() { Ok(Filled { fields, taxes }) } else { Err(reader.problems) }
    }

    /// The same, or the first that keeps it from being printed.
    fn filled_or_first(&self, completion: &Completion) -> Result<Filled, Error> {
        let first = |problems: Vec<Error>| problems.into_iter().next().expect("it is an error only with a problem");
        self.filled(completion).map_err(first)
    }

    /// Its own logo, or the organization's where it says so.
    fn logo_for<'a>(&'a self, settings: &'a Settings) -> Option<&'a Logo> {
        let of_organization = self.form.logo.as_ref().is_some_and(LogoForm::is_of_organization);
        self.logo.as_ref().or(settings.organization().logo.as_ref().filter(|_| of_organization))
    }

    /// Renders one certificate.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`], [`Error::TextTooLong`], [`Error::PageFull`] and [`Error::CompletionInvalid`] name the member that
    /// cannot be printed; [`Error::PdfRefused`] and [`Error::PdfStructure`] are defects of this program.
    pub fn render(
        &self,
        completion: &Completion,
        number: &CertificateNumber,
        badge: Option<&SignedBadge>,
        settings: &Settings,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<Rendered, Error> {
        let laid_out = self.lay_out(completion, number, settings, typefaces, at)?;
        self.render_laid_out(laid_out, (completion, number), badge, settings, typefaces, at)
    }

    /// Lays the blocks of one certificate out: what keeps its data from being printed is found here.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub(crate) fn lay_out(
        &self,
        completion: &Completion,
        number: &CertificateNumber,
        settings: &Settings,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<LaidOut, Error> {
        let filled = self.filled_or_first(completion)?;
        let days = completion.days(at)?;
        let (fields, taxes) = (&filled.fields, filled.taxes.as_ref());
        let data = Data { template: &self.form, completion, days: &days, number, settings, fields, taxes };
        let bodies = pages::lay_out(&self.form, &data, typefaces)?;
        Ok(LaidOut { filled, days, bodies })
    }

    /// Renders what was laid out of the same data.
    ///
    /// # Errors
    /// [`Error::PdfRefused`] and [`Error::PdfStructure`] are defects of this program.
    pub(crate) fn render_laid_out(
        &self,
        laid_out: LaidOut,
        (completion, number): (&Completion, &CertificateNumber),
        badge: Option<&SignedBadge>,
        settings: &Settings,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<Rendered, Error> {
        let picture = badge.filter(|_| self.has_badge()).map(|badge| badge.credential().picture().small_image());
        let print = Print { template: self, purpose: Purpose::Certificate, picture, badge, number, settings };
        print.render(laid_out, completion, typefaces, at)
    }

    /// Renders a sample: the same pages with 見本 / SAMPLE on each, the number without serial, and no badge attached.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn preview(
        &self,
        completion: &Completion,
        picture: &BadgePicture,
        settings: &Settings,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<Rendered, Error> {
        let year = completion.days(at)?.issued_on.year();
        let number = CertificateNumber::new(settings.number_prefix(), year, SAMPLE_SERIAL)?;
        let picture = self.has_badge().then(|| picture.small_image());
        let laid_out = self.lay_out(completion, &number, settings, typefaces, at)?;
        let print = Print { template: self, purpose: Purpose::Sample, picture, badge: None, number: &number, settings };
        print.render(laid_out, completion, typefaces, at)
    }
}

impl Template {
    /// Whether a completion can be printed, without printing it: as [`Template::render`], for a certificate of whichever number.
    ///
    /// # Errors
    /// As [`Template::render`], but for what the PDF writer finds.
    pub fn check(
        &self,
        completion: &Completion,
        picture: &BadgePicture,
        settings: &Settings,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<(), Error> {
        let number =
            CertificateNumber::new(settings.number_prefix(), completion.days(at)?.issued_on.year(), SAMPLE_SERIAL)?;
        let picture = self.has_badge().then(|| picture.small_image());
        let print =
            Print { template: self, purpose: Purpose::Certificate, picture, badge: None, number: &number, settings };
        print.check(completion, typefaces, at)
    }
}

/// The serial of a sample's number: the last one that there is, which no certificate gets before 999,998 others of its year.
const SAMPLE_SERIAL: u32 = 999_999;

/// Whether that is the name of a PNG file, and of none elsewhere than beside a template.
pub fn is_picture_name(name: &str) -> bool {
    let stem = name.strip_suffix(".png").unwrap_or_default();
    let fine = |character: char| world::text::is_printable(character) && !"/\\:".contains(character);
    !stem.is_empty() && !stem.starts_with('.') && name.chars().count() <= 100 && name.chars().all(fine)
}

/// One document to be printed.
struct Print<'a> {
    template: &'a Template,
    purpose: Purpose,
    picture: Option<Image>,
    badge: Option<&'a SignedBadge>,
    number: &'a CertificateNumber,
    settings: &'a Settings,
}

impl Print<'_> {
    fn check(self, completion: &Completion, typefaces: &Typefaces, at: Timestamp) -> Result<(), Error> {
        let Print { template, purpose, picture, badge, number, settings } = self;
        let LaidOut { filled, days, bodies } = template.lay_out(completion, number, settings, typefaces, at)?;
        let (fields, taxes) = (&filled.fields, filled.taxes.as_ref());
        let data = Data { template: &template.form, completion, days: &days, number, settings, fields, taxes };
        let logo = template.logo_for(settings);
        Sheets { data: &data, purpose, logo, picture, badge, typefaces, at }.check(bodies)
    }

    fn render(
        self,
        laid_out: LaidOut,
        completion: &Completion,
        typefaces: &Typefaces,
        at: Timestamp,
    ) -> Result<Rendered, Error> {
        let Print { template, purpose, picture, badge, number, settings } = self;
        let LaidOut { filled, days, bodies } = laid_out;
        let form = &template.form;
        let (fields, taxes) = (&filled.fields, filled.taxes.as_ref());
        let data = Data { template: form, completion, days: &days, number, settings, fields, taxes };
        let (organization, logo) = (settings.organization(), template.logo_for(settings));
        let written = Sheets { data: &data, purpose, logo, picture, badge, typefaces, at }.write(bodies)?;
        let own = form.seal.as_ref().map(|seal| SealText::from_columns(&seal.text)).transpose()?;
        let seal = own.as_ref().unwrap_or(&organization.seal);
        let drawn = match form.seal {
            Some(_) => template.seal_picture.as_ref(),
            None => organization.seal_picture.as_ref(),
        };
        let appearance = match drawn {
            Some(picture) => seal_picture::drawn(picture),
            None => seal_picture::set(typefaces, seal, days.issued_on)?,
        };
        let seal = PreparedField {
            name: SEAL_FIELD,
            shape: Shape::Merged,
            description: format!(
                "{}「{seal}」: {}のeシール / Square seal, e-seal of {}",
                words::SEAL_ALTERNATIVE_JA,
                organization.name_ja,
                organization.name_en
            ),
            rectangle: written.seal_rectangle,
            appearance: Some(appearance),
        };
        let archive = PreparedField {
            name: ARCHIVE_TIME_STAMP_FIELD,
            shape: Shape::Split,
            description: "長期保存用タイムスタンプ / Archive time-stamp".to_owned(),
            rectangle: [0.0; 4],
            appearance: None,
        };
        let pdf = field::prepare(written.pdf, &[seal, archive])?;
        Ok(Rendered { pdf, texts: written.texts, misplaced: written.misplaced })
    }
}

#[cfg(test)]
mod scripts;
#[cfg(test)]
mod tests;
