//! The templates of a world: those that come along, and its own. In: ids, files. Out: templates; every version that was registered stays.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::Value;
use toml::de::DeTable;
use world::toml_text::{Step, TomlProblem, nearest, span_of};

use crate::api::{TemplateEntry, TemplateFiles, TemplateOrigin};
use crate::badge::BadgePicture;
use crate::completion::{Completion, japanese_date};
use crate::error::Error;
use crate::font::Typefaces;
use crate::issue::Issuer;
use crate::register::Columns;
use crate::register::words::{Words, both};
use crate::settings::Settings;
use crate::store::template::{self, KeptTemplate};
use crate::template::{Column, ColumnKind, HIGHEST_VERSION, Rendered, Template, USUAL};

/// The most templates of a world's own, all versions counted.
const MOST_KEPT: usize = 1000;

impl Issuer {
    /// The template of that id, in its newest version; the usual one where none is named.
    ///
    /// # Errors
    /// [`Error::UnknownTemplate`], with the ids that there are; [`Error::Database`].
    pub async fn template(&self, id: Option<&str>) -> Result<Template, Error> {
        let id = id.unwrap_or(USUAL);
        if let Some(bundled) = Template::bundled(id) {
            return Ok(bundled.clone());
        }
        match template::newest(&self.world.store, id).await? {
            Some(kept) => kept.template(),
            None => Err(self.unknown_template(id).await?),
        }
    }

    /// The template of that id in that version, or in its newest. Every version of the world's own that was registered is there; of those
    /// that come along the one that this program brings.
    ///
    /// # Errors
    /// [`Error::UnknownTemplate`], with the ids that there are; [`Error::UnknownTemplateVersion`], with the versions that there are;
    /// [`Error::Database`].
    pub async fn template_in(&self, id: &str, version: Option<u32>) -> Result<Template, Error> {
        let newest = self.template(Some(id)).await?;
        let Some(version) = version.filter(|version| *version != newest.version()) else { return Ok(newest) };
        if let Some(kept) = template::of_version(&self.world.store, id, version).await? {
            return kept.template();
        }
        let mut known = template::versions(&self.world.store, id).await?;
        if known.is_empty() {
            known.push(newest.version());
        }
        let known = known.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        Err(Error::UnknownTemplateVersion { id: id.to_owned(), found: version, known })
    }

