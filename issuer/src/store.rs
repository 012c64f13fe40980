//! What the issuer keeps: numbers taken, its secret, and every certificate that passed its check.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use world::Store;
use world::store::stored_time;

use crate::badge::BadgePicture;
use crate::error::Error;
use crate::issue::{Issued, IssuedSummary};

const MIGRATIONS: &[&str] =
    &[include_str!("../migrations/0001_issuer.sql"), include_str!("../migrations/0002_order.sql")];

const SUMMARY: &str = "number, issued_at, level, recipient, achievement_ja, achievement_en, confirmation_code, \
                       seal_serial, document_digest, sent_digest, time_stamp, sha256";

pub(crate) async fn migrate(store: &Store) -> Result<(), Error> {
    Ok(store.migrate("issuer", MIGRATIONS).await?)
}

/// The secret that earlier versions kept in the clear.
pub(crate) async fn plain_secret(store: &Store) -> Result<Option<[u8; 32]>, Error> {
    let row = sqlx::query("SELECT bytes FROM issuer_secret WHERE id = 1").fetch_optional(store.pool()).await?;
    let kept: Option<Vec<u8>> = row.map(|row| row.try_get(0)).transpose()?;
    Ok(kept.map(|bytes| bytes.try_into().expect("earlier versions wrote 32 bytes there")))
}

/// Overwrites it, on the page and in the log.
pub(crate) async fn forget_plain_secret(store: &Store) -> Result<(), Error> {
    let mut turn = store.turn().await?;
    for step in [
        "PRAGMA secure_delete = ON",
        "DELETE FROM issuer_secret",
        "PRAGMA secure_delete = OFF",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        sqlx::query(step).execute(&mut *turn).await?;
    }
    Ok(())
}

/// Takes the next number of a year; it is used or lost, never given twice.
pub(crate) async fn take_number(store: &Store, year: i16) -> Result<u32, Error> {
    let query = "INSERT INTO certificate_counter (year, last) VALUES ($1, 1) \
                 ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last";
    let row = sqlx::query(query).bind(i64::from(year)).fetch_one(store.pool()).await?;
    Ok(row.try_get::<i64, _>(0)? as u32)
}

/// Keeps a certificate and the picture that its badge shows.
pub(crate) async fn save(store: &Store, issued: &Issued, picture: &BadgePicture) -> Result<(), Error> {
    let summary = &issued.summary;
    let mut transaction = store.pool().begin().await?;
    sqlx::query("INSERT INTO badge_picture (sha256, png) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
        .bind(picture.sha256())
        .bind(picture.png())
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "INSERT INTO issued_certificate (number, issued_at, level, recipient, achievement_ja, achievement_en, \
         completion, confirmation_code, seal_serial, document_digest, sent_digest, time_stamp, sha256, badge, pdf) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(&summary.number)
    .bind(summary.issued_at.to_string())
    .bind(&summary.level)
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
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// A badge's picture by its SHA-256.
pub(crate) async fn picture(store: &Store, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
    let query = sqlx::query("SELECT png FROM badge_picture WHERE sha256 = $1").bind(sha256);
    let row = query.fetch_optional(store.pool()).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The newest certificates, newest first.
pub(crate) async fn newest(store: &Store, limit: u32) -> Result<Vec<IssuedSummary>, Error> {
    let query = select(SUMMARY, "ORDER BY issued_at DESC, number DESC LIMIT $1");
    let rows = sqlx::query(sqlx::AssertSqlSafe(query)).bind(i64::from(limit)).fetch_all(store.pool()).await?;
    rows.iter().map(summary).collect()
}

/// The certificate of that number.
pub(crate) async fn find(store: &Store, number: &str) -> Result<Option<Issued>, Error> {
    let query = select(&format!("{SUMMARY}, completion, badge, pdf"), "WHERE number = $1");
    let row = sqlx::query(sqlx::AssertSqlSafe(query)).bind(number).fetch_optional(store.pool()).await?;
    row.map(|row| {
        Ok(Issued {
            summary: summary(&row)?,
            completion: row.try_get("completion")?,
            badge: row.try_get("badge")?,
            pdf: row.try_get("pdf")?,
        })
    })
    .transpose()
}

fn select(columns: &str, rest: &str) -> String {
    format!("SELECT {columns} FROM issued_certificate {rest}")
}

fn summary(row: &SqliteRow) -> Result<IssuedSummary, Error> {
    let time_stamp: Option<String> = row.try_get("time_stamp")?;
    let time_stamp: Option<Timestamp> = time_stamp.as_deref().map(stored_time).transpose()?;
    Ok(IssuedSummary {
        number: row.try_get("number")?,
        issued_at: stored_time(row.try_get("issued_at")?)?,
        level: row.try_get("level")?,
        recipient: row.try_get("recipient")?,
        achievement_ja: row.try_get("achievement_ja")?,
        achievement_en: row.try_get("achievement_en")?,
        confirmation_code: row.try_get("confirmation_code")?,
        seal_serial: row.try_get("seal_serial")?,
        document_digest: row.try_get("document_digest")?,
        sent_digest: row.try_get("sent_digest")?,
        time_stamp,
        sha256: row.try_get("sha256")?,
    })
}
