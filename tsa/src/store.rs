//! The tables of the time-stamping authority: units and default as dated facts, and the register of issued tokens.

use jiff::Timestamp;
use pki::{Accuracy, Certificate, Digest, DigestAlgorithm, ObjectIdentifier, SerialNumber, SignatureAlgorithm};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{QueryBuilder, Row, Sqlite};
use world::store::Store;
use world::store::{Tables, steps, stored_time};

use crate::token::IssuedToken;
use crate::{Error, NewUnit, UnitName};

/// The time-stamping authority's tables.
pub const TABLES: Tables = Tables {
    owner: "tsa",
    scripts: &[include_str!("../migrations/0001_tsa.sql"), include_str!("../migrations/0002_settings.sql")],
};

#[derive(Clone, Debug)]
pub(crate) struct TokenStore {
    pool: SqlitePool,
    store: Store,
}

impl TokenStore {
    pub(crate) async fn open(store: &Store) -> Result<TokenStore, Error> {
        store.migrate(TABLES).await?;
        Ok(TokenStore { pool: store.pool().clone(), store: store.clone() })
    }

    /// Each unit with every key and certificate that it had, and since when, in the order of recording.
    pub(crate) async fn units(&self) -> Result<Vec<(NewUnit, Timestamp)>, Error> {
        let query = "SELECT name, key_id, chain, algorithm, policies, accuracy_microseconds, ordering, recorded_at \
             FROM tsa_unit ORDER BY id";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        let dated = |row| Ok((unit(row)?, stored_time(row.try_get("recorded_at")?)?));
        rows.iter().map(dated).collect()
    }

