//! The CA's tables: certificates issued, facts about them, and what each CRL was made of. The first two only grow.

use std::collections::HashMap;
use std::str::FromStr;

use jiff::Timestamp;
use pki::{Certificate, RevocationReason, SerialNumber};
use signer::KeyId;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite, SqlitePool};
use world::store::Tables;

use crate::revocation::{Event, Fact};
use crate::{Error, Issued, Issuer, Profile};

/// The certification authority's tables.
pub const TABLES: Tables = Tables {
    owner: "ca",
    scripts: &[include_str!("../migrations/0001_ca.sql"), include_str!("../migrations/0002_crl.sql")],
};

/// The columns of a certificate, in the order that [`issued`] reads.
const CERTIFICATE: &str = "SELECT serial, issuer, profile, issued_at, der, authority, key_id FROM ca_certificate";

/// A handle on the CA's tables.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
}

/// A certificate about to be written down.
pub(crate) struct NewCertificate<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) issuer: Issuer,
    pub(crate) profile: Profile,
    pub(crate) authority: Option<Issuer>,
    pub(crate) key: Option<&'a KeyId>,
    pub(crate) issued_at: Timestamp,
}

/// A certificate whose key the CA signs with.
pub(crate) struct OwnCertificate {
    pub(crate) certificate: Certificate,
    pub(crate) issuer: Issuer,
    pub(crate) authority: Option<Issuer>,
    pub(crate) key: KeyId,
}

/// What a CRL was made of.
pub(crate) struct MadeCrl {
    pub(crate) number: u64,
    pub(crate) this_update: Timestamp,
    /// The newest fact of the issuer that was on record then, known at `this_update` or not; 0 for none.
    pub(crate) last_fact: i64,
    pub(crate) signature: Vec<u8>,
    /// The whole CRL, if it was made by a program that kept it so.
    pub(crate) der: Option<Vec<u8>>,
}

/// Whether a row was written or somebody else wrote one under the same key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Yes,
    Collided,
}

impl Store {
    pub(crate) async fn open(store: &world::store::Store) -> Result<Store, Error> {
        store.migrate(TABLES).await?;
        Ok(Store { pool: store.pool().clone() })
    }

    /// Writes one certificate; its random serial number is new.
    pub(crate) async fn insert_certificate(&self, new: &NewCertificate<'_>) -> Result<(), Error> {
        insert_certificate(new).execute(&self.pool).await?;
        Ok(())
    }