    /// Every template, those that come along first; of the world's own the newest versions.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn templates(&self) -> Result<Vec<TemplateEntry>, Error> {
        let bundled = Template::names().filter_map(Template::bundled);
        let mut entries: Vec<TemplateEntry> =
            bundled.map(|template| TemplateEntry::of(template, TemplateOrigin::Bundled)).collect();
        for kept in template::all_newest(&self.world.store).await? {
            entries.push(TemplateEntry::of(&kept.template()?, TemplateOrigin::World));
        }
        Ok(entries)
    }

    /// The columns of registers whose rows are printed by that template, or by the usual one, unless they name one themselves.
    pub(crate) async fn columns(&self, template: Option<&str>) -> Result<Columns, Error> {
        self.columns_beside(&self.template(template).await?).await
    }

    /// The same where the usual one need not be kept.
    pub(crate) async fn columns_beside(&self, usual: &Template) -> Result<Columns, Error> {
        let mut all: Vec<Template> = Template::names().filter_map(Template::bundled).cloned().collect();
        for kept in template::all_newest(&self.world.store).await?.into_iter().filter(|kept| kept.id != usual.id()) {
            all.push(kept.template()?);
        }
        if Template::bundled(usual.id()).is_none() {
            all.push(usual.clone());
        }
        Ok(Columns::of(usual, &all))
    }

    /// The templates whose newest version is not their first, with that version.
    pub(crate) async fn later_versions(&self) -> Result<BTreeMap<String, u32>, Error> {
        let bundled = Template::names().filter_map(Template::bundled);
        let bundled = bundled.map(|template| (template.id().to_owned(), template.version()));
        let mut versions: BTreeMap<String, u32> = bundled.filter(|(_, version)| *version > 1).collect();
        versions.extend(template::later_versions(&self.world.store).await?);
        Ok(versions)
    }

    /// Keeps a template of the world's own. One that is kept with the same content is welcome again, whichever version is the newest.
    ///
    /// # Errors
    /// [`Error::Template`] with all that is wrong with it; [`Error::TemplateKept`] if its id is another one than `id` or that of one that
    /// comes along, or its version is not newer than what is kept.
    pub async fn add_template(&self, id: &str, files: &TemplateFiles) -> Result<TemplateEntry, Error> {
        let (read, is_kept) = self.keepable(Some(id), files).await?;
        if !is_kept {
            let refused = |problem: Words| Error::TemplateKept { id: id.to_owned(), problem };
            if template::count(&self.world.store).await? >= MOST_KEPT {
                return Err(refused(both!(
                    "a world keeps at most {MOST_KEPT} templates, all versions counted",
                    "ワールドに登録できるテンプレートは、全バージョン合わせて {MOST_KEPT} 個までです"
                )));
            }
            let kept = KeptTemplate::of(&read, self.now());
            if !template::add(&self.world.store, &kept).await? {
                // Somebody else has registered that version just now: the same file, or another one, of which it is told what to do.
                let (_, is_kept) = self.keepable(Some(id), files).await?;
                let version = read.version();
                let lost = || {
                    refused(both!(
                        "version {version} cannot be registered now; ask again",
                        "バージョン {version} は今は登録できません。もう一度お試しください"
                    ))
                };
                is_kept.then_some(()).ok_or_else(lost)?;
            }
        }
        Ok(TemplateEntry::of(&read, TemplateOrigin::World))
    }

    /// A template that could be kept beside those that there are, and whether it is kept already. Nothing is written. `id`: the one that it is
    /// to have.
    ///
    /// # Errors
    /// As [`Issuer::add_template`].
    async fn keepable(&self, id: Option<&str>, files: &TemplateFiles) -> Result<(Template, bool), Error> {
        let (text, pictures) = (&files.template, files.decoded_pictures()?);
        if let Some(same) = self.kept_with_that_content(id, text, &pictures).await? {
            return Ok((same, true));
        }
        let read = Template::from_toml(text, &pictures)?;
        let id = id.unwrap_or(read.id()).to_owned();
        let refused = |problem: Words| Error::TemplateKept { id: id.clone(), problem };
        if read.id() != id {
            let own = read.id();
            return Err(refused(both!(
                "the file's own id is {own}; wanted the same",
                "ファイルの id は {own} です。同じ id が必要です"
            )));
        }
        if Template::bundled(&id).is_some() {
            return Err(refused(comes_along()));
        }
        let version = read.version();
        let newest = template::newest(&self.world.store, &id).await?.map(|newest| newest.version);
        let remedy = match newest.unwrap_or_default().checked_add(1).filter(|next| *next <= HIGHEST_VERSION) {
            Some(next) => {
                both!("count `version` up, to {next} or more", "`version` を {next} 以上にしてください")
            }
            None => both!(
                "no later version is possible; give it another id",
                "これより新しいバージョンは作れません。別の id にしてください"
            ),
        };
        let Words { en, ja } = remedy;
        match (template::of_version(&self.world.store, &id, version).await?, newest) {
            (Some(_), _) => Err(refused(both!(
                "version {version} is kept already, with other content; {en}",
                "バージョン {version} は別の内容で登録済みです。{ja}"
            ))),
            (None, Some(newest)) if newest > version => Err(refused(both!(
                "version {version} was never kept, and is older than version {newest}, which is; {en}",
                "バージョン {version} は登録されたことがなく、登録済みのバージョン {newest} より古いものです。{ja}"
            ))),
            (None, _) => Ok((read, false)),
        }
    }

    /// A template by which rows would be issued if it were registered now.
    ///
    /// # Errors
    /// As [`Issuer::add_template`]; [`Error::TemplateKept`] if a newer version is kept, by which they would be.
    pub(crate) async fn to_be_tried(&self, id: Option<&str>, files: &TemplateFiles) -> Result<Template, Error> {
        let (read, _) = self.keepable(id, files).await?;
        match template::newest(&self.world.store, read.id()).await?.map(|newest| newest.version) {
            Some(newest) if newest > read.version() => {
                let version = read.version();
                let problem = both!(
                    "version {version} is older than {newest}, the newest that is kept, by which rows would be issued",
                    "バージョン {version} は、登録済みで発行に使われる最新の {newest} より古いものです"
                );
                Err(Error::TemplateKept { id: read.id().to_owned(), problem })
            }
            _ => Ok(read),
        }
    }

    /// The template of that id and with that content, if it is kept: by whatever rules it was taken.
    async fn kept_with_that_content(
        &self,
        id: Option<&str>,
        text: &str,
        pictures: &BTreeMap<String, Vec<u8>>,
    ) -> Result<Option<Template>, Error> {
        let Ok(read) = Template::kept(text, pictures) else { return Ok(None) };
        let own = template::of_version(&self.world.store, read.id(), read.version()).await?;
        let kept = KeptTemplate::of(&read, Timestamp::UNIX_EPOCH);
        let same = id.is_none_or(|id| id == read.id()) && own.is_some_and(|own| own.is_same(&kept));
        Ok(same.then_some(read))
    }

    /// A sample of what a completion would become: unsealed, without a number, 見本 / SAMPLE on each page.
    ///
    /// # Errors
    /// As [`Template::render`], and [`Error::UnknownTemplate`].
    pub async fn preview(&self, completion: &Completion) -> Result<Rendered, Error> {
        let template = self.template(completion.template()).await?;
        self.preview_by(&template, completion)
    }

    /// The same by that version of the template that the data name.
    pub(crate) fn preview_by(&self, template: &Template, completion: &Completion) -> Result<Rendered, Error> {
        let picture = self.picture_for(completion)?;
        template.preview(completion, &picture, &self.settings, &self.typefaces, self.world.clock.now())
    }

    async fn unknown_template(&self, id: &str) -> Result<Error, Error> {
        let known: Vec<String> = self.templates().await?.into_iter().map(|entry| entry.id).collect();
        let meant = nearest(id, known.iter().map(String::as_str));
        let meant = meant.map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
        Ok(Error::UnknownTemplate { found: id.to_owned(), known: known.join(", "), meant })
    }
}

