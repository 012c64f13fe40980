//! What the issuer keeps: numbers taken, its secret, and every certificate that passed its check.

mod keys;
pub(crate) mod template;

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use pki::PublicKey;
use sealing::Crossing;
use world::store::{DatabaseError, Dialect, On, Row, Store, Tables, Transaction, composed, query, steps, stored_time};

use crate::api::{IssuedSummary, first_version, usual_template};
use crate::badge::{BadgeKey, BadgePicture};
use crate::error::Error;
use crate::identity::Identity;
use crate::number::CertificateNumber;
use crate::settings::Settings;
use crate::standing::Superseding;
use crate::webhook::Answered;
use crate::{crossings, search};
pub(crate) use keys::complete_keys;

/// The issuer's tables.
pub const TABLES: Tables = Tables {
    owner: "issuer",
    scripts: &[
        include_str!("../migrations/0001_issuer.sql"),
        include_str!("../migrations/0002_order.sql"),
        include_str!("../migrations/0003_numbers.sql"),
        include_str!("../migrations/0004_badge_key.sql"),
        include_str!("../migrations/0005_organizations.sql"),
        include_str!("../migrations/0006_batches.sql"),
        include_str!("../migrations/0007_life.sql"),
        include_str!("../migrations/0008_templates.sql"),
        include_str!("../migrations/0009_rows.sql"),
        include_str!("../migrations/0010_words.sql"),
        include_str!("../migrations/0011_expiry.sql"),
        include_str!("../migrations/0012_rows_sent.sql"),
        include_str!("../migrations/0014_forms.sql"),
        include_str!("../migrations/0015_batch_words.sql"),
    ],
    postgres: &[],
};

/// An issued certificate.
#[derive(Clone, Debug)]
pub struct Issued {
    /// What is known of it without the file.
    pub summary: IssuedSummary,
    /// The completion data as JSON.
    pub completion: String,
    /// The badge: compact JWS; empty if its template has none.
    pub badge: String,
    /// The sealed file.
    pub pdf: Vec<u8>,
}

/// What stands behind the file in the row of a certificate would be read through the file: what the list needs is in the list too.
const SUMMARY: &str = "certificate.number, listing.organization, certificate.issued_at, level, certificate.recipient, \
                       certificate.achievement_ja, certificate.achievement_en, confirmation_code, seal_serial, \
                       certificate.document_digest, sent_digest, time_stamp, sha256, template, template_version, \
                       CAST(CASE WHEN badge = '' THEN 0 ELSE 1 END AS BIGINT) AS has_badge";

pub(crate) async fn migrate(store: &Store) -> Result<(), Error> {
    Ok(store.migrate(TABLES).await?)
}

/// The secret that earlier versions kept in the clear.
pub(crate) async fn plain_secret(store: &Store) -> Result<Option<[u8; 32]>, Error> {
    let row = query("SELECT bytes FROM issuer_secret WHERE id = 1").fetch_optional(store).await?;
    let kept: Option<Vec<u8>> = row.map(|row| row.get("bytes")).transpose()?;
    Ok(kept.map(|bytes| bytes.try_into().expect("earlier versions wrote 32 bytes there")))
}

/// Overwrites it, on the page and in the log.
pub(crate) async fn forget_plain_secret(store: &Store) -> Result<(), Error> {
    if store.dialect() == Dialect::Postgres {
        query("DELETE FROM issuer_secret").execute(store).await?;
        return Ok(());
    }
    let mut turn = store.turn().await?;
    for step in [
        "PRAGMA secure_delete = ON",
        "DELETE FROM issuer_secret",
        "PRAGMA secure_delete = OFF",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        query(step).execute(&mut turn).await?;
    }
    Ok(())
}

