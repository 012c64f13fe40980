//! The list of certificates in the database: one row each, and an index for each member by which it is read.

use jiff::Timestamp;
use jiff::civil::Date;
use world::store::{Query, Row, Store, Transaction, composed, query};

use super::form::{FORM, kept};
use crate::api::IssuedSummary;
use crate::completion::{Completion, parse_date};
use crate::error::Error;
use crate::number::CertificateNumber;

/// A place in the list, which is read from the newest to the oldest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    issued_at: String,
    pub(crate) number: String,
}

/// Along what the list is read.
pub(crate) enum Along<'a> {
    Everything,
    Number(&'a CertificateNumber),
    Recipient(&'a str),
    Achievement(&'a str),
    Organization(&'a str),
    /// Certificates of which such a fact was recorded.
    Fact(&'static str),
    /// Certificates whose last day was before that one.
    Expired(Date),
}

/// A certificate in the list.
pub(crate) struct Entry {
    pub(crate) number: String,
    pub(crate) issued_at: String,
    pub(crate) organization: Option<String>,
    pub(crate) recipient: String,
    pub(crate) identifier: String,
    pub(crate) achievement_ja: String,
    pub(crate) achievement_en: String,
    pub(crate) valid_until: Option<Date>,
}

impl Place {
    /// Before the newest certificate of that time; before all of them.
    pub(crate) fn newest(to: Option<Timestamp>) -> Place {
        // Nothing that is kept has a tilde, which comes after all of it.
        let issued_at = to.map_or("~".to_owned(), |to| format!("{to}~"));
        Place { issued_at, number: String::new() }
    }
}

impl Entry {
    pub(crate) fn place(&self) -> Place {
        Place { issued_at: self.issued_at.clone(), number: self.number.clone() }
    }
}

/// Enters a certificate.
pub(crate) async fn enter(
    transaction: &mut Transaction<'_>,
    summary: &IssuedSummary,
    identifier: &str,
    valid_until: Option<Date>,
) -> Result<(), Error> {
    let text = "INSERT INTO certificate_listing (number, issued_at, organization, recipient, identifier, \
                achievement_ja, achievement_en, document_digest, template, template_version, valid_until, form) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    query(text)
        .bind(summary.number.to_string())
        .bind(summary.issued_at.to_string())
        .bind(&summary.organization)
        .bind(kept(&summary.recipient))
        .bind(kept(identifier))
        .bind(kept(&summary.achievement_ja))
        .bind(kept(&summary.achievement_en))
        .bind(&summary.document_digest)
        .bind(&summary.template)
        .bind(summary.template_version)
        .bind(kept_day(valid_until))
        .bind(FORM)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Completes what earlier programs issued: that of before there were several organizations is the first one's, and its learners are found by
/// their identifiers too, and by their names however these are typed.
pub(crate) async fn complete(store: &Store, first: &str) -> Result<(), Error> {
    let nameless = query("SELECT number FROM certificate_listing WHERE organization IS NULL LIMIT 1");
    if nameless.fetch_optional(store).await?.is_some() {
        let text = "UPDATE certificate_listing SET organization = $1 WHERE organization IS NULL";
        query(text).bind(first).execute(store).await?;
    }
    while complete_identifiers(store).await? > 0 {}
    while complete_days(store).await? > 0 {}
    while complete_forms(store).await? > 0 {}
    Ok(())
}

/// Brings some certificates whose texts are kept in an earlier form to that of now; how many there were.
async fn complete_forms(store: &Store) -> Result<usize, Error> {
    let text = "SELECT number, recipient, identifier, achievement_ja, achievement_en FROM certificate_listing \
                WHERE form IS NULL LIMIT 1024";
    let rows = query(text).fetch_all(store).await?;
    let mut transaction = store.begin().await?;
    for row in &rows {
        let text = "UPDATE certificate_listing SET recipient = $1, identifier = $2, achievement_ja = $3, achievement_en = $4, \
                    form = $5 WHERE number = $6";
        let identifier: &str = row.get("identifier")?;
        let identifier = if identifier == UNREADABLE { UNREADABLE.to_owned() } else { kept(identifier) };
        query(text)
            .bind(kept(row.get("recipient")?))
            .bind(identifier)
            .bind(kept(row.get("achievement_ja")?))
            .bind(kept(row.get("achievement_en")?))
            .bind(FORM)
            .bind(row.get::<&str>("number")?)
            .execute(&mut transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(rows.len())
}

/// The last days of some certificates of which the list does not say yet whether they expire; how many there were.
async fn complete_days(store: &Store) -> Result<usize, Error> {
    let text = "SELECT listing.number, certificate.completion FROM certificate_listing AS listing \
                JOIN issued_certificate AS certificate ON certificate.number = listing.number \
                WHERE listing.valid_until IS NULL LIMIT 256";
    let rows = query(text).fetch_all(store).await?;
    let mut transaction = store.begin().await?;
    for row in &rows {
        let read = Completion::from_kept(row.get::<&str>("completion")?.as_bytes());
        let day = read.map_or(String::new(), |completion| kept_day(completion.valid_until()));
        let text = "UPDATE certificate_listing SET valid_until = $1 WHERE number = $2";
        query(text).bind(day).bind(row.get::<&str>("number")?).execute(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(rows.len())
}

/// A last day as it is kept: empty if there is none.
fn kept_day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// The last day that a row of the list has, if its certificate expires.
pub(crate) fn last_day(row: &Row) -> Result<Option<Date>, Error> {
    let kept: Option<String> = row.get("valid_until")?;
    Ok(kept.as_deref().and_then(parse_date))
}

/// The identifiers of some certificates that have none in the list; how many there were.
async fn complete_identifiers(store: &Store) -> Result<usize, Error> {
    let text = "SELECT listing.number, certificate.completion FROM certificate_listing AS listing \
                JOIN issued_certificate AS certificate ON certificate.number = listing.number \
                WHERE listing.identifier = '' LIMIT 256";
    let rows = query(text).fetch_all(store).await?;
    let mut transaction = store.begin().await?;
    for row in &rows {
        let read = Completion::from_kept(row.get::<&str>("completion")?.as_bytes());
        let identifier = read.map_or(UNREADABLE.to_owned(), |completion| kept(&completion.recipient().identifier));
        let text = "UPDATE certificate_listing SET identifier = $1 WHERE number = $2";
        query(text).bind(identifier).bind(row.get::<&str>("number")?).execute(&mut transaction).await?;
    }
    transaction.commit().await?;
    Ok(rows.len())
}

/// In the place of an identifier that nobody can look for: no identifier has a blank.
const UNREADABLE: &str = " ";

/// Where a certificate stands in the list.
pub(crate) async fn place(store: &Store, number: &CertificateNumber) -> Result<Option<Place>, Error> {
    let number = number.to_string();
    let text = "SELECT issued_at FROM certificate_listing WHERE number = $1";
    let row = query(text).bind(&number).fetch_optional(store).await?;
    row.map(|row| Ok(Place { issued_at: row.get("issued_at")?, number: number.clone() })).transpose()
}

/// The number of the certificate whose seal has that message digest, lower hex.
pub(crate) async fn by_document_digest(store: &Store, digest: &str) -> Result<Option<String>, Error> {
    let text = "SELECT number FROM certificate_listing WHERE document_digest = $1 LIMIT 1";
    let row = query(text).bind(digest).fetch_optional(store).await?;
    Ok(row.map(|row| row.get("number")).transpose()?)
}

/// Certificates that follow that place, newest first, at most so many; none issued before `from`.
pub(crate) async fn read(
    store: &Store,
    along: &Along<'_>,
    begin: &Place,
    from: Option<Timestamp>,
    most: u32,
) -> Result<Vec<Entry>, Error> {
    let mut found = Vec::new();
    for (text, value) in along.statements() {
        let from = from.map(|from| from.to_string()).unwrap_or_default();
        let query: Query<'_> = composed(text).bind(&begin.issued_at).bind(&begin.number).bind(from).bind(most);
        let query = match value {
            Some(value) => query.bind(value),
            None => query,
        };
        for row in query.fetch_all(store).await? {
            found.push(entry(&row)?);
        }
    }
    // Of two statements, and of several facts about one certificate.
    found.sort_by_key(|entry| std::cmp::Reverse(entry.place()));
    found.dedup_by(|one, other| one.number == other.number);
    found.truncate(most as usize);
    Ok(found)
}

impl Along<'_> {
    /// The statements whose rows, put together, are read; each with the value that it compares.
    pub(super) fn statements(&self) -> Vec<(String, Option<String>)> {
        let where_is = |column: &str, value: &str| (along_column(column), Some(value.to_owned()));
        match self {
            Along::Everything => vec![(of_listing(""), None)],
            Along::Number(number) => vec![where_is("number", &number.to_string())],
            Along::Recipient(recipient) => vec![where_is("recipient", recipient), where_is("identifier", recipient)],
            Along::Achievement(name) => vec![where_is("achievement_ja", name), where_is("achievement_en", name)],
            Along::Organization(id) => vec![where_is("organization", id)],
            // Both conditions: by the first the index is known to have all of them.
            Along::Expired(day) => {
                let before = "listing.valid_until > '' AND listing.valid_until < $5 AND ";
                vec![(of_listing(before), Some(day.to_string()))]
            }
            Along::Fact(kind) => vec![(of_facts(), Some((*kind).to_owned()))],
        }
    }
}

const COLUMNS: &str = "listing.number, listing.issued_at, listing.organization, listing.recipient, \
                       listing.identifier, listing.achievement_ja, listing.achievement_en, listing.valid_until";

fn along_column(column: &str) -> String {
    of_listing(&format!("listing.{column} = $5 AND "))
}

fn of_listing(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM certificate_listing AS listing \
         WHERE {condition}(listing.issued_at, listing.number) < ($1, $2) AND listing.issued_at >= $3 \
         ORDER BY listing.issued_at DESC, listing.number DESC LIMIT $4"
    )
}

/// Several facts of one kind are one row: certificates are counted, and a page never ends among the facts of one.
fn of_facts() -> String {
    format!(
        "SELECT {COLUMNS} FROM (SELECT DISTINCT issued_at, number FROM certificate_fact \
         WHERE kind = $5 AND (issued_at, number) < ($1, $2) AND issued_at >= $3 \
         ORDER BY issued_at DESC, number DESC LIMIT $4) AS fact \
         JOIN certificate_listing AS listing ON listing.number = fact.number"
    )
}

fn entry(row: &Row) -> Result<Entry, Error> {
    Ok(Entry {
        number: row.get("number")?,
        issued_at: row.get("issued_at")?,
        organization: row.get("organization")?,
        recipient: row.get("recipient")?,
        identifier: row.get("identifier")?,
        achievement_ja: row.get("achievement_ja")?,
        achievement_en: row.get("achievement_en")?,
        valid_until: last_day(row)?,
    })
}
