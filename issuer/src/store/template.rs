//! Templates of a world's own, in its database.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use world::store::{Row, Store, query};

use crate::error::Error;
use crate::template::Template;

/// A template as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct KeptTemplate {
    pub(crate) id: String,
    pub(crate) version: u32,
    text: String,
    /// JSON: name to Base64.
    pictures: String,
    added_at: String,
}

impl KeptTemplate {
    pub(crate) fn of(template: &Template, at: Timestamp) -> KeptTemplate {
        let encoded = |(name, png): (&String, &Vec<u8>)| (name.clone(), BASE64_STANDARD.encode(png));
        let pictures: BTreeMap<String, String> = template.pictures().iter().map(encoded).collect();
        KeptTemplate {
            id: template.id().to_owned(),
            version: template.version(),
            text: template.text().to_owned(),
            pictures: serde_json::to_string(&pictures).expect("texts can be written as JSON"),
            added_at: at.to_string(),
        }
    }

    /// Whether it is the same version with the same content.
    pub(crate) fn is_same(&self, other: &KeptTemplate) -> bool {
        (self.version, &self.text, &self.pictures) == (other.version, &other.text, &other.pictures)
    }

    /// The template that it is.
    pub(crate) fn template(&self) -> Result<Template, Error> {
        let pictures: BTreeMap<String, String> = serde_json::from_str(&self.pictures).unwrap_or_default();
        let decoded = |(name, base64): (String, String)| Some((name, BASE64_STANDARD.decode(base64).ok()?));
        Ok(Template::kept(&self.text, &pictures.into_iter().filter_map(decoded).collect())?)
    }

    fn of_row(row: &Row) -> Result<KeptTemplate, Error> {
        Ok(KeptTemplate {
            id: row.get("id")?,
            version: row.get("version")?,
            text: row.get("text")?,
            pictures: row.get("pictures")?,
            added_at: row.get("added_at")?,
        })
    }
}

/// The newest version of a template.
pub(crate) async fn newest(store: &Store, id: &str) -> Result<Option<KeptTemplate>, Error> {
    let text = "SELECT id, version, text, pictures, added_at FROM certificate_template WHERE id = $1 ORDER BY version DESC LIMIT 1";
    query(text).bind(id).fetch_optional(store).await?.as_ref().map(KeptTemplate::of_row).transpose()
}

/// That version of a template.
pub(crate) async fn of_version(store: &Store, id: &str, version: u32) -> Result<Option<KeptTemplate>, Error> {
    let text = "SELECT id, version, text, pictures, added_at FROM certificate_template WHERE id = $1 AND version = $2";
    let found = query(text).bind(id).bind(i64::from(version)).fetch_optional(store).await?;
    found.as_ref().map(KeptTemplate::of_row).transpose()
}

/// The versions of a template that are kept, the newest last.
pub(crate) async fn versions(store: &Store, id: &str) -> Result<Vec<u32>, Error> {
    let text = "SELECT version FROM certificate_template WHERE id = $1 ORDER BY version";
    query(text).bind(id).fetch_all(store).await?.iter().map(|row| Ok(row.get("version")?)).collect()
}

/// The newest version of each template, by their ids.
pub(crate) async fn all_newest(store: &Store) -> Result<Vec<KeptTemplate>, Error> {
    let text = "SELECT id, version, text, pictures, added_at FROM certificate_template AS kept WHERE version = \
                (SELECT MAX(version) FROM certificate_template AS other WHERE other.id = kept.id) ORDER BY id";
    query(text).fetch_all(store).await?.iter().map(KeptTemplate::of_row).collect()
}

/// The templates of which a later version than the first is kept, with the newest.
pub(crate) async fn later_versions(store: &Store) -> Result<Vec<(String, u32)>, Error> {
    let text = "SELECT id, MAX(version) AS newest FROM certificate_template GROUP BY id HAVING MAX(version) > 1";
    let rows = query(text).fetch_all(store).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("newest")?))).collect()
}

/// How many are kept, all versions counted.
pub(crate) async fn count(store: &Store) -> Result<usize, Error> {
    let row = query("SELECT COUNT(*) AS kept FROM certificate_template").fetch_one(store).await?;
    let kept: i64 = row.get("kept")?;
    Ok(usize::try_from(kept).unwrap_or(usize::MAX))
}

/// Keeps a template; not if that version is there already.
pub(crate) async fn add(store: &Store, template: &KeptTemplate) -> Result<bool, Error> {
    let text = "INSERT INTO certificate_template (id, version, text, pictures, added_at) VALUES ($1, $2, $3, $4, $5) \
                ON CONFLICT (id, version) DO NOTHING RETURNING version";
    let added = query(text).bind(&template.id).bind(i64::from(template.version)).bind(&template.text);
    let added = added.bind(&template.pictures).bind(&template.added_at).fetch_optional(store).await?;
    Ok(added.is_some())
}