/// What is said of a template of somebody's own that has the id of one that comes along.
fn comes_along() -> Words {
    both!(
        "one of that id comes along; give yours another id",
        "この id のテンプレートは最初からあります。別の id にしてください"
    )
}

impl Template {
    /// That no world takes it, since it has the id of one that comes along, whose copy it is not.
    pub fn taken_id(&self) -> Option<TomlProblem> {
        let bundled = Template::bundled(self.id())?;
        if bundled.text() == self.text() && bundled.pictures() == self.pictures() {
            return None;
        }
        let table = DeTable::parse(self.text()).ok();
        let span = table.and_then(|table| span_of(table.get_ref(), &[Step::Member("id")]));
        let (Words { en, ja }, id) = (comes_along(), self.id());
        Some(
            TomlProblem::at(self.text(), span, format!("id {id:?}: {en}"), None)
                .in_japanese(format!("id {id:?}: {ja}")),
        )
    }

    /// Data with words of the template's own: what its columns are called, numbers of one.
    pub fn sample_data(&self, at: Timestamp) -> Completion {
        let json = include_bytes!("../../examples/certificate.json");
        let sample = Completion::from_json(json).expect("the examples are tested");
        let fields = self.columns().iter().map(|column| (column.member.clone(), self.sample_value(column, 0, at)));
        sample.into_sample(self.has_badge(), fields.collect())
    }

