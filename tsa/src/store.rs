//! The tables of the time-stamping authority: units and default as dated facts, and the register of issued tokens.

use std::fmt::Write;

use jiff::Timestamp;
use pki::{Accuracy, Certificate, Digest, DigestAlgorithm, ObjectIdentifier, SerialNumber, SignatureAlgorithm};
use world::store::{Query, Row, Store, Tables, composed, query, steps, stored_time};

use crate::token::IssuedToken;
use crate::{Error, NewUnit, UnitName};

/// The time-stamping authority's tables.
pub const TABLES: Tables = Tables {
    owner: "tsa",
    scripts: &[include_str!("../migrations/0001_tsa.sql"), include_str!("../migrations/0002_settings.sql")],
    postgres: &[],
};

/// Under which name other processes learn that units changed.
pub(crate) const UNITS: &str = "units";

#[derive(Clone, Debug)]
pub(crate) struct TokenStore {
    store: Store,
}

impl TokenStore {
    pub(crate) async fn open(store: &Store) -> Result<TokenStore, Error> {
        store.migrate(TABLES).await?;
        Ok(TokenStore { store: store.clone() })
    }

    /// Each unit with every key and certificate that it had, and since when, in the order of recording.
    pub(crate) async fn units(&self) -> Result<Vec<(NewUnit, Timestamp)>, Error> {
        let text = "SELECT name, key_id, chain, algorithm, policies, accuracy_microseconds, ordering, recorded_at \
             FROM tsa_unit ORDER BY id";
        let rows = query(text).fetch_all(&self.store).await?;
        let dated = |row| Ok((unit(row)?, stored_time(row.get("recorded_at")?)?));
        rows.iter().map(dated).collect()
    }

    pub(crate) async fn save_unit(&self, unit: &NewUnit, at: Timestamp) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        transaction.changes(UNITS).await?;
        let chain: String = unit.chain.iter().map(Certificate::to_pem).collect();
        let policies = std::iter::once(&unit.policy).chain(&unit.accepted_policies);
        let policies: Vec<String> = policies.map(ToString::to_string).collect();
        query(
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
        .execute(&mut transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// The unit that answers at `/tsa`; `None` before the first unit.
    pub(crate) async fn default_unit(&self) -> Result<Option<UnitName>, Error> {
        let row = query("SELECT name FROM tsa_default_unit ORDER BY id DESC LIMIT 1");
        row.fetch_optional(&self.store).await?.map(|row| row.get::<&str>("name")?.parse()).transpose()
    }

    pub(crate) async fn save_default_unit(&self, name: &UnitName, at: Timestamp) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        transaction.changes(UNITS).await?;
        query("INSERT INTO tsa_default_unit (name, recorded_at) VALUES ($1, $2)")
            .bind(name.as_str())
            .bind(at.to_string())
            .execute(&mut transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Records a batch of tokens: as few statements as possible, each its own commit. If one fails, none of the batch may
    /// be handed out; a record of a token that nobody holds does no harm.
    pub(crate) async fn save_tokens(&self, tokens: &[IssuedToken]) -> Result<(), Error> {
        let mut turn = self.store.turn().await?;
        for some in steps(tokens) {
            insert_tokens(some).execute(&mut turn).await?;
        }
        Ok(())
    }

    /// The token of that serial; much faster when its genTime is known too.
    pub(crate) async fn token(
        &self,
        serial: &SerialNumber,
        time: Option<Timestamp>,
    ) -> Result<Option<IssuedToken>, Error> {
        const BY_SERIAL: &str =
            "SELECT unit, serial, time, microseconds, imprint_algorithm, imprint FROM tsa_token WHERE serial = $1";
        let query = match time {
            Some(time) => composed(format!("{BY_SERIAL} AND time = $2")).bind(serial.as_bytes()).bind(seconds(time)),
            None => query(BY_SERIAL).bind(serial.as_bytes()),
        };
        let row = query.fetch_optional(&self.store).await?;
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
            let taken = query(take).bind(unit.as_str()).bind(first).bind(last).fetch_optional(&self.store).await?;
            if let Some(row) = taken {
                return Ok(Timestamp::from_microsecond(row.get("microseconds")?).ok());
            }
            // Either none is left, or another process took this one in the same moment, which the next look sees.
            let full: i64 = query(is_taken).bind(unit.as_str()).bind(last).fetch_value(&self.store).await?;
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

/// Writes so many rows with one statement.
fn insert_tokens(tokens: &[IssuedToken]) -> Query<'_> {
    let mut text =
        String::from("INSERT INTO tsa_token (unit, serial, time, microseconds, imprint_algorithm, imprint) VALUES ");
    for row in 0..tokens.len() {
        let (comma, first) = (if row == 0 { "" } else { ", " }, row * 6 + 1);
        let [second, third, fourth, fifth, sixth] = [first + 1, first + 2, first + 3, first + 4, first + 5];
        write!(text, "{comma}(${first}, ${second}, ${third}, ${fourth}, ${fifth}, ${sixth})")
            .expect("a text takes any text");
    }
    let mut insert = composed(text);
    for token in tokens {
        insert = insert
            .bind(token.unit.as_str())
            .bind(token.serial.as_bytes())
            .bind(seconds(token.time))
            .bind(token.time.as_microsecond().rem_euclid(SECOND))
            .bind(token.imprint.algorithm().to_string())
            .bind(token.imprint.as_bytes());
    }
    insert
}

fn unit(row: &Row) -> Result<NewUnit, Error> {
    let name: UnitName = row.get::<&str>("name")?.parse()?;
    let unreadable = |what: &str| Error::Stored { name: name.to_string(), what: what.into() };
    let policies = row.get::<&str>("policies")?.split(' ').map(str::parse::<ObjectIdentifier>);
    let mut policies = policies.collect::<Result<Vec<_>, _>>().map_err(|_| unreadable("a policy is no OID"))?;
    let algorithm = row.get::<Option<&str>>("algorithm")?.map(|text| {
        let der = hex::decode(text).map_err(|_| unreadable("no algorithm"))?;
        Ok::<_, Error>(SignatureAlgorithm::from_algorithm_identifier_der(&der)?)
    });
    Ok(NewUnit {
        algorithm: algorithm.transpose()?,
        ordering: row.get::<i64>("ordering")? != 0,
        key: row.get::<&str>("key_id")?.parse().map_err(|_| unreadable("no key id"))?,
        chain: Certificate::from_pem_bundle(row.get("chain")?)?,
        policy: policies.remove(0),
        accepted_policies: policies,
        accuracy: accuracy(row.get("accuracy_microseconds")?),
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

fn issued_token(row: &Row) -> Result<IssuedToken, Error> {
    let name: &str = row.get("unit")?;
    let unreadable = |what: &str| Error::Stored { name: name.into(), what: what.into() };
    let microseconds = row.get::<i64>("time")? * SECOND + row.get::<i64>("microseconds")?;
    let algorithm: DigestAlgorithm = row.get::<&str>("imprint_algorithm")?.parse()?;
    Ok(IssuedToken {
        unit: name.parse()?,
        serial: SerialNumber::from_bytes(row.get("serial")?)?,
        time: Timestamp::from_microsecond(microseconds).map_err(|_| unreadable("a token's time"))?,
        imprint: Digest::new(algorithm, row.get::<&[u8]>("imprint")?)?,
    })
}
