//! The CA's tables: certificates issued, facts about them, and what each CRL was made of. The first two only grow.

mod crl;
mod settings;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, RevocationReason, SerialNumber};
use signer::{KeyId, STANDINGS};
use world::store::{DatabaseError, Query, Remembered, Row, Tables, composed, query};

use crate::Error;
use crate::authority::{AuthorityId, AuthorityName};
use crate::issued::Issued;
use crate::profile::Profile;
use crate::revocation::{RevocationEvent, RevocationFact};

pub(crate) use crl::MadeCrl;
pub(crate) use settings::StoredSettings;

/// The certification authority's tables.
pub const TABLES: Tables = Tables {
    owner: "ca",
    scripts: &[
        include_str!("../migrations/0001_ca.sql"),
        include_str!("../migrations/0002_crl.sql"),
        include_str!("../migrations/0003_authorities.sql"),
        include_str!("../migrations/0004_settings.sql"),
    ],
    postgres: &[],
};

/// What [`issued`] and [`own_certificate`] read.
const CERTIFICATE: &str = "SELECT id, serial, issuer, issuer_generation, profile, authority, generation, key_id, issued_at, der \
                           FROM ca_certificate";

/// What [`fact`] reads.
const FACT: &str = "SELECT serial, issuer, event, since, reason, invalidity_date, recorded_at FROM ca_fact";

/// A handle on the CA's tables.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    store: world::store::Store,
    /// What is asked about most: of each certificate when it was issued, and all facts.
    records: Arc<Remembered<(AuthorityName, SerialNumber), Recorded>>,
}

/// When a certificate was issued, and the facts about it in the order of their recording.
type Recorded = (Timestamp, Arc<[RevocationFact]>);

/// A certificate about to be written down.
pub(crate) struct NewCertificate<'a> {
    pub(crate) certificate: &'a Certificate,
    pub(crate) issuer: &'a AuthorityName,
    pub(crate) profile: Profile,
    /// Whose key it certifies, if it is one of our authorities'.
    pub(crate) authority: Option<&'a AuthorityName>,
    /// The key that the CA signs with by this certificate; `None` for end certificates and cross-certificates.
    pub(crate) key: Option<&'a KeyId>,
    pub(crate) issued_at: Timestamp,
}