    /// A value of a column; in a table with several rates of tax each of its rows has another one.
    fn sample_value(&self, column: &Column, row: usize, at: Timestamp) -> Value {
        let words = |text: &str| -> String { text.chars().take(column.longest.unwrap_or(usize::MAX)).collect() };
        let of_row = |row: usize| -> Value {
            column
                .columns
                .iter()
                .map(|cell| (cell.member.clone(), self.sample_value(cell, row, at)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        match column.kind {
            ColumnKind::Text | ColumnKind::Id => words(&column.headers.ja).into(),
            ColumnKind::LongText => words(&format!("{}\n{}", column.headers.ja, column.headers.en)).into(),
            ColumnKind::Date => japanese_date(at).to_string().into(),
            ColumnKind::Number if self.is_tax_rate(&column.member) => self.tax_rate(row).into(),
            ColumnKind::Number => 1.into(),
            ColumnKind::Money => 1200.into(),
            ColumnKind::List => vec![words(&column.headers.ja), words(&column.headers.en)].into(),
            ColumnKind::Table => vec![of_row(0), of_row(1)].into(),
            ColumnKind::RegistrationNumber => "T9234567890123".into(),
        }
    }

    /// A sample without a world: in the name of the testbed's own organization.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn sample(&self, completion: &Completion, typefaces: &Typefaces, at: Timestamp) -> Result<Rendered, Error> {
        let settings = Settings::testbed("http://127.0.0.1:8700", crate::settings::Secret::new([0; 32]))?;
        let picture = BadgePicture::bundled()?.for_completion(completion)?;
        self.preview(completion, &picture, &settings, typefaces, at)
    }
}

impl TemplateFiles {
    /// The PNG files by their names.
    ///
    /// # Errors
    /// [`Error::TemplatePicture`] if one is no Base64.
    pub fn decoded_pictures(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let decoded = |(name, base64): (&String, &String)| match BASE64_STANDARD.decode(base64) {
            Ok(png) => Ok((name.clone(), png)),
            Err(error) => Err(Error::TemplatePicture { name: name.clone(), problem: error.to_string() }),
        };
        self.pictures.iter().map(decoded).collect()
    }

    /// The files of a template.
    pub fn of(template: &Template) -> TemplateFiles {
        let pictures = template.pictures().iter().map(|(name, png)| (name.clone(), BASE64_STANDARD.encode(png)));
        TemplateFiles { pictures: pictures.collect(), template: template.text().to_owned() }
    }
}

impl TemplateEntry {
    /// What is said of a template.
    pub fn of(template: &Template, origin: TemplateOrigin) -> TemplateEntry {
        let (name_ja, name_en) = template.name();
        TemplateEntry {
            badge: template.has_badge(),
            columns: template.columns().to_vec(),
            id: template.id().to_owned(),
            name_en: name_en.to_owned(),
            name_ja: name_ja.to_owned(),
            origin,
            version: template.version(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sealing::{ClientSecret, Services};
    use world::World;

    use super::*;
    use crate::completion::tests::example;
    use crate::{Organization, Secret};

    async fn issuer() -> Issuer {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
        let services = Services {
            key_server: "http://127.0.0.1:8700/csc/v2".to_owned(),
            client_id: "issuer".to_owned(),
            client_secret: ClientSecret("secret".to_owned()),
            time_stamping: "http://127.0.0.1:8700/tsa".to_owned(),
        };
        Issuer::open(&world, &services, vec![Organization::testbed()], Secret::new([7; 32])).await.unwrap()
    }

    fn own(version: u32, title: &str) -> TemplateFiles {
        let text = Template::bundled("training").unwrap().text().to_owned();
        let text = text
            .replace("id = \"training\"", "id = \"first-aid\"")
            .replace("研修修了証\"\ny", &format!("{title}\"\ny"));
        let template = text.replacen("\nversion = 1", &format!("\nversion = {version}"), 1);
        TemplateFiles { pictures: BTreeMap::new(), template }
    }

    #[tokio::test]
    async fn a_template_is_kept_in_versions_of_which_the_newest_is_used() {
        let issuer = issuer().await;
        issuer.add_template("first-aid", &own(1, "救命講習修了証")).await.unwrap();
        issuer.add_template("first-aid", &own(1, "救命講習修了証")).await.unwrap();
        let error = issuer.add_template("first-aid", &own(1, "別の修了証")).await.unwrap_err().to_string();
        assert!(error.contains("count `version` up, to 2 or more"), "{error}");
        issuer.add_template("first-aid", &own(3, "別の修了証")).await.unwrap();
        let error = issuer.add_template("first-aid", &own(2, "更に別の修了証")).await.unwrap_err().to_string();
        assert!(error.contains("version 2 was never kept") && error.contains("to 4 or more"), "{error}");
        issuer.add_template("first-aid", &own(1, "救命講習修了証")).await.unwrap();
        let older = issuer.to_be_tried(None, &own(1, "救命講習修了証")).await.map(|_| ()).unwrap_err().to_string();
        assert!(older.contains("version 1 is older than 3"), "{older}");
        assert_eq!(issuer.to_be_tried(None, &own(4, "新しい修了証")).await.unwrap().version(), 4);
        let highest =
            issuer.add_template("first-aid", &own(4_294_967_295, "別の修了証")).await.unwrap_err().to_string();
        assert!(highest.contains("version: wanted 1 to 1000000, found 4294967295"), "{highest}");
        let newest = issuer.template(Some("first-aid")).await.unwrap();
        assert_eq!((newest.version(), newest.title().0), (3, "別の修了証"));
        let ids: Vec<String> = issuer.templates().await.unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(ids, ["learning", "training", "conformity", "invoice", "first-aid"]);
    }

    #[tokio::test]
    async fn above_the_highest_version_that_an_earlier_program_took_there_is_none_and_nothing_breaks() {
        let issuer = issuer().await;
        let old = Template::kept(&own(u32::MAX, "救命講習修了証").template, &BTreeMap::new()).unwrap();
        template::add(&issuer.world.store, &KeptTemplate::of(&old, Timestamp::UNIX_EPOCH)).await.unwrap();
        let error = issuer.add_template("first-aid", &own(3, "救命講習修了証")).await.unwrap_err().to_string();
        assert!(error.contains("no later version is possible; give it another id"), "{error}");
        issuer.add_template("first-aid", &own(u32::MAX, "救命講習修了証")).await.unwrap();
        assert_eq!(issuer.template(Some("first-aid")).await.unwrap().version(), u32::MAX);
    }

    #[tokio::test]
    async fn a_template_of_another_id_or_of_one_that_comes_along_is_refused_and_an_unknown_one_told() {
        let issuer = issuer().await;
        let error = issuer.add_template("second-aid", &own(1, "救命講習修了証")).await.unwrap_err().to_string();
        assert!(error.contains("the file's own id is first-aid"), "{error}");
        let bundled = TemplateFiles::of(Template::bundled("invoice").unwrap());
        assert!(issuer.add_template("invoice", &bundled).await.unwrap_err().to_string().contains("comes along"));
        let error = issuer.template(Some("trainning")).await.unwrap_err().to_string();
        assert!(
            error.contains("there are: learning, training") && error.contains("did you mean \"training\"?"),
            "{error}"
        );
    }

    #[test]
    fn a_copy_of_one_that_comes_along_keeps_its_id_only_as_long_as_nothing_is_changed() {
        let read = |text: &str| Template::from_toml(text, &BTreeMap::new()).unwrap();
        let text = Template::bundled("training").unwrap().text();
        assert_eq!(read(text).taken_id(), None);
        let changed = text.replace("研修修了証\"\ny", "受講証\"\ny");
        let taken = read(&changed).taken_id().unwrap();
        let line = changed.lines().position(|line| line.starts_with("id = ")).unwrap() + 1;
        assert_eq!(taken.line, line);
        assert_eq!(taken.message, "id \"training\": one of that id comes along; give yours another id");
        assert_eq!(read(&changed.replace("id = \"training\"", "id = \"mine\"")).taken_id(), None);
    }

    #[tokio::test]
    async fn what_each_template_makes_of_its_own_words_can_be_looked_at() {
        let issuer = issuer().await;
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        for template in Template::names().filter_map(Template::bundled) {
            let data = template.sample_data(at);
            assert_eq!(template.problems(&data).first().map(ToString::to_string), None);
            template.sample(&data, &Typefaces::bundled().unwrap(), at).unwrap();
        }
        let preview = issuer.preview(&example()).await.unwrap();
        assert!(preview.texts.contains(&"見本".to_owned()));
    }
}