    pub(crate) async fn save_unit(&self, unit: &NewUnit, at: Timestamp) -> Result<(), Error> {
        let chain: String = unit.chain.iter().map(Certificate::to_pem).collect();
        let policies = std::iter::once(&unit.policy).chain(&unit.accepted_policies);
        let policies: Vec<String> = policies.map(ToString::to_string).collect();
        sqlx::query(
            "INSERT INTO tsa_unit (name, key_id, chain, algorithm, policies, accuracy_microseconds, ordering, recorded_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(unit.name.as_str())
        .bind(unit.key.to_string())
        .bind(chain)
        .bind(unit.algorithm.map(|algorithm| hex::encode(algorithm.algorithm_identifier_der())))
        .bind(policies.join(" "))
        .bind(unit.accuracy.duration().as_micros() as i64)
        .bind(i64::from(unit.ordering))
        .bind(at.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The unit that answers at `/tsa`; `None` before the first unit.
    pub(crate) async fn default_unit(&self) -> Result<Option<UnitName>, Error> {
        let row = sqlx::query("SELECT name FROM tsa_default_unit ORDER BY id DESC LIMIT 1");
        row.fetch_optional(&self.pool).await?.map(|row| row.try_get::<&str, _>("name")?.parse()).transpose()
    }

    pub(crate) async fn save_default_unit(&self, name: &UnitName, at: Timestamp) -> Result<(), Error> {
        sqlx::query("INSERT INTO tsa_default_unit (name, recorded_at) VALUES ($1, $2)")
            .bind(name.as_str())
            .bind(at.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records a batch of tokens: as few statements as possible, each its own commit. If one fails, none of the batch may
    /// be handed out; a record of a token that nobody holds does no harm.
    pub(crate) async fn save_tokens(&self, tokens: &[IssuedToken]) -> Result<(), Error> {
        let mut turn = self.store.turn().await?;
        for some in steps(tokens) {
            let start = "INSERT INTO tsa_token (unit, serial, time, microseconds, imprint_algorithm, imprint) ";
            let mut insert = QueryBuilder::<Sqlite>::new(start);
            insert.push_values(some, |mut row, token| {
                row.push_bind(token.unit.as_str())
                    .push_bind(token.serial.as_bytes())
                    .push_bind(seconds(token.time))
                    .push_bind(token.time.as_microsecond().rem_euclid(SECOND))
                    .push_bind(token.imprint.algorithm().to_string())
                    .push_bind(token.imprint.as_bytes());
            });
            insert.build().execute(&mut *turn).await?;
        }
        Ok(())
    }

    /// The token of that serial; much faster when its genTime is known too.
    pub(crate) async fn token(
        &self,
        serial: &SerialNumber,
        time: Option<Timestamp>,
    ) -> Result<Option<IssuedToken>, Error> {
        let columns =
            "SELECT unit, serial, time, microseconds, imprint_algorithm, imprint FROM tsa_token WHERE serial = ";
        let mut query = QueryBuilder::<Sqlite>::new(columns);
        query.push_bind(serial.as_bytes());
        if let Some(time) = time {
            query.push(" AND time = ").push_bind(seconds(time));
        }
        let row = query.build().fetch_optional(&self.pool).await?;
        row.as_ref().map(issued_token).transpose()
    }

    /// Takes the first microsecond from `time` on that the unit has given to no token, after all those that it has given from there to
    /// the end of `window`; none if that would be later. What is taken once is never taken again, by whatever process.
    pub(crate) async fn ordered_time(
        &self,
        unit: &UnitName,
        time: Timestamp,
        window: std::time::Duration,
    ) -> Result<Option<Timestamp>, Error> {
        let first = time.as_microsecond();
        let last = first.saturating_add(i64::try_from(window.as_micros()).unwrap_or(i64::MAX));
        let take = "INSERT INTO tsa_ordered_time (unit, microseconds) \
            SELECT $1, COALESCE(MAX(microseconds) + 1, $2) FROM tsa_ordered_time \
            WHERE unit = $1 AND microseconds >= $2 AND microseconds <= $3 \
            HAVING COALESCE(MAX(microseconds) + 1, $2) <= $3 \
            ON CONFLICT (unit, microseconds) DO NOTHING RETURNING microseconds";
        let is_taken = "SELECT COUNT(*) FROM tsa_ordered_time WHERE unit = $1 AND microseconds = $2";
        loop {
            let taken = sqlx::query(take).bind(unit.as_str()).bind(first).bind(last).fetch_optional(&self.pool).await?;
            if let Some(row) = taken {
                return Ok(Timestamp::from_microsecond(row.try_get("microseconds")?).ok());
            }
            // Either none is left, or another process took this one in the same moment, which the next look sees.
            let full: i64 = sqlx::query_scalar(is_taken).bind(unit.as_str()).bind(last).fetch_one(&self.pool).await?;
            if full > 0 {
                return Ok(None);
            }
        }
    }
}

const SECOND: i64 = 1_000_000;

/// The second, since 1970, that a time lies in.
fn seconds(time: Timestamp) -> i64 {
    time.as_microsecond().div_euclid(SECOND)
}

fn unit(row: &SqliteRow) -> Result<NewUnit, Error> {
    let name: UnitName = row.try_get::<&str, _>("name")?.parse()?;
    let unreadable = |what: &str| Error::Stored { name: name.to_string(), what: what.into() };
    let policies = row.try_get::<&str, _>("policies")?.split(' ').map(str::parse::<ObjectIdentifier>);
    let mut policies = policies.collect::<Result<Vec<_>, _>>().map_err(|_| unreadable("a policy is no OID"))?;
    let algorithm = row.try_get::<Option<&str>, _>("algorithm")?.map(|text| {
        let der = hex::decode(text).map_err(|_| unreadable("no algorithm"))?;
        Ok::<_, Error>(SignatureAlgorithm::from_algorithm_identifier_der(&der)?)
    });
    Ok(NewUnit {
        algorithm: algorithm.transpose()?,
        ordering: row.try_get::<i64, _>("ordering")? != 0,
        key: row.try_get::<&str, _>("key_id")?.parse().map_err(|_| unreadable("no key id"))?,
        chain: Certificate::from_pem_bundle(row.try_get("chain")?)?,
        policy: policies.remove(0),
        accepted_policies: policies,
        accuracy: accuracy(row.try_get("accuracy_microseconds")?),
        name,
    })
}

fn accuracy(microseconds: i64) -> Accuracy {
    Accuracy {
        seconds: (microseconds / 1_000_000) as u32,
        milliseconds: (microseconds / 1_000 % 1_000) as u16,
        microseconds: (microseconds % 1_000) as u16,
    }
}

fn issued_token(row: &SqliteRow) -> Result<IssuedToken, Error> {
    let name: &str = row.try_get("unit")?;
    let unreadable = |what: &str| Error::Stored { name: name.into(), what: what.into() };
    let microseconds = row.try_get::<i64, _>("time")? * SECOND + row.try_get::<i64, _>("microseconds")?;
    let algorithm: DigestAlgorithm = row.try_get::<&str, _>("imprint_algorithm")?.parse()?;
    Ok(IssuedToken {
        unit: name.parse()?,
        serial: SerialNumber::from_bytes(row.try_get("serial")?)?,
        time: Timestamp::from_microsecond(microseconds).map_err(|_| unreadable("a token's time"))?,
        imprint: Digest::new(algorithm, row.try_get::<&[u8], _>("imprint")?)?,
    })
}