/// A certificate whose key the CA signs with, or a cross-certificate for such a key.
pub(crate) struct OwnCertificate {
    pub(crate) row: i64,
    pub(crate) certificate: Certificate,
    pub(crate) issuer: AuthorityName,
    pub(crate) authority: Option<AuthorityName>,
    pub(crate) key: Option<KeyId>,
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
        let records = Arc::<Remembered<_, _>>::default();
        let followed = Arc::downgrade(&records);
        store.follow(STANDINGS, move |_| {
            if let Some(records) = followed.upgrade() {
                records.forget();
            }
            Box::pin(async { Ok(()) })
        });
        Ok(Store { store: store.clone(), records })
    }

    /// Writes one certificate; its random serial number is new.
    pub(crate) async fn insert_certificate(&self, new: &NewCertificate<'_>) -> Result<(), Error> {
        insert_certificate(new).execute(&self.store).await?;
        Ok(())
    }

    /// Writes a new authority: its first certificate, and how it works.
    pub(crate) async fn insert_authority(
        &self,
        new: &NewCertificate<'_>,
        settings: &StoredSettings,
    ) -> Result<Written, Error> {
        let mut transaction = self.store.begin().await?;
        for insert in [insert_certificate(new), settings::insert(settings)] {
            if written(insert.execute(&mut transaction).await)? == Written::Collided {
                return Ok(Written::Collided);
            }
        }
        transaction.commit().await?;
        Ok(Written::Yes)
    }

    /// Writes further certificates of our authorities, all or none.
    pub(crate) async fn insert_authorities(&self, certificates: &[NewCertificate<'_>]) -> Result<Written, Error> {
        let mut transaction = self.store.begin().await?;
        transaction.lock("authorities").await?; // numbered in the order in which they can be read
        for new in certificates {
            if written(insert_certificate(new).execute(&mut transaction).await)? == Written::Collided {
                return Ok(Written::Collided);
            }
        }
        transaction.commit().await?;
        Ok(Written::Yes)
    }

    /// The certificates of our authorities, cross-certificates among them, oldest first.
    pub(crate) async fn authorities(&self) -> Result<Vec<OwnCertificate>, Error> {
        self.own_certificates("authority IS NOT NULL").await
    }

    /// The number of the newest of them; 0 without any.
    pub(crate) async fn newest_of_authorities(&self) -> Result<i64, Error> {
        let text = "SELECT COALESCE(MAX(id), 0) FROM ca_certificate WHERE authority IS NOT NULL";
        Ok(query(text).fetch_value(&self.store).await?)
    }

    /// The OCSP responders that ever were, oldest first.
    pub(crate) async fn responders(&self) -> Result<Vec<OwnCertificate>, Error> {
        self.own_certificates("authority IS NULL AND key_id IS NOT NULL").await
    }

    async fn own_certificates(&self, which: &'static str) -> Result<Vec<OwnCertificate>, Error> {
        let text = format!("{CERTIFICATE} WHERE {which} ORDER BY id"); // constants only
        composed(text).fetch_all(&self.store).await?.iter().map(own_certificate).collect()
    }

    /// The certificates with that serial number and their facts: of each authority at most one.
    pub(crate) async fn with_serial(&self, serial: &SerialNumber) -> Result<Vec<Issued>, Error> {
        let text = format!("{CERTIFICATE} WHERE serial = $1 ORDER BY id");
        let rows = composed(text).bind(serial.to_string()).fetch_all(&self.store).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut issued = issued(row)?;
            issued.facts = self.facts(serial, &issued.issuer.id).await?;
            found.push(issued);
        }
        Ok(found)
    }

    /// That certificate with its facts, if it was issued here.
    pub(crate) async fn issued_as(&self, certificate: &Certificate) -> Result<Option<Issued>, Error> {
        let found = self.with_serial(certificate.serial()).await?;
        Ok(found.into_iter().find(|issued| issued.certificate == *certificate))
    }

    /// The last moment of the certificate that an authority issued under that serial number, if it did.
    pub(crate) async fn end(&self, issuer: &AuthorityId, serial: &SerialNumber) -> Result<Option<Timestamp>, Error> {
        let text = "SELECT not_after FROM ca_certificate WHERE serial = $1 AND issuer = $2";
        let query = query(text).bind(serial.to_string()).bind(issuer.as_str());
        let row = query.fetch_optional(&self.store).await?;
        row.map(|row| moment("not_after", row.get("not_after")?)).transpose()
    }

    /// The newest certificates, newest first, with their facts.
    pub(crate) async fn certificates(&self, profile: Option<Profile>, limit: u32) -> Result<Vec<Issued>, Error> {
        // By an index each: of profiles, or of the order of issue.
        let page = match profile {
            Some(_) => "WHERE profile = $1 ORDER BY id DESC LIMIT $2",
            None => "WHERE $1 = '' ORDER BY id DESC LIMIT $2",
        };
        let text = format!("{CERTIFICATE} {page}");
        let rows = composed(text)
            .bind(profile.map_or("", Profile::name))
            .bind(i64::from(limit))
            .fetch_all(&self.store)
            .await?;
        let text = format!(
            "{FACT} WHERE serial IN (SELECT serial FROM ca_certificate {page}) ORDER BY serial, issuer, ordinal"
        );
        let facts = composed(text)
            .bind(profile.map_or("", Profile::name))
            .bind(i64::from(limit))
            .fetch_all(&self.store)
            .await?;
        let mut by_certificate: HashMap<(String, String), Vec<RevocationFact>> = HashMap::new();
        for row in &facts {
            let certificate = (row.get("issuer")?, row.get("serial")?);
            by_certificate.entry(certificate).or_default().push(fact(row)?);
        }
        let with_facts = |row| {
            let mut issued = issued(row)?;
            let certificate = (issued.issuer.id.to_string(), issued.certificate.serial().to_string());
            issued.facts = by_certificate.remove(&certificate).unwrap_or_default();
            Ok(issued)
        };
        rows.iter().map(with_facts).collect()
    }

    /// The facts about a certificate that `issuer` had signed by `at`, in the order of their recording; `None` if it had not signed
    /// that serial number.
    pub(crate) async fn facts_of_issued(
        &self,
        issuer: &AuthorityName,
        serial: &SerialNumber,
        at: Timestamp,
    ) -> Result<Option<Arc<[RevocationFact]>>, Error> {
        let (key, changes) = ((issuer.clone(), serial.clone()), self.records.changes());
        let recorded = match self.records.known(&key) {
            Some(recorded) => recorded,
            None => {
                let Some(recorded) = self.recorded(issuer, serial).await? else { return Ok(None) };
                self.records.keep(changes, key, recorded.clone());
                recorded
            }
        };
        let (issued_at, facts) = recorded;
        Ok((issued_at <= at).then_some(facts))
    }

    async fn recorded(&self, issuer: &AuthorityName, serial: &SerialNumber) -> Result<Option<Recorded>, Error> {
        let text = "SELECT c.issued_at, f.event, f.since, f.reason, f.invalidity_date, f.recorded_at \
                     FROM ca_certificate c LEFT JOIN ca_fact f ON f.serial = c.serial AND f.issuer = c.issuer \
                     WHERE c.serial = $1 AND c.issuer = $2 AND c.issuer_generation = $3 ORDER BY f.ordinal";
        let query = query(text).bind(serial.to_string()).bind(issuer.id.as_str()).bind(issuer.generation);
        let rows = query.fetch_all(&self.store).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let issued_at = moment("issued_at", first.get("issued_at")?)?;
        let has_fact = |row: &&Row| !matches!(row.get::<Option<&str>>("event"), Ok(None));
        let facts = rows.iter().filter(has_fact).map(fact).collect::<Result<_, _>>()?;
        Ok(Some((issued_at, facts)))
    }

    /// The facts about one certificate in the order of their recording.
    async fn facts(&self, serial: &SerialNumber, issuer: &AuthorityId) -> Result<Vec<RevocationFact>, Error> {
        let text = format!("{FACT} WHERE serial = $1 AND issuer = $2 ORDER BY ordinal");
        let query = composed(text).bind(serial.to_string()).bind(issuer.as_str());
        query.fetch_all(&self.store).await?.iter().map(fact).collect()
    }

    /// The number of the newest fact of `issuer` on record, whenever it was recorded; 0 without any.
    pub(crate) async fn last_fact(&self, issuer: &AuthorityId) -> Result<i64, Error> {
        let text = "SELECT COALESCE(MAX(id), 0) FROM ca_fact WHERE issuer = $1";
        Ok(query(text).bind(issuer.as_str()).fetch_value(&self.store).await?)
    }

    /// The facts up to number `last` that `issuer` knew at `at`, by certificate.
    pub(crate) async fn facts_known(
        &self,
        issuer: &AuthorityId,
        at: Timestamp,
        last: i64,
    ) -> Result<Vec<(SerialNumber, Vec<RevocationFact>)>, Error> {
        let text = format!("{FACT} WHERE issuer = $1 AND recorded_at <= $2 AND id <= $3 ORDER BY serial, ordinal");
        let query = composed(text).bind(issuer.as_str()).bind(at.as_second()).bind(last);
        let rows = query.fetch_all(&self.store).await?;
        let mut grouped: Vec<(SerialNumber, Vec<RevocationFact>)> = Vec::new();
        for row in &rows {
            let serial: SerialNumber = parsed("serial", row.get("serial")?)?;
            match grouped.last_mut() {
                Some((last, facts)) if *last == serial => facts.push(fact(row)?),
                _ => grouped.push((serial, vec![fact(row)?])),
            }
        }
        Ok(grouped)
    }

    /// Writes the next fact about a certificate, after those that it was judged by.
    pub(crate) async fn insert_fact(&self, issued: &Issued, fact: &RevocationFact) -> Result<Written, Error> {
        let (event, reason, invalidity_date) = match fact.event {
            RevocationEvent::Revoked { reason, invalidity_date } => {
                ("revoked", Some(reason.to_string()), invalidity_date)
            }
            RevocationEvent::Held => ("held", None, None),
            RevocationEvent::Released => ("released", None, None),
        };
        let insert = query(
            "INSERT INTO ca_fact (serial, issuer, ordinal, event, since, reason, invalidity_date, recorded_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(issued.certificate.serial().to_string())
        .bind(issued.issuer.id.as_str())
        .bind(i64::try_from(issued.facts.len()).expect("nobody records so many facts") + 1)
        .bind(event)
        .bind(fact.since.as_second())
        .bind(reason)
        .bind(invalidity_date.map(Timestamp::as_second))
        .bind(fact.recorded_at.as_second());
        let mut transaction = self.store.begin().await?;
        transaction.changes(STANDINGS).await?;
        let written = written(insert.execute(&mut transaction).await)?;
        if written == Written::Yes {
            let committed = transaction.commit().await;
            self.records.forget(); // also if that failed: what the database says then is asked
            committed?;
        }
        Ok(written)
    }
}