/// Counts the next serial of a prefix and year; none is counted twice.
pub(crate) async fn next_serial(connection: &mut Transaction<'_>, prefix: &str, year: i16) -> Result<u32, Error> {
    let text = "INSERT INTO number_counter (prefix, year, last) VALUES ($1, $2, 1) \
                 ON CONFLICT (prefix, year) DO UPDATE SET last = number_counter.last + 1 RETURNING last";
    let row = query(text).bind(prefix).bind(i64::from(year)).fetch_one(connection).await?;
    row.get("last").map_err(Error::from)
}

/// A number that was taken and has no certificate.
pub(crate) struct WithoutCertificate {
    pub(crate) prefix: String,
    pub(crate) year: i16,
    pub(crate) serial: u32,
    pub(crate) taken_at: Option<Timestamp>,
    pub(crate) problem: Option<String>,
    pub(crate) given_up: bool,
    pub(crate) given_up_at: Option<Timestamp>,
    pub(crate) reason: Option<String>,
    /// For which row of a batch it was taken last; earlier versions did not keep it.
    pub(crate) row: Option<(i64, i64)>,
}

/// The serials of that prefix that wait for the certificate of these.
pub(crate) async fn waiting<'c>(
    on: impl Into<On<'c>>,
    prefix: &str,
    year: i16,
    for_whom: &[u8],
) -> Result<Vec<u32>, Error> {
    let text = "SELECT serial FROM number_taken \
                 WHERE for_whom = $1 AND prefix = $2 AND year = $3 AND given_up_at IS NULL ORDER BY serial";
    let rows = query(text).bind(for_whom).bind(prefix).bind(year).fetch_all(on).await?;
    rows.iter().map(|row| Ok(row.get("serial")?)).collect()
}

/// Whether that number waits for its certificate: it has none, and was not given up.
pub(crate) async fn is_waiting<'c>(on: impl Into<On<'c>>, number: &CertificateNumber) -> Result<bool, Error> {
    let text = "SELECT serial FROM number_taken \
                WHERE prefix = $1 AND year = $2 AND serial = $3 AND given_up_at IS NULL";
    let select = query(text).bind(number.prefix()).bind(number.year()).bind(number.serial());
    Ok(select.fetch_optional(on).await?.is_some())
}

/// The row that has the number and is not done, as its batch and its place there.
pub(crate) async fn open_row(store: &Store, number: &CertificateNumber) -> Result<Option<(i64, i64)>, Error> {
    let text = "SELECT batch, place FROM batch_row WHERE number = $1 AND open = 1 LIMIT 1";
    let row = query(text).bind(number.to_string()).fetch_optional(store).await?;
    row.map(|row| Ok((row.get("batch")?, row.get("place")?))).transpose()
}

/// Keeps that a number was taken, and for whom.
pub(crate) async fn note_taken(
    connection: &mut Transaction<'_>,
    number: &CertificateNumber,
    for_whom: &[u8],
    at: Timestamp,
) -> Result<(), Error> {
    let text = "INSERT INTO number_taken (prefix, year, serial, for_whom, taken_at) VALUES ($1, $2, $3, $4, $5)";
    let taken = query(text).bind(number.prefix()).bind(number.year()).bind(number.serial());
    taken.bind(for_whom).bind(at.to_string()).execute(connection).await?;
    Ok(())
}

/// Keeps for which row of a batch a number is taken.
pub(crate) async fn note_row(
    connection: &mut Transaction<'_>,
    number: &CertificateNumber,
    (batch, place): (i64, i64),
) -> Result<(), Error> {
    let text = "UPDATE number_taken SET batch = $4, place = $5 WHERE prefix = $1 AND year = $2 AND serial = $3";
    let taken = query(text).bind(number.prefix()).bind(number.year()).bind(number.serial());
    taken.bind(batch).bind(place).execute(connection).await?;
    Ok(())
}

/// Keeps why the last attempt failed.
pub(crate) async fn note_problem<'c>(
    on: impl Into<On<'c>>,
    number: &CertificateNumber,
    problem: &str,
) -> Result<(), Error> {
    let text = "UPDATE number_taken SET problem = $4 WHERE prefix = $1 AND year = $2 AND serial = $3";
    let failed = query(text).bind(number.prefix()).bind(number.year()).bind(number.serial());
    failed.bind(problem).execute(on).await?;
    Ok(())
}