    /// Writes the certificates of our CAs, all or none.
    pub(crate) async fn insert_authorities(&self, certificates: &[NewCertificate<'_>]) -> Result<Written, Error> {
        let mut transaction = self.pool.begin().await?;
        for new in certificates {
            if written(insert_certificate(new).execute(&mut *transaction).await)? == Written::Collided {
                return Ok(Written::Collided);
            }
        }
        transaction.commit().await?;
        Ok(Written::Yes)
    }

    /// The certificates of our CAs.
    pub(crate) async fn authorities(&self) -> Result<Vec<OwnCertificate>, Error> {
        self.own_certificates("authority IS NOT NULL").await
    }

    /// The OCSP responders that ever were, oldest first.
    pub(crate) async fn responders(&self) -> Result<Vec<OwnCertificate>, Error> {
        self.own_certificates("authority IS NULL AND key_id IS NOT NULL").await
    }

    async fn own_certificates(&self, which: &'static str) -> Result<Vec<OwnCertificate>, Error> {
        let query = sqlx::AssertSqlSafe(format!("{CERTIFICATE} WHERE {which} ORDER BY id")); // constants only
        sqlx::query(query).fetch_all(&self.pool).await?.iter().map(own_certificate).collect()
    }

    /// One certificate with its facts.
    pub(crate) async fn certificate(&self, serial: &SerialNumber) -> Result<Option<Issued>, Error> {
        let query = sqlx::AssertSqlSafe(format!("{CERTIFICATE} WHERE serial = $1"));
        let Some(row) = sqlx::query(query).bind(serial.to_string()).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        let mut issued = issued(&row)?;
        issued.facts = self.facts(serial).await?;
        Ok(Some(issued))
    }

    /// The newest certificates, newest first, with their facts.
    pub(crate) async fn certificates(&self, profile: Option<Profile>, limit: u32) -> Result<Vec<Issued>, Error> {
        // By an index each: of profiles, or of the order of issue.
        let page = match profile {
            Some(_) => "WHERE profile = $1 ORDER BY id DESC LIMIT $2",
            None => "WHERE $1 IS NULL ORDER BY id DESC LIMIT $2",
        };
        let query = sqlx::AssertSqlSafe(format!("{CERTIFICATE} {page}"));
        let rows =
            sqlx::query(query).bind(profile.map(Profile::name)).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let query = sqlx::AssertSqlSafe(format!(
            "SELECT serial, event, since, reason, invalidity_date, recorded_at FROM ca_fact \
             WHERE serial IN (SELECT serial FROM ca_certificate {page}) ORDER BY serial, ordinal"
        ));
        let facts =
            sqlx::query(query).bind(profile.map(Profile::name)).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let mut by_serial: HashMap<String, Vec<Fact>> = HashMap::new();
        for row in &facts {
            by_serial.entry(row.try_get(0)?).or_default().push(fact(row)?);
        }
        let with_facts = |row| {
            let mut issued = issued(row)?;
            issued.facts = by_serial.remove(&issued.certificate.serial().to_string()).unwrap_or_default();
            Ok(issued)
        };
        rows.iter().map(with_facts).collect()
    }

    /// The facts about a certificate that `issuer` had issued by `at`, in the order of their recording; `None` if it had not
    /// issued that serial number.
    pub(crate) async fn facts_of_issued(
        &self,
        issuer: Issuer,
        serial: &SerialNumber,
        at: Timestamp,
    ) -> Result<Option<Vec<Fact>>, Error> {
        let query = "SELECT f.serial, f.event, f.since, f.reason, f.invalidity_date, f.recorded_at \
                     FROM ca_certificate c LEFT JOIN ca_fact f ON f.serial = c.serial \
                     WHERE c.serial = $1 AND c.issuer = $2 AND c.issued_at <= $3 ORDER BY f.ordinal";
        let query = sqlx::query(query).bind(serial.to_string()).bind(issuer.slug()).bind(at.as_second());
        let rows = query.fetch_all(&self.pool).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let has_fact = |row: &&SqliteRow| !matches!(row.try_get::<Option<&str>, _>(1), Ok(None));
        rows.iter().filter(has_fact).map(fact).collect::<Result<_, _>>().map(Some)
    }

    /// The facts about one certificate in the order of their recording.
    pub(crate) async fn facts(&self, serial: &SerialNumber) -> Result<Vec<Fact>, Error> {
        let query = "SELECT serial, event, since, reason, invalidity_date, recorded_at FROM ca_fact \
                     WHERE serial = $1 ORDER BY ordinal";
        sqlx::query(query).bind(serial.to_string()).fetch_all(&self.pool).await?.iter().map(fact).collect()
    }

    /// The number of the newest fact of `issuer` on record, whenever it was recorded; 0 without any.
    pub(crate) async fn last_fact(&self, issuer: Issuer) -> Result<i64, Error> {
        let query = "SELECT COALESCE(MAX(id), 0) FROM ca_fact WHERE issuer = $1";
        Ok(sqlx::query(query).bind(issuer.slug()).fetch_one(&self.pool).await?.try_get(0)?)
    }

    /// The facts up to number `last` that `issuer` knew at `at`, by certificate.
    pub(crate) async fn facts_known(
        &self,
        issuer: Issuer,
        at: Timestamp,
        last: i64,
    ) -> Result<Vec<(SerialNumber, Vec<Fact>)>, Error> {
        let query = "SELECT serial, event, since, reason, invalidity_date, recorded_at FROM ca_fact \
                     WHERE issuer = $1 AND recorded_at <= $2 AND id <= $3 ORDER BY serial, ordinal";
        let query = sqlx::query(query).bind(issuer.slug()).bind(at.as_second()).bind(last);
        let rows = query.fetch_all(&self.pool).await?;
        let mut grouped: Vec<(SerialNumber, Vec<Fact>)> = Vec::new();
        for row in &rows {
            let serial: SerialNumber = parsed("serial", row.try_get(0)?)?;
            match grouped.last_mut() {
                Some((last, facts)) if *last == serial => facts.push(fact(row)?),
                _ => grouped.push((serial, vec![fact(row)?])),
            }
        }
        Ok(grouped)
    }

    /// Writes the fact after the `known` facts that it was judged by.
    pub(crate) async fn insert_fact(
        &self,
        serial: &SerialNumber,
        issuer: Issuer,
        known: usize,
        fact: &Fact,
    ) -> Result<Written, Error> {
        let (event, reason, invalidity_date) = match fact.event {
            Event::Revoked { reason, invalidity_date } => ("revoked", Some(reason.to_string()), invalidity_date),
            Event::Held => ("held", None, None),
            Event::Released => ("released", None, None),
        };
        let insert = sqlx::query(
            "INSERT INTO ca_fact (serial, ordinal, issuer, event, since, reason, invalidity_date, recorded_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(serial.to_string())
        .bind(i64::try_from(known).expect("nobody records so many facts") + 1)
        .bind(issuer.slug())
        .bind(event)
        .bind(fact.since.as_second())
        .bind(reason)
        .bind(invalidity_date.map(Timestamp::as_second))
        .bind(fact.recorded_at.as_second())
        .execute(&self.pool);
        written(insert.await)
    }

    /// The newest CRL, if it is current at `at`: within its time, no fact was recorded since it was made, and none became
    /// known that it had to keep silent about because the clock had been set back.
    pub(crate) async fn current_crl(&self, issuer: Issuer, at: Timestamp) -> Result<Option<MadeCrl>, Error> {
        let query = "SELECT number, this_update, last_fact, signature, der FROM ca_crl c WHERE issuer = $1 \
                     AND number = (SELECT MAX(number) FROM ca_crl WHERE issuer = $1) \
                     AND this_update <= $2 AND next_update > $2 \
                     AND last_fact = (SELECT COALESCE(MAX(id), 0) FROM ca_fact WHERE issuer = $1) \
                     AND NOT EXISTS (SELECT 1 FROM ca_fact f \
                         WHERE f.issuer = $1 AND f.recorded_at > c.this_update AND f.recorded_at <= $2)";
        let query = sqlx::query(query).bind(issuer.slug()).bind(at.as_second());
        query.fetch_optional(&self.pool).await?.as_ref().map(made_crl).transpose()
    }

    /// A CRL by its number.
    pub(crate) async fn crl(&self, issuer: Issuer, number: u64) -> Result<Option<MadeCrl>, Error> {
        let query =
            "SELECT number, this_update, last_fact, signature, der FROM ca_crl WHERE issuer = $1 AND number = $2";
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let query = sqlx::query(query).bind(issuer.slug()).bind(number);
        query.fetch_optional(&self.pool).await?.as_ref().map(made_crl).transpose()
    }

    /// The number of the newest CRL; 0 before the first.
    pub(crate) async fn last_crl_number(&self, issuer: Issuer) -> Result<u64, Error> {
        let query = "SELECT COALESCE(MAX(number), 0) FROM ca_crl WHERE issuer = $1";
        let row = sqlx::query(query).bind(issuer.slug()).fetch_one(&self.pool).await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }

    /// Writes a new CRL down and forgets those of the issuer whose nextUpdate was before `forgotten_before`.
    pub(crate) async fn insert_crl(
        &self,
        issuer: Issuer,
        new: &MadeCrl,
        next_update: Timestamp,
        forgotten_before: Timestamp,
    ) -> Result<Written, Error> {
        let insert = sqlx::query(
            "INSERT INTO ca_crl (issuer, number, this_update, next_update, last_fact, signature) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(issuer.slug())
        .bind(new.number as i64)
        .bind(new.this_update.as_second())
        .bind(next_update.as_second())
        .bind(new.last_fact)
        .bind(&new.signature)
        .execute(&self.pool);
        if written(insert.await)? == Written::Collided {
            return Ok(Written::Collided);
        }
        sqlx::query("DELETE FROM ca_crl WHERE issuer = $1 AND number < $2 AND next_update < $3")
            .bind(issuer.slug())
            .bind(new.number as i64)
            .bind(forgotten_before.as_second())
            .execute(&self.pool)
            .await?;
        Ok(Written::Yes)
    }
}

fn insert_certificate(new: &NewCertificate<'_>) -> Query<'static, Sqlite, SqliteArguments> {
    sqlx::query(
        "INSERT INTO ca_certificate (serial, issuer, profile, authority, key_id, not_before, not_after, issued_at, der) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.certificate.serial().to_string())
    .bind(new.issuer.slug())
    .bind(new.profile.name())
    .bind(new.authority.map(Issuer::slug))
    .bind(new.key.map(ToString::to_string))
    .bind(new.certificate.not_before().as_second())
    .bind(new.certificate.not_after().as_second())
    .bind(new.issued_at.as_second())
    .bind(new.certificate.der().to_vec())
}

fn written<T>(outcome: Result<T, sqlx::Error>) -> Result<Written, Error> {
    match outcome {
        Ok(_) => Ok(Written::Yes),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Written::Collided),
        Err(error) => Err(error.into()),
    }
}

fn issued(row: &SqliteRow) -> Result<Issued, Error> {
    Ok(Issued {
        issuer: parsed("issuer", row.try_get(1)?)?,
        profile: parsed("profile", row.try_get(2)?)?,
        issued_at: moment("issued_at", row.try_get(3)?)?,
        certificate: Certificate::from_der(row.try_get::<&[u8], _>(4)?)?,
        facts: Vec::new(),
    })
}

fn own_certificate(row: &SqliteRow) -> Result<OwnCertificate, Error> {
    Ok(OwnCertificate {
        certificate: Certificate::from_der(row.try_get::<&[u8], _>(4)?)?,
        issuer: parsed("issuer", row.try_get(1)?)?,
        authority: row.try_get::<Option<&str>, _>(5)?.map(|slug| parsed("authority", slug)).transpose()?,
        key: parsed("key_id", row.try_get(6)?)?,
    })
}

fn fact(row: &SqliteRow) -> Result<Fact, Error> {
    let reason = row.try_get::<Option<&str>, _>(3)?;
    let invalidity_date = row.try_get::<Option<i64>, _>(4)?.map(|at| moment("invalidity_date", at)).transpose()?;
    let event = match (row.try_get(1)?, reason) {
        ("revoked", Some(reason)) => {
            Event::Revoked { reason: parsed::<RevocationReason>("reason", reason)?, invalidity_date }
        }
        ("held", _) => Event::Held,
        ("released", _) => Event::Released,
        (found, _) => return Err(Error::Stored { column: "event", found: found.to_owned() }),
    };
    Ok(Fact { event, since: moment("since", row.try_get(2)?)?, recorded_at: moment("recorded_at", row.try_get(5)?)? })
}

fn made_crl(row: &SqliteRow) -> Result<MadeCrl, Error> {
    Ok(MadeCrl {
        number: row.try_get::<i64, _>(0)?.unsigned_abs(),
        this_update: moment("this_update", row.try_get(1)?)?,
        last_fact: row.try_get(2)?,
        signature: row.try_get::<Option<Vec<u8>>, _>(3)?.unwrap_or_default(),
        der: row.try_get(4)?,
    })
}

fn parsed<T: FromStr>(column: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Stored { column, found: text.to_owned() })
}

fn moment(column: &'static str, second: i64) -> Result<Timestamp, Error> {
    Timestamp::from_second(second).map_err(|_| Error::Stored { column, found: second.to_string() })
}