fn insert_certificate(new: &NewCertificate<'_>) -> Query<'static> {
    query(
        "INSERT INTO ca_certificate (serial, issuer, issuer_generation, profile, authority, generation, key_id, \
         not_before, not_after, issued_at, der) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(new.certificate.serial().to_string())
    .bind(new.issuer.id.to_string())
    .bind(new.issuer.generation)
    .bind(new.profile.name())
    .bind(new.authority.map(|authority| authority.id.to_string()))
    .bind(new.authority.map(|authority| authority.generation))
    .bind(new.key.map(ToString::to_string))
    .bind(new.certificate.not_before().as_second())
    .bind(new.certificate.not_after().as_second())
    .bind(new.issued_at.as_second())
    .bind(new.certificate.der().to_vec())
}

fn written<T>(outcome: Result<T, DatabaseError>) -> Result<Written, Error> {
    match outcome {
        Ok(_) => Ok(Written::Yes),
        Err(DatabaseError::Database(error)) if error.is_unique_violation() => Ok(Written::Collided),
        Err(error) => Err(error.into()),
    }
}

fn issued(row: &Row) -> Result<Issued, Error> {
    Ok(Issued {
        issuer: issuer(row)?,
        profile: parsed("profile", row.get("profile")?)?,
        issued_at: moment("issued_at", row.get("issued_at")?)?,
        certificate: Certificate::from_der(row.get::<&[u8]>("der")?)?,
        facts: Vec::new(),
    })
}

fn own_certificate(row: &Row) -> Result<OwnCertificate, Error> {
    let authority = row.get::<Option<&str>>("authority")?;
    let key = row.get::<Option<&str>>("key_id")?;
    Ok(OwnCertificate {
        row: row.get("id")?,
        certificate: Certificate::from_der(row.get::<&[u8]>("der")?)?,
        issuer: issuer(row)?,
        authority: authority.map(|id| name("authority", id, row.get("generation")?)).transpose()?,
        key: key.map(|key| parsed("key_id", key)).transpose()?,
    })
}

fn issuer(row: &Row) -> Result<AuthorityName, Error> {
    name("issuer", row.get("issuer")?, row.get("issuer_generation")?)
}

fn name(column: &'static str, id: &str, generation: u32) -> Result<AuthorityName, Error> {
    Ok(AuthorityName { id: parsed(column, id)?, generation })
}

fn fact(row: &Row) -> Result<RevocationFact, Error> {
    let reason = row.get::<Option<&str>>("reason")?;
    let date = row.get::<Option<i64>>("invalidity_date")?;
    let invalidity_date = date.map(|at| moment("invalidity_date", at)).transpose()?;
    let event = match (row.get("event")?, reason) {
        ("revoked", Some(reason)) => {
            RevocationEvent::Revoked { reason: parsed::<RevocationReason>("reason", reason)?, invalidity_date }
        }
        ("held", _) => RevocationEvent::Held,
        ("released", _) => RevocationEvent::Released,
        (found, _) => return Err(Error::Stored { column: "event", found: found.to_owned() }),
    };
    Ok(RevocationFact {
        event,
        since: moment("since", row.get("since")?)?,
        recorded_at: moment("recorded_at", row.get("recorded_at")?)?,
    })
}

fn parsed<T: FromStr>(column: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Stored { column, found: text.to_owned() })
}

fn moment(column: &'static str, second: i64) -> Result<Timestamp, Error> {
    Timestamp::from_second(second).map_err(|_| Error::Stored { column, found: second.to_string() })
}