/// Keeps that no certificate will have the number.
pub(crate) async fn give_up<'c>(
    on: impl Into<On<'c>>,
    number: &CertificateNumber,
    reason: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let text = "UPDATE number_taken SET given_up_at = $4, reason = $5 WHERE prefix = $1 AND year = $2 AND serial = $3";
    let given_up = query(text).bind(number.prefix()).bind(number.year()).bind(number.serial());
    given_up.bind(at.to_string()).bind(reason).execute(on).await?;
    Ok(())
}

/// Of which numbers without a certificate something is asked.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    All,
    One(&'a CertificateNumber),
    Page { after: Option<&'a CertificateNumber>, most: u32 },
}

/// Numbers without a certificate, in their order.
pub(crate) async fn without_certificate(store: &Store, which: Which<'_>) -> Result<Vec<WithoutCertificate>, Error> {
    let columns = "SELECT prefix, year, serial, taken_at, problem, given_up_at, reason, batch, place FROM number_taken";
    let (condition, of, most) = match which {
        Which::All => ("", None, None),
        Which::One(number) => (" WHERE prefix = $1 AND year = $2 AND serial = $3", Some(number), None),
        Which::Page { after, most } => {
            let condition = if after.is_some() { " WHERE (prefix, year, serial) > ($1, $2, $3)" } else { "" };
            (condition, after, Some(most))
        }
    };
    let most = most.map(|most| format!(" LIMIT {most}")).unwrap_or_default();
    let select = composed(format!("{columns}{condition} ORDER BY prefix, year, serial{most}"));
    let rows = match of {
        Some(number) => select.bind(number.prefix()).bind(number.year()).bind(number.serial()).fetch_all(store).await?,
        None => select.fetch_all(store).await?,
    };
    rows.iter().map(without_certificate_row).collect()
}

fn without_certificate_row(row: &Row) -> Result<WithoutCertificate, Error> {
    let time = |name| -> Result<Option<Timestamp>, Error> {
        let text: Option<String> = row.get(name)?;
        Ok(text.filter(|text| !text.is_empty()).as_deref().map(stored_time).transpose()?)
    };
    Ok(WithoutCertificate {
        prefix: row.get("prefix")?,
        year: row.get("year")?,
        serial: row.get("serial")?,
        taken_at: time("taken_at")?,
        problem: row.get("problem")?,
        given_up: row.get::<Option<String>>("given_up_at")?.is_some(),
        given_up_at: time("given_up_at")?,
        reason: row.get("reason")?,
        row: row.get::<Option<i64>>("batch")?.zip(row.get("place")?),
    })
}

/// What is kept together with a certificate, or not at all.
#[derive(Clone, Copy)]
pub(crate) enum Beside<'a> {
    /// Whose place it takes.
    Supersedes(&'a Superseding),
    /// The message that it answers.
    Answers(&'a Answered),
    /// The Idempotency-Key of the request that it answers.
    Repeatable(&'a str),
}

/// A certificate with all that is kept together with it.
pub(crate) struct ToKeep<'a> {
    pub(crate) issued: &'a Issued,
    /// The learner's.
    pub(crate) identifier: &'a str,
    /// The last day on which it counts, if it expires.
    pub(crate) valid_until: Option<Date>,
    /// What its badge shows, and what signed it, if it has one.
    pub(crate) badge: Option<(&'a BadgePicture, &'a BadgeKey)>,
    /// What the key server was sent for it.
    pub(crate) sent: &'a [Crossing],
    pub(crate) beside: Option<Beside<'a>>,
    /// The world's time when it is kept.
    pub(crate) at: Timestamp,
}

/// Keeps a certificate that was asked for alone.
pub(crate) async fn save(store: &Store, to_keep: &ToKeep<'_>, identity: &Identity) -> Result<(), Error> {
    let mut transaction = store.begin().await?;
    keep(&mut transaction, to_keep).await?;
    let number = to_keep.issued.summary.number.to_string();
    let text = "INSERT INTO certificate_key (key, content, number) VALUES ($1, $2, $3) \
                ON CONFLICT (key) DO UPDATE SET content = excluded.content, number = excluded.number";
    query(text).bind(&identity.key).bind(&identity.content).bind(&number).execute(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

/// With PostgreSQL a claim on a number ends with the connection that holds it; whoever had it may still have committed.
fn kept_by_another(failure: DatabaseError, number: &CertificateNumber) -> Error {
    match failure.as_database_error() {
        Some(error) if error.is_unique_violation() => {
            Error::InHand { what: format!("{number} was issued by another attempt in this moment") }
        }
        _ => failure.into(),
    }
}

/// Keeps a certificate with the picture that its badge shows and the key that signed it; its number waits no longer.
pub(crate) async fn keep(transaction: &mut Transaction<'_>, to_keep: &ToKeep<'_>) -> Result<(), Error> {
    let ToKeep { issued, badge, .. } = *to_keep;
    let summary = &issued.summary;
    query("DELETE FROM number_taken WHERE prefix = $1 AND year = $2 AND serial = $3")
        .bind(summary.number.prefix())
        .bind(summary.number.year())
        .bind(summary.number.serial())
        .execute(&mut *transaction)
        .await?;
    if let Some((picture, key)) = badge {
        query("INSERT INTO badge_picture (sha256, png) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
            .bind(picture.sha256())
            .bind(picture.png())
            .execute(&mut *transaction)
            .await?;
        query("INSERT INTO badge_key (thumbprint, public_key) VALUES ($1, $2) ON CONFLICT (thumbprint) DO NOTHING")
            .bind(key.thumbprint())
            .bind(key.public().spki_der())
            .execute(&mut *transaction)
            .await?;
    }
    query(
        "INSERT INTO issued_certificate (number, issued_at, level, recipient, achievement_ja, achievement_en, \
         completion, confirmation_code, seal_serial, document_digest, sent_digest, time_stamp, sha256, badge, pdf, organization) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(summary.number.to_string())
    .bind(summary.issued_at.to_string())
    .bind(summary.level.to_string())
    .bind(&summary.recipient)
    .bind(&summary.achievement_ja)
    .bind(&summary.achievement_en)
    .bind(&issued.completion)
    .bind(&summary.confirmation_code)
    .bind(&summary.seal_serial)
    .bind(&summary.document_digest)
    .bind(&summary.sent_digest)
    .bind(summary.time_stamp.map(|time| time.to_string()))
    .bind(&summary.sha256)
    .bind(&issued.badge)
    .bind(&issued.pdf)
    .bind(&summary.organization)
    .execute(&mut *transaction)
    .await
    .map_err(|error| kept_by_another(error, &summary.number))?;
    search::store::enter(transaction, summary, to_keep.identifier, to_keep.valid_until).await?;
    crossings::keep(&mut *transaction, &summary.number, to_keep.sent).await?;
    match to_keep.beside {
        Some(Beside::Supersedes(other)) => other.record(transaction, &summary.number, to_keep.at).await?,
        Some(Beside::Answers(message)) => message.record(transaction, &summary.number).await?,
        Some(Beside::Repeatable(key)) => {
            let text = "UPDATE idempotency_key SET number = $2 WHERE key = $1";
            query(text).bind(key).bind(summary.number.to_string()).execute(&mut *transaction).await?;
        }
        None => {}
    }
    Ok(())
}

/// A badge's picture by its SHA-256.
pub(crate) async fn picture(store: &Store, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
    let query = query("SELECT png FROM badge_picture WHERE sha256 = $1").bind(sha256);
    let row = query.fetch_optional(store).await?;
    Ok(row.map(|row| row.get("png")).transpose()?)
}

/// The key of that thumbprint, if it signed a badge that is kept.
pub(crate) async fn badge_key(store: &Store, thumbprint: &str) -> Result<Option<PublicKey>, Error> {
    let query = query("SELECT public_key FROM badge_key WHERE thumbprint = $1").bind(thumbprint);
    let row = query.fetch_optional(store).await?;
    row.map(|row| Ok(PublicKey::from_spki_der(row.get("public_key")?)?)).transpose()
}

/// Those certificates, without their files, in no order.
pub(crate) async fn summaries(
    store: &Store,
    first: &Settings,
    numbers: &[String],
) -> Result<Vec<IssuedSummary>, Error> {
    let mut found = Vec::new();
    for step in steps(numbers) {
        let places: Vec<String> = (1..=step.len()).map(|place| format!("${place}")).collect();
        let query = select(SUMMARY, &format!("WHERE certificate.number IN ({})", places.join(", ")));
        let rows = step.iter().fold(composed(query), |query, number| query.bind(number)).fetch_all(store).await?;
        for row in &rows {
            found.push(summary(row, first)?);
        }
    }
    Ok(found)
}

/// The newest certificates, newest first.
pub(crate) async fn newest(store: &Store, first: &Settings, limit: u32) -> Result<Vec<IssuedSummary>, Error> {
    let query = select(SUMMARY, "ORDER BY listing.issued_at DESC, listing.number DESC LIMIT $1");
    let rows = composed(query).bind(i64::from(limit)).fetch_all(store).await?;
    rows.iter().map(|row| summary(row, first)).collect()
}

/// The certificate of that number.
pub(crate) async fn find(store: &Store, first: &Settings, number: &CertificateNumber) -> Result<Option<Issued>, Error> {
    let query = select(&format!("{SUMMARY}, completion, badge, pdf"), "WHERE certificate.number = $1");
    let row = composed(query).bind(number.to_string()).fetch_optional(store).await?;
    row.map(|row| {
        Ok(Issued {
            summary: summary(&row, first)?,
            completion: row.get("completion")?,
            badge: row.get("badge")?,
            pdf: row.get("pdf")?,
        })
    })
    .transpose()
}

fn select(columns: &str, rest: &str) -> String {
    format!(
        "SELECT {columns} FROM certificate_listing AS listing \
         JOIN issued_certificate AS certificate ON certificate.number = listing.number {rest}"
    )
}

/// `first` are the settings of the world's first organization, which issued what names none: before there were several.
fn summary(row: &Row, first: &Settings) -> Result<IssuedSummary, Error> {
    let organization: Option<String> = row.get("organization")?;
    let number: CertificateNumber = parsed(row, "number")?;
    let time_stamp: Option<String> = row.get("time_stamp")?;
    let template: Option<String> = row.get("template")?;
    let template_version: Option<u32> = row.get("template_version")?;
    Ok(IssuedSummary {
        achievement_en: row.get("achievement_en")?,
        achievement_ja: row.get("achievement_ja")?,
        address: first.certificate_address(&number),
        badge: (row.get::<i64>("has_badge")? != 0).then(|| first.badge_address(&number)),
        confirmation_code: row.get("confirmation_code")?,
        document_digest: row.get("document_digest")?,
        issued_at: stored_time(row.get("issued_at")?)?,
        level: parsed(row, "level")?,
        organization: organization.unwrap_or_else(|| first.organization().id.clone()),
        pdf: first.pdf_address(&number),
        recipient: row.get("recipient")?,
        seal_serial: row.get("seal_serial")?,
        sent_digest: row.get("sent_digest")?,
        sha256: row.get("sha256")?,
        template: template.unwrap_or_else(usual_template),
        template_version: template_version.unwrap_or_else(first_version),
        time_stamp: time_stamp.as_deref().map(stored_time).transpose()?,
        number,
    })
}

/// A column whose text is a value of ours.
pub(crate) fn parsed<T>(row: &Row, column: &str) -> Result<T, DatabaseError>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| DatabaseError::ColumnDecode { index: column.to_owned(), source: Box::new(error) })
}
